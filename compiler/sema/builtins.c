/* Static functions with Python's meaning, and the methods of strings, lists and dicts. On tensors, `sum`, `max` and their
 * like are the operations. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cx.h"

void table_add(Cx *cx, Map *table, const Builtin *b) { map_set(table, cx_sym(cx, b->name), (void *)(uintptr_t)b); }

static Value op_call(Cx *cx, const char *name, const BCall *c, int nargs)
{
    const Builtin *op = map_get(&cx->op_functions, cx_sym(cx, name));
    ArgList args = {0};
    for (int i = 0; i < nargs; i++) vec_push(cx->arena, &args, (Argument){NULL, c->args[i], c->spans[i]});
    return call_builtin(cx, op, NULL, &args, c->span);
}

static bool items(Cx *cx, const BCall *c, int i, const Value **at, size_t *len)
{
    return iterate(cx, c->args[i], c->spans[i], at, len);
}

/* ---- ranges and sequences ---- */

static bool range_arg(Cx *cx, const BCall *c, int i, int64_t *v)
{
    if (c->args[i].kind == V_DIM) {
        Diag *d = cx_error(
            cx, E_UNDECIDED, c->spans[i],
            "`range` needs a number that is known while the model is instantiated, but `%s` is known only when the program runs",
            dim_str(cx, c->args[i].as.dim));
        diag_help(d, "the numbers as a tensor are `arange(%s)`; a loop over an axis is `scan`", dim_str(cx, c->args[i].as.dim));
        return false;
    }
    return arg_int(cx, c, i, v);
}

static Value run_range(Cx *cx, const BCall *c)
{
    ValueRange r = {0, 0, 1};
    if (!range_arg(cx, c, 0, &r.stop)) return VALUE_ERROR;
    if (c->given[1]) {
        r.start = r.stop;
        if (!range_arg(cx, c, 1, &r.stop)) return VALUE_ERROR;
    }
    if (c->given[2] && !range_arg(cx, c, 2, &r.step)) return VALUE_ERROR;
    if (r.step == 0) {
        cx_error(cx, E_BAD_ARGUMENT, c->spans[2], "the step of a range must not be 0");
        return VALUE_ERROR;
    }
    ValueRange *p = arena_new(cx->arena, ValueRange);
    *p = r;
    return (Value){.kind = V_RANGE, .as.range = p};
}

static Value run_len(Cx *cx, const BCall *c)
{
    const Value v = c->args[0];
    const Value *at;
    size_t len;
    if (v.kind == V_TENSOR) {
        if (v.as.tensor->node->type.rank) return value_dim(v.as.tensor->node->type.dims[0]);
        cx_error(cx, E_ARGUMENT_TYPE, c->spans[0], "a scalar tensor has no length");
        return VALUE_ERROR;
    }
    if (v.kind == V_RANGE) {
        const ValueRange *r = v.as.range;
        const int64_t n =
            r->step > 0 ? (r->stop - r->start + r->step - 1) / r->step : (r->start - r->stop - r->step - 1) / -r->step;
        return value_int(n > 0 ? n : 0);
    }
    return items(cx, c, 0, &at, &len) ? value_int((int64_t)len) : VALUE_ERROR;
}

static Value pair(Cx *cx, Value a, Value b)
{
    const Value v[] = {a, b};
    return value_seq(cx->arena, V_TUPLE, v, 2);
}

static Value run_enumerate(Cx *cx, const BCall *c)
{
    const Value *at;
    size_t len;
    int64_t start;
    if (!items(cx, c, 0, &at, &len) || !arg_int(cx, c, 1, &start)) return VALUE_ERROR;
    Value *v = arena_array(cx->arena, Value, len);
    for (size_t i = 0; i < len; i++) v[i] = pair(cx, value_int(start + (int64_t)i), at[i]);
    return value_seq(cx->arena, V_LIST, v, len);
}

