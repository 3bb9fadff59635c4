/* Tensors to declared types: what `[batch, 2 * n, ...lead]` binds, solves and checks. Plain names bind first; then a pattern
 * with one unknown is solved; what remains is checked, when the members that it may mention have run. */
#include "binding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *param_what(Cx *cx, const Binding *b, const char *param)
{
    return arena_printf(cx->arena, "`%s` of %s", param, b->what);
}

/* Both shapes, what is declared where, and where the dimension got its value. */
static void dim_mismatch(Cx *cx, const Binding *b, const Waiting *w, const char *fmt, ...) PRINTF_LIKE(4, 5);
static void dim_mismatch(Cx *cx, const Binding *b, const Waiting *w, const char *fmt, ...)
{
    char why[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    const Source *s = source_get(cx->session->sources, w->type->span.file);
    Diag *d = cx_error(cx, E_SHAPE, w->span, "%s %s", param_what(cx, b, w->param), why);
    if (!span_in_library(cx, w->span)) diag_primary(d, "this is %s", type_str(cx, w->actual));
    if (!span_in_library(cx, w->type->span)) {
        diag_note(d, w->expr->span, "`%.*s` is declared here", (int)(w->type->span.end - w->type->span.start),
                  s->text + w->type->span.start);
    }
}

/* a == b, or an error (NO), or a check at run time. */
static bool dims_agree(Cx *cx, const Binding *b, const Waiting *w, const Dim *want, const char *text)
{
    const Truth t = want == w->value ? YES : dim_equal(cx->dims, want, w->value);
    if (t == YES) return true;
    const char *size = dim_str(cx, want), *is = strcmp(size, text) ? arena_printf(cx->arena, " (`%s`)", text) : "";
    if (t == NO) dim_mismatch(cx, b, w, "must have size %s%s here, but has %s", size, is, dim_str(cx, w->value));
    else
        node_check(cx, REL_EQ, w->value, want,
                   arena_printf(cx->arena, "%s must have size %s%s here, but is %s", param_what(cx, b, w->param), size, is,
                                type_str(cx, w->actual)),
                   w->span);
    return t != NO;
}

static void bind_name(Cx *cx, Binding *b, const Waiting *w, const Expr *e)
{
    const Sym *name = e->as.name.sym;
    const Dim *value = w->value;
    Local *l = local_find(cx->frame, name);
    if (!l) {
        local_push(cx, cx->frame, name, value_dim(value), true);
        return;
    }
    const Dim *have = value_as_dim(l->value, cx->dims);
    if (!have) return;
    const Truth t = have == value ? YES : dim_equal(cx->dims, have, value);
    if (t == NO)
        dim_mismatch(cx, b, w, "has `%s` = %s, but `%s` is %s elsewhere in this call", name->text, dim_str(cx, value), name->text,
                     dim_str(cx, have));
    if (t == UNKNOWN) {
        node_check(cx, REL_EQ, have, value,
                   arena_printf(cx->arena, "%s: the dimension `%s` is %s here, but %s elsewhere in this call",
                                param_what(cx, b, w->param), name->text, dim_str(cx, value), dim_str(cx, have)),
                   w->span);
    }
    b->ok &= t != NO;
}

/* A name that means a dimension: of a layer, one that its `call` binds; in a function, one that means nothing else. */
static bool is_dim_name(Cx *cx, const Binding *b, const Expr *e)
{
    Value v;
    if (e->kind != EXPR_NAME) return false;
    if (b->cls) return map_has(&b->cls->dims, e->as.name.sym);
    const Local *l = local_find(cx->frame, e->as.name.sym);
    return l ? l->is_dim : !lookup_quiet(cx, e->as.name.sym, &v);
}

static void bind_dim(Cx *cx, Binding *b, const Waiting *w)
{
    const Expr *e = w->expr;
    if (e->kind == EXPR_NAME && e->as.name.sym == cx->sym->underscore) return;
    if (is_dim_name(cx, b, e)) {
        bind_name(cx, b, w, e);
        return;
    }
    if (e->kind == EXPR_COMPARE) { /* a bound: its name binds now, its limits are checked later */
        if (is_dim_name(cx, b, e->as.compare.first)) bind_name(cx, b, w, e->as.compare.first);
        for (size_t i = 0; i < e->as.compare.rest.len; i++) {
            if (is_dim_name(cx, b, e->as.compare.rest.at[i])) bind_name(cx, b, w, e->as.compare.rest.at[i]);
        }
    }
    vec_push(cx->arena, &b->later, *w);
}

static void bind_lead(Cx *cx, Binding *b, const TypeExpr *type, const Expr *e, const Type *t, int from, int count, Span span,
                      const char *param)
{
    if (e->kind != EXPR_SPREAD) return;
    Value *v = arena_array(cx->arena, Value, (size_t)count);
    for (int i = 0; i < count; i++) v[i] = value_dim(t->dims[from + i]);
    const Expr *name = e->as.unary.operand;
    if (is_dim_name(cx, b, name)) {
        Local *l = local_find(cx->frame, name->as.name.sym);
        Value lead = value_seq(cx->arena, V_TUPLE, v, (size_t)count);
        if (!l) {
            local_push(cx, cx->frame, name->as.name.sym, lead, true);
            return;
        }
        if (l->value.kind == V_TUPLE && value_equal(l->value, lead)) return;
        if (l->value.kind != V_TUPLE || l->value.as.seq->len != (size_t)count) {
            cx_error(cx, E_SHAPE, span, "%s: the leading dimensions `%s` have another rank elsewhere in this call",
                     param_what(cx, b, param), name->as.name.sym->text);
            b->ok = false;
            return;
        }
        for (int i = 0; i < count; i++) {
            const Dim *have = value_as_dim(l->value.as.seq->at[i], cx->dims);
            b->ok &= have && require_equal(cx, have, t->dims[from + i], span,
                                           "%s: the leading dimensions `%s` differ: %s here, but %s elsewhere in this call",
                                           param_what(cx, b, param), name->as.name.sym->text, dim_str(cx, t->dims[from + i]),
                                           dim_str(cx, have));
        }
        return;
    }
    for (int i = 0; i < count; i++) vec_push(cx->arena, &b->later, (Waiting){e, t->dims[from + i], span, param, type, *t});
}

static Diag *shape_error(Cx *cx, const Binding *b, const TypeExpr *t, const Type *actual, Span span, const char *param,
                         const char *why)
{
    const Source *s = source_get(cx->session->sources, t->span.file);
    Diag *d = cx_error(cx, E_SHAPE, span, "%s %s", param_what(cx, b, param), why);
    diag_primary(d, "this has shape %s", type_str(cx, *actual));
    diag_note(d, t->span, "`%.*s` is expected", (int)(t->span.end - t->span.start), s->text + t->span.start);
    return d;
}

static void bind_tensor(Cx *cx, Binding *b, const TypeExpr *t, Type actual, Span span, const char *param)
{
    const ExprVec *dims = &t->as.tensor.dims;
    int dots = -1;
    for (size_t i = 0; i < dims->len; i++) {
        const bool spread = dims->at[i]->kind == EXPR_ELLIPSIS || (dims->at[i]->kind == EXPR_SPREAD);
        if (!spread) continue;
        if (dots >= 0) {
            cx_error(cx, E_BAD_TYPE, dims->at[i]->span, "a shape has at most one `...`");
            b->ok = false;
            return;
        }
        dots = (int)i;
    }
    const int fixed = (int)dims->len - (dots >= 0);
    if (dots < 0 ? actual.rank != fixed : actual.rank < fixed) {
        shape_error(
            cx, b, t, &actual, span, param,
            arena_printf(cx->arena, "must have %srank %d, but has rank %d", dots < 0 ? "" : "at least ", fixed, actual.rank));
        b->ok = false;
        return;
    }
    const int tail = dots < 0 ? 0 : fixed - dots;
    for (int i = 0; i < (dots < 0 ? fixed : dots); i++)
        bind_dim(cx, b, &(Waiting){dims->at[i], actual.dims[i], span, param, t, actual});
    if (dots >= 0) bind_lead(cx, b, t, dims->at[dots], &actual, dots, actual.rank - fixed, span, param);
    for (int i = 0; i < tail; i++)
        bind_dim(cx, b, &(Waiting){dims->at[dots + 1 + i], actual.dims[actual.rank - tail + i], span, param, t, actual});
}

/* ---- values of parameters ---- */

static Value check_tensor_dtype(Cx *cx, Binding *b, const TypeExpr *t, Value v, Span span, const char *param)
{
    const Ident name = t->as.tensor.dtype;
    DType want;
    if (!name.sym) return v;
    Node *n = v.as.tensor->node;
    if (!type_dtype(cx, t, &want)) {
        b->ok = false;
        return v;
    }
    if (n->type.dtype == want) return v;
    if (dtype_is_float(want) && dtype_is_float(n->type.dtype))
        return make_tensor_value(cx->arena, cast_to(cx, n, want, span), v.as.tensor->mask);
    Diag *d = cx_error(cx, E_DTYPE, span, "%s must be %s, but this is %s", param_what(cx, b, param), name.sym->text,
                       dtype_name(n->type.dtype));
    diag_help(d, "convert it: `cast(..., \"%s\")`", name.sym->text);
    b->ok = false;
    return v;
}

/* A field `autocast = false` says that a layer takes floats as they come. */
static bool takes_floats_as_they_come(Cx *cx, Instance *inst)
{
    const Field *f = field_find(inst, cx->sym->autocast);
    return f && f->value.kind == V_BOOL && !f->value.as.boolean;
}

/* Floats become the layer's compute dtype, unless the parameter declares one. */
Value autocast(Cx *cx, Instance *inst, const TypeExpr *type, Value v, Span span)
{
    const bool tuple = type && type->kind == TYPE_TUPLE;
    if ((type && type->kind == TYPE_TENSOR && type->as.tensor.dtype.sym) || takes_floats_as_they_come(cx, inst)) return v;
    const DType want = inst->eval->compute_dtype;
    if (v.kind == V_TENSOR) {
        Node *n = v.as.tensor->node;
        if (!dtype_is_float(n->type.dtype) || n->type.dtype == want) return v;
        return make_tensor_value(cx->arena, cast_to(cx, n, want, span), v.as.tensor->mask);
    }
    if ((v.kind == V_LIST || v.kind == V_TUPLE) && value_holds(v, V_TENSOR)) {
        Value *at = arena_array(cx->arena, Value, v.as.seq->len);
        for (size_t i = 0; i < v.as.seq->len; i++) {
            at[i] = autocast(cx, inst, tuple && i < type->as.tuple.items.len ? type->as.tuple.items.at[i] : NULL, v.as.seq->at[i],
                             span);
        }
        return value_seq(cx->arena, v.kind, at, v.as.seq->len);
    }
    if (v.kind == V_DICT && value_holds(v, V_TENSOR)) {
        Value *at = arena_array(cx->arena, Value, v.as.dict->len);
        for (size_t i = 0; i < v.as.dict->len; i++) at[i] = autocast(cx, inst, NULL, v.as.dict->values[i], span);
        return value_dict(cx->arena, v.as.dict->keys, at, v.as.dict->len);
    }
    return v;
}


/* Items at the end whose types are optional may be left out: they are none. */
static Value bind_tuple(Cx *cx, Binding *b, const TypeExpr *t, Value v, Span span, const char *param)
{
    const size_t n = t->as.tuple.items.len;
    size_t least = n;
    while (least > 0 && t->as.tuple.items.at[least - 1]->optional) least--;
    if ((v.kind != V_TUPLE && v.kind != V_LIST) || v.as.seq->len > n || v.as.seq->len < least) {
        const char *many = least < n ? arena_printf(cx->arena, "%zu to %zu", least, n) : arena_printf(cx->arena, "%zu", n);
        if (!is_error(v))
            cx_error(cx, E_ARGUMENT_TYPE, span, "%s must be a tuple of %s, but this is %s", param_what(cx, b, param), many,
                     describe(cx, v));
        b->ok = false;
        return v;
    }
    Value *at = arena_array(cx->arena, Value, n);
    for (size_t i = 0; i < n; i++) {
        const Value item = i < v.as.seq->len ? v.as.seq->at[i] : VALUE_NONE;
        at[i] = bind_value(cx, b, t->as.tuple.items.at[i], item, span, arena_printf(cx->arena, "%s.%zu", param, i));
    }
    return value_seq(cx->arena, V_TUPLE, at, n);
}

Value bind_value(Cx *cx, Binding *b, const TypeExpr *t, Value v, Span span, const char *param)
{
    if (!t || is_error(v) || t->kind == TYPE_ERROR) return v;
    if (v.kind == V_NONE && t->optional) return v;
    if (t->kind == TYPE_TUPLE) return bind_tuple(cx, b, t, v, span, param);
    if (t->kind == TYPE_NAME) {
        if (!coerce_static(cx, t, &v, span, param, b->what)) b->ok = false;
        return v;
    }
    if (v.kind == V_INT || v.kind == V_FLOAT || v.kind == V_BOOL || v.kind == V_DIM) {
        Node *n = to_tensor_like(cx, v, b->compute_dtype, span);
        if (n) v = tensor_value(cx, n);
    }
    if (v.kind != V_TENSOR) {
        Diag *d =
            cx_error(cx, E_ARGUMENT_TYPE, span, "%s must be a tensor, but this is %s", param_what(cx, b, param), describe(cx, v));
        if (v.kind == V_LIST || v.kind == V_TUPLE)
            diag_help(d, "join several tensors with `concatenate` or `stack`, or pass them one by one");
        b->ok = false;
        return v;
    }
    v = check_tensor_dtype(cx, b, t, v, span, param);
    bind_tensor(cx, b, t, v.as.tensor->node->type, span, param);
    return v;
}

/* ---- what waits: patterns to solve, expressions and bounds to check ---- */

typedef struct Unbound {
    const Binding *b;
    const Sym *name;
    int count;
} Unbound;

static void count_unbound(Cx *cx, const Expr *e, Unbound *u)
{
    if (e->kind == EXPR_NAME) {
        if (is_dim_name(cx, u->b, e) && !local_find(cx->frame, e->as.name.sym) && u->name != e->as.name.sym) {
            u->name = e->as.name.sym;
            u->count++;
        }
    } else if (e->kind == EXPR_BINARY) {
        count_unbound(cx, e->as.binary.left, u);
        count_unbound(cx, e->as.binary.right, u);
    } else if (e->kind == EXPR_UNARY) {
        count_unbound(cx, e->as.unary.operand, u);
    } else if (e->kind == EXPR_CALL) {
        for (size_t i = 0; i < e->as.call.args.len; i++) count_unbound(cx, e->as.call.args.at[i].value, u);
    }
}

/* `2*n + 1` with `n` unbound: n = (size - 1) / 2, checked. */
static bool solve_dim(Cx *cx, Binding *b, const Waiting *w, const Sym *unknown)
{
    const Dim *symbol = dim_symbol(cx->dims, unknown->text);
    local_push(cx, cx->frame, unknown, value_dim(symbol), true);
    Value pattern = eval(cx, w->expr);
    const Dim *p = value_as_dim(pattern, cx->dims);
    Truth exact;
    const Dim *q = p ? dim_solve(cx->dims, p, dim_symbol_id(symbol), w->value, &exact) : NULL;
    Local *l = local_find(cx->frame, unknown);
    if (!q) {
        if (!is_error(pattern))
            cx_error(cx, E_BAD_TYPE, w->expr->span, "`%s` cannot be found from this: write a multiple of it plus something known",
                     unknown->text);
        l->value = VALUE_ERROR;
        b->ok = false;
        return false;
    }
    l->value = value_dim(q);
    const Dim *back = value_as_dim(eval(cx, w->expr), cx->dims);
    const char *form = dim_str(cx, p);
    if (!require_equal(cx, back, w->value, w->span, "%s: a size of %s is not of the form %s", param_what(cx, b, w->param),
                       dim_str(cx, w->value), form))
        b->ok = false;
    if (b->ok && !require_le(cx, dim_int(cx->dims, 0), q, w->span, "%s: a size of %s is too small for the form %s",
                             param_what(cx, b, w->param), dim_str(cx, w->value), form))
        b->ok = false;
    return b->ok;
}

static bool solve_one(Cx *cx, Binding *b, const Waiting *w)
{
    Unbound u = {.b = b};
    count_unbound(cx, w->expr, &u);
    if (u.count == 1) solve_dim(cx, b, w, u.name);
    return u.count == 1;
}

/* What one pattern yields may be what another waits for. */
void solve_patterns(Cx *cx, Binding *b)
{
    bool progress = true;
    while (progress) {
        progress = false;
        for (size_t i = 0; i < b->later.len; i++) progress |= solve_one(cx, b, &b->later.at[i]);
    }
    for (size_t i = 0; i < b->later.len; i++) {
        Unbound u = {.b = b};
        count_unbound(cx, b->later.at[i].expr, &u);
        if (u.count < 2) continue;
        Diag *d = cx_error(cx, E_BAD_TYPE, b->later.at[i].expr->span, "several dimensions cannot be found from one size");
        diag_help(d, "let all but one stand alone, here or in another shape: `[n * m, n]`");
        b->ok = false;
        return;
    }
}

static void check_bound(Cx *cx, Binding *b, const Waiting *w)
{
    bool ok = run_assert(cx, w->expr, NULL, w->span);
    b->ok &= ok;
}

static void check_one(Cx *cx, Binding *b, const Waiting *w)
{
    const Expr *e = w->expr;
    if (e->kind == EXPR_COMPARE) {
        check_bound(cx, b, w);
        return;
    }
    Value v = eval(cx, e->kind == EXPR_SPREAD ? e->as.unary.operand : e);
    if (is_error(v)) {
        b->ok = false;
        return;
    }
    const Dim *d = value_as_dim(v, cx->dims);
    if (!d) {
        if (e->kind == EXPR_SPREAD && (v.kind == V_TUPLE || v.kind == V_LIST)) return;
        cx_error(cx, E_BAD_TYPE, e->span, "a dimension must be an int, but this is %s", describe(cx, v));
        b->ok = false;
        return;
    }
    const Source *s = source_get(cx->session->sources, e->span.file);
    b->ok &= dims_agree(cx, b, w, d, arena_copy(cx->arena, s->text + e->span.start, e->span.end - e->span.start));
}

void check_waiting(Cx *cx, Binding *b)
{
    for (size_t i = 0; b->ok && i < b->later.len; i++) check_one(cx, b, &b->later.at[i]);
    b->later.len = 0;
}
