#include <check.h>
#include <string.h>

#include "parse_helpers.h"
#include "syntax/lexer.h"

static const char *kind_name(int kind)
{
    switch (kind) {
    case TK_END: return "END";
#define TOKEN(name, shown, line) case TK_##name: return #name;
#include "../../grammar/tokens.def"
#undef TOKEN
    default: return "?";
    }
}

static Lexer lexer_on(Session *s, const char *text, size_t len)
{
    Source *source = session_source(s, "test.mdl", text, len);
    return lexer_create(&s->cx, source, source->text, source->len, 0);
}

/* The kinds of a text's words; `|` where a line begins. */
static const char *kinds(Session *s, const char *text, size_t len)
{
    Lexer  lx = lexer_on(s, text, len);
    StrBuf b = {.arena = s->arena};
    for (Token t = lexer_next(&lx); t.kind != TK_END; t = lexer_next(&lx)) {
        if (b.len) sb_putc(&b, ' ');
        if (t.first && b.len) sb_put(&b, "| ");
        sb_put(&b, kind_name(t.kind));
    }
    return sb_text(&b);
}

static const struct {
    const char *text, *kinds;
} words[] = {
    {"", ""},
    {"# nothing but a comment", ""},
    {"x _y Z9", "ID ID ID"},
    {"0 1_000 9223372036854775807", "INT INT INT"},
    {"1.5 1. .5 1e5 1E-5 1_0.2_5e+1_0", "FLOAT FLOAT FLOAT FLOAT FLOAT FLOAT"},
    {"'a' \"b\" '' \"it's\" 'a\\'b' f\"x{y}\" f''", "STRING STRING STRING STRING STRING FSTRING FSTRING"},
    {"true false none", "TRUE FALSE NONE"},
    {"return if else for in is assert and or not", "RETURN IF ELSE FOR IN IS ASSERT AND OR NOT"},
    {"import as const fn layer model weight state call", "IMPORT AS CONST FN LAYER MODEL WEIGHT STATE CALL"},
    {"returns iff f format", "ID ID ID ID"},
    {"( ) [ ] { } , : . ... -> ? =", "LP RP LB RB LBRACE RBRACE COMMA COLON DOT ELLIPSIS ARROW QM EQ"},
    {"+ - * / // % @ ** | ^ & ~", "PLUS MINUS STAR MULOP MULOP MULOP MULOP POW PIPE CARET AMP TILDE"},
    {"== != < <= > >=", "CMPOP CMPOP CMPOP CMPOP CMPOP CMPOP"},
    {"+= -= *= /= //= %= @= **= |= ^= &=", "AUGEQ AUGEQ AUGEQ AUGEQ AUGEQ AUGEQ AUGEQ AUGEQ AUGEQ AUGEQ AUGEQ"},
    {"a\nb\r\n  c # d\n\n## e\nf", "ID | ID | ID | ID"},
    {"\xEF\xBB\xBF" "a", "ID"},
    {"x[1:2].y", "ID LB INT COLON INT RB DOT ID"},
    {"...lead ....5", "ELLIPSIS ID ELLIPSIS FLOAT"},
};

START_TEST(text_is_cut_into_words)
{
    Session *s = session_create();
    ck_assert_str_eq(kinds(s, words[_i].text, strlen(words[_i].text)), words[_i].kinds);
    ck_assert_uint_eq(diag_errors(s->cx.diags), 0);
    session_destroy(s);
}
END_TEST

/* What is no word is reported once, and what stands around it is read. */
static const struct {
    const char *text;
    size_t      len;
    const char *kinds, *message;
} faults[] = {
    {"a $ b", 5, "ID ID", "`$` has no meaning here"},
    {"a \xE2\x82\xAC b", 7, "ID ID", "`\xE2\x82\xAC` has no meaning here"},
    {"a \xFF b", 5, "ID ID", "the byte 0xFF is not UTF-8"},
    {"# \xC3\n a", 6, "ID", "the byte 0xC3 is not UTF-8"},
    {"a \0 b\nc", 7, "ID | ID", "the file holds a NUL byte"},
    {"x = 'abc\ny", 10, "ID EQ BAD | ID", "this string is not closed"},
    {"'abc\\", 5, "BAD", "this string is not closed"},
    {"\"", 1, "BAD", "this string is not closed"},
    {"f\"{a}", 5, "BAD", "this string is not closed"},
    {"12ab c", 6, "INT ID", "`12ab` is not a number"},
    {"0x1F", 4, "INT", "`0x1F` is not a number"},
    {"1__0", 4, "INT", "`1__0` is not a number"},
    {"1.2.3", 5, "INT", "`1.2.3` is not a number"},
    {"007", 3, "INT", "a number has no leading zeros"},
    {"9223372036854775808", 19, "INT", "is too large: integers have 64 bits"},
    {"1e999", 5, "FLOAT", "is too large: floats reach up to"},
    {"a /* b\nc */ d", 13, "ID ID", "is not a comment in MDL"},
    {"a /* b", 6, "ID", "is not a comment in MDL"},
    {"a && b", 6, "ID AND ID", "`&&` is written `and` in MDL"},
    {"a || !b", 7, "ID OR NOT ID", "`!` is written `not` in MDL"},
    {"True", 4, "TRUE", "`True` is written `true` in MDL"},
    {"a := None", 9, "ID EQ NONE", "`None` is written `none` in MDL"},
    {"a; b;", 5, "ID | ID", "statements end with the line"},
    {"\"\"\"x\ny\"\"\" z", 12, "ID", "MDL has no strings in triple quotes"},
    {"a = '''x", 8, "ID EQ STRING", "MDL has no strings in triple quotes"},
    {"r\"\\d\"", 5, "STRING", "MDL has no `r` strings"},
};

