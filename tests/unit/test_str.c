#include <check.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static const struct {
    double      value;
    const char *text;
} doubles[] = {
    {0.0, "0.0"}, {-0.0, "-0.0"}, {1.0, "1.0"}, {-1.5, "-1.5"}, {0.1, "0.1"}, {1.0 / 3.0, "0.3333333333333333"},
    {1e-5, "1e-05"}, {1e-4, "0.0001"}, {123456789.0, "123456789.0"}, {1e15, "1000000000000000.0"}, {1e16, "1e+16"},
    {1.5e300, "1.5e+300"}, {5e-324, "5e-324"}, {1.7976931348623157e308, "1.7976931348623157e+308"},
    {2.5e-8, "2.5e-08"}, {100.0, "100.0"}, {12.5, "12.5"}, {INFINITY, "inf"}, {-INFINITY, "-inf"}, {NAN, "nan"},
};

START_TEST(a_double_is_printed_as_python_does)
{
    Arena *a = arena_create();
    StrBuf b = {.arena = a};
    sb_double(&b, doubles[_i].value);
    ck_assert_str_eq(sb_text(&b), doubles[_i].text);
    arena_destroy(a);
}
END_TEST

static void check_round_trips(void)
{
    uint64_t bits = 88172645463325252u;
    Arena   *a = arena_create();
    for (int i = 0; i < 20000; i++) {
        double v;
        bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17; /* xorshift */
        memcpy(&v, &bits, sizeof v);
        if (!isfinite(v)) continue;
        StrBuf b = {.arena = a};
        sb_double(&b, v);
        ck_assert_msg(strchr(sb_text(&b), ',') == NULL, "%s", sb_text(&b));
        ck_assert_msg(str_to_double(b.s, b.len) == v, "%s", sb_text(&b));
    }
    arena_destroy(a);
}

START_TEST(any_double_reads_back_as_itself)
{
    check_round_trips();
}
END_TEST

START_TEST(a_decimal_comma_changes_nothing)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "ru_RU.UTF-8"};
    bool found = false;
    for (size_t i = 0; i < 4 && !found; i++) found = setlocale(LC_ALL, names[i]) != NULL;
    check_round_trips(); /* in any case: no such locale may be installed */
    ck_assert(str_to_double("1_000.25e1", 10) == 10002.5);
}
END_TEST

START_TEST(a_builder_grows_and_stays_terminated)
{
    Arena *a = arena_create();
    StrBuf b = {.arena = a};
    ck_assert_str_eq(sb_text(&b), "");
    for (int i = 0; i < 1000; i++) {
        sb_putc(&b, 'a');
        sb_put(&b, "bc");
        sb_printf(&b, "%d", i % 10);
        sb_putn(&b, "xyz", 1);
        ck_assert_uint_eq(strlen(b.s), b.len);
    }
    ck_assert_uint_eq(b.len, 5000);
    ck_assert_int_eq(strncmp(b.s, "abc0xabc1x", 10), 0);
    arena_destroy(a);
}
END_TEST

START_TEST(slices_compare_with_text)
{
    ck_assert(str_eq(str_of("abc"), "abc"));
    ck_assert(!str_eq((Str){"abcd", 3}, "abcd"));
    ck_assert(str_eq((Str){"", 0}, ""));
}
END_TEST

Suite *str_suite(void)
{
    Suite *s = suite_create("str");
    TCase *t = tcase_create("str");
    tcase_add_loop_test(t, a_double_is_printed_as_python_does, 0, sizeof doubles / sizeof *doubles);
    tcase_add_test(t, any_double_reads_back_as_itself);
    tcase_add_test(t, a_decimal_comma_changes_nothing);
    tcase_add_test(t, a_builder_grows_and_stays_terminated);
    tcase_add_test(t, slices_compare_with_text);
    suite_add_tcase(s, t);
    return s;
}
