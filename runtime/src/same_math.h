/* Functions that give the same bits everywhere: plain double arithmetic in a fixed order, and sqrt, which IEEE 754 rounds
 * correctly. libm's log and cos differ in the last bit from one system to another; initial values must not. */
#ifndef MDL_SAME_MATH_H
#define MDL_SAME_MATH_H

#include <stdint.h>

/* The natural logarithm of a normal x > 0, to about an ulp. */
double mdl_same_log(double x);
/* Replaces probabilities p, 0 < p < 1, by the x below which a standard normal variable stays with probability p. */
enum { MDL_SAME_BATCH = 32 };
void mdl_same_normal_quantiles(double p[MDL_SAME_BATCH]);
/* cos(2 pi k / n) and sin(2 pi k / n), n > 0. */
double mdl_same_cos(int64_t k, int64_t n);
double mdl_same_sin(int64_t k, int64_t n);

#endif
