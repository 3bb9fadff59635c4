#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc_fail.h"
#include "folder.h"
#include "weights.h"

/* ---- a set that is written, and read again ---- */

static const int64_t two_by_three[] = {2, 3}, four[] = {4}, nothing[] = {0, 5};

static const mdl_stored tensors[] = {
    {.name = "a", .name_len = 1, .dtype = MDL_FLOAT64, .rank = 2, .shape = two_by_three},
    {.name = "b", .name_len = 1, .dtype = MDL_FLOAT32, .rank = 1, .shape = four},
    {.name = "none", .name_len = 4, .dtype = MDL_F8_E4M3, .rank = 2, .shape = nothing},
    {.name = "one", .name_len = 3, .dtype = MDL_U16, .rank = 0},
    {.name = "c", .name_len = 1, .dtype = MDL_BFLOAT16, .rank = 1, .shape = four},
};
enum { NTENSORS = sizeof tensors / sizeof *tensors, BYTES = 48 + 16 + 2 + 8 };

static const double a[] = {1, -2, 3.5, 1e300, 0, 1.0 / 3};
static const float  b[] = {1, 2, 3, 4};

/* Writes them in pieces of three bytes. */
static mdl_status save(const char *file, uint64_t shard_size, mdl_error *error)
{
    static const char     *metadata[] = {"format", "mdl \"1\"", NULL};
    const mdl_weights_plan plan = {.tensors = tensors, .count = NTENSORS, .metadata = metadata, .shard_size = shard_size};
    mdl_weights_writer    *w;
    char                   bytes[BYTES] = {0};
    memcpy(bytes, a, sizeof a);
    memcpy(bytes + sizeof a, b, sizeof b);
    mdl_status status = mdl_weights_create(file, &plan, &w, error);
    for (size_t at = 0; status == MDL_OK && at < BYTES; at += 3) {
        status = mdl_weights_write(w, bytes + at, BYTES - at < 3 ? BYTES - at : 3, error);
        if (status != MDL_OK) mdl_weights_abandon(w);
    }
    return status == MDL_OK ? mdl_weights_finish(w, error) : status;
}

static void check_set(const char *file, int32_t files)
{
    mdl_weights *w;
    mdl_error    error = {0};
    double       values[6];
    float        narrow[6];
    ck_assert_msg(mdl_weights_open(file, NULL, &w, &error) == MDL_OK, "%s", error.message);
    ck_assert_uint_eq(mdl_weights_count(w), NTENSORS);
    for (size_t i = 0; i < NTENSORS; i++) {
        const mdl_stored *t = mdl_weights_tensor(w, i);
        ck_assert_str_eq(t->name, tensors[i].name);
        ck_assert_int_eq(t->dtype, tensors[i].dtype);
        ck_assert_int_eq(t->rank, tensors[i].rank);
    }
    ck_assert_ptr_nonnull(mdl_weights_file(w, files - 1));
    ck_assert_ptr_null(mdl_weights_file(w, files));
    ck_assert_int_eq(mdl_weights_read(w, 0, MDL_FLOAT64, 0, 6, values, NULL), MDL_OK);
    ck_assert_mem_eq(values, a, sizeof a);
    ck_assert_int_eq(mdl_weights_read(w, 0, MDL_FLOAT32, 2, 4, narrow, NULL), MDL_OK);
    ck_assert(narrow[0] == 3.5f && narrow[1] == (float)a[3] && narrow[3] == (float)a[5]);
    ck_assert_mem_eq(mdl_weights_data(w, 1), b, sizeof b);
    ck_assert_int_eq(mdl_weights_read(w, 3, MDL_FLOAT32, 0, 1, narrow, &error), MDL_USAGE);
    ck_assert_str_eq(error.message + strlen(mdl_weights_name(w)), ": tensor `one` is U16, which does not become float32");
    ck_assert_int_eq(mdl_weights_read(w, 0, MDL_FLOAT64, 5, 2, values, NULL), MDL_USAGE);
    ck_assert_int_eq(mdl_weights_read(w, NTENSORS, MDL_FLOAT64, 0, 0, values, NULL), MDL_USAGE);
    mdl_weights_close(w);
}

