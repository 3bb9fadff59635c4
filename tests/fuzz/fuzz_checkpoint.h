/* What the fuzz targets of weight files share: a checkpoint over nothing, and reading all that a reader has listed. */
#ifndef FUZZ_CHECKPOINT_H
#define FUZZ_CHECKPOINT_H

#include <stdlib.h>

#include "weights/checkpoint.h"

static inline Checkpoint *fuzz_checkpoint(Arena *a)
{
    static const WeightsHost nowhere = {""};
    Checkpoint *c = arena_new(a, Checkpoint);
    c->arena = a;
    c->host = &nowhere;
    c->file = "fuzz";
    return c;
}

/* Reads the values of small tensors, and closes. */
static inline void fuzz_read(Checkpoint *c, mdl_status status)
{
    mdl_error error;
    for (size_t i = 0; status == MDL_OK && i < c->tensors.len; i++) {
        const uint64_t bytes = c->tensors.at[i].is.bytes;
        void *out = bytes <= 1 << 16 ? malloc((size_t)bytes + 1) : NULL;
        if (out) (void)checkpoint_bytes(c, i, 0, (size_t)bytes, out, &error);
        free(out);
    }
    checkpoint_close(c);
}

#endif
