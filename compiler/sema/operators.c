/* Operators: Python's arithmetic on static values, dimensions, and the way to the tensor operations. */
#include <math.h>
#include <string.h>

#include "cx.h"

static Value overflow(Cx *cx, Span span)
{
    Diag *e = cx_error(cx, E_OVERFLOW, span, "integer overflow: the result does not fit 64 bits");
    diag_help(e, "write a float (`1e20`) if the exact integer does not matter");
    return VALUE_ERROR;
}

static Value no_operator(Cx *cx, Operator op, Value a, Value b, Span span)
{
    cx_error(cx, E_BAD_OPERANDS, span, "`%s` does not work on %s and %s", operator_text(op), describe(cx, a), describe(cx, b));
    return VALUE_ERROR;
}

/* ---- integers and floats ---- */

static Value by_zero(Cx *cx, Span span)
{
    cx_error(cx, E_OVERFLOW, span, "division by zero");
    return VALUE_ERROR;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    const int64_t q = a / b;
    return q - ((a % b != 0) && ((a < 0) != (b < 0)));
}

static Value int_power(Cx *cx, int64_t base, int64_t exp, Span span)
{
    int64_t r = 1;
    if (exp < 0) return value_float(pow((double)base, (double)exp));
    while (exp > 0) {
        if ((exp & 1) && __builtin_mul_overflow(r, base, &r)) return overflow(cx, span);
        exp >>= 1;
        if (exp > 0 && __builtin_mul_overflow(base, base, &base)) return overflow(cx, span);
    }
    return value_int(r);
}

static Value int_op(Cx *cx, Operator op, int64_t a, int64_t b, Span span)
{
    int64_t r = 0;
    bool over = false;
    switch (op) {
    case OP_ADD: over = __builtin_add_overflow(a, b, &r); break;
    case OP_SUB: over = __builtin_sub_overflow(a, b, &r); break;
    case OP_MUL: over = __builtin_mul_overflow(a, b, &r); break;
    case OP_DIV:
        if (b == 0) return by_zero(cx, span);
        return value_float((double)a / (double)b);
    case OP_FLOORDIV:
    case OP_MOD:
        if (b == 0) return by_zero(cx, span);
        if (b == -1) {
            if (a == INT64_MIN) return op == OP_MOD ? value_int(0) : overflow(cx, span);
            return value_int(op == OP_MOD ? 0 : -a);
        }
        r = op == OP_MOD ? a - floor_div(a, b) * b : floor_div(a, b);
        break;
    case OP_POW: return int_power(cx, a, b, span);
    case OP_BITOR: r = a | b; break;
    case OP_BITXOR: r = a ^ b; break;
    case OP_BITAND: r = a & b; break;
    default: return no_operator(cx, op, value_int(a), value_int(b), span);
    }
    return over ? overflow(cx, span) : value_int(r);
}

static Value float_op(Cx *cx, Operator op, double a, double b, Value va, Value vb, Span span)
{
    switch (op) {
    case OP_ADD: return value_float(a + b);
    case OP_SUB: return value_float(a - b);
    case OP_MUL: return value_float(a * b);
    case OP_DIV: return b == 0 ? by_zero(cx, span) : value_float(a / b);
    case OP_FLOORDIV: return b == 0 ? by_zero(cx, span) : value_float(floor(a / b));
    case OP_MOD: return b == 0 ? by_zero(cx, span) : value_float(a - floor(a / b) * b);
    case OP_POW: return value_float(pow(a, b));
    default: break;
    }
    return no_operator(cx, op, va, vb, span);
}

static bool as_number(Value v, double *d)
{
    if (v.kind == V_INT) *d = (double)v.as.integer;
    else if (v.kind == V_BOOL) *d = v.as.boolean;
    else if (v.kind == V_FLOAT) *d = v.as.real;
    else return false;
    return true;
}

static bool as_integer(Value v, int64_t *i)
{
    if (v.kind == V_INT) *i = v.as.integer;
    else if (v.kind == V_BOOL) *i = v.as.boolean;
    else return false;
    return true;
}

/* ---- dimensions ---- */

const Dim *value_as_dim(Value v, DimCtx *dims)
{
    int64_t i;
    if (v.kind == V_DIM) return v.as.dim;
    return as_integer(v, &i) ? dim_int(dims, i) : NULL;
}

