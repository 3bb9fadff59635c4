/* The operations that work element by element: one inline function for every row of class UNARY, BINARY, COMPARE, SELECT
 * and CAST in mdl_ops.def, and for each type it computes in.
 *
 *   mdl_<name>_f   float      float32; 16-bit floats are converted to float, computed, and converted back
 *   mdl_<name>_d   double     float64
 *   mdl_<name>_i   int64_t    every integer dtype, and bool as 0 or 1: widen, compute, narrow with mdl_i_to_<dtype>
 *
 * Integer arithmetic wraps. Comparisons, logical_not, isnan, isinf and isfinite give a bool: uint8_t, 0 or 1.
 * bitwise_not of a bool is mdl_bitwise_not_b.
 * CAST is mdl_<from>_to_<to> with from f, d, i and to f, d, f16, bf16, i8, u8, i16, i32, i64, b; 16-bit floats are read with
 * mdl_f16_to_f and mdl_bf16_to_f. Casts from float to integer go towards zero and saturate, NaN gives 0; casts between
 * integers wrap; a cast to bool is x != 0. Casts to a smaller float round to nearest, ties to even, once.
 *
 * Compile what includes this with -ffp-contract=off; the arithmetic is written so that every rounding is visible. Loops over
 * these functions become vectors at -O2 under clang; gcc needs -O3 -fno-trapping-math -fno-math-errno (or the same as
 * `#pragma GCC optimize` above the first include), which change no value. */
#ifndef MDL_MATH_H
#define MDL_MATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) || defined(__clang__)
#define MDL_INLINE static inline __attribute__((unused))
#else
#define MDL_INLINE static inline
#endif

/* ---- bits ---- */

MDL_INLINE uint32_t mdl_bits_f(float x) { uint32_t u; memcpy(&u, &x, sizeof u); return u; }
MDL_INLINE uint64_t mdl_bits_d(double x) { uint64_t u; memcpy(&u, &x, sizeof u); return u; }
MDL_INLINE float    mdl_from_bits_f(uint32_t u) { float x; memcpy(&x, &u, sizeof x); return x; }
MDL_INLINE double   mdl_from_bits_d(uint64_t u) { double x; memcpy(&x, &u, sizeof x); return x; }

/* ---- 16-bit floats ---- */

/* The nearest value with `mantissa` fraction bits and an 8- or 5-bit exponent, as its bits; straight from the bits of a
 * double, so that nothing is rounded twice. `emin` is the exponent of the smallest normal number, `emax` of the largest. */
MDL_INLINE uint16_t mdl_round_bits(double x, int mantissa, int emin, int emax)
{
    const uint64_t u = mdl_bits_d(x);
    const unsigned sign = (unsigned)(u >> 63) << 15;
    const int      biased = (int)(u >> 52) & 0x7ff;
    const int      exponent = biased - 1023;
    const uint64_t fraction = u & 0xfffffffffffffu;
    const unsigned infinity = (unsigned)(emax + 1 - emin + 1) << mantissa;
    if (biased == 0x7ff) return (uint16_t)(sign | infinity | (fraction ? 1u << (mantissa - 1) | (unsigned)(fraction >> (52 - mantissa)) : 0u));
    if (exponent > emax) return (uint16_t)(sign | infinity);
    if (exponent < emin - mantissa - 1) return (uint16_t)sign; /* less than half of the smallest denormal; doubles' denormals too */
    {
        const uint64_t full = fraction | (uint64_t)1 << 52;
        const int      shift = 52 - mantissa + (exponent < emin ? emin - exponent : 0); /* <= 53 */
        const uint64_t kept = full >> shift;
        const uint64_t rest = full & (((uint64_t)1 << shift) - 1);
        const uint64_t half = (uint64_t)1 << (shift - 1);
        const unsigned up = rest > half || (rest == half && (kept & 1));
        /* A normal number's leading 1 adds 1 to its exponent field; a carry out of the fraction does the same. */
        const unsigned field = exponent < emin ? 0 : (unsigned)(exponent - emin);
        return (uint16_t)(sign | ((field << mantissa) + (unsigned)kept + up));
    }
}

