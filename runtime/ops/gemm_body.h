/* Included by gemm.c for each element type T (TYPE: f, d) and instruction set. */
#if MDL_ISA_BYTES == 0
#include "gemm_plain.h"
#else

#define NAME(base) CONCAT(base, TYPE, MDL_ISA)
#define V          NAME(V) /* in registers */
#define U          NAME(U) /* in memory, where it needn't be aligned */
#define LANES      ((int)(MDL_ISA_BYTES / sizeof(T)))
#define MANY       (MDL_ISA == 2 || MDL_NEON) /* 32 registers */
#define VECTORS    (MANY ? 4 : 2)         /* of a panel */
#define ROWS       (MANY || MDL_ISA == 1 ? 6 : 4) /* of a tile */
#define CAN_PACK   (sizeof(T) == sizeof(float))
#define ROW_SUMS   (LANES * 8 < GEMM_PANEL ? 16 : 8) /* of a single row */
#define LINES      (VECTORS * MDL_ISA_BYTES / LINE) /* of memory, in a tile's row of a panel */

typedef T V __attribute__((vector_size(MDL_ISA_BYTES)));
typedef T U __attribute__((vector_size(MDL_ISA_BYTES), aligned(sizeof(T)), may_alias));
#include "lanes.h"

/* sum[rows, vectors] += a[rows, depth] * b[depth, vectors], and asks for what is `ahead`. What is written, and what is read `beside` it
 * afterwards, is fetched meanwhile, a row at a time: all at once would keep b waiting. */
static inline __attribute__((always_inline)) void NAME(grow)(V sum[ROWS][VECTORS], const int rows, const int vectors, const int lines,
                                                             const bool far, int64_t depth, const T *a, int64_t a_row, int64_t a_col, const T *b,
                                                             int64_t b_row, const T *c, int64_t c_row, const Ahead *ahead)
{
    const T  *beside = ahead->beside;
    uintptr_t at = ahead->at;
    int64_t   l = 0;
    for (int row = 1; row <= rows; row++) {
        UNROLL for (int v = 0; v < vectors; v++) __builtin_prefetch(c + v * LANES, 1);
        c += c_row;
        if (beside != NULL) {
            UNROLL for (int v = 0; v < vectors; v++) __builtin_prefetch(beside + v * LANES);
            beside += ahead->beside_row;
        }
        /* as often for each row, which the processor can foresee */
        for (const int64_t end = row == rows ? depth : at_most(l + BETWEEN_ROWS, depth); l < end; l++) {
            V line[VECTORS];
            UNROLL for (int i = 0; i < lines; i++) {
                const void *const asked = (const void *)(at + (uintptr_t)i * LINE);
                if (far) __builtin_prefetch(asked, 0, FAR);
                else __builtin_prefetch(asked, 0, NEAR);
            }
            at += ahead->step;
            UNROLL for (int v = 0; v < vectors; v++) {
                line[v] = *(const U *)(b + v * LANES);
                IN_REGISTER(line[v]); /* GCC would read the lines of few rows again for each */
            }
            UNROLL for (int r = 0; r < rows; r++) {
                const V factor = a[r * a_row] - (V){0};
                UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = FMADD(factor, line[v], sum[r][v]);
            }
            a += a_col;
            b += b_row;
        }
    }
}

/* A plain epilogue, without what it has not. */
static inline __attribute__((always_inline)) void NAME(end)(V sum[ROWS][VECTORS], const int rows, const int vectors, const NAME(Plain) *last)
{
    if (last->bias != NULL) {
        UNROLL for (int v = 0; v < vectors; v++) {
            const V bias = *(const U *)(last->bias + v * LANES);
            UNROLL for (int r = 0; r < rows; r++) sum[r][v] += bias;
        }
    }
    if (last->beside != NULL) {
        UNROLL for (int r = 0; r < rows; r++)
            UNROLL for (int v = 0; v < vectors; v++) sum[r][v] += *(const U *)(last->beside + r * last->row + v * LANES);
    }
    if (last->low > -(T)INFINITY || last->high < (T)INFINITY) {
        UNROLL for (int r = 0; r < rows; r++)
            UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = NAME(bounded)(last, sum[r][v]);
    }
}

