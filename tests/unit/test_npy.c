#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dtype.h"
#include "npy.h"

/* A file of version `version` with this dict and these elements, in a block of exactly its size. */
static char *file_of(int version, const char *dict, const void *data, size_t data_size, size_t *size)
{
    const size_t prefix = version == 1 ? 10 : 12, len = strlen(dict);
    *size = prefix + len + data_size;
    char *bytes = malloc(*size);
    memcpy(bytes, "\x93NUMPY", 6);
    bytes[6] = (char)version;
    bytes[7] = 0;
    for (size_t i = 8; i < prefix; i++) bytes[i] = (char)(len >> 8 * (i - 8));
    memcpy(bytes + prefix, dict, len);
    if (data_size > 0) memcpy(bytes + prefix + len, data, data_size);
    return bytes;
}

static mdl_status read_as(const char *bytes, size_t size, mdl_dtype dtype, NpyHeader *h, void *out, mdl_error *error)
{
    Input            in = {.name = "x.npy", .bytes = bytes, .size = size};
    const mdl_status status = mdl_npy_header(&in, h, error);
    return status == MDL_OK ? mdl_npy_read(&in, h, dtype, out, error) : status;
}

#define DICT(descr, order, shape) "{'descr': '" descr "', 'fortran_order': " order ", 'shape': " shape ", }          \n"

/* ---- what is read ---- */

static const float    f6[] = {0, 1, 2, 3, 4, 5}, f6_fortran[] = {0, 3, 1, 4, 2, 5};
static const double   d6[] = {0, 1, 2, 3, 4, 5};
static const int32_t  i6[] = {0, 1, 2, 3, 4, 5};
static const uint8_t  u6[] = {0, 1, 2, 3, 4, 5};
static const uint16_t half6[] = {0, 0x3C00, 0x4000, 0x4200, 0x4400, 0x4500}, brain6[] = {0, 0x3F80, 0x4000, 0x4040, 0x4080, 0x40A0};
static const uint8_t  big6[] = {0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5};

static const struct {
    int         version;
    const char *dict;
    const void *data;
    size_t      size;
    mdl_dtype   dtype;
} readable[] = {
    {1, DICT("<f4", "False", "(2, 3)"), f6, sizeof f6, MDL_FLOAT32},
    {2, DICT("<f4", "False", "(2, 3)"), f6, sizeof f6, MDL_FLOAT32},
    {3, DICT("<f4", "False", "(2, 3)"), f6, sizeof f6, MDL_FLOAT32},
    {1, DICT("<f4", "True", "(2, 3)"), f6_fortran, sizeof f6, MDL_FLOAT32},
    {1, "{\"shape\":(2,3,),\"descr\":\"<f4\",\"fortran_order\":False}", f6, sizeof f6, MDL_FLOAT32},
    {1, DICT("<f8", "False", "(2, 3)"), d6, sizeof d6, MDL_FLOAT32},
    {1, DICT("<i4", "False", "(2, 3)"), i6, sizeof i6, MDL_FLOAT32},
    {1, DICT("|u1", "False", "(2, 3)"), u6, sizeof u6, MDL_FLOAT32},
    {1, DICT("<f2", "False", "(2, 3)"), half6, sizeof half6, MDL_FLOAT32},
    {1, DICT("<V2", "False", "(2, 3)"), brain6, sizeof brain6, MDL_BFLOAT16},
    {1, DICT("|V2", "False", "(2, 3)"), brain6, sizeof brain6, MDL_BFLOAT16},
    {1, DICT("<f4", "False", "(2, 3)"), f6, sizeof f6, MDL_BFLOAT16},
    {1, DICT("<f4", "False", "(2, 3)"), f6, sizeof f6, MDL_FLOAT16},
    {1, DICT("<f4", "False", "(2, 3)"), f6, sizeof f6, MDL_INT8},
    {1, DICT("<f4", "False", "(2, 3)"), f6, sizeof f6, MDL_INT64},
    {1, DICT(">i2", "False", "(2, 3)"), big6, sizeof big6, MDL_INT16},
    {1, DICT(">u2", "False", "(2, 3)"), big6, sizeof big6, MDL_FLOAT64},
    {1, DICT("<i4", "False", "(2, 3)"), i6, sizeof i6, MDL_UINT8},
};


START_TEST(arrays_are_read_and_converted_without_loss)
{
    NpyHeader h;
    mdl_error error = {0};
    size_t    size;
    uint64_t  out[6];
    char     *bytes = file_of(readable[_i].version, readable[_i].dict, readable[_i].data, readable[_i].size, &size);
    ck_assert_msg(read_as(bytes, size, readable[_i].dtype, &h, out, &error) == MDL_OK, "%s", error.message);
    ck_assert_int_eq(h.rank, 2);
    ck_assert_int_eq(h.shape[1], 3);
    for (size_t i = 0; i < 6; i++) ck_assert_double_eq(mdl_load(readable[_i].dtype, out, i), (double)i);
    free(bytes);
}
END_TEST

