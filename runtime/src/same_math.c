#include "same_math.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define COUNT(a) (int)(sizeof(a) / sizeof *(a))

/* c[0] + c[1] x + c[2] x^2 + ... */
static double polynomial(const double *c, int n, double x)
{
    double v = c[n - 1];
    for (int i = n - 2; i >= 0; i--) v = v * x + c[i];
    return v;
}

/* c[0] + c[1] x + ... + c[7] x^7, written out for those that are computed several at a time. */
#define POLYNOMIAL7(c, x) \
    (((((((c[7] * (x) + c[6]) * (x) + c[5]) * (x) + c[4]) * (x) + c[3]) * (x) + c[2]) * (x) + c[1]) * (x) + c[0])

/* ---- the logarithm ----
 *
 * x = m * 2^e with m in [sqrt(1/2), sqrt(2)); log(m) = 2 artanh(s) with s = (m - 1) / (m + 1), |s| < 0.172. */

double mdl_same_log(double x)
{
    static const double odd[] = {1.0, 1.0 / 3, 1.0 / 5, 1.0 / 7, 1.0 / 9, 1.0 / 11, 1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19,
                                 1.0 / 21};
    static const double ln2_high = 0x1.62e42fee00000p-1, ln2_low = 0x1.a39ef35793c76p-33;
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int e = (int)(bits >> 52) - 1023;
    bits = (bits & 0x000FFFFFFFFFFFFFu) | 0x3FF0000000000000u;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 0x1.6a09e667f3bcdp+0) {
        m *= 0.5;
        e++;
    }
    const double s = (m - 1.0) / (m + 1.0);
    return e * ln2_high + (2.0 * s * polynomial(odd, COUNT(odd), s * s) + e * ln2_low);
}

/* ---- normal quantiles ----
 *
 * Algorithm AS 241 (PPND16; Wichura, Applied Statistics 37, 1988): rational functions for the middle and for two tails,
 * relative error about 1e-16. The middle is computed for all values of a batch, which compilers do several at a time; the tails, one
 * value in seven, then one by one. */

static double middle(double q)
{
    static const double a[] = {3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3,
                               1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                               3.3430575583588128105e+4, 2.5090809287301226727e+3};
    static const double b[] = {1.0,                      4.2313330701600911252e+1, 6.8718700749205790830e+2,
                               5.3941960214247511077e+3, 2.1213794301586595867e+4, 3.9307895800092710610e+4,
                               2.8729085735721942674e+4, 5.2264952788528545610e+3};
    const double r = 0.180625 - q * q;
    return q * POLYNOMIAL7(a, r) / POLYNOMIAL7(b, r);
}

/* For a probability below 0.075. */
static double tail(double p)
{
    static const double c[] = {1.42343711074968357734e0,  4.63033784615654529590e0,  5.76949722146069140550e0,
                               3.64784832476320460504e0,  1.27045825245236838258e0,  2.41780725177450611770e-1,
                               2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double d[] = {1.0,                       2.05319162663775882187e0,  1.67638483018380384940e0,
                               6.89767334985100004550e-1, 1.48103976427480074590e-1, 1.51986665636164571966e-2,
                               5.47593808499534494600e-4, 1.05075007164441684324e-9};
    static const double e[] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                               2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                               2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double f[] = {1.0,                       5.99832206555887937690e-1, 1.36929880922735805310e-1,
                               1.48753612908506148525e-2, 7.86869131145613259100e-4, 1.84631831751005468180e-5,
                               1.42151175831644588870e-7, 2.04426310338993978564e-15};
    const double r = sqrt(-mdl_same_log(p));
    return r <= 5.0 ? POLYNOMIAL7(c, r - 1.6) / POLYNOMIAL7(d, r - 1.6) : POLYNOMIAL7(e, r - 5.0) / POLYNOMIAL7(f, r - 5.0);
}

void mdl_same_normal_quantiles(double p[MDL_SAME_BATCH])
{
    double x[MDL_SAME_BATCH];
    for (int i = 0; i < MDL_SAME_BATCH; i++) x[i] = middle(p[i] - 0.5);
    for (int i = 0; i < MDL_SAME_BATCH; i++) {
        const double q = p[i] - 0.5;
        if (q < -0.425) x[i] = -tail(p[i]);
        else if (q > 0.425) x[i] = tail(1.0 - p[i]);
    }
    memcpy(p, x, sizeof x);
}

/* ---- angles ---- */

/* Taylor series, for 0 <= x <= pi / 4. */
static double cos_series(double x)
{
    static const double c[] = {1.0, -1.0 / 2, 1.0 / 24, -1.0 / 720, 1.0 / 40320, -1.0 / 3628800, 1.0 / 479001600,
                               -1.0 / 87178291200.0, 1.0 / 20922789888000.0};
    return polynomial(c, COUNT(c), x * x);
}

static double sin_series(double x)
{
    static const double c[] = {1.0, -1.0 / 6, 1.0 / 120, -1.0 / 5040, 1.0 / 362880, -1.0 / 39916800, 1.0 / 6227020800.0,
                               -1.0 / 1307674368000.0, 1.0 / 355687428096000.0};
    return x * polynomial(c, COUNT(c), x * x);
}

/* The angle is reduced as a fraction, pi * p / q, so that nothing is lost before the series. */
double mdl_same_cos(int64_t k, int64_t n)
{
    static const double pi = 0x1.921fb54442d18p+1;
    int64_t p = k % n, q = n;
    if (p < 0) p += n;
    if (p > n - p) p = n - p;
    p *= 2;                        /* now in [0, pi] */
    const bool negative = p > q - p;
    if (negative) p = q - p;       /* now in [0, pi / 2] */
    const double c = 4 * p <= q ? cos_series(pi * (double)p / (double)q)
                                : sin_series(pi * (double)(q - 2 * p) / (double)(2 * q));
    return negative ? -c : c;
}

double mdl_same_sin(int64_t k, int64_t n)
{
    return mdl_same_cos(4 * (k % n) - n, 4 * n);
}