START_TEST(what_is_written_is_read)
{
    mdl_error error = {0};
    ck_assert_msg(save("w.safetensors", 0, &error) == MDL_OK, "%s", error.message);
    check_set("w.safetensors", 1);
    check_set(".", 1); /* a folder with one file */
    ck_assert_int_eq(folder_count(), 1);
    ck_assert_int_eq(save("big.safetensors", 1 << 20, &error), MDL_OK); /* all fits one shard */
    check_set("big.safetensors", 1);
}
END_TEST

START_TEST(shards_are_written_and_replaced_at_once)
{
    mdl_error error = {0};
    ck_assert_msg(save("w.safetensors", 20, &error) == MDL_OK, "%s", error.message);
    ck_assert_int_eq(folder_count(), 4);
    ck_assert_int_eq(access("w-00003-of-00003.safetensors", F_OK), 0);
    check_set("w.safetensors.index.json", 3);
    check_set(".", 3); /* the folder's index */
    /* Again: under names that were free, and the old files go. */
    ck_assert_msg(save("w.safetensors.index.json", 20, &error) == MDL_OK, "%s", error.message);
    ck_assert_int_eq(folder_count(), 4);
    ck_assert_int_eq(access("w.2-00001-of-00003.safetensors", F_OK), 0);
    check_set("w.safetensors.index.json", 3);
    ck_assert_int_eq(save("w.safetensors.index.json", 0, &error), MDL_USAGE);
    ck_assert_str_eq(error.message, "w.safetensors.index.json: an index needs a shard size");
}
END_TEST

START_TEST(a_save_that_is_given_up_leaves_what_was_there)
{
    const mdl_weights_plan plan = {.tensors = tensors, .count = NTENSORS, .shard_size = 20};
    mdl_weights_writer    *w;
    mdl_error              error;
    char                   bytes[BYTES + 1] = {0};
    ck_assert_int_eq(save("w.safetensors", 20, NULL), MDL_OK);
    ck_assert_int_eq(mdl_weights_create("w.safetensors", &plan, &w, NULL), MDL_OK);
    ck_assert_int_eq(mdl_weights_write(w, bytes, 60, NULL), MDL_OK);
    ck_assert_int_gt(folder_count(), 4);
    mdl_weights_abandon(w);
    ck_assert_int_eq(mdl_weights_create("w.safetensors", &plan, &w, NULL), MDL_OK);
    ck_assert_int_eq(mdl_weights_write(w, bytes, 60, NULL), MDL_OK);
    ck_assert_int_eq(mdl_weights_finish(w, &error), MDL_USAGE);
    ck_assert_str_eq(error.message, "not all bytes of the tensors were written");
    ck_assert_int_eq(mdl_weights_create("w.safetensors", &plan, &w, NULL), MDL_OK);
    ck_assert_int_eq(mdl_weights_write(w, bytes, BYTES + 1, &error), MDL_USAGE);
    ck_assert_str_eq(error.message, "more bytes are written than the tensors have");
    mdl_weights_abandon(w);
    ck_assert_int_eq(folder_count(), 4);
    check_set("w.safetensors.index.json", 3);
}
END_TEST

