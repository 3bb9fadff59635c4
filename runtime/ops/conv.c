/* conv: y[b, o, f] = sum over taps k and channels c of x[b, o * stride - low + k * dilation, c] * kernel[k, c, f]. */
#include "window.h"

#define T    float
#define NAME conv_f
#include "conv_body.h"
#define T    double
#define NAME conv_d
#include "conv_body.h"

static bool fits(Window *w, const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_attrs *attrs)
{
    const mdl_tensor *const kernel = &in[1];
    const int64_t           g = attrs->groups;
    if (nin != 2 || !window_open(w, out, in, attrs->strides, attrs->dilations, attrs->low) || kernel->rank != in->rank) return false;
    if (g < 1 || w->channels % g != 0 || w->filters % g != 0) return false;
    if (kernel->shape[in->rank - 2] != w->channels / g || kernel->shape[in->rank - 1] != w->filters) return false;
    for (int i = 0; i < in->rank - 2; i++) {
        const int     a = 5 - in->rank + i;
        const int64_t room = w->in[a] + attrs->low[i] + attrs->high[i] - (kernel->shape[i] - 1) * w->dilation[a] - 1;
        w->size[a] = kernel->shape[i];
        if (w->size[a] < 1 || w->out[a] != (room < 0 ? 0 : room / w->stride[a] + 1)) return false;
    }
    return true;
}

mdl_status mdl_conv(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_attrs *attrs, mdl_error *error)
{
    Window w;
    if (!fits(&w, out, in, nin, attrs)) return mdl_refuse_shape(error, "conv", "the shapes do not fit");
    if (out->dtype != in[0].dtype || out->dtype != in[1].dtype) return mdl_refuse_dtype(error, "conv", out);
    switch (out->dtype) {
    case MDL_FLOAT32: conv_f(&w, attrs->groups, out->data, in[0].data, in[1].data); return MDL_OK;
    case MDL_FLOAT64: conv_d(&w, attrs->groups, out->data, in[0].data, in[1].data); return MDL_OK;
    default: return mdl_refuse_dtype(error, "conv", out);
    }
}
