/* Operations that move elements or give them another shape. */
#include <math.h>
#include <string.h>

#include "ops.h"

bool arg_tensors(Cx *cx, const BCall *c, int i, Node ***nodes, int *n)
{
    Value v = c->args[i];
    const Value *at;
    size_t len;
    if (v.kind == V_TENSOR) {
        Diag *d = cx_error(cx, E_ARGUMENT_TYPE, c->spans[i], "`%s` takes a list of tensors", c->builtin->name);
        diag_help(d, "write `%s([a, b])`", c->builtin->name);
        return false;
    }
    if (!iterate(cx, v, c->spans[i], &at, &len)) return false;
    if (!len) {
        cx_error(cx, E_ARGUMENT_TYPE, c->spans[i], "`%s` needs at least one tensor", c->builtin->name);
        return false;
    }
    *nodes = arena_array(cx->arena, Node *, len);
    *n = (int)len;
    const DType t = weak_dtype(cx, value_seq(cx->arena, V_LIST, at, len));
    for (size_t k = 0; k < len; k++) {
        (*nodes)[k] = to_tensor_like(cx, at[k], t, c->spans[i]);
        if (!(*nodes)[k]) return false;
        (*nodes)[k] = cast_to(cx, (*nodes)[k], t, c->span);
    }
    return true;
}

/* ---- reshape ---- */

/* The one size given as -1: the elements of x over the product of the others. */
static bool infer_size(Cx *cx, const BCall *c, Node *x, const Dim **dims, int rank)
{
    const Dim *minus = dim_int(cx->dims, -1), *known = dim_int(cx->dims, 1),
              *total = dims_product(cx, x->type.dims, x->type.rank);
    int hole = -1;
    for (int i = 0; i < rank; i++) {
        if (dims[i] == minus) {
            if (hole >= 0) {
                cx_error(cx, E_SHAPE, c->spans[1], "at most one size can be -1");
                return false;
            }
            hole = i;
        } else known = dim_mul(cx->dims, known, dims[i]);
    }
    if (hole < 0) return true;
    int64_t zero;
    if (!known || !total || (dim_is_int(known, &zero) && zero == 0)) {
        cx_error(cx, E_SHAPE, c->spans[1], "the size -1 cannot be found from the other sizes");
        return false;
    }
    dims[hole] = dim_floordiv(cx->dims, total, known);
    return dims[hole] != NULL;
}

Value build_reshape(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0);
    const Dim **dims;
    int rank;
    if (!x || !arg_dims(cx, c, 1, &dims, &rank) || !infer_size(cx, c, x, dims, rank)) return VALUE_ERROR;
    for (int i = 0; i < rank; i++) {
        int64_t v;
        if (dim_is_int(dims[i], &v) && v < 0) {
            cx_error(cx, E_SHAPE, c->spans[1], "a size cannot be %lld", (long long)v);
            return VALUE_ERROR;
        }
    }
    const Type want = make_type(cx, x->type.dtype, dims, rank);
    const Dim *have = dims_product(cx, x->type.dims, x->type.rank), *get = dims_product(cx, dims, rank);
    if (!require_equal(cx, have, get, c->span, "`reshape` keeps the number of elements: %s has %s, %s has %s",
                       type_str(cx, x->type), dim_str(cx, have), type_str(cx, want), dim_str(cx, get))) {
        return VALUE_ERROR;
    }
    return tensor_value(cx, reshape(cx, x, dims, rank, c->span));
}

