/* Matrices as products of triangles and rotations: cholesky_lower, lu_packed, qr_packed; and solving with a triangle. In double,
 * matrix by matrix of a batch. */
#include "kernel.h"

static int64_t leading(const mdl_tensor *t)
{
    int64_t n = 1;
    for (int i = 0; i < t->rank - 2; i++) n *= t->shape[i];
    return n;
}

static int64_t rows(const mdl_tensor *t) { return t->shape[t->rank - 2]; }
static int64_t columns(const mdl_tensor *t) { return t->shape[t->rank - 1]; }

/* [..., m, n] to [..., m, n + more], all in float64. */
static mdl_status check(const char *kernel, const mdl_tensor *out, const mdl_tensor *in, bool square, mdl_error *error)
{
    if (in->dtype != MDL_FLOAT64 || out->dtype != MDL_FLOAT64) return mdl_refuse_dtype(error, kernel, in->dtype != MDL_FLOAT64 ? in : out);
    if (in->rank < 2 || !same_shape_but(out, in, in->rank - 1) || (square && rows(in) != columns(in)))
        return mdl_refuse_shape(error, kernel, "the shapes do not fit");
    return MDL_OK;
}

/* ---- cholesky_lower ---- */

/* Row by row; false if a square root has nothing positive to take. */
static bool cholesky(double *l, const double *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < n; j++) {
            double sum = j > i ? 0.0 : x[i * n + j];
            if (j > i) {
                l[i * n + j] = 0.0;
                continue;
            }
            for (int64_t k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
            if (i == j && !(sum > 0.0 && sum < INFINITY)) return false;
            l[i * n + j] = i == j ? sqrt(sum) : sum / l[j * n + j];
        }
    }
    return true;
}

mdl_status mdl_cholesky_lower(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_cholesky_lower_attrs *attrs, mdl_error *error)
{
    mdl_status status;
    (void)attrs;
    if (nin != 1) return mdl_refuse_shape(error, "cholesky_lower", "it takes one tensor");
    if ((status = check("cholesky_lower", out, in, true, error)) != MDL_OK) return status;
    if (columns(out) != columns(in)) return mdl_refuse_shape(error, "cholesky_lower", "the shapes do not fit");
    for (int64_t b = 0, n = rows(in); b < leading(in); b++) {
        if (!cholesky((double *)out->data + b * n * n, (const double *)in->data + b * n * n, n))
            return mdl_fail(error, MDL_BAD_INPUT, "cholesky: matrix %lld is not positive definite", (long long)b);
    }
    return MDL_OK;
}

/* ---- lu_packed ---- */

static void exchange(double *a, double *b, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const double x = a[i];
        a[i] = b[i];
        b[i] = x;
    }
}

/* In place on n rows of n + 1 numbers; the last one is the row's number in x. A column of zeros is left as it is. */
static void eliminate(double *a, int64_t n)
{
    const int64_t width = n + 1;
    for (int64_t k = 0; k < n; k++) {
        int64_t pivot = k;
        for (int64_t i = k + 1; i < n; i++)
            if (fabs(a[i * width + k]) > fabs(a[pivot * width + k])) pivot = i;
        if (pivot != k) exchange(a + k * width, a + pivot * width, width);
        if (a[k * width + k] == 0.0) continue;
        for (int64_t i = k + 1; i < n; i++) {
            double *const row = a + i * width;
            const double  factor = row[k] / a[k * width + k];
            row[k] = factor;
            for (int64_t j = k + 1; j < n; j++) row[j] -= factor * a[k * width + j];
        }
    }
}

mdl_status mdl_lu_packed(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_lu_packed_attrs *attrs, mdl_error *error)
{
    mdl_status status;
    (void)attrs;
    if (nin != 1) return mdl_refuse_shape(error, "lu_packed", "it takes one tensor");
    if ((status = check("lu_packed", out, in, true, error)) != MDL_OK) return status;
    if (columns(out) != columns(in) + 1) return mdl_refuse_shape(error, "lu_packed", "the shapes do not fit");
    for (int64_t b = 0, n = rows(in); b < leading(in); b++) {
        double *const       a = (double *)out->data + b * n * (n + 1);
        const double *const x = (const double *)in->data + b * n * n;
        for (int64_t i = 0; i < n; i++) {
            copy_bytes(a + i * (n + 1), x + i * n, n * (int64_t)sizeof *x);
            a[i * (n + 1) + n] = (double)i;
        }
        eliminate(a, n);
    }
    return MDL_OK;
}

/* ---- triangular_solve ---- */

/* Row by row, from the end of the triangle that has one number. */
static bool substitute(double *y, const double *a, int64_t n, int64_t k, bool lower, bool unit)
{
    for (int64_t s = 0; s < n; s++) {
        const int64_t i = lower ? s : n - 1 - s;
        const double  diagonal = unit ? 1.0 : a[i * n + i];
        if (diagonal == 0.0) return false;
        for (int64_t j = lower ? 0 : i + 1; j < (lower ? i : n); j++)
            for (int64_t c = 0; c < k; c++) y[i * k + c] -= a[i * n + j] * y[j * k + c];
        for (int64_t c = 0; c < k; c++) y[i * k + c] /= diagonal;
    }
    return true;
}

