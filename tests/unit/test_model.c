#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc_fail.h"
#include "file.h"
#include "folder.h"
#include "toy.h"

#include <mdl/mdl_weights.h>

static mdl_model *make(void)
{
    mdl_model *m = NULL;
    ck_assert_int_eq(mdl_model_create(&toy, &m, NULL), MDL_OK);
    return m;
}

/* The toy's first output for three ones. */
static float compute(mdl_model *m)
{
    static const int64_t shape[] = {1, 3};
    float                ones[] = {1, 1, 1};
    const mdl_tensor     input = {ones, MDL_FLOAT32, 2, shape};
    mdl_tensor           output = {0};
    ck_assert_int_eq(mdl_model_call(m, &input, &output, NULL, NULL), MDL_OK);
    ck_assert_int_eq(output.rank, 2);
    ck_assert_int_eq(output.shape[1], 2);
    return *(float *)output.data;
}

/* ---- values ---- */

START_TEST(what_is_saved_loads_again)
{
    mdl_model *a = make(), *b = make();
    ck_assert_int_eq(mdl_model_init(a, 3, NULL), MDL_OK);
    ck_assert_int_eq(mdl_model_save(a, "w.safetensors", NULL), MDL_OK);
    ck_assert_int_eq(mdl_model_load(b, "w.safetensors", NULL), MDL_OK);
    for (int32_t i = 0; i < 3; i++) {
        const size_t bytes = (size_t)mdl_registry_variable(mdl_model_registry(a), i)->bytes;
        ck_assert_mem_eq(mdl_model_values(a, i), mdl_model_values(b, i), bytes);
    }
    ck_assert_float_eq(compute(a), compute(b));
    mdl_model_free(a);
    mdl_model_free(b);
    ck_assert_int_eq(folder_count(), 1);
}
END_TEST

START_TEST(initial_values_can_be_saved_without_memory_for_them)
{
    mdl_model *m = make();
    char       a[1024], b[1024];
    ck_assert_int_eq(mdl_model_save_initial(m, 3, "a", NULL), MDL_OK);
    ck_assert_ptr_null(mdl_model_values(m, 0));
    ck_assert_int_eq(mdl_model_init(m, 3, NULL), MDL_OK);
    ck_assert_int_eq(mdl_model_save(m, "b", NULL), MDL_OK);
    const size_t n = folder_read("a", a, sizeof a);
    ck_assert_uint_eq(folder_read("b", b, sizeof b), n);
    ck_assert_mem_eq(a, b, n);
    ck_assert_uint_eq(n % 4, 0);
    mdl_model_free(m);
}
END_TEST

START_TEST(memory_of_ones_own_is_used)
{
    static _Alignas(64) char memory[256];
    mdl_model *m = make();
    ck_assert_uint_eq(mdl_model_bytes(m), 192);
    ck_assert_int_eq(mdl_model_bind(m, memory, 191, false, NULL), MDL_USAGE);
    ck_assert_int_eq(mdl_model_bind(m, memory + 4, 192, false, NULL), MDL_USAGE);
    float *kernel = (float *)(memory + mdl_model_offset(m, 1));
    for (int i = 0; i < 6; i++) kernel[i] = 2;
    ck_assert_int_eq(mdl_model_bind(m, memory, sizeof memory, true, NULL), MDL_OK);
    ck_assert_float_eq(compute(m), 7); /* 2 + 2 + 2, and the first call */
    ck_assert_ptr_eq(mdl_model_values(m, 1), kernel);
    mdl_model_free(m);
}
END_TEST

/* ---- calls ---- */

START_TEST(states_change_with_calls_and_are_reset)
{
    mdl_model *m = make(), *other = NULL;
    ck_assert_int_eq(mdl_model_share(m, &other, NULL), MDL_USAGE);
    ck_assert_int_eq(mdl_model_reset(m, NULL), MDL_USAGE);
    ck_assert_int_eq(mdl_model_init(m, 0, NULL), MDL_OK);
    const float first = compute(m);
    ck_assert_float_eq_tol(compute(m), first + 1, 1e-6);
    ck_assert_int_eq(mdl_model_share(m, &other, NULL), MDL_OK);
    ck_assert_float_eq(compute(other), first);
    ck_assert_float_eq_tol(compute(m), first + 2, 1e-6);
    ck_assert_int_eq(mdl_model_init(other, 0, NULL), MDL_USAGE);
    ck_assert_int_eq(mdl_model_reset(m, NULL), MDL_OK);
    ck_assert_float_eq(compute(m), first);
    mdl_model_free(other);
    mdl_model_free(m);
}
END_TEST

