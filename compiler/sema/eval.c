/* Expressions. Static code has Python's meaning; tensor code appends nodes to the graph. */
#include <string.h>

#include "cx.h"

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

/* ---- sequences and comprehensions ---- */

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
