/* The direct convolution: of lines or images, most windows. */
#ifndef MDL_DIRECT_H
#define MDL_DIRECT_H

#include "window.h"

/* Can it, and is it the way for such a window (float, no groups)? The kernel may lie in panels, as mdl_pack_columns makes them. */
bool mdl_direct_can(const Window *w, bool packed);
bool mdl_direct_suits(const Window *w, bool packed);

/* Shares rows of the output with the threads of the call. `then` may be NULL. */
void mdl_direct(const Window *w, float *y, const float *x, const float *kernel, bool packed, const mdl_epilogue *then);

/* Rows [begin, end) of the output, counted through the batch, by the calling thread alone: y_row and y_pixel elements lie between
 * the first elements of rows and of pixels. The kernel is not in panels. */
void mdl_direct_rows(const Window *w, float *y, int64_t y_row, int64_t y_pixel, const float *x, const float *kernel, int64_t begin,
                     int64_t end);

#endif