START_TEST(kept_states_are_where_the_next_calls_begin)
{
    mdl_model *m = make();
    ck_assert_int_eq(mdl_model_keep(m, NULL), MDL_USAGE);
    ck_assert_int_eq(mdl_model_init(m, 0, NULL), MDL_OK);
    const float first = compute(m);
    ck_assert_int_eq(mdl_model_keep(m, NULL), MDL_OK);
    ck_assert_int_eq(mdl_model_reset(m, NULL), MDL_OK);
    ck_assert_float_eq_tol(compute(m), first + 1, 1e-6);
    ck_assert_int_eq(mdl_model_reset(m, NULL), MDL_OK);
    ck_assert_float_eq_tol(compute(m), first + 1, 1e-6);
    mdl_model_free(m);
}
END_TEST

static int        times_prepared;
static mdl_status prepare_result;

static mdl_status count_prepare(void *weights, void *memory, const mdl_run *run, mdl_error *error)
{
    ck_assert(weights != NULL && memory != NULL);
    (void)run;
    times_prepared++;
    return prepare_result == MDL_OK ? MDL_OK : mdl_fail(error, prepare_result, "not today");
}

START_TEST(weights_are_prepared_when_a_call_needs_it_and_whenever_they_change_from_then_on)
{
    mdl_program program = toy;
    mdl_model  *m = NULL, *other = NULL;
    program.prepare = count_prepare;
    program.prepared_size = 100;
    times_prepared = 0;
    prepare_result = MDL_OK;
    ck_assert_int_eq(mdl_model_create(&program, &m, NULL), MDL_OK);
    ck_assert_int_eq(mdl_model_prepare(m, NULL, NULL), MDL_USAGE);
    ck_assert_int_eq(mdl_model_init(m, 0, NULL), MDL_OK);
    ck_assert_int_eq(mdl_model_save(m, "w", NULL), MDL_OK);
    ck_assert_int_eq(mdl_model_changed(m, NULL), MDL_OK);
    ck_assert_int_eq(times_prepared, 0);
    compute(m);
    compute(m);
    ck_assert_int_eq(mdl_model_share(m, &other, NULL), MDL_OK);
    compute(other);
    ck_assert_int_eq(times_prepared, 1);
    ck_assert_int_eq(mdl_model_changed(m, NULL), MDL_OK);
    ck_assert_int_eq(times_prepared, 2);
    ck_assert_int_eq(mdl_model_load(m, "w", NULL), MDL_OK);
    compute(m);
    ck_assert_int_eq(times_prepared, 3);
    mdl_model_free(other);
    mdl_model_free(m);
}
END_TEST

static const float *attached;

static mdl_status fill_prepared(void *weights, void *memory, const mdl_run *run, mdl_error *error)
{
    for (int i = 0; i < 16; i++) ((float *)memory)[i] = (float)i + 0.5f;
    attached = memory;
    return count_prepare(weights, memory, run, error);
}

static void attach(void *weights, const void *memory)
{
    ck_assert_ptr_nonnull(weights);
    attached = memory;
}

/* A model of a program with so much prepared, loaded from the file. */
static mdl_model *load_prepared(mdl_program *program, uint64_t key, size_t values, const char *file, bool in_place, mdl_weights **w)
{
    mdl_model *m = NULL;
    mdl_fit   *fit = NULL;
    *program = toy;
    program->prepare = fill_prepared;
    program->attach = attach;
    program->prepared_size = 200;
    program->prepared_values = values;
    program->prepared_key = key;
    times_prepared = 0;
    prepare_result = MDL_OK;
    attached = NULL;
    ck_assert_int_eq(mdl_model_create(program, &m, NULL), MDL_OK);
    ck_assert_int_eq(mdl_weights_open(file, NULL, w, NULL), MDL_OK);
    ck_assert_int_eq(mdl_fit_make(mdl_model_registry(m), *w, NULL, &fit, NULL), MDL_OK);
    ck_assert_int_eq(mdl_model_load_fit(m, fit, in_place, 0, NULL), MDL_OK);
    mdl_fit_free(fit);
    return m;
}

