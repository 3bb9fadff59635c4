/* Expressions. Static code has Python's meaning; tensor code appends nodes to the graph. */
#include <string.h>

#include "cx.h"

bool instance_member(Cx *cx, Instance *inst, const Sym *name, Value *v);

Value eval_static(Cx *cx, const Expr *e, const char *what)
{
    Value v = eval(cx, e);
    if (v.kind == V_TENSOR || v.kind == V_VARIABLE) {
        cx_error(cx, E_STATIC_EXPECTED, e->span, "%s must be known while the model is instantiated, but this is %s", what,
                 describe(cx, v));
        return VALUE_ERROR;
    }
    return v;
}

int truth(Cx *cx, Value v, Span span, const char *what)
{
    switch (v.kind) {
    case V_ERROR: return -1;
    case V_NONE: return 0;
    case V_BOOL: return v.as.boolean;
    case V_INT: return v.as.integer != 0;
    case V_FLOAT: return v.as.real != 0;
    case V_STR: return v.as.str->len != 0;
    case V_LIST:
    case V_TUPLE: return v.as.seq->len != 0;
    case V_DICT: return v.as.dict->len != 0;
    case V_RANGE: {
        const ValueRange *r = v.as.range;
        return r->step > 0 ? r->start < r->stop : r->start > r->stop;
    }
    case V_DIM: {
        const Truth zero = dim_equal(cx->dims, v.as.dim, dim_int(cx->dims, 0));
        if (zero != UNKNOWN) return zero == NO;
        Diag *e = cx_error(cx, E_UNDECIDED, span, "%s depends on the dimension `%s`, which is known only when the program runs",
                           what, dim_str(cx, v.as.dim));
        diag_help(
            e,
            "only `assert` becomes a check at run time; give the dimension a bound, such as `1 <= n <= 64`, if that decides it");
        return -1;
    }
    case V_TENSOR:
    case V_VARIABLE: {
        Diag *e = cx_error(cx, E_TENSOR_CONDITION, span, "%s is %s, whose value is known only when the program runs", what,
                           describe(cx, v));
        diag_help(e, "choose between tensors element by element with `where(condition, a, b)`");
        return -1;
    }
    case V_LAYER:
    case V_CLASS:
    case V_FN:
    case V_BUILTIN:
    case V_BOUND:
    case V_INIT:
    case V_RULE:
    case V_MODULE: break;
    }
    return 1;
}

/* ---- iteration ---- */

enum { LONGEST_SEQUENCE = 4 * 1000 * 1000 };

