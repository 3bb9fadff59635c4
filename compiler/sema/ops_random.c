/* random.normal and its family: shapes and scaling around the two kernels that draw. */
#include <math.h>

#include "ops.h"

/* A number for the place that draws: the how-manieth in its function. The emitter adds the layer's path and the call's
 * seed, a scan its index. */
static Node *draw(Cx *cx, const BCall *c, Opcode code, const Dim *const *dims, int rank, DType t)
{
    IrFunction *fn = cx->builder->fn;
    int64_t site = 0;
    for (size_t i = 0; i < fn->nodes.len; i++) {
        const Node *n = fn->nodes.at[i];
        site += n->kind == NODE_OP && (n->as.op.code == OPC_random_normal || n->as.op.code == OPC_random_uniform);
    }
    fn->draws = true;
    const Attr attr = attr_int(cx, site);
    return trace_op(cx, code, make_type(cx, t, dims, rank), NULL, 0, &attr, c->span);
}

/* shape, a, b, dtype, seed */
static Value drawn(Cx *cx, const BCall *c, Opcode code)
{
    const Dim **dims;
    int rank;
    DType t = DT_FLOAT32;
    if (!arg_dims(cx, c, 0, &dims, &rank) || !arg_dtype(cx, c, 3, &t)) return VALUE_ERROR;
    if (!dtype_is_float(t)) {
        cx_error(cx, E_DTYPE, c->spans[3], "`random.%s` draws floats", c->builtin->name);
        return VALUE_ERROR;
    }
    Node *u = draw(cx, c, code, dims, rank, t);
    Value v = tensor_value(cx, u);
    const Span s = c->span;
    if (code == OPC_random_uniform) {
        Value width = binary_op(cx, OP_SUB, c->args[2], c->args[1], NULL, NULL, s);
        v = is_error(width) ? width : binary_op(cx, OP_MUL, v, width, NULL, NULL, s);
        return is_error(v) ? v : binary_op(cx, OP_ADD, v, c->args[1], NULL, NULL, s);
    }
    v = binary_op(cx, OP_MUL, v, c->args[2], NULL, NULL, s);
    return is_error(v) ? v : binary_op(cx, OP_ADD, v, c->args[1], NULL, NULL, s);
}

static Value random_normal(Cx *cx, const BCall *c) { return drawn(cx, c, OPC_random_normal); }
static Value random_uniform(Cx *cx, const BCall *c) { return drawn(cx, c, OPC_random_uniform); }

/* Within two deviations, by the inverse of the distribution: sqrt(2) * erfinv(u * (2p) - p), p = erf(sqrt(2)). */
static Value random_truncated(Cx *cx, const BCall *c)
{
    const Dim **dims;
    int rank;
    DType t = DT_FLOAT32;
    if (!arg_dims(cx, c, 0, &dims, &rank) || !arg_dtype(cx, c, 3, &t)) return VALUE_ERROR;
    const double p = 0.95449973610364158;
    Value v = tensor_value(cx, draw(cx, c, OPC_random_uniform, dims, rank, t));
    v = binary_op(cx, OP_SUB, binary_op(cx, OP_MUL, v, value_float(2 * p), NULL, NULL, c->span), value_float(p), NULL, NULL,
                  c->span);
    v = tensor_unary(cx, OPC_erfinv, v, c->span, c->span);
    v = binary_op(cx, OP_MUL, v, value_float(1.4142135623730951), NULL, NULL, c->span);
    v = binary_op(cx, OP_MUL, v, c->args[2], NULL, NULL, c->span);
    return is_error(v) ? v : binary_op(cx, OP_ADD, v, c->args[1], NULL, NULL, c->span);
}

