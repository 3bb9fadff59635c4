/* What the kernels share: refusals, sizes, and walks over strided blocks. */
#ifndef MDL_KERNEL_H
#define MDL_KERNEL_H

/* Loops become vectors under gcc only with these, whatever the build says; none of them changes a value. clang needs none. */
#if defined(__OPTIMIZE__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3", "no-trapping-math", "no-math-errno")
#endif

#include <math.h>
#include <mdl/mdl.h>
#include <mdl/mdl_math.h>
#include <mdl/mdl_ops.h>

#include <string.h>

/* MDL_USAGE, for a call that the row in ops.def does not allow. */
mdl_status mdl_refuse_dtype(mdl_error *error, const char *kernel, const mdl_tensor *t);
mdl_status mdl_refuse_shape(mdl_error *error, const char *kernel, const char *what);

/* Counts a negative index from the end. False, with the message, if it is out of range. */
bool mdl_resolve_index(const char *kernel, int64_t *index, int64_t size, mdl_error *error);

static inline int64_t elements(const mdl_tensor *t)
{
    int64_t n = 1;
    for (int i = 0; i < t->rank; i++) n *= t->shape[i];
    return n;
}

static inline bool same_shape(const mdl_tensor *a, const mdl_tensor *b)
{
    if (a->rank != b->rank) return false;
    for (int i = 0; i < a->rank; i++)
        if (a->shape[i] != b->shape[i]) return false;
    return true;
}

/* Equal but for one axis, which may differ. */
static inline bool same_shape_but(const mdl_tensor *a, const mdl_tensor *b, int64_t axis)
{
    if (a->rank != b->rank) return false;
    for (int i = 0; i < a->rank; i++)
        if (i != axis && a->shape[i] != b->shape[i]) return false;
    return true;
}

/* A tensor seen along one axis: element (o, i, j) is at (o * size + i) * inner + j. */
typedef struct AxisView {
    int64_t outer, size, inner;
} AxisView;

static inline bool along_axis(const mdl_tensor *t, int64_t axis, AxisView *view)
{
    if (axis < 0 || axis >= t->rank) return false;
    *view = (AxisView){1, t->shape[axis], 1};
    for (int i = 0; i < t->rank; i++) {
        if (i < axis) view->outer *= t->shape[i];
        if (i > axis) view->inner *= t->shape[i];
    }
    return true;
}

static inline void row_major(int rank, const int64_t *shape, int64_t *strides)
{
    int64_t stride = 1;
    for (int i = rank - 1; i >= 0; i--) {
        strides[i] = stride;
        stride *= shape[i];
    }
}

/* Moves `index` (all zero at first) to the next position of a block in row-major order and keeps `offset` equal to the sum
 * of index[i] * strides[i]. False, with everything zero again, after the last one. */
static inline bool next_position(int rank, const int64_t *shape, const int64_t *strides, int64_t *index, int64_t *offset)
{
    for (int i = rank - 1; i >= 0; i--) {
        *offset += strides[i];
        if (++index[i] < shape[i]) return true;
        *offset -= strides[i] * shape[i];
        index[i] = 0;
    }
    return false;
}

/* Copies a block of elements of `size` bytes (1, 2, 4 or 8) between two strided layouts. Strides count elements and may be
 * 0 or negative; `to` and `from` point to the first element. */
void mdl_copy_block(int rank, const int64_t *shape, size_t size, void *to, const int64_t *to_strides, const void *from,
                    const int64_t *from_strides);

static inline int64_t at_least(int64_t x, int64_t least) { return x < least ? least : x; }
static inline int64_t at_most(int64_t x, int64_t most) { return x > most ? most : x; }

/* memcpy that allows NULL for nothing. */
static inline void copy_bytes(void *to, const void *from, int64_t n)
{
    if (n > 0) memcpy(to, from, (size_t)n);
}

static inline char *byte_at(const mdl_tensor *t, int64_t element)
{
    return (char *)t->data + element * (int64_t)mdl_dtype_size(t->dtype);
}

#endif
