/* Gives every kernel the dtypes it computes in, and every call the nodes of all its results. */
#include "fixed.h"
#include "passes.h"

#include <string.h>

#include "../base/bug.h"

typedef struct Legalize {
    PassContext *cx;
    NodeVec      out; /* the function's new list of nodes */
} Legalize;

static void put(Legalize *l, Node *n)
{
    vec_push(l->cx->arena, &l->out, n);
}

/* The dtype in which a kernel of this row computes with a tensor of dtype `t`; the legend of ops.def. */
static DType native(OpDTypes dtypes, DType t)
{
    switch (dtypes) {
    case DTYPES_ANY: return t;
    case DTYPES_FLOAT:
        return t == DT_FLOAT64 ? t : DT_FLOAT32;
    case DTYPES_NUMBER:
        if (dtype_is_float(t)) return t == DT_FLOAT64 ? t : DT_FLOAT32;
        return DT_INT64;
    case DTYPES_INTEGER: return t == DT_BOOL ? t : DT_INT64;
    }
    return t;
}

/* Indices and starts are int64 whatever the rest is. */
static bool is_index(Opcode code, int input)
{
    return input == 1 && (code == OPC_take || code == OPC_take_along_axis || code == OPC_slice || code == OPC_slice_update ||
                          code == OPC_scatter_update);
}

static Node *cast_to(Legalize *l, Node *n, DType t)
{
    if (n->type.dtype == t) return n;
    Node *cast = node_unary(l->cx->arena, OPC_cast, (Type){t, n->type.rank, n->type.dims}, n);
    put(l, cast);
    return cast;
}

static bool is_8bit(const Node *n)
{
    return n->type.dtype == DT_INT8 || n->type.dtype == DT_UINT8;
}

static bool widens_8bit(const Node *n)
{
    return n->kind == NODE_OP && n->as.op.code == OPC_cast && n->type.dtype == DT_INT32 && is_8bit(n->in[0]);
}

/* A product with a matrix, of two tensors of 8-bit integers that were cast to int32: the kernel widens them itself. */
static void keep_8bit(Node *n)
{
    enum { TRANSPOSE_A, TRANSPOSE_B };
    if (n->as.op.code != OPC_matmul || !widens_8bit(n->in[0]) || !widens_8bit(n->in[1]) || n->in[1]->type.rank != 2) return;
    if (fixed_size(n->as.op.attrs[TRANSPOSE_A].dims[0]) != 0 || fixed_size(n->as.op.attrs[TRANSPOSE_B].dims[0]) != 0) return;
    n->as.op.code = OPC_matmul_8bit;
    n->as.op.attrs = NULL;
    for (int i = 0; i < 2; i++) n->in[i] = n->in[i]->in[0];
}

/* A kernel whose result has a dtype that it doesn't make: a new node computes, the old one becomes the cast. */
static void legalize_kernel(Legalize *l, Node *n)
{
    keep_8bit(n);
    const OpInfo *op = node_op(n);
    for (int i = 0; i < n->nin; i++) {
        DType t = is_index(n->as.op.code, i) ? DT_INT64 : native(op->dtypes, n->in[i]->type.dtype);
        n->in[i] = cast_to(l, n->in[i], t);
    }
    DType made = native(op->dtypes, n->type.dtype);
    if (made == n->type.dtype || (op->dtypes == DTYPES_INTEGER && n->type.dtype == DT_BOOL)) {
        put(l, n);
        return;
    }
    Node *kernel = arena_new(l->cx->arena, Node);
    *kernel = *n;
    kernel->type.dtype = made;
    put(l, kernel);
    n->in = arena_array(l->cx->arena, Node *, 1);
    n->in[0] = kernel;
    n->nin = 1;
    n->as.op.code = OPC_cast;
    n->as.op.attrs = NULL;
    put(l, n);
}

/* The type of result `index` in the caller's symbols. */
static Type result_type(Legalize *l, const Node *call, int index)
{
    Arena            *a = l->cx->arena;
    DimCtx           *dims = l->cx->program->dims;
    const IrFunction *f = node_callee(call);
    const Dim       **with = arena_array(a, const Dim *, (size_t)dim_symbol_count(dims));
    for (int i = 0; i < f->nsymbols; i++) with[dim_symbol_id(f->symbols[i])] = node_symbols(call)[i];
    Type        t = f->results.at[index]->type;
    bool        stacked = call->kind == NODE_SCAN && index >= call->as.scan.ncarry;
    const Dim **sizes = arena_array(a, const Dim *, (size_t)t.rank + 1);
    if (stacked) sizes[0] = call->as.scan.length;
    for (int i = 0; i < t.rank; i++) sizes[i + stacked] = dim_substitute(dims, t.dims[i], with, dim_symbol_count(dims));
    return (Type){t.dtype, t.rank + stacked, sizes};
}

/* All results of a call, in order, directly behind it. */
static void put_results(Legalize *l, Node *call, const NodeVec *nodes, size_t at)
{
    Arena *a = l->cx->arena;
    size_t count = node_callee(call)->results.len, missing = count;
    Node **seen = arena_array(a, Node *, count + 1);
    for (size_t i = at + 1; i < nodes->len && missing > 0; i++) {
        Node *n = nodes->at[i];
        if (n->kind != NODE_RESULT || n->in[0] != call) continue;
        missing -= !seen[n->index];
        seen[n->index] = n;
    }
    for (size_t i = 0; i < count; i++) {
        Node *n = seen[i] ? seen[i] : node_new(a, NODE_RESULT, result_type(l, call, (int)i), call->span);
        n->in = arena_array(a, Node *, 1);
        n->in[0] = call;
        n->nin = 1;
        n->index = (int)i;
        put(l, n);
    }
}

/* requires no COMPOSED op; ensures that every kernel's tensors have dtypes it computes in, that indices are int64, and that
 * every result of a call has one node, directly behind it; invalidates ids */
void pass_legalize(PassContext *cx)
{
    for (size_t i = 0; i < cx->program->functions.len; i++) {
        IrFunction *f = cx->program->functions.at[i];
        Legalize    l = {.cx = cx};
        for (size_t k = 0; k < f->nodes.len; k++) {
            Node *n = f->nodes.at[k];
            if (n->kind == NODE_OP && node_op(n)->cls == CLASS_KERNEL) {
                legalize_kernel(&l, n);
                continue;
            }
            if (n->kind == NODE_RESULT) continue; /* put with its call */
            put(&l, n);
            if (node_callee(n)) put_results(&l, n, &f->nodes, k);
        }
        f->nodes = l.out;
    }
}
