/* How much a loop over steps has to do: mdl_share_steps asks for it. */
#include "calls.h"
#include "loop.h"

/* All that a call of the function takes, in multiply-adds; NULL: too many for an integer. */
static const Dim *work_of(Body *b, const IrFunction *f)
{
    DimCtx    *dims = b->e->program->dims;
    const Dim *sum = dim_int(dims, 0);
    for (size_t i = 0; i < f->nodes.len && sum; i++) {
        const Node *n = f->nodes.at[i];
        const Dim  *work = NULL;
        if (n->kind == NODE_CALL) {
            const Dim **with = arena_array(b->e->arena, const Dim *, (size_t)dim_symbol_count(dims) + 1);
            const IrFunction *callee = n->as.call.function;
            for (int k = 0; k < callee->nsymbols; k++) with[dim_symbol_id(callee->symbols[k])] = n->as.call.symbols[k];
            work = work_of(b, callee);
            if (work) work = dim_substitute(dims, work, with, dim_symbol_count(dims));
        } else if (n->kind == NODE_OP) {
            const Dim *elements = type_elements(dims, n->type);
            work = kernel_multiplications(b, n);
            if (!work && elements) work = dim_mul(dims, elements, dim_int(dims, loop_cost(n)));
        } else {
            continue;
        }
        sum = work ? dim_add(dims, sum, work) : NULL;
    }
    return sum;
}

const char *work_of_steps(Body *b, const Node *scan)
{
    DimCtx     *dims = b->e->program->dims;
    const IrFunction *body = scan->as.scan.body;
    const Dim **with = arena_array(b->e->arena, const Dim *, (size_t)dim_symbol_count(dims) + 1), *work = work_of(b, body);
    for (int k = 0; k < body->nsymbols; k++) with[dim_symbol_id(body->symbols[k])] = scan->as.scan.symbols[k];
    if (work) work = dim_substitute(dims, work, with, dim_symbol_count(dims));
    if (work) work = dim_mul(dims, work, scan->as.scan.length);
    return work ? arena_printf(b->e->arena, "(double)(%s)", c_dim(&b->symbols, work, false)) : "1e18";
}