START_TEST(plans_that_no_file_can_hold_are_refused)
{
    static const int64_t huge[] = {INT64_MAX / 8, 1};
    const struct {
        mdl_stored  tensors[2];
        const char *message;
    } plans[] = {
        {{tensors[0], tensors[0]}, "tensor `a` can't be written: its name is there twice"},
        {{tensors[0], {.name = "", .rank = 0}}, "tensor `` can't be written: a tensor without a name"},
        {{{.name = "x", .name_len = 1, .dtype = MDL_F4}, tensors[0]}, "tensor `x` can't be written: too large for a file"},
        {{{.name = "x", .name_len = 1, .rank = 2, .shape = huge}, {.name = "y", .name_len = 1, .rank = 2, .shape = huge}},
         "tensor `x` can't be written: too large for a file"},
    };
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        const mdl_weights_plan plan = {.tensors = plans[i].tensors, .count = 2};
        mdl_weights_writer    *w;
        mdl_error              error;
        ck_assert_int_eq(mdl_weights_create("w", &plan, &w, &error), MDL_USAGE);
        ck_assert_str_eq(error.message, plans[i].message);
    }
    ck_assert_int_eq(folder_count(), 0);
}
END_TEST

/* ---- indices ---- */

static const struct {
    const char *text, *message;
} indices[] = {
    {"", "byte 0: expected `{`"},
    {"{}", "byte 2: weight_map is missing"},
    {"{\"weight_map\":{}} x", "something behind the end"},
    {"{\"weight_map\":{},\"weight_map\":{}}", "a second weight_map"},
    {"{\"weight_map\":{\"a\":1}}", "expected a string"},
    {"{\"weight_map\":{\"a\":\"../x.safetensors\"}}", "a file name that begins with a dot"},
    {"{\"weight_map\":{\"a\":\"/etc/passwd\"}}", "a file name with a slash"},
    {"{\"weight_map\":{\"a\":\"x\\\\y\"}}", "a file name with a slash"},
    {"{\"weight_map\":{\"a\":\"\"}}", "a file name without characters"},
    {"{\"weight_map\":{\"a\":\"x\\n\"}}", "a control character in a file name"},
    {"{\"weight_map\":{\"\":\"x\"}}", "a tensor without a name"},
    {"{\"metadata\":[[[[[[[[[[]]]]]]]]]],\"weight_map\":{}}", "nested too deeply"},
    {"{\"metadata\":nothing,\"weight_map\":{}}", "expected a value"},
    {"{\"weight_map\":{\"a\":\"w-00001-of-00003.safetensors\",\"a\":\"w-00001-of-00003.safetensors\"}}", "names tensor `a` twice"},
    {"{\"weight_map\":{\"a\":\"gone.safetensors\"}}", "gone.safetensors: No such file or directory"},
    {"{\"weight_map\":{\"b\":\"w-00001-of-00003.safetensors\"}}", "tensor `a` is in it, but x.index.json says it is not in any file"},
    {"{\"weight_map\":{\"a\":\"w-00001-of-00003.safetensors\",\"x\":\"w-00001-of-00003.safetensors\"}}",
     "tensor `x` is not in w-00001-of-00003.safetensors, where the index says it is"},
    {"{\"metadata\":{\"total_size\":1.5e3,\"ok\":[true,false,null,\"x\"]},\"weight_map\":{\"a\":\"w-00001-of-00003.safetensors\"}}", NULL},
};

START_TEST(an_index_is_believed_only_where_the_files_agree)
{
    mdl_weights *w;
    mdl_error    error = {0};
    ck_assert_int_eq(save("w.safetensors", 20, NULL), MDL_OK);
    folder_write("x.index.json", indices[_i].text, strlen(indices[_i].text));
    const mdl_status status = mdl_weights_open("x.index.json", NULL, &w, &error);
    if (indices[_i].message == NULL) ck_assert_msg(status == MDL_OK, "%s", error.message);
    else {
        ck_assert_int_ne(status, MDL_OK);
        ck_assert_msg(strstr(error.message, indices[_i].message) != NULL, "%s", error.message);
    }
    mdl_weights_close(w);
}
END_TEST