MDL_INLINE uint16_t mdl_d_to_f16(double x) { return mdl_round_bits(x, 10, -14, 15); }
MDL_INLINE uint16_t mdl_d_to_bf16(double x) { return mdl_round_bits(x, 7, -126, 127); }

/* float16 without branches: the bits are shifted into place and the exponent corrected by a multiplication, which also
 * normalises denormals. The scheme of Maratyszcza's FP16 library (https://github.com/Maratyszcza/FP16). */
MDL_INLINE float mdl_f16_to_f(uint16_t h)
{
    const uint32_t w = (uint32_t)h << 16;
    const uint32_t sign = w & 0x80000000u;
    const uint32_t two_w = w + w;
    const float    normal = mdl_from_bits_f((two_w >> 4) + (0xe0u << 23)) * mdl_from_bits_f(0x07800000u); /* 2**-112 */
    const float    denormal = mdl_from_bits_f((two_w >> 17) | (126u << 23)) - 0.5f;
    return mdl_from_bits_f(sign | (two_w < (1u << 27) ? mdl_bits_f(denormal) : mdl_bits_f(normal)));
}

MDL_INLINE uint16_t mdl_f_to_f16(float x)
{
    /* 2**112 overflows what is too large to infinity, 2**-110 brings the rest back; adding a bias with the right exponent
     * makes the float addition itself round to 10 bits. */
    const uint32_t w = mdl_bits_f(x);
    const uint32_t two_w = w + w;
    const uint32_t sign = w & 0x80000000u;
    const float    magnitude = mdl_from_bits_f(w & 0x7fffffffu);
    const float    base = (magnitude * mdl_from_bits_f(0x77800000u)) * mdl_from_bits_f(0x08800000u);
    const uint32_t exponent = two_w & 0xff000000u;
    const uint32_t bias = exponent < 0x71000000u ? 0x71000000u : exponent;
    const uint32_t bits = mdl_bits_f(mdl_from_bits_f((bias >> 1) + 0x07800000u) + base);
    const uint32_t nonsign = ((bits >> 13) & 0x7c00u) + (bits & 0xfffu);
    return (uint16_t)((sign >> 16) | (two_w > 0xff000000u ? 0x7e00u : nonsign));
}

MDL_INLINE float mdl_bf16_to_f(uint16_t h) { return mdl_from_bits_f((uint32_t)h << 16); }

MDL_INLINE uint16_t mdl_f_to_bf16(float x)
{
    const uint32_t u = mdl_bits_f(x);
    const uint32_t rounded = (u + 0x7fffu + ((u >> 16) & 1)) >> 16;
    return (uint16_t)((u & 0x7fffffffu) > 0x7f800000u ? (u >> 16 | 0x40u) : rounded);
}

/* ---- cast ---- */

MDL_INLINE double  mdl_f_to_d(float x) { return (double)x; }
MDL_INLINE float   mdl_d_to_f(double x) { return (float)x; }
MDL_INLINE float   mdl_f_to_f(float x) { return x; }
MDL_INLINE double  mdl_d_to_d(double x) { return x; }
MDL_INLINE uint8_t mdl_f_to_b(float x) { return x != 0.0f; }
MDL_INLINE uint8_t mdl_d_to_b(double x) { return x != 0.0; }

