#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"
#include "fit.h"
#include "golden.h"
#include "registries.h"
#include "text.h"

/* ---- a model, and tensors from nowhere ---- */

/* Net: enc Dense 3 -> 4, blocks.0 and blocks.1 Dense 4 -> 4, conv with a kernel [3, 3, 4, 2]. */
static mdl_registry *net(void)
{
    static const int64_t conv_shape[] = {3, 3, 4, 2};
    static const char *const aliases[] = {"conv.weights", NULL};
    mdl_registry *r = test_registry("Net", "net");
    test_dense(r, MDL_MODEL, "enc", 0, 3, 4);
    test_dense(r, MDL_MODEL, "blocks.0", 1, 4, 4);
    test_dense(r, MDL_MODEL, "blocks.1", 2, 4, 4);
    const mdl_layer conv = test_layer(r, MDL_MODEL, "conv", "Conv2D", (mdl_name){"conv2d", 0}, 9);
    mdl_variable_add(r, conv, &(mdl_variable_info){.name = "kernel", .rank = 4, .shape = conv_shape, .aliases = aliases}, NULL);
    return r;
}

enum { NVARIABLES = 7, MOST = 16 };

typedef struct Tensor {
    const char *name;
    int32_t     dtype;
    int         rank;
    int64_t     shape[4];
    float       first; /* the elements are first, first + 1, ...; NaN stays */
} Tensor;

static mdl_status give(void *context, size_t index, uint64_t begin, size_t size, void *out, mdl_error *error)
{
    const Tensor *t = (const Tensor *)context + index;
    (void)error;
    for (size_t i = 0; i < size; i++) {
        const float v = t->first + (float)((begin + i) / sizeof v);
        ((char *)out)[i] = ((const char *)&v)[(begin + i) % sizeof v];
    }
    return MDL_OK;
}

static mdl_weights *weights_of(const Tensor *tensors, size_t count)
{
    const mdl_weights_source source = {.context = (void *)tensors, .read = give};
    mdl_stored               stored[MOST];
    mdl_weights             *w = NULL;
    for (size_t i = 0; i < count; i++) {
        stored[i] = (mdl_stored){.name = tensors[i].name, .name_len = strlen(tensors[i].name), .dtype = tensors[i].dtype,
                                 .rank = tensors[i].rank, .shape = tensors[i].shape};
    }
    ck_assert_int_eq(mdl_weights_wrap("net.pt", stored, count, &source, &w, NULL), MDL_OK);
    return w;
}

static const Tensor exact[] = {
    {"enc.kernel", 0, 2, {3, 4}, 1}, {"enc.bias", 0, 1, {4}, 2}, {"blocks.0.kernel", 0, 2, {4, 4}, 3}, {"blocks.0.bias", 0, 1, {4}, 4},
    {"blocks.1.kernel", 0, 2, {4, 4}, 5}, {"blocks.1.bias", 0, 1, {4}, 6}, {"conv.kernel", 0, 4, {3, 3, 4, 2}, 7},
};

/* ---- reports ---- */

