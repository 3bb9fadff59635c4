/* Nodes of expressions. */
#include "ast_build.h"

static Expr *new_expr(Builder *b, ExprKind kind, Span span)
{
    Expr *e = arena_new(b->arena, Expr);
    e->kind = kind;
    e->depth = 1;
    e->span = span;
    return e;
}

/* A tree that grows too deep is cut off: reported once, and an error from here down. */
static void cut(Builder *b, Expr *e)
{
    if (e->span.start >= b->deep_until) {
        Diag *d = diag_at(b->cx->diags, E_TOO_DEEP, e->span, "this expression is nested too deeply");
        diag_help(d, "an expression may have %d levels; give parts of it names", AST_MAX_DEPTH);
    }
    if (e->span.end > b->deep_until) b->deep_until = e->span.end;
    e->kind = EXPR_ERROR;
    e->depth = 1;
}

/* Every child of `e` passes here. */
static void adopt(Builder *b, Expr *e, const Expr *child)
{
    if (!child || e->kind == EXPR_ERROR) return;
    if (child->depth >= e->depth) e->depth = child->depth + 1;
    if (e->depth > AST_MAX_DEPTH) cut(b, e);
}

static void adopt_all(Builder *b, Expr *e, ExprVec children)
{
    for (size_t i = 0; i < children.len; i++) adopt(b, e, children.at[i]);
}

static void adopt_clauses(Builder *b, Expr *e, const CompFor *c)
{
    for (; c; c = c->next) {
        adopt(b, e, c->iter);
        adopt_all(b, e, c->conds);
    }
}

Expr *expr_name(Builder *b, Ident name)
{
    Expr *e = new_expr(b, EXPR_NAME, name.span);
    e->as.name = name;
    return e;
}

Str string_value(Builder *b, Token t)
{
    StrBuf out = {.arena = b->arena};
    if (t.end - t.start >= 2) decode_string(b->cx, b->source, t.start + 1, t.end - 1, &out);
    return (Str){sb_text(&out), out.len};
}

Expr *expr_literal(Builder *b, Token t)
{
    const Span span = token_span(b, t);
    Expr      *e = NULL;
    switch (t.kind) {
    case TK_TRUE: return new_expr(b, EXPR_TRUE, span);
    case TK_FALSE: return new_expr(b, EXPR_FALSE, span);
    case TK_NONE: return new_expr(b, EXPR_NONE, span);
    case TK_INT:
        e = new_expr(b, EXPR_INT, span);
        e->as.integer = t.as.integer;
        return e;
    case TK_FLOAT:
        e = new_expr(b, EXPR_FLOAT, span);
        e->as.real = t.as.real;
        return e;
    case TK_STRING:
        e = new_expr(b, EXPR_STRING, span);
        e->as.string = string_value(b, t);
        return e;
    case TK_FSTRING: return expr_fstring(b, t);
    default: BUG("token %d is not a literal", t.kind);
    }
}

Expr *expr_error(Builder *b, Token t)
{
    return new_expr(b, EXPR_ERROR, token_span(b, t));
}

Expr *expr_unary(Builder *b, Operator op, Token mark, Expr *operand)
{
    Expr *e = new_expr(b, EXPR_UNARY, span_from(b, mark, operand->span));
    e->as.unary.op = op;
    e->as.unary.operand = operand;
    adopt(b, e, operand);
    return e;
}

Expr *expr_not(Builder *b, Token mark, Expr *operand)
{
    Expr *e = expr_unary(b, OP_INVERT, mark, operand);
    if (e->kind == EXPR_UNARY) e->kind = EXPR_NOT;
    return e;
}

Expr *expr_spread(Builder *b, Token mark, Expr *operand)
{
    Expr *e = expr_unary(b, OP_MUL, mark, operand);
    if (e->kind == EXPR_UNARY) e->kind = EXPR_SPREAD;
    return e;
}

static Expr *two_sided(Builder *b, ExprKind kind, Expr *left, Token op, Expr *right)
{
    Expr *e = new_expr(b, kind, span_join(left->span, right->span));
    e->as.binary.left = left;
    e->as.binary.right = right;
    e->as.binary.op_span = token_span(b, op);
    adopt(b, e, left);
    adopt(b, e, right);
    return e;
}

Expr *expr_binary(Builder *b, Expr *left, Token op, Expr *right)
{
    Expr *e = two_sided(b, EXPR_BINARY, left, op, right);
    e->as.binary.op = op.as.op;
    return e;
}

Expr *expr_logic(Builder *b, ExprKind kind, Expr *left, Token op, Expr *right)
{
    return two_sided(b, kind, left, op, right);
}

Expr *expr_compare(Builder *b, Expr *left, Operator op, Expr *right)
{
    Expr *e = new_expr(b, EXPR_COMPARE, left->span);
    e->as.compare.first = left;
    adopt(b, e, left);
    return expr_compare_more(b, e, op, right);
}

Expr *expr_compare_more(Builder *b, Expr *chain, Operator op, Expr *right)
{
    chain->span = span_join(chain->span, right->span);
    if (chain->kind == EXPR_ERROR) return chain;
    vec_push(b->arena, &chain->as.compare.ops, op);
    vec_push(b->arena, &chain->as.compare.rest, right);
    adopt(b, chain, right);
    return chain;
}

Expr *expr_cond(Builder *b, Expr *then, Expr *cond, Expr *otherwise)
{
    Expr *e = new_expr(b, EXPR_COND, span_join(then->span, otherwise->span));
    e->as.cond.cond = cond;
    e->as.cond.then = then;
    e->as.cond.otherwise = otherwise;
    adopt(b, e, cond);
    adopt(b, e, then);
    adopt(b, e, otherwise);
    return e;
}

