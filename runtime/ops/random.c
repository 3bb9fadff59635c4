/* random_uniform and random_normal: Philox in counter mode, stream 0 of the key. Two elements share a block: elements 2n and
 * 2n + 1 come from words 0, 1 and 2, 3 of block n, a low and a high half, whose upper 52 bits are a step s.
 *
 *   uniform   s * 2**-52; float32: its upper 24 bits, so that rounding never gives 1
 *   normal    the standard normal quantile of (s + 1/2) * 2**-52, in the same bits everywhere; float32: rounded */
#include "../src/philox.h"
#include "../src/same_math.h"
#include "kernel.h"

enum { BATCH = 2 * MDL_PHILOX_BLOCKS };
_Static_assert((int)BATCH == (int)MDL_SAME_BATCH, "a batch of random numbers is a batch of quantiles");

/* The steps of elements first .. first + BATCH; `first` is even. */
static void steps(uint64_t key, int64_t first, uint64_t out[BATCH])
{
    uint32_t words[4][MDL_PHILOX_BLOCKS];
    mdl_philox_blocks((uint64_t)first / 2, 0, key, words);
    for (int i = 0; i < MDL_PHILOX_BLOCKS; i++) {
        out[2 * i] = ((uint64_t)words[1][i] << 32 | words[0][i]) >> 12;
        out[2 * i + 1] = ((uint64_t)words[3][i] << 32 | words[2][i]) >> 12;
    }
}

mdl_status mdl_random_uniform(const mdl_tensor *out, uint64_t key, mdl_error *error)
{
    const int64_t n = elements(out);
    if (out->dtype != MDL_FLOAT32 && out->dtype != MDL_FLOAT64) return mdl_refuse_dtype(error, "random_uniform", out);
    for (int64_t at = 0; at < n; at += BATCH) {
        const int64_t count = at_most(n - at, BATCH);
        uint64_t      s[BATCH];
        steps(key, at, s);
        for (int64_t i = 0; i < count; i++) {
            if (out->dtype == MDL_FLOAT32) ((float *)out->data)[at + i] = (float)(s[i] >> 28) * 0x1p-24f;
            else ((double *)out->data)[at + i] = (double)s[i] * 0x1p-52;
        }
    }
    return MDL_OK;
}

mdl_status mdl_random_normal(const mdl_tensor *out, uint64_t key, mdl_error *error)
{
    const int64_t n = elements(out);
    if (out->dtype != MDL_FLOAT32 && out->dtype != MDL_FLOAT64) return mdl_refuse_dtype(error, "random_normal", out);
    for (int64_t at = 0; at < n; at += BATCH) {
        const int64_t count = at_most(n - at, BATCH);
        uint64_t      s[BATCH];
        double        z[BATCH];
        steps(key, at, s);
        for (int i = 0; i < BATCH; i++) z[i] = ((double)s[i] + 0.5) * 0x1p-52;
        mdl_same_normal_quantiles(z);
        for (int64_t i = 0; i < count; i++) {
            if (out->dtype == MDL_FLOAT32) ((float *)out->data)[at + i] = (float)z[i];
            else ((double *)out->data)[at + i] = z[i];
        }
    }
    return MDL_OK;
}