/* c[rows, vectors] (+)= a[rows, depth] * b[depth, vectors], and if they are the `last` products, a plain epilogue: with both numbers
 * constant after inlining, `sum` is registers. */
static inline __attribute__((always_inline)) void NAME(tile)(const int rows, const int vectors, int64_t depth, const T *a,
                                                             int64_t a_row, int64_t a_col, const T *b, int64_t b_row, T *c,
                                                             int64_t c_row, bool accumulate, const Ahead *ahead, const NAME(Plain) *last)
{
    V sum[ROWS][VECTORS];
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = (V){0};
    if (CAN_PACK && ahead->how == ASK_FAR) NAME(grow)(sum, rows, vectors, LINES < 2 ? 1 : 2, true, depth, a, a_row, a_col, b, b_row, c, c_row, ahead);
    else if (LINES > 1 && ahead->how == ASK_LINE) NAME(grow)(sum, rows, vectors, 1, false, depth, a, a_row, a_col, b, b_row, c, c_row, ahead);
    else NAME(grow)(sum, rows, vectors, LINES < 2 ? 1 : LINES, false, depth, a, a_row, a_col, b, b_row, c, c_row, ahead);
    if (accumulate) {
        UNROLL for (int r = 0; r < rows; r++)
            UNROLL for (int v = 0; v < vectors; v++) sum[r][v] += *(const U *)(c + r * c_row + v * LANES);
    }
    if (last != NULL) NAME(end)(sum, rows, vectors, last);
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < vectors; v++) *(U *)(c + r * c_row + v * LANES) = sum[r][v];
}

#define TILE(rows, vectors)                                                                                             \
    static __attribute__((noinline)) void NAME(tile_##rows##x##vectors)(int64_t depth, const T *a, int64_t a_row,       \
                                                                        int64_t a_col, const T *b, int64_t b_row, T *c, \
                                                                        int64_t c_row, bool accumulate, const Ahead *ahead, \
                                                                        const NAME(Plain) *last)                         \
    {                                                                                                                   \
        NAME(tile)(rows, vectors, depth, a, a_row, a_col, b, b_row, c, c_row, accumulate, ahead, last);                 \
    }
#define TILES_4(v) TILE(1, v) TILE(2, v) TILE(3, v) TILE(4, v)
#define TILES_6(v) TILES_4(v) TILE(5, v) TILE(6, v)
#define LIST_4(v)  {NULL, NAME(tile_1x##v), NAME(tile_2x##v), NAME(tile_3x##v), NAME(tile_4x##v)}
#define LIST_6(v)  {NULL, NAME(tile_1x##v), NAME(tile_2x##v), NAME(tile_3x##v), NAME(tile_4x##v), NAME(tile_5x##v), NAME(tile_6x##v)}

typedef void NAME(Tile)(int64_t, const T *, int64_t, int64_t, const T *, int64_t, T *, int64_t, bool, const Ahead *, const NAME(Plain) *);
#if MANY
TILES_6(1) TILES_6(2) TILES_6(3) TILES_6(4)
static NAME(Tile) *const NAME(tiles)[VECTORS + 1][ROWS + 1] = {{NULL}, LIST_6(1), LIST_6(2), LIST_6(3), LIST_6(4)};
#elif MDL_ISA == 1
TILES_6(1) TILES_6(2)
static NAME(Tile) *const NAME(tiles)[VECTORS + 1][ROWS + 1] = {{NULL}, LIST_6(1), LIST_6(2)};
#else
TILES_4(1) TILES_4(2)
static NAME(Tile) *const NAME(tiles)[VECTORS + 1][ROWS + 1] = {{NULL}, LIST_4(1), LIST_4(2)};
#endif

/* Copies b[depth, width] to a dense panel of `padded` columns, the last ones zero. */
static void NAME(pack)(T *restrict panel, int64_t padded, const T *restrict b, int64_t b_row, int64_t b_col, int64_t depth, int64_t width)
{
    if (b_col == 1) {
        for (int64_t l = 0; l < depth; l++) {
            T *const to = panel + l * padded;
            int64_t  j = 0;
            for (; j + LANES <= width; j += LANES) *(U *)(to + j) = *(const U *)(b + l * b_row + j);
            for (; j < width; j++) to[j] = b[l * b_row + j];
            for (; j < padded; j++) to[j] = 0;
        }
        return;
    }
    /* Blocks of 16 x 16 stay in cache on both sides. */
    for (int64_t j0 = 0; j0 < width; j0 += 16) {
        for (int64_t l0 = 0; l0 < depth; l0 += 16) {
            const int64_t j1 = at_most(j0 + 16, width), l1 = at_most(l0 + 16, depth);
            int64_t       j = j0;
            for (; j < j1; j++)
                for (int64_t l = l0; l < l1; l++) panel[l * padded + j] = b[l * b_row + j * b_col];
        }
    }
    for (int64_t l = 0; l < depth; l++)
        for (int64_t j = width; j < padded; j++) panel[l * padded + j] = 0;
}

