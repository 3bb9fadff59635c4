/* The words of MDL. The named patterns are the lexical grammar; the rules of lexer_next, one a line, say what each is.
 *
 * The text ends in a NUL at `limit`, which no open-ended pattern crosses: so no bounds are checked, and a NUL before
 * `limit` is a stray one. Nothing here fails for good: what is no word is reported, and reading goes on behind it. */
#include "lexer.h"

#include <inttypes.h>
#include <string.h>

#include "../base/utf8.h"

/*!re2c
    re2c:api:style = free-form;
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYCURSOR = "lx->cursor";
    re2c:define:YYMARKER = "lx->marker";
    re2c:yyfill:enable = 0;

    newline  = "\n";
    blank    = [ \t\r\f\v]+;
    comment  = "#" [^\n\x00]*;
    doc      = "##" ([^#\n\x00] [^\n\x00]*)?;

    name     = [A-Za-z_] [A-Za-z0-9_]*;
    foreign  = "class" | "def" | "func" | "function" | "lambda" | "self" | "this" | "new" | "let" | "var" | "from"
             | "elif" | "elseif" | "pass" | "break" | "continue" | "while" | "switch" | "match" | "with" | "try"
             | "except" | "finally" | "raise" | "yield" | "async" | "await" | "del" | "global" | "nonlocal";
    digits   = [0-9]+ ("_" [0-9]+)*;
    integer  = "0" | [1-9] [0-9]* ("_" [0-9]+)*;
    exponent = [eE] [+-]? digits;
    float    = digits "." digits? exponent? | "." digits exponent? | digits exponent;
    numeral  = "."? [0-9] [A-Za-z0-9_.]*;

    inside1  = [^'\\\r\n\x00] | "\\" [^\r\n\x00];
    inside2  = [^"\\\r\n\x00] | "\\" [^\r\n\x00];
    string   = "'" inside1* "'" | "\"" inside2* "\"";
    unclosed = "'" inside1* "\\"? | "\"" inside2* "\\"?;
    triple   = "'''" | "\"\"\"";
    prefix   = [bBrRuUF] | [bB] [rR] | [rR] [bBfF] | [fF] [rR];
*/

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

static void start_line(Lexer *lx)
{
    const unsigned char *p = lx->cursor;
    while (*p == ' ' || *p == '\t') p++;
    const uint32_t cells = cells_after(0, (const char *)lx->cursor, (size_t)(p - lx->cursor));
    lx->first = true;
    lx->indent = cells < UINT16_MAX ? (uint16_t)cells : UINT16_MAX;
    if (*p == '\n') lx->doc.len = 0; /* a blank line parts a comment from what follows */
}

static void add_doc_line(Lexer *lx)
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

static Token make(Lexer *lx, int kind)
{
    if (lx->doc.len) attach_doc(lx);
    const Token t = {.kind = (uint8_t)kind, .first = lx->first, .damaged = lx->damaged, .indent = lx->indent,
                     .start = offset_of(lx, lx->start), .end = offset_of(lx, lx->cursor)};
    lx->first = lx->damaged = false;
    return t;
}

static Token make_name(Lexer *lx, int kind)
{
    Token t = make(lx, kind);
    t.as.sym = intern(lx->cx->names, (const char *)lx->start, (size_t)word_length(lx));
    return t;
}

static Token make_foreign(Lexer *lx)
{
    Token t = make_name(lx, TK_ID);
    t.foreign = true;
    return t;
}

static Token make_operator(Lexer *lx, int kind, Operator op)
{
    Token t = make(lx, kind);
    t.as.op = op;
    return t;
}

