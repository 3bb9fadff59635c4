/* matmul: y[..., i, j] = sum over k of a[..., i, k] * b[..., k, j]; leading axes broadcast; either operand may be stored
 * transposed. */
#include "kernel.h"

#define T            float
#define NAME         matmul_f
#define ADD(a, b, c) ((c) + (a) * (b))
#include "matmul_body.h"
#define T            double
#define NAME         matmul_d
#define ADD(a, b, c) ((c) + (a) * (b))
#include "matmul_body.h"
#define T            int64_t
#define NAME         matmul_i
#define ADD(a, b, c) mdl_add_i(c, mdl_multiply_i(a, b))
#include "matmul_body.h"

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

mdl_status mdl_matmul(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_matmul_attrs *attrs, mdl_error *error)
{
    const mdl_tensor *const a = &in[0], *const b = &in[1];
    const bool              ta = attrs->transpose_a != 0, tb = attrs->transpose_b != 0;
    int64_t                 a_lead[MDL_MAX_RANK], b_lead[MDL_MAX_RANK], y_lead[MDL_MAX_RANK], index[MDL_MAX_RANK] = {0};
    int64_t                 y_at = 0, m, n, k;
    if (nin != 2 || a->rank < 2 || b->rank < 2 || out->rank < 2 || a->rank > out->rank || b->rank > out->rank)
        return mdl_refuse_shape(error, "matmul", "the ranks do not fit");
    if (out->dtype != a->dtype || out->dtype != b->dtype) return mdl_refuse_dtype(error, "matmul", out);
    if (out->dtype != MDL_FLOAT32 && out->dtype != MDL_FLOAT64 && out->dtype != MDL_INT64) return mdl_refuse_dtype(error, "matmul", out);
    m = out->shape[out->rank - 2];
    n = out->shape[out->rank - 1];
    k = a->shape[a->rank - (ta ? 2 : 1)];
    if (a->shape[a->rank - (ta ? 1 : 2)] != m || b->shape[b->rank - (tb ? 1 : 2)] != k || b->shape[b->rank - (tb ? 2 : 1)] != n)
        return mdl_refuse_shape(error, "matmul", "the shapes do not fit");
    if (!leading_strides(out, a, a_lead) || !leading_strides(out, b, b_lead) || !leading_strides(out, out, y_lead))
        return mdl_refuse_shape(error, "matmul", "the leading axes do not fit");
    if (elements(out) == 0) return MDL_OK;
    do {
        int64_t a_at = 0, b_at = 0;
        for (int i = 0; i < out->rank - 2; i++) {
            a_at += index[i] * a_lead[i];
            b_at += index[i] * b_lead[i];
        }
        switch (out->dtype) {
        case MDL_FLOAT32:
            matmul_f(m, n, k, (float *)out->data + y_at, (const float *)a->data + a_at, ta, (const float *)b->data + b_at, tb);
            break;
        case MDL_FLOAT64:
            matmul_d(m, n, k, (double *)out->data + y_at, (const double *)a->data + a_at, ta, (const double *)b->data + b_at, tb);
            break;
        default:
            matmul_i(m, n, k, (int64_t *)out->data + y_at, (const int64_t *)a->data + a_at, ta, (const int64_t *)b->data + b_at, tb);
            break;
        }
    } while (next_position(out->rank - 2, out->shape, y_lead, index, &y_at));
    return MDL_OK;
}
