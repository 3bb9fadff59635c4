#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"
#include "dtype.h"
#include "philox.h"
#include "same_math.h"

/* ---- Philox ---- */

/* The known answers that are published with the algorithm (Random123, kat_vectors, philox4x32 10). */
static const struct {
    uint64_t first, stream, key;
    uint32_t words[4];
} answers[] = {
    {0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {UINT64_MAX, UINT64_MAX, UINT64_MAX, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {0x85a308d3243f6a88, 0x0370734413198a2e, 0x299f31d0a4093822, {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

START_TEST(philox_gives_the_published_answers)
{
    uint32_t words[4][MDL_PHILOX_BLOCKS];
    mdl_philox_blocks(answers[_i].first, answers[_i].stream, answers[_i].key, words);
    for (int k = 0; k < 4; k++) ck_assert_uint_eq(words[k][0], answers[_i].words[k]);
    if (answers[_i].first > UINT64_MAX - 5) return;
    uint32_t later[4][MDL_PHILOX_BLOCKS]; /* a block does not depend on what it is computed with */
    mdl_philox_blocks(answers[_i].first + 5, answers[_i].stream, answers[_i].key, later);
    for (int k = 0; k < 4; k++) ck_assert_uint_eq(later[k][0], words[k][5]);
}
END_TEST

/* ---- functions that are the same everywhere ---- */

START_TEST(logarithms_are_within_two_ulps)
{
    for (double x = 1e-300; x < 1e300; x *= 1.37) ck_assert_double_le(fabs(mdl_same_log(x) - log(x)), 4.5e-16 * fabs(log(x)));
    for (double x = 0.5; x < 2; x += 0.00037) ck_assert_double_le(fabs(mdl_same_log(x) - log(x)), 4.5e-16 * fabs(log(x)) + 1e-300);
}
END_TEST

START_TEST(quantiles_invert_the_distribution_function)
{
    double p[MDL_SAME_BATCH], x[MDL_SAME_BATCH];
    for (double at = 1e-16; at < 0.03; at *= 3) {
        for (int i = 0; i < MDL_SAME_BATCH; i++) p[i] = x[i] = i % 2 ? at * (1 + i) : 0.03 * i + at;
        mdl_same_normal_quantiles(x);
        for (int i = 0; i < MDL_SAME_BATCH; i++) ck_assert_double_le(fabs(0.5 * erfc(-x[i] * M_SQRT1_2) - p[i]), 2e-14 * p[i]);
    }
}
END_TEST

START_TEST(angles_are_exact_at_the_quarters)
{
    for (int64_t n = 4; n < 400; n += 4) {
        ck_assert_double_eq(mdl_same_cos(0, n), 1);
        ck_assert_double_eq(mdl_same_cos(n / 4, n), 0);
        ck_assert_double_eq(mdl_same_cos(n / 2, n), -1);
        ck_assert_double_eq(mdl_same_sin(n / 4, n), 1);
        ck_assert_double_eq(mdl_same_sin(-n / 4, n), -1);
        for (int64_t k = -n; k <= n; k++) {
            ck_assert_double_le(fabs(mdl_same_cos(k, n) - cos(2 * M_PI * (double)k / (double)n)), 2e-15); /* what libm makes of a rounded angle */
            ck_assert_double_le(fabs(mdl_same_sin(k, n) - sin(2 * M_PI * (double)k / (double)n)), 2e-15); /* what libm makes of a rounded angle */
        }
    }
}
END_TEST

/* ---- dtypes ---- */

START_TEST(sixteen_bit_floats_read_back_and_round_to_nearest_even)
{
    for (uint32_t h = 0; h < 65536; h++) {
        const double f16 = mdl_of_float16((uint16_t)h), bf16 = mdl_of_bfloat16((uint16_t)h);
        if (f16 == f16) ck_assert_uint_eq(mdl_float16_of(f16), h);
        if (bf16 == bf16) ck_assert_uint_eq(mdl_bfloat16_of(bf16), h);
    }
    ck_assert_uint_eq(mdl_float16_of(65519.99), 0x7BFF);
    ck_assert_uint_eq(mdl_float16_of(65520), 0x7C00); /* the middle goes to even: infinity */
    ck_assert_uint_eq(mdl_float16_of(0x1p-25), 0);
    ck_assert_uint_eq(mdl_float16_of(0x1.8p-25), 1);
    ck_assert_uint_eq(mdl_float16_of(-0x1p-1074), 0x8000);
    ck_assert_uint_eq(mdl_float16_of(1 + 0x1p-11), 0x3C00);
    ck_assert_uint_eq(mdl_float16_of(1 + 0x1p-11 + 0x1p-40), 0x3C01);
    ck_assert_uint_eq(mdl_bfloat16_of(1 + 0x3p-8), 0x3F82);
    ck_assert_uint_eq(mdl_bfloat16_of(1e39), 0x7F80);
    ck_assert_uint_eq(mdl_bfloat16_of(NAN) & 0x7FFF, 0x7FC0);
}
END_TEST

START_TEST(integers_round_towards_zero_and_stay_in_range)
{
    const double values[] = {1.9, -1.9, 300, -300, NAN, 1e30};
    int8_t       i8[6];
    uint8_t      u8[6], flags[6];
    int64_t      i64[6];
    mdl_store(MDL_INT8, values, 6, i8);
    mdl_store(MDL_UINT8, values, 6, u8);
    mdl_store(MDL_INT64, values, 6, i64);
    mdl_store(MDL_BOOL, values, 6, flags);
    ck_assert_mem_eq(i8, ((int8_t[]){1, -1, 127, -128, 0, 127}), 6);
    ck_assert_mem_eq(u8, ((uint8_t[]){1, 0, 255, 0, 0, 255}), 6);
    ck_assert_int_eq(i64[2], 300);
    ck_assert_int_gt(i64[5], INT64_MAX - 2048);
    ck_assert_mem_eq(flags, ((uint8_t[]){1, 1, 1, 1, 1, 1}), 6);
}
END_TEST

/* ---- initializers ---- */

static double *make(const mdl_initializer *init, int rank, const int64_t *shape)
{
    uint64_t count = 1;
    for (int i = 0; i < rank; i++) count *= (uint64_t)shape[i];
    double *x = malloc((size_t)(count + 1) * sizeof *x);
    ck_assert_int_eq(mdl_initialize(init, 7, "a.kernel", MDL_FLOAT64, rank, shape, 0, count, x, NULL), MDL_OK);
    return x;
}

typedef struct Moments {
    double mean, deviation, low, high, kurtosis;
} Moments;

static Moments moments_of(const double *x, size_t n)
{
    Moments m = {.low = x[0], .high = x[0]};
    double  fourth = 0;
    for (size_t i = 0; i < n; i++) {
        m.mean += x[i] / (double)n;
        m.low = fmin(m.low, x[i]);
        m.high = fmax(m.high, x[i]);
    }
    for (size_t i = 0; i < n; i++) {
        m.deviation += (x[i] - m.mean) * (x[i] - m.mean) / (double)n;
        fourth += pow(x[i] - m.mean, 4) / (double)n;
    }
    m.kurtosis = fourth / (m.deviation * m.deviation);
    m.deviation = sqrt(m.deviation);
    return m;
}

#define CUT 0.87962566103423978 /* the deviation of a standard normal that is cut at 2 */

static const int64_t kernel[] = {3, 5, 80, 100};

/* Keras' formulas: fan_in 3*5*80, fan_out 3*5*100. */
static const struct {
    mdl_initializer init;
    double          mean, deviation, bound, kurtosis;
} draws[] = {
    {{.kind = MDL_INIT_RANDOM_NORMAL, .a = 1, .b = 0.5}, 1, 0.5, INFINITY, 3},
    {{.kind = MDL_INIT_RANDOM_UNIFORM, .a = -0.05, .b = 0.05}, 0, 0.1 / 3.4641016151377544, 0.05, 1.8},
    {{.kind = MDL_INIT_TRUNCATED_NORMAL, .a = 0, .b = 0.05}, 0, 0.05 * CUT, 0.1, 2.365},
    {{.kind = MDL_INIT_VARIANCE_SCALING, .a = 1, .mode = MDL_FAN_AVG, .distribution = MDL_DIST_UNIFORM}, 0, 0.027216552697590868,
     0.047140452079103168, 1.8}, /* glorot_uniform: sqrt(6 / 2700) */
    {{.kind = MDL_INIT_VARIANCE_SCALING, .a = 2, .mode = MDL_FAN_IN}, 0, 0.040824829046386304, 0.092822949, 2.365}, /* he_normal */
    {{.kind = MDL_INIT_VARIANCE_SCALING, .a = 1, .mode = MDL_FAN_OUT, .distribution = MDL_DIST_UNTRUNCATED_NORMAL}, 0,
     0.025819888974716113, INFINITY, 3},
    {{.kind = MDL_INIT_VARIANCE_SCALING, .a = 3, .mode = MDL_FAN_IN, .distribution = MDL_DIST_UNIFORM, .in_axes = 1 << 1 | 1 << 3}, 0,
     0.077459666924148337, 0.134164078649987, 1.8}, /* fan_in 500 by axes */
};

START_TEST(random_values_have_the_moments_of_the_formula)
{
    const size_t  n = 3 * 5 * 80 * 100;
    double       *x = make(&draws[_i].init, 4, kernel);
    const Moments m = moments_of(x, n);
    ck_assert_double_le(fabs(m.mean - draws[_i].mean), 4 * draws[_i].deviation / sqrt((double)n));
    ck_assert_double_le(fabs(m.deviation / draws[_i].deviation - 1), 0.01);
    ck_assert_double_le(fabs(m.kurtosis - draws[_i].kurtosis), 0.1);
    ck_assert_double_le(fmax(m.high, -m.low), draws[_i].bound * (1 + 1e-9));
    if (isfinite(draws[_i].bound)) ck_assert_double_ge(fmax(m.high, -m.low), draws[_i].bound * 0.999);
    free(x);
}
END_TEST

START_TEST(any_part_can_be_made_alone)
{
    const size_t n = 3 * 5 * 80 * 100;
    double      *x = make(&draws[_i].init, 4, kernel), part[100];
    for (size_t first = 0; first + 100 < n; first += 9973) {
        const size_t count = first % 101;
        ck_assert_int_eq(mdl_initialize(&draws[_i].init, 7, "a.kernel", MDL_FLOAT64, 4, kernel, first, count, part, NULL), MDL_OK);
        ck_assert_mem_eq(part, x + first, count * sizeof *part);
    }
    free(x);
}
END_TEST

START_TEST(other_paths_and_seeds_give_other_values)
{
    static const int64_t         shape[] = {8};
    static const mdl_initializer uniform = {.kind = MDL_INIT_RANDOM_UNIFORM, .b = 1};
    double a[8], b[8], c[8], d[8];
    mdl_initialize(&uniform, 0, "a", MDL_FLOAT64, 1, shape, 0, 8, a, NULL);
    mdl_initialize(&uniform, 0, "b", MDL_FLOAT64, 1, shape, 0, 8, b, NULL);
    mdl_initialize(&uniform, 1, "a", MDL_FLOAT64, 1, shape, 0, 8, c, NULL);
    mdl_initialize(&uniform, 1ull << 32, "a", MDL_FLOAT64, 1, shape, 0, 8, d, NULL);
    for (int i = 0; i < 8; i++) {
        ck_assert_double_ne(a[i], b[i]);
        ck_assert_double_ne(a[i], c[i]);
        ck_assert_double_ne(a[i], d[i]);
        ck_assert_double_ne(c[i], d[i]);
    }
}
END_TEST

/* These bits are a promise: another compiler, processor or version must give the same. */
START_TEST(values_are_the_ones_they_always_were)
{
    static const int64_t         shape[] = {4};
    static const mdl_initializer normal = {.kind = MDL_INIT_TRUNCATED_NORMAL, .b = 1};
    float    f[4];
    uint16_t h[4];
    mdl_initialize(&normal, 42, "encoder.blocks.3.attn.query.kernel", MDL_FLOAT32, 1, shape, 0, 4, f, NULL);
    mdl_initialize(&normal, 42, "encoder.blocks.3.attn.query.kernel", MDL_BFLOAT16, 1, shape, 0, 4, h, NULL);
    for (int i = 0; i < 4; i++) ck_assert_float_eq(f[i], ((const float[]){0x1.20cc84p-2f, 0x1.86502p+0f, -0x1.2b662p-4f, 0x1.79fc32p-1f})[i]);
    for (int i = 0; i < 4; i++) ck_assert_uint_eq(h[i], mdl_bfloat16_of((double)f[i]));
}
END_TEST

START_TEST(orthogonal_matrices_are)
{
    static const int64_t shapes[][3] = {{24, 24, 1}, {40, 24, 1}, {24, 40, 1}, {3, 4, 30}, {1, 1, 1}, {5, 8, 3}};
    const mdl_initializer init = {.kind = MDL_INIT_ORTHOGONAL, .a = 1.5};
    const int64_t *s = shapes[_i];
    double        *x = make(&init, 3, s);
    const int64_t  columns = s[2], rows = s[0] * s[1], n = rows < columns ? rows : columns;
    for (int64_t i = 0; i < n; i++) { /* the short side's vectors have length 1.5 and stand at right angles */
        for (int64_t k = 0; k < n; k++) {
            double dot = 0;
            for (int64_t j = 0; j < rows + columns - n; j++) {
                dot += rows < columns ? x[i * columns + j] * x[k * columns + j] : x[j * columns + i] * x[j * columns + k];
            }
            ck_assert_double_le(fabs(dot - (i == k ? 2.25 : 0)), 1e-13);
        }
    }
    free(x);
}
END_TEST

START_TEST(identity_has_its_gain_on_the_diagonal)
{
    static const int64_t  shape[] = {2, 3};
    const mdl_initializer init = {.kind = MDL_INIT_IDENTITY, .a = 2};
    double *x = make(&init, 2, shape);
    ck_assert_mem_eq(x, ((const double[]){2, 0, 0, 0, 2, 0}), 6 * sizeof *x);
    free(x);
}
END_TEST

/* LSTM's bias with unit_forget_bias: zeros, ones for the forget gate, zeros. */
START_TEST(parts_follow_each_other_along_the_last_axis)
{
    static const int64_t         shape[] = {2, 7}, lengths[] = {2, 1, 4};
    static const mdl_initializer parts[] = {{.kind = MDL_INIT_CONSTANT, .a = 5}, {.kind = MDL_INIT_ONES}, {.kind = MDL_INIT_RANDOM_UNIFORM, .a = 2, .b = 3}};
    const mdl_initializer        init = {.kind = MDL_INIT_PIECEWISE, .parts = parts, .lengths = lengths, .count = 3};
    double *x = make(&init, 2, shape), part[5];
    for (int row = 0; row < 2; row++) {
        const double *r = x + 7 * row;
        ck_assert(r[0] == 5 && r[1] == 5 && r[2] == 1);
        for (int i = 3; i < 7; i++) ck_assert(r[i] > 2 && r[i] < 3);
    }
    ck_assert_double_ne(x[3], x[10]);
    ck_assert_int_eq(mdl_initialize(&init, 7, "a.kernel", MDL_FLOAT64, 2, shape, 6, 5, part, NULL), MDL_OK);
    ck_assert_mem_eq(part, x + 6, sizeof part);
    free(x);
}
END_TEST

/* Keras' STFT(window="hann", scaling="density") on (4, 1, 3): window 0, 0.75, 0.75, 0; its root of squares 1.0606... */
START_TEST(stft_kernels_are_windowed_waves)
{
    static const int64_t  shape[] = {4, 1, 3};
    const mdl_initializer real = {.kind = MDL_INIT_STFT, .b = 1, .window = MDL_WINDOW_HANN};
    const mdl_initializer imaginary = {.kind = MDL_INIT_STFT, .a = 1, .b = 1, .window = MDL_WINDOW_HANN};
    const double r = M_SQRT1_2;
    const double expect_real[] = {0, 0, 0, r, 0, -r, r, -r, r, 0, 0, 0}, expect_imaginary[] = {0, 0, 0, 0, -r, 0, 0, 0, 0, 0, 0, 0};
    double *x = make(&real, 3, shape), *y = make(&imaginary, 3, shape);
    for (int i = 0; i < 12; i++) {
        ck_assert_double_le(fabs(x[i] - expect_real[i]), 1e-15);
        ck_assert_double_le(fabs(y[i] - expect_imaginary[i]), 1e-15);
    }
    free(x);
    free(y);
}
END_TEST

START_TEST(wrong_shapes_are_reported)
{
    static const int64_t  shape[] = {4, 2, 3};
    static const double   values[] = {1, 2};
    static const int64_t  lengths[] = {1};
    static const mdl_initializer parts[] = {{.kind = MDL_INIT_ONES}};
    const mdl_initializer wrong[] = {{.kind = MDL_INIT_IDENTITY, .a = 1}, {.kind = MDL_INIT_VALUES, .values = values, .count = 2},
                                     {.kind = MDL_INIT_PIECEWISE, .parts = parts, .lengths = lengths, .count = 1},
                                     {.kind = (mdl_init_kind)99}};
    double x[24];
    for (int i = 0; i < 4; i++) ck_assert_int_eq(mdl_initialize(&wrong[i], 0, "a", MDL_FLOAT64, 3, shape, 0, 24, x, NULL), MDL_USAGE);
    const mdl_initializer orthogonal = {.kind = MDL_INIT_ORTHOGONAL, .a = 1}, stft = {.kind = MDL_INIT_STFT};
    ck_assert_int_eq(mdl_initialize(&orthogonal, 0, "a", MDL_FLOAT64, 1, shape, 0, 4, x, NULL), MDL_USAGE);
    ck_assert_int_eq(mdl_initialize(&stft, 0, "a", MDL_FLOAT64, 2, shape, 0, 8, x, NULL), MDL_USAGE);
}
END_TEST

START_TEST(running_out_of_memory_is_reported)
{
    static const int64_t  shape[] = {6, 6}, lengths[] = {6};
    const mdl_initializer orthogonal = {.kind = MDL_INIT_ORTHOGONAL, .a = 1};
    const mdl_initializer init = {.kind = MDL_INIT_PIECEWISE, .parts = &orthogonal, .lengths = lengths, .count = 1};
    double     x[36];
    mdl_status status = MDL_NO_MEMORY;
    for (long n = 0; status != MDL_OK; n++) {
        ck_assert_int_lt(n, 20);
        alloc_fail_at(n);
        status = mdl_initialize(&init, 0, "a", MDL_FLOAT64, 2, shape, 0, 36, x, NULL);
        alloc_fail_at(-1);
        ck_assert(status == MDL_OK || (status == MDL_NO_MEMORY && n < 6));
    }
}
END_TEST

Suite *initializers_suite(void)
{
    Suite *s = suite_create("initializers");
    TCase *t = tcase_create("initializers");
    tcase_add_loop_test(t, philox_gives_the_published_answers, 0, 3);
    tcase_add_test(t, logarithms_are_within_two_ulps);
    tcase_add_test(t, quantiles_invert_the_distribution_function);
    tcase_add_test(t, angles_are_exact_at_the_quarters);
    tcase_add_test(t, sixteen_bit_floats_read_back_and_round_to_nearest_even);
    tcase_add_test(t, integers_round_towards_zero_and_stay_in_range);
    tcase_add_loop_test(t, random_values_have_the_moments_of_the_formula, 0, sizeof draws / sizeof *draws);
    tcase_add_loop_test(t, any_part_can_be_made_alone, 0, sizeof draws / sizeof *draws);
    tcase_add_test(t, other_paths_and_seeds_give_other_values);
    tcase_add_test(t, values_are_the_ones_they_always_were);
    tcase_add_loop_test(t, orthogonal_matrices_are, 0, 6);
    tcase_add_test(t, identity_has_its_gain_on_the_diagonal);
    tcase_add_test(t, parts_follow_each_other_along_the_last_axis);
    tcase_add_test(t, stft_kernels_are_windowed_waves);
    tcase_add_test(t, wrong_shapes_are_reported);
    tcase_add_test(t, running_out_of_memory_is_reported);
    suite_add_tcase(s, t);
    return s;
}
