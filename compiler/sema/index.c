/* Indexing and slicing of tensors, as in NumPy: integers, slices, `...`, `none`, and integer tensors that gather. */
#include "cx.h"

/* What a subscript does to its axis. */
typedef struct Work {
    Node *node;
    int axis; /* the next axis of `node` */
    bool ok;
    bool gathered; /* an integer tensor was among the indices */
} Work;

static void drop_axis(Cx *cx, Work *w, Span span)
{
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)w->node->type.rank);
    int k = 0;
    for (int i = 0; i < w->node->type.rank; i++) {
        if (i != w->axis) dims[k++] = w->node->type.dims[i];
    }
    w->node = reshape(cx, w->node, dims, k, span);
}

static void add_axis(Cx *cx, Work *w, Span span)
{
    const int rank = w->node->type.rank;
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)rank + 1);
    for (int i = 0, k = 0; i <= rank; i++) dims[i] = i == w->axis ? dim_int(cx->dims, 1) : w->node->type.dims[k++];
    w->node = reshape(cx, w->node, dims, rank + 1, span);
    w->axis++;
}

/* Never above 0, as `-1` and `-(time // 2)`: counted from the end of the axis. */
static bool from_the_end(Cx *cx, const Dim *d)
{
    int64_t low, high;
    dim_range(cx->dims, d, &low, &high);
    return low < 0 && high <= 0;
}

/* A static index: one slice, whose axis goes. Negative ones count from the end. */
static void take_static(Cx *cx, Work *w, const Dim *index, Span span)
{
    const Dim *size = w->node->type.dims[w->axis];
    const Dim *zero = dim_int(cx->dims, 0), *one = dim_int(cx->dims, 1);
    int64_t i, n;
    if (from_the_end(cx, index)) index = dim_add(cx->dims, size, index);
    if (dim_is_int(index, &i) && dim_is_int(size, &n) && (i < 0 || i >= n)) {
        cx_error(cx, E_BAD_INDEX, span, "the index is out of range for axis %d of size %lld", w->axis, (long long)n);
        w->ok = false;
        return;
    }
    w->ok = require_le(cx, dim_add(cx->dims, index, one), size, span, "the index %s is out of range for an axis of size %s",
                       dim_str(cx, index), dim_str(cx, size)) &&
            require_le(cx, zero, index, span, "the index %s is out of range for an axis of size %s", dim_str(cx, index),
                       dim_str(cx, size));
    if (!w->ok) return;
    w->node = slice_axis(cx, w->node, w->axis, index, one, 1, span);
    drop_axis(cx, w, span);
}

static void gather(Cx *cx, Work *w, Node *indices, Span span)
{
    if (indices->type.dtype == DT_BOOL) {
        Diag *d = cx_error(cx, E_BAD_INDEX, span, "a bool tensor as index would give a shape that depends on its values");
        diag_help(d, "choose element by element with `where(mask, x, 0)`");
        w->ok = false;
        return;
    }
    if (dtype_is_float(indices->type.dtype)) {
        cx_error(cx, E_BAD_INDEX, span, "an index must be an integer tensor, but this is %s", type_str(cx, indices->type));
        w->ok = false;
        return;
    }
    if (w->gathered) {
        Diag *d = cx_error(cx, E_BAD_INDEX, span, "one index holds at most one integer tensor");
        diag_help(d, "gather in two steps: `x[a][:, b]`, or along one axis with `take_along_axis`");
        w->ok = false;
        return;
    }
    w->gathered = true;
    const int rank = indices->type.rank;
    w->node = take_axis(cx, w->node, indices, w->axis, span);
    w->axis += rank;
}

/* ---- slices ---- */

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

static void slice_constant(Cx *cx, Work *w, int64_t n, Value from, Value to, int64_t step, Span span)
{
    const int64_t lo = step > 0 ? 0 : -1, hi = step > 0 ? n : n - 1;
    int64_t a = step > 0 ? 0 : n - 1, b = step > 0 ? n : -1;
    if (from.kind == V_INT) a = clamp(from.as.integer < 0 ? from.as.integer + n : from.as.integer, lo, hi);
    if (to.kind == V_INT) b = clamp(to.as.integer < 0 ? to.as.integer + n : to.as.integer, lo, hi);
    int64_t count = step > 0 ? (b - a + step - 1) / step : (a - b - step - 1) / -step;
    if (count < 0) count = 0;
    w->node = slice_axis(cx, w->node, w->axis, dim_int(cx->dims, count ? a : 0), dim_int(cx->dims, count), step, span);
}

/* On a symbolic size nothing clamps: what must hold is checked. */
static const Dim *symbolic_bound(Cx *cx, Work *w, Value v, const Dim *size, const Dim *fallback, Span span)
{
    if (v.kind == V_NONE) return fallback;
    const Dim *d = value_as_dim(v, cx->dims);
    if (from_the_end(cx, d)) {
        d = dim_add(cx->dims, size, d);
        w->ok &= require_le(cx, dim_int(cx->dims, 0), d, span, "the slice starts or ends before the axis of size %s",
                            dim_str(cx, size));
    } else {
        w->ok &= require_le(cx, d, size, span, "the slice goes beyond the axis: %s must not exceed the size %s", dim_str(cx, d),
                            dim_str(cx, size)) &&
                 require_le(cx, dim_int(cx->dims, 0), d, span, "the slice's bound %s must not be negative", dim_str(cx, d));
    }
    return d;
}

