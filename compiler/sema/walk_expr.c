/* One walk over expressions, for all who look for names. */
#include "cx.h"

static void walk_all(Cx *cx, const ExprVec *v, VisitName *name, VisitTarget *target, void *user)
{
    for (size_t i = 0; i < v->len; i++) walk_expr(cx, v->at[i], name, target, user);
}

static bool is_length(Cx *cx, const Expr *e)
{
    const Expr *callee = e->as.call.callee;
    return callee->kind == EXPR_NAME && callee->as.name.sym == cx_sym(cx, "len") && e->as.call.args.len == 1 &&
           e->as.call.args.at[0].value->kind == EXPR_NAME;
}

static bool is_element(const Expr *e)
{
    return e->as.index.object->kind == EXPR_NAME && e->as.index.subs.len == 1 && e->as.index.subs.at[0]->kind != EXPR_SLICE;
}

void walk_expr(Cx *cx, const Expr *e, VisitName *name, VisitTarget *target, void *user)
{
    if (!e) return;
    switch (e->kind) {
    case EXPR_NAME: name(cx, e->as.name, false, user); break;
    case EXPR_FSTRING:
        for (size_t i = 0; i < e->as.fstring.parts.len; i++) walk_expr(cx, e->as.fstring.parts.at[i].expr, name, target, user);
        break;
    case EXPR_TUPLE:
    case EXPR_LIST: walk_all(cx, &e->as.items.items, name, target, user); break;
    case EXPR_COMP:
        for (const CompFor *f = e->as.comp.clause; f; f = f->next) {
            walk_expr(cx, f->iter, name, target, user);
            if (target) target(cx, f->target, user);
            walk_all(cx, &f->conds, name, target, user);
        }
        walk_expr(cx, e->as.comp.element, name, target, user);
        break;
    case EXPR_UNARY:
    case EXPR_NOT:
    case EXPR_SPREAD: walk_expr(cx, e->as.unary.operand, name, target, user); break;
    case EXPR_BINARY:
    case EXPR_AND:
    case EXPR_OR:
        walk_expr(cx, e->as.binary.left, name, target, user);
        walk_expr(cx, e->as.binary.right, name, target, user);
        break;
    case EXPR_COMPARE:
        walk_expr(cx, e->as.compare.first, name, target, user);
        walk_all(cx, &e->as.compare.rest, name, target, user);
        break;
    case EXPR_COND:
        walk_expr(cx, e->as.cond.cond, name, target, user);
        walk_expr(cx, e->as.cond.then, name, target, user);
        walk_expr(cx, e->as.cond.otherwise, name, target, user);
        break;
    case EXPR_CALL:
        if (is_length(cx, e)) {
            name(cx, e->as.call.args.at[0].value->as.name, true, user);
            break;
        }
        walk_expr(cx, e->as.call.callee, name, target, user);
        for (size_t i = 0; i < e->as.call.args.len; i++) walk_expr(cx, e->as.call.args.at[i].value, name, target, user);
        break;
    case EXPR_INDEX:
        if (is_element(e)) name(cx, e->as.index.object->as.name, true, user);
        else walk_expr(cx, e->as.index.object, name, target, user);
        walk_all(cx, &e->as.index.subs, name, target, user);
        break;
    case EXPR_MEMBER: walk_expr(cx, e->as.member.object, name, target, user); break;
    case EXPR_SLICE:
        walk_expr(cx, e->as.slice.start, name, target, user);
        walk_expr(cx, e->as.slice.stop, name, target, user);
        walk_expr(cx, e->as.slice.step, name, target, user);
        break;
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_STRING:
    case EXPR_TRUE:
    case EXPR_FALSE:
    case EXPR_NONE:
    case EXPR_ELLIPSIS:
    case EXPR_ERROR: break;
    }
}
