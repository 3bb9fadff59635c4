/* A word of the source. Plain data: copied freely, never released. */
#ifndef MDLC_TOKEN_H
#define MDLC_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "ast.h"
#include "parser.h" /* the kinds, TK_...; generated from grammar/parser.y */

enum { TK_END = 0 }; /* of the text */

typedef struct Token {
    uint8_t  kind;
    bool     first;      /* on its line */
    bool     foreign;    /* a name that means something in other languages (foreign.c) */
    bool     damaged;    /* something unreadable before it was reported and skipped */
    uint16_t indent;     /* of its line, in cells */
    uint32_t start, end; /* bytes of the source */
    union {
        const Sym *sym;     /* TK_ID and the keywords that can be names */
        int64_t    integer; /* TK_INT */
        double     real;    /* TK_FLOAT */
        Operator   op;      /* operators */
    } as;
} Token;

/* How a message names a kind of token, in back-ticks or as a noun. */
const char *token_shown(int kind);
/* May a statement end (begin) with this kind, if a newline stands behind (before) it? */
bool token_ends(int kind);
bool token_begins(int kind);

#endif
