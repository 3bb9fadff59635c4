#include "ast.h"
#include "ast_build.h"

const char *operator_text(Operator op)
{
    static const char *const texts[] = {
        [OP_ADD] = "+", [OP_SUB] = "-", [OP_MUL] = "*", [OP_DIV] = "/", [OP_FLOORDIV] = "//", [OP_MOD] = "%",
        [OP_MATMUL] = "@", [OP_POW] = "**", [OP_BITOR] = "|", [OP_BITXOR] = "^", [OP_BITAND] = "&",
        [OP_NEG] = "-", [OP_POS] = "+", [OP_INVERT] = "~",
        [OP_EQ] = "==", [OP_NE] = "!=", [OP_LT] = "<", [OP_LE] = "<=", [OP_GT] = ">", [OP_GE] = ">=",
        [OP_IN] = "in", [OP_NOT_IN] = "not in", [OP_IS] = "is", [OP_IS_NOT] = "is not",
    };
    return texts[op];
}

/* ---- places and documentation ---- */

Span token_span(const Builder *b, Token t)
{
    return (Span){b->source->id, t.start, t.end};
}

Span tokens_span(const Builder *b, Token first, Token last)
{
    return (Span){b->source->id, first.start, last.end};
}

static Span span_from(const Builder *b, Token first, Span last)
{
    return span_join(token_span(b, first), last);
}

Ident ident(const Builder *b, Token t)
{
    return (Ident){t.as.sym, token_span(b, t)};
}

/* The `##` lines above the word at `offset`. */
static Str doc_at(const Builder *b, uint32_t offset)
{
    size_t low = 0, high = b->lexer->docs.len;
    while (low < high) {
        const size_t      middle = low + (high - low) / 2;
        const DocComment *d = &b->lexer->docs.at[middle];
        if (d->word == offset) return d->text;
        if (d->word < offset) low = middle + 1;
        else high = middle;
    }
    return (Str){"", 0};
}

/* ---- expressions ---- */

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

static Str string_value(Builder *b, Token t)
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

/* ---- targets ---- */

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

/* Stands for a target that was reported: a name without a symbol. */
static Target *target_of(Builder *b, const Expr *e)
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

/* The one name on the left of `+=`. */
static Ident augmented(Builder *b, const Target *t)
{
    if (!t->name.sym && t->items.len) {
        diag_at(b->cx->diags, E_BAD_TARGET, t->span, "only a single name can be changed in place");
    }
    return t->name;
}

/* ---- types and parameters ---- */

static TypeExpr *new_type(Builder *b, TypeKind kind, Span span)
{
    TypeExpr *t = arena_new(b->arena, TypeExpr);
    t->kind = kind;
    t->span = span;
    return t;
}

TypeExpr *type_error(Builder *b, Token t)
{
    return new_type(b, TYPE_ERROR, token_span(b, t));
}

TypeExpr *type_tensor(Builder *b, Ident dtype, Token open, ExprVec dims, Token close)
{
    TypeExpr *t = new_type(b, TYPE_TENSOR, span_join(dtype.span, tokens_span(b, open, close)));
    t->as.tensor.dtype = dtype;
    t->as.tensor.dims = dims;
    return t;
}

TypeExpr *type_name(Builder *b, Ident name)
{
    TypeExpr *t = new_type(b, TYPE_NAME, name.span);
    t->as.name = name;
    return t;
}

TypeExpr *type_tuple(Builder *b, Token open, TypeVec items, Token close)
{
    TypeExpr *t = new_type(b, TYPE_TUPLE, tokens_span(b, open, close));
    t->as.tuple.items = items;
    return t;
}

TypeExpr *type_optional(Builder *b, TypeExpr *t, Token mark)
{
    t->optional = true;
    t->span = span_join(t->span, token_span(b, mark));
    return t;
}

Param *param(Builder *b, Ident name, TypeExpr *type, Expr *fallback)
{
    Param *p = arena_new(b->arena, Param);
    Span   span = name.span;
    if (type) span = span_join(span, type->span);
    if (fallback) span = span_join(span, fallback->span);
    *p = (Param){.span = span, .name = name, .type = type, .fallback = fallback};
    return p;
}

Param *param_star(Builder *b, Token mark, Ident name)
{
    Param *p = arena_new(b->arena, Param);
    *p = (Param){.span = span_from(b, mark, name.span), .name = name, .star = true};
    return p;
}

/* ---- statements ---- */

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

/* ---- members ---- */

static Member *new_member(Builder *b, MemberKind kind, Span span)
{
    Member *m = arena_new(b->arena, Member);
    m->kind = kind;
    m->span = span;
    m->doc = doc_at(b, span.start);
    return m;
}