static Token make_int(Lexer *lx)
{
    Token   t = make(lx, TK_INT);
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

static Token make_float(Lexer *lx)
{
    Token t = make(lx, TK_FLOAT);
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

static Token bad_number(Lexer *lx)
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
    return make(lx, TK_INT);
}

static Token leading_zeros(Lexer *lx)
{
    Diag *d = diag_at(lx->cx->diags, E_BAD_NUMBER, word(lx), "a number has no leading zeros");
    const unsigned char *p = lx->start;
    while (p + 1 < lx->cursor && (*p == '0' || *p == '_')) p++;
    diag_help(d, "numbers are decimal");
    diag_fix(d, word(lx), "%.*s", (int)(lx->cursor - p), (const char *)p);
    return make_int(lx);
}

static Token unclosed_string(Lexer *lx)
{
    Diag *d = diag_at(lx->cx->diags, E_UNTERMINATED_STRING, word(lx), "this string is not closed");
    diag_help(d, "strings end on the line they begin on; write `\\n` for a line break");
    return make(lx, TK_BAD);
}

/* `r"..."` and the like, read as if it had no prefix. */
static Token prefixed_string(Lexer *lx)
{
    const unsigned char *quote = lx->start;
    while (*quote != '"' && *quote != '\'') quote++;
    const int len = (int)(quote - lx->start);
    Diag     *d = diag_at(lx->cx->diags, E_FOREIGN_STRING, span_of(lx, lx->start, quote), "MDL has no `%.*s` strings", len,
                          (const char *)lx->start);
    diag_help(d, "the prefixes are none, and `f` for strings with values in braces");
    lx->start = quote;
    return make(lx, TK_STRING);
}

/* A string over several lines. */
static void read_triple_quoted(Lexer *lx)
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

static Token foreign(Lexer *lx, int kind, const char *spelling)
{
    report_spelling(lx, E_FOREIGN_OPERATOR, spelling);
    return make(lx, kind);
}

static Token python(Lexer *lx, int kind, const char *spelling)
{
    report_spelling(lx, E_PYTHON_WORD, spelling);
    return make(lx, kind);
}

/* Read as a newline, which it would be in MDL. */
static void skip_semicolon(Lexer *lx)
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

static void skip_block_comment(Lexer *lx)
{
    const char *close = strstr((const char *)lx->cursor, "*/");
    if (close) lx->cursor = (const unsigned char *)close + 2;
    else while (*lx->cursor && *lx->cursor != '\n') lx->cursor++;
    Diag *d = diag_at(lx->cx->diags, E_FOREIGN_COMMENT, word(lx), "`/* ... */` is not a comment in MDL");
    diag_help(d, "begin each line of a comment with `#`");
}

static void skip_nul(Lexer *lx)
{
    if (!lx->nul_reported) diag_at(lx->cx->diags, E_NUL_BYTE, word(lx), "the file holds a NUL byte");
    lx->nul_reported = true;
    while (lx->cursor < lx->limit && *lx->cursor != '\n') lx->cursor++;
}

/* Bytes that are not UTF-8 were reported when the lexer was created. */
static void skip_unknown(Lexer *lx)
{
    uint32_t     c;
    const size_t n = utf8_decode((const char *)lx->start, (size_t)(lx->limit - lx->start), &c);
    lx->cursor = lx->start + n;
    lx->damaged = true;
    if (c == UTF8_BAD) return;
    diag_at(lx->cx->diags, E_UNKNOWN_CHARACTER, word(lx), "`%.*s` has no meaning here", (int)n, (const char *)lx->start);
}

/* ---- the words ---- */

#define KEYWORD(k)      return make(lx, TK_##k)
#define SOFT(k)         return make_name(lx, TK_##k)
#define MARK(k)         return make(lx, TK_##k)
#define OPERATOR(k, op) return make_operator(lx, TK_##k, OP_##op)

Token lexer_next(Lexer *lx)
{
    for (;;) {
        lx->start = lx->cursor;
        /*!re2c
        blank       { continue; }
        newline     { start_line(lx); continue; }
        doc         { add_doc_line(lx); continue; }
        comment     { continue; }

        "return"    { KEYWORD(RETURN); }
        "if"        { KEYWORD(IF); }
        "else"      { KEYWORD(ELSE); }
        "for"       { KEYWORD(FOR); }
        "in"        { KEYWORD(IN); }
        "is"        { KEYWORD(IS); }
        "assert"    { KEYWORD(ASSERT); }
        "and"       { KEYWORD(AND); }
        "or"        { KEYWORD(OR); }
        "not"       { KEYWORD(NOT); }
        "true"      { KEYWORD(TRUE); }
        "false"     { KEYWORD(FALSE); }
        "none"      { KEYWORD(NONE); }

        "import"    { SOFT(IMPORT); }
        "as"        { SOFT(AS); }
        "const"     { SOFT(CONST); }
        "fn"        { SOFT(FN); }
        "layer"     { SOFT(LAYER); }
        "model"     { SOFT(MODEL); }
        "weight"    { SOFT(WEIGHT); }
        "state"     { SOFT(STATE); }
        "call"      { SOFT(CALL); }

        "True"      { return python(lx, TK_TRUE, "true"); }
        "False"     { return python(lx, TK_FALSE, "false"); }
        "None"      { return python(lx, TK_NONE, "none"); }
        "null"      { return python(lx, TK_NONE, "none"); }

        foreign     { return make_foreign(lx); }
        name        { SOFT(ID); }

        integer     { return make_int(lx); }
        "0" [0-9_]* [0-9] { return leading_zeros(lx); }
        float       { return make_float(lx); }
        string      { return make(lx, TK_STRING); }
        "f" string  { return make(lx, TK_FSTRING); }
        prefix string { return prefixed_string(lx); }

        "("         { MARK(LP); }
        ")"         { MARK(RP); }
        "["         { MARK(LB); }
        "]"         { MARK(RB); }
        "{"         { MARK(LBRACE); }
        "}"         { MARK(RBRACE); }
        ","         { MARK(COMMA); }
        ":"         { MARK(COLON); }
        "."         { MARK(DOT); }
        "..."       { MARK(ELLIPSIS); }
        "->"        { MARK(ARROW); }
        "?"         { MARK(QM); }
        "="         { MARK(EQ); }

        "+"         { OPERATOR(PLUS, ADD); }
        "-"         { OPERATOR(MINUS, SUB); }
        "*"         { OPERATOR(STAR, MUL); }
        "/"         { OPERATOR(MULOP, DIV); }
        "//"        { OPERATOR(MULOP, FLOORDIV); }
        "%"         { OPERATOR(MULOP, MOD); }
        "@"         { OPERATOR(MULOP, MATMUL); }
        "**"        { OPERATOR(POW, POW); }
        "|"         { OPERATOR(PIPE, BITOR); }
        "^"         { OPERATOR(CARET, BITXOR); }
        "&"         { OPERATOR(AMP, BITAND); }
        "~"         { OPERATOR(TILDE, INVERT); }

        "=="        { OPERATOR(CMPOP, EQ); }
        "!="        { OPERATOR(CMPOP, NE); }
        "<"         { OPERATOR(CMPOP, LT); }
        "<="        { OPERATOR(CMPOP, LE); }
        ">"         { OPERATOR(CMPOP, GT); }
        ">="        { OPERATOR(CMPOP, GE); }

        "+="        { OPERATOR(AUGEQ, ADD); }
        "-="        { OPERATOR(AUGEQ, SUB); }
        "*="        { OPERATOR(AUGEQ, MUL); }
        "/="        { OPERATOR(AUGEQ, DIV); }
        "//="       { OPERATOR(AUGEQ, FLOORDIV); }
        "%="        { OPERATOR(AUGEQ, MOD); }
        "@="        { OPERATOR(AUGEQ, MATMUL); }
        "**="       { OPERATOR(AUGEQ, POW); }
        "|="        { OPERATOR(AUGEQ, BITOR); }
        "^="        { OPERATOR(AUGEQ, BITXOR); }
        "&="        { OPERATOR(AUGEQ, BITAND); }

        "&&"        { return foreign(lx, TK_AND, "and"); }
        "||"        { return foreign(lx, TK_OR, "or"); }
        "!"         { return foreign(lx, TK_NOT, "not"); }
        "=>"        { return foreign(lx, TK_ARROW, "->"); }
        ":="        { return foreign(lx, TK_EQ, "="); }
        ";"         { skip_semicolon(lx); continue; }
        "/*"        { skip_block_comment(lx); continue; }
        triple      { read_triple_quoted(lx);
                      if (lx->first) continue; /* Python's documentation */
                      return make(lx, TK_STRING); }

        numeral     { return bad_number(lx); }
        "f"? unclosed { return unclosed_string(lx); }
        "\x00"      { if (lx->cursor <= lx->limit) { skip_nul(lx); continue; }
                      lx->cursor = lx->limit;
                      return make(lx, TK_END); }
        *           { skip_unknown(lx); continue; }
        */
    }
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
    start_line(&lx);
    return lx;
}

