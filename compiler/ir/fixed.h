/* Which values of a function are fixed: the same at every call, as long as the weights are. */
#ifndef MDLC_FIXED_H
#define MDLC_FIXED_H

#include "passes.h"

/* By node id. Fixed are constants, variables that no call assigns, and what is computed from these alone; all have sizes that
 * are numbers. requires ir_number */
bool *fixed_values(PassContext *cx, const IrFunction *f);

/* A size that is a number; -1: it isn't. */
int64_t fixed_size(const Dim *d);

/* The number of elements of a type whose sizes are numbers; -1: some isn't. */
int64_t fixed_elements(DimCtx *dims, Type t);

#endif