START_TEST(what_is_prepared_can_be_saved_and_is_then_not_computed_again)
{
    const mdl_save_options with = {.prepared = true}, cast = {.prepared = true, .cast = true, .dtype = MDL_FLOAT64};
    mdl_program  program;
    mdl_weights *w, *unused;
    mdl_model   *first = make();
    ck_assert_int_eq(mdl_model_init(first, 3, NULL), MDL_OK);
    ck_assert_int_eq(mdl_model_save_as(first, "p", &with, NULL), MDL_USAGE); /* the toy prepares nothing */
    ck_assert_int_eq(mdl_model_save(first, "w", NULL), MDL_OK);
    mdl_model *m = load_prepared(&program, 7, 64, "w", false, &w);
    ck_assert_int_eq(mdl_model_save_as(m, "p", &cast, NULL), MDL_USAGE);
    ck_assert_int_eq(mdl_model_save_as(m, "p", &with, NULL), MDL_OK);
    ck_assert_int_eq(times_prepared, 1);
    mdl_model_free(m);
    mdl_weights_close(w);

    for (int in_place = 0; in_place < 2; in_place++) {
        m = load_prepared(&program, 7, 64, "p", in_place == 1, &w);
        ck_assert_ptr_nonnull(attached);
        ck_assert_uint_eq((uintptr_t)attached % 64, 0);
        ck_assert_float_eq(attached[15], 15.5f);
        compute(m);
        ck_assert_int_eq(times_prepared, 0);
        ck_assert_int_eq(mdl_model_save_as(m, "again", &with, NULL), MDL_OK);
        ck_assert_int_eq(mdl_model_changed(m, NULL), MDL_OK);
        ck_assert_int_eq(times_prepared, 1);
        mdl_model_free(m);
        mdl_weights_close(w);
    }
    char         a[2048], b[2048];
    const size_t n = folder_read("p", a, sizeof a);
    ck_assert_uint_eq(folder_read("again", b, sizeof b), n);
    ck_assert_mem_eq(a, b, n);
    ck_assert_int_eq(mdl_model_load(first, "p", NULL), MDL_OK); /* a program that prepares nothing */
    m = load_prepared(&program, 8, 64, "p", true, &w);           /* another one */
    ck_assert_ptr_null(attached);
    mdl_model *other = load_prepared(&program, 7, 128, "p", true, &unused);
    ck_assert_ptr_null(attached);
    mdl_model_free(other);
    mdl_weights_close(unused);
    mdl_model_free(m);
    mdl_weights_close(w);
    mdl_model_free(first);
}
END_TEST

START_TEST(a_failure_to_prepare_is_the_failure_of_who_needs_it)
{
    static const int64_t shape[] = {1, 3};
    float                ones[] = {1, 1, 1};
    const mdl_tensor     input = {ones, MDL_FLOAT32, 2, shape};
    mdl_program program = toy;
    mdl_model  *m = NULL, *other = NULL;
    mdl_tensor  output = {0};
    mdl_error   error;
    program.prepare = count_prepare;
    program.prepared_size = 100;
    prepare_result = MDL_NO_MEMORY;
    ck_assert_int_eq(mdl_model_create(&program, &m, NULL), MDL_OK);
    ck_assert_int_eq(mdl_model_init(m, 0, NULL), MDL_OK);
    ck_assert_int_eq(mdl_model_call(m, &input, &output, NULL, &error), MDL_NO_MEMORY);
    ck_assert_str_eq(error.message, "not today");
    ck_assert_int_eq(mdl_model_share(m, &other, NULL), MDL_NO_MEMORY);
    ck_assert_ptr_null(mdl_model_weights(m));
    prepare_result = MDL_OK;
    compute(m);
    ck_assert_ptr_nonnull(mdl_model_weights(m));
    mdl_model_free(m);
}
END_TEST