static Value run_zip(Cx *cx, const BCall *c)
{
    const ValueSeq *lists = c->args[0].as.seq;
    size_t shortest = lists->len ? SIZE_MAX : 0;
    const Value **at = arena_array(cx->arena, const Value *, lists->len);
    for (size_t i = 0; i < lists->len; i++) {
        size_t len;
        if (!iterate(cx, lists->at[i], c->span, &at[i], &len)) return VALUE_ERROR;
        if (len < shortest) shortest = len;
    }
    Value *out = arena_array(cx->arena, Value, shortest);
    for (size_t k = 0; k < shortest; k++) {
        Value *row = arena_array(cx->arena, Value, lists->len);
        for (size_t i = 0; i < lists->len; i++) row[i] = at[i][k];
        out[k] = value_seq(cx->arena, V_TUPLE, row, lists->len);
    }
    return value_seq(cx->arena, V_LIST, out, shortest);
}

static Value run_reversed(Cx *cx, const BCall *c)
{
    const Value *at;
    size_t len;
    if (!items(cx, c, 0, &at, &len)) return VALUE_ERROR;
    Value *v = arena_array(cx->arena, Value, len);
    for (size_t i = 0; i < len; i++) v[i] = at[len - 1 - i];
    return value_seq(cx->arena, V_LIST, v, len);
}

static Value run_sorted(Cx *cx, const BCall *c)
{
    const Value *at;
    size_t len;
    bool reverse;
    if (!items(cx, c, 0, &at, &len) || !arg_bool(cx, c, 1, &reverse)) return VALUE_ERROR;
    Value *v = arena_array(cx->arena, Value, len), *tmp = arena_array(cx->arena, Value, len);
    if (len) memcpy(v, at, len * sizeof *v);
    for (size_t i = 1; i < len; i++) {
        if (value_order(v[0], v[i]) == 2) {
            cx_error(cx, E_BAD_OPERANDS, c->spans[0], "%s and %s have no order", describe(cx, v[0]), describe(cx, v[i]));
            return VALUE_ERROR;
        }
    }
    for (size_t width = 1; width < len; width *= 2) { /* merge sort: stable, and never quadratic */
        for (size_t lo = 0; lo < len; lo += 2 * width) {
            const size_t mid = lo + width < len ? lo + width : len, hi = lo + 2 * width < len ? lo + 2 * width : len;
            for (size_t i = lo, a = lo, b = mid; i < hi; i++) {
                const int o = a < mid && b < hi ? value_order(v[a], v[b]) : 0;
                const bool left = b >= hi || (a < mid && (reverse ? o >= 0 : o <= 0));
                tmp[i] = left ? v[a++] : v[b++];
            }
        }
        memcpy(v, tmp, len * sizeof *v);
    }
    return value_seq(cx->arena, V_LIST, v, len);
}

static Value run_list(Cx *cx, const BCall *c)
{
    const Value *at = NULL;
    size_t len = 0;
    if (c->given[0] && !items(cx, c, 0, &at, &len)) return VALUE_ERROR;
    return value_seq(cx->arena, V_LIST, at, len);
}

static Value run_tuple(Cx *cx, const BCall *c)
{
    Value v = run_list(cx, c);
    if (!is_error(v)) v.kind = V_TUPLE;
    return v;
}

/* ---- min, max, sum, all, any, abs, round: static, or operations on a tensor ---- */

static bool is_tensor(Value v) { return v.kind == V_TENSOR; }

static Value extreme_of(Cx *cx, const Value *at, size_t len, Span span, bool want_max)
{
    if (!len) {
        cx_error(cx, E_BAD_ARGUMENT, span, "`%s` of nothing", want_max ? "max" : "min");
        return VALUE_ERROR;
    }
    Value best = at[0];
    for (size_t i = 1; i < len; i++) {
        const Dim *a = value_as_dim(best, cx->dims), *b = value_as_dim(at[i], cx->dims);
        if (a && b && (best.kind == V_DIM || at[i].kind == V_DIM)) {
            best = value_dim(want_max ? dim_max(cx->dims, a, b) : dim_min(cx->dims, a, b));
            continue;
        }
        const int o = value_order(best, at[i]);
        if (o == 2) {
            cx_error(cx, E_BAD_OPERANDS, span, "%s and %s have no order", describe(cx, best), describe(cx, at[i]));
            return VALUE_ERROR;
        }
        if (want_max ? o < 0 : o > 0) best = at[i];
    }
    return best;
}

