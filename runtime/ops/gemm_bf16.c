/* Matrix products by the instructions of bfloat16 (vdpbf16ps), on request: MDL_ISA=avx512_bf16.
 *
 * They multiply two pairs of bfloat16 and add both products to a float32, twice the multiplications of AVX-512. Tensors of bfloat16 come
 * here as float32, which holds their values; so the values decide: where both factors have nothing in the lower half of their bits,
 * cutting that off loses nothing, and what differs is the order of the sums. (And denormal numbers count as 0.) Other products go
 * the way of float32. The whole product is looked at before threads share it: their number doesn't matter. */
#include "gemm_bf16.h"

#include "intrinsics.h"
#include "kernel.h"

#if MDL_X86

enum { DEPTH = 256, PAIRS = DEPTH / 2, WIDTH = GEMM_PANEL, VECTORS = WIDTH / 16, TILE = 6, CHUNK = 48, LEAST = 16 };

/* ---- may it? ---- */

/* Is the lower half of all bits 0? `columns` are the nearer neighbours. */
static bool are_halves(const float *x, int64_t rows, int64_t columns, int64_t row, int64_t column)
{
    for (int64_t i = 0; i < rows; i++) {
        uint32_t any = 0;
        if (column == 1)
            for (int64_t j = 0; j < columns; j++) any |= mdl_bits_f(x[i * row + j]);
        else
            for (int64_t j = 0; j < columns; j++) any |= mdl_bits_f(x[i * row + j * column]);
        if (any & 0xffff) return false;
    }
    return true;
}

static bool matrix_is_halves(const float *x, int64_t rows, int64_t columns, int64_t row, int64_t column)
{
    return row == 1 ? are_halves(x, columns, rows, column, row) : are_halves(x, rows, columns, row, column);
}

bool gemm_bf16_suits(const Gemm *g)
{
    if (mdl_isa_found() != MDL_AVX512_BF16 || g->gather != NULL || g->piece != NULL || g->m < LEAST || g->n < LEAST || g->k < LEAST) return false;
    return matrix_is_halves(g->a, g->m, g->k, g->a_row, g->a_col) &&
           (g->packed ? are_halves(g->b, g->k, gemm_padded(g->n), gemm_padded(g->n), 1) : matrix_is_halves(g->b, g->k, g->n, g->b_row, g->b_col));
}

/* ---- pairs ---- */

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512bf16"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512bf16")
#endif

static inline uint32_t pair_of(float low, float high)
{
    return mdl_bits_f(low) >> 16 | (mdl_bits_f(high) & 0xffff0000u);
}

/* Columns [j, j + WIDTH) of rows [l, l + depth) of b, two rows side by side. Beyond the end is 0. */
static void pack_b(const Gemm *g, int64_t j, int64_t l, int64_t depth, uint32_t (*panel)[WIDTH])
{
    const int64_t      row = g->packed ? gemm_panel_row(g->n, j) : g->b_row, column = g->packed ? 1 : g->b_col, width = at_most(WIDTH, g->n - j);
    const float *const b = (const float *)g->b + (g->packed ? j * g->k : j * g->b_col) + l * row;
    for (int64_t r = 0; r < depth; r += 2, panel++) {
        const float *const low = b + r * row, *const high = low + (r + 1 < depth ? row : 0);
        const uint32_t     both = r + 1 < depth ? 0xffffffffu : 0xffffu;
        if (column == 1)
            for (int64_t c = 0; c < width; c++) (*panel)[c] = pair_of(low[c], high[c]) & both;
        else
            for (int64_t c = 0; c < width; c++) (*panel)[c] = pair_of(low[c * column], high[c * column]) & both;
        for (int64_t c = width; c < WIDTH; c++) (*panel)[c] = 0;
    }
}

