/* Instruction sets. A file whose loops need wide vectors includes its body once for each of them, between ISA_BEGIN and
 * ISA_END, and chooses by mdl_isa() when it is called. Feature bits decide, never the name of a processor.
 *
 *     #define ISA 2                  0: what the compiler targets anyway, 1: AVX2 and FMA, 2: AVX-512
 *     #include "isa_begin.h"         turns the target on; defines ISA_BYTES, the width of a vector
 *     #include "some_body.h"
 *     #include "isa_end.h"
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
#include <immintrin.h>
#else
#define MDL_X86 0
#endif

/* What every processor of the target has beyond 16-byte vectors. */
#if MDL_VECTORS && defined(__aarch64__)
#define MDL_NEON 1
#include <arm_neon.h>
#else
#define MDL_NEON 0
#endif

/* For tests: the widest that may be chosen. */
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

#endif
