/* Models whose samples do not depend on each other: a call may take some of the batch at a time. */
#ifndef MDLC_SAMPLES_H
#define MDLC_SAMPLES_H

#include "ir.h"

typedef struct Samples {
    const Dim *count;   /* the symbol */
    double     weights; /* bytes of matrices that samples share, which a call reads for as few as one */
} Samples;

/* Is the model such one, and the pass on? requires the plan's passes */
bool samples_apart(const Program *p, Samples *samples);

#endif
