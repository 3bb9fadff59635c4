/* float functions without branches, tables or calls, so that compilers turn a loop over them into vectors: 10 times libm's
 * speed and more. The polynomials are minimax fits made for these intervals; the largest errors stand in ulps.def.
 *
 * mdl_math.h includes it with MDL_F_INLINE, what stands before a function; MDL_F(name), its whole name; MDL_FMA(a, b, c), a * b + c with
 * one rounding or two; and MDL_EXP(r, p), 1 + r + r^2 p, as it rounds least with these. */

/* What exp, expm1 share: x = n ln 2 + r with |r| <= ln 2 / 2; gives r, n, and p with e^r = 1 + r + r^2 p. Adding 1.5 * 2**23 rounds to
 * an integer, which then stands in the low bits. The first part of ln 2 has 15 bits, so that n times it is exact. */
MDL_F_INLINE float MDL_F(exp_rest)(float x, uint32_t *n, float *p)
{
    const uint32_t shifted = mdl_bits_f(MDL_FMA(x, 1.44269504f, 12582912.0f));
    const float    whole = mdl_from_bits_f(shifted) - 12582912.0f;
    const float    r = MDL_FMA(whole, -1.42860677e-6f, MDL_FMA(whole, -0.693145751953125f, x));
    const float    q = MDL_FMA(0.00138131424f, r, 0.00836941879f);
    *p = MDL_FMA(MDL_FMA(MDL_FMA(q, r, 0.041668456f), r, 0.166665152f), r, 0.49999994f);
    *n = shifted - 0x4b400000u;
    return r;
}
/* e^x / 2^n. */
MDL_F_INLINE float MDL_F(exp_scaled)(float x, uint32_t *n)
{
    float       p;
    const float r = MDL_F(exp_rest)(x, n, &p);
    return MDL_EXP(r, p);
}
MDL_F_INLINE float MDL_F(exp)(float x)
{
    uint32_t    n;
    const float y = MDL_F(exp_scaled)(mdl_bounded_f(x, -104.0f, 89.0f), &n);
    const uint32_t half = ((n + 256u) >> 1) - 128u; /* in two steps: 2**n alone may overflow, or be denormal */
    return y * mdl_power_of_two_f(half) * mdl_power_of_two_f(n - half);
}

/* (e^x - 1) / 2 of what is not above 89. */
MDL_F_INLINE float MDL_F(half_expm1)(float x)
{
    uint32_t    n;
    float       p;
    const float r = MDL_F(exp_rest)(x < -18.0f ? -18.0f : x, &n, &p), s = MDL_FMA(r * r, p, r); /* below, it rounds to -1 */
    const float half = mdl_power_of_two_f(n - 1u);
    return MDL_FMA(half, s, half - 0.5f);
}
MDL_F_INLINE float MDL_F(expm1)(float x)
{
    return x == 0.0f ? x : 2.0f * MDL_F(half_expm1)(x > 89.0f ? 89.0f : x); /* zeros have signs */
}

/* The logarithm, and what is small beside it. x = m * 2**e with m in [sqrt(1/2), sqrt(2)); log(m) = f - f^2 / 2 + f^3 q(f), f = m - 1.
 * Denormals are scaled first. */
MDL_F_INLINE float MDL_F(log_plus)(float x, float small)
{
    const float    tiny = x < 1.17549435e-38f ? 1.0f : 0.0f;
    const uint32_t u = mdl_bits_f(tiny > 0.0f ? x * 8388608.0f : x);
    const uint32_t biased = (u + 0x004afb0du) >> 23;
    const float    e = MDL_FMA(-23.0f, tiny, (float)((int32_t)biased - 127));
    const float    f = mdl_from_bits_f(u - ((biased - 127u) << 23)) - 1.0f;
    const float    ff = f * f;
    float          q = MDL_FMA(0.0675753057f, f, -0.116943248f);
    q = MDL_FMA(MDL_FMA(MDL_FMA(MDL_FMA(q, f, 0.11893525f), f, -0.124030866f), f, 0.142185524f), f, -0.166680902f);
    q = MDL_FMA(MDL_FMA(MDL_FMA(q, f, 0.200021669f), f, -0.250000089f), f, 0.333333105f);
    q = MDL_FMA(e, 0.693145751953125f, f + MDL_FMA(-0.5f, ff, MDL_FMA(q * f, ff, MDL_FMA(e, 1.42860677e-6f, small))));
    q = x < INFINITY ? q : x; /* NaN too */
    return x > 0.0f ? q : x == 0.0f ? -INFINITY : x < 0.0f ? NAN : x;
}

MDL_F_INLINE float MDL_F(log)(float x) { return MDL_F(log_plus)(x, 0.0f); }

/* 1 + x rounds to u; what u lacks is added to first order. */
MDL_F_INLINE float MDL_F(log1p)(float x)
{
    const float u = 1.0f + x;
    const float y = MDL_F(log_plus)(u, (x - (u - 1.0f)) / u);
    return x == 0.0f ? x : y;
}

