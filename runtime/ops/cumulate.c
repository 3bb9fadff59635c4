/* cumsum and cumprod. 128 neighbouring lines advance together; float32 accumulates in double. */
#include "kernel.h"

enum { TILE = 128 };

#define NAME       cumsum_f
#define T          float
#define A          double
#define INIT       0.0
#define STEP(a, x) ((a) + (x))
#define DONE(a)    ((float)(a))
#include "cumulate_body.h"
#define NAME       cumsum_d
#define T          double
#define A          double
#define INIT       0.0
#define STEP(a, x) ((a) + (x))
#define DONE(a)    (a)
#include "cumulate_body.h"
#define NAME       cumsum_i
#define T          int64_t
#define A          uint64_t
#define INIT       0
#define STEP(a, x) ((a) + (uint64_t)(x))
#define DONE(a)    mdl_wrap_i64(a)
#include "cumulate_body.h"
#define NAME       cumprod_f
#define T          float
#define A          double
#define INIT       1.0
#define STEP(a, x) ((a) * (x))
#define DONE(a)    ((float)(a))
#include "cumulate_body.h"
#define NAME       cumprod_d
#define T          double
#define A          double
#define INIT       1.0
#define STEP(a, x) ((a) * (x))
#define DONE(a)    (a)
#include "cumulate_body.h"
#define NAME       cumprod_i
#define T          int64_t
#define A          uint64_t
#define INIT       1
#define STEP(a, x) ((a) * (uint64_t)(x))
#define DONE(a)    mdl_wrap_i64(a)
#include "cumulate_body.h"

static bool fits(AxisView *v, const mdl_tensor *out, const mdl_tensor *in, int nin, int64_t axis)
{
    return nin == 1 && same_shape(out, in) && along_axis(in, axis, v);
}

mdl_status mdl_cumsum(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_cumsum_attrs *attrs, mdl_error *error)
{
    AxisView v;
    if (!fits(&v, out, in, nin, attrs->axis)) return mdl_refuse_shape(error, "cumsum", "the shapes do not fit");
    if (out->dtype != in->dtype) return mdl_refuse_dtype(error, "cumsum", out);
    switch (in->dtype) {
    case MDL_FLOAT32: cumsum_f(v, out->data, in->data); return MDL_OK;
    case MDL_FLOAT64: cumsum_d(v, out->data, in->data); return MDL_OK;
    case MDL_INT64: cumsum_i(v, out->data, in->data); return MDL_OK;
    default: return mdl_refuse_dtype(error, "cumsum", in);
    }
}

mdl_status mdl_cumprod(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_cumprod_attrs *attrs, mdl_error *error)
{
    AxisView v;
    if (!fits(&v, out, in, nin, attrs->axis)) return mdl_refuse_shape(error, "cumprod", "the shapes do not fit");
    if (out->dtype != in->dtype) return mdl_refuse_dtype(error, "cumprod", out);
    switch (in->dtype) {
    case MDL_FLOAT32: cumprod_f(v, out->data, in->data); return MDL_OK;
    case MDL_FLOAT64: cumprod_d(v, out->data, in->data); return MDL_OK;
    case MDL_INT64: cumprod_i(v, out->data, in->data); return MDL_OK;
    default: return mdl_refuse_dtype(error, "cumprod", in);
    }
}
