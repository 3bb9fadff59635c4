/* Includes BODY, the name of a file, once for each instruction set: with MDL_ISA, MDL_ISA_BYTES, and FMADD(a, b, c), which is
 * a * b + c in vectors and scalars, rounded once where the set has it. VECTOR_MAX and VECTOR_MIN are the second of two where one is NaN,
 * LOAD_SOME and STORE_SOME work on the first elements of one, where the set has that (lanes.h). They are of float, or of double if
 * FMADD_DOUBLE is defined.
 * Once more it is included for no vectors at all, with MDL_ISA `plain` and MDL_ISA_BYTES 0; without GNU vectors, for nothing else.
 * Kernels that differ by element type define that beforehand. */
#ifdef FMADD_DOUBLE
#define OF_TYPE(intrinsic) intrinsic##d
#define MASK               __mmask8
#else
#define OF_TYPE(intrinsic) intrinsic##s
#define MASK               __mmask16
#endif

#if MDL_VECTORS
#define MDL_ISA 0
#include <mdl/mdl_isa_begin.h>
#if MDL_NEON && defined(FMADD_DOUBLE)
#define FMADD(a, b, c) vfmaq_f64(c, a, b)
#elif MDL_NEON
#define FMADD(a, b, c) vfmaq_f32(c, a, b)
#else
#define FMADD(a, b, c) ((c) + (a) * (b))
#endif
#if MDL_X86
#define VECTOR_MAX(a, b) OF_TYPE(_mm_max_p)(a, b)
#define VECTOR_MIN(a, b) OF_TYPE(_mm_min_p)(a, b)
#elif MDL_NEON && defined(FMADD_DOUBLE)
#define VECTOR_MAX(a, b) vmaxq_f64(a, b)
#define VECTOR_MIN(a, b) vminq_f64(a, b)
#elif MDL_NEON
#define VECTOR_MAX(a, b) vmaxq_f32(a, b)
#define VECTOR_MIN(a, b) vminq_f32(a, b)
#endif
#include BODY
#undef FMADD
#undef VECTOR_MAX
#undef VECTOR_MIN
#include <mdl/mdl_isa_end.h>
#endif

#if MDL_X86
#define MDL_ISA 1
#include <mdl/mdl_isa_begin.h>
#define FMADD(a, b, c)   OF_TYPE(_mm256_fmadd_p)(a, b, c)
#define VECTOR_MAX(a, b) OF_TYPE(_mm256_max_p)(a, b)
#define VECTOR_MIN(a, b) OF_TYPE(_mm256_min_p)(a, b)
#include BODY
#undef FMADD
#undef VECTOR_MAX
#undef VECTOR_MIN
#include <mdl/mdl_isa_end.h>

#define MDL_ISA 2
#include <mdl/mdl_isa_begin.h>
#define FMADD(a, b, c)           OF_TYPE(_mm512_fmadd_p)(a, b, c)
#define VECTOR_MAX(a, b)         OF_TYPE(_mm512_max_p)(a, b)
#define VECTOR_MIN(a, b)         OF_TYPE(_mm512_min_p)(a, b)
#define FIRST(count)             (MASK)((1u << (count)) - 1)
#define LOAD_SOME(from, count)   OF_TYPE(_mm512_maskz_loadu_p)(FIRST(count), from)
#define STORE_SOME(to, v, count) OF_TYPE(_mm512_mask_storeu_p)(to, FIRST(count), v)
#include BODY
#undef FMADD
#undef VECTOR_MAX
#undef VECTOR_MIN
#undef FIRST
#undef LOAD_SOME
#undef STORE_SOME
#include <mdl/mdl_isa_end.h>
#endif

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC optimize("no-tree-vectorize,no-tree-slp-vectorize")
#endif
#define MDL_ISA        plain
#define MDL_ISA_BYTES  0
#define FMADD(a, b, c) ((c) + (a) * (b))
#include BODY
#undef FMADD
#undef MDL_ISA_BYTES
#undef MDL_ISA
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif

/* The function f_0, f_1, f_2 or f_plain for this processor. */
#ifndef BY_ISA
#if MDL_X86
#define BY_ISA(f) (mdl_isa() == 2 ? f##_2 : mdl_isa() == 1 ? f##_1 : mdl_isa() == 0 ? f##_0 : f##_plain)
#elif MDL_VECTORS
#define BY_ISA(f) (mdl_isa() == 0 ? f##_0 : f##_plain)
#else
#define BY_ISA(f) f##_plain
#endif
#endif

#undef OF_TYPE
#undef MASK
#undef FMADD_DOUBLE
#undef BODY
