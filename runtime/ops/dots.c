#include "dots.h"

#include "intrinsics.h"

enum { LEAST_RUN = 16 };

#define CONCAT_(a, b) a##_##b
#define CONCAT(a, b)  CONCAT_(a, b)

#define BODY "dots_body.h"
#include "each_isa.h"

bool mdl_dots_suit(int64_t n, int64_t run)
{
    return n <= DOTS_COLUMNS && run >= LEAST_RUN && mdl_isa() != MDL_SCALAR;
}

void mdl_dots(const Dots *d)
{
    BY_ISA(dots)(d);
}

void mdl_dots_columns(Dots *d, const float *matrix, int64_t k, int64_t row, float *to)
{
    for (int j = 0; j < d->n; j++, to += k) {
        d->columns[j] = row == 1 ? matrix : to;
        for (int64_t l = 0; row != 1 && l < k; l++) to[l] = matrix[l * row + j];
    }
}
