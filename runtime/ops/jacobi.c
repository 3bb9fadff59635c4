/* Singular values and eigenvalues by Jacobi's rotations, svd_rows and eigh_rows: slow for large matrices, short, and accurate to
 * the last bits, also for small singular values. In double; each matrix is scaled, so that squares neither overflow nor vanish. */
#include "kernel.h"

enum { MAX_SWEEPS = 60 };

/* Rows a and b become c*a - s*b and s*a + c*b. */
static void rotate(double *a, double *b, int64_t n, double c, double s)
{
    for (int64_t i = 0; i < n; i++) {
        const double x = a[i], y = b[i];
        a[i] = c * x - s * y;
        b[i] = s * x + c * y;
    }
}

/* The rotation that makes [[x, y], [y, z]] diagonal, by the smaller angle. */
static void angle(double x, double y, double z, double *c, double *s)
{
    const double ratio = (z - x) / (2.0 * y);
    const double t = copysign(1.0, ratio) / (fabs(ratio) + hypot(1.0, ratio));
    *c = 1.0 / hypot(1.0, t);
    *s = *c * t;
}

/* A power of two near the largest element; 1 where no such is sensible. */
static double scale_near(double largest)
{
    int exponent;
    if (!(largest > 0.0 && largest < INFINITY)) return 1.0;
    frexp(largest, &exponent);
    return ldexp(1.0, exponent < -1000 ? -1000 : exponent > 1000 ? 1000 : exponent);
}

static double largest_of(const double *x, int64_t n)
{
    double largest = 0.0;
    for (int64_t i = 0; i < n; i++) largest = fmax(largest, fabs(x[i]));
    return largest;
}