static Value extreme(Cx *cx, const BCall *c, bool want_max)
{
    const ValueSeq *xs = c->args[0].as.seq;
    const char *name = want_max ? "max" : "min";
    if (xs->len && is_tensor(xs->at[0])) {
        if (xs->len > 2 || (xs->len == 2 && is_tensor(xs->at[1]))) {
            Diag *d = cx_error(cx, E_BAD_ARGUMENT, c->span, "`%s` reduces one tensor", name);
            diag_help(d, "the %s of two tensors, element by element, is `%s(a, b)`", want_max ? "larger" : "smaller",
                      want_max ? "maximum" : "minimum");
            return VALUE_ERROR;
        }
        const Value args[] = {xs->at[0], xs->len == 2 ? xs->at[1] : c->args[1], c->args[2], c->args[3]};
        const Span spans[] = {c->spans[0], c->spans[1], c->spans[2], c->spans[3]};
        const BCall inner = {c->builtin, NULL, args, spans, c->given, c->span};
        return op_call(cx, name, &inner, 4);
    }
    const Value *at = xs->at;
    size_t len = xs->len;
    if (len == 1 && !iterate(cx, xs->at[0], c->spans[0], &at, &len)) return VALUE_ERROR;
    for (size_t i = 0; i < len; i++) {
        if (!is_tensor(at[i])) continue;
        Diag *d = cx_error(cx, E_BAD_ARGUMENT, c->span, "`%s` compares static values", name);
        diag_help(d, "on tensors, element by element, it is `%s(a, b)`", want_max ? "maximum" : "minimum");
        return VALUE_ERROR;
    }
    return extreme_of(cx, at, len, c->span, want_max);
}

static Value run_min(Cx *cx, const BCall *c) { return extreme(cx, c, false); }
static Value run_max(Cx *cx, const BCall *c) { return extreme(cx, c, true); }

static Value run_sum(Cx *cx, const BCall *c)
{
    const Value *at;
    size_t len;
    if (is_tensor(c->args[0])) return op_call(cx, "sum", c, 3);
    if (!items(cx, c, 0, &at, &len)) return VALUE_ERROR;
    Value total = len && is_tensor(at[0]) ? at[0] : value_int(0);
    for (size_t i = is_tensor(total); i < len && !is_error(total); i++)
        total = binary_op(cx, OP_ADD, total, at[i], NULL, NULL, c->span);
    return total;
}

static Value all_any(Cx *cx, const BCall *c, bool all)
{
    const Value *at;
    size_t len;
    if (is_tensor(c->args[0])) return op_call(cx, all ? "all" : "any", c, 3);
    if (!items(cx, c, 0, &at, &len)) return VALUE_ERROR;
    for (size_t i = 0; i < len; i++) {
        const int t = truth(cx, at[i], c->spans[0], "an element");
        if (t < 0) return VALUE_ERROR;
        if (t != all) return value_bool(!all);
    }
    return value_bool(all);
}

static Value run_all(Cx *cx, const BCall *c) { return all_any(cx, c, true); }
static Value run_any(Cx *cx, const BCall *c) { return all_any(cx, c, false); }

static Value run_abs(Cx *cx, const BCall *c)
{
    const Value v = c->args[0];
    if (v.kind == V_INT && v.as.integer < 0) return unary_op(cx, OP_NEG, v, c->span); /* which knows what overflows */
    if (v.kind == V_INT) return v;
    if (v.kind == V_BOOL) return value_int(v.as.boolean);
    if (v.kind == V_FLOAT) return value_float(fabs(v.as.real));
    if (v.kind == V_DIM) {
        const Dim *d = value_as_dim(v, cx->dims), *opposite = dim_sub(cx->dims, dim_int(cx->dims, 0), d);
        const Dim *larger = dim_max(cx->dims, d, opposite);
        if (larger) return value_dim(larger);
    }
    return op_call(cx, "abs", c, 1);
}

