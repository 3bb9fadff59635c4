/* See mdl_isa.h. */
#if MDL_ISA == 2
#define MDL_ISA_BYTES 64
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx2,fma,prefer-vector-width=512")
#endif
#elif MDL_ISA == 1
#define MDL_ISA_BYTES 32
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#elif MDL_VECTORS
#define MDL_ISA_BYTES 16
#else
#define MDL_ISA_BYTES 0
#endif
#ifdef MDL_CODE_H
#include "mdl_small.h"
#endif
