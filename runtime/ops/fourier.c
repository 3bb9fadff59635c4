/* dft: the discrete Fourier transform by factors, Cooley and Tukey's way. The largest prime factor is taken last, straight from
 * the input, so that the others, which need a scratch of their size, are at most the root of n. */
#include "kernel.h"

enum { MAX_FACTORS = 64, MAX_RADIX = 4096 };

typedef struct Plan {
    int64_t     n;
    int64_t     factors[MAX_FACTORS]; /* ascending primes */
    int         count;
    const void *turns;
} Plan;

#define E       float
#define NAME(x) x##_f
#include "fourier_body.h"
#define E       double
#define NAME(x) x##_d
#include "fourier_body.h"

static void find_factors(Plan *p)
{
    int64_t rest = p->n;
    for (int64_t f = 2; f * f <= rest; f++) {
        for (; rest % f == 0; rest /= f) p->factors[p->count++] = f;
    }
    if (rest > 1 || p->count == 0) p->factors[p->count++] = rest;
}

mdl_status mdl_dft(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_dft_attrs *attrs, mdl_error *error)
{
    Plan    p = {0};
    int64_t lines = 1;
    (void)attrs;
    if (nin != 2 || out->dtype != in[0].dtype || in[1].dtype != out->dtype) return mdl_refuse_dtype(error, "dft", out);
    if (out->dtype != MDL_FLOAT32 && out->dtype != MDL_FLOAT64) return mdl_refuse_dtype(error, "dft", out);
    if (out->rank < 2 || !same_shape(out, &in[0]) || in[1].rank != 2 || out->shape[out->rank - 1] != 2 || in[1].shape[1] != 2 ||
        in[1].shape[0] != out->shape[out->rank - 2])
        return mdl_refuse_shape(error, "dft", "the shapes do not fit");
    if (elements(out) == 0) return MDL_OK;
    p.n = in[1].shape[0];
    p.turns = in[1].data;
    find_factors(&p);
    if (p.count > 1 && p.factors[p.count - 2] > MAX_RADIX)
        return mdl_fail(error, MDL_BAD_INPUT, "dft: %lld points have two prime factors above %d", (long long)p.n, (int)MAX_RADIX);
    for (int i = 0; i < out->rank - 2; i++) lines *= out->shape[i];
    for (int64_t i = 0; i < lines; i++) {
        if (out->dtype == MDL_FLOAT32)
            transform_f((float *)out->data + 2 * i * p.n, (const float *)in[0].data + 2 * i * p.n, p.n, 1, &p, 0);
        else transform_d((double *)out->data + 2 * i * p.n, (const double *)in[0].data + 2 * i * p.n, p.n, 1, &p, 0);
    }
    return MDL_OK;
}
