/* Included by depthwise_body.h: square windows of the usual sizes over images, whose columns are computed from top to bottom.
 *
 * A strip is some neighbouring columns of output pixels. With each step it moves down by one row of them: a new row of sums
 * begins, the rows of the input that are new are read, once, and added to all sums whose windows they lie in, and the oldest row
 * of sums is complete. So these are registers, as are as many of the taps as there is room for; the others are operands in
 * memory. */

#define MANY (MDL_ISA_BYTES == 64 || MDL_NEON) /* 32 registers */

/* Rows of the output whose windows overlap in the rows of one step. */
#define SLIDING(size, stride) (((size) + (stride)-1) / (stride))

typedef struct NAME(Strip) {
    const T *x, *kernel;     /* the image's, the window's */
    T       *y;              /* of the strip's first pixel */
    int64_t  channels;
    int64_t  line, y_line;   /* from one row to the next */
    int64_t  width;          /* of these, pixels: of y_line */
    int64_t  height;         /* of the image */
    int64_t  top, column;    /* at which the first window begins; may be outside */
    unsigned outside;        /* bit j: column + j is not inside of the image */
    int64_t  rows;           /* of output pixels */
    const NAME(Plain) *last; /* from the strip's first pixel on, or NULL */
} NAME(Strip);

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
                                                                const int phase, const NAME(Strip) *s, int64_t from,
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
                                                                   const int phase, const NAME(Strip) *s, int64_t from,
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
                                                              const NAME(Strip) *s, int64_t c)
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
            NAME(put)(pixels, s->last, (step - (sliding - 1)) * s->width, pixel, sum[sliding - 1], y, c);
            y += s->y_line;
        }
        UNROLL for (int m = sliding - 1; m > 0; m--)
            UNROLL for (int p = 0; p < pixels; p++) sum[m][p] = sum[m - 1][p];
        UNROLL for (int p = 0; p < pixels; p++) sum[0][p] = (V){0};
    }
}

typedef void NAME(Slide)(const NAME(Strip) *, int64_t);
#define SLIDE(size, stride, pixels)                                                                                 \
    static __attribute__((noinline)) void NAME(slide_##size##_##stride##_##pixels)(const NAME(Strip) *s, int64_t c) \
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
static NAME(Slide) *const NAME(slides)[3][2][SLID + 1] = {
    {{NULL, SLIDES_3_1(SLID_BY)}, {NULL, SLIDES_3_2(SLID_BY)}},
    {{NULL, SLIDES_5_1(SLID_BY)}, {NULL, SLIDES_5_2(SLID_BY)}},
    {{NULL, SLIDES_7_1(SLID_BY)}, {NULL, SLIDES_7_2(SLID_BY)}}};

/* How a row of the output is divided: strips have about as many pixels each. */
typedef struct NAME(Division) {
    NAME(Slide) *const *slides; /* by pixels; NULL: such windows do not slide */
    int64_t             most;   /* pixels */
    int64_t             strips, narrower; /* of these, one pixel less than the others have */
} NAME(Division);

/* With 16 registers, a row that is one tile is faster as such. */
static NAME(Division) NAME(divide)(const Window *w)
{
    const bool plane = w->size[0] == 1 && w->in[0] == 1 && w->out[0] == 1 && w->low[0] == 0;
    const bool dense = w->dilation[1] == 1 && w->dilation[2] == 1;
    const bool square = w->size[1] == w->size[2] && w->stride[1] == w->stride[2];
    const bool usual = (w->size[1] == 3 || w->size[1] == 5 || w->size[1] == 7) && w->stride[1] <= 2;
    if (!plane || !dense || !square || !usual || w->channels < LANES || (!MANY && w->out[2] <= 8)) return (NAME(Division)){0};
    NAME(Division) d = {.slides = NAME(slides)[w->size[1] / 2 - 1][w->stride[1] - 1], .most = SLID};
    while (d.most > 0 && d.slides[d.most] == NULL) d.most--;
    if (d.most == 0) return (NAME(Division)){0};
    d.strips = (w->out[2] + d.most - 1) / d.most;
    d.narrower = d.strips - w->out[2] % d.strips;
    return d.slides[w->out[2] / d.strips] != NULL ? d : (NAME(Division)){0};
}

/* Rows of a strip. Vectors shorter than a line of the first cache come back to the line: all of the strip's should still be
 * there. */
static int64_t NAME(strip_rows)(const Window *w, int64_t pixels)
{
    const int64_t columns = (pixels - 1) * w->stride[2] + w->size[2];
    return MDL_ISA_BYTES >= CACHE_LINE ? INT64_MAX : at_least(CACHE_LINES / columns / w->stride[1], 1);
}

/* Rows [oy, oy + rows) of the image's output, whose first pixel is number `pixel`. */
static void NAME(strips)(const Window *w, const NAME(Division) *d, T *y, const T *x, const T *kernel, const mdl_epilogue *then,
                         int64_t oy, int64_t rows, int64_t pixel)
{
    const int64_t width = w->out[2], channels = w->channels;
    NAME(Strip)   s = {.x = x, .kernel = kernel, .channels = channels, .line = w->in[2] * channels, .y_line = width * channels,
                       .width = width, .height = w->in[1], .top = oy * w->stride[1] - w->low[1], .rows = rows};
    for (int64_t i = 0, ox = 0, pixels; i < d->strips; i++, ox += pixels) {
        pixels = width / d->strips + (i >= d->narrower);
        const NAME(Plain) last = is_plain(then) ? NAME(plain_from)(then, channels, pixel + ox, 0) : (NAME(Plain)){0};
        s.y = y + ox * channels;
        s.last = is_plain(then) ? &last : NULL;
        s.column = ox * w->stride[2] - w->low[2];
        s.outside = NAME(columns_outside)(w, s.column);
        for (int64_t c = 0; c < channels; c += LANES) /* the last vector overlaps the one before */
            d->slides[pixels](&s, at_most(c, channels - LANES));
        if (is_plain(then)) continue;
        for (int64_t r = 0; r < rows; r++)
            FINISH(then, s.y + r * s.y_line, channels, pixel + r * width + ox, pixels, 0, channels);
    }
}

#undef SLIDES_7_2
#undef SLIDES_7_1
#undef SLIDES_5_2
#undef SLIDES_5_1
#undef SLIDES_3_2
#undef SLIDES_3_1
#undef SLID_BY
#undef SLIDE
#undef SLIDING
#undef MANY