Value build_expand_dims(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0);
    if (!x) return VALUE_ERROR;
    const Value *at = &c->args[1];
    size_t n = 1;
    if (c->args[1].kind != V_INT && !iterate(cx, c->args[1], c->spans[1], &at, &n)) return VALUE_ERROR;
    const int rank = x->type.rank + (int)n;
    bool *fresh = arena_array(cx->arena, bool, (size_t)rank);
    for (size_t i = 0; i < n; i++) {
        int axis;
        const BCall one = {c->builtin, NULL, (Value[]){c->args[0], at[i]}, c->spans, c->given, c->span};
        if (!arg_axis(cx, &one, 1, rank, &axis)) return VALUE_ERROR;
        fresh[axis] = true;
    }
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)rank);
    for (int i = 0, k = 0; i < rank; i++) dims[i] = fresh[i] || k >= x->type.rank ? dim_int(cx->dims, 1) : x->type.dims[k++];
    return tensor_value(cx, reshape(cx, x, dims, rank, c->span));
}

Value build_squeeze(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0);
    if (!x) return VALUE_ERROR;
    const int rank = x->type.rank;
    bool *axes = arena_array(cx->arena, bool, (size_t)rank);
    if (!arg_axes(cx, c, 1, rank, axes)) return VALUE_ERROR;
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)rank);
    const Dim *one = dim_int(cx->dims, 1);
    int k = 0;
    for (int i = 0; i < rank; i++) {
        const bool all = c->args[1].kind == V_NONE;
        if (axes[i] && !all &&
            !require_equal(cx, x->type.dims[i], one, c->span, "axis %d has size %s and cannot be squeezed", i,
                           dim_str(cx, x->type.dims[i])))
            return VALUE_ERROR;
        if (!axes[i] || (all && x->type.dims[i] != one)) dims[k++] = x->type.dims[i];
    }
    return tensor_value(cx, reshape(cx, x, dims, k, c->span));
}

Value build_broadcast_to(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0);
    const Dim **dims;
    int rank;
    if (!x || !arg_dims(cx, c, 1, &dims, &rank)) return VALUE_ERROR;
    const Type want = make_type(cx, x->type.dtype, dims, rank), types[] = {x->type, want};
    Type out = {x->type.dtype, 0, NULL};
    if (x->type.rank > rank || !broadcast_shapes(cx, types, NULL, 2, c->span, "`broadcast_to`", &out)) {
        if (x->type.rank > rank)
            cx_error(cx, E_SHAPE, c->span, "%s cannot be stretched to %s", type_str(cx, x->type), type_str(cx, want));
        return VALUE_ERROR;
    }
    return tensor_value(cx, broadcast(cx, x, dims, rank, c->span));
}

/* ---- order of axes ---- */

Value build_transpose(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0);
    const Value *at;
    size_t n;
    if (!x) return VALUE_ERROR;
    if (c->args[1].kind == V_NONE) return tensor_value(cx, transpose(cx, x, NULL, c->span));
    if (!iterate(cx, c->args[1], c->spans[1], &at, &n)) return VALUE_ERROR;
    int *perm = arena_array(cx->arena, int, n + 1);
    bool *seen = arena_array(cx->arena, bool, (size_t)x->type.rank);
    for (size_t i = 0; i < n; i++) {
        const int64_t a = at[i].kind == V_INT ? at[i].as.integer : INT64_MIN;
        const int axis = (int)(a < 0 ? a + x->type.rank : a);
        if ((int)n != x->type.rank || a < -x->type.rank || a >= x->type.rank || seen[axis]) {
            cx_error(cx, E_BAD_AXIS, c->spans[1], "`axes` must name each of the %d axes once", x->type.rank);
            return VALUE_ERROR;
        }
        seen[axis] = true;
        perm[i] = axis;
    }
    if ((int)n != x->type.rank) {
        cx_error(cx, E_BAD_AXIS, c->spans[1], "`axes` must name each of the %d axes once", x->type.rank);
        return VALUE_ERROR;
    }
    return tensor_value(cx, transpose(cx, x, perm, c->span));
}

Value build_swapaxes(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0);
    int a, b;
    if (!x || !arg_axis(cx, c, 1, x->type.rank, &a) || !arg_axis(cx, c, 2, x->type.rank, &b)) return VALUE_ERROR;
    int *perm = arena_array(cx->arena, int, (size_t)x->type.rank);
    for (int i = 0; i < x->type.rank; i++) perm[i] = i == a ? b : i == b ? a : i;
    return tensor_value(cx, transpose(cx, x, perm, c->span));
}

