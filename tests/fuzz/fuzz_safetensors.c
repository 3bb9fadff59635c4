/* The reader of weight files, on any bytes: it ends, stays within them, and what it accepts lies within them. */
#include <stdlib.h>

#include <mdl/mdl_weights.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mdl_weights *w;
    mdl_error    error;
    if (mdl_weights_open_memory("fuzz", data, size, &w, &error) != MDL_OK) return 0;
    for (size_t i = 0; i < mdl_weights_count(w); i++) {
        const mdl_stored *t = mdl_weights_tensor(w, i);
        double            first;
        char              last;
        if (t->offset > size || t->bytes > size - t->offset) abort();
        if (mdl_weights_find(w, t->name, t->name_len) != (int64_t)i) abort();
        if (t->bytes == 0) continue;
        if (mdl_weights_bytes(w, i, t->bytes - 1, 1, &last, &error) != MDL_OK || last != (char)data[t->offset + t->bytes - 1]) abort();
        if (mdl_stored_converts(t->dtype, MDL_FLOAT64) && mdl_weights_read(w, i, MDL_FLOAT64, 0, 1, &first, &error) != MDL_OK) abort();
    }
    mdl_weights_close(w);
    return 0;
}
