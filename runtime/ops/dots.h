/* Products with up to four columns as dot products along the rows, in vectors: next to each other, so few columns would leave most of a
 * vector empty. */
#ifndef MDL_DOTS_H
#define MDL_DOTS_H

#include "kernel.h"

enum { DOTS_COLUMNS = 4 };

/* y[i, j] = sum over l and r of x[i * step + l * line + r] * columns[j][l * run + r]. */
typedef struct Dots {
    int64_t      rows, lines, run; /* a row of the left side: so many runs of neighbours */
    int64_t      step, line;
    const float *x;
    int          n;
    const float *columns[DOTS_COLUMNS];
    float       *y;
    int64_t      y_row;
} Dots;

/* Do rows of such runs fill vectors? */
bool mdl_dots_suit(int64_t n, int64_t run);

/* By the thread that calls. Rows are computed in the same way whatever rows there are beside them. */
void mdl_dots(const Dots *d);

/* Brings a matrix [k, n] with rows so far apart to columns of k, one after the other at `to`, unless it is one column already. */
void mdl_dots_columns(Dots *d, const float *matrix, int64_t k, int64_t row, float *to);

#endif
