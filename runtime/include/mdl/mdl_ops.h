/* The kernels: what generated code calls for every row of class KERNEL in mdl_ops.def. Element-by-element rows are inline
 * functions in mdl_math.h.
 *
 *     mdl_status mdl_<name>(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_<name>_attrs *attrs, mdl_error *error);
 *
 * - `out` has its shape and memory; the kernel fills the memory. `in` is an array of `nin` tensors, in the order of the row.
 *   The shapes must be those that the row's sentence implies; they are checked, and anything else is MDL_USAGE.
 * - dtypes: FLOAT rows compute in float32 and float64, NUMBER rows also in int64, ANY rows move elements of every dtype;
 *   all tensors of a call share one dtype, except: indices, starts and the results of argmax, argmin, argsort, searchsorted are
 *   int64; range_dim is int64; any and all take int64 or bool and give bool; view's two have any dtypes; the kernels of linear
 *   algebra (cholesky_lower to eigh_rows) take only float64. Anything else is MDL_USAGE: the caller casts.
 * - A result's memory must not overlap an input's, unless the kernel is listed here: cumsum, cumprod, softmax, log_softmax
 *   and sort may have out == in[0], slice_update may have out == in[0] (then only the block is written).
 * - MDL_BAD_INPUT is returned only for values: an index out of range, argmax of nothing, a matrix that
 *   cannot be decomposed. `out` is then unspecified.
 * - Kernels allocate nothing, print nothing, and have no state that a result depends on (products keep, for each thread, a guess of
 *   what the last cache holds); they use at most 256 KiB of stack.
 * - Attributes: INT is an int64_t, REAL a double, INTS a `const int64_t *` with one entry for each axis of in[0] (for conv,
 *   conv_transpose and pools: for each space axis). A row without attributes takes a struct that is never read: pass NULL.
 * - Axes are counted from 0, never negative.
 *
 * Random kernels have no inputs and take the key of their stream:
 *
 *     mdl_status mdl_random_<name>(const mdl_tensor *out, uint64_t key, mdl_error *error);
 *
 * Element i of the result is a function of (key, i) alone, the same on every platform. The caller mixes the call's seed, the
 * instance's path, the index of a scan and the row's `site` into the key (mdl_code.h). */
#ifndef MDL_OPS_H
#define MDL_OPS_H

#include "mdl.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- mdl_<name>_attrs: the row's ATTRS as fields ---- */

#define INT(a)  int64_t a;
#define INTS(a) const int64_t *a;
#define REAL(a) double a;

/* ATTRS(...) with `first field` recognised by pasting, so that an empty list gives a placeholder. */
#define MDL_FIELDS_ATTRS(...) MDL_FIRST_##__VA_ARGS__
#define MDL_FIRST_            char none;
#define MDL_FIRST_INT(a)      INT(a)
#define MDL_FIRST_INTS(a)     INTS(a)
#define MDL_FIRST_REAL(a)     REAL(a)

#define MDL_STRUCT_UNARY(name, fields)
#define MDL_STRUCT_BINARY(name, fields)
#define MDL_STRUCT_COMPARE(name, fields)
#define MDL_STRUCT_SELECT(name, fields)
#define MDL_STRUCT_CAST(name, fields)
#define MDL_STRUCT_VIEW(name, fields)
#define MDL_STRUCT_COMPOSED(name, fields)
#define MDL_STRUCT_KERNEL(name, fields) typedef struct mdl_##name##_attrs { fields } mdl_##name##_attrs;

#define OP(name, class, dtypes, arity, signature, attrs, doc) MDL_STRUCT_##class(name, MDL_FIELDS_##attrs)
#include "mdl_ops.def"
#undef OP

/* ---- the prototypes ---- */

#define MDL_KERNEL_UNARY(name)
#define MDL_KERNEL_BINARY(name)
#define MDL_KERNEL_COMPARE(name)
#define MDL_KERNEL_SELECT(name)
#define MDL_KERNEL_CAST(name)
#define MDL_KERNEL_VIEW(name)
#define MDL_KERNEL_COMPOSED(name)
#define MDL_KERNEL_KERNEL(name) MDL_SECOND(MDL_KEYED_##name, MDL_PLAIN, )(name)
/* A row listed here expands to two arguments, so that MDL_SECOND finds MDL_RANDOM in place of MDL_PLAIN. */
#define MDL_KEYED_random_uniform , MDL_RANDOM
#define MDL_KEYED_random_normal  , MDL_RANDOM
#define MDL_SECOND(...)          MDL_SECOND_(__VA_ARGS__, )
#define MDL_SECOND_(a, b, ...)   b
#define MDL_PLAIN(name) \
    mdl_status mdl_##name(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_##name##_attrs *attrs, mdl_error *error);
#define MDL_RANDOM(name) mdl_status mdl_##name(const mdl_tensor *out, uint64_t key, mdl_error *error);

#define OP(name, class, dtypes, arity, signature, attrs, doc) MDL_KERNEL_##class(name)
#include "mdl_ops.def"
#undef OP

/* ---- products with an epilogue ----
 *
 * What is done to a product's result while it lies in cache: an activation, a bias, a sum with something else. The kernel calls
 * `run` once for each element of the result, in blocks, as soon as they are final: rows [row, row + rows) and columns
 * [column, column + columns) of the result as a matrix with its last axis as columns. Blocks may come in any order, and from
 * several threads at a time. `beside`, if not NULL, is a tensor of the result's shape and dtype that it reads at the same places: the
 * kernel fetches it into cache while it computes.
 *
 * Without `run` the epilogue is plain, and the kernel does it to sums in registers: y = min(max(sum + bias[column] + beside[row, column],
 * low), high), where a NULL adds nothing, and NaN stays NaN. `bias` has the result's dtype, a float, and an element for each column. */
typedef struct mdl_epilogue {
    void (*run)(const void *context, int64_t row, int64_t rows, int64_t column, int64_t columns);
    const void *context;
    const void *beside;
    const void *bias;
    double      low, high; /* -INFINITY, INFINITY: no bounds */
} mdl_epilogue;

mdl_status mdl_matmul_then(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_matmul_attrs *attrs,
                           const mdl_epilogue *then, mdl_error *error);
mdl_status mdl_conv_then(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_attrs *attrs, const mdl_epilogue *then,
                         mdl_error *error);
mdl_status mdl_matmul_packed_then(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_matmul_packed_attrs *attrs,
                                  const mdl_epilogue *then, mdl_error *error);
mdl_status mdl_conv_packed_then(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_packed_attrs *attrs,
                                const mdl_epilogue *then, mdl_error *error);
mdl_status mdl_conv_transpose_then(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_transpose_attrs *attrs,
                                   const mdl_epilogue *then, mdl_error *error);
mdl_status mdl_conv_winograd_then(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_winograd_attrs *attrs,
                                  const mdl_epilogue *then, mdl_error *error);

#undef INT
#undef INTS
#undef REAL
#undef ATTRS

#ifdef __cplusplus
}
#endif

#endif
