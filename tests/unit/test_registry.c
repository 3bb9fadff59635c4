#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"
#include "registries.h"

/* The paths in order, a line each, "path T" or "path N" as in the cases of docs. */
static char *listing(mdl_registry *r, const char *template)
{
    const mdl_manifest_options options = {.line = template};
    char *text = test_manifest(r, &options);
    return text != NULL ? text : calloc(1, 1);
}

#define CHECK_LISTING(r, template, expected)      \
    do {                                          \
        char *text_ = listing(r, template);       \
        ck_assert_str_eq(text_, expected);        \
        free(text_);                              \
        mdl_registry_free(r);                     \
    } while (0)

static const int64_t one[] = {1}, two[] = {2}, five[] = {5};

static void own(mdl_registry *r, mdl_layer layer, const char *name, const int64_t *shape, bool is_state)
{
    const mdl_variable_info info = {.name = name, .rank = 1, .shape = shape, .is_state = is_state};
    mdl_variable_add(r, layer, &info, NULL);
}

/* Keras' cases are those of its own `weights`; the comments name what each shows. */

START_TEST(order_is_declaration_not_call)
{
    mdl_registry *r = test_registry("Net", "net"); /* b is called before a: its scope came first, its place does not */
    test_dense(r, MDL_MODEL, "b", 0, 3, 2);
    test_dense(r, MDL_MODEL, "a", 1, 4, 3);
    CHECK_LISTING(r, "{keras_path} {shape}", "net/dense/kernel [3, 2]\nnet/dense/bias [2]\nnet/dense_1/kernel [4, 3]\nnet/dense_1/bias [3]\n");
}
END_TEST

START_TEST(own_variables_come_first_and_trainable_ones_before_the_others)
{
    mdl_registry *r = test_registry("Net", "net");
    test_dense(r, MDL_MODEL, "d", 0, 4, 2);
    own(r, MDL_MODEL, "nt", five, true);
    own(r, MDL_MODEL, "w", one, false);
    CHECK_LISTING(r, "{path} {trainable}", "w true\nnt false\nd.kernel true\nd.bias true\n");
}
END_TEST

START_TEST(states_stay_within_their_layer)
{
    mdl_registry   *r = test_registry("Net", "net");
    test_dense(r, MDL_MODEL, "d1", 0, 4, 2);
    const mdl_layer norm = test_layer(r, MDL_MODEL, "bn", "BatchNormalization", (mdl_name){"batch_normalization", 0}, 7);
    own(r, norm, "moving_mean", two, true);
    own(r, norm, "gamma", two, false);
    own(r, norm, "moving_variance", two, true);
    own(r, norm, "beta", two, false);
    test_dense(r, MDL_MODEL, "d2", 1, 2, 3);
    CHECK_LISTING(r, "{path}", "d1.kernel\nd1.bias\nbn.gamma\nbn.beta\nbn.moving_mean\nbn.moving_variance\nd2.kernel\nd2.bias\n");
}
END_TEST

START_TEST(keras_names_follow_the_scope_that_opened_first)
{
    mdl_registry  *r = test_registry("Net", "net");
    const mdl_layer b1 = test_layer(r, MDL_MODEL, "b1", "B", (mdl_name){"b1", 0}, 4);
    const mdl_layer b2 = test_layer(r, MDL_MODEL, "b2", "B", (mdl_name){"b2", 0}, 5);
    mdl_layer_info  shared = {.class_name = "Dense", .keras = {"shared", 0}, .keras_parent = b2, .h5 = {"shared", 0},
                              .h5_parent = MDL_NO_LAYER, .file = "model.mdl", .line = 6};
    own(r, mdl_layer_add(r, b1, "shared", &shared), "kernel", two, false);
    CHECK_LISTING(r, "{path} {keras_path} {keras2_name}", "b1.shared.kernel net/b2/shared/kernel net/b2/shared/kernel:0\n");
}
END_TEST

