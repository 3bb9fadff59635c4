/* See mdl_isa.h. */
#if MDL_ISA > 0
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
#undef MDL_ISA
#undef MDL_ISA_BYTES
