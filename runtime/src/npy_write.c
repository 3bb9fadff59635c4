/* Writing NumPy's array files. */
#include "npy.h"

#include "text.h"

static const char *const descr_of[] = {
    [MDL_FLOAT32] = "<f4", [MDL_FLOAT64] = "<f8", [MDL_FLOAT16] = "<f2", [MDL_BFLOAT16] = "<V2", [MDL_INT8] = "|i1",
    [MDL_UINT8] = "|u1", [MDL_INT16] = "<i2", [MDL_INT32] = "<i4", [MDL_INT64] = "<i8", [MDL_BOOL] = "|b1",
};

/* The dict and its padding: the data begins at a multiple of 64, behind a newline. */
static void put_header(Text *t, const mdl_tensor *x)
{
    mdl_putn(t, "\x93NUMPY\x01\x00\x00\x00{'descr': '", 21);
    mdl_put(t, descr_of[x->dtype]);
    mdl_put(t, "', 'fortran_order': False, 'shape': (");
    for (int i = 0; i < x->rank; i++) {
        if (i > 0) mdl_put(t, ", ");
        mdl_put_int(t, x->shape[i]);
    }
    mdl_put(t, x->rank == 1 ? ",), }" : "), }");
    mdl_put_fill(t, " ", 63 - t->len % 64);
    mdl_putc(t, '\n');
    if (t->failed) return;
    t->s[8] = (char)((t->len - 10) & 0xFF);
    t->s[9] = (char)((t->len - 10) >> 8);
}

mdl_status mdl_npy_write(const char *name, const mdl_tensor *x, mdl_error *error)
{
    size_t bytes = mdl_dtype_size(x->dtype);
    for (int i = 0; i < x->rank; i++) bytes *= (size_t)x->shape[i];
    Text       header = {0};
    Output     out;
    mdl_status status = mdl_output_open(&out, name, error);
    if (status != MDL_OK) return status;
    put_header(&header, x);
    status = header.failed ? mdl_fail_status(error, MDL_NO_MEMORY) : mdl_output_write(&out, header.s, header.len, error);
    if (status == MDL_OK) status = mdl_output_write(&out, x->data, bytes, error);
    mdl_text_free(&header);
    return mdl_output_close(&out, status, error);
}
