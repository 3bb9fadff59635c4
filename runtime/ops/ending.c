/* A plain epilogue over what lies in memory. */
#include "ending.h"

#include "intrinsics.h"
#include "kernel.h"

#define CONCAT_(a, b, c) a##_##b##_##c
#define CONCAT(a, b, c)  CONCAT_(a, b, c)

#define T    float
#define TYPE f
#define BODY "ending_body.h"
#include "each_isa.h"
#undef T
#undef TYPE

#define T    double
#define TYPE d
#define BODY "ending_body.h"
#define FMADD_DOUBLE
#include "each_isa.h"
#undef T
#undef TYPE

void mdl_finish_f(const mdl_epilogue *then, float *y, int64_t width, int64_t row, int64_t rows, int64_t column, int64_t columns)
{
    if (then == NULL) return;
    if (then->run != NULL) then->run(then->context, row, rows, column, columns);
    else BY_ISA(finish_f)(then, y, width, row, rows, column, columns);
}

void mdl_finish_d(const mdl_epilogue *then, double *y, int64_t width, int64_t row, int64_t rows, int64_t column, int64_t columns)
{
    if (then == NULL) return;
    if (then->run != NULL) then->run(then->context, row, rows, column, columns);
    else BY_ISA(finish_d)(then, y, width, row, rows, column, columns);
}
