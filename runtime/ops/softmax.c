/* softmax and log_softmax along an axis. The largest element is subtracted first, so that exp can't overflow; the sum is
 * taken in double. A line that holds a NaN, only -inf, or a +inf becomes NaN, as its formula says. 128 neighbouring lines
 * are worked on together when the axis isn't the last. */
#include "kernel.h"

enum { TILE = 128 };

#define T         float
#define NAME      softmax_f
#define EXP       mdl_exp_f
#define MAXIMUM   mdl_maximum_f
#define SMALLEST  -INFINITY
#define LOG_NAME  log_softmax_f
#include "softmax_body.h"
#define T         double
#define NAME      softmax_d
#define EXP       mdl_exp_d
#define MAXIMUM   mdl_maximum_d
#define SMALLEST  -(double)INFINITY
#define LOG_NAME  log_softmax_d
#include "softmax_body.h"

mdl_status mdl_softmax(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_softmax_attrs *attrs, mdl_error *error)
{
    AxisView v;
    if (nin != 1 || !same_shape(out, in) || !along_axis(in, attrs->axis, &v)) return mdl_refuse_shape(error, "softmax", "the shapes do not fit");
    if (out->dtype != in->dtype) return mdl_refuse_dtype(error, "softmax", out);
    switch (in->dtype) {
    case MDL_FLOAT32: softmax_f(v, out->data, in->data); return MDL_OK;
    case MDL_FLOAT64: softmax_d(v, out->data, in->data); return MDL_OK;
    default: return mdl_refuse_dtype(error, "softmax", in);
    }
}

mdl_status mdl_log_softmax(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_log_softmax_attrs *attrs, mdl_error *error)
{
    AxisView v;
    if (nin != 1 || !same_shape(out, in) || !along_axis(in, attrs->axis, &v)) return mdl_refuse_shape(error, "log_softmax", "the shapes do not fit");
    if (out->dtype != in->dtype) return mdl_refuse_dtype(error, "log_softmax", out);
    switch (in->dtype) {
    case MDL_FLOAT32: log_softmax_f(v, out->data, in->data); return MDL_OK;
    case MDL_FLOAT64: log_softmax_d(v, out->data, in->data); return MDL_OK;
    default: return mdl_refuse_dtype(error, "log_softmax", in);
    }
}
