/* Included by direct.c for each instruction set with vectors. */
#if MDL_ISA_BYTES > 0

#define NAME(base) CONCAT(base, MDL_ISA)
#define V          NAME(V) /* in registers */
#define U          NAME(U) /* in memory, where it needn't be aligned */
#define LANES      ((int)(MDL_ISA_BYTES / sizeof(float)))
#define MANY       (MDL_ISA == 2 || MDL_NEON) /* 32 registers */
#define VECTORS    (MANY ? 4 : 2)             /* of a panel of filters */

typedef float V __attribute__((vector_size(MDL_ISA_BYTES)));
typedef float U __attribute__((vector_size(MDL_ISA_BYTES), aligned(sizeof(float)), may_alias));
#include "lanes.h"

/* A tile's last filters may be half of a vector, and then take half of the time. No such type but V where no set has it. */
#define H NAME(H)
#if MDL_ISA == 2
#define HALVES            1
#define HALF              8
#define LOAD_HALF(from)   _mm256_loadu_ps(from)
#define ADD_HALF(a, b, c) _mm256_fmadd_ps(_mm512_castps512_ps256(a), b, c)
#define WIDENED(half)     _mm512_castps256_ps512(half)
typedef __m256 H;
#else
#define HALVES            0
#define HALF              LANES
#define LOAD_HALF(from)   (*(const U *)(from))
#define ADD_HALF(a, b, c) FMADD(a, b, c)
#define WIDENED(half)     (half)
typedef V H;
#endif

/* What a tile reads: `lines` runs of `run` elements, `line` apart; the next pixel's are `step` further on. The last of its
 * vectors, or the half behind them, begins at `last`: if the filters end inside, it overlaps the one before. */
typedef struct NAME(Taps) {
    int64_t      lines, run, line, step, last;
    const float *kernel;
    int64_t      kernel_row;
    const NAME(Plain) *end; /* of a row, if the epilogue is plain; else NULL */
} NAME(Taps);

/* Ends and writes the sums of a tile. */
static inline __attribute__((always_inline)) void NAME(keep)(const int pixels, const int vectors, const bool half,
                                                             const NAME(Taps) *t, V sum[8][VECTORS], const H *rest, float *y,
                                                             int64_t y_step, int64_t at)
{
    const int64_t last = t->last;
    UNROLL for (int v = 0; v < vectors; v++) {
        const int64_t column = v + 1 < vectors + half ? v * LANES : last;
        if (t->end != NULL) {
            const V bias = NAME(bias_of)(t->end, column);
            UNROLL for (int p = 0; p < pixels; p++) sum[p][v] = NAME(finished)(t->end, sum[p][v], bias, at + p, column);
        }
        UNROLL for (int p = 0; p < pixels; p++) *(U *)(y + p * y_step + column) = sum[p][v];
    }
    if (!half) return;
    UNROLL for (int p = 0; p < pixels; p++) {
        V ended = WIDENED(rest[p]);
        const V bias = t->end != NULL ? NAME(bias_of_some)(t->end, last, HALF) : (V){0};
        if (t->end != NULL) ended = NAME(finished_some)(t->end, ended, bias, at + p, last, HALF);
        NAME(store_some)(y + p * y_step + last, ended, HALF);
    }
}

/* `pixels` neighbouring output pixels, the first being number `at` of its row, of `vectors` vectors of filters, and half a one if
 * `half`: with these numbers constant after inlining, `sum` and `rest` are registers. */
