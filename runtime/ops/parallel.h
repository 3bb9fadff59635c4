/* How kernels share work among the threads of a call.
 *
 * A kernel cuts its result into parts that do not depend on each other, so that the values are the same for any number of
 * threads. The pool is the one that the call was given, kept for the calling thread while the call runs. */
#ifndef MDL_PARALLEL_H
#define MDL_PARALLEL_H

#include <stdint.h>

#include <mdl/mdl_share.h> /* mdl_share_loop: the same for a range */

typedef void Part(void *argument, int part);

/* Into how many parts it pays to cut work of so many multiply-adds (or as costly): 1 for little work, or without threads. */
int mdl_parts(double work);

/* How many threads such work is for. */
int mdl_hands(double work);

/* mdl_parts for work on so many elements, each of which costs as much as so many multiply-adds: little, so that it counts where they
 * lie. A value that is read costs three, a function some twenty. */
int mdl_parts_over(double elements, double cost);

/* Runs part(argument, i) for each i below `parts`, and returns when all are done. Parts don't share work any further. */
void mdl_parallel(int parts, Part *part, void *argument);

/* Where part i of `parts` begins in a range of n, at a multiple of `grain`; part `parts` begins at n. */
static inline int64_t part_begin(int64_t n, int64_t grain, int parts, int i)
{
    const int64_t grains = (n + grain - 1) / grain;
    const int64_t at = grains / parts * i + grains % parts * i / parts;
    return i == parts || at * grain > n ? n : at * grain;
}

#endif
