/* An indenting writer of C: lines and braces in, text out. Long lines are broken behind commas; two blank lines become one. */
#ifndef MDLC_CWRITER_H
#define MDLC_CWRITER_H

#include <stdbool.h>

#include "../base/bug.h"
#include "../base/str.h"

typedef struct CWriter {
    StrBuf out;
    int    indent; /* in steps of 4 columns */
    int    line;   /* 1-based number of the line that is written next */
    bool   blank;  /* the line before is blank, or there is none */
} CWriter;

CWriter cw_create(Arena *a);
/* One line at the present indentation. */
void cw_line(CWriter *w, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* "text {" and one step to the right; without text: "{". */
void cw_open(CWriter *w, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* One step to the left and "}text". */
void cw_close(CWriter *w, const char *fmt, ...) PRINTF_LIKE(2, 3);
void cw_blank(CWriter *w);
/* A line at column 0: a directive. */
void cw_directive(CWriter *w, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A comment; what would end it or warn inside it is defused. Wrapped at blanks. */
void cw_comment(CWriter *w, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Lines made by another writer at indentation 0. */
void cw_lines(CWriter *w, const char *text);

/* A string literal with its quotes. C promises 4,095 characters: nothing longer may be put into one (see c_string_fits). */
const char *c_string(Arena *a, const char *text);
bool        c_string_fits(const char *text);
/* The characters of a longer one: `'a', 'b', 0`. */
const char *c_string_bytes(Arena *a, const char *text);

#endif