/* What a tile left in `result`, whose rows are whole vectors, to `width` columns of c. */
static void NAME(put)(T *c, int64_t c_row, const T *result, int64_t rows, int64_t width, bool accumulate, const NAME(Plain) *last)
{
    const int64_t stride = (width + LANES - 1) / LANES * LANES;
    for (int64_t j = 0; j < width; j += LANES) {
        const int64_t count = at_most(LANES, width - j);
        const V       bias = last != NULL ? NAME(bias_of_some)(last, j, count) : (V){0};
        for (int64_t r = 0; r < rows; r++) {
            T *const to = c + r * c_row + j;
            V        sum = *(const U *)(result + r * stride + j);
            if (accumulate) sum += NAME(load_some)(to, count);
            if (last != NULL) sum = NAME(finished_some)(last, sum, bias, r, j, count);
            NAME(store_some)(to, sum, count);
        }
    }
}

/* One piece's rows of c[:, j .. j + width) advance by a panel's `depth` products, the `last` ones or not. Meanwhile the tiles ask for
 * `bytes` from `next` on; without `next`, for rows of the panel that come soon. So does a tile that is alone, if they come from memory; from
 * a cache the processor reads on by itself. */
static void NAME(advance)(const Gemm *g, int64_t j, int64_t width, int64_t l, int64_t depth, const T *panel, int64_t panel_row, bool accumulate,
                          bool last, uintptr_t next, int64_t bytes)
{
    const int     vectors = (int)((width + LANES - 1) / LANES);
    const bool    ragged = width % LANES != 0;
    const int64_t tiles = (g->m + ROWS - 1) / ROWS, fewest = tiles > 0 ? g->m / tiles : 0, shorter = tiles - (g->m - tiles * fewest);
    const bool    alone = tiles == 1 && bytes > 0 && panel_row <= VECTORS * LANES;
    const Ahead   asked = next != 0 && !(alone && g->far) ? next_ahead(next, alone ? 0 : bytes, tiles, depth)
                                                          : rows_ahead(panel, panel_row * (int64_t)sizeof(T), next != 0);
    int64_t       i = 0, finished = 0;
    for (int64_t t = 0; t < tiles; t++) {
        const int64_t rows = fewest + (t >= shorter); /* the shorter tiles first */
        const T      *a = (const T *)g->a + i * g->a_row + l * g->a_col;
        int64_t       a_row = g->a_row, a_col = g->a_col;
        T *const      c = (T *)g->c + i * g->c_row + j;
        Ahead         ahead = asked;
        ahead.at += (uintptr_t)t * asked.part;
        T             gathered[ROWS * DEPTH];
        if (last) ahead.beside = gemm_beside(g, i, j, sizeof(T)), ahead.beside_row = g->c_row;
        if (g->gather != NULL) {
            g->gather(g, g->first + i, rows, l, depth, gathered);
            a = gathered;
            a_row = depth;
            a_col = 1;
        }
        const NAME(Plain) plain = last && is_plain(g->then) ? NAME(plain_from)(g->then, g->c_row, g->row + i, g->column + j) : (NAME(Plain)){0};
        const NAME(Plain) *const end = last && is_plain(g->then) ? &plain : NULL;
        if (!ragged) {
            NAME(tiles)[vectors][rows](depth, a, a_row, a_col, panel, panel_row, c, g->c_row, accumulate, &ahead, end);
        } else {
            T result[ROWS * VECTORS * LANES];
            NAME(tiles)[vectors][rows](depth, a, a_row, a_col, panel, panel_row, result, vectors * LANES, false, &ahead, NULL);
            NAME(put)(c, g->c_row, result, rows, width, accumulate, end);
        }
        i += rows;
        if (last && end == NULL && (i - finished >= FINISHED_ROWS || t + 1 == tiles)) {
            FINISH(g, finished, i - finished, j, width);
            finished = i;
        }
    }
}

