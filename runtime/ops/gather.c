/* Kernels that read at computed places: take, take_along_axis. */
#include "kernel.h"

mdl_status mdl_take(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_take_attrs *attrs, mdl_error *error)
{
    AxisView             x;
    const int64_t *const indices = nin == 2 ? in[1].data : NULL;
    const int64_t        count = nin == 2 ? elements(&in[1]) : 0;
    if (nin != 2 || out->dtype != in[0].dtype) return mdl_refuse_dtype(error, "take", out);
    if (in[1].dtype != MDL_INT64) return mdl_refuse_dtype(error, "take", &in[1]);
    if (!along_axis(&in[0], attrs->axis, &x) || elements(out) != x.outer * count * x.inner)
        return mdl_refuse_shape(error, "take", "the shapes do not fit");
    for (int64_t i = 0; i < count; i++) {
        int64_t index = indices[i];
        if (!mdl_resolve_index("take", &index, x.size, error)) return MDL_BAD_INPUT;
        for (int64_t o = 0; o < x.outer; o++)
            copy_bytes(byte_at(out, (o * count + i) * x.inner), byte_at(&in[0], (o * x.size + index) * x.inner),
                       x.inner * (int64_t)mdl_dtype_size(out->dtype));
    }
    return MDL_OK;
}

mdl_status mdl_take_along_axis(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_take_along_axis_attrs *attrs, mdl_error *error)
{
    AxisView             x, y;
    const int64_t *const indices = nin == 2 ? in[1].data : NULL;
    size_t               size;
    if (nin != 2 || out->dtype != in[0].dtype) return mdl_refuse_dtype(error, "take_along_axis", out);
    if (in[1].dtype != MDL_INT64) return mdl_refuse_dtype(error, "take_along_axis", &in[1]);
    if (!same_shape(out, &in[1]) || !same_shape_but(out, &in[0], attrs->axis) || !along_axis(&in[0], attrs->axis, &x) ||
        !along_axis(out, attrs->axis, &y))
        return mdl_refuse_shape(error, "take_along_axis", "the shapes do not fit");
    size = mdl_dtype_size(out->dtype);
    for (int64_t o = 0; o < y.outer; o++) {
        for (int64_t i = 0; i < y.size; i++) {
            for (int64_t j = 0; j < y.inner; j++) {
                const int64_t at = (o * y.size + i) * y.inner + j;
                int64_t       index = indices[at];
                if (!mdl_resolve_index("take_along_axis", &index, x.size, error)) return MDL_BAD_INPUT;
                memcpy(byte_at(out, at), byte_at(&in[0], (o * x.size + index) * x.inner + j), size);
            }
        }
    }
    return MDL_OK;
}
