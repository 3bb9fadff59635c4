#include "safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "tensors are read and written as they lie in memory, and the format is little-endian"
#endif

/* What the format's reference reader accepts. */
enum { MAX_HEADER = 100 * 1000 * 1000, PREFIX = 8, ALIGNMENT = 64 };

static const struct {
    const char *name;
    unsigned    bits;
    int         dtype; /* -1: MDL has none */
} dtypes[] = {
    {"F32", 32, MDL_FLOAT32}, {"F64", 64, MDL_FLOAT64}, {"F16", 16, MDL_FLOAT16}, {"BF16", 16, MDL_BFLOAT16},
    {"I8", 8, MDL_INT8}, {"U8", 8, MDL_UINT8}, {"I16", 16, MDL_INT16}, {"I32", 32, MDL_INT32}, {"I64", 64, MDL_INT64},
    {"BOOL", 8, MDL_BOOL}, {"U16", 16, -1}, {"U32", 32, -1}, {"U64", 64, -1}, {"F8_E4M3", 8, -1}, {"F8_E5M2", 8, -1},
    {"F8_E8M0", 8, -1}, {"F6_E2M3", 6, -1}, {"F6_E3M2", 6, -1}, {"F4", 4, -1}, {"C64", 64, -1},
};

/* ---- reading ---- */

/* A fault of the header at a byte, in the entry of a tensor if its name is known. */
static mdl_status fail_header(const WeightFile *w, const Json *j, const char *tensor, mdl_error *error)
{
    const unsigned long long at = PREFIX + (unsigned long long)j->at;
    if (w->pool.failed) return mdl_fail_status(error, MDL_NO_MEMORY);
    if (tensor == NULL) return mdl_fail(error, MDL_BAD_FILE, "%s: byte %llu of the header: %s", w->in.name, at, j->fault);
    return mdl_fail(error, MDL_BAD_FILE, "%s: tensor `%.200s`, byte %llu: %s", w->in.name, tensor, at, j->fault);
}

static bool read_metadata(Json *j)
{
    const char *text;
    size_t      len;
    if (!mdl_json_expect(j, '{')) return false;
    if (mdl_json_take(j, '}')) return true;
    do {
        const bool key = mdl_json_read_string(j, &text, &len) && mdl_json_expect(j, ':');
        if (!key || !mdl_json_read_string(j, &text, &len)) return false;
    } while (mdl_json_take(j, ','));
    return mdl_json_expect(j, '}');
}

static bool read_shape(Json *j, StoredTensor *t)
{
    int64_t  shape[MDL_MAX_RANK];
    uint64_t size;
    if (!mdl_json_expect(j, '[')) return false;
    if (!mdl_json_take(j, ']')) {
        do {
            if (t->rank == MDL_MAX_RANK) return mdl_json_fault(j, "more than 32 axes");
            if (!mdl_json_read_count(j, INT64_MAX, &size)) return false;
            shape[t->rank++] = (int64_t)size;
        } while (mdl_json_take(j, ','));
        if (!mdl_json_expect(j, ']')) return false;
    }
    t->shape = mdl_pool_alloc(j->pool, (size_t)(t->rank + 1) * sizeof *t->shape);
    if (t->shape == NULL) return mdl_json_fault(j, "not enough memory");
    memcpy(t->shape, shape, (size_t)t->rank * sizeof *shape);
    return true;
}

/* Offsets are kept relative to the tensors' bytes until all are known to lie in the file. */
static bool read_offsets(Json *j, StoredTensor *t)
{
    return mdl_json_expect(j, '[') && mdl_json_read_count(j, INT64_MAX, &t->begin) && mdl_json_expect(j, ',') &&
           mdl_json_read_count(j, INT64_MAX, &t->end) && mdl_json_expect(j, ']') &&
           (t->begin <= t->end || mdl_json_fault(j, "it ends before it begins"));
}

/* The size of its dtype in bits; 0 if there is no such dtype. */
static unsigned find_dtype(StoredTensor *t)
{
    for (size_t i = 0; i < countof(dtypes); i++) {
        if (strcmp(t->dtype_name, dtypes[i].name) != 0) continue;
        t->foreign = dtypes[i].dtype < 0;
        if (!t->foreign) t->dtype = (mdl_dtype)dtypes[i].dtype;
        return dtypes[i].bits;
    }
    return 0;
}

/* Whether the shape and the dtype make exactly the bytes between the offsets. */
static bool check_size(Json *j, StoredTensor *t)
{
    uint64_t bits = find_dtype(t);
    if (bits == 0) return mdl_json_fault(j, "a dtype that the format does not have");
    for (int i = 0; i < t->rank; i++) {
        if (t->shape[i] == 0) {
            bits = 0;
            break;
        }
    }
    for (int i = 0; i < t->rank && bits != 0; i++) {
        if ((uint64_t)t->shape[i] > UINT64_MAX / bits) return mdl_json_fault(j, "a shape whose size overflows");
        bits *= (uint64_t)t->shape[i];
    }
    if (bits % 8 != 0 || bits / 8 != t->end - t->begin) {
        return mdl_json_fault(j, "its shape and dtype need another number of bytes than its offsets span");
    }
    return true;
}

