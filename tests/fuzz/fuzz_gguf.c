/* The reader of GGUF files, on any bytes. */
#include "fuzz_checkpoint.h"
#include "weights/format_gguf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena      *a = arena_create();
    Checkpoint *c = fuzz_checkpoint(a);
    mdl_error   error;
    const Input in = {.name = "fuzz", .bytes = (const char *)data, .size = size};
    fuzz_read(c, size ? gguf_open_input(c, &in, &error) : MDL_BAD_FILE);
    arena_destroy(a);
    return 0;
}
