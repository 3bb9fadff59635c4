/* Included by gemm_body.h where there are no vectors: a row of c grows by multiples of rows of b. */
#define NAME(base) CONCAT(base, TYPE, MDL_ISA)

static void NAME(rows)(const Gemm *g)
{
    const int64_t width = g->packed ? GEMM_PANEL : g->n;
    for (int64_t i = 0; i < g->m; i++) {
        T *const c = (T *)g->c + i * g->c_row;
        for (int64_t j = 0; j < g->n && !g->accumulate; j++) c[j] = 0;
        for (int64_t l0 = 0; l0 < g->k; l0 += DEPTH) {
            const int64_t depth = g->k - l0 < DEPTH ? g->k - l0 : DEPTH;
            const T      *a = (const T *)g->a + i * g->a_row + l0 * g->a_col;
            int64_t       a_col = g->a_col;
            T             tile[DEPTH];
            if (g->gather != NULL) {
                g->gather(g, g->first + i, 1, l0, depth, tile);
                a = tile;
                a_col = 1;
            }
            for (int64_t l = 0; l < depth; l++) {
                const T        factor = a[l * a_col];
                for (int64_t j0 = 0; j0 < g->n; j0 += width) {
                    const int64_t  b_row = g->packed ? gemm_panel_row(g->n, j0) : g->b_row, b_col = g->packed ? 1 : g->b_col;
                    const T *const b = (const T *)g->b + (g->packed ? j0 * g->k : 0) + (l0 + l) * b_row;
                    for (int64_t j = j0; j < at_most(j0 + width, g->n); j++) c[j] += factor * b[(j - j0) * b_col];
                }
            }
        }
        FINISH(g, i, 1, 0, g->n);
    }
}

static void NAME(gemm)(const Gemm *g)
{
    Gemm one = *g;
    for (int64_t i = 0; i < (g->piece != NULL ? g->lines : 1); i++) {
        if (g->piece != NULL) g->piece(&one, i);
        NAME(rows)(&one);
    }
}

#undef NAME
