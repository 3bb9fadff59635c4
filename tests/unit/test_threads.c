/* Threads share a call's work: every part once, and the same bits for any number of them. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mdl/mdl_code.h>

enum { MOST = 40 };

static float *values(uint64_t seed, size_t count)
{
    static const mdl_initializer uniform = {.kind = MDL_INIT_RANDOM_UNIFORM, .text = "", .a = -1, .b = 1};
    const int64_t                shape[] = {(int64_t)count};
    float                       *at = malloc(count * sizeof *at);
    ck_assert_int_eq(mdl_initialize(&uniform, seed, "x", MDL_FLOAT32, 1, shape, 0, count, at, NULL), MDL_OK);
    return at;
}

/* Runs `compute` into a fresh result without threads, then with some, and compares the bits. */
static void same_bits(void (*compute)(float *out, const float *a, const float *b), size_t na, size_t nb, size_t nout)
{
    float *a = values(1, na), *b = values(2, nb), *alone = malloc(nout * sizeof *alone), *shared = malloc(nout * sizeof *shared);
    compute(alone, a, b);
    for (int count = 2; count <= 7; count++) {
        mdl_threads *threads;
        ck_assert_int_eq(mdl_threads_create(count, &threads, NULL), MDL_OK);
        ck_assert_int_eq(mdl_threads_count(threads), count);
        memset(shared, 0xff, nout * sizeof *shared);
        mdl_threads *before = mdl_threads_enter(threads);
        ck_assert_ptr_null(before);
        compute(shared, a, b);
        mdl_threads_leave(before);
        ck_assert_msg(memcmp(alone, shared, nout * sizeof *alone) == 0, "%d threads give other bits", count);
        mdl_threads_free(threads);
    }
    free(a);
    free(b);
    free(alone);
    free(shared);
}

/* ---- products ---- */

typedef struct Product {
    int64_t batch, m, k, n;
} Product;

static const Product products[] = {{1, 1, 500, 1030}, {1, 3, 700, 333}, {1, 8, 300, 500},  {1, 37, 300, 70}, {1, 200, 65, 129},
                                   {1, 513, 30, 31},  {6, 40, 50, 60},  {13, 20, 64, 20}, {2, 130, 70, 90}};
static Product product;

static void multiply(float *out, const float *a, const float *b)
{
    const Product p = product;
    ck_assert_int_eq(mdl_matmul(&MDL_TENSOR(MDL_FLOAT32, out, p.batch, p.m, p.n),
                                (const mdl_tensor[2]){MDL_TENSOR(MDL_FLOAT32, a, p.batch, p.m, p.k),
                                                      MDL_TENSOR(MDL_FLOAT32, b, p.batch, p.k, p.n)},
                                2, &(const mdl_matmul_attrs){.transpose_a = 0, .transpose_b = 0}, NULL),
                     MDL_OK);
}

START_TEST(products_have_the_same_bits)
{
    const Product p = product = products[_i];
    same_bits(multiply, (size_t)(p.batch * p.m * p.k), (size_t)(p.batch * p.k * p.n), (size_t)(p.batch * p.m * p.n));
}
END_TEST

/* ---- epilogues ---- */

typedef struct Finish {
    float       *out;
    const float *beside;
    int64_t      n;
} Finish;

static void finish(const void *context, int64_t row, int64_t rows, int64_t column, int64_t columns)
{
    const Finish *f = context;
    for (int64_t i = row; i < row + rows; i++) {
        for (int64_t j = column; j < column + columns; j++) f->out[i * f->n + j] = 2 * f->out[i * f->n + j] + f->beside[i * f->n + j];
    }
}

/* A packed product whose epilogue does to each element once what is then done to those of one without. */
static void multiply_and_finish(float *out, const float *a, const float *b)
{
    const Product p = product;
    const int64_t padded = (p.n + 15) / 16 * 16;
    float *const  panels = malloc((size_t)(p.k * padded) * sizeof *panels), *const plain = malloc((size_t)(p.m * p.n) * sizeof *plain);
    const mdl_tensor in[2] = {MDL_TENSOR(MDL_FLOAT32, a, p.m, p.k), MDL_TENSOR(MDL_FLOAT32, panels, p.k, padded)};
    const Finish     f = {out, b, p.n}, g = {plain, b, p.n};
    ck_assert_int_eq(mdl_pack_columns(&MDL_TENSOR(MDL_FLOAT32, panels, p.k, padded), (const mdl_tensor[1]){MDL_TENSOR(MDL_FLOAT32, b, p.k, p.n)}, 1,
                                      &(const mdl_pack_columns_attrs){.transposed = 0}, NULL), MDL_OK);
    ck_assert_int_eq(mdl_matmul_packed_then(&MDL_TENSOR(MDL_FLOAT32, out, p.m, p.n), in, 2, NULL, &(const mdl_epilogue){.run = finish, .context = &f, .beside = b}, NULL), MDL_OK);
    ck_assert_int_eq(mdl_matmul_packed(&MDL_TENSOR(MDL_FLOAT32, plain, p.m, p.n), in, 2, NULL, NULL), MDL_OK);
    finish(&g, 0, p.m, 0, p.n);
    ck_assert_int_eq(memcmp(out, plain, (size_t)(p.m * p.n) * sizeof *out), 0);
    free(panels);
    free(plain);
}

