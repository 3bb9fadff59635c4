/* Slices of one axis, `x[a:b:k]`. Sizes that are known clamp as in NumPy; on a symbolic one nothing clamps: what must hold is
 * checked when the program runs. */
#include "index.h"

static bool bound_value(Cx *cx, const Expr *e, Value *v)
{
    *v = VALUE_NONE;
    if (!e) return true;
    *v = eval(cx, e);
    if (v->kind == V_TENSOR || v->kind == V_VARIABLE) {
        Diag *d = cx_error(cx, E_BAD_INDEX, e->span, "a slice's bound must be known before the program runs, but this is %s",
                           describe(cx, *v));
        diag_help(d, "a block that starts at a computed place is `slice(x, start, shape)`");
        return false;
    }
    if (v->kind == V_NONE || v->kind == V_INT || v->kind == V_DIM || v->kind == V_BOOL) return true;
    if (!is_error(*v)) cx_error(cx, E_BAD_INDEX, e->span, "a slice's bound must be an int, but this is %s", describe(cx, *v));
    return false;
}

static int64_t clamp(int64_t v, int64_t lo, int64_t hi) { return v < lo ? lo : v > hi ? hi : v; }

/* Beyond every size, and small enough that a size may be added to it. */
#define LARGEST_STEP (INT64_MAX / 4)

static void slice_constant(Cx *cx, Work *w, int64_t n, Value from, Value to, int64_t step, Span span)
{
    const int64_t lo = step > 0 ? 0 : -1, hi = step > 0 ? n : n - 1;
    int64_t a = step > 0 ? 0 : n - 1, b = step > 0 ? n : -1;
    if (from.kind == V_INT) a = clamp(from.as.integer < 0 ? from.as.integer + n : from.as.integer, lo, hi);
    if (to.kind == V_INT) b = clamp(to.as.integer < 0 ? to.as.integer + n : to.as.integer, lo, hi);
    const int64_t extent = step > 0 ? b - a : a - b, stride = step > 0 ? step : -step;
    const int64_t count   = extent > 0 ? (extent - 1) / stride + 1 : 0;
    w->node = slice_axis(cx, w->node, w->axis, dim_int(cx->dims, count ? a : 0), dim_int(cx->dims, count), step, span);
}

/* A bound of a slice on a symbolic size, counted from the beginning; `least` is what it may not be below. */
static const Dim *symbolic_bound(Cx *cx, Work *w, Value v, const Dim *size, const Dim *least, Span span)
{
    const Dim *d = value_as_dim(v, cx->dims);
    if (from_the_end(cx, d)) {
        d = dim_add(cx->dims, size, d);
        w->ok &= require_le(cx, least, d, span, "the slice starts or ends before the axis of size %s", dim_str(cx, size));
    } else {
        w->ok &= require_le(cx, d, size, span, "the slice goes beyond the axis: %s must not exceed the size %s", dim_str(cx, d),
                            dim_str(cx, size)) &&
                 require_le(cx, least, d, span, "the slice's bound %s must not be negative", dim_str(cx, d));
    }
    return d;
}

static void slice_forward(Cx *cx, Work *w, const Dim *size, Value from, Value to, int64_t step, Span span)
{
    const Dim *zero = dim_int(cx->dims, 0);
    const Dim *a = from.kind == V_NONE ? zero : symbolic_bound(cx, w, from, size, zero, span);
    const Dim *b = to.kind == V_NONE ? size : symbolic_bound(cx, w, to, size, zero, span);
    if (!a || !b || !w->ok) {
        w->ok = false;
        return;
    }
    w->ok &= require_le(cx, a, b, span, "the slice from %s to %s is empty backwards", dim_str(cx, a), dim_str(cx, b));
    const Dim *count =
        dim_floordiv(cx->dims, dim_add(cx->dims, dim_sub(cx->dims, b, a), dim_int(cx->dims, step - 1)), dim_int(cx->dims, step));
    if (w->ok && count) w->node = slice_axis(cx, w->node, w->axis, a, count, step, span);
}

/* From the last element, or `from`, down to the first, or the one behind `to`. -1 stands before the axis. */
static void slice_backward(Cx *cx, Work *w, const Dim *size, Value from, Value to, int64_t step, Span span)
{
    const Dim *before = dim_int(cx->dims, -1), *end = dim_sub(cx->dims, size, dim_int(cx->dims, 1));
    const Dim *a = from.kind == V_NONE ? end : symbolic_bound(cx, w, from, size, before, span);
    const Dim *b = to.kind == V_NONE ? before : symbolic_bound(cx, w, to, size, before, span);
    if (!a || !b || !w->ok) {
        w->ok = false;
        return;
    }
    w->ok &= require_le(cx, a, end, span, "the slice begins beyond the axis: %s must be below the size %s", dim_str(cx, a),
                        dim_str(cx, size)) &&
             require_le(cx, b, a, span, "the backward slice from %s to %s is empty forwards", dim_str(cx, a), dim_str(cx, b));
    const Dim *count = dim_floordiv(cx->dims, dim_add(cx->dims, dim_sub(cx->dims, a, b), dim_int(cx->dims, -(step + 1))),
                                    dim_int(cx->dims, -step));
    if (w->ok && count) w->node = slice_axis(cx, w->node, w->axis, a, count, step, span);
}

void apply_slice(Cx *cx, Work *w, const Expr *s)
{
    Value from, to, step;
    w->ok = bound_value(cx, s->as.slice.start, &from) && bound_value(cx, s->as.slice.stop, &to) &&
            bound_value(cx, s->as.slice.step, &step);
    if (!w->ok) return;
    int64_t k = 1, n;
    if (step.kind == V_INT) k = clamp(step.as.integer, -LARGEST_STEP, LARGEST_STEP);
    if (step.kind == V_DIM || k == 0) {
        cx_error(cx, E_BAD_INDEX, s->span, "a slice's step must be a known int other than 0");
        w->ok = false;
        return;
    }
    const Dim *size = w->node->type.dims[w->axis];
    if (dim_is_int(size, &n) && from.kind != V_DIM && to.kind != V_DIM) slice_constant(cx, w, n, from, to, k, s->span);
    else if (k > 0) slice_forward(cx, w, size, from, to, k, s->span);
    else slice_backward(cx, w, size, from, to, k, s->span);
    w->axis++;
}

