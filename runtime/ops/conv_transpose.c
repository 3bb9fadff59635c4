/* conv_transpose, the gradient of conv: out[b, i * stride + k * dilation - low, f] += x[b, i, c] * kernel[k, f, c]. */
#include "window.h"

#define T    float
#define NAME conv_transpose_f
#include "conv_transpose_body.h"
#define T    double
#define NAME conv_transpose_d
#include "conv_transpose_body.h"

static bool fits(Window *w, const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_transpose_attrs *attrs)
{
    const mdl_tensor *const kernel = &in[1];
    if (nin != 2 || !window_open(w, out, in, attrs->strides, attrs->dilations, attrs->low) || kernel->rank != in->rank) return false;
    for (int i = 0; i < in->rank - 2; i++) w->size[5 - in->rank + i] = kernel->shape[i];
    return kernel->shape[in->rank - 2] == w->filters && kernel->shape[in->rank - 1] == w->channels;
}

mdl_status mdl_conv_transpose(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_transpose_attrs *attrs, mdl_error *error)
{
    Window w;
    if (!fits(&w, out, in, nin, attrs)) return mdl_refuse_shape(error, "conv_transpose", "the shapes do not fit");
    if (out->dtype != in[0].dtype || out->dtype != in[1].dtype) return mdl_refuse_dtype(error, "conv_transpose", out);
    switch (out->dtype) {
    case MDL_FLOAT32: conv_transpose_f(&w, out->data, in[0].data, in[1].data); return MDL_OK;
    case MDL_FLOAT64: conv_transpose_d(&w, out->data, in[0].data, in[1].data); return MDL_OK;
    default: return mdl_refuse_dtype(error, "conv_transpose", out);
    }
}
