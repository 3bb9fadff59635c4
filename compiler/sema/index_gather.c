/* Integer tensors as indices. One gathers along its axis. Several are broadcast against each other and choose together: their
 * axes become one, and their values positions in it. Where the axes of the result go is NumPy's rule: to the place of the
 * first index, or to the front if something other than ints and tensors stands between the indices. */
#include "index.h"

/* The values with negative ones counted from the end; one that is out of range stops the program, as in any gather. */
static Node *position(Cx *cx, const Gather *g, const Dim *size, Span span)
{
    const Attr  attrs[] = {attr_int(cx, 0), attr_int(cx, 1)};
    Node *const places  = trace_op(cx, OPC_range_dim, make_type(cx, DT_INT64, &size, 1), NULL, 0, attrs, span);
    return take_axis(cx, places, g->indices, 0, span);
}

/* Row-major positions in the axes of all gathers taken as one. */
static Node *positions(Cx *cx, Work *w, Span span)
{
    Value sum = VALUE_NONE;
    for (size_t i = 0; i < w->gathers.len; i++) {
        const Gather *g    = &w->gathers.at[i];
        const Dim    *size = w->node->type.dims[g->axis];
        const Value   next = tensor_value(cx, position(cx, g, size, span));
        if (i == 0) {
            sum = next;
            continue;
        }
        const Value scale = tensor_value(cx, node_dim(cx, size, span));
        sum = tensor_binary(cx, OPC_multiply, sum, scale, span, span, span);
        sum = tensor_binary(cx, OPC_add, sum, next, span, span, span);
        if (is_error(sum)) return NULL;
    }
    return sum.as.tensor->node;
}

/* Brings the gathers' axes behind each other to `at`. */
static Node *bring_together(Cx *cx, const Work *w, int at, Span span)
{
    const int rank = w->node->type.rank, many = (int)w->gathers.len;
    int      *perm = arena_array(cx->arena, int, (size_t)rank + 1);
    for (int i = 0, place = 0, next = 0; i < rank; i++) {
        if (next < many && w->gathers.at[next].axis == i) {
            perm[at + next++] = i;
            continue;
        }
        if (place == at) place += many;
        perm[place++] = i;
    }
    return transpose(cx, w->node, perm, span);
}

static Node *merge_axes(Cx *cx, Node *n, int at, int many, Span span)
{
    const int   rank = n->type.rank - many + 1;
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)rank);
    for (int i = 0; i < rank; i++) dims[i] = n->type.dims[i < at ? i : i + many - 1];
    dims[at] = dims_product(cx, n->type.dims + at, many);
    return dims[at] ? reshape(cx, n, dims, rank, span) : NULL;
}

static bool shapes_agree(Cx *cx, const Work *w, Span span)
{
    const int   many  = (int)w->gathers.len;
    Type       *types = arena_array(cx->arena, Type, (size_t)many);
    Span       *spans = arena_array(cx->arena, Span, (size_t)many);
    for (int i = 0; i < many; i++) {
        types[i] = w->gathers.at[i].indices->type;
        spans[i] = w->gathers.at[i].span;
    }
    Type out;
    return broadcast_shapes(cx, types, spans, many, span, "the indices", &out);
}

void apply_gathers(Cx *cx, Work *w, Span span)
{
    const int many = (int)w->gathers.len;
    const int at   = w->scattered ? 0 : w->gathers.at[0].axis;
    Node     *indices = many == 1 ? w->gathers.at[0].indices : shapes_agree(cx, w, span) ? positions(cx, w, span) : NULL;
    Node     *x       = indices ? bring_together(cx, w, at, span) : NULL;
    if (x && many > 1) x = merge_axes(cx, x, at, many, span);
    w->ok   = x != NULL;
    if (x) w->node = take_axis(cx, x, indices, at, span);
}
