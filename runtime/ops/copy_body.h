/* Included by kernel.c for each element type T: a plane in tiles, so that both sides stay in cache when one of them runs
 * against its layout. */
static void NAME(const Walk *w, T *restrict to, const T *restrict from)
{
    enum { TILE = 16 };
    const int     row = w->rank - 2, col = w->rank - 1;
    const int64_t rows = w->shape[row], cols = w->shape[col];
    const int64_t to_row = w->to[row], to_col = w->to[col], from_row = w->from[row], from_col = w->from[col];
    for (int64_t r0 = 0; r0 < rows; r0 += TILE) {
        const int64_t r1 = r0 + TILE < rows ? r0 + TILE : rows;
        for (int64_t c0 = 0; c0 < cols; c0 += TILE) {
            const int64_t c1 = c0 + TILE < cols ? c0 + TILE : cols;
            for (int64_t r = r0; r < r1; r++)
                for (int64_t c = c0; c < c1; c++) to[r * to_row + c * to_col] = from[r * from_row + c * from_col];
        }
    }
}
#undef T
#undef NAME
