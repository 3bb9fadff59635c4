#include "recipe.h"

#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* ---- making them: shapes ---- */

static Recipe *make(Pool *pool, RecipeOp op, const Recipe *of, int rank, const int64_t *shape, int nat, const int64_t *at)
{
    Recipe  *r = mdl_pool_alloc(pool, sizeof *r);
    int64_t *numbers = mdl_pool_alloc(pool, (size_t)(rank + nat + 1) * sizeof *numbers);
    if (r == NULL || numbers == NULL) return NULL;
    if (rank > 0) memcpy(numbers, shape, (size_t)rank * sizeof *shape);
    if (nat > 0) memcpy(numbers + rank, at, (size_t)nat * sizeof *at);
    *r = (Recipe){.op = op, .dtype = of != NULL ? of->dtype : 0, .rank = rank, .shape = numbers, .at = numbers + rank};
    return r;
}

/* With one thing that it is made of. */
static Recipe *make_of(Pool *pool, RecipeOp op, Recipe *of, int rank, const int64_t *shape, int nat, const int64_t *at)
{
    Recipe  *r = make(pool, op, of, rank, shape, nat, at);
    Recipe **list = mdl_pool_alloc(pool, sizeof *list);
    if (r == NULL || list == NULL) return NULL;
    list[0] = of;
    r->of = list;
    r->count = 1;
    return r;
}

Recipe *mdl_recipe_tensor(Pool *pool, const mdl_weights *w, size_t tensor)
{
    const mdl_stored *t = mdl_weights_tensor(w, tensor);
    Recipe           *r = make(pool, RECIPE_TENSOR, NULL, t->rank, t->shape, 0, NULL);
    if (r == NULL) return NULL;
    r->tensor = tensor;
    r->dtype = t->dtype;
    return r;
}

Recipe *mdl_recipe_permute(Pool *pool, Recipe *of, int count, const int64_t *axes, const char **fault)
{
    int64_t  shape[MDL_MAX_RANK];
    uint64_t seen = 0;
    *fault = "permute needs every axis of the tensor once";
    if (count != of->rank) return NULL;
    for (int i = 0; i < count; i++) {
        if (axes[i] < 0 || axes[i] >= count || (seen >> axes[i] & 1) != 0) return NULL;
        seen |= 1ull << axes[i];
        shape[i] = of->shape[axes[i]];
    }
    *fault = NULL;
    return make_of(pool, RECIPE_PERMUTE, of, count, shape, count, axes);
}

static bool count_elements(int rank, const int64_t *shape, uint64_t *count)
{
    *count = 1;
    for (int i = 0; i < rank; i++) {
        if (shape[i] != 0 && *count > INT64_MAX / (uint64_t)shape[i]) return false;
        *count *= (uint64_t)shape[i];
    }
    return true;
}

Recipe *mdl_recipe_reshape(Pool *pool, Recipe *of, int rank, const int64_t *shape, const char **fault)
{
    uint64_t before, after;
    *fault = "reshape needs as many elements as the tensor has";
    if (!count_elements(of->rank, of->shape, &before) || !count_elements(rank, shape, &after) || before != after) return NULL;
    *fault = NULL;
    return make_of(pool, RECIPE_RESHAPE, of, rank, shape, 0, NULL);
}

Recipe *mdl_recipe_slice(Pool *pool, Recipe *of, int count, const int64_t *begin, const int64_t *end, const bool *drop,
                         const char **fault)
{
    int64_t shape[MDL_MAX_RANK], at[MDL_MAX_RANK], kept[MDL_MAX_RANK];
    int     nkept = 0;
    *fault = "the slice is not inside the tensor";
    if (count > of->rank) return NULL;
    for (int i = 0; i < of->rank; i++) {
        const int64_t size = of->shape[i];
        int64_t       from = 0, to = size;
        if (i < count) {
            from = begin[i] < 0 ? begin[i] + size : begin[i];
            to = end[i] == INT64_MAX ? size : end[i] < 0 ? end[i] + size : end[i];
            if (drop[i]) to = from + 1;
        }
        if (from < 0 || to < from || to > size) return NULL;
        at[i] = from;
        shape[i] = to - from;
        if (i >= count || !drop[i]) kept[nkept++] = shape[i];
    }
    *fault = NULL;
    Recipe *r = make_of(pool, RECIPE_SLICE, of, of->rank, shape, of->rank, at);
    return r == NULL || nkept == of->rank ? r : make_of(pool, RECIPE_RESHAPE, r, nkept, kept, 0, NULL);
}

