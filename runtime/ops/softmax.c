/* softmax and log_softmax along an axis. The largest element is subtracted first, so that exp can't overflow; the sum is
 * taken in double. A line that holds a NaN, only -inf, or a +inf becomes NaN, as its formula says. */
#include <mdl/mdl_isa.h>

#include "kernel.h"
#include "parallel.h"

enum { TILE = 128, LANES = 32 };

#define CONCAT_(a, b, c) a##_##b##_##c
#define CONCAT(a, b, c)  CONCAT_(a, b, c)

#define T        float
#define TYPE     f
#define EXP      mdl_exp_f
#define MAXIMUM  mdl_maximum_f
#define SMALLEST -INFINITY
#define BODY     "softmax_body.h"
#include "each_isa.h"
#undef T
#undef TYPE
#undef EXP
#undef MAXIMUM
#undef SMALLEST

#define T        double
#define TYPE     d
#define EXP      mdl_exp_d
#define MAXIMUM  mdl_maximum_d
#define SMALLEST -(double)INFINITY
#define MDL_ISA  0
#include <mdl/mdl_isa_begin.h>
#include "softmax_body.h"
#include <mdl/mdl_isa_end.h>

typedef struct Softmax {
    AxisView  view;
    mdl_dtype dtype;
    void       *y;
    const void *x;
    bool        logarithmic;
} Softmax;

/* The lines at some of the outer axes' places. */
static void run_lines(const void *context, int64_t begin, int64_t end)
{
    const Softmax *const s = context;
    const AxisView       v = {end - begin, s->view.size, s->view.inner};
    const int64_t        at = begin * v.size * v.inner;
    if (s->dtype == MDL_FLOAT64) softmax_d_0(v, (double *)s->y + at, (const double *)s->x + at, s->logarithmic);
    else BY_ISA(softmax_f)(v, (float *)s->y + at, (const float *)s->x + at, s->logarithmic);
}

/* Both, `logarithmic` or not. */
static mdl_status run(const char *kernel, const mdl_tensor *out, const mdl_tensor *in, int nin, int64_t axis, bool logarithmic, mdl_error *error)
{
    enum { COST = 40 }; /* it reads three times, and takes an exponential */
    AxisView v;
    if (nin != 1 || !same_shape(out, in) || !along_axis(in, axis, &v)) return mdl_refuse_shape(error, kernel, "the shapes do not fit");
    if (out->dtype != in->dtype || (in->dtype != MDL_FLOAT32 && in->dtype != MDL_FLOAT64)) return mdl_refuse_dtype(error, kernel, in);
    mdl_share_loop(v.outer, v.size * v.inner, COST, run_lines, &(const Softmax){v, in->dtype, out->data, in->data, logarithmic});
    return MDL_OK;
}

mdl_status mdl_softmax(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_softmax_attrs *attrs, mdl_error *error)
{
    return run("softmax", out, in, nin, attrs->axis, false, error);
}

mdl_status mdl_log_softmax(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_log_softmax_attrs *attrs, mdl_error *error)
{
    return run("log_softmax", out, in, nin, attrs->axis, true, error);
}