/* An odd polynomial near 0; beyond, 1 - 2 / (e^2x + 1) has lost its cancellation. */
MDL_F_INLINE float MDL_F(tanh)(float x)
{
    const float z = x * x, a = fabsf(x), twice = a > 10.0f ? 20.0f : 2.0f * a; /* beyond, it rounds to 1 */
    float       p = MDL_FMA(MDL_FMA(-0.00559100742f, z, 0.0205388106f), z, -0.053709656f);
    p = MDL_FMA(MDL_FMA(p, z, 0.133310929f), z, -0.333332688f);
    uint32_t    n;
    const float y = MDL_F(exp_scaled)(twice, &n);
    const float far = 1.0f - 2.0f / MDL_FMA(y, mdl_power_of_two_f(n), 1.0f);
    return copysignf(a < 0.625f ? MDL_FMA(x * z, p, x) : far, x); /* zeros have signs */
}

/* An odd polynomial below 1; beyond, 1 - 2^-w with w = -log2(1 - erf) = a times a polynomial. From 4 on it rounds to 1. Both are computed for
 * each element, so the longer one sums pairs of terms, which don't wait for one another. In the low bits of `shifted` stands the exponent
 * of 2**n, n = -w rounded, as floats have it. */
MDL_F_INLINE float MDL_F(erf)(float x)
{
    const float b = fabsf(x), a = b > 4.0f ? 4.0f : b, z = a * a;
    float       p = MDL_FMA(MDL_FMA(7.89868645e-5f, z, -0.000802481605f), z, 0.00519016199f);
    p = MDL_FMA(MDL_FMA(MDL_FMA(p, z, -0.0268549155f), z, 0.112836175f), z, -0.376126289f);
    float       q = MDL_FMA(z, MDL_FMA(a, -0.000303892943f, 0.00459778449f), MDL_FMA(a, -0.0328912064f, 0.151650503f));
    q = MDL_FMA(z, q, MDL_FMA(a, 0.917310953f, 1.62805259f));
    const float w = a * q;
    const float shifted = 12583039.0f - w; /* 1.5 * 2**23 + 127 */
    const float r = (shifted - 12583039.0f) + w, rr = r * r;
    float       e = MDL_FMA(rr, MDL_FMA(r, -0.000153533517f, 0.00133988878f), MDL_FMA(r, -0.00961843785f, 0.0555033237f));
    e = MDL_FMA(rr, e, MDL_FMA(r, -0.240226477f, 0.693147182f));
    const float far = MDL_FMA(MDL_FMA(r, e, -1.0f), mdl_from_bits_f(mdl_bits_f(shifted) << 23), 1.0f);
    return copysignf(a < 1.0f ? MDL_FMA(a, MDL_FMA(z, p, 0.128379167f), a) : far, x);
}

/* e^-a of what is not negative, for 1 / (1 + e^-a): it can't overflow, and underflows to the right limit. In the low bits of `shifted`
 * stands the exponent of 2**(n + 32), as floats have it: there nothing is denormal yet. */
MDL_F_INLINE float MDL_F(exp_minus)(float a)
{
    const float x = a > 104.0f ? 104.0f : a;
    const float shifted = MDL_FMA(x, -1.44269504f, 12583071.0f); /* 1.5 * 2**23 + 127 + 32 */
    const float whole = shifted - 12583071.0f;
    const float r = MDL_FMA(whole, 1.42860677e-6f, MDL_FMA(whole, 0.693145751953125f, x));
    float       p = MDL_FMA(0.00138131424f, r, -0.00836941879f);
    p = MDL_FMA(MDL_FMA(MDL_FMA(p, r, 0.041668456f), r, -0.166665152f), r, 0.49999994f);
    return MDL_EXP(-r, p) * mdl_from_bits_f(mdl_bits_f(shifted) << 23) * 2.32830644e-10f;
}
MDL_F_INLINE float MDL_F(sigmoid)(float x)
{
    const float e = MDL_F(exp_minus)(fabsf(x));
    return (x < 0.0f ? e : 1.0f) / (1.0f + e);
}

/* sigmoid(x) tanh(y), with one division: tanh(b) = -h / (1 + h), h = (e^-2b - 1) / 2. */
MDL_F_INLINE float MDL_F(sigmoid_tanh)(float x, float y)
{
    const float e = MDL_F(exp_minus)(fabsf(x)), h = MDL_F(half_expm1)(-2.0f * fabsf(y)), s = 1.0f + e;
    return copysignf((x < 0.0f ? e : 1.0f) * h / MDL_FMA(s, h, s), y);
}

MDL_F_INLINE float MDL_F(softplus)(float x) { return (x > 0.0f ? x : x != x ? x : 0.0f) + MDL_F(log1p)(MDL_F(exp)(-fabsf(x))); }

/* The larger one plus log(1 + exp(-distance)); equal infinities have no distance. */
MDL_F_INLINE float MDL_F(logaddexp)(float a, float b)
{
    return a == b ? a + 0.693147180559945309f : (b != b || b >= a ? b : a) + MDL_F(log1p)(MDL_F(exp)(-fabsf(a - b)));
}

#undef MDL_EXP
#undef MDL_FMA
#undef MDL_F
#undef MDL_F_INLINE
