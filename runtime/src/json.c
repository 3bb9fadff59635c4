#include "json.h"

#include <string.h>

#include "internal.h"

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

/* ---- reading ---- */

bool mdl_json_fault(Json *j, const char *fault)
{
    if (j->fault == NULL) j->fault = fault;
    return false;
}

static void skip_blanks(Json *j)
{
    while (j->at < j->len && (j->s[j->at] == ' ' || j->s[j->at] == '\t' || j->s[j->at] == '\n' || j->s[j->at] == '\r')) j->at++;
}

bool mdl_json_take(Json *j, char c)
{
    if (j->fault != NULL) return false;
    skip_blanks(j);
    if (j->at == j->len || j->s[j->at] != c) return false;
    j->at++;
    return true;
}

bool mdl_json_expect(Json *j, char c)
{
    if (mdl_json_take(j, c)) return true;
    switch (c) {
    case '{': return mdl_json_fault(j, "expected `{`");
    case '}': return mdl_json_fault(j, "expected `,` or `}`");
    case '[': return mdl_json_fault(j, "expected `[`");
    case ']': return mdl_json_fault(j, "expected `,` or `]`");
    case ':': return mdl_json_fault(j, "expected `:`");
    case ',': return mdl_json_fault(j, "expected `,`");
    default: return mdl_json_fault(j, "expected a string");
    }
}

/* The four digits of a \u escape; -1 if they aren't. */
static int32_t hex4(const char *s)
{
    int32_t v = 0;
    for (int i = 0; i < 4; i++) {
        const char c = s[i];
        const int  digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                                      : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0) return -1;
        v = v * 16 + digit;
    }
    return v;
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    const size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6) out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((0xF00u >> n & 0xF0u) | c);
    return n;
}

/* Decodes the escape behind the backslash at j->at. Returns the bytes put; 0 after a fault. */
static size_t read_escape(Json *j, char *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const size_t left = j->len - j->at;
    const char  *s = j->s + j->at;
    if (left >= 2) {
        for (size_t i = 0; from[i] != '\0'; i++) {
            if (s[1] != from[i]) continue;
            out[0] = to[i];
            j->at += 2;
            return 1;
        }
    }
    int32_t c = left >= 6 && s[1] == 'u' ? hex4(s + 2) : -1;
    size_t  taken = 6;
    if (c >= 0xD800 && c < 0xDC00) { /* the first half of a pair */
        const int32_t low = left >= 12 && s[6] == '\\' && s[7] == 'u' ? hex4(s + 8) : -1;
        c = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00) : -1;
        taken = 12;
    }
    if (c <= 0 || (c >= 0xDC00 && c < 0xE000)) {
        mdl_json_fault(j, c == 0 ? "a NUL in a string" : "a damaged escape in a string");
        return 0;
    }
    j->at += taken;
    return put_utf8(out, (uint32_t)c);
}

bool mdl_json_read_string(Json *j, const char **text, size_t *len)
{
    if (!mdl_json_expect(j, '"')) return false;
    size_t end = j->at; /* the quote that ends it: decoding never makes a string longer */
    while (end < j->len && j->s[end] != '"') end += j->s[end] == '\\' ? 2 : 1;
    if (end >= j->len) return mdl_json_fault(j, "a string without an end");
    char *out = mdl_pool_text(j->pool, end - j->at + 1);
    if (out == NULL) return mdl_json_fault(j, "not enough memory");
    size_t n = 0;
    while (j->at < end) {
        const unsigned char c = (unsigned char)j->s[j->at];
        size_t              put;
        if (c == '\\') put = read_escape(j, out + n);
        else if (c < ' ') return mdl_json_fault(j, "a control character in a string");
        else {
            put = mdl_utf8(j->s + j->at, end - j->at);
            if (put == 0) return mdl_json_fault(j, "bytes that are not UTF-8");
            for (size_t i = 0; i < put; i++) out[n + i] = j->s[j->at + i];
            j->at += put;
        }
        if (put == 0) return false;
        n += put;
    }
    j->at = end + 1;
    *text = out;
    *len = n;
    return true;
}

bool mdl_json_read_count(Json *j, uint64_t max, uint64_t *value)
{
    if (j->fault != NULL) return false;
    skip_blanks(j);
    const size_t begin = j->at;
    uint64_t     v = 0;
    for (; j->at < j->len && j->s[j->at] >= '0' && j->s[j->at] <= '9'; j->at++) {
        const uint64_t digit = (uint64_t)(j->s[j->at] - '0');
        if (v > (max - digit) / 10) return mdl_json_fault(j, "a number that is too large");
        v = v * 10 + digit;
    }
    if (j->at == begin) return mdl_json_fault(j, "expected a number that is not negative");
    if (j->s[begin] == '0' && j->at - begin > 1) return mdl_json_fault(j, "a number with a leading zero");
    if (j->at < j->len && (j->s[j->at] == '.' || j->s[j->at] == 'e' || j->s[j->at] == 'E')) {
        return mdl_json_fault(j, "a number that is not an integer");
    }
    *value = v;
    return true;
}

/* A number is checked for its characters alone: nobody looks at it. */
bool mdl_json_skip_scalar(Json *j)
{
    static const char *const words[] = {"true", "false", "null"};
    const char *text;
    size_t      len;
    if (j->fault != NULL) return false;
    skip_blanks(j);
    if (j->at < j->len && j->s[j->at] == '"') return mdl_json_read_string(j, &text, &len);
    for (size_t i = 0; i < countof(words); i++) {
        len = strlen(words[i]);
        if (j->len - j->at < len || memcmp(j->s + j->at, words[i], len) != 0) continue;
        j->at += len;
        return true;
    }
    const size_t begin = j->at;
    while (j->at < j->len && j->s[j->at] != '\0' && strchr("0123456789+-.eE", j->s[j->at]) != NULL) j->at++;
    return j->at > begin || mdl_json_fault(j, "expected a value");
}

bool mdl_json_end(Json *j)
{
    if (j->fault != NULL) return false;
    skip_blanks(j);
    return j->at == j->len || mdl_json_fault(j, "something behind the end");
}
