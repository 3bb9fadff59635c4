/* Strings: borrowed slices, and a builder over an arena. */
#ifndef MDLC_STR_H
#define MDLC_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/* `len` bytes at `s`, not NUL-terminated; whoever made the bytes owns them. */
typedef struct Str {
    const char *s;
    size_t      len;
} Str;

Str  str_of(const char *z);
bool str_eq(Str a, const char *z);
bool str_ends_with(const char *z, const char *end);
/* The value of a decimal number that the caller has checked; `_` is skipped, `.` is the point in every locale. */
double str_to_double(const char *s, size_t len);

/* A growing, always NUL-terminated string. Zero-initialise with the arena: `StrBuf b = {arena, 0, 0, 0};` */
typedef struct StrBuf {
    Arena *arena;
    char  *s;
    size_t len, cap;
} StrBuf;

void sb_putc(StrBuf *b, char c);
void sb_put(StrBuf *b, const char *z);
void sb_putn(StrBuf *b, const char *s, size_t len);
void sb_printf(StrBuf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The shortest text that reads back as the same double, never by locale: "1.0", "1e-05", "inf", "nan" (as Python's repr). */
void sb_double(StrBuf *b, double v);
/* The text so far, "" if nothing was put. */
const char *sb_text(StrBuf *b);

/* `ResNetBlock` -> `res_net_block`, `Conv2D` -> `conv2d`: an underscore before each capital that lower-case letters follow,
 * and between a lower-case letter and a capital (keras.src.utils.naming.to_snake_case). */
const char *snake_case(Arena *a, const char *class_name);

#endif
