#include "kernel.h"
#include "parallel.h"

mdl_status mdl_refuse_dtype(mdl_error *error, const char *kernel, const mdl_tensor *t)
{
    return mdl_fail(error, MDL_USAGE, "%s does not compute in %s here", kernel, mdl_dtype_name(t->dtype));
}

mdl_status mdl_refuse_shape(mdl_error *error, const char *kernel, const char *what)
{
    return mdl_fail(error, MDL_USAGE, "%s: %s", kernel, what);
}

bool mdl_resolve_index(const char *kernel, int64_t *index, int64_t size, mdl_error *error)
{
    const int64_t given = *index;
    if (given >= -size && given < size) {
        if (given < 0) *index = given + size;
        return true;
    }
    mdl_fail(error, MDL_BAD_INPUT, "%s: index %lld is out of range for an axis of size %lld", kernel, (long long)given, (long long)size);
    return false;
}

/* ---- strided copies ---- */

typedef struct Walk {
    int     rank;
    int64_t shape[MDL_MAX_RANK], to[MDL_MAX_RANK], from[MDL_MAX_RANK];
} Walk;

/* Leaves out axes of size 1 and joins neighbours that are one axis in both layouts. */
static void simplify(Walk *w)
{
    int n = 0;
    for (int i = 0; i < w->rank; i++) {
        if (w->shape[i] == 1) continue;
        if (n > 0 && w->to[n - 1] == w->to[i] * w->shape[i] && w->from[n - 1] == w->from[i] * w->shape[i]) {
            w->shape[n - 1] *= w->shape[i];
            w->to[n - 1] = w->to[i];
            w->from[n - 1] = w->from[i];
        } else {
            w->shape[n] = w->shape[i];
            w->to[n] = w->to[i];
            w->from[n] = w->from[i];
            n++;
        }
    }
    for (; n < 2; n++) { /* there are always two axes, so that the loops below need no special case */
        for (int i = n; i > 0; i--) {
            w->shape[i] = w->shape[i - 1];
            w->to[i] = w->to[i - 1];
            w->from[i] = w->from[i - 1];
        }
        w->shape[0] = 1;
        w->to[0] = w->from[0] = 0;
    }
    w->rank = n;
}

static void swap_axes(Walk *w, int a, int b)
{
    const int64_t shape = w->shape[a], to = w->to[a], from = w->from[a];
    w->shape[a] = w->shape[b], w->to[a] = w->to[b], w->from[a] = w->from[b];
    w->shape[b] = shape, w->to[b] = to, w->from[b] = from;
}

#define T    uint8_t
#define NAME copy_plane_1
#include "copy_body.h"
#define T    uint16_t
#define NAME copy_plane_2
#include "copy_body.h"
#define T    uint32_t
#define NAME copy_plane_4
#include "copy_body.h"
#define T    uint64_t
#define NAME copy_plane_8
#include "copy_body.h"

static void copy_plane(const Walk *w, size_t size, char *to, const char *from)
{
    const int row = w->rank - 2, col = w->rank - 1;
    if (w->to[col] == 1 && w->from[col] == 1) {
        const int64_t bytes = (int64_t)size;
        for (int64_t r = 0; r < w->shape[row]; r++)
            memcpy(to + r * w->to[row] * bytes, from + r * w->from[row] * bytes, (size_t)(w->shape[col] * bytes));
        return;
    }
    switch (size) {
    case 1: copy_plane_1(w, (uint8_t *)to, (const uint8_t *)from); break;
    case 2: copy_plane_2(w, (void *)to, (const void *)from); break;
    case 4: copy_plane_4(w, (void *)to, (const void *)from); break;
    default: copy_plane_8(w, (void *)to, (const void *)from); break;
    }
}

/* All of it, plane by plane. */
static void copy_walk(const Walk *w, size_t size, char *to, const char *from)
{
    int64_t index[MDL_MAX_RANK] = {0};
    int64_t to_offset = 0, from_offset = 0;
    do {
        copy_plane(w, size, to + to_offset * (int64_t)size, from + from_offset * (int64_t)size);
        from_offset = 0;
        if (!next_position(w->rank - 2, w->shape, w->to, index, &to_offset)) return;
        for (int i = 0; i < w->rank - 2; i++) from_offset += index[i] * w->from[i];
    } while (true);
}

typedef struct Copy {
    Walk        walk;
    size_t      size; /* of an element */
    char       *to;
    const char *from;
    int         axis, parts; /* threads share this axis */
} Copy;

static void copy_part(void *argument, int i)
{
    const Copy   *c = argument;
    Walk          w = c->walk;
    const int64_t n = w.shape[c->axis], grain = n / c->parts >= 1024 ? 64 : 1;
    const int64_t begin = part_begin(n, grain, c->parts, i), size = (int64_t)c->size;
    w.shape[c->axis] = part_begin(n, grain, c->parts, i + 1) - begin;
    if (w.shape[c->axis] > 0) copy_walk(&w, c->size, c->to + begin * w.to[c->axis] * size, c->from + begin * w.from[c->axis] * size);
}

void mdl_copy_block(int rank, const int64_t *shape, size_t size, void *to, const int64_t *to_strides, const void *from,
                    const int64_t *from_strides)
{
    enum { COST = 6 };
    Copy    c = {{.rank = rank}, size, to, from, 0, 1};
    Walk   *w = &c.walk;
    int64_t count = 1;
    for (int i = 0; i < rank; i++) {
        if (shape[i] == 0) return;
        w->shape[i] = shape[i];
        w->to[i] = to_strides[i];
        w->from[i] = from_strides[i];
        count *= shape[i];
    }
    simplify(w);
    const int axis = c.axis = w->shape[0] > 1 ? 0 : 1;
    const int most = mdl_parts_over((double)count, COST);
    c.parts = w->shape[axis] < most ? (int)w->shape[axis] : most;
    /* The plane of the two innermost loops: the last axis, along which `to` is dense, and the one along which `from` is. */
    for (int i = 0; i < w->rank - 2; i++) {
        if (w->from[w->rank - 1] != 1 && w->from[i] == 1) {
            swap_axes(w, i, w->rank - 2);
            if (c.axis == i) c.axis = w->rank - 2;
            else if (c.axis == w->rank - 2) c.axis = i;
            break;
        }
    }
    if (c.parts < 2) copy_walk(w, size, to, from);
    else mdl_parallel(c.parts, copy_part, &c);
}
