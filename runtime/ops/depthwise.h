/* The convolution of each channel by itself. */
#ifndef MDL_DEPTHWISE_H
#define MDL_DEPTHWISE_H

#include "window.h"

/* Shares rows of the output with the threads of the call. float or double, as y says; `then` may be NULL. */
void mdl_depthwise(const Window *w, const mdl_tensor *y, const void *x, const void *kernel, const mdl_epilogue *then);

#endif