static bool axis_list(Cx *cx, const BCall *c, int i, int rank, int *axes, size_t *n)
{
    const Value *at = &c->args[i];
    *n = 1;
    if (c->args[i].kind != V_INT && !iterate(cx, c->args[i], c->spans[i], &at, n)) return false;
    for (size_t k = 0; k < *n && k < MDL_MAX_RANK; k++) {
        Value args[3] = {c->args[0], c->args[1], c->args[2]};
        args[i] = at[k];
        const BCall one = {c->builtin, NULL, args, c->spans, c->given, c->span};
        if (!arg_axis(cx, &one, i, rank, &axes[k])) return false;
    }
    return true;
}

Value build_moveaxis(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0);
    int from[MDL_MAX_RANK], to[MDL_MAX_RANK], perm[MDL_MAX_RANK];
    size_t n, m;
    if (!x || !axis_list(cx, c, 1, x->type.rank, from, &n) || !axis_list(cx, c, 2, x->type.rank, to, &m)) return VALUE_ERROR;
    if (n != m) {
        cx_error(cx, E_BAD_AXIS, c->span, "`source` and `destination` differ in length");
        return VALUE_ERROR;
    }
    bool moved[MDL_MAX_RANK] = {false}, taken[MDL_MAX_RANK] = {false};
    for (size_t i = 0; i < n; i++) {
        perm[to[i]] = from[i];
        taken[to[i]] = moved[from[i]] = true;
    }
    for (int i = 0, k = 0; i < x->type.rank; i++) {
        if (taken[i]) continue;
        while (moved[k]) k++;
        perm[i] = k++;
    }
    return tensor_value(cx, transpose(cx, x, perm, c->span));
}

Value build_flip(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0);
    if (!x) return VALUE_ERROR;
    bool *axes = arena_array(cx->arena, bool, (size_t)x->type.rank);
    if (!arg_axes(cx, c, 1, x->type.rank, axes)) return VALUE_ERROR;
    for (int i = 0; i < x->type.rank; i++) {
        if (axes[i])
            x = slice_axis(cx, x, i, dim_sub(cx->dims, x->type.dims[i], dim_int(cx->dims, 1)), x->type.dims[i], -1, c->span);
    }
    return tensor_value(cx, x);
}

/* ---- joining and cutting ---- */

Value build_concatenate(Cx *cx, const BCall *c)
{
    Node **xs;
    int n, axis;
    if (!arg_tensors(cx, c, 0, &xs, &n) || !arg_axis(cx, c, 1, xs[0]->type.rank, &axis)) return VALUE_ERROR;
    return tensor_value(cx, concat(cx, xs, n, axis, c->span));
}

static Node *with_axis(Cx *cx, Node *x, int axis, Span span)
{
    const int rank = x->type.rank + 1;
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)rank);
    for (int i = 0, k = 0; i < rank; i++) dims[i] = i == axis ? dim_int(cx->dims, 1) : x->type.dims[k++];
    return reshape(cx, x, dims, rank, span);
}

static Node *without_axis(Cx *cx, Node *x, int axis, Span span)
{
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)x->type.rank);
    int k = 0;
    for (int i = 0; i < x->type.rank; i++) {
        if (i != axis) dims[k++] = x->type.dims[i];
    }
    return reshape(cx, x, dims, k, span);
}

Value build_stack(Cx *cx, const BCall *c)
{
    Node **xs;
    int n, axis;
    if (!arg_tensors(cx, c, 0, &xs, &n) || !arg_axis(cx, c, 1, xs[0]->type.rank + 1, &axis)) return VALUE_ERROR;
    const Type first = xs[0]->type;
    for (int i = 0; i < n; i++) {
        if (xs[i]->type.rank != first.rank) {
            cx_error(cx, E_SHAPE, c->span, "the tensors to stack have different ranks: %s and %s", type_str(cx, first),
                     type_str(cx, xs[i]->type));
            return VALUE_ERROR;
        }
        xs[i] = with_axis(cx, xs[i], axis, c->span);
    }
    return tensor_value(cx, concat(cx, xs, n, axis, c->span));
}