static int64_t range_len(const ValueRange *r)
{
    const uint64_t step = r->step > 0 ? (uint64_t)r->step : 0 - (uint64_t)r->step;
    if (r->step > 0 ? r->start >= r->stop : r->start <= r->stop) return 0;
    const uint64_t distance = r->step > 0 ? (uint64_t)r->stop - (uint64_t)r->start : (uint64_t)r->start - (uint64_t)r->stop;
    const uint64_t n = (distance - 1) / step + 1;
    return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

static bool iterate_range(Cx *cx, const ValueRange *r, Span span, const Value **at, size_t *len)
{
    const int64_t n = range_len(r);
    if (n > LONGEST_SEQUENCE) {
        Diag *e = cx_error(cx, E_TOO_MUCH_WORK, span,
                           "this runs over %lld elements while the model is instantiated; at most %d are possible", (long long)n,
                           LONGEST_SEQUENCE);
        diag_help(e, "a range over data is `arange`, a tensor; a loop over data is `scan`");
        return false;
    }
    if (!cx_step(cx, span, (uint64_t)n)) return false;
    Value *v = arena_array(cx->arena, Value, (size_t)n);
    for (int64_t i = 0; i < n; i++) v[i] = value_int(r->start + i * r->step);
    *at = v;
    *len = (size_t)n;
    return true;
}

static bool iterate_string(Cx *cx, const Sym *s, const Value **at, size_t *len)
{
    VEC(Value) v = {0};
    for (size_t i = 0; i < s->len;) {
        size_t n = 1;
        while (i + n < s->len && ((unsigned char)s->text[i + n] & 0xC0) == 0x80) n++;
        vec_push(cx->arena, &v, value_str(intern(cx->session->names, s->text + i, n)));
        i += n;
    }
    *at = v.at;
    *len = v.len;
    return true;
}

static bool iterate_dict(Cx *cx, const ValueDict *d, const Value **at, size_t *len)
{
    Value *v = arena_array(cx->arena, Value, d->len);
    for (size_t i = 0; i < d->len; i++) v[i] = value_str(d->keys[i]);
    *at = v;
    *len = d->len;
    return true;
}

/* The slices of a tensor along its first axis, whose size must be known. */
static bool iterate_tensor(Cx *cx, Node *n, Span span, const Value **at, size_t *len)
{
    int64_t count;
    if (n->type.rank == 0) {
        cx_error(cx, E_NOT_ITERABLE, span, "a scalar tensor cannot be run over");
        return false;
    }
    if (!dim_is_int(n->type.dims[0], &count)) {
        Diag *e = cx_error(cx, E_UNDECIDED, span, "the first axis has size `%s`, which is known only when the program runs",
                           dim_str(cx, n->type.dims[0]));
        diag_help(e, "loop over it with `scan`");
        return false;
    }
    Value *v = arena_array(cx->arena, Value, (size_t)count);
    for (int64_t i = 0; i < count; i++) {
        Node *s = slice_axis(cx, n, 0, dim_int(cx->dims, i), dim_int(cx->dims, 1), 1, span);
        v[i] = tensor_value(cx, reshape(cx, s, n->type.dims + 1, n->type.rank - 1, span));
    }
    *at = v;
    *len = (size_t)count;
    return true;
}

bool iterate(Cx *cx, Value v, Span span, const Value **at, size_t *len)
{
    *at = NULL;
    *len = 0;
    switch (v.kind) {
    case V_ERROR: return false;
    case V_LIST:
    case V_TUPLE:
        *at = v.as.seq->at;
        *len = v.as.seq->len;
        return true;
    case V_RANGE: return iterate_range(cx, v.as.range, span, at, len);
    case V_STR: return iterate_string(cx, v.as.str, at, len);
    case V_DICT: return iterate_dict(cx, v.as.dict, at, len);
    case V_TENSOR: return iterate_tensor(cx, v.as.tensor->node, span, at, len);
    case V_VARIABLE: {
        v = read_variable(cx, v.as.variable, span);
        return !is_error(v) && iterate_tensor(cx, v.as.tensor->node, span, at, len);
    }
    case V_NONE:
    case V_BOOL:
    case V_INT:
    case V_FLOAT:
    case V_DIM:
    case V_LAYER:
    case V_CLASS:
    case V_FN:
    case V_BUILTIN:
    case V_BOUND:
    case V_INIT:
    case V_RULE:
    case V_MODULE: break;
    }
    Diag *e = cx_error(cx, E_NOT_ITERABLE, span, "%s cannot be run over", describe(cx, v));
    if (v.kind == V_INT) {
        diag_help(e, "did you mean `range(%lld)`?", (long long)v.as.integer);
    } else if (v.kind == V_DIM) {
        diag_help(e, "its value is known only when the program runs: use `arange`, or loop with `scan`");
    }
    return false;
}

/* ---- sequences and comprehensions ---- */

typedef VEC(Value) ValueVec;

static bool spread_into(Cx *cx, ValueVec *out, const Expr *e)
{
    const Value *at;
    size_t len;
    Value v = eval(cx, e);
    if (!iterate(cx, v, e->span, &at, &len)) return false;
    for (size_t i = 0; i < len; i++) vec_push(cx->arena, out, at[i]);
    return true;
}

static Value eval_items(Cx *cx, const Expr *e, ValueKind kind)
{
    ValueVec out = {0};
    bool ok = true;
    for (size_t i = 0; i < e->as.items.items.len; i++) {
        const Expr *item = e->as.items.items.at[i];
        if (item->kind == EXPR_SPREAD) {
            ok &= spread_into(cx, &out, item->as.unary.operand);
            continue;
        }
        Value v = eval(cx, item);
        ok &= !is_error(v);
        vec_push(cx->arena, &out, v);
    }
    return ok ? value_seq(cx->arena, kind, out.at, out.len) : VALUE_ERROR;
}

static void set_local(Cx *cx, Ident name, Value v, void *user)
{
    (void)user;
    local_set(cx, name.sym, v);
}

static void push_local(Cx *cx, Ident name, Value v, void *user)
{
    (void)user;
    local_push(cx, cx->frame, name.sym, v, false);
}

static bool run_clause(Cx *cx, const CompFor *f, const Expr *element, ValueVec *out)
{
    const Value *at;
    size_t len;
    if (!f) {
        Value v = eval(cx, element);
        if (is_error(v)) return false;
        vec_push(cx->arena, out, v);
        if (out->len > LONGEST_SEQUENCE) {
            cx_error(cx, E_TOO_MUCH_WORK, element->span, "this list grows beyond %d elements", LONGEST_SEQUENCE);
            return false;
        }
        return true;
    }
    Value iter = eval(cx, f->iter);
    if (!iterate(cx, iter, f->iter->span, &at, &len)) return false;
    for (size_t i = 0; i < len; i++) {
        if (!cx_step(cx, f->iter->span, 1)) return false;
        const size_t mark = cx->frame->locals.len;
        bool keep = assign_target(cx, f->target, at[i], push_local, NULL);
        if (!keep) return false;
        for (size_t k = 0; keep && k < f->conds.len; k++) {
            const Expr *c = f->conds.at[k];
            const int t = truth(cx, eval(cx, c), c->span, "the condition");
            if (t < 0) return false;
            keep = t;
        }
        const bool ok = !keep || run_clause(cx, f->next, element, out);
        locals_cut(cx->frame, mark); /* names of a comprehension end with it */
        if (!ok) return false;
    }
    return true;
}

static Value eval_comp(Cx *cx, const Expr *e)
{
    ValueVec out = {0};
    if (!run_clause(cx, e->as.comp.clause, e->as.comp.element, &out)) return VALUE_ERROR;
    return value_seq(cx->arena, V_LIST, out.at, out.len);
}

static Value eval_fstring(Cx *cx, const Expr *e)
{
    StrBuf b = {.arena = cx->arena};
    for (size_t i = 0; i < e->as.fstring.parts.len; i++) {
        const FPart *p = &e->as.fstring.parts.at[i];
        if (!p->expr) {
            sb_putn(&b, p->text.s, p->text.len);
            continue;
        }
        Value v = eval(cx, p->expr);
        if (is_error(v)) return v;
        value_print(cx->dims, &b, v, false);
    }
    return value_str(intern(cx->session->names, sb_text(&b), b.len));
}

/* ---- operators with control flow ---- */

static Value logic_value(Cx *cx, Value v, Span span, const char *op, int *t)
{
    if (v.kind == V_TENSOR || v.kind == V_VARIABLE) {
        Diag *e =
            cx_error(cx, E_TENSOR_CONDITION, span,
                     "`%s` needs values that are known while the model is instantiated, but this is %s", op, describe(cx, v));
        diag_help(e, "on tensors write `%s`, element by element", !strcmp(op, "and") ? "&" : !strcmp(op, "or") ? "|" : "~");
        *t = -1;
        return VALUE_ERROR;
    }
    *t = truth(cx, v, span, "the condition");
    return v;
}

/* Python's: the operand that decided. */
static Value eval_logic(Cx *cx, const Expr *e)
{
    const bool is_and = e->kind == EXPR_AND;
    const char *op = is_and ? "and" : "or";
    int t;
    Value l = logic_value(cx, eval(cx, e->as.binary.left), e->as.binary.left->span, op, &t);
    if (t < 0) return VALUE_ERROR;
    if (t != is_and) return l;
    Value r = eval(cx, e->as.binary.right);
    if (r.kind == V_TENSOR || r.kind == V_VARIABLE) return logic_value(cx, r, e->as.binary.right->span, op, &t);
    return r;
}

static Value eval_not(Cx *cx, const Expr *e)
{
    int t;
    logic_value(cx, eval(cx, e->as.unary.operand), e->as.unary.operand->span, "not", &t);
    return t < 0 ? VALUE_ERROR : value_bool(!t);
}

static Value eval_cond(Cx *cx, const Expr *e)
{
    const int t = truth(cx, eval(cx, e->as.cond.cond), e->as.cond.cond->span, "the condition");
    if (t < 0) return VALUE_ERROR;
    return eval(cx, t ? e->as.cond.then : e->as.cond.otherwise);
}

static Value eval_compare(Cx *cx, const Expr *e)
{
    Value left = eval(cx, e->as.compare.first), result = value_bool(true);
    Span left_span = e->as.compare.first->span;
    for (size_t i = 0; i < e->as.compare.ops.len; i++) {
        const Expr *r = e->as.compare.rest.at[i];
        Value right = eval(cx, r);
        if (is_error(left) || is_error(right)) return VALUE_ERROR;
        result = compare_op(cx, e->as.compare.ops.at[i], left, right, span_join(left_span, r->span));
        if (is_error(result)) return result;
        if (i + 1 < e->as.compare.ops.len) {
            const int t = truth(cx, result, span_join(left_span, r->span), "a chained comparison");
            if (t < 0) return VALUE_ERROR;
            if (!t) return result;
        }
        left = right;
        left_span = r->span;
    }
    return result;
}

/* ---- members ---- */

static Value layer_member(Cx *cx, Instance *inst, const Expr *e)
{
    const Ident name = e->as.member.name;
    Value v;
    if (instance_member(cx, inst, name.sym, &v)) return v;
    const bool waits = map_has(&inst->eval->cls->fields, name.sym);
    if (waits && ensure_built(cx, inst, e->span) && instance_member(cx, inst, name.sym, &v)) return v;
    if (waits) return VALUE_ERROR;
    Diag *d = cx_error(cx, E_NO_MEMBER, name.span, "`%s` has no field `%s`", inst->class_name, name.sym->text);
    VEC(const char *) names = {0};
    for (size_t i = 0; i < inst->eval->fields.len; i++) vec_push(cx->arena, &names, inst->eval->fields.at[i].name->text);
    for (size_t i = 0; i < inst->eval->cls->fields.len; i++)
        vec_push(cx->arena, &names, ((const Sym *)inst->eval->cls->fields.entries[i].key)->text);
    for (size_t i = 0; i < inst->eval->cls->methods.len; i++)
        vec_push(cx->arena, &names, ((const Sym *)inst->eval->cls->methods.entries[i].key)->text);
    const char *near = suggest(name.sym->text, names.at, names.len);
    if (near) {
        diag_help(d, "did you mean `%s`?", near);
        diag_fix(d, name.span, "%s", near);
    }
    if (!inst->library) diag_note(d, inst->decl->name.span, "`%s` is declared here", inst->class_name);
    return VALUE_ERROR;
}

static Value shape_value(Cx *cx, Type t)
{
    Value *v = arena_array(cx->arena, Value, (size_t)t.rank);
    for (int i = 0; i < t.rank; i++) v[i] = value_dim(t.dims[i]);
    return value_seq(cx->arena, V_TUPLE, v, (size_t)t.rank);
}

/* `x.reshape(` -> `reshape(x, ` */
static void method_to_function(Cx *cx, Diag *d, const Expr *e)
{
    const Span object = e->as.member.object->span, name = e->as.member.name.span;
    const Source *s = source_get(cx->session->sources, object.file);
    const char *text = e->as.member.name.sym->text, *rest = s->text + name.end;
    diag_help(d, "operations are functions: `%s(x, ...)` for `x.%s(...)`", text, text);
    if (*rest != '(' || span_in_library(cx, object)) return;
    diag_fix(d, (Span){object.file, object.start, name.end + 1}, "%s(%.*s%s", text, (int)(object.end - object.start),
             s->text + object.start, rest[1] == ')' ? "" : ", ");
}

/* The layer that reads it, directly or through a function, has seen to it. */
static Value read_mask(Cx *cx, const ValueTensor *t)
{
    Frame *f = cx->frame;
    while (f && !f->self) f = f->outer;
    if (f) f->self->eval->cls->uses_mask = true;
    return t->mask ? make_tensor_value(cx->arena, t->mask, NULL) : VALUE_NONE;
}

static Value tensor_member(Cx *cx, const ValueTensor *t, const Expr *e)
{
    const Ident name = e->as.member.name;
    const Type type = t->node->type;
    if (name.sym == cx->sym->shape) return shape_value(cx, type);
    if (name.sym == cx->sym->ndim) return value_int(type.rank);
    if (name.sym == cx->sym->dtype) return value_str(cx_sym(cx, dtype_name(type.dtype)));
    if (name.sym == cx->sym->mask) return read_mask(cx, t);
    if (name.sym == cx->sym->T) return tensor_value(cx, transpose(cx, t->node, NULL, e->span));
    Diag *d = cx_error(cx, E_NO_MEMBER, name.span, "a tensor has no member `%s`", name.sym->text);
    const Builtin *op = map_get(&cx->op_functions, name.sym);
    if (op) method_to_function(cx, d, e);
    else diag_help(d, "a tensor has `shape`, `ndim`, `dtype`, `mask` and `T`");
    return VALUE_ERROR;
}

static Value bound_method(Cx *cx, const Builtin *b, Value self)
{
    ValueBound *v = arena_new(cx->arena, ValueBound);
    *v = (ValueBound){b, self};
    return (Value){.kind = V_BOUND, .as.bound = v};
}

static Value variable_member(Cx *cx, Value self, const Expr *e)
{
    static const Builtin assign = {.name = "assign", .signature = "value"};
    const Variable *var = self.as.variable;
    const Ident name = e->as.member.name;
    if (name.sym == cx->sym->assign) return bound_method(cx, &assign, self);
    if (name.sym == cx->sym->dtype && !var->autocast) return value_str(cx_sym(cx, dtype_name(var->dtype)));
    if (name.sym == cx->sym->shape) {
        Value *v = arena_array(cx->arena, Value, (size_t)var->rank);
        for (int i = 0; i < var->rank; i++) v[i] = value_int(var->shape[i]);
        return value_seq(cx->arena, V_TUPLE, v, (size_t)var->rank);
    }
    if (name.sym == cx->sym->ndim) return value_int(var->rank);
    Value read = read_variable(cx, self.as.variable, e->as.member.object->span);
    return is_error(read) ? read : tensor_member(cx, read.as.tensor, e);
}

static Value builtin_member(Cx *cx, Value self, const Map *table, const Expr *e, const char *kind)
{
    const Ident name = e->as.member.name;
    const Builtin *b = map_get(table, name.sym);
    if (b) return bound_method(cx, b, self);
    Diag *d = cx_error(cx, E_NO_MEMBER, name.span, "a %s has no method `%s`", kind, name.sym->text);
    if (!strcmp(name.sym->text, "append") || !strcmp(name.sym->text, "extend")) {
        diag_help(d, "values are immutable: write `xs += [x]`, or a comprehension `[f(i) for i in range(n)]`");
    }
    return VALUE_ERROR;
}

Value get_member(Cx *cx, const Expr *e)
{
    Value v = eval(cx, e->as.member.object);
    const Ident name = e->as.member.name;
    if (is_error(v) || !name.sym) return VALUE_ERROR;
    switch (v.kind) {
    case V_LAYER: return layer_member(cx, v.as.layer, e);
    case V_TENSOR: return tensor_member(cx, v.as.tensor, e);
    case V_VARIABLE: return variable_member(cx, v, e);
    case V_MODULE: return module_member(cx, v.as.module, name, e->span);
    case V_STR: return builtin_member(cx, v, &cx->method_tables[0], e, "string");
    case V_LIST:
    case V_TUPLE: return builtin_member(cx, v, &cx->method_tables[1], e, v.kind == V_LIST ? "list" : "tuple");
    case V_DICT: {
        const Value *entry = dict_get(v.as.dict, name.sym);
        return entry ? *entry : builtin_member(cx, v, &cx->method_tables[2], e, "dict");
    }
    case V_ERROR:
    case V_NONE:
    case V_BOOL:
    case V_INT:
    case V_FLOAT:
    case V_DIM:
    case V_RANGE:
    case V_CLASS:
    case V_FN:
    case V_BUILTIN:
    case V_BOUND:
    case V_INIT:
    case V_RULE: break;
    }
    cx_error(cx, E_NO_MEMBER, name.span, "%s has no member `%s`", describe(cx, v), name.sym->text);
    return VALUE_ERROR;
}

/* ---- subscripts of static values ---- */

static bool slice_bound(Cx *cx, const Expr *e, int64_t len, int64_t fallback, int64_t low, int64_t high, int64_t *out)
{
    *out = fallback;
    if (!e) return true;
    Value v = eval_static(cx, e, "a slice's bound");
    if (v.kind == V_NONE) return true;
    if (v.kind != V_INT) {
        if (!is_error(v)) cx_error(cx, E_BAD_INDEX, e->span, "a slice's bound must be an int, but this is %s", describe(cx, v));
        return false;
    }
    int64_t i = v.as.integer;
    if (i < 0) i = i < -len ? low : i + len;
    *out = i < low ? low : i > high ? high : i;
    return true;
}

static Value slice_items(Cx *cx, Value v, const Value *at, int64_t len, const Expr *s)
{
    Value step = s->as.slice.step ? eval_static(cx, s->as.slice.step, "a slice's step") : value_int(1);
    if (step.kind == V_NONE) step = value_int(1);
    if (step.kind != V_INT || step.as.integer == 0) {
        if (!is_error(step)) cx_error(cx, E_BAD_INDEX, s->as.slice.step->span, "a slice's step must be an int other than 0");
        return VALUE_ERROR;
    }
    const int64_t k = step.as.integer;
    int64_t from, to;
    if (!slice_bound(cx, s->as.slice.start, len, k > 0 ? 0 : len - 1, k > 0 ? 0 : -1, k > 0 ? len : len - 1, &from))
        return VALUE_ERROR;
    if (!slice_bound(cx, s->as.slice.stop, len, k > 0 ? len : -1, k > 0 ? 0 : -1, k > 0 ? len : len - 1, &to)) return VALUE_ERROR;
    ValueVec out = {0};
    for (int64_t i = from; k > 0 ? i < to : i > to; i += k) vec_push(cx->arena, &out, at[i]);
    return value_seq(cx->arena, v.kind == V_TUPLE ? V_TUPLE : V_LIST, out.at, out.len);
}

static Value join_string(Cx *cx, Value list)
{
    StrBuf b = {.arena = cx->arena};
    for (size_t i = 0; i < list.as.seq->len; i++) sb_put(&b, list.as.seq->at[i].as.str->text);
    return value_str(intern(cx->session->names, sb_text(&b), b.len));
}

static Value index_sequence(Cx *cx, Value v, const Expr *e)
{
    const Expr *s = e->as.index.subs.at[0];
    const Value *at;
    size_t len;
    if (e->as.index.subs.len != 1) {
        cx_error(cx, E_BAD_INDEX, e->span, "%s takes one index, not %zu", describe(cx, v), e->as.index.subs.len);
        return VALUE_ERROR;
    }
    if (!iterate(cx, v, e->as.index.object->span, &at, &len)) return VALUE_ERROR;
    if (s->kind == EXPR_SLICE) {
        Value out = slice_items(cx, v, at, (int64_t)len, s);
        return v.kind == V_STR && !is_error(out) ? join_string(cx, out) : out;
    }
    Value i = eval(cx, s);
    if (i.kind != V_INT) {
        if (!is_error(i))
            cx_error(cx, E_BAD_INDEX, s->span, "%s is indexed by an int, but this is %s", describe(cx, v), describe(cx, i));
        return VALUE_ERROR;
    }
    const int64_t k = i.as.integer < 0 ? i.as.integer + (int64_t)len : i.as.integer;
    if (k < 0 || k >= (int64_t)len) {
        cx_error(cx, E_BAD_INDEX, s->span, "index %lld is out of range: %s", (long long)i.as.integer, describe(cx, v));
        return VALUE_ERROR;
    }
    capture_element(cx, e, i.as.integer, at[k]);
    return at[k];
}

static Value index_dict(Cx *cx, Value v, const Expr *e)
{
    const Expr *s = e->as.index.subs.at[0];
    Value key = eval(cx, s);
    if (is_error(key)) return key;
    if (key.kind == V_INT) key = value_str(cx_sym(cx, arena_printf(cx->arena, "%lld", (long long)key.as.integer)));
    const Value *entry = key.kind == V_STR && e->as.index.subs.len == 1 ? dict_get(v.as.dict, key.as.str) : NULL;
    if (entry) return *entry;
    Diag *d = cx_error(cx, E_BAD_INDEX, s->span, "the dict has no entry for %s", describe(cx, key));
    VEC(const char *) names = {0};
    for (size_t i = 0; i < v.as.dict->len; i++) vec_push(cx->arena, &names, v.as.dict->keys[i]->text);
    const char *near = key.kind == V_STR ? suggest(key.as.str->text, names.at, names.len) : NULL;
    if (near) {
        diag_help(d, "did you mean \"%s\"?", near);
        if (s->kind == EXPR_STRING) diag_fix(d, s->span, "\"%s\"", near);
    }
    return VALUE_ERROR;
}

Value get_index(Cx *cx, const Expr *e)
{
    Value v = eval(cx, e->as.index.object);
    if (is_error(v)) return v;
    if (v.kind == V_VARIABLE) v = read_variable(cx, v.as.variable, e->as.index.object->span);
    if (v.kind == V_TENSOR) return index_tensor(cx, v.as.tensor->node, &e->as.index.subs, e->span);
    if (v.kind == V_DICT) return index_dict(cx, v, e);
    if (v.kind == V_LIST || v.kind == V_TUPLE || v.kind == V_STR || v.kind == V_RANGE) return index_sequence(cx, v, e);
    if (is_error(v)) return v;
    cx_error(cx, E_BAD_INDEX, e->span, "%s cannot be indexed", describe(cx, v));
    return VALUE_ERROR;
}

/* ---- calls ---- */

static Value eval_call(Cx *cx, const Expr *e)
{
    ArgList args = {0};
    Value callee = eval(cx, e->as.call.callee);
    const bool ok = eval_args(cx, &e->as.call.args, &args);
    if (is_error(callee) || !ok) return VALUE_ERROR;
    return call_value(cx, callee, &args, e->span, e->as.call.callee->span);
}

Value eval(Cx *cx, const Expr *e)
{
    if (!cx_step(cx, e->span, 1)) return VALUE_ERROR;
    switch (e->kind) {
    case EXPR_ERROR: return VALUE_ERROR;
    case EXPR_NAME: return lookup(cx, e->as.name);
    case EXPR_INT: return value_int(e->as.integer);
    case EXPR_FLOAT: return value_float(e->as.real);
    case EXPR_STRING: return value_str(intern(cx->session->names, e->as.string.s, e->as.string.len));
    case EXPR_FSTRING: return eval_fstring(cx, e);
    case EXPR_TRUE: return value_bool(true);
    case EXPR_FALSE: return value_bool(false);
    case EXPR_NONE: return VALUE_NONE;
    case EXPR_TUPLE: return eval_items(cx, e, V_TUPLE);
    case EXPR_LIST: return eval_items(cx, e, V_LIST);
    case EXPR_COMP: return eval_comp(cx, e);
    case EXPR_UNARY: return unary_op(cx, e->as.unary.op, eval(cx, e->as.unary.operand), e->span);
    case EXPR_BINARY: {
        Value l = eval(cx, e->as.binary.left);
        Value r = eval(cx, e->as.binary.right);
        return binary_op(cx, e->as.binary.op, l, r, e->as.binary.left, e->as.binary.right, e->span);
    }
    case EXPR_AND:
    case EXPR_OR: return eval_logic(cx, e);
    case EXPR_NOT: return eval_not(cx, e);
    case EXPR_COMPARE: return eval_compare(cx, e);
    case EXPR_COND: return eval_cond(cx, e);
    case EXPR_CALL: return eval_call(cx, e);
    case EXPR_INDEX: return get_index(cx, e);
    case EXPR_MEMBER: return get_member(cx, e);
    case EXPR_SPREAD:
    case EXPR_ELLIPSIS:
    case EXPR_SLICE:
        cx_error(cx, E_BAD_INDEX, e->span, "this belongs into a subscript, a shape, or a list of arguments");
        return VALUE_ERROR;
    }
    BUG("expression kind %d", (int)e->kind);
}

/* ---- assignment patterns ---- */

bool assign_target(Cx *cx, const Target *t, Value v, void (*set)(Cx *, Ident, Value, void *), void *user)
{
    const Value *at;
    size_t len;
    if (is_error(v)) { /* names still come into existence, so that one mistake gives one message */
        if (t->name.sym) set(cx, t->name, v, user);
        for (size_t i = 0; i < t->items.len; i++) assign_target(cx, t->items.at[i], v, set, user);
        return false;
    }
    if (t->name.sym) {
        set(cx, t->name, v, user);
        return true;
    }
    if (!iterate(cx, v, t->span, &at, &len)) return assign_target(cx, t, VALUE_ERROR, set, user);
    if (len != t->items.len) {
        cx_error(cx, E_UNPACK, t->span, "%zu names for %zu values", t->items.len, len);
        return assign_target(cx, t, VALUE_ERROR, set, user);
    }
    bool ok = true;
    for (size_t i = 0; i < len; i++) ok &= assign_target(cx, t->items.at[i], at[i], set, user);
    return ok;
}

/* ---- statements ---- */

/* A local name holds a value: a variable is read here, before anything is assigned to it. */
static Value read_variables(Cx *cx, Value v, Span span)
{
    if (!cx->builder || !cx->frame->in_call || !value_holds(v, V_VARIABLE)) return v;
    if (v.kind == V_VARIABLE) return read_variable(cx, v.as.variable, span);
    const bool dict = v.kind == V_DICT;
    const size_t n = dict ? v.as.dict->len : v.as.seq->len;
    Value *at = arena_array(cx->arena, Value, n);
    for (size_t i = 0; i < n; i++) {
        at[i] = read_variables(cx, dict ? v.as.dict->values[i] : v.as.seq->at[i], span);
        if (is_error(at[i])) return VALUE_ERROR;
    }
    return dict ? value_dict(cx->arena, v.as.dict->keys, at, n) : value_seq(cx->arena, v.kind, at, n);
}

static void check_not_field(Cx *cx, Ident name)
{
    const Instance *self = cx->frame->self;
    if (!self || !name.sym) return;
    const Member *m = map_get(&self->eval->cls->fields, name.sym);
    if (!m) return;
    const bool variable = m->kind == MEMBER_VARIABLE;
    Diag *e = cx_error(cx, E_REBIND_FIELD, name.span, "`%s` is a %s of `%s`; a call cannot give it another value", name.sym->text,
                       variable ? (m->as.variable.is_state ? "state" : "weight") : "field", self->class_name);
    diag_note(e, m->span, "it is declared here");
    if (variable && m->as.variable.is_state) diag_help(e, "store into a state with `%s.assign(value)`", name.sym->text);
    else diag_help(e, "use another name for the local value");
}

static void set_in_call(Cx *cx, Ident name, Value v, void *user)
{
    check_not_field(cx, name);
    if (v.kind == V_TENSOR && !v.as.tensor->node->name) v.as.tensor->node->name = name.sym->text;
    set_local(cx, name, v, user);
}

static void run_augment(Cx *cx, const Stmt *s)
{
    Value old = lookup(cx, s->as.augment.name);
    Value add = eval(cx, s->as.augment.value);
    if (is_error(old) || is_error(add)) {
        set_local(cx, s->as.augment.name, VALUE_ERROR, NULL);
        return;
    }
    Value v = binary_op(cx, s->as.augment.op, old, add, NULL, s->as.augment.value, s->span);
    set_in_call(cx, s->as.augment.name, v, NULL);
}

static void run_return(Cx *cx, const Stmt *s)
{
    Frame *f = cx->frame;
    f->returned = true;
    if (!s->as.ret.is_named) {
        f->result = s->as.ret.value ? eval(cx, s->as.ret.value) : VALUE_NONE;
        return;
    }
    const size_t n = s->as.ret.named.len;
    const Sym **keys = arena_array(cx->arena, const Sym *, n);
    Value *values = arena_array(cx->arena, Value, n);
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        const NamedValue *nv = &s->as.ret.named.at[i];
        keys[i] = nv->name.sym;
        values[i] = eval(cx, nv->value);
        ok &= !is_error(values[i]);
        for (size_t k = 0; k < i; k++) {
            if (keys[k] != keys[i]) continue;
            cx_error(cx, E_DUPLICATE_NAME, nv->name.span, "the output `%s` is given twice", keys[i]->text);
            ok = false;
        }
    }
    f->result = ok ? value_dict(cx->arena, keys, values, n) : VALUE_ERROR;
}

