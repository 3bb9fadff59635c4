/* Weight files: tensors under names, with neither a model nor a compiler. A part of libmdl; libc alone.
 *
 * This prints what a file holds, and the first value of each tensor:
 *
 *     mdl_weights *w;
 *     mdl_error    error;
 *     if (mdl_weights_open("model.safetensors.index.json", NULL, &w, &error) != MDL_OK) return complain(&error);
 *     for (size_t i = 0; i < mdl_weights_count(w); i++) {
 *         const mdl_stored *t = mdl_weights_tensor(w, i);
 *         double            first = 0;
 *         if (t->elements > 0) mdl_weights_read(w, i, MDL_FLOAT64, 0, 1, &first, NULL);
 *         printf("%s %s %g\n", t->name, mdl_stored_name(t->dtype), first);
 *     }
 *     mdl_weights_close(w);
 *
 * Files are not trusted: every length, offset, count and name is checked before it is used, and what is wrong with a file is an
 * error that names the byte. Opening reads headers alone, so that it takes no longer for a hundred gigabytes than for one.
 *
 * Every function that can fail returns a status and fills `error`, which may be NULL. Objects belong to one thread at a time. */
#ifndef MDL_WEIGHTS_H
#define MDL_WEIGHTS_H

#include "mdl.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- dtypes ---- */

/* What a file may hold beyond mdl_dtype. Such tensors can be listed and copied byte for byte, but not converted. */
enum {
    MDL_U16 = MDL_BOOL + 1, MDL_U32, MDL_U64, MDL_C64, MDL_F8_E4M3, MDL_F8_E5M2, MDL_F8_E8M0, MDL_F8_E4M3FNUZ, MDL_F8_E5M2FNUZ,
    MDL_F6_E2M3, MDL_F6_E3M2, MDL_F4, MDL_STORED_DTYPES
};

/* The dtype as safetensors spell it: "F32". */
MDL_API const char *mdl_stored_name(int32_t dtype);
/* Bits of one element: 4, 6, 8, 16, 32 or 64. */
MDL_API unsigned mdl_stored_bits(int32_t dtype);
/* The dtype that safetensors call `name`; -1 if there is none. */
MDL_API int32_t mdl_stored_of(const char *name);

/* ---- reading ---- */

typedef struct mdl_weights mdl_weights; /* an open file, or an open set of files */

/* A tensor in a file: row-major, little-endian, dense. It belongs to the mdl_weights and lives as long. */
typedef struct mdl_stored {
    const char    *name; /* UTF-8, 1 to 1,024 bytes, without control characters; ends in a NUL */
    size_t         name_len;
    int32_t        dtype; /* an mdl_dtype if it is <= MDL_BOOL, else MDL_U16 to MDL_F4 */
    int            rank;  /* 0 (a scalar) to MDL_MAX_RANK */
    const int64_t *shape; /* rank sizes, each >= 0 */
    uint64_t       elements, bytes;
    int32_t        file;   /* the place of its file in mdl_weights_file */
    uint64_t       offset; /* where its bytes begin in that file */
} mdl_stored;

/* Zero is the default. */
typedef struct mdl_weights_options {
    bool no_mmap; /* never map: mdl_weights_data gives NULL. A mapped file that somebody shortens kills the process (SIGBUS) */
} mdl_weights_options;

/* Opens a .safetensors file; or a set of them by its .index.json; or a folder that has one of either. `*w` is NULL after a
 * failure: MDL_IO if it can't be read, MDL_BAD_FILE if it is not what it should be. `options` may be NULL. */
MDL_API mdl_status mdl_weights_open(const char *file, const mdl_weights_options *options, mdl_weights **w, mdl_error *error);
/* The same from bytes of a .safetensors file, which must outlive `*w`; `name` stands for the file in messages and is copied. */
MDL_API mdl_status mdl_weights_open_memory(const char *name, const void *bytes, size_t size, mdl_weights **w,
                                           mdl_error *error);
/* Frees it with all that it gave out, pointers from mdl_weights_data as well. NULL is fine. */
MDL_API void mdl_weights_close(mdl_weights *w);

/* The tensors, in the order of the header (of a set: file by file, as the index first names them). NULL beyond the last. */
MDL_API size_t            mdl_weights_count(const mdl_weights *w);
MDL_API const mdl_stored *mdl_weights_tensor(const mdl_weights *w, size_t index);
/* The place of a tensor by its name of `len` bytes; -1 if there is none. */
MDL_API int64_t mdl_weights_find(const mdl_weights *w, const char *name, size_t len);

