/* Included by conv.c for each element type: the rows of a convolution's left side, copied from the input.
 *
 * Row p is output pixel p of the batch; columns run over taps, then the group's channels. They are copied in runs: the
 * part of one row of taps that the columns cover if those taps are neighbours (`joined`), else of one tap. */

#define CONCAT2_(a, b) a##_##b
#define CONCAT2(a, b)  CONCAT2_(a, b)
#define COPY           CONCAT2(NAME, copy)
#define ZERO           CONCAT2(NAME, zero)

/* Runs are short (21 elements in ResNet's first layer): 16 bytes at a time, the last 16 again, spare a call of memcpy. */
static inline void COPY(T *restrict to, const T *restrict from, int64_t n)
{
    enum { STEP = 16 / sizeof(T) };
    if (n * (int64_t)sizeof(T) >= 512) {
        memcpy(to, from, (size_t)n * sizeof(T));
    } else if (n >= STEP) {
        for (int64_t i = 0; i + STEP <= n; i += STEP) memcpy(to + i, from + i, 16);
        memcpy(to + n - STEP, from + n - STEP, 16);
    } else {
        for (int64_t i = 0; i < n; i++) to[i] = from[i];
    }
}

static inline void ZERO(T *to, int64_t n)
{
    for (int64_t i = 0; i < n; i++) to[i] = 0;
}

static void NAME(const Gemm *g, int64_t p, int64_t rows, int64_t column, int64_t columns, void *tile)
{
    const Pixels *const px = g->context;
    const Window *const w = px->window;
    const int64_t       run = px->joined ? w->size[2] * px->channels : px->channels;
    const int64_t       taps = px->joined ? 1 : w->size[2]; /* runs in a row of taps */
    const int64_t       pixel = w->channels, line = w->in[2] * pixel, plane = w->in[1] * line;
    const int64_t       first = column / run, first_offset = column % run;
    const int64_t       kx0 = first % taps, ky0 = first / taps % w->size[1], kz0 = first / taps / w->size[1];
    int64_t             ox = p % w->out[2], oy = p / w->out[2] % w->out[1], oz = p / w->out[2] / w->out[1] % w->out[0];
    int64_t             b = p / w->out[2] / w->out[1] / w->out[0];
    T                  *to = tile;
    for (int64_t r = 0; r < rows; r++) {
        const int64_t x0 = ox * w->stride[2] - w->low[2], y0 = oy * w->stride[1] - w->low[1], z0 = oz * w->stride[0] - w->low[0];
        const T *const image = (const T *)px->x + b * w->in[0] * plane;
        int64_t        kx = kx0, ky = ky0, kz = kz0, offset = first_offset;
        for (int64_t left = columns; left > 0;) {
            const int64_t n = at_most(run - offset, left);
            const int64_t x = x0 + kx * w->dilation[2], y = y0 + ky * w->dilation[1], z = z0 + kz * w->dilation[0];
            /* The run's elements [from, end) lie inside the input. */
            int64_t from = offset, end = offset + n;
            if (z < 0 || z >= w->in[0] || y < 0 || y >= w->in[1]) {
                end = from;
            } else if (px->joined) {
                from = at_least(from, -x * pixel);
                end = at_least(at_most(end, line - x * pixel), from);
                if (from > offset + n) from = end = offset + n;
            } else if (x < 0 || x >= w->in[2]) {
                end = from;
            }
            ZERO(to, from - offset);
            if (end > from) COPY(to + from - offset, image + z * plane + y * line + x * pixel + from, end - from);
            ZERO(to + end - offset, offset + n - end);
            to += n;
            left -= n;
            offset = 0;
            if (++kx == taps) {
                kx = 0;
                if (++ky == w->size[1]) {
                    ky = 0;
                    kz++;
                }
            }
        }
        if (++ox == w->out[2]) {
            ox = 0;
            if (++oy == w->out[1]) {
                oy = 0;
                if (++oz == w->out[0]) {
                    oz = 0;
                    b++;
                }
            }
        }
    }
}

#undef ZERO
#undef COPY
#undef CONCAT2
#undef CONCAT2_
#undef T
#undef NAME
