/* See mdl_isa.h. */
#if MDL_ISA == 2
#define MDL_ISA_BYTES 64
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx2,fma,prefer-vector-width=512")
#endif
#elif MDL_ISA == 1
#define MDL_ISA_BYTES 32
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#elif MDL_VECTORS
#define MDL_ISA_BYTES 16
#else
#define MDL_ISA_BYTES 0
#endif
/* Functions that fuse multiplications and additions (mdl_math_f.h) where the set can. */
#if MDL_ISA > 0 || MDL_NEON
#define mdl_exp_rest_f mdl_fused_exp_rest_f
#define mdl_exp_scaled_f mdl_fused_exp_scaled_f
#define mdl_exp_f mdl_fused_exp_f
#define mdl_half_expm1_f mdl_fused_half_expm1_f
#define mdl_expm1_f mdl_fused_expm1_f
#define mdl_log_plus_f mdl_fused_log_plus_f
#define mdl_log_f mdl_fused_log_f
#define mdl_log1p_f mdl_fused_log1p_f
#define mdl_tanh_f mdl_fused_tanh_f
#define mdl_erf_f mdl_fused_erf_f
#define mdl_exp_minus_f mdl_fused_exp_minus_f
#define mdl_sigmoid_f mdl_fused_sigmoid_f
#define mdl_sigmoid_tanh_f mdl_fused_sigmoid_tanh_f
#define mdl_softplus_f mdl_fused_softplus_f
#define mdl_logaddexp_f mdl_fused_logaddexp_f
#endif
#ifdef MDL_CODE_H
#include "mdl_small.h"
#endif
