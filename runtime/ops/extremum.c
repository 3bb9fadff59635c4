/* argmax and argmin: the place of the first extreme element along an axis; a NaN is more extreme than anything. */
#include "kernel.h"

#define T         float
#define NAME      argmax_f
#define ORDER     >
#define IS_NAN(x) ((x) != (x))
#include "extremum_body.h"
#define T         double
#define NAME      argmax_d
#define ORDER     >
#define IS_NAN(x) ((x) != (x))
#include "extremum_body.h"
#define T         int64_t
#define NAME      argmax_i
#define ORDER     >
#define IS_NAN(x) 0
#include "extremum_body.h"
#define T         float
#define NAME      argmin_f
#define ORDER     <
#define IS_NAN(x) ((x) != (x))
#include "extremum_body.h"
#define T         double
#define NAME      argmin_d
#define ORDER     <
#define IS_NAN(x) ((x) != (x))
#include "extremum_body.h"
#define T         int64_t
#define NAME      argmin_i
#define ORDER     <
#define IS_NAN(x) 0
#include "extremum_body.h"

static mdl_status view(AxisView *v, const char *kernel, const mdl_tensor *out, const mdl_tensor *in, int nin, int64_t axis, mdl_error *error)
{
    if (nin != 1 || !along_axis(in, axis, v) || !same_shape_but(out, in, axis) || out->shape[axis] != 1)
        return mdl_refuse_shape(error, kernel, "the shapes do not fit");
    if (out->dtype != MDL_INT64) return mdl_refuse_dtype(error, kernel, out);
    if (in->dtype != MDL_FLOAT32 && in->dtype != MDL_FLOAT64 && in->dtype != MDL_INT64) return mdl_refuse_dtype(error, kernel, in);
    if (v->size == 0 && v->outer * v->inner > 0) return mdl_fail(error, MDL_BAD_INPUT, "%s of an axis of size 0", kernel);
    return MDL_OK;
}

mdl_status mdl_argmax(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_argmax_attrs *attrs, mdl_error *error)
{
    AxisView         v;
    const mdl_status status = view(&v, "argmax", out, in, nin, attrs->axis, error);
    if (status != MDL_OK) return status;
    switch (in->dtype) {
    case MDL_FLOAT32: argmax_f(v, out->data, in->data); return MDL_OK;
    case MDL_FLOAT64: argmax_d(v, out->data, in->data); return MDL_OK;
    default: argmax_i(v, out->data, in->data); return MDL_OK;
    }
}

mdl_status mdl_argmin(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_argmin_attrs *attrs, mdl_error *error)
{
    AxisView         v;
    const mdl_status status = view(&v, "argmin", out, in, nin, attrs->axis, error);
    if (status != MDL_OK) return status;
    switch (in->dtype) {
    case MDL_FLOAT32: argmin_f(v, out->data, in->data); return MDL_OK;
    case MDL_FLOAT64: argmin_d(v, out->data, in->data); return MDL_OK;
    default: argmin_i(v, out->data, in->data); return MDL_OK;
    }
}
