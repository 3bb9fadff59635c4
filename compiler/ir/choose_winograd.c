/* Chooses Winograd's way for convolutions with fixed filters of 3 x 3, where it pays: enough channels and filters, and filters
 * that, transformed, still fit into cache. With large tiles they grow to four times their size, so that those of the deep layers, which
 * see small images, get small tiles. */
#include "fixed.h"

enum {
    LEAST = 16,               /* channels, and filters: with fewer, transforms cost more than they save */
    STEP = 16,                /* filters are padded to a multiple of it */
    LARGE_TILES = 256 * 256,  /* channels * filters up to which tiles are 4 x 4 */
    MOST_CHANNELS = 512, LEAST_PIXELS = 12 /* of the output, along an axis: fewer leave too much of a large tile empty */
};

static bool all_are(const Attr *attr, int64_t value)
{
    for (int i = 0; i < attr->count; i++) {
        if (fixed_size(attr->dims[i]) != value) return false;
    }
    return true;
}

/* The outputs of a tile along an axis; 0: another way is better, or the only one. */
static int64_t tile_for(const Node *n, const bool *fixed)
{
    enum { STRIDES, DILATIONS, LOW, HIGH, GROUPS }; /* the attributes of conv */
    if (n->kind != NODE_OP || n->as.op.code != OPC_conv || n->type.dtype != DT_FLOAT32 || n->type.rank != 4 || !fixed[n->in[1]->id]) return 0;
    const Attr       *attrs = n->as.op.attrs;
    const Dim *const *kernel = n->in[1]->type.dims;
    const int64_t     channels = fixed_size(kernel[2]), filters = fixed_size(kernel[3]);
    if (fixed_size(kernel[0]) != 3 || fixed_size(kernel[1]) != 3 || channels < LEAST || filters < LEAST || channels > MOST_CHANNELS) return 0;
    if (!all_are(&attrs[STRIDES], 1) || !all_are(&attrs[DILATIONS], 1) || !all_are(&attrs[GROUPS], 1)) return 0;
    for (int i = 0; i < 2; i++) {
        if (fixed_size(attrs[LOW].dims[i]) < 0 || fixed_size(attrs[HIGH].dims[i]) < 0) return 0;
    }
    const int64_t height = fixed_size(n->type.dims[1]), width = fixed_size(n->type.dims[2]);
    const bool    small = (height >= 0 && height < LEAST_PIXELS) || (width >= 0 && width < LEAST_PIXELS);
    return channels * filters <= LARGE_TILES && !small ? 4 : 2;
}

/* The transformed filters. */
static Node *make_filters(PassContext *cx, const Node *conv, int64_t tile)
{
    Node        *kernel = conv->in[1];
    const Dim  **dims = arena_array(cx->arena, const Dim *, 4);
    Attr        *attrs = arena_array(cx->arena, Attr, 1);
    dims[0] = dims[1] = dim_int(cx->program->dims, tile + 2);
    dims[2] = kernel->type.dims[2];
    dims[3] = dim_int(cx->program->dims, (fixed_size(kernel->type.dims[3]) + STEP - 1) / STEP * STEP);
    Node *n = node_unary(cx->arena, OPC_winograd_filters, (Type){DT_FLOAT32, 4, dims}, kernel);
    n->layer = conv->layer;
    attrs[0] = ir_attr_int(cx->arena, cx->program->dims, tile);
    n->as.op.attrs = attrs;
    return n;
}

static void convert(PassContext *cx, Node *conv, Node *filters, int64_t tile)
{
    Attr  *attrs = arena_array(cx->arena, Attr, 3);
    Node **in = arena_array(cx->arena, Node *, 2);
    attrs[0] = conv->as.op.attrs[2];
    attrs[1] = conv->as.op.attrs[3];
    attrs[2] = ir_attr_int(cx->arena, cx->program->dims, tile);
    in[0] = conv->in[0];
    in[1] = filters;
    conv->in = in;
    conv->as.op.code = OPC_conv_winograd;
    conv->as.op.attrs = attrs;
}

/* requires ids, legalize; ensures that a convolution that is faster in Winograd's way goes it; its filters are fixed values */
void pass_winograd(PassContext *cx)
{
    for (size_t i = 0; i < cx->program->functions.len; i++) {
        IrFunction *f = cx->program->functions.at[i];
        const bool *fixed = fixed_values(cx, f);
        NodeVec     out = {0};
        for (size_t k = 0; k < f->nodes.len; k++) {
            Node         *n = f->nodes.at[k];
            const int64_t tile = tile_for(n, fixed);
            if (tile > 0) {
                Node *filters = make_filters(cx, n, tile);
                vec_push(cx->arena, &out, filters);
                convert(cx, n, filters, tile);
            }
            vec_push(cx->arena, &out, n);
        }
        f->nodes = out;
    }
}
