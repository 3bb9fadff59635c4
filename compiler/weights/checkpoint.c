#include "checkpoint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"

mdl_status bad_file(const Checkpoint *c, mdl_error *error, const char *fmt, ...)
{
    va_list ap;
    char    text[sizeof error->message];
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return mdl_fail(error, MDL_BAD_FILE, "%s: %s", c->file, text);
}

/* ---- opening ---- */

mdl_status checkpoint_open(Arena *a, const WeightsHost *host, const char *file, Checkpoint **out, mdl_error *error)
{
    *out = NULL;
    const Format *format = NULL;
    mdl_status    status = format_of_file(a, file, &format, error);
    if (status != MDL_OK) return status;
    Checkpoint *c = arena_new(a, Checkpoint);
    *c = (Checkpoint){.arena = a, .host = host, .file = file, .format = format};
    status = format->open(c, error);
    if (status != MDL_OK) checkpoint_close(c);
    else *out = c;
    return status;
}

void checkpoint_close(Checkpoint *c)
{
    if (!c) return;
    mdl_weights_close(c->weights);
    c->weights = NULL;
    if (c->close) c->close(c);
    c->close = NULL;
    free(c->cached);
    c->cached = NULL;
}

/* ---- tensors ---- */

const char *tensor_type(const FileTensor *t)
{
    if (t->opaque) return t->opaque;
    if (t->is.dtype <= MDL_BOOL) return mdl_dtype_name((mdl_dtype)t->is.dtype);
    switch (t->is.dtype) {
    case MDL_U16: return "uint16";
    case MDL_U32: return "uint32";
    case MDL_U64: return "uint64";
    case MDL_C64: return "complex64";
    default: return mdl_stored_name(t->is.dtype);
    }
}

int64_t checkpoint_find(const Checkpoint *c, const char *name) { return mdl_weights_find(c->weights, name, strlen(name)); }

static mdl_status readable(const Checkpoint *c, size_t index, mdl_error *error)
{
    const FileTensor *t = &c->tensors.at[index];
    if (!t->opaque) return MDL_OK;
    return bad_file(c, error,
                    "tensor `%s` is quantised (%s): its values can be listed but not read; convert the file to F16 or F32 "
                    "with the tool that made it",
                    t->is.name, t->opaque);
}

mdl_status checkpoint_bytes(Checkpoint *c, size_t index, uint64_t begin, size_t size, void *out, mdl_error *error)
{
    const mdl_status status = readable(c, index, error);
    return status == MDL_OK ? mdl_weights_bytes(c->weights, index, begin, size, out, error) : status;
}

mdl_status checkpoint_numbers(Checkpoint *c, size_t index, uint64_t first, uint64_t count, double *out, mdl_error *error)
{
    const mdl_stored *t = &c->tensors.at[index].is;
    mdl_status        status = readable(c, index, error);
    if (status != MDL_OK) return status;
    if (mdl_stored_converts(t->dtype, MDL_FLOAT64)) {
        return mdl_weights_read(c->weights, index, MDL_FLOAT64, first, count, out, error);
    }
    if (t->dtype != MDL_U16 && t->dtype != MDL_U32 && t->dtype != MDL_U64) {
        return bad_file(c, error, "tensor `%s` has the dtype %s, which cannot be read as numbers", t->name,
                        tensor_type(&c->tensors.at[index]));
    }
    const size_t   size = mdl_stored_bits(t->dtype) / 8;
    unsigned char *raw = malloc((size_t)count * size + 1);
    if (!raw) return mdl_fail(error, MDL_NO_MEMORY, "not enough memory");
    status = mdl_weights_bytes(c->weights, index, first * size, (size_t)count * size, raw, error);
    for (uint64_t i = 0; status == MDL_OK && i < count; i++) {
        uint64_t v = 0;
        for (size_t k = size; k-- > 0;) v = v << 8 | raw[i * size + k];
        out[i] = (double)v;
    }
    free(raw);
    return status;
}

/* ---- for readers ---- */

void checkpoint_add(Checkpoint *c, const char *name, size_t len, int32_t dtype, int rank, const int64_t *shape,
                    const char *opaque, uint64_t bytes)
{
    int64_t *copy = arena_array(c->arena, int64_t, (size_t)rank + 1);
    for (int i = 0; i < rank; i++) copy[i] = shape[i];
    const mdl_stored is = {.name = arena_copy(c->arena, name, len), .name_len = len, .dtype = opaque ? MDL_UINT8 : dtype,
                           .rank = rank, .shape = copy, .bytes = bytes};
    vec_push(c->arena, &c->tensors, (FileTensor){is, opaque});
}

/* Pieces of the tensor that was loaded last come from memory: most who read one piece read the next. */
static mdl_status read_piece(void *context, size_t index, uint64_t begin, size_t size, void *out, mdl_error *error)
{
    Checkpoint *c = context;
    const mdl_stored *t = mdl_weights_tensor(c->weights, index);
    if (begin == 0 && size == t->bytes) return c->load(c, index, out, error);
    if (!c->cached || c->cached_index != index) {
        free(c->cached);
        c->cached = malloc((size_t)t->bytes + 1);
        if (!c->cached) {
            return mdl_fail(error, MDL_NO_MEMORY, "%s: tensor `%s` needs %llu bytes of memory, which are not there", c->file,
                            t->name, (unsigned long long)t->bytes);
        }
        const mdl_status status = c->load(c, index, c->cached, error);
        if (status != MDL_OK) {
            free(c->cached);
            c->cached = NULL;
            return status;
        }
        c->cached_index = index;
    }
    if (size) memcpy(out, (const char *)c->cached + begin, size);
    return MDL_OK;
}

mdl_status checkpoint_ready(Checkpoint *c, mdl_error *error)
{
    const size_t              n = c->tensors.len;
    mdl_stored               *seen = arena_array(c->arena, mdl_stored, n + 1);
    int64_t                  *sizes = arena_array(c->arena, int64_t, n + 1);
    const mdl_weights_source source = {c, read_piece, NULL};
    for (size_t i = 0; i < n; i++) {
        seen[i] = c->tensors.at[i].is;
        if (!c->tensors.at[i].opaque) continue;
        sizes[i] = (int64_t)seen[i].bytes;
        seen[i].rank = 1;
        seen[i].shape = &sizes[i];
    }
    const mdl_status status = mdl_weights_wrap(c->file, seen, n, &source, &c->weights, error);
    for (size_t i = 0; status == MDL_OK && i < n; i++) {
        FileTensor *t = &c->tensors.at[i];
        const mdl_stored *w = mdl_weights_tensor(c->weights, i);
        t->is.bytes = w->bytes;
        t->is.elements = w->elements;
        if (!t->opaque) continue;
        t->is.elements = 1;
        for (int k = 0; k < t->is.rank; k++) t->is.elements *= (uint64_t)t->is.shape[k]; /* its reader has checked the product */
    }
    return status;
}
