/* What GNU vectors can't say: fused multiply-add. */
#ifndef MDL_INTRINSICS_H
#define MDL_INTRINSICS_H

#include <mdl/mdl_isa.h>

#if MDL_X86
#include <immintrin.h>
#elif MDL_NEON
#include <arm_neon.h>
#endif

#endif