static const struct {
    const char *golden;
    bool        partial, cast, values;
    const char *mapping;
    size_t      count;
    Tensor      tensors[MOST];
} cases[] = {
    {"exact", false, false, true, NULL, NVARIABLES,
     {{"enc.kernel", 0, 2, {3, 4}, 1}, {"enc.bias", 0, 1, {4}, 2}, {"blocks.0.kernel", 0, 2, {4, 4}, 3}, {"blocks.0.bias", 0, 1, {4}, 4},
      {"blocks.1.kernel", 0, 2, {4, 4}, 5}, {"blocks.1.bias", 0, 1, {4}, 6}, {"conv.weights", 0, 4, {3, 3, 4, 2}, 7}}},
    /* As PyTorch names and lays them. */
    {"torch", false, false, false, NULL, NVARIABLES + 1,
     {{"enc.weight", 0, 2, {4, 3}, 1}, {"enc.bias", 0, 1, {4}, 2}, {"blocks.0.weight", 0, 2, {4, 4}, 3}, {"blocks.0.bias", 0, 1, {4}, 4},
      {"blocks.1.weight", 0, 2, {4, 4}, 5}, {"blocks.1.bias", 0, 1, {4}, 6}, {"conv.weight", 0, 4, {2, 4, 3, 3}, 7}, {"version", MDL_INT64, 0, {0}, 0}}},
    /* Nothing tells whether these squares are transposed. */
    {"squares", false, false, false, "enc.* = _\nconv.* = _", 4,
     {{"blocks.0.weight", 0, 2, {4, 4}, 3}, {"blocks.0.bias", 0, 1, {4}, 4}, {"blocks.1.weight", 0, 2, {4, 4}, 5}, {"blocks.1.bias", 0, 1, {4}, 6}}},
    {"file_prefix", false, false, false, NULL, NVARIABLES,
     {{"net.enc.kernel", 0, 2, {3, 4}, 1}, {"net.enc.bias", 0, 1, {4}, 2}, {"net.blocks.0.kernel", 0, 2, {4, 4}, 3}, {"net.blocks.0.bias", 0, 1, {4}, 4},
      {"net.blocks.1.kernel", 0, 2, {4, 4}, 5}, {"net.blocks.1.bias", 0, 1, {4}, 6}, {"net.conv.kernel", 0, 4, {3, 3, 4, 2}, 7}}},
    {"model_prefix", false, false, false, NULL, NVARIABLES,
     {{"enc.kernel", 0, 2, {3, 4}, 1}, {"enc.bias", 0, 1, {4}, 2}, {"0.kernel", 0, 2, {4, 4}, 3}, {"0.bias", 0, 1, {4}, 4},
      {"1.kernel", 0, 2, {4, 4}, 5}, {"1.bias", 0, 1, {4}, 6}, {"conv.kernel", 0, 4, {3, 3, 4, 2}, 7}}},
    {"types", false, false, false, NULL, NVARIABLES,
     {{"enc.kernel", MDL_FLOAT16, 2, {3, 4}, 1}, {"enc.bias", MDL_INT32, 1, {4}, 2}, {"blocks.0.kernel", 0, 2, {4, 5}, 3}, {"blocks.0.bias", MDL_F8_E4M3, 1, {4}, 4},
      {"blocks.1.kernel", 0, 1, {16}, 5}, {"blocks.1.bias", MDL_FLOAT64, 1, {5}, 6}, {"conv.kernel", 0, 4, {4, 2, 3, 3}, 7}}},
    {"tied", false, false, true, NULL, NVARIABLES + 1,
     {{"enc.kernel", 0, 2, {3, 4}, 1}, {"enc.bias", 0, 1, {4}, NAN}, {"blocks.0.kernel", 0, 2, {4, 4}, INFINITY}, {"blocks.0.bias", 0, 1, {4}, 4},
      {"blocks.1.kernel", 0, 2, {4, 4}, 5}, {"blocks.1.bias", 0, 1, {4}, -INFINITY}, {"conv.kernel", 0, 4, {3, 3, 4, 2}, 7}, {"conv.weights", 0, 4, {3, 3, 4, 2}, 8}}},
    {"partial", true, false, false, "_ = head.*\nconv.kernel = _", 4,
     {{"enc.kernel", 0, 2, {3, 4}, 1}, {"enc.bias", 0, 1, {4}, 2}, {"head.bias", 0, 1, {4}, 3}, {"tail.bias", 0, 1, {4}, 3}}},
    {"mapping", false, false, false,
     "enc.kernel = a[0:3].T\nenc.bias = a.permute(0, 0)\nblocks.*.kernel = b[*]\nblocks.*.bias = c.reshape(3)\nconv.kernel = concat(a, b)\n", 3,
     {{"a", 0, 2, {4, 3}, 1}, {"b", 0, 3, {1, 4, 4}, 2}, {"c", 0, 1, {4}, 3}}},
};