static Value pieces(Cx *cx, Node *x, int axis, const Dim *const *starts, const Dim *const *sizes, size_t n, bool drop, Span span)
{
    Value *out = arena_array(cx->arena, Value, n);
    for (size_t i = 0; i < n; i++) {
        Node *p = slice_axis(cx, x, axis, starts[i], sizes[i], 1, span);
        out[i] = tensor_value(cx, drop ? without_axis(cx, p, axis, span) : p);
    }
    return value_seq(cx->arena, V_LIST, out, n);
}

Value build_unstack(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0);
    int axis;
    int64_t n;
    if (!x || !arg_axis(cx, c, 2, x->type.rank, &axis)) return VALUE_ERROR;
    if (c->args[1].kind != V_NONE) {
        if (!arg_int(cx, c, 1, &n) ||
            !require_equal(cx, x->type.dims[axis], dim_int(cx->dims, n), c->span, "axis %d has size %s, not %lld", axis,
                           dim_str(cx, x->type.dims[axis]), (long long)n))
            return VALUE_ERROR;
    } else if (!dim_is_int(x->type.dims[axis], &n)) {
        cx_error(cx, E_UNDECIDED, c->span, "axis %d has size `%s`, which is known only when the program runs: give `num`", axis,
                 dim_str(cx, x->type.dims[axis]));
        return VALUE_ERROR;
    }
    const Dim **starts = arena_array(cx->arena, const Dim *, (size_t)n), **sizes = arena_array(cx->arena, const Dim *, (size_t)n);
    for (int64_t i = 0; i < n; i++) {
        starts[i] = dim_int(cx->dims, i);
        sizes[i] = dim_int(cx->dims, 1);
    }
    return pieces(cx, x, axis, starts, sizes, (size_t)n, true, c->span);
}

static Value split_equal(Cx *cx, const BCall *c, Node *x, int axis, int64_t n)
{
    if (n < 1 || n > 1000000) {
        cx_error(cx, E_BAD_ARGUMENT, c->spans[1], "a tensor is split into at least one part");
        return VALUE_ERROR;
    }
    const Dim *size = x->type.dims[axis], *part = dim_floordiv(cx->dims, size, dim_int(cx->dims, n));
    if (!require_equal(cx, dim_mul(cx->dims, part, dim_int(cx->dims, n)), size, c->span,
                       "axis %d of size %s does not split into %lld equal parts", axis, dim_str(cx, size), (long long)n))
        return VALUE_ERROR;
    const Dim **starts = arena_array(cx->arena, const Dim *, (size_t)n), **sizes = arena_array(cx->arena, const Dim *, (size_t)n);
    for (int64_t i = 0; i < n; i++) {
        starts[i] = dim_mul(cx->dims, part, dim_int(cx->dims, i));
        sizes[i] = part;
    }
    return pieces(cx, x, axis, starts, sizes, (size_t)n, false, c->span);
}

Value build_split(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0);
    int axis, n;
    const Dim **cuts;
    if (!x || !arg_axis(cx, c, 2, x->type.rank, &axis)) return VALUE_ERROR;
    if (c->args[1].kind == V_INT) return split_equal(cx, c, x, axis, c->args[1].as.integer);
    if (!arg_dims(cx, c, 1, &cuts, &n)) return VALUE_ERROR;
    const Dim **starts = arena_array(cx->arena, const Dim *, (size_t)n + 1),
              **sizes = arena_array(cx->arena, const Dim *, (size_t)n + 1);
    for (int i = 0; i <= n; i++) {
        starts[i] = i ? cuts[i - 1] : dim_int(cx->dims, 0);
        const Dim *end = i < n ? cuts[i] : x->type.dims[axis];
        if (!require_le(cx, starts[i], end, c->spans[1], "the cuts must increase and stay within the axis of size %s",
                        dim_str(cx, x->type.dims[axis])))
            return VALUE_ERROR;
        sizes[i] = dim_sub(cx->dims, end, starts[i]);
    }
    return pieces(cx, x, axis, starts, sizes, (size_t)n + 1, false, c->span);
}

