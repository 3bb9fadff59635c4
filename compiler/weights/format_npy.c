/* A single .npy file: one tensor, called as the file. */
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
