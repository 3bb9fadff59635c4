/* Included for each width of vectors: columns of output pixels of an image, by square windows of the usual sizes, from top to bottom.
 *
 * A strip is some neighbouring columns of output pixels. With each step it moves down by one row of them: a new row of sums
 * begins, the rows of the input that are new are read, once, and added to all sums whose windows they lie in, and the oldest row
 * of sums is complete. So these are registers, as are as many of the taps as there is room for; the others are operands in
 * memory. */

/* Rows of the output whose windows overlap in the rows of one step. */
#define SLIDING(size, stride) (((size) + (stride)-1) / (stride))

/* An element of column j, to the sums of one row of output pixels. */
static inline __attribute__((always_inline)) void NAME(add)(const int size, const int stride, const int pixels, const int j,
                                                            V element, const V *tap, V *sum)
{
    UNROLL for (int p = 0; p < pixels; p++) {
        const int k = j - p * stride;
        if (k >= 0 && k < size) sum[p] = FMADD(element, tap[k], sum[p]);
    }
}

/* Adds a row of the input, at x[from], which is number `phase` of the newest window: sum[m] began m steps ago. */
static inline __attribute__((always_inline)) void NAME(add_row)(const int size, const int stride, const int pixels,
                                                                const int phase, const Strip *s, int64_t from,
                                                                V tap[SLID][SLID], V sum[SLID][SLID])
{
    const T *const x = s->x;
    const int64_t  pixel = s->channels;
    const unsigned outside = s->outside;
    UNROLL for (int j = 0; j < (pixels - 1) * stride + size; j++) {
        if (outside >> j & 1) continue;
        const V element = *(const U *)(x + (from + j * pixel));
        UNROLL for (int m = 0; phase + m * stride < size; m++)
            NAME(add)(size, stride, pixels, j, element, tap[phase + m * stride], sum[m]);
    }
}

/* The same where not all of these windows have a row of output: bit m of `wanted`. */
static inline __attribute__((always_inline)) void NAME(add_wanted)(const int size, const int stride, const int pixels,
                                                                   const int phase, const Strip *s, int64_t from,
                                                                   unsigned wanted,
                                                                   V tap[SLID][SLID], V sum[SLID][SLID])
{
    const T *const x = s->x;
    const int64_t  pixel = s->channels;
    const unsigned outside = s->outside;
    UNROLL for (int m = 0; phase + m * stride < size; m++) {
        if (!(wanted >> m & 1)) continue;
        UNROLL for (int j = 0; j < (pixels - 1) * stride + size; j++) {
            if (outside >> j & 1) continue;
            NAME(add)(size, stride, pixels, j, *(const U *)(x + (from + j * pixel)), tap[phase + m * stride], sum[m]);
        }
    }
}

/* Bit m: the row of output that began m steps ago is one of the strip's. */
static inline unsigned NAME(wanted)(int sliding, int64_t step, int64_t rows)
{
    unsigned wanted = 0;
    for (int m = 0; m < sliding; m++) wanted |= (unsigned)(step - m >= 0 && step - m < rows) << m;
    return wanted;
}

/* A vector of channels, from c on, of a strip. With the first three numbers constant after inlining, `sum` and `tap` are
 * registers. Where few rows of output are missing, as at an image's edges, their sums are computed, and dropped: branches would
 * take longer. */
