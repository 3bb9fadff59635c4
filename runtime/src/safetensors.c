/* The header of a safetensors file: eight bytes with its length, then JSON; behind it are the tensors' bytes. */
#include <stdlib.h>
#include <string.h>

#include "weights.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "tensors are read and written as they lie in memory, and the format is little-endian"
#endif

enum { PREFIX = 8, MAX_PAIRS = 4096 };

/* A header while it is read. Places are kept relative to the tensors' bytes until all are known to lie in the file. */
typedef struct Header {
    mdl_weights *w;
    const Input *in;
    Json         json;
    int32_t      file;
    size_t       first; /* the first tensor of this file */
} Header;

/* A tensor's entry: what was there, and where it ends. */
typedef struct Entry {
    mdl_stored  t;
    const char *dtype;
    bool        shape, offsets;
    uint64_t    end;
} Entry;

/* A fault of the header at a byte, in the entry of a tensor if its name is known. */
static mdl_status fail_header(const Header *h, const char *tensor, mdl_error *error)
{
    const unsigned long long at = PREFIX + (unsigned long long)h->json.at;
    if (h->w->pool.failed) return mdl_fail_status(error, MDL_NO_MEMORY);
    if (tensor == NULL) {
        return mdl_fail(error, MDL_BAD_FILE, "%s: byte %llu of the header: %s", h->in->name, at, h->json.fault);
    }
    return mdl_fail(error, MDL_BAD_FILE, "%s: tensor `%.200s`, byte %llu: %s", h->in->name, tensor, at, h->json.fault);
}

/* ---- the entries ---- */

static bool read_pairs(Header *h, Names *keys)
{
    Json       *j = &h->json;
    const char *key, *value;
    size_t      len, ignored;
    if (!mdl_json_expect(j, '{')) return false;
    if (mdl_json_take(j, '}')) return true;
    for (int32_t pair = 0;; pair++) {
        if (!mdl_json_read_string(j, &key, &len)) return false;
        if (pair == MAX_PAIRS) return mdl_json_fault(j, "more than 4,096 pairs of metadata");
        if (mdl_names_enter(keys, key, len, pair) >= 0) return mdl_json_fault(j, "a key for the second time");
        if (!mdl_json_expect(j, ':') || !mdl_json_read_string(j, &value, &ignored)) return false;
        if (!mdl_weights_append_metadata(h->w, key, value)) return mdl_json_fault(j, "not enough memory");
        if (!mdl_json_take(j, ',')) return mdl_json_expect(j, '}');
    }
}

static bool read_metadata(Header *h)
{
    Names keys = {0};
    if (!mdl_names_make(&keys, MAX_PAIRS)) {
        h->w->pool.failed = true;
        return mdl_json_fault(&h->json, "not enough memory");
    }
    const bool read = read_pairs(h, &keys);
    mdl_names_free(&keys);
    return read;
}

static bool read_shape(Json *j, mdl_stored *t)
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
    int64_t *kept = mdl_pool_alloc(j->pool, (size_t)(t->rank + 1) * sizeof *kept);
    if (kept == NULL) return mdl_json_fault(j, "not enough memory");
    memcpy(kept, shape, (size_t)t->rank * sizeof *shape);
    t->shape = kept;
    return true;
}

static bool read_offsets(Json *j, Entry *e)
{
    return mdl_json_expect(j, '[') && mdl_json_read_count(j, INT64_MAX, &e->t.offset) && mdl_json_expect(j, ',') &&
           mdl_json_read_count(j, INT64_MAX, &e->end) && mdl_json_expect(j, ']') &&
           (e->t.offset <= e->end || mdl_json_fault(j, "it ends before it begins"));
}

/* Whether the shape and the dtype make exactly the bytes between the offsets. */
static bool check_entry(Json *j, Entry *e)
{
    if (e->dtype == NULL || !e->shape || !e->offsets) return mdl_json_fault(j, "dtype, shape or data_offsets is missing");
    e->t.dtype = mdl_stored_of(e->dtype);
    if (e->t.dtype < 0) return mdl_json_fault(j, "a dtype that the format does not have");
    if (!mdl_stored_measure(&e->t)) return mdl_json_fault(j, "a shape whose size overflows, or ends inside a byte");
    if (e->t.bytes == e->end - e->t.offset) return true;
    return mdl_json_fault(j, "its shape and dtype need another number of bytes than its offsets span");
}

