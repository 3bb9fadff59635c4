/* conv: y[b, o, f] = sum over taps k and channels c of x[b, o * stride - low + k * dilation, c] * kernel[k, c, f].
 *
 * Four ways. A kernel of one tap is a matrix product of the pixels as they lie. Depthwise (one channel in and out for each
 * group) multiplies whole vectors of channels. Most windows over lines and images in float32 go the direct way (direct.c). All else
 * is a matrix product [pixels, taps * channels] @ [taps * channels, filters] for each group, whose left side never exists: the
 * product asks for a few rows at a time, and `gather` copies them from the input with zeros where the padding is. */
#include "direct.h"
#include "gemm.h"
#include "intrinsics.h"
#include "parallel.h"
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

#define CONCAT_(a, b, c) a##_##b##_##c
#define CONCAT(a, b, c)  CONCAT_(a, b, c)

#define T    float
#define TYPE f
#define MDL_ISA  0
#include <mdl/mdl_isa_begin.h>
#if MDL_NEON
#define FMADD(a, b, c) vfmaq_f32(c, a, b)
#endif
#include "depthwise_body.h"
#include <mdl/mdl_isa_end.h>
#if MDL_X86
#define MDL_ISA 1
#include <mdl/mdl_isa_begin.h>
#define FMADD(a, b, c) _mm256_fmadd_ps(a, b, c)
#include "depthwise_body.h"
#include <mdl/mdl_isa_end.h>
#define MDL_ISA 2
#include <mdl/mdl_isa_begin.h>
#define FMADD(a, b, c) _mm512_fmadd_ps(a, b, c)
#include "depthwise_body.h"
#include <mdl/mdl_isa_end.h>
#endif
#undef T
#undef TYPE

#define T    double
#define TYPE d
#define MDL_ISA  0
#include <mdl/mdl_isa_begin.h>
#include "depthwise_body.h"
#include <mdl/mdl_isa_end.h>
#undef T
#undef TYPE

typedef struct Depthwise {
    const Window *window;
    mdl_dtype     dtype;
    void         *y;
    const void   *x, *kernel;
    const mdl_epilogue *then;
    int64_t       rows; /* of output pixels */
    int           parts;
} Depthwise;

static void depthwise_rows(const Depthwise *d, int64_t begin, int64_t end)
{
    const Window *w = d->window;
    if (d->dtype == MDL_FLOAT64) {
        depthwise_d_0(w, d->y, d->x, d->kernel, begin, end);
        return;
    }
    switch (mdl_isa()) {
#if MDL_X86
    case 2: depthwise_f_2(w, d->y, d->x, d->kernel, begin, end); break;
    case 1: depthwise_f_1(w, d->y, d->x, d->kernel, begin, end); break;
#endif
    default: depthwise_f_0(w, d->y, d->x, d->kernel, begin, end); break;
    }
}

static void depthwise_part(void *argument, int i)
{
    const Depthwise *d = argument;
    const Window    *w = d->window;
    const int64_t    begin = part_begin(d->rows, 1, d->parts, i), end = part_begin(d->rows, 1, d->parts, i + 1);
    if (d->then == NULL) {
        depthwise_rows(d, begin, end);
        return;
    }
    for (int64_t row = begin; row < end; row++) {
        depthwise_rows(d, row, row + 1);
        d->then->run(d->then->context, row * w->out[2], w->out[2], 0, w->filters);
    }
}

static void depthwise(const Window *w, const mdl_tensor *y, const void *x, const void *kernel, const mdl_epilogue *then)
{
    const int64_t rows = w->batch * w->out[0] * w->out[1];
    const int     most = mdl_parts(4.0 * (double)elements(y) * (double)(w->size[0] * w->size[1] * w->size[2]));
    Depthwise     d = {w, y->dtype, y->data, x, kernel, then, rows, rows < most ? 1 : most};
    mdl_parallel(d.parts, depthwise_part, &d);
}

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
    if (attrs->groups == w.channels && w.filters == w.channels) depthwise(&w, out, in[0].data, in[1].data, then);
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
