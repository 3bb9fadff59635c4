/* sigmoid(x) * tanh(y), what the gates of recurrent layers let through, as one operation: each of both ends in a division, which takes a
 * processor as long as ten additions, and together they need but one. */
#include "passes.h"

/* The operation, in float32 and of the shape of the product `n`, if it is input k and nothing else reads it. */
static Node *read_once(const int *uses, const Node *n, int k, Opcode code)
{
    Node *in = n->in[k];
    if (in->kind != NODE_OP || in->as.op.code != code || uses[in->id] != 1) return NULL;
    return in->type.dtype == DT_FLOAT32 && type_same_shape(in->type, n->type) ? in : NULL;
}

static void fuse(const int *uses, Node *n)
{
    if (n->kind != NODE_OP || n->as.op.code != OPC_multiply) return;
    for (int k = 0; k < 2; k++) {
        const Node *sigmoid = read_once(uses, n, k, OPC_sigmoid), *tanh = read_once(uses, n, 1 - k, OPC_tanh);
        if (!sigmoid || !tanh) continue;
        n->as.op.code = OPC_sigmoid_tanh;
        n->in[0] = sigmoid->in[0];
        n->in[1] = tanh->in[0];
        return;
    }
}

/* requires ids; ensures no product of a sigmoid and a tanh that are used once; leaves both dead */
void pass_gates(PassContext *cx)
{
    for (size_t i = 0; i < cx->program->functions.len; i++) {
        IrFunction *f = cx->program->functions.at[i];
        const int  *uses = ir_uses(cx->arena, f);
        for (size_t k = 0; k < f->nodes.len; k++) fuse(uses, f->nodes.at[k]);
    }
}
