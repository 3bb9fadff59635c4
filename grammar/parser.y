/* The grammar of MDL.
 *
 * Newlines: the parser's loop (compiler/syntax/parse.c) lets one NL through between two statements and none elsewhere, so
 * that the rules need not speak of blank lines. Operators have a rule for each level, loosest first: no precedence is
 * declared, and there is no conflict to resolve.
 *
 * A word that begins a declaration (`layer`, `weight`, ...) is a name everywhere else: see `name`, at the end.
 * BAD stands for an expression that was already reported. Each action is one call of a constructor (ast_build.h). */

%include {
#include <stdlib.h>

#include "ast_build.h"
#include "parser_tables.h"

static const Ident nameless;
}

%name            MdlParse
%token_prefix    TK_
%token_type      {Token}
%extra_context   {Builder *b}
%start_symbol    start
%stack_size      0

// Never called: parse.c asks the tables whether a word fits before it lets one in.
%syntax_error    { (void)TOKEN; }

start ::= START_FILE file.
start ::= START_TYPE type(T).                       { b->type = T; }
start ::= START_EXPR expr(E).                       { b->expr = E; }

/////////////////////////// Declarations ///////////////////////////

file ::= .
file ::= decls.
decls ::= decl.
decls ::= decls NL decl.
decls ::= decls error.

decl ::= import(D).                                 { vec_push(b->arena, &b->file->decls, D); }
decl ::= constant(D).                               { vec_push(b->arena, &b->file->decls, D); }
decl ::= layer(D).                                  { vec_push(b->arena, &b->file->decls, D); }
decl ::= function(F).                               { vec_push(b->arena, &b->file->decls, decl_fn(b, F)); }
decl ::= error.

%type import {Decl *}
import(D) ::= IMPORT(K) STRING(P).                  { D = decl_import(b, K, P, nameless); }
import(D) ::= IMPORT(K) STRING(P) AS name(N).       { D = decl_import(b, K, P, N); }

%type constant {Decl *}
constant(D) ::= CONST(K) name(N) EQ expr(E).        { D = decl_const(b, K, N, NULL, E); }
constant(D) ::= CONST(K) name(N) COLON type(T) EQ expr(E). { D = decl_const(b, K, N, T, E); }

%type layer {Decl *}
layer(D) ::= LAYER(K) name(N) layer_params(P) LBRACE members(M) RBRACE(Z). { D = decl_layer(b, K, N, P, M, Z); }
layer(D) ::= MODEL(K) name(N) layer_params(P) LBRACE members(M) RBRACE(Z). { D = decl_layer(b, K, N, P, M, Z); }

%type layer_params {ParamVec}
layer_params(P) ::= .                               { P = (ParamVec){0}; }
layer_params(P) ::= LP params(X) RP.                { P = X; }

%type function {Function}
function(F) ::= FN(K) name(N) LP params(P) RP result(R) LBRACE stmts(S) RBRACE(Z). { F = function(b, K, N, P, R, S, Z); }

%type result {TypeExpr *}
result(R) ::= .                                     { R = NULL; }
result(R) ::= ARROW type(T).                        { R = T; }

%type params {ParamVec}
%type param_list {ParamVec}
params(V) ::= .                                     { V = (ParamVec){0}; }
params(V) ::= param_list(L).                        { V = L; }
params(V) ::= param_list(L) COMMA.                  { V = L; }
param_list(V) ::= param(P).                         { V = (ParamVec){0}; vec_push(b->arena, &V, P); }
param_list(V) ::= param_list(V) COMMA param(P).     { vec_push(b->arena, &V, P); }

%type param {Param *}
param(P) ::= name(N).                               { P = param(b, N, NULL, NULL); }
param(P) ::= name(N) COLON type(T).                 { P = param(b, N, T, NULL); }
param(P) ::= name(N) EQ expr(E).                    { P = param(b, N, NULL, E); }
param(P) ::= name(N) COLON type(T) EQ expr(E).      { P = param(b, N, T, E); }
param(P) ::= STAR(M) name(N).                       { P = param_star(b, M, N); }

///////////////////// Members of a layer or model /////////////////////

%type members {MemberVec}
%type member_list {MemberVec}
members(V) ::= .                                    { V = (MemberVec){0}; }
members(V) ::= member_list(L).                      { V = L; }
member_list(V) ::= member(M).                       { V = (MemberVec){0}; vec_push(b->arena, &V, M); }
member_list(V) ::= member_list(V) NL member(M).     { vec_push(b->arena, &V, M); }
member_list(V) ::= member_list(V) error.

