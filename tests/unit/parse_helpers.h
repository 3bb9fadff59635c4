/* A session for tests: text in, tree and diagnostics out as text. */
#ifndef MDL_TEST_PARSE_HELPERS_H
#define MDL_TEST_PARSE_HELPERS_H

#include "syntax/parse.h"

typedef struct Session {
    Arena       *arena;
    SourceMap   *sources;
    ParseContext cx;
    VEC(char *) texts; /* of the sources, freed with the session */
} Session;

Session *session_create(void);
void     session_destroy(Session *s);

/* Registers `len` bytes, copied into a block of exactly len + 1 so that sanitizers see any step beyond it. */
Source *session_source(Session *s, const char *path, const char *text, size_t len);
/* The tree of a file as ast_print writes it. */
const char *session_dump(Session *s, const char *text);
/* The same of a file that was parsed. */
const char *session_tree(Session *s, const AstFile *file);
/* The diagnostics so far as the terminal shows them, without color, 100 columns wide. */
const char *session_diags(Session *s);

#endif
