/* Convolutions in many groups of few filters, depthwise ones with several filters for each channel among them: the filters of several
 * groups fill a vector, each lane of which is multiplied with a channel of its group. */
#ifndef MDL_GROUPED_H
#define MDL_GROUPED_H

#include "ending.h"
#include "window.h"

/* Only float. */
bool mdl_grouped_suits(const Window *w, int64_t groups);
void mdl_grouped(const Window *w, int64_t groups, float *y, const float *x, const float *kernel, const mdl_epilogue *then);

#endif
