/* The pickles of PyTorch, on any bytes. */
#include "weights/pickle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena    *a = arena_create();
    mdl_error error;
    (void)pickle_read(a, "fuzz", data, size, &error);
    arena_destroy(a);
    return 0;
}
