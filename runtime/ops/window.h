/* The geometry that convolutions and pools share: [batch, *space, channels] with 1 to 3 space axes, seen as 3 by adding
 * axes of size 1 in front. */
#ifndef MDL_WINDOW_H
#define MDL_WINDOW_H

#include "kernel.h"

typedef struct Window {
    int64_t batch, channels, filters; /* channels of the input and of the output */
    int64_t in[3], out[3], size[3], stride[3], dilation[3], low[3];
} Window;

/* Fills all but `size`. `dilations` may be NULL: 1. False if the ranks, the batch or an attribute are impossible. */
static inline bool window_open(Window *w, const mdl_tensor *out, const mdl_tensor *in, const int64_t *strides,
                               const int64_t *dilations, const int64_t *low)
{
    const int space = in->rank - 2;
    if (space < 1 || space > 3 || out->rank != in->rank || out->shape[0] != in->shape[0]) return false;
    *w = (Window){.batch = in->shape[0], .channels = in->shape[space + 1], .filters = out->shape[space + 1],
                  .in = {1, 1, 1}, .out = {1, 1, 1}, .size = {1, 1, 1}, .stride = {1, 1, 1}, .dilation = {1, 1, 1}};
    for (int i = 0; i < space; i++) {
        const int a = 3 - space + i;
        w->in[a] = in->shape[1 + i];
        w->out[a] = out->shape[1 + i];
        w->stride[a] = strides[i];
        w->dilation[a] = dilations != NULL ? dilations[i] : 1;
        w->low[a] = low[i];
        if (w->stride[a] < 1 || w->dilation[a] < 1) return false;
    }
    return true;
}


/* The taps [*first, *end) of axis a that fall inside the input at output position o: 0 <= start + tap * dilation < in. */
static inline void window_taps(const Window *w, int a, int64_t o, int64_t *start, int64_t *first, int64_t *end)
{
    *start = o * w->stride[a] - w->low[a];
    *first = *start >= 0 ? 0 : (-*start + w->dilation[a] - 1) / w->dilation[a];
    *end = *start >= w->in[a] ? 0 : at_most(w->size[a], (w->in[a] - *start + w->dilation[a] - 1) / w->dilation[a]);
}

#endif
