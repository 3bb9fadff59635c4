/* Nodes of assignment targets and statements. */
#include "ast_build.h"

static Target *new_target(Builder *b, Span span)
{
    Target *t = arena_new(b->arena, Target);
    t->span = span;
    return t;
}

Target *target_name(Builder *b, Ident name)
{
    Target *t = new_target(b, name.span);
    t->name = name;
    return t;
}

Target *target_tuple(Builder *b, Token open, TargetVec items, Token close)
{
    Target *t = new_target(b, tokens_span(b, open, close));
    t->items = items;
    return t;
}

Target *target_list(Builder *b, TargetVec items)
{
    if (items.len == 1) return items.at[0];
    Target *t = new_target(b, span_join(items.at[0]->span, items.at[items.len - 1]->span));
    t->items = items;
    return t;
}

static void report_target(Builder *b, const Expr *e)
{
    if (e->kind == EXPR_ERROR) return;
    if (e->kind == EXPR_INDEX) {
        Diag *d = diag_at(b->cx->diags, E_BAD_TARGET, e->span, "an element cannot be assigned to: values are immutable");
        diag_help(d, "make a new value, with `slice_update` or `where` for tensors");
    } else if (e->kind == EXPR_MEMBER) {
        Diag *d = diag_at(b->cx->diags, E_BAD_TARGET, e->span, "a part of another value cannot be assigned to");
        diag_help(d, "declare fields in the layer; change a state with `.assign(...)`");
    } else {
        diag_at(b->cx->diags, E_BAD_TARGET, e->span, "only names and tuples of names can be assigned to");
    }
}

Target *target_of(Builder *b, const Expr *e)
{
    if (e->kind == EXPR_NAME) return target_name(b, e->as.name);
    Target *t = new_target(b, e->span);
    if (e->kind != EXPR_TUPLE || e->as.items.items.len == 0) {
        report_target(b, e);
        return t;
    }
    const ExprVec items = e->as.items.items;
    for (size_t i = 0; i < items.len; i++) vec_push(b->arena, &t->items, target_of(b, items.at[i]));
    return t;
}

Ident augmented(Builder *b, const Target *t)
{
    if (!t->name.sym && t->items.len) {
        diag_at(b->cx->diags, E_BAD_TARGET, t->span, "only a single name can be changed in place");
    }
    return t->name;
}

static Stmt *new_stmt(Builder *b, StmtKind kind, Span span)
{
    Stmt *s = arena_new(b->arena, Stmt);
    s->kind = kind;
    s->span = span;
    return s;
}

Stmt *stmt_error(Builder *b)
{
    return new_stmt(b, STMT_ERROR, (Span){0});
}

Stmt *stmt_expr(Builder *b, Expr *e)
{
    Stmt *s = new_stmt(b, STMT_EXPR, e->span);
    s->as.expr = e;
    return s;
}

Stmt *stmt_assign(Builder *b, Expr *target, Expr *value)
{
    Stmt *s = new_stmt(b, STMT_ASSIGN, span_join(target->span, value->span));
    s->as.assign.target = target_of(b, target);
    s->as.assign.value = value;
    return s;
}

Stmt *stmt_augment(Builder *b, Expr *target, Token op, Expr *value)
{
    Stmt *s = new_stmt(b, STMT_AUGMENT, span_join(target->span, value->span));
    s->as.augment.name = augmented(b, target_of(b, target));
    s->as.augment.op = op.as.op;
    s->as.augment.value = value;
    return s;
}

Stmt *stmt_return(Builder *b, Token word, Expr *value)
{
    Stmt *s = new_stmt(b, STMT_RETURN, value ? span_from(b, word, value->span) : token_span(b, word));
    s->as.ret.value = value;
    return s;
}

Stmt *stmt_return_named(Builder *b, Token word, NamedVec named, Token close)
{
    Stmt *s = new_stmt(b, STMT_RETURN, tokens_span(b, word, close));
    s->as.ret.named = named;
    s->as.ret.is_named = true;
    return s;
}

Stmt *stmt_assert(Builder *b, Token word, Expr *cond, Expr *message)
{
    Stmt *s = new_stmt(b, STMT_ASSERT, span_from(b, word, message ? message->span : cond->span));
    s->as.check.cond = cond;
    s->as.check.message = message;
    return s;
}

Stmt *stmt_if(Builder *b, Token word, Expr *cond, StmtVec then, StmtVec otherwise, Token close)
{
    Stmt *s = new_stmt(b, STMT_IF, tokens_span(b, word, close));
    s->as.branch.cond = cond;
    s->as.branch.then = then;
    s->as.branch.otherwise = otherwise;
    return s;
}

Stmt *stmt_else_if(Builder *b, Token word, Expr *cond, StmtVec then, Stmt *otherwise)
{
    Stmt *s = new_stmt(b, STMT_IF, span_from(b, word, otherwise->span));
    s->as.branch.cond = cond;
    s->as.branch.then = then;
    vec_push(b->arena, &s->as.branch.otherwise, otherwise);
    return s;
}

Stmt *stmt_for(Builder *b, Token word, Target *target, Expr *iter, StmtVec body, Token close)
{
    Stmt *s = new_stmt(b, STMT_FOR, tokens_span(b, word, close));
    s->as.loop.target = target;
    s->as.loop.iter = iter;
    s->as.loop.body = body;
    return s;
}
