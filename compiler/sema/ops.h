/* The builders of operations, one for each callable row of ops.def: from arguments to nodes. */
#ifndef MDLC_OPS_H
#define MDLC_OPS_H

#include "cx.h"

typedef Value OpBuilder(Cx *cx, const BCall *c);

/* ops_shape.c */
OpBuilder build_reshape, build_transpose, build_concatenate, build_stack, build_unstack, build_split, build_expand_dims, build_squeeze,
    build_broadcast_to, build_moveaxis, build_swapaxes, build_flip, build_pad, build_take, build_take_along_axis, build_slice,
    build_slice_update, build_arange, build_zeros, build_ones, build_full, build_shape;
/* ops_math.c */
OpBuilder build_unary, build_binary, build_where, build_cast, build_logical, build_logical_not, build_reduce, build_argextreme, build_cumulate, build_sort,
    build_argsort, build_softmax, build_round, build_true_divide;
/* ops_linear.c */
OpBuilder build_matmul, build_dot, build_tensordot, build_einsum;
/* ops_conv.c */
OpBuilder build_conv, build_conv_transpose, build_depthwise_conv, build_pool;
/* ops_random.c */
OpBuilder build_random_normal, build_random_uniform;
void random_register(Cx *cx);

/* ops_algebra.c */
OpBuilder build_dft, build_cholesky_lower, build_lu_packed, build_triangular_solve, build_qr_packed, build_svd_rows, build_eigh_rows;
/* ops_places.c */
OpBuilder build_scatter_update, build_view, build_searchsorted;

/* Indices, as int64. */
Node *integer_tensor(Cx *cx, const BCall *c, int i);
/* A list or tuple of tensors, promoted to one dtype. */
bool arg_tensors(Cx *cx, const BCall *c, int i, Node ***nodes, int *n);
Value tensor_unary(Cx *cx, Opcode code, Value a, Span sa, Span span);
Node *matmul(Cx *cx, Node *a, Node *b, Span span);

#endif
