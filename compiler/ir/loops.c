/* Which operations run in one loop: such that work element by element, and the reductions of the rows that they go over.
 *
 * An operation joins the loop of its users if all of them run in one loop, over its own shape. That loop may also go over each row several
 * times while the row is in cache: then what is one number for each row (a mean, the root of a variance), and sums, means and extrema of
 * whole rows, join it, too. Normalizations are such loops. What more than one of these turns reads is computed in each of them if that
 * is a step of arithmetic with such a number, as x - mean; else it stands in memory, and is a loop of its own: perhaps the epilogue of
 * a product. */
#include "fixed.h"
#include "plan.h"

/* Elements of a row: fewer are less than a vector for each lane (mdl_rows.h), more do not stay in cache. */
enum { LEAST = 32, MOST = 16384, SEVERAL = -1 };

typedef struct Search {
    const Program    *program;
    const IrFunction *f;
    NodePlan         *nodes;
    Node            **joins; /* by id, walking backwards: the root of the loop, while only users in that loop have been seen */
    bool             *alone; /* there are others */
    bool             *row;   /* made from a reduction of rows, one number for each: of the row that is reduced, or of the result's */
    int              *turn;  /* of a value as large as the result: the reduction or root, by id + 1, for which it is read, or SEVERAL */
} Search;

static bool is_inline_leaf(const Node *n)
{
    return n->kind == NODE_CONST || n->kind == NODE_DIM;
}

static bool is_reduction(Opcode code)
{
    return code == OPC_sum || code == OPC_mean || code == OPC_max || code == OPC_min;
}

static bool is_row(Type t)
{
    const int64_t size = t.rank > 0 ? fixed_size(t.dims[t.rank - 1]) : 0;
    return size >= LEAST && size <= MOST;
}

/* Reduces the last axis, and no other. */
static bool reduces_rows(const Search *s, const Node *n)
{
    const int last = n->type.rank - 1;
    if (!s->program->reductions || n->kind != NODE_OP || !is_reduction(n->as.op.code) || last < 0) return false;
    if (n->type.dtype != DT_FLOAT32 && n->type.dtype != DT_FLOAT64) return false;
    if (!is_row(n->in[0]->type)) return false;
    for (int axis = 0; axis <= last; axis++) {
        if (fixed_size(n->as.op.attrs[0].dims[axis]) != (axis == last)) return false;
    }
    return true;
}

/* One element for each row of the other type. */
static bool is_of_rows(Type t, Type whole)
{
    const int last = t.rank - 1;
    if (t.rank != whole.rank || last < 0 || fixed_size(t.dims[last]) != 1 || fixed_size(whole.dims[last]) == 1) return false;
    for (int axis = 0; axis < last; axis++) {
        if (t.dims[axis] != whole.dims[axis]) return false;
    }
    return true;
}

static void find_rows(Search *s)
{
    for (size_t i = 0; i < s->f->nodes.len; i++) {
        const Node *n = s->f->nodes.at[i];
        s->row[i] = reduces_rows(s, n);
        for (int k = 0; k < n->nin && node_is_elementwise(n); k++) {
            s->row[i] = s->row[i] || (s->row[n->in[k]->id] && type_same_shape(n->type, n->in[k]->type));
        }
    }
}

static bool is_arithmetic(const Node *n)
{
    switch (n->as.op.code) {
    case OPC_add: case OPC_subtract: case OPC_multiply: case OPC_negative: case OPC_abs: case OPC_square: case OPC_maximum: case OPC_minimum: return true;
    default: return false;
    }
}

/* Several turns read it, and it is not to be computed in each. */
static bool stays(const Search *s, const Node *n, const Node *root)
{
    if (s->turn[n->id] != SEVERAL) return false;
    for (int k = 0; k < n->nin && is_arithmetic(n); k++) {
        if (s->row[n->in[k]->id] && is_of_rows(n->in[k]->type, root->type)) return false;
    }
    return true;
}

static Node *root_of(const Search *s, Node *n)
{
    Node *joined = s->alone[n->id] ? NULL : s->joins[n->id];
    if (node_is_elementwise(n)) return joined && !stays(s, n, joined) ? joined : n;
    return joined && reduces_rows(s, n) && type_same_shape(n->in[0]->type, joined->type) ? joined : NULL;
}

/* May `in`, which `n` reads, be computed in n's loop? */
static bool can_join(const Search *s, const Node *root, const Node *n, const Node *in)
{
    if (s->joins[in->id] && s->joins[in->id] != root) return false;
    if (node_is_elementwise(n) && type_same_shape(in->type, n->type)) return true;
    if (!node_is_elementwise(n)) return type_same_shape(in->type, root->type);
    return s->row[in->id] && is_row(root->type) && is_of_rows(in->type, root->type);
}

static void join(Search *s, Node *root, const Node *n, const Node *in)
{
    const int turn = !node_is_elementwise(n) || n == root ? (int)n->id + 1 : s->turn[n->id];
    s->joins[in->id] = root;
    if (!type_same_shape(in->type, root->type)) return;
    s->turn[in->id] = s->turn[in->id] == 0 || s->turn[in->id] == turn ? turn : SEVERAL;
}

static void visit(Search *s, Node *n)
{
    Node *const root = root_of(s, n);
    if (root) {
        s->nodes[n->id].root = root;
        s->nodes[root->id].first = n->id;
        s->nodes[root->id].reduces |= !type_same_shape(n->type, root->type);
    }
    for (int k = 0; k < n->nin; k++) {
        Node *in = n->in[k];
        if (is_inline_leaf(in) && node_is_elementwise(n)) continue;
        if (root && can_join(s, root, n, in)) join(s, root, n, in);
        else s->alone[in->id] = true;
    }
}

void plan_loops(Arena *a, const Program *p, const IrFunction *f, NodePlan *nodes)
{
    const size_t count = f->nodes.len + 1;
    Search s = {p, f, nodes, arena_array(a, Node *, count), arena_array(a, bool, count), arena_array(a, bool, count), arena_array(a, int, count)};
    find_rows(&s);
    for (size_t i = 0; i < f->results.len; i++) s.alone[f->results.at[i]->id] = true;
    for (size_t i = f->nodes.len; i-- > 0;) visit(&s, f->nodes.at[i]);
    /* A constant that something else than a loop reads needs memory. */
    for (size_t i = 0; i < f->nodes.len; i++) {
        if (is_inline_leaf(f->nodes.at[i])) nodes[i].home = s.alone[i] ? HOME_NONE : HOME_INLINE;
    }
}

/* Homes are chosen for each layout of an owner, so that the graph itself stays as it is. */
void pass_reductions(PassContext *cx)
{
    cx->program->reductions = true;
}
