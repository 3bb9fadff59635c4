/* Kernels that write at computed places, or write bytes as they are: scatter_update, view. */
#include "kernel.h"

enum { PUT, ADD, LARGER, SMALLER, MULTIPLY };

/* One row of updates onto its place. */
#define COMBINE(T, t)                                                        \
    static void combine_##t(T *to, const T *from, int64_t n, int64_t how)    \
    {                                                                        \
        switch (how) {                                                       \
        case ADD:                                                            \
            for (int64_t i = 0; i < n; i++) to[i] = mdl_add_##t(to[i], from[i]); \
            break;                                                           \
        case LARGER:                                                         \
            for (int64_t i = 0; i < n; i++) to[i] = mdl_maximum_##t(to[i], from[i]); \
            break;                                                           \
        case SMALLER:                                                        \
            for (int64_t i = 0; i < n; i++) to[i] = mdl_minimum_##t(to[i], from[i]); \
            break;                                                           \
        case MULTIPLY:                                                       \
            for (int64_t i = 0; i < n; i++) to[i] = mdl_multiply_##t(to[i], from[i]); \
            break;                                                           \
        default: copy_bytes(to, from, n * (int64_t)sizeof(T)); break;        \
        }                                                                    \
    }
COMBINE(float, f)
COMBINE(double, d)
COMBINE(int64_t, i)

/* [n, k] indices into the first k axes of `x`, and an update for each of them of the size of the other axes. */
static bool fits(const mdl_tensor *x, const mdl_tensor *indices, const mdl_tensor *updates)
{
    int64_t count, depth;
    if (indices->rank != 2 || indices->shape[1] > x->rank) return false;
    count = indices->shape[0];
    depth = indices->shape[1];
    if (updates->rank != x->rank - depth + 1 || updates->shape[0] != count) return false;
    for (int i = 1; i < updates->rank; i++)
        if (updates->shape[i] != x->shape[depth + i - 1]) return false;
    return true;
}

mdl_status mdl_scatter_update(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_scatter_update_attrs *attrs, mdl_error *error)
{
    int64_t strides[MDL_MAX_RANK];
    int64_t depth, row = 1;
    if (nin != 3 || out->dtype != in[0].dtype || in[2].dtype != out->dtype) return mdl_refuse_dtype(error, "scatter_update", out);
    if (out->dtype != MDL_FLOAT32 && out->dtype != MDL_FLOAT64 && out->dtype != MDL_INT64) return mdl_refuse_dtype(error, "scatter_update", out);
    if (in[1].dtype != MDL_INT64) return mdl_refuse_dtype(error, "scatter_update", &in[1]);
    if (!same_shape(out, &in[0]) || !fits(&in[0], &in[1], &in[2])) return mdl_refuse_shape(error, "scatter_update", "the shapes do not fit");
    if (attrs->reduction < PUT || attrs->reduction > MULTIPLY) return mdl_refuse_shape(error, "scatter_update", "there is no such reduction");
    depth = in[1].shape[1];
    row_major(out->rank, out->shape, strides);
    for (int64_t i = depth; i < out->rank; i++) row *= out->shape[i];
    copy_bytes(out->data, in[0].data, elements(out) * (int64_t)mdl_dtype_size(out->dtype));
    for (int64_t i = 0; i < in[1].shape[0]; i++) {
        int64_t at = 0;
        for (int64_t k = 0; k < depth; k++) {
            int64_t index = ((const int64_t *)in[1].data)[i * depth + k];
            if (!mdl_resolve_index("scatter_update", &index, out->shape[k], error)) return MDL_BAD_INPUT;
            at += index * strides[k];
        }
        switch (out->dtype) {
        case MDL_FLOAT32: combine_f((float *)out->data + at, (const float *)in[2].data + i * row, row, attrs->reduction); break;
        case MDL_FLOAT64: combine_d((double *)out->data + at, (const double *)in[2].data + i * row, row, attrs->reduction); break;
        default: combine_i((int64_t *)out->data + at, (const int64_t *)in[2].data + i * row, row, attrs->reduction); break;
        }
    }
    return MDL_OK;
}

mdl_status mdl_view(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_view_attrs *attrs, mdl_error *error)
{
    int64_t to, from;
    (void)attrs;
    if (nin != 1) return mdl_refuse_shape(error, "view", "it takes one tensor");
    to = elements(out) * (int64_t)mdl_dtype_size(out->dtype);
    from = elements(in) * (int64_t)mdl_dtype_size(in->dtype);
    if (to != from) return mdl_refuse_shape(error, "view", "the sizes in bytes differ");
    copy_bytes(out->data, in->data, to);
    return MDL_OK;
}
