/* UTF-8, one character at a time. */
#ifndef MDLC_UTF8_H
#define MDLC_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* What stands for a byte that begins no character. */
#define UTF8_BAD UINT32_MAX

/* Reads one character of the `len` > 0 bytes at `s` and returns how many bytes it takes. A byte that is not part of
 * well-formed UTF-8 (overlong forms and surrogates count as such) is taken alone, with `*c` = UTF8_BAD. */
size_t utf8_decode(const char *s, size_t len, uint32_t *c);
/* Writes `c` to `s` and returns the number of bytes, 1 to 4. */
size_t utf8_encode(char s[4], uint32_t c);
/* How many columns of a terminal `c` takes: 0, 1 or 2. */
int utf8_cells(uint32_t c);
/* The largest length <= `len` that cuts no character of `s` in two. */
size_t utf8_floor(const char *s, size_t len);

#endif
