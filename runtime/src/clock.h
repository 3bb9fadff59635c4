#ifndef MDL_CLOCK_H
#define MDL_CLOCK_H

#include <stdint.h>

/* Time that goes on evenly, from some moment in the past on. */
uint64_t mdl_clock_ns(void);
double   mdl_clock_seconds(void);

#endif