/* c = a[1, k] * b, b's columns being neighbours: four rows of b at a time, 4 KiB of c. */
static void NAME(row)(const Gemm *g)
{
    enum { WIDTH = 4096 / sizeof(T) };
    const T *const a = g->a;
    for (int64_t j0 = 0; j0 < g->n; j0 += WIDTH) {
        const int64_t n = at_most(g->n - j0, WIDTH);
        T *const      c = (T *)g->c + j0;
        const T      *b = (const T *)g->b + j0;
        int64_t       l = 0;
        if (!g->accumulate)
            for (int64_t j = 0; j < n; j++) c[j] = 0;
        for (; l + 4 <= g->k; l += 4) {
            const T  a0 = a[l * g->a_col], a1 = a[(l + 1) * g->a_col], a2 = a[(l + 2) * g->a_col], a3 = a[(l + 3) * g->a_col];
            const T *b0 = b + l * g->b_row, *b1 = b0 + g->b_row, *b2 = b1 + g->b_row, *b3 = b2 + g->b_row;
            const V  v0 = a0 - (V){0}, v1 = a1 - (V){0}, v2 = a2 - (V){0}, v3 = a3 - (V){0};
            int64_t  j = 0;
            for (; j + LANES <= n; j += LANES) {
                V sum = *(U *)(c + j);
                sum = FMADD(v0, *(const U *)(b0 + j), sum);
                sum = FMADD(v1, *(const U *)(b1 + j), sum);
                sum = FMADD(v2, *(const U *)(b2 + j), sum);
                sum = FMADD(v3, *(const U *)(b3 + j), sum);
                *(U *)(c + j) = sum;
            }
            for (; j < n; j++) c[j] = c[j] + a0 * b0[j] + a1 * b1[j] + a2 * b2[j] + a3 * b3[j];
        }
        for (; l < g->k; l++) {
            const T factor = a[l * g->a_col];
            for (int64_t j = 0; j < n; j++) c[j] += factor * b[l * g->b_row + j];
        }
        FINISH(g, 0, 1, j0, n);
    }
}

/* c = a[m, k] * b where a's and b's rows are dense along k: dot products, four at a time. */
static void NAME(dots)(const Gemm *g)
{
    for (int64_t j0 = 0; j0 < g->n; j0 += 4) {
        const int64_t  columns = at_most(g->n - j0, 4);
        const T *const b = (const T *)g->b + j0 * g->b_col;
        for (int64_t i = 0; i < g->m; i++) {
            const T *const a = (const T *)g->a + i * g->a_row;
            T *const       c = (T *)g->c + i * g->c_row + j0;
            V              sum[4] = {{0}, {0}, {0}, {0}};
            T              total[4] = {0, 0, 0, 0};
            int64_t        l = 0;
            if (columns == 4) {
                for (; l + LANES <= g->k; l += LANES) {
                    const V x = *(const U *)(a + l);
                    UNROLL for (int q = 0; q < 4; q++) sum[q] = FMADD(x, *(const U *)(b + q * g->b_col + l), sum[q]);
                }
            }
            UNROLL for (int q = 0; q < 4; q++) {
                if (q >= columns) break;
                for (int x = 0; x < LANES; x++) total[q] += sum[q][x];
                for (int64_t x = l; x < g->k; x++) total[q] += a[x] * b[q * g->b_col + x];
                c[q] = g->accumulate ? c[q] + total[q] : total[q];
            }
        }
    }
    FINISH(g, 0, g->m, 0, g->n);
}

/* The panel at column j of a packed b: its rows [l, l + depth) times the columns of a from `at` on. `next` is what of b follows. */
static void NAME(packed_panel)(const Gemm *g, int64_t j, int64_t at, int64_t l, int64_t depth, const T *next)
{
    const int64_t width = at_most(GEMM_PANEL, g->n - j), row = gemm_panel_row(g->n, j), step = VECTORS * LANES;
    const int64_t steps = (width + step - 1) / step;
    const int64_t bytes = depth * row * (int64_t)sizeof(T) / steps;
    const T      *b = (const T *)g->b + j * g->k + l * row;
    for (int64_t s = 0; s < width; s += step) {
        NAME(advance)(g, j + s, at_most(step, width - s), at, depth, b + s, row, g->accumulate || l > 0, l + depth == g->k,
                      (uintptr_t)next + (uintptr_t)(s / step * bytes), bytes);
    }
}

