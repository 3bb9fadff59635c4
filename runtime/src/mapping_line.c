#include "mapping_line.h"

#include <string.h>

enum { MAX_OPERANDS = 1024 };

bool mdl_line_fail(Line *l, const char *fault)
{
    if (l->fault == NULL) l->fault = fault;
    return false;
}

static void *memory(Line *l, size_t size)
{
    void *at = l->fault == NULL ? mdl_pool_alloc(l->pool, size) : NULL;
    if (at == NULL) mdl_line_fail(l, "not enough memory");
    return at;
}

static Term *stop(Line *l, const char *fault)
{
    mdl_line_fail(l, fault);
    return NULL;
}

/* ---- words ---- */

void mdl_line_skip_blanks(Line *l)
{
    while (l->s < l->end && (*l->s == ' ' || *l->s == '\t' || *l->s == '\r')) l->s++;
    if (l->s < l->end && *l->s == '#') l->s = l->end;
}

bool mdl_line_take(Line *l, char c)
{
    mdl_line_skip_blanks(l);
    if (l->s == l->end || *l->s != c) return false;
    l->s++;
    return true;
}

bool mdl_line_is_plain(char c)
{
    return (unsigned char)c > ' ' && c != 0x7F && strchr("=[](),#\"", c) == NULL;
}

/* A number, perhaps negative. */
static bool take_number(Line *l, int64_t *v)
{
    mdl_line_skip_blanks(l);
    const char *s = l->s;
    const bool  minus = s < l->end && *s == '-';
    if (minus) s++;
    const char *digits = s;
    int64_t     n = 0;
    for (; s < l->end && *s >= '0' && *s <= '9'; s++) {
        if (n > (INT64_MAX - 9) / 10) return mdl_line_fail(l, "a number that is too large");
        n = n * 10 + (*s - '0');
    }
    if (s == digits) return false;
    *v = minus ? -n : n;
    l->s = s;
    return true;
}

/* "...", with \" and \\ in it. */
bool mdl_line_quoted(Line *l, const char **text, size_t *len)
{
    char *out = mdl_pool_text(l->pool, (size_t)(l->end - l->s) + 1);
    if (out == NULL) return mdl_line_fail(l, "not enough memory");
    *text = out;
    *len = 0;
    while (l->s < l->end && *l->s != '"') {
        if (*l->s == '\\' && (++l->s == l->end || (*l->s != '"' && *l->s != '\\'))) {
            return mdl_line_fail(l, "in quotes a backslash stands before a quote or a backslash");
        }
        out[(*len)++] = *l->s++;
    }
    if (l->s == l->end) return mdl_line_fail(l, "a quote that does not end");
    l->s++;
    return *len > 0 || mdl_line_fail(l, "a name without characters");
}

/* The text of a plain word; empty if there is none. */
size_t mdl_line_plain(Line *l, const char **text)
{
    mdl_line_skip_blanks(l);
    *text = l->s;
    while (l->s < l->end && mdl_line_is_plain(*l->s)) l->s++;
    return (size_t)(l->s - *text);
}

int mdl_count_stars(const char *s, size_t len)
{
    int n = 0;
    for (size_t i = 0; i < len; i++) n += s[i] == '*';
    return n;
}

/* ---- terms ---- */

static Term *wrap(Line *l, TermKind kind, Term *of)
{
    Term *t = memory(l, sizeof *t);
    if (t != NULL) *t = (Term){.kind = kind, .of = of};
    return t;
}

bool mdl_ends_in(const char *s, size_t len, const char *end)
{
    const size_t n = strlen(end);
    return len >= n && memcmp(s + len - n, end, n) == 0;
}

/* (1, 0, ...) behind `permute` or `reshape`. */
static Term *parse_numbers(Line *l, TermKind kind, Term *of)
{
    int64_t numbers[MDL_MAX_RANK];
    Term   *t = wrap(l, kind, of);
    if (t == NULL || !mdl_line_take(l, '(')) return NULL;
    if (!mdl_line_take(l, ')')) {
        do {
            if (t->count == MDL_MAX_RANK) return stop(l, "more than 32 numbers");
            if (!take_number(l, &numbers[t->count]) || numbers[t->count++] < 0) {
                return stop(l, "expected a number that is not negative");
            }
        } while (mdl_line_take(l, ','));
        if (!mdl_line_take(l, ')')) return stop(l, "expected `,` or `)`");
    }
    int64_t *kept = memory(l, (size_t)(t->count + 1) * sizeof *kept);
    if (kept == NULL) return NULL;
    memcpy(kept, numbers, (size_t)t->count * sizeof *kept);
    t->numbers = kept;
    return t;
}

/* One axis of a slice: `:`, `2:5`, `2:`, `:5`, `3`, `*`. */
static bool parse_range(Line *l, int64_t *begin, int64_t *end, bool *drop, int *star)
{
    *begin = 0;
    *end = INT64_MAX;
    *drop = false;
    *star = 0;
    if (mdl_line_take(l, '*')) {
        *star = ++l->stars;
        *drop = true;
        return l->stars <= MDL_MAX_STARS || mdl_line_fail(l, "more than 8 stars");
    }
    const bool number = take_number(l, begin);
    if (mdl_line_take(l, ':')) {
        take_number(l, end);
        return true;
    }
    *drop = number;
    return number || mdl_line_fail(l, "expected a number, `:` or `*`");
}

