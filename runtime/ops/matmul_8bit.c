/* Products of 8-bit integers with sums of 32 bits that wrap: y[..., i, j] = sum over l of a[..., i, l] * b[l, j].
 *
 * With MDL_ISA=avx512_vnni four products at a time are added up in one instruction, which takes an unsigned and a signed factor: a is
 * moved up by 128 if it is signed, b down by 128 if it is unsigned, and what that adds to the sums is taken off again. Everything
 * is modulo 2**32, so that all ways give the same bits. */
#include <mdl/mdl_isa.h>

#include "intrinsics.h"
#include "kernel.h"
#include "parallel.h"

typedef struct Product8 {
    int64_t     m, n, k;
    const void *a, *b;
    bool        a_signed, b_signed;
    uint32_t   *y;
    int         parts;
} Product8;

#define CONCAT_(a, b, c) a##_##b##_##c
#define CONCAT(a, b, c)  CONCAT_(a, b, c)
#define BODY             "product8_each.h"
#include "each_isa.h"

typedef void Rows(const Product8 *p, int64_t begin, int64_t end);

/* ---- four products in one instruction ---- */

#if MDL_X86

enum { DEPTH = 256, WIDTH = 64, VECTORS = WIDTH / 16, TILE = 4 };

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512vnni"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512vnni")
#endif

/* Columns [j, j + WIDTH) of rows [l, l + depth) of b, four rows side by side, signed; and their sums. Beyond the end is 0. */
static void pack_vnni(const Product8 *p, int64_t j, int64_t l, int64_t depth, uint32_t (*panel)[WIDTH], int32_t *sums)
{
    const uint8_t  flip = p->b_signed ? 0 : 0x80;
    const uint32_t flips = flip * 0x01010101u;
    const int64_t  width = at_most(WIDTH, p->n - j);
    uint8_t        none[WIDTH];
    memset(none, flip, sizeof none);
    for (int64_t r = 0; r < depth; r += 4, panel++) {
        const uint8_t *b[4];
        for (int64_t q = 0; q < 4; q++) b[q] = r + q < depth ? (const uint8_t *)p->b + (l + r + q) * p->n + j : none;
        for (int64_t c = 0; c < width; c++) {
            const uint32_t four = ((uint32_t)b[0][c] | (uint32_t)b[1][c] << 8 | (uint32_t)b[2][c] << 16 | (uint32_t)b[3][c] << 24) ^ flips;
            (*panel)[c] = four;
            sums[c] += (int8_t)four + (int8_t)(four >> 8) + (int8_t)(four >> 16) + (int8_t)(four >> 24);
        }
        for (int64_t c = width; c < WIDTH; c++) (*panel)[c] = 0;
    }
}

/* Four bytes of a row, as unsigned; beyond the end whatever b's zeros make nothing of. */
static inline int four_of(const uint8_t *a, int64_t left, uint32_t flip)
{
    uint32_t four = 0;
    if (left >= 4) memcpy(&four, a, 4); /* a load */
    else memcpy(&four, a, (size_t)left);
    four ^= flip;
    return (int)four;
}

/* `rows` <= TILE rows of y[:, WIDTH columns] advance by a panel. */
static inline __attribute__((always_inline)) void tile_vnni(const int rows, const Product8 *p, int64_t i, int64_t l, int64_t depth,
                                                            const uint32_t (*panel)[WIDTH], uint32_t (*y)[WIDTH])
{
    const uint32_t       flip = p->a_signed ? 0x80808080u : 0;
    const uint8_t *const a = (const uint8_t *)p->a + i * p->k + l;
    __m512i              sum[TILE][VECTORS];
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < VECTORS; v++) sum[r][v] = _mm512_loadu_si512(y[r] + 16 * v);
    for (int64_t q = 0; q < depth; q += 4) {
        __m512i b[VECTORS];
        UNROLL for (int v = 0; v < VECTORS; v++) b[v] = _mm512_loadu_si512(panel[q / 4] + 16 * v);
        UNROLL for (int r = 0; r < rows; r++) {
            const __m512i factor = _mm512_set1_epi32(four_of(a + r * p->k + q, depth - q, flip));
            UNROLL for (int v = 0; v < VECTORS; v++) sum[r][v] = _mm512_dpbusd_epi32(sum[r][v], factor, b[v]);
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < VECTORS; v++) _mm512_storeu_si512(y[r] + 16 * v, sum[r][v]);
}

