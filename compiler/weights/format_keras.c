/* Keras' archives: a zip that holds model.weights.h5 beside the model's description. Only the weights are looked at. They are
 * unpacked into a temporary file, which the HDF5 helper reads and which loses its name as soon as that has opened it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format_h5.h"
#include "zipfile.h"

static const char weights[] = "model.weights.h5";

/* A temporary file. libhdf5 opens it by a name, so it must keep it for a while. */
typedef struct Scratch {
    char  name[256];
    FILE *file;
} Scratch;

static mdl_status scratch_make(Scratch *s, const char *file, mdl_error *error)
{
    const char *folder = getenv("TMPDIR");
    snprintf(s->name, sizeof s->name, "%.200s/mdlc-XXXXXX", folder && *folder ? folder : "/tmp");
    const int fd = mkstemp(s->name);
    s->file = fd < 0 ? NULL : fdopen(fd, "w+b");
    if (s->file) return MDL_OK;
    mdl_fail(error, MDL_IO, "%s: cannot make a temporary file: %s", file, strerror(errno));
    if (fd >= 0) {
        unlink(s->name);
        close(fd);
    }
    return MDL_IO;
}

static void scratch_close(Scratch *s)
{
    unlink(s->name);
    fclose(s->file);
}

/* A member in memory, freed by the caller. */
static void *member_bytes(ZipFile *zip, size_t index, mdl_error *error)
{
    const ZipMember *m = zip_file_member(zip, index);
    void            *bytes = malloc((size_t)m->size + 1);
    if (!bytes) {
        mdl_fail(error, MDL_NO_MEMORY, "`%s` needs more memory than there is", m->name);
        return NULL;
    }
    if (zip_file_read(zip, index, bytes, (size_t)m->size, error) == MDL_OK) return bytes;
    free(bytes);
    return NULL;
}

static mdl_status open_weights(Checkpoint *c, ZipFile *zip, mdl_error *error)
{
    const int64_t member = zip_file_find(zip, weights);
    if (member < 0) return bad_file(c, error, "the archive has no member %s", weights);
    const size_t size = (size_t)zip_file_member(zip, (size_t)member)->size;
    void        *bytes = member_bytes(zip, (size_t)member, error);
    Scratch      s;
    if (!bytes || scratch_make(&s, c->file, error) != MDL_OK) {
        free(bytes);
        return error->status;
    }
    const bool written = fwrite(bytes, 1, size, s.file) == size && !fflush(s.file);
    free(bytes);
    const mdl_status status =
        written ? h5_open_fd(c, fileno(s.file), error) : mdl_fail(error, MDL_IO, "%s: cannot write a temporary file", c->file);
    scratch_close(&s);
    return status;
}

mdl_status keras_open(Checkpoint *c, mdl_error *error)
{
    ZipFile   *zip;
    mdl_error  why = {0};
    mdl_status status = zip_file_open(c->arena, c->file, NULL, &zip, error);
    if (status != MDL_OK) return status;
    status = open_weights(c, zip, &why);
    if (status != MDL_OK) mdl_fail(error, status, "%s", why.message);
    zip_file_close(zip);
    return status;
}

/* ---- writing: the archive `like`, with other weights ---- */

static mdl_status write_weights(ZipWriter *out, const char *file, const char *member, const Saving *s, mdl_error *error)
{
    Scratch    scratch;
    mdl_status status = scratch_make(&scratch, file, error);
    if (status != MDL_OK) return status;
    status = h5_write_fd(file, fileno(scratch.file), s, error);
    if (status == MDL_OK) {
        const long size = fseek(scratch.file, 0, SEEK_END) ? -1 : ftell(scratch.file);
        char      *bytes = size < 0 ? NULL : malloc((size_t)size + 1);
        rewind(scratch.file);
        if (!bytes || fread(bytes, 1, (size_t)size, scratch.file) != (size_t)size) {
            status = mdl_fail(error, MDL_IO, "%s: cannot read a temporary file back", file);
        }
        if (status == MDL_OK) status = zip_write_member(out, member, NULL, 0, bytes, (uint64_t)size, error);
        free(bytes);
    }
    scratch_close(&scratch);
    return status;
}

static mdl_status copy_members(ZipFile *zip, ZipWriter *out, const char *file, const Saving *s, mdl_error *error)
{
    const int64_t place = zip_file_find(zip, weights);
    mdl_status status = place < 0 ? mdl_fail(error, MDL_BAD_FILE, "%s: the archive has no member %s", s->like, weights) : MDL_OK;
    for (size_t i = 0; i < zip_file_count(zip) && status == MDL_OK; i++) {
        const ZipMember *m = zip_file_member(zip, i);
        if ((int64_t)i == place) {
            status = write_weights(out, file, m->name, s, error);
            continue;
        }
        void *bytes = member_bytes(zip, i, error);
        status = bytes ? zip_write_member(out, m->name, NULL, 0, bytes, m->size, error) : error->status;
        free(bytes);
    }
    return status;
}

mdl_status keras_write(const char *file, const Saving *s, mdl_error *error)
{
    ZipFile   *zip;
    ZipWriter *out;
    mdl_error  why = {0};
    if (!s->like) {
        return mdl_fail(error, MDL_USAGE,
                        "%s: a .keras file holds the model's description beside its weights, which mdlc cannot write; "
                        "give an archive of the same model whose weights are replaced: --like FILE.keras",
                        file);
    }
    mdl_status status = zip_file_open(s->arena, s->like, NULL, &zip, error);
    if (status != MDL_OK) return status;
    status = zip_write_begin(s->arena, file, &out, error);
    if (status == MDL_OK) {
        status = copy_members(zip, out, file, s, &why);
        if (status != MDL_OK) mdl_fail(error, status, "%s", why.message);
        status = zip_write_end(out, status, error);
    }
    zip_file_close(zip);
    return status;
}
