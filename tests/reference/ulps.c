/* usage: ulps [--seconds N | --all] [FUNCTION...]
 *
 * The largest error of the float32 functions of mdl_math.h, in units in the last place of the exact result, which is computed in
 * double; beside it the bound in ulps.def, which it may not exceed. Every instruction set that this processor has must give the bits of
 * plain loops, or, if it fuses multiplications and additions, those of the first that does. A function gets all 2**32 floats (--all; minutes each), or every so many that it takes about N seconds (1 if left out), from
 * another first one each time it is asked with another N; and the argument that ulps.def names as its worst, if it has but one.
 *
 * A result beyond the largest float may be that or infinity. Errors of gelu are relative to |x| / 2 where that is larger than the result,
 * below 0: 1 + erf there rounds what is left of it; those of silu to |x| 2**-126, where sigmoid is less than the least normal number. */
#define _POSIX_C_SOURCE 200809L
#include <mdl/mdl_code.h>

#include <float.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* One(name, in float, in double): of x; Two: of x and z. */
#define FUNCTIONS(One, Two)                                                                                                      \
    One(exp, mdl_exp_f(x), exp(x)) One(expm1, mdl_expm1_f(x), expm1(x)) One(log, mdl_log_f(x), log(x))                           \
    One(log1p, mdl_log1p_f(x), log1p(x)) One(tanh, mdl_tanh_f(x), tanh(x)) One(erf, mdl_erf_f(x), erf(x))                        \
    One(sigmoid, mdl_sigmoid_f(x), 1 / (1 + exp(-x))) One(softplus, mdl_softplus_f(x), (x > 0 ? x : 0) + log1p(exp(-fabs(x))))   \
    One(silu, x * mdl_sigmoid_f(x), x / (1 + exp(-x)))                                                                           \
    One(gelu, 0.5f * x * (1.0f + mdl_erf_f(x * 0.707106781f)), 0.5 * x * erfc(-x * 0.70710678118654752440))                      \
    One(gelu_tanh, 0.5f * x * (1.0f + mdl_tanh_f(0.797884561f * (x + 0.044715f * x * x * x))),                                   \
        x / (1 + exp(-2 * 0.79788456080286535588 * (x + 0.044715 * x * x * x))))                                                 \
    One(rsqrt, mdl_rsqrt_f(x), 1 / sqrt(x)) One(erfc, mdl_erfc_f(x), erfc(x)) One(exp2, mdl_exp2_f(x), exp2(x))                  \
    One(log2, mdl_log2_f(x), log2(x)) One(log10, mdl_log10_f(x), log10(x)) One(sin, mdl_sin_f(x), sin(x))                        \
    One(cos, mdl_cos_f(x), cos(x)) One(tan, mdl_tan_f(x), tan(x)) One(arcsin, mdl_arcsin_f(x), asin(x))                          \
    One(arccos, mdl_arccos_f(x), acos(x)) One(arctan, mdl_arctan_f(x), atan(x)) One(sinh, mdl_sinh_f(x), sinh(x))                \
    One(cosh, mdl_cosh_f(x), cosh(x)) One(arcsinh, mdl_arcsinh_f(x), asinh(x)) One(arccosh, mdl_arccosh_f(x), acosh(x))          \
    One(arctanh, mdl_arctanh_f(x), atanh(x)) Two(power, mdl_power_f(x, z), pow(x, z)) Two(arctan2, mdl_arctan2_f(x, z), atan2(x, z))    \
    Two(sigmoid_tanh, mdl_sigmoid_tanh_f(x, z), tanh(z) / (1 + exp(-x)))

#if MDL_X86
#define MDL_ISA 2
#include <mdl/mdl_isa_begin.h>
#include "ulps_body.h"
#include <mdl/mdl_isa_end.h>
#define MDL_ISA 1
#include <mdl/mdl_isa_begin.h>
#include "ulps_body.h"
#include <mdl/mdl_isa_end.h>
#endif
#define MDL_ISA 0
#include <mdl/mdl_isa_begin.h>
#include "ulps_body.h"
#include <mdl/mdl_isa_end.h>

