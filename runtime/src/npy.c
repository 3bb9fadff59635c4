#include "npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dtype.h"
#include "text.h"

enum { MAX_HEADER = 1 << 20 };

static const char magic[6] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};

/* ---- the header: a Python dict of three entries ---- */

typedef struct Scan {
    const char *s, *end;
} Scan;

static bool take(Scan *p, char c)
{
    while (p->s < p->end && (*p->s == ' ' || *p->s == '\n')) p->s++;
    if (p->s == p->end || *p->s != c) return false;
    p->s++;
    return true;
}

static bool take_word(Scan *p, const char *word)
{
    const size_t len = strlen(word);
    while (p->s < p->end && *p->s == ' ') p->s++;
    if ((size_t)(p->end - p->s) < len || memcmp(p->s, word, len) != 0) return false;
    p->s += len;
    return true;
}

/* A string in quotes of either kind, without escapes; what is between them. */
static bool take_string(Scan *p, const char **s, size_t *len)
{
    const char quote = take(p, '\'') ? '\'' : take(p, '"') ? '"' : '\0';
    if (quote == '\0') return false;
    *s = p->s;
    while (p->s < p->end && *p->s != quote && *p->s != '\\') p->s++;
    *len = (size_t)(p->s - *s);
    return take(p, quote);
}

/* "<f4": byte order, kind, bytes. */
static bool read_descr(Scan *p, NpyHeader *h)
{
    const char *s;
    size_t      len;
    if (!take_string(p, &s, &len) || len != 3 || strchr("<>|=", s[0]) == NULL) return false;
    h->big = s[0] == '>';
    h->kind = s[1];
    h->size = s[2] - '0';
    switch (h->kind) {
    case 'f': return h->size == 2 || h->size == 4 || h->size == 8;
    case 'i':
    case 'u': return h->size == 1 || h->size == 2 || h->size == 4 || h->size == 8;
    case 'b': return h->size == 1;
    case 'V': return h->size == 2;
    default: return false;
    }
}

static bool read_shape(Scan *p, NpyHeader *h)
{
    if (!take(p, '(')) return false;
    bool comma = true;
    while (!take(p, ')')) {
        if (!comma || h->rank == MDL_MAX_RANK) return false;
        while (p->s < p->end && *p->s == ' ') p->s++;
        const char *begin = p->s;
        int64_t     v = 0;
        for (; p->s < p->end && *p->s >= '0' && *p->s <= '9'; p->s++) {
            const int digit = *p->s - '0';
            if (v > (INT64_MAX - digit) / 10) return false;
            v = v * 10 + digit;
        }
        if (p->s == begin) return false;
        h->shape[h->rank++] = v;
        comma = take(p, ',');
    }
    return h->rank != 1 || comma; /* (3) is a number in Python, (3,) a tuple */
}

/* Returns what is wrong with the dict, or NULL. */
static const char *read_dict(Scan *p, NpyHeader *h)
{
    bool descr = false, order = false, shape = false, comma = true;
    if (!take(p, '{')) return "the header is not a dict";
    while (!take(p, '}')) {
        const char *key;
        size_t      len;
        if (!comma || !take_string(p, &key, &len) || !take(p, ':')) return "the header is not a dict";
        if (len == 5 && memcmp(key, "descr", len) == 0 && !descr) {
            if (!read_descr(p, h)) return "only arrays of floats, integers and booleans of up to 8 bytes can be read";
            descr = true;
        }
        else if (len == 13 && memcmp(key, "fortran_order", len) == 0 && !order) {
            h->fortran = take_word(p, "True");
            if (!h->fortran && !take_word(p, "False")) return "fortran_order is neither True nor False";
            order = true;
        }
        else if (len == 5 && memcmp(key, "shape", len) == 0 && !shape) {
            if (!read_shape(p, h)) return "the shape is not a tuple of up to 32 sizes";
            shape = true;
        }
        else return "the header has a key that is unknown, or there twice";
        comma = take(p, ',');
    }
    while (p->s < p->end && (*p->s == ' ' || *p->s == '\n')) p->s++;
    if (p->s != p->end) return "something stands behind the header's dict";
    return descr && order && shape ? NULL : "descr, fortran_order or shape is missing";
}

/* Counts the elements, and checks that they fill the file. */
static mdl_status check_size(const Input *in, NpyHeader *h, mdl_error *error)
{
    const uint64_t left = in->size - h->data;
    bool           empty = false;
    h->elements = 1;
    for (int i = 0; i < h->rank; i++) empty = empty || h->shape[i] == 0;
    for (int i = 0; i < h->rank && !empty; i++) {
        if ((uint64_t)h->shape[i] > left / h->elements) {
            return mdl_fail(error, MDL_BAD_FILE, "%s: the file is too short for its shape", in->name);
        }
        h->elements *= (uint64_t)h->shape[i];
    }
    if (empty) h->elements = 0;
    const uint64_t size = (uint64_t)h->size;
    if (h->elements <= left / size && h->elements * size == left) return MDL_OK;
    return mdl_fail(error, MDL_BAD_FILE, "%s: %llu elements of %d bytes follow from the shape, but there are %llu bytes",
                    in->name, (unsigned long long)h->elements, h->size, (unsigned long long)left);
}