/* The comparisons are false for NaN, which leaves 0. */
MDL_INLINE int32_t mdl_f_to_i32(float x) { return x >= 2147483648.0f ? INT32_MAX : x > -2147483648.0f ? (int32_t)x : x <= -2147483648.0f ? INT32_MIN : 0; }
MDL_INLINE int64_t mdl_f_to_i64(float x) { return x >= 9223372036854775808.0f ? INT64_MAX : x > -9223372036854775808.0f ? (int64_t)x : x <= -9223372036854775808.0f ? INT64_MIN : 0; }
MDL_INLINE int8_t  mdl_f_to_i8(float x) { return (int8_t)(x >= 127.0f ? 127 : x >= -128.0f ? (int)x : x < -128.0f ? -128 : 0); }
MDL_INLINE uint8_t mdl_f_to_u8(float x) { return (uint8_t)(x >= 255.0f ? 255 : x > 0.0f ? (int)x : 0); }
MDL_INLINE int16_t mdl_f_to_i16(float x) { return (int16_t)(x >= 32767.0f ? 32767 : x >= -32768.0f ? (int)x : x < -32768.0f ? -32768 : 0); }
MDL_INLINE int32_t mdl_d_to_i32(double x) { return x >= 2147483647.0 ? INT32_MAX : x >= -2147483648.0 ? (int32_t)x : x < -2147483648.0 ? INT32_MIN : 0; }
MDL_INLINE int64_t mdl_d_to_i64(double x) { return x >= 9223372036854775808.0 ? INT64_MAX : x > -9223372036854775808.0 ? (int64_t)x : x <= -9223372036854775808.0 ? INT64_MIN : 0; }
MDL_INLINE int8_t  mdl_d_to_i8(double x) { return (int8_t)(x >= 127.0 ? 127 : x >= -128.0 ? (int)x : x < -128.0 ? -128 : 0); }
MDL_INLINE uint8_t mdl_d_to_u8(double x) { return (uint8_t)(x >= 255.0 ? 255 : x > 0.0 ? (int)x : 0); }
MDL_INLINE int16_t mdl_d_to_i16(double x) { return (int16_t)(x >= 32767.0 ? 32767 : x >= -32768.0 ? (int)x : x < -32768.0 ? -32768 : 0); }

/* Wrapping: the low bits, read as two's complement. */
MDL_INLINE int64_t mdl_wrap_i64(uint64_t u) { return u <= INT64_MAX ? (int64_t)u : -(int64_t)(UINT64_MAX - u) - 1; }
MDL_INLINE int8_t  mdl_i_to_i8(int64_t x) { return (int8_t)((int)(((uint64_t)x + 0x80u) & 0xffu) - 0x80); }
MDL_INLINE uint8_t mdl_i_to_u8(int64_t x) { return (uint8_t)((uint64_t)x & 0xffu); }
MDL_INLINE int16_t mdl_i_to_i16(int64_t x) { return (int16_t)((int)(((uint64_t)x + 0x8000u) & 0xffffu) - 0x8000); }
MDL_INLINE int32_t mdl_i_to_i32(int64_t x) { return (int32_t)((int64_t)(((uint64_t)x + 0x80000000u) & 0xffffffffu) - 0x80000000LL); }
MDL_INLINE int64_t mdl_i_to_i64(int64_t x) { return x; }
MDL_INLINE uint8_t mdl_i_to_b(int64_t x) { return x != 0; }
MDL_INLINE float   mdl_i_to_f(int64_t x) { return (float)x; }
MDL_INLINE double  mdl_i_to_d(int64_t x) { return (double)x; }
/* Through a double; bits that it can't hold are gathered in its last one, so that the second rounding sees them. */
MDL_INLINE double mdl_i_to_odd_d(int64_t x)
{
    const uint64_t magnitude = x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
    const uint64_t low = magnitude & 0x7ffu;
    const uint64_t odd = magnitude >> 53 && low ? (magnitude - low) | 0x800u : magnitude;
    return x < 0 ? -(double)odd : (double)odd;
}
MDL_INLINE uint16_t mdl_i_to_f16(int64_t x) { return mdl_d_to_f16(mdl_i_to_odd_d(x)); }
MDL_INLINE uint16_t mdl_i_to_bf16(int64_t x) { return mdl_d_to_bf16(mdl_i_to_odd_d(x)); }

/* ---- one input: numbers ---- */

