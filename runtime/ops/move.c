/* Kernels that move elements to other places and compute nothing: transpose, concatenate, strided_slice, slice,
 * slice_update, pad. */
#include "kernel.h"

static bool moves(const mdl_tensor *out, const mdl_tensor *in, int nin, int want)
{
    return nin == want && out->dtype == in[0].dtype;
}

mdl_status mdl_transpose(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_transpose_attrs *attrs, mdl_error *error)
{
    int64_t x[MDL_MAX_RANK], from[MDL_MAX_RANK], to[MDL_MAX_RANK];
    bool    used[MDL_MAX_RANK] = {false};
    if (!moves(out, in, nin, 1)) return mdl_refuse_dtype(error, "transpose", out);
    if (out->rank != in->rank) return mdl_refuse_shape(error, "transpose", "the ranks differ");
    row_major(in->rank, in->shape, x);
    row_major(out->rank, out->shape, to);
    for (int i = 0; i < out->rank; i++) {
        const int64_t p = attrs->permutation[i];
        if (p < 0 || p >= in->rank || used[p] || out->shape[i] != in->shape[p])
            return mdl_refuse_shape(error, "transpose", "the permutation does not fit the shapes");
        used[p] = true;
        from[i] = x[p];
    }
    mdl_copy_block(out->rank, out->shape, mdl_dtype_size(out->dtype), out->data, to, in->data, from);
    return MDL_OK;
}

mdl_status mdl_concatenate(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_concatenate_attrs *attrs, mdl_error *error)
{
    AxisView whole;
    int64_t  at = 0;
    if (nin < 1 || !moves(out, in, nin, nin)) return mdl_refuse_dtype(error, "concatenate", out);
    if (!along_axis(out, attrs->axis, &whole)) return mdl_refuse_shape(error, "concatenate", "there is no such axis");
    for (int i = 0; i < nin; i++) {
        AxisView part;
        if (in[i].dtype != out->dtype) return mdl_refuse_dtype(error, "concatenate", &in[i]);
        if (!same_shape_but(out, &in[i], attrs->axis) || !along_axis(&in[i], attrs->axis, &part) || at + part.size > whole.size)
            return mdl_refuse_shape(error, "concatenate", "the shapes do not fit");
        const int64_t run = part.size * part.inner;
        mdl_copy_block(2, (const int64_t[]){whole.outer, run}, mdl_dtype_size(out->dtype), byte_at(out, at * whole.inner),
                       (const int64_t[]){whole.size * whole.inner, 1}, in[i].data, (const int64_t[]){run, 1});
        at += part.size;
    }
    return at == whole.size ? MDL_OK : mdl_refuse_shape(error, "concatenate", "the sizes do not add up");
}

mdl_status mdl_strided_slice(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_strided_slice_attrs *attrs, mdl_error *error)
{
    int64_t from[MDL_MAX_RANK], to[MDL_MAX_RANK];
    int64_t first = 0;
    if (!moves(out, in, nin, 1)) return mdl_refuse_dtype(error, "strided_slice", out);
    if (out->rank != in->rank) return mdl_refuse_shape(error, "strided_slice", "the ranks differ");
    if (elements(out) == 0) return MDL_OK;
    row_major(in->rank, in->shape, from);
    row_major(out->rank, out->shape, to);
    for (int i = 0; i < out->rank; i++) {
        const int64_t start = attrs->start[i], step = attrs->step[i], last = start + (out->shape[i] - 1) * step;
        if (start < 0 || start >= in->shape[i] || last < 0 || last >= in->shape[i])
            return mdl_refuse_shape(error, "strided_slice", "the slice leaves the tensor");
        first += start * from[i];
        from[i] *= step;
    }
    mdl_copy_block(out->rank, out->shape, mdl_dtype_size(out->dtype), out->data, to, byte_at(in, first), from);
    return MDL_OK;
}

/* Reads the starts (int64[rank]) of a block of `shape` inside `whole`, clamped so that it fits, and makes them one offset. */
static mdl_status block_offset(const char *kernel, const mdl_tensor *whole, const mdl_tensor *starts, const mdl_tensor *block,
                               int64_t *offset, mdl_error *error)
{
    int64_t strides[MDL_MAX_RANK];
    if (starts->dtype != MDL_INT64) return mdl_refuse_dtype(error, kernel, starts);
    if (whole->rank != block->rank || starts->rank != 1 || starts->shape[0] != whole->rank)
        return mdl_refuse_shape(error, kernel, "the ranks do not fit");
    row_major(whole->rank, whole->shape, strides);
    for (int i = 0; i < whole->rank; i++) {
        const int64_t room = whole->shape[i] - block->shape[i];
        int64_t       start = ((const int64_t *)starts->data)[i];
        if (room < 0) return mdl_refuse_shape(error, kernel, "the block is larger than the tensor");
        start = start < 0 ? 0 : start > room ? room : start;
        *offset += start * strides[i];
    }
    return MDL_OK;
}

mdl_status mdl_slice(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_slice_attrs *attrs, mdl_error *error)
{
    int64_t    from[MDL_MAX_RANK], to[MDL_MAX_RANK];
    int64_t    offset = 0;
    mdl_status status;
    (void)attrs;
    if (!moves(out, in, nin, 2)) return mdl_refuse_dtype(error, "slice", out);
    if ((status = block_offset("slice", &in[0], &in[1], out, &offset, error)) != MDL_OK || elements(out) == 0) return status;
    row_major(in->rank, in->shape, from);
    row_major(out->rank, out->shape, to);
    mdl_copy_block(out->rank, out->shape, mdl_dtype_size(out->dtype), out->data, to, byte_at(in, offset), from);
    return MDL_OK;
}

