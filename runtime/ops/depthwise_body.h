/* Included by depthwise.c for each element type and instruction set. */

#define NAME(base) CONCAT(base, TYPE, MDL_ISA)

#if MDL_ISA_BYTES > 0
#define V     NAME(V)
#define U     NAME(U)
#define LANES ((int64_t)(MDL_ISA_BYTES / sizeof(T)))
typedef T V __attribute__((vector_size(MDL_ISA_BYTES)));
typedef T U __attribute__((vector_size(MDL_ISA_BYTES), aligned(sizeof(T)), may_alias));
#endif

/* Four vectors of channels of one pixel stay in registers over all taps. One output pixel from taps [*0, *1) at input position (z, r, s) of the image x. */
static void NAME(depthwise_pixel)(const Window *w, T *restrict y, const T *restrict x, const T *restrict kernel, const int64_t at[3],
                                  const int64_t first[3], const int64_t end[3])
{
    const int64_t pixel = w->channels, line = w->in[2] * pixel, plane = w->in[1] * line;
    int64_t       c = 0;
#if MDL_ISA_BYTES > 0
    for (; c + LANES <= pixel; c += LANES * (c + 4 * LANES <= pixel ? 4 : 1)) {
        const bool four = c + 4 * LANES <= pixel;
        V          s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
        for (int64_t kz = first[0]; kz < end[0]; kz++) {
            for (int64_t ky = first[1]; ky < end[1]; ky++) {
                const T *from = x + (at[0] + kz * w->dilation[0]) * plane + (at[1] + ky * w->dilation[1]) * line + (at[2] + first[2] * w->dilation[2]) * pixel + c;
                const T *tap = kernel + ((kz * w->size[1] + ky) * w->size[2] + first[2]) * pixel + c;
                for (int64_t kx = first[2]; kx < end[2]; kx++, from += w->dilation[2] * pixel, tap += pixel) {
                    s0 = FMADD(*(const U *)from, *(const U *)tap, s0);
                    if (!four) continue;
                    s1 = FMADD(*(const U *)(from + LANES), *(const U *)(tap + LANES), s1);
                    s2 = FMADD(*(const U *)(from + 2 * LANES), *(const U *)(tap + 2 * LANES), s2);
                    s3 = FMADD(*(const U *)(from + 3 * LANES), *(const U *)(tap + 3 * LANES), s3);
                }
            }
        }
        *(U *)(y + c) = s0;
        if (!four) continue;
        *(U *)(y + c + LANES) = s1;
        *(U *)(y + c + 2 * LANES) = s2;
        *(U *)(y + c + 3 * LANES) = s3;
    }
#endif
    for (; c < pixel; c++) {
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
/* `pixels` neighbouring output pixels of a row whose window has `size` columns, `stride` apart; the first one's window begins at
 * column at[2]. With the three numbers constant after inlining, `sum` and `tap` are registers. */
static inline __attribute__((always_inline)) void NAME(tile)(const int size, const int stride, const int pixels, const Window *w, T *y,
                                                             const T *x, const T *kernel, const int64_t at[3], const int64_t first[3],
                                                             const int64_t end[3])
{
    const int64_t pixel = w->channels, line = w->in[2] * pixel, plane = w->in[1] * line, width = w->in[2];
    for (int64_t c0 = 0; c0 < pixel; c0 += LANES) {
        const int64_t c = at_most(c0, pixel - LANES); /* the last vector overlaps the one before */
        V             sum[8];
        UNROLL for (int p = 0; p < pixels; p++) sum[p] = (V){0};
        for (int64_t kz = first[0]; kz < end[0]; kz++) {
            for (int64_t ky = first[1]; ky < end[1]; ky++) {
                const T *const from = x + (at[0] + kz * w->dilation[0]) * plane + (at[1] + ky * w->dilation[1]) * line + c;
                const T *const taps = kernel + (kz * w->size[1] + ky) * size * pixel + c;
                V              tap[5];
                UNROLL for (int k = 0; k < size; k++) tap[k] = *(const U *)(taps + k * pixel);
                UNROLL for (int j = 0; j < (pixels - 1) * stride + size; j++) {
                    const int64_t column = at[2] + j;
                    if ((uint64_t)column >= (uint64_t)width) continue;
                    const V element = *(const U *)(from + column * pixel);
                    UNROLL for (int p = 0; p < pixels; p++) {
                        const int k = j - p * stride;
                        if (k >= 0 && k < size) sum[p] = FMADD(element, tap[k], sum[p]);
                    }
                }
            }
        }
        UNROLL for (int p = 0; p < pixels; p++) *(U *)(y + p * pixel + c) = sum[p];
    }
}

typedef void NAME(Tile)(const Window *, T *, const T *, const T *, const int64_t *, const int64_t *, const int64_t *);
#define TILE(size, stride, pixels)                                                                                                    \
    static __attribute__((noinline)) void NAME(tile_##size##_##stride##_##pixels)(const Window *w, T *y, const T *x, const T *kernel, \
                                                                                  const int64_t *at, const int64_t *first,            \
                                                                                  const int64_t *end)                                 \
    {                                                                                                                                 \
        NAME(tile)(size, stride, pixels, w, y, x, kernel, at, first, end);                                                            \
    }
#define TILES(size, stride) TILE(size, stride, 1) TILE(size, stride, 2) TILE(size, stride, 4)
#define LIST(size, stride)  NAME(tile_##size##_##stride##_1), NAME(tile_##size##_##stride##_2), NAME(tile_##size##_##stride##_4)
TILES(3, 1) TILES(3, 2) TILES(5, 1) TILES(5, 2)
TILE(3, 1, 8) TILE(3, 2, 8) TILE(5, 1, 8) /* (5, 2, 8) would read more lines of the cache at a time than it has */
static NAME(Tile) *const NAME(tiles)[2][2][4] = {{{LIST(3, 1), NAME(tile_3_1_8)}, {LIST(3, 2), NAME(tile_3_2_8)}},
                                                 {{LIST(5, 1), NAME(tile_5_1_8)}, {LIST(5, 2), NULL}}};

static bool NAME(has_tiles)(const Window *w)
{
    return (w->size[2] == 3 || w->size[2] == 5) && w->stride[2] <= 2 && w->dilation[2] == 1 && w->channels >= LANES;
}

/* One row. Its end is a tile that overlaps the one before, where the row is as long as that. */
static void NAME(row)(const Window *w, T *y, const T *x, const T *kernel, int64_t at[3], const int64_t first[3], const int64_t end[3])
{
    NAME(Tile) *const *const tiles = NAME(tiles)[w->size[2] == 5][w->stride[2] == 2];
    const int64_t width = w->out[2];
    for (int64_t ox = 0; ox < width;) {
        const int     i = tiles[3] != NULL && width >= 8 && width - ox > 4 ? 3 : width >= 4 ? 2 : width - ox >= 2 ? 1 : 0;
        const int64_t pixels = (int64_t)1 << i;
        ox = at_most(ox, width - pixels);
        at[2] = ox * w->stride[2] - w->low[2];
        tiles[i](w, y + ox * w->channels, x, kernel, at, first, end);
        ox += pixels;
    }
}
#endif

/* Rows of output pixels, counted through the batch. */
static void NAME(depthwise)(const Window *w, T *restrict y, const T *restrict x, const T *restrict kernel, int64_t begin, int64_t end)
{
    const int64_t image = w->in[0] * w->in[1] * w->in[2] * w->channels;
    int64_t       at[3], first[3], last[3];
    for (int64_t row = begin; row < end; row++) {
        const int64_t oy = row % w->out[1], oz = row / w->out[1] % w->out[0], b = row / w->out[1] / w->out[0];
        T *const      to = y + row * w->out[2] * w->channels;
        window_taps(w, 0, oz, &at[0], &first[0], &last[0]);
        window_taps(w, 1, oy, &at[1], &first[1], &last[1]);
#if MDL_ISA_BYTES > 0
        if (NAME(has_tiles)(w)) {
            NAME(row)(w, to, x + b * image, kernel, at, first, last);
            continue;
        }
#endif
        for (int64_t ox = 0; ox < w->out[2]; ox++) {
            window_taps(w, 2, ox, &at[2], &first[2], &last[2]);
            NAME(depthwise_pixel)(w, to + ox * w->channels, x + b * image, kernel, at, first, last);
        }
    }
}

#if MDL_ISA_BYTES > 0
#undef LIST
#undef TILES
#undef TILE
#endif
#undef LANES
#undef U
#undef V
#undef NAME
