/* Trees and messages of whole files are kept in tests/golden/parse/: x.mdl is the input, x.ast its tree, x.err what is said
 * about it; that of bad-*.mdl is not empty. */
#include <check.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"
#include "parse_helpers.h"

/* ---- golden files ---- */

static glob_t inputs, programs;

static Source *load(Session *s, const char *path)
{
    const char *why = NULL;
    Source     *source = source_load(s->sources, path, &why);
    ck_assert_msg(source != NULL, "%s: %s", path, why);
    source->path = strrchr(path, '/') + 1;
    return source;
}

static void check_golden(Session *s, const char *name, const char *extension, const char *text)
{
    golden_check(arena_printf(s->arena, "parse/%.*s.%s", (int)(strlen(name) - strlen(".mdl")), name, extension), text,
                 strlen(text));
}

START_TEST(a_file_has_the_tree_and_the_messages_of_its_golden)
{
    Session       *s = session_create();
    Source        *source = load(s, inputs.gl_pathv[_i]);
    const AstFile *file = parse_file(&s->cx, source);
    const bool     bad = strncmp(source->path, "bad-", 4) == 0;
    check_golden(s, source->path, "ast", session_tree(s, file));
    if (bad) check_golden(s, source->path, "err", session_diags(s));
    else ck_assert_str_eq(session_diags(s), "");
    ck_assert_int_eq(bad, diag_errors(s->cx.diags) > 0);
    session_destroy(s);
}
END_TEST

START_TEST(the_examples_have_no_errors)
{
    Session *s = session_create();
    parse_file(&s->cx, load(s, programs.gl_pathv[_i]));
    ck_assert_str_eq(session_diags(s), "");
    session_destroy(s);
}
END_TEST

/* ---- expressions ---- */

static const struct {
    const char *text, *tree;
} expressions[] = {
    {"a", "a"},
    {"layer(weight=call)", "(call layer weight=call)"},
    {"a + b * c ** -d", "(+ a (* b (** c (- d))))"},
    {"-a ** b", "(- (** a b))"},
    {"a ** b ** c", "(** a (** b c))"},
    {"a - b - c", "(- (- a b) c)"},
    {"a @ b // c % d", "(% (// (@ a b) c) d)"},
    {"a | b ^ c & d + e", "(| a (^ b (& c (+ d e))))"},
    {"~a + +b", "(+ (~ a) (+ b))"},
    {"not a in b and c or d", "(or (and (not (compare a in b)) c) d)"},
    {"a not in b", "(compare a not in b)"},
    {"a is not none", "(compare a is not none)"},
    {"0 < a <= b != c", "(compare 0 < a <= b != c)"},
    {"(a < b) < c", "(compare (compare a < b) < c)"},
    {"a if b else c if d else e", "(if b a (if d c e))"},
    {"()", "(tuple)"},
    {"(a)", "a"},
    {"(a,)", "(tuple a)"},
    {"(a, *b)", "(tuple a (spread b))"},
    {"[]", "(list)"},
    {"[a, ...b,]", "(list a (spread b))"},
    {"[f(x) for x in xs if x > 0 if y]", "(comp (call f x) (for x xs (compare x > 0) y))"},
    {"[a for i, (k, n) in xs for y in n]", "(comp a (for (tuple i (tuple k n)) xs) (for y n))"},
    {"sum(x for x in xs)", "(call sum (generator x (for x xs)))"},
    {"(x for x in xs)", "(generator x (for x xs))"},
    {"f(a, *b, c=1, **d)", "(call f a *b c=1 **d)"},
    {"f()()[0].g", "(. (index (call (call f)) 0) g)"},
    {"x[:, 1:, ::2, a:b:c, ..., -1, none]",
     "(index x (slice _ _ _) (slice 1 _ _) (slice _ _ 2) (slice a b c) ... (- 1) none)"},
    {"'a\\n\\x41\\u00e9\\'' ", "\"a\\nA\xC3\xA9'\""},
    {"f\"{{{a + f(b)}}} {d['}']}\\n\"", "(fstring \"{\" (+ a (call f b)) \"} \" (index d \"}\") \"\\n\")"},
    {"f''", "(fstring)"},
    {"1.5e3", "1500.0"},
    {"a\n+ b", "(+ a b)"},
    {"f(\n  a,\n  b\n)", "(call f a b)"},
};

