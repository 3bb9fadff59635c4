#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"
#include "json.h"
#include "weights.h"

/* ---- JSON ---- */

static const struct {
    const char *text, *decoded, *fault;
} strings[] = {
    {"\"plain\"", "plain", NULL},
    {" \t\n\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", NULL},
    {"\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"", "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", NULL},
    {"\"\xF0\x9F\x98\x80\"", "\xF0\x9F\x98\x80", NULL},
    {"plain", NULL, "expected a string"},
    {"\"no end", NULL, "a string without an end"},
    {"\"no end\\\"", NULL, "a string without an end"},
    {"\"\\u0000\"", NULL, "a NUL in a string"},
    {"\"\\ud83d\"", NULL, "a damaged escape in a string"},
    {"\"\\ude00\"", NULL, "a damaged escape in a string"},
    {"\"\\ud83d\\u0041\"", NULL, "a damaged escape in a string"},
    {"\"\\x\"", NULL, "a damaged escape in a string"},
    {"\"\\u00\"", NULL, "a damaged escape in a string"},
    {"\"tab\t\"", NULL, "a control character in a string"},
    {"\"\xFF\"", NULL, "bytes that are not UTF-8"},
    {"\"\xC0\x80\"", NULL, "bytes that are not UTF-8"},
    {"\"\xED\xA0\x80\"", NULL, "bytes that are not UTF-8"},
    {"\"\xE2\x82\"", NULL, "bytes that are not UTF-8"},
};

START_TEST(json_strings_are_decoded_or_refused)
{
    Pool        pool = {0};
    const char *text;
    size_t      len;
    Json        j = {.s = strings[_i].text, .len = strlen(strings[_i].text), .pool = &pool};
    ck_assert_int_eq(mdl_json_read_string(&j, &text, &len), strings[_i].fault == NULL);
    if (strings[_i].fault != NULL) ck_assert_str_eq(j.fault, strings[_i].fault);
    else {
        ck_assert_str_eq(text, strings[_i].decoded);
        ck_assert_uint_eq(len, strlen(text));
        ck_assert(mdl_json_end(&j));
    }
    mdl_pool_free(&pool);
}
END_TEST

static const struct {
    const char *text;
    uint64_t    value;
    const char *fault;
} numbers[] = {
    {"0", 0, NULL}, {" 42", 42, NULL}, {"1000", 1000, NULL}, {"1001", 0, "a number that is too large"},
    {"99999999999999999999", 0, "a number that is too large"}, {"-1", 0, "expected a number that is not negative"},
    {"01", 0, "a number with a leading zero"}, {"1.0", 0, "a number that is not an integer"},
    {"1e2", 0, "a number that is not an integer"}, {"true", 0, "expected a number that is not negative"},
    {"", 0, "expected a number that is not negative"},
};

START_TEST(json_counts_are_read_or_refused)
{
    Pool     pool = {0};
    uint64_t value = 0;
    Json     j = {.s = numbers[_i].text, .len = strlen(numbers[_i].text), .pool = &pool};
    ck_assert_int_eq(mdl_json_read_count(&j, 1000, &value), numbers[_i].fault == NULL);
    if (numbers[_i].fault != NULL) ck_assert_str_eq(j.fault, numbers[_i].fault);
    ck_assert_uint_eq(value, numbers[_i].value);
}
END_TEST

START_TEST(json_strings_are_written_with_escapes)
{
    Text t = {0};
    mdl_json_string(&t, "a\"\\\n\x01\x7F\xC3\xA9\xFF.", 10);
    ck_assert_str_eq(mdl_text_z(&t), "\"a\\\"\\\\\\n\\u0001\\u007f\xC3\xA9\xEF\xBF\xBD.\"");
    mdl_text_free(&t);
}
END_TEST

/* ---- weight files ---- */

/* A file with this header and `data` bytes behind it, in a block of exactly its size. */
static char *file_of(const char *header, size_t data, size_t *size)
{
    const uint64_t len = strlen(header);
    *size = 8 + len + data;
    char *bytes = calloc(1, *size);
    for (int i = 0; i < 8; i++) bytes[i] = (char)(len >> 8 * i);
    memcpy(bytes + 8, header, len);
    return bytes;
}

static mdl_status read_bytes(mdl_weights **w, const char *bytes, size_t size, mdl_error *error)
{
    return mdl_weights_open_memory("w", bytes, size, w, error);
}

static const char good[] =
    "{\"__metadata__\":{\"format\":\"pt\"},\"b\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[4,28]},"
    "\"a\":{\"data_offsets\":[0,4],\"shape\":[],\"dtype\":\"I32\"},\"none\":{\"dtype\":\"F64\",\"shape\":[0,7],\"data_offsets\":[4,4]},"
    "\"odd\":{\"dtype\":\"U16\",\"shape\":[1],\"data_offsets\":[28,30]}}   ";

START_TEST(a_good_file_is_read)
{
    mdl_weights *w;
    const char  *key, *value;
    size_t     size;
    char      *bytes = file_of(good, 30, &size);
    ck_assert_int_eq(read_bytes(&w, bytes, size, NULL), MDL_OK);
    ck_assert_uint_eq(mdl_weights_count(w), 4);
    const mdl_stored *b = mdl_weights_tensor(w, 0), *scalar = mdl_weights_tensor(w, 1), *odd = mdl_weights_tensor(w, 3);
    ck_assert_str_eq(b->name, "b");
    ck_assert_int_eq(b->rank, 2);
    ck_assert_int_eq(b->shape[1], 3);
    ck_assert_uint_eq(b->offset, size - 26);
    ck_assert_int_eq(scalar->dtype, MDL_INT32);
    ck_assert_int_eq(scalar->rank, 0);
    ck_assert_uint_eq(mdl_weights_tensor(w, 2)->bytes, 0);
    ck_assert_int_eq(odd->dtype, MDL_U16);
    ck_assert_str_eq(mdl_stored_name(odd->dtype), "U16");
    ck_assert_int_eq(mdl_weights_find(w, "odd", 3), 3);
    ck_assert_int_eq(mdl_weights_find(w, "even", 4), -1);
    ck_assert(mdl_weights_metadata(w, 0, &key, &value) && !mdl_weights_metadata(w, 1, &key, &value));
    ck_assert(strcmp(key, "format") == 0 && strcmp(value, "pt") == 0);
    mdl_weights_close(w);
    free(bytes);
}
END_TEST

START_TEST(every_shorter_file_is_refused)
{
    mdl_weights *w;
    size_t     size;
    char      *bytes = file_of(good, 30, &size);
    for (size_t n = 0; n < size; n++) {
        char *part = malloc(n > 0 ? n : 1); /* exact, so that sanitizers see a step beyond it */
        memcpy(part, bytes, n);
        ck_assert_int_eq(read_bytes(&w, part, n, NULL), MDL_BAD_FILE);
        free(part);
    }
    free(bytes);
}
END_TEST

START_TEST(every_changed_byte_is_survived)
{
    mdl_weights *w;
    size_t     size;
    char      *bytes = file_of(good, 30, &size);
    for (size_t n = 0; n < size - 30; n++) {
        const char was = bytes[n];
        for (int v = 0; v < 256; v += 5) {
            bytes[n] = (char)v;
            if (read_bytes(&w, bytes, size, NULL) == MDL_OK) mdl_weights_close(w);
        }
        bytes[n] = was;
    }
    free(bytes);
}
END_TEST

#define T(name, dtype, shape, offsets) "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static const struct {
    const char *header;
    size_t      data;
    const char *message; /* a part of it */
} attacks[] = {
    {"", 0, "w: byte 8 of the header: a header begins with `{`"},
    {" {}", 0, "a header begins with `{`"},
    {"[]", 0, "a header begins with `{`"},
    {"{}", 1, "the tensors end at byte 10, but the file at 11"},
    {"{}x", 0, "byte 10 of the header: something behind the end"},
    {"{" T("a", "F32", "[1]", "[0,4]") ",}", 4, "expected a string"},
    {"{" T("a", "F32", "[1]", "[0,4]") "," T("a", "F32", "[1]", "[4,8]") "}", 8, "tensor `a` is there twice"},
    {"{" T("a", "F32", "[1]", "[0,4]") "," T("\\u0061", "F32", "[1]", "[4,8]") "}", 8, "tensor `a` is there twice"},
    {"{" T("a", "F32", "[1]", "[0,4]") "," T("b", "F32", "[1]", "[2,6]") "}", 6, "tensor `b` begins at byte 117, inside another, which ends at 119"},
    {"{" T("a", "F32", "[1]", "[0,4]") "," T("b", "F32", "[1]", "[0,4]") "}", 4, "inside another"},
    {"{" T("a", "F32", "[1]", "[0,4]") "," T("b", "F32", "[1]", "[8,12]") "}", 12, "tensor `b` begins at byte 124, but the one before it ends at 120"},
    {"{" T("a", "F32", "[1]", "[4,8]") "}", 8, "tensor `a` begins at byte 66, but the one before it ends at 62"},
    {"{" T("a", "F32", "[2]", "[0,8]") "}", 4, "tensor `a` ends at byte 70, but the file at 66"},
    {"{" T("a", "F32", "[1]", "[0,4]") "}", 8, "the tensors end at byte 66, but the file at 70"},
    {"{" T("a", "F32", "[1]", "[4,0]") "}", 4, "tensor `a`, byte 60: it ends before it begins"},
    {"{" T("a", "F32", "[2]", "[0,4]") "}", 4, "its shape and dtype need another number of bytes"},
    {"{" T("a", "F4", "[1]", "[0,1]") "}", 1, "overflows, or ends inside a byte"},
    {"{" T("a", "F99", "[1]", "[0,4]") "}", 4, "a dtype that the format does not have"},
    {"{" T("a", "f32", "[1]", "[0,4]") "}", 4, "a dtype that the format does not have"},
    {"{" T("a", "F32", "[4294967296,4294967296]", "[0,0]") "}", 0, "a shape whose size overflows"},
    {"{" T("", "F32", "[1]", "[0,4]") "}", 4, "a tensor without a name"},
    {"{" T("a\\u001b[2J", "F32", "[1]", "[0,4]") "}", 4, "a control character in a name"},
    {"{\"__metadata__\":{\"a\":\"b\",\"a\":\"c\"}}", 0, "a key for the second time"},
    {"{" T("a", "F32", "[9223372036854775807,2,0]", "[0,0]") "," T("b", "F32", "[1]", "[0,8]") "}", 8, "tensor `b`"},
    {"{" T("a", "F32", "[18446744073709551616]", "[0,4]") "}", 4, "a number that is too large"},
    {"{" T("a", "F32", "[-1]", "[0,4]") "}", 4, "expected a number that is not negative"},
    {"{" T("a", "F32", "[1.0]", "[0,4]") "}", 4, "a number that is not an integer"},
    {"{" T("a", "F32", "[1]", "[0,4,8]") "}", 4, "expected `,` or `]`"},
    {"{" T("a", "F32", "[1]", "[0]") "}", 4, "expected `,`"},
    {"{" T("a", "F32", "[[1]]", "[0,4]") "}", 4, "expected a number"},
    {"{" T("a", "F32", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "[0,4]") "}", 4, "more than 32 axes"},
    {"{" T("\xFF", "F32", "[1]", "[0,4]") "}", 4, "bytes that are not UTF-8"},
    {"{" T("a\\u0000", "F32", "[1]", "[0,4]") "}", 4, "a NUL in a string"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 0, "dtype, shape or data_offsets is missing"},
    {"{\"a\":{}}", 0, "tensor `a`, byte 14: expected a string"},
    {"{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "a key for the second time"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}", 4, "a key other than dtype, shape and data_offsets"},
    {"{\"a\":[]}", 0, "expected `{`"},
    {"{\"a\" {}}", 0, "expected `:`"},
    {"{\"__metadata__\":{\"a\":1}}", 0, "expected a string"},
    {"{\"__metadata__\":{\"a\":{\"b\":\"c\"}}}", 0, "expected a string"},
    {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "a second __metadata__"},
    {"{\"__metadata__\":{\"a\":\"b\"", 0, "expected `,` or `}`"},
    {"{{{{{{{{{{{{{{{{", 0, "expected a string"},
};