/* Of one row: matrices that the second cache holds, and one that it doesn't. b, [k, n], is what the epilogue reads, too: m <= k. */
static const Product finished[] = {{1, 1, 3, 5}, {1, 1, 60, 1024}, {1, 1, 90, 1099}, {1, 1, 150, 2100}, {1, 37, 40, 530}, {1, 2, 300, 70}};

START_TEST(finished_products_have_the_same_bits)
{
    const Product p = product = finished[_i];
    same_bits(multiply_and_finish, (size_t)(p.m * p.k), (size_t)(p.k * p.n), (size_t)(p.m * p.n));
}
END_TEST

/* ---- convolutions ---- */

typedef struct Convolution {
    int64_t batch, size, channels, filters, groups;
} Convolution;

static const Convolution convolutions[] = {{1, 30, 3, 40, 1}, {2, 16, 32, 24, 1}, {1, 40, 48, 48, 48}, {3, 9, 64, 64, 4}};
static Convolution       convolution;

static void convolve(float *out, const float *x, const float *kernel)
{
    const Convolution c = convolution;
    ck_assert_int_eq(mdl_conv(&MDL_TENSOR(MDL_FLOAT32, out, c.batch, c.size, c.size, c.filters),
                              (const mdl_tensor[2]){MDL_TENSOR(MDL_FLOAT32, x, c.batch, c.size, c.size, c.channels),
                                                    MDL_TENSOR(MDL_FLOAT32, kernel, 3, 3, c.channels / c.groups, c.filters)},
                              2,
                              &(const mdl_conv_attrs){.strides = (const int64_t[]){1, 1}, .dilations = (const int64_t[]){1, 1},
                                                      .low = (const int64_t[]){1, 1}, .high = (const int64_t[]){1, 1}, .groups = c.groups},
                              NULL),
                     MDL_OK);
}

START_TEST(convolutions_have_the_same_bits)
{
    const Convolution c = convolution = convolutions[_i];
    const int64_t     pixels = c.batch * c.size * c.size;
    same_bits(convolve, (size_t)(pixels * c.channels), (size_t)(9 * c.channels / c.groups * c.filters), (size_t)(pixels * c.filters));
}
END_TEST

/* ---- pools ---- */

/* The caller's pool: backwards, to show that the order is free. */
static void backwards(void *context, void (*part)(void *argument, int i), void *argument, int parts)
{
    *(int *)context += parts;
    for (int i = parts; i-- > 0;) part(argument, i);
}

START_TEST(the_programs_own_pool_serves)
{
    const size_t n = 300 * 300;
    float       *a = values(1, n), *b = values(2, n), *alone = malloc(n * sizeof *alone), *shared = malloc(n * sizeof *shared);
    int          parts = 0;
    mdl_threads *threads;
    product = (Product){1, 300, 300, 300};
    multiply(alone, a, b);
    ck_assert_int_eq(mdl_threads_wrap(4, backwards, &parts, &threads, NULL), MDL_OK);
    mdl_threads *before = mdl_threads_enter(threads);
    multiply(shared, a, b);
    mdl_threads_leave(before);
    mdl_threads_free(threads);
    ck_assert_int_gt(parts, 1);
    ck_assert_int_eq(memcmp(alone, shared, n * sizeof *alone), 0);
    free(a);
    free(b);
    free(alone);
    free(shared);
}
END_TEST

START_TEST(a_pool_wakes_from_its_sleep)
{
    const size_t n = 200 * 200;
    float       *a = values(1, n), *out = malloc(n * sizeof *out);
    mdl_threads *threads;
    product = (Product){1, 200, 200, 200};
    ck_assert_int_eq(mdl_threads_create(3, &threads, NULL), MDL_OK);
    mdl_threads *before = mdl_threads_enter(threads);
    for (int i = 0; i < MOST; i++) {
        multiply(out, a, a);
        if (i % 8 == 0) nanosleep(&(const struct timespec){0, 2000000}, NULL);
    }
    mdl_threads_leave(before);
    mdl_threads_free(threads);
    free(a);
    free(out);
}
END_TEST

START_TEST(wrong_counts_are_refused)
{
    mdl_threads *threads;
    mdl_error    error;
    ck_assert_int_eq(mdl_threads_create(-1, &threads, &error), MDL_USAGE);
    ck_assert_int_eq(mdl_threads_create(257, &threads, &error), MDL_USAGE);
    ck_assert_str_eq(error.message, "threads are from 1 to 256, or 0 for one a processor, not 257");
    ck_assert_ptr_null(threads);
}
END_TEST

Suite *threads_suite(void)
{
    Suite *s = suite_create("threads");
    TCase *t = tcase_create("threads");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, products_have_the_same_bits, 0, sizeof products / sizeof *products);
    tcase_add_loop_test(t, finished_products_have_the_same_bits, 0, sizeof finished / sizeof *finished);
    tcase_add_loop_test(t, convolutions_have_the_same_bits, 0, sizeof convolutions / sizeof *convolutions);
    tcase_add_test(t, the_programs_own_pool_serves);
    tcase_add_test(t, a_pool_wakes_from_its_sleep);
    tcase_add_test(t, wrong_counts_are_refused);
    suite_add_tcase(s, t);
    return s;
}
