#include <check.h>
#include <stdint.h>

#include "dimension.h"

static const char *const names[] = {"batch", "time", "n_1"};

/* Sizes under batch = 2, time = 10; n_1 is not given. */
static const struct {
    const char *type;
    int         rank;
    bool        fine;
    int64_t     sizes[3];
} types[] = {
    {"float32[]", 0, true, {0}},
    {"float32[batch, 784]", 2, true, {2, 784}},
    {"int32[1 <= batch <= 64, time]", 2, true, {2, 10}},
    {"int32[batch <= 64, 3 <= time, n_1]", 3, true, {2, 10, 1}},
    {"float32[2*time + 1, time//3, time % 4]", 3, true, {21, 3, 2}},
    {"float32[batch*(time - 1), min(time, 4), max(batch, time)]", 3, true, {18, 4, 10}},
    {"float32[-time + 12, time - 2 - 3, 2*3*batch]", 3, true, {2, 5, 12}},
    {"float32[other]", 1, false, {0}},
    {"float32[batch - time]", 1, false, {0}},
    {"float32[time // 0]", 1, false, {0}},
    {"float32[batch", 1, false, {0}},
    {"float32[batch]", 2, false, {0}},
    {"float32[batch, time]", 1, false, {0}},
    {"float32", 1, false, {0}},
    {"float32[9223372036854775807*batch]", 1, false, {0}},
};

START_TEST(sizes_follow_from_the_symbols)
{
    const mdl_program program = {.nsymbols = 3, .symbols = names};
    int64_t           values[] = {2, 10, -1}, shape[3] = {0};
    const Symbols     symbols = {&program, values};
    const mdl_port    port = {"x", types[_i].type, MDL_FLOAT32, types[_i].rank};
    ck_assert_int_eq(mdl_dimensions_sizes(&symbols, &port, shape), types[_i].fine);
    for (int i = 0; types[_i].fine && i < types[_i].rank; i++) ck_assert_int_eq(shape[i], types[_i].sizes[i]);
}
END_TEST

START_TEST(symbols_are_learned_from_shapes)
{
    const mdl_program program = {.nsymbols = 3, .symbols = names};
    int64_t           values[] = {-1, 7, -1};
    const int64_t     shape[] = {5, 8, 9};
    const Symbols     symbols = {&program, values};
    const mdl_port    port = {"x", "float32[batch, time, 2*n_1]", MDL_FLOAT32, 3};
    mdl_dimensions_learn(&symbols, &port, shape);
    ck_assert_int_eq(values[0], 5);
    ck_assert_int_eq(values[1], 7);
    ck_assert_int_eq(values[2], -1);
}
END_TEST

Suite *dimension_suite(void)
{
    Suite *s = suite_create("dimension");
    TCase *t = tcase_create("dimension");
    tcase_add_loop_test(t, sizes_follow_from_the_symbols, 0, sizeof types / sizeof *types);
    tcase_add_test(t, symbols_are_learned_from_shapes);
    suite_add_tcase(s, t);
    return s;
}
