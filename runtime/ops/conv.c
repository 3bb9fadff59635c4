/* conv: y[b, o, f] = sum over taps k and channels c of x[b, o * stride - low + k * dilation, c] * kernel[k, c, f].
 *
 * Five ways. A kernel of one tap is a matrix product of the pixels as they lie. One channel in and out for each group is depthwise
 * (depthwise.c); few of them are computed for several groups at a time (grouped.c). Most windows over lines and images in float32 go
 * the direct way (direct.c). All else is a matrix product [pixels, taps * channels] @ [taps * channels, filters] for each group, whose
 * left side never exists: the product asks for a few rows at a time, and `gather` copies them from the input with zeros where the
 * padding is. */
#include "depthwise.h"
#include "direct.h"
#include "gemm.h"
#include "grouped.h"
#include "window.h"

/* What `gather` reads. */
typedef struct Pixels {
    const Window *window;
    const void   *x;        /* at the group's first channel */
    int64_t       channels; /* of the group */
    bool          joined;   /* the taps of one row lie side by side in the input */
} Pixels;

#define T    float
#define NAME gather_f
#include "conv_body.h"
#define T    double
#define NAME gather_d
#include "conv_body.h"

/* Each output pixel is made from the input pixel at the same place. */
static bool is_pointwise(const Window *w)
{
    for (int a = 0; a < 3; a++)
        if (w->size[a] != 1 || w->stride[a] != 1 || w->low[a] != 0 || w->in[a] != w->out[a]) return false;
    return true;
}

static void grouped(const Window *w, int64_t groups, const mdl_tensor *y, const mdl_tensor *x, const mdl_tensor *kernel, bool packed,
                    const mdl_epilogue *then)
{
    if (groups == 1 && y->dtype == MDL_FLOAT32 && mdl_direct_suits(w, packed)) {
        mdl_direct(w, y->data, x->data, kernel->data, packed, then);
        return;
    }
    if (groups > 1 && y->dtype == MDL_FLOAT32 && mdl_grouped_suits(w, groups)) {
        mdl_grouped(w, groups, y->data, x->data, kernel->data, then);
        return;
    }
    const int64_t channels = w->channels / groups, filters = w->filters / groups;
    const bool    pointwise = is_pointwise(w);
    for (int64_t i = 0; i < groups; i++) {
        const Pixels pixels = {w, byte_at(x, i * channels), channels, w->dilation[2] == 1 && groups == 1};
        const Gemm   g = {.m = w->batch * w->out[0] * w->out[1] * w->out[2], .n = filters, .k = w->size[0] * w->size[1] * w->size[2] * channels,
                          .a = pixels.x, .a_row = w->channels, .a_col = 1, .b = byte_at(kernel, i * filters), .b_row = w->filters,
                          .b_col = 1, .packed = packed, .c = byte_at(y, i * filters), .c_row = w->filters,
                          .gather = pointwise ? NULL : y->dtype == MDL_FLOAT32 ? gather_f : gather_d, .context = &pixels, .then = then, .column = i * filters};
        if (y->dtype == MDL_FLOAT32) mdl_gemm_f(&g);
        else mdl_gemm_d(&g);
    }
}

/* `columns` of the kernel, which a packed one has more of than filters. */
static bool fits(Window *w, const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_attrs *attrs, int64_t columns)
{
    const mdl_tensor *const kernel = &in[1];
    const int64_t           g = attrs->groups;
    if (nin != 2 || !window_open(w, out, in, attrs->strides, attrs->dilations, attrs->low) || kernel->rank != in->rank) return false;
    if (g < 1 || w->channels % g != 0 || w->filters % g != 0) return false;
    if (kernel->shape[in->rank - 2] != w->channels / g || kernel->shape[in->rank - 1] != columns) return false;
    for (int i = 0; i < in->rank - 2; i++) {
        const int     a = 5 - in->rank + i;
        const int64_t room = w->in[a] + attrs->low[i] + attrs->high[i] - (kernel->shape[i] - 1) * w->dilation[a] - 1;
        w->size[a] = kernel->shape[i];
        if (w->size[a] < 1 || w->out[a] != (room < 0 ? 0 : room / w->stride[a] + 1)) return false;
    }
    return true;
}

mdl_status mdl_conv_then(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_attrs *attrs, const mdl_epilogue *then,
                         mdl_error *error)
{
    Window w;
    if (!fits(&w, out, in, nin, attrs, out->shape[out->rank - 1])) return mdl_refuse_shape(error, "conv", "the shapes do not fit");
    if (out->dtype != in[0].dtype || out->dtype != in[1].dtype) return mdl_refuse_dtype(error, "conv", out);
    if (out->dtype != MDL_FLOAT32 && out->dtype != MDL_FLOAT64) return mdl_refuse_dtype(error, "conv", out);
    if (elements(out) == 0) return MDL_OK;
    if (attrs->groups == w.channels && w.filters == w.channels) mdl_depthwise(&w, out, in[0].data, in[1].data, then);
    else grouped(&w, attrs->groups, out, &in[0], &in[1], false, then);
    return MDL_OK;
}

mdl_status mdl_conv(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_attrs *attrs, mdl_error *error)
{
    return mdl_conv_then(out, in, nin, attrs, NULL, error);
}

mdl_status mdl_conv_packed_then(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_packed_attrs *attrs,
                                const mdl_epilogue *then, mdl_error *error)
{
    const mdl_conv_attrs plain = {attrs->strides, attrs->dilations, attrs->low, attrs->high, 1};
    Window               w;
    if (!fits(&w, out, in, nin, &plain, gemm_padded(out->shape[out->rank - 1])))
        return mdl_refuse_shape(error, "conv_packed", "the shapes do not fit");
    if (out->dtype != MDL_FLOAT32 || in[0].dtype != MDL_FLOAT32 || in[1].dtype != MDL_FLOAT32) return mdl_refuse_dtype(error, "conv_packed", out);
    if (elements(out) > 0) grouped(&w, 1, out, &in[0], &in[1], true, then);
    return MDL_OK;
}

mdl_status mdl_conv_packed(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_packed_attrs *attrs, mdl_error *error)
{
    return mdl_conv_packed_then(out, in, nin, attrs, NULL, error);
}
