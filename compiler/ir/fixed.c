#include "fixed.h"

int64_t fixed_size(const Dim *d)
{
    int64_t size = -1;
    dim_is_int(d, &size);
    return size;
}

int64_t fixed_elements(DimCtx *dims, Type t)
{
    int64_t    count;
    const Dim *elements = type_elements(dims, t);
    for (int i = 0; i < t.rank; i++) {
        if (!dim_is_int(t.dims[i], &count)) return -1;
    }
    return elements && dim_is_int(elements, &count) ? count : -1;
}

static bool is_assigned(PassContext *cx, Layout *layout, Path path)
{
    LayoutPath found = {0};
    Layout    *to;
    return !layout_find(cx->arena, layout, path, &found, &to) || found.len == 0 || found.at[found.len - 1].part->assigned;
}

static bool attributes_are_numbers(const Node *n)
{
    int64_t number;
    for (int i = 0; i < node_attr_count(n); i++) {
        const Attr *attr = &n->as.op.attrs[i];
        for (int k = 0; k < attr->count; k++) {
            if (!dim_is_int(attr->dims[k], &number)) return false;
        }
    }
    return true;
}

static bool is_fixed(PassContext *cx, Layout *layout, const bool *fixed, const Node *n)
{
    int64_t number;
    if (!node_has_value(n) || fixed_elements(cx->program->dims, n->type) < 0) return false;
    switch (n->kind) {
    case NODE_CONST: return true;
    case NODE_DIM: return dim_is_int(n->as.dim, &number);
    case NODE_VARIABLE: return !is_assigned(cx, layout, n->as.variable.path);
    case NODE_OP: break;
    default: return false;
    }
    if (n->as.op.code == OPC_random_uniform || n->as.op.code == OPC_random_normal || !attributes_are_numbers(n)) return false;
    for (int k = 0; k < n->nin; k++) {
        if (!fixed[n->in[k]->id]) return false;
    }
    return true;
}

bool *fixed_values(PassContext *cx, const IrFunction *f)
{
    bool   *fixed = arena_array(cx->arena, bool, f->nodes.len + 1);
    Layout *layout = f->owner ? layout_of(cx->layouts, f->owner) : NULL;
    for (size_t i = 0; layout && i < f->nodes.len; i++) fixed[i] = is_fixed(cx, layout, fixed, f->nodes.at[i]);
    return fixed;
}
