#include <check.h>

#include "base/map.h"

START_TEST(an_empty_map_holds_nothing)
{
    const int key = 0;
    const Map m = {0};
    ck_assert(!map_has(&m, &key));
    ck_assert_ptr_null(map_get(&m, &key));
}
END_TEST

START_TEST(entries_stand_in_the_order_of_insertion)
{
    enum { COUNT = 1000 };
    static int keys[COUNT], values[COUNT];
    Arena     *a = arena_create();
    Map        m = {.arena = a};
    for (int i = 0; i < COUNT; i++) map_set(&m, &keys[i * 7 % COUNT], &values[i]);
    ck_assert_uint_eq(m.len, COUNT);
    for (int i = 0; i < COUNT; i++) {
        ck_assert_ptr_eq(m.entries[i].key, &keys[i * 7 % COUNT]);
        ck_assert_ptr_eq(map_get(&m, &keys[i * 7 % COUNT]), &values[i]);
    }
    arena_destroy(a);
}
END_TEST

START_TEST(a_replaced_key_keeps_its_place)
{
    int    keys[3], one, two;
    Arena *a = arena_create();
    Map    m = {.arena = a};
    for (int i = 0; i < 3; i++) map_set(&m, &keys[i], &one);
    map_set(&m, &keys[1], &two);
    ck_assert_uint_eq(m.len, 3);
    ck_assert_ptr_eq(m.entries[1].key, &keys[1]);
    ck_assert_ptr_eq(m.entries[1].value, &two);
    arena_destroy(a);
}
END_TEST

START_TEST(null_is_a_value_like_any_other)
{
    int    key;
    Arena *a = arena_create();
    Map    m = {.arena = a};
    map_set(&m, &key, NULL);
    ck_assert(map_has(&m, &key));
    ck_assert_ptr_null(map_get(&m, &key));
    arena_destroy(a);
}
END_TEST

Suite *map_suite(void)
{
    Suite *s = suite_create("map");
    TCase *t = tcase_create("map");
    tcase_add_test(t, an_empty_map_holds_nothing);
    tcase_add_test(t, entries_stand_in_the_order_of_insertion);
    tcase_add_test(t, a_replaced_key_keeps_its_place);
    tcase_add_test(t, null_is_a_value_like_any_other);
    suite_add_tcase(s, t);
    return s;
}
