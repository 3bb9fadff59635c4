/* Kernels that count: arange, range_dim. */
#include "kernel.h"

mdl_status mdl_arange(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_arange_attrs *attrs, mdl_error *error)
{
    const int64_t n = elements(out);
    (void)in;
    (void)nin;
    switch (out->dtype) {
    case MDL_FLOAT32:
        for (int64_t i = 0; i < n; i++) ((float *)out->data)[i] = (float)(attrs->start + (double)i * attrs->step);
        return MDL_OK;
    case MDL_FLOAT64:
        for (int64_t i = 0; i < n; i++) ((double *)out->data)[i] = attrs->start + (double)i * attrs->step;
        return MDL_OK;
    case MDL_INT64:
        for (int64_t i = 0; i < n; i++) ((int64_t *)out->data)[i] = mdl_d_to_i64(attrs->start + (double)i * attrs->step);
        return MDL_OK;
    default: return mdl_refuse_dtype(error, "arange", out);
    }
}

mdl_status mdl_range_dim(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_range_dim_attrs *attrs, mdl_error *error)
{
    const int64_t n = elements(out);
    (void)in;
    (void)nin;
    if (out->dtype != MDL_INT64) return mdl_refuse_dtype(error, "range_dim", out);
    for (int64_t i = 0; i < n; i++) ((int64_t *)out->data)[i] = mdl_add_i(attrs->start, mdl_multiply_i(i, attrs->step));
    return MDL_OK;
}
