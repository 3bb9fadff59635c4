/* Loops over steps, and whole models, whose rows do not depend on each other.
 *
 * The states of a recurrent layer have a row for each sample. Where all that a step computes for a row comes from the same row, and
 * from what all rows share, such as weights, threads may each take some of the rows through all steps: they meet once for the
 * loop, not in each step. The body is then called with fewer rows than there are, so their number must count rows, and nothing else. */
#include "fixed.h"
#include "plan.h"

#include "../sema/instance.h"

typedef struct Mention {
    int  id;
    bool found;
} Mention;

static void compare(int id, void *user)
{
    Mention *m = user;
    m->found |= id == m->id;
}

static bool mentions(const Dim *d, int id)
{
    Mention m = {id, false};
    dim_each_symbol(d, compare, &m);
    return m.found;
}

/* Is axis 0 the rows? */
static bool counts_rows(Type t, int id)
{
    return t.rank > 0 && dim_symbol_id(t.dims[0]) == id;
}

static void compare_not(int id, void *user)
{
    Mention *m = user;
    m->found |= id != m->id;
}

/* A number times the rows? */
static bool is_multiple(const Dim *d, int id)
{
    const int64_t few = 1, many = 1000003;
    int64_t       each, all;
    Mention       others = {id, false};
    dim_each_symbol(d, compare_not, &others);
    if (others.found || !dim_eval_from(d, &few, id, 1, &each)) return false;
    return dim_eval_from(d, &many, id, 1, &all) && all / many == each && all % many == 0 && each > 0;
}

/* Is axis 0 the rows, or so many for each of them: do a row's elements lie side by side, in the order of the rows? */
static bool has_rows(Type t, int id)
{
    return counts_rows(t, id) || (t.rank > 0 && is_multiple(t.dims[0], id));
}

/* The number of rows is that of axis 0, or is nowhere in the type. */
static bool is_apart(Type t, int id)
{
    for (int i = has_rows(t, id); i < t.rank; i++) {
        if (mentions(t.dims[i], id)) return false;
    }
    return true;
}

static bool any_rows(const Node *n, int id)
{
    for (int k = 0; k < n->nin; k++) {
        if (has_rows(n->in[k]->type, id)) return true;
    }
    return false;
}

static bool attributes_mention(const Node *n, int id)
{
    for (int i = 0; i < node_attr_count(n); i++) {
        const Attr *attr = &n->as.op.attrs[i];
        for (int k = 0; attr->dims && k < attr->count; k++) {
            if (mentions(attr->dims[k], id)) return true;
        }
    }
    return false;
}

static int64_t attribute(const Node *n, int which, int k)
{
    return fixed_size(n->as.op.attrs[which].dims[k]);
}

/* What stands against the rows has rows, too, or is the same for all. */
static bool broadcasts_by_rows(const Node *n, int id)
{
    for (int k = 0; k < n->nin; k++) {
        const Type t = n->in[k]->type;
        if (t.rank == n->type.rank && !has_rows(t, id) && fixed_size(t.dims[0]) != 1) return false;
    }
    return true;
}

static bool multiplies_by_rows(const Node *n, int id)
{
    enum { TRANSPOSE_A };
    const Type a = n->in[0]->type, b = n->in[1]->type;
    if (a.rank != n->type.rank || !has_rows(a, id)) return false;
    if (n->type.rank == 2) return attribute(n, TRANSPOSE_A, 0) == 0 && !has_rows(b, id);
    return has_rows(b, id) ? b.rank == n->type.rank : b.rank < n->type.rank || fixed_size(b.dims[0]) == 1;
}

static bool all_have_rows(const Node *n, int id)
{
    for (int k = 0; k < n->nin; k++) {
        if (!has_rows(n->in[k]->type, id)) return false;
    }
    return true;
}

/* The inputs from number `from` on have rows, or are the same for all. */
static bool others_fit(const Node *n, int from, int id)
{
    for (int k = from; k < n->nin; k++) {
        const Type t = n->in[k]->type;
        if (t.rank == n->type.rank && !has_rows(t, id) && fixed_size(t.dims[0]) != 1) return false;
        if (t.rank < n->type.rank && has_rows(t, id)) return false;
    }
    return true;
}

/* With three axes or fewer, the first may be that of positions. */
static bool attends_by_rows(const Node *n, int id)
{
    for (int k = 0; k < 3; k++) {
        if (n->in[k]->type.rank < 4 || !has_rows(n->in[k]->type, id)) return false;
    }
    return others_fit(n, 3, id);
}

static bool takes_by_rows(const Node *n, int id)
{
    enum { AXIS };
    const bool from = has_rows(n->in[0]->type, id), at = has_rows(n->in[1]->type, id);
    return attribute(n, AXIS, 0) > 0 ? from && !at : !from && at;
}