START_TEST(layers_without_a_keras_scope_leave_no_slash)
{
    mdl_registry  *r = test_registry("Net", NULL);
    const mdl_layer group = test_layer(r, MDL_MODEL, "group", "Group", (mdl_name){NULL, 0}, 4);
    test_dense(r, group, "d", 3, 1, 2);
    own(r, MDL_MODEL, "w", one, false);
    CHECK_LISTING(r, "{keras_path}", "w\ndense_3/kernel\ndense_3/bias\n");
}
END_TEST

START_TEST(scopes_in_a_circle_end)
{
    mdl_registry  *r = test_registry("Net", "net");
    mdl_layer_info info = {.class_name = "D", .keras = {"d", 0}, .keras_parent = 2, .h5_parent = 2};
    mdl_layer_add(r, MDL_MODEL, "a", &info);
    info.keras_parent = info.h5_parent = 1;
    own(r, mdl_layer_add(r, MDL_MODEL, "b", &info), "w", one, false);
    char *text = listing(r, "{keras_path}");
    ck_assert_uint_gt(strlen(text), 4);
    free(text);
    mdl_registry_free(r);
}
END_TEST

START_TEST(list_items_are_numbered)
{
    mdl_registry        *r = test_registry("Net", "net");
    const mdl_layer_info info = {.class_name = "Block", .keras_parent = MDL_NO_LAYER, .h5_parent = MDL_NO_LAYER};
    own(r, mdl_layer_item(r, MDL_MODEL, "blocks", 0, &info), "w", one, false);
    own(r, mdl_layer_item(r, MDL_MODEL, "blocks", 10, &info), "w", one, false);
    own(r, mdl_layer_item(r, MDL_MODEL, "nested.3", 9007199254740993, &info), "w", one, false);
    CHECK_LISTING(r, "{path}", "blocks.0.w\nblocks.10.w\nnested.3.9007199254740993.w\n");
}
END_TEST

START_TEST(sub_layers_are_depth_first_even_if_added_later)
{
    mdl_registry   *r = test_registry("Net", "net");
    const mdl_layer a = test_layer(r, MDL_MODEL, "a", "A", (mdl_name){"a", 0}, 4);
    const mdl_layer b = test_layer(r, MDL_MODEL, "b", "B", (mdl_name){"b", 0}, 5);
    own(r, b, "w", one, false);
    const mdl_layer inner = test_layer(r, a, "inner", "C", (mdl_name){"c", 0}, 6);
    own(r, test_layer(r, inner, "leaf", "D", (mdl_name){"d", 0}, 7), "w", one, false);
    own(r, a, "w", one, false);
    CHECK_LISTING(r, "{path}", "a.w\na.inner.leaf.w\nb.w\n");
}
END_TEST

START_TEST(freezing_names_the_innermost_declaration_and_moves_nothing)
{
    mdl_registry  *r = test_registry("Net", "net");
    mdl_layer_info info = {.class_name = "Block", .keras_parent = MDL_NO_LAYER, .h5_parent = MDL_NO_LAYER, .file = "model.mdl",
                           .line = 8, .frozen = true};
    const mdl_layer outer = mdl_layer_add(r, MDL_MODEL, "outer", &info);
    own(r, outer, "count", one, true);
    own(r, outer, "w", one, false);
    info.line = 12;
    own(r, mdl_layer_item(r, outer, "inner", 3, &info), "w", one, false);
    own(r, MDL_MODEL, "free", one, false);
    CHECK_LISTING(r, "{path}: {reason}",
                  "free: \n"
                  "outer.w: frozen by `outer` (model.mdl:8)\n"
                  "outer.count: state\n"
                  "outer.inner.3.w: frozen by `outer.inner.3` (model.mdl:12)\n");
}
END_TEST

START_TEST(a_frozen_declaration_goes_behind_the_trainable_ones)
{
    mdl_registry           *r = test_registry("Net", "net");
    const mdl_variable_info frozen = {.name = "scale", .frozen = true};
    mdl_variable_add(r, MDL_MODEL, &frozen, NULL);
    own(r, MDL_MODEL, "w", one, false);
    CHECK_LISTING(r, "{path} {trainable} {reason}", "w true \nscale false frozen by its declaration in `Net`\n");
}
END_TEST

