#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"
#include "registries.h"

static const struct {
    const char *golden;
    int         argc;
    char       *argv[6];
} goldens[] = {
    {"manifest/text.txt", 0, {0}},
    {"manifest/wide.txt", 2, {"--width", "0"}},
    {"manifest/narrow.txt", 1, {"--width=50"}},
    {"manifest/tree.txt", 1, {"--layers"}},
    {"manifest/tree_of_kernels.txt", 3, {"--layers", "--filter", "*.kernel"}},
    {"manifest/trainable.txt", 1, {"--trainable"}},
    {"manifest/frozen_encoder.txt", 3, {"--non-trainable", "--filter", "encoder.*"}},
    {"manifest/all.json", 2, {"--format", "json"}},
    {"manifest/filtered.json", 3, {"--format=json", "--filter", "lm_head*"}},
    {"manifest/nothing.json", 4, {"--format", "json", "--filter", "nothing"}},
    {"manifest/all.csv", 1, {"--format=csv"}},
    {"manifest/layers.csv", 2, {"--format=csv", "--layers"}},
    {"manifest/all.md", 1, {"--format=markdown"}},
    {"manifest/layers.md", 2, {"--format=markdown", "--layers"}},
    {"manifest/lines.txt", 2, {"--template", "Weight {index}: Shape = {shape}, Name = {path}"}},
    {"manifest/fields.txt", 3, {"--template", "{{{dtype}}} {parameters} {bytes} {trainable} {reason} {initializer} {layer} {class} {source} "
                                "{aliases} {keras_path} {keras2_name} {h5_path}", "--non-trainable"}},
};

START_TEST(every_format_prints_what_it_did)
{
    mdl_registry *r = registry_of_everything();
    char         *text = test_manifest_of(r, goldens[_i].argc, goldens[_i].argv);
    ck_assert_ptr_nonnull(text);
    golden_check(goldens[_i].golden, text, strlen(text));
    free(text);
    mdl_registry_free(r);
}
END_TEST

START_TEST(a_model_without_variables_says_so)
{
    mdl_registry *r = test_registry("Empty", "empty");
    char         *text = test_manifest_of(r, 0, NULL);
    ck_assert_ptr_nonnull(strstr(text, "(no variables)"));
    free(text);
    text = test_manifest_of(r, 1, (char *[]){"--format=json"});
    ck_assert_ptr_nonnull(strstr(text, "\"variables\": [\n  ]"));
    free(text);
    mdl_registry_free(r);
}
END_TEST

/* ---- options ---- */

static const struct {
    const char *argv[3];
    int         argc;
    const char *message;
} mistakes[] = {
    {{"--format", "xml"}, 2, "--format is text, json, csv or markdown, not `xml`"},
    {{"--format"}, 1, "--format needs a value"},
    {{"--width=12"}, 1, "--width is 0 or from 40 to 10000, not `12`"},
    {{"--width", "80x"}, 2, "--width is 0 or from 40 to 10000, not `80x`"},
    {{"--trainable", "--non-trainable"}, 2, "--trainable and --non-trainable together would list nothing"},
    {{"--template", "{name}"}, 2, "the template has no placeholder {name}: there are index path shape dtype parameters bytes trainable "
     "reason initializer layer class source aliases keras_path keras2_name h5_path"},
    {{"--template=a } b"}, 1, "a brace stands alone in the template: write `}}` for the character itself"},
    {{"--template={path"}, 1, "a brace stands alone in the template: write `{{` for the character itself"},
    {{"--template={path}", "--layers"}, 2, "--template prints lines of its own: leave out --layers"},
};

START_TEST(mistakes_in_options_are_explained)
{
    mdl_manifest_options options = {0};
    mdl_error            error = {0};
    int                  at = 0, took = 1;
    while (took > 0 && at < mistakes[_i].argc) took = mdl_manifest_option(&options, mistakes[_i].argc, (char *const *)mistakes[_i].argv, &at, &error);
    if (took > 0) ck_assert_int_eq(mdl_manifest_check(&options, &error), MDL_USAGE);
    else ck_assert_int_eq(took, -1);
    ck_assert_int_eq(error.status, MDL_USAGE);
    ck_assert_str_eq(error.message, mistakes[_i].message);
}
END_TEST

START_TEST(words_that_are_no_option_are_left_alone)
{
    static char *const   words[] = {"--seed", "model", "--formatting", "-o", ""};
    mdl_manifest_options options = {0};
    for (int at = 0; at < 5; at++) {
        int now = at;
        ck_assert_int_eq(mdl_manifest_option(&options, 5, words, &now, NULL), 0);
        ck_assert_int_eq(now, at);
    }
}
END_TEST

static bool refuse(void *context, const char *bytes, size_t size)
{
    (void)context, (void)bytes, (void)size;
    return false;
}

START_TEST(a_writer_that_stops_is_an_error)
{
    mdl_registry              *r = registry_of_everything();
    const mdl_manifest_options options = {0};
    ck_assert_int_eq(mdl_manifest(r, &options, refuse, NULL, NULL), MDL_IO);
    mdl_registry_free(r);
}
END_TEST

Suite *manifest_suite(void)
{
    Suite *s = suite_create("manifest");
    TCase *t = tcase_create("manifest");
    tcase_add_loop_test(t, every_format_prints_what_it_did, 0, sizeof goldens / sizeof *goldens);
    tcase_add_test(t, a_model_without_variables_says_so);
    tcase_add_loop_test(t, mistakes_in_options_are_explained, 0, sizeof mistakes / sizeof *mistakes);
    tcase_add_test(t, words_that_are_no_option_are_left_alone);
    tcase_add_test(t, a_writer_that_stops_is_an_error);
    suite_add_tcase(s, t);
    return s;
}
