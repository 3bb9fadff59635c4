/* Included by grouped.c for each instruction set. */
#define NAME(base) CONCAT(base, MDL_ISA)
#if MDL_ISA_BYTES > 0
#define V     NAME(V) /* in registers */
#define U     NAME(U) /* in memory, where it needn't be aligned */
#define I     NAME(I) /* numbers of lanes */
#define LANES ((int)(MDL_ISA_BYTES / sizeof(float)))

typedef float V __attribute__((vector_size(MDL_ISA_BYTES)));
typedef float U __attribute__((vector_size(MDL_ISA_BYTES), aligned(sizeof(float)), may_alias));
typedef int32_t I __attribute__((vector_size(MDL_ISA_BYTES)));
#include "lanes.h"

/* Lane i of the result is lane `of[i]` of v. */
static inline V NAME(picked)(V v, I of)
{
#if MDL_ISA == 2
    return _mm512_permutexvar_ps((__m512i)of, v);
#elif MDL_ISA == 1
    return _mm256_permutevar8x32_ps(v, (__m256i)of);
#else
    V result = {0};
    for (int i = 0; i < LANES; i++) result[i] = v[of[i]];
    return result;
#endif
}

/* A vector from x on, where fewer may be left. */
static inline __attribute__((always_inline)) V NAME(vector_at)(const bool whole, const float *x, int64_t left)
{
    if (whole || left >= LANES) return *(const U *)x;
    return NAME(load_some)(x, left);
}

/* `pixels` neighbours, whose windows reach over no edge but those that the place knows; `whole`: all vectors are. With both constant after
 * inlining, `sum` is registers, and nothing is asked in the loops. */
static inline __attribute__((always_inline)) void NAME(grouped_tile)(const int pixels, const bool whole, const Grouped *g, const Place *at, int64_t ox)
{
    const Window *const w = g->window;
    const int64_t       next = w->stride[2] * w->channels, line = w->in[2] * w->channels;
    const int64_t       from = at->x + ox * next;
    V                   sum[MOST_PIXELS];
    I                   of;
    memcpy(&of, g->lane, sizeof of);
    UNROLL for (int p = 0; p < pixels; p++) sum[p] = (V){0};
    for (int64_t z = at->first[0]; z < at->last[0]; z++) {
        for (int64_t y = at->first[1]; y < at->last[1]; y++) {
            for (int64_t x = at->first[2]; x < at->last[2]; x++) {
                const float *taps = g->kernel + ((z * w->size[1] + y) * w->size[2] + x) * g->channels * w->filters + at->filter;
                const float *pixel = g->x + from + (z * w->dilation[0] * w->in[1] + y * w->dilation[1]) * line + x * w->dilation[2] * w->channels;
                V            channels[MOST_PIXELS];
                UNROLL for (int p = 0; p < pixels; p++) channels[p] = NAME(vector_at)(whole, pixel + p * next, g->end - (pixel + p * next));
                for (int64_t c = 0; c < g->channels; c++, taps += w->filters) {
                    const V tap = NAME(vector_at)(whole, taps, at->count);
                    const I lane = of + (int32_t)c;
                    UNROLL for (int p = 0; p < pixels; p++) sum[p] = FMADD(NAME(picked)(channels[p], lane), tap, sum[p]);
                }
            }
        }
    }
    UNROLL for (int p = 0; p < pixels; p++) {
        float *const y = at->y + (ox + p) * w->filters;
        if (whole || at->count >= LANES) *(U *)y = sum[p];
        else NAME(store_some)(y, sum[p], at->count);
    }
}

static __attribute__((noinline)) void NAME(grouped_many)(const Grouped *g, const Place *at, int64_t ox)
{
    NAME(grouped_tile)(MOST_PIXELS, true, g, at, ox);
}

static __attribute__((noinline)) void NAME(grouped_one)(const Grouped *g, const Place *at, int64_t ox)
{
    NAME(grouped_tile)(1, false, g, at, ox);
}

/* Do the vectors of all taps of so many pixels end before the filters and the input do? */
static bool NAME(are_whole)(const Grouped *g, const Place *at, int64_t ox)
{
    const Window *const w = g->window;
    const int64_t       pixel = (ox + MOST_PIXELS - 1) * w->stride[2] + (at->last[2] - 1) * w->dilation[2];
    const int64_t       line = (at->last[0] - 1) * w->dilation[0] * w->in[1] + (at->last[1] - 1) * w->dilation[1];
    return at->count >= LANES && at->x + (line * w->in[2] + pixel) * w->channels + LANES <= g->end - g->x;
}

/* Pixels whose windows lie inside the row are computed several at a time; the last of these once more with those before. */
static void NAME(grouped_row)(const Grouped *g, Place *at)
{
    const Window *const w = g->window;
    const int64_t       room = w->in[2] + w->low[2] - (w->size[2] - 1) * w->dilation[2] - 1;
    const int64_t       inside = (w->low[2] + w->stride[2] - 1) / w->stride[2], end = room < 0 ? 0 : at_most(room / w->stride[2] + 1, w->out[2]);
    for (int64_t ox = 0, start; ox < w->out[2];) {
        const int64_t tile = at_most(ox, end - MOST_PIXELS);
        at->first[2] = 0;
        at->last[2] = w->size[2];
        if (ox >= inside && ox < end && tile >= inside && NAME(are_whole)(g, at, tile)) {
            NAME(grouped_many)(g, at, tile);
            ox = tile + MOST_PIXELS;
        } else {
            window_taps(w, 2, ox, &start, &at->first[2], &at->last[2]);
            NAME(grouped_one)(g, at, ox);
            ox++;
        }
    }
}

/* Rows of output pixels, counted through the batch. */
static void NAME(grouped)(const Grouped *g, int64_t begin, int64_t end)
{
    const Window *const w = g->window;
    for (int64_t row = begin; row < end; row++) {
        const int64_t b = row / w->out[1] / w->out[0];
        int64_t       z, y;
        Place         at = {.y = g->y + row * w->out[2] * w->filters};
        window_taps(w, 0, row / w->out[1] % w->out[0], &z, &at.first[0], &at.last[0]);
        window_taps(w, 1, row % w->out[1], &y, &at.first[1], &at.last[1]);
        const int64_t pixel = ((b * w->in[0] + z) * w->in[1] + y) * w->in[2] - w->low[2];
        for (at.filter = 0; at.filter < w->filters; at.filter += LANES, at.y += LANES) {
            at.count = w->filters - at.filter;
            at.x = pixel * w->channels + at.filter / g->filters * g->channels;
            NAME(grouped_row)(g, &at);
        }
        mdl_finish_f(g->then, g->y + row * w->out[2] * w->filters, w->filters, row * w->out[2], w->out[2], 0, w->filters);
    }
}

#undef LANES
#undef I
#undef U
#undef V
#else
static void NAME(grouped)(const Grouped *g, int64_t begin, int64_t end) /* mdl_grouped_suits knows of no such set */
{
    (void)g, (void)begin, (void)end;
}
#endif
#undef NAME
