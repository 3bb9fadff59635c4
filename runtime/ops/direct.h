/* The direct convolution: of lines or images, most windows. */
#ifndef MDL_DIRECT_H
#define MDL_DIRECT_H

#include "window.h"

/* Is it the way for such a window (float, no groups)? The kernel may lie in panels, as mdl_pack_columns makes them. */
bool mdl_direct_suits(const Window *w, bool packed);

/* Shares rows of the output with the threads of the call. `then` may be NULL. */
void mdl_direct(const Window *w, float *y, const float *x, const float *kernel, bool packed, const mdl_epilogue *then);

#endif
