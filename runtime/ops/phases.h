/* Transposed convolutions, of lines or images, as convolutions. */
#ifndef MDL_PHASES_H
#define MDL_PHASES_H

#include "window.h"

/* Is it the way for such a transposed convolution of float? `in` is what `kernel` moves over, `out` the larger image. */
bool mdl_phases_suit(const Window *w);

/* Rows that are worth putting the taps in order for. */
int64_t mdl_phases_rows(const Window *w);

/* Rows [begin, end) of the output, counted through the batch, by the calling thread alone. */
void mdl_phases(const Window *w, float *y, const float *x, const float *kernel, int64_t begin, int64_t end);

#endif