/* To the nearest multiple of 10**-n, of two the even one, as Python does. */
static Value round_int(Cx *cx, const BCall *c, int64_t v, int64_t n)
{
    const int64_t half_of_next = 5 * (int64_t)1000000000000000000; /* of 10**19, which is beyond an int */
    int64_t unit = 1, rounded;
    if (n >= 0) return value_int(v);
    if (n < -19 || (n == -19 && v >= -half_of_next && v <= half_of_next)) return value_int(0);
    if (n > -19) {
        for (; n < 0; n++) unit *= 10;
        int64_t below = v / unit - (v % unit < 0), rest = v - below * unit;
        if (rest > unit - rest || (rest == unit - rest && below % 2 != 0)) below++;
        if (!__builtin_mul_overflow(below, unit, &rounded)) return value_int(rounded);
    }
    cx_error(cx, E_OVERFLOW, c->span, "integer overflow: the result does not fit 64 bits");
    return VALUE_ERROR;
}

static Value run_round(Cx *cx, const BCall *c)
{
    const Value v = c->args[0];
    int64_t n;
    if (is_tensor(v)) return op_call(cx, "round", c, 2);
    if (v.kind == V_INT && !c->given[1]) return v;
    if (v.kind == V_INT) return arg_int(cx, c, 1, &n) ? round_int(cx, c, v.as.integer, n) : VALUE_ERROR;
    if (v.kind != V_FLOAT || !arg_int(cx, c, 1, &n)) {
        if (v.kind != V_FLOAT)
            cx_error(cx, E_ARGUMENT_TYPE, c->spans[0], "`round` takes a number, but this is %s", describe(cx, v));
        return VALUE_ERROR;
    }
    if (c->given[1]) {
        const double p = pow(10, (double)n);
        return value_float(nearbyint(v.as.real * p) / p);
    }
    if (!(fabs(v.as.real) < 9e18)) {
        cx_error(cx, E_OVERFLOW, c->span, "this float does not fit an int");
        return VALUE_ERROR;
    }
    return value_int((int64_t)nearbyint(v.as.real));
}

static Value run_divmod(Cx *cx, const BCall *c)
{
    Value q = binary_op(cx, OP_FLOORDIV, c->args[0], c->args[1], NULL, NULL, c->span);
    Value r = is_error(q) ? q : binary_op(cx, OP_MOD, c->args[0], c->args[1], NULL, NULL, c->span);
    return is_error(r) ? r : pair(cx, q, r);
}

/* ---- conversions ---- */

static Value not_a_number(Cx *cx, const BCall *c, const char *type)
{
    if (!is_error(c->args[0])) cx_error(cx, E_BAD_ARGUMENT, c->spans[0], "%s is not %s", describe(cx, c->args[0]), type);
    return VALUE_ERROR;
}

static Value run_int(Cx *cx, const BCall *c)
{
    const Value v = c->args[0];
    if (v.kind == V_INT || v.kind == V_DIM) return v;
    if (v.kind == V_BOOL) return value_int(v.as.boolean);
    if (v.kind == V_FLOAT && fabs(v.as.real) < 9.2e18) return value_int((int64_t)v.as.real);
    if (v.kind == V_STR) {
        char *end;
        errno = 0;
        const long long i = strtoll(v.as.str->text, &end, 10);
        if (v.as.str->len && !*end && !errno) return value_int(i);
    }
    return not_a_number(cx, c, "an int");
}

