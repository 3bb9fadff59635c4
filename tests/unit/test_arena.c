#include <check.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/vec.h"

START_TEST(memory_is_zero_and_aligned_for_any_type)
{
    Arena *a = arena_create();
    for (size_t size = 0; size < 300; size++) {
        unsigned char *p = arena_alloc(a, size);
        ck_assert_uint_eq((uintptr_t)p % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) ck_assert_uint_eq(p[i], 0);
        memset(p, 0xA5, size);
    }
    arena_destroy(a);
}
END_TEST

START_TEST(a_large_block_does_not_disturb_small_ones)
{
    Arena *a = arena_create();
    char  *small = arena_copy(a, "before", 6);
    char  *large = arena_alloc(a, 10 << 20);
    memset(large, 'x', 10 << 20);
    ck_assert_str_eq(small, "before");
    ck_assert_str_eq(arena_copy(a, "after", 5), "after");
    arena_destroy(a);
}
END_TEST

START_TEST(a_large_block_may_come_first)
{
    Arena *a = arena_create();
    memset(arena_alloc(a, 1 << 20), 'x', 1 << 20);
    ck_assert_str_eq(arena_printf(a, "%d-%s", 7, "seven"), "7-seven");
    arena_destroy(a);
}
END_TEST

START_TEST(use_is_counted)
{
    Arena *a = arena_create();
    arena_alloc(a, 1000);
    ck_assert_uint_ge(arena_used(a), 1000);
    ck_assert_uint_lt(arena_used(a), 1100);
    arena_destroy(a);
}
END_TEST

START_TEST(a_budget_that_is_overrun_ends_the_program)
{
    Arena *a = arena_create();
    arena_limit(a, 10000);
    for (;;) arena_alloc(a, 100);
}
END_TEST

START_TEST(a_size_that_overflows_ends_the_program)
{
    arena_calloc(arena_create(), SIZE_MAX / 2, 4);
}
END_TEST

START_TEST(a_vector_grows_and_keeps_its_elements)
{
    Arena   *a = arena_create();
    VEC(int) v = {0};
    for (int i = 0; i < 1000; i++) vec_push(a, &v, i * i);
    ck_assert_uint_eq(v.len, 1000);
    for (int i = 0; i < 1000; i++) ck_assert_int_eq(v.at[i], i * i);
    arena_destroy(a);
}
END_TEST

Suite *arena_suite(void)
{
    Suite *s = suite_create("arena");
    TCase *t = tcase_create("arena");
    tcase_add_test(t, memory_is_zero_and_aligned_for_any_type);
    tcase_add_test(t, a_large_block_does_not_disturb_small_ones);
    tcase_add_test(t, a_large_block_may_come_first);
    tcase_add_test(t, use_is_counted);
    tcase_add_exit_test(t, a_budget_that_is_overrun_ends_the_program, 2);
    tcase_add_exit_test(t, a_size_that_overflows_ends_the_program, 2);
    tcase_add_test(t, a_vector_grows_and_keeps_its_elements);
    suite_add_tcase(s, t);
    return s;
}
