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

const float *mdl_dots_turned(const float *matrix, int64_t k, int64_t n, int64_t row, float *to)
{
    if (n == 1 && row == 1) return matrix;
    for (int64_t j = 0; j < n; j++)
        for (int64_t l = 0; l < k; l++) to[j * k + l] = matrix[l * row + j];
    return to;
}
