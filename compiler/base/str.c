#include "str.h"

#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bug.h"
#include "vec.h"

Str str_of(const char *z)
{
    return (Str){z, strlen(z)};
}

bool str_eq(Str a, const char *z)
{
    return a.len == strlen(z) && memcmp(a.s, z, a.len) == 0;
}

bool str_ends_with(const char *z, const char *end)
{
    const size_t n = strlen(z), m = strlen(end);
    return n >= m && !strcmp(z + n - m, end);
}

double str_to_double(const char *s, size_t len)
{
    char        small[128];
    const char *point = localeconv()->decimal_point;
    const size_t need = len + strlen(point) + 1;
    char        *copy = need <= sizeof small ? small : malloc(need);
    if (!copy) return NAN;

    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '.') {
            for (const char *p = point; *p; p++) copy[n++] = *p;
        } else if (s[i] != '_') {
            copy[n++] = s[i];
        }
    }
    copy[n] = '\0';
    const double v = strtod(copy, NULL);
    if (copy != small) free(copy);
    return v;
}

static void sb_reserve(StrBuf *b, size_t more)
{
    while (b->cap - b->len <= more) b->s = vec_grow(b->arena, b->s, b->len, &b->cap, 1);
}

void sb_putn(StrBuf *b, const char *s, size_t len)
{
    if (!len) return;
    sb_reserve(b, len);
    memcpy(b->s + b->len, s, len);
    b->len += len;
    b->s[b->len] = '\0';
}

void sb_putc(StrBuf *b, char c)
{
    sb_putn(b, &c, 1);
}

void sb_put(StrBuf *b, const char *z)
{
    sb_putn(b, z, strlen(z));
}

void sb_printf(StrBuf *b, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    const int len = vsnprintf(NULL, 0, fmt, args);
    if (len < 0) BUG("cannot format \"%s\"", fmt);
    sb_reserve(b, (size_t)len);
    vsnprintf(b->s + b->len, (size_t)len + 1, fmt, again);
    b->len += (size_t)len;
    va_end(again);
    va_end(args);
}

/* A finite, positive number as digits d1 d2 ... (at most 17) and an exponent: 0.d1d2... * 10^exponent. */
static int shortest_digits(double v, char digits[18], int *exponent)
{
    char text[64];
    for (int precision = 0; precision < 17; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, v);
        if (strtod(text, NULL) == v) break;
    }
    const char *e = strchr(text, 'e');
    int         n = 0;
    for (const char *p = text; p < e; p++) { /* whatever stands between the digits is the locale's decimal point */
        if (*p >= '0' && *p <= '9') digits[n++] = *p;
    }
    while (n > 1 && digits[n - 1] == '0') n--;
    *exponent = atoi(e + 1) + 1;
    return n;
}

static void put_positional(StrBuf *b, const char *digits, int n, int exponent)
{
    if (exponent <= 0) sb_put(b, "0.");
    for (int i = exponent; i < 0; i++) sb_putc(b, '0');
    for (int i = 0; i < n || i < exponent; i++) {
        if (i == exponent && i > 0) sb_putc(b, '.');
        sb_putc(b, i < n ? digits[i] : '0');
    }
    if (n <= exponent) sb_put(b, ".0");
}

void sb_double(StrBuf *b, double v)
{
    if (isnan(v)) {
        sb_put(b, "nan");
        return;
    }
    if (signbit(v)) sb_putc(b, '-');
    v = fabs(v);
    if (isinf(v) || v == 0) {
        sb_put(b, v == 0 ? "0.0" : "inf");
        return;
    }
    char      digits[18];
    int       exponent;
    const int n = shortest_digits(v, digits, &exponent);
    if (exponent > -4 && exponent <= 16) {
        put_positional(b, digits, n, exponent);
        return;
    }
    sb_putc(b, digits[0]);
    if (n > 1) sb_putc(b, '.');
    sb_putn(b, digits + 1, (size_t)(n - 1));
    sb_printf(b, "e%c%02d", exponent > 0 ? '+' : '-', abs(exponent - 1));
}

const char *sb_text(StrBuf *b)
{
    return b->s ? b->s : "";
}

const char *snake_case(Arena *a, const char *s)
{
    StrBuf b = {.arena = a};
    const size_t n = strlen(s);
    for (size_t i = 0; i < n; i++) {
        const bool upper = isupper((unsigned char)s[i]);
        const bool word = upper && i + 1 < n && islower((unsigned char)s[i + 1]);
        if (i > 0 && upper && (word || islower((unsigned char)s[i - 1]))) sb_putc(&b, '_');
        sb_putc(&b, (char)tolower((unsigned char)s[i]));
    }
    return sb_text(&b);
}