START_TEST(inputs_are_checked)
{
    static const int64_t shape[] = {2, 3}, thin[] = {2, 4}, many[] = {65, 3}, negative[] = {-1, 3}, wrong[] = {2, 3};
    float      x[195] = {0}, y[4];
    mdl_model *m = make();
    mdl_error  error;
    mdl_tensor output = {0};
    const struct {
        mdl_tensor  input;
        mdl_status  status;
        const char *message;
    } calls[] = {
        {{x, MDL_FLOAT64, 2, shape}, MDL_BAD_INPUT, "input `inputs` is float64 with 2 axes, but the model takes float32[1 <= batch <= 64, 3]"},
        {{x, MDL_FLOAT32, 1, shape}, MDL_BAD_INPUT, "input `inputs` is float32 with 1 axes, but the model takes float32[1 <= batch <= 64, 3]"},
        {{x, MDL_FLOAT32, 2, thin}, MDL_BAD_INPUT, "input `inputs` has 4 features, not 3"},
        {{x, MDL_FLOAT32, 2, many}, MDL_BAD_INPUT, "batch is 65, not from 1 to 64"},
        {{x, MDL_FLOAT32, 2, negative}, MDL_BAD_INPUT, "input `inputs` has a negative size"},
    };
    ck_assert_int_eq(mdl_model_call(m, &calls[0].input, &output, NULL, &error), MDL_USAGE);
    ck_assert_str_eq(error.message, "the model has no values yet: load or initialize them first");
    ck_assert_int_eq(mdl_model_init(m, 0, NULL), MDL_OK);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        ck_assert_int_eq(mdl_model_call(m, &calls[i].input, &output, NULL, &error), calls[i].status);
        ck_assert_str_eq(error.message, calls[i].message);
    }
    const mdl_tensor input = {x, MDL_FLOAT32, 2, shape};
    mdl_tensor       mine = {y, MDL_FLOAT32, 2, wrong};
    ck_assert_int_eq(mdl_model_call(m, &input, &mine, NULL, &error), MDL_USAGE);
    ck_assert_str_eq(error.message, "the tensor for output `output` does not have its type, float32[batch, 2]");
    mine.shape = (const int64_t[]){2, 2};
    ck_assert_int_eq(mdl_model_call(m, &input, &mine, NULL, &error), MDL_OK);
    ck_assert_ptr_eq(mine.data, y);
    mdl_model_free(m);
}
END_TEST

/* ---- weight files ---- */

typedef struct Entry {
    const char *name, *dtype, *shape;
    int         bytes;
} Entry;

/* A .safetensors file of these tensors, filled with ones of float32. */
static size_t file_of(const Entry *entries, size_t count, char *out)
{
    static const unsigned char one[] = {0, 0, 0x80, 0x3F};
    int at = 0;
    size_t n = 8;
    for (size_t i = 0; i < count; i++) {
        n += (size_t)sprintf(out + n, "%c\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}", i == 0 ? '{' : ',', entries[i].name,
                             entries[i].dtype, entries[i].shape, at, at + entries[i].bytes);
        at += entries[i].bytes;
    }
    n += (size_t)sprintf(out + n, count == 0 ? "{}" : "}");
    for (int i = 0; i < 8; i++) out[i] = (char)((n - 8) >> 8 * i);
    for (int i = 0; i < at; i++) out[n++] = (char)one[i % 4];
    return n;
}

static bool collect(void *context, const char *bytes, size_t size)
{
    strncat(context, bytes, size);
    return true;
}

