#include "dtype.h"

#include "internal.h"

#include <string.h>

static const struct {
    const char *name;
    size_t      size;
} dtypes[] = {
    [MDL_FLOAT32] = {"float32", 4}, [MDL_FLOAT64] = {"float64", 8}, [MDL_FLOAT16] = {"float16", 2},
    [MDL_BFLOAT16] = {"bfloat16", 2}, [MDL_INT8] = {"int8", 1}, [MDL_UINT8] = {"uint8", 1}, [MDL_INT16] = {"int16", 2},
    [MDL_INT32] = {"int32", 4}, [MDL_INT64] = {"int64", 8}, [MDL_BOOL] = {"bool", 1},
};

const char *mdl_dtype_name(mdl_dtype dtype)
{
    return dtypes[dtype].name;
}

size_t mdl_dtype_size(mdl_dtype dtype)
{
    return dtypes[dtype].size;
}

bool mdl_dtype_of(const char *name, size_t len, mdl_dtype *dtype)
{
    for (int i = MDL_FLOAT32; i <= MDL_BOOL; i++) {
        if (strlen(dtypes[i].name) == len && memcmp(dtypes[i].name, name, len) == 0) {
            *dtype = (mdl_dtype)i;
            return true;
        }
    }
    return false;
}

bool mdl_same_shape(int rank_a, const int64_t *a, int rank_b, const int64_t *b)
{
    if (rank_a != rank_b) return false;
    for (int i = 0; i < rank_a; i++) {
        if (a[i] != b[i]) return false;
    }
    return true;
}

/* ---- 16-bit floats ---- */

/* Rounds to a sign, `ebits` of exponent and `mbits` of mantissa, to nearest even. A carry out of the mantissa becomes the next
 * exponent by itself. */
static uint16_t narrow(double v, int ebits, int mbits)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    const uint16_t sign = (uint16_t)(bits >> 63 << 15);
    const uint64_t magnitude = bits & ~(1ull << 63), infinity = (1ull << ebits) - 1;
    if (magnitude > 0x7FF0000000000000u) return (uint16_t)(sign | infinity << mbits | 1ull << (mbits - 1));
    int       e = (int)(magnitude >> 52) - 1023 + (1 << (ebits - 1)) - 1;
    int       drop = 52 - mbits;
    const uint64_t m = (magnitude & ((1ull << 52) - 1)) | 1ull << 52;
    if (e < 1) { /* subnormal: the leading one is a bit like the others */
        drop += 1 - e;
        e = 1;
        if (drop > 54) return sign;
    }
    uint64_t       kept = m >> drop;
    const uint64_t rest = m & ((1ull << drop) - 1), half = 1ull << (drop - 1);
    if (rest > half || (rest == half && (kept & 1) != 0)) kept++;
    const uint64_t out = ((uint64_t)(e - 1) << mbits) + kept;
    return (uint16_t)(sign | (out > infinity << mbits ? infinity << mbits : out));
}

static double widen(uint16_t bits, int ebits, int mbits)
{
    const int      infinity = (1 << ebits) - 1, bias = infinity >> 1;
    const int      e = bits >> mbits & infinity;
    const uint64_t m = bits & ((1u << mbits) - 1), sign = (uint64_t)(bits >> 15) << 63;
    uint64_t       wide;
    double         v;
    if (e == 0) { /* m * 2^(1 - bias - mbits), exact */
        const uint64_t unit = (uint64_t)(1023 + 1 - bias - mbits) << 52;
        memcpy(&v, &unit, sizeof v);
        v *= (double)m;
        return sign != 0 ? -v : v;
    }
    wide = sign | (uint64_t)(e == infinity ? 0x7FF : e - bias + 1023) << 52 | m << (52 - mbits);
    memcpy(&v, &wide, sizeof v);
    return v;
}

uint16_t mdl_float16_of(double v) { return narrow(v, 5, 10); }
uint16_t mdl_bfloat16_of(double v) { return narrow(v, 8, 7); }
double   mdl_of_float16(uint16_t bits) { return widen(bits, 5, 10); }
double   mdl_of_bfloat16(uint16_t bits) { return widen(bits, 8, 7); }

/* ---- storing and loading ---- */

/* Towards zero, within [low, high]; NaN is 0. */
static int64_t integer(double v, double low, double high)
{
    return v != v ? 0 : (int64_t)(v < low ? low : v > high ? high : v);
}

void mdl_store(mdl_dtype dtype, const double *v, size_t n, void *out)
{
    float    *f = out;
    double   *d = out;
    uint16_t *h = out;
    uint8_t  *u8 = out;
    int8_t   *i8 = out;
    int16_t  *i16 = out;
    int32_t  *i32 = out;
    int64_t  *i64 = out;
    switch (dtype) {
    case MDL_FLOAT32: for (size_t i = 0; i < n; i++) f[i] = (float)v[i]; break;
    case MDL_FLOAT64: for (size_t i = 0; i < n; i++) d[i] = v[i]; break;
    case MDL_FLOAT16: for (size_t i = 0; i < n; i++) h[i] = mdl_float16_of(v[i]); break;
    case MDL_BFLOAT16: for (size_t i = 0; i < n; i++) h[i] = mdl_bfloat16_of(v[i]); break;
    case MDL_INT8: for (size_t i = 0; i < n; i++) i8[i] = (int8_t)integer(v[i], -128, 127); break;
    case MDL_UINT8: for (size_t i = 0; i < n; i++) u8[i] = (uint8_t)integer(v[i], 0, 255); break;
    case MDL_INT16: for (size_t i = 0; i < n; i++) i16[i] = (int16_t)integer(v[i], -32768, 32767); break;
    case MDL_INT32: for (size_t i = 0; i < n; i++) i32[i] = (int32_t)integer(v[i], -0x1p31, 0x1p31 - 1); break;
    case MDL_INT64: for (size_t i = 0; i < n; i++) i64[i] = integer(v[i], -0x1p63, 0x1p63 - 1024); break;
    case MDL_BOOL: for (size_t i = 0; i < n; i++) u8[i] = v[i] != 0; break;
    }
}

double mdl_load(mdl_dtype dtype, const void *data, size_t i)
{
    switch (dtype) {
    case MDL_FLOAT32: return (double)((const float *)data)[i];
    case MDL_FLOAT64: return ((const double *)data)[i];
    case MDL_FLOAT16: return mdl_of_float16(((const uint16_t *)data)[i]);
    case MDL_BFLOAT16: return mdl_of_bfloat16(((const uint16_t *)data)[i]);
    case MDL_INT8: return ((const int8_t *)data)[i];
    case MDL_UINT8: return ((const uint8_t *)data)[i];
    case MDL_INT16: return ((const int16_t *)data)[i];
    case MDL_INT32: return ((const int32_t *)data)[i];
    case MDL_INT64: return (double)((const int64_t *)data)[i];
    case MDL_BOOL: return ((const uint8_t *)data)[i] != 0;
    }
    return 0;
}

void mdl_convert(mdl_dtype from, const void *in, mdl_dtype to, void *out, size_t count)
{
    enum { STEP = 256 };
    double wide[STEP];
    for (size_t at = 0; at < count; at += STEP) {
        const size_t n = count - at < STEP ? count - at : STEP;
        for (size_t i = 0; i < n; i++) wide[i] = mdl_load(from, in, at + i);
        mdl_store(to, wide, n, (char *)out + at * mdl_dtype_size(to));
    }
}