static Value run_float(Cx *cx, const BCall *c)
{
    const Value v = c->args[0];
    if (v.kind == V_FLOAT) return v;
    if (v.kind == V_INT) return value_float((double)v.as.integer);
    if (v.kind == V_BOOL) return value_float(v.as.boolean);
    if (v.kind == V_STR) {
        const char *s = v.as.str->text;
        if (!strcmp(s, "inf")) return value_float(INFINITY);
        if (!strcmp(s, "-inf")) return value_float(-INFINITY);
        if (!strcmp(s, "nan")) return value_float(NAN);
        char *end;
        const double d = strtod(s, &end);
        if (*s && !*end) return value_float(d);
    }
    return not_a_number(cx, c, "a float");
}

static Value run_str(Cx *cx, const BCall *c)
{
    StrBuf b = {.arena = cx->arena};
    value_print(cx->dims, &b, c->args[0], false);
    return value_str(intern(cx->session->names, sb_text(&b), b.len));
}

static Value run_bool(Cx *cx, const BCall *c)
{
    const int t = truth(cx, c->args[0], c->spans[0], "this value");
    return t < 0 ? VALUE_ERROR : value_bool(t);
}

static Value run_not_callable(Cx *cx, const BCall *c)
{
    cx_error(cx, E_NOT_CALLABLE, c->span, "`%s` is a type: it stands in annotations and in `isinstance`", c->builtin->name);
    return VALUE_ERROR;
}

static bool has_type(Value v, const char *type)
{
    if (!strcmp(type, "int")) return v.kind == V_INT || v.kind == V_DIM;
    if (!strcmp(type, "float")) return v.kind == V_FLOAT;
    if (!strcmp(type, "bool")) return v.kind == V_BOOL;
    if (!strcmp(type, "str")) return v.kind == V_STR;
    if (!strcmp(type, "list")) return v.kind == V_LIST;
    if (!strcmp(type, "tuple")) return v.kind == V_TUPLE;
    if (!strcmp(type, "dict")) return v.kind == V_DICT;
    if (!strcmp(type, "Layer")) return v.kind == V_LAYER;
    if (!strcmp(type, "Tensor")) return v.kind == V_TENSOR;
    return false;
}

static Value run_isinstance(Cx *cx, const BCall *c)
{
    const Value *at = &c->args[1];
    size_t len = 1;
    if (c->args[1].kind == V_TUPLE && !items(cx, c, 1, &at, &len)) return VALUE_ERROR;
    for (size_t i = 0; i < len; i++) {
        if (at[i].kind == V_CLASS) {
            if (c->args[0].kind == V_LAYER && c->args[0].as.layer->decl == at[i].as.cls->decl) return value_bool(true);
        } else if (at[i].kind == V_BUILTIN) {
            if (has_type(c->args[0], at[i].as.builtin->name)) return value_bool(true);
        } else {
            cx_error(cx, E_ARGUMENT_TYPE, c->spans[1], "`isinstance` takes a type or a tuple of types, but this is %s",
                     describe(cx, at[i]));
            return VALUE_ERROR;
        }
    }
    return value_bool(false);
}

/* ---- strings ---- */

static Value run_split(Cx *cx, const BCall *c)
{
    const char *s = c->self->as.str->text, *sep = " ";
    const bool blank = c->args[0].kind == V_NONE;
    if (!blank && !arg_str(cx, c, 0, &sep)) return VALUE_ERROR;
    VEC(Value) out = {0};
    if (!*sep) {
        cx_error(cx, E_BAD_ARGUMENT, c->spans[0], "the separator is empty");
        return VALUE_ERROR;
    }
    for (;;) {
        if (blank) s += strspn(s, " \t\n\r");
        if (blank && !*s) break;
        const char *end = blank ? s + strcspn(s, " \t\n\r") : strstr(s, sep);
        if (!end) end = s + strlen(s);
        vec_push(cx->arena, &out, value_str(intern(cx->session->names, s, (size_t)(end - s))));
        if (!*end) break;
        s = end + (blank ? 1 : strlen(sep));
    }
    return value_seq(cx->arena, V_LIST, out.at, out.len);
}