/* {"dtype": ..., "shape": ..., "data_offsets": ...}, each once, in any order. */
static bool read_tensor(Json *j, StoredTensor *t)
{
    bool        offsets = false;
    const char *key;
    size_t      len;
    if (!mdl_json_expect(j, '{')) return false;
    do {
        if (!mdl_json_read_string(j, &key, &len)) return false;
        const bool dtype = strcmp(key, "dtype") == 0, shape = strcmp(key, "shape") == 0;
        const bool data = strcmp(key, "data_offsets") == 0;
        if (!dtype && !shape && !data) return mdl_json_fault(j, "a key other than dtype, shape and data_offsets");
        if ((dtype && t->dtype_name != NULL) || (shape && t->shape != NULL) || (data && offsets)) {
            return mdl_json_fault(j, "a key for the second time");
        }
        if (!mdl_json_expect(j, ':')) return false;
        if (dtype && !mdl_json_read_string(j, &t->dtype_name, &len)) return false;
        if (shape && !read_shape(j, t)) return false;
        if (data && !read_offsets(j, t)) return false;
        offsets = offsets || data;
    } while (mdl_json_take(j, ','));
    if (!mdl_json_expect(j, '}')) return false;
    const bool complete = t->dtype_name != NULL && t->shape != NULL && offsets;
    return complete ? check_size(j, t) : mdl_json_fault(j, "dtype, shape or data_offsets is missing");
}

static bool add_tensor(WeightFile *w, size_t *cap, const StoredTensor *t)
{
    if (w->count == *cap) {
        const size_t  more = *cap == 0 ? 64 : *cap * 2;
        StoredTensor *grown = realloc(w->tensors, more * sizeof *grown);
        if (grown == NULL) {
            w->pool.failed = true;
            return false;
        }
        w->tensors = grown;
        *cap = more;
    }
    w->tensors[w->count++] = *t;
    return true;
}

static mdl_status read_entries(WeightFile *w, const char *header, size_t len, mdl_error *error)
{
    Json   j = {.s = header, .len = len, .pool = &w->pool};
    size_t cap = 0;
    bool   metadata = false;
    if (len == 0 || header[0] != '{') {
        mdl_json_fault(&j, "a header begins with `{`");
        return fail_header(w, &j, NULL, error);
    }
    mdl_json_expect(&j, '{');
    if (!mdl_json_take(&j, '}')) {
        do {
            StoredTensor t = {0};
            if (!mdl_json_read_string(&j, &t.name, &t.name_len) || !mdl_json_expect(&j, ':')) break;
            if (strcmp(t.name, "__metadata__") == 0) {
                if (metadata) mdl_json_fault(&j, "a second __metadata__");
                else if (read_metadata(&j)) metadata = true;
            }
            else if (!read_tensor(&j, &t) || !add_tensor(w, &cap, &t)) return fail_header(w, &j, t.name, error);
        } while (j.fault == NULL && mdl_json_take(&j, ','));
        mdl_json_expect(&j, '}');
    }
    return mdl_json_end(&j) ? MDL_OK : fail_header(w, &j, NULL, error);
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(StoredTensor *const *)a)->name, (*(StoredTensor *const *)b)->name);
}

/* By place; the empty ones come before the one that begins where they are. */
static int by_place(const void *a, const void *b)
{
    const StoredTensor *x = *(StoredTensor *const *)a, *y = *(StoredTensor *const *)b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return x->end != y->end ? (x->end < y->end ? -1 : 1) : 0;
}

/* Names differ; bytes follow each other from 0 to `size`. */
static mdl_status check_entries(const WeightFile *w, StoredTensor **sorted, uint64_t size, mdl_error *error)
{
    const char *file = w->in.name;
    for (size_t i = 0; i < w->count; i++) sorted[i] = &w->tensors[i];
    qsort(sorted, w->count, sizeof *sorted, by_name);
    for (size_t i = 1; i < w->count; i++) {
        if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0) {
            return mdl_fail(error, MDL_BAD_FILE, "%s: tensor `%.200s` is there twice", file, sorted[i]->name);
        }
    }
    qsort(sorted, w->count, sizeof *sorted, by_place);
    uint64_t at = 0;
    for (size_t i = 0; i < w->count; i++) {
        const StoredTensor *t = sorted[i];
        if (t->begin != at) {
            return mdl_fail(error, MDL_BAD_FILE, "%s: tensor `%.200s` begins at byte %llu of the data, %s at %llu", file,
                            t->name, (unsigned long long)t->begin,
                            t->begin < at ? "inside another, which ends" : "but the one before it ends",
                            (unsigned long long)at);
        }
        if (t->end > size) {
            return mdl_fail(error, MDL_BAD_FILE, "%s: tensor `%.200s` ends at byte %llu of the data, but there are only %llu",
                            file, t->name, (unsigned long long)t->end, (unsigned long long)size);
        }
        at = t->end;
    }
    if (at == size) return MDL_OK;
    return mdl_fail(error, MDL_BAD_FILE, "%s: the tensors end at byte %llu of the data, but there are %llu", file,
                    (unsigned long long)at, (unsigned long long)size);
}

