/* Weight files as one list of tensors, wherever they come from. */
#define _DEFAULT_SOURCE 1 /* stat, opendir */

#include "weights.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dtype.h"
#include "text.h"

/* ---- making the list ---- */

const char *mdl_weights_name_fault(const char *name, size_t len)
{
    if (len == 0) return "a tensor without a name";
    if (len > MDL_MAX_NAME) return "a name of more than 1,024 bytes";
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)name[i] < ' ' || name[i] == 0x7F) return "a control character in a name";
    }
    return NULL;
}

bool mdl_stored_measure(mdl_stored *t)
{
    uint64_t bits = mdl_stored_bits(t->dtype);
    t->elements = 1;
    for (int i = 0; i < t->rank; i++) {
        if (t->shape[i] == 0) {
            t->elements = t->bytes = 0;
            return true;
        }
    }
    for (int i = 0; i < t->rank; i++) {
        if ((uint64_t)t->shape[i] > INT64_MAX / bits) return false;
        bits *= (uint64_t)t->shape[i];
        t->elements *= (uint64_t)t->shape[i];
    }
    t->bytes = bits / 8;
    return bits % 8 == 0;
}

/* Room for one more element in an array; false, and the pool has failed, if there is no memory. */
static bool reserve(mdl_weights *w, void *array, size_t count, size_t *cap, size_t size)
{
    if (count < *cap) return true;
    const size_t more = *cap == 0 ? 64 : *cap * 2;
    void       **at = array;
    void        *grown = realloc(*at, more * size);
    if (grown == NULL) {
        w->pool.failed = true;
        return false;
    }
    *at = grown;
    *cap = more;
    return true;
}

bool mdl_weights_append(mdl_weights *w, const mdl_stored *t)
{
    if (!reserve(w, &w->tensors, w->count, &w->cap, sizeof *w->tensors)) return false;
    w->tensors[w->count++] = *t;
    return true;
}

bool mdl_weights_append_metadata(mdl_weights *w, const char *key, const char *value)
{
    if (!reserve(w, &w->metadata, w->nmetadata, &w->metadata_cap, 2 * sizeof *w->metadata)) return false;
    w->metadata[2 * w->nmetadata] = key;
    w->metadata[2 * w->nmetadata++ + 1] = value;
    return true;
}

mdl_status mdl_weights_enter_names(mdl_weights *w, mdl_error *error)
{
    if (w->count > INT32_MAX / 2 || !mdl_names_make(&w->names, w->count)) return mdl_fail_status(error, MDL_NO_MEMORY);
    for (size_t i = 0; i < w->count; i++) {
        const mdl_stored *t = &w->tensors[i];
        if (mdl_names_enter(&w->names, t->name, t->name_len, (int32_t)i) >= 0) {
            return mdl_fail(error, MDL_BAD_FILE, "%s: tensor `%.200s` is there twice", mdl_weights_file(w, t->file), t->name);
        }
    }
    return MDL_OK;
}

/* ---- opening ---- */

static mdl_weights *begin(const char *name)
{
    mdl_weights *w = calloc(1, sizeof *w);
    if (w == NULL) return NULL;
    w->name = malloc(strlen(name) + 1);
    if (w->name == NULL) {
        free(w);
        return NULL;
    }
    strcpy(w->name, name);
    return w;
}

static bool ends_in(const char *s, const char *end)
{
    const size_t len = strlen(s), n = strlen(end);
    return len >= n && strcmp(s + len - n, end) == 0;
}

/* What a folder holds: its one index, else its one safetensors file. `found` gets the path. */
static mdl_status look_into(const char *folder, Text *found, mdl_error *error)
{
    int  indices = 0, files = 0;
    DIR *d = opendir(folder);
    if (d == NULL) return mdl_fail_system(error, folder);
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        const bool index = ends_in(e->d_name, ".safetensors.index.json");
        if (!index && !ends_in(e->d_name, ".safetensors")) continue;
        const int before = index ? indices++ : files++;
        if (before > 0 || (!index && indices > 0)) continue;
        found->len = 0;
        mdl_put(found, folder);
        mdl_put(found, "/");
        mdl_put(found, e->d_name);
    }
    closedir(d);
    if (indices == 1 || (indices == 0 && files == 1)) return found->failed ? mdl_fail_status(error, MDL_NO_MEMORY) : MDL_OK;
    if (indices + files == 0) {
        return mdl_fail(error, MDL_IO, "%s: the folder has no .safetensors.index.json and no .safetensors file", folder);
    }
    return mdl_fail(error, MDL_IO, "%s: the folder has %d %s: name one of them", folder, indices > 0 ? indices : files,
                    indices > 0 ? ".safetensors.index.json files" : ".safetensors files and no index");
}