%type member {Member *}
member(M) ::= targets(T) EQ exprs(E).               { M = member_field(b, T, NULL, E); }
member(M) ::= name(N) COLON type(T) EQ expr(E).     { M = member_field(b, target_name(b, N), T, E); }
member(M) ::= targets(T) AUGEQ(O) exprs(E).         { M = member_augment(b, T, O, E); }
member(M) ::= WEIGHT(K) name(N) COLON variable_type(T) initial(I) options(A). { M = member_variable(b, K, N, T, I, A); }
member(M) ::= STATE(K) name(N) COLON variable_type(T) initial(I) options(A).  { M = member_variable(b, K, N, T, I, A); }
member(M) ::= WEIGHT(K) name(N) EQ expr(E).         { M = member_variable(b, K, N, NULL, E, (ArgVec){0}); }
member(M) ::= STATE(K) name(N) EQ expr(E).          { M = member_variable(b, K, N, NULL, E, (ArgVec){0}); }
member(M) ::= BUILD(K) postfix(F) LP(A) args(V) RP(Z). { M = member_build(b, K, expr_call(b, F, A, V, Z)); }
member(M) ::= function(F).                          { M = member_fn(b, F); }
member(M) ::= CALL(K) LP params(P) RP result(R) LBRACE stmts(S) RBRACE(Z). { M = member_call(b, function(b, K, ident(b, K), P, R, S, Z)); }
member(M) ::= ASSERT(K) expr(C).                    { M = member_assert(b, K, C, NULL); }
member(M) ::= ASSERT(K) expr(C) COMMA expr(E).      { M = member_assert(b, K, C, E); }
member(M) ::= member_if(X).                         { M = X; }
member(M) ::= FOR(K) targets(T) IN expr(E) LBRACE members(V) RBRACE(Z). { M = member_for(b, K, T, E, V, Z); }
member(M) ::= error.                                { M = member_error(b); }

%type member_if {Member *}
member_if(M) ::= IF(K) expr(C) LBRACE members(T) RBRACE(Z). { M = member_if(b, K, C, T, (MemberVec){0}, Z); }
member_if(M) ::= IF(K) expr(C) LBRACE members(T) RBRACE ELSE LBRACE members(E) RBRACE(Z). { M = member_if(b, K, C, T, E, Z); }
member_if(M) ::= IF(K) expr(C) LBRACE members(T) RBRACE ELSE member_if(E). { M = member_else_if(b, K, C, T, E); }

%type variable_type {TypeExpr *}
variable_type(T) ::= tensor_type(X).                { T = X; }
variable_type(T) ::= BAD(W).                        { T = type_error(b, W); }

%type initial {Expr *}
initial(I) ::= .                                    { I = NULL; }
initial(I) ::= EQ expr(E).                          { I = E; }

%type options {ArgVec}
options(V) ::= .                                    { V = (ArgVec){0}; }
options(V) ::= options(V) COMMA name(N) EQ expr(E). { vec_push(b->arena, &V, arg(b, ARG_NAMED, NULL, N, E)); }

///////////////////////////// Statements /////////////////////////////

%type stmts {StmtVec}
%type stmt_list {StmtVec}
stmts(V) ::= .                                      { V = (StmtVec){0}; }
stmts(V) ::= stmt_list(L).                          { V = L; }
stmt_list(V) ::= stmt(S).                           { V = (StmtVec){0}; vec_push(b->arena, &V, S); }
stmt_list(V) ::= stmt_list(V) NL stmt(S).           { vec_push(b->arena, &V, S); }
stmt_list(V) ::= stmt_list(V) error.

%type stmt {Stmt *}
stmt(S) ::= exprs(E).                               { S = stmt_expr(b, E); }
stmt(S) ::= exprs(T) EQ exprs(E).                   { S = stmt_assign(b, T, E); }
stmt(S) ::= exprs(T) AUGEQ(O) exprs(E).             { S = stmt_augment(b, T, O, E); }
stmt(S) ::= RETURN(K).                              { S = stmt_return(b, K, NULL); }
stmt(S) ::= RETURN(K) exprs(E).                     { S = stmt_return(b, K, E); }
stmt(S) ::= RETURN(K) LBRACE outputs(V) RBRACE(Z).  { S = stmt_return_named(b, K, V, Z); }
stmt(S) ::= RETURN(K) LBRACE outputs(V) COMMA RBRACE(Z). { S = stmt_return_named(b, K, V, Z); }
stmt(S) ::= ASSERT(K) expr(C).                      { S = stmt_assert(b, K, C, NULL); }
stmt(S) ::= ASSERT(K) expr(C) COMMA expr(E).        { S = stmt_assert(b, K, C, E); }
stmt(S) ::= stmt_if(X).                             { S = X; }
stmt(S) ::= FOR(K) targets(T) IN expr(E) LBRACE stmts(V) RBRACE(Z). { S = stmt_for(b, K, T, E, V, Z); }
stmt(S) ::= error.                                  { S = stmt_error(b); }