static char *report(mdl_registry *r, size_t i, mdl_manifest_format format, size_t *blocking)
{
    const mdl_fit_options plain = {.partial = cases[i].partial, .cast = cases[i].cast, .values = cases[i].values};
    mdl_fit_options       options = plain;
    mdl_mapping          *mapping = NULL;
    mdl_fit              *fit = NULL;
    Text                  t = {0};
    mdl_weights          *w = weights_of(cases[i].tensors, cases[i].count);
    const char           *text = cases[i].mapping;
    mdl_error             error = {0};
    if (text != NULL) ck_assert_msg(mdl_mapping_parse("net.map", text, strlen(text), &mapping, &error) == MDL_OK, "%s", error.message);
    options.mapping = mapping;
    ck_assert_int_eq(mdl_fit_make(r, w, &options, &fit, NULL), MDL_OK);
    ck_assert_int_eq(mdl_fit_print(fit, format, mdl_text_write, &t, NULL), MDL_OK);
    *blocking = mdl_fit_blocking(fit);
    ck_assert_int_eq(mdl_fit_check(fit, NULL), *blocking > 0 ? MDL_BAD_FILE : MDL_OK);
    mdl_fit_free(fit);
    mdl_weights_close(w);
    mdl_mapping_free(mapping);
    mdl_text_z(&t);
    return t.s;
}

START_TEST(reports_name_what_is_wrong_and_what_mends_it)
{
    mdl_registry *r = net();
    char          name[64];
    size_t        blocking;
    char         *text = report(r, (size_t)_i, MDL_TEXT, &blocking), *json = report(r, (size_t)_i, MDL_JSON, &blocking);
    snprintf(name, sizeof name, "weights/%s.txt", cases[_i].golden);
    golden_check(name, text, strlen(text));
    snprintf(name, sizeof name, "weights/%s.json", cases[_i].golden);
    golden_check(name, json, strlen(json));
    ck_assert_int_eq(strstr(json, "\"fits\": true") != NULL, blocking == 0);
    free(text);
    free(json);
    mdl_registry_free(r);
}
END_TEST

/* The fixes are true: with them as the mapping, the file fits. */
START_TEST(fixes_mend)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (strcmp(cases[i].golden, "torch") != 0 && strstr(cases[i].golden, "prefix") == NULL) continue;
        mdl_registry *r = net();
        mdl_weights  *w = weights_of(cases[i].tensors, cases[i].count);
        mdl_fit      *fit;
        mdl_mapping  *mapping;
        Text          rules = {0};
        ck_assert_int_eq(mdl_fit_make(r, w, NULL, &fit, NULL), MDL_OK);
        const mdl_fault *fault;
        for (size_t k = 0; (fault = mdl_fit_fault(fit, k)) != NULL; k++) {
            const char *from = strchr(fault->fix, '`') + 1;
            if (fault->kind == MDL_FAULT_UNEXPECTED) mdl_put(&rules, "_ = version");
            else mdl_putn(&rules, from, (size_t)(strrchr(fault->fix, '`') - from));
            mdl_putc(&rules, '\n');
            const mdl_fault *next = mdl_fit_fault(fit, k + 1);
            while (next != NULL && strcmp(next->fix, fault->fix) == 0) next = mdl_fit_fault(fit, ++k + 1); /* one rule for all */
        }
        mdl_fit_free(fit);
        ck_assert_int_eq(mdl_mapping_parse("fixes", rules.s, rules.len, &mapping, NULL), MDL_OK);
        ck_assert_int_eq(mdl_fit_make(r, w, &(mdl_fit_options){.mapping = mapping}, &fit, NULL), MDL_OK);
        ck_assert_ptr_null(mdl_fit_fault(fit, 0));
        mdl_fit_free(fit);
        mdl_mapping_free(mapping);
        mdl_weights_close(w);
        mdl_registry_free(r);
        mdl_text_free(&rules);
    }
}
END_TEST

/* ---- mapping files ---- */