static Value run_join(Cx *cx, const BCall *c)
{
    const Value *at;
    size_t len;
    StrBuf b = {.arena = cx->arena};
    if (!items(cx, c, 0, &at, &len)) return VALUE_ERROR;
    for (size_t i = 0; i < len; i++) {
        if (at[i].kind != V_STR) {
            cx_error(cx, E_ARGUMENT_TYPE, c->spans[0], "`join` takes strings, but this holds %s", describe(cx, at[i]));
            return VALUE_ERROR;
        }
        sb_printf(&b, "%s%s", i ? c->self->as.str->text : "", at[i].as.str->text);
    }
    return value_str(intern(cx->session->names, sb_text(&b), b.len));
}

static Value run_replace(Cx *cx, const BCall *c)
{
    const char *s = c->self->as.str->text, *from, *to;
    StrBuf b = {.arena = cx->arena};
    if (!arg_str(cx, c, 0, &from) || !arg_str(cx, c, 1, &to)) return VALUE_ERROR;
    if (!*from) return *c->self;
    for (const char *hit; (hit = strstr(s, from)) != NULL; s = hit + strlen(from)) {
        sb_putn(&b, s, (size_t)(hit - s));
        sb_put(&b, to);
    }
    sb_put(&b, s);
    return value_str(intern(cx->session->names, sb_text(&b), b.len));
}

static Value run_startswith(Cx *cx, const BCall *c)
{
    const char *p;
    if (!arg_str(cx, c, 0, &p)) return VALUE_ERROR;
    return value_bool(!strncmp(c->self->as.str->text, p, strlen(p)));
}

static Value run_endswith(Cx *cx, const BCall *c)
{
    const char *p;
    if (!arg_str(cx, c, 0, &p)) return VALUE_ERROR;
    const size_t n = strlen(p), len = c->self->as.str->len;
    return value_bool(n <= len && !strcmp(c->self->as.str->text + len - n, p));
}

static Value change_case(Cx *cx, const BCall *c, char from, char to)
{
    char *s = arena_copy(cx->arena, c->self->as.str->text, c->self->as.str->len);
    for (char *p = s; *p; p++) {
        if (*p >= from && *p <= from + 25) *p = (char)(*p - from + to);
    }
    return value_str(intern(cx->session->names, s, c->self->as.str->len));
}

static Value run_lower(Cx *cx, const BCall *c) { return change_case(cx, c, 'A', 'a'); }
static Value run_upper(Cx *cx, const BCall *c) { return change_case(cx, c, 'a', 'A'); }

/* ---- lists and dicts ---- */

static Value run_index(Cx *cx, const BCall *c)
{
    for (size_t i = 0; i < c->self->as.seq->len; i++) {
        if (value_equal(c->self->as.seq->at[i], c->args[0])) return value_int((int64_t)i);
    }
    cx_error(cx, E_BAD_ARGUMENT, c->span, "%s is not in the list", describe(cx, c->args[0]));
    return VALUE_ERROR;
}

static Value run_count(Cx *cx, const BCall *c)
{
    int64_t n = 0;
    (void)cx;
    for (size_t i = 0; i < c->self->as.seq->len; i++) n += value_equal(c->self->as.seq->at[i], c->args[0]);
    return value_int(n);
}

static Value dict_view(Cx *cx, const ValueDict *d, bool keys, bool values)
{
    Value *v = arena_array(cx->arena, Value, d->len);
    for (size_t i = 0; i < d->len; i++) {
        const Value k = value_str(d->keys[i]);
        v[i] = keys && values ? pair(cx, k, d->values[i]) : keys ? k : d->values[i];
    }
    return value_seq(cx->arena, V_LIST, v, d->len);
}

static Value run_items(Cx *cx, const BCall *c) { return dict_view(cx, c->self->as.dict, true, true); }
static Value run_keys(Cx *cx, const BCall *c) { return dict_view(cx, c->self->as.dict, true, false); }
static Value run_values(Cx *cx, const BCall *c) { return dict_view(cx, c->self->as.dict, false, true); }

