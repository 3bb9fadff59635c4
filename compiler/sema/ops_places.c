/* Operations that find places or write to them: searchsorted, scatter_update; and the bytes of a tensor as they are, view. */
#include <string.h>

#include "ops.h"

Value build_searchsorted(Cx *cx, const BCall *c)
{
    Node *sorted = arg_tensor(cx, c, 0), *values = sorted ? arg_tensor(cx, c, 1) : NULL;
    const char *side;
    if (!values || !arg_str(cx, c, 2, &side)) return VALUE_ERROR;
    if (strcmp(side, "left") && strcmp(side, "right")) {
        cx_error(cx, E_BAD_ARGUMENT, c->spans[2], "the side is \"left\" or \"right\", not \"%s\"", side);
        return VALUE_ERROR;
    }
    if (sorted->type.rank != 1) {
        cx_error(cx, E_SHAPE, c->spans[0], "the sorted sequence has one axis, but this is %s", type_str(cx, sorted->type));
        return VALUE_ERROR;
    }
    DType t = promote(sorted->type.dtype, values->type.dtype);
    if (t == DT_BOOL) t = DT_INT32;
    Node *const in[] = {cast_to(cx, sorted, t, c->span), cast_to(cx, values, t, c->span)};
    const Attr attr = attr_int(cx, side[0] == 'r');
    Node *r = trace_op(cx, OPC_searchsorted, (Type){DT_INT64, values->type.rank, values->type.dims}, in, 2, &attr, c->span);
    return tensor_value(cx, cast_to(cx, r, DT_INT32, c->span));
}

static bool reduction_of(Cx *cx, const BCall *c, int64_t *code)
{
    static const char *const names[] = {"", "add", "max", "min", "mul"};
    const char *name = "";
    if (c->args[3].kind != V_NONE && !arg_str(cx, c, 3, &name)) return false;
    for (*code = 0; *code < 5; ++*code) {
        if (!strcmp(name, names[*code])) return true;
    }
    cx_error(cx, E_BAD_ARGUMENT, c->spans[3], "the reduction is none, \"add\", \"max\", \"min\" or \"mul\", not \"%s\"", name);
    return false;
}

/* indices [..., k]: the axes before the last say how many, and are those of the updates too. */
Value build_scatter_update(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0), *indices = x ? integer_tensor(cx, c, 1) : NULL;
    Node *updates = indices ? to_tensor_like(cx, c->args[2], x->type.dtype, c->spans[2]) : NULL;
    int64_t k, reduction;
    if (!updates || !reduction_of(cx, c, &reduction)) return VALUE_ERROR;
    updates = cast_to(cx, updates, x->type.dtype, c->spans[2]);
    const int lead = indices->type.rank - 1;
    if (lead < 0 || !dim_is_int(indices->type.dims[lead], &k) || k > x->type.rank) {
        cx_error(cx, E_SHAPE, c->spans[1], "the indices' last axis holds one index for each of the first axes of %s, but this is %s",
                 type_str(cx, x->type), type_str(cx, indices->type));
        return VALUE_ERROR;
    }
    const int rank = x->type.rank - (int)k + 1;
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)(lead + rank));
    for (int i = 0; i < lead; i++) dims[i] = indices->type.dims[i];
    for (int i = 1; i < rank; i++) dims[lead + i - 1] = x->type.dims[k + i - 1];
    const Type types[] = {updates->type, {x->type.dtype, lead + rank - 1, dims}};
    Type out = {x->type.dtype, 0, NULL};
    if (updates->type.rank > lead + rank - 1 || !broadcast_shapes(cx, types, NULL, 2, c->span, "the updates of `scatter_update`", &out)) {
        if (updates->type.rank > lead + rank - 1)
            cx_error(cx, E_SHAPE, c->spans[2], "the updates must be %s, but are %s", type_str(cx, types[1]), type_str(cx, types[0]));
        return VALUE_ERROR;
    }
    updates = broadcast(cx, updates, dims, lead + rank - 1, c->span);
    const Dim *count = dims_product(cx, dims, lead);
    if (!count) return VALUE_ERROR;
    const Dim *flat[] = {count, indices->type.dims[lead]};
    const Dim **rows = arena_array(cx->arena, const Dim *, (size_t)rank);
    rows[0] = count;
    for (int i = 1; i < rank; i++) rows[i] = x->type.dims[k + i - 1];
    Node *const in[] = {x, reshape(cx, indices, flat, 2, c->span), reshape(cx, updates, rows, rank, c->span)};
    const Attr attr = attr_int(cx, reduction);
    return tensor_value(cx, trace_op(cx, OPC_scatter_update, x->type, in, 3, &attr, c->span));
}

Value build_view(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0);
    DType t = x ? x->type.dtype : DT_FLOAT32;
    if (!x || !arg_dtype(cx, c, 1, &t)) return VALUE_ERROR;
    const int from = dtype_size(x->type.dtype), to = dtype_size(t), rank = x->type.rank;
    if (t == x->type.dtype) return tensor_value(cx, x);
    if (t == DT_BOOL || x->type.dtype == DT_BOOL) {
        Diag *d = cx_error(cx, E_DTYPE, c->span, "`view` does not look at the bytes of a bool, or at bytes as a bool");
        diag_help(d, "`cast(x, ...)` converts the values");
        return VALUE_ERROR;
    }
    if (from != to && rank == 0) {
        cx_error(cx, E_SHAPE, c->span, "a scalar has no axis that could grow or shrink with the size of its elements");
        return VALUE_ERROR;
    }
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)rank);
    for (int i = 0; i < rank; i++) dims[i] = x->type.dims[i];
    if (from != to) {
        const Dim *bytes = dim_mul(cx->dims, dims[rank - 1], dim_int(cx->dims, from)), *size = dim_int(cx->dims, to);
        dims[rank - 1] = dim_floordiv(cx->dims, bytes, size);
        if (!dims[rank - 1] || !require_equal(cx, dim_mul(cx->dims, dims[rank - 1], size), bytes, c->span,
                                              "the last axis of %s does not hold whole elements of %s", type_str(cx, x->type), dtype_name(t)))
            return VALUE_ERROR;
    }
    return tensor_value(cx, trace_op(cx, OPC_view, (Type){t, rank, dims}, &x, 1, NULL, c->span));
}
