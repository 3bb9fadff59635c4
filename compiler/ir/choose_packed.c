/* Products with fixed matrices read them in panels, which `prepare` makes once: packing them at every call takes as long as some
 * dozen rows of the product. */
#include <mdl/mdl_product.h>

#include "fixed.h"

enum {
    LEAST_COLUMNS = 8,  /* fewer would be mostly padding */
    LEAST_DEPTH = 4,
    FEW_CHANNELS = 4    /* of an image: what is gathered for them costs more than packing */
};

static bool is_large(int64_t depth, int64_t columns)
{
    return depth >= LEAST_DEPTH && columns >= LEAST_COLUMNS;
}

static bool packs_matmul(const Node *n)
{
    enum { TRANSPOSE_A, TRANSPOSE_B };
    const Attr       *attrs = n->as.op.attrs;
    const Dim *const *matrix = n->in[1]->type.dims;
    if (n->in[1]->type.rank != 2 || fixed_size(attrs[TRANSPOSE_A].dims[0]) != 0) return false;
    const bool transposed = fixed_size(attrs[TRANSPOSE_B].dims[0]) != 0;
    return is_large(fixed_size(matrix[transposed]), fixed_size(matrix[!transposed]));
}

static bool packs_conv(const Node *n)
{
    enum { STRIDES, DILATIONS, LOW, HIGH, GROUPS };
    const Type kernel = n->in[1]->type;
    if (fixed_size(n->as.op.attrs[GROUPS].dims[0]) != 1) return false;
    return fixed_size(kernel.dims[kernel.rank - 2]) > FEW_CHANNELS && is_large(fixed_size(kernel.dims[kernel.rank - 2]), fixed_size(kernel.dims[kernel.rank - 1]));
}

static bool can_pack(const Node *n, const bool *fixed)
{
    if (n->kind != NODE_OP || n->type.dtype != DT_FLOAT32 || n->nin != 2 || !fixed[n->in[1]->id] || fixed[n->in[0]->id]) return false;
    if (n->as.op.code == OPC_matmul) return packs_matmul(n);
    return n->as.op.code == OPC_conv && packs_conv(n);
}

static bool is_transposed(const Node *product)
{
    return product->as.op.code == OPC_matmul && fixed_size(product->as.op.attrs[1].dims[0]) != 0;
}

/* The matrix in panels. */
static Node *make_panels(PassContext *cx, const Node *product)
{
    Node        *matrix = product->in[1];
    const int    rank = matrix->type.rank;
    const bool   transposed = is_transposed(product);
    const Dim  **dims = arena_array(cx->arena, const Dim *, (size_t)rank);
    const int64_t columns = fixed_size(product->type.dims[product->type.rank - 1]);
    for (int i = 0; i < rank; i++) dims[i] = matrix->type.dims[i];
    if (transposed) dims[0] = matrix->type.dims[1];
    dims[rank - 1] = dim_int(cx->program->dims, (columns + MDL_SMALL_STEP - 1) / MDL_SMALL_STEP * MDL_SMALL_STEP);
    Node *n = node_unary(cx->arena, OPC_pack_columns, (Type){DT_FLOAT32, rank, dims}, matrix);
    n->layer = product->layer;
    Attr *attrs = arena_array(cx->arena, Attr, 1);
    attrs[0] = ir_attr_int(cx->arena, cx->program->dims, transposed);
    n->as.op.attrs = attrs;
    return n;
}

static void convert(PassContext *cx, Node *product, Node *panels)
{
    Node **in = arena_array(cx->arena, Node *, 2);
    in[0] = product->in[0];
    in[1] = panels;
    product->in = in;
    product->as.op.code = product->as.op.code == OPC_matmul ? OPC_matmul_packed : OPC_conv_packed; /* conv's first attributes stay */
}

/* requires ids, legalize, winograd; ensures that a product with a fixed matrix reads it in panels, which are fixed values */
void pass_pack(PassContext *cx)
{
    for (size_t i = 0; i < cx->program->functions.len; i++) {
        IrFunction *f = cx->program->functions.at[i];
        const bool *fixed = fixed_values(cx, f);
        Node      **panels = arena_array(cx->arena, Node *, 2 * f->nodes.len + 1); /* by id, and as it is or transposed */
        NodeVec     out = {0};
        for (size_t k = 0; k < f->nodes.len; k++) {
            Node *n = f->nodes.at[k];
            if (can_pack(n, fixed)) {
                Node **known = &panels[2 * n->in[1]->id + is_transposed(n)];
                if (!*known) vec_push(cx->arena, &out, *known = make_panels(cx, n));
                convert(cx, n, *known);
            }
            vec_push(cx->arena, &out, n);
        }
        f->nodes = out;
    }
}
