/* The convolution without a left side of a matrix product: nothing is gathered, which for few channels costs more than
 * multiplying.
 *
 * The taps of one row of the window and their channels lie side by side in the input (there is no dilation along it). So a tile
 * of neighbouring output pixels walks over that run, one element of the input for each pixel, and multiplies it with a line of
 * the kernel: some vectors of filters; all sums stay in registers over all taps. Where the window reaches over an edge, the rows
 * of the input are first copied between zeros, once for a strip of output rows. */
#include "direct.h"

#include "dots.h"
#include "gemm.h"
#include "intrinsics.h"
#include "parallel.h"

enum {
    STRIP = 32768, /* elements of the copied rows */
    NARROW = 16384 /* elements of the lines of filters that are fewer than a vector, filled up */
};

#define CONCAT_(a, b) a##_##b
#define CONCAT(a, b)  CONCAT_(a, b)

#if MDL_VECTORS

typedef struct Direct {
    const Window *window;
    const float  *x, *kernel;
    bool          packed, few; /* few filters: dot products */
    float        *y;
    int64_t       y_row, y_pixel; /* from one to the next */
    const mdl_epilogue *then;     /* or NULL */
    int64_t       rows; /* of output pixels, through the batch */
    int           parts;
} Direct;

/* The elements of a padded input row. */
static int64_t padded_row(const Window *w)
{
    return ((w->out[2] - 1) * w->stride[2] + w->size[2]) * w->channels;
}

/* The input rows under so many output rows. */
static int64_t rows_under(const Window *w, int64_t rows)
{
    return (rows - 1) * w->stride[1] + (w->size[1] - 1) * w->dilation[1] + 1;
}

/* Do rows of output pixels lie over whole rows of windows? */
static bool reaches_no_side(const Window *w)
{
    return w->low[2] == 0 && padded_row(w) <= w->in[2] * w->channels;
}

/* Does no window reach over an edge? Then nothing is copied. */
static bool reaches_no_edge(const Window *w)
{
    return reaches_no_side(w) && w->low[1] == 0 && rows_under(w, w->out[1]) <= w->in[1];
}

/* The most output rows of a strip; 0: not one row's windows can be copied. */
static int64_t strip_rows(const Window *w)
{
    const int64_t lines = STRIP / padded_row(w), least = rows_under(w, 1);
    if (reaches_no_edge(w)) return w->out[1];
    return lines < least ? 0 : at_most(w->out[1], (lines - least) / w->stride[1] + 1);
}

static int64_t kernel_lines(const Window *w)
{
    return w->size[1] * w->size[2] * w->channels;
}

/* Rows of the window are vectors themselves, and filters too few for one: dot products. */
static bool has_few_filters(const Window *w, bool packed)
{
    return !packed && mdl_dots_suit(w->filters, w->size[2] * w->channels) && kernel_lines(w) * w->filters <= NARROW;
}

/* Output rows [first, first + rows) of few filters, from rows of the input that begin with the first one's window. */
static void few_filters(const Direct *d, const float *x, int64_t line, int64_t first, int64_t rows, const float *columns)
{
    const Window *const w = d->window;
    Dots dots = {.rows = w->out[2], .lines = w->size[1], .run = w->size[2] * w->channels, .step = w->stride[2] * w->channels,
                 .line = w->dilation[1] * line, .n = (int)w->filters, .columns = columns, .column = kernel_lines(w), .y_row = d->y_pixel};
    for (int64_t row = 0; row < rows; row++) {
        dots.x = x + row * w->stride[1] * line;
        dots.y = d->y + (first + row) * d->y_row;
        mdl_dots(&dots);
        mdl_finish_f(d->then, dots.y, w->filters, (first + row) * w->out[2], w->out[2], 0, w->filters);
    }
}

#define T    float
#define BODY "direct_body.h"
#include "each_isa.h"
#undef T

/* A kernel that the cache next to the processor does not hold is read for each strip anew, in lines as long as a panel is wide:
 * many pixels, wide vectors and panels that the cache does hold must make up for that. */
enum { LEAST_WIDTH = 3, LEAST_PIXELS = 32, SMALL_KERNEL = 160000, MOST_LINES = 2500 };

bool mdl_direct_can(const Window *w, bool packed)
{
    const bool plane = w->size[0] == 1 && w->in[0] == 1 && w->out[0] == 1 && w->low[0] == 0;
    const bool narrow = !packed && w->filters % 16 != 0;
    if (mdl_isa() == MDL_SCALAR) return false;
    if (!plane || w->out[2] < LEAST_WIDTH || (w->dilation[2] != 1 && w->size[2] != 1)) return false;
    if (strip_rows(w) == 0) return false;
    if (has_few_filters(w, packed)) return true;
    if (narrow && kernel_lines(w) > NARROW / 16) return false;
    if (kernel_lines(w) * w->filters <= SMALL_KERNEL) return true;
    return mdl_isa() == 2 && kernel_lines(w) <= MOST_LINES && strip_rows(w) * w->out[2] >= LEAST_PIXELS;
}

bool mdl_direct_suits(const Window *w, bool packed)
{
    const bool product = w->size[1] * w->size[2] == 1 && w->stride[1] == 1 && w->stride[2] == 1; /* of the pixels as they lie */
    return !product && mdl_direct_can(w, packed);
}

static void compute_rows(const Direct *d, int64_t begin, int64_t end)
{
    switch (mdl_isa()) {
#if MDL_X86
    case 2:
        if (d->window->filters > 8) direct_2(d, begin, end);
        else direct_1(d, begin, end); /* half of a wider vector would be idle */
        break;
    case 1: direct_1(d, begin, end); break;
#endif
    default: direct_0(d, begin, end); break;
    }
}

static void part(void *argument, int i)
{
    const Direct *d = argument;
    compute_rows(d, part_begin(d->rows, 1, d->parts, i), part_begin(d->rows, 1, d->parts, i + 1));
}

void mdl_direct(const Window *w, float *y, const float *x, const float *kernel, bool packed, const mdl_epilogue *then)
{
    const int64_t rows = w->batch * w->out[1];
    const int     most = mdl_parts((double)rows * (double)(w->out[2] * w->filters) * (double)kernel_lines(w));
    Direct        d = {w, x, kernel, packed, has_few_filters(w, packed), y, w->out[2] * w->filters, w->filters, then, rows,
                       rows < most ? 1 : most};
    mdl_parallel(d.parts, part, &d);
}

void mdl_direct_rows(const Window *w, float *y, int64_t y_row, int64_t y_pixel, const float *x, const float *kernel, int64_t begin,
                     int64_t end)
{
    const Direct d = {.window = w, .x = x, .kernel = kernel, .few = has_few_filters(w, false), .y = y, .y_row = y_row, .y_pixel = y_pixel};
    compute_rows(&d, begin, end);
}

#else

bool mdl_direct_can(const Window *w, bool packed)
{
    (void)w, (void)packed;
    return false;
}

bool mdl_direct_suits(const Window *w, bool packed)
{
    (void)w, (void)packed;
    return false;
}

void mdl_direct(const Window *w, float *y, const float *x, const float *kernel, bool packed, const mdl_epilogue *then)
{
    (void)w, (void)y, (void)x, (void)kernel, (void)packed, (void)then;
}

void mdl_direct_rows(const Window *w, float *y, int64_t y_row, int64_t y_pixel, const float *x, const float *kernel, int64_t begin,
                     int64_t end)
{
    (void)w, (void)y, (void)y_row, (void)y_pixel, (void)x, (void)kernel, (void)begin, (void)end;
}

#endif
