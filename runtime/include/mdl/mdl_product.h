/* Small products in line: of the few thousand multiplications of a small dense layer a call of the kernel would take longer than they
 * do. Only for generated code, which knows the sizes when it is compiled. */
#ifndef MDL_PRODUCT_H
#define MDL_PRODUCT_H

#include "mdl_isa.h"
#include "mdl_math.h"
#include "mdl_ops.h"

enum { MDL_SMALL_ROWS = 4, MDL_SMALL_PANEL = 64, MDL_SMALL_STEP = 16 }; /* as mdl_pack_columns lays them */

/* Sixteen neighbouring elements of a row: x[k] times as many columns of a panel whose rows are `step` apart, as four sums, so that
 * no addition waits for the one before. The first `count` go to y. */
#if MDL_VECTORS
typedef float mdl_sixteen __attribute__((vector_size(64)));
typedef float mdl_sixteen_anywhere __attribute__((vector_size(64), aligned(4), may_alias));

MDL_INLINE void mdl_small_columns(float *y, int64_t count, const float *x, int64_t k, const float *b, int64_t step)
{
    mdl_sixteen   sum[4] = {{0}, {0}, {0}, {0}};
    const int64_t whole = k / 4 * 4;
    for (int64_t l = 0; l < whole; l += 4) {
        for (int q = 0; q < 4; q++) sum[q] += x[l + q] * *(const mdl_sixteen_anywhere *)(b + (l + q) * step);
    }
    for (int64_t l = whole; l < k; l++) sum[0] += x[l] * *(const mdl_sixteen_anywhere *)(b + l * step);
    sum[0] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    if (count >= MDL_SMALL_STEP) *(mdl_sixteen_anywhere *)y = sum[0];
    for (int64_t j = 0; j < count && count < MDL_SMALL_STEP; j++) y[j] = sum[0][j];
}
#else
MDL_INLINE void mdl_small_columns(float *y, int64_t count, const float *x, int64_t k, const float *b, int64_t step)
{
    for (int64_t j = 0; j < count && j < MDL_SMALL_STEP; j++) {
        y[j] = 0;
        for (int64_t l = 0; l < k; l++) y[j] += x[l] * b[l * step + j];
    }
}
#endif

/* mdl_matmul_packed_then, `then` may be NULL, for `rows` rows of k, n columns. */
MDL_INLINE mdl_status mdl_matmul_small(const mdl_tensor *out, const mdl_tensor *in, int nin, int64_t rows, int64_t k, int64_t n,
                                       const mdl_epilogue *then, mdl_error *error)
{
    const int64_t padded = (n + MDL_SMALL_STEP - 1) / MDL_SMALL_STEP * MDL_SMALL_STEP;
    if (rows > MDL_SMALL_ROWS) return mdl_matmul_packed_then(out, in, nin, NULL, then, error);
    for (int64_t r = 0; r < rows; r++) {
        const float *const x = (const float *)in[0].data + r * k;
        float *const       y = (float *)out->data + r * n;
        for (int64_t j = 0; j < n; j += MDL_SMALL_STEP) {
            const int64_t      first = j / MDL_SMALL_PANEL * MDL_SMALL_PANEL;
            const int64_t      step = padded - first < MDL_SMALL_PANEL ? padded - first : MDL_SMALL_PANEL;
            const float *const b = (const float *)in[1].data + first * k + (j - first);
            mdl_small_columns(y + j, n - j, x, k, b, step);
        }
    }
    if (then != NULL && rows > 0) then->run(then->context, 0, rows, 0, n);
    return MDL_OK;
}

#endif
