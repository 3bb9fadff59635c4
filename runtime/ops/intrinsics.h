/* What GNU vectors can't say: fused multiply-add; and loops of constant length that become their steps. */
#ifndef MDL_INTRINSICS_H
#define MDL_INTRINSICS_H

#include <mdl/mdl_isa.h>

#if MDL_X86
#include <immintrin.h>
#elif MDL_NEON
#include <arm_neon.h>
#endif

#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

#endif