/* {"dtype": ..., "shape": ..., "data_offsets": ...}, each once, in any order. */
static bool read_entry(Json *j, Entry *e)
{
    const char *key;
    size_t      len;
    if (!mdl_json_expect(j, '{')) return false;
    do {
        if (!mdl_json_read_string(j, &key, &len)) return false;
        const bool dtype = strcmp(key, "dtype") == 0, shape = strcmp(key, "shape") == 0;
        const bool offsets = strcmp(key, "data_offsets") == 0;
        if (!dtype && !shape && !offsets) return mdl_json_fault(j, "a key other than dtype, shape and data_offsets");
        if ((dtype && e->dtype != NULL) || (shape && e->shape) || (offsets && e->offsets)) {
            return mdl_json_fault(j, "a key for the second time");
        }
        if (!mdl_json_expect(j, ':')) return false;
        if (dtype && !mdl_json_read_string(j, &e->dtype, &len)) return false;
        if (shape && !read_shape(j, &e->t)) return false;
        if (offsets && !read_offsets(j, e)) return false;
        e->shape = e->shape || shape;
        e->offsets = e->offsets || offsets;
    } while (mdl_json_take(j, ','));
    return mdl_json_expect(j, '}') && check_entry(j, e);
}

/* An entry that is a tensor's; its name has been read. */
static bool read_tensor(Header *h, Entry *e)
{
    const char *fault = mdl_weights_name_fault(e->t.name, e->t.name_len);
    if (fault != NULL) return mdl_json_fault(&h->json, fault);
    if (!read_entry(&h->json, e)) return false;
    return mdl_weights_append(h->w, &e->t) || mdl_json_fault(&h->json, "not enough memory");
}

static mdl_status read_entries(Header *h, mdl_error *error)
{
    Json *j = &h->json;
    bool  metadata = false;
    if (j->len == 0 || j->s[0] != '{') {
        mdl_json_fault(j, "a header begins with `{`");
        return fail_header(h, NULL, error);
    }
    mdl_json_expect(j, '{');
    if (!mdl_json_take(j, '}')) {
        do {
            Entry e = {.t.file = h->file};
            if (!mdl_json_read_string(j, &e.t.name, &e.t.name_len) || !mdl_json_expect(j, ':')) break;
            if (strcmp(e.t.name, "__metadata__") == 0) {
                if (metadata) mdl_json_fault(j, "a second __metadata__");
                else if (read_metadata(h)) metadata = true;
            }
            else if (!read_tensor(h, &e)) return fail_header(h, e.t.name, error);
        } while (j->fault == NULL && mdl_json_take(j, ','));
        mdl_json_expect(j, '}');
    }
    return mdl_json_end(j) ? MDL_OK : fail_header(h, NULL, error);
}

/* ---- the bytes behind it ---- */

/* By place; the empty ones come before the one that begins where they are. */
static int by_place(const void *a, const void *b)
{
    const mdl_stored *x = *(mdl_stored *const *)a, *y = *(mdl_stored *const *)b;
    if (x->offset != y->offset) return x->offset < y->offset ? -1 : 1;
    return x->bytes != y->bytes ? (x->bytes < y->bytes ? -1 : 1) : 0;
}

static mdl_status fail_place(const Header *h, const mdl_stored *t, uint64_t data, uint64_t at, mdl_error *error)
{
    return mdl_fail(error, MDL_BAD_FILE, "%s: tensor `%.200s` begins at byte %llu, %s at %llu", h->in->name, t->name,
                    (unsigned long long)(data + t->offset),
                    t->offset < at ? "inside another, which ends" : "but the one before it ends",
                    (unsigned long long)(data + at));
}