MDL_INLINE float   mdl_negative_f(float x) { return -x; }
MDL_INLINE double  mdl_negative_d(double x) { return -x; }
MDL_INLINE int64_t mdl_negative_i(int64_t x) { return mdl_wrap_i64(0 - (uint64_t)x); }
MDL_INLINE float   mdl_abs_f(float x) { return fabsf(x); }
MDL_INLINE double  mdl_abs_d(double x) { return fabs(x); }
MDL_INLINE int64_t mdl_abs_i(int64_t x) { return x < 0 ? mdl_negative_i(x) : x; }
MDL_INLINE float   mdl_sign_f(float x) { return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x == 0.0f ? 0.0f : x; }
MDL_INLINE double  mdl_sign_d(double x) { return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x == 0.0 ? 0.0 : x; }
MDL_INLINE int64_t mdl_sign_i(int64_t x) { return (x > 0) - (x < 0); }
MDL_INLINE uint8_t mdl_signbit_f(float x) { return (uint8_t)(mdl_bits_f(x) >> 31); }
MDL_INLINE uint8_t mdl_signbit_d(double x) { return (uint8_t)(mdl_bits_d(x) >> 63); }
MDL_INLINE uint8_t mdl_signbit_i(int64_t x) { return x < 0; }
MDL_INLINE float   mdl_square_f(float x) { return x * x; }
MDL_INLINE double  mdl_square_d(double x) { return x * x; }
MDL_INLINE int64_t mdl_square_i(int64_t x) { return mdl_wrap_i64((uint64_t)x * (uint64_t)x); }
MDL_INLINE float   mdl_copy_f(float x) { return x; }
MDL_INLINE double  mdl_copy_d(double x) { return x; }
MDL_INLINE int64_t mdl_copy_i(int64_t x) { return x; }

/* ---- one input: floats ---- */

MDL_INLINE float  mdl_reciprocal_f(float x) { return 1.0f / x; }
MDL_INLINE double mdl_reciprocal_d(double x) { return 1.0 / x; }
MDL_INLINE float  mdl_sqrt_f(float x) { return sqrtf(x); }
MDL_INLINE double mdl_sqrt_d(double x) { return sqrt(x); }
MDL_INLINE float  mdl_rsqrt_f(float x) { return 1.0f / sqrtf(x); }
MDL_INLINE double mdl_rsqrt_d(double x) { return 1.0 / sqrt(x); }
MDL_INLINE double mdl_exp_d(double x) { return exp(x); }
MDL_INLINE float  mdl_exp2_f(float x) { return exp2f(x); }
MDL_INLINE double mdl_exp2_d(double x) { return exp2(x); }
MDL_INLINE double mdl_expm1_d(double x) { return expm1(x); }
MDL_INLINE double mdl_log_d(double x) { return log(x); }
MDL_INLINE float  mdl_log2_f(float x) { return log2f(x); }
MDL_INLINE double mdl_log2_d(double x) { return log2(x); }
MDL_INLINE float  mdl_log10_f(float x) { return log10f(x); }
MDL_INLINE double mdl_log10_d(double x) { return log10(x); }
MDL_INLINE double mdl_log1p_d(double x) { return log1p(x); }
MDL_INLINE float  mdl_sin_f(float x) { return sinf(x); }
MDL_INLINE double mdl_sin_d(double x) { return sin(x); }
MDL_INLINE float  mdl_cos_f(float x) { return cosf(x); }
MDL_INLINE double mdl_cos_d(double x) { return cos(x); }
MDL_INLINE float  mdl_tan_f(float x) { return tanf(x); }
MDL_INLINE double mdl_tan_d(double x) { return tan(x); }
MDL_INLINE float  mdl_arcsin_f(float x) { return asinf(x); }
MDL_INLINE double mdl_arcsin_d(double x) { return asin(x); }
MDL_INLINE float  mdl_arccos_f(float x) { return acosf(x); }
MDL_INLINE double mdl_arccos_d(double x) { return acos(x); }
MDL_INLINE float  mdl_arctan_f(float x) { return atanf(x); }
MDL_INLINE double mdl_arctan_d(double x) { return atan(x); }
MDL_INLINE float  mdl_sinh_f(float x) { return sinhf(x); }
MDL_INLINE double mdl_sinh_d(double x) { return sinh(x); }
MDL_INLINE float  mdl_cosh_f(float x) { return coshf(x); }
MDL_INLINE double mdl_cosh_d(double x) { return cosh(x); }
MDL_INLINE double mdl_tanh_d(double x) { return tanh(x); }
MDL_INLINE float  mdl_arcsinh_f(float x) { return asinhf(x); }
MDL_INLINE double mdl_arcsinh_d(double x) { return asinh(x); }
MDL_INLINE float  mdl_arccosh_f(float x) { return acoshf(x); }
MDL_INLINE double mdl_arccosh_d(double x) { return acosh(x); }
MDL_INLINE float  mdl_arctanh_f(float x) { return atanhf(x); }
MDL_INLINE double mdl_arctanh_d(double x) { return atanh(x); }
MDL_INLINE double mdl_erf_d(double x) { return erf(x); }
MDL_INLINE float  mdl_erfc_f(float x) { return (float)erfc((double)x); }
MDL_INLINE double mdl_erfc_d(double x) { return erfc(x); }
/* The Bessel function I0: its power series, whose terms are all positive, from the last one back; from 20 on the asymptotic
 * series, whose smallest term is there below 2**-53. exp is halved, since it overflows before I0 does. */
