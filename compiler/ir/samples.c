/* Models whose samples do not depend on each other. */
#include "samples.h"

#include "fixed.h"
#include "plan.h"

/* How many rows of a product one sample has; -1: that comes with the call. */
static int64_t rows_of_sample(const Node *n)
{
    int64_t rows = 1;
    for (int i = 1; i + 1 < n->type.rank; i++) {
        const int64_t size = fixed_size(n->type.dims[i]);
        if (size < 0) return -1;
        rows *= size;
    }
    return rows;
}

/* Bytes of a product's matrix, unless a sample alone has rows enough to make up for reading it. */
static double matrix_of(const Program *p, const Node *n)
{
    enum { ENOUGH = 32 };
    switch (n->as.op.code) {
    case OPC_matmul: case OPC_matmul_packed: case OPC_matmul_8bit: case OPC_conv: case OPC_conv_packed: break;
    default: return 0;
    }
    const int64_t rows = rows_of_sample(n), elements = fixed_elements(p->dims, n->in[1]->type);
    return rows < 0 || rows >= ENOUGH || elements < 0 ? 0 : (double)elements * dtype_size(n->in[1]->type.dtype);
}

static double matrices_of(const Program *p, const IrFunction *f)
{
    double bytes = 0;
    for (size_t i = 0; i < f->nodes.len; i++) {
        const Node *n = f->nodes.at[i];
        if (n->kind == NODE_OP) bytes += matrix_of(p, n);
        else if (n->kind == NODE_CALL) bytes += matrices_of(p, n->as.call.function);
        else if (n->kind == NODE_LOOP) bytes += (double)n->as.loop.count * matrices_of(p, n->as.loop.body);
    }
    return bytes;
}

bool samples_apart(const Program *p, Samples *samples)
{
    for (size_t i = 0; i < p->symbols.len && p->samples; i++) {
        if (!rows_apart(p->main, dim_symbol_id(p->symbols.at[i]))) continue;
        *samples = (Samples){p->symbols.at[i], matrices_of(p, p->main)};
        return true;
    }
    return false;
}

/* The graph itself stays as it is. */
void pass_samples(PassContext *cx)
{
    cx->program->samples = true;
}