/* w->files[0], by what it begins with. */
static mdl_status read_one(mdl_weights *w, mdl_error *error)
{
    return mdl_weights_is_npy(&w->files[0]) ? mdl_weights_read_npy(w, error) : mdl_safetensors_read(w, 0, error);
}

static mdl_status read_files(mdl_weights *w, mdl_error *error)
{
    if (ends_in(w->name, ".index.json")) return mdl_shards_read(w, w->name, error);
    w->files = calloc(1, sizeof *w->files);
    if (w->files == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    const mdl_status status = mdl_input_open(&w->files[0], w->name, error);
    w->nfiles = 1;
    return status == MDL_OK ? read_one(w, error) : status;
}

/* The last step of every way to open: `w` is given out, or freed. */
static mdl_status finish(mdl_weights *w, mdl_status status, mdl_weights **out, mdl_error *error)
{
    if (status == MDL_OK) status = mdl_weights_enter_names(w, error);
    if (status == MDL_OK) *out = w;
    else mdl_weights_close(w);
    return status;
}

mdl_status mdl_weights_open(const char *file, const mdl_weights_options *options, mdl_weights **out, mdl_error *error)
{
    struct stat about;
    Text        found = {0};
    mdl_status  status = MDL_OK;
    *out = NULL;
    if (stat(file, &about) == 0 && S_ISDIR(about.st_mode)) {
        status = look_into(file, &found, error);
        file = mdl_text_z(&found);
    }
    mdl_weights *w = status == MDL_OK ? begin(file) : NULL;
    mdl_text_free(&found);
    if (status != MDL_OK) return status;
    if (w == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    w->no_mmap = options != NULL && options->no_mmap;
    return finish(w, read_files(w, error), out, error);
}

mdl_status mdl_weights_open_memory(const char *name, const void *bytes, size_t size, mdl_weights **out, mdl_error *error)
{
    static const char nothing[1];
    *out = NULL;
    mdl_weights *w = begin(name);
    if (w == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    w->files = calloc(1, sizeof *w->files);
    if (w->files == NULL) return finish(w, mdl_fail_status(error, MDL_NO_MEMORY), out, error);
    w->nfiles = 1;
    w->files[0] = (Input){.name = w->name, .fd = -1, .bytes = bytes != NULL ? bytes : nothing, .size = size};
    return finish(w, read_one(w, error), out, error);
}

/* ---- from elsewhere ---- */

static mdl_status copy_tensor(mdl_weights *w, const mdl_stored *from, mdl_error *error)
{
    mdl_stored  t = *from;
    const char *fault = mdl_weights_name_fault(t.name, t.name_len);
    for (size_t i = 0; fault == NULL && i < t.name_len;) {
        const size_t n = mdl_utf8(t.name + i, t.name_len - i);
        if (n == 0) fault = "bytes that are not UTF-8 in a name";
        i += n;
    }
    if (t.dtype < 0 || t.dtype >= MDL_STORED_DTYPES) fault = "an unknown dtype";
    if (t.rank < 0 || t.rank > MDL_MAX_RANK) fault = "more than 32 axes";
    for (int i = 0; fault == NULL && i < t.rank; i++) {
        if (t.shape[i] < 0) fault = "a negative size";
    }
    if (fault == NULL && !mdl_stored_measure(&t)) fault = "a shape whose size overflows, or ends inside a byte";
    if (fault != NULL) return mdl_fail(error, MDL_BAD_FILE, "%s: tensor %llu: %s", w->name, (unsigned long long)w->count, fault);
    int64_t *shape = mdl_pool_alloc(&w->pool, (size_t)(t.rank + 1) * sizeof *shape);
    if (shape != NULL && t.rank > 0) memcpy(shape, t.shape, (size_t)t.rank * sizeof *shape);
    t.shape = shape;
    t.name = mdl_pool_copy(&w->pool, t.name, t.name_len);
    if (shape != NULL && t.name != NULL && mdl_weights_append(w, &t)) return MDL_OK;
    return mdl_fail_status(error, MDL_NO_MEMORY);
}

mdl_status mdl_weights_wrap(const char *name, const mdl_stored *tensors, size_t count, const mdl_weights_source *source,
                            mdl_weights **out, mdl_error *error)
{
    *out = NULL;
    mdl_weights *w = begin(name);
    if (w == NULL) {
        if (source->close != NULL) source->close(source->context);
        return mdl_fail_status(error, MDL_NO_MEMORY);
    }
    w->source = *source;
    mdl_status status = MDL_OK;
    for (size_t i = 0; status == MDL_OK && i < count; i++) status = copy_tensor(w, &tensors[i], error);
    return finish(w, status, out, error);
}

void mdl_weights_close(mdl_weights *w)
{
    if (w == NULL) return;
    if (w->source.close != NULL) w->source.close(w->source.context);
    for (int32_t i = 0; i < w->nfiles; i++) mdl_input_close(&w->files[i]);
    mdl_names_free(&w->names);
    mdl_pool_free(&w->pool);
    free(w->files);
    free(w->tensors);
    free(w->metadata);
    free(w->name);
    free(w);
}

/* ---- what is in it ---- */

size_t mdl_weights_count(const mdl_weights *w)
{
    return w->count;
}

const mdl_stored *mdl_weights_tensor(const mdl_weights *w, size_t index)
{
    return index < w->count ? &w->tensors[index] : NULL;
}

int64_t mdl_weights_find(const mdl_weights *w, const char *name, size_t len)
{
    return mdl_names_find(&w->names, name, len);
}

const char *mdl_weights_name(const mdl_weights *w)
{
    return w->name;
}

/* Weights from elsewhere have one file, or nobody knows. */
const char *mdl_weights_file(const mdl_weights *w, int32_t file)
{
    if (w->files == NULL) return file == 0 ? w->name : NULL;
    return file >= 0 && file < w->nfiles ? w->files[file].name : NULL;
}

bool mdl_weights_metadata(const mdl_weights *w, size_t index, const char **key, const char **value)
{
    if (index >= w->nmetadata) return false;
    *key = w->metadata[2 * index];
    *value = w->metadata[2 * index + 1];
    return true;
}

/* ---- values ---- */

const void *mdl_weights_data(mdl_weights *w, size_t index)
{
    const mdl_stored *t = mdl_weights_tensor(w, index);
    if (t == NULL || w->files == NULL || w->no_mmap) return NULL;
    const char    *map = mdl_input_map(&w->files[t->file]);
    const unsigned size = mdl_stored_bits(t->dtype) / 8;
    if (map == NULL || (size > 1 && (uintptr_t)(map + t->offset) % size != 0)) return NULL;
    return map + t->offset;
}

mdl_status mdl_weights_bytes(mdl_weights *w, size_t index, uint64_t begin, size_t size, void *out, mdl_error *error)
{
    const mdl_stored *t = mdl_weights_tensor(w, index);
    if (t == NULL || begin > t->bytes || size > t->bytes - begin) {
        return mdl_fail(error, MDL_USAGE, "%s: bytes are asked for that the tensor does not have", w->name);
    }
    if (w->files == NULL) return w->source.read(w->source.context, index, begin, size, out, error);
    return mdl_input_read(&w->files[t->file], t->offset + begin, out, size, error);
}

bool mdl_stored_converts(int32_t from, mdl_dtype to)
{
    if (from > MDL_BOOL || from < 0) return false;
    return from == (int32_t)to || (mdl_is_float((mdl_dtype)from) ? mdl_is_float(to) : to == MDL_FLOAT32 || to == MDL_FLOAT64);
}

mdl_status mdl_weights_read(mdl_weights *w, size_t index, mdl_dtype dtype, uint64_t first, uint64_t count, void *out,
                            mdl_error *error)
{
    const mdl_stored *t = mdl_weights_tensor(w, index);
    if (t == NULL || first > t->elements || count > t->elements - first || count > SIZE_MAX / 8) {
        return mdl_fail(error, MDL_USAGE, "%s: elements are asked for that the tensor does not have", w->name);
    }
    if (!mdl_stored_converts(t->dtype, dtype)) {
        return mdl_fail(error, MDL_USAGE, "%s: tensor `%.200s` is %s, which does not become %s", w->name, t->name,
                        mdl_stored_name(t->dtype), mdl_dtype_name(dtype));
    }
    const uint64_t size = mdl_stored_bits(t->dtype) / 8;
    if (t->dtype == (int32_t)dtype) return mdl_weights_bytes(w, index, first * size, (size_t)(count * size), out, error);
    enum { STEP = 1 << 16 };
    void      *piece = malloc((size_t)(count < STEP ? count : STEP) * size + 1);
    mdl_status status = piece != NULL ? MDL_OK : mdl_fail_status(error, MDL_NO_MEMORY);
    for (uint64_t at = 0; status == MDL_OK && at < count; at += STEP) {
        const size_t n = count - at < STEP ? (size_t)(count - at) : STEP;
        status = mdl_weights_bytes(w, index, (first + at) * size, n * (size_t)size, piece, error);
        if (status == MDL_OK) mdl_convert((mdl_dtype)t->dtype, piece, dtype, (char *)out + at * mdl_dtype_size(dtype), n);
    }
    free(piece);
    return status;
}
