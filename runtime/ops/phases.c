/* The output pixels of a transposed convolution that lie a stride apart are a convolution without strides: all of them meet the same
 * taps, those of every stride-th row and column of the kernel, over neighbouring pixels of the input. There are as many such phases as
 * the product of the strides.
 *
 * A phase's taps are put in the order in which the input is read, [rows, columns, channels, filters]. Of few filters, which would leave
 * vectors half empty, the phases of one row are one convolution, with the filters of all of them side by side, as they lie in the
 * output; taps that a phase does not have are zeros. */
#include "phases.h"

#include "direct.h"

/* Larger kernels take longer to put in order than multiplying by them as they lie. */
enum { ROW = 1, COLUMN = 2, TAPS = 4096, FEW = 8, USES = 128 };

/* Phases [first, first + count) along an axis. Output pixel i of phase p lies over the input's pixels i + d, and d * stride + k = p + low
 * at tap k. */
typedef struct Phase {
    int64_t first, count;
    int64_t least, most; /* of d */
} Phase;

static Phase phase_of(const Window *w, int axis, int64_t first, int64_t count)
{
    Phase p = {first, count, INT64_MAX, INT64_MIN};
    for (int64_t i = first; i < first + count; i++) {
        const int64_t most = (i + w->low[axis]) / w->stride[axis], tap = (i + w->low[axis]) % w->stride[axis];
        p.most = at_least(p.most, most);
        p.least = at_most(p.least, most - (w->size[axis] - 1 - tap) / w->stride[axis]);
    }
    return p;
}

/* Columns that are one convolution. */
static int64_t columns_together(const Window *w)
{
    return w->filters <= FEW ? w->stride[COLUMN] : 1;
}

static Window convolution(const Window *w, const Phase *row, const Phase *column)
{
    const Phase *const phases[] = {row, column};
    Window             c = *w;
    c.filters *= column->count;
    for (int axis = ROW; axis <= COLUMN; axis++) {
        const Phase *const p = phases[axis - ROW];
        c.out[axis] /= w->stride[axis];
        c.size[axis] = p->most - p->least + 1;
        c.low[axis] = -p->least;
        c.stride[axis] = 1;
    }
    return c;
}

static bool suits(const Window *c)
{
    return c->low[ROW] >= 0 && c->low[COLUMN] >= 0 && c->size[ROW] * c->size[COLUMN] * c->channels * c->filters <= TAPS && mdl_direct_can(c, false);
}

bool mdl_phases_suit(const Window *w)
{
    if (w->size[0] != 1 || w->in[0] != 1 || w->out[0] != 1 || w->low[0] != 0) return false;
    for (int axis = ROW; axis <= COLUMN; axis++) {
        if (w->low[axis] < 0 || w->dilation[axis] != 1 || w->size[axis] < w->stride[axis]) return false;
        if (w->out[axis] % w->stride[axis] != 0) return false;
    }
    const int64_t together = columns_together(w);
    for (int64_t i = 0; i < w->stride[ROW]; i++) {
        for (int64_t j = 0; j < w->stride[COLUMN]; j += together) {
            const Phase  row = phase_of(w, ROW, i, 1), column = phase_of(w, COLUMN, j, together);
            const Window c = convolution(w, &row, &column);
            if (!suits(&c)) return false;
        }
    }
    return true;
}

int64_t mdl_phases_rows(const Window *w)
{
    return (USES + w->in[COLUMN] - 1) / w->in[COLUMN] * w->stride[ROW];
}

/* The tap of a phase over the input's pixel d. */
static int64_t tap_over(const Window *w, int axis, int64_t phase, int64_t d)
{
    return phase + w->low[axis] - d * w->stride[axis];
}

/* A tap's [filters, channels], or zeros, as columns of lines that are `width` long. */
static void turn_tap(const Window *w, const float *kernel, int64_t ky, int64_t kx, float *restrict to, int64_t width)
{
    const int64_t filters = w->filters, channels = w->channels;
    const bool    exists = ky >= 0 && ky < w->size[ROW] && kx >= 0 && kx < w->size[COLUMN];
    const float *restrict const tap = kernel + (exists ? ky * w->size[COLUMN] + kx : 0) * filters * channels;
    for (int64_t c = 0; c < channels && exists; c++)
        for (int64_t f = 0; f < filters; f++) to[c * width + f] = tap[f * channels + c];
    for (int64_t c = 0; c < channels && !exists; c++) memset(to + c * width, 0, (size_t)filters * sizeof *to);
}

static void turn_taps(const Window *w, const Phase *row, const Phase *column, const float *kernel, float *taps)
{
    const int64_t width = column->count * w->filters;
    for (int64_t dy = row->least; dy <= row->most; dy++) {
        for (int64_t dx = column->least; dx <= column->most; dx++, taps += w->channels * width) {
            for (int64_t i = 0; i < column->count; i++) {
                const int64_t ky = tap_over(w, ROW, row->first, dy), kx = tap_over(w, COLUMN, column->first + i, dx);
                turn_tap(w, kernel, ky, kx, taps + i * w->filters, width);
            }
        }
    }
}

void mdl_phases(const Window *w, float *y, const float *x, const float *kernel, int64_t begin, int64_t end)
{
    const int64_t      together = columns_together(w), line = w->out[COLUMN] * w->filters, stride = w->stride[ROW];
    _Alignas(64) float taps[TAPS];
    for (int64_t i = 0; i < stride; i++) {
        const int64_t first = (begin + stride - 1 - i) / stride, last = (end + stride - 1 - i) / stride; /* of this phase's rows */
        const Phase   row = phase_of(w, ROW, i, 1);
        for (int64_t j = 0; j < w->stride[COLUMN] && first < last; j += together) {
            const Phase  column = phase_of(w, COLUMN, j, together);
            const Window c = convolution(w, &row, &column);
            turn_taps(w, &row, &column, kernel, taps);
            mdl_direct_rows(&c, y + i * line + j * w->filters, stride * line, w->stride[COLUMN] * w->filters, x, taps, first, last);
        }
    }
}
