#include "text.h"

#include <stdlib.h>
#include <string.h>

enum { BUFFER = 16 * 1024 };

/* Makes room for `more` bytes, by sending what a writer can have and by growing. */
static bool room(Text *t, size_t more)
{
    if (t->failed) return false;
    if (t->cap - t->len >= more) return true;
    if (t->write != NULL && t->len > 0) {
        if (!mdl_text_flush(t)) return false;
        if (t->cap >= more) return true;
    }
    size_t cap = t->cap != 0 ? t->cap : t->write != NULL ? BUFFER : 64;
    while (cap - t->len < more) cap *= 2;
    char *s = realloc(t->s, cap);
    if (s == NULL) {
        t->failed = true;
        return false;
    }
    t->s = s;
    t->cap = cap;
    return true;
}

void mdl_putn(Text *t, const char *s, size_t len)
{
    if (len == 0 || !room(t, len)) return;
    memcpy(t->s + t->len, s, len);
    t->len += len;
}

void mdl_putc(Text *t, char c)
{
    mdl_putn(t, &c, 1);
}

void mdl_put(Text *t, const char *z)
{
    mdl_putn(t, z, strlen(z));
}

void mdl_put_fill(Text *t, const char *z, size_t times)
{
    while (times-- > 0) mdl_put(t, z);
}

/* Writes the digits of `v` so that they end at `end`, with `group` between thousands if it isn't 0; returns their start. */
static char *digits(char *end, uint64_t v, char group)
{
    int n = 0;
    do {
        if (group != 0 && n > 0 && n % 3 == 0) *--end = group;
        *--end = (char)('0' + v % 10);
        v /= 10;
        n++;
    } while (v != 0);
    return end;
}

void mdl_put_int(Text *t, int64_t v)
{
    char  b[24], *end = b + sizeof b;
    char *s = digits(end, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 0);
    if (v < 0) *--s = '-';
    mdl_putn(t, s, (size_t)(end - s));
}

void mdl_put_grouped(Text *t, uint64_t v)
{
    char  b[32], *end = b + sizeof b;
    char *s = digits(end, v, ',');
    mdl_putn(t, s, (size_t)(end - s));
}

void mdl_put_size(Text *t, uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    int      unit = 0;
    uint64_t rest = 0;
    while (bytes >= 1024) {
        rest = bytes % 1024;
        bytes /= 1024;
        unit++;
    }
    uint64_t tenths = (rest * 10 + 512) / 1024;
    if (tenths == 10) {
        bytes++;
        tenths = 0;
    }
    mdl_put_grouped(t, bytes);
    if (unit > 0) {
        mdl_putc(t, '.');
        mdl_put_int(t, (int64_t)tenths);
    }
    mdl_putc(t, ' ');
    mdl_put(t, units[unit]);
}

void mdl_put_shape(Text *t, int rank, const int64_t *shape)
{
    mdl_putc(t, '[');
    for (int i = 0; i < rank; i++) {
        if (i > 0) mdl_put(t, ", ");
        mdl_put_int(t, shape[i]);
    }
    mdl_putc(t, ']');
}

const char *mdl_text_z(Text *t)
{
    if (!room(t, 1)) return "";
    t->s[t->len] = '\0';
    return t->s;
}

const char *mdl_text_part(Text *t, Text *out)
{
    const char *z = mdl_text_z(t);
    out->failed |= t->failed;
    return z;
}

bool mdl_text_write(void *context, const char *bytes, size_t size)
{
    mdl_putn(context, bytes, size);
    return !((const Text *)context)->failed;
}

bool mdl_text_flush(Text *t)
{
    if (!t->failed && t->write != NULL && t->len > 0 && !t->write(t->context, t->s, t->len)) t->failed = t->stopped = true;
    if (t->write != NULL) t->len = 0;
    return !t->failed;
}

void mdl_text_free(Text *t)
{
    free(t->s);
    memset(t, 0, sizeof *t);
}

size_t mdl_columns(const char *s, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) n += ((unsigned char)s[i] & 0xC0) != 0x80;
    return n;
}

size_t mdl_utf8(const char *s, size_t len)
{
    const unsigned char *u = (const unsigned char *)s;
    if (len == 0) return 0;
    if (u[0] < 0x80) return 1;
    const size_t n = u[0] >= 0xF0 ? 4 : u[0] >= 0xE0 ? 3 : 2;
    if (u[0] < 0xC2 || u[0] > 0xF4 || len < n) return 0;
    /* The second byte excludes forms that are longer than needed, surrogates, and what lies beyond U+10FFFF. */
    const unsigned char low = u[0] == 0xE0 ? 0xA0 : u[0] == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = u[0] == 0xED ? 0x9F : u[0] == 0xF4 ? 0x8F : 0xBF;
    if (u[1] < low || u[1] > high) return 0;
    for (size_t i = 2; i < n; i++) {
        if ((u[i] & 0xC0) != 0x80) return 0;
    }
    return n;
}