mdl_status mdl_slice_update(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_slice_update_attrs *attrs, mdl_error *error)
{
    int64_t    from[MDL_MAX_RANK], to[MDL_MAX_RANK];
    int64_t    offset = 0;
    mdl_status status;
    (void)attrs;
    if (!moves(out, in, nin, 3) || in[2].dtype != out->dtype) return mdl_refuse_dtype(error, "slice_update", out);
    if (!same_shape(out, &in[0])) return mdl_refuse_shape(error, "slice_update", "the shapes differ");
    if ((status = block_offset("slice_update", &in[0], &in[1], &in[2], &offset, error)) != MDL_OK) return status;
    if (out->data != in[0].data) copy_bytes(out->data, in[0].data, elements(out) * (int64_t)mdl_dtype_size(out->dtype));
    if (elements(&in[2]) == 0) return MDL_OK;
    row_major(out->rank, out->shape, to);
    row_major(in[2].rank, in[2].shape, from);
    mdl_copy_block(out->rank, in[2].shape, mdl_dtype_size(out->dtype), byte_at(out, offset), to, in[2].data, from);
    return MDL_OK;
}

/* ---- pad ---- */

enum { PAD_CONSTANT, PAD_REFLECT, PAD_SYMMETRIC, PAD_EDGE };

/* Where index i of an axis of size n (i may lie outside) is read from. reflect is periodic with 2(n-1), symmetric with 2n. */
static int64_t mirrored(int64_t i, int64_t n, int64_t mode)
{
    const int64_t period = mode == PAD_REFLECT ? 2 * (n - 1) : 2 * n;
    if (mode == PAD_EDGE || period == 0) return i < 0 ? 0 : i >= n ? n - 1 : i;
    i = mdl_mod_i(i, period);
    return i < n ? i : mode == PAD_REFLECT ? period - i : period - 1 - i;
}

/* Writes one element, then copies what is there behind it, twice as much each time. */
static void fill(char *data, int64_t bytes, size_t size, const void *value)
{
    int64_t done = (int64_t)size;
    if (value == NULL) {
        memset(data, 0, (size_t)bytes);
        return;
    }
    memcpy(data, value, size);
    for (; done < bytes; done *= 2) memcpy(data + done, data, (size_t)at_most(done, bytes - done));
}

/* One output row after another; all axes but the last choose the row of x. */
static void pad_mirrored(const mdl_tensor *out, const mdl_tensor *x, const mdl_pad_attrs *attrs)
{
    int64_t       strides[MDL_MAX_RANK], unused[MDL_MAX_RANK] = {0}, index[MDL_MAX_RANK] = {0};
    int64_t       offset = 0;
    const int     last = out->rank - 1;
    const size_t  size = mdl_dtype_size(out->dtype);
    const int64_t n = x->shape[last], low = attrs->low[last], width = out->shape[last];
    char         *to = out->data;
    row_major(x->rank, x->shape, strides);
    do {
        int64_t row = 0;
        for (int i = 0; i < last; i++) row += mirrored(index[i] - attrs->low[i], x->shape[i], attrs->mode) * strides[i];
        for (int64_t i = 0; i < low; i++)
            memcpy(to + i * (int64_t)size, byte_at(x, row + mirrored(i - low, n, attrs->mode)), size);
        memcpy(to + low * (int64_t)size, byte_at(x, row), (size_t)n * size);
        for (int64_t i = low + n; i < width; i++)
            memcpy(to + i * (int64_t)size, byte_at(x, row + mirrored(i - low, n, attrs->mode)), size);
        to += width * (int64_t)size;
    } while (next_position(last, out->shape, unused, index, &offset));
}

mdl_status mdl_pad(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_pad_attrs *attrs, mdl_error *error)
{
    int64_t from[MDL_MAX_RANK], to[MDL_MAX_RANK];
    int64_t first = 0;
    bool    empty = false;
    if (nin < 1 || nin > 2 || out->dtype != in[0].dtype || (nin == 2 && in[1].dtype != out->dtype)) return mdl_refuse_dtype(error, "pad", out);
    if (out->rank != in->rank || (nin == 2 && elements(&in[1]) != 1)) return mdl_refuse_shape(error, "pad", "the ranks do not fit");
    if (attrs->mode < PAD_CONSTANT || attrs->mode > PAD_EDGE) return mdl_refuse_shape(error, "pad", "there is no such mode");
    row_major(in->rank, in->shape, from);
    row_major(out->rank, out->shape, to);
    for (int i = 0; i < out->rank; i++) {
        if (attrs->low[i] < 0 || attrs->high[i] < 0 || out->shape[i] != in->shape[i] + attrs->low[i] + attrs->high[i])
            return mdl_refuse_shape(error, "pad", "the widths do not fit the shapes");
        empty |= in->shape[i] == 0;
        first += attrs->low[i] * to[i];
    }
    if (elements(out) == 0) return MDL_OK;
    if (attrs->mode == PAD_CONSTANT) {
        fill(out->data, elements(out) * (int64_t)mdl_dtype_size(out->dtype), mdl_dtype_size(out->dtype), nin == 2 ? in[1].data : NULL);
        if (!empty) mdl_copy_block(in->rank, in->shape, mdl_dtype_size(out->dtype), byte_at(out, first), to, in->data, from);
        return MDL_OK;
    }
    if (empty) return mdl_fail(error, MDL_BAD_INPUT, "pad: an axis of size 0 has nothing to repeat");
    if (out->rank == 0) copy_bytes(out->data, in->data, (int64_t)mdl_dtype_size(out->dtype));
    else pad_mirrored(out, in, attrs);
    return MDL_OK;
}
