/* Zeros around an image become the padding of the convolution that alone reads them, which puts them nowhere: a `pad` writes the whole
 * image again. Around what is not negative they become the padding of a maximum. */
#include "fixed.h"

enum { LOW_OF_PAD, HIGH_OF_PAD, MODE };
enum { SPACE = 3 }; /* axes, at most */

/* Where the attributes of a window stand. */
typedef struct Window {
    int     low, high;    /* of its attributes; `high` -1: what lies behind follows from the sizes */
    int64_t reach[SPACE]; /* the most padding with which each window still lies over an element of the input */
} Window;

static bool is_zero(const Node *n)
{
    return n->kind == NODE_CONST && (dtype_is_float(n->type.dtype) ? n->as.literal.real == 0 : n->as.literal.integer == 0);
}

/* Pads with zeros, and only along the axes between the first and the last. */
static bool pads_space(const Node *n)
{
    if (n->kind != NODE_OP || n->as.op.code != OPC_pad || fixed_size(n->as.op.attrs[MODE].dims[0]) != 0) return false;
    if (n->nin == 2 && !is_zero(n->in[1])) return false;
    const int rank = n->type.rank;
    if (rank < 3 || rank > 2 + SPACE) return false;
    for (int i = 0; i < rank; i++) {
        const int64_t low = fixed_size(n->as.op.attrs[LOW_OF_PAD].dims[i]), high = fixed_size(n->as.op.attrs[HIGH_OF_PAD].dims[i]);
        const bool    outer = i == 0 || i == rank - 1;
        if (low < 0 || high < 0 || (outer && low + high != 0)) return false;
    }
    return true;
}

/* relu, relu6 and the like: a maximum with something that is not negative, perhaps below a minimum that isn't either. */
static bool is_not_negative(const Node *n)
{
    if (n->kind != NODE_OP || n->nin != 2) return false;
    const Node *bound = n->in[1];
    if (bound->kind != NODE_CONST || !dtype_is_float(bound->type.dtype) || !(bound->as.literal.real >= 0)) return false;
    return n->as.op.code == OPC_maximum || (n->as.op.code == OPC_minimum && is_not_negative(n->in[0]));
}

static void find_conv(const Node *n, Window *w)
{
    enum { STRIDES, DILATIONS, LOW, HIGH };
    *w = (Window){.low = LOW, .high = HIGH};
    for (int i = 0; i + 2 < n->type.rank; i++) {
        w->reach[i] = (fixed_size(n->in[1]->type.dims[i]) - 1) * fixed_size(n->as.op.attrs[DILATIONS].dims[i]);
    }
}

static void find_pool(const Node *n, Window *w)
{
    enum { SIZE, STRIDES, LOW };
    *w = (Window){.low = LOW, .high = -1};
    for (int i = 0; i + 2 < n->type.rank; i++) w->reach[i] = fixed_size(n->as.op.attrs[SIZE].dims[i]) - 1;
}

static bool find_window(const Node *n, const Node *pad, Window *w)
{
    if (n->kind != NODE_OP || n->in[0] != pad || n->type.rank != pad->type.rank) return false;
    if (n->as.op.code == OPC_conv) find_conv(n, w);
    else if (n->as.op.code == OPC_max_pool && is_not_negative(pad->in[0])) find_pool(n, w);
    else return false;
    return true;
}

/* The sum of the two paddings, if each window still lies over the input. `side` -1: of the pad's alone. */
static bool add_padding(PassContext *cx, const Node *n, int side, const Node *pad, int side_of_pad, const Window *w, Attr *sum)
{
    const int    space = n->type.rank - 2;
    const Dim **dims = arena_array(cx->arena, const Dim *, SPACE);
    for (int i = 0; i < space; i++) {
        const int64_t outer = fixed_size(pad->as.op.attrs[side_of_pad].dims[i + 1]);
        const int64_t inner = side < 0 ? 0 : fixed_size(n->as.op.attrs[side].dims[i]);
        if (inner < 0 || outer + inner > w->reach[i]) return false;
        dims[i] = dim_int(cx->program->dims, outer + inner);
    }
    *sum = (Attr){.dims = dims, .count = space};
    return true;
}

static void try_fold(PassContext *cx, Node *n, const Node *pad)
{
    Window w;
    Attr   low, high;
    if (!find_window(n, pad, &w) || !add_padding(cx, n, w.low, pad, LOW_OF_PAD, &w, &low) ||
        !add_padding(cx, n, w.high, pad, HIGH_OF_PAD, &w, &high)) return;
    const int count = node_attr_count(n);
    Attr     *attrs = arena_array(cx->arena, Attr, (size_t)count);
    for (int i = 0; i < count; i++) attrs[i] = n->as.op.attrs[i];
    attrs[w.low] = low;
    if (w.high >= 0) attrs[w.high] = high;
    n->as.op.attrs = attrs;
    n->in[0] = pad->in[0];
}

/* requires ids; ensures that no convolution alone reads zeros put around an image, as far as its windows reach; leaves them dead */
void pass_fold_padding(PassContext *cx)
{
    for (size_t i = 0; i < cx->program->functions.len; i++) {
        IrFunction *f = cx->program->functions.at[i];
        const int  *uses = ir_uses(cx->arena, f);
        for (size_t k = 0; k < f->nodes.len; k++) {
            Node *n = f->nodes.at[k];
            if (n->nin > 0 && uses[n->in[0]->id] == 1 && pads_space(n->in[0])) try_fold(cx, n, n->in[0]);
        }
    }
}
