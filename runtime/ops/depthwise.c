/* Depthwise convolution: channel c of y is channel c of x convolved with kernel[taps, 0, c].
 *
 * The usual windows slide down over strips of columns, a vector of channels at a time (depthwise_slide.h): sums and taps stay
 * in registers, and each element of the input is read once for all windows of its strip. Other rows are computed in tiles of up
 * to eight neighbouring pixels, with the sums in registers; where windows have 3 or 5 columns, one or two apart, so are a row of
 * taps. Channels fewer than a vector, and very high windows, go pixel by pixel. Taps beyond an edge are left out, and sums run
 * over taps in the same order, whichever way. */
#include "depthwise.h"

#include "ending.h"
#include "intrinsics.h"
#include "parallel.h"

enum {
    LINES = 49,      /* of a window, at most, in tiles */
    SLID = 7,        /* rows and columns of a window, and pixels of a row, at most, where it slides down */
    CACHE_LINE = 64, /* bytes */
    CACHE_LINES = 512
};

#define CONCAT_(a, b, c) a##_##b##_##c
#define CONCAT(a, b, c)  CONCAT_(a, b, c)

/* A strip of output pixels: neighbouring columns, and rows of these. */
typedef struct Strip {
    const float *x, *kernel;       /* the image's, the window's */
    float       *y;                /* of the strip's first pixel */
    int64_t      channels;
    int64_t      line, y_line;     /* from one row to the next */
    int64_t      width;            /* of these, pixels: of y_line */
    int64_t      height;           /* of the image */
    int64_t      top, column;      /* at which the first window begins; may be outside */
    unsigned     outside;          /* bit j: column + j is not inside of the image */
    int64_t      rows;             /* of output pixels */
    const Plain_float *last;       /* from the strip's first pixel on, or NULL */
} Strip;

/* Computes a vector of its channels, from c on. */
typedef void Slide(const Strip *, int64_t c);

#define MANY (MDL_ISA == 2 || MDL_NEON) /* 32 registers */

#if MDL_X86
/* Strips of half a vector of AVX-512, for the last channels. */
#define T          float
#define MDL_ISA    2
#define NAME(base) base##_half_2
#define V          NAME(V)
#define U          NAME(U)
#define LANES      8
#define FMADD(a, b, c)   _mm256_fmadd_ps(a, b, c)
#define VECTOR_MAX(a, b) _mm256_max_ps(a, b)
#define VECTOR_MIN(a, b) _mm256_min_ps(a, b)
#include <mdl/mdl_isa_begin.h>
typedef float V __attribute__((vector_size(32)));
typedef float U __attribute__((vector_size(32), aligned(sizeof(float)), may_alias));
#include "lanes.h"
#include "depthwise_strip.h"
#include <mdl/mdl_isa_end.h>
#undef VECTOR_MIN
#undef VECTOR_MAX
#undef FMADD
#undef LANES
#undef U
#undef V
#undef NAME
#undef T
#endif

#define T      float
#define TYPE   f
#define FINISH mdl_finish_f
/* Elsewhere tiles are about as fast, and smaller. */
#define SLIDE_WINDOWS (MDL_ISA_BYTES >= 32 || (MDL_NEON && MDL_ISA_BYTES > 0))
#define BODY   "depthwise_body.h"
#include "each_isa.h"
#undef SLIDE_WINDOWS
#undef T
#undef TYPE
#undef FINISH

#define T        double
#define TYPE     d
#define FINISH   mdl_finish_d
#define SLIDE_WINDOWS 0
#define MDL_ISA  0
#include <mdl/mdl_isa_begin.h>
#define FMADD(a, b, c) ((c) + (a) * (b))
#include "depthwise_body.h"
#undef FMADD
#include <mdl/mdl_isa_end.h>
#undef SLIDE_WINDOWS
#undef T
#undef TYPE
#undef FINISH

typedef struct Depthwise {
    const Window *window;
    mdl_dtype     dtype;
    void         *y;
    const void   *x, *kernel;
    const mdl_epilogue *then;
    int64_t       rows; /* of output pixels */
    int           parts;
} Depthwise;

static void part(void *argument, int i)
{
    const Depthwise *d = argument;
    const Window    *w = d->window;
    const int64_t    begin = part_begin(d->rows, 1, d->parts, i), end = part_begin(d->rows, 1, d->parts, i + 1);
    if (d->dtype == MDL_FLOAT64) {
        depthwise_d_0(w, d->y, d->x, d->kernel, begin, end, d->then);
        return;
    }
#if MDL_X86
    if (mdl_isa() == 2 && w->channels < 16) { /* there are no vectors of 16 */
        depthwise_f_1(w, d->y, d->x, d->kernel, begin, end, d->then);
        return;
    }
#endif
    BY_ISA(depthwise_f)(w, d->y, d->x, d->kernel, begin, end, d->then);
}

void mdl_depthwise(const Window *w, const mdl_tensor *y, const void *x, const void *kernel, const mdl_epilogue *then)
{
    const int64_t rows = w->batch * w->out[0] * w->out[1];
    const int     most = mdl_parts(4.0 * (double)elements(y) * (double)(w->size[0] * w->size[1] * w->size[2]));
    Depthwise     d = {w, y->dtype, y->data, x, kernel, then, rows, rows < most ? 1 : most};
    mdl_parallel(d.parts, part, &d);
}
