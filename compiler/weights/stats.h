/* What the values of a tensor are like. */
#ifndef MDLC_STATS_H
#define MDLC_STATS_H

#include "checkpoint.h"

enum { STATS_BINS = 12 };

typedef struct Stats {
    uint64_t count, nan, infinite; /* elements; those that are no finite numbers */
    double   min, max, mean, std;  /* of the finite ones; 0 if there is none */
    uint64_t bins[STATS_BINS];     /* finite ones in equal parts from min to max */
} Stats;

/* Reads the values twice, a piece at a time. */
mdl_status tensor_stats(Checkpoint *c, size_t index, Stats *s, mdl_error *error);
/* A bar for each bin, in UTF-8: 3 * STATS_BINS bytes and a NUL. */
void stats_sparkline(const Stats *s, char *out);

#endif