Member *member_error(Builder *b)
{
    return new_member(b, MEMBER_ERROR, (Span){0});
}

Member *member_field(Builder *b, Target *target, TypeExpr *type, Expr *value)
{
    Member *m = new_member(b, MEMBER_FIELD, span_join(target->span, value->span));
    m->as.field.target = target;
    m->as.field.type = type;
    m->as.field.value = value;
    return m;
}

Member *member_augment(Builder *b, Target *target, Token op, Expr *value)
{
    Member *m = new_member(b, MEMBER_AUGMENT, span_join(target->span, value->span));
    m->as.augment.name = augmented(b, target);
    m->as.augment.op = op.as.op;
    m->as.augment.value = value;
    return m;
}

Member *member_variable(Builder *b, Token word, Ident name, TypeExpr *type, Expr *init, ArgVec options)
{
    Span last = init ? init->span : type->span;
    if (options.len) last = options.at[options.len - 1].span;
    Member *m = new_member(b, MEMBER_VARIABLE, span_from(b, word, last));
    m->as.variable.is_state = word.kind == TK_STATE;
    m->as.variable.name = name;
    m->as.variable.type = type;
    m->as.variable.init = init;
    m->as.variable.options = options;
    return m;
}

Member *member_fn(Builder *b, Function fn)
{
    Member *m = new_member(b, MEMBER_FN, fn.span);
    m->as.fn = fn;
    return m;
}

Member *member_call(Builder *b, Function fn)
{
    Member *m = new_member(b, MEMBER_CALL, fn.span);
    m->as.fn = fn;
    return m;
}

Member *member_assert(Builder *b, Token word, Expr *cond, Expr *message)
{
    Member *m = new_member(b, MEMBER_ASSERT, span_from(b, word, message ? message->span : cond->span));
    m->as.check.cond = cond;
    m->as.check.message = message;
    return m;
}

Member *member_if(Builder *b, Token word, Expr *cond, MemberVec then, MemberVec otherwise, Token close)
{
    Member *m = new_member(b, MEMBER_IF, tokens_span(b, word, close));
    m->as.branch.cond = cond;
    m->as.branch.then = then;
    m->as.branch.otherwise = otherwise;
    return m;
}

Member *member_else_if(Builder *b, Token word, Expr *cond, MemberVec then, Member *otherwise)
{
    Member *m = new_member(b, MEMBER_IF, span_from(b, word, otherwise->span));
    m->as.branch.cond = cond;
    m->as.branch.then = then;
    vec_push(b->arena, &m->as.branch.otherwise, otherwise);
    return m;
}

Member *member_for(Builder *b, Token word, Target *target, Expr *iter, MemberVec body, Token close)
{
    Member *m = new_member(b, MEMBER_FOR, tokens_span(b, word, close));
    m->as.loop.target = target;
    m->as.loop.iter = iter;
    m->as.loop.body = body;
    return m;
}

/* ---- declarations ---- */

Function function(Builder *b, Token word, Ident name, ParamVec params, TypeExpr *result, StmtVec body, Token close)
{
    return (Function){name, params, result, body, doc_at(b, word.start), tokens_span(b, word, close)};
}

static Decl *new_decl(Builder *b, DeclKind kind, Span span, Ident name)
{
    Decl *d = arena_new(b->arena, Decl);
    d->kind = kind;
    d->span = span;
    d->name = name;
    d->doc = doc_at(b, span.start);
    return d;
}

Decl *decl_import(Builder *b, Token word, Token path, Ident as)
{
    const Span path_span = token_span(b, path);
    Decl      *d = new_decl(b, DECL_IMPORT, span_join(span_from(b, word, path_span), as.span), as);
    d->as.import.path = string_value(b, path);
    d->as.import.path_span = path_span;
    return d;
}

Decl *decl_const(Builder *b, Token word, Ident name, TypeExpr *type, Expr *value)
{
    Decl *d = new_decl(b, DECL_CONST, span_from(b, word, value->span), name);
    d->as.constant.type = type;
    d->as.constant.value = value;
    return d;
}

Decl *decl_fn(Builder *b, Function fn)
{
    Decl *d = new_decl(b, DECL_FN, fn.span, fn.name);
    d->as.fn = fn;
    return d;
}

Decl *decl_layer(Builder *b, Token word, Ident name, ParamVec params, MemberVec members, Token close)
{
    const bool is_model = word.kind == TK_MODEL;
    Decl      *d = new_decl(b, is_model ? DECL_MODEL : DECL_LAYER, tokens_span(b, word, close), name);
    d->as.layer = (LayerDecl){is_model, params, members};
    return d;
}
