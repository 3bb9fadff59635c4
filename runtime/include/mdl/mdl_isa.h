/* Instruction sets. Code whose loops need wide vectors is compiled once for each of them, and chosen when it is called. Feature
 * bits decide, never the name of a processor.
 *
 *     #define MDL_ISA 2                  0: what the compiler targets anyway, 1: AVX2 and FMA, 2: AVX-512
 *     #include <mdl/mdl_isa_begin.h>     turns the target on; defines MDL_ISA_BYTES, the width of a vector
 *     #include "some_body.h"
 *     #include <mdl/mdl_isa_end.h>
 *
 * MDL_ISA=baseline, avx2 or avx512 in the environment asks for a narrower one than the processor has.
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

/* The widest that may be chosen: for tests, and for programs that should be small. */
#ifndef MDL_ISA_MAX
#define MDL_ISA_MAX 2
#endif

/* 0, 1 or 2 by feature bits. */
int mdl_isa_found(void);

static inline int mdl_isa(void)
{
    const int isa = MDL_X86 ? mdl_isa_found() : 0;
    return isa < MDL_ISA_MAX ? isa : MDL_ISA_MAX;
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
