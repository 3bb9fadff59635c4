/* The threads of a call, and loops that they share: for generated code, and kernels. */
#ifndef MDL_SHARE_H
#define MDL_SHARE_H

#include "mdl.h"

/* Makes `threads` (NULL: none) those that kernels share their work among, for the calling thread; gives back what were before. */
MDL_API mdl_threads *mdl_threads_enter(mdl_threads *threads);
MDL_API void         mdl_threads_leave(mdl_threads *before);

/* The rows [begin, end) of a loop. */
typedef void mdl_range(const void *context, int64_t begin, int64_t end);
/* Calls `run` for ranges that make up all rows, on the threads of the call if that pays. A row has `width` elements, each of which
 * costs as much as so many multiply-adds of a product. */
MDL_API void mdl_share_loop(int64_t rows, int64_t width, double cost, mdl_range *run, const void *context);

/* The rows [begin, end) of a loop over steps. */
typedef mdl_status mdl_steps(const void *context, int64_t begin, int64_t end, mdl_error *error);
/* The same for such a loop, which takes so many multiply-adds in all: each range goes through all steps. With so few rows that half of
 * the threads had none, all rows are one range, and its steps share their work. Ranges begin at multiples of `align`, at most 16. */
MDL_API mdl_status mdl_share_steps(int64_t rows, int64_t align, double work, mdl_steps *run, const void *context, mdl_error *error);

/* A call for samples of a batch that do not depend on each other. */
typedef struct mdl_samples {
    int64_t     count;   /* of the batch, 1 or more */
    double      weights; /* bytes of matrices that are read for as few as one sample */
    mdl_status (*run)(const void *context, int64_t begin, int64_t end, void *workspace, mdl_error *error); /* the samples [begin, end) */
    size_t     (*size)(const void *context, int64_t samples); /* bytes of workspace for so many */
    const void *context;
    void       *workspace; /* for all */
} mdl_samples;
/* Calls `run` for all of them: for as many at a time as their workspace stays in cache, or on the threads of the call, each with a part of
 * the workspace. */
MDL_API mdl_status mdl_share_samples(const mdl_samples *samples, mdl_error *error);

#endif