/* An operation whose result has rows. Those that are not known to work by rows don't. */
static bool works_by_rows(const Node *n, int id)
{
    enum { AXIS = 0, START = 0, STEP = 1, LOW = 0, HIGH = 1 };
    if (node_is_elementwise(n)) return broadcasts_by_rows(n, id);
    switch (n->as.op.code) {
    case OPC_reshape:
    case OPC_max_pool:
    case OPC_average_pool: return all_have_rows(n, id);
    case OPC_conv:
    case OPC_conv_packed:
    case OPC_conv_winograd:
    case OPC_conv_transpose:
    case OPC_matmul_packed:
    case OPC_matmul_8bit: return has_rows(n->in[0]->type, id) && !has_rows(n->in[1]->type, id);
    case OPC_matmul: return multiplies_by_rows(n, id);
    case OPC_attention: return attends_by_rows(n, id);
    case OPC_take: return takes_by_rows(n, id);
    case OPC_pad: return has_rows(n->in[0]->type, id) && attribute(n, LOW, 0) == 0 && attribute(n, HIGH, 0) == 0 && others_fit(n, 1, id);
    case OPC_strided_slice:
        return all_have_rows(n, id) && n->type.dims[0] == n->in[0]->type.dims[0] && attribute(n, START, 0) == 0 && attribute(n, STEP, 0) == 1;
    case OPC_transpose: return all_have_rows(n, id) && attribute(n, AXIS, 0) == 0;
    case OPC_concatenate:
    case OPC_softmax:
    case OPC_log_softmax: return all_have_rows(n, id) && attribute(n, AXIS, 0) > 0;
    case OPC_sum:
    case OPC_mean:
    case OPC_max:
    case OPC_min:
        return all_have_rows(n, id) && attribute(n, AXIS, 0) == 0; /* a flag for each axis */
    default: return false;
    }
}

static bool function_by_rows(const IrFunction *f, int id);

int rows_inside(const Node *call, int id)
{
    const IrFunction *callee = node_callee(call);
    int               inside = -1;
    for (int k = 0; k < callee->nsymbols; k++) {
        if (!mentions(node_symbols(call)[k], id)) continue;
        if (inside >= 0 || dim_symbol_id(node_symbols(call)[k]) != id) return ROWS_MIXED;
        inside = dim_symbol_id(callee->symbols[k]);
    }
    return inside;
}

/* A call, or a loop over equal layers. */
static bool call_by_rows(const Node *call, int id)
{
    const IrFunction *callee = node_callee(call);
    const int         inside = rows_inside(call, id);
    if (inside == ROWS_MIXED) return false;
    if (inside < 0) return !any_rows(call, id);
    for (int k = 0; k < call->nin; k++) {
        if (has_rows(call->in[k]->type, id) != has_rows(callee->params.at[k]->type, inside)) return false;
    }
    return function_by_rows(callee, inside);
}

static bool node_by_rows(const Node *n, int id)
{
    if (node_has_value(n) && !is_apart(n->type, id)) return false;
    switch (n->kind) {
    case NODE_PARAM:
    case NODE_CONST:
    case NODE_RESULT: return true;
    case NODE_VARIABLE: return !has_rows(n->type, id) && !n->as.variable.variable->assigned;
    case NODE_DIM: return !mentions(n->as.dim, id);
    case NODE_CHECK: return !mentions(n->as.check.left, id) && !mentions(n->as.check.right, id);
    case NODE_CALL:
    case NODE_LOOP: return call_by_rows(n, id);
    case NODE_OP:
        if (attributes_mention(n, id)) return false;
        return has_rows(n->type, id) ? works_by_rows(n, id) : !any_rows(n, id);
    case NODE_ASSIGN:
    case NODE_SCAN: return false;
    }
    return false;
}

/* Numbers are drawn for the places in the whole. */
static bool function_by_rows(const IrFunction *f, int id)
{
    if (f->draws) return false;
    for (size_t i = 0; i < f->nodes.len; i++) {
        if (!node_by_rows(f->nodes.at[i], id)) return false;
    }
    return true;
}

/* Is it clear where the rows of parameters and results begin, and does each result have some? */
static bool begins_with_rows(const IrFunction *f, int id)
{
    for (size_t i = 0; i < f->params.len; i++) {
        const Type t = f->params.at[i]->type;
        if (has_rows(t, id) && !counts_rows(t, id)) return false;
    }
    for (size_t i = 0; i < f->results.len; i++) {
        if (!counts_rows(f->results.at[i]->type, id)) return false;
    }
    return true;
}

/* Do all carries and outputs have these rows? */
static bool steps_by_rows(const Node *scan, int id)
{
    const IrFunction *body = scan->as.scan.body;
    for (int i = 0; i < scan->as.scan.ncarry; i++) {
        if (!counts_rows(body->params.at[i]->type, id)) return false;
    }
    return id >= 0 && begins_with_rows(body, id) && function_by_rows(body, id);
}

void plan_rows(const Program *p, const IrFunction *f, NodePlan *nodes)
{
    for (size_t i = 0; i < f->nodes.len && p->rows; i++) {
        const Node *n = f->nodes.at[i];
        if (n->kind != NODE_SCAN) continue;
        for (int k = 0; k < n->as.scan.body->nsymbols && nodes[i].rows == 0; k++) {
            if (steps_by_rows(n, dim_symbol_id(n->as.scan.body->symbols[k]))) nodes[i].rows = k + 1;
        }
    }
}

bool rows_apart(const IrFunction *f, int id)
{
    bool any = false;
    for (size_t i = 0; i < f->params.len; i++) any |= counts_rows(f->params.at[i]->type, id);
    return any && begins_with_rows(f, id) && function_by_rows(f, id);
}

/* The graph itself stays as it is. */
void pass_rows(PassContext *cx)
{
    cx->program->rows = true;
    cx->program->steps = dim_symbol(cx->program->dims, "steps");
}
