/* Writing NumPy's files: .npy, and .npz, which is a zip of them. */
#include <stdlib.h>

#include "../base/str.h"
#include "file.h"
#include "format.h"
#include "zipfile.h"

static const char *const descr_of[] = {
    [MDL_FLOAT32] = "<f4", [MDL_FLOAT64] = "<f8", [MDL_FLOAT16] = "<f2", [MDL_BFLOAT16] = "<V2", [MDL_INT8] = "|i1",
    [MDL_UINT8] = "|u1", [MDL_INT16] = "<i2", [MDL_INT32] = "<i4", [MDL_INT64] = "<i8", [MDL_BOOL] = "|b1",
    [MDL_U16] = "<u2", [MDL_U32] = "<u4", [MDL_U64] = "<u8", [MDL_C64] = "<c8",
};

/* The header of a tensor, in the arena. */
static const char *header_text(Arena *a, const mdl_stored *t, size_t *len, mdl_error *error)
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

mdl_status npy_write(const char *file, const Saving *s, mdl_error *error)
{
    if (s->count != 1) {
        return mdl_fail(error, MDL_USAGE, "%s: a .npy file holds one tensor, and there are %zu; write an .npz", file, s->count);
    }
    size_t      len;
    const char *head = header_text(s->arena, s->tensors, &len, error);
    void       *values = head ? saving_values(s, 0, error) : NULL;
    if (!values) return error->status;
    Output     out;
    mdl_status status = mdl_output_open(&out, file, error);
    if (status == MDL_OK) {
        status = mdl_output_write(&out, head, len, error);
        if (status == MDL_OK) status = mdl_output_write(&out, values, (size_t)s->tensors[0].bytes, error);
        status = mdl_output_close(&out, status, error);
    }
    free(values);
    return status;
}

mdl_status npz_write(const char *file, const Saving *s, mdl_error *error)
{
    ZipWriter *zip;
    mdl_status status = zip_write_begin(s->arena, file, &zip, error);
    if (status != MDL_OK) return status;
    for (size_t i = 0; status == MDL_OK && i < s->count; i++) {
        const mdl_stored *t = &s->tensors[i];
        mdl_error         why = {0};
        size_t            len;
        const char       *head = header_text(s->arena, t, &len, &why);
        void             *values = head ? saving_values(s, i, &why) : NULL;
        if (values) status = zip_write_member(zip, arena_printf(s->arena, "%s.npy", t->name), head, len, values, t->bytes, error);
        else status = mdl_fail(error, why.status, "%s", why.message);
        free(values);
    }
    return zip_write_end(zip, status, error);
}