/* ---- padding ---- */

static bool pad_pair(Cx *cx, const BCall *c, Value v, const Dim **low, const Dim **high)
{
    if (value_as_dim(v, cx->dims)) {
        *low = *high = value_as_dim(v, cx->dims);
        return true;
    }
    if ((v.kind == V_TUPLE || v.kind == V_LIST) && v.as.seq->len == 2) {
        *low = value_as_dim(v.as.seq->at[0], cx->dims);
        *high = value_as_dim(v.as.seq->at[1], cx->dims);
        if (*low && *high) return true;
    }
    cx_error(cx, E_BAD_ARGUMENT, c->spans[1], "`pad_width` is an int, a pair, or a pair for each axis");
    return false;
}

static bool pad_widths(Cx *cx, const BCall *c, int rank, const Dim **low, const Dim **high)
{
    const Value v = c->args[1];
    const bool list = (v.kind == V_LIST || v.kind == V_TUPLE) && v.as.seq->len &&
                      (v.as.seq->at[0].kind == V_LIST || v.as.seq->at[0].kind == V_TUPLE);
    if (list && v.as.seq->len != (size_t)rank && v.as.seq->len != 1) {
        cx_error(cx, E_BAD_ARGUMENT, c->spans[1], "`pad_width` has %zu pairs for a tensor of rank %d", v.as.seq->len, rank);
        return false;
    }
    for (int i = 0; i < rank; i++) {
        const Value one = !list ? v : v.as.seq->at[v.as.seq->len == 1 ? 0 : i];
        if (!pad_pair(cx, c, one, &low[i], &high[i])) return false;
    }
    return true;
}

Value build_pad(Cx *cx, const BCall *c)
{
    static const char *const modes[] = {"constant", "reflect", "symmetric", "edge"};
    Node *x = arg_tensor(cx, c, 0);
    const char *mode;
    if (!x || !arg_str(cx, c, 2, &mode)) return VALUE_ERROR;
    const int rank = x->type.rank;
    const Dim **low = arena_array(cx->arena, const Dim *, (size_t)rank),
              **high = arena_array(cx->arena, const Dim *, (size_t)rank);
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)rank);
    int k = 0;
    while (k < 4 && strcmp(modes[k], mode)) k++;
    if (k == 4) {
        Diag *d = cx_error(cx, E_BAD_ARGUMENT, c->spans[2], "unknown padding mode \"%s\"", mode);
        diag_help(d, "the modes are \"constant\", \"reflect\", \"symmetric\" and \"edge\"");
        return VALUE_ERROR;
    }
    if (!pad_widths(cx, c, rank, low, high)) return VALUE_ERROR;
    const Dim *zero = dim_int(cx->dims, 0);
    for (int i = 0; i < rank; i++) {
        if (!require_le(cx, zero, low[i], c->spans[1], "padding cannot be negative") ||
            !require_le(cx, zero, high[i], c->spans[1], "padding cannot be negative"))
            return VALUE_ERROR;
        dims[i] = dim_add(cx->dims, x->type.dims[i], dim_add(cx->dims, low[i], high[i]));
        if (k == 1 || k == 2) {
            const Dim *room = k == 1 ? dim_sub(cx->dims, x->type.dims[i], dim_int(cx->dims, 1)) : x->type.dims[i];
            if ((low[i] != zero && !require_le(cx, low[i], room, c->span, "\"%s\" padding of %s needs a larger axis than %s",
                                               mode, dim_str(cx, low[i]), dim_str(cx, x->type.dims[i]))) ||
                (high[i] != zero && !require_le(cx, high[i], room, c->span, "\"%s\" padding of %s needs a larger axis than %s",
                                                mode, dim_str(cx, high[i]), dim_str(cx, x->type.dims[i]))))
                return VALUE_ERROR;
        }
    }
    Node *in[2] = {x, NULL};
    if (c->args[3].kind != V_NONE) {
        in[1] = cast_to(cx, to_tensor_like(cx, c->args[3], x->type.dtype, c->spans[3]), x->type.dtype, c->span);
        if (!in[1]) return VALUE_ERROR;
    }
    const Attr attrs[] = {attr_ints(cx, low, rank), attr_ints(cx, high, rank), attr_int(cx, k)};
    return tensor_value(cx, trace_op(cx, OPC_pad, make_type(cx, x->type.dtype, dims, rank), in, in[1] ? 2 : 1, attrs, c->span));
}

