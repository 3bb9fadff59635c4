/* Included by winograd.c for each instruction set: the transforms, a vector of channels or filters at a time, and a block of tiles. */

#define NAME(base) CONCAT(base, MDL_ISA)
#if MDL_ISA_BYTES > 0
#define V     NAME(V) /* in registers */
#define U     NAME(U) /* in memory, where it needn't be aligned */
#define LANES ((int64_t)(MDL_ISA_BYTES / sizeof(float)))
typedef float V __attribute__((vector_size(MDL_ISA_BYTES)));
typedef float U __attribute__((vector_size(MDL_ISA_BYTES), aligned(sizeof(float)), may_alias));
#else
#define V     float
#define U     float
#define LANES 1
#endif
#include "lanes.h"

#if MDL_ISA_BYTES > 0
#define FINISHED(last, sum, row, column) NAME(finished)(last, sum, NAME(bias_of)(last, column), row, column)
#else
#define FINISHED(last, sum, row, column) NAME(finished_one)(last, sum, row, column)
#endif

#define LINE static inline __attribute__((always_inline)) void

/* Where the vector at `at` of a line of n elements begins. */
#define BEGIN(at, n) at_most(at, (n) - LANES)

/* Lines of a tile: n + 2 inputs, three taps, n + 2 sums, each `step` apart. */
LINE NAME(input_line)(int tile, V *to, const V *d, int step)
{
    const V d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step];
    if (tile == 2) {
        to[0] = d0 - d2;
        to[step] = d1 + d2;
        to[2 * step] = d2 - d1;
        to[3 * step] = d1 - d3;
        return;
    }
    const V d4 = d[4 * step], d5 = d[5 * step];
    const V even = d4 - 4.0f * d2, odd = d3 - 4.0f * d1, near = d4 - d2, far = 2.0f * (d3 - d1);
    to[0] = 4.0f * d0 - 5.0f * d2 + d4;
    to[step] = even + odd;
    to[2 * step] = even - odd;
    to[3 * step] = near + far;
    to[4 * step] = near - far;
    to[5 * step] = 4.0f * d1 - 5.0f * d3 + d5;
}

LINE NAME(filter_line)(int tile, V *to, V g0, V g1, V g2, int step)
{
    if (tile == 2) {
        to[0] = g0;
        to[step] = 0.5f * (g0 + g1 + g2);
        to[2 * step] = 0.5f * (g0 - g1 + g2);
        to[3 * step] = g2;
        return;
    }
    const V outer = g0 + g2, mixed = g0 + 4.0f * g2;
    to[0] = 0.25f * g0;
    to[step] = (outer + g1) * (-1.0f / 6.0f);
    to[2 * step] = (outer - g1) * (-1.0f / 6.0f);
    to[3 * step] = (mixed + 2.0f * g1) * (1.0f / 24.0f);
    to[4 * step] = (mixed - 2.0f * g1) * (1.0f / 24.0f);
    to[5 * step] = g2;
}

LINE NAME(output_line)(int tile, V *to, const V *m, int to_step, int step)
{
    const V m0 = m[0], m1 = m[step], m2 = m[2 * step], m3 = m[3 * step];
    if (tile == 2) {
        to[0] = m0 + m1 + m2;
        to[to_step] = m1 - m2 - m3;
        return;
    }
    const V m4 = m[4 * step], m5 = m[5 * step];
    const V sum = m1 + m2, difference = m1 - m2, far_sum = m3 + m4, far_difference = m3 - m4;
    to[0] = m0 + sum + far_sum;
    to[to_step] = difference + 2.0f * far_difference;
    to[2 * to_step] = sum + 4.0f * far_sum;
    to[3 * to_step] = difference + 8.0f * far_difference + m5;
}

/* ---- whole tiles; `tile` is constant after inlining ---- */

LINE NAME(filters_of)(const int tile, const Filters *f, int64_t from, int64_t end)
{
    const int     n = tile + 2;
    const int64_t tap = f->channels * f->filters, place = f->channels * gemm_padded(f->filters);
    for (int64_t panel = 0; panel < panels(f->filters); panel++) {
        const int64_t first = panel_begin(f->filters, panel), row = panel_begin(f->filters, panel + 1) - first;
        const int64_t width = at_most(row, f->filters - first);
        for (int64_t c = from; c < end; c++) {
            float *const to = f->to + first * f->channels + c * row;
            for (int64_t j0 = 0; j0 < width; j0 += LANES) {
                const int64_t j = BEGIN(j0, width);
                const float  *g = f->from + c * f->filters + first + j;
                V             rows[18], all[36];
                for (int k = 0; k < 3; k++) {
                    NAME(filter_line)(tile, rows + k, *(const U *)(g + k * tap), *(const U *)(g + (3 + k) * tap), *(const U *)(g + (6 + k) * tap), 3);
                }
                for (int i = 0; i < n; i++) NAME(filter_line)(tile, all + i * n, rows[i * 3], rows[i * 3 + 1], rows[i * 3 + 2], 1);
                for (int p = 0; p < n * n; p++) *(U *)(to + p * place + j) = all[p];
            }
            for (int p = 0; p < n * n; p++)
                for (int64_t j = width; j < row; j++) to[p * place + j] = 0;
        }
    }
}

