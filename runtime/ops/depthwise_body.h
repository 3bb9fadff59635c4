/* Included by depthwise.c for each element type and instruction set. */

#define NAME(base) CONCAT(base, TYPE, MDL_ISA)

#if MDL_ISA_BYTES > 0
#define V     NAME(V)
#define U     NAME(U)
#define LANES ((int64_t)(MDL_ISA_BYTES / sizeof(T)))
typedef T V __attribute__((vector_size(MDL_ISA_BYTES)));
typedef T U __attribute__((vector_size(MDL_ISA_BYTES), aligned(sizeof(T)), may_alias));
#endif
#include "lanes.h"

/* One output pixel from taps [*0, *1) at input position (z, r, s) of the image x. */
static void NAME(depthwise_pixel)(const Window *w, T *restrict y, const T *restrict x, const T *restrict kernel, const int64_t at[3],
                                  const int64_t first[3], const int64_t end[3])
{
    const int64_t pixel = w->channels, line = w->in[2] * pixel, plane = w->in[1] * line;
    for (int64_t c = 0; c < pixel; c++) {
        T sum = 0;
        for (int64_t kz = first[0]; kz < end[0]; kz++)
            for (int64_t ky = first[1]; ky < end[1]; ky++)
                for (int64_t kx = first[2]; kx < end[2]; kx++)
                    sum += x[(at[0] + kz * w->dilation[0]) * plane + (at[1] + ky * w->dilation[1]) * line + (at[2] + kx * w->dilation[2]) * pixel + c] *
                           kernel[((kz * w->size[1] + ky) * w->size[2] + kx) * pixel + c];
        y[c] = sum;
    }
}

#if MDL_ISA_BYTES > 0
/* What the tiles of one row of output pixels read: lines of the window that lie inside of the image. */
typedef struct NAME(Lines) {
    const T *x, *kernel;   /* the image */
    int64_t  channels;
    int64_t  width;        /* of the image */
    int64_t  size, stride, dilation; /* of windows, along the row */
    int      count;
    int64_t  from[LINES];  /* in x, of column 0 */
    int64_t  taps[LINES];  /* in the kernel */
    int64_t  column;       /* at which the tile's first window begins; may be outside */
    unsigned outside;      /* bit j: column + j is not inside of the image */
    const NAME(Plain) *last; /* from the tile's first pixel on, or NULL */
} NAME(Lines);

/* `pixels` neighbouring output pixels of a row whose windows have `size` columns, `stride` apart. With the three numbers constant after
 * inlining, `sum` and `tap` are registers. */
static inline __attribute__((always_inline)) void NAME(tile)(const int size, const int stride, const int pixels, const NAME(Lines) *l, T *y)
{
    const T *const x = l->x, *const kernel = l->kernel;
    const int64_t  pixel = l->channels, shift = l->column * pixel;
    const unsigned outside = l->outside;
    for (int64_t c0 = 0; c0 < pixel; c0 += LANES) {
        const int64_t c = at_most(c0, pixel - LANES); /* the last vector overlaps the one before */
        V             sum[8];
        UNROLL for (int p = 0; p < pixels; p++) sum[p] = (V){0};
        for (int i = 0; i < l->count; i++) {
            const int64_t  from = l->from[i] + shift + c;
            const T *const taps = kernel + l->taps[i] + c;
            V              tap[5];
            UNROLL for (int k = 0; k < size; k++) tap[k] = *(const U *)(taps + k * pixel);
            UNROLL for (int j = 0; j < (pixels - 1) * stride + size; j++) {
                if (outside >> j & 1) continue;
                const V element = *(const U *)(x + (from + j * pixel));
                UNROLL for (int p = 0; p < pixels; p++) {
                    const int k = j - p * stride;
                    if (k >= 0 && k < size) sum[p] = FMADD(element, tap[k], sum[p]);
                }
            }
        }
        NAME(put_pixels)(pixels, l->last, 0, pixel, sum, y, c);
    }
}