START_TEST(a_shared_layer_is_listed_once_with_all_its_paths)
{
    mdl_registry  *r = test_registry("Net", "net");
    const mdl_layer a = test_layer(r, MDL_MODEL, "a", "A", (mdl_name){"a", 0}, 4);
    const mdl_layer d = test_dense(r, a, "d", 0, 1, 2);
    mdl_layer_alias(r, MDL_MODEL, "b", a);
    mdl_layer_alias(r, MDL_MODEL, "last", d);
    CHECK_LISTING(r, "{path} = {aliases}", "a.d.kernel = b.d.kernel, last.kernel\na.d.bias = b.d.bias, last.bias\n");
}
END_TEST

static void list_kernel(mdl_registry *r, mdl_layer layer, mdl_layer owner)
{
    const mdl_listing_info info = {.name = "listed", .owner = owner, .variable = "kernel", .h5 = "vars/1"};
    mdl_variable_list(r, layer, &info);
}

START_TEST(a_variable_that_another_layer_lists_stands_there)
{
    mdl_registry   *r = test_registry("Net", "net");
    const mdl_layer wrap = test_layer(r, MDL_MODEL, "wrap", "Wrap", (mdl_name){"wrap", 0}, 4);
    own(r, wrap, "before", one, false);
    list_kernel(r, wrap, wrap + 1); /* of a layer that is added later */
    own(r, wrap, "u", one, true);
    own(r, wrap, "after", one, false);
    test_dense(r, wrap, "d", 0, 1, 2);
    list_kernel(r, test_layer(r, MDL_MODEL, "second", "Wrap", (mdl_name){"wrap", 1}, 5), wrap + 1); /* it has its place */
    CHECK_LISTING(r, "{path} {keras_path} = {aliases}", "wrap.before net/wrap/before = \nwrap.d.kernel net/wrap/dense/kernel = wrap.listed, second.listed\n"
                  "wrap.after net/wrap/after = \nwrap.u net/wrap/u = \nwrap.d.bias net/wrap/dense/bias = \n");
}
END_TEST

START_TEST(a_listed_variable_counts_where_its_layer_is)
{
    mdl_registry   *r = test_registry("Net", "net");
    const mdl_layer head = test_layer(r, MDL_MODEL, "head", "Head", (mdl_name){"head", 0}, 4);
    const mdl_manifest_options options = {.format = MDL_MARKDOWN, .layers = true};
    list_kernel(r, head, head + 1);
    test_dense(r, MDL_MODEL, "d", 0, 2, 3);
    char *text = test_manifest(r, &options);
    ck_assert_ptr_nonnull(strstr(text, "| `head` | `Head` |  | 0 |"));
    ck_assert_ptr_nonnull(strstr(text, "| `d` | `Dense` |  | 9 |"));
    free(text);
    mdl_registry_free(r);
}
END_TEST

START_TEST(a_listing_of_nothing_is_an_error)
{
    mdl_registry *r = test_registry("Net", "net");
    list_kernel(r, MDL_MODEL, test_layer(r, MDL_MODEL, "a", "A", (mdl_name){"a", 0}, 4));
    ck_assert_int_eq(mdl_registry_count(r), 0);
    ck_assert_int_eq(mdl_registry_status(r), MDL_USAGE);
    mdl_registry_free(r);
}
END_TEST

START_TEST(keras2_may_have_another_name_or_no_scope)
{
    mdl_registry   *r = test_registry("Net", "net");
    const mdl_layer wrap = test_layer(r, MDL_MODEL, "wrap", "Wrap", (mdl_name){"wrap", 0}, 4);
    const mdl_layer_info left_out = {.class_name = "Dense", .keras = {"dense", 3}, .keras2 = "", .keras_parent = MDL_NO_LAYER, .h5_parent = MDL_NO_LAYER};
    const mdl_layer_info other = {.class_name = "Dense", .keras = {"dense", 4}, .keras2 = "b_dense_4", .keras_parent = MDL_NO_LAYER, .h5_parent = MDL_NO_LAYER};
    own(r, mdl_layer_add(r, wrap, "d", &left_out), "kernel", two, false);
    own(r, mdl_layer_add(r, wrap, "e", &other), "kernel", two, false);
    CHECK_LISTING(r, "{keras_path} {keras2_name}", "net/wrap/dense_3/kernel net/wrap/kernel:0\nnet/wrap/dense_4/kernel net/wrap/b_dense_4/kernel:0\n");
}
END_TEST

