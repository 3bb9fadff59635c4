/* The writer of C, and the mangler. */
#include <check.h>
#include <string.h>

#include "emit/cwriter.h"
#include "emit/names.h"

static Arena *arena;

static void setup(void) { arena = arena_create(); }
static void teardown(void) { arena_destroy(arena); }

START_TEST(braces_indent_and_blank_lines_collapse)
{
    CWriter w = cw_create(arena);
    cw_blank(&w);
    cw_open(&w, "if (%s)", "x");
    cw_blank(&w);
    cw_line(&w, "f(%d);", 1);
    cw_blank(&w);
    cw_blank(&w);
    cw_directive(&w, "#line 3");
    cw_close(&w, ";");
    ck_assert_str_eq(sb_text(&w.out), "if (x) {\n    f(1);\n\n#line 3\n};\n");
    ck_assert_int_eq(w.line, 6);
}
END_TEST

START_TEST(long_lines_break_behind_outer_commas)
{
    CWriter     w = cw_create(arena);
    const char *arg = "an_argument_that_is_quite_long_really(inner, call)";
    cw_line(&w, "f(%s, %s, %s);", arg, arg, arg);
    ck_assert_str_eq(sb_text(&w.out), arena_printf(arena, "f(%s, %s,\n        %s);\n", arg, arg, arg));
}
END_TEST

START_TEST(a_string_is_never_broken)
{
    CWriter     w = cw_create(arena);
    char        text[200];
    memset(text, ',', sizeof text);
    for (size_t i = 1; i < sizeof text; i += 2) text[i] = ' ';
    text[sizeof text - 1] = '\0';
    cw_line(&w, "f(\"%s\");", text);
    ck_assert_ptr_null(strstr(sb_text(&w.out), ";\n\n"));
    ck_assert_int_eq(w.line, 2);
}
END_TEST

START_TEST(comments_cannot_be_ended_from_within)
{
    CWriter w = cw_create(arena);
    cw_comment(&w, "%s", "a*/b /* c ?\?/\nd");
    ck_assert_str_eq(sb_text(&w.out), "/* a* /b / * c ? ?/ d */\n");
}
END_TEST

START_TEST(long_comments_wrap)
{
    CWriter w = cw_create(arena);
    StrBuf  text = {.arena = arena};
    for (int i = 0; i < 60; i++) sb_put(&text, "word ");
    cw_comment(&w, "%s.", sb_text(&text));
    for (const char *line = sb_text(&w.out); *line; line = strchr(line, '\n') + 1) ck_assert_int_le(strcspn(line, "\n"), 118);
    ck_assert_int_eq(w.line, 4);
}
END_TEST

START_TEST(strings_are_escaped)
{
    ck_assert_str_eq(c_string(arena, "a\"b\\c\n\t?\?=\x7f"), "\"a\\\"b\\\\c\\n\\011?\\?=\\177\"");
    ck_assert_str_eq(c_string(arena, "\xc3\xa9"), "\"\xc3\xa9\"");
    ck_assert_str_eq(c_string_bytes(arena, "ab"), "97, 98, 0");
}
END_TEST

static const struct {
    const char *wish, *file, *local; /* the name at file scope, and in a function */
} names[] = {
    {"Block", "Block", "Block"},     {"int", "int_", "int_"},           {"class", "class_", "class_"},
    {"errno", "errno_", "errno_"},   {"NULL", "NULL_", "NULL_"},        {"stdin", "stdin_", "stdin_"},
    {"unix", "unix_", "unix_"},      {"linux", "linux_", "linux_"},     {"I", "I_", "I_"},
    {"complex", "complex_", "complex_"}, {"assert", "assert_", "assert_"}, {"exp", "exp_", "exp"},
    {"gamma", "gamma_", "gamma"},    {"time", "time_", "time"},         {"mdl_sum", "x_mdl_sum", "x_mdl_sum"},
    {"MDL_OK", "x_MDL_OK", "x_MDL_OK"}, {"_x", "x_x", "x_x"},           {"__x", "x__x", "x__x"},
    {"3d", "x3d", "x3d"},            {"", "x", "x"},                    {"a.b-c", "a_b_c", "a_b_c"},
    {"INT8_MAX", "INT8_MAX_", "INT8_MAX_"}, {"M_PI", "M_PI_", "M_PI_"}, {"main", "main_", "main"},
    {"memcpy", "memcpy_", "memcpy_"}, {"register", "register_", "register_"},
};

START_TEST(names_avoid_what_others_mean_by_them)
{
    /* Families of macros stay families with an underscore: what matters is that they were changed. */
    const char *file = names_claim(names_create(arena, NULL, true), names[_i].wish);
    const char *local = names_claim(names_create(arena, NULL, false), names[_i].wish);
    bool family = strncmp(names[_i].wish, "INT", 3) == 0 || strncmp(names[_i].wish, "M_", 2) == 0;
    if (family) {
        ck_assert(!name_is_reserved(file));
        return;
    }
    ck_assert_str_eq(file, names[_i].file);
    ck_assert_str_eq(local, names[_i].local);
    ck_assert(!name_is_reserved(file) && !name_is_reserved(local));
}
END_TEST

START_TEST(names_differ_in_and_around_a_scope)
{
    Names *outer = names_create(arena, NULL, true), *inner = names_create(arena, outer, false);
    ck_assert_str_eq(names_claim(outer, "x"), "x");
    ck_assert_str_eq(names_claim(inner, "x"), "x_2");
    ck_assert_str_eq(names_claim(inner, "x"), "x_3");
    ck_assert_str_eq(names_claim(names_create(arena, outer, false), "x"), "x_2");
    names_reserve(outer, "y");
    ck_assert_str_eq(names_claim(inner, "y"), "y_2");
}
END_TEST

Suite *emit_text_suite(void)
{
    Suite *s = suite_create("emit_text");
    TCase *t = tcase_create("emit_text");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, braces_indent_and_blank_lines_collapse);
    tcase_add_test(t, long_lines_break_behind_outer_commas);
    tcase_add_test(t, a_string_is_never_broken);
    tcase_add_test(t, comments_cannot_be_ended_from_within);
    tcase_add_test(t, long_comments_wrap);
    tcase_add_test(t, strings_are_escaped);
    tcase_add_loop_test(t, names_avoid_what_others_mean_by_them, 0, countof(names));
    tcase_add_test(t, names_differ_in_and_around_a_scope);
    suite_add_tcase(s, t);
    return s;
}