Recipe *mdl_recipe_concat(Pool *pool, Recipe **of, size_t count, int64_t axis, const char **fault)
{
    int64_t      shape[MDL_MAX_RANK];
    const Recipe *first = of[0];
    if (axis < 0) axis += first->rank;
    *fault = "concat has no such axis";
    if (axis < 0 || axis >= first->rank) return NULL;
    memcpy(shape, first->shape, (size_t)first->rank * sizeof *shape);
    *fault = "concat needs tensors of one dtype and of equal sizes but for its axis";
    for (size_t k = 1; k < count; k++) {
        if (of[k]->rank != first->rank || of[k]->dtype != first->dtype) return NULL;
        for (int i = 0; i < first->rank; i++) {
            if (i == axis && of[k]->shape[i] <= INT64_MAX - shape[i]) shape[i] += of[k]->shape[i];
            else if (of[k]->shape[i] != shape[i]) return NULL;
        }
    }
    uint64_t elements;
    *fault = "concat makes too many elements";
    if (!count_elements(first->rank, shape, &elements) || elements > INT64_MAX / 8) return NULL;
    *fault = NULL;
    Recipe  *r = make(pool, RECIPE_CONCAT, first, first->rank, shape, 1, &axis);
    Recipe **list = mdl_pool_alloc(pool, count * sizeof *list);
    if (r == NULL || list == NULL) return NULL;
    memcpy(list, of, count * sizeof *list);
    r->of = list;
    r->count = count;
    return r;
}

/* ---- values ---- */

static uint64_t elements_of(const Recipe *r)
{
    uint64_t n = 1;
    for (int i = 0; i < r->rank; i++) n *= (uint64_t)r->shape[i];
    return n;
}

static void row_major(const Recipe *r, int64_t *strides)
{
    int64_t stride = 1;
    for (int i = r->rank - 1; i >= 0; i--) {
        strides[i] = stride;
        stride *= r->shape[i];
    }
}

/* Copies a block of elements: from and to places that grow by these strides along each axis. */
static void copy_block(int rank, const int64_t *shape, const char *in, const int64_t *in_strides, char *out,
                       const int64_t *out_strides, size_t size)
{
    int64_t index[MDL_MAX_RANK] = {0};
    for (int i = 0; i < rank; i++) {
        if (shape[i] == 0) return;
    }
    for (;;) {
        memcpy(out, in, size);
        int i = rank - 1;
        for (; i >= 0; i--) {
            in += in_strides[i] * (int64_t)size;
            out += out_strides[i] * (int64_t)size;
            if (++index[i] < shape[i]) break;
            in -= in_strides[i] * shape[i] * (int64_t)size;
            out -= out_strides[i] * shape[i] * (int64_t)size;
            index[i] = 0;
        }
        if (i < 0) return;
    }
}

/* The values of `r->of[k]` in memory of their own. */
static mdl_status make_part(const Recipe *r, size_t k, mdl_weights *w, mdl_dtype dtype, char **part, mdl_error *error)
{
    const Recipe  *of = r->of[k];
    const uint64_t bytes = elements_of(of) * mdl_dtype_size(dtype);
    *part = bytes <= SIZE_MAX / 2 ? malloc((size_t)bytes + 1) : NULL;
    if (*part == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    return mdl_recipe_make(of, w, dtype, *part, error);
}

/* Permutations and slices read from elsewhere in what they are made of; a part of a concatenation is written to elsewhere. */
static mdl_status move(const Recipe *r, size_t k, int64_t where, mdl_weights *w, mdl_dtype dtype, char *out, mdl_error *error)
{
    const Recipe *of = r->of[k];
    const size_t  size = mdl_dtype_size(dtype);
    int64_t       in_strides[MDL_MAX_RANK], out_strides[MDL_MAX_RANK], permuted[MDL_MAX_RANK];
    char         *part = NULL;
    mdl_status    status = make_part(r, k, w, dtype, &part, error);
    row_major(of, in_strides);
    row_major(r, out_strides);
    if (status == MDL_OK && r->op == RECIPE_CONCAT) {
        const int64_t begin = where * out_strides[r->at[0]];
        copy_block(r->rank, of->shape, part, in_strides, out + begin * (int64_t)size, out_strides, size);
    }
    else if (status == MDL_OK) {
        int64_t begin = 0;
        for (int i = 0; i < r->rank; i++) {
            permuted[i] = r->op == RECIPE_PERMUTE ? in_strides[r->at[i]] : in_strides[i];
            if (r->op == RECIPE_SLICE) begin += r->at[i] * in_strides[i];
        }
        if (elements_of(r) > 0) copy_block(r->rank, r->shape, part + begin * (int64_t)size, permuted, out, out_strides, size);
    }
    free(part);
    return status;
}

mdl_status mdl_recipe_make(const Recipe *r, mdl_weights *w, mdl_dtype dtype, void *out, mdl_error *error)
{
    mdl_status status = MDL_OK;
    int64_t    where = 0;
    switch (r->op) {
    case RECIPE_TENSOR: return mdl_weights_read(w, r->tensor, dtype, 0, elements_of(r), out, error);
    case RECIPE_RESHAPE: return mdl_recipe_make(r->of[0], w, dtype, out, error);
    case RECIPE_PERMUTE:
    case RECIPE_SLICE: return move(r, 0, 0, w, dtype, out, error);
    case RECIPE_CONCAT:
        for (size_t k = 0; status == MDL_OK && k < r->count; k++) {
            status = move(r, k, where, w, dtype, out, error);
            where += r->of[k]->shape[r->at[0]];
        }
    }
    return status;
}
