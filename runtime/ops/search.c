/* searchsorted: by halving. NaN stands behind all numbers, as `sort` puts it. */
#include "kernel.h"

/* The first place whose element isn't before the value, or, if `right`, is behind it. */
#define SEARCH(T, t, BEFORE)                                                                   \
    static int64_t search_##t(const T *sorted, int64_t n, T value, bool right)                 \
    {                                                                                          \
        int64_t low = 0, high = n;                                                             \
        while (low < high) {                                                                   \
            const int64_t middle = low + (high - low) / 2;                                     \
            const T       x = sorted[middle];                                                  \
            if (right ? !BEFORE(value, x) : BEFORE(x, value)) low = middle + 1;                \
            else high = middle;                                                                \
        }                                                                                      \
        return low;                                                                            \
    }
#define NUMBERS(a, b) ((a) < (b) || ((b) != (b) && (a) == (a)))
#define INTEGERS(a, b) ((a) < (b))
SEARCH(float, f, NUMBERS)
SEARCH(double, d, NUMBERS)
SEARCH(int64_t, i, INTEGERS)

mdl_status mdl_searchsorted(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_searchsorted_attrs *attrs, mdl_error *error)
{
    const bool     right = attrs->right != 0;
    int64_t *const to = out->data;
    int64_t        n, count;
    if (nin != 2 || in[0].rank != 1 || !same_shape(out, &in[1])) return mdl_refuse_shape(error, "searchsorted", "the shapes do not fit");
    if (out->dtype != MDL_INT64) return mdl_refuse_dtype(error, "searchsorted", out);
    if (in[0].dtype != in[1].dtype) return mdl_refuse_dtype(error, "searchsorted", &in[0]);
    n = in[0].shape[0];
    count = elements(out);
    switch (in[0].dtype) {
    case MDL_FLOAT32:
        for (int64_t i = 0; i < count; i++) to[i] = search_f(in[0].data, n, ((const float *)in[1].data)[i], right);
        return MDL_OK;
    case MDL_FLOAT64:
        for (int64_t i = 0; i < count; i++) to[i] = search_d(in[0].data, n, ((const double *)in[1].data)[i], right);
        return MDL_OK;
    case MDL_INT64:
        for (int64_t i = 0; i < count; i++) to[i] = search_i(in[0].data, n, ((const int64_t *)in[1].data)[i], right);
        return MDL_OK;
    default: return mdl_refuse_dtype(error, "searchsorted", &in[0]);
    }
}
