/* How fast this machine can multiply and add: what shares of a peak are measured by. */
#include "peak.h"

#include <stdlib.h>

#include <mdl/mdl_code.h>

#include "clock.h"

enum { ROWS = 96, DEPTH = 256, COLUMNS = 64, TIMES = 20, MEASUREMENTS = 12 };

/* The best of some measurements: what else runs on the machine makes others slower, none faster. */
double mdl_peak_flops(void)
{
    float *a = calloc(ROWS * DEPTH, sizeof *a), *b = calloc(DEPTH * COLUMNS, sizeof *b), *c = calloc(ROWS * COLUMNS, sizeof *c);
    double best = 0;
    for (int i = 0; a != NULL && b != NULL && c != NULL && i < MEASUREMENTS; i++) {
        const double start = mdl_clock_seconds();
        for (int k = 0; k < TIMES; k++) {
            (void)mdl_matmul_packed(&MDL_TENSOR(MDL_FLOAT32, c, ROWS, COLUMNS),
                                    (const mdl_tensor[]){MDL_TENSOR(MDL_FLOAT32, a, ROWS, DEPTH), MDL_TENSOR(MDL_FLOAT32, b, DEPTH, COLUMNS)},
                                    2, NULL, NULL);
        }
        const double flops = 2.0 * ROWS * DEPTH * COLUMNS * TIMES / (mdl_clock_seconds() - start);
        if (flops > best) best = flops;
    }
    free(a);
    free(b);
    free(c);
    return best;
}
