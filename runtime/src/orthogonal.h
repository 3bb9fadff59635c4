/* Orthogonal matrices, for the initializer of that name. */
#ifndef MDL_ORTHOGONAL_H
#define MDL_ORTHOGONAL_H

#include <stdbool.h>
#include <stddef.h>

/* Replaces the rows x columns matrix `a` (row-major, rows >= columns) by Q of its decomposition Q R in which R's diagonal is
 * not negative: its columns are orthonormal. False if there is no memory. */
bool mdl_orthonormal(double *a, size_t rows, size_t columns);

#endif
