/* The parser at work, as parse.c, recover.c, expected.c and foreign.c see it.
 *
 * Words come from the lexer into `ahead`; parse.c lets them into Lemon's parser one at a time, with a TK_NL before each
 * that begins a statement on a new line. Before a word goes in, the tables are asked whether it fits: so an error is found
 * with all that precedes it still on the stack, and repairs can be tried on the tables before one is made. */
#ifndef MDLC_PARSE_STATE_H
#define MDLC_PARSE_STATE_H

#include "brackets.h"
#include "parser_tables.h"

enum { MAX_AHEAD = 32 };

/* A place where the indentation and the braces disagree: the first such place of a declaration explains best why its
 * braces don't match in the end. */
typedef struct Suspect {
    enum {
        SUSPECT_NONE,
        SUSPECT_MISSING,  /* the bracket that closes `opener` is missing before `at` */
        SUSPECT_EXTRA,    /* `at` closes `opener`, and is one too many */
        SUSPECT_REPORTED, /* one too many, and said so */
    } kind;
    Opener opener;
    Token  at, before;
} Suspect;

typedef struct Parser {
    Builder b;
    Lexer   lexer;
    void   *lemon;
    int     start; /* TK_START_... */
    const char *end_shown; /* how a message names the end of the text */
    Layout  layout;
    Token   last, before_last; /* the words before */
    Token   ahead[MAX_AHEAD];
    size_t  nahead;
    Suspect suspect; /* braces */
    Suspect bracket; /* the innermost bracket that is still open where the indentation says it should not be */

    Diag  *self;       /* the error about `self`, to which each further one adds a fix */

    size_t errors;
    size_t stuck; /* errors in a row at the same place */
    uint32_t stuck_at;
    bool   exhausted;  /* too many errors: nothing more is read */
} Parser;

/* The word `i` after the one to be read. */
Token peek(Parser *p, size_t i);
void  drop(Parser *p);
/* Puts `t` before the words ahead. */
void unread(Parser *p, Token t);
/* A word that is not in the text, behind the last one. */
Token made(const Parser *p, int kind);
/* Lets a word that fits into the parser. */
void feed(Parser *p, Token t);
/* Reads no further: the text ends here. */
void give_up(Parser *p);

Span        word_span(const Parser *p, Token t);
Str         word_text(const Parser *p, Token t);
bool        word_is(const Parser *p, Token t, const char *text);
/* Does a block that Python's `:` opened end before `t`? */
bool closes_python_block(const Parser *p, Token t);
/* May stand where a name is wanted. */
bool is_name(Token t);
/* `t` and the word behind it can only begin a declaration of a file. */
bool begins_declaration(const Parser *p, Token t, Token next);

/* ---- recover.c: `t`, the word to be read (or the end of its line), does not fit ---- */
void recover(Parser *p, bool at_line_end);
/* Drops the statement that is half read, and the words up to its end. */
void skip_statement(Parser *p, bool at_line_end);

/* ---- expected.c ---- */
/* "expected an expression, found `)`" */
const char *expected_text(Parser *p, Token found, bool at_line_end);

/* ---- foreign.c: words and habits of other languages ---- */
/* Replaces what stands ahead by what MDL has in its place. True if something was. */
bool foreign_word(Parser *p);
/* Explains the error at the word ahead, if it is a habit, and mends it. */
bool foreign_error(Parser *p);

#endif