/* Bytes must follow each other from the end of the header, `data`, to the end of the file. */
static mdl_status check_places(const Header *h, mdl_stored **sorted, size_t count, uint64_t data, mdl_error *error)
{
    const uint64_t size = h->in->size - data;
    uint64_t       at = 0;
    for (size_t i = 0; i < count; i++) sorted[i] = &h->w->tensors[h->first + i];
    qsort(sorted, count, sizeof *sorted, by_place);
    for (size_t i = 0; i < count; i++) {
        const mdl_stored *t = sorted[i];
        if (t->offset != at) return fail_place(h, t, data, at, error);
        if (t->bytes > size - at) {
            return mdl_fail(error, MDL_BAD_FILE, "%s: tensor `%.200s` ends at byte %llu, but the file at %llu", h->in->name,
                            t->name, (unsigned long long)data + t->offset + t->bytes, (unsigned long long)h->in->size);
        }
        at += t->bytes;
    }
    if (at == size) return MDL_OK;
    return mdl_fail(error, MDL_BAD_FILE, "%s: the tensors end at byte %llu, but the file at %llu", h->in->name,
                    (unsigned long long)(data + at), (unsigned long long)h->in->size);
}

/* What a file is that people take for one of these, by its first eight bytes; NULL if that is unknown. */
static const char *other_kind(const unsigned char *prefix)
{
    static const struct {
        const char *magic, *name;
    } kinds[] = {{"PK\x03\x04", "a zip archive, as .npz, .keras and .pt are"}, {"\x89HDF", "an HDF5 file"},
                 {"GGUF", "a GGUF file"}};
    for (size_t i = 0; i < countof(kinds); i++) {
        if (memcmp(prefix, kinds[i].magic, 4) == 0) return kinds[i].name;
    }
    return NULL;
}

/* The header's length, if the file can have such a one. */
static mdl_status read_length(Input *in, uint64_t *len, mdl_error *error)
{
    unsigned char prefix[PREFIX];
    if (in->size < PREFIX) {
        return mdl_fail(error, MDL_BAD_FILE, "%s: %llu bytes are too few for a safetensors file", in->name,
                        (unsigned long long)in->size);
    }
    const mdl_status status = mdl_input_read(in, 0, prefix, PREFIX, error);
    if (status != MDL_OK) return status;
    *len = 0;
    for (int i = PREFIX - 1; i >= 0; i--) *len = *len << 8 | prefix[i];
    if (*len > MDL_MAX_HEADER && other_kind(prefix) != NULL) {
        return mdl_fail(error, MDL_BAD_FILE,
                        "%s: it is %s; a .safetensors file is needed here. `mdlc weights convert` makes one of it", in->name,
                        other_kind(prefix));
    }
    if (*len > MDL_MAX_HEADER) {
        return mdl_fail(error, MDL_BAD_FILE, "%s: the header says it has %llu bytes; %d are the most that the format allows",
                        in->name, (unsigned long long)*len, MDL_MAX_HEADER);
    }
    if (*len <= in->size - PREFIX) return MDL_OK;
    return mdl_fail(error, MDL_BAD_FILE, "%s: the header says it has %llu bytes, but the file ends after %llu", in->name,
                    (unsigned long long)*len, (unsigned long long)(in->size - PREFIX));
}

mdl_status mdl_safetensors_read(mdl_weights *w, int32_t file, mdl_error *error)
{
    Input     *in = &w->files[file];
    uint64_t   len = 0;
    mdl_status status = read_length(in, &len, error);
    if (status != MDL_OK) return status;
    char *text = malloc((size_t)len + 1);
    if (text == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    Header h = {.w = w, .in = in, .json = {.s = text, .len = (size_t)len, .pool = &w->pool}, .file = file, .first = w->count};
    status = mdl_input_read(in, PREFIX, text, (size_t)len, error);
    if (status == MDL_OK) status = read_entries(&h, error);
    free(text);
    if (status != MDL_OK) return status;

    const size_t   count = w->count - h.first;
    const uint64_t data = PREFIX + len;
    mdl_stored   **sorted = malloc((count + 1) * sizeof *sorted);
    if (sorted == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    status = check_places(&h, sorted, count, data, error);
    free(sorted);
    for (size_t i = h.first; i < w->count; i++) w->tensors[i].offset += data;
    return status;
}