/* Tensors a [2, 3] = 0 1 2 / 3 4 5, b [2, 3] = 10 ..., c.0.x [1, 3] = 20 ..., "odd name*" [6] = 30 ... */
static const Tensor sources[] = {{"a", 0, 2, {2, 3}, 0}, {"b", 0, 2, {2, 3}, 10}, {"c.0.x", 0, 2, {1, 3}, 20}, {"odd name*", 0, 1, {6}, 30}};

static const struct {
    const char *value; /* of `blocks.0.v` */
    int         rank;
    int64_t     shape[3];
    double      values[12];
} values[] = {
    {"a", 2, {2, 3}, {0, 1, 2, 3, 4, 5}},
    {"a.T", 2, {3, 2}, {0, 3, 1, 4, 2, 5}},
    {"a.T.T", 2, {2, 3}, {0, 1, 2, 3, 4, 5}},
    {"a[1]", 1, {3}, {3, 4, 5}},
    {"a[:, 1:]", 2, {2, 2}, {1, 2, 4, 5}},
    {"a[-1, :-1]", 1, {2}, {3, 4}},
    {"a[*]", 1, {3}, {0, 1, 2}},
    {"c.*.x", 2, {1, 3}, {20, 21, 22}},
    {"c.*.x[*].reshape(3, 1)", 2, {3, 1}, {20, 21, 22}},
    {"concat(a, c.*.x)", 2, {3, 3}, {0, 1, 2, 3, 4, 5, 20, 21, 22}},
    {"concat(a, b, axis=1)", 2, {2, 6}, {0, 1, 2, 10, 11, 12, 3, 4, 5, 13, 14, 15}},
    {"concat(a[0:1], b.T[:1, 1:2].reshape(1, 1)[:, 0:0], axis=-1)", 2, {1, 3}, {0, 1, 2}},
    {"concat(concat(a, b).T, a.permute(1, 0), axis = 1)[0]", 1, {6}, {0, 3, 10, 13, 0, 3}},
    {"\"odd name*\".reshape(1, 2, 3).permute(2, 0, 1)", 3, {3, 1, 2}, {30, 33, 31, 34, 32, 35}},
    {"a.reshape(6).T # a comment", 1, {6}, {0, 1, 2, 3, 4, 5}},
};

START_TEST(values_are_moved_as_numpy_does)
{
    char               text[160];
    mdl_mapping       *mapping;
    mdl_fit           *fit;
    mdl_error          error = {0};
    mdl_registry      *r = test_registry("Net", "net");
    const mdl_layer    layer = test_layer(r, MDL_MODEL, "blocks.0", "Layer", (mdl_name){"layer", 0}, 1);
    float              out[12];
    size_t             n = 1;
    mdl_variable_add(r, layer, &(mdl_variable_info){.name = "v", .rank = values[_i].rank, .shape = values[_i].shape}, NULL);
    snprintf(text, sizeof text, "blocks.*.v = %s\n_ = *\n", values[_i].value);
    mdl_weights *w = weights_of(sources, 4);
    ck_assert_msg(mdl_mapping_parse("map", text, strlen(text), &mapping, &error) == MDL_OK, "%s", error.message);
    ck_assert_int_eq(mdl_fit_make(r, w, &(mdl_fit_options){.mapping = mapping}, &fit, NULL), MDL_OK);
    ck_assert_msg(mdl_fit_check(fit, &error) == MDL_OK, "%s", error.message);
    ck_assert_int_eq(mdl_fit_read(fit, 0, out, NULL), MDL_OK);
    for (int i = 0; i < values[_i].rank; i++) n *= (size_t)values[_i].shape[i];
    for (size_t i = 0; i < n; i++) ck_assert_msg(out[i] == (float)values[_i].values[i], "element %zu is %g", i, (double)out[i]);
    mdl_fit_free(fit);
    mdl_mapping_free(mapping);
    mdl_weights_close(w);
    mdl_registry_free(r);
}
END_TEST

