/* NumPy's archives: a zip of .npy files. */
#include "format_npz.h"

#include <stdlib.h>
#include <string.h>

#include "npy_values.h"
#include "zipfile.h"

typedef struct NpzFile {
    ZipFile *zip;
    VEC(size_t) members; /* of each tensor */
} NpzFile;

static void close_file(Checkpoint *c) { zip_file_close(((NpzFile *)c->reader)->zip); }

/* All of a member in memory; freed by the caller. */
static mdl_status read_member(Checkpoint *c, ZipFile *zip, size_t member, Input *in, mdl_error *error)
{
    const ZipMember *m = zip_file_member(zip, member);
    char            *bytes = malloc((size_t)m->size + 1);
    if (!bytes) return mdl_fail(error, MDL_NO_MEMORY, "%s: `%s` needs more memory than there is", c->file, m->name);
    *in = (Input){.name = m->name, .bytes = bytes, .size = m->size};
    return zip_file_read(zip, member, bytes, (size_t)m->size, error);
}

static mdl_status load(Checkpoint *c, size_t index, void *out, mdl_error *error)
{
    NpzFile   *f = c->reader;
    Input      in = {0};
    NpyHeader  h;
    mdl_status status = read_member(c, f->zip, f->members.at[index], &in, error);
    if (status == MDL_OK) status = mdl_npy_header(&in, &h, error);
    if (status == MDL_OK) status = npy_values(c, &in, &h, out, error);
    free((void *)in.bytes);
    return status;
}

/* The header of one member, without its elements. */
static mdl_status read_header(Checkpoint *c, ZipFile *zip, size_t member, NpyHeader *h, mdl_error *error)
{
    const ZipMember *m = zip_file_member(zip, member);
    unsigned char    prefix[NPY_PREFIX] = {0};
    const size_t     first = m->size < NPY_PREFIX ? (size_t)m->size : NPY_PREFIX;
    mdl_status       status = zip_file_read(zip, member, prefix, first, error);
    if (status != MDL_OK) return status;
    const size_t len = npy_header_length(prefix, first);
    if (!len || len > m->size) return bad_file(c, error, "the member `%s` is no .npy file: its header is damaged", m->name);
    char *bytes = malloc(len < NPY_PREFIX ? NPY_PREFIX : len);
    if (!bytes) return mdl_fail(error, MDL_NO_MEMORY, "not enough memory");
    status = zip_file_read(zip, member, bytes, len, error);
    if (status == MDL_OK) {
        mdl_error why = {0};
        Input in = {.name = m->name, .bytes = bytes, .size = m->size}; /* the header's reader looks at the header alone */
        status = mdl_npy_header(&in, h, &why);
        if (status != MDL_OK) status = bad_file(c, error, "%s", why.message);
    }
    free(bytes);
    return status;
}

mdl_status npz_open_zip(Checkpoint *c, ZipFile *zip, mdl_error *error)
{
    NpzFile *f = arena_new(c->arena, NpzFile);
    f->zip = zip;
    c->reader = f;
    c->close = close_file;
    c->load = load;
    for (size_t i = 0; i < zip_file_count(zip); i++) {
        const ZipMember *m = zip_file_member(zip, i);
        NpyHeader        h;
        if (!name_ends(m->name, ".npy")) return bad_file(c, error, "the member `%s` is no .npy file", m->name);
        const mdl_status status = read_header(c, zip, i, &h, error);
        if (status != MDL_OK) return status;
        vec_push(c->arena, &f->members, i);
        checkpoint_add(c, m->name, strlen(m->name) - 4, npy_stored_dtype(&h), h.rank, h.shape, NULL, 0);
    }
    return checkpoint_ready(c, error);
}
