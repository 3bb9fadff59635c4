/* Epilogues of which a kernel knows all: a bias, a sum with a tensor of the product's shape, and bounds, in this order. */
#include <math.h>

#include "epilogue_plain.h"

typedef struct Walk {
    const NodePlan *nodes;
    const Node     *root;
    Plain          *plain;
} Walk;

static bool is_member(const Walk *w, const Node *n)
{
    return node_is_elementwise(n) && w->nodes[n->id].root == w->root;
}

/* The constant that a maximum or minimum is taken with, else NULL; the other operand goes to *n. */
static const Node *take_bound(const Walk *w, Node **n, Opcode code)
{
    if (!is_member(w, *n) || (*n)->as.op.code != code) return NULL;
    for (int k = 0; k < 2; k++) {
        const Node *bound = (*n)->in[k];
        if (bound->kind != NODE_CONST || isnan(bound->as.literal.real)) continue;
        *n = (*n)->in[1 - k];
        return bound;
    }
    return NULL;
}

/* Bounds in either order are the same, if the lower one is not above the other. */
static bool take_bounds(const Walk *w, Node **n)
{
    const Node *high = take_bound(w, n, OPC_minimum), *low = take_bound(w, n, OPC_maximum);
    if (!high) high = take_bound(w, n, OPC_minimum);
    if (low) w->plain->low = low->as.literal.real;
    if (high) w->plain->high = high->as.literal.real;
    return w->plain->low <= w->plain->high;
}

static bool is_tensor(const Walk *w, const Node *n)
{
    const Home home = w->nodes[n->id].home;
    if (n == w->nodes[w->root->id].seen || is_member(w, n) || n->kind == NODE_CONST || n->kind == NODE_DIM) return false;
    return home != HOME_SLICE && home != HOME_INLINE && home != HOME_LOCAL && n->type.dtype == w->root->type.dtype;
}

static bool goes_along_rows(const Walk *w, const Node *n)
{
    return epilogue_goes_along(w->root, n, 0, w->nodes[w->root->id].split);
}

static bool goes_along_columns(const Walk *w, const Node *n)
{
    return epilogue_goes_along(w->root, n, w->nodes[w->root->id].split, w->root->type.rank);
}

/* What is added last, if it goes along columns, and along rows or not; else NULL. */
static Node *take_addend(const Walk *w, Node **n, bool rows)
{
    if (!is_member(w, *n) || (*n)->as.op.code != OPC_add) return NULL;
    for (int k = 0; k < 2; k++) {
        Node *addend = (*n)->in[k];
        if (!is_tensor(w, addend) || goes_along_rows(w, addend) != rows || !goes_along_columns(w, addend)) continue;
        *n = (*n)->in[1 - k];
        return addend;
    }
    return NULL;
}

bool epilogue_is_plain(const NodePlan *nodes, Node *root, Plain *plain)
{
    const Walk w = {nodes, root, plain};
    Node      *n = root;
    *plain = (Plain){.low = -INFINITY, .high = INFINITY};
    if ((root->type.dtype != DT_FLOAT32 && root->type.dtype != DT_FLOAT64) || !take_bounds(&w, &n)) return false;
    plain->beside = take_addend(&w, &n, true);
    plain->bias = take_addend(&w, &n, false);
    return n == nodes[root->id].seen;
}
