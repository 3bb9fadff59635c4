/* The table of operations: each callable row of ops.def with its builder. */
#include "ops.h"


static OpBuilder *const builders[OPC_COUNT] = {
    [OPC_reshape] = build_reshape,
    [OPC_transpose] = build_transpose,
    [OPC_concatenate] = build_concatenate,
    [OPC_stack] = build_stack,
    [OPC_unstack] = build_unstack,
    [OPC_split] = build_split,
    [OPC_expand_dims] = build_expand_dims,
    [OPC_squeeze] = build_squeeze,
    [OPC_broadcast_to] = build_broadcast_to,
    [OPC_moveaxis] = build_moveaxis,
    [OPC_swapaxes] = build_swapaxes,
    [OPC_flip] = build_flip,
    [OPC_pad] = build_pad,
    [OPC_take] = build_take,
    [OPC_take_along_axis] = build_take_along_axis,
    [OPC_slice] = build_slice,
    [OPC_slice_update] = build_slice_update,
    [OPC_arange] = build_arange,
    [OPC_zeros] = build_zeros,
    [OPC_ones] = build_ones,
    [OPC_full] = build_full,
    [OPC_shape] = build_shape,
    [OPC_where] = build_where,
    [OPC_cast] = build_cast,
    [OPC_logical_and] = build_logical,
    [OPC_logical_or] = build_logical,
    [OPC_logical_xor] = build_logical,
    [OPC_logical_not] = build_logical_not,
    [OPC_round] = build_round,
    [OPC_true_divide] = build_true_divide,
    [OPC_sum] = build_reduce,
    [OPC_prod] = build_reduce,
    [OPC_mean] = build_reduce,
    [OPC_max] = build_reduce,
    [OPC_min] = build_reduce,
    [OPC_any] = build_reduce,
    [OPC_all] = build_reduce,
    [OPC_argmax] = build_argextreme,
    [OPC_argmin] = build_argextreme,
    [OPC_cumsum] = build_cumulate,
    [OPC_cumprod] = build_cumulate,
    [OPC_sort] = build_sort,
    [OPC_argsort] = build_argsort,
    [OPC_softmax] = build_softmax,
    [OPC_log_softmax] = build_softmax,
    [OPC_matmul] = build_matmul,
    [OPC_dot] = build_dot,
    [OPC_tensordot] = build_tensordot,
    [OPC_einsum] = build_einsum,
    [OPC_conv] = build_conv,
    [OPC_conv_transpose] = build_conv_transpose,
    [OPC_depthwise_conv] = build_depthwise_conv,
    [OPC_max_pool] = build_pool,
    [OPC_average_pool] = build_pool,
    [OPC_dft] = build_dft,
    [OPC_cholesky_lower] = build_cholesky_lower,
    [OPC_lu_packed] = build_lu_packed,
    [OPC_triangular_solve] = build_triangular_solve,
    [OPC_qr_packed] = build_qr_packed,
    [OPC_svd_rows] = build_svd_rows,
    [OPC_eigh_rows] = build_eigh_rows,
    [OPC_scatter_update] = build_scatter_update,
    [OPC_view] = build_view,
    [OPC_searchsorted] = build_searchsorted,
};

static OpBuilder *builder_of(Opcode code)
{
    if (builders[code]) return builders[code];
    switch (op_table[code].cls) {
    case CLASS_UNARY: return build_unary;
    case CLASS_BINARY:
    case CLASS_COMPARE: return build_binary;
    case CLASS_SELECT:
    case CLASS_CAST:
    case CLASS_KERNEL:
    case CLASS_VIEW:
    case CLASS_COMPOSED: break;
    }
    return NULL;
}

void operations_register(Cx *cx)
{
    Builtin *rows = arena_array(cx->arena, Builtin, OPC_COUNT);
    for (int i = 0; i < OPC_COUNT; i++) {
        const OpInfo *op = &op_table[i];
        if (!*op->signature) continue;
        rows[i] = (Builtin){op->name, op->signature, builder_of((Opcode)i), (Opcode)i, true, false};
        if (!rows[i].run) BUG("the operation `%s` has no builder", op->name);
        table_add(cx, &cx->op_functions, &rows[i]);
    }
    random_register(cx);
}
