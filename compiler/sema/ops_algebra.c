/* What transforms and linear algebra are made of: kernels on the last two axes. All but the Fourier transform work in float64,
 * whatever comes; the library casts the parts of their results. */
#include "ops.h"

/* A tensor of matrices, in float64. */
static Node *matrices(Cx *cx, const BCall *c, int i, bool square)
{
    Node *x = arg_tensor(cx, c, i);
    if (!x) return NULL;
    if (x->type.rank < 2) {
        Diag *d = cx_error(cx, E_SHAPE, c->spans[i], "a matrix has two axes, but this is %s", type_str(cx, x->type));
        diag_help(d, "axes before the last two make a batch of matrices");
        return NULL;
    }
    const Dim *m = x->type.dims[x->type.rank - 2], *n = x->type.dims[x->type.rank - 1];
    if (square && !require_equal(cx, m, n, c->spans[i], "the matrix must be square, but is %s by %s", dim_str(cx, m), dim_str(cx, n)))
        return NULL;
    return cast_to(cx, x, DT_FLOAT64, c->spans[i]);
}

/* x's type with other sizes of the last two axes. */
static Type resized(Cx *cx, const Node *x, const Dim *m, const Dim *n)
{
    const int rank = x->type.rank;
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)rank);
    for (int i = 0; i < rank - 2; i++) dims[i] = x->type.dims[i];
    dims[rank - 2] = m;
    dims[rank - 1] = n;
    return (Type){x->type.dtype, rank, dims};
}

static Value computed(Cx *cx, const BCall *c, Node *x, const Dim *m, const Dim *n)
{
    if (!m || !n) return VALUE_ERROR;
    return tensor_value(cx, trace_op(cx, c->builtin->code, resized(cx, x, m, n), &x, 1, NULL, c->span));
}

static const Dim *last(const Node *x, int back) { return x->type.dims[x->type.rank - back]; }

Value build_dft(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0), *turns = x ? arg_tensor(cx, c, 1) : NULL;
    if (!turns) return VALUE_ERROR;
    if (!dtype_is_float(x->type.dtype)) x = cast_to(cx, x, DT_FLOAT32, c->span);
    turns = cast_to(cx, turns, x->type.dtype, c->span);
    const Dim *two = dim_int(cx->dims, 2);
    if (x->type.rank < 2 || turns->type.rank != 2) {
        cx_error(cx, E_SHAPE, c->span, "`dft` takes [..., n, 2] and [n, 2], but these are %s and %s", type_str(cx, x->type),
                 type_str(cx, turns->type));
        return VALUE_ERROR;
    }
    if (!require_equal(cx, last(x, 1), two, c->spans[0], "`dft` takes complex numbers as pairs, [..., n, 2]") ||
        !require_equal(cx, last(turns, 1), two, c->spans[1], "`dft` takes complex numbers as pairs, [n, 2]") ||
        !require_equal(cx, last(x, 2), last(turns, 2), c->spans[1], "`dft` of %s points needs as many roots", dim_str(cx, last(x, 2))))
        return VALUE_ERROR;
    Node *const in[] = {x, turns};
    return tensor_value(cx, trace_op(cx, OPC_dft, x->type, in, 2, NULL, c->span));
}

Value build_cholesky_lower(Cx *cx, const BCall *c)
{
    Node *x = matrices(cx, c, 0, true);
    return x ? computed(cx, c, x, last(x, 2), last(x, 1)) : VALUE_ERROR;
}

Value build_lu_packed(Cx *cx, const BCall *c)
{
    Node *x = matrices(cx, c, 0, true);
    return x ? computed(cx, c, x, last(x, 2), dim_add(cx->dims, last(x, 1), dim_int(cx->dims, 1))) : VALUE_ERROR;
}

Value build_qr_packed(Cx *cx, const BCall *c)
{
    Node *x = matrices(cx, c, 0, false);
    const Dim *columns = value_as_dim(c->args[1], cx->dims);
    return x && columns ? computed(cx, c, x, last(x, 2), dim_add(cx->dims, columns, last(x, 1))) : VALUE_ERROR;
}

Value build_svd_rows(Cx *cx, const BCall *c)
{
    Node *x = matrices(cx, c, 0, false);
    if (!x || !require_le(cx, last(x, 1), last(x, 2), c->spans[0], "`svd_rows` takes matrices that are not wider than tall"))
        return VALUE_ERROR;
    return computed(cx, c, x, last(x, 1), dim_add(cx->dims, last(x, 2), last(x, 1)));
}

Value build_eigh_rows(Cx *cx, const BCall *c)
{
    Node *x = matrices(cx, c, 0, true);
    return x ? computed(cx, c, x, last(x, 2), dim_mul(cx->dims, dim_int(cx->dims, 2), last(x, 1))) : VALUE_ERROR;
}

Value build_triangular_solve(Cx *cx, const BCall *c)
{
    Node *a = matrices(cx, c, 0, true), *b = a ? matrices(cx, c, 1, false) : NULL;
    bool lower, unit;
    if (!b || !arg_bool(cx, c, 2, &lower) || !arg_bool(cx, c, 3, &unit)) return VALUE_ERROR;
    if (!require_equal(cx, last(a, 1), last(b, 2), c->span, "%s equations have right sides of %s", dim_str(cx, last(a, 1)),
                       dim_str(cx, last(b, 2))))
        return VALUE_ERROR;
    const Type leads[] = {{DT_FLOAT64, a->type.rank - 2, a->type.dims}, {DT_FLOAT64, b->type.rank - 2, b->type.dims}};
    Type lead = {DT_FLOAT64, 0, NULL};
    if (!broadcast_shapes(cx, leads, NULL, 2, c->span, "the batches of `solve`", &lead)) return VALUE_ERROR;
    Node *in[] = {a, b};
    for (int i = 0; i < 2; i++) {
        const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)lead.rank + 2);
        for (int k = 0; k < lead.rank; k++) dims[k] = lead.dims[k];
        dims[lead.rank] = last(in[i], 2);
        dims[lead.rank + 1] = last(in[i], 1);
        in[i] = broadcast(cx, in[i], dims, lead.rank + 2, c->span);
    }
    const Attr attrs[] = {attr_int(cx, lower), attr_int(cx, unit)};
    return tensor_value(cx, trace_op(cx, OPC_triangular_solve, in[1]->type, in, 2, attrs, c->span));
}