static inline __attribute__((always_inline)) void NAME(tile)(const int pixels, const int vectors, const bool half,
                                                             const NAME(Taps) *t, const float *x, float *y, int64_t y_step,
                                                             int64_t at)
{
    const float  *tap = t->kernel;
    const int64_t lines = t->lines, run = t->run, line = t->line, step = t->step, last = t->last, kernel_row = t->kernel_row;
    V             sum[8][VECTORS];
    H             rest[8], rest_tap = {0};
    UNROLL for (int p = 0; p < pixels; p++) {
        UNROLL for (int v = 0; v < vectors; v++) sum[p][v] = (V){0};
        rest[p] = (H){0};
    }
    for (int64_t l = 0; l < lines; l++) {
        const float *from = x + l * line;
        for (int64_t r = 0; r < run; r++) {
            V taps[VECTORS];
            UNROLL for (int v = 0; v < vectors; v++) taps[v] = *(const U *)(tap + (v + 1 < vectors + half ? v * LANES : last));
            if (half) rest_tap = LOAD_HALF(tap + last);
            UNROLL for (int p = 0; p < pixels; p++) {
                const V factor = from[p * step] - (V){0};
                UNROLL for (int v = 0; v < vectors; v++) sum[p][v] = FMADD(factor, taps[v], sum[p][v]);
                if (half) rest[p] = ADD_HALF(factor, rest_tap, rest[p]);
            }
            from++;
            tap += kernel_row;
        }
    }
    NAME(keep)(pixels, vectors, half, t, sum, rest, y, y_step, at);
}

#define TILE_OF(name, pixels, vectors, half)                                                                                    \
    static __attribute__((noinline)) void NAME(name)(const NAME(Taps) *t, const float *x, float *y, int64_t y_step, int64_t at) \
    {                                                                                                                           \
        NAME(tile)(pixels, vectors, half, t, x, y, y_step, at);                                                                 \
    }
#define TILE(pixels, vectors)         TILE_OF(tile_##pixels##x##vectors, pixels, vectors, false)
#define HALF_TILE(pixels, vectors)    TILE_OF(half_tile_##pixels##x##vectors, pixels, vectors, true)
#define TILE_BY(pixels, vectors)      [pixels] = NAME(tile_##pixels##x##vectors),
#define HALF_TILE_BY(pixels, vectors) [pixels] = NAME(half_tile_##pixels##x##vectors),
#define UP_TO_4(F, v) F(1, v) F(2, v) F(3, v) F(4, v)
#define UP_TO_6(F, v) UP_TO_4(F, v) F(5, v) F(6, v)
#define UP_TO_8(F, v) UP_TO_6(F, v) F(7, v) F(8, v)

/* By whether half a vector follows, vectors and pixels; and how many pixels there are at most. */
typedef void NAME(Tile)(const NAME(Taps) *, const float *, float *, int64_t, int64_t);
#if MANY
UP_TO_8(TILE, 1) UP_TO_8(TILE, 2) UP_TO_8(TILE, 3) UP_TO_6(TILE, 4)
#if HALVES
UP_TO_8(HALF_TILE, 1) UP_TO_8(HALF_TILE, 2) UP_TO_6(HALF_TILE, 3)
#endif
static NAME(Tile) *const NAME(tiles)[1 + HALVES][VECTORS + 1][9] = {
    {{NULL}, {UP_TO_8(TILE_BY, 1)}, {UP_TO_8(TILE_BY, 2)}, {UP_TO_8(TILE_BY, 3)}, {UP_TO_6(TILE_BY, 4)}},
#if HALVES
    {{NULL}, {UP_TO_8(HALF_TILE_BY, 1)}, {UP_TO_8(HALF_TILE_BY, 2)}, {UP_TO_6(HALF_TILE_BY, 3)}},
#endif
};
static const int64_t NAME(most_pixels)[VECTORS + 1] = {0, 8, 8, 8, 6};
#elif MDL_ISA == 1
UP_TO_8(TILE, 1) UP_TO_6(TILE, 2)
static NAME(Tile) *const NAME(tiles)[1][VECTORS + 1][9] = {{{NULL}, {UP_TO_8(TILE_BY, 1)}, {UP_TO_6(TILE_BY, 2)}}};
static const int64_t NAME(most_pixels)[VECTORS + 1] = {0, 8, 6};
#else
UP_TO_8(TILE, 1) UP_TO_4(TILE, 2)
static NAME(Tile) *const NAME(tiles)[1][VECTORS + 1][9] = {{{NULL}, {UP_TO_8(TILE_BY, 1)}, {UP_TO_4(TILE_BY, 2)}}};
static const int64_t NAME(most_pixels)[VECTORS + 1] = {0, 8, 4};
#endif