static void run_if(Cx *cx, const Stmt *s)
{
    const int t = truth(cx, eval(cx, s->as.branch.cond), s->as.branch.cond->span, "the condition");
    if (t < 0) { /* either arm may have given the names their values: silence what follows */
        cx->frame->returned = true;
        cx->frame->result = VALUE_ERROR;
        return;
    }
    run_stmts(cx, t ? &s->as.branch.then : &s->as.branch.otherwise);
}

static void run_for(Cx *cx, const Stmt *s)
{
    const Value *at;
    size_t len;
    Value iter = eval(cx, s->as.loop.iter);
    if (!iterate(cx, iter, s->as.loop.iter->span, &at, &len)) {
        cx->frame->returned = true;
        cx->frame->result = VALUE_ERROR;
        return;
    }
    for (size_t i = 0; i < len && !cx->frame->returned; i++) {
        if (!cx_step(cx, s->span, 1)) {
            cx->frame->returned = true;
            cx->frame->result = VALUE_ERROR;
            return;
        }
        assign_target(cx, s->as.loop.target, at[i], set_in_call, NULL);
        run_stmts(cx, &s->as.loop.body);
    }
}

/* `assert a == b` on dimensions becomes a check when the program runs, unless it can be decided now. */
typedef struct Assertion {
    const Expr *cond, *message;
} Assertion;

