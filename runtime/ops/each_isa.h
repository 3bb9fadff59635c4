/* Includes BODY, the name of a file, once for each instruction set: with MDL_ISA, MDL_ISA_BYTES, and FMADD(a, b, c), which is
 * a * b + c in vectors and scalars, rounded once where the set has it. FMADD is of float, or of double if FMADD_DOUBLE is defined.
 * For compilers without vectors it is included once. Kernels that differ by element type define that beforehand. */
#define MDL_ISA 0
#include <mdl/mdl_isa_begin.h>
#if MDL_NEON && defined(FMADD_DOUBLE)
#define FMADD(a, b, c) vfmaq_f64(c, a, b)
#elif MDL_NEON
#define FMADD(a, b, c) vfmaq_f32(c, a, b)
#else
#define FMADD(a, b, c) ((c) + (a) * (b))
#endif
#include BODY
#undef FMADD
#include <mdl/mdl_isa_end.h>

#if MDL_X86
#define MDL_ISA 1
#include <mdl/mdl_isa_begin.h>
#ifdef FMADD_DOUBLE
#define FMADD(a, b, c) _mm256_fmadd_pd(a, b, c)
#else
#define FMADD(a, b, c) _mm256_fmadd_ps(a, b, c)
#endif
#include BODY
#undef FMADD
#include <mdl/mdl_isa_end.h>

#define MDL_ISA 2
#include <mdl/mdl_isa_begin.h>
#ifdef FMADD_DOUBLE
#define FMADD(a, b, c) _mm512_fmadd_pd(a, b, c)
#else
#define FMADD(a, b, c) _mm512_fmadd_ps(a, b, c)
#endif
#include BODY
#undef FMADD
#include <mdl/mdl_isa_end.h>
#endif

#undef FMADD_DOUBLE
#undef BODY