static void check_arguments(Builder *b, ArgVec args)
{
    const Arg *named = NULL;
    for (size_t i = 0; i < args.len && !b->quiet; i++) {
        const Arg *a = &args.at[i];
        if (a->kind == ARG_NAMED || a->kind == ARG_STARSTAR) {
            named = a;
        } else if (named) {
            Diag *d = diag_at(b->cx->diags, E_ARGUMENT_ORDER, a->span, "an argument without a name stands behind a named one");
            diag_label(d, named->span, "this one is named");
            diag_help(d, "put arguments without a name first, or name this one too");
            return;
        }
    }
}

Expr *expr_call(Builder *b, Expr *callee, Token open, ArgVec args, Token close)
{
    Expr *e = new_expr(b, EXPR_CALL, span_join(callee->span, token_span(b, close)));
    e->as.call.callee = callee;
    e->as.call.args = args;
    e->as.call.parens = tokens_span(b, open, close);
    adopt(b, e, callee);
    for (size_t i = 0; i < args.len; i++) adopt(b, e, args.at[i].value);
    check_arguments(b, args);
    return e;
}

Expr *expr_index(Builder *b, Expr *object, ExprVec subs, Token close)
{
    Expr *e = new_expr(b, EXPR_INDEX, span_join(object->span, token_span(b, close)));
    e->as.index.object = object;
    e->as.index.subs = subs;
    adopt(b, e, object);
    adopt_all(b, e, subs);
    return e;
}

Expr *expr_member(Builder *b, Expr *object, Ident name)
{
    Expr *e = new_expr(b, EXPR_MEMBER, span_join(object->span, name.span));
    e->as.member.object = object;
    e->as.member.name = name;
    adopt(b, e, object);
    return e;
}

Expr *expr_slice(Builder *b, Expr *start, Token colon, Expr *stop, const Token *colon2, Expr *step)
{
    Span span = token_span(b, colon);
    if (colon2) span = span_join(span, token_span(b, *colon2));
    if (start) span = span_join(span, start->span);
    if (stop) span = span_join(span, stop->span);
    if (step) span = span_join(span, step->span);
    Expr *e = new_expr(b, EXPR_SLICE, span);
    e->as.slice.start = start;
    e->as.slice.stop = stop;
    e->as.slice.step = step;
    adopt(b, e, start);
    adopt(b, e, stop);
    adopt(b, e, step);
    return e;
}

Expr *expr_ellipsis(Builder *b, Token t)
{
    return new_expr(b, EXPR_ELLIPSIS, token_span(b, t));
}

static Expr *new_sequence(Builder *b, ExprKind kind, Span span, ExprVec items)
{
    Expr *e = new_expr(b, kind, span);
    e->as.items.items = items;
    adopt_all(b, e, items);
    return e;
}

Expr *expr_tuple(Builder *b, Token open, ExprVec items, Token close)
{
    return new_sequence(b, EXPR_TUPLE, tokens_span(b, open, close), items);
}

Expr *expr_array(Builder *b, Token open, ExprVec items, Token close)
{
    return new_sequence(b, EXPR_LIST, tokens_span(b, open, close), items);
}

Expr *expr_group(Builder *b, Token open, ExprVec items, Token close)
{
    if (items.len != 1) return expr_tuple(b, open, items, close);
    Expr *e = items.at[0];
    if (e->kind == EXPR_SPREAD) {
        Diag *d = diag_at(b->cx->diags, E_SYNTAX, e->span, "`*` spreads into a list, a tuple or arguments, and this is none");
        diag_help(d, "a tuple of one needs a comma: `(*names,)`");
        e->kind = EXPR_ERROR;
    }
    e->span = tokens_span(b, open, close);
    return e;
}

Expr *expr_list(Builder *b, ExprVec items)
{
    if (items.len == 1) return items.at[0];
    return new_sequence(b, EXPR_TUPLE, span_join(items.at[0]->span, items.at[items.len - 1]->span), items);
}

static Expr *new_comp(Builder *b, Span span, bool generator, Expr *element, CompFor *clause)
{
    Expr *e = new_expr(b, EXPR_COMP, span);
    e->as.comp.element = element;
    e->as.comp.clause = clause;
    e->as.comp.generator = generator;
    if (element->kind == EXPR_SPREAD) {
        diag_at(b->cx->diags, E_SYNTAX, element->span, "a comprehension yields one value at a time, not a spread");
        element->kind = EXPR_ERROR;
    }
    adopt(b, e, element);
    adopt_clauses(b, e, clause);
    return e;
}

Expr *expr_comp(Builder *b, Token open, Expr *element, CompFor *clause, Token close)
{
    return new_comp(b, tokens_span(b, open, close), open.kind == TK_LP, element, clause);
}

ArgVec arg_generator(Builder *b, Expr *element, CompFor *clause)
{
    Span span = element->span;
    for (const CompFor *c = clause; c; c = c->next) {
        span = span_join(span, c->conds.len ? c->conds.at[c->conds.len - 1]->span : c->iter->span);
    }
    Expr  *e = new_comp(b, span, true, element, clause);
    ArgVec args = {0};
    vec_push(b->arena, &args, arg(b, ARG_POSITIONAL, NULL, (Ident){0}, e));
    return args;
}

CompFor *comp_for(Builder *b, Target *target, Expr *iter, ExprVec conds, CompFor *next)
{
    CompFor *c = arena_new(b->arena, CompFor);
    *c = (CompFor){target, iter, conds, next};
    return c;
}

Arg arg(Builder *b, ArgKind kind, const Token *mark, Ident name, Expr *value)
{
    Span span = value->span;
    if (mark) span = span_from(b, *mark, span);
    if (kind == ARG_NAMED) span = span_join(name.span, span);
    return (Arg){kind, name, value, span};
}
