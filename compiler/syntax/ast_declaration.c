/* Nodes of types, parameters, the members of layers, and declarations. */
#include "ast_build.h"

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

Member *member_build(Builder *b, Token word, Expr *call)
{
    Member *m = new_member(b, MEMBER_BUILD, span_from(b, word, call->span));
    m->as.build = call;
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