/* Is what `width` filters leave in their last vector better computed as half a one? */
static bool NAME(ends_in_half)(int64_t width)
{
    return HALVES && width > LANES && width % LANES > 0 && width % LANES <= HALF;
}

/* One row of output pixels, `width` filters of each. If these are fewer than a vector, what is written beyond them is overwritten
 * by the next pixel, provided that follows at once; else the tile's results take a detour. */
static void NAME(row)(const Window *w, const NAME(Taps) *t, const float *x, float *y, int64_t y_pixel, int64_t width)
{
    const int     vectors = (int)((width + LANES - 1) / LANES);
    const bool    half = NAME(ends_in_half)(width);
    const int64_t most = NAME(most_pixels)[vectors], tiles = (w->out[2] + most - 1) / most;
    int64_t       at = 0;
    for (int64_t i = 0; i < tiles; i++) {
        const int64_t     pixels = (w->out[2] - at) / (tiles - i); /* the shorter tiles first */
        NAME(Tile) *const tile = NAME(tiles)[half][vectors - half][pixels];
        const float      *from = x + at * t->step;
        float *const      to = y + at * y_pixel;
        if (width >= LANES || (width == y_pixel && (w->out[2] - at - pixels) * width >= LANES - width)) {
            tile(t, from, to, y_pixel, at);
        } else {
            float result[8 * LANES];
            tile(t, from, result, LANES, at);
            for (int64_t p = 0; p < pixels; p++)
                for (int64_t f = 0; f < width; f++) to[p * y_pixel + f] = result[p * LANES + f];
        }
        at += pixels;
    }
}

/* The kernel's lines of the filters behind the last whole panels, if these are fewer than a vector and no zeros follow them. */
static void NAME(widen)(const Direct *d, float *narrow)
{
    const int64_t filters = d->window->filters, from = filters / GEMM_PANEL * GEMM_PANEL, width = filters - from;
    if (d->packed || width >= LANES) return;
    for (int64_t l = 0; l < kernel_lines(d->window); l++)
        for (int64_t f = 0; f < LANES; f++) narrow[l * LANES + f] = f < width ? d->kernel[l * filters + from + f] : 0;
}

/* Where filters [at, ...) of the panel that begins with filter `first` lie, and how far their lines are apart. */
static void NAME(find_kernel)(const Direct *d, NAME(Taps) *t, int64_t first, int64_t at, const float *narrow)
{
    const int64_t filters = d->window->filters;
    const bool    few = filters - first < LANES;
    t->kernel_row = d->packed ? gemm_panel_row(filters, first) : few ? LANES : filters;
    t->kernel = d->packed ? d->kernel + first * kernel_lines(d->window) + at : few ? narrow : d->kernel + first + at;
}

/* Output rows [first, first + rows), from rows of the input, `line` apart, that begin with the first one's window; the filters of
 * one panel. Its vectors are split evenly, the smaller parts first: so the last part is whole, has a vector to overlap, or is all. */
