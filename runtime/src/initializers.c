/* First values of variables, after Keras' formulas (docs/initializers.md).
 *
 * Element i of a variable takes half of the Philox block with the counter (i / 2, hash of the path) under the key `seed`. So it
 * does not depend on how much of the variable is made, in what order, or beside which others. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dtype.h"
#include "internal.h"
#include "orthogonal.h"
#include "philox.h"
#include "same_math.h"

/* One initializer made ready for one shape. */
typedef struct Source {
    const mdl_initializer *init;
    uint64_t       seed, path; /* the path's hash */
    uint64_t       offset;     /* where its random elements begin in the variable's stream; not 0 only in a part */
    int            rank;
    const int64_t *shape;
    uint64_t       last;       /* the last axis */
    double         low, span;  /* values are low + span * u, u uniform in (0, 1) ... */
    double         mean, stddev; /* ... or mean + stddev * normal, */
    bool           truncated;  /* which may be kept within two standard deviations */
    double        *matrix;     /* all values, where they can't be had one by one */
    struct Source *parts;
} Source;

/* ---- random numbers ---- */

enum { BATCH = 2 * MDL_PHILOX_BLOCKS };
static_assert((int)BATCH == (int)MDL_SAME_BATCH, "the batches of random numbers and of quantiles are the same");

static uint64_t hash_path(const char *path)
{
    uint64_t h = 0xCBF29CE484222325u; /* FNV-1a */
    for (; *path != '\0'; path++) h = (h ^ (unsigned char)*path) * 0x100000001B3u;
    return h;
}

/* Uniform in (0, 1), never 0 or 1: the middle of one of 2^52 equal steps. */
static double unit(uint32_t low, uint32_t high)
{
    const uint64_t step = ((uint64_t)high << 32 | low) >> 12;
    return ((double)step + 0.5) * 0x1p-52;
}

/* What becomes of the uniform numbers. */
static void finish_uniform(const Source *s, double batch[BATCH])
{
    for (int i = 0; i < BATCH; i++) batch[i] = s->low + s->span * batch[i];
}

/* The inverse of the distribution function. Between its values at -2 and 2 it gives the normal distribution cut there: the
 * same as drawing again whatever falls outside. */
static void finish_normal(const Source *s, double batch[BATCH])
{
    static const double below = 0x1.74bcf82c9d860p-6; /* the probability of less than -2 */
    if (s->truncated) {
        for (int i = 0; i < BATCH; i++) batch[i] = below + batch[i] * (1.0 - 2.0 * below);
    }
    mdl_same_normal_quantiles(batch);
    for (int i = 0; i < BATCH; i++) batch[i] = s->mean + s->stddev * batch[i];
}

/* Batches lie on a grid of their own; of the first and the last one perhaps only a part is wanted. */
static void draw(const Source *s, uint64_t first, size_t count, bool normal, double *out)
{
    first += s->offset;
    while (count > 0) {
        const size_t skip = (size_t)(first % BATCH), n = count < BATCH - skip ? count : BATCH - skip;
        uint32_t     words[4][MDL_PHILOX_BLOCKS];
        double       batch[BATCH];
        mdl_philox_blocks((first - skip) / 2, s->path, s->seed, words);
        for (int i = 0; i < MDL_PHILOX_BLOCKS; i++) {
            batch[2 * i] = unit(words[0][i], words[1][i]);
            batch[2 * i + 1] = unit(words[2][i], words[3][i]);
        }
        if (normal) finish_normal(s, batch);
        else finish_uniform(s, batch);
        memcpy(out, batch + skip, n * sizeof *out);
        first += n;
        out += n;
        count -= n;
    }
}

/* ---- preparing ---- */