static void slice_symbolic(Cx *cx, Work *w, const Dim *size, Value from, Value to, int64_t step, Span span)
{
    const Dim *zero = dim_int(cx->dims, 0), *one = dim_int(cx->dims, 1);
    if (step < 0 && (from.kind != V_NONE || to.kind != V_NONE)) {
        Diag *d = cx_error(cx, E_BAD_INDEX, span, "a backward slice with bounds needs an axis of known size, but this is %s",
                           dim_str(cx, size));
        diag_help(d, "slice first, then reverse: `x[a:b][::-1]`");
        w->ok = false;
        return;
    }
    if (step < 0) {
        const Dim *count =
            dim_floordiv(cx->dims, dim_add(cx->dims, size, dim_int(cx->dims, -step - 1)), dim_int(cx->dims, -step));
        w->node = slice_axis(cx, w->node, w->axis, dim_sub(cx->dims, size, one), count, step, span);
        return;
    }
    const Dim *a = symbolic_bound(cx, w, from, size, zero, span), *b = symbolic_bound(cx, w, to, size, size, span);
    if (!a || !b || !w->ok) {
        w->ok = false;
        return;
    }
    w->ok &= require_le(cx, a, b, span, "the slice from %s to %s is empty backwards", dim_str(cx, a), dim_str(cx, b));
    const Dim *count =
        dim_floordiv(cx->dims, dim_add(cx->dims, dim_sub(cx->dims, b, a), dim_int(cx->dims, step - 1)), dim_int(cx->dims, step));
    if (w->ok && count) w->node = slice_axis(cx, w->node, w->axis, a, count, step, span);
}

static void apply_slice(Cx *cx, Work *w, const Expr *s)
{
    Value from, to, step;
    w->ok = bound_value(cx, s->as.slice.start, &from) && bound_value(cx, s->as.slice.stop, &to) &&
            bound_value(cx, s->as.slice.step, &step);
    if (!w->ok) return;
    int64_t k = 1, n;
    if (step.kind == V_INT) k = step.as.integer;
    if (step.kind == V_DIM || k == 0) {
        cx_error(cx, E_BAD_INDEX, s->span, "a slice's step must be a known int other than 0");
        w->ok = false;
        return;
    }
    const Dim *size = w->node->type.dims[w->axis];
    if (dim_is_int(size, &n) && from.kind != V_DIM && to.kind != V_DIM) slice_constant(cx, w, n, from, to, k, s->span);
    else slice_symbolic(cx, w, size, from, to, k, s->span);
    w->axis++;
}

static void apply_index(Cx *cx, Work *w, const Expr *s)
{
    Value v = eval(cx, s);
    if (v.kind == V_VARIABLE) v = read_variable(cx, v.as.variable, s->span);
    if (v.kind == V_LIST && v.as.seq->len) v = tensor_value(cx, to_tensor(cx, v, s->span, "an index"));
    if (v.kind == V_TENSOR) gather(cx, w, v.as.tensor->node, s->span);
    else if (v.kind == V_INT || v.kind == V_DIM) take_static(cx, w, value_as_dim(v, cx->dims), s->span);
    else {
        if (!is_error(v))
            cx_error(cx, E_BAD_INDEX, s->span,
                     "an axis is indexed by an int, a slice, `...`, `none` or an integer tensor, but this is %s",
                     describe(cx, v));
        w->ok = false;
    }
}

static bool is_none(const Expr *e) { return e->kind == EXPR_NONE; }

static bool count_subscripts(Cx *cx, const ExprVec *subs, int rank, int *dots, Span span)
{
    int used = 0, ellipses = 0;
    for (size_t i = 0; i < subs->len; i++) {
        if (subs->at[i]->kind == EXPR_ELLIPSIS) ellipses++;
        else if (!is_none(subs->at[i])) used++;
    }
    if (ellipses > 1) {
        cx_error(cx, E_BAD_INDEX, span, "an index has at most one `...`");
        return false;
    }
    if (used > rank) {
        cx_error(cx, E_BAD_INDEX, span, "%d indices for a tensor of rank %d", used, rank);
        return false;
    }
    *dots = rank - used;
    return true;
}

Value index_tensor(Cx *cx, Node *n, const ExprVec *subs, Span span)
{
    Work w = {.node = n, .ok = true};
    int dots;
    if (!count_subscripts(cx, subs, n->type.rank, &dots, span)) return VALUE_ERROR;
    for (size_t i = 0; i < subs->len && w.ok; i++) {
        const Expr *s = subs->at[i];
        if (s->kind == EXPR_ELLIPSIS) w.axis += dots;
        else if (is_none(s)) add_axis(cx, &w, s->span);
        else if (s->kind == EXPR_SLICE) apply_slice(cx, &w, s);
        else apply_index(cx, &w, s);
    }
    return w.ok ? tensor_value(cx, w.node) : VALUE_ERROR;
}