/* An expression's tree is that of the constant it is the value of. */
START_TEST(an_expression_has_its_tree)
{
    Session    *s = session_create();
    const char *dump = session_dump(s, arena_printf(s->arena, "const c = %s", expressions[_i].text));
    ck_assert_str_eq(session_diags(s), "");
    ck_assert_str_eq(dump, arena_printf(s->arena, "const c %s\n", expressions[_i].tree));
    session_destroy(s);
}
END_TEST

static const char *const spanned[] = {
    "a", "(a)", "-a", "a + b", "(a + b) * c", "f(x, y)", "x[0]", "x.y", "[a, b]", "(a, b)", "a < b < c", "not a",
    "a if b else c", "f\"{x}\"", "'s'", "[x for x in y]", "1.5", "none",
};

START_TEST(an_expression_spans_its_text)
{
    Session    *s = session_create();
    const char *text = arena_printf(s->arena, "  %s  ", spanned[_i]);
    const Expr *e = parse_expr(&s->cx, session_source(s, "test", text, strlen(text)));
    ck_assert_ptr_nonnull(e);
    ck_assert_uint_eq(e->span.start, 2);
    ck_assert_uint_eq(e->span.end, 2 + strlen(spanned[_i]));
    session_destroy(s);
}
END_TEST

START_TEST(an_expression_inside_an_fstring_has_its_own_place)
{
    Session    *s = session_create();
    const char *text = "f'a {b + c} {d}'";
    const Expr *e = parse_expr(&s->cx, session_source(s, "test", text, strlen(text)));
    ck_assert_uint_eq(e->as.fstring.parts.len, 4);
    const Expr *sum = e->as.fstring.parts.at[1].expr, *d = e->as.fstring.parts.at[3].expr;
    ck_assert(sum->span.start == 5 && sum->span.end == 10);
    ck_assert(d->span.start == 13 && d->span.end == 14);
    session_destroy(s);
}
END_TEST

/* ---- types, and expressions alone ---- */

static const char *const types[] = {
    "float32[batch, 784]", "[..., d]", "[]", "int", "Layer?", "(float32[a], int)", "[1 <= batch <= 64, n // 2]",
    "[...lead, d]", "bool[a, b]?", "(int, (float, str),)", "[_, call]",
};

START_TEST(a_type_is_read_alone)
{
    Session        *s = session_create();
    const TypeExpr *t = parse_type(&s->cx, session_source(s, "--input", types[_i], strlen(types[_i])));
    ck_assert_str_eq(session_diags(s), "");
    ck_assert_ptr_nonnull(t);
    ck_assert_uint_eq(t->span.end - t->span.start, strlen(types[_i]));
    session_destroy(s);
}
END_TEST

static const char *const wrong[] = {"", "a b", "a +", "(a", "[1, 2", "a)", "f(", "}", "{", "a\nb", "'x", "$"};

START_TEST(an_error_yields_no_expression_and_no_type)
{
    Session *s = session_create();
    ck_assert_ptr_null(parse_expr(&s->cx, session_source(s, "-D", wrong[_i], strlen(wrong[_i]))));
    ck_assert_uint_ge(diag_errors(s->cx.diags), 1);
    ck_assert_ptr_null(parse_type(&s->cx, session_source(s, "--input", wrong[_i], strlen(wrong[_i]))));
    session_diags(s);
    session_destroy(s);
}
END_TEST

/* ---- size ---- */

/* `head`, `count` times `part`, `tail`. */
static const char *repeated(Session *s, const char *head, const char *part, size_t count, const char *tail)
{
    StrBuf b = {.arena = s->arena};
    sb_put(&b, head);
    for (size_t i = 0; i < count; i++) sb_put(&b, part);
    sb_put(&b, tail);
    return sb_text(&b);
}