MDL_INLINE double mdl_i0_d(double x)
{
    const double a = fabs(x), q = a * a / 4.0, half = exp(a / 2.0);
    double       sum = 1.0;
    int          k;
    if (!(a < 800.0)) return a + HUGE_VAL; /* NaN stays NaN */
    if (a < 20.0) {
        for (k = 50; k > 0; k--) sum = 1.0 + q / ((double)k * (double)k) * sum;
        return sum;
    }
    for (k = 20; k > 0; k--) sum = 1.0 + (double)((2 * k - 1) * (2 * k - 1)) / (8.0 * k * a) * sum;
    return half / sqrt(6.283185307179586477 * a) * sum * half;
}
MDL_INLINE float  mdl_i0_f(float x) { return (float)mdl_i0_d((double)x); }
MDL_INLINE float  mdl_floor_f(float x) { return floorf(x); }
MDL_INLINE double mdl_floor_d(double x) { return floor(x); }
MDL_INLINE float  mdl_ceil_f(float x) { return ceilf(x); }
MDL_INLINE double mdl_ceil_d(double x) { return ceil(x); }
MDL_INLINE float  mdl_trunc_f(float x) { return truncf(x); }
MDL_INLINE double mdl_trunc_d(double x) { return trunc(x); }
MDL_INLINE float  mdl_rint_f(float x) { return rintf(x); }
MDL_INLINE double mdl_rint_d(double x) { return rint(x); }

/* 2**n, n in two's complement and in [-126, 127]. */
MDL_INLINE float mdl_power_of_two_f(uint32_t n) { return mdl_from_bits_f((n + 127u) << 23); }

/* One bound after the other, and NaN stays: one instruction each. */
MDL_INLINE float mdl_bounded_f(float x, float least, float most)
{
    const float y = x > most ? most : x;
    return y < least ? least : y;
}

/* Twice: for instruction sets that fuse a multiplication and an addition, and for those that don't. mdl_isa_begin.h chooses. */
#define MDL_FMA(a, b, c) ((a) * (b) + (c))
#define MDL_EXP(r, p)    (1.0f + MDL_FMA((r) * (r), p, r))
#define MDL_F(name)      mdl_##name##_f
#define MDL_F_INLINE     MDL_INLINE
#include "mdl_math_f.h"
#if defined(__GNUC__) && !defined(__TINYC__)
#define MDL_FMA(a, b, c) __builtin_fmaf(a, b, c)
#define MDL_EXP(r, p)    MDL_FMA(r, MDL_FMA(r, p, 1.0f), 1.0f)
#define MDL_F(name)      mdl_fused_##name##_f
#define MDL_F_INLINE     static inline __attribute__((always_inline, unused)) /* else this would be a call of fmaf for each */
#include "mdl_math_f.h"
#endif

MDL_INLINE double mdl_sigmoid_d(double x)
{
    const double e = exp(-fabs(x));
    return (x < 0.0 ? e : 1.0) / (1.0 + e);
}
MDL_INLINE double mdl_softplus_d(double x) { return (x > 0.0 ? x : x != x ? x : 0.0) + log1p(exp(-fabs(x))); }

/* sqrt(2) * erfinv(x) is the normal quantile at (1 + x) / 2, so this is Wichura's PPND16 (Algorithm AS 241, Applied
 * Statistics 37, 1988, relative error about 1e-16) with q = x / 2 and the tail (1 - |x|) / 2, both exact. */
