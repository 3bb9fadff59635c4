#include "npy_values.h"

#include <string.h>

#include "../base/str.h"

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

static const char *const descr_of[] = {
    [MDL_FLOAT32] = "<f4", [MDL_FLOAT64] = "<f8", [MDL_FLOAT16] = "<f2", [MDL_BFLOAT16] = "<V2", [MDL_INT8] = "|i1",
    [MDL_UINT8] = "|u1", [MDL_INT16] = "<i2", [MDL_INT32] = "<i4", [MDL_INT64] = "<i8", [MDL_BOOL] = "|b1",
    [MDL_U16] = "<u2", [MDL_U32] = "<u4", [MDL_U64] = "<u8", [MDL_C64] = "<c8",
};

const char *npy_header_text(Arena *a, const mdl_stored *t, size_t *len, mdl_error *error)
{
    if (t->dtype > MDL_C64) {
        mdl_fail(error, MDL_USAGE, "tensor `%s`: NumPy has no dtype for %s; add --dtype", t->name, mdl_stored_name(t->dtype));
        return NULL;
    }
    StrBuf b = {.arena = a};
    sb_putn(&b, "\x93NUMPY\x01\x00\x00\x00", 10);
    sb_printf(&b, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr_of[t->dtype]);
    for (int i = 0; i < t->rank; i++) sb_printf(&b, "%s%lld", i ? ", " : "", (long long)t->shape[i]);
    sb_put(&b, t->rank == 1 ? ",), }" : "), }");
    while (b.len % 64 != 63) sb_putc(&b, ' ');
    sb_putc(&b, '\n');
    b.s[8] = (char)((b.len - 10) & 0xFF);
    b.s[9] = (char)((b.len - 10) >> 8);
    *len = b.len;
    return b.s;
}
