/* Reductions: sum, prod, mean, max, min, any, all.
 *
 * The axes are joined to as few as possible, kept and reduced ones alternating. If the innermost is reduced, every result
 * is a sum of dense runs, each taken by 32 lanes in blocks of 1024, or, if they are SHORT, element by element all together; if it is
 * kept, 128 neighbouring results grow together, row by row, of many rows in CHUNKS that are joined at the end. float32 accumulates in
 * double; float64 adds up blocks, so that the error grows with n / 1024 + 128. Threads share the results, or if those are few, the
 * chunks. */
#include "intrinsics.h"
#include "kernel.h"
#include "parallel.h"

#define VARIANT(f) BY_ISA(f) /* of a macro */

typedef struct Axes {
    int     rank;
    int64_t shape[MDL_MAX_RANK], strides[MDL_MAX_RANK];
} Axes;

typedef struct Reduction {
    Axes    kept, reduced;  /* without the innermost axis */
    bool    inner_reduced;  /* which of the two the innermost axis is */
    int64_t inner;          /* its size */
    int64_t count;          /* elements that make one result */
    int64_t results;
    int64_t outer;          /* places of the kept axes without the innermost */
    int64_t tiles;          /* of neighbouring results, at each of them; 1 if the innermost is reduced */
    int64_t rows, chunks;   /* that the results of a tile are made of, in so many chunks */
} Reduction;

enum { LANES = 32, SHORT = 64, BLOCK = 1024, TILE = 128, CHUNKS = 8, MANY_ROWS = 256, COST = 4 };

/* The data of a reduction. */
typedef struct Reducing {
    const Reduction *r;
    void            *y;
    const void      *x;
} Reducing;

/* Where place number n of the axes lies; and its index. */
static int64_t place(const Axes *a, int64_t n, int64_t *index)
{
    int64_t offset = 0;
    for (int i = a->rank; i-- > 0; n /= a->shape[i]) {
        index[i] = n % a->shape[i];
        offset += index[i] * a->strides[i];
    }
    return offset;
}

static mdl_status plan(Reduction *r, const char *kernel, const mdl_tensor *out, const mdl_tensor *in, int nin, const int64_t *axes, mdl_error *error)
{
    int64_t strides[MDL_MAX_RANK], shape[MDL_MAX_RANK], stride[MDL_MAX_RANK];
    bool    reduced[MDL_MAX_RANK];
    int     n = 0;
    *r = (Reduction){.count = 1, .results = 1, .inner = 1};
    if (nin != 1 || out->rank != in->rank) return mdl_refuse_shape(error, kernel, "the ranks differ");
    row_major(in->rank, in->shape, strides);
    for (int i = 0; i < in->rank; i++) {
        const bool is_reduced = axes[i] != 0;
        if (out->shape[i] != (is_reduced ? 1 : in->shape[i])) return mdl_refuse_shape(error, kernel, "the shapes do not fit");
        *(is_reduced ? &r->count : &r->results) *= in->shape[i];
        if (in->shape[i] == 1) continue;
        if (n > 0 && reduced[n - 1] == is_reduced) {
            shape[n - 1] *= in->shape[i];
            stride[n - 1] = strides[i];
        } else {
            shape[n] = in->shape[i];
            stride[n] = strides[i];
            reduced[n++] = is_reduced;
        }
    }
    for (int i = 0; i < n - 1; i++) {
        Axes *const a = reduced[i] ? &r->reduced : &r->kept;
        a->shape[a->rank] = shape[i];
        a->strides[a->rank++] = stride[i];
    }
    if (n > 0) {
        r->inner = shape[n - 1];
        r->inner_reduced = reduced[n - 1];
    }
    r->outer = r->inner_reduced ? r->results : r->results / at_least(r->inner, 1);
    r->tiles = r->inner_reduced ? 1 : (r->inner + TILE - 1) / TILE;
    r->rows = r->inner_reduced ? r->count / at_least(r->inner, 1) : r->count;
    r->chunks = !r->inner_reduced && r->rows >= MANY_ROWS ? CHUNKS : 1;
    return MDL_OK;
}

/* A: accumulator, T: element, R: result. */

#define NAME       sum_f
#define T          float
#define A          double
#define R          float
#define INIT       0.0
#define STEP(a, x) ((a) + (x))
#define DONE(a, n) ((float)(a))
#define CHAINS
#include "reduce_body.h"