/* Keras' fans: the last axis but one is the input, the last the output, and the others are the kernel's window. */
static void fans(const Source *s, double *in, double *out)
{
    const mdl_initializer *init = s->init;
    *in = *out = 1;
    if (init->in_axes != 0 || init->out_axes != 0) {
        for (int i = 0; i < s->rank; i++) {
            if (init->in_axes >> i & 1) *in *= (double)s->shape[i];
            if (init->out_axes >> i & 1) *out *= (double)s->shape[i];
        }
        return;
    }
    if (s->rank == 0) return;
    double window = 1;
    for (int i = 0; i < s->rank - 2; i++) window *= (double)s->shape[i];
    *in = window * (double)s->shape[s->rank >= 2 ? s->rank - 2 : 0];
    *out = window * (double)s->shape[s->rank - 1];
}

static void prepare_scaling(Source *s)
{
    double in, out;
    fans(s, &in, &out);
    const double n = s->init->mode == MDL_FAN_IN ? in : s->init->mode == MDL_FAN_OUT ? out : (in + out) / 2;
    const double scale = s->init->a / (n > 1 ? n : 1);
    switch (s->init->distribution) {
    case MDL_DIST_UNIFORM: {
        const double limit = sqrt(3 * scale);
        s->low = -limit;
        s->span = 2 * limit;
        break;
    }
    case MDL_DIST_UNTRUNCATED_NORMAL: s->stddev = sqrt(scale); break;
    case MDL_DIST_TRUNCATED_NORMAL: /* divided by the standard deviation that is left after cutting */
        s->stddev = sqrt(scale) / 0.87962566103423978;
        s->truncated = true;
        break;
    }
}

/* Rows are all axes but the last. The decomposition needs at least as many rows as columns: a wide matrix is made as a tall one
 * and read across. */