/* Plain loops, which gcc is told to leave so. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC optimize("no-tree-vectorize,no-tree-slp-vectorize")
#endif
#define MDL_ISA plain
#include "ulps_body.h"
#undef MDL_ISA
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif

#define EXACT_1(name, float_form, double_form) \
    static double exact_##name(double x, double z) { (void)z; return double_form; }
#define EXACT_2(name, float_form, double_form) \
    static double exact_##name(double x, double z) { return double_form; }
FUNCTIONS(EXACT_1, EXACT_2)

typedef void   Loop(int n, float *y, const float *x, const float *z);
typedef double Exact(double x, double z);

enum { SETS = 4, BLOCK = 4096, FUSED = MDL_NEON ? 1 : 2 }; /* from that set on: plain, then by instruction set */
typedef enum Relative { RESULT, HALF_X, TINY_X } Relative;
typedef struct Function {
    const char *name;
    Exact      *exact;
    Loop       *loops[SETS]; /* plain, then by instruction set */
    bool        two;         /* arguments */
} Function;

#if MDL_X86
#define LOOPS(name) {loop_##name##_isaplain, loop_##name##_isa0, loop_##name##_isa1, loop_##name##_isa2}
#else
#define LOOPS(name) {loop_##name##_isaplain, loop_##name##_isa0}
#endif
#define ROW_1(name, float_form, double_form) {#name, exact_##name, LOOPS(name), false},
#define ROW_2(name, float_form, double_form) {#name, exact_##name, LOOPS(name), true},
static const Function functions[] = {FUNCTIONS(ROW_1, ROW_2)};
enum { COUNT = sizeof functions / sizeof *functions };

typedef struct Bound {
    const char *name;
    double      ulps, worst;
    float       at;
    bool        ours;
} Bound;
enum { OURS, WIDE, LIBM, IEEE, STEPS };
#define ULPS(name, by, float32, float64, worst, argument) {#name, float32, worst, argument, by == OURS || by == STEPS},
static const Bound bounds[] = {
#include "../../runtime/ulps.def"
};

typedef struct Found {
    double worst;
    float  at, at_z;
    double argument; /* the error at the argument that ulps.def names */
    int    differs;  /* 0, or 1 + the instruction set that gives other bits */
    float  differs_at;
} Found;

/* ---- errors ---- */

/* 2**e for -1022 <= e <= 1023; and e of the largest power of two that is not above x. */
static double power_of_two(int e) { return mdl_from_bits_d((uint64_t)(e + 1023) << 52); }
static int    exponent_of(double x) { return (int)(mdl_bits_d(x) >> 52 & 0x7ff) - 1023; }

/* What an error at x is relative to, at least. */
static double least_scale(Relative relative, double x)
{
    return relative == HALF_X ? fabs(x) / 2 : relative == TINY_X ? fabs(x) * FLT_MIN : 0;
}

static double ulps_off(Relative relative, double x, double got, double exact)
{
    const double largest = FLT_MAX;
    double       scale = fabs(exact);
    if (exact != exact || got != got) return exact != exact && got != got ? 0 : INFINITY;
    if (scale > largest || fabs(got) > largest) {
        if (fabs(got) > largest && scale < largest * (1 - 0x1p-20)) return INFINITY;
        if (scale > largest) exact = copysign(scale = largest, exact);
        if (fabs(got) > largest) got = copysign(largest, got);
    }
    if (relative != RESULT) scale = fmax(scale, least_scale(relative, x));
    if (scale < FLT_MIN) scale = FLT_MIN;
    return fabs(got - exact) * power_of_two(23 - exponent_of(scale));
}

static bool same(float a, float b)
{
    return mdl_bits_f(a) == mdl_bits_f(b) || (a != a && b != b);
}

/* `count` <= BLOCK arguments. */
static void measure_block(const Function *f, int count, const float *x, const float *z, Found *found)
{
    static float   y[SETS][BLOCK];
    const int      sets = mdl_isa_found() + 2;
    const Relative relative = strncmp(f->name, "gelu", 4) == 0 ? HALF_X : strcmp(f->name, "silu") == 0 ? TINY_X : RESULT;
    for (int s = 0; s < sets; s++) f->loops[s](count, y[s], x, z);
    for (int i = 0; i < count; i++) {
        const double exact = f->exact(x[i], z[i]), fused = sets > FUSED ? ulps_off(relative, x[i], y[FUSED][i], exact) : 0;
        const double off = fmax(fused, ulps_off(relative, x[i], y[0][i], exact));
        if (off > found->worst) *found = (Found){off, x[i], z[i], found->argument, found->differs, found->differs_at};
        for (int s = 1; s < sets; s++) {
            if (!same(y[s][i], y[s < FUSED ? 0 : FUSED][i])) found->differs = s, found->differs_at = x[i];
        }
    }
}