/* Rows [i, i + rows) of a, columns [l, l + depth) in pairs. */
static void pack_a(const Gemm *g, int64_t i, int64_t rows, int64_t l, int64_t depth, uint32_t (*chunk)[PAIRS])
{
    for (int64_t r = 0; r < rows; r++) {
        const float *const a = (const float *)g->a + (i + r) * g->a_row + l * g->a_col;
        if (g->a_col == 1)
            for (int64_t q = 0; q < depth / 2; q++) chunk[r][q] = pair_of(a[2 * q], a[2 * q + 1]);
        else
            for (int64_t q = 0; q < depth / 2; q++) chunk[r][q] = pair_of(a[2 * q * g->a_col], a[(2 * q + 1) * g->a_col]);
        if (depth % 2 != 0) chunk[r][depth / 2] = pair_of(a[(depth - 1) * g->a_col], 0);
    }
}

/* ---- products ---- */

/* c[rows, width] (+)= so many pairs of a times as many of b. */
static inline __attribute__((always_inline)) void tile(const int rows, int64_t pairs, const uint32_t (*a)[PAIRS], const uint32_t (*b)[WIDTH], float *c,
                                                       int64_t c_row, int64_t width, bool accumulate)
{
    __m512    sum[TILE][VECTORS];
    __mmask16 lanes[VECTORS];
    UNROLL for (int v = 0; v < VECTORS; v++) {
        const int64_t count = at_least(at_most(width - 16 * v, 16), 0);
        lanes[v] = (__mmask16)((1u << count) - 1);
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < VECTORS; v++) sum[r][v] = accumulate ? _mm512_maskz_loadu_ps(lanes[v], c + r * c_row + 16 * v) : _mm512_setzero_ps();
    for (int64_t q = 0; q < pairs; q++) {
        __m512i line[VECTORS];
        UNROLL for (int v = 0; v < VECTORS; v++) line[v] = _mm512_loadu_si512(b[q] + 16 * v);
        UNROLL for (int r = 0; r < rows; r++) {
            const __m512i factor = _mm512_set1_epi32((int)a[r][q]);
            UNROLL for (int v = 0; v < VECTORS; v++) sum[r][v] = _mm512_dpbf16_ps(sum[r][v], (__m512bh)factor, (__m512bh)line[v]);
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < VECTORS; v++) _mm512_mask_storeu_ps(c + r * c_row + 16 * v, lanes[v], sum[r][v]);
}

/* All rows of a panel advance by `depth` products. */
static void advance(const Gemm *g, int64_t j, int64_t l, int64_t depth, const uint32_t (*panel)[WIDTH])
{
    uint32_t      chunk[CHUNK][PAIRS];
    const int64_t width = at_most(WIDTH, g->n - j), pairs = (depth + 1) / 2;
    const bool    accumulate = g->accumulate || l > 0;
    for (int64_t i = 0; i < g->m; i += CHUNK) {
        const int64_t rows = at_most(CHUNK, g->m - i);
        float *const  c = (float *)g->c + i * g->c_row + j;
        int64_t       r = 0;
        pack_a(g, i, rows, l, depth, chunk);
        for (; r + TILE <= rows; r += TILE) tile(TILE, pairs, (const uint32_t(*)[PAIRS])chunk + r, panel, c + r * g->c_row, g->c_row, width, accumulate);
        for (; r < rows; r++) tile(1, pairs, (const uint32_t(*)[PAIRS])chunk + r, panel, c + r * g->c_row, g->c_row, width, accumulate);
        if (l + depth == g->k) gemm_finish_f(g, i, rows, j, width);
    }
}

void gemm_bf16(const Gemm *g)
{
    uint32_t panel[PAIRS][WIDTH];
    for (int64_t j = 0; j < g->n; j += WIDTH) {
        for (int64_t l = 0; l < g->k; l += DEPTH) {
            const int64_t depth = at_most(DEPTH, g->k - l);
            pack_b(g, j, l, depth, panel);
            advance(g, j, l, depth, (const uint32_t(*)[WIDTH])panel);
        }
    }
}

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#else

bool gemm_bf16_suits(const Gemm *g)
{
    (void)g;
    return false;
}

void gemm_bf16(const Gemm *g)
{
    (void)g;
}

#endif