/* What it was opened by; and the files it is read from, NULL beyond the last. */
MDL_API const char *mdl_weights_name(const mdl_weights *w);
MDL_API const char *mdl_weights_file(const mdl_weights *w, int32_t file);
/* The pairs of `__metadata__`, of all files in their order; false beyond the last. */
MDL_API bool mdl_weights_metadata(const mdl_weights *w, size_t index, const char **key, const char **value);

/* The bytes of a tensor without a copy, read-only, until `w` is closed. NULL if they can't be had like that (not mapped, or
 * not at a multiple of the element's size): then mdl_weights_read. */
MDL_API const void *mdl_weights_data(mdl_weights *w, size_t index);
/* Bytes [begin, begin + size) of a tensor as they are stored. */
MDL_API mdl_status mdl_weights_bytes(mdl_weights *w, size_t index, uint64_t begin, size_t size, void *out, mdl_error *error);
/* Elements [first, first + count) of a tensor as `dtype`. Floats become other floats, rounded to nearest even; integers and bool
 * become float32 or float64, rounded; every other change of dtype is refused with MDL_USAGE. */
MDL_API mdl_status mdl_weights_read(mdl_weights *w, size_t index, mdl_dtype dtype, uint64_t first, uint64_t count, void *out,
                                    mdl_error *error);
/* Whether mdl_weights_read makes `to` from the stored dtype `from`. */
MDL_API bool mdl_stored_converts(int32_t from, mdl_dtype to);

/* ---- weights from elsewhere ---- */

/* Where tensors come from that are in no safetensors file: a reader of another format. `read` is mdl_weights_bytes with a
 * context; `close` (may be NULL) is called when the mdl_weights is closed, or could not be made. */
typedef struct mdl_weights_source {
    void *context;
    mdl_status (*read)(void *context, size_t index, uint64_t begin, size_t size, void *out, mdl_error *error);
    void (*close)(void *context);
} mdl_weights_source;

/* An mdl_weights of these tensors. They are copied and checked: names must differ and be as described at mdl_stored, `elements`
 * and `bytes` are computed, `file` and `offset` are kept for whoever asks. */
MDL_API mdl_status mdl_weights_wrap(const char *name, const mdl_stored *tensors, size_t count,
                                    const mdl_weights_source *source, mdl_weights **w, mdl_error *error);

/* ---- writing ---- */

/* What will be written, in this order; of a tensor its name, dtype, rank and shape are read. Wider dtypes first keep all
 * aligned, so that they can be mapped. */
typedef struct mdl_weights_plan {
    const mdl_stored  *tensors;
    size_t             count;
    const char *const *metadata;   /* key, value, key, value, ..., NULL; or NULL */
    uint64_t           shard_size; /* at most so many bytes of tensors in a file, or one larger tensor; 0: one file */
} mdl_weights_plan;

typedef struct mdl_weights_writer mdl_weights_writer;

/* Begins a file. Nothing is seen under its name until mdl_weights_finish: until then there is a temporary file beside it,
 * NAME.saving-PID-N.tmp, which the next save of NAME removes if this process is killed.
 * With a shard size, and more tensors than fit one file, `file` ("model.safetensors", or "model.safetensors.index.json") becomes
 * the index "model.safetensors.index.json" of files "model-00001-of-00004.safetensors". The index changes last, and at once from
 * the old set to the new one: where files of those names are there already, the new ones are "model.2-00001-of-...", and the
 * files of the set that was replaced are removed afterwards. */
MDL_API mdl_status mdl_weights_create(const char *file, const mdl_weights_plan *plan, mdl_weights_writer **writer,
                                      mdl_error *error);
/* The next bytes: the tensors' bytes follow each other in the order of the plan, in pieces of any size. MDL_USAGE if there are
 * more than the plan has. */
MDL_API mdl_status mdl_weights_write(mdl_weights_writer *writer, const void *bytes, size_t size, mdl_error *error);
/* Makes it durable and gives it its name; frees the writer. Whatever fails, the old file is whole and the temporary one gone.
 * MDL_USAGE if bytes are missing. */
MDL_API mdl_status mdl_weights_finish(mdl_weights_writer *writer, mdl_error *error);
/* Gives up: frees the writer, and leaves everything as it was. NULL is fine. */
MDL_API void mdl_weights_abandon(mdl_weights_writer *writer);

#ifdef __cplusplus
}
#endif
#endif