/* ---- gathering ---- */

Node *integer_tensor(Cx *cx, const BCall *c, int i)
{
    Node *n = arg_tensor(cx, c, i);
    if (!n) return NULL;
    if (dtype_is_float(n->type.dtype) || n->type.dtype == DT_BOOL) {
        Diag *d = cx_error(cx, E_DTYPE, c->spans[i], "indices must be integers, but this is %s", type_str(cx, n->type));
        diag_help(d, "convert them: `cast(..., \"int32\")`");
        return NULL;
    }
    return cast_to(cx, n, DT_INT64, c->spans[i]);
}

static Node *flatten_all(Cx *cx, Node *x, Span span)
{
    const Dim *n = dims_product(cx, x->type.dims, x->type.rank);
    return n ? reshape(cx, x, &n, 1, span) : NULL;
}

Value build_take(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0), *indices = x ? integer_tensor(cx, c, 1) : NULL;
    int axis = 0;
    if (!indices) return VALUE_ERROR;
    if (c->args[2].kind == V_NONE) x = flatten_all(cx, x, c->span);
    else if (!arg_axis(cx, c, 2, x->type.rank, &axis)) return VALUE_ERROR;
    return x ? tensor_value(cx, take_axis(cx, x, indices, axis, c->span)) : VALUE_ERROR;
}

/* n with each axis of size 1, but for one, as long as the other's: see take_along_axis. */
static Node *stretched_beside(Cx *cx, Node *n, Type other, int axis, Span span)
{
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)n->type.rank);
    for (int i = 0; i < n->type.rank; i++) {
        int64_t size;
        dims[i] = i != axis && dim_is_int(n->type.dims[i], &size) && size == 1 ? other.dims[i] : n->type.dims[i];
    }
    return broadcast(cx, n, dims, n->type.rank, span);
}

Value build_take_along_axis(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0), *indices = x ? integer_tensor(cx, c, 1) : NULL;
    int axis = 0;
    if (!indices) return VALUE_ERROR;
    if (c->args[2].kind == V_NONE) {
        x = flatten_all(cx, x, c->span);
        indices = flatten_all(cx, indices, c->span);
    } else if (!arg_axis(cx, c, 2, x->type.rank, &axis)) return VALUE_ERROR;
    if (x->type.rank != indices->type.rank) {
        cx_error(cx, E_SHAPE, c->span, "`take_along_axis` needs equal ranks: %s and %s", type_str(cx, x->type),
                 type_str(cx, indices->type));
        return VALUE_ERROR;
    }
    const Type taken = x->type;
    x = stretched_beside(cx, x, indices->type, axis, c->span);
    indices = stretched_beside(cx, indices, taken, axis, c->span);
    for (int i = 0; i < x->type.rank; i++) {
        if (i != axis && !require_equal(cx, x->type.dims[i], indices->type.dims[i], c->span,
                                        "`take_along_axis` needs equal sizes beside axis %d: %s and %s", axis,
                                        type_str(cx, x->type), type_str(cx, indices->type)))
            return VALUE_ERROR;
    }
    Node *const in[] = {x, indices};
    const Attr attr = attr_int(cx, axis);
    return tensor_value(
        cx, trace_op(cx, OPC_take_along_axis, (Type){x->type.dtype, x->type.rank, indices->type.dims}, in, 2, &attr, c->span));
}