static Value run_get(Cx *cx, const BCall *c)
{
    (void)cx;
    const Value *v = c->args[0].kind == V_STR ? dict_get(c->self->as.dict, c->args[0].as.str) : NULL;
    return v ? *v : c->args[1];
}

/* ---- masks ---- */

static Value run_with_mask(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0);
    if (!x || c->args[1].kind == V_NONE) return tensor_value(cx, x);
    Node *m = arg_tensor(cx, c, 1);
    return m ? make_tensor_value(cx->arena, x, m) : VALUE_ERROR;
}

static const Builtin static_table[] = {
    {"range", "start, stop=none, step=1", run_range, 0, false, false},
    {"len", "xs", run_len, 0, false, false},
    {"enumerate", "xs, start=0", run_enumerate, 0, false, false},
    {"zip", "*xs", run_zip, 0, false, false},
    {"reversed", "xs", run_reversed, 0, false, false},
    {"sorted", "xs, reverse=false", run_sorted, 0, false, false},
    {"list", "xs=none", run_list, 0, false, false},
    {"tuple", "xs=none", run_tuple, 0, false, false},
    {"min", "*xs, axis=none, keepdims=false, initial=none", run_min, 0, false, false},
    {"max", "*xs, axis=none, keepdims=false, initial=none", run_max, 0, false, false},
    {"sum", "x, axis=none, keepdims=false", run_sum, 0, false, false},
    {"all", "x, axis=none, keepdims=false", run_all, 0, false, false},
    {"any", "x, axis=none, keepdims=false", run_any, 0, false, false},
    {"abs", "x", run_abs, 0, false, false},
    {"round", "x, decimals=0", run_round, 0, false, false},
    {"divmod", "a, b", run_divmod, 0, false, false},
    {"int", "x", run_int, 0, false, false},
    {"float", "x", run_float, 0, false, false},
    {"str", "x", run_str, 0, false, false},
    {"bool", "x", run_bool, 0, false, false},
    {"isinstance", "x, type", run_isinstance, 0, false, false},
    {"hasattr", "layer, name", run_hasattr, 0, false, false},
    {"Layer", "", run_not_callable, 0, false, false},
    {"Tensor", "", run_not_callable, 0, false, false},
    {"dict", "", run_not_callable, 0, false, false},  /* its arguments are its entries: see call.c */
    {"clone", "", run_not_callable, 0, false, false}, /* likewise */
    {"with_mask", "x, mask", run_with_mask, 0, true, false},
    {"scan", "f, init, xs=none, length=none, reverse=false, unroll=1, axis=0", scan_op, 0, true, true},
};
static const Builtin string_methods[] = {
    {"split", "sep=none", run_split, 0, false, false},
    {"join", "xs", run_join, 0, false, false},
    {"replace", "old, new", run_replace, 0, false, false},
    {"startswith", "prefix", run_startswith, 0, false, false},
    {"endswith", "suffix", run_endswith, 0, false, false},
    {"lower", "", run_lower, 0, false, false},
    {"upper", "", run_upper, 0, false, false},
};
static const Builtin list_methods[] = {
    {"index", "x", run_index, 0, false, false},
    {"count", "x", run_count, 0, false, false},
};
static const Builtin dict_methods[] = {
    {"items", "", run_items, 0, false, false},
    {"keys", "", run_keys, 0, false, false},
    {"values", "", run_values, 0, false, false},
    {"get", "key, default=none", run_get, 0, false, false},
};

void builtins_register(Cx *cx)
{
    for (size_t i = 0; i < countof(static_table); i++) table_add(cx, &cx->builtins, &static_table[i]);
    for (size_t i = 0; i < countof(string_methods); i++) table_add(cx, &cx->method_tables[0], &string_methods[i]);
    for (size_t i = 0; i < countof(list_methods); i++) table_add(cx, &cx->method_tables[1], &list_methods[i]);
    for (size_t i = 0; i < countof(dict_methods); i++) table_add(cx, &cx->method_tables[2], &dict_methods[i]);
}