static const struct {
    Entry       entries[5];
    size_t      count;
    const char *faults;
} files[] = {
    {{{"calls", "I32", "[]", 4}, {"hidden.kernel", "F32", "[3,2]", 24}, {"hidden.bias", "F32", "[2]", 8}}, 3, ""},
    {{{"hidden.bias", "F32", "[2]", 8}, {"calls", "I32", "[]", 4}, {"hidden.weight", "F32", "[3,2]", 24}}, 3, ""}, /* by its alias */
    {{{0}}, 0,
     "missing: `calls` int32[] is not in the file   (toy.mdl:1)\n"
     "missing: `hidden.kernel` float32[3, 2] is not in the file   (toy.mdl:2)\n"
     "missing: `hidden.bias` float32[2] is not in the file   (toy.mdl:2)\n"
     "  fix: name the tensor that holds it in a mapping file (--map), or load with --partial, which leaves it at its first value\n"},
    {{{"calls", "I32", "[]", 4}, {"hidden.kernel", "F32", "[2,3]", 24}, {"hidden.bias", "F64", "[1]", 8}, {"more", "U16", "[2]", 4}}, 4,
     "likely transposed: `hidden.kernel` is float32[3, 2] in the model, float32[2, 3] in the file   (toy.mdl:2)\n"
     "  fix: write into a mapping file (--map): `hidden.kernel = hidden.kernel.T`\n"
     "wrong shape: `hidden.bias` is float32[2] in the model, float64[1] in the file   (toy.mdl:2)\n"
     "  fix: give the layer created at toy.mdl:2 the arguments that the file was made with, or take another file\n"
     "wrong dtype: `hidden.bias` is float32[2] in the model, float64[1] in the file   (toy.mdl:2)\n"
     "  fix: load with --cast, which converts floats\n"
     "unexpected: `more` U16[2] is in the file, but the model has no such variable\n"
     "  fix: leave it by `_ = NAME` in a mapping file (--map), or load with --partial\n"},
    {{{"calls", "U32", "[]", 4}, {"hidden.kernel", "F32", "[3,2]", 24}, {"hidden.weight", "F32", "[3,2]", 24}, {"hidden.bias", "I32", "[2]", 8}}, 4,
     "wrong dtype: `calls` is int32[] in the model, U32[] in the file   (toy.mdl:1)\n"
     "wrong dtype: `hidden.bias` is float32[2] in the model, int32[2] in the file   (toy.mdl:2)\n"
     "  fix: save the tensor in the model's dtype; only floats are converted\n"
     "note: duplicate: `hidden.kernel` and `hidden.weight` in the file are both the variable `hidden.kernel`, with the same values   (toy.mdl:2)\n"
     "  fix: one of them is enough\n"},
};

START_TEST(all_faults_of_a_file_are_found_at_once)
{
    char         bytes[2048], faults[2048] = "";
    mdl_error    error = {0};
    mdl_model   *m = make();
    const size_t n = file_of(files[_i].entries, files[_i].count, bytes);
    FILE        *f = fopen("w", "wb");
    ck_assert(fwrite(bytes, 1, n, f) == n && fclose(f) == 0);
    const mdl_status expected = files[_i].faults[0] == '\0' ? MDL_OK : MDL_BAD_FILE;
    ck_assert_int_eq(mdl_model_verify(m, "w", collect, faults, &error), expected);
    ck_assert_str_eq(faults, files[_i].faults);
    ck_assert_int_eq(mdl_model_load(m, "w", &error), expected);
    ck_assert_int_eq(mdl_model_load_memory(m, "w", bytes, n, &error), expected);
    if (expected == MDL_OK) ck_assert_float_gt(compute(m), 4);
    else {
        ck_assert_uint_eq(strncmp(error.message, "w does not fit the model\n", 25), 0);
        ck_assert_uint_eq(strncmp(error.message + 25, faults, strcspn(faults, "\n")), 0);
        ck_assert_ptr_null(mdl_model_values(m, 0));
    }
    mdl_model_free(m);
}
END_TEST

START_TEST(a_long_list_of_faults_is_cut_at_a_line)
{
    static char bytes[1 << 16];
    Entry       entries[100];
    char        names[100][24];
    mdl_error   error = {0};
    mdl_model  *m = make();
    for (int i = 0; i < 100; i++) {
        sprintf(names[i], "unknown_tensor_%d", i);
        entries[i] = (Entry){names[i], "F32", "[1]", 4};
    }
    const size_t n = file_of(entries, 100, bytes);
    ck_assert_int_eq(mdl_model_load_memory(m, "w", bytes, n, &error), MDL_BAD_FILE);
    const char *last = strrchr(error.message, '\n');
    int         more = 0;
    ck_assert_int_eq(sscanf(last, "\nand %d more", &more), 1);
    int lines = 0;
    for (const char *c = error.message; *c != '\0'; c++) lines += *c == '\n';
    ck_assert_int_eq(lines - 1 + more, 103);
    mdl_model_free(m);
}
END_TEST

/* ---- writing ---- */

START_TEST(a_file_that_cannot_be_written_leaves_nothing)
{
    mdl_model *m = make();
    mdl_error  error;
    ck_assert_int_eq(mdl_model_save_initial(m, 0, "no/such/directory/w", &error), MDL_IO);
    ck_assert_str_eq(error.message, "no/such/directory/w: No such file or directory");
    ck_assert_int_eq(mdl_model_save_initial(m, 0, "/dev/full", &error), MDL_IO);
    ck_assert_ptr_nonnull(strstr(error.message, "No space left on device"));
    ck_assert_int_eq(mdl_model_save_initial(m, 0, ".", &error), MDL_IO);
    ck_assert_str_eq(error.message, ".: it is a directory");
    ck_assert_int_eq(folder_count(), 0);
    mdl_model_free(m);
}
END_TEST

