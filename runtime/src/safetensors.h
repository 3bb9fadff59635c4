/* Weight files in the safetensors format: eight bytes with the header's length, a header in JSON, then the tensors' bytes. */
#ifndef MDL_SAFETENSORS_H
#define MDL_SAFETENSORS_H

#include "file.h"
#include "registry.h"

typedef struct StoredTensor {
    const char *name;
    size_t      name_len;
    mdl_dtype   dtype;
    bool        foreign;    /* a dtype that MDL doesn't have */
    const char *dtype_name; /* as the file spells it: "F32" */
    int         rank;
    int64_t    *shape;
    uint64_t    begin, end; /* in the file */
} StoredTensor;

typedef struct WeightFile {
    Input         in;
    Pool          pool;
    StoredTensor *tensors; /* in the order of the header */
    size_t        count;
} WeightFile;

/* Reads and checks the header, strictly: the tensors' bytes must fill the rest of the file without gap or overlap, names must
 * differ. `in` is open and is closed with the file. */
mdl_status mdl_weights_read(WeightFile *w, Input in, mdl_error *error);
void       mdl_weights_close(WeightFile *w);

/* Puts a header for these variables, with its length in front and blanks behind it so that the tensors begin at a multiple of
 * 64. MDL_USAGE if it is larger than readers accept. */
mdl_status mdl_weights_header(Text *out, mdl_registry *r, mdl_error *error);

#endif