static const struct {
    const char *text, *message;
} mistakes[] = {
    {"a", "map:1:2: expected `=`"},
    {"\n\n = b", "map:3:2: expected a name"},
    {"a =", "map:1:4: expected a tensor's name"},
    {"a = b c", "map:1:7: something behind the rule"},
    {"a = b\na = c", "map:2:1: line 1 has a rule for `a` already"},
    {"a = \"b", "map:1:7: a quote that does not end"},
    {"a = \"\"", "map:1:7: a name without characters"},
    {"a = \"\\n\"", "map:1:7: in quotes a backslash stands before a quote or a backslash"},
    {"a = h.*", "map:1:8: stars on the right, but none on the left"},
    {"a = b[*]", "map:1:9: more stars on the right than on the left"},
    {"*.* = b.*.*.*", "map:1:14: more stars on the right than on the left"},
    {"*********.a = b", "more than 8 stars"},
    {"a = flip(b)", "map:1:9: there are concat(...), .permute(...) and .reshape(...)"},
    {"a = b[0].flip", "map:1:14: expected `.T`, `.permute(...)`, `.reshape(...)` or `[...]`"},
    {"a = b.permute(-1)", "expected a number that is not negative"},
    {"a = b.permute(1", "expected `,` or `)`"},
    {"a = b.reshape(99999999999999999999)", "a number that is too large"},
    {"a = b[", "expected a number, `:` or `*`"},
    {"a = b[1", "expected `,` or `]`"},
    {"a = concat()", "expected a tensor's name"},
    {"a = concat(axis=0)", "concat needs operands"},
    {"a = concat(b, axis=x)", "expected `axis=` and a number"},
    {"a = concat(b, axis=0, c)", "expected `)` behind the axis"},
    {"a = concat(b", "expected `,` or `)`"},
    {"a = .T", "expected a name"},
    {"a = b\xFF", "map:1:1: bytes that are not UTF-8"},
    {"a = concat(concat(concat(concat(concat(concat(concat(concat(concat(concat(concat(concat(concat(concat(concat(concat(b))))))))))))))))",
     "terms that are nested too deeply"},
    {"a = b[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]", "more than 16 changes of one tensor"},
};

START_TEST(mistakes_in_mapping_files_are_placed)
{
    mdl_mapping *mapping;
    mdl_error    error = {0};
    const char  *text = mistakes[_i].text;
    ck_assert_int_eq(mdl_mapping_parse("map", text, strlen(text), &mapping, &error), MDL_BAD_FILE);
    ck_assert_msg(strstr(error.message, mistakes[_i].message) != NULL, "%s", error.message);
    ck_assert_ptr_null(mapping);
}
END_TEST

