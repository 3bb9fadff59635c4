/* A line of a mapping file while it is read: words, and what stands right of `=`. */
#ifndef MDL_MAPPING_LINE_H
#define MDL_MAPPING_LINE_H

#include "mapping.h"

/* A line while it is read. The first fault sticks. */
typedef struct Line {
    const char *begin, *s, *end;
    Pool       *pool;
    const char *fault;
    int         depth, stars; /* stars so far in the operand */
} Line;

bool mdl_line_fail(Line *l, const char *fault);
void mdl_line_skip_blanks(Line *l);
/* Skips blanks; whether `c` follows, and if so moves behind it. */
bool mdl_line_take(Line *l, char c);
/* "...", with \" and \\ in it; the first quote is taken already. */
bool mdl_line_quoted(Line *l, const char **text, size_t *len);
/* The text of a plain word; empty if there is none. */
size_t mdl_line_plain(Line *l, const char **text);
/* Whether a name of such characters needs no quotes. */
bool mdl_line_is_plain(char c);
/* A term with all that hangs on it; NULL after a fault. */
Term *mdl_line_term(Line *l);

int  mdl_count_stars(const char *s, size_t len);
bool mdl_ends_in(const char *s, size_t len, const char *end);

#endif
