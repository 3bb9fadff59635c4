/* Computes what is constant, and removes operations that change nothing. */
#include <math.h>
#include <mdl/mdl_math.h>

#include "../base/bug.h"
#include "../base/map.h"
#include "passes.h"

typedef struct Fold {
    Arena  *arena;
    DimCtx *dims;
    Map     instead; /* node -> the node that replaces it */
} Fold;

static Node *real_const(Fold *f, const Node *like, double value)
{
    Node *n = node_new(f->arena, NODE_CONST, like->type, like->span);
    switch (like->type.dtype) {
    case DT_FLOAT32: n->as.literal.real = (double)(float)value; break;
    case DT_FLOAT16: n->as.literal.real = (double)mdl_f16_to_f(mdl_d_to_f16(value)); break;
    case DT_BFLOAT16: n->as.literal.real = (double)mdl_bf16_to_f(mdl_d_to_bf16(value)); break;
    default: n->as.literal.real = value; break;
    }
    return n;
}

static Node *integer_const(Fold *f, const Node *like, int64_t value)
{
    Node *n = node_new(f->arena, NODE_CONST, like->type, like->span);
    switch (like->type.dtype) {
    case DT_INT8: value = mdl_i_to_i8(value); break;
    case DT_UINT8: value = mdl_i_to_u8(value); break;
    case DT_INT16: value = mdl_i_to_i16(value); break;
    case DT_INT32: value = mdl_i_to_i32(value); break;
    case DT_BOOL: value = value != 0; break;
    default: break;
    }
    n->as.literal.integer = value;
    return n;
}

static int64_t saturate(double x, DType t)
{
    switch (t) {
    case DT_INT8: return mdl_d_to_i8(x);
    case DT_UINT8: return mdl_d_to_u8(x);
    case DT_INT16: return mdl_d_to_i16(x);
    case DT_INT32: return mdl_d_to_i32(x);
    case DT_BOOL: return x != 0.0;
    default: return mdl_d_to_i64(x);
    }
}

static Node *fold_cast(Fold *f, Node *n)
{
    const Node *in = n->in[0];
    bool        from_float = dtype_is_float(in->type.dtype), to_float = dtype_is_float(n->type.dtype);
    if (from_float && to_float) return real_const(f, n, in->as.literal.real);
    if (from_float) return integer_const(f, n, saturate(in->as.literal.real, n->type.dtype));
    if (!to_float) return integer_const(f, n, in->as.literal.integer);
    if (n->type.dtype == DT_FLOAT32) return real_const(f, n, (double)(float)in->as.literal.integer);
    if (n->type.dtype != DT_FLOAT64) return real_const(f, n, mdl_i_to_odd_d(in->as.literal.integer));
    return real_const(f, n, (double)in->as.literal.integer);
}

/* Each operation in the precision in which the program would compute it: float for float32, and for 16 bits before they are
 * rounded. */
static Node *fold_binary(Fold *f, Node *n)
{
    if (!dtype_is_float(n->type.dtype)) return n;
    double a = n->in[0]->as.literal.real, b = n->in[1]->as.literal.real;
    bool   wide = n->type.dtype == DT_FLOAT64;
    float  x = (float)a, y = (float)b;
    switch (n->as.op.code) {
    case OPC_add: return real_const(f, n, wide ? a + b : (double)(float)(x + y));
    case OPC_subtract: return real_const(f, n, wide ? a - b : (double)(float)(x - y));
    case OPC_multiply: return real_const(f, n, wide ? a * b : (double)(float)(x * y));
    case OPC_divide: return real_const(f, n, wide ? a / b : (double)(float)(x / y));
    default: return n;
    }
}

static Node *fold_constant(Fold *f, Node *n)
{
    const Node *in = n->in[0];
    bool        real = dtype_is_float(n->type.dtype);
    switch (n->as.op.code) {
    case OPC_cast: return fold_cast(f, n);
    case OPC_copy:
    case OPC_reshape: return real ? real_const(f, n, in->as.literal.real) : integer_const(f, n, in->as.literal.integer);
    case OPC_negative: return real ? real_const(f, n, -in->as.literal.real) : n;
    case OPC_sqrt: return n->type.dtype == DT_FLOAT64 ? real_const(f, n, sqrt(in->as.literal.real)) : real_const(f, n, (double)sqrtf((float)in->as.literal.real));
    default: return node_op(n)->cls == CLASS_BINARY ? fold_binary(f, n) : n;
    }
}

static int64_t integer_of(const Dim *d)
{
    int64_t value = -1;
    dim_is_int(d, &value);
    return value;
}

