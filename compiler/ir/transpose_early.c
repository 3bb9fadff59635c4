/* Transposes what goes into a product rather than what comes out of it, if that is smaller.
 *
 * A recurrent layer multiplies all steps' inputs at once, [batch, time, features] by [features, sums], and its scan wants time in
 * front. The rows of a product may stand in any order: so the rows of its input are put in the order wanted. */
#include "fixed.h"

/* Leaves the last axis where it is. */
static bool moves_rows(const Node *n)
{
    if (n->kind != NODE_OP || n->as.op.code != OPC_transpose || n->type.rank < 3) return false;
    return fixed_size(n->as.op.attrs[0].dims[n->type.rank - 1]) == n->type.rank - 1;
}

static bool is_product(const Node *n)
{
    enum { TRANSPOSE_A };
    if (n->kind != NODE_OP || n->as.op.code != OPC_matmul || n->in[1]->type.rank != 2) return false;
    const Type a = n->in[0]->type;
    const int64_t depth = fixed_size(a.dims[a.rank - 1]), columns = fixed_size(n->type.dims[n->type.rank - 1]);
    return a.rank == n->type.rank && fixed_size(n->as.op.attrs[TRANSPOSE_A].dims[0]) == 0 && depth >= 0 && depth < columns;
}

static bool is_same_for_all_rows(const Node *n)
{
    for (int i = 0; i + 1 < n->type.rank; i++) {
        if (fixed_size(n->type.dims[i]) != 1) return false;
    }
    return true;
}

/* The one input of an element-by-element operation that has rows of its own; NULL: there are others. */
static Node *input_of_rows(const Node *n)
{
    Node *found = NULL;
    for (int k = 0; k < n->nin; k++) {
        if (is_same_for_all_rows(n->in[k])) continue;
        if (found || !type_same_shape(n->in[k]->type, n->type)) return NULL;
        found = n->in[k];
    }
    return found;
}

/* From what is transposed back to the product that its rows come from, one by one; empty: there is none, or others use them. */
static NodeVec chain_behind(PassContext *cx, const int *uses, const Node *transpose)
{
    NodeVec chain = {0};
    for (Node *n = transpose->in[0]; n && uses[n->id] == 1; n = input_of_rows(n)) {
        vec_push(cx->arena, &chain, n);
        if (is_product(n)) return chain;
        if (!node_is_elementwise(n)) break;
    }
    return (NodeVec){0};
}

static Type transposed(PassContext *cx, Type t, const Node *transpose)
{
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)t.rank + 1);
    for (int i = 0; i < t.rank; i++) dims[i] = t.dims[fixed_size(transpose->as.op.attrs[0].dims[i])];
    return (Type){t.dtype, t.rank, dims};
}

/* The transposition of the product's input, which the chain is then computed from. */
static Node *move_early(PassContext *cx, const NodeVec *chain, const Node *transpose)
{
    Node *const product = chain->at[chain->len - 1], *const early = arena_new(cx->arena, Node);
    *early = *transpose;
    early->id = product->id; /* until nodes are numbered again: its own is the old one's */
    early->in = arena_array(cx->arena, Node *, 1);
    early->in[0] = product->in[0];
    early->type = transposed(cx, product->in[0]->type, transpose);
    Node **in = arena_array(cx->arena, Node *, 2);
    in[0] = early;
    in[1] = product->in[1];
    product->in = in;
    for (size_t i = 0; i < chain->len; i++) chain->at[i]->type = transposed(cx, chain->at[i]->type, transpose);
    return early;
}

static void move_in_function(PassContext *cx, IrFunction *f)
{
    const int *uses = ir_uses(cx->arena, f);
    Node     **before = arena_array(cx->arena, Node *, f->nodes.len + 1), **instead = arena_array(cx->arena, Node *, f->nodes.len + 1);
    NodeVec    out = {0};
    for (size_t i = 0; i < f->nodes.len; i++) {
        Node *n = f->nodes.at[i];
        const NodeVec chain = moves_rows(n) ? chain_behind(cx, uses, n) : (NodeVec){0};
        if (chain.len == 0) continue;
        before[chain.at[chain.len - 1]->id] = move_early(cx, &chain, n);
        instead[i] = n->in[0];
    }
    for (size_t i = 0; i < f->nodes.len; i++) {
        Node *n = f->nodes.at[i];
        if (before[i]) vec_push(cx->arena, &out, before[i]);
        for (int k = 0; k < n->nin; k++) {
            if (instead[n->in[k]->id]) n->in[k] = instead[n->in[k]->id];
        }
        if (!instead[i]) vec_push(cx->arena, &out, n);
    }
    for (size_t i = 0; i < f->results.len; i++) {
        if (instead[f->results.at[i]->id]) f->results.at[i] = instead[f->results.at[i]->id];
    }
    f->nodes = out;
}

/* requires ids; ensures that no transposition of a product's rows follows it where it could stand before; invalidates ids */
void pass_transpose_early(PassContext *cx)
{
    for (size_t i = 0; i < cx->program->functions.len; i++) move_in_function(cx, cx->program->functions.at[i]);
}
