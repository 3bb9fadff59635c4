/* What mdlc hears from its HDF5 helper, which hostile files may have taken over: any bytes. */
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz_checkpoint.h"
#include "weights/format_h5.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int ends[2];
    if (size > 1 << 15 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) return 0;
    Arena       *a = arena_create();
    Checkpoint  *c = fuzz_checkpoint(a);
    mdl_error    error;
    const Helper h = {.socket = ends[0], .file = "fuzz"};
    if (write(ends[1], data, size) == (ssize_t)size && !shutdown(ends[1], SHUT_WR)) fuzz_read(c, h5_open_helper(c, &h, &error));
    else close(ends[0]);
    close(ends[1]);
    arena_destroy(a);
    return 0;
}
