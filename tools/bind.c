/* bind RUNS FILE: opens a weight file, verifies it against a model, and binds the model to it, so often; prints the median of the
 * milliseconds, and of those on a processor. PROGRAM is the model's program. */
#define _GNU_SOURCE
#include <mdl/mdl_weights.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

extern const mdl_program PROGRAM;

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static mdl_status bind(const char *file, mdl_error *error)
{
    mdl_model   *m = NULL;
    mdl_weights *w = NULL;
    mdl_fit     *fit = NULL;
    mdl_status   status = mdl_model_create(&PROGRAM, &m, error);
    if (status == MDL_OK) status = mdl_weights_open(file, NULL, &w, error);
    if (status == MDL_OK) status = mdl_fit_make(mdl_model_registry(m), w, NULL, &fit, error);
    if (status == MDL_OK) status = mdl_model_load_fit(m, fit, true, 0, error);
    mdl_fit_free(fit);
    mdl_model_free(m);
    mdl_weights_close(w);
    return status;
}

int main(int argc, char **argv)
{
    const int runs = argc == 3 ? atoi(argv[1]) : 0;
    double    times[1000], busy[1000];
    mdl_error error;
    if (runs < 1 || runs > 1000) return 2;
    for (int i = 0; i < runs; i++) {
        const double start = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
        if (bind(argv[2], &error) != MDL_OK) {
            fprintf(stderr, "%s\n", error.message);
            return 1;
        }
        times[i] = now(CLOCK_MONOTONIC) - start;
        busy[i] = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    }
    qsort(times, (size_t)runs, sizeof *times, ascending);
    qsort(busy, (size_t)runs, sizeof *busy, ascending);
    printf("%.3f %.3f 0\n", times[runs / 2], busy[runs / 2]);
    return 0;
}
