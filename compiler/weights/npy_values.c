#include "npy_values.h"

#include <string.h>

size_t npy_header_length(const unsigned char *p, size_t len)
{
    if (len < NPY_PREFIX || memcmp(p, "\x93NUMPY", 6)) return 0;
    const uint32_t low = (uint32_t)p[8] | (uint32_t)p[9] << 8;
    const uint32_t n = p[6] == 1 ? low : low | (uint32_t)p[10] << 16 | (uint32_t)p[11] << 24;
    return n > NPY_MAX_HEADER ? 0 : (p[6] == 1 ? 10 : 12) + (size_t)n;
}

int32_t npy_stored_dtype(const NpyHeader *h)
{
    const char *name = mdl_npy_dtype_name(h);
    mdl_dtype   dtype;
    if (mdl_dtype_of(name, strlen(name), &dtype)) return (int32_t)dtype;
    if (h->kind == 'u' && h->size == 2) return MDL_U16;
    if (h->kind == 'u' && h->size == 4) return MDL_U32;
    if (h->kind == 'u' && h->size == 8) return MDL_U64;
    return -1;
}

mdl_status npy_values(Checkpoint *c, Input *in, const NpyHeader *h, void *out, mdl_error *error)
{
    const int32_t dtype = npy_stored_dtype(h);
    if (dtype <= MDL_BOOL) return mdl_npy_read(in, h, (mdl_dtype)dtype, out, error);
    if (h->big || (h->fortran && h->rank > 1)) {
        return bad_file(c, error,
                        "its %s elements are in Fortran order or big-endian, which mdlc does not read for this dtype; save "
                        "it with numpy.ascontiguousarray(x).astype(\"<u%d\")",
                        mdl_npy_dtype_name(h), h->size);
    }
    return mdl_input_read(in, h->data, out, (size_t)(h->elements * (uint64_t)h->size), error);
}
