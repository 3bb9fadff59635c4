/* Which products hand their result to the loop behind them while it lies in cache.
 *
 * A product that only one loop reads is computed into the memory of that loop's result, and the loop becomes its epilogue: it
 * runs over blocks of rows and columns as the product finishes them. Whatever else the loop reads must then be an element of
 * the same place, of the row, of the column, or a single one. */
#include "passes.h"
#include "plan.h"

typedef struct Search {
    Program    *program;
    IrFunction *f;
    NodePlan   *nodes;
    int        *uses; /* by id, results included */
} Search;

static bool is_one(const Dim *d)
{
    int64_t value;
    return dim_is_int(d, &value) && value == 1;
}

static bool is_member(const Search *s, const Node *n, const Node *root)
{
    return node_is_elementwise(n) && s->nodes[n->id].root == root;
}

bool epilogue_goes_along(const Node *root, const Node *leaf, int from, int to)
{
    for (int axis = from; axis < to; axis++) {
        const int own = axis - (root->type.rank - leaf->type.rank);
        if (own >= 0 && !is_one(leaf->type.dims[own])) return true;
    }
    return false;
}

/* Along all of the axes, as far as the root has more than one element there. */
static bool goes_along_all(const Node *root, const Node *leaf, int from, int to)
{
    for (int axis = from; axis < to; axis++) {
        if (!is_one(root->type.dims[axis]) && !epilogue_goes_along(root, leaf, axis, axis + 1)) return false;
    }
    return true;
}

/* The axis from which on the root's axes are the product's columns; -1: there is none. */
static int find_split(const Search *s, const Node *root, const Node *product)
{
    const Dim *columns = product->type.dims[product->type.rank - 1];
    const Dim *size = dim_int(s->program->dims, 1);
    for (int axis = root->type.rank - 1; axis >= 0 && size; axis--) {
        size = dim_mul(s->program->dims, size, root->type.dims[axis]);
        if (size == columns) return axis;
    }
    return -1;
}

/* Do the rows of a leaf, and its columns, lie as one counter reads them? */
static bool goes_on_evenly(const Search *s, const Node *root, const Node *leaf, int from, int to)
{
    int before = -1;
    if (s->nodes[leaf->id].home != HOME_SLICE) return true;
    for (int axis = from; axis < to; axis++) {
        const int own = axis - (root->type.rank - leaf->type.rank);
        if (own < 0 || is_one(leaf->type.dims[own])) continue;
        if (before >= 0 && !slice_merges(leaf, before, own)) return false;
        before = own;
    }
    return true;
}

static bool all_fit(const Search *s, const Node *root, const Node *seen, int split)
{
    for (uint32_t i = s->nodes[root->id].first; i <= root->id; i++) {
        const Node *n = s->f->nodes.at[i];
        if (!is_member(s, n, root)) continue;
        for (int k = 0; k < n->nin; k++) {
            const Node *in = n->in[k];
            if (in == seen || is_member(s, in, root) || in->kind == NODE_CONST || in->kind == NODE_DIM) continue;
            if (epilogue_goes_along(root, in, 0, split) && !goes_along_all(root, in, 0, split)) return false;
            if (!goes_on_evenly(s, root, in, 0, split) || !goes_on_evenly(s, root, in, split, root->type.rank)) return false;
            if (epilogue_goes_along(root, in, split, root->type.rank) && !goes_along_all(root, in, split, root->type.rank)) return false;
        }
    }
    return true;
}

static int uses_in(const Search *s, const Node *root, const Node *of)
{
    int count = 0;
    for (uint32_t i = s->nodes[root->id].first; i <= root->id; i++) {
        const Node *n = s->f->nodes.at[i];
        for (int k = 0; k < n->nin && is_member(s, n, root); k++) count += n->in[k] == of;
    }
    return count;
}

/* The product whose elements `seen` shows, if nothing else reads it. */
static Node *product_behind(const Search *s, Node *seen)
{
    Node *n = seen;
    while (n->kind == NODE_OP && node_op(n)->cls == CLASS_VIEW) {
        n = n->in[0];
        if (s->uses[n->id] != 1) return NULL;
    }
    if (n->kind != NODE_OP || !dtype_is_float(n->type.dtype)) return NULL;
    switch (n->as.op.code) {
    case OPC_matmul: case OPC_matmul_packed: case OPC_conv: case OPC_conv_packed: case OPC_conv_transpose: case OPC_conv_winograd: return n;
    default: return NULL;
    }
}

static void try_product(const Search *s, Node *root, Node *seen)
{
    Node *product = product_behind(s, seen);
    if (!product || s->nodes[product->id].root || s->nodes[root->id].reduces || product->type.dtype != root->type.dtype || plan_is_narrow(product->type)) return;
    if (!type_same_shape(seen->type, root->type) || uses_in(s, root, seen) != s->uses[seen->id]) return;
    const int split = find_split(s, root, product);
    if (split < 0 || !all_fit(s, root, seen, split)) return;
    s->nodes[product->id].root = root;
    s->nodes[root->id].product = product;
    s->nodes[root->id].seen = seen;
    s->nodes[root->id].split = split;
}

void plan_epilogues(Arena *a, Program *p, IrFunction *f, NodePlan *nodes)
{
    if (!p->epilogues) return;
    Search s = {p, f, nodes, ir_uses(a, f)};
    /* Of several products the last one: the others' results are there already. */
    for (size_t i = f->nodes.len; i-- > 0;) {
        Node *n = f->nodes.at[i], *root = nodes[i].root;
        for (int k = 0; root && node_is_elementwise(n) && k < n->nin && !nodes[root->id].product; k++) try_product(&s, root, n->in[k]);
    }
}

/* Homes are chosen for each layout of an owner, so that the graph itself stays as it is. */
void pass_epilogues(PassContext *cx)
{
    cx->program->epilogues = true;
}