static Value random_randint(Cx *cx, const BCall *c)
{
    const Dim **dims;
    int rank;
    DType t = DT_INT32;
    if (!arg_dims(cx, c, 0, &dims, &rank) || !arg_dtype(cx, c, 3, &t)) return VALUE_ERROR;
    Value v = tensor_value(cx, draw(cx, c, OPC_random_uniform, dims, rank, DT_FLOAT64));
    Value width = binary_op(cx, OP_SUB, c->args[2], c->args[1], NULL, NULL, c->span);
    v = is_error(width) ? width : binary_op(cx, OP_MUL, v, width, NULL, NULL, c->span);
    v = is_error(v) ? v : tensor_unary(cx, OPC_floor, v, c->span, c->span);
    v = is_error(v) ? v : binary_op(cx, OP_ADD, v, c->args[1], NULL, NULL, c->span);
    return is_error(v) ? v : tensor_value(cx, cast_to(cx, v.as.tensor->node, t, c->span));
}

/* x with each element zero at the given rate, the others divided by 1 - rate. */
static Value random_dropout(Cx *cx, const BCall *c)
{
    Node *x = arg_tensor(cx, c, 0);
    const Dim **dims;
    int rank;
    double rate = 0;
    if (!x) return VALUE_ERROR;
    if (c->args[1].kind == V_FLOAT) rate = c->args[1].as.real;
    else if (c->args[1].kind == V_INT) rate = (double)c->args[1].as.integer;
    else rate = -1;
    if (rate < 0 || rate > 1) {
        cx_error(cx, E_BAD_ARGUMENT, c->spans[1], "the rate is a number from 0 to 1, but this is %s", describe(cx, c->args[1]));
        return VALUE_ERROR;
    }
    const Dim **own = arena_array(cx->arena, const Dim *, (size_t)x->type.rank);
    for (int i = 0; i < x->type.rank; i++) own[i] = x->type.dims[i];
    dims = own;
    rank = x->type.rank;
    if (c->args[2].kind != V_NONE) { /* none entries: x's own sizes */
        const Value *at;
        size_t n;
        if (!iterate(cx, c->args[2], c->spans[2], &at, &n)) return VALUE_ERROR;
        if (n != (size_t)rank) {
            cx_error(cx, E_SHAPE, c->spans[2], "`noise_shape` has %zu sizes for a tensor of rank %d", n, rank);
            return VALUE_ERROR;
        }
        for (size_t i = 0; i < n; i++) {
            if (at[i].kind != V_NONE && value_as_dim(at[i], cx->dims)) own[i] = value_as_dim(at[i], cx->dims);
        }
    }
    const DType t = dtype_is_float(x->type.dtype) ? x->type.dtype : DT_FLOAT32;
    Node *u = draw(cx, c, OPC_random_uniform, dims, rank, t);
    Value keep = tensor_binary(cx, OPC_greater_equal, tensor_value(cx, u), value_float(rate), c->span, c->span, c->span);
    Value scaled = binary_op(cx, OP_MUL, tensor_value(cx, x), value_float(rate < 1 ? 1 / (1 - rate) : 0), NULL, NULL, c->span);
    if (is_error(keep) || is_error(scaled)) return VALUE_ERROR;
    const Value args[] = {keep, scaled, value_float(0)};
    const Span spans[] = {c->span, c->span, c->span};
    const bool given[] = {true, true, true};
    const Builtin *where = map_get(&cx->op_functions, cx_sym(cx, "where"));
    const BCall inner = {where, NULL, args, spans, given, c->span};
    return where->run(cx, &inner);
}

static const Builtin random_table[] = {
    {"normal", "shape, mean=0.0, stddev=1.0, dtype=none, seed=none", random_normal, 0, true, false},
    {"uniform", "shape, minval=0.0, maxval=1.0, dtype=none, seed=none", random_uniform, 0, true, false},
    {"truncated_normal", "shape, mean=0.0, stddev=1.0, dtype=none, seed=none", random_truncated, 0, true, false},
    {"randint", "shape, minval, maxval, dtype='int32', seed=none", random_randint, 0, true, false},
    {"dropout", "inputs, rate, noise_shape=none, seed=none", random_dropout, 0, true, false},
};

void random_register(Cx *cx)
{
    for (size_t i = 0; i < countof(random_table); i++) table_add(cx, &cx->random_functions, &random_table[i]);
}
