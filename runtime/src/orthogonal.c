/* Householder's decomposition. Sums go down the rows with a column beside a column, so that the order of every sum is fixed and
 * compilers can still use vectors. */
#include "orthogonal.h"

#include <math.h>
#include <stdlib.h>

/* Turns column k below row k into the reflector's vector v, scaled so that v'v = 2; returns what stays on R's diagonal. */
static double make_reflector(double *a, size_t rows, size_t columns, size_t k)
{
    double squares = 0;
    for (size_t i = k; i < rows; i++) squares += a[i * columns + k] * a[i * columns + k];
    const double head = a[k * columns + k], norm = sqrt(squares);
    const double diagonal = head > 0 ? -norm : norm;
    if (norm == 0) return 0;
    /* v = x - diagonal * e1, and v'v = 2 (norm^2 - diagonal * head) */
    const double scale = 1.0 / sqrt(squares - diagonal * head);
    a[k * columns + k] = head - diagonal;
    for (size_t i = k; i < rows; i++) a[i * columns + k] *= scale;
    return diagonal;
}

/* m -= v (v' m) on the columns from `from` on; v is column k of a, below row k. */
static void reflect(const double *a, double *m, double *sums, size_t rows, size_t columns, size_t k, size_t from)
{
    for (size_t j = from; j < columns; j++) sums[j] = 0;
    for (size_t i = k; i < rows; i++) {
        const double v = a[i * columns + k];
        for (size_t j = from; j < columns; j++) sums[j] += v * m[i * columns + j];
    }
    for (size_t i = k; i < rows; i++) {
        const double v = a[i * columns + k];
        for (size_t j = from; j < columns; j++) m[i * columns + j] -= v * sums[j];
    }
}

bool mdl_orthonormal(double *a, size_t rows, size_t columns)
{
    double *q = calloc(rows * columns + 1, sizeof *q);
    double *sums = malloc((columns + 1) * sizeof *sums), *diagonal = malloc((columns + 1) * sizeof *diagonal);
    const bool memory = q != NULL && sums != NULL && diagonal != NULL;
    if (memory) {
        for (size_t k = 0; k < columns; k++) {
            diagonal[k] = make_reflector(a, rows, columns, k);
            reflect(a, a, sums, rows, columns, k, k + 1);
        }
        for (size_t k = 0; k < columns; k++) q[k * columns + k] = 1.0;
        for (size_t k = columns; k-- > 0;) reflect(a, q, sums, rows, columns, k, k);
        for (size_t i = 0; i < rows; i++) {
            const double *from = q + i * columns;
            double       *to = a + i * columns;
            for (size_t j = 0; j < columns; j++) to[j] = diagonal[j] < 0 ? -from[j] : from[j];
        }
    }
    free(q);
    free(sums);
    free(diagonal);
    return memory;
}