/* What moving the factors added: 128 times the sums of b's columns, less 128 times those of a's rows. */
static uint32_t moved_by(const Product8 *p, int64_t i, int64_t l, int64_t depth)
{
    int32_t sum = 0;
    for (int64_t q = 0; q < depth && !p->b_signed; q++) {
        const uint8_t byte = ((const uint8_t *)p->a)[i * p->k + l + q];
        sum += p->a_signed ? mdl_i_to_i8(byte) : byte;
    }
    return 128u * (uint32_t)sum;
}

static void block_vnni(const Product8 *p, int64_t begin, int64_t end, int64_t j, int64_t l, int64_t depth)
{
    uint32_t      panel[DEPTH / 4][WIDTH], y[TILE][WIDTH] = {{0}};
    int32_t       sums[WIDTH] = {0};
    const int64_t width = at_most(WIDTH, p->n - j);
    pack_vnni(p, j, l, depth, panel, sums);
    for (int64_t i = begin; i < end; i += TILE) {
        const int64_t rows = at_most(TILE, end - i);
        for (int64_t r = 0; r < rows; r++) {
            const uint32_t moved = moved_by(p, i + r, l, depth);
            for (int64_t c = 0; c < width; c++) y[r][c] = (l > 0 ? p->y[(i + r) * p->n + j + c] : 0) + moved - (p->a_signed ? 128u * (uint32_t)sums[c] : 0);
        }
        if (rows == TILE) tile_vnni(TILE, p, i, l, depth, (const uint32_t(*)[WIDTH])panel, y);
        else
            for (int64_t r = 0; r < rows; r++) tile_vnni(1, p, i + r, l, depth, (const uint32_t(*)[WIDTH])panel, y + r);
        for (int64_t r = 0; r < rows; r++) memcpy(p->y + (i + r) * p->n + j, y[r], (size_t)width * sizeof **y);
    }
}

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

static void rows_vnni(const Product8 *p, int64_t begin, int64_t end)
{
    for (int64_t j = 0; j < p->n; j += WIDTH) {
        int64_t l = 0;
        do block_vnni(p, begin, end, j, l, at_most(DEPTH, p->k - l));
        while ((l += DEPTH) < p->k);
    }
}

#endif

/* ---- the kernel ---- */

static Rows *rows_for(const Product8 *p)
{
#if MDL_X86
    if (mdl_isa_found() >= MDL_AVX512_VNNI) return rows_vnni;
#endif
    if (p->a_signed) return p->b_signed ? BY_ISA(rows_ss) : BY_ISA(rows_su);
    return p->b_signed ? BY_ISA(rows_us) : BY_ISA(rows_uu);
}

static void part(void *argument, int i)
{
    const Product8 *p = argument;
    rows_for(p)(p, part_begin(p->m, 1, p->parts, i), part_begin(p->m, 1, p->parts, i + 1));
}

static bool is_8bit(const mdl_tensor *t)
{
    return t->dtype == MDL_INT8 || t->dtype == MDL_UINT8;
}

mdl_status mdl_matmul_8bit(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_matmul_8bit_attrs *attrs, mdl_error *error)
{
    (void)attrs;
    if (nin != 2 || in[0].rank < 2 || in[1].rank != 2 || !same_shape_but(out, &in[0], in[0].rank - 1) || in[0].shape[in[0].rank - 1] != in[1].shape[0] ||
        out->shape[out->rank - 1] != in[1].shape[1])
        return mdl_refuse_shape(error, "matmul_8bit", "the shapes do not fit");
    if (out->dtype != MDL_INT32 || !is_8bit(&in[0]) || !is_8bit(&in[1])) return mdl_refuse_dtype(error, "matmul_8bit", is_8bit(&in[0]) ? &in[1] : &in[0]);
    if (elements(out) == 0) return MDL_OK;
    Product8 p = {.n = in[1].shape[1], .k = in[1].shape[0], .a = in[0].data, .b = in[1].data, .y = out->data, .parts = 1};
    p.a_signed = in[0].dtype == MDL_INT8;
    p.b_signed = in[1].dtype == MDL_INT8;
    p.m = elements(out) / p.n;
    p.parts = mdl_parts((double)p.m * (double)p.n * (double)p.k / 4);
    if (p.m < p.parts) p.parts = 1;
    mdl_parallel(p.parts, part, &p);
    return MDL_OK;
}
