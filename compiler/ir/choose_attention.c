/* softmax(q @ k^T * scale) @ v becomes one kernel, which doesn't hold the scores of all pairs of positions.
 *
 * Between the products may stand a factor and a choice between scores and a constant, by a mask; one that compares the positions of
 * queries and keys is said to be causal, and isn't computed. Or, instead of the choice, a sum with a mask of numbers. Heads that lie inside of positions are read, and written, where they
 * are: then the transposes around the products go. */
#include "fixed.h"

enum { LARGEST_HEAD = 256 }; /* of the kernel */

typedef struct Found {
    Node  *q, *k, *v, *mask; /* NULL: none */
    bool   q_inside, k_inside, v_inside, causal;
    double scale, masked;
} Found;

static bool is_op(const Node *n, Opcode code)
{
    return n->kind == NODE_OP && n->as.op.code == code;
}

static int64_t flag(const Node *n, int attr)
{
    return fixed_size(n->as.op.attrs[attr].dims[0]);
}

/* Leaves the leading axes where they are, and takes the last three of its input in this order, counted from the end. */
static bool permutes(const Node *n, int third, int second, int last)
{
    const int rank = n->type.rank;
    if (!is_op(n, OPC_transpose) || rank < 3) return false;
    const Dim *const *order = n->as.op.attrs[0].dims;
    for (int i = 0; i < rank - 3; i++) {
        if (fixed_size(order[i]) != i) return false;
    }
    return fixed_size(order[rank - 3]) == rank - third && fixed_size(order[rank - 2]) == rank - second &&
           fixed_size(order[rank - 1]) == rank - last;
}

/* What [heads, positions, size] is made of: [positions, heads, size] if *inside. */
static Node *heads_of(Node *n, bool *inside)
{
    *inside = permutes(n, 2, 3, 1);
    return *inside ? n->in[0] : n;
}

/* The keys of q @ k^T; NULL: it is another product. */
static Node *keys_of(const Node *scores, bool *inside)
{
    Node *k = scores->in[1];
    if (flag(scores, 1) != 0) return heads_of(k, inside);
    *inside = permutes(k, 2, 1, 3);
    return *inside || permutes(k, 3, 1, 2) ? k->in[0] : NULL;
}

/* ---- masks ---- */

/* 0, 1, 2, ... along the last axis, or, of a column, along the one before. */
static bool counts(const Node *n, bool column)
{
    const Type t = n->type;
    if (t.rank < 1 + column || (column && fixed_size(t.dims[t.rank - 1]) != 1)) return false;
    for (int i = 0; i < t.rank - 1 - column; i++) {
        if (fixed_size(t.dims[i]) != 1) return false;
    }
    if (t.dtype != DT_INT32 && t.dtype != DT_INT64) return false;
    while (is_op(n, OPC_reshape) || is_op(n, OPC_cast)) n = n->in[0];
    if (is_op(n, OPC_range_dim)) return flag(n, 0) == 0 && flag(n, 1) == 1;
    return is_op(n, OPC_arange) && n->as.op.attrs[0].real == 0 && n->as.op.attrs[1].real == 1;
}

/* True where a query stands at a key or behind it. */
static bool is_causal(const Node *mask)
{
    while (is_op(mask, OPC_reshape)) mask = mask->in[0];
    if (is_op(mask, OPC_greater_equal)) return counts(mask->in[0], true) && counts(mask->in[1], false);
    return is_op(mask, OPC_less_equal) && counts(mask->in[0], false) && counts(mask->in[1], true);
}

/* A reshaped mask is still one of the last two axes. */
static bool ends_like(const Node *mask, Type scores)
{
    const int rank = mask->type.rank, whole = scores.rank;
    if (rank < 2 || mask->type.dims[rank - 1] != scores.dims[whole - 1]) return false;
    if (mask->type.dims[rank - 2] != scores.dims[whole - 2]) return false;
    for (int i = 0; i < rank - 2; i++) {
        if (fixed_size(mask->type.dims[i]) != 1) return false;
    }
    return true;
}

/* ---- the whole ---- */

static bool constant(const Node *n, double *value)
{
    if (n->kind != NODE_CONST || n->type.dtype != DT_FLOAT32) return false;
    *value = n->as.literal.real;
    return true;
}

/* Steps back over a choice; then, over a factor. */
static Node *before_mask(Found *f, Node *n)
{
    if (!is_op(n, OPC_where) || !type_same_shape(n->in[1]->type, n->type) || !constant(n->in[2], &f->masked)) return n;
    f->causal = is_causal(n->in[0]) && ends_like(n->in[0], n->type);
    f->mask = f->causal ? NULL : n->in[0];
    return n->in[1];
}

