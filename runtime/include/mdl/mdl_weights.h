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

/* Opens a .safetensors file; or a set of them by its .index.json; or a folder that has one of either; or a .npy file, which is one
 * tensor that is called as the file without its ending. `*w` is NULL after a failure: MDL_IO if it can't be read, MDL_BAD_FILE if
 * it is not what it should be. `options` may be NULL. */
MDL_API mdl_status mdl_weights_open(const char *file, const mdl_weights_options *options, mdl_weights **w, mdl_error *error);
/* The same from bytes of a .safetensors or .npy file, which must outlive `*w`; `name` stands for the file in messages and is copied. */
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

/* ---- mapping files: which tensors make which variables, where names differ (docs/weights.md has the grammar) ---- */

typedef struct mdl_mapping mdl_mapping;

/* Reads a mapping file, or its text; `name` stands for the file in messages. MDL_BAD_FILE names the line and what is wrong with
 * it. Free `*mapping`, which is NULL after a failure, with mdl_mapping_free. */
MDL_API mdl_status mdl_mapping_read(const char *file, mdl_mapping **mapping, mdl_error *error);
MDL_API mdl_status mdl_mapping_parse(const char *name, const char *text, size_t len, mdl_mapping **mapping, mdl_error *error);
MDL_API void       mdl_mapping_free(mdl_mapping *mapping); /* NULL is fine */
/* Writes a tensor's or variable's name as a mapping file has it: as it is, or in quotes. False if `write` stops. */
MDL_API bool mdl_mapping_name(const char *name, size_t len, mdl_write *write, void *context);

/* ---- the fit: a file's tensors beside a model's variables ---- */

typedef enum mdl_fault_kind {
    MDL_FAULT_MISSING,     /* no tensor for a variable */
    MDL_FAULT_UNEXPECTED,  /* no variable for a tensor */
    MDL_FAULT_SHAPE,       /* they have different shapes, */
    MDL_FAULT_TRANSPOSED,  /*   but with the axes in another order the same one */
    MDL_FAULT_DTYPE,       /* they have different dtypes, which are not converted */
    MDL_FAULT_RENAMED,     /* missing; a tensor that is unexpected has its type and a similar name */
    MDL_FAULT_DUPLICATE,   /* two tensors for one variable, with the same values */
    MDL_FAULT_TIED,        /* two tensors for one variable, with different values */
    MDL_FAULT_NOT_FINITE,  /* a value is NaN or infinite */
    MDL_FAULT_MAPPING,     /* a rule of the mapping file does not work out */
} mdl_fault_kind;

/* The word for it: "missing", "wrong shape", ... */
MDL_API const char *mdl_fault_name(mdl_fault_kind kind);

typedef struct mdl_fault {
    mdl_fault_kind kind;
    bool           blocks;   /* the file can't be loaded because of it; else it is a note */
    int32_t        variable; /* its place in the registry; -1: none */
    int64_t        tensor;   /* its place in the file; -1: none */
    const char    *message;  /* one line: "`hidden.bias` float32[2] is not in the file" */
    const char    *source;   /* where the variable's layer was created: "mlp.mdl:12"; "" if that is unknown */
    const char    *fix;      /* what to do: one line */
} mdl_fault;

/* Zero is the default: strict. */
typedef struct mdl_fit_options {
    const mdl_mapping *mapping; /* NULL: by paths and aliases alone */
    bool               partial; /* what is missing or unexpected is noted, and left */
    bool               cast;    /* floats of one dtype are converted to another */
    bool               values;  /* looks at the values too: NaN, infinities. Else of no tensor more than its type is read (but
                                 * of two that are for one variable) */
} mdl_fit_options;

typedef struct mdl_fit mdl_fit;

/* Lays them beside each other. MDL_OK whatever is found; a failure says that it could not be found out. `w`, the registry and the
 * mapping must outlive `*fit`. `options` may be NULL. */
MDL_API mdl_status mdl_fit_make(mdl_registry *r, mdl_weights *w, const mdl_fit_options *options, mdl_fit **fit,
                                mdl_error *error);
MDL_API void mdl_fit_free(mdl_fit *fit); /* NULL is fine */

/* What was found, in the order of the manifest and then of the file; NULL beyond the last. They live as long as `fit`. */
MDL_API const mdl_fault *mdl_fit_fault(const mdl_fit *fit, size_t index);
/* How many of them block. With none, every variable has a tensor, or was left because of `partial` or the mapping. */
MDL_API size_t mdl_fit_blocking(const mdl_fit *fit);
/* MDL_OK if none blocks; else MDL_BAD_FILE, and the message lists the faults, as many as it holds. */
MDL_API mdl_status mdl_fit_check(const mdl_fit *fit, mdl_error *error);
/* The report, in lines (MDL_TEXT) or after docs/weights.schema.json (MDL_JSON). MDL_IO if `write` stops. */
MDL_API mdl_status mdl_fit_print(const mdl_fit *fit, mdl_manifest_format format, mdl_write *write, void *context,
                                 mdl_error *error);

/* Whether the file has values for a variable. */
MDL_API bool mdl_fit_holds(const mdl_fit *fit, int32_t variable);
/* They, in the variable's dtype and shape: without a copy (read-only, as long as the mdl_weights; NULL if that can't be), or
 * into `out`, which has room for the variable's bytes. */
MDL_API const void *mdl_fit_data(const mdl_fit *fit, int32_t variable);
MDL_API mdl_status  mdl_fit_read(const mdl_fit *fit, int32_t variable, void *out, mdl_error *error);

/* ---- models ---- */

/* Loads a model from a file that was laid beside its registry, if nothing blocks. What the file doesn't have keeps its value; if
 * there is none yet, it gets the first one of `seed`.
 * With `in_place`, values are used where the file is mapped, if their dtype and alignment allow; then the mdl_weights must stay
 * open as long as the model has them, and they must not be written to. (In memory given by mdl_model_bind they are copied.) */
MDL_API mdl_status mdl_model_load_fit(mdl_model *m, const mdl_fit *fit, bool in_place, uint64_t seed, mdl_error *error);

typedef struct mdl_save_options {
    uint64_t           shard_size; /* of mdl_weights_plan */
    const char *const *metadata;
    bool               cast;       /* floats are stored as `dtype` */
    mdl_dtype          dtype;      /* a float's */
    const uint64_t    *seed;       /* not NULL: the first values of this seed, without keeping them in memory */
    bool               prepared;   /* also what mdl_model_prepare computes, as the tensor `mdl.prepared`: a model that loads the file
                                    * computes nothing. Other programs ignore it; without `cast` and `seed` */
} mdl_save_options;

/* Saves as mdl_model_save does. `options` may be NULL. */
MDL_API mdl_status mdl_model_save_as(mdl_model *m, const char *file, const mdl_save_options *options, mdl_error *error);

#ifdef __cplusplus
}
#endif
#endif