static bool assert_dims(Cx *cx, const Expr *e, const Assertion *a, bool *handled);

/* Made only when something is to be said: most assertions hold. */
static const char *assert_message(Cx *cx, const Assertion *a)
{
    const Expr *cond = a->cond;
    if (a->message) {
        Value v = eval_static(cx, a->message, "the message");
        if (v.kind == V_STR) return v.as.str->text;
    }
    const Source *s = source_get(cx->session->sources, cond->span.file);
    return arena_printf(cx->arena, "`%.*s` does not hold", (int)(cond->span.end - cond->span.start), s->text + cond->span.start);
}

static void report_assert(Cx *cx, Span span, const Assertion *a) { cx_error(cx, E_ASSERT, span, "%s", assert_message(cx, a)); }

static bool assert_relation(Cx *cx, Operator op, const Dim *a, const Dim *b, const Assertion *what, Span span, bool *handled)
{
    const Dim *one = dim_int(cx->dims, 1);
    Truth t;
    if (op == OP_GT || op == OP_GE) return assert_relation(cx, op == OP_GT ? OP_LT : OP_LE, b, a, what, span, handled);
    if (op == OP_LT) {
        a = dim_add(cx->dims, a, one);
        op = OP_LE;
    }
    if (op == OP_NE) { /* of integers: 1 <= (a - b)**2 */
        const Dim *d = dim_sub(cx->dims, a, b);
        t = dim_equal(cx->dims, a, b);
        if (t == YES) report_assert(cx, span, what);
        if (t == UNKNOWN && d && dim_mul(cx->dims, d, d)) node_check(cx, REL_LE, one, dim_mul(cx->dims, d, d), assert_message(cx, what), span);
        return t != YES;
    }
    if (op != OP_EQ && op != OP_LE) {
        *handled = false;
        return true;
    }
    t = op == OP_EQ ? dim_equal(cx->dims, a, b) : dim_less_equal(cx->dims, a, b);
    if (t == NO) report_assert(cx, span, what);
    if (t == UNKNOWN) node_check(cx, op == OP_EQ ? REL_EQ : REL_LE, a, b, assert_message(cx, what), span);
    return t != NO;
}