static Value dim_op(Cx *cx, Operator op, const Dim *a, const Dim *b, Span span)
{
    const Dim *r = NULL;
    if ((op == OP_FLOORDIV || op == OP_MOD) && b == dim_int(cx->dims, 0)) return by_zero(cx, span);
    switch (op) {
    case OP_ADD: r = dim_add(cx->dims, a, b); break;
    case OP_SUB: r = dim_sub(cx->dims, a, b); break;
    case OP_MUL: r = dim_mul(cx->dims, a, b); break;
    case OP_FLOORDIV: r = dim_floordiv(cx->dims, a, b); break;
    case OP_MOD: r = dim_mod(cx->dims, a, b); break;
    case OP_POW: {
        int64_t n;
        if (!dim_is_int(b, &n) || n < 0 || n > 8) break;
        r = dim_int(cx->dims, 1);
        while (n-- > 0) r = dim_mul(cx->dims, r, a);
        break;
    }
    default: return no_operator(cx, op, value_dim(a), value_dim(b), span);
    }
    if (r) return value_dim(r);
    cx_error(cx, E_OVERFLOW, span, "this expression of dimensions is too large");
    return VALUE_ERROR;
}

/* ---- sequences and strings ---- */

enum { ELEMENT_COST = 8 }; /* steps that an element of a list takes, so that the budget of steps bounds memory too */

static Value concat_strings(Cx *cx, const Sym *a, const Sym *b, Span span)
{
    if (!cx_step(cx, span, (uint64_t)a->len + b->len)) return VALUE_ERROR;
    return value_str(cx_sym(cx, arena_printf(cx->arena, "%s%s", a->text, b->text)));
}

static Value concat_seqs(Cx *cx, Value a, Value b, Span span)
{
    const size_t n = a.as.seq->len + b.as.seq->len;
    if (!cx_step(cx, span, ELEMENT_COST * (uint64_t)n)) return VALUE_ERROR;
    Value *v = arena_array(cx->arena, Value, n);
    if (a.as.seq->len) memcpy(v, a.as.seq->at, a.as.seq->len * sizeof *v);
    if (b.as.seq->len) memcpy(v + a.as.seq->len, b.as.seq->at, b.as.seq->len * sizeof *v);
    return value_seq(cx->arena, a.kind, v, n);
}

static Value merge_dicts(Cx *cx, const ValueDict *a, const ValueDict *b)
{
    VEC(const Sym *) keys = {0};
    VEC(Value) values = {0};
    for (size_t i = 0; i < a->len; i++) {
        const Value *over = dict_get(b, a->keys[i]);
        vec_push(cx->arena, &keys, a->keys[i]);
        vec_push(cx->arena, &values, over ? *over : a->values[i]);
    }
    for (size_t i = 0; i < b->len; i++) {
        if (dict_get(a, b->keys[i])) continue;
        vec_push(cx->arena, &keys, b->keys[i]);
        vec_push(cx->arena, &values, b->values[i]);
    }
    return value_dict(cx->arena, keys.at, values.at, keys.len);
}

static Value repeat(Cx *cx, Value v, int64_t n, Span span)
{
    const bool string = v.kind == V_STR;
    const size_t len = string ? v.as.str->len : v.as.seq->len;
    if (n < 0) n = 0;
    if (len && (uint64_t)n > 4000000 / len) {
        cx_error(cx, E_TOO_MUCH_WORK, span, "%s times %lld is too long", describe(cx, v), (long long)n);
        return VALUE_ERROR;
    }
    if (string) {
        StrBuf b = {.arena = cx->arena};
        for (int64_t i = 0; i < n; i++) sb_put(&b, v.as.str->text);
        return value_str(intern(cx->session->names, sb_text(&b), b.len));
    }
    Value *at = arena_array(cx->arena, Value, len * (size_t)n);
    for (int64_t i = 0; i < n; i++) memcpy(at + (size_t)i * len, v.as.seq->at, len * sizeof *at);
    if (value_holds(v, V_LAYER) && n > 1) {
        Diag *e = cx_error(cx, E_BAD_OPERANDS, span, "repeating a list of layers repeats the same layers, with the same weights");
        diag_help(e, "make new ones with a comprehension: `[Dense(4) for i in range(%lld)]`", (long long)n);
        return VALUE_ERROR;
    }
    return value_seq(cx->arena, v.kind, at, len * (size_t)n);
}

static bool is_seq(Value v) { return v.kind == V_LIST || v.kind == V_TUPLE; }

static Value static_op(Cx *cx, Operator op, Value a, Value b, Span span)
{
    int64_t i, j;
    double x, y;
    if (as_integer(a, &i) && as_integer(b, &j)) return int_op(cx, op, i, j, span);
    if (as_number(a, &x) && as_number(b, &y)) return float_op(cx, op, x, y, a, b, span);
    if (op == OP_ADD && is_seq(a) && a.kind == b.kind) return concat_seqs(cx, a, b, span);
    if (op == OP_ADD && a.kind == V_STR && b.kind == V_STR) return concat_strings(cx, a.as.str, b.as.str, span);
    if (op == OP_BITOR && a.kind == V_DICT && b.kind == V_DICT) return merge_dicts(cx, a.as.dict, b.as.dict);
    if (op == OP_MUL && (is_seq(a) || a.kind == V_STR) && as_integer(b, &j)) return repeat(cx, a, j, span);
    if (op == OP_MUL && (is_seq(b) || b.kind == V_STR) && as_integer(a, &i)) return repeat(cx, b, i, span);
    return no_operator(cx, op, a, b, span);
}