mdl_status mdl_triangular_solve(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_triangular_solve_attrs *attrs, mdl_error *error)
{
    mdl_status status;
    int64_t    n, k;
    if (nin != 2 || !same_shape(out, &in[1])) return mdl_refuse_shape(error, "triangular_solve", "the shapes do not fit");
    if ((status = check("triangular_solve", &in[1], &in[0], true, error)) != MDL_OK) return status;
    if (out->dtype != MDL_FLOAT64) return mdl_refuse_dtype(error, "triangular_solve", out);
    n = rows(out);
    k = columns(out);
    copy_bytes(out->data, in[1].data, elements(out) * (int64_t)sizeof(double));
    for (int64_t b = 0; b < leading(out); b++) {
        if (!substitute((double *)out->data + b * n * k, (const double *)in[0].data + b * n * n, n, k, attrs->lower != 0, attrs->unit != 0))
            return mdl_fail(error, MDL_BAD_INPUT, "solve: matrix %lld is singular", (long long)b);
    }
    return MDL_OK;
}

/* ---- qr_packed ---- */

/* The reflection I - t v v^T, v[0] = 1, that makes x, v's column, a multiple of its first axis. v[1..] stays below R's diagonal,
 * and 0 for "no reflection": t is found again from v. Scaled, so that squares neither overflow nor vanish. */
static void make_reflection(double *x, int64_t stride, int64_t n)
{
    double largest = 0.0, square = 0.0, beta, first;
    for (int64_t i = 1; i < n; i++) largest = fmax(largest, fabs(x[i * stride]));
    if (largest == 0.0) return;
    largest = fmax(largest, fabs(x[0]));
    for (int64_t i = 0; i < n; i++) square += (x[i * stride] / largest) * (x[i * stride] / largest);
    beta = -copysign(largest * sqrt(square), x[0]);
    first = x[0] - beta;
    for (int64_t i = 1; i < n; i++) x[i * stride] /= first;
    x[0] = beta;
}

static double reflection_factor(const double *v, int64_t stride, int64_t n)
{
    double square = 0.0;
    for (int64_t i = 1; i < n; i++) square += v[i * stride] * v[i * stride];
    return square == 0.0 ? 0.0 : 2.0 / (1.0 + square);
}

/* Applies it to `count` columns of n rows; all rows are `stride` apart. */
static void reflect(double *a, int64_t count, const double *v, int64_t stride, int64_t n)
{
    const double t = reflection_factor(v, stride, n);
    if (t == 0.0) return;
    for (int64_t j = 0; j < count; j++) {
        double sum = a[j];
        for (int64_t i = 1; i < n; i++) sum += v[i * stride] * a[i * stride + j];
        a[j] -= t * sum;
        for (int64_t i = 1; i < n; i++) a[i * stride + j] -= t * sum * v[i * stride];
    }
}

/* m rows of k columns for Q and n for R, which begins as x. */
static void decompose(double *a, int64_t m, int64_t k, int64_t n)
{
    const int64_t width = k + n, steps = at_most(m, n);
    for (int64_t j = 0; j < steps; j++) {
        double *const corner = a + j * width + k + j;
        make_reflection(corner, width, m - j);
        reflect(corner + 1, n - j - 1, corner, width, m - j);
    }
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < k; j++) a[i * width + j] = i == j ? 1.0 : 0.0;
    for (int64_t j = at_most(steps, k) - 1; j >= 0; j--) reflect(a + j * width + j, k - j, a + j * width + k + j, width, m - j);
    for (int64_t i = 1; i < m; i++)
        for (int64_t j = 0; j < at_most(i, n); j++) a[i * width + k + j] = 0.0;
}

mdl_status mdl_qr_packed(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_qr_packed_attrs *attrs, mdl_error *error)
{
    mdl_status status;
    int64_t    m, n, k;
    (void)attrs;
    if (nin != 1) return mdl_refuse_shape(error, "qr_packed", "it takes one tensor");
    if ((status = check("qr_packed", out, in, false, error)) != MDL_OK) return status;
    m = rows(in);
    n = columns(in);
    k = columns(out) - n;
    if (k < at_most(m, n) || k > m) return mdl_refuse_shape(error, "qr_packed", "the shapes do not fit");
    for (int64_t b = 0; b < leading(in); b++) {
        double *const a = (double *)out->data + b * m * (k + n);
        for (int64_t i = 0; i < m; i++) copy_bytes(a + i * (k + n) + k, (const double *)in->data + (b * m + i) * n, n * (int64_t)sizeof *a);
        decompose(a, m, k, n);
    }
    return MDL_OK;
}