/* The same for windows of any kind: each element is read for each tap. */
static inline __attribute__((always_inline)) void NAME(tile_of_any)(const int pixels, const NAME(Lines) *l, T *y)
{
    const int64_t pixel = l->channels, width = l->width, size = l->size, stride = l->stride, dilation = l->dilation;
    for (int64_t c0 = 0; c0 < pixel; c0 += LANES) {
        const int64_t c = at_most(c0, pixel - LANES);
        V             sum[8];
        UNROLL for (int p = 0; p < pixels; p++) sum[p] = (V){0};
        for (int i = 0; i < l->count; i++) {
            for (int64_t k = 0; k < size; k++) {
                const V       tap = *(const U *)(l->kernel + l->taps[i] + k * pixel + c);
                const int64_t column = l->column + k * dilation, from = l->from[i] + column * pixel + c;
                UNROLL for (int p = 0; p < pixels; p++) {
                    if ((uint64_t)(column + p * stride) >= (uint64_t)width) continue;
                    sum[p] = FMADD(*(const U *)(l->x + (from + p * stride * pixel)), tap, sum[p]);
                }
            }
        }
        NAME(put_pixels)(pixels, l->last, 0, pixel, sum, y, c);
    }
}

typedef void NAME(Tile)(const NAME(Lines) *, T *);
#define TILE(size, stride, pixels)                                                                                    \
    static __attribute__((noinline)) void NAME(tile_##size##_##stride##_##pixels)(const NAME(Lines) *l, T *y) \
    {                                                                                                                 \
        NAME(tile)(size, stride, pixels, l, y);                                                                       \
    }
#define TILE_OF_ANY(pixels)                                                                           \
    static __attribute__((noinline)) void NAME(tile_of_any_##pixels)(const NAME(Lines) *l, T *y) \
    {                                                                                                 \
        NAME(tile_of_any)(pixels, l, y);                                                              \
    }
#define TILES_4(size, stride) TILE(size, stride, 1) TILE(size, stride, 2) TILE(size, stride, 3) TILE(size, stride, 4)
#define TILES_8(size, stride) TILES_4(size, stride) TILE(size, stride, 5) TILE(size, stride, 6) TILE(size, stride, 7) TILE(size, stride, 8)
#define TILED(size, stride, pixels) NAME(tile_##size##_##stride##_##pixels)
#define LIST_4(size, stride) TILED(size, stride, 1), TILED(size, stride, 2), TILED(size, stride, 3), TILED(size, stride, 4)
#define LIST_8(size, stride) \
    LIST_4(size, stride), TILED(size, stride, 5), TILED(size, stride, 6), TILED(size, stride, 7), TILED(size, stride, 8)
TILES_8(3, 1) TILES_8(3, 2) TILES_8(5, 1)
TILES_4(5, 2) /* more pixels would read more lines of the cache at a time than it has */
TILE_OF_ANY(1) TILE_OF_ANY(2) TILE_OF_ANY(3) TILE_OF_ANY(4) TILE_OF_ANY(5) TILE_OF_ANY(6) TILE_OF_ANY(7) TILE_OF_ANY(8)
static NAME(Tile) *const NAME(any)[9] = {NULL, NAME(tile_of_any_1), NAME(tile_of_any_2), NAME(tile_of_any_3), NAME(tile_of_any_4),
                                         NAME(tile_of_any_5), NAME(tile_of_any_6), NAME(tile_of_any_7), NAME(tile_of_any_8)};
static NAME(Tile) *const NAME(tiles)[2][2][9] = {{{NULL, LIST_8(3, 1)}, {NULL, LIST_8(3, 2)}}, {{NULL, LIST_8(5, 1)}, {NULL, LIST_4(5, 2)}}};

static bool NAME(has_tiles)(const Window *w)
{
    return w->channels >= LANES && w->size[0] * w->size[1] <= LINES;
}

/* The tiles for such windows, by their pixels; there are some for the usual ones. */
static NAME(Tile) *const *NAME(tiles_for)(const Window *w)
{
    const bool usual = (w->size[2] == 3 || w->size[2] == 5) && w->stride[2] <= 2 && w->dilation[2] == 1;
    return usual ? NAME(tiles)[w->size[2] == 5][w->stride[2] == 2] : NAME(any);
}

static NAME(Lines) NAME(lines_of)(const Window *w, const T *x, const T *kernel, const int64_t at[3], const int64_t first[3],
                                  const int64_t end[3])
{
    const int64_t line = w->in[2] * w->channels, plane = w->in[1] * line;
    NAME(Lines)   l = {.x = x, .kernel = kernel, .channels = w->channels, .width = w->in[2], .size = w->size[2], .stride = w->stride[2],
                       .dilation = w->dilation[2]};
    for (int64_t kz = first[0]; kz < end[0]; kz++) {
        for (int64_t ky = first[1]; ky < end[1]; ky++, l.count++) {
            l.from[l.count] = (at[0] + kz * w->dilation[0]) * plane + (at[1] + ky * w->dilation[1]) * line;
            l.taps[l.count] = (kz * w->size[1] + ky) * w->size[2] * w->channels;
        }
    }
    return l;
}

/* Bit j: column + j is not inside of the image. At most 32, as the usual windows have. */
static unsigned NAME(columns_outside)(const Window *w, int64_t column)
{
    const int64_t left = at_most(at_least(-column, 0), 32), inside = at_most(at_least(w->in[2] - column, 0), 32);
    return (unsigned)((UINT64_MAX << inside) | ((UINT64_C(1) << left) - 1));
}

/* One row, whose first pixel is number `pixel`. Tiles have about as many pixels each, the shorter ones first. */
static void NAME(row)(const Window *w, T *y, NAME(Lines) l, const mdl_epilogue *then, int64_t pixel)
{
    NAME(Tile) *const *const shape = NAME(tiles_for)(w);
    const int64_t width = w->out[2], most = shape[8] != NULL ? 8 : 4, tiles = (width + most - 1) / most, shorter = tiles - width % tiles;
    for (int64_t t = 0, ox = 0, pixels; t < tiles; t++, ox += pixels) {
        pixels = width / tiles + (t >= shorter);
        const NAME(Plain) last = is_plain(then) ? NAME(plain_from)(then, w->channels, pixel + ox, 0) : (NAME(Plain)){0};
        T *const          to = y + ox * w->channels;
        l.last = is_plain(then) ? &last : NULL;
        l.column = ox * w->stride[2] - w->low[2];
        l.outside = NAME(columns_outside)(w, l.column);
        shape[pixels](&l, to);
        if (!is_plain(then)) FINISH(then, to, w->channels, pixel + ox, pixels, 0, w->channels);
    }
}
#endif

#if SLIDE_WINDOWS
#include "depthwise_slide.h"
#endif

/* One row, pixel by pixel. */
static void NAME(pixels)(const Window *w, T *y, const T *x, const T *kernel, int64_t at[3], int64_t first[3], int64_t end[3])
{
    for (int64_t ox = 0; ox < w->out[2]; ox++) {
        window_taps(w, 2, ox, &at[2], &first[2], &end[2]);
        NAME(depthwise_pixel)(w, y + ox * w->channels, x, kernel, at, first, end);
    }
}

/* One row of output pixels, by tiles or pixel by pixel. */
static void NAME(one_row)(const Window *w, T *y, const T *x, const T *kernel, const mdl_epilogue *then, int64_t oz, int64_t oy,
                          int64_t pixel)
{
    int64_t at[3], first[3], last[3];
    window_taps(w, 0, oz, &at[0], &first[0], &last[0]);
    window_taps(w, 1, oy, &at[1], &first[1], &last[1]);
#if MDL_ISA_BYTES > 0
    if (NAME(has_tiles)(w)) {
        NAME(row)(w, y, NAME(lines_of)(w, x, kernel, at, first, last), then, pixel);
        return;
    }
#endif
    NAME(pixels)(w, y, x, kernel, at, first, last);
    FINISH(then, y, w->channels, pixel, w->out[2], 0, w->channels);
}

/* Rows of output pixels, counted through the batch. */
static void NAME(depthwise)(const Window *w, T *y, const T *restrict x, const T *restrict kernel, int64_t begin, int64_t end,
                            const mdl_epilogue *then)
{
    const int64_t image = w->in[0] * w->in[1] * w->in[2] * w->channels;
#if SLIDE_WINDOWS
    const NAME(Division) division = NAME(divide)(w);
#endif
    for (int64_t row = begin, rows; row < end; row += rows) {
        const int64_t  oy = row % w->out[1], oz = row / w->out[1] % w->out[0], b = row / w->out[1] / w->out[0];
        T *const       to = y + row * w->out[2] * w->channels;
        const T *const from = x + b * image;
#if SLIDE_WINDOWS
        if (division.slides != NULL) {
            rows = at_most(at_most(end - row, w->out[1] - oy), NAME(strip_rows)(w, division.most));
            NAME(strips)(w, &division, to, from, kernel, then, oy, rows, row * w->out[2]);
            continue;
        }
#endif
        rows = 1;
        NAME(one_row)(w, to, from, kernel, then, oz, oy, row * w->out[2]);
    }
}

#if MDL_ISA_BYTES > 0
#undef LIST_8
#undef LIST_4
#undef TILED
#undef TILES_8
#undef TILES_4
#undef TILE_OF_ANY
#undef TILE
#endif
#undef LANES
#undef U
#undef V
#undef NAME