START_TEST(names_are_found_by_path_then_by_alias)
{
    mdl_registry *r = registry_of_everything();
    const int32_t table = mdl_registry_find(r, "embed.embeddings", 16);
    ck_assert_str_eq(mdl_registry_variable(r, table)->path, "embed.embeddings");
    ck_assert_int_eq(mdl_registry_find(r, "encoder.tied.embeddings", 23), table);
    ck_assert_int_eq(mdl_registry_find(r, "head.embeddings", 15), table);
    ck_assert_int_eq(mdl_registry_find(r, "lm_head.weight", 14), table);
    ck_assert_int_eq(mdl_registry_find(r, "lm_head.weight", 13), -1);
    ck_assert_int_eq(mdl_registry_find(r, "", 0), -1);
    ck_assert_ptr_null(mdl_registry_variable(r, mdl_registry_count(r)));
    ck_assert_ptr_null(mdl_registry_variable(r, -1));
    mdl_registry_free(r);
}
END_TEST

START_TEST(aliases_without_end_are_bounded)
{
    mdl_registry *r = test_registry("Net", "net"); /* twenty layers, each reachable twice from the one above: 2^20 paths */
    mdl_layer     at = MDL_MODEL;
    for (int i = 0; i < 20; i++) {
        const mdl_layer next = test_layer(r, at, "x", "X", (mdl_name){"x", 0}, 4);
        mdl_layer_alias(r, at, "y", next);
        at = next;
    }
    mdl_layer_alias(r, at, "up", 1); /* and a layer inside itself */
    own(r, at, "w", one, false);
    char  *text = listing(r, "{aliases}");
    size_t commas = 0;
    for (const char *c = text; *c != '\0'; c++) commas += *c == ',';
    ck_assert_uint_ge(commas, 30);
    ck_assert_uint_le(commas, 64);
    free(text);
    mdl_registry_free(r);
}
END_TEST

START_TEST(what_is_added_later_is_seen)
{
    mdl_registry *r = test_registry("Net", "net");
    test_dense(r, MDL_MODEL, "a", 0, 1, 2);
    ck_assert_int_eq(mdl_registry_count(r), 2);
    ck_assert_int_eq(mdl_registry_find(r, "b.kernel", 8), -1);
    test_dense(r, MDL_MODEL, "b", 1, 1, 2);
    ck_assert_int_eq(mdl_registry_count(r), 4);
    ck_assert_int_eq(mdl_registry_find(r, "b.kernel", 8), 2);
    mdl_registry_free(r);
}
END_TEST

START_TEST(a_layer_that_is_not_there_is_an_error_that_sticks)
{
    mdl_registry *r = test_registry("Net", "net");
    own(r, 7, "w", one, false);
    ck_assert_int_eq(mdl_registry_status(r), MDL_USAGE);
    ck_assert_int_eq(mdl_registry_count(r), 0);
    mdl_registry_free(r);
}
END_TEST

START_TEST(sizes_that_overflow_saturate)
{
    static const int64_t    huge[] = {INT64_MAX, INT64_MAX, 0}, wide[] = {INT64_MAX, 2};
    mdl_registry           *r = test_registry("Net", "net");
    const mdl_variable_info a = {.name = "a", .rank = 2, .shape = huge}, b = {.name = "b", .rank = 3, .shape = huge},
                            c = {.name = "c", .rank = 2, .shape = wide};
    mdl_variable_add(r, MDL_MODEL, &a, NULL);
    mdl_variable_add(r, MDL_MODEL, &b, NULL);
    mdl_variable_add(r, MDL_MODEL, &c, NULL);
    ck_assert_uint_eq(mdl_registry_variable(r, 0)->elements, UINT64_MAX);
    ck_assert_uint_eq(mdl_registry_variable(r, 1)->elements, 0);
    ck_assert_uint_eq(mdl_registry_variable(r, 1)->bytes, 0);
    ck_assert_uint_eq(mdl_registry_variable(r, 2)->elements, UINT64_MAX - 1);
    ck_assert_uint_eq(mdl_registry_variable(r, 2)->bytes, UINT64_MAX);
    mdl_registry_free(r);
}
END_TEST

