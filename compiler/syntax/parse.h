/* Text to tree. Every function always returns a tree; what was wrong is in the session's diagnostics. */
#ifndef MDLC_PARSE_H
#define MDLC_PARSE_H

#include "../base/intern.h"
#include "../source/diag.h"
#include "ast.h"

typedef struct ParseContext {
    Arena    *arena;
    Interner *names;
    DiagSink *diags;
} ParseContext;

AstFile  *parse_file(const ParseContext *cx, Source *source);
/* One type, as given to `--input`: `float32[batch, 784]`. NULL after an error. */
TypeExpr *parse_type(const ParseContext *cx, Source *source);
/* One expression, as given to `-D name=value`, and inside the braces of an f-string. NULL after an error. */
Expr     *parse_expr(const ParseContext *cx, Source *source);
/* The same for bytes [start, end) of a source: spans stay those of the source. */
Expr     *parse_expr_at(const ParseContext *cx, Source *source, uint32_t start, uint32_t end);

#endif