START_TEST(a_failure_keeps_the_old_file)
{
    Output    out;
    mdl_error error;
    FILE     *f = fopen("w", "w");
    ck_assert(fputs("old", f) >= 0 && fclose(f) == 0);
    ck_assert_int_eq(mdl_output_open(&out, "w", NULL), MDL_OK);
    ck_assert_int_eq(mdl_output_write(&out, "new", 3, NULL), MDL_OK);
    ck_assert_int_eq(folder_count(), 2); /* the temporary one beside it */
    ck_assert_int_eq(mdl_output_close(&out, mdl_fail(&error, MDL_NO_MEMORY, "stop"), &error), MDL_NO_MEMORY);
    char bytes[8];
    ck_assert_uint_eq(folder_read("w", bytes, sizeof bytes), 3);
    ck_assert_mem_eq(bytes, "old", 3);
    ck_assert_int_eq(folder_count(), 1);
}
END_TEST

START_TEST(a_symbolic_link_is_followed)
{
    struct stat about;
    mdl_model  *m = make();
    FILE       *f = fopen("real", "w");
    ck_assert(fclose(f) == 0 && symlink("real", "link") == 0);
    ck_assert_int_eq(mdl_model_save_initial(m, 0, "link", NULL), MDL_OK);
    ck_assert(lstat("link", &about) == 0 && S_ISLNK(about.st_mode));
    ck_assert(stat("real", &about) == 0 && about.st_size > 100);
    mdl_model_free(m);
}
END_TEST

START_TEST(running_out_of_memory_anywhere_is_reported)
{
    char         bytes[2048];
    const size_t size = file_of(files[0].entries, files[0].count, bytes);
    mdl_status   status = MDL_NO_MEMORY;
    for (long n = 0; status != MDL_OK; n++) {
        mdl_model *m = NULL, *other = NULL;
        ck_assert_int_lt(n, 200);
        alloc_fail_at(n);
        status = mdl_model_create(&toy, &m, NULL);
        if (status == MDL_OK) status = mdl_model_load_memory(m, "w", bytes, size, NULL);
        if (status == MDL_OK) status = mdl_model_share(m, &other, NULL);
        if (status == MDL_OK) status = mdl_model_save(m, "w", NULL);
        if (status == MDL_OK) status = mdl_model_save_initial(m, 0, "w", NULL);
        mdl_model_free(other);
        mdl_model_free(m);
        alloc_fail_at(-1);
        ck_assert_msg(status == MDL_OK || status == MDL_NO_MEMORY || status == MDL_IO, "%d", (int)status);
    }
    ck_assert_int_eq(folder_count(), 1);
}
END_TEST

Suite *model_suite(void)
{
    Suite *s = suite_create("model");
    TCase *t = tcase_create("model");
    tcase_add_checked_fixture(t, folder_enter, folder_leave);
    tcase_add_test(t, what_is_saved_loads_again);
    tcase_add_test(t, initial_values_can_be_saved_without_memory_for_them);
    tcase_add_test(t, memory_of_ones_own_is_used);
    tcase_add_test(t, states_change_with_calls_and_are_reset);
    tcase_add_test(t, kept_states_are_where_the_next_calls_begin);
    tcase_add_test(t, weights_are_prepared_when_a_call_needs_it_and_whenever_they_change_from_then_on);
    tcase_add_test(t, what_is_prepared_can_be_saved_and_is_then_not_computed_again);
    tcase_add_test(t, a_failure_to_prepare_is_the_failure_of_who_needs_it);
    tcase_add_test(t, inputs_are_checked);
    tcase_add_loop_test(t, all_faults_of_a_file_are_found_at_once, 0, sizeof files / sizeof *files);
    tcase_add_test(t, a_long_list_of_faults_is_cut_at_a_line);
    tcase_add_test(t, a_file_that_cannot_be_written_leaves_nothing);
    tcase_add_test(t, a_failure_keeps_the_old_file);
    tcase_add_test(t, a_symbolic_link_is_followed);
    tcase_add_test(t, running_out_of_memory_anywhere_is_reported);
    suite_add_tcase(s, t);
    return s;
}