/* ---- inside strings ---- */

/*!re2c
    re2c:define:YYCURSOR = "p";
    re2c:define:YYMARKER = "marker";

    hex = [0-9A-Fa-f];
*/

static void put_character(const ParseContext *cx, Span span, uint32_t c, StrBuf *out)
{
    char s[4];
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        diag_at(cx->diags, E_BAD_ESCAPE, span, "there is no character U+%04X", c);
        return;
    }
    sb_putn(out, s, utf8_encode(s, c));
}

void decode_string(const ParseContext *cx, const Source *source, uint32_t start, uint32_t end, StrBuf *out)
{
    const unsigned char *text = (const unsigned char *)source->text, *limit = text + end, *marker;
    for (const unsigned char *p = text + start; p < limit;) {
        const unsigned char *from = p;
#define HERE ((Span){source->id, (uint32_t)(from - text), (uint32_t)(p - text)})
        /*!re2c
        [^\\'"\n\x00]+ { if (p > limit) p = limit;
                       sb_putn(out, (const char *)from, (size_t)(p - from)); continue; }
        "\\n"        { sb_putc(out, '\n'); continue; }
        "\\t"        { sb_putc(out, '\t'); continue; }
        "\\r"        { sb_putc(out, '\r'); continue; }
        "\\0"        { sb_putc(out, '\0'); continue; }
        "\\" [\\'"]  { sb_putc(out, (char)p[-1]); continue; }
        "\\x" hex{2} | "\\u" hex{4} | "\\U" hex{8} { put_character(cx, HERE, (uint32_t)hex_value(from + 2, p), out); continue; }
        "\\" [^\x00] { p += utf8_decode((const char *)p - 1, (size_t)(limit - p) + 1, &(uint32_t){0}) - 1;
                       Diag *d = diag_at(cx->diags, E_BAD_ESCAPE, HERE, "`%.*s` is not an escape", (int)(p - from),
                                         (const char *)from);
                       diag_help(d, "write `\\\\` for a backslash; the escapes are \\n \\t \\r \\0 \\\\ \\' \\\" \\xHH \\uHHHH");
                       continue; }
        *            { sb_putc(out, (char)*from); continue; }
        */
#undef HERE
    }
}
