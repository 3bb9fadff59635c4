/* The tree as indented text, for `--dump=ast` and golden tests. */
#ifndef MDLC_AST_PRINT_H
#define MDLC_AST_PRINT_H

#include <stdio.h>

#include "ast.h"

void ast_print(FILE *out, const AstFile *file);

#endif
