#define _POSIX_C_SOURCE 200809L

#include "clock.h"

#include <time.h>

uint64_t mdl_clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

double mdl_clock_seconds(void)
{
    return 1e-9 * (double)mdl_clock_ns();
}