static void NAME(panel)(const Direct *d, const float *x, int64_t line, int64_t first, int64_t rows, int64_t filter,
                        const float *narrow)
{
    const Window *const w = d->window;
    const int64_t       width = at_most(w->filters - filter, GEMM_PANEL), vectors = (width + LANES - 1) / LANES;
    const int64_t       parts = (vectors + VECTORS - 1) / VECTORS;
    NAME(Taps)          taps = {.lines = w->size[1], .run = w->size[2] * w->channels, .line = w->dilation[1] * line,
                                .step = w->stride[2] * w->channels};
    for (int64_t i = 0, at = 0, end; i < parts; i++, at = end) {
        end = at_most(at + (vectors - at / LANES) / (parts - i) * LANES, width);
        taps.last = at_least(end - at - (NAME(ends_in_half)(end - at) ? HALF : LANES), 0);
        NAME(find_kernel)(d, &taps, filter, at, narrow);
        for (int64_t row = 0; row < rows; row++) {
            const int64_t     pixel = (first + row) * w->out[2];
            const bool        plain = is_plain(d->then) && end - at >= LANES;
            const NAME(Plain) last = plain ? NAME(plain_from)(d->then, w->filters, pixel, filter + at) : (NAME(Plain)){0};
            float *const      y = d->y + (first + row) * d->y_row + filter + at;
            taps.end = plain ? &last : NULL;
            NAME(row)(w, &taps, x + row * w->stride[1] * line, y, d->y_pixel, end - at);
            if (!plain) mdl_finish_f(d->then, y, w->filters, pixel, w->out[2], filter + at, end - at);
        }
    }
}

static void NAME(strip)(const Direct *d, const float *x, int64_t line, int64_t first, int64_t rows, const float *narrow)
{
    if (d->few) few_filters(d, x, line, first, rows, narrow);
    for (int64_t f = 0; !d->few && f < d->window->filters; f += GEMM_PANEL) NAME(panel)(d, x, line, first, rows, f, narrow);
}

/* Copies `rows` rows of the image, from row `top` and column -low on, with zeros where there is none. */
static void NAME(pad_rows)(const Window *w, const float *image, int64_t top, int64_t rows, float *strip)
{
    const int64_t line = padded_row(w), input = w->in[2] * w->channels, left = at_most(w->low[2] * w->channels, line);
    const int64_t inside = at_most(input, line - left);
    for (int64_t r = 0; r < rows; r++, strip += line) {
        const bool    exists = top + r >= 0 && top + r < w->in[1];
        const int64_t begin = exists ? left : line, end = exists ? left + inside : line;
        for (int64_t i = 0; i < begin; i++) strip[i] = 0;
        copy_bytes(strip + begin, image + (exists ? (top + r) * input : 0), (end - begin) * (int64_t)sizeof(float));
        for (int64_t i = end; i < line; i++) strip[i] = 0;
    }
}

/* Rows of output pixels, counted through the batch. */
static void NAME(direct)(const Direct *d, int64_t begin, int64_t end)
{
    const Window *const w = d->window;
    const int64_t       input = w->in[2] * w->channels, line = padded_row(w), most = strip_rows(w);
    _Alignas(64) float  strip[STRIP], memory[NARROW];
    const float        *narrow = memory;
    if (d->few) narrow = mdl_dots_turned(d->kernel, kernel_lines(w), w->filters, w->filters, memory);
    else NAME(widen)(d, memory);
    for (int64_t row = begin; row < end;) {
        const int64_t b = row / w->out[1], oy = row % w->out[1], top = oy * w->stride[1] - w->low[1];
        const int64_t rows = at_most(at_most(most, end - row), w->out[1] - oy), under = rows_under(w, rows);
        const float  *image = d->x + b * w->in[1] * input;
        if (reaches_no_side(w) && top >= 0 && top + under <= w->in[1]) {
            NAME(strip)(d, image + top * input, input, row, rows, narrow);
        } else {
            NAME(pad_rows)(w, image, top, under, strip);
            NAME(strip)(d, strip, line, row, rows, narrow);
        }
        row += rows;
    }
}

#undef UP_TO_8
#undef UP_TO_6
#undef UP_TO_4
#undef HALF_TILE_BY
#undef TILE_BY
#undef HALF_TILE
#undef TILE
#undef TILE_OF
#undef WIDENED
#undef ADD_HALF
#undef LOAD_HALF
#undef HALF
#undef HALVES
#undef H
#undef VECTORS
#undef MANY
#undef LANES
#undef U
#undef V
#undef NAME
#endif