static mdl_status prepare_orthogonal(Source *s, uint64_t elements, mdl_error *error)
{
    if (s->rank < 2) return mdl_fail(error, MDL_USAGE, "the orthogonal initializer needs at least two axes");
    if (elements == 0) return MDL_OK;
    const uint64_t columns = s->last, rows = elements / columns;
    const bool     wide = rows < columns;
    const uint64_t tall = wide ? columns : rows, thin = wide ? rows : columns;
    if (elements > SIZE_MAX / sizeof(double) / 4) return mdl_fail_status(error, MDL_NO_MEMORY);
    double *a = malloc(2 * (size_t)elements * sizeof *a);
    if (a == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    s->matrix = a;
    double *drawn = wide ? a + elements : a;
    s->stddev = 1;
    draw(s, 0, (size_t)elements, true, drawn);
    if (!mdl_orthonormal(drawn, (size_t)tall, (size_t)thin)) return mdl_fail_status(error, MDL_NO_MEMORY);
    for (uint64_t i = 0; wide && i < rows; i++) {
        for (uint64_t j = 0; j < columns; j++) a[i * columns + j] = drawn[j * thin + i];
    }
    for (uint64_t i = 0; i < elements; i++) a[i] *= s->init->a;
    return MDL_OK;
}

static double window_at(const mdl_initializer *init, int64_t t, int64_t length)
{
    const int64_t n = init->periodic ? length : length - 1;
    if (init->window == MDL_WINDOW_VALUES) return t < init->count ? init->values[t] : 0;
    if (n <= 0) return 1;
    switch (init->window) {
    case MDL_WINDOW_HANN: return 0.5 - 0.5 * mdl_same_cos(t, n);
    case MDL_WINDOW_HAMMING: return 0.54 - 0.46 * mdl_same_cos(t, n);
    case MDL_WINDOW_BLACKMAN: return 0.42 - 0.5 * mdl_same_cos(t, n) + 0.08 * mdl_same_cos(2 * t, n);
    case MDL_WINDOW_NONE:
    case MDL_WINDOW_VALUES: break;
    }
    return 1;
}

/* Shape [time, 1, frequencies]: cos or sin of the negative angle, times the window, scaled by it. */
static mdl_status prepare_stft(Source *s, uint64_t elements, mdl_error *error)
{
    if (s->rank != 3) return mdl_fail(error, MDL_USAGE, "the STFT initializer needs three axes");
    if (elements == 0) return MDL_OK;
    if (elements > SIZE_MAX / sizeof(double)) return mdl_fail_status(error, MDL_NO_MEMORY);
    double *a = malloc((size_t)elements * sizeof *a);
    if (a == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    s->matrix = a;
    const int64_t times = s->shape[0], bins = s->shape[2], cycle = bins > 1 ? 2 * (bins - 1) : 1;
    const bool    imaginary = s->init->a != 0;
    double        scale = 1, sum = 0;
    for (int64_t t = 0; t < times; t++) {
        const double w = window_at(s->init, t, times);
        sum += s->init->b == 1 ? w * w : w < 0 ? -w : w;
    }
    if (s->init->window != MDL_WINDOW_NONE && s->init->b != 0) scale = s->init->b == 1 ? sqrt(sum) : sum;
    for (uint64_t i = 0; i < elements; i++) {
        const int64_t f = (int64_t)(i % s->last), t = (int64_t)(i / ((uint64_t)s->shape[1] * s->last));
        const int64_t turn = (t % cycle) * (f % cycle) % cycle;
        const double  wave = imaginary ? -mdl_same_sin(turn, cycle) : mdl_same_cos(turn, cycle);
        a[i] = wave * window_at(s->init, t, times) / scale;
    }
    return MDL_OK;
}

static mdl_status prepare(Source *s, mdl_error *error);

/* Every part is an initializer of its own, over a slice of the last axis. */
static mdl_status prepare_parts(Source *s, uint64_t elements, mdl_error *error)
{
    const mdl_initializer *init = s->init;
    const uint64_t         rows = s->last != 0 ? elements / s->last : 0;
    uint64_t               offset = 0, columns = 0;
    if (s->rank < 1) return mdl_fail(error, MDL_USAGE, "a piecewise initializer needs an axis");
    s->parts = calloc((size_t)init->count + 1, sizeof *s->parts);
    int64_t *shapes = malloc(((size_t)init->count * (size_t)s->rank + 1) * sizeof *shapes);
    if (s->parts == NULL || shapes == NULL) {
        free(shapes);
        return mdl_fail_status(error, MDL_NO_MEMORY);
    }
    s->parts[init->count].shape = shapes; /* the element behind the last owns them */
    for (int i = 0; i < init->count; i++) {
        int64_t *shape = shapes + (size_t)i * (size_t)s->rank;
        memcpy(shape, s->shape, (size_t)s->rank * sizeof *shape);
        shape[s->rank - 1] = init->lengths[i];
        Source *part = &s->parts[i];
        *part = (Source){.init = &init->parts[i], .seed = s->seed, .path = s->path, .offset = s->offset + offset,
                         .rank = s->rank, .shape = shape};
        const mdl_status status = prepare(part, error);
        if (status != MDL_OK) return status;
        offset += rows * part->last;
        columns += part->last;
    }
    return columns == s->last ? MDL_OK : mdl_fail(error, MDL_USAGE, "the parts of an initializer do not fill the last axis");
}

static mdl_status prepare(Source *s, mdl_error *error)
{
    const mdl_initializer *init = s->init;
    uint64_t               elements = 1;
    for (int i = 0; i < s->rank; i++) elements *= (uint64_t)s->shape[i];
    s->last = s->rank > 0 ? (uint64_t)s->shape[s->rank - 1] : 1;
    switch (init->kind) {
    case MDL_INIT_RANDOM_UNIFORM:
        s->low = init->a;
        s->span = init->b - init->a;
        return MDL_OK;
    case MDL_INIT_RANDOM_NORMAL:
    case MDL_INIT_TRUNCATED_NORMAL:
        s->mean = init->a;
        s->stddev = init->b;
        s->truncated = init->kind == MDL_INIT_TRUNCATED_NORMAL;
        return MDL_OK;
    case MDL_INIT_VALUES:
        if ((uint64_t)init->count == elements) return MDL_OK;
        return mdl_fail(error, MDL_USAGE, "an initializer has %d values for %llu elements", init->count,
                        (unsigned long long)elements);
    case MDL_INIT_IDENTITY:
        return s->rank == 2 ? MDL_OK : mdl_fail(error, MDL_USAGE, "the identity initializer needs two axes");
    case MDL_INIT_VARIANCE_SCALING: prepare_scaling(s); return MDL_OK;
    case MDL_INIT_ORTHOGONAL: return prepare_orthogonal(s, elements, error);
    case MDL_INIT_STFT: return prepare_stft(s, elements, error);
    case MDL_INIT_PIECEWISE: return prepare_parts(s, elements, error);
    case MDL_INIT_ZEROS:
    case MDL_INIT_ONES:
    case MDL_INIT_CONSTANT: return MDL_OK;
    }
    return mdl_fail(error, MDL_USAGE, "an initializer of an unknown kind");
}

static void release(Source *s)
{
    free(s->matrix);
    if (s->parts == NULL) return;
    for (int i = 0; i < s->init->count; i++) release(&s->parts[i]);
    free((void *)s->parts[s->init->count].shape);
    free(s->parts);
}

/* ---- filling ---- */

static void fill(const Source *s, uint64_t first, size_t count, double *out);

static void fill_same(double value, size_t count, double *out)
{
    for (size_t i = 0; i < count; i++) out[i] = value;
}

/* Runs of elements that lie in one row and one part. */
static void fill_parts(const Source *s, uint64_t first, size_t count, double *out)
{
    while (count > 0) {
        const uint64_t row = first / s->last;
        uint64_t       column = first % s->last;
        const Source  *part = s->parts;
        while (column >= part->last) column -= part++->last;
        size_t run = (size_t)(part->last - column);
        if (run > count) run = count;
        fill(part, row * part->last + column, run, out);
        first += run;
        out += run;
        count -= run;
    }
}

static void fill(const Source *s, uint64_t first, size_t count, double *out)
{
    const mdl_initializer *init = s->init;
    switch (init->kind) {
    case MDL_INIT_ZEROS: fill_same(0, count, out); break;
    case MDL_INIT_ONES: fill_same(1, count, out); break;
    case MDL_INIT_CONSTANT: fill_same(init->a, count, out); break;
    case MDL_INIT_IDENTITY:
        for (size_t i = 0; i < count; i++) out[i] = (first + i) / s->last == (first + i) % s->last ? init->a : 0;
        break;
    case MDL_INIT_RANDOM_UNIFORM: draw(s, first, count, false, out); break;
    case MDL_INIT_RANDOM_NORMAL:
    case MDL_INIT_TRUNCATED_NORMAL: draw(s, first, count, true, out); break;
    case MDL_INIT_VARIANCE_SCALING:
        if (init->distribution == MDL_DIST_UNIFORM) draw(s, first, count, false, out);
        else draw(s, first, count, true, out);
        break;
    case MDL_INIT_VALUES: memcpy(out, init->values + first, count * sizeof *out); break;
    case MDL_INIT_ORTHOGONAL:
    case MDL_INIT_STFT: memcpy(out, s->matrix + first, count * sizeof *out); break;
    case MDL_INIT_PIECEWISE: fill_parts(s, first, count, out); break;
    }
}

bool mdl_initializer_is_local(const mdl_initializer *init)
{
    return init->kind != MDL_INIT_ORTHOGONAL && init->kind != MDL_INIT_STFT && init->kind != MDL_INIT_PIECEWISE;
}

mdl_status mdl_initialize(const mdl_initializer *init, uint64_t seed, const char *path, mdl_dtype dtype, int rank,
                          const int64_t *shape, uint64_t first, uint64_t count, void *out, mdl_error *error)
{
    enum { CHUNK = 1024 };
    double       values[CHUNK];
    const size_t size = mdl_dtype_size(dtype);
    char        *at = out;
    Source       s = {.init = init, .seed = seed, .path = hash_path(path), .rank = rank, .shape = shape};
    mdl_status   status = prepare(&s, error);
    while (status == MDL_OK && count > 0) {
        const size_t n = count < CHUNK ? (size_t)count : CHUNK;
        fill(&s, first, n, values);
        mdl_store(dtype, values, n, at);
        at += n * size;
        first += n;
        count -= n;
    }
    release(&s);
    return status;
}
