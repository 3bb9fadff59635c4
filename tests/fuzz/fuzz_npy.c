/* The reader of .npy files, on any bytes. The first one chooses the dtype to convert to. */
#include <stdlib.h>

#include <mdl/mdl_weights.h>

#include "npy.h"

/* As the one tensor of weights, whose bytes are all there. */
static void read_weights(const void *bytes, size_t size)
{
    mdl_weights *w;
    mdl_error    error;
    if (mdl_weights_open_memory("fuzz.npy", bytes, size, &w, &error) != MDL_OK) return;
    for (size_t i = 0; i < mdl_weights_count(w); i++) {
        const mdl_stored *t = mdl_weights_tensor(w, i);
        void             *out = malloc((size_t)t->bytes + 1);
        if (out != NULL && mdl_weights_bytes(w, i, 0, (size_t)t->bytes, out, &error) != MDL_OK) abort();
        free(out);
    }
    mdl_weights_close(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NpyHeader h;
    mdl_error error;
    if (size == 0) return 0;
    const mdl_dtype dtype = (mdl_dtype)(data[0] % (MDL_BOOL + 1));
    Input           in = {.name = "fuzz", .bytes = (const char *)data + 1, .size = size - 1};
    read_weights(in.bytes, size - 1);
    if (mdl_npy_header(&in, &h, &error) != MDL_OK) return 0;
    if (h.elements > size) abort(); /* every element has at least a byte */
    void *out = malloc((size_t)h.elements * mdl_dtype_size(dtype) + 1);
    if (out != NULL) (void)mdl_npy_read(&in, &h, dtype, out, &error);
    free(out);
    return 0;
}
