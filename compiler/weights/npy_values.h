/* NumPy's arrays in memory, for .npy files and the members of .npz archives. */
#ifndef MDLC_NPY_VALUES_H
#define MDLC_NPY_VALUES_H

#include "checkpoint.h"
#include "npy.h"

enum { NPY_PREFIX = 12, NPY_MAX_HEADER = 1 << 20 };

/* How long the header is, from the file's first NPY_PREFIX bytes; 0 if they are none. */
size_t npy_header_length(const unsigned char *prefix, size_t len);
/* The dtype of its elements, as files have them; -1 if there is none. */
int32_t npy_stored_dtype(const NpyHeader *h);
/* All elements as npy_stored_dtype in C order. */
mdl_status npy_values(Checkpoint *c, Input *in, const NpyHeader *h, void *out, mdl_error *error);

#endif
