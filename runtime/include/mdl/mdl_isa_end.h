/* See mdl_isa.h. */
#if MDL_ISA > 0
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
#undef mdl_exp_rest_f
#undef mdl_exp_scaled_f
#undef mdl_exp_f
#undef mdl_half_expm1_f
#undef mdl_expm1_f
#undef mdl_log_plus_f
#undef mdl_log_f
#undef mdl_log1p_f
#undef mdl_tanh_f
#undef mdl_erf_f
#undef mdl_exp_minus_f
#undef mdl_sigmoid_f
#undef mdl_sigmoid_tanh_f
#undef mdl_softplus_f
#undef mdl_logaddexp_f
#undef MDL_ISA
#undef MDL_ISA_BYTES