/* A transposition that exchanges the last two axes and leaves the others. */
static bool exchanges_last(const Node *n)
{
    if (n->kind != NODE_OP || n->as.op.code != OPC_transpose || n->type.rank < 2) return false;
    const Attr *permutation = &n->as.op.attrs[0];
    for (int i = 0; i < permutation->count; i++) {
        int expected = i < n->type.rank - 2 ? i : i == n->type.rank - 1 ? i - 1 : i + 1;
        if (integer_of(permutation->dims[i]) != expected) return false;
    }
    return true;
}

/* The kernel reads a transposed operand where it lies. */
static Node *fold_matmul(Fold *f, Node *n)
{
    for (int i = 0; i < 2; i++) {
        if (!exchanges_last(n->in[i])) continue;
        Attr       *attrs = arena_array(f->arena, Attr, 2);
        const Dim **flag = arena_array(f->arena, const Dim *, 1);
        attrs[0] = n->as.op.attrs[0];
        attrs[1] = n->as.op.attrs[1];
        flag[0] = dim_int(f->dims, integer_of(attrs[i].dims[0]) == 0);
        attrs[i] = (Attr){.dims = flag, .count = 1};
        n->as.op.attrs = attrs;
        n->in[i] = n->in[i]->in[0];
    }
    return n;
}

/* The node that gives the same value more simply, or the node itself. */
static Node *simplify(Fold *f, Node *n)
{
    if (n->kind != NODE_OP || n->nin == 0) return n;
    Opcode code = n->as.op.code;
    bool   constant = true;
    for (int i = 0; i < n->nin; i++) constant &= n->in[i]->kind == NODE_CONST;
    if (constant) return fold_constant(f, n);
    Node *in = n->in[0];
    if (code == OPC_cast && in->type.dtype == n->type.dtype && type_same_shape(in->type, n->type)) return in;
    if ((code == OPC_reshape || code == OPC_copy) && type_same_shape(in->type, n->type)) return in;
    if (code == OPC_matmul) return fold_matmul(f, n);
    if (code == OPC_reshape && in->kind == NODE_OP && in->as.op.code == OPC_reshape) {
        n->in[0] = in->in[0]; /* of a reshape of a reshape only the last counts */
        return simplify(f, n);
    }
    return n;
}

/* The exponent, if it is a constant of a power in float32 or float64 whose base has the result's shape; else 0. */
static double exponent_of(const Node *n)
{
    if (n->kind != NODE_OP || n->as.op.code != OPC_power || n->in[1]->kind != NODE_CONST) return 0;
    if (n->type.dtype != DT_FLOAT32 && n->type.dtype != DT_FLOAT64) return 0;
    return type_same_shape(n->in[0]->type, n->type) ? n->in[1]->as.literal.real : 0;
}

/* x ** 2 and x ** 3 as products, which loops compute in vectors: two roundings, within the bound of `power` (ulps.def). */
static void multiply_power(Fold *f, Node *n, NodeVec *out)
{
    const double exponent = exponent_of(n);
    if (exponent == 2) {
        n->as.op.code = OPC_square;
        n->nin = 1;
    } else if (exponent == 3) {
        Node *square = node_unary(f->arena, OPC_square, n->type, n->in[0]);
        square->span = n->span;
        square->layer = n->layer;
        vec_push(f->arena, out, square);
        n->as.op.code = OPC_multiply;
        n->in[1] = square;
    }
}

static Node *replaced(Fold *f, Node *n)
{
    Node *with = map_get(&f->instead, n);
    return with ? with : n;
}

/* requires ids; ensures no square or cube as a power, no reshape of a reshape, no cast or copy that changes nothing, no transposition of
 * a product's last axes, no arithmetic on constants alone;
 * invalidates ids */
void pass_fold(PassContext *cx)
{
    for (size_t i = 0; i < cx->program->functions.len; i++) {
        IrFunction *fn = cx->program->functions.at[i];
        Fold        f = {.arena = cx->arena, .dims = cx->program->dims, .instead = {.arena = cx->arena}};
        NodeVec     out = {0};
        for (size_t k = 0; k < fn->nodes.len; k++) {
            Node *n = fn->nodes.at[k];
            for (int j = 0; j < n->nin; j++) n->in[j] = replaced(&f, n->in[j]);
            multiply_power(&f, n, &out);
            Node *with = simplify(&f, n);
            if (with != n) map_set(&f.instead, n, with);
            if (with == n || with->kind == NODE_CONST) vec_push(cx->arena, &out, with);
        }
        for (size_t k = 0; k < fn->results.len; k++) fn->results.at[k] = replaced(&f, fn->results.at[k]);
        fn->nodes = out;
    }
}