/* Rows that are gathered serve all panels. */
static void NAME(packed_gathered)(const Gemm *g)
{
    T    block[GATHERED_ROWS * DEPTH];
    Gemm one = *g;
    one.gather = NULL;
    one.a = block;
    one.a_col = 1;
    for (int64_t i = 0; i < g->m; i += GATHERED_ROWS) {
        one.m = at_most(GATHERED_ROWS, g->m - i);
        one.c = (T *)g->c + i * g->c_row;
        one.row = g->row + i;
        int64_t l = 0;
        do {
            one.a_row = depth_from(g->k, l);
            g->gather(g, g->first + i, one.m, l, one.a_row, block);
            for (int64_t j = 0; j < g->n; j += GEMM_PANEL) {
                const int64_t then = j + GEMM_PANEL < g->n ? j + GEMM_PANEL : 0;
                NAME(packed_panel)(&one, j, 0, l, one.a_row, (const T *)g->b + then * g->k + l * gemm_panel_row(g->n, then));
            }
        } while ((l += one.a_row) < g->k);
    }
}

/* One row of c: so many vectors of it, each as `chains` sums, so that no addition waits for the one before. What comes from memory is
 * asked for. */
static inline __attribute__((always_inline)) void NAME(row_of_panel)(const int vectors, const int chains, const bool far, const Gemm *g,
                                                                     const T *b, int64_t row, T *c)
{
    V        sum[ROW_SUMS];
    const T *a = g->a;
    int64_t  l = 0;
    UNROLL for (int v = 0; v < vectors * chains; v++) sum[v] = (V){0};
    for (; l + chains <= g->k; l += chains) {
        UNROLL for (int q = 0; q < chains; q++) {
            const V        factor = a[(l + q) * g->a_col] - (V){0};
            const T *const from = b + (l + q) * row;
            UNROLL for (int v = 0; v < vectors; v++) {
                const uintptr_t ahead = (uintptr_t)from + (uintptr_t)v * MDL_ISA_BYTES;
                if (far && v * MDL_ISA_BYTES % LINE == 0) __builtin_prefetch((const void *)(ahead + BYTES_AHEAD), 0, FAR);
                sum[q * vectors + v] = FMADD(factor, *(const U *)(from + v * LANES), sum[q * vectors + v]);
            }
        }
    }
    for (; l < g->k; l++) {
        const V factor = a[l * g->a_col] - (V){0};
        UNROLL for (int v = 0; v < vectors; v++) sum[v] = FMADD(factor, *(const U *)(b + l * row + v * LANES), sum[v]);
    }
    UNROLL for (int v = 0; v < vectors; v++) {
        UNROLL for (int q = 1; q < chains; q++) sum[v] += sum[q * vectors + v];
        U *const to = (U *)(c + v * LANES);
        if (g->accumulate) *to += sum[v];
        else *to = sum[v];
    }
}

/* A panel's columns of a row, with the padding: whole rows, since what lies side by side is read fastest, even if 16 sums are more than
 * SSE2 has registers for. */
static inline __attribute__((always_inline)) void NAME(whole_columns)(const bool far, const Gemm *g, const T *b, int64_t row, T *c)
{
    enum { HALF = GEMM_PANEL / 2, QUARTER = GEMM_STEP };
    if (row == GEMM_PANEL) {
        NAME(row_of_panel)(GEMM_PANEL / LANES, ROW_SUMS * LANES / GEMM_PANEL, far, g, b, row, c);
        return;
    }
    const int64_t rest = row >= HALF ? HALF : 0;
    if (rest > 0) NAME(row_of_panel)(HALF / LANES, ROW_SUMS * LANES / HALF, far, g, b, row, c);
    if (rest < row) NAME(row_of_panel)(QUARTER / LANES, 4, far, g, b + rest, row, c + rest);
}

