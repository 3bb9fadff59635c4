/* Included by pools.h for each pool, element type and instruction set. Vectors of channels of one output position stay in registers
 * over the whole window. */

#define AS(base) CONCAT(base, NAME, MDL_ISA)

/* Channels j, j + 1 ... of one position: `vectors` vectors, or a single one if that is 0. */
static inline __attribute__((always_inline)) void AS(channels)(const int vectors, const Window *w, T *restrict y, const T *restrict x,
                                                               const int64_t at[3], const int64_t first[3], const int64_t end[3], int64_t j)
{
    const int64_t n = at_least(end[0] - first[0], 0) * at_least(end[1] - first[1], 0) * at_least(end[2] - first[2], 0);
    T             one = INIT;
#if MDL_ISA_BYTES > 0
    typedef T V __attribute__((vector_size(MDL_ISA_BYTES)));
    typedef T U __attribute__((vector_size(MDL_ISA_BYTES), aligned(sizeof(T)), may_alias));
    enum { LANES = MDL_ISA_BYTES / sizeof(T) };
    V sum[4];
    for (int v = 0; v < vectors; v++) sum[v] = INIT - (V){0};
#endif
    (void)n;
    for (int64_t kz = first[0]; kz < end[0]; kz++) {
        for (int64_t ky = first[1]; ky < end[1]; ky++) {
            const T *from = x + (((at[0] + kz) * w->in[1] + at[1] + ky) * w->in[2] + at[2] + first[2]) * w->channels + j;
            for (int64_t kx = first[2]; kx < end[2]; kx++, from += w->channels) {
#if MDL_ISA_BYTES > 0
                for (int v = 0; v < vectors; v++) sum[v] = VECTOR_STEP(sum[v], *(const U *)(from + v * LANES));
#endif
                if (vectors == 0) one = STEP(one, *from);
            }
        }
    }
#if MDL_ISA_BYTES > 0
    for (int v = 0; v < vectors; v++) *(U *)(y + j + v * LANES) = DONE(sum[v], n);
#endif
    if (vectors == 0) y[j] = DONE(one, n);
}

/* Rows of output positions, counted through the batch. */
static void AS(rows)(const Window *w, void *to, const void *from, int64_t begin, int64_t rows_end)
{
    const int64_t c = w->channels, image = w->in[0] * w->in[1] * w->in[2] * c;
    T            *y = (T *)to + begin * w->out[2] * c;
    int64_t       at[3], first[3], end[3];
    for (int64_t row = begin; row < rows_end; row++) {
        const T *const x = (const T *)from + row / w->out[1] / w->out[0] * image;
        window_taps(w, 0, row / w->out[1] % w->out[0], &at[0], &first[0], &end[0]);
        window_taps(w, 1, row % w->out[1], &at[1], &first[1], &end[1]);
        for (int64_t ox = 0; ox < w->out[2]; ox++, y += c) {
            int64_t j = 0;
            window_taps(w, 2, ox, &at[2], &first[2], &end[2]);
#if MDL_ISA_BYTES > 0
            enum { LANES = MDL_ISA_BYTES / sizeof(T) };
            for (; j + 4 * LANES <= c; j += 4 * LANES) AS(channels)(4, w, y, x, at, first, end, j);
            for (; c >= LANES && j < c; j += LANES) AS(channels)(1, w, y, x, at, first, end, at_most(j, c - LANES)); /* the last overlaps */
#endif
            for (; j < c; j++) AS(channels)(0, w, y, x, at, first, end, j);
        }
    }
}
#undef AS
#undef NAME
#undef T
#undef INIT
#undef STEP
#undef VECTOR_STEP
#undef DONE
