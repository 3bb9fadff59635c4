# The kernels; paths from runtime/.
set(MDL_KERNEL_SOURCES
    ops/attention.c ops/batch.c ops/conv.c ops/conv_transpose.c ops/cumulate.c ops/depthwise.c ops/direct.c ops/dots.c ops/ending.c ops/extremum.c
    ops/factor.c ops/fourier.c ops/gather.c ops/gemm.c ops/gemm_bf16.c ops/grouped.c ops/isa.c ops/jacobi.c ops/kernel.c ops/matmul.c ops/matmul_8bit.c
    ops/move.c ops/pack.c ops/parallel.c ops/phases.c ops/pooling.c ops/random.c ops/range.c ops/reduce.c ops/scatter.c ops/search.c ops/softmax.c
    ops/sort.c ops/threads.c ops/winograd.c)
