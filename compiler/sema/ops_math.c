/* Operations on elements, reductions, sorting. */
#include <math.h>
#include <string.h>

#include "ops.h"

Value build_unary(Cx *cx, const BCall *c) { return tensor_unary(cx, c->builtin->code, c->args[0], c->spans[0], c->span); }

Value build_binary(Cx *cx, const BCall *c)
{
    return tensor_binary(cx, c->builtin->code, c->args[0], c->args[1], c->spans[0], c->spans[1], c->span);
}

Value build_true_divide(Cx *cx, const BCall *c)
{
    return tensor_binary(cx, OPC_divide, c->args[0], c->args[1], c->spans[0], c->spans[1], c->span);
}

static Node *as_bool(Cx *cx, const BCall *c, int i) { return cast_to(cx, arg_tensor(cx, c, i), DT_BOOL, c->spans[i]); }

Value build_logical(Cx *cx, const BCall *c)
{
    const char *name = c->builtin->name;
    const Opcode code = !strcmp(name, "logical_and")  ? OPC_bitwise_and
                        : !strcmp(name, "logical_or") ? OPC_bitwise_or
                                                      : OPC_bitwise_xor;
    Node *a = as_bool(cx, c, 0), *b = as_bool(cx, c, 1);
    return a && b ? tensor_value(cx, op_binary(cx, code, a, b, c->span)) : VALUE_ERROR;
}

Value build_logical_not(Cx *cx, const BCall *c)
{
    Node *a = as_bool(cx, c, 0);
    return tensor_value(cx, op_unary(cx, OPC_logical_not, a, c->span));
}

Value build_cast(Cx *cx, const BCall *c)
{
    DType t = DT_FLOAT32;
    if (!arg_dtype(cx, c, 1, &t)) return VALUE_ERROR;
    /* an int that is written here need not fit int32 first */
    Node *x = c->args[0].kind == V_INT && t == DT_INT64 ? to_tensor_like(cx, c->args[0], t, c->spans[0]) : arg_tensor(cx, c, 0);
    if (!x) return VALUE_ERROR;
    return tensor_value(cx, cast_to(cx, x, t, c->span));
}

Value build_where(Cx *cx, const BCall *c)
{
    Node *cond = cast_to(cx, arg_tensor(cx, c, 0), DT_BOOL, c->spans[0]);
    if (!cond) return VALUE_ERROR;
    if (!c->given[1] || !c->given[2]) {
        Diag *d = cx_error(cx, E_ARGUMENT_COUNT, c->span, "`where` needs what to take where the condition holds, and where not");
        diag_help(d, "the places where it holds are as many as values say, and shapes are known before values: keep the condition as a mask");
        return VALUE_ERROR;
    }
    const bool ta = c->args[1].kind == V_TENSOR, tb = c->args[2].kind == V_TENSOR;
    Node *a = NULL, *b = NULL;
    if (ta || !tb) a = arg_tensor(cx, c, 1);
    if (tb || !ta) b = arg_tensor(cx, c, 2);
    const DType like = a ? a->type.dtype : b ? b->type.dtype : DT_FLOAT32; /* a static number follows the other side */
    if (!a) a = to_tensor_like(cx, c->args[1], like, c->spans[1]);
    if (!b) b = to_tensor_like(cx, c->args[2], like, c->spans[2]);
    if (!a || !b) return VALUE_ERROR;
    const DType t = promote(a->type.dtype, b->type.dtype);
    Node *const in[] = {cond, cast_to(cx, a, t, c->span), cast_to(cx, b, t, c->span)};
    const Type types[] = {in[0]->type, in[1]->type, in[2]->type};
    Type out = {t, 0, NULL};
    if (!broadcast_shapes(cx, types, c->spans, 3, c->span, "`where`", &out)) return VALUE_ERROR;
    return tensor_value(cx, trace_op(cx, OPC_where, out, in, 3, NULL, c->span));
}

