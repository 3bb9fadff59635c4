/* A compiled program, written by hand: what the tests of the runtime run on. */
#ifndef TOY_H
#define TOY_H

#include <mdl/mdl.h>

/* Toy(inputs: float32[1 <= batch <= 64, 3]) -> float32[batch, 2]: a dense layer, its sum with a counter of calls added to every
 * element. Variables: hidden.kernel [3, 2], hidden.bias [2], calls int32[] (a state). The layer `spare` is never called. */
extern const mdl_program toy;

#endif
