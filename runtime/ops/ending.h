/* What is done to blocks of a product's result once their sums are complete: mdl_epilogue. Kernels that have the sums in registers do a
 * plain one there (lanes.h); all others, and all that is not plain, come here. */
#ifndef MDL_FINISH_H
#define MDL_FINISH_H

#include <mdl/mdl_ops.h>

#include <stdbool.h>

/* Is all that it does known, a bias, a sum, and bounds? */
static inline bool is_plain(const mdl_epilogue *then)
{
    return then != NULL && then->run == NULL;
}

/* A plain epilogue from one row and column on. */
#define PLAIN(T)                                                     \
    typedef struct Plain_##T {                                       \
        const T *bias, *beside; /* NULL: none */                     \
        int64_t  row;           /* from one row of `beside` to the next */ \
        T        low, high;                                          \
    } Plain_##T;
PLAIN(float)
PLAIN(double)
#undef PLAIN

/* Rows [row, row + rows) and columns [column, column + columns) of a result whose rows are `width` long; y is the first element of these. */
void mdl_finish_f(const mdl_epilogue *then, float *y, int64_t width, int64_t row, int64_t rows, int64_t column, int64_t columns);
void mdl_finish_d(const mdl_epilogue *then, double *y, int64_t width, int64_t row, int64_t rows, int64_t column, int64_t columns);

#endif
