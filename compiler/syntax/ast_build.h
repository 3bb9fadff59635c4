/* The constructors of the tree. A grammar action is one call of one of them; nothing else makes nodes.
 *
 * Each gives its node a span, keeps the tree from growing too deep, and reports what the grammar alone can't. */
#ifndef MDLC_AST_BUILD_H
#define MDLC_AST_BUILD_H

#include "lexer.h"

/* What the actions of the grammar share. */
typedef struct Builder {
    const ParseContext *cx;
    Arena              *arena;
    Source             *source;
    const Lexer        *lexer;      /* knows the doc comments */
    bool                quiet;      /* after an error on this line: what is wrong follows from it, and is not reported */
    uint32_t            deep_until; /* up to here, too deep a tree was reported */

    AstFile  *file; /* the result: one of these */
    TypeExpr *type;
    Expr     *expr;
} Builder;

Span  token_span(const Builder *b, Token t);
Span  tokens_span(const Builder *b, Token first, Token last);
Span  span_from(const Builder *b, Token first, Span last);
Ident ident(const Builder *b, Token t);
/* The `##` lines above the word at `offset`. */
Str   doc_at(const Builder *b, uint32_t offset);
/* What a string token says, without quotes and escapes. */
Str   string_value(Builder *b, Token t);

/* ---- expressions ---- */
Expr *expr_name(Builder *b, Ident name);
Expr *expr_literal(Builder *b, Token t);
Expr *expr_error(Builder *b, Token t);
Expr *expr_unary(Builder *b, Operator op, Token mark, Expr *operand);
Expr *expr_not(Builder *b, Token mark, Expr *operand);
Expr *expr_spread(Builder *b, Token mark, Expr *operand);
Expr *expr_binary(Builder *b, Expr *left, Token op, Expr *right);
Expr *expr_logic(Builder *b, ExprKind kind, Expr *left, Token op, Expr *right);
/* `a < b`; the next link of a chain is added with expr_compare_more. */
Expr *expr_compare(Builder *b, Expr *left, Operator op, Expr *right);
Expr *expr_compare_more(Builder *b, Expr *chain, Operator op, Expr *right);
Expr *expr_cond(Builder *b, Expr *then, Expr *cond, Expr *otherwise);
Expr *expr_call(Builder *b, Expr *callee, Token open, ArgVec args, Token close);
Expr *expr_index(Builder *b, Expr *object, ExprVec subs, Token close);
Expr *expr_member(Builder *b, Expr *object, Ident name);
Expr *expr_slice(Builder *b, Expr *start, Token colon, Expr *stop, const Token *colon2, Expr *step);
Expr *expr_ellipsis(Builder *b, Token t);
Expr *expr_tuple(Builder *b, Token open, ExprVec items, Token close);
Expr *expr_array(Builder *b, Token open, ExprVec items, Token close);
/* `(e)` is e itself, with the brackets in its span; `(e, f)` a tuple. */
Expr *expr_group(Builder *b, Token open, ExprVec items, Token close);
Expr *expr_comp(Builder *b, Token open, Expr *element, CompFor *clause, Token close);
Expr *expr_fstring(Builder *b, Token t); /* in fstring.c */
/* One expression is itself, several are a tuple. */
Expr    *expr_list(Builder *b, ExprVec items);
CompFor *comp_for(Builder *b, Target *target, Expr *iter, ExprVec conds, CompFor *next);
Arg      arg(Builder *b, ArgKind kind, const Token *mark, Ident name, Expr *value);
ArgVec   arg_generator(Builder *b, Expr *element, CompFor *clause);

/* ---- targets and types ---- */
Target   *target_name(Builder *b, Ident name);
Target   *target_tuple(Builder *b, Token open, TargetVec items, Token close);
Target   *target_list(Builder *b, TargetVec items);
TypeExpr *type_error(Builder *b, Token t);
TypeExpr *type_tensor(Builder *b, Ident dtype, Token open, ExprVec dims, Token close);
TypeExpr *type_name(Builder *b, Ident name);
TypeExpr *type_tuple(Builder *b, Token open, TypeVec items, Token close);
TypeExpr *type_optional(Builder *b, TypeExpr *t, Token mark);
Param    *param(Builder *b, Ident name, TypeExpr *type, Expr *fallback);
Param    *param_star(Builder *b, Token mark, Ident name);

/* What was reported as no target becomes one whose name has no symbol. */
Target *target_of(Builder *b, const Expr *e);
/* The one name on the left of `+=`. */
Ident   augmented(Builder *b, const Target *t);

/* ---- statements ---- */
Stmt *stmt_error(Builder *b);
Stmt *stmt_expr(Builder *b, Expr *e);
Stmt *stmt_assign(Builder *b, Expr *target, Expr *value);
Stmt *stmt_augment(Builder *b, Expr *target, Token op, Expr *value);
Stmt *stmt_return(Builder *b, Token word, Expr *value);
Stmt *stmt_return_named(Builder *b, Token word, NamedVec named, Token close);
Stmt *stmt_assert(Builder *b, Token word, Expr *cond, Expr *message);
Stmt *stmt_if(Builder *b, Token word, Expr *cond, StmtVec then, StmtVec otherwise, Token close);
Stmt *stmt_else_if(Builder *b, Token word, Expr *cond, StmtVec then, Stmt *otherwise);
Stmt *stmt_for(Builder *b, Token word, Target *target, Expr *iter, StmtVec body, Token close);

/* ---- members ---- */
Member *member_error(Builder *b);
Member *member_field(Builder *b, Target *target, TypeExpr *type, Expr *value);
Member *member_augment(Builder *b, Target *target, Token op, Expr *value);
Member *member_variable(Builder *b, Token word, Ident name, TypeExpr *type, Expr *init, ArgVec options);
Member *member_fn(Builder *b, Function fn);
Member *member_call(Builder *b, Function fn);
Member *member_build(Builder *b, Token word, Expr *call);
Member *member_assert(Builder *b, Token word, Expr *cond, Expr *message);
Member *member_if(Builder *b, Token word, Expr *cond, MemberVec then, MemberVec otherwise, Token close);
Member *member_else_if(Builder *b, Token word, Expr *cond, MemberVec then, Member *otherwise);
Member *member_for(Builder *b, Token word, Target *target, Expr *iter, MemberVec body, Token close);

/* ---- declarations ---- */
Function function(Builder *b, Token word, Ident name, ParamVec params, TypeExpr *result, StmtVec body, Token close);
Decl    *decl_import(Builder *b, Token word, Token path, Ident as);
Decl    *decl_const(Builder *b, Token word, Ident name, TypeExpr *type, Expr *value);
Decl    *decl_fn(Builder *b, Function fn);
Decl    *decl_layer(Builder *b, Token word, Ident name, ParamVec params, MemberVec members, Token close);

#endif
