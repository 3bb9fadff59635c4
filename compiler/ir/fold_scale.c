/* Batch normalization, and whatever else scales and shifts the output channels of a product by fixed numbers, becomes part of
 * the product:
 *
 *     (conv(x, w) + b) * s + t   ->   conv(x, w * s) + (b * s + t)
 *
 * w * s and b * s + t are fixed; the pass `prepare` takes them out of the call. What follows the product is a chain: each
 * value has one use, which adds, subtracts, multiplies or divides a number for each channel. */
#include "../base/map.h"
#include "fixed.h"

typedef struct Chain {
    PassContext *cx;
    IrFunction  *f;
    const bool  *fixed;
    int         *uses;  /* by node id */
    Node       **user;  /* by node id: one that reads it */
    Node        *product;
    NodeVec      steps; /* the operations behind it, in order */
    NodeVec      made;  /* the nodes that stand for it */
    Node        *scale, *shift; /* NULL: 1, 0 */
} Chain;

/* ---- what can be folded ---- */

static bool is_product(const Chain *c, const Node *n)
{
    if (n->kind != NODE_OP || (n->type.dtype != DT_FLOAT32 && n->type.dtype != DT_FLOAT64)) return false;
    const Opcode code = n->as.op.code;
    if (code != OPC_conv && code != OPC_conv_transpose && (code != OPC_matmul || n->in[1]->type.rank != 2)) return false;
    return c->fixed[n->in[1]->id] && !c->fixed[n->in[0]->id] && n->in[1]->type.dtype == n->type.dtype;
}

/* One number, or one for each channel, the last axis of `whole`. */
static bool is_by_channel(const Node *n, Type whole)
{
    if (n->type.rank > whole.rank || n->type.dtype != whole.dtype) return false;
    for (int i = 0; i < n->type.rank; i++) {
        const bool last = i == n->type.rank - 1;
        if (fixed_size(n->type.dims[i]) != 1 && !(last && n->type.dims[i] == whole.dims[whole.rank - 1])) return false;
    }
    return true;
}

/* The factor or summand with which `n` goes on with the value `before`; NULL: it does something else. */
static Node *operand_of(const Chain *c, const Node *n, const Node *before)
{
    if (n->kind != NODE_OP || n->type.dtype != before->type.dtype || !type_same_shape(n->type, before->type)) return NULL;
    const Opcode code = n->as.op.code;
    if (code != OPC_add && code != OPC_subtract && code != OPC_multiply && code != OPC_divide) return NULL;
    const bool swapped = n->in[0] != before;
    Node      *other = n->in[swapped ? 0 : 1];
    if (swapped && (code == OPC_subtract || code == OPC_divide)) return NULL;
    return other != before && c->fixed[other->id] && is_by_channel(other, n->type) ? other : NULL;
}

/* The chain behind a product; true if folding it pays: a factor for each channel would need a pass over the output. */
static bool find_chain(Chain *c, Node *product)
{
    bool pays = false;
    c->product = product;
    c->steps = (NodeVec){0};
    for (Node *at = product; c->uses[at->id] == 1 && c->user[at->id];) {
        Node *next = c->user[at->id], *operand = operand_of(c, next, at);
        if (!operand) break;
        const bool scales = next->as.op.code == OPC_multiply || next->as.op.code == OPC_divide;
        pays |= scales && operand->type.rank > 0 && fixed_size(operand->type.dims[operand->type.rank - 1]) != 1;
        vec_push(c->cx->arena, &c->steps, next);
        at = next;
    }
    return pays;
}

/* ---- what is made of it ---- */

static Node *make(Chain *c, Opcode code, Type type, Node *a, Node *b, const Node *like)
{
    Arena *arena = c->cx->arena;
    Node  *n = node_new(arena, NODE_OP, type, like->span);
    n->at = like->at;
    n->layer = like->layer;
    n->nin = b ? 2 : 1;
    n->in = arena_array(arena, Node *, 2);
    n->in[0] = a;
    n->in[1] = b;
    n->as.op.code = code;
    vec_push(arena, &c->made, n);
    return n;
}

static Node *make_elementwise(Chain *c, Opcode code, Node *a, Node *b, const Node *like)
{
    return make(c, code, b && b->type.rank > a->type.rank ? b->type : a->type, a, b, like);
}

/* Without axes of size 1 in front. */
static Node *as_vector(Chain *c, Node *n, const Node *like)
{
    if (n->type.rank == 0) return n;
    const bool one = fixed_size(n->type.dims[n->type.rank - 1]) == 1;
    if (n->type.rank == 1 && !one) return n;
    const Type type = {n->type.dtype, one ? 0 : 1, n->type.dims + n->type.rank - 1};
    return make(c, OPC_reshape, type, n, NULL, like);
}

