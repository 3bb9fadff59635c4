/* A matrix that never changes, such as a layer's kernel, in the order in which the matrix product reads it (gemm.h): the product
 * then reads memory from one end to the other, and packs nothing itself. */
#include "gemm.h"
#include "kernel.h"
#include "parallel.h"

typedef struct Pack {
    const float *from;
    float       *to;
    int64_t      k, n, row, column; /* from[l * row + j * column] */
    int          parts;
} Pack;

static void pack_panel(const Pack *p, int64_t j0)
{
    enum { BLOCK = 16 }; /* of the lines of a transposed matrix, to stay in cache on both sides */
    const int64_t width = at_most(GEMM_PANEL, p->n - j0), padded = gemm_panel_row(p->n, j0);
    const float  *from = p->from + j0 * p->column;
    float        *to = p->to + j0 * p->k;
    for (int64_t l0 = 0; l0 < p->k; l0 += BLOCK) {
        const int64_t end = at_most(l0 + BLOCK, p->k);
        for (int64_t l = l0; p->column == 1 && l < end; l++) memcpy(to + l * padded, from + l * p->row, (size_t)width * sizeof *to);
        for (int64_t j = 0; p->column != 1 && j < width; j++) {
            for (int64_t l = l0; l < end; l++) to[l * padded + j] = from[l + j * p->column];
        }
        for (int64_t l = l0; l < end; l++) {
            for (int64_t j = width; j < padded; j++) to[l * padded + j] = 0;
        }
    }
}

static void pack_part(void *argument, int i)
{
    const Pack *p = argument;
    const int64_t end = part_begin(p->n, GEMM_PANEL, p->parts, i + 1);
    for (int64_t j = part_begin(p->n, GEMM_PANEL, p->parts, i); j < end; j += GEMM_PANEL) pack_panel(p, j);
}

mdl_status mdl_pack_columns(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_pack_columns_attrs *attrs, mdl_error *error)
{
    const bool transposed = attrs->transposed != 0;
    if (nin != 1 || in->rank < 2 || out->rank != in->rank || (transposed && in->rank != 2))
        return mdl_refuse_shape(error, "pack_columns", "the ranks do not fit");
    const int64_t n = in->shape[transposed ? 0 : in->rank - 1], k = n > 0 ? elements(in) / n : 0;
    if (out->shape[out->rank - 1] != gemm_padded(n) || elements(out) != k * gemm_padded(n))
        return mdl_refuse_shape(error, "pack_columns", "the shapes do not fit");
    if (in->dtype != MDL_FLOAT32 || out->dtype != MDL_FLOAT32) return mdl_refuse_dtype(error, "pack_columns", out);
    if (elements(out) == 0) return MDL_OK;
    Pack p = {in->data, out->data, k, n, transposed ? 1 : n, transposed ? k : 1, 1};
    const int     most = mdl_parts(8.0 * (double)elements(in));
    const int64_t panels = (n + GEMM_PANEL - 1) / GEMM_PANEL;
    p.parts = panels < most ? (int)panels : most;
    mdl_parallel(p.parts, pack_part, &p);
    return MDL_OK;
}