static Term *parse_slice(Line *l, Term *of)
{
    Term    *t = wrap(l, TERM_SLICE, of);
    int64_t *begin = memory(l, MDL_MAX_RANK * sizeof *begin), *end = memory(l, MDL_MAX_RANK * sizeof *end);
    bool    *drop = memory(l, MDL_MAX_RANK * sizeof *drop);
    int     *star = memory(l, MDL_MAX_RANK * sizeof *star);
    if (t == NULL || l->fault != NULL) return NULL;
    do {
        if (t->count == MDL_MAX_RANK) return stop(l, "more than 32 axes");
        if (!parse_range(l, &begin[t->count], &end[t->count], &drop[t->count], &star[t->count])) return NULL;
        t->count++;
    } while (mdl_line_take(l, ','));
    if (!mdl_line_take(l, ']')) return stop(l, "expected `,` or `]`");
    t->numbers = begin;
    t->ends = end;
    t->drop = drop;
    t->stars = star;
    return t;
}

/* What stands behind an operand without a name before it: `.T`, `.permute` or `.reshape` once each, or together as one word. */
static Term *parse_methods(Line *l, Term *t)
{
    const char  *word;
    const size_t len = mdl_line_plain(l, &word);
    for (size_t at = 0; t != NULL && l->fault == NULL && at < len;) {
        const size_t left = len - at;
        const bool   method = left >= 8 && (memcmp(word + at, ".permute", 8) == 0 || memcmp(word + at, ".reshape", 8) == 0);
        if (at / 2 < MDL_MAX_TERM_DEPTH && left >= 2 && memcmp(word + at, ".T", 2) == 0 && (left == 2 || word[at + 2] == '.')) {
            t = wrap(l, TERM_TRANSPOSE, t);
            at += 2;
        }
        else if (method && left == 8) return parse_numbers(l, word[at + 1] == 'p' ? TERM_PERMUTE : TERM_RESHAPE, t);
        else mdl_line_fail(l, "expected `.T`, `.permute(...)`, `.reshape(...)` or `[...]`");
    }
    return t;
}

static Term *parse_postfix(Line *l, Term *t)
{
    for (int i = 0; t != NULL && l->fault == NULL; i++) {
        if (i == MDL_MAX_TERM_DEPTH) return stop(l, "more than 16 changes of one tensor");
        mdl_line_skip_blanks(l);
        if (l->s == l->end || (*l->s != '[' && *l->s != '.')) return t;
        t = mdl_line_take(l, '[') ? parse_slice(l, t) : parse_methods(l, t);
    }
    return l->fault == NULL ? t : NULL;
}

/* concat(a, b, ..., axis=1) */
static Term *parse_concat(Line *l)
{
    Term *t = wrap(l, TERM_CONCAT, NULL), *last = NULL;
    bool  axis = false;
    if (t == NULL || !mdl_line_take(l, '(')) return NULL;
    do {
        mdl_line_skip_blanks(l);
        if (l->end - l->s >= 4 && memcmp(l->s, "axis", 4) == 0 && memchr(l->s, '=', (size_t)(l->end - l->s)) != NULL) {
            l->s += 4;
            if (!mdl_line_take(l, '=') || !take_number(l, &t->axis)) return stop(l, "expected `axis=` and a number");
            axis = true;
            break;
        }
        Term *operand = t->count < MAX_OPERANDS ? mdl_line_term(l) : NULL;
        if (operand == NULL) return stop(l, "concat has too many operands");
        if (last == NULL) t->of = operand;
        else last->next = operand;
        last = operand;
        t->count++;
    } while (mdl_line_take(l, ','));
    if (!mdl_line_take(l, ')')) return stop(l, axis ? "expected `)` behind the axis" : "expected `,` or `)`");
    return t->count > 0 ? t : stop(l, "concat needs operands");
}

/* A plain name with what hangs on it: `x.T`, `x.permute(1, 0)`, `concat(...)`. */
static Term *parse_word(Line *l, const char *word, size_t len)
{
    const bool call = l->s < l->end && *l->s == '(';
    TermKind   method = TERM_NAME;
    int        transposed = 0;
    if (call && len == 6 && memcmp(word, "concat", 6) == 0) return parse_concat(l);
    if (call) {
        if (!mdl_ends_in(word, len, ".permute") && !mdl_ends_in(word, len, ".reshape")) {
            return stop(l, "there are concat(...), .permute(...) and .reshape(...)");
        }
        method = word[len - 7] == 'p' ? TERM_PERMUTE : TERM_RESHAPE;
        len -= 8;
    }
    for (; mdl_ends_in(word, len, ".T"); transposed++) len -= 2;
    if (len == 0 || transposed > MDL_MAX_TERM_DEPTH) return stop(l, "expected a name");
    Term *t = wrap(l, TERM_NAME, NULL);
    if (t == NULL) return NULL;
    t->text = word;
    t->len = len;
    l->stars += mdl_count_stars(word, len);
    for (int i = 0; i < transposed && t != NULL; i++) t = wrap(l, TERM_TRANSPOSE, t);
    return method != TERM_NAME && t != NULL ? parse_numbers(l, method, t) : t;
}

Term *mdl_line_term(Line *l)
{
    Term *t = NULL;
    if (++l->depth > MDL_MAX_TERM_DEPTH) mdl_line_fail(l, "terms that are nested too deeply");
    else if (mdl_line_take(l, '"')) {
        t = wrap(l, TERM_NAME, NULL);
        l->stars = 0;
        if (t != NULL && mdl_line_quoted(l, &t->text, &t->len)) t->literal = true;
    }
    else {
        const char  *word;
        const size_t len = mdl_line_plain(l, &word);
        l->stars = 0;
        if (len == 0) mdl_line_fail(l, "expected a tensor's name");
        else t = parse_word(l, word, len);
    }
    if (l->stars > MDL_MAX_STARS) mdl_line_fail(l, "more than 8 stars");
    t = l->fault == NULL ? parse_postfix(l, t) : NULL;
    l->depth--;
    return t;
}