static void add_step(Chain *c, const Node *step, Node *operand)
{
    const Opcode code = step->as.op.code;
    Node        *by = as_vector(c, operand, step);
    if (code == OPC_multiply || code == OPC_divide) {
        if (c->scale) c->scale = make_elementwise(c, code, c->scale, by, step);
        else c->scale = code == OPC_multiply ? by : make_elementwise(c, OPC_reciprocal, by, NULL, step);
        if (c->shift) c->shift = make_elementwise(c, code, c->shift, by, step);
        return;
    }
    if (c->shift) c->shift = make_elementwise(c, code, c->shift, by, step);
    else c->shift = code == OPC_add ? by : make_elementwise(c, OPC_negative, by, NULL, step);
}

/* The weights times the scale, whose numbers go along the axis of output channels: the last one, unless they are stored the
 * other way. */
static Node *scaled_weights(Chain *c)
{
    const Node *p = c->product;
    Node       *w = p->in[1], *scale = c->scale;
    const bool  before_last = p->as.op.code == OPC_conv_transpose || (p->as.op.code == OPC_matmul && fixed_size(p->as.op.attrs[1].dims[0]) != 0);
    if (before_last && scale->type.rank == 1) {
        const Dim **dims = arena_array(c->cx->arena, const Dim *, 2);
        dims[0] = scale->type.dims[0];
        dims[1] = dim_int(c->cx->program->dims, 1);
        scale = make(c, OPC_reshape, (Type){scale->type.dtype, 2, dims}, scale, NULL, p);
    }
    return make(c, OPC_multiply, w->type, w, scale, p);
}

/* The value of the whole chain, by new nodes. */
static Node *fold_chain(Chain *c)
{
    const Node *p = c->product, *before = p;
    c->made = (NodeVec){0};
    c->scale = c->shift = NULL;
    for (size_t i = 0; i < c->steps.len; i++) {
        add_step(c, c->steps.at[i], operand_of(c, c->steps.at[i], before));
        before = c->steps.at[i];
    }
    Node *weights = scaled_weights(c);
    Node *product = make(c, p->as.op.code, p->type, p->in[0], weights, p);
    product->as.op.attrs = p->as.op.attrs;
    product->name = p->name;
    if (!c->shift) return product;
    Node *sum = make(c, OPC_add, p->type, product, c->shift, before);
    sum->name = before->name;
    return sum;
}

static void find_users(Chain *c)
{
    c->uses = ir_uses(c->cx->arena, c->f);
    c->user = arena_array(c->cx->arena, Node *, c->f->nodes.len + 1);
    for (size_t i = 0; i < c->f->nodes.len; i++) {
        Node *n = c->f->nodes.at[i];
        for (int k = 0; k < n->nin; k++) c->user[n->in[k]->id] = n;
    }
}

static void fold_function(Chain *c)
{
    Map     starts = {.arena = c->cx->arena}, instead = {.arena = c->cx->arena}; /* last step -> its product; -> what stands for it */
    NodeVec out = {0};
    find_users(c);
    for (size_t i = 0; i < c->f->nodes.len; i++) {
        Node *n = c->f->nodes.at[i];
        if (is_product(c, n) && find_chain(c, n)) map_set(&starts, c->steps.at[c->steps.len - 1], n);
    }
    if (starts.len == 0) return;
    for (size_t i = 0; i < c->f->nodes.len; i++) {
        Node *n = c->f->nodes.at[i], *product = map_get(&starts, n);
        if (product && find_chain(c, product)) {
            map_set(&instead, n, fold_chain(c));
            for (size_t k = 0; k < c->made.len; k++) vec_push(c->cx->arena, &out, c->made.at[k]);
        }
        vec_push(c->cx->arena, &out, n);
    }
    for (size_t i = 0; i < out.len; i++) {
        Node *n = out.at[i];
        for (int k = 0; k < n->nin; k++) {
            Node *with = map_get(&instead, n->in[k]);
            if (with) n->in[k] = with;
        }
    }
    for (size_t i = 0; i < c->f->results.len; i++) {
        Node *with = map_get(&instead, c->f->results.at[i]);
        if (with) c->f->results.at[i] = with;
    }
    c->f->nodes = out;
}

/* requires ids, share (so that a value has one node); ensures that no fixed factor for each output channel follows a product
 * that is read only once; leaves the chains dead */
void pass_fold_scale(PassContext *cx)
{
    for (size_t i = 0; i < cx->program->functions.len; i++) {
        IrFunction *f = cx->program->functions.at[i];
        Chain       c = {.cx = cx, .f = f, .fixed = fixed_values(cx, f)};
        fold_function(&c);
    }
}