/* Ties to even, in units of 10**-decimals. */
Value build_round(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0);
    int64_t n;
    if (!x || !arg_int(cx, c, 1, &n)) return VALUE_ERROR;
    if (!dtype_is_float(x->type.dtype)) return tensor_value(cx, x);
    if (n == 0) return tensor_value(cx, op_unary(cx, OPC_rint, x, c->span));
    Node *p = node_const_float(cx, x->type.dtype, pow(10, (double)n), c->span);
    return tensor_value(
        cx, op_binary(cx, OPC_divide, op_unary(cx, OPC_rint, op_binary(cx, OPC_multiply, x, p, c->span), c->span), p, c->span));
}

/* ---- reductions ---- */

static DType reduce_dtype(Opcode code, DType t)
{
    const bool small = t == DT_BOOL || t == DT_INT8 || t == DT_UINT8 || t == DT_INT16;
    if (code == OPC_mean && !dtype_is_float(t)) return DT_FLOAT32;
    if ((code == OPC_sum || code == OPC_prod) && small) return DT_INT32;
    return t;
}

Value build_reduce(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0);
    const Opcode code = c->builtin->code;
    bool keepdims;
    if (!x || !arg_bool(cx, c, 2, &keepdims)) return VALUE_ERROR;
    bool *axes = arena_array(cx->arena, bool, (size_t)x->type.rank);
    if (!arg_axes(cx, c, 1, x->type.rank, axes)) return VALUE_ERROR;
    const bool logical = code == OPC_any || code == OPC_all;
    DType t = logical ? DT_BOOL : reduce_dtype(code, x->type.dtype);
    if (code == OPC_prod && !arg_dtype(cx, c, 3, &t)) return VALUE_ERROR;
    x = cast_to(cx, x, t, c->spans[0]);
    Value v = tensor_value(cx, reduce(cx, code, x, axes, keepdims, c->span));
    if ((code != OPC_max && code != OPC_min) || c->args[3].kind == V_NONE) return v;
    return tensor_binary(cx, code == OPC_max ? OPC_maximum : OPC_minimum, v, c->args[3], c->span, c->spans[3], c->span);
}

static Node *flat(Cx *cx, Node *x, Span span)
{
    const Dim *n = dims_product(cx, x->type.dims, x->type.rank);
    return n ? reshape(cx, x, &n, 1, span) : NULL;
}

/* argmax, argmin: the graph's node keeps the axis and gives int64; Keras gives int32. */
Value build_argextreme(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0);
    bool keepdims;
    int axis = 0;
    if (!x || !arg_bool(cx, c, 2, &keepdims)) return VALUE_ERROR;
    const int rank = x->type.rank;
    const bool all = c->args[1].kind == V_NONE;
    if (all) x = flat(cx, x, c->span);
    else if (!arg_axis(cx, c, 1, rank, &axis)) return VALUE_ERROR;
    if (!x) return VALUE_ERROR;
    const Dim *one = dim_int(cx->dims, 1);
    if (!require_le(cx, one, x->type.dims[axis], c->span, "`%s` of an empty axis", c->builtin->name)) return VALUE_ERROR;
    const Dim **kept = arena_array(cx->arena, const Dim *, (size_t)x->type.rank),
              **left = arena_array(cx->arena, const Dim *, (size_t)x->type.rank);
    int n = 0;
    for (int i = 0; i < x->type.rank; i++) {
        kept[i] = i == axis ? one : x->type.dims[i];
        if (i != axis) left[n++] = x->type.dims[i];
    }
    if (x->type.dtype == DT_BOOL) x = cast_to(cx, x, DT_INT32, c->span);
    const Attr attr = attr_int(cx, axis);
    Node *r = trace_op(cx, c->builtin->code, (Type){DT_INT64, x->type.rank, kept}, &x, 1, &attr, c->span);
    if (keepdims && all) {
        const Dim **ones = arena_array(cx->arena, const Dim *, (size_t)rank);
        for (int i = 0; i < rank; i++) ones[i] = one;
        r = reshape(cx, r, ones, rank, c->span);
    } else if (!keepdims) r = reshape(cx, r, left, n, c->span);
    return tensor_value(cx, cast_to(cx, r, DT_INT32, c->span));
}