static const struct {
    const char *head, *part, *tail;
} deep[] = {
    {"const c = ", "(", "a"},          {"const c = ", "[", "a"},           {"const c = ", "f(", "a"},
    {"const c = a", " + a", "\n"},     {"const c = ", "-", "a"},           {"const c = ", "not ", "a"},
    {"const c = a", " ** a", "\n"},    {"const c = a", ".b", "\n"},        {"const c = a", "(b)", "\n"},
    {"const c = a", "[0]", "\n"},      {"const c = a", " if a else a", ""}, {"const c = a", " and a", ""},
    {"const c = f'{", "(", "}'"},      {"model M { call() {", "if a {", ""}, {"model M {", "if a {", ""},
    {"model M { call() { if a { }", " else if a { }", " } }"},             {"model M { if a { }", " else if a { }", "}"},
    {"fn f(x: ", "(", "int"},          {"fn f() { for ", "(", "a"},        {"const c = [a", " for a in b", "]"},
    {"const c = {", "{", ""},          {"fn f(x) { return ", "{a: ", ""},  {"const c = lambda x: ", "lambda x: ", "x"},
};

START_TEST(what_is_nested_too_deeply_is_an_error_and_no_crash)
{
    Session *s = session_create();
    session_dump(s, repeated(s, deep[_i].head, deep[_i].part, 100000, deep[_i].tail));
    ck_assert_uint_ge(diag_errors(s->cx.diags), deep[_i].part[1] == 'f' ? 0 : 1);
    ck_assert_uint_le(diag_errors(s->cx.diags), 3);
    session_diags(s);
    session_destroy(s);
}
END_TEST

START_TEST(a_comparison_and_a_list_may_be_long)
{
    Session *s = session_create();
    session_dump(s, repeated(s, "const a = 0", " < 0", 10000, "\n"));
    session_dump(s, repeated(s, "const b = [", "0, ", 10000, "]\n"));
    session_dump(s, repeated(s, "", "fn f() { }\n", 10000, ""));
    ck_assert_str_eq(session_diags(s), "");
    session_destroy(s);
}
END_TEST

START_TEST(documentation_belongs_to_what_stands_below_it)
{
    Session    *s = session_create();
    const char *dump = session_dump(s, "## of the file\n\n## one\n##   two\nmodel M {\n  ## field\n  a = 1 ## no\n  b = 2\n}\n");
    ck_assert_str_eq(dump, "doc \"one\\n  two\"\nmodel M\n  doc \"field\"\n  field a 1\n  field b 2\n");
    session_destroy(s);
}
END_TEST

Suite *parse_suite(void)
{
    Suite *suite = suite_create("parse");
    TCase *t = tcase_create("parse");
    glob(GOLDEN_DIR "/parse/*.mdl", 0, NULL, &inputs);
    glob(EXAMPLES_DIR "/*/*.mdl", 0, NULL, &programs);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, a_file_has_the_tree_and_the_messages_of_its_golden, 0, (int)inputs.gl_pathc);
    tcase_add_loop_test(t, the_examples_have_no_errors, 0, (int)programs.gl_pathc);
    tcase_add_loop_test(t, an_expression_has_its_tree, 0, countof(expressions));
    tcase_add_loop_test(t, an_expression_spans_its_text, 0, countof(spanned));
    tcase_add_test(t, an_expression_inside_an_fstring_has_its_own_place);
    tcase_add_loop_test(t, a_type_is_read_alone, 0, countof(types));
    tcase_add_loop_test(t, an_error_yields_no_expression_and_no_type, 0, countof(wrong));
    tcase_add_loop_test(t, what_is_nested_too_deeply_is_an_error_and_no_crash, 0, countof(deep));
    tcase_add_test(t, a_comparison_and_a_list_may_be_long);
    tcase_add_test(t, documentation_belongs_to_what_stands_below_it);
    suite_add_tcase(suite, t);
    return suite;
}