static bool assert_dims(Cx *cx, const Expr *e, const Assertion *a, bool *handled)
{
    *handled = true;
    if (e->kind == EXPR_AND) {
        bool l = assert_dims(cx, e->as.binary.left, a, handled);
        if (!*handled) return true;
        return l && assert_dims(cx, e->as.binary.right, a, handled);
    }
    if (e->kind != EXPR_COMPARE) {
        *handled = false;
        return true;
    }
    VEC(const Dim *) sides = {0};
    bool symbolic = false;
    for (size_t i = 0; i <= e->as.compare.rest.len; i++) {
        const Expr *side = i ? e->as.compare.rest.at[i - 1] : e->as.compare.first;
        Value v = eval(cx, side);
        symbolic |= v.kind == V_DIM;
        if (is_error(v)) return false;
        vec_push(cx->arena, &sides, value_as_dim(v, cx->dims));
    }
    for (size_t i = 0; i < sides.len; i++) *handled &= sides.at[i] != NULL;
    *handled &= symbolic;
    if (!*handled) return true;
    bool ok = true;
    for (size_t i = 0; i + 1 < sides.len && *handled; i++) {
        ok &= assert_relation(cx, e->as.compare.ops.at[i], sides.at[i], sides.at[i + 1], a, e->span, handled);
    }
    return ok;
}