static Value along_axis(Cx *cx, const BCall *c, Opcode code, DType out, DType in, const Attr *more)
{
    Node *x = arg_tensor(cx, c, 0);
    int axis = 0;
    if (!x) return VALUE_ERROR;
    if (c->args[1].kind == V_NONE) x = flat(cx, x, c->span);
    else if (!arg_axis(cx, c, 1, x->type.rank, &axis)) return VALUE_ERROR;
    if (!x) return VALUE_ERROR;
    x = cast_to(cx, x, in == DT_COUNT ? x->type.dtype : in, c->spans[0]);
    const Attr attrs[] = {attr_int(cx, axis), more ? *more : attr_int(cx, 0)};
    return tensor_value(
        cx, trace_op(cx, code, (Type){out == DT_COUNT ? x->type.dtype : out, x->type.rank, x->type.dims}, &x, 1, attrs, c->span));
}

Value build_cumulate(Cx *cx, const BCall *c)
{
    const bool is_bool = c->args[0].kind == V_TENSOR && c->args[0].as.tensor->node->type.dtype == DT_BOOL;
    DType t = is_bool ? DT_INT32 : DT_COUNT;
    if (!arg_dtype(cx, c, 2, &t)) return VALUE_ERROR;
    return along_axis(cx, c, c->builtin->code, DT_COUNT, t, NULL);
}

Value build_sort(Cx *cx, const BCall *c) { return along_axis(cx, c, OPC_sort, DT_COUNT, DT_COUNT, NULL); }

Value build_argsort(Cx *cx, const BCall *c)
{
    Value v = along_axis(cx, c, OPC_argsort, DT_INT64, DT_COUNT, NULL);
    return is_error(v) ? v : tensor_value(cx, cast_to(cx, v.as.tensor->node, DT_INT32, c->span));
}

/* Several axes: moved to the end and flattened into one. */
static Node *over_axes(Cx *cx, const BCall *c, Node *x, const bool *axes, Opcode code)
{
    const int rank = x->type.rank;
    int *perm = arena_array(cx->arena, int, (size_t)rank), *back = arena_array(cx->arena, int, (size_t)rank);
    int n = 0, outer = 0;
    for (int i = 0; i < rank; i++) {
        if (!axes[i]) perm[n++] = i;
    }
    outer = n;
    for (int i = 0; i < rank; i++) {
        if (axes[i]) perm[n++] = i;
    }
    for (int i = 0; i < rank; i++) back[perm[i]] = i;
    Node *t = transpose(cx, x, perm, c->span);
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)outer + 1);
    for (int i = 0; i < outer; i++) dims[i] = t->type.dims[i];
    dims[outer] = dims_product(cx, t->type.dims + outer, rank - outer);
    Node *f = reshape(cx, t, dims, outer + 1, c->span);
    const Attr attr = attr_int(cx, outer);
    Node *s = trace_op(cx, code, f->type, &f, 1, &attr, c->span);
    return transpose(cx, reshape(cx, s, t->type.dims, rank, c->span), back, c->span);
}

Value build_softmax(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0);
    if (!x) return VALUE_ERROR;
    if (!dtype_is_float(x->type.dtype)) x = cast_to(cx, x, DT_FLOAT32, c->span);
    bool *axes = arena_array(cx->arena, bool, (size_t)x->type.rank);
    if (!arg_axes(cx, c, 1, x->type.rank, axes)) return VALUE_ERROR;
    int count = 0, axis = 0;
    for (int i = 0; i < x->type.rank; i++) {
        if (axes[i]) {
            count++;
            axis = i;
        }
    }
    if (count != 1) return tensor_value(cx, over_axes(cx, c, x, axes, c->builtin->code));
    const Attr attr = attr_int(cx, axis);
    return tensor_value(cx, trace_op(cx, c->builtin->code, x->type, &x, 1, &attr, c->span));
}
