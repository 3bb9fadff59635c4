/* NumPy's array files: reading versions 1 to 3 in C and Fortran order, converting without loss, writing. */
#ifndef MDL_NPY_H
#define MDL_NPY_H

#include "file.h"

typedef struct NpyHeader {
    char     kind;  /* 'f', 'i', 'u', 'b', or 'V': bfloat16, for which NumPy has no name */
    int      size;  /* bytes of an element */
    bool     big;   /* most significant byte first */
    bool     fortran;
    int      rank;
    int64_t  shape[MDL_MAX_RANK];
    uint64_t elements;
    uint64_t data;  /* where the elements begin */
} NpyHeader;

/* Reads and checks the header; the elements must fill the rest of the file. */
mdl_status mdl_npy_header(Input *in, NpyHeader *h, mdl_error *error);
/* Reads the elements as `dtype` in C order, if each can be had without loss. `out` has room for h->elements of it. */
mdl_status mdl_npy_read(Input *in, const NpyHeader *h, mdl_dtype dtype, void *out, mdl_error *error);
/* Writes a file of version 1. bfloat16 is written as `<V2`, as the ml_dtypes package does. */
mdl_status mdl_npy_write(const char *name, const mdl_tensor *t, mdl_error *error);
/* The name of the file's dtype in NumPy, "float32". */
const char *mdl_npy_dtype_name(const NpyHeader *h);

#endif
