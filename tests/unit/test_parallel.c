/* How work is handed over to the threads of a pool: each part is done once, nobody is woken for little, and a pool survives sleep,
 * too few processors, and forks. ThreadSanitizer runs these as well (CMakeLists.txt). */
#include <check.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "threads.h"

enum { MOST = 60 };

static mdl_threads *pool_of(int count, int workers)
{
    mdl_threads *t;
    ck_assert_int_eq(mdl_threads_start(count, workers, &t, NULL), MDL_OK);
    mdl_threads_enter(t);
    return t;
}

static void end(mdl_threads *t)
{
    mdl_threads_leave(NULL);
    mdl_threads_free(t);
}

/* Not atomic: another thread's second visit would be a race. */
static void count_part(void *argument, int i)
{
    ((int *)argument)[i]++;
}

static void count_elements(const void *context, int64_t begin, int64_t n)
{
    int *const counts = *(int *const *)context;
    for (int64_t i = begin; i < n; i++) counts[i]++;
}

static void nap(long ns)
{
    nanosleep(&(const struct timespec){0, ns}, NULL);
}

static void wait_until_all_sleep(mdl_threads *t)
{
    while (atomic_load(&t->sleeping) < t->running - 1) nap(100000);
}

/* ---- each part once ---- */

START_TEST(each_part_is_done_once)
{
    enum { ROUNDS = 1000 };
    mdl_threads *t = pool_of(_i + 1, _i);
    for (int round = 0; round < ROUNDS; round++) {
        int       counts[MOST] = {0};
        const int parts = 1 + round * 7 % MOST;
        if (round % 250 == 0) nap(1000000); /* they sleep */
        t->waking = round % 3 == 0;
        mdl_parallel(parts, count_part, counts);
        for (int i = 0; i < MOST; i++) ck_assert_int_eq(counts[i], i < parts);
    }
    end(t);
}
END_TEST

START_TEST(ranges_make_up_the_loop)
{
    static const int64_t sizes[] = {0, 1, 2, 3, 63, 1000, 4095, 100000};
    mdl_threads         *t = pool_of(3, 2);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        int *counts = calloc((size_t)sizes[k] + 1, sizeof *counts);
        mdl_share_loop(sizes[k], 1, 1e6, count_elements, &counts);
        for (int64_t i = 0; i <= sizes[k]; i++) ck_assert_int_eq(counts[i], i < sizes[k]);
        free(counts);
    }
    end(t);
}
END_TEST

typedef struct Seen {
    int    *counts;
    int64_t fails; /* the range that begins there, or behind it */
} Seen;

static mdl_status count_steps(const void *context, int64_t begin, int64_t end, mdl_error *error)
{
    const Seen *seen = context;
    count_elements(&seen->counts, begin, end);
    ck_assert(end - begin >= 16 || begin == 0);
    ck_assert_int_eq(begin % 4, 0);
    return begin < seen->fails ? MDL_OK : mdl_fail(error, MDL_BAD_INPUT, "no more");
}

START_TEST(ranges_of_steps_have_enough_rows)
{
    mdl_threads *t = pool_of(3, 2);
    for (int64_t rows = 0; rows < 140; rows++) {
        int  counts[140] = {0};
        Seen seen = {counts, INT64_MAX};
        ck_assert_int_eq(mdl_share_steps(rows, 4, 1e9, count_steps, &seen, NULL), MDL_OK);
        for (int64_t i = 0; i < 140; i++) ck_assert_int_eq(counts[i], i < rows);
    }
    end(t);
}
END_TEST

START_TEST(an_error_in_a_range_is_that_of_the_loop)
{
    mdl_threads *t = pool_of(3, 2);
    mdl_error    error = {MDL_OK, ""};
    int          counts[96] = {0};
    Seen         seen = {counts, 32};
    ck_assert_int_eq(mdl_share_steps(96, 4, 1e9, count_steps, &seen, &error), MDL_BAD_INPUT);
    ck_assert_str_eq(error.message, "no more");
    end(t);
}
END_TEST

/* ---- what is shared ---- */

static void count_shared(void *context, void (*part)(void *argument, int i), void *argument, int parts)
{
    *(int *)context += parts;
    for (int i = 0; i < parts; i++) part(argument, i);
}

/* How many parts a loop has of so many rows of ten, if the call has shared work before, or not. */
static int parts_of_loop(int64_t count, double each, bool spread)
{
    int          shared = 0, *counts = calloc((size_t)count, sizeof *counts);
    mdl_threads *t;
    ck_assert_int_eq(mdl_threads_wrap(4, count_shared, &shared, &t, NULL), MDL_OK);
    mdl_threads_enter(t);
    if (spread) mdl_parts(1e12);
    mdl_share_loop(count, 10, each, count_elements, &counts);
    end(t);
    for (int64_t i = 0; i < count; i++) ck_assert_int_eq(counts[i], 1);
    free(counts);
    return shared;
}