START_TEST(what_is_no_word_is_reported_and_passed_over)
{
    Session *s = session_create();
    ck_assert_str_eq(kinds(s, faults[_i].text, faults[_i].len), faults[_i].kinds);
    ck_assert_msg(strstr(session_diags(s), faults[_i].message), "%s", session_diags(s));
    session_destroy(s);
}
END_TEST

START_TEST(numbers_have_their_values)
{
    Session *s = session_create();
    Lexer    lx = lexer_on(s, "1_000 9223372036854775807 1e-5 .5 1_0.5", 39);
    ck_assert_int_eq(lexer_next(&lx).as.integer, 1000);
    ck_assert_int_eq(lexer_next(&lx).as.integer, INT64_MAX);
    ck_assert(lexer_next(&lx).as.real == 1e-5);
    ck_assert(lexer_next(&lx).as.real == 0.5);
    ck_assert(lexer_next(&lx).as.real == 10.5);
    session_destroy(s);
}
END_TEST

/* Lemon numbers the kinds from 1 without a gap, so as many rows as kinds name them all. */
START_TEST(every_kind_has_a_name_for_messages)
{
    enum {
        KINDS = 0
#define TOKEN(name, shown, line) + 1
#include "../../grammar/tokens.def"
#undef TOKEN
    };
    for (int kind = TK_END; kind <= KINDS; kind++) {
        ck_assert_msg(token_shown(kind) != NULL, "kind %d has no row in tokens.def", kind);
        ck_assert_str_ne(kind_name(kind), "?");
    }
}
END_TEST

START_TEST(indentation_and_lines_are_known)
{
    Session *s = session_create();
    Lexer    lx = lexer_on(s, "a\n\tb c\n  \n    d", 15);
    ck_assert_uint_eq(lexer_next(&lx).indent, 0);
    Token b = lexer_next(&lx), c = lexer_next(&lx), d = lexer_next(&lx);
    ck_assert(b.first && b.indent == 4);
    ck_assert(!c.first && c.indent == 4);
    ck_assert(d.first && d.indent == 4);
    session_destroy(s);
}
END_TEST

static const char nasty[] =
    "\xEF\xBB\xBFlayer L(a: int = 1_0, *b) { ## \xC3\xA9\r\n\tw = f\"{a!r:.3} {{\" + '\\x4' \"\\u12\" 'un\n"
    "x = \"\"\" y \" ''' 0x1 1e+ .5. .. ... && || ! $ ` \xFF\xC3 ; /* \n/ * // => := -> \0 z\n"
    "} ) ] ( [ { return { a: 1 }\n'\\";

/* Each prefix ends where its memory ends, so that a sanitizer sees any step beyond it. */
START_TEST(no_prefix_of_a_nasty_text_is_overrun)
{
    for (size_t len = 0; len < sizeof nasty; len++) {
        Session *s = session_create();
        Lexer    lx = lexer_on(s, nasty, len);
        uint32_t before = 0;
        for (Token t = lexer_next(&lx);; t = lexer_next(&lx)) {
            ck_assert(before <= t.start && t.start <= t.end && t.end <= len);
            before = t.end;
            if (t.kind == TK_END) break;
        }
        ck_assert_int_eq(lexer_next(&lx).kind, TK_END);
        session_diags(s);
        session_destroy(s);
    }
}
END_TEST

Suite *lexer_suite(void)
{
    Suite *suite = suite_create("lexer");
    TCase *t = tcase_create("lexer");
    tcase_add_loop_test(t, text_is_cut_into_words, 0, countof(words));
    tcase_add_loop_test(t, what_is_no_word_is_reported_and_passed_over, 0, countof(faults));
    tcase_add_test(t, numbers_have_their_values);
    tcase_add_test(t, every_kind_has_a_name_for_messages);
    tcase_add_test(t, indentation_and_lines_are_known);
    tcase_add_test(t, no_prefix_of_a_nasty_text_is_overrun);
    suite_add_tcase(suite, t);
    return suite;
}
