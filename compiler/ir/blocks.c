/* What goes into the steps of a recurrent loop, computed for some steps at a time.
 *
 * A recurrent layer multiplies its inputs before the loop, in one product for all steps, whose result is several times as large as they
 * are: the steps would read it from memory. In a loop that works by rows (rows.c) the product is made for so many steps that a block of
 * its rows stays in the second cache until they have read it, and of the rows of the one thread alone. It is a function of its own,
 * [steps, rows, ...] from [steps, rows, ...]; the inputs' rows are brought into that order block by block, too. */
#include "fixed.h"
#include "plan.h"

#include "../sema/instance.h"

typedef struct Search {
    Arena         *arena;
    const Program *program;
    IrFunction    *f;
    NodePlan      *nodes;
    const int     *uses;
    const Node    *scan;
} Search;

/* [steps, rows, ...], or with the rows in front; all other sizes are numbers. */
static bool is_of_steps(const Search *s, Type t, bool rows_first)
{
    const Dim *rows = s->scan->as.scan.symbols[s->nodes[s->scan->id].rows - 1], *steps = s->scan->as.scan.length;
    if (t.rank < 3 || t.dims[0] != (rows_first ? rows : steps) || t.dims[1] != (rows_first ? steps : rows)) return false;
    for (int i = 2; i < t.rank; i++) {
        if (fixed_size(t.dims[i]) <= 0) return false;
    }
    return true;
}

static bool is_weight(const Node *n)
{
    if (n->kind != NODE_VARIABLE || n->as.variable.variable->assigned) return false;
    for (int i = 0; i < n->as.variable.path.len; i++) {
        if (n->as.variable.path.steps[i].loop) return false;
    }
    return true;
}

static bool is_view(const Node *n)
{
    return n->kind == NODE_OP && node_op(n)->cls == CLASS_VIEW;
}

/* A number, or weights, perhaps under another shape. */
static bool is_same_for_all(const Node *n)
{
    while (is_view(n)) n = n->in[0];
    return n->kind == NODE_CONST || is_weight(n);
}

/* The product that `xs` is, with its epilogue: a chain of operations with numbers and weights that are the same for all rows. */
static Node *product_of(const Search *s, Node *xs)
{
    Node *n = xs;
    while (node_is_elementwise(n) && s->nodes[n->id].root == xs && s->uses[n->id] == 1) {
        Node *next = NULL;
        for (int k = 0; k < n->nin; k++) {
            Node *in = n->in[k];
            if (type_same_shape(in->type, n->type) && in->kind == NODE_OP && !next) next = in;
            else if (in->type.rank > n->type.rank - 2 || !is_same_for_all(in)) return NULL;
        }
        if (!next) return NULL;
        n = next;
    }
    if (n->kind != NODE_OP || s->uses[n->id] != 1 || (n != xs && s->nodes[xs->id].product != n)) return NULL;
    if (n->as.op.code != OPC_matmul && n->as.op.code != OPC_matmul_packed) return NULL;
    const bool transposed = n->as.op.code == OPC_matmul && fixed_size(n->as.op.attrs[0].dims[0]) != 0;
    return transposed || !is_weight(n->in[1]) || n->in[1]->type.rank != 2 ? NULL : n;
}

/* [1, 0, 2, ...] */
static bool swaps_steps_and_rows(const Node *n)
{
    if (n->kind != NODE_OP || n->as.op.code != OPC_transpose || n->type.rank < 3) return false;
    for (int i = 0; i < n->type.rank; i++) {
        if (fixed_size(n->as.op.attrs[0].dims[i]) != (i < 2 ? 1 - i : i)) return false;
    }
    return true;
}

/* ---- the function ---- */

static Type retyped(const Search *s, Type t)
{
    const Dim **dims = arena_array(s->arena, const Dim *, (size_t)t.rank);
    for (int i = 0; i < t.rank; i++) dims[i] = t.dims[i];
    dims[0] = s->program->steps;
    dims[1] = s->scan->as.scan.body->symbols[s->nodes[s->scan->id].rows - 1];
    return (Type){t.dtype, t.rank, dims};
}

