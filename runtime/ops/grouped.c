#include "grouped.h"

#include "intrinsics.h"
#include "parallel.h"

enum { MOST_PIXELS = 8 };

typedef struct Grouped {
    const Window *window;
    int64_t       channels, filters; /* of a group */
    const float  *x, *end, *kernel;  /* `end` of x */
    float        *y;
    const mdl_epilogue *then;    /* or NULL */
    int32_t             lane[16]; /* the channel for each filter of a vector, from the first one's group on */
} Grouped;

/* Output pixels of a row, the windows of which begin at `x`, and the taps of these that lie in the input. */
typedef struct Place {
    float  *y;
    int64_t x;             /* of the first pixel, at the first channel of the first filter's group; may lie before the input */
    int64_t filter, count; /* the first one, and how many there are from there on */
    int64_t first[3], last[3];
} Place;

#define CONCAT_(a, b) a##_##b
#define CONCAT(a, b)  CONCAT_(a, b)
#define T             float
#define BODY          "grouped_body.h"
#include "each_isa.h"
#undef T

/* How many lanes a vector of the set at hand has. */
static int64_t lanes(void)
{
    switch (mdl_isa()) {
    case 2: return 16;
    case 1: return 8;
    default: return 4;
    }
}

bool mdl_grouped_suits(const Window *w, int64_t groups)
{
    const int64_t channels = w->channels / groups, filters = w->filters / groups;
    return mdl_isa() != MDL_SCALAR && channels <= filters && lanes() % filters == 0;
}

static void some_rows(const void *context, int64_t begin, int64_t end)
{
    BY_ISA(grouped)(context, begin, end);
}

void mdl_grouped(const Window *w, int64_t groups, float *y, const float *x, const float *kernel, const mdl_epilogue *then)
{
    Grouped       g = {w, w->channels / groups, w->filters / groups, x, x + w->batch * w->in[0] * w->in[1] * w->in[2] * w->channels, kernel, y, then, {0}};
    for (int i = 0; i < 16; i++) g.lane[i] = (int32_t)(i / g.filters * g.channels);
    const int64_t rows = w->batch * w->out[0] * w->out[1];
    mdl_share_loop(rows, w->out[2] * w->filters, (double)(w->size[0] * w->size[1] * w->size[2] * g.channels), some_rows, &g);
}