/* ---- the way to tensors ---- */

static bool opcode_of(Operator op, Opcode *code)
{
    switch (op) {
    case OP_ADD: *code = OPC_add; return true;
    case OP_SUB: *code = OPC_subtract; return true;
    case OP_MUL: *code = OPC_multiply; return true;
    case OP_DIV: *code = OPC_divide; return true;
    case OP_FLOORDIV: *code = OPC_floor_divide; return true;
    case OP_MOD: *code = OPC_mod; return true;
    case OP_POW: *code = OPC_power; return true;
    case OP_MATMUL: *code = OPC_matmul; return true;
    case OP_BITOR: *code = OPC_bitwise_or; return true;
    case OP_BITXOR: *code = OPC_bitwise_xor; return true;
    case OP_BITAND: *code = OPC_bitwise_and; return true;
    case OP_EQ: *code = OPC_equal; return true;
    case OP_NE: *code = OPC_not_equal; return true;
    case OP_LT: *code = OPC_less; return true;
    case OP_LE: *code = OPC_less_equal; return true;
    case OP_GT: *code = OPC_greater; return true;
    case OP_GE: *code = OPC_greater_equal; return true;
    default: break;
    }
    return false;
}

static bool tensor_side(Value v) { return v.kind == V_TENSOR || v.kind == V_VARIABLE; }

static Value call_op(Cx *cx, Opcode code, Value a, Value b, Span sa, Span sb, Span span)
{
    ArgList args = {0};
    vec_push(cx->arena, &args, (Argument){NULL, a, sa});
    vec_push(cx->arena, &args, (Argument){NULL, b, sb});
    const Builtin *op = map_get(&cx->op_functions, cx_sym(cx, op_table[code].name));
    return call_builtin(cx, op, NULL, &args, span);
}

static bool in_members(Cx *cx, Value v, Span span)
{
    if (cx->builder && cx->frame->in_call) return false;
    Diag *e = cx_error(cx, E_TENSOR_IN_MEMBER, span, "%s is used as a value, but tensors exist only in `call`", describe(cx, v));
    diag_help(e, "move the computation into `call`, or pass the layer instead of its weight");
    return true;
}

Value binary_op(Cx *cx, Operator op, Value a, Value b, const Expr *left, const Expr *right, Span span)
{
    Opcode code;
    const Span sa = left ? left->span : span, sb = right ? right->span : span;
    if (is_error(a) || is_error(b)) return VALUE_ERROR;
    const bool tensors = tensor_side(a) || tensor_side(b);
    const bool float_dims = (a.kind == V_DIM || b.kind == V_DIM) &&
                            (op == OP_DIV || a.kind == V_FLOAT || b.kind == V_FLOAT || (op == OP_POW && b.kind != V_INT));
    if ((tensors || float_dims) && opcode_of(op, &code)) {
        if (in_members(cx, tensor_side(a) || a.kind == V_DIM ? a : b, span)) return VALUE_ERROR;
        return call_op(cx, code, a, b, sa, sb, span);
    }
    if (a.kind == V_DIM || b.kind == V_DIM) {
        const Dim *x = value_as_dim(a, cx->dims), *y = value_as_dim(b, cx->dims);
        if (x && y) return dim_op(cx, op, x, y, span);
    }
    return static_op(cx, op, a, b, span);
}

static Value call_unary(Cx *cx, const char *name, Value v, Span span)
{
    ArgList args = {0};
    vec_push(cx->arena, &args, (Argument){NULL, v, span});
    return call_builtin(cx, map_get(&cx->op_functions, cx_sym(cx, name)), NULL, &args, span);
}

Value unary_op(Cx *cx, Operator op, Value v, Span span)
{
    int64_t i;
    if (is_error(v)) return v;
    if (tensor_side(v)) {
        if (in_members(cx, v, span)) return VALUE_ERROR;
        if (op == OP_POS) return v;
        return call_unary(cx, op == OP_NEG ? "negative" : "bitwise_not", v, span);
    }
    if (v.kind == V_DIM && op == OP_NEG) return value_dim(dim_sub(cx->dims, dim_int(cx->dims, 0), v.as.dim));
    if (v.kind == V_DIM && op == OP_POS) return v;
    if (v.kind == V_FLOAT && op != OP_INVERT) return op == OP_NEG ? value_float(-v.as.real) : v;
    if (as_integer(v, &i)) {
        if (op == OP_INVERT) return value_int(~i);
        if (op == OP_POS) return value_int(i);
        return i == INT64_MIN ? overflow(cx, span) : value_int(-i);
    }
    cx_error(cx, E_BAD_OPERANDS, span, "`%s` does not work on %s", operator_text(op), describe(cx, v));
    return VALUE_ERROR;
}