/* start_indices of slice and slice_update: a tensor, or a list of ints, dims and scalar tensors. */
static Node *start_tensor(Cx *cx, const BCall *c, int i, int rank)
{
    Node *s = integer_tensor(cx, c, i);
    if (!s) return NULL;
    const Dim *n = dim_int(cx->dims, rank);
    if (s->type.rank != 1) {
        cx_error(cx, E_SHAPE, c->spans[i], "`start_indices` must have one index for each of the %d axes, but is %s", rank,
                 type_str(cx, s->type));
        return NULL;
    }
    return require_equal(cx, s->type.dims[0], n, c->spans[i], "`start_indices` must have one index for each of the %d axes", rank)
               ? s
               : NULL;
}

static bool block_fits(Cx *cx, const BCall *c, Type whole, const Dim *const *dims, int rank)
{
    if (rank != whole.rank) {
        cx_error(cx, E_SHAPE, c->span, "the block has rank %d, the tensor %s has rank %d", rank, type_str(cx, whole), whole.rank);
        return false;
    }
    for (int i = 0; i < rank; i++) {
        if (!require_le(cx, dims[i], whole.dims[i], c->span, "the block is larger than the tensor at axis %d: %s > %s", i,
                        dim_str(cx, dims[i]), dim_str(cx, whole.dims[i])))
            return false;
    }
    return true;
}

Value build_slice(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0), *start = x ? start_tensor(cx, c, 1, x->type.rank) : NULL;
    const Dim **dims;
    int rank;
    if (!start || !arg_dims(cx, c, 2, &dims, &rank) || !block_fits(cx, c, x->type, dims, rank)) return VALUE_ERROR;
    Node *const in[] = {x, start};
    return tensor_value(cx, trace_op(cx, OPC_slice, make_type(cx, x->type.dtype, dims, rank), in, 2, NULL, c->span));
}

Value build_slice_update(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0), *start = x ? start_tensor(cx, c, 1, x->type.rank) : NULL;
    Node *u = start ? to_tensor_like(cx, c->args[2], x->type.dtype, c->spans[2]) : NULL;
    if (!u || !block_fits(cx, c, x->type, u->type.dims, u->type.rank)) return VALUE_ERROR;
    Node *const in[] = {x, start, cast_to(cx, u, x->type.dtype, c->spans[2])};
    return tensor_value(cx, trace_op(cx, OPC_slice_update, x->type, in, 3, NULL, c->span));
}

/* ---- made from nothing ---- */

static Value filled(Cx *cx, const BCall *c, Value v, int dtype_arg)
{
    const Dim **dims;
    int rank;
    DType t = v.kind == V_FLOAT || !c->given[dtype_arg] ? DT_FLOAT32 : DT_INT32;
    if (v.kind == V_TENSOR) t = v.as.tensor->node->type.dtype;
    if (!arg_dims(cx, c, 0, &dims, &rank) || !arg_dtype(cx, c, dtype_arg, &t)) return VALUE_ERROR;
    for (int i = 0; i < rank; i++) {
        if (!require_le(cx, dim_int(cx->dims, 0), dims[i], c->spans[0], "a size cannot be negative: %s", dim_str(cx, dims[i])))
            return VALUE_ERROR;
    }
    Node *n = cast_to(cx, to_tensor_like(cx, v, t, c->span), t, c->span);
    if (!n) return VALUE_ERROR;
    if (n->type.rank) {
        const Type types[] = {n->type, make_type(cx, t, dims, rank)};
        Type out = {t, 0, NULL};
        if (!broadcast_shapes(cx, types, NULL, 2, c->span, "`full`", &out)) return VALUE_ERROR;
    }
    return tensor_value(cx, broadcast(cx, n, dims, rank, c->span));
}

