#include "glob.h"

/* Whether `c` is in the set that begins behind the `[` at `p`; *end is behind its `]`. NULL in *end: there is no `]`, and the
 * bracket stands for itself. */
static bool in_set(const char *p, char c, const char **end)
{
    const bool other = *p == '!' || *p == '^';
    bool       in = false;
    if (other) p++;
    const char *first = p;
    for (; *p != '\0' && (*p != ']' || p == first); p++) {
        if (p[1] == '-' && p[2] != ']' && p[2] != '\0') {
            in = in || (p[0] <= c && c <= p[2]);
            p += 2;
        }
        else in = in || *p == c;
    }
    *end = *p == ']' ? p + 1 : NULL;
    return in != other;
}

/* Whether the pattern's next element matches `c`; *next is behind it. `p` doesn't stand on a `*`. */
static bool one(const char *p, char c, const char **next)
{
    *next = p + 1;
    switch (*p) {
    case '\0': *next = p; return false;
    case '?': return true;
    case '[': {
        const char *end;
        const bool  in = in_set(p + 1, c, &end);
        if (end == NULL) return c == '[';
        *next = end;
        return in;
    }
    case '\\':
        if (p[1] == '\0') return c == '\\';
        *next = p + 2;
        return p[1] == c;
    default: return *p == c;
    }
}

/* Only the last `*` seen needs to be tried again: what comes before it is matched already. */
bool mdl_glob(const char *pattern, const char *s, size_t len)
{
    const char *star = NULL, *end = s + len, *from = s;
    while (s < end) {
        const char *next;
        if (*pattern == '*') {
            star = ++pattern;
            from = s;
        }
        else if (one(pattern, *s, &next)) {
            pattern = next;
            s++;
        }
        else if (star != NULL) {
            pattern = star;
            s = ++from;
        }
        else return false;
    }
    while (*pattern == '*') pattern++;
    return *pattern == '\0';
}
