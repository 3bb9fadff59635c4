/* Included by pooling.c for each instruction set: every pool and element type. */
#if MDL_ISA_BYTES > 0
/* mdl_maximum of vectors: x where it is larger or a NaN, else a. */
#define LARGER(name, T, I)                                                                       \
    typedef T CONCAT(name, V, MDL_ISA) __attribute__((vector_size(MDL_ISA_BYTES)));              \
    typedef I CONCAT(name, I, MDL_ISA) __attribute__((vector_size(MDL_ISA_BYTES)));              \
    static inline __attribute__((always_inline)) CONCAT(name, V, MDL_ISA)                        \
        CONCAT(larger, name, MDL_ISA)(CONCAT(name, V, MDL_ISA) a, CONCAT(name, V, MDL_ISA) x)    \
    {                                                                                            \
        const CONCAT(name, I, MDL_ISA) takes = (x != x) | (x > a);                               \
        return (CONCAT(name, V, MDL_ISA))((takes & (CONCAT(name, I, MDL_ISA))x) | (~takes & (CONCAT(name, I, MDL_ISA))a)); \
    }
LARGER(f, float, int32_t)
LARGER(d, double, int64_t)
LARGER(i, int64_t, int64_t)
#undef LARGER
#endif

#define NAME              max_pool_f
#define T                 float
#define INIT              -INFINITY
#define STEP(a, x)        mdl_maximum_f(x, a)
#define VECTOR_STEP(a, x) CONCAT(larger, f, MDL_ISA)(a, x)
#define DONE(a, n)        (a)
#include "pooling_body.h"

#define NAME              max_pool_d
#define T                 double
#define INIT              -(double)INFINITY
#define STEP(a, x)        mdl_maximum_d(x, a)
#define VECTOR_STEP(a, x) CONCAT(larger, d, MDL_ISA)(a, x)
#define DONE(a, n)        (a)
#include "pooling_body.h"

#define NAME              max_pool_i
#define T                 int64_t
#define INIT              INT64_MIN
#define STEP(a, x)        mdl_maximum_i(x, a)
#define VECTOR_STEP(a, x) CONCAT(larger, i, MDL_ISA)(a, x)
#define DONE(a, n)        (a)
#include "pooling_body.h"

#define NAME              average_pool_f
#define T                 float
#define INIT              0.0f
#define STEP(a, x)        ((a) + (x))
#define VECTOR_STEP(a, x) ((a) + (x))
#define DONE(a, n)        ((a) / (float)(n))
#include "pooling_body.h"

#define NAME              average_pool_d
#define T                 double
#define INIT              0.0
#define STEP(a, x)        ((a) + (x))
#define VECTOR_STEP(a, x) ((a) + (x))
#define DONE(a, n)        ((a) / (double)(n))
#include "pooling_body.h"
