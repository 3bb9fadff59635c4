/* What GNU vectors can't say: fused multiply-add; and loops of constant length that become their steps. */
#ifndef MDL_INTRINSICS_H
#define MDL_INTRINSICS_H

#include <mdl/mdl_isa.h>

#if MDL_X86
#include <immintrin.h>
#elif MDL_NEON
#include <arm_neon.h>
#endif

/* Tiles are unrolled into registers. With sanitizers, which check each element, that would take clang minutes. */
#ifdef __clang__
#if __has_feature(address_sanitizer)
#define UNROLL
#else
#define UNROLL _Pragma("clang loop unroll(full)")
#endif
#else
#define UNROLL _Pragma("GCC unroll 24")
#endif

/* Keeps a vector where it is: it isn't read from memory again. */
#if MDL_X86
#define IN_REGISTER(v) __asm__("" : "+v"(v))
#elif MDL_NEON
#define IN_REGISTER(v) __asm__("" : "+w"(v))
#else
#define IN_REGISTER(v) (void)(v)
#endif

#endif
