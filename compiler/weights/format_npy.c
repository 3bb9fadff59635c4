/* A single .npy file: one tensor, called as the file. */
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "npy_values.h"

typedef struct NpyFile {
    Input     in;
    NpyHeader header;
} NpyFile;

static void close_file(Checkpoint *c) { mdl_input_close(&((NpyFile *)c->reader)->in); }

static mdl_status load(Checkpoint *c, size_t index, void *out, mdl_error *error)
{
    NpyFile *f = c->reader;
    (void)index;
    return npy_values(c, &f->in, &f->header, out, error);
}

mdl_status npy_open(Checkpoint *c, mdl_error *error)
{
    NpyFile   *f = arena_new(c->arena, NpyFile);
    mdl_status status = mdl_input_open(&f->in, c->file, error);
    if (status != MDL_OK) return status;
    c->reader = f;
    c->close = close_file;
    c->load = load;
    status = mdl_npy_header(&f->in, &f->header, error);
    if (status != MDL_OK) return status;
    const char *slash = strrchr(c->file, '/'), *name = slash ? slash + 1 : c->file;
    size_t      len = strlen(name);
    if (name_ends(name, ".npy") && len > 4) len -= 4;
    checkpoint_add(c, name, len, npy_stored_dtype(&f->header), f->header.rank, f->header.shape, NULL, 0);
    return checkpoint_ready(c, error);
}

mdl_status npy_write(const char *file, const Saving *s, mdl_error *error)
{
    if (s->count != 1) {
        return mdl_fail(error, MDL_USAGE, "%s: a .npy file holds one tensor, and there are %zu; write an .npz", file, s->count);
    }
    size_t      len;
    const char *head = npy_header_text(s->arena, s->tensors, &len, error);
    void       *values = head ? saving_values(s, 0, error) : NULL;
    if (!values) return error->status;
    Output     out;
    mdl_status status = mdl_output_open(&out, file, error);
    if (status == MDL_OK) {
        status = mdl_output_write(&out, head, len, error);
        if (status == MDL_OK) status = mdl_output_write(&out, values, (size_t)s->tensors[0].bytes, error);
        status = mdl_output_close(&out, status, error);
    }
    free(values);
    return status;
}
