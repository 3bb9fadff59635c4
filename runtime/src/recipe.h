/* How a variable's values are made of a file's tensors: a tree of tensors and of what moves their elements. */
#ifndef MDL_RECIPE_H
#define MDL_RECIPE_H

#include <mdl/mdl_weights.h>

#include "pool.h"

typedef enum RecipeOp {
    RECIPE_TENSOR,
    RECIPE_PERMUTE, /* axis i of the result is axis at[i] of what it is made of */
    RECIPE_RESHAPE,
    RECIPE_SLICE,   /* begins at at[i] along axis i */
    RECIPE_CONCAT,  /* along at[0] */
} RecipeOp;

typedef struct Recipe Recipe;
struct Recipe {
    RecipeOp       op;
    size_t         tensor; /* in the file */
    int32_t        dtype;
    int            rank;
    const int64_t *shape;
    const int64_t *at;
    Recipe       **of;
    size_t         count;
};

/* Each checks what it is given; NULL after a failure, and *fault says why (NULL there: no memory). */
Recipe *mdl_recipe_tensor(Pool *pool, const mdl_weights *w, size_t tensor);
/* Axes in the order `axes`. */
Recipe *mdl_recipe_permute(Pool *pool, Recipe *of, int count, const int64_t *axes, const char **fault);
Recipe *mdl_recipe_reshape(Pool *pool, Recipe *of, int rank, const int64_t *shape, const char **fault);
/* [begin, end) of each of the first `count` axes; negative from the end, as in Python, end INT64_MAX: to the end. With `drop[i]`
 * axis i, then of size 1, goes. */
Recipe *mdl_recipe_slice(Pool *pool, Recipe *of, int count, const int64_t *begin, const int64_t *end, const bool *drop,
                         const char **fault);
Recipe *mdl_recipe_concat(Pool *pool, Recipe **of, size_t count, int64_t axis, const char **fault);

/* The values as `dtype`, into `out`. */
mdl_status mdl_recipe_make(const Recipe *r, mdl_weights *w, mdl_dtype dtype, void *out, mdl_error *error);

#endif