#define NAME       sum_d
#define T          double
#define A          double
#define R          double
#define INIT       0.0
#define STEP(a, x) ((a) + (x))
#define DONE(a, n) (a)
#define CHAINS
#include "reduce_body.h"

#define NAME       sum_i
#define T          int64_t
#define A          uint64_t
#define R          int64_t
#define INIT       0
#define STEP(a, x) ((a) + (uint64_t)(x))
#define DONE(a, n) mdl_wrap_i64(a)
#define CHAINS
#include "reduce_body.h"

#define NAME       mean_f
#define T          float
#define A          double
#define R          float
#define INIT       0.0
#define STEP(a, x) ((a) + (x))
#define DONE(a, n) ((float)((a) / (double)(n)))
#define CHAINS
#include "reduce_body.h"

#define NAME       mean_d
#define T          double
#define A          double
#define R          double
#define INIT       0.0
#define STEP(a, x) ((a) + (x))
#define DONE(a, n) ((a) / (double)(n))
#define CHAINS
#include "reduce_body.h"

#define NAME       prod_f
#define T          float
#define A          double
#define R          float
#define INIT       1.0
#define STEP(a, x) ((a) * (x))
#define DONE(a, n) ((float)(a))
#define CHAINS
#include "reduce_body.h"

#define NAME       prod_d
#define T          double
#define A          double
#define R          double
#define INIT       1.0
#define STEP(a, x) ((a) * (x))
#define DONE(a, n) (a)
#define CHAINS
#include "reduce_body.h"

#define NAME       prod_i
#define T          int64_t
#define A          uint64_t
#define R          int64_t
#define INIT       1
#define STEP(a, x) ((a) * (uint64_t)(x))
#define DONE(a, n) mdl_wrap_i64(a)
#include "reduce_body.h"

#define NAME       max_f
#define T          float
#define A          float
#define R          float
#define INIT       -INFINITY
#define STEP(a, x) mdl_maximum_f(x, a)
#define DONE(a, n) (a)
#include "reduce_body.h"

#define NAME       max_d
#define T          double
#define A          double
#define R          double
#define INIT       -(double)INFINITY
#define STEP(a, x) mdl_maximum_d(x, a)
#define DONE(a, n) (a)
#include "reduce_body.h"

#define NAME       max_i
#define T          int64_t
#define A          int64_t
#define R          int64_t
#define INIT       INT64_MIN
#define STEP(a, x) mdl_maximum_i(x, a)
#define DONE(a, n) (a)
#include "reduce_body.h"

#define NAME       min_f
#define T          float
#define A          float
#define R          float
#define INIT       INFINITY
#define STEP(a, x) mdl_minimum_f(x, a)
#define DONE(a, n) (a)
#include "reduce_body.h"

#define NAME       min_d
#define T          double
#define A          double
#define R          double
#define INIT       (double)INFINITY
#define STEP(a, x) mdl_minimum_d(x, a)
#define DONE(a, n) (a)
#include "reduce_body.h"

#define NAME       min_i
#define T          int64_t
#define A          int64_t
#define R          int64_t
#define INIT       INT64_MAX
#define STEP(a, x) mdl_minimum_i(x, a)
#define DONE(a, n) (a)
#include "reduce_body.h"

#define NAME       any_i
#define T          int64_t
#define A          uint8_t
#define R          uint8_t
#define INIT       0
#define STEP(a, x) ((a) || (x))
#define DONE(a, n) (a)
#include "reduce_body.h"

#define NAME       any_b
#define T          uint8_t
#define A          uint8_t
#define R          uint8_t
#define INIT       0
#define STEP(a, x) ((a) || (x))
#define DONE(a, n) (a)
#include "reduce_body.h"

#define NAME       all_i
#define T          int64_t
#define A          uint8_t
#define R          uint8_t
#define INIT       1
#define STEP(a, x) ((a) && (x))
#define DONE(a, n) (a)
#include "reduce_body.h"

#define NAME       all_b
#define T          uint8_t
#define A          uint8_t
#define R          uint8_t
#define INIT       1
#define STEP(a, x) ((a) && (x))
#define DONE(a, n) (a)
#include "reduce_body.h"

