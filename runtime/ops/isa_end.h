/* See isa.h. */
#if ISA > 0
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
#undef ISA
#undef ISA_BYTES