bool run_assert(Cx *cx, const Expr *cond, const Expr *message, Span span)
{
    const Assertion a = {cond, message};
    bool handled = false;
    if (cx->frame->in_call && cx->builder) {
        const bool ok = assert_dims(cx, cond, &a, &handled);
        if (handled) return ok;
    }
    const int t = truth(cx, eval(cx, cond), cond->span, "the assertion");
    if (t == 0) report_assert(cx, span_known(cond->span) ? cond->span : span, &a);
    return t > 0;
}

static void run_expr_stmt(Cx *cx, const Stmt *s)
{
    const Expr *e = s->as.expr;
    Value v = eval(cx, e);
    const bool assigns = e->kind == EXPR_CALL && e->as.call.callee->kind == EXPR_MEMBER &&
                         e->as.call.callee->as.member.name.sym == cx->sym->assign;
    const bool gives_nothing = v.kind == V_NONE && e->kind == EXPR_CALL; /* a function called for what it assigns */
    if (is_error(v) || assigns || gives_nothing) return;
    Diag *d = cx_error(cx, E_USELESS_STATEMENT, s->span, "the value of this expression is not used");
    diag_help(d, "give it a name, return it, or remove it");
}

static void run_stmt(Cx *cx, const Stmt *s)
{
    switch (s->kind) {
    case STMT_EXPR: run_expr_stmt(cx, s); break;
    case STMT_ASSIGN:
        assign_target(cx, s->as.assign.target, read_variables(cx, eval(cx, s->as.assign.value), s->as.assign.value->span),
                      set_in_call, NULL);
        break;
    case STMT_AUGMENT: run_augment(cx, s); break;
    case STMT_RETURN: run_return(cx, s); break;
    case STMT_ASSERT:
        if (!run_assert(cx, s->as.check.cond, s->as.check.message, s->span)) { /* what follows relies on it */
            cx->frame->result = VALUE_ERROR;
            cx->frame->returned = true;
        }
        break;
    case STMT_IF: run_if(cx, s); break;
    case STMT_FOR: run_for(cx, s); break;
    case STMT_ERROR: break;
    }
}

void run_stmts(Cx *cx, const StmtVec *body)
{
    for (size_t i = 0; i < body->len && !cx->frame->returned; i++) run_stmt(cx, body->at[i]);
}
