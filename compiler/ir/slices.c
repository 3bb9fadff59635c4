/* Slices that loops read where they are.
 *
 * A `strided_slice` that only loops read needs no copy: the loop's index counts in the whole tensor. Gates of a recurrent cell are
 * such slices of its sums. A slice with steps along its last axis is copied, so that loops read neighbours. */
#include "fixed.h"
#include "plan.h"

enum { START, STEP };

static const Dim *attribute(const Node *slice, int which, int axis)
{
    return slice->as.op.attrs[which].dims[axis];
}

static bool can_stay(const Node *n)
{
    if (n->kind != NODE_OP || n->as.op.code != OPC_strided_slice || n->type.rank == 0 || plan_is_narrow(n->type)) return false;
    return fixed_size(attribute(n, STEP, n->type.rank - 1)) == 1;
}

void plan_slices(Arena *a, const Program *p, const IrFunction *f, NodePlan *nodes)
{
    bool *copied = arena_array(a, bool, f->nodes.len + 1);
    if (!p->slices) return;
    for (size_t i = 0; i < f->results.len; i++) copied[f->results.at[i]->id] = true;
    for (size_t i = 0; i < f->nodes.len; i++) {
        const Node *n = f->nodes.at[i];
        for (int k = 0; k < n->nin && !node_is_elementwise(n); k++) copied[n->in[k]->id] = true;
    }
    for (size_t i = 0; i < f->nodes.len; i++) {
        if (!copied[i] && can_stay(f->nodes.at[i])) nodes[i].home = HOME_SLICE;
    }
}

/* Every inner axis is whole, and its elements are neighbours of the outer one's. */
bool slice_merges(const Node *slice, int outer, int inner)
{
    const Type whole = slice->in[0]->type;
    if (fixed_size(attribute(slice, STEP, outer)) != 1) return false;
    for (int axis = outer + 1; axis <= inner; axis++) {
        if (whole.dims[axis] != slice->type.dims[axis] || fixed_size(attribute(slice, STEP, axis)) != 1) return false;
    }
    return true;
}

static const Dim *stride_of(DimCtx *dims, Type whole, int axis)
{
    return type_elements(dims, (Type){whole.dtype, whole.rank - axis - 1, whole.dims + axis + 1});
}

const Dim *slice_step(DimCtx *dims, const Node *slice, int axis)
{
    return dim_mul(dims, stride_of(dims, slice->in[0]->type, axis), attribute(slice, STEP, axis));
}

const Dim *slice_start(DimCtx *dims, const Node *slice)
{
    const Dim *start = dim_int(dims, 0);
    for (int axis = 0; axis < slice->type.rank; axis++) {
        start = dim_add(dims, start, dim_mul(dims, stride_of(dims, slice->in[0]->type, axis), attribute(slice, START, axis)));
    }
    return start;
}

/* Homes are chosen for each layout of an owner, so that the graph itself stays as it is. */
void pass_slices(PassContext *cx)
{
    cx->program->slices = true;
}