START_TEST(three_axes_in_fortran_order)
{
    NpyHeader h;
    size_t    size;
    int32_t   data[24], out[24];
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 3; j++) {
            for (int k = 0; k < 4; k++) data[i + 2 * (j + 3 * k)] = 12 * i + 4 * j + k;
        }
    }
    char *bytes = file_of(1, DICT("<i4", "True", "(2, 3, 4)"), data, sizeof data, &size);
    ck_assert_int_eq(read_as(bytes, size, MDL_INT32, &h, out, NULL), MDL_OK);
    for (int i = 0; i < 24; i++) ck_assert_int_eq(out[i], i);
    free(bytes);
}
END_TEST

START_TEST(scalars_and_empty_arrays)
{
    NpyHeader h;
    size_t    size;
    float     out[1];
    char     *bytes = file_of(1, DICT("<f4", "False", "()"), f6 + 1, 4, &size);
    ck_assert_int_eq(read_as(bytes, size, MDL_FLOAT32, &h, out, NULL), MDL_OK);
    ck_assert_float_eq(out[0], 1);
    free(bytes);
    bytes = file_of(1, DICT("<f4", "True", "(9223372036854775807, 0, 5)"), NULL, 0, &size);
    ck_assert_int_eq(read_as(bytes, size, MDL_FLOAT32, &h, out, NULL), MDL_OK);
    ck_assert_uint_eq(h.elements, 0);
    free(bytes);
}
END_TEST

/* ---- what is refused ---- */

static const double   tenth[] = {0.5, 0.1}, large[] = {1, 16777217}, minus[] = {0, -1};
static const int64_t  wide[] = {1, 9007199254740993};
static const uint64_t huge[] = {0, UINT64_MAX};
static const uint8_t  flags[] = {1, 2};

static const struct {
    const char *dict;
    const void *data;
    size_t      size;
    mdl_dtype   dtype;
    const char *message;
} lossy[] = {
    {DICT("<f8", "False", "(1, 2)"), tenth, 16, MDL_FLOAT32, "x.npy: element [0, 1] of this float64 array is 0.10000000000000001, which "
     "float32 cannot hold exactly: save it with x.astype(\"float32\")"},
    {DICT("<f8", "False", "(2,)"), large, 16, MDL_FLOAT32, "element [1] of this float64 array is 16777217"},
    {DICT("<f8", "False", "(2,)"), tenth, 16, MDL_INT32, "element [0] of this float64 array is 0.5"},
    {DICT("<f8", "False", "(2,)"), minus, 16, MDL_UINT8, "element [1] of this float64 array is -1"},
    {DICT("<i8", "False", "(2,)"), wide, 16, MDL_FLOAT64, "is 9007199254740993"},
    {DICT("<i8", "False", "(2,)"), wide, 16, MDL_INT32, "is 9007199254740993"},
    {DICT("<u8", "False", "(2,)"), huge, 16, MDL_INT64, "is 18446744073709551615"},
    {DICT("<u8", "False", "(2,)"), huge, 16, MDL_FLOAT64, "is 18446744073709551615"},
    {DICT("<i8", "False", "(2,)"), huge, 16, MDL_UINT8, "is -1"},
    {DICT("|u1", "False", "(2,)"), flags, 2, MDL_BOOL, "element [1] of this uint8 array is 2"},
    {DICT("|V2", "False", "(1,)"), flags, 2, MDL_FLOAT32, "two bytes without a name (bfloat16?), but float32 is needed"},
};

START_TEST(conversions_that_lose_something_are_refused)
{
    NpyHeader h;
    mdl_error error = {0};
    size_t    size;
    uint64_t  out[2];
    char     *bytes = file_of(1, lossy[_i].dict, lossy[_i].data, lossy[_i].size, &size);
    ck_assert_int_eq(read_as(bytes, size, lossy[_i].dtype, &h, out, &error), MDL_BAD_INPUT);
    ck_assert_msg(strstr(error.message, lossy[_i].message) != NULL, "%s", error.message);
    free(bytes);
}
END_TEST

static const struct {
    const char *dict;
    size_t      data;
    const char *message;
} broken[] = {
    {"", 0, "the header is not a dict"},
    {"{}", 0, "is missing"},
    {DICT("<f4", "False", "(2,)") "x", 8, "something stands behind"},
    {DICT("<f4", "false", "(2,)"), 8, "neither True nor False"},
    {DICT("<f4", "False", "(2)"), 8, "not a tuple"},
    {DICT("<f4", "False", "(2,,)"), 8, "not a tuple"},
    {DICT("<f4", "False", "(,)"), 8, "not a tuple"},
    {DICT("<f4", "False", "(-2,)"), 8, "not a tuple"},
    {DICT("<f4", "False", "(99999999999999999999,)"), 8, "not a tuple"},
    {DICT("<f4", "False", "[2]"), 8, "not a tuple"},
    {DICT("<f4", "False", "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)"), 4, "not a tuple"},
    {DICT("|O", "False", "(2,)"), 8, "only arrays of floats, integers and booleans"},
    {DICT("<c8", "False", "(2,)"), 16, "only arrays of floats, integers and booleans"},
    {DICT("<U3", "False", "(2,)"), 24, "only arrays of floats, integers and booleans"},
    {DICT("<f3", "False", "(2,)"), 6, "only arrays of floats, integers and booleans"},
    {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}", 8, "only arrays of floats"},
    {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", 8, "unknown, or there twice"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}", 8, "unknown, or there twice"},
    {"{'descr': '<f4' 'fortran_order': False, 'shape': (2,)}", 8, "not a dict"},
    {DICT("<f4", "False", "(2,)"), 7, "2 elements of 4 bytes follow from the shape, but there are 7 bytes"},
    {DICT("<f4", "False", "(2,)"), 9, "but there are 9 bytes"},
    {DICT("<f4", "False", "(4294967296, 4294967296)"), 0, "too short for its shape"},
    {DICT("<f8", "False", "(2305843009213693952,)"), 0, "too short for its shape"},
};

