/* Proof by residue classes, where all divisors are integers.
 *
 * Substitute n = M*q + r for every symbol, M a common multiple of the divisors around it: in each class r the
 * dimension is a polynomial in the q, with integer coefficients and of known degree. It is therefore given by its
 * values at q = 0, 1, ..., degree, or by the forward differences D of these values (Newton's form):
 *
 *     p(q) = sum over k of D[k] * binomial(q, k)
 *
 * The binomials are non-negative integers, so the differences show at once whether p is zero (all are), what its
 * bounds are, and whether it can be zero at all (not if their common divisor fails to divide D[0]). Everything is
 * done with numbers: no dimension is built.
 *
 * A symbol with few values, or one inside a symbolic divisor, a min or a max, is instead taken value by value; so are
 * all with bounds, where that is affordable and the bounds of the polynomials are too wide. */
#include <limits.h>
#include <stdlib.h>

#include "dim_private.h"

enum { MAX_AXES = 8, MAX_POINTS = 256, MAX_VALUES = 1024 };

typedef struct Axis {
    int     symbol;
    int     degree;  /* of the polynomial in this symbol; 0 if all its values are tried */
    int64_t period;  /* M, or the number of values */
    int64_t base;    /* the smallest value */
    int64_t last;    /* the largest; INT64_MAX: none */
    int64_t residue; /* r of the class at hand */
    int64_t steps;   /* the largest q in it; INT64_MAX: none */
} Axis;

typedef struct Grid {
    DimCtx    *cx;
    const Dim *d;
    Axis       axes[MAX_AXES];
    int        naxes;
    int        npoints;
    int64_t    table[MAX_POINTS]; /* the values, then the differences; the first axis varies fastest */
    int64_t   *values;            /* of the symbols in [first, first + count) */
    int        first, count;
} Grid;

/* ---- Degree and period ---- */

typedef struct Growth {
    bool    regular; /* a polynomial in each residue class */
    int     degree;
    int64_t period;
} Growth;

static bool multiply_period(int64_t *period, int64_t by)
{
    return !__builtin_mul_overflow(*period, by, period) && *period <= MAX_VALUES;
}

static bool common_period(int64_t *period, int64_t with)
{
    return multiply_period(period, with / (int64_t)gcd_u64((uint64_t)*period, (uint64_t)with));
}

static Growth growth(const Dim *d, int symbol);

static Growth atom_growth(const Atom *a, int symbol)
{
    const Growth constant = {true, 0, 1}, irregular = {false, 0, 1};
    int64_t      divisor;
    if (!(atom_symbols(a) & symbol_bit(symbol))) return constant;
    if (a->kind == ATOM_SYMBOL) return (Growth){true, a->symbol == symbol, 1};
    if (!dim_mentions(a->a, symbol) && !dim_mentions(a->b, symbol)) return constant;
    if (a->kind != ATOM_FLOORDIV || !dim_is_int(a->b, &divisor)) return irregular;
    Growth g = growth(a->a, symbol);
    if (!multiply_period(&g.period, divisor)) return irregular;
    return g;
}

static Growth growth(const Dim *d, int symbol)
{
    Growth sum = {true, 0, 1};
    for (int i = 0; i < d->nterms; i++) {
        int degree = 0;
        for (int k = 0; k < d->terms[i].nfactors; k++) {
            const Growth g = atom_growth(d->terms[i].factors[k].atom, symbol);
            sum.regular    = sum.regular && g.regular && common_period(&sum.period, g.period);
            degree += g.degree * d->terms[i].factors[k].power;
        }
        if (degree > sum.degree) sum.degree = degree;
    }
    sum.regular = sum.regular && sum.degree < MAX_POINTS;
    return sum;
}

/* ---- Axes ---- */

static bool make_axis(Grid *g, View v, int symbol, bool by_value)
{
    if (g->naxes == MAX_AXES) return false;
    const Growth growing = growth(g->d, symbol);
    const Range  r       = symbol_range(g->cx, v, symbol);
    Axis        *x       = &g->axes[g->naxes++];
    if (r.lo == INT64_MIN) return false;
    *x = (Axis){symbol, growing.degree, growing.period, r.lo, r.hi, 0, 0};
    if (r.hi == INT64_MAX) return growing.regular;
    const uint64_t count = (uint64_t)r.hi - (uint64_t)r.lo + 1;
    const bool     few   = count <= MAX_VALUES;
    const bool     fewer = count <= (uint64_t)growing.period * (uint64_t)(growing.degree + 1);
    if (growing.regular && !(few && (by_value || fewer))) return true;
    x->degree = 0;
    x->period = (int64_t)count;
    return few;
}

/* The axes, and whether the work is affordable. */
static bool prepare(Grid *g, View v, bool by_value)
{
    long work  = dim_weight(g->d);
    g->npoints = 1;
    g->naxes   = 0;
    for (int id = dim_next_symbol(g->d, INT_MIN); id != INT_MAX; id = dim_next_symbol(g->d, id)) {
        if (!make_axis(g, v, id, by_value)) return false;
        const Axis *x = &g->axes[g->naxes - 1];
        g->npoints *= x->degree + 1;
        work *= x->period * (x->degree + 1);
        if (g->npoints > MAX_POINTS || work > g->cx->fuel) return false;
    }
    if (!g->naxes || !dim_spend(g->cx, work)) return false;
    g->first  = g->axes[0].symbol;
    g->count  = g->axes[g->naxes - 1].symbol - g->first + 1;
    g->values = dim_value_buffer(g->cx, g->count);
    return true;
}

/* ---- One class ---- */

