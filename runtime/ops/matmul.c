/* matmul: y[..., i, j] = sum over k of a[..., i, k] * b[..., k, j]; leading axes broadcast; either operand may be stored
 * transposed. */
#include "gemm.h"
#include "kernel.h"
#include "parallel.h"

/* Integers wrap; a row of y grows by multiples of rows of b. */
static void matmul_i(const Gemm *g)
{
    for (int64_t i = 0; i < g->m; i++) {
        uint64_t *const      y = (uint64_t *)g->c + i * g->c_row;
        const int64_t *const a = (const int64_t *)g->a + i * g->a_row;
        for (int64_t j = 0; j < g->n; j++) y[j] = 0;
        for (int64_t l = 0; l < g->k; l++) {
            const uint64_t       factor = (uint64_t)a[l * g->a_col];
            const int64_t *const b = (const int64_t *)g->b + l * g->b_row;
            for (int64_t j = 0; j < g->n; j++) y[j] += factor * (uint64_t)b[j * g->b_col];
        }
    }
    if (g->then != NULL) g->then->run(g->then->context, g->row, g->m, g->column, g->n);
}

/* The strides of x's leading axes under the result's, 0 where it is broadcast. False if they do not fit. */
static bool leading_strides(const mdl_tensor *out, const mdl_tensor *x, int64_t *strides)
{
    const int lead = out->rank - 2, missing = out->rank - x->rank;
    int64_t   own[MDL_MAX_RANK];
    row_major(x->rank, x->shape, own);
    for (int i = 0; i < lead; i++) {
        const int axis = i - missing;
        strides[i] = axis < 0 || x->shape[axis] == 1 ? 0 : own[axis];
        if (axis >= 0 && x->shape[axis] != 1 && x->shape[axis] != out->shape[i]) return false;
    }
    return true;
}

static bool same_leading(const mdl_tensor *out, const mdl_tensor *x)
{
    if (out->rank != x->rank) return false;
    for (int i = 0; i < out->rank - 2; i++)
        if (out->shape[i] != x->shape[i]) return false;
    return true;
}

/* Products that differ in the place along the leading axes. */
typedef struct Batch {
    Gemm              g;
    const mdl_tensor *out, *a, *b;
    const int64_t    *a_lead, *b_lead, *y_lead; /* strides of the leading axes */
    int               lead;
    int               parts;
} Batch;

static int64_t offset_of(const Batch *b, const int64_t *strides, int64_t product)
{
    int64_t at = 0;
    for (int i = b->lead; i-- > 0; product /= b->out->shape[i]) at += product % b->out->shape[i] * strides[i];
    return at;
}

static void run_one(const Batch *b, int64_t product)
{
    Gemm g = b->g;
    g.a = byte_at(b->a, offset_of(b, b->a_lead, product));
    g.b = byte_at(b->b, offset_of(b, b->b_lead, product));
    g.c = byte_at(b->out, offset_of(b, b->y_lead, product));
    g.row = product * g.m;
    switch (b->out->dtype) {
    case MDL_FLOAT32: mdl_gemm_f(&g); break;
    case MDL_FLOAT64: mdl_gemm_d(&g); break;
    default: matmul_i(&g); break;
    }
}

static int64_t count_of(const Batch *b)
{
    int64_t count = 1;
    for (int i = 0; i < b->lead; i++) count *= b->out->shape[i];
    return count;
}

static void run_part(void *argument, int i)
{
    const Batch  *b = argument;
    const int64_t count = count_of(b), end = part_begin(count, 1, b->parts, i + 1);
    for (int64_t product = part_begin(count, 1, b->parts, i); product < end; product++) run_one(b, product);
}

/* Threads share the products; a few large ones each. */
static void run(Batch *b)
{
    const int64_t count = count_of(b);
    const int     most = mdl_parts((double)count * (double)b->g.m * (double)b->g.n * (double)b->g.k);
    b->parts = count < most ? 1 : most;
    mdl_parallel(b->parts, run_part, b);
}