mdl_status mdl_sum(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_sum_attrs *attrs, mdl_error *error)
{
    Reduction        r;
    const mdl_status status = plan(&r, "sum", out, in, nin, attrs->axes, error);
    if (status != MDL_OK) return status;
    if (out->dtype != in->dtype) return mdl_refuse_dtype(error, "sum", out);
    switch (in->dtype) {
    case MDL_FLOAT32: sum_f(&r, out->data, in->data); return MDL_OK;
    case MDL_FLOAT64: sum_d(&r, out->data, in->data); return MDL_OK;
    case MDL_INT64: sum_i(&r, out->data, in->data); return MDL_OK;
    default: return mdl_refuse_dtype(error, "sum", in);
    }
}

mdl_status mdl_prod(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_prod_attrs *attrs, mdl_error *error)
{
    Reduction        r;
    const mdl_status status = plan(&r, "prod", out, in, nin, attrs->axes, error);
    if (status != MDL_OK) return status;
    if (out->dtype != in->dtype) return mdl_refuse_dtype(error, "prod", out);
    switch (in->dtype) {
    case MDL_FLOAT32: prod_f(&r, out->data, in->data); return MDL_OK;
    case MDL_FLOAT64: prod_d(&r, out->data, in->data); return MDL_OK;
    case MDL_INT64: prod_i(&r, out->data, in->data); return MDL_OK;
    default: return mdl_refuse_dtype(error, "prod", in);
    }
}

mdl_status mdl_mean(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_mean_attrs *attrs, mdl_error *error)
{
    Reduction        r;
    const mdl_status status = plan(&r, "mean", out, in, nin, attrs->axes, error);
    if (status != MDL_OK) return status;
    if (out->dtype != in->dtype) return mdl_refuse_dtype(error, "mean", out);
    switch (in->dtype) {
    case MDL_FLOAT32: mean_f(&r, out->data, in->data); return MDL_OK;
    case MDL_FLOAT64: mean_d(&r, out->data, in->data); return MDL_OK;
    default: return mdl_refuse_dtype(error, "mean", in);
    }
}

mdl_status mdl_max(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_max_attrs *attrs, mdl_error *error)
{
    Reduction        r;
    const mdl_status status = plan(&r, "max", out, in, nin, attrs->axes, error);
    if (status != MDL_OK) return status;
    if (out->dtype != in->dtype) return mdl_refuse_dtype(error, "max", out);
    switch (in->dtype) {
    case MDL_FLOAT32: max_f(&r, out->data, in->data); return MDL_OK;
    case MDL_FLOAT64: max_d(&r, out->data, in->data); return MDL_OK;
    case MDL_INT64: max_i(&r, out->data, in->data); return MDL_OK;
    default: return mdl_refuse_dtype(error, "max", in);
    }
}

mdl_status mdl_min(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_min_attrs *attrs, mdl_error *error)
{
    Reduction        r;
    const mdl_status status = plan(&r, "min", out, in, nin, attrs->axes, error);
    if (status != MDL_OK) return status;
    if (out->dtype != in->dtype) return mdl_refuse_dtype(error, "min", out);
    switch (in->dtype) {
    case MDL_FLOAT32: min_f(&r, out->data, in->data); return MDL_OK;
    case MDL_FLOAT64: min_d(&r, out->data, in->data); return MDL_OK;
    case MDL_INT64: min_i(&r, out->data, in->data); return MDL_OK;
    default: return mdl_refuse_dtype(error, "min", in);
    }
}

mdl_status mdl_any(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_any_attrs *attrs, mdl_error *error)
{
    Reduction        r;
    const mdl_status status = plan(&r, "any", out, in, nin, attrs->axes, error);
    if (status != MDL_OK) return status;
    if (out->dtype != MDL_BOOL) return mdl_refuse_dtype(error, "any", out);
    switch (in->dtype) {
    case MDL_INT64: any_i(&r, out->data, in->data); return MDL_OK;
    case MDL_BOOL: any_b(&r, out->data, in->data); return MDL_OK;
    default: return mdl_refuse_dtype(error, "any", in);
    }
}

mdl_status mdl_all(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_all_attrs *attrs, mdl_error *error)
{
    Reduction        r;
    const mdl_status status = plan(&r, "all", out, in, nin, attrs->axes, error);
    if (status != MDL_OK) return status;
    if (out->dtype != MDL_BOOL) return mdl_refuse_dtype(error, "all", out);
    switch (in->dtype) {
    case MDL_INT64: all_i(&r, out->data, in->data); return MDL_OK;
    case MDL_BOOL: all_b(&r, out->data, in->data); return MDL_OK;
    default: return mdl_refuse_dtype(error, "all", in);
    }
}
