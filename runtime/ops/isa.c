/* Which instruction set this processor and its operating system offer. Asked of the processor itself, not of the compiler's
 * runtime library, so that programs link with any compiler. */
#include <mdl/mdl_isa.h>

#if MDL_X86

#include <cpuid.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { BIT_FMA = 1 << 12, BIT_OSXSAVE = 1 << 27, BIT_AVX2 = 1 << 5, BIT_AVX512F = 1 << 16, SAVES_YMM = 0x06, SAVES_ZMM = 0xe6 };

/* The registers that the operating system saves when it switches threads. */
static unsigned saved_registers(void)
{
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static int detect(void)
{
    unsigned a, b, c, d, saved;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & BIT_OSXSAVE) || !(c & BIT_FMA)) return 0;
    saved = saved_registers();
    if ((saved & SAVES_YMM) != SAVES_YMM || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & BIT_AVX2)) return 0;
    return (b & BIT_AVX512F) && (saved & SAVES_ZMM) == SAVES_ZMM ? 2 : 1;
}

/* What MDL_ISA in the environment asks for, if the processor has it. */
static int wished(int found)
{
    static const char *const names[] = {"baseline", "avx2", "avx512"};
    const char              *wish = getenv("MDL_ISA");
    for (int i = 0; wish != NULL && i < found; i++) {
        if (strcmp(wish, names[i]) == 0) return i;
    }
    return found;
}

/* Asking takes microseconds in a virtual machine, so the answer is kept. Threads that ask at once find the same. */
int mdl_isa_found(void)
{
    static atomic_int known = -1;
    int isa = atomic_load_explicit(&known, memory_order_relaxed);
    if (isa < 0) {
        isa = wished(detect());
        atomic_store_explicit(&known, isa, memory_order_relaxed);
    }
    return isa;
}

#else

int mdl_isa_found(void)
{
    return 0;
}

#endif