static inline __attribute__((always_inline)) void NAME(slide)(const int size, const int stride, const int pixels,
                                                              const Strip *s, int64_t c)
{
    const int     sliding = SLIDING(size, stride);
    const int64_t pixel = s->channels, line = s->line, rows = s->rows, height = s->height;
    int64_t       row = s->top, from = s->top * line + s->column * pixel + c;
    T            *y = s->y;
    V             tap[SLID][SLID], sum[SLID][SLID];
    UNROLL for (int i = 0; i < size; i++)
        UNROLL for (int k = 0; k < size; k++) tap[i][k] = *(const U *)(s->kernel + (i * size + k) * pixel + c);
    UNROLL for (int m = 0; m < sliding; m++)
        UNROLL for (int p = 0; p < pixels; p++) sum[m][p] = (V){0};
    for (int64_t step = 0; step < rows + sliding - 1; step++) {
        const bool     most = step >= sliding / 2 && step < rows + (sliding - 1) / 2;
        const unsigned wanted = most ? 0 : NAME(wanted)(sliding, step, rows);
        UNROLL for (int phase = 0; phase < stride; phase++, row++, from += line) {
            if ((uint64_t)row >= (uint64_t)height) continue;
            if (most) NAME(add_row)(size, stride, pixels, phase, s, from, tap, sum);
            else NAME(add_wanted)(size, stride, pixels, phase, s, from, wanted, tap, sum);
        }
        if (step >= sliding - 1) {
            NAME(put_pixels)(pixels, s->last, (step - (sliding - 1)) * s->width, pixel, sum[sliding - 1], y, c);
            y += s->y_line;
        }
        UNROLL for (int m = sliding - 1; m > 0; m--)
            UNROLL for (int p = 0; p < pixels; p++) sum[m][p] = sum[m - 1][p];
        UNROLL for (int p = 0; p < pixels; p++) sum[0][p] = (V){0};
    }
}

#define SLIDE(size, stride, pixels)                                                                                 \
    static __attribute__((noinline)) void NAME(slide_##size##_##stride##_##pixels)(const Strip *s, int64_t c) \
    {                                                                                                               \
        NAME(slide)(size, stride, pixels, s, c);                                                                    \
    }
#define SLID_BY(size, stride, pixels) [pixels] = NAME(slide_##size##_##stride##_##pixels),

/* F(size, stride, pixels) for each: the sums leave registers for all taps of 3x3 windows, and for some of the larger ones. There
 * are no strips of fewer pixels than divide wider rows evenly. */
#if MANY
#define SLIDES_3_1(F) F(3, 1, 4) F(3, 1, 5) F(3, 1, 6) F(3, 1, 7)
#define SLIDES_3_2(F) F(3, 2, 4) F(3, 2, 5) F(3, 2, 6) F(3, 2, 7)
#define SLIDES_5_1(F) F(5, 1, 2) F(5, 1, 3)
#define SLIDES_5_2(F) F(5, 2, 3) F(5, 2, 4) F(5, 2, 5)
#define SLIDES_7_1(F) F(7, 1, 1) F(7, 1, 2)
#define SLIDES_7_2(F) F(7, 2, 2) F(7, 2, 3) F(7, 2, 4)
#else
#define SLIDES_3_1(F) F(3, 1, 2) F(3, 1, 3)
#define SLIDES_3_2(F) F(3, 2, 3) F(3, 2, 4) F(3, 2, 5)
#define SLIDES_5_1(F) /* rows of tiles are as fast */
#define SLIDES_5_2(F) F(5, 2, 3) F(5, 2, 4)
#define SLIDES_7_1(F) F(7, 1, 1) F(7, 1, 2)
#define SLIDES_7_2(F) F(7, 2, 2) F(7, 2, 3)
#endif
SLIDES_3_1(SLIDE) SLIDES_3_2(SLIDE) SLIDES_5_1(SLIDE) SLIDES_5_2(SLIDE) SLIDES_7_1(SLIDE) SLIDES_7_2(SLIDE)
static Slide *const NAME(slides)[3][2][SLID + 1] = {
    {{NULL, SLIDES_3_1(SLID_BY)}, {NULL, SLIDES_3_2(SLID_BY)}},
    {{NULL, SLIDES_5_1(SLID_BY)}, {NULL, SLIDES_5_2(SLID_BY)}},
    {{NULL, SLIDES_7_1(SLID_BY)}, {NULL, SLIDES_7_2(SLID_BY)}}};

#undef SLIDES_7_2
#undef SLIDES_7_1
#undef SLIDES_5_2
#undef SLIDES_5_1
#undef SLIDES_3_2
#undef SLIDES_3_1
#undef SLID_BY
#undef SLIDE
#undef SLIDING
