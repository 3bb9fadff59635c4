/* Text under construction: in memory, or through a buffer to a writer. It never depends on the locale, and a failure (no
 * memory, or a writer that gave up) sticks in `failed`. */
#ifndef MDL_TEXT_H
#define MDL_TEXT_H

#include <mdl/mdl.h>

/* Zero-initialise; with `write` set, full buffers go there and mdl_text_flush sends the rest. */
typedef struct Text {
    char      *s; /* not NUL-terminated: see mdl_text_z */
    size_t     len, cap;
    mdl_write *write;
    void      *context;
    bool       failed;  /* for whichever reason */
    bool       stopped; /* because the writer gave up */
} Text;

void mdl_putc(Text *t, char c);
void mdl_put(Text *t, const char *z);
void mdl_putn(Text *t, const char *s, size_t len);
void mdl_put_fill(Text *t, const char *z, size_t times);
void mdl_put_int(Text *t, int64_t v);
/* 124,439,808 */
void mdl_put_grouped(Text *t, uint64_t v);
/* 474.7 MiB */
void mdl_put_size(Text *t, uint64_t bytes);
/* [784, 64] */
void mdl_put_shape(Text *t, int rank, const int64_t *shape);

/* What was put so far, NUL-terminated; "" if there is no memory. */
const char *mdl_text_z(Text *t);
/* The same, as a part of what goes to `out`, which has failed then too. */
const char *mdl_text_part(Text *t, Text *out);
bool        mdl_text_flush(Text *t);
/* An mdl_write that puts into the Text `context`. */
bool mdl_text_write(void *context, const char *bytes, size_t size);
void        mdl_text_free(Text *t);

/* Columns that UTF-8 text takes, counting every code point as one. */
size_t mdl_columns(const char *s, size_t len);
/* Bytes of the UTF-8 character at `s`; 0 if there is none. */
size_t mdl_utf8(const char *s, size_t len);

#endif
