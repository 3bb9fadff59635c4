/* What the rules of grammar/lexer.re do. Nothing here fails for good: what is no word is reported, and reading goes on behind
 * it. */
#include "words.h"

#include <inttypes.h>
#include <string.h>

#include "../base/utf8.h"

static uint32_t offset_of(const Lexer *lx, const unsigned char *p)
{
    return lx->base + (uint32_t)(p - lx->text);
}

static Span span_of(const Lexer *lx, const unsigned char *from, const unsigned char *to)
{
    return (Span){lx->file, offset_of(lx, from), offset_of(lx, to)};
}

static Span word(const Lexer *lx)
{
    return span_of(lx, lx->start, lx->cursor);
}

static int word_length(const Lexer *lx)
{
    return (int)(lx->cursor - lx->start);
}

/* ---- lines and documentation ---- */

void lex_newline(Lexer *lx)
{
    const unsigned char *p = lx->cursor;
    while (*p == ' ' || *p == '\t') p++;
    const uint32_t cells = cells_after(0, (const char *)lx->cursor, (size_t)(p - lx->cursor));
    lx->first = true;
    lx->indent = cells < UINT16_MAX ? (uint16_t)cells : UINT16_MAX;
    if (*p == '\n') lx->doc.len = 0; /* a blank line parts a comment from what follows */
}

void lex_doc_line(Lexer *lx)
{
    if (!lx->first) return;
    const unsigned char *p = lx->start + 2, *end = lx->cursor;
    if (p < end && *p == ' ') p++;
    while (end > p && (end[-1] == '\r' || end[-1] == ' ')) end--;
    if (lx->doc.len) sb_putc(&lx->doc, '\n');
    sb_putn(&lx->doc, (const char *)p, (size_t)(end - p));
}

static void attach_doc(Lexer *lx)
{
    const DocComment d = {offset_of(lx, lx->start), {arena_copy(lx->cx->arena, lx->doc.s, lx->doc.len), lx->doc.len}};
    vec_push(lx->cx->arena, &lx->docs, d);
    lx->doc.len = 0;
}

/* ---- words ---- */

Token lex_word(Lexer *lx, int kind)
{
    if (lx->doc.len) attach_doc(lx);
    const Token t = {.kind = (uint8_t)kind, .first = lx->first, .damaged = lx->damaged, .indent = lx->indent,
                     .start = offset_of(lx, lx->start), .end = offset_of(lx, lx->cursor)};
    lx->first = lx->damaged = false;
    return t;
}

Token lex_name(Lexer *lx, int kind)
{
    Token t = lex_word(lx, kind);
    t.as.sym = intern(lx->cx->names, (const char *)lx->start, (size_t)word_length(lx));
    return t;
}

Token lex_foreign_name(Lexer *lx)
{
    Token t = lex_name(lx, TK_ID);
    t.foreign = true;
    return t;
}

Token lex_operator(Lexer *lx, int kind, Operator op)
{
    Token t = lex_word(lx, kind);
    t.as.op = op;
    return t;
}

Token lex_int(Lexer *lx)
{
    Token   t = lex_word(lx, TK_INT);
    int64_t v = 0;
    for (const unsigned char *p = lx->start; p < lx->cursor; p++) {
        if (*p == '_') continue;
        const int digit = *p - '0';
        if (v > (INT64_MAX - digit) / 10) {
            diag_at(lx->cx->diags, E_NUMBER_RANGE, word(lx), "`%.*s` is too large: integers have 64 bits", word_length(lx),
                    (const char *)lx->start);
            v = 0;
            break;
        }
        v = v * 10 + digit;
    }
    t.as.integer = v;
    return t;
}

Token lex_float(Lexer *lx)
{
    Token t = lex_word(lx, TK_FLOAT);
    t.as.real = str_to_double((const char *)lx->start, (size_t)word_length(lx));
    if (t.as.real > 1.7976931348623157e308) {
        diag_at(lx->cx->diags, E_NUMBER_RANGE, word(lx), "`%.*s` is too large: floats reach up to 1.8e308",
                word_length(lx), (const char *)lx->start);
        t.as.real = 0;
    }
    return t;
}

/* ---- what is no word of MDL ---- */

