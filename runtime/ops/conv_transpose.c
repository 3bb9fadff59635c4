/* conv_transpose, the gradient of conv: y[b, i * stride + k * dilation - low, f] += x[b, i, c] * kernel[k, f, c].
 *
 * Small kernels are those of convolutions (phases.c). Of others each tap is a matrix product of lines of input pixels with the tap's
 * [channels, filters] that adds to every stride-th pixel of an output line; an element of y is a sum over taps, in their order, of
 * sums over channels. Threads share the output lines. */
#include "gemm.h"
#include "parallel.h"
#include "phases.h"

/* The input lines under one tap. */
typedef struct Lines {
    const Window *window;
    const char   *x;
    char         *y;
    int64_t       size;   /* of an element */
    int64_t       tap[3];
    int64_t       first;  /* the first pixel of a line whose product lies inside the output, and how many do */
    int64_t       count;
    int64_t       begin, end; /* the lines of the output that are computed */
} Lines;

/* Line number i of the batch: m is 0 if its products lie outside of the output, or of those lines. */
static void line(Gemm *g, int64_t i)
{
    const Lines *const  l = g->context;
    const Window *const w = l->window;
    const int64_t       iy = i % w->in[1], iz = i / w->in[1] % w->in[0], b = i / w->in[1] / w->in[0];
    const int64_t       oz = iz * w->stride[0] + l->tap[0] * w->dilation[0] - w->low[0];
    const int64_t       oy = iy * w->stride[1] + l->tap[1] * w->dilation[1] - w->low[1];
    const int64_t       ox = l->first * w->stride[2] + l->tap[2] * w->dilation[2] - w->low[2];
    g->m = 0;
    if (oz < 0 || oz >= w->out[0] || oy < 0 || oy >= w->out[1]) return;
    const int64_t to = (b * w->out[0] + oz) * w->out[1] + oy;
    if (to < l->begin || to >= l->end) return;
    g->m = l->count;
    g->a = l->x + (i * w->in[2] + l->first) * w->channels * l->size;
    g->c = l->y + (to * w->out[2] + ox) * w->filters * l->size;
}

typedef struct Transposed {
    const Window       *window;
    const mdl_tensor   *y, *x, *kernel;
    const mdl_epilogue *then; /* or NULL */
    bool                phases;
    int64_t             lines; /* of the output, through the batch */
    int                 parts;
} Transposed;

/* The lines [begin, end) of the output, tap by tap. */
static void tap_by_tap(const Transposed *t, int64_t begin, int64_t end)
{
    const Window *const     w = t->window;
    const mdl_tensor *const y = t->y, *const x = t->x, *const kernel = t->kernel;
    Lines l = {.window = w, .x = x->data, .y = y->data, .size = (int64_t)mdl_dtype_size(y->dtype), .begin = begin, .end = end};
    const int64_t row = w->out[2] * w->filters * l.size;
    memset(l.y + begin * row, 0, (size_t)((end - begin) * row));
    for (int64_t k = 0; k < w->size[0] * w->size[1] * w->size[2]; k++) {
        const int64_t shift = k % w->size[2] * w->dilation[2] - w->low[2];
        const int64_t room = w->out[2] - 1 - shift; /* i * stride <= room */
        const int64_t first = shift >= 0 ? 0 : (-shift + w->stride[2] - 1) / w->stride[2];
        const int64_t count = room < 0 ? 0 : at_most(room / w->stride[2] + 1, w->in[2]) - first;
        const Gemm    g = {.n = w->filters, .k = w->channels, .a_row = w->channels, .a_col = 1,
                           .b = byte_at(kernel, k * w->filters * w->channels), .b_row = 1, .b_col = w->channels,
                           .c_row = w->stride[2] * w->filters, .accumulate = true, .piece = line,
                           .lines = w->batch * w->in[0] * w->in[1], .context = &l};
        if (count <= 0) continue;
        l.tap[0] = k / w->size[2] / w->size[1];
        l.tap[1] = k / w->size[2] % w->size[1];
        l.tap[2] = k % w->size[2];
        l.first = first;
        l.count = count;
        if (y->dtype == MDL_FLOAT32) mdl_gemm_f(&g);
        else mdl_gemm_d(&g);
    }
}

static void part(void *argument, int i)
{
    const Transposed *const t = argument;
    const Window *const     w = t->window;
    const mdl_tensor *const y = t->y;
    const int64_t           begin = part_begin(t->lines, 1, t->parts, i), end = part_begin(t->lines, 1, t->parts, i + 1);
    if (t->phases) mdl_phases(w, y->data, t->x->data, t->kernel->data, begin, end);
    else tap_by_tap(t, begin, end);
    const int64_t pixel = begin * w->out[2], pixels = (end - begin) * w->out[2];
    if (y->dtype == MDL_FLOAT32) mdl_finish_f(t->then, (float *)(void *)byte_at(y, pixel * w->filters), w->filters, pixel, pixels, 0, w->filters);
    else mdl_finish_d(t->then, (double *)(void *)byte_at(y, pixel * w->filters), w->filters, pixel, pixels, 0, w->filters);
}

static bool fits(Window *w, const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_transpose_attrs *attrs)
{
    const mdl_tensor *const kernel = &in[1];
    if (nin != 2 || !window_open(w, out, in, attrs->strides, attrs->dilations, attrs->low) || kernel->rank != in->rank) return false;
    for (int i = 0; i < in->rank - 2; i++) w->size[5 - in->rank + i] = kernel->shape[i];
    return kernel->shape[in->rank - 2] == w->filters && kernel->shape[in->rank - 1] == w->channels;
}

mdl_status mdl_conv_transpose_then(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_transpose_attrs *attrs,
                                   const mdl_epilogue *then, mdl_error *error)
{
    Window w;
    if (!fits(&w, out, in, nin, attrs)) return mdl_refuse_shape(error, "conv_transpose", "the shapes do not fit");
    if (out->dtype != in[0].dtype || out->dtype != in[1].dtype) return mdl_refuse_dtype(error, "conv_transpose", out);
    if (out->dtype != MDL_FLOAT32 && out->dtype != MDL_FLOAT64) return mdl_refuse_dtype(error, "conv_transpose", out);
    if (elements(out) == 0) return MDL_OK;
    Transposed    t = {&w, out, &in[0], &in[1], then, out->dtype == MDL_FLOAT32 && mdl_phases_suit(&w), w.batch * w.out[0] * w.out[1], 1};
    const int     most = mdl_parts((double)elements(&in[0]) * (double)(w.size[0] * w.size[1] * w.size[2] * w.filters));
    const int64_t least = t.phases ? mdl_phases_rows(&w) : 1;
    t.parts = (int)at_least(at_most(most, t.lines / least), 1);
    mdl_parallel(t.parts, part, &t);
    return MDL_OK;
}

mdl_status mdl_conv_transpose(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_transpose_attrs *attrs, mdl_error *error)
{
    return mdl_conv_transpose_then(out, in, nin, attrs, NULL, error);
}
