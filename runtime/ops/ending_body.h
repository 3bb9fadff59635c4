/* Included by ending.c for each element type and instruction set. */
#define NAME(base) CONCAT(base, TYPE, MDL_ISA)
#if MDL_ISA_BYTES > 0
#define V     NAME(V)
#define U     NAME(U)
#define LANES ((int64_t)(MDL_ISA_BYTES / sizeof(T)))
typedef T V __attribute__((vector_size(MDL_ISA_BYTES)));
typedef T U __attribute__((vector_size(MDL_ISA_BYTES), aligned(sizeof(T)), may_alias));
#endif
#include "lanes.h"

static void NAME(finish)(const mdl_epilogue *then, T *y, int64_t width, int64_t row, int64_t rows, int64_t column, int64_t columns)
{
    NAME(Plain) last = NAME(plain_from)(then, width, row, column);
    for (int64_t i = 0; i < rows; i++, y += width) {
        int64_t j = 0;
#if MDL_ISA_BYTES > 0
        for (; j + LANES <= columns; j += LANES) *(U *)(y + j) = NAME(finished)(&last, *(const U *)(y + j), NAME(bias_of)(&last, j), i, j);
#endif
        for (; j < columns; j++) y[j] = NAME(finished_one)(&last, y[j], i, j);
    }
}

#if MDL_ISA_BYTES > 0
#undef LANES
#undef U
#undef V
#endif
#undef NAME
