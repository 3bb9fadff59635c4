/* How fast one processor reads so many bytes again and again: prints GB/s, the best of some passes. Compile with -O2 -march=native.
 * Sixteen sums, so that reads do not wait for additions; large pages, so that none waits for the address of a page. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#if defined(__AVX512F__)
enum { BYTES = 64 };
#elif defined(__AVX__)
enum { BYTES = 32 };
#else
enum { BYTES = 16 };
#endif
enum { SUMS = 16, BLOCK = BYTES * SUMS, LEAST_PASSES = 5, LARGE_PAGE = 2 << 20 };
typedef float V __attribute__((vector_size(BYTES)));

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    const size_t bytes = argc > 1 ? (size_t)strtoull(argv[1], NULL, 10) / BLOCK * BLOCK : 0;
    if (bytes == 0) {
        fprintf(stderr, "usage: bandwidth BYTES\n");
        return 2;
    }
    V *const at = aligned_alloc(LARGE_PAGE, (bytes + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE);
    if (at == NULL) return 1;
    madvise(at, bytes, MADV_HUGEPAGE); /* a wish: without them it is slower, not wrong */
    V sum[SUMS] = {{0}};
    for (size_t i = 0; i < bytes / BYTES; i++) at[i] = sum[0];
    double       best = 0;
    const double end = now() + 0.1;
    for (int pass = 0; pass < LEAST_PASSES || now() < end; pass++) {
        const double start = now();
        for (size_t i = 0; i < bytes / BYTES; i += SUMS) {
#pragma GCC unroll 16
            for (int k = 0; k < SUMS; k++) sum[k] += at[i + (size_t)k];
        }
        for (int k = 0; k < SUMS; k++) __asm__ volatile("" : "+x"(sum[k]));
        const double rate = 1e-9 * (double)bytes / (now() - start);
        if (rate > best) best = rate;
    }
    printf("%.2f\n", best);
    free(at);
    return 0;
}