MDL_INLINE double mdl_erfinv_d(double x)
{
    const double q = 0.5 * x;
    double       r, n, d;
    if (!(fabs(x) <= 1.0)) return (double)NAN;
    if (fabs(q) <= 0.425) {
        r = 0.180625 - q * q;
        n = ((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r + 133.14166789178437745) * r + 3.387132872796366608;
        d = ((((((5226.495278852854561 * r + 28729.085735721942674) * r + 39307.89580009271061) * r + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r + 42.313330701600911252) * r + 1.0;
        return q * n / d * 0.70710678118654752440;
    }
    r = sqrt(-log(0.5 - fabs(q)));
    if (r <= 5.0) {
        r -= 1.6;
        n = ((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r + 4.6303378461565452959) * r + 1.42343711074968357734;
        d = ((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r + 0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r + 2.05319162663775882187) * r + 1.0;
    } else {
        if (isinf(r)) return x < 0.0 ? -(double)INFINITY : (double)INFINITY;
        r -= 5.0;
        n = ((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r + 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r + 5.4637849111641143699) * r + 6.6579046435011037772;
        d = ((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4) * r + 0.0148753612908506148525) * r + 0.13692988092273580531) * r + 0.59983220655588793769) * r + 1.0;
    }
    return (x < 0.0 ? -n : n) / d * 0.70710678118654752440;
}
MDL_INLINE float mdl_erfinv_f(float x) { return (float)mdl_erfinv_d((double)x); }

MDL_INLINE uint8_t mdl_isnan_f(float x) { return x != x; }
MDL_INLINE uint8_t mdl_isnan_d(double x) { return x != x; }
MDL_INLINE uint8_t mdl_isinf_f(float x) { return fabsf(x) == INFINITY; }
MDL_INLINE uint8_t mdl_isinf_d(double x) { return fabs(x) == (double)INFINITY; }
MDL_INLINE uint8_t mdl_isfinite_f(float x) { return fabsf(x) < INFINITY; }
MDL_INLINE uint8_t mdl_isfinite_d(double x) { return fabs(x) < (double)INFINITY; }

/* ---- one input: integers ---- */

MDL_INLINE uint8_t mdl_logical_not_i(int64_t x) { return x == 0; }
MDL_INLINE int64_t mdl_bitwise_not_i(int64_t x) { return -1 - x; }
MDL_INLINE uint8_t mdl_bitwise_not_b(uint8_t x) { return x == 0; }

/* ---- two inputs: numbers ---- */

MDL_INLINE float   mdl_add_f(float a, float b) { return a + b; }
MDL_INLINE double  mdl_add_d(double a, double b) { return a + b; }
MDL_INLINE int64_t mdl_add_i(int64_t a, int64_t b) { return mdl_wrap_i64((uint64_t)a + (uint64_t)b); }
MDL_INLINE float   mdl_subtract_f(float a, float b) { return a - b; }
MDL_INLINE double  mdl_subtract_d(double a, double b) { return a - b; }
MDL_INLINE int64_t mdl_subtract_i(int64_t a, int64_t b) { return mdl_wrap_i64((uint64_t)a - (uint64_t)b); }
MDL_INLINE float   mdl_multiply_f(float a, float b) { return a * b; }
MDL_INLINE double  mdl_multiply_d(double a, double b) { return a * b; }
MDL_INLINE int64_t mdl_multiply_i(int64_t a, int64_t b) { return mdl_wrap_i64((uint64_t)a * (uint64_t)b); }
MDL_INLINE float   mdl_divide_f(float a, float b) { return a / b; }
MDL_INLINE double  mdl_divide_d(double a, double b) { return a / b; }

/* The remainder is exact (fmod) and takes b's sign; the quotient is made from it, so that a == floor_divide * b + mod as far
 * as floats allow (1 // 0.1 is 9, the floor of the exact quotient, though 1 / 0.1 rounds to 10). As Python and NumPy do. */
MDL_INLINE float mdl_mod_f(float a, float b)
{
    const float r = fmodf(a, b);
    if (r == 0.0f) return copysignf(0.0f, b);
    return (r < 0.0f) != (b < 0.0f) ? r + b : r;
}
MDL_INLINE double mdl_mod_d(double a, double b)
{
    const double r = fmod(a, b);
    if (r == 0.0) return copysign(0.0, b);
    return (r < 0.0) != (b < 0.0) ? r + b : r;
}
MDL_INLINE float mdl_floor_divide_f(float a, float b)
{
    float r, q, f;
    if (b == 0.0f) return a / b;
    r = fmodf(a, b);
    q = (a - r) / b;
    if (r != 0.0f && (r < 0.0f) != (b < 0.0f)) q -= 1.0f;
    if (q == 0.0f) return copysignf(0.0f, a / b);
    f = floorf(q);
    return q - f > 0.5f ? f + 1.0f : f;
}
MDL_INLINE double mdl_floor_divide_d(double a, double b)
{
    double r, q, f;
    if (b == 0.0) return a / b;
    r = fmod(a, b);
    q = (a - r) / b;
    if (r != 0.0 && (r < 0.0) != (b < 0.0)) q -= 1.0;
    if (q == 0.0) return copysign(0.0, a / b);
    f = floor(q);
    return q - f > 0.5 ? f + 1.0 : f;
}
MDL_INLINE int64_t mdl_floor_divide_i(int64_t a, int64_t b)
{
    if (b == 0) return 0;
    if (b == -1) return mdl_negative_i(a);
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}
MDL_INLINE int64_t mdl_mod_i(int64_t a, int64_t b)
{
    int64_t r;
    if (b == 0 || b == -1) return 0;
    r = a % b;
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

/* The remainder with the sign of a. */
MDL_INLINE float   mdl_fmod_f(float a, float b) { return fmodf(a, b); }
MDL_INLINE double  mdl_fmod_d(double a, double b) { return fmod(a, b); }
MDL_INLINE int64_t mdl_fmod_i(int64_t a, int64_t b) { return b == 0 || b == -1 ? 0 : a % b; }

MDL_INLINE float   mdl_power_f(float a, float b) { return powf(a, b); }
MDL_INLINE double  mdl_power_d(double a, double b) { return pow(a, b); }
MDL_INLINE int64_t mdl_power_i(int64_t a, int64_t b)
{
    uint64_t base = (uint64_t)a, result = 1;
    if (b < 0) return a == 1 ? 1 : a == -1 ? (b % 2 ? -1 : 1) : 0;
    for (; b > 0; b /= 2) {
        if (b % 2) result *= base;
        base *= base;
    }
    return mdl_wrap_i64(result);
}

/* NaN if either is. Of equal ones (zeros of both signs) the second. Nothing is left to ask of a second one that is a constant. */
MDL_INLINE float   mdl_maximum_f(float a, float b) { return b != b ? b : b >= a ? b : a; }
MDL_INLINE double  mdl_maximum_d(double a, double b) { return b != b ? b : b >= a ? b : a; }
MDL_INLINE int64_t mdl_maximum_i(int64_t a, int64_t b) { return a > b ? a : b; }
MDL_INLINE float   mdl_minimum_f(float a, float b) { return b != b ? b : b <= a ? b : a; }
MDL_INLINE double  mdl_minimum_d(double a, double b) { return b != b ? b : b <= a ? b : a; }
MDL_INLINE int64_t mdl_minimum_i(int64_t a, int64_t b) { return a < b ? a : b; }

/* ---- two inputs: floats ---- */

MDL_INLINE float  mdl_nextafter_f(float a, float b) { return nextafterf(a, b); }
MDL_INLINE double mdl_nextafter_d(double a, double b) { return nextafter(a, b); }
/* Beyond these exponents every number is 0 or infinite. */
MDL_INLINE float  mdl_ldexp_f(float a, float b) { return b != b ? b : ldexpf(a, b > 400.0f ? 400 : b < -400.0f ? -400 : (int)b); }
MDL_INLINE double mdl_ldexp_d(double a, double b) { return b != b ? b : ldexp(a, b > 2200.0 ? 2200 : b < -2200.0 ? -2200 : (int)b); }

MDL_INLINE float  mdl_arctan2_f(float a, float b) { return atan2f(a, b); }
MDL_INLINE double mdl_arctan2_d(double a, double b) { return atan2(a, b); }
MDL_INLINE double mdl_sigmoid_tanh_d(double a, double b) { return mdl_sigmoid_d(a) * tanh(b); }
MDL_INLINE double mdl_logaddexp_d(double a, double b)
{
    return a == b ? a + 0.693147180559945309 : mdl_maximum_d(a, b) + log1p(exp(-fabs(a - b)));
}

/* ---- two inputs: integers ---- */

/* Euclid's algorithm; never negative but for the one number whose absolute value wraps. */
MDL_INLINE int64_t mdl_gcd_i(int64_t a, int64_t b)
{
    uint64_t x = a < 0 ? 0 - (uint64_t)a : (uint64_t)a, y = b < 0 ? 0 - (uint64_t)b : (uint64_t)b;
    while (y != 0) {
        const uint64_t rest = x % y;
        x = y;
        y = rest;
    }
    return mdl_wrap_i64(x);
}

MDL_INLINE int64_t mdl_bitwise_and_i(int64_t a, int64_t b) { return mdl_wrap_i64((uint64_t)a & (uint64_t)b); }
MDL_INLINE int64_t mdl_bitwise_or_i(int64_t a, int64_t b) { return mdl_wrap_i64((uint64_t)a | (uint64_t)b); }
MDL_INLINE int64_t mdl_bitwise_xor_i(int64_t a, int64_t b) { return mdl_wrap_i64((uint64_t)a ^ (uint64_t)b); }
/* A negative count is a huge one. */
MDL_INLINE int64_t mdl_left_shift_i(int64_t a, int64_t b) { return (uint64_t)b < 64 ? mdl_wrap_i64((uint64_t)a << b) : 0; }
MDL_INLINE int64_t mdl_right_shift_i(int64_t a, int64_t b)
{
    const unsigned count = (uint64_t)b < 63 ? (unsigned)b : 63;
    return a < 0 ? -1 - (int64_t)((uint64_t)(-1 - a) >> count) : (int64_t)((uint64_t)a >> count);
}

/* ---- comparisons and choice ---- */

MDL_INLINE uint8_t mdl_equal_f(float a, float b) { return a == b; }
MDL_INLINE uint8_t mdl_equal_d(double a, double b) { return a == b; }
MDL_INLINE uint8_t mdl_equal_i(int64_t a, int64_t b) { return a == b; }
MDL_INLINE uint8_t mdl_not_equal_f(float a, float b) { return a != b; }
MDL_INLINE uint8_t mdl_not_equal_d(double a, double b) { return a != b; }
MDL_INLINE uint8_t mdl_not_equal_i(int64_t a, int64_t b) { return a != b; }
MDL_INLINE uint8_t mdl_less_f(float a, float b) { return a < b; }
MDL_INLINE uint8_t mdl_less_d(double a, double b) { return a < b; }
MDL_INLINE uint8_t mdl_less_i(int64_t a, int64_t b) { return a < b; }
MDL_INLINE uint8_t mdl_less_equal_f(float a, float b) { return a <= b; }
MDL_INLINE uint8_t mdl_less_equal_d(double a, double b) { return a <= b; }
MDL_INLINE uint8_t mdl_less_equal_i(int64_t a, int64_t b) { return a <= b; }
MDL_INLINE uint8_t mdl_greater_f(float a, float b) { return a > b; }
MDL_INLINE uint8_t mdl_greater_d(double a, double b) { return a > b; }
MDL_INLINE uint8_t mdl_greater_i(int64_t a, int64_t b) { return a > b; }
MDL_INLINE uint8_t mdl_greater_equal_f(float a, float b) { return a >= b; }
MDL_INLINE uint8_t mdl_greater_equal_d(double a, double b) { return a >= b; }
MDL_INLINE uint8_t mdl_greater_equal_i(int64_t a, int64_t b) { return a >= b; }

/* For a dtype that isn't computed with, `condition ? a : b` on the stored elements. */
MDL_INLINE float   mdl_where_f(uint8_t condition, float a, float b) { return condition ? a : b; }
MDL_INLINE double  mdl_where_d(uint8_t condition, double a, double b) { return condition ? a : b; }
MDL_INLINE int64_t mdl_where_i(uint8_t condition, int64_t a, int64_t b) { return condition ? a : b; }

#endif
