/* `assert`: on dimensions it becomes a check at run time, unless it can be decided now. */
#include "cx.h"

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