Value build_zeros(Cx *cx, const BCall *c) { return filled(cx, c, value_int(0), 1); }
Value build_ones(Cx *cx, const BCall *c) { return filled(cx, c, value_int(1), 1); }
Value build_full(Cx *cx, const BCall *c) { return filled(cx, c, c->args[1], 2); }

static Value arange_dims(Cx *cx, const BCall *c, const Dim *start, const Dim *stop, const Dim *step, DType t)
{
    int64_t k;
    if (!dim_is_int(step, &k) || k == 0) {
        cx_error(cx, E_BAD_ARGUMENT, c->span, "the step of `arange` must be a known number other than 0");
        return VALUE_ERROR;
    }
    const Dim *span = k > 0 ? dim_sub(cx->dims, stop, start) : dim_sub(cx->dims, start, stop);
    const Dim *width = dim_int(cx->dims, k > 0 ? k : -k);
    const Dim *n = dim_floordiv(cx->dims, dim_add(cx->dims, span, dim_sub(cx->dims, width, dim_int(cx->dims, 1))), width);
    n = dim_max(cx->dims, n, dim_int(cx->dims, 0));
    if (!n) return VALUE_ERROR;
    const Attr attrs[] = {attr_ints(cx, &start, 1), attr_int(cx, k)};
    Node *r = trace_op(cx, OPC_range_dim, make_type(cx, DT_INT64, &n, 1), NULL, 0, attrs, c->span);
    return tensor_value(cx, cast_to(cx, r, t, c->span));
}

Value build_arange(Cx *cx, const BCall *c)
{
    Value start = c->args[0], stop = c->args[1], step = c->args[2].kind == V_NONE ? value_int(1) : c->args[2];
    if (stop.kind == V_NONE) {
        stop = start;
        start = value_int(0);
    }
    const Dim *a = value_as_dim(start, cx->dims), *b = value_as_dim(stop, cx->dims), *s = value_as_dim(step, cx->dims);
    DType t = a && b && s ? DT_INT32 : DT_FLOAT32;
    if (!arg_dtype(cx, c, 3, &t)) return VALUE_ERROR;
    if (a && b && s) return arange_dims(cx, c, a, b, s, t);
    double v[3];
    const Value args[] = {start, stop, step};
    for (int i = 0; i < 3; i++) {
        if (args[i].kind == V_FLOAT) v[i] = args[i].as.real;
        else if (args[i].kind == V_INT) v[i] = (double)args[i].as.integer;
        else {
            cx_error(cx, E_ARGUMENT_TYPE, c->span,
                     "`arange` takes numbers that are known before the program runs, but this is %s", describe(cx, args[i]));
            return VALUE_ERROR;
        }
    }
    const double count = v[2] == 0 ? -1 : ceil((v[1] - v[0]) / v[2]);
    if (!(count < 1e12) || v[2] == 0) {
        cx_error(cx, E_BAD_ARGUMENT, c->span, "`arange` from these numbers has no sensible length");
        return VALUE_ERROR;
    }
    const Dim *n = dim_int(cx->dims, count > 0 ? (int64_t)count : 0);
    const DType compute = dtype_is_float(t) ? t : DT_FLOAT64;
    const Attr attrs[] = {attr_real(v[0]), attr_real(v[2])};
    Node *r = trace_op(cx, OPC_arange, make_type(cx, compute, &n, 1), NULL, 0, attrs, c->span);
    return tensor_value(cx, cast_to(cx, r, t, c->span));
}

Value build_shape(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0);
    if (!x) return VALUE_ERROR;
    Value *v = arena_array(cx->arena, Value, (size_t)x->type.rank);
    for (int i = 0; i < x->type.rank; i++) v[i] = value_dim(x->type.dims[i]);
    return value_seq(cx->arena, V_TUPLE, v, (size_t)x->type.rank);
}
