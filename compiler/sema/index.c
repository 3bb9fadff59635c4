/* Indexing and slicing of tensors, as in NumPy: integers, slices, `...`, `none`, and integer tensors that gather. */
#include "index.h"

/* A subscript: `...`, a slice, or a value. */
typedef struct Subscript {
    ExprKind kind; /* EXPR_ELLIPSIS, EXPR_SLICE, or anything else */
    const Expr *slice;
    Value value;
    Span span;
} Subscript;
typedef VEC(Subscript) SubscriptVec;

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

bool from_the_end(Cx *cx, const Dim *d)
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

/* A tensor waits until all axes are known. */
static void add_gather(Cx *cx, Work *w, Node *indices, Span span)
{
    const Type t = indices->type;
    w->ok = false;
    if (t.dtype == DT_BOOL) {
        Diag *d = cx_error(cx, E_BAD_INDEX, span, "a bool tensor as index would give a shape that depends on its values");
        diag_help(d, "choose element by element with `where(mask, x, 0)`");
    } else if (dtype_is_float(t.dtype)) {
        cx_error(cx, E_BAD_INDEX, span, "an index must be an integer tensor, but this is %s", type_str(cx, t));
    } else {
        const Gather g = {indices, w->axis++, span};
        vec_push(cx->arena, &w->gathers, g);
        w->ok = true;
    }
}

static void apply_index(Cx *cx, Work *w, Value v, Span span)
{
    if (v.kind == V_VARIABLE) v = read_variable(cx, v.as.variable, span);
    if (v.kind == V_LIST && v.as.seq->len) v = tensor_value(cx, to_tensor(cx, v, span, "an index"));
    if (v.kind == V_TENSOR) add_gather(cx, w, v.as.tensor->node, span);
    else if (v.kind == V_INT || v.kind == V_DIM) take_static(cx, w, value_as_dim(v, cx->dims), span);
    else {
        if (!is_error(v))
            cx_error(cx, E_BAD_INDEX, span,
                     "an axis is indexed by an int, a slice, `...`, `none` or an integer tensor, but this is %s",
                     describe(cx, v));
        w->ok = false;
    }
}

static void add_subscript(Cx *cx, SubscriptVec *out, const Expr *e)
{
    Subscript s = {.kind = e->kind, .slice = e, .value = VALUE_NONE, .span = e->span};
    if (e->kind != EXPR_SLICE && e->kind != EXPR_ELLIPSIS) s.value = eval(cx, e);
    vec_push(cx->arena, out, s);
}

/* `x[i]` with a tuple is `x[i[0], i[1], ...]`. */
static SubscriptVec read_subscripts(Cx *cx, const ExprVec *subs)
{
    SubscriptVec out = {0};
    for (size_t i = 0; i < subs->len; i++) add_subscript(cx, &out, subs->at[i]);
    if (out.len != 1 || out.at[0].value.kind != V_TUPLE) return out;
    const Subscript whole = out.at[0];
    out.len = 0;
    for (size_t i = 0; i < whole.value.as.seq->len; i++) {
        const Subscript s = {.kind = whole.kind, .value = whole.value.as.seq->at[i], .span = whole.span};
        vec_push(cx->arena, &out, s);
    }
    return out;
}

static bool adds_axis(const Subscript *s)
{
    return s->kind != EXPR_SLICE && s->kind != EXPR_ELLIPSIS && s->value.kind == V_NONE;
}

static bool count_subscripts(Cx *cx, const SubscriptVec *subs, int rank, int *dots, Span span)
{
    int used = 0, ellipses = 0;
    for (size_t i = 0; i < subs->len; i++) {
        if (subs->at[i].kind == EXPR_ELLIPSIS) ellipses++;
        else if (!adds_axis(&subs->at[i])) used++;
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

Value index_tensor(Cx *cx, Node *n, const ExprVec *exprs, Span span)
{
    Work w = {.node = n, .ok = true};
    int  dots;
    const SubscriptVec subs = read_subscripts(cx, exprs);
    if (!count_subscripts(cx, &subs, n->type.rank, &dots, span)) return VALUE_ERROR;
    for (size_t i = 0; i < subs.len && w.ok; i++) {
        const Subscript *s = &subs.at[i];
        if (s->kind == EXPR_ELLIPSIS) w.axis += dots;
        else if (s->kind == EXPR_SLICE) apply_slice(cx, &w, s->slice);
        else if (adds_axis(s)) add_axis(cx, &w, s->span);
        else {
            apply_index(cx, &w, s->value, s->span);
            w.scattered |= w.last && w.last != (int)i;
            w.last = (int)i + 1;
        }
    }
    if (w.ok && w.gathers.len) apply_gathers(cx, &w, span);
    return w.ok ? tensor_value(cx, w.node) : VALUE_ERROR;
}