static inline __attribute__((always_inline)) void NAME(packed_columns)(const bool far, const Gemm *g, const T *b, int64_t row, T *c,
                                                                       int64_t columns)
{
    T some[GEMM_PANEL];
    if (columns == row) {
        NAME(whole_columns)(far, g, b, row, c);
        return;
    }
    for (int64_t j = 0; j < row; j++) some[j] = g->accumulate && j < columns ? c[j] : 0;
    NAME(whole_columns)(far, g, b, row, some);
    for (int64_t j = 0; j < columns; j++) c[j] = some[j];
}

static inline __attribute__((always_inline)) void NAME(packed_row)(const bool far, const Gemm *g)
{
    int64_t finished = 0;
    for (int64_t j = 0; j < g->n; j += GEMM_PANEL) {
        const int64_t end = at_most(j + GEMM_PANEL, g->n);
        NAME(packed_columns)(far, g, (const T *)g->b + j * g->k, gemm_panel_row(g->n, j), (T *)g->c + j, end - j);
        if (end - finished < FINISHED_COLUMNS && end < g->n) continue;
        FINISH(g, 0, 1, finished, end - finished);
        finished = end;
    }
}

static void NAME(packed_rows)(const Gemm *g)
{
    for (int64_t j = 0; j < g->n; j += GEMM_PANEL) {
        const int64_t row = gemm_panel_row(g->n, j);
        int64_t       l = 0;
        do {
            const int64_t depth = depth_from(g->k, l);
            NAME(packed_panel)(g, j, l, l, depth, (const T *)g->b + j * g->k + (l + depth) * row);
            l += depth;
        } while (l < g->k);
    }
}

static void NAME(packed)(const Gemm *g)
{
    if (g->gather == NULL && g->m == 1) {
        if (g->far) NAME(packed_row)(true, g);
        else NAME(packed_row)(false, g);
        return;
    }
    if (g->gather != NULL) {
        NAME(packed_gathered)(g);
        return;
    }
    const int64_t blocks = (g->m + CACHED_ROWS - 1) / CACHED_ROWS;
    Gemm          one = *g;
    int64_t       i = 0;
    for (int64_t block = 0; block < blocks; block++) {
        one.m = (g->m - i) / (blocks - block);
        one.a = (const T *)g->a + i * g->a_row;
        one.c = (T *)g->c + i * g->c_row;
        one.row = g->row + i;
        NAME(packed_rows)(&one);
        i += one.m;
    }
}

static void NAME(gemm)(const Gemm *g)
{
    const int64_t width = VECTORS * LANES;
    T             panel[VECTORS * LANES * DEPTH];
    if (CAN_PACK && g->packed) {
        NAME(packed)(g);
        return;
    }
    if (g->gather == NULL && g->piece == NULL) {
        if (g->m == 1 && g->b_col == 1) {
            NAME(row)(g);
            return;
        }
        if (g->m <= 8 && g->b_row == 1 && g->a_col == 1) {
            NAME(dots)(g);
            return;
        }
    }
    for (int64_t j = 0; j < g->n; j += width) {
        const int64_t w = at_most(g->n - j, width), padded = (w + LANES - 1) / LANES * LANES;
        const bool    in_place = g->b_col == 1 && padded == w && g->piece == NULL && (g->dense || g->m <= (MANY ? 2 : 1) * ROWS);
        int64_t       l = 0;
        do {
            const int64_t  depth = depth_from(g->k, l);
            const T *const b = (const T *)g->b + l * g->b_row + j * g->b_col;
            const bool     accumulate = g->accumulate || l > 0, last = l + depth == g->k;
            Gemm           one = *g;
            if (!in_place) NAME(pack)(panel, padded, b, g->b_row, g->b_col, depth, w);
            for (int64_t i = 0; i < (g->piece != NULL ? g->lines : 1); i++) {
                if (g->piece != NULL) g->piece(&one, i);
                NAME(advance)(&one, j, w, l, depth, in_place ? b : panel, in_place ? g->b_row : padded, accumulate, last,
                              in_place ? 0 : (uintptr_t)panel, 0);
            }
            l += depth;
        } while (l < g->k);
    }
}

#undef LIST_6
#undef LIST_4
#undef TILES_6
#undef TILES_4
#undef TILE
#undef LINES
#undef ROW_SUMS
#undef CAN_PACK
#undef ROWS
#undef VECTORS
#undef MANY
#undef LANES
#undef U
#undef V
#undef NAME
#endif