static bool fill(Grid *g)
{
    for (int point = 0; point < g->npoints; point++) {
        int rest = point;
        for (int i = 0; i < g->naxes; i++) {
            const Axis *x = &g->axes[i];
            int64_t    *n = &g->values[x->symbol - g->first];
            if (__builtin_mul_overflow(x->period, (int64_t)(rest % (x->degree + 1)), n)) return false;
            if (__builtin_add_overflow(*n, x->residue, n) || __builtin_add_overflow(*n, x->base, n)) return false;
            rest /= x->degree + 1;
        }
        if (!dim_eval_from(g->d, g->values, g->first, g->count, &g->table[point])) return false;
    }
    return true;
}

/* Turns the values along every axis into forward differences. */
static bool difference(Grid *g)
{
    int stride = 1;
    for (int i = 0; i < g->naxes; i++) {
        const int n = g->axes[i].degree + 1;
        for (int level = 1; level < n; level++) {
            for (int p = g->npoints - 1; p >= 0; p--) {
                if (p / stride % n < level) continue;
                if (__builtin_sub_overflow(g->table[p], g->table[p - stride], &g->table[p])) return false;
            }
        }
        stride *= n;
    }
    return true;
}

/* binomial(n, k), or INT64_MAX if it is larger. */
static int64_t binomial(int64_t n, int k)
{
    int64_t b = 1;
    if (n == INT64_MAX) return k ? n : 1;
    if (n < k) return 0;
    for (int i = 0; i < k; i++) {
        if (__builtin_mul_overflow(b, n - i, &b)) return INT64_MAX;
        b /= i + 1;
    }
    return b;
}

/* The most that the difference at `point` can be multiplied by. */
static int64_t largest_binomial(const Grid *g, int point)
{
    int64_t product = 1;
    for (int i = 0; i < g->naxes; i++) {
        const int64_t b = binomial(g->axes[i].steps, point % (g->axes[i].degree + 1));
        point /= g->axes[i].degree + 1;
        if (b == 0) return 0;
        if (__builtin_mul_overflow(product, b, &product)) product = INT64_MAX;
    }
    return product;
}

/* Adds `difference * [0, factor]` to one side of the range; false if that is unbounded. */
static bool stretch(int64_t *bound, int64_t by, int64_t factor)
{
    int64_t product;
    if (factor == INT64_MAX || __builtin_mul_overflow(by, factor, &product)) return false;
    return !__builtin_add_overflow(*bound, product, bound);
}

static bool all_zero(const Grid *g)
{
    for (int p = 0; p < g->npoints; p++) {
        if (g->table[p]) return false;
    }
    return true;
}

/* Is the sum at least `least` everywhere, after multiplication by sign? */
static bool at_least(const Grid *g, int sign, int64_t least)
{
    int64_t lo = 0;
    for (int p = 0; p < g->npoints; p++) {
        if (g->table[p] == INT64_MIN) return false;
        const int64_t by = sign * g->table[p];
        if (p == 0) lo = by;
        else if (by < 0 && !stretch(&lo, by, largest_binomial(g, p))) return false;
    }
    return lo >= least;
}

static bool indivisible(const Grid *g)
{
    uint64_t divisor = 0;
    for (int p = 1; p < g->npoints; p++) {
        const int64_t by = g->table[p];
        if (largest_binomial(g, p)) divisor = gcd_u64(divisor, magnitude(by));
    }
    const uint64_t rest = magnitude(g->table[0]);
    return divisor ? rest % divisor != 0 : rest != 0;
}

static bool class_satisfies(Grid *g, Goal goal)
{
    if (!fill(g)) return false;
    if (goal == ZERO) return all_zero(g);
    if (!difference(g)) return false;
    if (goal == NONNEGATIVE) return at_least(g, 1, 0);
    return indivisible(g) || at_least(g, 1, 1) || at_least(g, -1, 1);
}

/* ---- All classes ---- */

/* The next combination of residues; false after the last. */
static bool next_class(Grid *g)
{
    for (int i = 0; i < g->naxes; i++) {
        if (++g->axes[i].residue < g->axes[i].period) return true;
        g->axes[i].residue = 0;
    }
    return false;
}

/* Sets how far q can go in this class; false if the class holds no value at all. */
static bool measure_class(Grid *g)
{
    for (int i = 0; i < g->naxes; i++) {
        Axis          *x    = &g->axes[i];
        const uint64_t span = (uint64_t)x->last - (uint64_t)x->base; /* base <= last, but perhaps far apart */
        if ((uint64_t)x->residue > span) return false;
        const uint64_t steps = (span - (uint64_t)x->residue) / (uint64_t)x->period;
        x->steps             = x->last == INT64_MAX || steps > INT64_MAX ? INT64_MAX : (int64_t)steps;
    }
    return true;
}

static bool all_classes_satisfy(Grid *g, Goal goal)
{
    do {
        if (measure_class(g) && !class_satisfies(g, goal)) return false;
    } while (next_class(g));
    return true;
}

static bool has_bounded_polynomial(const Grid *g)
{
    for (int i = 0; i < g->naxes; i++) {
        if (g->axes[i].last != INT64_MAX && g->axes[i].degree > 0) return true;
    }
    return false;
}

bool prove_by_residues(DimCtx *cx, View v, Goal goal, const Dim *d)
{
    Grid g;
    g.cx = cx;
    g.d  = d;
    if (prepare(&g, v, false) && all_classes_satisfy(&g, goal)) return true;
    return goal != ZERO && has_bounded_polynomial(&g) && prepare(&g, v, true) && all_classes_satisfy(&g, goal);
}
