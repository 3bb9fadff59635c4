/* random_uniform and random_normal: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011)
 * in counter mode. Block n of a stream is four words w0..w3 made from (key, n).
 *
 *   float32 uniform   element 4n + i: the upper 24 bits of w_i, times 2**-24
 *   float64 uniform   element 2n + i: the upper 53 bits of w_2i * 2**32 + w_(2i+1), times 2**-53
 *   float32 normal    elements 4n + 2i, 4n + 2i + 1: Box-Muller of (w_2i + 1) * 2**-32 and w_(2i+1) * 2**-32
 *   float64 normal    elements 2n, 2n + 1: Box-Muller of u + 2**-53 and v, the block's two float64 uniforms
 *   Box-Muller        (r cos t, r sin t), r = sqrt(-2 log(first)), t = 2 pi second; in double, then rounded */
#include "kernel.h"

static void philox(uint64_t key, uint64_t block, uint32_t w[4])
{
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32), c2 = 0, c3 = 0;
    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)c0 * 0xD2511F53u, p1 = (uint64_t)c2 * 0xCD9E8D57u;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    w[0] = c0, w[1] = c1, w[2] = c2, w[3] = c3;
}

static double uniform_53(uint32_t high, uint32_t low)
{
    return (double)(((uint64_t)high << 32 | low) >> 11) * 0x1p-53;
}

static void box_muller(double first, double second, double z[2])
{
    const double r = sqrt(-2.0 * log(first)), t = 6.28318530717958647693 * second;
    z[0] = r * cos(t);
    z[1] = r * sin(t);
}

static int per_block(const mdl_tensor *out)
{
    return out->dtype == MDL_FLOAT32 ? 4 : out->dtype == MDL_FLOAT64 ? 2 : 0;
}

static void store(const mdl_tensor *out, int64_t at, const double *values, int count)
{
    const int64_t n = elements(out);
    for (int i = 0; i < count && at + i < n; i++) {
        if (out->dtype == MDL_FLOAT32) ((float *)out->data)[at + i] = (float)values[i];
        else ((double *)out->data)[at + i] = values[i];
    }
}

mdl_status mdl_random_uniform(const mdl_tensor *out, uint64_t key, mdl_error *error)
{
    const int64_t n = elements(out);
    const int     count = per_block(out);
    if (count == 0) return mdl_refuse_dtype(error, "random_uniform", out);
    for (int64_t at = 0; at < n; at += count) {
        uint32_t w[4];
        double   u[4];
        philox(key, (uint64_t)(at / count), w);
        for (int i = 0; i < count; i++) u[i] = count == 4 ? (double)(w[i] >> 8) * 0x1p-24 : uniform_53(w[2 * i], w[2 * i + 1]);
        store(out, at, u, count);
    }
    return MDL_OK;
}

mdl_status mdl_random_normal(const mdl_tensor *out, uint64_t key, mdl_error *error)
{
    const int64_t n = elements(out);
    const int     count = per_block(out);
    if (count == 0) return mdl_refuse_dtype(error, "random_normal", out);
    for (int64_t at = 0; at < n; at += count) {
        uint32_t w[4];
        double   z[4];
        philox(key, (uint64_t)(at / count), w);
        if (count == 4) {
            box_muller(((double)w[0] + 1.0) * 0x1p-32, (double)w[1] * 0x1p-32, z);
            box_muller(((double)w[2] + 1.0) * 0x1p-32, (double)w[3] * 0x1p-32, z + 2);
        } else {
            box_muller(uniform_53(w[0], w[1]) + 0x1p-53, uniform_53(w[2], w[3]), z);
        }
        store(out, at, z, count);
    }
    return MDL_OK;
}
