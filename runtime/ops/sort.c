/* sort and argsort, in place in the result: a quicksort of medians of three that turns into a heapsort when it goes wrong,
 * with insertion sort for short ranges. It isn't stable by itself; argsort breaks ties by index, which makes the order
 * total and so the result that of a stable sort. NaNs come last, also when descending. */
#include "kernel.h"

enum { SHORT = 16 };

/* The elements that an argsort compares: the line x[0], x[stride], ... */
typedef struct Line {
    const void *x;
    int64_t     stride;
    bool        descending;
} Line;

/* a stands before b: -1, after it: 1; 0 if they are equal. */
static int compare_f(float a, float b)
{
    if (a != a || b != b) return (a != a) - (b != b);
    return (a > b) - (a < b);
}
static int compare_d(double a, double b)
{
    if (a != a || b != b) return (a != a) - (b != b);
    return (a > b) - (a < b);
}
static int compare_i(int64_t a, int64_t b) { return (a > b) - (a < b); }

static bool index_before_f(const Line *l, int64_t a, int64_t b)
{
    const float x = ((const float *)l->x)[a * l->stride], y = ((const float *)l->x)[b * l->stride];
    const int   order = l->descending && x == x && y == y ? compare_f(y, x) : compare_f(x, y);
    return order < 0 || (order == 0 && a < b);
}
static bool index_before_d(const Line *l, int64_t a, int64_t b)
{
    const double x = ((const double *)l->x)[a * l->stride], y = ((const double *)l->x)[b * l->stride];
    const int    order = l->descending && x == x && y == y ? compare_d(y, x) : compare_d(x, y);
    return order < 0 || (order == 0 && a < b);
}
static bool index_before_i(const Line *l, int64_t a, int64_t b)
{
    const int64_t x = ((const int64_t *)l->x)[a * l->stride], y = ((const int64_t *)l->x)[b * l->stride];
    const int     order = l->descending ? compare_i(y, x) : compare_i(x, y);
    return order < 0 || (order == 0 && a < b);
}

#define E            float
#define SORT         sort_f
#define BEFORE(a, b) (compare_f(a, b) < 0)
#include "sort_body.h"
#define E            double
#define SORT         sort_d
#define BEFORE(a, b) (compare_d(a, b) < 0)
#include "sort_body.h"
#define E            int64_t
#define SORT         sort_i
#define BEFORE(a, b) ((a) < (b))
#include "sort_body.h"
#define E            int64_t
#define SORT         argsort_f
#define BEFORE(a, b) index_before_f(line, a, b)
#include "sort_body.h"
#define E            int64_t
#define SORT         argsort_d
#define BEFORE(a, b) index_before_d(line, a, b)
#include "sort_body.h"
#define E            int64_t
#define SORT         argsort_i
#define BEFORE(a, b) index_before_i(line, a, b)
#include "sort_body.h"

/* How often quicksort may halve before heapsort takes over. */
static int patience(int64_t n)
{
    int depth = 0;
    for (; n > 0; n /= 2) depth += 2;
    return depth;
}

mdl_status mdl_sort(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_sort_attrs *attrs, mdl_error *error)
{
    AxisView v;
    if (nin != 1 || !same_shape(out, in) || !along_axis(in, attrs->axis, &v)) return mdl_refuse_shape(error, "sort", "the shapes do not fit");
    if (out->dtype != in->dtype || (in->dtype != MDL_FLOAT32 && in->dtype != MDL_FLOAT64 && in->dtype != MDL_INT64))
        return mdl_refuse_dtype(error, "sort", in);
    if (out->data != in->data) copy_bytes(out->data, in->data, elements(in) * (int64_t)mdl_dtype_size(in->dtype));
    for (int64_t o = 0; o < v.outer; o++) {
        for (int64_t j = 0; j < v.inner; j++) {
            void *const first = byte_at(out, o * v.size * v.inner + j);
            switch (in->dtype) {
            case MDL_FLOAT32: sort_f(first, v.inner, v.size, patience(v.size), NULL); break;
            case MDL_FLOAT64: sort_d(first, v.inner, v.size, patience(v.size), NULL); break;
            default: sort_i(first, v.inner, v.size, patience(v.size), NULL); break;
            }
        }
    }
    return MDL_OK;
}

mdl_status mdl_argsort(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_argsort_attrs *attrs, mdl_error *error)
{
    AxisView v;
    if (nin != 1 || !same_shape(out, in) || !along_axis(in, attrs->axis, &v)) return mdl_refuse_shape(error, "argsort", "the shapes do not fit");
    if (out->dtype != MDL_INT64) return mdl_refuse_dtype(error, "argsort", out);
    if (in->dtype != MDL_FLOAT32 && in->dtype != MDL_FLOAT64 && in->dtype != MDL_INT64) return mdl_refuse_dtype(error, "argsort", in);
    for (int64_t o = 0; o < v.outer; o++) {
        for (int64_t j = 0; j < v.inner; j++) {
            const int64_t  at = o * v.size * v.inner + j;
            int64_t *const first = (int64_t *)out->data + at;
            const Line     line = {byte_at(in, at), v.inner, attrs->descending != 0};
            for (int64_t i = 0; i < v.size; i++) first[i * v.inner] = i;
            switch (in->dtype) {
            case MDL_FLOAT32: argsort_f(first, v.inner, v.size, patience(v.size), &line); break;
            case MDL_FLOAT64: argsort_d(first, v.inner, v.size, patience(v.size), &line); break;
            default: argsort_i(first, v.inner, v.size, patience(v.size), &line); break;
            }
        }
    }
    return MDL_OK;
}