START_TEST(attacks_are_refused_with_their_place)
{
    mdl_weights *w;
    mdl_error  error = {0};
    size_t     size;
    char      *bytes = file_of(attacks[_i].header, attacks[_i].data, &size);
    ck_assert_int_eq(read_bytes(&w, bytes, size, &error), MDL_BAD_FILE);
    ck_assert_msg(strstr(error.message, attacks[_i].message) != NULL, "%s", error.message);
    free(bytes);
}
END_TEST

START_TEST(lengths_that_lie_are_refused)
{
    static const struct {
        unsigned char bytes[10];
        size_t        size;
        const char   *message;
    } files[] = {
        {{0}, 0, "0 bytes are too few"},
        {{2, 0, 0, 0, 0, 0, 0}, 7, "7 bytes are too few"},
        {{3, 0, 0, 0, 0, 0, 0, 0, '{', '}'}, 10, "the header says it has 3 bytes, but the file ends after 2"},
        {{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, '{', '}'}, 10, "18446744073709551615 bytes; 100000000 are the most"},
        {{1, 0xE1, 0xF5, 5, 0, 0, 0, 0, '{', '}'}, 10, "100000001 bytes; 100000000 are the most"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        mdl_weights *w;
        mdl_error  error = {0};
        ck_assert_int_eq(read_bytes(&w, (const char *)files[i].bytes, files[i].size, &error), MDL_BAD_FILE);
        ck_assert_msg(strstr(error.message, files[i].message) != NULL, "%s", error.message);
    }
}
END_TEST

START_TEST(running_out_of_memory_is_reported)
{
    mdl_weights *w;
    size_t     size;
    char      *bytes = file_of(good, 30, &size);
    mdl_status status = MDL_NO_MEMORY;
    for (long n = 0; status != MDL_OK; n++) {
        ck_assert_int_lt(n, 50);
        alloc_fail_at(n);
        status = read_bytes(&w, bytes, size, NULL);
        alloc_fail_at(-1);
        ck_assert(status == MDL_OK || status == MDL_NO_MEMORY);
    }
    mdl_weights_close(w);
    free(bytes);
}
END_TEST

Suite *safetensors_suite(void)
{
    Suite *s = suite_create("safetensors");
    TCase *t = tcase_create("safetensors");
    tcase_add_loop_test(t, json_strings_are_decoded_or_refused, 0, sizeof strings / sizeof *strings);
    tcase_add_loop_test(t, json_counts_are_read_or_refused, 0, sizeof numbers / sizeof *numbers);
    tcase_add_test(t, json_strings_are_written_with_escapes);
    tcase_add_test(t, a_good_file_is_read);
    tcase_add_test(t, every_shorter_file_is_refused);
    tcase_add_test(t, every_changed_byte_is_survived);
    tcase_add_loop_test(t, attacks_are_refused_with_their_place, 0, sizeof attacks / sizeof *attacks);
    tcase_add_test(t, lengths_that_lie_are_refused);
    tcase_add_test(t, running_out_of_memory_is_reported);
    suite_add_tcase(s, t);
    return s;
}