START_TEST(folders_must_be_clear)
{
    mdl_weights *w;
    mdl_error    error;
    ck_assert_int_eq(mdl_weights_open(".", NULL, &w, &error), MDL_IO);
    ck_assert_str_eq(error.message, ".: the folder has no .safetensors.index.json and no .safetensors file");
    ck_assert_int_eq(save("a.safetensors", 0, NULL), MDL_OK);
    ck_assert_int_eq(save("b.safetensors", 0, NULL), MDL_OK);
    ck_assert_int_eq(mdl_weights_open(".", NULL, &w, &error), MDL_IO);
    ck_assert_str_eq(error.message, ".: the folder has 2 .safetensors files and no index: name one of them");
    ck_assert_int_eq(mdl_weights_open("missing", NULL, &w, &error), MDL_IO);
    ck_assert_str_eq(error.message, "missing: No such file or directory");
}
END_TEST

/* ---- weights from elsewhere ---- */

static mdl_status give(void *context, size_t index, uint64_t begin, size_t size, void *out, mdl_error *error)
{
    (void)context, (void)error;
    memcpy(out, (index == 0 ? (const char *)a : (const char *)b) + begin, size);
    return MDL_OK;
}

static void count_closed(void *context)
{
    ++*(int *)context;
}

START_TEST(other_formats_are_wrapped)
{
    int                      closed = 0;
    const mdl_weights_source source = {.context = &closed, .read = give, .close = count_closed};
    mdl_weights             *w;
    mdl_error                error;
    float                    values[2];
    const mdl_stored         bad = {.name = "\xFF", .name_len = 1};
    ck_assert_int_eq(mdl_weights_wrap("x", tensors, 2, &source, &w, NULL), MDL_OK);
    ck_assert_int_eq(mdl_weights_read(w, 0, MDL_FLOAT32, 1, 2, values, NULL), MDL_OK);
    ck_assert(values[0] == -2 && values[1] == 3.5f);
    ck_assert_ptr_null(mdl_weights_data(w, 0));
    ck_assert_uint_eq(mdl_weights_tensor(w, 1)->bytes, 16);
    mdl_weights_close(w);
    ck_assert_int_eq(mdl_weights_wrap("x", &bad, 1, &source, &w, &error), MDL_BAD_FILE);
    ck_assert_str_eq(error.message, "x: tensor 0: bytes that are not UTF-8 in a name");
    ck_assert_int_eq(closed, 2);
}
END_TEST

/* ---- no memory ---- */

START_TEST(running_out_of_memory_leaves_the_old_set)
{
    mdl_status status = MDL_NO_MEMORY;
    ck_assert_int_eq(save("w.safetensors", 20, NULL), MDL_OK);
    for (long n = 0; status != MDL_OK; n++) {
        mdl_weights *w = NULL;
        ck_assert_int_lt(n, 300);
        alloc_fail_at(n);
        status = save("w.safetensors", 20, NULL);
        if (status == MDL_OK) status = mdl_weights_open("w.safetensors.index.json", NULL, &w, NULL);
        mdl_weights_close(w);
        alloc_fail_at(-1);
        ck_assert_msg(status == MDL_OK || status == MDL_NO_MEMORY || status == MDL_IO, "%d", (int)status);
        check_set("w.safetensors.index.json", 3);
    }
}
END_TEST

Suite *weights_suite(void)
{
    Suite *s = suite_create("weights");
    TCase *t = tcase_create("weights");
    tcase_add_checked_fixture(t, folder_enter, folder_leave);
    tcase_add_test(t, what_is_written_is_read);
    tcase_add_test(t, shards_are_written_and_replaced_at_once);
    tcase_add_test(t, a_save_that_is_given_up_leaves_what_was_there);
    tcase_add_test(t, plans_that_no_file_can_hold_are_refused);
    tcase_add_loop_test(t, an_index_is_believed_only_where_the_files_agree, 0, sizeof indices / sizeof *indices);
    tcase_add_test(t, folders_must_be_clear);
    tcase_add_test(t, other_formats_are_wrapped);
    tcase_add_test(t, running_out_of_memory_leaves_the_old_set);
    suite_add_tcase(s, t);
    return s;
}
