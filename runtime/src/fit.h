/* A file's tensors laid beside a model's variables, from inside. */
#ifndef MDL_FIT_H
#define MDL_FIT_H

#include <mdl/mdl_weights.h>

#include "mapping.h"
#include "registry.h"

struct mdl_fit {
    mdl_registry   *r;
    mdl_weights    *w;
    mdl_fit_options options;
    Pool            pool;
    Recipe        **recipes;  /* of each variable; NULL: none */
    const char    **failed;   /* of each variable: why the mapping has no recipe for it */
    int            *lines;    /* of each variable: of the rule for it; 0: none */
    bool           *left;     /* variables that the mapping leaves */
    bool           *used;     /* tensors that are in a recipe */
    int32_t        *doubles;  /* of each tensor: the variable that another tensor has already; else -1 */
    int64_t        *renamed;  /* of each variable: the tensor that it most likely is; else -1 */
    const char    **renaming; /* and the line of a mapping file that says so */
    bool           *doubtful; /* it may have to be transposed: a square shape doesn't tell */
    mdl_fault      *faults;
    size_t          count, cap, blocking;
};

static inline const char *mdl_fit_path(const mdl_fit *f, int32_t i)
{
    return mdl_registry_variable(f->r, i)->path;
}

/* Whether values of the stored dtype become the variable's: the same dtype, or floats with `cast`. */
bool mdl_fit_dtype(const mdl_fit *f, int32_t from, mdl_dtype to);
/* Fills `renamed` and `renaming`; false if there is no memory. */
bool mdl_fit_find_renamed(mdl_fit *f);
/* The axes that turn one shape into another: reversed if that does it, out and in of a kernel, else any. False if none do, or if
 * the shapes are equal. */
bool mdl_fit_permutation(int rank, const int64_t *from, const int64_t *to, int64_t *axes);
/* "hidden.kernel = dense.weight.T", in the pool; `axes` NULL: as it is. NULL if there is no memory. */
const char *mdl_fit_rule(mdl_fit *f, const char *path, const mdl_stored *t, const int64_t *axes);
/* What a text holds, in the pool; frees it. NULL if there is no memory. */
const char *mdl_fit_keep(mdl_fit *f, Text *t);

#endif
