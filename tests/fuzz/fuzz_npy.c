/* The reader of .npy files, on any bytes. The first one chooses the dtype to convert to. */
#include <stdlib.h>

#include "npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NpyHeader h;
    mdl_error error;
    if (size == 0) return 0;
    const mdl_dtype dtype = (mdl_dtype)(data[0] % (MDL_BOOL + 1));
    Input           in = {.name = "fuzz", .bytes = (const char *)data + 1, .size = size - 1};
    if (mdl_npy_header(&in, &h, &error) != MDL_OK) return 0;
    if (h.elements > size) abort(); /* every element has at least a byte */
    void *out = malloc((size_t)h.elements * mdl_dtype_size(dtype) + 1);
    if (out != NULL) (void)mdl_npy_read(&in, &h, dtype, out, &error);
    free(out);
    return 0;
}
