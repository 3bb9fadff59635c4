/* The most that one processor multiplies and adds in float32: prints GFLOP/s, the best of fifty runs of some milliseconds. Compile
 * with -O2 -march=native, or what else turns on the instructions that are asked about; with -DSCALAR for those without vectors. Twelve
 * sums hide the latency of a multiply-add. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <time.h>

#if defined(SCALAR)
enum { BYTES = 4 };
#elif defined(__AVX512F__)
enum { BYTES = 64 };
#elif defined(__AVX__)
enum { BYTES = 32 };
#else
enum { BYTES = 16 };
#endif
enum { LANES = BYTES / sizeof(float), SUMS = 12, ROUNDS = 1000000, RUNS = 50 };
#ifdef SCALAR
typedef float V;
#else
typedef float V __attribute__((vector_size(BYTES)));
#endif

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(void)
{
    const V factor = (V){0} + 0.5f, term = (V){0} + 1.0f;
    V       sum[SUMS];
    double  best = 0;
    for (int i = 0; i < SUMS; i++) sum[i] = term;
    for (int run = 0; run < RUNS; run++) {
        const double start = now();
        for (int round = 0; round < ROUNDS; round++) {
#pragma GCC unroll 16
            for (int i = 0; i < SUMS; i++) sum[i] = sum[i] * factor + term; /* contracted: this file is no part of the product */
        }
        const double rate = 2e-9 * LANES * SUMS * ROUNDS / (now() - start);
        if (rate > best) best = rate;
        for (int i = 0; i < SUMS; i++) __asm__ volatile("" : "+x"(sum[i]));
    }
    printf("%.1f\n", best);
    return 0;
}