%type stmt_if {Stmt *}
stmt_if(S) ::= IF(K) expr(C) LBRACE stmts(T) RBRACE(Z). { S = stmt_if(b, K, C, T, (StmtVec){0}, Z); }
stmt_if(S) ::= IF(K) expr(C) LBRACE stmts(T) RBRACE ELSE LBRACE stmts(E) RBRACE(Z). { S = stmt_if(b, K, C, T, E, Z); }
stmt_if(S) ::= IF(K) expr(C) LBRACE stmts(T) RBRACE ELSE stmt_if(E). { S = stmt_else_if(b, K, C, T, E); }

%type outputs {NamedVec}
outputs(V) ::= name(N) COLON expr(E).               { V = (NamedVec){0}; vec_push(b->arena, &V, (NamedValue){N, E}); }
outputs(V) ::= outputs(V) COMMA name(N) COLON expr(E). { vec_push(b->arena, &V, (NamedValue){N, E}); }

%type targets {Target *}
%type target_list {TargetVec}
targets(T) ::= target_list(L).                      { T = target_list(b, L); }
target_list(V) ::= target(T).                       { V = (TargetVec){0}; vec_push(b->arena, &V, T); }
target_list(V) ::= target_list(V) COMMA target(T).  { vec_push(b->arena, &V, T); }

%type target {Target *}
target(T) ::= name(N).                              { T = target_name(b, N); }
target(T) ::= LP(A) target_list(L) RP(Z).           { T = target_tuple(b, A, L, Z); }

/////////////////////////////// Types ///////////////////////////////

%type type {TypeExpr *}
type(T) ::= plain_type(X).                          { T = X; }
type(T) ::= plain_type(X) QM(M).                    { T = type_optional(b, X, M); }

%type plain_type {TypeExpr *}
plain_type(T) ::= tensor_type(X).                   { T = X; }
plain_type(T) ::= name(N).                          { T = type_name(b, N); }
plain_type(T) ::= LP(A) type_list(L) RP(Z).         { T = type_tuple(b, A, L, Z); }
plain_type(T) ::= LP(A) type_list(L) COMMA RP(Z).   { T = type_tuple(b, A, L, Z); }
plain_type(T) ::= BAD(W).                           { T = type_error(b, W); }

%type type_list {TypeVec}
type_list(V) ::= type(T).                           { V = (TypeVec){0}; vec_push(b->arena, &V, T); }
type_list(V) ::= type_list(V) COMMA type(T).        { vec_push(b->arena, &V, T); }

%type tensor_type {TypeExpr *}
tensor_type(T) ::= LB(A) dims(D) RB(Z).             { T = type_tensor(b, nameless, A, D, Z); }
tensor_type(T) ::= name(N) LB(A) dims(D) RB(Z).     { T = type_tensor(b, N, A, D, Z); }

%type dims {ExprVec}
%type dim_list {ExprVec}
dims(V) ::= .                                       { V = (ExprVec){0}; }
dims(V) ::= dim_list(L).                            { V = L; }
dims(V) ::= dim_list(L) COMMA.                      { V = L; }
dim_list(V) ::= dim(D).                             { V = (ExprVec){0}; vec_push(b->arena, &V, D); }
dim_list(V) ::= dim_list(V) COMMA dim(D).           { vec_push(b->arena, &V, D); }

%type dim {Expr *}
dim(D) ::= expr(E).                                 { D = E; }
dim(D) ::= ELLIPSIS(M).                             { D = expr_ellipsis(b, M); }
dim(D) ::= ELLIPSIS(M) unary(E).                    { D = expr_spread(b, M, E); }

//////////////////////////// Expressions ////////////////////////////

%type exprs {Expr *}
%type expr_list {ExprVec}
exprs(E) ::= expr_list(L).                          { E = expr_list(b, L); }
expr_list(V) ::= expr(E).                           { V = (ExprVec){0}; vec_push(b->arena, &V, E); }
expr_list(V) ::= expr_list(V) COMMA expr(E).        { vec_push(b->arena, &V, E); }

