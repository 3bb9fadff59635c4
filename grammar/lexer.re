/* The words of MDL. The named patterns are the lexical grammar; the rules of lexer_next, one a line, say what each is. What a
 * rule does is in compiler/syntax/words.c.
 *
 * The text ends in a NUL at `limit`, which no open-ended pattern crosses: so no bounds are checked, and a NUL before
 * `limit` is a stray one. */
#include "words.h"

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

#define KEYWORD(k)      return lex_word(lx, TK_##k)
#define SOFT(k)         return lex_name(lx, TK_##k)
#define MARK(k)         return lex_word(lx, TK_##k)
#define OPERATOR(k, op) return lex_operator(lx, TK_##k, OP_##op)

Token lexer_next(Lexer *lx)
{
    for (;;) {
        lx->start = lx->cursor;
        /*!re2c
        blank       { continue; }
        newline     { lex_newline(lx); continue; }
        doc         { lex_doc_line(lx); continue; }
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
        "build"     { SOFT(BUILD); }

        "True"      { return lex_python(lx, TK_TRUE, "true"); }
        "False"     { return lex_python(lx, TK_FALSE, "false"); }
        "None"      { return lex_python(lx, TK_NONE, "none"); }
        "null"      { return lex_python(lx, TK_NONE, "none"); }

        foreign     { return lex_foreign_name(lx); }
        name        { SOFT(ID); }

        integer     { return lex_int(lx); }
        "0" [0-9_]* [0-9]
                    { return lex_leading_zeros(lx); }
        float       { return lex_float(lx); }
        string      { return lex_word(lx, TK_STRING); }
        "f" string  { return lex_word(lx, TK_FSTRING); }
        prefix string
                    { return lex_prefixed_string(lx); }

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

        "&&"        { return lex_foreign(lx, TK_AND, "and"); }
        "||"        { return lex_foreign(lx, TK_OR, "or"); }
        "!"         { return lex_foreign(lx, TK_NOT, "not"); }
        "=>"        { return lex_foreign(lx, TK_ARROW, "->"); }
        ":="        { return lex_foreign(lx, TK_EQ, "="); }
        ";"         { lex_semicolon(lx); continue; }
        "/*"        { lex_block_comment(lx); continue; }
        triple      { lex_triple_quoted(lx);
                      if (lx->first) continue; /* Python's documentation */
                      return lex_word(lx, TK_STRING); }

        numeral     { return lex_bad_number(lx); }
        "f"? unclosed
                    { return lex_unclosed_string(lx); }
        "\x00"      { if (lx->cursor <= lx->limit) { lex_nul(lx); continue; }
                      lx->cursor = lx->limit;
                      return lex_word(lx, TK_END); }
        *           { lex_unknown(lx); continue; }
        */
    }
}

/* ---- inside strings ---- */

/*!re2c
    re2c:define:YYCURSOR = "p";
    re2c:define:YYMARKER = "marker";

    hex = [0-9A-Fa-f];
*/

void decode_string(const ParseContext *cx, const Source *source, uint32_t start, uint32_t end, StrBuf *out)
{
    const unsigned char *text = (const unsigned char *)source->text, *limit = text + end, *marker;
    for (const unsigned char *p = text + start; p < limit;) {
        const unsigned char *from = p;
        /*!re2c
        [^\\'"\n\x00]+
                     { if (p > limit) p = limit;
                       sb_putn(out, (const char *)from, (size_t)(p - from)); continue; }
        "\\n"        { sb_putc(out, '\n'); continue; }
        "\\t"        { sb_putc(out, '\t'); continue; }
        "\\r"        { sb_putc(out, '\r'); continue; }
        "\\0"        { sb_putc(out, '\0'); continue; }
        "\\" [\\'"]  { sb_putc(out, (char)p[-1]); continue; }
        "\\x" hex{2} | "\\u" hex{4} | "\\U" hex{8}
                     { put_escaped(cx, source, from, p, out); continue; }
        "\\" [^\x00] { p = skip_bad_escape(cx, source, from, limit); continue; }
        *            { sb_putc(out, (char)*from); continue; }
        */
    }
}
