#include "json.h"

static void put_escape(Text *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    switch (c) {
    case '"': mdl_put(out, "\\\""); break;
    case '\\': mdl_put(out, "\\\\"); break;
    case '\n': mdl_put(out, "\\n"); break;
    case '\r': mdl_put(out, "\\r"); break;
    case '\t': mdl_put(out, "\\t"); break;
    default:
        mdl_put(out, "\\u00");
        mdl_putc(out, hex[c >> 4]);
        mdl_putc(out, hex[c & 15]);
    }
}

/* Characters that stand for themselves are put in runs. */
void mdl_json_string(Text *out, const char *s, size_t len)
{
    size_t run = 0; /* s[run..i) waits to be put */
    mdl_putc(out, '"');
    for (size_t i = 0; i < len;) {
        const unsigned char c = (unsigned char)s[i];
        const size_t        n = c < 0x80 ? 1 : mdl_utf8(s + i, len - i);
        if (n == 0 || c < ' ' || c == '"' || c == '\\' || c == 0x7F) {
            mdl_putn(out, s + run, i - run);
            if (n == 0) mdl_put(out, "\xEF\xBF\xBD");
            else put_escape(out, c);
            run = i + 1;
        }
        i += n > 0 ? n : 1;
    }
    mdl_putn(out, s + run, len - run);
    mdl_putc(out, '"');
}
