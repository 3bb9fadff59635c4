/* The formats of weight files: a row each. */
#ifndef MDLC_FORMAT_H
#define MDLC_FORMAT_H

#include <stdbool.h>

#include "checkpoint.h"

/* What is to be written, in this order; the values of a tensor are asked for when its turn comes. */
typedef struct Saving {
    Arena             *arena;
    const WeightsHost *host;
    const mdl_stored  *tensors; /* name, dtype, rank, shape, bytes */
    size_t             count;
    const TextPair    *metadata;
    size_t             nmetadata;
    const NamedGroup  *groups; /* of HDF5: names of layers */
    size_t             ngroups;
    const char        *like;   /* the archive whose weights are replaced: .keras */
    mdl_status (*values)(void *context, size_t index, void *out, mdl_error *error); /* all of tensor `index` */
    void *context;
} Saving;

struct Format {
    const char        *name;       /* "safetensors" */
    const char        *extensions; /* ".pt .bin": the first is the usual one */
    /* Whether the file begins as one of this format: `len` bytes at `head`. */
    bool (*begins)(const unsigned char *head, size_t len);
    const char *member; /* of formats that are zip archives: how the name of a member ends that shows which one it is */
    mdl_status (*open)(Checkpoint *c, mdl_error *error);
    mdl_status (*write)(const char *file, const Saving *s, mdl_error *error); /* NULL: read only */
};

/* By what is in the file, whatever its name is. */
mdl_status format_of_file(Arena *a, const char *file, const Format **format, mdl_error *error);
/* By the name of a file that is to be written. */
mdl_status format_of_name(const char *file, const Format **format, mdl_error *error);
/* Of all that can be read or written: "safetensors (.safetensors), ...", for help and messages. */
const char *format_list(Arena *a, bool writable);

/* ---- the rows ---- */
mdl_status safetensors_open(Checkpoint *c, mdl_error *error);
mdl_status safetensors_write(const char *file, const Saving *s, mdl_error *error);
mdl_status npy_open(Checkpoint *c, mdl_error *error);
mdl_status npy_write(const char *file, const Saving *s, mdl_error *error);
mdl_status npz_open(Checkpoint *c, mdl_error *error);
mdl_status npz_write(const char *file, const Saving *s, mdl_error *error);
mdl_status h5_open(Checkpoint *c, mdl_error *error);
mdl_status h5_write(const char *file, const Saving *s, mdl_error *error);
mdl_status keras_open(Checkpoint *c, mdl_error *error);
mdl_status keras_write(const char *file, const Saving *s, mdl_error *error);
mdl_status gguf_open(Checkpoint *c, mdl_error *error);
mdl_status gguf_write(const char *file, const Saving *s, mdl_error *error);
mdl_status torch_open(Checkpoint *c, mdl_error *error);
mdl_status torch_refuse_old(Checkpoint *c, mdl_error *error);
mdl_status shards_open(Checkpoint *c, mdl_error *error);
mdl_status keras_refuse(Checkpoint *c, mdl_error *error);

/* ---- what several rows share ---- */

/* Whether a name ends in `end`, whatever the case. */
bool name_ends(const char *name, const char *end);
/* Memory for all of tensor `index` and its values; NULL and an error. Freed by the caller. */
void *saving_values(const Saving *s, size_t index, mdl_error *error);

#endif