static Node *put(const Search *s, IrFunction *f, const Node *like)
{
    Node *n = arena_new(s->arena, Node);
    *n = *like;
    n->id = (uint32_t)f->nodes.len;
    vec_push(s->arena, &f->nodes, n);
    return n;
}

/* Weights and numbers as they are. */
static Node *same(const Search *s, IrFunction *f, const Node *n)
{
    if (!is_view(n)) return put(s, f, n);
    Node **in = arena_array(s->arena, Node *, 1);
    in[0] = same(s, f, n->in[0]);
    Node *made = put(s, f, n);
    made->in = in;
    return made;
}

/* `n`, which is of the chain from `xs` to what `x` stands for. */
static Node *copied(const Search *s, IrFunction *f, const Node *n, const Node *product, Node *x)
{
    Node **in = arena_array(s->arena, Node *, (size_t)n->nin + 1);
    for (int k = 0; k < n->nin; k++) {
        if (n == product && k == 0) in[k] = x;
        else in[k] = is_same_for_all(n->in[k]) ? same(s, f, n->in[k]) : copied(s, f, n->in[k], product, x);
    }
    Node *made = put(s, f, n);
    made->in = in;
    made->type = retyped(s, n->type);
    return made;
}

static IrFunction *function_of(const Search *s, const Node *xs, const Node *product)
{
    IrFunction *f = arena_new(s->arena, IrFunction);
    *f = (IrFunction){.name = arena_printf(s->arena, "%s_inputs", s->f->name), .owner = s->f->owner, .span = xs->span, .nsymbols = 2};
    Node *x = put(s, f, node_new(s->arena, NODE_PARAM, retyped(s, product->in[0]->type), product->span));
    vec_push(s->arena, &f->params, x);
    vec_push(s->arena, &f->results, copied(s, f, xs, product, x));
    f->symbols = arena_array(s->arena, const Dim *, 2);
    f->symbols[0] = x->type.dims[0];
    f->symbols[1] = x->type.dims[1];
    return f;
}

/* ---- which ---- */

/* None of these is computed where it stands. */
static void leave_out(const Search *s, Node *n, const Node *from)
{
    if (n == from || is_same_for_all(n)) return;
    s->nodes[n->id].home = HOME_INLINE;
    for (int k = 0; k < n->nin; k++) leave_out(s, n->in[k], from);
}

static bool in_blocks(const Search *s, Node *xs, Block *block)
{
    Node *const product = s->uses[xs->id] == 1 && is_of_steps(s, xs->type, false) ? product_of(s, xs) : NULL;
    if (!product || !is_of_steps(s, product->in[0]->type, false)) return false;
    Node *const in = product->in[0];
    const bool  swapped = swaps_steps_and_rows(in) && s->uses[in->id] == 1 && is_of_steps(s, in->in[0]->type, true);
    Node *const from = swapped ? in->in[0] : in;
    if (from->kind == NODE_VARIABLE || from->kind == NODE_CONST) return false;
    *block = (Block){.from = from, .rows_first = swapped, .inputs = function_of(s, xs, product)};
    leave_out(s, xs, from);
    return true;
}

void plan_blocks(Arena *a, const Program *p, IrFunction *f, NodePlan *nodes)
{
    Search s = {a, p, f, nodes, ir_uses(a, f), NULL};
    for (size_t i = 0; i < f->nodes.len && p->epilogues; i++) {
        const Node *n = f->nodes.at[i];
        if (n->kind != NODE_SCAN || nodes[i].rows == 0) continue;
        s.scan = n;
        nodes[i].blocks = arena_array(a, Block, (size_t)n->nin + 1);
        for (int k = n->as.scan.ncarry; k < n->nin; k++) nodes[i].has_blocks |= in_blocks(&s, n->in[k], &nodes[i].blocks[k]);
    }
}
