#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/intern.h"

START_TEST(equal_names_are_one_pointer)
{
    Arena    *a = arena_create();
    Interner *in = interner_create(a);
    const Sym *dense = intern_z(in, "dense");
    ck_assert_ptr_eq(dense, intern(in, "dense_1", 5));
    ck_assert_ptr_ne(dense, intern_z(in, "dense_1"));
    ck_assert_str_eq(dense->text, "dense");
    ck_assert_uint_eq(dense->len, 5);
    arena_destroy(a);
}
END_TEST

START_TEST(the_empty_name_and_names_with_nul_are_names)
{
    Arena    *a = arena_create();
    Interner *in = interner_create(a);
    ck_assert_ptr_eq(intern_z(in, ""), intern(in, "x", 0));
    ck_assert_ptr_ne(intern(in, "a\0b", 3), intern(in, "a\0c", 3));
    arena_destroy(a);
}
END_TEST

START_TEST(many_names_stay_where_they_are)
{
    enum { COUNT = 10000 };
    static const Sym *syms[COUNT];
    Arena            *a = arena_create();
    Interner         *in = interner_create(a);
    char              name[32];
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "name%d", i);
        syms[i] = intern_z(in, name);
    }
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "name%d", i);
        ck_assert_ptr_eq(syms[i], intern_z(in, name));
    }
    arena_destroy(a);
}
END_TEST

Suite *intern_suite(void)
{
    Suite *s = suite_create("intern");
    TCase *t = tcase_create("intern");
    tcase_add_test(t, equal_names_are_one_pointer);
    tcase_add_test(t, the_empty_name_and_names_with_nul_are_names);
    tcase_add_test(t, many_names_stay_where_they_are);
    suite_add_tcase(s, t);
    return s;
}