mdl_status mdl_matmul_then(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_matmul_attrs *attrs,
                           const mdl_epilogue *then, mdl_error *error)
{
    const mdl_tensor *const a = &in[0], *const b = &in[1];
    const bool              ta = attrs->transpose_a != 0, tb = attrs->transpose_b != 0;
    int64_t                 a_lead[MDL_MAX_RANK], b_lead[MDL_MAX_RANK], y_lead[MDL_MAX_RANK];
    int64_t                 m, n, k;
    int                     lead;
    Gemm                    g;
    if (nin != 2 || a->rank < 2 || b->rank < 2 || out->rank < 2 || a->rank > out->rank || b->rank > out->rank)
        return mdl_refuse_shape(error, "matmul", "the ranks do not fit");
    if (out->dtype != a->dtype || out->dtype != b->dtype) return mdl_refuse_dtype(error, "matmul", out);
    if (out->dtype != MDL_FLOAT32 && out->dtype != MDL_FLOAT64 && out->dtype != MDL_INT64) return mdl_refuse_dtype(error, "matmul", out);
    if (out->dtype == MDL_INT64 && is_plain(then)) return mdl_refuse_dtype(error, "matmul", out);
    m = out->shape[out->rank - 2];
    n = out->shape[out->rank - 1];
    k = a->shape[a->rank - (ta ? 2 : 1)];
    if (a->shape[a->rank - (ta ? 1 : 2)] != m || b->shape[b->rank - (tb ? 1 : 2)] != k || b->shape[b->rank - (tb ? 2 : 1)] != n)
        return mdl_refuse_shape(error, "matmul", "the shapes do not fit");
    if (!leading_strides(out, a, a_lead) || !leading_strides(out, b, b_lead) || !leading_strides(out, out, y_lead))
        return mdl_refuse_shape(error, "matmul", "the leading axes do not fit");
    if (elements(out) == 0) return MDL_OK;
    lead = out->rank - 2;
    if (!ta && same_leading(out, a) && elements(b) == k * n) { /* one b for all: the leading axes are rows too */
        m = elements(out) / n;
        lead = 0;
    }
    g = (Gemm){.m = m, .n = n, .k = k, .a_row = ta ? 1 : k, .a_col = ta ? m : 1, .b_row = tb ? 1 : n, .b_col = tb ? k : 1, .c_row = n, .then = then};
    run(&(Batch){g, out, a, b, a_lead, b_lead, y_lead, lead, 1});
    return MDL_OK;
}

mdl_status mdl_matmul_packed_then(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_matmul_packed_attrs *attrs,
                                  const mdl_epilogue *then, mdl_error *error)
{
    (void)attrs;
    if (nin != 2 || in[0].rank < 2 || in[1].rank != 2 || out->rank != in[0].rank || !same_shape_but(out, &in[0], out->rank - 1))
        return mdl_refuse_shape(error, "matmul_packed", "the ranks do not fit");
    if (out->dtype != MDL_FLOAT32 || in[0].dtype != MDL_FLOAT32 || in[1].dtype != MDL_FLOAT32) return mdl_refuse_dtype(error, "matmul_packed", out);
    const int64_t k = in[0].shape[out->rank - 1], n = out->shape[out->rank - 1];
    if (in[1].shape[0] != k || in[1].shape[1] != gemm_padded(n)) return mdl_refuse_shape(error, "matmul_packed", "the shapes do not fit");
    if (elements(out) == 0) return MDL_OK;
    mdl_gemm_f(&(Gemm){.m = elements(out) / n, .n = n, .k = k, .a = in[0].data, .a_row = k, .a_col = 1, .b = in[1].data, .packed = true,
                       .c = out->data, .c_row = n, .then = then});
    return MDL_OK;
}

mdl_status mdl_matmul_packed(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_matmul_packed_attrs *attrs, mdl_error *error)
{
    return mdl_matmul_packed_then(out, in, nin, attrs, NULL, error);
}

mdl_status mdl_matmul(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_matmul_attrs *attrs, mdl_error *error)
{
    return mdl_matmul_then(out, in, nin, attrs, NULL, error);
}