START_TEST(stars_take_as_little_as_they_can)
{
    static const struct {
        const char *pattern, *name, *first, *second;
    } names[] = {
        {"h.*.w", "h.12.w", "12", NULL}, {"h.*.w", "h.w", NULL, NULL}, {"*.*", "a.b.c", "a", "b.c"}, {"*", "", "", NULL},
        {"*a*", "bab", "b", "b"}, {"*.x", "a.x.x", "a.x", NULL}, {"a", "b", NULL, NULL}, {"*b", "a", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        Stars      s;
        const bool matches = mdl_stars_match(names[i].pattern, strlen(names[i].pattern), names[i].name, strlen(names[i].name), &s);
        ck_assert_int_eq(matches, names[i].first != NULL);
        if (!matches) continue;
        ck_assert(s.len[0] == strlen(names[i].first) && memcmp(s.text[0], names[i].first, s.len[0]) == 0);
        if (names[i].second != NULL) ck_assert(s.len[1] == strlen(names[i].second) && memcmp(s.text[1], names[i].second, s.len[1]) == 0);
    }
}
END_TEST

START_TEST(names_are_written_so_that_they_are_read)
{
    static const char *const names[] = {"h.0.attn.c_attn.weight", "a b", "x.T", "_", "a\"b\\c", "h.*", "a#b", "f(x)", "dense/kernel:0", "\xC3\xA9"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        Text         t = {0};
        mdl_mapping *m;
        mdl_put(&t, "v = ");
        ck_assert(mdl_mapping_name(names[i], strlen(names[i]), mdl_text_write, &t));
        ck_assert_int_eq(mdl_mapping_parse("map", t.s, t.len, &m, NULL), MDL_OK);
        ck_assert_uint_eq(m->rules[0].value->len, strlen(names[i]));
        ck_assert_mem_eq(m->rules[0].value->text, names[i], strlen(names[i]));
        ck_assert(m->rules[0].value->kind == TERM_NAME && !m->rules[0].leaves);
        mdl_mapping_free(m);
        mdl_text_free(&t);
    }
}
END_TEST

START_TEST(running_out_of_memory_is_reported)
{
    static const Tensor memory[] = {{"a", 0, 2, {4, 3}, 1}, {"b", 0, 3, {1, 4, 4}, 2}, {"c", 0, 1, {4}, 3}};
    static const char rules[] = "enc.kernel = a.T\nblocks.*.kernel = concat(b[0, 0:2], b[0, 2:4])\n_ = c";
    mdl_registry     *r = net();
    mdl_weights      *w = weights_of(memory, 3);
    mdl_status        status = MDL_NO_MEMORY;
    ck_assert_int_eq(mdl_registry_find(r, "x", 1), -1); /* a registry that had no memory for its names has failed for good */
    for (long n = 0; status != MDL_OK; n++) {
        mdl_mapping *mapping = NULL;
        mdl_fit     *fit = NULL;
        ck_assert_int_lt(n, 300);
        alloc_fail_at(n);
        status = mdl_mapping_parse("map", rules, sizeof rules - 1, &mapping, NULL);
        if (status == MDL_OK) status = mdl_fit_make(r, w, &(mdl_fit_options){.mapping = mapping, .values = true}, &fit, NULL);
        alloc_fail_at(-1);
        ck_assert(status == MDL_OK || status == MDL_NO_MEMORY);
        mdl_fit_free(fit);
        mdl_mapping_free(mapping);
    }
    mdl_weights_close(w);
    mdl_registry_free(r);
}
END_TEST

START_TEST(a_file_that_fits_is_read_in_its_dtype)
{
    mdl_registry *r = net();
    mdl_weights  *w = weights_of(exact, NVARIABLES);
    mdl_fit      *fit;
    float         out[72];
    ck_assert_int_eq(mdl_fit_make(r, w, NULL, &fit, NULL), MDL_OK);
    ck_assert_ptr_null(mdl_fit_fault(fit, 0));
    for (int32_t i = 0; i < NVARIABLES; i++) {
        ck_assert(mdl_fit_holds(fit, i));
        ck_assert_ptr_null(mdl_fit_data(fit, i)); /* nothing is mapped */
        ck_assert_int_eq(mdl_fit_read(fit, i, out, NULL), MDL_OK);
        ck_assert(out[0] == exact[i].first && out[3] == exact[i].first + 3);
    }
    ck_assert(!mdl_fit_holds(fit, NVARIABLES) && !mdl_fit_holds(fit, -1));
    mdl_fit_free(fit);
    mdl_weights_close(w);
    mdl_registry_free(r);
}
END_TEST

Suite *fit_suite(void)
{
    Suite *s = suite_create("fit");
    TCase *t = tcase_create("fit");
    tcase_add_loop_test(t, reports_name_what_is_wrong_and_what_mends_it, 0, sizeof cases / sizeof *cases);
    tcase_add_test(t, fixes_mend);
    tcase_add_loop_test(t, values_are_moved_as_numpy_does, 0, sizeof values / sizeof *values);
    tcase_add_loop_test(t, mistakes_in_mapping_files_are_placed, 0, sizeof mistakes / sizeof *mistakes);
    tcase_add_test(t, stars_take_as_little_as_they_can);
    tcase_add_test(t, names_are_written_so_that_they_are_read);
    tcase_add_test(t, a_file_that_fits_is_read_in_its_dtype);
    tcase_add_test(t, running_out_of_memory_is_reported);
    suite_add_tcase(s, t);
    return s;
}
