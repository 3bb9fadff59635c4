/* Products of float32 whose values are those of bfloat16, in its instructions. */
#ifndef MDL_GEMM_BF16_H
#define MDL_GEMM_BF16_H

#include "gemm.h"

/* Is it asked for, there, and worth it; and do both factors hold nothing else? */
bool gemm_bf16_suits(const Gemm *g);

void gemm_bf16(const Gemm *g);

#endif
