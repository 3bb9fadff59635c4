#include "utf8.h"

#include <stdbool.h>

#if MDL_HAVE_UTF8PROC
#include <utf8proc.h>
#endif

static bool continues(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

size_t utf8_decode(const char *s, size_t len, uint32_t *c)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char   lead = (unsigned char)s[0];
    const size_t          need = lead < 0x80 ? 1 : lead < 0xC0 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF8 ? 4 : 0;
    *c = UTF8_BAD;
    if (need == 0 || need > len) return 1;
    uint32_t v = need == 1 ? lead : lead & (0x7Fu >> need);
    for (size_t i = 1; i < need; i++) {
        if (!continues(s[i])) return 1;
        v = v << 6 | ((unsigned char)s[i] & 0x3F);
    }
    if (v < least[need] || v > 0x10FFFF || (v >= 0xD800 && v <= 0xDFFF)) return 1;
    *c = v;
    return need;
}

size_t utf8_encode(char s[4], uint32_t c)
{
    if (c < 0x80) {
        s[0] = (char)c;
        return 1;
    }
    const size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6) s[i] = (char)(0x80 | (c & 0x3F));
    s[0] = (char)(0xF00 >> n | c);
    return n;
}

int utf8_cells(uint32_t c)
{
    if (c == UTF8_BAD) return 1;
#if MDL_HAVE_UTF8PROC
    if (c >= 0x80) return utf8proc_charwidth((utf8proc_int32_t)c);
#endif
    return 1;
}

size_t utf8_floor(const char *s, size_t len)
{
    while (len > 0 && continues(s[len])) len--;
    return len;
}
