/* max_pool and average_pool over [batch, *space, channels]. Only the part of a window that lies inside the input counts; a
 * window without such a part gives -inf (the smallest integer) and NaN. */
#include "window.h"

#define NAME       max_pool_f
#define T          float
#define INIT       -INFINITY
#define STEP(a, x) mdl_maximum_f(x, a)
#define DONE(a, n) (a)
#include "pooling_body.h"
#define NAME       max_pool_d
#define T          double
#define INIT       -(double)INFINITY
#define STEP(a, x) mdl_maximum_d(x, a)
#define DONE(a, n) (a)
#include "pooling_body.h"
#define NAME       max_pool_i
#define T          int64_t
#define INIT       INT64_MIN
#define STEP(a, x) mdl_maximum_i(x, a)
#define DONE(a, n) (a)
#include "pooling_body.h"
#define NAME       average_pool_f
#define T          float
#define INIT       0.0f
#define STEP(a, x) ((a) + (x))
#define DONE(a, n) ((a) / (float)(n))
#include "pooling_body.h"
#define NAME       average_pool_d
#define T          double
#define INIT       0.0
#define STEP(a, x) ((a) + (x))
#define DONE(a, n) ((a) / (double)(n))
#include "pooling_body.h"

static bool fits(Window *w, const mdl_tensor *out, const mdl_tensor *in, int nin, const int64_t *size, const int64_t *strides, const int64_t *low)
{
    if (nin != 1 || !window_open(w, out, in, strides, NULL, low) || w->channels != w->filters) return false;
    for (int i = 0; i < in->rank - 2; i++) {
        w->size[5 - in->rank + i] = size[i];
        if (size[i] < 1) return false;
    }
    return true;
}

mdl_status mdl_max_pool(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_max_pool_attrs *attrs, mdl_error *error)
{
    Window w;
    if (!fits(&w, out, in, nin, attrs->size, attrs->strides, attrs->low)) return mdl_refuse_shape(error, "max_pool", "the shapes do not fit");
    if (out->dtype != in->dtype) return mdl_refuse_dtype(error, "max_pool", out);
    switch (in->dtype) {
    case MDL_FLOAT32: max_pool_f(&w, out->data, in->data); return MDL_OK;
    case MDL_FLOAT64: max_pool_d(&w, out->data, in->data); return MDL_OK;
    case MDL_INT64: max_pool_i(&w, out->data, in->data); return MDL_OK;
    default: return mdl_refuse_dtype(error, "max_pool", in);
    }
}

mdl_status mdl_average_pool(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_average_pool_attrs *attrs, mdl_error *error)
{
    Window w;
    if (!fits(&w, out, in, nin, attrs->size, attrs->strides, attrs->low)) return mdl_refuse_shape(error, "average_pool", "the shapes do not fit");
    if (out->dtype != in->dtype) return mdl_refuse_dtype(error, "average_pool", out);
    switch (in->dtype) {
    case MDL_FLOAT32: average_pool_f(&w, out->data, in->data); return MDL_OK;
    case MDL_FLOAT64: average_pool_d(&w, out->data, in->data); return MDL_OK;
    default: return mdl_refuse_dtype(error, "average_pool", in);
    }
}
