/* Which instruction set this processor and its operating system offer, and which of them the user asks for. The processor itself is
 * asked, not the compiler's runtime library, so that programs link with any compiler. */
#include <mdl/mdl.h>
#include <mdl/mdl_isa.h>

#if MDL_VECTORS
#include <stdatomic.h>
#endif
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Name {
    const char *text;
    int         isa;
} Name;

enum { WIDEST = 2 }; /* that is chosen unless another is asked for */

/* Of this target, the narrowest first; `baseline` is another name of what every processor has. */
static const Name names[] = {
    {"scalar", MDL_SCALAR},
#if MDL_X86
    {"sse2", 0},
    {"avx2", 1},
    {"avx512", WIDEST},
    {"avx512_vnni", MDL_AVX512_VNNI},
    {"avx512_bf16", MDL_AVX512_BF16},
#elif MDL_NEON
    {"neon", 0},
#endif
#if MDL_VECTORS
    {"baseline", 0},
#endif
};
enum { NAMES = sizeof names / sizeof *names };

#if MDL_X86

#include <cpuid.h>

enum { BIT_FMA = 1 << 12, BIT_OSXSAVE = 1 << 27, BIT_AVX2 = 1 << 5, BIT_AVX512_VNNI = 1 << 11, BIT_AVX512_BF16 = 1 << 5, SAVES_YMM = 0x06, SAVES_ZMM = 0xe6 };
static const unsigned bits_avx512 = 1u << 16 | 1u << 31; /* AVX512F and AVX512VL */

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
    if ((b & bits_avx512) != bits_avx512 || (saved & SAVES_ZMM) != SAVES_ZMM) return 1;
    if (!(c & BIT_AVX512_VNNI)) return WIDEST;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & BIT_AVX512_BF16) ? MDL_AVX512_BF16 : MDL_AVX512_VNNI;
}

#else

static int detect(void)
{
    return MDL_VECTORS ? 0 : MDL_SCALAR;
}

#endif

/* What MDL_ISA in the environment asks for; NULL: nothing, so the widest there is. */
static const char *wish(void)
{
    const char *const asked = getenv("MDL_ISA");
    return asked != NULL && *asked != '\0' ? asked : NULL;
}

/* The set of that name, if there is one on a processor that has `found`; else the widest. */
static int wished(const char *asked, int found)
{
    for (int i = 0; asked != NULL && i < NAMES; i++) {
        if (strcmp(asked, names[i].text) == 0 && names[i].isa <= found) return names[i].isa;
    }
    return found < WIDEST ? found : WIDEST;
}

int mdl_isa_found(void)
{
#if MDL_VECTORS
    enum { UNKNOWN = MDL_SCALAR - 1 };
    /* Asking takes microseconds in a virtual machine, so the answer is kept. Threads that ask at once find the same. */
    static atomic_int known = UNKNOWN;
    int               isa = atomic_load_explicit(&known, memory_order_relaxed);
    if (isa == UNKNOWN) {
        isa = wished(wish(), detect());
        atomic_store_explicit(&known, isa, memory_order_relaxed);
    }
    return isa;
#else
    return wished(wish(), detect());
#endif
}

const char *mdl_isa_name(void)
{
    const int isa = mdl_isa_found();
    int       i = 0;
    while (names[i].isa != isa) i++;
    return names[i].text;
}

/* "scalar, sse2, avx2": those of a processor that has `found`. */
static void put_names(char *text, size_t size, int found)
{
    size_t used = 0;
    for (int i = 0; i < NAMES && used < size; i++) {
        if (names[i].isa <= found) used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "", names[i].text);
    }
}

mdl_status mdl_isa_check(mdl_error *error)
{
    const char *const asked = wish();
    const int         found = detect();
    char              here[80] = "";
    bool              known = false;
    for (int i = 0; asked != NULL && i < NAMES; i++) {
        if (strcmp(asked, names[i].text) != 0) continue;
        if (names[i].isa <= found) return MDL_OK;
        known = true;
    }
    if (asked == NULL) return MDL_OK;
    put_names(here, sizeof here, found);
    return mdl_fail(error, MDL_USAGE, "MDL_ISA=%.40s: %s; there are %s", asked,
                    known ? "this processor does not have these instructions" : "no such instruction set", here);
}