START_TEST(a_hundred_thousand_variables_are_in_order)
{
    mdl_registry  *r = test_registry("Net", "net");
    mdl_layer_info info = {.class_name = "Block", .keras = {"block", 0}, .keras_parent = MDL_NO_LAYER, .h5_parent = MDL_NO_LAYER};
    for (int64_t i = 0; i < 50000; i++) {
        const mdl_layer layer = mdl_layer_item(r, MDL_MODEL, "blocks", i, &info);
        own(r, layer, "moving", two, true);
        own(r, layer, "w", two, false);
    }
    ck_assert_int_eq(mdl_registry_count(r), 100000);
    ck_assert_str_eq(mdl_registry_variable(r, 99998)->path, "blocks.49999.w");
    ck_assert_str_eq(mdl_registry_variable(r, 99999)->path, "blocks.49999.moving");
    ck_assert_int_eq(mdl_registry_find(r, "blocks.31415.moving", 19), 2 * 31415 + 1);
    mdl_registry_free(r);
}
END_TEST

START_TEST(running_out_of_memory_anywhere_is_reported)
{
    char *whole = NULL;
    for (long n = 0; whole == NULL; n++) {
        ck_assert_int_lt(n, 10000);
        alloc_fail_at(n);
        mdl_registry *r = registry_of_everything();
        if (r != NULL) {
            const mdl_manifest_options options = {.format = MDL_JSON};
            whole = test_manifest(r, &options);
            (void)mdl_registry_find(r, "x", 1);
            mdl_registry_free(r);
        }
        const bool reached = alloc_count() > n;
        alloc_fail_at(-1);
        if (reached) free(whole), whole = NULL;
    }
    ck_assert_uint_gt(strlen(whole), 1000);
    free(whole);
}
END_TEST

Suite *registry_suite(void)
{
    Suite *s = suite_create("registry");
    TCase *t = tcase_create("registry");
    tcase_add_test(t, order_is_declaration_not_call);
    tcase_add_test(t, own_variables_come_first_and_trainable_ones_before_the_others);
    tcase_add_test(t, states_stay_within_their_layer);
    tcase_add_test(t, keras_names_follow_the_scope_that_opened_first);
    tcase_add_test(t, layers_without_a_keras_scope_leave_no_slash);
    tcase_add_test(t, scopes_in_a_circle_end);
    tcase_add_test(t, list_items_are_numbered);
    tcase_add_test(t, sub_layers_are_depth_first_even_if_added_later);
    tcase_add_test(t, freezing_names_the_innermost_declaration_and_moves_nothing);
    tcase_add_test(t, a_frozen_declaration_goes_behind_the_trainable_ones);
    tcase_add_test(t, a_shared_layer_is_listed_once_with_all_its_paths);
    tcase_add_test(t, a_variable_that_another_layer_lists_stands_there);
    tcase_add_test(t, a_listed_variable_counts_where_its_layer_is);
    tcase_add_test(t, a_listing_of_nothing_is_an_error);
    tcase_add_test(t, keras2_may_have_another_name_or_no_scope);
    tcase_add_test(t, names_are_found_by_path_then_by_alias);
    tcase_add_test(t, aliases_without_end_are_bounded);
    tcase_add_test(t, what_is_added_later_is_seen);
    tcase_add_test(t, a_layer_that_is_not_there_is_an_error_that_sticks);
    tcase_add_test(t, sizes_that_overflow_saturate);
    tcase_add_test(t, a_hundred_thousand_variables_are_in_order);
    tcase_add_test(t, running_out_of_memory_anywhere_is_reported);
    suite_add_tcase(s, t);
    return s;
}
