/* A weight file of any format, opened: named tensors, whose values are read when somebody asks for them. */
#ifndef MDLC_CHECKPOINT_H
#define MDLC_CHECKPOINT_H

#include <mdl/mdl_weights.h>

#include "../base/arena.h"
#include "../base/vec.h"

/* Where and how mdlc runs, which the readers need to know. */
typedef struct WeightsHost {
    const char *own_folder; /* of the running mdlc: helpers stand beside it */
} WeightsHost;

typedef struct FileTensor {
    mdl_stored  is;
    const char *opaque; /* the name of a type whose values cannot be read, such as "Q4_K"; else NULL */
} FileTensor;

/* A group of an HDF5 file and what Keras called the layer in it. */
typedef struct NamedGroup {
    const char *path, *name;
} NamedGroup;

typedef struct TextPair {
    const char *key, *value;
    bool        number; /* not a text in the file: shown, but not carried over to other files */
} TextPair;

typedef struct Format     Format;
typedef struct Checkpoint Checkpoint;

/* Reads all of a tensor to `out`, which has room for exactly its bytes. */
typedef mdl_status LoadTensor(Checkpoint *c, size_t index, void *out, mdl_error *error);

struct Checkpoint {
    Arena             *arena;
    const WeightsHost *host;
    const char        *file;
    const Format      *format;
    VEC(FileTensor) tensors; /* in the order of the file */
    VEC(TextPair) metadata;
    VEC(NamedGroup) groups;
    mdl_weights *weights; /* the same tensors, at the same places; values are read through it. Opaque ones are bytes there */
    /* Of the reader. */
    void       *reader;
    LoadTensor *load;
    void (*close)(Checkpoint *c);
    /* The tensor that was read last. */
    void  *cached;
    size_t cached_index;
};

/* Opens a file, or a folder of shards. Every fault of the file is an error that names it; `*c` is NULL then. */
mdl_status checkpoint_open(Arena *a, const WeightsHost *host, const char *file, Checkpoint **c, mdl_error *error);
void       checkpoint_close(Checkpoint *c);
/* "bfloat16", "uint32", "Q4_K". */
const char *tensor_type(const FileTensor *t);
/* Bytes [begin, begin + size) of a tensor; an error if its type is opaque. */
mdl_status checkpoint_bytes(Checkpoint *c, size_t index, uint64_t begin, size_t size, void *out, mdl_error *error);
/* Elements [first, first + count) as float64; an error if they are no numbers that can be read. */
mdl_status checkpoint_numbers(Checkpoint *c, size_t index, uint64_t first, uint64_t count, double *out, mdl_error *error);
/* The place of a tensor; -1. */
int64_t checkpoint_find(const Checkpoint *c, const char *name);

/* ---- for readers ---- */

/* Adds a tensor; texts and shape are copied. With `opaque` the dtype does not matter and `bytes` is its size in the file. */
void checkpoint_add(Checkpoint *c, const char *name, size_t len, int32_t dtype, int rank, const int64_t *shape,
                    const char *opaque, uint64_t bytes);
/* After the last: checks names and sizes, and makes `weights`. */
mdl_status checkpoint_ready(Checkpoint *c, mdl_error *error);
/* Fails because of the file: MDL_BAD_FILE with "FILE: " in front. */
mdl_status bad_file(const Checkpoint *c, mdl_error *error, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
