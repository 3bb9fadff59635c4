/* The reader of weight files, on any bytes: it ends, stays within them, and what it accepts lies within them. */
#include <stdlib.h>

#include "safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    WeightFile w;
    mdl_error  error;
    if (mdl_weights_read(&w, (Input){.name = "fuzz", .bytes = (const char *)data, .size = size}, &error) != MDL_OK) return 0;
    for (size_t i = 0; i < w.count; i++) {
        if (w.tensors[i].begin > w.tensors[i].end || w.tensors[i].end > size) abort();
    }
    mdl_weights_close(&w);
    return 0;
}
