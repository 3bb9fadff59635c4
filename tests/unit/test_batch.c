/* Batches in blocks: each sample is computed once, in memory of its own, whatever the number of threads; and what decides how many stand in
 * a block. ThreadSanitizer runs these as well (CMakeLists.txt). */
#include <check.h>
#include <stdlib.h>

#include "threads.h"

enum { MOST = 200, KIB = 1024 };

/* A call whose samples take so many bytes of workspace each, all of which it writes. */
typedef struct Call {
    int64_t bytes;
    int     counts[MOST]; /* not atomic: another thread's second visit would be a race */
    int64_t longest;      /* of the ranges; of those that begin with 0, so that one thread writes it */
    int64_t fails;        /* from this sample on */
} Call;

static mdl_status run(const void *context, int64_t begin, int64_t end, void *workspace, mdl_error *error)
{
    Call *const c = *(Call *const *)context;
    for (int64_t i = begin; i < end; i++) {
        c->counts[i]++;
        for (int64_t k = 0; k < c->bytes; k += KIB) ((char *)workspace)[(i - begin) * c->bytes + k] = (char)i;
    }
    if (begin == 0) c->longest = end;
    return end <= c->fails ? MDL_OK : mdl_fail(error, MDL_BAD_INPUT, "no more");
}

static size_t size(const void *context, int64_t samples)
{
    return (size_t)(*(Call *const *)context)->bytes * (size_t)samples;
}

/* How long the first range is. */
static int64_t call(Call *c, int64_t count, double weights, int threads, mdl_status expected)
{
    mdl_threads *t = NULL;
    mdl_error    error = {MDL_OK, ""};
    void        *workspace = aligned_alloc(64, (size_t)(c->bytes * count));
    for (int i = 0; i < MOST; i++) c->counts[i] = 0;
    ck_assert_int_eq(mdl_threads_start(threads, threads - 1, &t, NULL), MDL_OK);
    mdl_threads_enter(t);
    ck_assert_int_eq(mdl_share_samples(&(const mdl_samples){count, weights, run, size, &c, workspace}, &error), expected);
    ck_assert_str_eq(error.message, expected == MDL_OK ? "" : "no more");
    mdl_threads_leave(NULL);
    mdl_threads_free(t);
    free(workspace);
    for (int64_t i = 0; i < MOST && expected == MDL_OK; i++) ck_assert_int_eq(c->counts[i], i < count);
    return c->longest;
}

START_TEST(each_sample_is_computed_once)
{
    const int threads = _i + 1;
    for (int64_t count = 2; count < MOST; count += 13) {
        for (int64_t bytes = KIB; bytes <= 4096 * KIB && bytes * count < 200 * 1024 * KIB; bytes *= 8) {
            Call c = {.bytes = bytes, .fails = MOST};
            call(&c, count, 0, threads, MDL_OK);
        }
    }
}
END_TEST

START_TEST(a_block_fits_into_cache)
{
    Call c = {.bytes = 100 * KIB, .fails = MOST};
    ck_assert_int_eq(call(&c, 10, 0, 1, MDL_OK), 10); /* all do */
    ck_assert_int_eq(call(&c, 40, 0, 1, MDL_OK), 10);
    ck_assert_int_eq(call(&c, 41, 0, 1, MDL_OK), 9); /* five of about as many */
    c.bytes = 3000 * KIB;
    ck_assert_int_eq(call(&c, 5, 0, 1, MDL_OK), 1);
    c.bytes = 0;
    ck_assert_int_eq(call(&c, 64, 0, 1, MDL_OK), 64);
}
END_TEST

START_TEST(large_matrices_are_read_for_many)
{
    Call c = {.bytes = 100 * KIB, .fails = MOST};
    ck_assert_int_eq(call(&c, 40, 1900 * KIB, 1, MDL_OK), 10);
    ck_assert_int_eq(call(&c, 40, 2100 * KIB, 1, MDL_OK), 40);
}
END_TEST

/* Which samples are computed together would show in the last bits. */
START_TEST(blocks_are_the_same_for_any_number_of_threads)
{
    Call c = {.bytes = 100 * KIB, .fails = MOST};
    for (int threads = 1; threads < 6; threads++) ck_assert_int_eq(call(&c, 160, 0, threads, MDL_OK), 10);
    c.bytes = 10 * KIB;
    ck_assert_int_eq(call(&c, 96, 0, 1, MDL_OK), 96);
    ck_assert_int_eq(call(&c, 96, 0, 3, MDL_OK) % 16, 0);
}
END_TEST

START_TEST(an_error_in_a_block_is_that_of_the_call)
{
    Call c = {.bytes = 100 * KIB, .fails = 50};
    for (int threads = 1; threads < 4; threads++) call(&c, 160, 0, threads, MDL_BAD_INPUT);
    ck_assert_int_eq(c.counts[0], 1);
}
END_TEST

Suite *batch_suite(void)
{
    Suite *s = suite_create("batch");
    TCase *t = tcase_create("batch");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, each_sample_is_computed_once, 0, 4);
    tcase_add_test(t, a_block_fits_into_cache);
    tcase_add_test(t, large_matrices_are_read_for_many);
    tcase_add_test(t, blocks_are_the_same_for_any_number_of_threads);
    tcase_add_test(t, an_error_in_a_block_is_that_of_the_call);
    suite_add_tcase(s, t);
    return s;
}