mdl_status mdl_npy_header(Input *in, NpyHeader *h, mdl_error *error)
{
    unsigned char head[12];
    *h = (NpyHeader){0};
    if (in->size < 10) {
        return mdl_fail(error, MDL_BAD_FILE, "%s: it is not a .npy file: it has only %d bytes", in->name, (int)in->size);
    }
    mdl_status status = mdl_input_read(in, 0, head, 10, error);
    if (status != MDL_OK) return status;
    if (memcmp(head, magic, sizeof magic) != 0) {
        return mdl_fail(error, MDL_BAD_FILE, "%s: it is not a .npy file (an .npz or a pickle is not either)", in->name);
    }
    if (head[6] < 1 || head[6] > 3 || head[7] != 0) {
        return mdl_fail(error, MDL_BAD_FILE, "%s: .npy version %d.%d is unknown", in->name, head[6], head[7]);
    }
    const size_t prefix = head[6] == 1 ? 10 : 12;
    if (prefix == 12 && (status = mdl_input_read(in, 8, head + 8, 4, error)) != MDL_OK) return status;
    uint32_t len = (uint32_t)head[8] | (uint32_t)head[9] << 8;
    if (prefix == 12) len |= (uint32_t)head[10] << 16 | (uint32_t)head[11] << 24;
    if (len > MAX_HEADER) {
        return mdl_fail(error, MDL_BAD_FILE, "%s: the header says it has %lu bytes", in->name, (unsigned long)len);
    }
    h->data = prefix + len;

    char *text = malloc((size_t)len + 1);
    if (text == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    status = mdl_input_read(in, prefix, text, len, error);
    if (status == MDL_OK) {
        Scan        p = {text, text + len};
        const char *fault = read_dict(&p, h);
        status = fault != NULL ? mdl_fail(error, MDL_BAD_FILE, "%s: %s", in->name, fault) : check_size(in, h, error);
    }
    free(text);
    return status;
}

const char *mdl_npy_dtype_name(const NpyHeader *h)
{
    static const struct {
        char        kind;
        int         size;
        const char *name;
    } names[] = {{'f', 2, "float16"}, {'f', 4, "float32"}, {'f', 8, "float64"}, {'i', 1, "int8"}, {'i', 2, "int16"},
                 {'i', 4, "int32"}, {'i', 8, "int64"}, {'u', 1, "uint8"}, {'u', 2, "uint16"}, {'u', 4, "uint32"},
                 {'u', 8, "uint64"}, {'b', 1, "bool"}, {'V', 2, "bfloat16"}};
    for (size_t i = 0; i < countof(names); i++) {
        if (names[i].kind == h->kind && names[i].size == h->size) return names[i].name;
    }
    return "unknown";
}

/* ---- elements ---- */

/* A number as the file holds it: a double, or an integer with its sign apart. */
typedef struct Number {
    bool     is_float, negative;
    double   f;
    uint64_t magnitude;
} Number;

static Number number_at(const NpyHeader *h, const unsigned char *bytes)
{
    uint64_t bits = 0;
    for (int i = 0; i < h->size; i++) bits |= (uint64_t)bytes[h->big ? h->size - 1 - i : i] << 8 * i;
    Number n = {.is_float = h->kind == 'f' || h->kind == 'V'};
    if (h->kind == 'V') n.f = mdl_of_bfloat16((uint16_t)bits);
    else if (h->kind == 'f' && h->size == 2) n.f = mdl_of_float16((uint16_t)bits);
    else if (h->kind == 'f' && h->size == 4) {
        const uint32_t low = (uint32_t)bits;
        float          f;
        memcpy(&f, &low, sizeof f);
        n.f = (double)f;
    }
    else if (h->kind == 'f') memcpy(&n.f, &bits, sizeof n.f);
    else {
        const uint64_t sign = 1ull << (8 * h->size - 1);
        n.negative = h->kind == 'i' && (bits & sign) != 0;
        n.magnitude = n.negative ? (~bits & (sign - 1)) + 1 : h->kind == 'b' ? bits != 0 : bits;
    }
    return n;
}

static bool put_integer(const Number *n, int64_t low, int64_t high, int64_t *out)
{
    uint64_t magnitude = n->magnitude;
    bool     negative = n->negative;
    if (n->is_float) {
        const double a = n->f < 0 ? -n->f : n->f;
        if (!(a < 0x1p63) || (double)(uint64_t)a != a) return false;
        magnitude = (uint64_t)a;
        negative = n->f < 0;
    }
    if (negative ? magnitude > (uint64_t)-(low + 1) + 1 : magnitude > (uint64_t)high) return false;
    *out = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

/* Stores a float if it reads back as the same number; NaN stays NaN. */
static bool put_float(const Number *n, mdl_dtype dtype, void *out, size_t i)
{
    double v = n->f;
    if (!n->is_float) {
        v = (double)n->magnitude;
        if (v >= 0x1p64 || (uint64_t)v != n->magnitude) return false;
        if (n->negative) v = -v;
    }
    mdl_store(dtype, &v, 1, (char *)out + i * mdl_dtype_size(dtype));
    return v != v || mdl_load(dtype, out, i) == v;
}

/* Stores element `i`; false if it would lose something. */
static bool put_number(const Number *n, mdl_dtype dtype, void *out, size_t i)
{
    int64_t v;
    switch (dtype) {
    case MDL_FLOAT32:
    case MDL_FLOAT64:
    case MDL_FLOAT16:
    case MDL_BFLOAT16: return put_float(n, dtype, out, i);
    case MDL_INT8: return put_integer(n, INT8_MIN, INT8_MAX, &v) && (((int8_t *)out)[i] = (int8_t)v, true);
    case MDL_UINT8: return put_integer(n, 0, UINT8_MAX, &v) && (((uint8_t *)out)[i] = (uint8_t)v, true);
    case MDL_INT16: return put_integer(n, INT16_MIN, INT16_MAX, &v) && (((int16_t *)out)[i] = (int16_t)v, true);
    case MDL_INT32: return put_integer(n, INT32_MIN, INT32_MAX, &v) && (((int32_t *)out)[i] = (int32_t)v, true);
    case MDL_INT64: return put_integer(n, INT64_MIN, INT64_MAX, &v) && (((int64_t *)out)[i] = v, true);
    case MDL_BOOL: return put_integer(n, 0, 1, &v) && (((uint8_t *)out)[i] = (uint8_t)v, true);
    }
    return false;
}

/* Whether the file's bytes are the tensor's bytes. */
static bool is_same(const NpyHeader *h, mdl_dtype dtype)
{
    static const uint16_t one = 1;
    const bool little = *(const unsigned char *)&one == 1;
    if (h->fortran && h->rank > 1) return false;
    if (h->size > 1 && h->big == little) return false;
    return dtype != MDL_BOOL && strcmp(mdl_npy_dtype_name(h), mdl_dtype_name(dtype)) == 0;
}

static mdl_status fail_element(const Input *in, const NpyHeader *h, const int64_t *index, const Number *n, mdl_dtype dtype,
                               mdl_error *error)
{
    Text at = {0};
    mdl_put_shape(&at, h->rank, index);
    char value[40];
    if (n->is_float) snprintf(value, sizeof value, "%.17g", n->f);
    else snprintf(value, sizeof value, "%s%llu", n->negative ? "-" : "", (unsigned long long)n->magnitude);
    mdl_fail(error, MDL_BAD_INPUT,
             "%s: element %s of this %s array is %s, which %s cannot hold exactly: save it with x.astype(\"%s\")", in->name,
             mdl_text_z(&at), mdl_npy_dtype_name(h), value, mdl_dtype_name(dtype), mdl_dtype_name(dtype));
    mdl_text_free(&at);
    return MDL_BAD_INPUT;
}

/* Walks the file's elements in its order, with their index, and stores each at its place in C order. */
static mdl_status convert(Input *in, const NpyHeader *h, mdl_dtype dtype, void *out, unsigned char *chunk, size_t room,
                          mdl_error *error)
{
    int64_t  index[MDL_MAX_RANK] = {0};
    uint64_t stride[MDL_MAX_RANK + 1], place = 0;
    stride[h->rank] = 1;
    for (int i = h->rank - 1; i >= 0; i--) stride[i] = stride[i + 1] * (uint64_t)h->shape[i];
    for (uint64_t done = 0; done < h->elements;) {
        const uint64_t n = h->elements - done < room ? h->elements - done : room;
        const uint64_t   size = (uint64_t)h->size;
        const mdl_status status = mdl_input_read(in, h->data + done * size, chunk, (size_t)(n * size), error);
        if (status != MDL_OK) return status;
        for (uint64_t k = 0; k < n; k++) {
            const Number number = number_at(h, chunk + k * size);
            if (!put_number(&number, dtype, out, (size_t)place)) return fail_element(in, h, index, &number, dtype, error);
            for (int step = 0; step < h->rank; step++) { /* the next index, in the file's order */
                const int axis = h->fortran ? step : h->rank - 1 - step;
                place += stride[axis + 1];
                if (++index[axis] < h->shape[axis]) break;
                place -= stride[axis];
                index[axis] = 0;
            }
        }
        done += n;
    }
    return MDL_OK;
}

mdl_status mdl_npy_read(Input *in, const NpyHeader *h, mdl_dtype dtype, void *out, mdl_error *error)
{
    if ((h->kind == 'V') != (dtype == MDL_BFLOAT16) && h->kind == 'V') {
        return mdl_fail(error, MDL_BAD_INPUT, "%s: its elements are two bytes without a name (bfloat16?), but %s is needed",
                        in->name, mdl_dtype_name(dtype));
    }
    if (is_same(h, dtype)) return mdl_input_read(in, h->data, out, (size_t)h->elements * (size_t)h->size, error);
    enum { ROOM = 8192 };
    unsigned char *chunk = malloc(ROOM * sizeof(uint64_t));
    if (chunk == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    const mdl_status status = convert(in, h, dtype, out, chunk, ROOM, error);
    free(chunk);
    return status;
}
