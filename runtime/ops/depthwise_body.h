/* Included by conv.c for each element type and instruction set: channel c of y is channel c of x convolved with
 * kernel[taps, 0, c]. Four vectors of channels of one pixel stay in registers over all taps. */

#define NAME(base) CONCAT(base, TYPE, MDL_ISA)
#ifndef FMADD
#define FMADD(a, b, c) ((c) + (a) * (b))
#endif

#if MDL_VECTORS
#define V     NAME(V)
#define U     NAME(U)
#define LANES ((int64_t)(MDL_ISA_BYTES / sizeof(T)))
typedef T V __attribute__((vector_size(MDL_ISA_BYTES)));
typedef T U __attribute__((vector_size(MDL_ISA_BYTES), aligned(sizeof(T)), may_alias));
#endif

/* One output pixel from taps [*0, *1) at input position (z, r, s) of the image x. */
static void NAME(depthwise_pixel)(const Window *w, T *restrict y, const T *restrict x, const T *restrict kernel, const int64_t at[3],
                                  const int64_t first[3], const int64_t end[3])
{
    const int64_t pixel = w->channels, line = w->in[2] * pixel, plane = w->in[1] * line;
    int64_t       c = 0;
#if MDL_VECTORS
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

/* Rows of output pixels, counted through the batch. */
static void NAME(depthwise)(const Window *w, T *restrict y, const T *restrict x, const T *restrict kernel, int64_t begin, int64_t end)
{
    const int64_t image = w->in[0] * w->in[1] * w->in[2] * w->channels;
    int64_t       at[3], first[3], last[3];
    for (int64_t row = begin; row < end; row++) {
        const int64_t oy = row % w->out[1], oz = row / w->out[1] % w->out[0], b = row / w->out[1] / w->out[0];
        window_taps(w, 0, oz, &at[0], &first[0], &last[0]);
        window_taps(w, 1, oy, &at[1], &first[1], &last[1]);
        for (int64_t ox = 0; ox < w->out[2]; ox++) {
            window_taps(w, 2, ox, &at[2], &first[2], &last[2]);
            NAME(depthwise_pixel)(w, y + (row * w->out[2] + ox) * w->channels, x + b * image, kernel, at, first, last);
        }
    }
}

#undef FMADD
#undef LANES
#undef U
#undef V
#undef NAME
