/* Values of every dtype as doubles and integers. */
#ifndef MDL_DTYPE_H
#define MDL_DTYPE_H

#include <mdl/mdl.h>

static inline bool mdl_is_float(mdl_dtype d)
{
    return d <= MDL_BFLOAT16;
}

/* Stores doubles: floats round to nearest even, integers towards zero and stay within their range, bool is v != 0. */
void mdl_store(mdl_dtype dtype, const double *values, size_t count, void *out);
/* One element as a double; exact but for large int64. */
double mdl_load(mdl_dtype dtype, const void *data, size_t index);

/* Elements of one dtype as another, by way of doubles. */
void mdl_convert(mdl_dtype from, const void *in, mdl_dtype to, void *out, size_t count);

uint16_t mdl_float16_of(double v);
uint16_t mdl_bfloat16_of(double v);
double   mdl_of_float16(uint16_t bits);
double   mdl_of_bfloat16(uint16_t bits);

#endif