%type expr {Expr *}
expr(E) ::= or(X).                                  { E = X; }
expr(E) ::= or(T) IF or(C) ELSE expr(O).            { E = expr_cond(b, T, C, O); }

%type or {Expr *}
or(E) ::= and(X).                                   { E = X; }
or(E) ::= or(L) OR(O) and(R).                       { E = expr_logic(b, EXPR_OR, L, O, R); }

%type and {Expr *}
and(E) ::= not(X).                                  { E = X; }
and(E) ::= and(L) AND(O) not(R).                    { E = expr_logic(b, EXPR_AND, L, O, R); }

%type not {Expr *}
not(E) ::= comparison(X).                           { E = X; }
not(E) ::= NOT(O) not(X).                           { E = expr_not(b, O, X); }

%type comparison {Expr *}
comparison(E) ::= bit_or(X).                        { E = X; }
comparison(E) ::= chain(X).                         { E = X; }

%type chain {Expr *}
chain(E) ::= bit_or(L) comparator(O) bit_or(R).     { E = expr_compare(b, L, O, R); }
chain(E) ::= chain(L) comparator(O) bit_or(R).      { E = expr_compare_more(b, L, O, R); }

%type comparator {Operator}
comparator(O) ::= CMPOP(T).                         { O = T.as.op; }
comparator(O) ::= IN.                               { O = OP_IN; }
comparator(O) ::= NOT IN.                           { O = OP_NOT_IN; }
comparator(O) ::= IS.                               { O = OP_IS; }
comparator(O) ::= IS NOT.                           { O = OP_IS_NOT; }

%type bit_or {Expr *}
bit_or(E) ::= bit_xor(X).                           { E = X; }
bit_or(E) ::= bit_or(L) PIPE(O) bit_xor(R).         { E = expr_binary(b, L, O, R); }

%type bit_xor {Expr *}
bit_xor(E) ::= bit_and(X).                          { E = X; }
bit_xor(E) ::= bit_xor(L) CARET(O) bit_and(R).      { E = expr_binary(b, L, O, R); }

%type bit_and {Expr *}
bit_and(E) ::= sum(X).                              { E = X; }
bit_and(E) ::= bit_and(L) AMP(O) sum(R).            { E = expr_binary(b, L, O, R); }

%type sum {Expr *}
sum(E) ::= term(X).                                 { E = X; }
sum(E) ::= sum(L) PLUS|MINUS(O) term(R).            { E = expr_binary(b, L, O, R); }

%type term {Expr *}
term(E) ::= unary(X).                               { E = X; }
term(E) ::= term(L) STAR|MULOP(O) unary(R).         { E = expr_binary(b, L, O, R); }

%type unary {Expr *}
unary(E) ::= power(X).                              { E = X; }
unary(E) ::= MINUS(O) unary(X).                     { E = expr_unary(b, OP_NEG, O, X); }
unary(E) ::= PLUS(O) unary(X).                      { E = expr_unary(b, OP_POS, O, X); }
unary(E) ::= TILDE(O) unary(X).                     { E = expr_unary(b, OP_INVERT, O, X); }

%type power {Expr *}
power(E) ::= postfix(X).                            { E = X; }
power(E) ::= postfix(L) POW(O) unary(R).            { E = expr_binary(b, L, O, R); }

%type postfix {Expr *}
postfix(E) ::= atom(X).                             { E = X; }
postfix(E) ::= postfix(F) LP(A) args(V) RP(Z).      { E = expr_call(b, F, A, V, Z); }
postfix(E) ::= postfix(X) LB subscripts(V) RB(Z).   { E = expr_index(b, X, V, Z); }
postfix(E) ::= postfix(X) DOT name(N).              { E = expr_member(b, X, N); }

%type atom {Expr *}
atom(E) ::= name(N).                                { E = expr_name(b, N); }
atom(E) ::= INT|FLOAT|STRING|FSTRING|TRUE|FALSE|NONE(T). { E = expr_literal(b, T); }
atom(E) ::= BAD(T).                                 { E = expr_error(b, T); }
atom(E) ::= LP(A) RP(Z).                            { E = expr_tuple(b, A, (ExprVec){0}, Z); }
atom(E) ::= LP(A) item_list(V) RP(Z).               { E = expr_group(b, A, V, Z); }
atom(E) ::= LP(A) item_list(V) COMMA RP(Z).         { E = expr_tuple(b, A, V, Z); }
atom(E) ::= LP(A) item(X) comp_for(C) RP(Z).        { E = expr_comp(b, A, X, C, Z); }
atom(E) ::= LB(A) RB(Z).                            { E = expr_array(b, A, (ExprVec){0}, Z); }
atom(E) ::= LB(A) item_list(V) RB(Z).               { E = expr_array(b, A, V, Z); }
atom(E) ::= LB(A) item_list(V) COMMA RB(Z).         { E = expr_array(b, A, V, Z); }
atom(E) ::= LB(A) item(X) comp_for(C) RB(Z).        { E = expr_comp(b, A, X, C, Z); }