START_TEST(little_work_is_not_shared)
{
    ck_assert_int_eq(parts_of_loop(1000, 99, false), 0);
    ck_assert_int_eq(parts_of_loop(1000, 100, false), 2);
    ck_assert_int_eq(parts_of_loop(1000, 67, true), 0); /* 32 is what fetching costs */
    ck_assert_int_eq(parts_of_loop(1000, 68, true), 2);
    ck_assert_int_eq(parts_of_loop(100000, 79, false), 0); /* however many: they lie in the caller's cache */
    ck_assert_int_eq(parts_of_loop(100000, 80, false), 8);
    ck_assert_int_eq(parts_of_loop(100000, 1e6, false), 8);
    ck_assert_int_eq(parts_of_loop(3, 1e6, false), 3);
    ck_assert_int_eq(parts_of_loop(1, 1e9, false), 0);
}
END_TEST

START_TEST(nobody_is_woken_for_little)
{
    mdl_threads *t = pool_of(2, 1);
    int          alone = 0;
    wait_until_all_sleep(t);
    while (mdl_parts(1e6) == 1) alone++;
    ck_assert_int_eq(alone, 15); /* what was missed is worth it now */
    ck_assert(t->waking);
    ck_assert_int_eq(mdl_parts(1e6), 1); /* counted anew */
    ck_assert_int_eq(mdl_parts(1e9), 4);
    ck_assert_int_eq(mdl_parts(99999), 1);
    end(t);
}
END_TEST

typedef struct Meeting {
    int        all;
    atomic_int there;
} Meeting;

static void wait_for_others(void *argument, int i)
{
    Meeting *const m = argument;
    (void)i;
    atomic_fetch_add(&m->there, 1);
    while (atomic_load(&m->there) < m->all) sched_yield();
}

/* For ever, unless all threads of the pool come. */
static void meet(mdl_threads *t)
{
    Meeting m = {.all = t->running};
    t->waking = true; /* also those who fall asleep meanwhile */
    mdl_parallel(t->running, wait_for_others, &m);
    ck_assert_int_eq(m.there, m.all);
}

START_TEST(sleepers_are_woken_one_by_the_other)
{
    mdl_threads *t = pool_of(4, 3);
    wait_until_all_sleep(t);
    ck_assert_int_eq(mdl_parts(1e9), 8);
    ck_assert(t->waking);
    meet(t);
    end(t);
}
END_TEST

START_TEST(those_that_are_awake_share_without_the_sleepers)
{
    mdl_threads *t = pool_of(4, 3);
    wait_until_all_sleep(t);
    atomic_fetch_sub(&t->sleeping, 2); /* as if two were awake */
    ck_assert_int_eq(mdl_parts(1e6), 6);
    atomic_fetch_add(&t->sleeping, 2);
    end(t);
}
END_TEST

/* ---- processors and forks ---- */

START_TEST(no_more_threads_than_processors)
{
    cpu_set_t one;
    int       processor = sched_getcpu();
    CPU_ZERO(&one);
    CPU_SET(processor < 0 ? 0 : processor, &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0) return; /* where it may not be said */
    for (int count = 0; count < 4; count++) {
        mdl_threads *t;
        ck_assert_int_eq(mdl_threads_create(count, &t, NULL), MDL_OK);
        ck_assert_int_eq(mdl_threads_count(t), count > 0 ? count : 1);
        ck_assert_int_eq(t->running, 1);
        mdl_threads_enter(t);
        ck_assert_int_eq(mdl_parts(1e12), 1);
        end(t);
    }
}
END_TEST

START_TEST(the_child_of_a_fork_computes_alone)
{
    mdl_threads *t = pool_of(3, 2);
    int          counts[MOST] = {0}, status = -1;
    meet(t); /* a thread that only starts may hold AddressSanitizer's locks, which no child gets */
    if (_i == 1) wait_until_all_sleep(t);
    mdl_parallel(MOST, count_part, counts);
    const pid_t child = fork();
    if (child == 0) {
        mdl_threads_enter(t);
        if (mdl_parts(1e12) != 1) _exit(1);
        mdl_parallel(MOST, count_part, counts);
        for (int i = 0; i < MOST; i++)
            if (counts[i] != 2) _exit(2);
        end(t);
#ifndef __SANITIZE_THREAD__ /* which allows no threads there */
        t = pool_of(3, 2); /* its own serves */
        if (mdl_parts(1e12) != 6) _exit(3);
        mdl_parallel(MOST, count_part, counts);
        end(t);
#endif
        _exit(0);
    }
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    mdl_parallel(MOST, count_part, counts); /* the parent's as before */
    for (int i = 0; i < MOST; i++) ck_assert_int_eq(counts[i], 2);
    end(t);
}
END_TEST

Suite *parallel_suite(void)
{
    Suite *s = suite_create("parallel");
    TCase *t = tcase_create("parallel");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, each_part_is_done_once, 0, 5);
    tcase_add_test(t, ranges_make_up_the_loop);
    tcase_add_test(t, ranges_of_steps_have_enough_rows);
    tcase_add_test(t, an_error_in_a_range_is_that_of_the_loop);
    tcase_add_test(t, little_work_is_not_shared);
    tcase_add_test(t, nobody_is_woken_for_little);
    tcase_add_test(t, sleepers_are_woken_one_by_the_other);
    tcase_add_test(t, those_that_are_awake_share_without_the_sleepers);
    tcase_add_test(t, no_more_threads_than_processors);
    tcase_add_loop_test(t, the_child_of_a_fork_computes_alone, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