/* The input under one tile, all channels; to[place][tile of the block][channel]. */
LINE NAME(input_tile)(const int tile, const Window *w, const float *image, int64_t y0, int64_t x0, float *to, int64_t place)
{
    const int     n = tile + 2;
    const int64_t line = w->in[2] * w->channels;
    for (int64_t c0 = 0; c0 < w->channels; c0 += LANES) {
        const int64_t c = BEGIN(c0, w->channels);
        V             d[36], columns[36];
        for (int i = 0; i < n; i++) {
            const int64_t y = y0 + i;
            for (int k = 0; k < n; k++) {
                const int64_t x = x0 + k;
                const bool    inside = y >= 0 && y < w->in[1] && x >= 0 && x < w->in[2];
                d[i * n + k] = (V){0};
                if (inside) d[i * n + k] = *(const U *)(image + y * line + x * w->channels + c);
            }
        }
        for (int k = 0; k < n; k++) NAME(input_line)(tile, columns + k, d + k, n);
        for (int i = 0; i < n; i++) {
            V row[6];
            NAME(input_line)(tile, row, columns + i * n, 1);
            for (int k = 0; k < n; k++) *(U *)(to + (i * n + k) * place + c) = row[k];
        }
    }
}

/* Sums of one tile for `width` filters, from[place][tile of the block][filter], to the pixels that lie inside. `last`: a plain epilogue,
 * or NULL. */
LINE NAME(output_tile)(const int tile, const Window *w, const float *from, int64_t place, int64_t width, float *y, int64_t rows, int64_t columns,
                       const NAME(Plain) *last)
{
    const int n = tile + 2;
    for (int64_t f0 = 0; f0 < width; f0 += LANES) {
        const int64_t f = BEGIN(f0, width);
        V             m[36], lines[24];
        for (int p = 0; p < n * n; p++) m[p] = *(const U *)(from + p * place + f);
        for (int k = 0; k < n; k++) NAME(output_line)(tile, lines + k, m + k, n, n);
        for (int i = 0; i < tile && i < rows; i++) {
            V row[4];
            NAME(output_line)(tile, row, lines + i * n, 1, 1);
            for (int k = 0; k < tile && k < columns; k++) {
                const int64_t pixel = i * w->out[2] + k;
                *(U *)(y + pixel * w->filters + f) = last != NULL ? FINISHED(last, row[k], pixel, f) : row[k];
            }
        }
    }
}

LINE NAME(block_of)(const int tile, const Winograd *g, int64_t from, int64_t end, int64_t first, int64_t last)
{
    const Window *const w = g->window;
    const int64_t       count = end - from, all = places(tile);
    const bool          plain = is_plain(g->then);
    for (int64_t t = from; t < end; t++) {
        const int64_t x = t % g->across * tile, y = t / g->across % g->down * tile, b = t / g->across / g->down;
        NAME(input_tile)(tile, w, g->x + b * w->in[1] * w->in[2] * w->channels, y - w->low[1], x - w->low[2],
                         scratch.input + (t - from) * w->channels, count * w->channels);
    }
    for (int64_t panel = first; panel < last; panel++) {
        const int64_t j = panel_begin(w->filters, panel), row = panel_begin(w->filters, panel + 1) - j, width = at_most(row, w->filters - j);
        for (int64_t p = 0; p < all; p++) {
            const Gemm one = {.m = count, .n = row, .k = w->channels, .a = scratch.input + p * count * w->channels, .a_row = w->channels,
                              .a_col = 1, .b = g->filters + (p * gemm_padded(w->filters) + j) * w->channels, .b_row = row, .b_col = 1,
                              .c = scratch.sums + p * count * PANEL, .c_row = PANEL, .dense = true};
            mdl_gemm_alone_f(&one);
        }
        for (int64_t t = from; t < end; t++) {
            const int64_t x = t % g->across * tile, y = t / g->across % g->down * tile, b = t / g->across / g->down;
            const int64_t     pixel = (b * w->out[1] + y) * w->out[2] + x;
            const NAME(Plain) here = plain ? NAME(plain_from)(g->then, w->filters, pixel, j) : (NAME(Plain)){0};
            NAME(output_tile)(tile, w, scratch.sums + (t - from) * PANEL, count * PANEL, width, g->y + pixel * w->filters + j, w->out[1] - y,
                              w->out[2] - x, plain ? &here : NULL);
        }
        if (!plain) finish(g, from, end, j, width);
    }
}

static void NAME(filters)(const Filters *f, int64_t from, int64_t end)
{
    if (f->tile == 2) NAME(filters_of)(2, f, from, end);
    else NAME(filters_of)(4, f, from, end);
}

static void NAME(block)(const Winograd *g, int64_t from, int64_t end, int64_t first, int64_t last)
{
    if (g->tile == 2) NAME(block_of)(2, g, from, end, first, last);
    else NAME(block_of)(4, g, from, end, first, last);
}

#undef FINISHED
#undef BEGIN
#undef LINE
#undef LANES
#undef U
#undef V
#undef NAME
