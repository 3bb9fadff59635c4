/* The parser at work, as parse.c, repair.c, recover.c, explain.c and foreign.c see it.
 *
 * Words come from the lexer into `ahead`; parse.c lets them into Lemon's parser one at a time, with a TK_NL before each
 * that begins a statement on a new line. Before a word goes in, the tables are asked whether it fits: so an error is found
 * with all that precedes it still on the stack, and repairs can be tried on the tables before one is made. */
#ifndef MDLC_PARSE_STATE_H
#define MDLC_PARSE_STATE_H

#include "brackets.h"
#include "parser_tables.h"

enum { MAX_AHEAD = 32 };

typedef struct Parser {
    Builder     b;
    Lexer       lexer;
    void       *lemon;
    int         start;     /* TK_START_... */
    const char *end_shown; /* how a message names the end of the text */

    Token    last, before_last; /* the words before */
    Token    ahead[MAX_AHEAD];  /* those to be read */
    size_t   nahead;
    Layout   layout;
    Suspects suspects;

    Diag    *self;     /* the error about `self`, to which each further one adds a fix */
    size_t   errors;   /* reported */
    size_t   stuck;    /* errors in a row at one place */
    uint32_t stuck_at; /* which */
    bool     exhausted; /* nothing more is read */
} Parser;

/* ---- parse.c: words ---- */

/* The word `i` after the one to be read. */
Token peek(Parser *p, size_t i);
/* Passes over the word to be read. */
void drop(Parser *p);
/* Puts `t` before the words ahead. */
void unread(Parser *p, Token t);
/* A word that is not in the text, behind the last one. */
Token made(const Parser *p, int kind);
/* Lets a word that fits into the parser. */
void feed(Parser *p, Token t);
/* Reads no further: the text ends here. */
void give_up(Parser *p);
/* Would `kind` fit now? */
bool fits(const Parser *p, int kind);

Span word_span(const Parser *p, Token t);
Str  word_text(const Parser *p, Token t);
bool word_is(const Parser *p, Token t, const char *text);
/* May stand where a name is wanted. */
bool is_name(Token t);
/* `t` and the word behind it can only begin a declaration of a file. */
bool begins_declaration(const Parser *p, Token t, Token next);
/* Closes nothing that is open. */
bool closes_nothing(const Parser *p, Token t);
/* Stands outside all layers, but is indented: it has lost its layer to a `}` too many. */
bool is_lost_member(const Parser *p, Token t);
/* Does a block that Python's `:` opened end before `t`? */
bool closes_python_block(const Parser *p, Token t);

/* ---- repair.c: a small change that lets the text go on ---- */

typedef struct Repair {
    bool    skip;   /* leave out the word that does not fit */
    bool    closes; /* nothing but closing brackets is put in */
    size_t  ninsert;
    uint8_t insert[MAX_BRACKETS];
} Repair;

bool find_repair(Parser *p, Repair *out);
void make_repair(Parser *p, const Repair *r);

/* ---- recover.c: the word to be read, or the end of the line before it, does not fit ---- */
void recover(Parser *p, bool at_line_end);
/* Drops the statement that is half read, and the words up to its end. */
void skip_statement(Parser *p, bool at_line_end);

/* ---- explain.c: what is said about it; `r` is the repair that will be made, or NULL ---- */
void explain(Parser *p, Token t, bool at_line_end, const Repair *r);

/* ---- foreign.c: words and habits of other languages ---- */
/* Replaces what stands ahead by what MDL has in its place. True if something was. */
bool foreign_word(Parser *p);
/* Explains the error at the word ahead, if it is such a habit, and mends it. */
bool foreign_error(Parser *p);

#endif