/* ---- arguments ---- */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint32_t mixed(uint32_t u)
{
    u = (u ^ (u >> 16)) * 0x7feb352du;
    u = (u ^ (u >> 15)) * 0x846ca68bu;
    return u ^ (u >> 16);
}

/* Any float, or one from 2**-7 to 2**9 in size. */
static float second(uint32_t u)
{
    const uint32_t bits = mixed(u);
    return mdl_from_bits_f(u & 1 ? bits : (bits & 0x807fffff) | (120 + (bits >> 23 & 15)) << 23);
}

/* Every `stride`-th float. */
static void measure_all(const Function *f, uint64_t first, uint64_t stride, Found *found)
{
    float    x[BLOCK], z[BLOCK];
    uint64_t at = first;
    while (at >> 32 == 0) {
        int n = 0;
        for (; n < BLOCK && at >> 32 == 0; n++, at += stride) {
            x[n] = mdl_from_bits_f((uint32_t)at);
            z[n] = second((uint32_t)at);
        }
        measure_block(f, n, x, z, found);
    }
}

/* A stride that takes about so many seconds, by the time of a few thousand arguments. */
static uint64_t stride_for(const Function *f, double seconds)
{
    Found        ignored = {0};
    const double start = now();
    measure_all(f, 0, 65521, &ignored);
    const double each = (now() - start) / (4294967296.0 / 65521);
    const double stride = 4294967296.0 * each / seconds;
    return stride < 1 ? 1 : (uint64_t)stride | 1;
}

static const Bound *bound_of(const char *name)
{
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        if (strcmp(bounds[i].name, name) == 0) return &bounds[i];
    }
    fprintf(stderr, "ulps: %s has no row in ulps.def\n", name);
    exit(2);
}

/* Prints a row; false if a bound, or what ulps.def tells of the worst argument, is wrong. */
static bool measure(const Function *f, uint64_t stride)
{
    static const char *const sets[] = {"", "the first set", "AVX2", "AVX-512"};
    const Bound *const       b = bound_of(f->name);
    const float              zero = 0;
    Found                    found = {0}, named = {0};
    measure_block(f, 1, &b->at, &zero, &named);
    measure_all(f, stride / 2, stride, &found);
    const bool holds = found.worst <= b->ulps && named.worst <= b->ulps;
    const bool known = !b->ours || f->two || fabs(named.worst - b->worst) < 0.0006;
    printf("%-10s %8.3f ulp at %-14a (%.6g) bound %-5g %s", f->name, found.worst, (double)found.at, (double)found.at, b->ulps, holds ? "ok" : "EXCEEDED");
    if (!known) printf("; at %a it is %.4f, ulps.def says %.4f", (double)b->at, named.worst, b->worst);
    if (found.differs != 0) printf("; %s gives other bits at %a", sets[found.differs], (double)found.differs_at);
    printf("\n");
    fflush(stdout);
    return holds && known && found.differs == 0;
}

int main(int argc, char **argv)
{
    double seconds = 1;
    bool   all = false, right = true;
    int    i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--all") == 0) all = true;
        else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc && atof(argv[i + 1]) > 0) seconds = atof(argv[++i]);
        else return fprintf(stderr, "usage: ulps [--seconds N | --all] [FUNCTION...]\n"), 2;
    }
    for (int k = i; k < argc; k++) {
        bool known = false;
        for (int j = 0; j < COUNT; j++) known |= strcmp(argv[k], functions[j].name) == 0;
        if (!known) return fprintf(stderr, "ulps: no function `%s`\n", argv[k]), 2;
    }
    for (int j = 0; j < COUNT; j++) {
        bool chosen = i == argc;
        for (int k = i; k < argc; k++) chosen |= strcmp(argv[k], functions[j].name) == 0;
        if (chosen) right &= measure(&functions[j], all ? 1 : stride_for(&functions[j], seconds));
    }
    return !right;
}