/* ---- comparisons ---- */

static Value undecided(Cx *cx, Operator op, const Dim *a, const Dim *b, Span span)
{
    Diag *e = cx_error(cx, E_UNDECIDED, span, "`%s %s %s` is known only when the program runs", dim_str(cx, a), operator_text(op),
                       dim_str(cx, b));
    diag_help(
        e, "only `assert` becomes a check at run time; give the dimension a bound, such as `1 <= n <= 64`, if that decides it");
    return VALUE_ERROR;
}

static Value compare_dims(Cx *cx, Operator op, const Dim *a, const Dim *b, Span span)
{
    const Dim *one = dim_int(cx->dims, 1);
    Truth t = UNKNOWN;
    bool negate = false;
    switch (op) {
    case OP_NE: negate = true; /* fall through */
    case OP_EQ: t = dim_equal(cx->dims, a, b); break;
    case OP_LE: t = dim_less_equal(cx->dims, a, b); break;
    case OP_LT: t = dim_less_equal(cx->dims, dim_add(cx->dims, a, one), b); break;
    case OP_GE: t = dim_less_equal(cx->dims, b, a); break;
    case OP_GT: t = dim_less_equal(cx->dims, dim_add(cx->dims, b, one), a); break;
    default: BUG("not a comparison: %d", (int)op);
    }
    if (t == UNKNOWN) return undecided(cx, op, a, b, span);
    return value_bool((t == YES) != negate);
}

static Value contains(Cx *cx, Operator op, Value a, Value b, Span span)
{
    bool found = false;
    if (b.kind == V_STR && a.kind == V_STR) {
        found = strstr(b.as.str->text, a.as.str->text) != NULL;
    } else if (b.kind == V_DICT) {
        found = a.kind == V_STR && dict_get(b.as.dict, a.as.str);
    } else {
        const Value *at;
        size_t len;
        if (!iterate(cx, b, span, &at, &len)) return VALUE_ERROR;
        for (size_t i = 0; i < len && !found; i++) found = value_equal(a, at[i]);
    }
    return value_bool(found == (op == OP_IN));
}

int value_order(Value a, Value b)
{
    double x, y;
    if (as_number(a, &x) && as_number(b, &y)) {
        int64_t i, j;
        if (as_integer(a, &i) && as_integer(b, &j)) return i < j ? -1 : i > j;
        return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
    }
    if (a.kind == V_STR && b.kind == V_STR) {
        const int c = strcmp(a.as.str->text, b.as.str->text);
        return c < 0 ? -1 : c > 0;
    }
    if (is_seq(a) && a.kind == b.kind) {
        for (size_t i = 0; i < a.as.seq->len && i < b.as.seq->len; i++) {
            const int c = value_order(a.as.seq->at[i], b.as.seq->at[i]);
            if (c) return c;
        }
        return a.as.seq->len < b.as.seq->len ? -1 : a.as.seq->len > b.as.seq->len;
    }
    return 2;
}


Value compare_op(Cx *cx, Operator op, Value a, Value b, Span span)
{
    Opcode code;
    if (op == OP_IN || op == OP_NOT_IN) return contains(cx, op, a, b, span);
    if (op == OP_IS || op == OP_IS_NOT) {
        const bool same = a.kind == b.kind && value_equal(a, b);
        return value_bool(same == (op == OP_IS));
    }
    const bool none = a.kind == V_NONE || b.kind == V_NONE;
    if ((tensor_side(a) || tensor_side(b)) && !none && opcode_of(op, &code)) {
        if (in_members(cx, tensor_side(a) ? a : b, span)) return VALUE_ERROR;
        return call_op(cx, code, a, b, span, span, span);
    }
    const Dim *x = value_as_dim(a, cx->dims), *y = value_as_dim(b, cx->dims);
    if (x && y && (a.kind == V_DIM || b.kind == V_DIM)) return compare_dims(cx, op, x, y, span);
    if (op == OP_EQ) return value_bool(value_equal(a, b));
    if (op == OP_NE) return value_bool(!value_equal(a, b));
    const int c = value_order(a, b);
    double n;
    if (c == 2 && !(as_number(a, &n) && as_number(b, &n))) return no_operator(cx, op, a, b, span);
    if (c == 2) return value_bool(false);
    return value_bool(op == OP_LT ? c < 0 : op == OP_LE ? c <= 0 : op == OP_GT ? c > 0 : c >= 0);
}
