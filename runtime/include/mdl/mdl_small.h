/* Small products in line: of the few thousand multiplications of a small dense layer a call of the kernel would take longer than they
 * do. Only for generated code, which knows the sizes when it is compiled. mdl_isa_begin.h includes this for each instruction set:
 * vectors are as wide as it has them, and values the same bits. */

/* Neighbouring elements of a row: x[k] times as many columns of a panel whose rows are `step` apart, as four sums, so that no addition
 * waits for the one before. The first `count` of MDL_SMALL_STEP go to y. */
#if MDL_ISA_BYTES > 0
typedef float MDL_VARIANT(mdl_some) __attribute__((vector_size(MDL_ISA_BYTES)));
typedef float MDL_VARIANT(mdl_some_anywhere) __attribute__((vector_size(MDL_ISA_BYTES), aligned(4), may_alias));

/* `vectors` at a time: with their number constant after inlining, sums are registers. */
MDL_INLINE void MDL_VARIANT(mdl_small_vectors)(const int vectors, MDL_VARIANT(mdl_some) * y, const float *x, int64_t k, const float *b, int64_t step)
{
    enum { LANES = MDL_ISA_BYTES / sizeof(float) };
    MDL_VARIANT(mdl_some) sum[4][2] = {{{0}, {0}}, {{0}, {0}}, {{0}, {0}}, {{0}, {0}}};
    const int64_t whole = k / 4 * 4;
    for (int64_t l = 0; l < whole; l += 4) {
        for (int q = 0; q < 4; q++) {
            for (int v = 0; v < vectors; v++) sum[q][v] += x[l + q] * *(const MDL_VARIANT(mdl_some_anywhere) *)(b + (l + q) * step + v * LANES);
        }
    }
    for (int64_t l = whole; l < k; l++) {
        for (int v = 0; v < vectors; v++) sum[0][v] += x[l] * *(const MDL_VARIANT(mdl_some_anywhere) *)(b + l * step + v * LANES);
    }
    for (int v = 0; v < vectors; v++) y[v] = (sum[0][v] + sum[1][v]) + (sum[2][v] + sum[3][v]);
}

MDL_INLINE void MDL_VARIANT(mdl_small_columns)(float *y, int64_t count, const float *x, int64_t k, const float *b, int64_t step)
{
    enum { LANES = MDL_ISA_BYTES / sizeof(float), ALL = MDL_SMALL_STEP / LANES, SOME = ALL < 2 ? ALL : 2 };
    MDL_VARIANT(mdl_some) all[ALL];
    for (int v = 0; v < ALL; v += SOME) MDL_VARIANT(mdl_small_vectors)(SOME, all + v, x, k, b + v * LANES, step);
    if (count >= MDL_SMALL_STEP) memcpy(y, all, sizeof all);
    for (int64_t j = 0; j < count && count < MDL_SMALL_STEP; j++) y[j] = ((const float *)all)[j];
}
#else
MDL_INLINE void MDL_VARIANT(mdl_small_columns)(float *y, int64_t count, const float *x, int64_t k, const float *b, int64_t step)
{
    const int64_t whole = k / 4 * 4;
    for (int64_t j = 0; j < count && j < MDL_SMALL_STEP; j++) {
        float sum[4] = {0, 0, 0, 0};
        for (int64_t l = 0; l < whole; l += 4) {
            for (int q = 0; q < 4; q++) sum[q] += x[l + q] * b[(l + q) * step + j];
        }
        for (int64_t l = whole; l < k; l++) sum[0] += x[l] * b[l * step + j];
        y[j] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
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
            MDL_VARIANT(mdl_small_columns)(y + j, n - j, x, k, b, step);
        }
    }
    if (then != NULL && rows > 0) then->run(then->context, 0, rows, 0, n);
    return MDL_OK;
}
