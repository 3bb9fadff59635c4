#ifndef MDL_PEAK_H
#define MDL_PEAK_H

/* Floating-point operations a second that one thread reaches in a float32 product whose operands stay in cache, which is within some
 * percent of what the processor's multiply-add units can do; 0 if there is no memory. Takes some milliseconds. */
double mdl_peak_flops(void);

#endif
