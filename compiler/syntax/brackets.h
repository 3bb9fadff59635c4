/* Which brackets are open, where a newline ends a statement, and what the indentation says about brackets that don't match.
 *
 * Indentation means nothing in MDL. But where brackets don't match it tells which of them was meant. */
#ifndef MDLC_BRACKETS_H
#define MDLC_BRACKETS_H

#include "../source/diag.h"
#include "token.h"

/* Brackets inside one another: more is too deep. */
enum { MAX_BRACKETS = 200 };

/* Not a kind of token: the brace of `return {`, inside which newlines mean nothing, as inside brackets. */
enum { OUTPUTS_BRACE = 255 };

typedef struct Opener {
    uint8_t  kind;   /* TK_LP, TK_LB, TK_LBRACE or OUTPUTS_BRACE */
    bool     flat;   /* the block's first line is not indented: its indentation tells nothing */
    uint16_t indent; /* of a brace: its statement's; of another bracket: its line's */
    uint32_t at, line;
    Diag    *block;  /* opened by a `:` as in Python, closed by the indentation: the error that says so. Else NULL */
} Opener;

typedef struct Layout {
    int      last;   /* the kind of the word before */
    uint32_t line;   /* counts the lines that hold words */
    uint16_t indent; /* of the line that the statement begins on */
    size_t   nopen;
    Opener   open[MAX_BRACKETS]; /* from the outermost on */
} Layout;

/* Goes on behind `t`. False if too many brackets are open. */
bool layout_step(Layout *l, Token t);
/* Does a newline between the word before and `next` end a statement? */
bool layout_ends_statement(const Layout *l, Token next);
bool layout_in_brackets(const Layout *l);
/* The innermost open bracket of any kind; NULL outside all. */
const Opener *layout_innermost(const Layout *l);
/* The innermost open brace of a block; NULL outside all. */
const Opener *layout_block(const Layout *l);
/* The kind that closes `o`. */
int opener_closer(const Opener *o);
/* A place where the brackets disagree with the indentation. */
typedef struct Suspect {
    enum {
        SUSPECT_NONE,
        SUSPECT_MISSING,  /* what closes `opener` is missing between `before` and `at` */
        SUSPECT_EXTRA,    /* `at` closes `opener`, and is one too many */
        SUSPECT_REPORTED, /* one too many, and said so */
    } kind;
    Opener opener;
    Token  before, at;
} Suspect;

/* Of braces the first such place in a declaration explains best why they don't match in the end; of other brackets the last
 * one that is open still. */
typedef struct Suspects {
    Suspect brace, bracket;
} Suspects;

/* Looks at `t`, the word to be read, which stands behind `before`. */
void suspects_watch(Suspects *s, const Layout *l, Token before, Token t);
/* The bracket that should have been closed on an earlier line of the statement; NULL if there is none. */
const Opener *suspects_open(const Suspects *s, const Layout *l);

#endif
