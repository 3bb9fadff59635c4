#include <check.h>
#include <string.h>

#include "source/diag.h"

static const char *const names[] = {"Dense", "Dropout", "Embedding", "LayerNormalization", "relu", "gelu", "x", "axis"};

static const struct {
    const char *name, *nearest; /* NULL: silence */
} cases[] = {
    {"Dens", "Dense"},          {"dense", "Dense"},      {"Dnese", "Dense"},     {"Embeding", "Embedding"},
    {"LayerNorm", NULL},        {"LayerNormalisation", "LayerNormalization"},    {"rleu", "relu"},
    {"y", NULL},                {"ax", NULL},            {"axes", "axis"},       {"", NULL},
    {"completely_else", NULL},
};

START_TEST(a_close_name_is_suggested_and_a_far_one_is_not)
{
    const char *nearest = suggest(cases[_i].name, names, countof(names));
    if (cases[_i].nearest) ck_assert_pstr_eq(nearest, cases[_i].nearest);
    else ck_assert_ptr_null(nearest);
}
END_TEST

START_TEST(a_name_without_end_is_met_with_silence)
{
    char name[1000];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ck_assert_ptr_null(suggest(name, names, countof(names)));
    ck_assert_ptr_null(suggest("a", (const char *const[]){name}, 1));
    ck_assert_ptr_null(suggest("a", NULL, 0));
}
END_TEST

Suite *suggest_suite(void)
{
    Suite *s = suite_create("suggest");
    TCase *t = tcase_create("suggest");
    tcase_add_loop_test(t, a_close_name_is_suggested_and_a_far_one_is_not, 0, countof(cases));
    tcase_add_test(t, a_name_without_end_is_met_with_silence);
    suite_add_tcase(s, t);
    return s;
}