%type item_list {ExprVec}
item_list(V) ::= item(X).                           { V = (ExprVec){0}; vec_push(b->arena, &V, X); }
item_list(V) ::= item_list(V) COMMA item(X).        { vec_push(b->arena, &V, X); }

%type item {Expr *}
item(X) ::= expr(E).                                { X = E; }
item(X) ::= STAR|ELLIPSIS(M) bit_or(E).             { X = expr_spread(b, M, E); }

%type comp_for {CompFor *}
comp_for(C) ::= FOR targets(T) IN or(X) comp_ifs(V).             { C = comp_for(b, T, X, V, NULL); }
comp_for(C) ::= FOR targets(T) IN or(X) comp_ifs(V) comp_for(N). { C = comp_for(b, T, X, V, N); }

%type comp_ifs {ExprVec}
comp_ifs(V) ::= .                                   { V = (ExprVec){0}; }
comp_ifs(V) ::= comp_ifs(V) IF or(C).               { vec_push(b->arena, &V, C); }

%type args {ArgVec}
%type arg_list {ArgVec}
args(V) ::= .                                       { V = (ArgVec){0}; }
args(V) ::= arg_list(L).                            { V = L; }
args(V) ::= arg_list(L) COMMA.                      { V = L; }
args(V) ::= expr(E) comp_for(C).                    { V = arg_generator(b, E, C); }
arg_list(V) ::= arg(A).                             { V = (ArgVec){0}; vec_push(b->arena, &V, A); }
arg_list(V) ::= arg_list(V) COMMA arg(A).           { vec_push(b->arena, &V, A); }

%type arg {Arg}
arg(A) ::= expr(E).                                 { A = arg(b, ARG_POSITIONAL, NULL, nameless, E); }
arg(A) ::= name(N) EQ expr(E).                      { A = arg(b, ARG_NAMED, NULL, N, E); }
arg(A) ::= STAR|ELLIPSIS(M) bit_or(E).              { A = arg(b, ARG_STAR, &M, nameless, E); }
arg(A) ::= POW(M) bit_or(E).                        { A = arg(b, ARG_STARSTAR, &M, nameless, E); }

%type subscripts {ExprVec}
%type subscript_list {ExprVec}
subscripts(V) ::= subscript_list(L).                { V = L; }
subscripts(V) ::= subscript_list(L) COMMA.          { V = L; }
subscript_list(V) ::= subscript(S).                 { V = (ExprVec){0}; vec_push(b->arena, &V, S); }
subscript_list(V) ::= subscript_list(V) COMMA subscript(S). { vec_push(b->arena, &V, S); }

%type subscript {Expr *}
subscript(S) ::= expr(E).                           { S = E; }
subscript(S) ::= ELLIPSIS(M).                       { S = expr_ellipsis(b, M); }
subscript(S) ::= bound(A) COLON(C) bound(E).        { S = expr_slice(b, A, C, E, NULL, NULL); }
subscript(S) ::= bound(A) COLON(C) bound(E) COLON(D) bound(T). { S = expr_slice(b, A, C, E, &D, T); }

%type bound {Expr *}
bound(E) ::= .                                      { E = NULL; }
bound(E) ::= expr(X).                               { E = X; }

/////////////////////////////// Names ///////////////////////////////

%type name {Ident}
name(N) ::= ID(T).                                  { N = ident(b, T); }
name(N) ::= IMPORT(T).                              { N = ident(b, T); }
name(N) ::= AS(T).                                  { N = ident(b, T); }
name(N) ::= CONST(T).                               { N = ident(b, T); }
name(N) ::= FN(T).                                  { N = ident(b, T); }
name(N) ::= LAYER(T).                               { N = ident(b, T); }
name(N) ::= MODEL(T).                               { N = ident(b, T); }
name(N) ::= WEIGHT(T).                              { N = ident(b, T); }
name(N) ::= STATE(T).                               { N = ident(b, T); }
name(N) ::= CALL(T).                                { N = ident(b, T); }
name(N) ::= BUILD(T).                               { N = ident(b, T); }

/////////////////////// What parse.c asks the tables ///////////////////////

%code {
#include "parser_tables.inc"
}