static uint64_t hex_value(const unsigned char *from, const unsigned char *to)
{
    uint64_t v = 0;
    for (; from < to; from++) {
        const unsigned char c = *from;
        v = v << 4 | (uint64_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return v;
}

Token lex_bad_number(Lexer *lx)
{
    const char *text = (const char *)lx->start;
    const int   len = word_length(lx);
    Diag       *d = diag_at(lx->cx->diags, E_BAD_NUMBER, word(lx), "`%.*s` is not a number", len, text);
    if (text[0] != '0' || len < 3 || len > 17 || (text[1] | 0x20) != 'x') {
        diag_help(d, "a name cannot begin with a digit, nor a number end in letters");
    } else if (strspn(text + 2, "0123456789abcdefABCDEF") >= (size_t)len - 2) {
        diag_help(d, "numbers are decimal");
        diag_fix(d, word(lx), "%" PRIu64, hex_value(lx->start + 2, lx->cursor));
    }
    return lex_word(lx, TK_INT);
}

Token lex_leading_zeros(Lexer *lx)
{
    Diag *d = diag_at(lx->cx->diags, E_BAD_NUMBER, word(lx), "a number has no leading zeros");
    const unsigned char *p = lx->start;
    while (p + 1 < lx->cursor && (*p == '0' || *p == '_')) p++;
    diag_help(d, "numbers are decimal");
    diag_fix(d, word(lx), "%.*s", (int)(lx->cursor - p), (const char *)p);
    return lex_int(lx);
}

Token lex_unclosed_string(Lexer *lx)
{
    Diag *d = diag_at(lx->cx->diags, E_UNTERMINATED_STRING, word(lx), "this string is not closed");
    diag_help(d, "strings end on the line they begin on; write `\\n` for a line break");
    return lex_word(lx, TK_BAD);
}

/* `r"..."` and the like, read as if it had no prefix. */
Token lex_prefixed_string(Lexer *lx)
{
    const unsigned char *quote = lx->start;
    while (*quote != '"' && *quote != '\'') quote++;
    const int len = (int)(quote - lx->start);
    Diag     *d = diag_at(lx->cx->diags, E_FOREIGN_STRING, span_of(lx, lx->start, quote), "MDL has no `%.*s` strings", len,
                          (const char *)lx->start);
    diag_help(d, "the prefixes are none, and `f` for strings with values in braces");
    lx->start = quote;
    return lex_word(lx, TK_STRING);
}

/* A string over several lines. */
void lex_triple_quoted(Lexer *lx)
{
    const char  quote[] = {(char)*lx->start, (char)*lx->start, (char)*lx->start, '\0'};
    const char *close = strstr((const char *)lx->cursor, quote);
    if (close) lx->cursor = (const unsigned char *)close + 3;
    else while (*lx->cursor && *lx->cursor != '\n') lx->cursor++;
    Diag *d = diag_at(lx->cx->diags, E_FOREIGN_STRING, word(lx), "MDL has no strings in triple quotes");
    diag_help(d, "document a declaration with lines that begin with `##`");
}

static bool in_name(unsigned char c)
{
    return c == '_' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* `spelling` is how MDL writes the word just read. A word that takes a mark's place must not touch its neighbours. */
static void report_spelling(Lexer *lx, DiagCode code, const char *spelling)
{
    const bool  left = lx->start > lx->text && in_name(lx->start[-1]) && in_name((unsigned char)*spelling);
    const bool  right = in_name(*lx->cursor) && in_name((unsigned char)*spelling);
    Diag       *d = diag_at(lx->cx->diags, code, word(lx), "`%.*s` is written `%s` in MDL", word_length(lx),
                            (const char *)lx->start, spelling);
    diag_help(d, "write `%s`", spelling);
    diag_fix(d, word(lx), "%s%s%s", left ? " " : "", spelling, right ? " " : "");
}

Token lex_foreign(Lexer *lx, int kind, const char *spelling)
{
    report_spelling(lx, E_FOREIGN_OPERATOR, spelling);
    return lex_word(lx, kind);
}

Token lex_python(Lexer *lx, int kind, const char *spelling)
{
    report_spelling(lx, E_PYTHON_WORD, spelling);
    return lex_word(lx, kind);
}

/* Read as a newline, which it would be in MDL. */
void lex_semicolon(Lexer *lx)
{
    const unsigned char *p = lx->cursor;
    while (*p == ' ' || *p == '\t' || *p == '\r') p++;
    const bool at_end = *p == '\n' || *p == '#' || p >= lx->limit;
    if (!lx->semicolon) {
        lx->semicolon = diag_at(lx->cx->diags, E_SEMICOLON, word(lx), "statements end with the line");
        diag_help(lx->semicolon, at_end ? "remove the `;`" : "write the statements on lines of their own");
    }
    if (at_end) diag_fix(lx->semicolon, word(lx), "%s", "");
    else diag_fix(lx->semicolon, span_of(lx, lx->start, p), "\n%*s", (int)lx->indent, "");
    lx->first = true;
}

void lex_block_comment(Lexer *lx)
{
    const char *close = strstr((const char *)lx->cursor, "*/");
    if (close) lx->cursor = (const unsigned char *)close + 2;
    else while (*lx->cursor && *lx->cursor != '\n') lx->cursor++;
    Diag *d = diag_at(lx->cx->diags, E_FOREIGN_COMMENT, word(lx), "`/* ... */` is not a comment in MDL");
    diag_help(d, "begin each line of a comment with `#`");
}

void lex_nul(Lexer *lx)
{
    if (!lx->nul_reported) diag_at(lx->cx->diags, E_NUL_BYTE, word(lx), "the file holds a NUL byte");
    lx->nul_reported = true;
    while (lx->cursor < lx->limit && *lx->cursor != '\n') lx->cursor++;
}

/* Characters that word processors and web pages put where MDL has others. */
static const struct {
    uint32_t    c;
    const char *meant;
} lookalikes[] = {
    {0x00A0, " "},  {0x2003, " "},  {0x200B, ""},   {0x3000, " "},  {0xFEFF, ""},                  /* blanks */
    {0x2018, "'"},  {0x2019, "'"},  {0x201C, "\""}, {0x201D, "\""}, {0x201E, "\""},               /* quotes */
    {0x2010, "-"},  {0x2011, "-"},  {0x2012, "-"},  {0x2013, "-"},  {0x2014, "-"},  {0x2212, "-"}, /* dashes */
    {0x00D7, "*"},  {0x00B7, "*"},  {0x22C5, "*"},  {0x2217, "*"},  {0x00F7, "/"},  {0x2215, "/"},
    {0x2264, "<="}, {0x2265, ">="}, {0x2260, "!="}, {0x2192, "->"}, {0x2026, "..."},
    {0xFF08, "("},  {0xFF09, ")"},  {0xFF0C, ","},  {0xFF1A, ":"},  {0xFF1D, "="},
};

/* How MDL writes what `c` looks like; NULL if it looks like nothing of MDL. */
static const char *lookalike(uint32_t c)
{
    for (size_t i = 0; i < countof(lookalikes); i++) {
        if (lookalikes[i].c == c) return lookalikes[i].meant;
    }
    return NULL;
}

/* Bytes that are not UTF-8 were reported when the lexer was created. */
void lex_unknown(Lexer *lx)
{
    uint32_t     c;
    const size_t n = utf8_decode((const char *)lx->start, (size_t)(lx->limit - lx->start), &c);
    lx->cursor = lx->start + n;
    lx->damaged = true;
    if (c == UTF8_BAD) return;
    const char *meant = lookalike(c);
    const bool  blank = c < ' ' || c == 0x7F || (meant && (*meant == '\0' || *meant == ' '));
    Diag       *d = blank ? diag_at(lx->cx->diags, E_UNKNOWN_CHARACTER, word(lx), "the character U+%04X has no meaning here", c)
                          : diag_at(lx->cx->diags, E_UNKNOWN_CHARACTER, word(lx), "`%.*s` has no meaning here", (int)n,
                                    (const char *)lx->start);
    if (!meant) return;
    diag_help(d, blank ? "write a blank, or nothing" : "write `%s`", meant);
    diag_fix(d, word(lx), "%s", meant);
}

/* ---- escapes ---- */

static Span between(const Source *source, const unsigned char *from, const unsigned char *to)
{
    const unsigned char *text = (const unsigned char *)source->text;
    return (Span){source->id, (uint32_t)(from - text), (uint32_t)(to - text)};
}

void put_escaped(const ParseContext *cx, const Source *source, const unsigned char *from, const unsigned char *to, StrBuf *out)
{
    const uint64_t c = hex_value(from + 2, to);
    char           s[4];
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        diag_at(cx->diags, E_BAD_ESCAPE, between(source, from, to), "there is no character U+%04" PRIX64, c);
        return;
    }
    sb_putn(out, s, utf8_encode(s, (uint32_t)c));
}

const unsigned char *skip_bad_escape(const ParseContext *cx, const Source *source, const unsigned char *from,
                                     const unsigned char *limit)
{
    uint32_t             c;
    const unsigned char *to = from + 1 + utf8_decode((const char *)from + 1, (size_t)(limit - from - 1), &c);
    Diag *d = diag_at(cx->diags, E_BAD_ESCAPE, between(source, from, to), "`%.*s` is not an escape", (int)(to - from),
                      (const char *)from);
    diag_help(d, "write `\\\\` for a backslash; the escapes are \\n \\t \\r \\0 \\\\ \\' \\\" \\xHH \\uHHHH");
    return to;
}

/* ---- the beginning of a text ---- */

static void check_utf8(const Lexer *lx)
{
    for (const unsigned char *p = lx->text; p < lx->limit;) {
        if (*p < 0x80) {
            p++;
            continue;
        }
        uint32_t c;
        p += utf8_decode((const char *)p, (size_t)(lx->limit - p), &c);
        if (c != UTF8_BAD) continue;
        Diag *d = diag_at(lx->cx->diags, E_NOT_UTF8, span_of(lx, p - 1, p), "the byte 0x%02X is not UTF-8 here", p[-1]);
        diag_help(d, "save the file as UTF-8");
        return;
    }
}

Lexer lexer_create(const ParseContext *cx, const Source *source, const char *text, size_t len, uint32_t base)
{
    static const char mark[] = "\xEF\xBB\xBF";
    Lexer lx = {.cx = cx, .file = source->id, .base = base, .doc = {.arena = cx->arena}};
    lx.text = lx.cursor = (const unsigned char *)text;
    lx.limit = lx.text + len;
    check_utf8(&lx);
    if (base == 0 && len >= 3 && memcmp(text, mark, 3) == 0) lx.cursor += 3;
    lex_newline(&lx);
    return lx;
}