START_TEST(broken_files_are_refused)
{
    NpyHeader h;
    mdl_error error = {0};
    size_t    size;
    uint64_t  out[8] = {0};
    char     *bytes = file_of(1, broken[_i].dict, out, broken[_i].data, &size);
    ck_assert_int_eq(read_as(bytes, size, MDL_FLOAT32, &h, out, &error), MDL_BAD_FILE);
    ck_assert_msg(strstr(error.message, broken[_i].message) != NULL, "%s", error.message);
    free(bytes);
}
END_TEST

START_TEST(every_shorter_file_is_refused)
{
    NpyHeader h;
    size_t    size;
    float     out[6];
    for (int version = 1; version <= 3; version++) {
        char *bytes = file_of(version, DICT("<f4", "False", "(2, 3)"), f6, sizeof f6, &size);
        for (size_t n = 0; n < size; n++) {
            char *part = malloc(n > 0 ? n : 1);
            memcpy(part, bytes, n);
            ck_assert_int_eq(read_as(part, n, MDL_FLOAT32, &h, out, NULL), MDL_BAD_FILE);
            free(part);
        }
        free(bytes);
    }
}
END_TEST

START_TEST(other_formats_are_named)
{
    NpyHeader h;
    mdl_error error = {0};
    float     out[1];
    ck_assert_int_eq(read_as("PK\x03\x04............", 16, MDL_FLOAT32, &h, out, &error), MDL_BAD_FILE);
    ck_assert_str_eq(error.message, "x.npy: it is not a .npy file (an .npz or a pickle is not either)");
    ck_assert_int_eq(read_as("\x93NUMPY\x04\x00........", 16, MDL_FLOAT32, &h, out, &error), MDL_BAD_FILE);
    ck_assert_str_eq(error.message, "x.npy: .npy version 4.0 is unknown");
}
END_TEST

START_TEST(what_is_written_reads_back)
{
    char             name[] = "/tmp/mdl-test-XXXXXX";
    const int64_t    shape[] = {3, 2};
    const mdl_dtype  dtype = (mdl_dtype)_i;
    uint64_t         data[6], back[6];
    const double     values[] = {0, 1, 1, 0, 1, 0};
    NpyHeader        h;
    Input            in;
    close(mkstemp(name));
    for (int rank = 0; rank <= 2; rank++) {
        const mdl_tensor t = {data, dtype, rank, shape};
        mdl_store(dtype, values, 6, data);
        ck_assert_int_eq(mdl_npy_write(name, &t, NULL), MDL_OK);
        ck_assert_int_eq(mdl_input_open(&in, name, NULL), MDL_OK);
        ck_assert_int_eq(mdl_npy_header(&in, &h, NULL), MDL_OK);
        ck_assert_uint_eq(h.data % 64, 0);
        ck_assert_int_eq(h.rank, rank);
        ck_assert_str_eq(mdl_npy_dtype_name(&h), mdl_dtype_name(dtype));
        ck_assert_int_eq(mdl_npy_read(&in, &h, dtype, back, NULL), MDL_OK);
        ck_assert_mem_eq(back, data, (size_t)h.elements * mdl_dtype_size(dtype));
        mdl_input_close(&in);
    }
    unlink(name);
}
END_TEST

Suite *npy_suite(void)
{
    Suite *s = suite_create("npy");
    TCase *t = tcase_create("npy");
    tcase_add_loop_test(t, arrays_are_read_and_converted_without_loss, 0, sizeof readable / sizeof *readable);
    tcase_add_test(t, three_axes_in_fortran_order);
    tcase_add_test(t, scalars_and_empty_arrays);
    tcase_add_loop_test(t, conversions_that_lose_something_are_refused, 0, sizeof lossy / sizeof *lossy);
    tcase_add_loop_test(t, broken_files_are_refused, 0, sizeof broken / sizeof *broken);
    tcase_add_test(t, every_shorter_file_is_refused);
    tcase_add_test(t, other_formats_are_named);
    tcase_add_loop_test(t, what_is_written_reads_back, MDL_FLOAT32, MDL_BOOL + 1);
    suite_add_tcase(s, t);
    return s;
}