static mdl_status read_header(WeightFile *w, mdl_error *error)
{
    unsigned char prefix[PREFIX];
    uint64_t      len = 0;
    if (w->in.size < PREFIX) {
        return mdl_fail(error, MDL_BAD_FILE, "%s: %llu bytes are too few for a safetensors file", w->in.name,
                        (unsigned long long)w->in.size);
    }
    mdl_status status = mdl_input_read(&w->in, 0, prefix, PREFIX, error);
    if (status != MDL_OK) return status;
    for (int i = PREFIX - 1; i >= 0; i--) len = len << 8 | prefix[i];
    if (len > MAX_HEADER) {
        return mdl_fail(error, MDL_BAD_FILE, "%s: the header says it has %llu bytes; %d are the most that the format allows",
                        w->in.name, (unsigned long long)len, MAX_HEADER);
    }
    if (len > w->in.size - PREFIX) {
        return mdl_fail(error, MDL_BAD_FILE, "%s: the header says it has %llu bytes, but the file ends after %llu", w->in.name,
                        (unsigned long long)len, (unsigned long long)(w->in.size - PREFIX));
    }
    char *header = malloc((size_t)len + 1);
    if (header == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    status = mdl_input_read(&w->in, PREFIX, header, (size_t)len, error);
    if (status == MDL_OK) status = read_entries(w, header, (size_t)len, error);
    free(header);
    if (status != MDL_OK) return status;

    StoredTensor **sorted = malloc((w->count + 1) * sizeof *sorted);
    if (sorted == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    status = check_entries(w, sorted, w->in.size - PREFIX - len, error);
    free(sorted);
    for (size_t i = 0; i < w->count; i++) {
        w->tensors[i].begin += PREFIX + len;
        w->tensors[i].end += PREFIX + len;
    }
    return status;
}

mdl_status mdl_weights_read(WeightFile *w, Input in, mdl_error *error)
{
    *w = (WeightFile){.in = in};
    const mdl_status status = read_header(w, error);
    if (status != MDL_OK) mdl_weights_close(w);
    return status;
}

void mdl_weights_close(WeightFile *w)
{
    mdl_input_close(&w->in);
    mdl_pool_free(&w->pool);
    free(w->tensors);
    *w = (WeightFile){0};
}

/* ---- writing ---- */

static const char *code_of(mdl_dtype dtype)
{
    for (size_t i = 0; i < countof(dtypes); i++) {
        if (dtypes[i].dtype == (int)dtype) return dtypes[i].name;
    }
    return "";
}

static void put_entry(Text *out, const mdl_variable *v, uint64_t begin)
{
    mdl_json_string(out, v->path, strlen(v->path));
    mdl_put(out, ":{\"dtype\":\"");
    mdl_put(out, code_of(v->dtype));
    mdl_put(out, "\",\"shape\":[");
    for (int i = 0; i < v->rank; i++) {
        if (i > 0) mdl_putc(out, ',');
        mdl_put_int(out, v->shape[i]);
    }
    mdl_put(out, "],\"data_offsets\":[");
    mdl_put_int(out, (int64_t)begin);
    mdl_putc(out, ',');
    mdl_put_int(out, (int64_t)(begin + v->bytes));
    mdl_put(out, "]}");
}

mdl_status mdl_weights_header(Text *out, mdl_registry *r, mdl_error *error)
{
    const int32_t count = mdl_registry_count(r);
    uint64_t      at = 0;
    mdl_put_fill(out, " ", PREFIX);
    mdl_putc(out, '{');
    for (int32_t i = 0; i < count; i++) {
        const mdl_variable *v = mdl_registry_variable(r, i);
        if (v->bytes > INT64_MAX - at) return mdl_fail(error, MDL_USAGE, "the weights are too large for a file");
        if (i > 0) mdl_putc(out, ',');
        put_entry(out, v, at);
        at += v->bytes;
    }
    mdl_putc(out, '}');
    mdl_put_fill(out, " ", (ALIGNMENT - out->len % ALIGNMENT) % ALIGNMENT);
    if (out->failed) return mdl_fail_status(error, MDL_NO_MEMORY);
    if (out->len - PREFIX > MAX_HEADER) {
        return mdl_fail(error, MDL_USAGE, "there are too many variables for a safetensors file");
    }
    for (int i = 0; i < PREFIX; i++) out->s[i] = (char)((out->len - PREFIX) >> 8 * i);
    return MDL_OK;
}