static double dot(const double *a, const double *b, int64_t n)
{
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static void exchange_rows(double *a, double *b, int64_t n)
{
    rotate(a, b, n, 0.0, 1.0);
    for (int64_t i = 0; i < n; i++) a[i] = -a[i];
}

/* ---- svd_rows ---- */

/* n rows (w, v) of m and n numbers, at first x's columns and the unit matrix: pairs of them are rotated until every two w are
 * perpendicular. What is done to the rows of x^T is kept in v, so x = sum of w[j] v[j]^T throughout. */
static void make_perpendicular(double *a, int64_t m, int64_t n)
{
    const int64_t width = m + n;
    bool          again = true;
    for (int sweep = 0; again && sweep < MAX_SWEEPS; sweep++) {
        again = false;
        for (int64_t p = 0; p < n; p++) {
            for (int64_t q = p + 1; q < n; q++) {
                double *const wp = a + p * width, *const wq = a + q * width;
                const double  x = dot(wp, wp, m), z = dot(wq, wq, m), y = dot(wp, wq, m);
                double        c, s;
                if (!(fabs(y) > 1e-15 * sqrt(x) * sqrt(z)) || y == 0.0) continue;
                angle(x, y, z, &c, &s);
                rotate(wp, wq, width, c, s);
                again = true;
            }
        }
    }
}

/* By the length of w, downwards. */
static void sort_by_length(double *a, int64_t m, int64_t n)
{
    const int64_t width = m + n;
    for (int64_t i = 0; i < n; i++) {
        int64_t best = i;
        for (int64_t j = i + 1; j < n; j++)
            if (dot(a + j * width, a + j * width, m) > dot(a + best * width, a + best * width, m)) best = j;
        if (best != i) exchange_rows(a + i * width, a + best * width, width);
    }
}

mdl_status mdl_svd_rows(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_svd_rows_attrs *attrs, mdl_error *error)
{
    const int rank = out->rank;
    int64_t   m, n, lines = 1;
    (void)attrs;
    if (nin != 1 || in->dtype != MDL_FLOAT64 || out->dtype != MDL_FLOAT64) return mdl_refuse_dtype(error, "svd_rows", in);
    if (rank < 2 || in->rank != rank) return mdl_refuse_shape(error, "svd_rows", "the ranks do not fit");
    m = in->shape[rank - 2];
    n = in->shape[rank - 1];
    for (int i = 0; i < rank - 2; i++) {
        if (in->shape[i] != out->shape[i]) return mdl_refuse_shape(error, "svd_rows", "the shapes do not fit");
        lines *= in->shape[i];
    }
    if (m < n || out->shape[rank - 2] != n || out->shape[rank - 1] != m + n) return mdl_refuse_shape(error, "svd_rows", "the shapes do not fit");
    for (int64_t b = 0; b < lines; b++) {
        double *const       a = (double *)out->data + b * n * (m + n);
        const double *const x = (const double *)in->data + b * m * n;
        const double        scale = scale_near(largest_of(x, m * n));
        for (int64_t j = 0; j < n; j++) {
            for (int64_t i = 0; i < m; i++) a[j * (m + n) + i] = x[i * n + j] / scale;
            for (int64_t i = 0; i < n; i++) a[j * (m + n) + m + i] = i == j ? 1.0 : 0.0;
        }
        make_perpendicular(a, m, n);
        sort_by_length(a, m, n);
        for (int64_t j = 0; j < n; j++)
            for (int64_t i = 0; i < m; i++) a[j * (m + n) + i] *= scale;
    }
    return MDL_OK;
}

/* ---- eigh_rows ---- */

/* n rows (e, v) of n and n numbers, at first x and the unit matrix: x is rotated from both sides until it is diagonal. */
static void make_diagonal(double *a, int64_t n)
{
    const int64_t width = 2 * n;
    bool          again = true;
    for (int sweep = 0; again && sweep < MAX_SWEEPS; sweep++) {
        again = false;
        for (int64_t p = 0; p < n; p++) {
            for (int64_t q = p + 1; q < n; q++) {
                const double x = a[p * width + p], y = a[p * width + q], z = a[q * width + q];
                double       c, s;
                if (!(fabs(y) > 1e-17)) continue; /* the largest element is near 1 */
                angle(x, y, z, &c, &s);
                rotate(a + p * width, a + q * width, width, c, s);
                for (int64_t i = 0; i < n; i++) {
                    const double left = a[i * width + p], right = a[i * width + q];
                    a[i * width + p] = c * left - s * right;
                    a[i * width + q] = s * left + c * right;
                }
                a[p * width + q] = a[q * width + p] = 0.0;
                again = true;
            }
        }
    }
}

/* By eigenvalue, upwards; beside the diagonal nothing is left. */
static void sort_eigenvalues(double *a, int64_t n, double scale)
{
    const int64_t width = 2 * n;
    for (int64_t i = 0; i < n; i++) {
        int64_t best = i;
        for (int64_t j = i + 1; j < n; j++)
            if (a[j * width + j] < a[best * width + best]) best = j;
        if (best != i) {
            const double e = a[best * width + best];
            a[best * width + best] = a[i * width + i];
            a[i * width + i] = e;
            exchange_rows(a + i * width + n, a + best * width + n, n);
        }
        for (int64_t j = 0; j < n; j++) a[i * width + j] = i == j ? a[i * width + j] * scale : 0.0;
    }
}

mdl_status mdl_eigh_rows(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_eigh_rows_attrs *attrs, mdl_error *error)
{
    int64_t n, lines;
    (void)attrs;
    if (nin != 1 || in->dtype != MDL_FLOAT64 || out->dtype != MDL_FLOAT64) return mdl_refuse_dtype(error, "eigh_rows", in);
    if (in->rank < 2 || !same_shape_but(out, in, in->rank - 1)) return mdl_refuse_shape(error, "eigh_rows", "the shapes do not fit");
    n = in->shape[in->rank - 1];
    if (in->shape[in->rank - 2] != n || out->shape[in->rank - 1] != 2 * n) return mdl_refuse_shape(error, "eigh_rows", "the shapes do not fit");
    lines = n == 0 ? 0 : elements(in) / (n * n);
    for (int64_t b = 0; b < lines; b++) {
        double *const       a = (double *)out->data + b * n * 2 * n;
        const double *const x = (const double *)in->data + b * n * n;
        double              largest = 0.0, scale;
        for (int64_t i = 0; i < n; i++) largest = fmax(largest, largest_of(x + i * n, i + 1));
        scale = scale_near(largest);
        for (int64_t i = 0; i < n; i++) {
            for (int64_t j = 0; j < n; j++) {
                a[i * 2 * n + j] = (j <= i ? x[i * n + j] : x[j * n + i]) / scale;
                a[i * 2 * n + n + j] = i == j ? 1.0 : 0.0;
            }
        }
        make_diagonal(a, n);
        sort_eigenvalues(a, n, scale);
    }
    return MDL_OK;
}
