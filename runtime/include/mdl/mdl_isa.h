/* Instruction sets. Code whose loops need wide vectors is compiled once for each of them, and chosen when it is called. Feature
 * bits decide, never the name of a processor; MDL_ISA in the environment may ask for less than the processor has (mdl.h).
 *
 *     #define MDL_ISA 2                  0: what the compiler targets anyway, 1: AVX2 and FMA, 2: AVX-512
 *     #include <mdl/mdl_isa_begin.h>     turns the target on; defines MDL_ISA_BYTES, the width of a vector
 *     #include "some_body.h"
 *     #include <mdl/mdl_isa_end.h>
 *
 * Kernels are also compiled without vectors, MDL_ISA=scalar: what the others are compared with. Generated code is not, which would
 * take a sixth more time and space: its loops give the same bits with each set that fuses no multiplication and addition, and the same
 * with each that does.
 *
 * Without GNU vectors (tcc) there is nothing but plain loops: MDL_VECTORS is 0. */
#ifndef MDL_ISA_H
#define MDL_ISA_H

#if defined(__GNUC__) && !defined(__TINYC__) && !defined(MDL_NO_VECTORS)
#define MDL_VECTORS 1
#else
#define MDL_VECTORS 0
#endif

#if MDL_VECTORS && defined(__x86_64__)
#define MDL_X86 1
#else
#define MDL_X86 0
#endif

/* What every processor of the target has beyond 16-byte vectors. */
#if MDL_VECTORS && defined(__aarch64__)
#define MDL_NEON 1
#else
#define MDL_NEON 0
#endif

/* The last two: AVX-512, and what few kernels do with VNNI, and with the instructions of bfloat16 besides; only on request. */
enum { MDL_SCALAR = -1, MDL_AVX512_VNNI = 3, MDL_AVX512_BF16 = 4 };

/* 0, 1 or 2 by feature bits; what MDL_ISA in the environment asks for, if it is there. */
int mdl_isa_found(void);

static inline int mdl_isa(void)
{
#if MDL_VECTORS
    const int isa = mdl_isa_found();
    return isa < 2 ? isa : 2;
#else
    return MDL_SCALAR;
#endif
}

/* Generated code includes its functions once for each instruction set. Below `#define f MDL_VARIANT(f)` the name f means the
 * one for the set at hand, f_isa0, f_isa1 or f_isa2; MDL_CALL_VARIANT calls the one for this processor. */
#define MDL_VARIANT(f)           MDL_VARIANT_(f, MDL_ISA)
#define MDL_VARIANT_(f, isa)     MDL_VARIANT_NAME(f, isa)
#define MDL_VARIANT_NAME(f, isa) f##_isa##isa

#if MDL_X86
#define MDL_CALL_VARIANT(f, ...) \
    (mdl_isa() == 2 ? f##_isa2(__VA_ARGS__) : mdl_isa() == 1 ? f##_isa1(__VA_ARGS__) : f##_isa0(__VA_ARGS__))
#else
#define MDL_CALL_VARIANT(f, ...) f##_isa0(__VA_ARGS__)
#endif

#endif