static Node *before_scale(Found *f, Node *n)
{
    f->scale = 1;
    if (is_op(n, OPC_multiply) && constant(n->in[1], &f->scale)) return n->in[0];
    if (is_op(n, OPC_multiply) && constant(n->in[0], &f->scale)) return n->in[1];
    if (is_op(n, OPC_divide) && constant(n->in[1], &f->scale) && f->scale != 0) {
        f->scale = 1 / f->scale;
        return n->in[0];
    }
    return n;
}

static bool is_product(const Node *n)
{
    return is_op(n, OPC_matmul) && n->type.dtype == DT_FLOAT32 && flag(n, 0) == 0;
}

static bool same_lead(Type t, Type u)
{
    for (int i = 0; i < t.rank - 2; i++) {
        if (t.dims[i] != u.dims[i]) return false;
    }
    return t.rank == u.rank;
}

static bool fits(const Node *n)
{
    const int64_t size = fixed_size(n->type.dims[n->type.rank - 1]);
    return size > 0 && size <= LARGEST_HEAD;
}

/* Steps back over a sum of scores with what is broadcast to them. */
static Node *before_sum(Found *f, Node *n)
{
    Found ignored;
    for (int k = 0; is_op(n, OPC_add) && k < 2; k++) {
        Node *scores = n->in[k], *mask = n->in[1 - k];
        if (!type_same_shape(scores->type, n->type) || mask->type.dtype != DT_FLOAT32 || !is_product(before_scale(&ignored, scores))) continue;
        f->mask = mask;
        return scores;
    }
    return n;
}

/* Is `n` the product with v of weights that nothing else reads? */
static bool find(Found *f, const int *uses, const Node *n)
{
    if (!is_product(n) || flag(n, 1) != 0 || !is_op(n->in[0], OPC_softmax) || uses[n->in[0]->id] != 1) return false;
    Node *softmax = n->in[0], *at = softmax->in[0];
    if (flag(softmax, 0) != softmax->type.rank - 1) return false;
    *f = (Found){0};
    Node *chosen = is_op(at, OPC_add) ? before_sum(f, at) : before_mask(f, at), *scores = before_scale(f, chosen);
    if (uses[at->id] != 1 || uses[chosen->id] != 1 || uses[scores->id] != 1 || !is_product(scores)) return false;
    if (!same_lead(n->type, scores->in[0]->type) || !same_lead(n->type, scores->in[1]->type)) return false;
    if (!same_lead(n->type, n->in[1]->type)) return false;
    f->q = heads_of(scores->in[0], &f->q_inside);
    f->k = keys_of(scores, &f->k_inside);
    f->v = heads_of(n->in[1], &f->v_inside);
    return f->k && fits(f->q) && fits(f->v);
}

static void convert(PassContext *cx, Node *n, const Found *f, bool inside)
{
    DimCtx *dims = cx->program->dims;
    Attr   *attrs = arena_array(cx->arena, Attr, 7);
    attrs[0] = ir_attr_int(cx->arena, dims, f->q_inside);
    attrs[1] = ir_attr_int(cx->arena, dims, f->k_inside);
    attrs[2] = ir_attr_int(cx->arena, dims, f->v_inside);
    attrs[3] = ir_attr_int(cx->arena, dims, inside);
    attrs[4].real = f->scale;
    attrs[5] = ir_attr_int(cx->arena, dims, f->causal);
    attrs[6].real = f->masked;
    n->in = arena_array(cx->arena, Node *, 4);
    n->in[0] = f->q;
    n->in[1] = f->k;
    n->in[2] = f->v;
    n->in[3] = f->mask;
    n->nin = f->mask ? 4 : 3;
    n->as.op.code = OPC_attention;
    n->as.op.attrs = attrs;
}

/* requires ids, legalize (masks stay bool), share; ensures that no softmax stands between two products that alone read scores and
 * weights */
void pass_attention(PassContext *cx)
{
    for (size_t i = 0; i < cx->program->functions.len; i++) {
        IrFunction *f = cx->program->functions.at[i];
        const int  *uses = ir_uses(cx->arena, f);
        for (size_t k = f->nodes.len; k-- > 0;) { /* from behind: a transpose before the product that it reads */
            Node      *n = f->nodes.at[k];
            const bool inside = permutes(n, 2, 3, 1) && uses[n->in[0]->id] == 1;
            Found      found;
            if (find(&found, uses, inside ? n->in[0] : n)) convert(cx, n, &found, inside);
        }
    }
}
