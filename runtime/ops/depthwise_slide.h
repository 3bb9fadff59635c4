/* Included by depthwise_body.h: images under square windows of the usual sizes, strip by strip. */
#include "depthwise_strip.h"

/* How a row of the output is divided: strips have about as many pixels each. */
typedef struct NAME(Division) {
    Slide *const *slides;           /* by pixels; NULL: such windows do not slide */
    Slide *const *half;             /* the same of the last vector, if half of one will do; else NULL */
    int64_t       most;             /* pixels */
    int64_t       strips, narrower; /* of these, one pixel less than the others have */
} NAME(Division);

/* With 16 registers, a row that is one tile is faster as such. */
static NAME(Division) NAME(divide)(const Window *w)
{
    const bool plane = w->size[0] == 1 && w->in[0] == 1 && w->out[0] == 1 && w->low[0] == 0;
    const bool dense = w->dilation[1] == 1 && w->dilation[2] == 1;
    const bool square = w->size[1] == w->size[2] && w->stride[1] == w->stride[2];
    const bool usual = (w->size[1] == 3 || w->size[1] == 5 || w->size[1] == 7) && w->stride[1] <= 2;
    if (!plane || !dense || !square || !usual || w->channels < LANES || (!MANY && w->out[2] <= 8)) return (NAME(Division)){0};
    const int      size = (int)w->size[1] / 2 - 1, stride = (int)w->stride[1] - 1;
    NAME(Division) d = {.slides = NAME(slides)[size][stride], .most = SLID};
#if MDL_ISA == 2
    if (w->channels % LANES > 0 && w->channels % LANES <= LANES / 2) d.half = slides_half_2[size][stride];
#endif
    while (d.most > 0 && d.slides[d.most] == NULL) d.most--;
    if (d.most == 0) return (NAME(Division)){0};
    d.strips = (w->out[2] + d.most - 1) / d.most;
    d.narrower = d.strips - w->out[2] % d.strips;
    return d.slides[w->out[2] / d.strips] != NULL ? d : (NAME(Division)){0};
}

/* Rows of a strip. Vectors that are not lines of the first cache come back to the line: all of the strip's should still be there. */
static int64_t NAME(strip_rows)(const Window *w, int64_t pixels)
{
    const int64_t columns = (pixels - 1) * w->stride[2] + w->size[2];
    return MDL_ISA_BYTES >= CACHE_LINE && w->channels % LANES == 0 ? INT64_MAX : at_least(CACHE_LINES / columns / w->stride[1], 1);
}

/* Rows [oy, oy + rows) of the image's output, whose first pixel is number `pixel`. */
static void NAME(strips)(const Window *w, const NAME(Division) *d, T *y, const T *x, const T *kernel, const mdl_epilogue *then,
                         int64_t oy, int64_t rows, int64_t pixel)
{
    const int64_t width = w->out[2], channels = w->channels;
    Strip         s = {.x = x, .kernel = kernel, .channels = channels, .line = w->in[2] * channels, .y_line = width * channels,
                       .width = width, .height = w->in[1], .top = oy * w->stride[1] - w->low[1], .rows = rows};
    for (int64_t i = 0, ox = 0, pixels; i < d->strips; i++, ox += pixels) {
        pixels = width / d->strips + (i >= d->narrower);
        const NAME(Plain) last = is_plain(then) ? NAME(plain_from)(then, channels, pixel + ox, 0) : (NAME(Plain)){0};
        s.y = y + ox * channels;
        s.last = is_plain(then) ? &last : NULL;
        s.column = ox * w->stride[2] - w->low[2];
        s.outside = NAME(columns_outside)(w, s.column);
        for (int64_t c = 0; c < channels; c += LANES) { /* the last vector overlaps the one before */
            if (d->half != NULL && c + LANES > channels) d->half[pixels](&s, channels - LANES / 2);
            else d->slides[pixels](&s, at_most(c, channels - LANES));
        }
        if (is_plain(then)) continue;
        for (int64_t r = 0; r < rows; r++)
            FINISH(then, s.y + r * s.y_line, channels, pixel + r * width + ox, pixels, 0, channels);
    }
}

