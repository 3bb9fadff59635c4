/* Products with up to four columns as dot products along the rows, in vectors: next to each other, so few columns would leave most of a
 * vector empty. */
#ifndef MDL_DOTS_H
#define MDL_DOTS_H

#include "kernel.h"

enum { DOTS_COLUMNS = 4 };

/* y[i, j] = sum over l and r of x[i * step + l * line + r] * columns[j * column + l * run + r]. */
typedef struct Dots {
    int64_t      rows, lines, run; /* a row of the left side: so many runs of neighbours */
    int64_t      step, line;
    const float *x;
    int          n;
    const float *columns;
    int64_t      column;
    float       *y;
    int64_t      y_row;
} Dots;

/* Do rows of such runs fill vectors? */
bool mdl_dots_suit(int64_t n, int64_t run);

/* By the thread that calls. Rows are computed in the same way whatever rows there are beside them. */
void mdl_dots(const Dots *d);

/* The columns of a matrix [k, n] with rows so far apart, k elements each, one after the other: at `to`, unless it lies so already. */
const float *mdl_dots_turned(const float *matrix, int64_t k, int64_t n, int64_t row, float *to);

#endif
