/* Intervals: what can be said of a dimension from the bounds of its symbols.
 *
 * The plain interval of n - n//2 is everything, since both terms grow. So a second one is taken through the
 * definition of the floor: c*(P//c) = P - r with r in [0, c) turns c*d into a sum without that quotient. */
#include "dim_private.h"

static const Range everything = {INT64_MIN, INT64_MAX};

static bool is_infinite(int64_t x)
{
    return x == INT64_MIN || x == INT64_MAX;
}

/* A bound beyond 64 bits is as good as the infinity on its side. */
static int64_t add_bounds(int64_t a, int64_t b)
{
    int64_t sum;
    if (is_infinite(a)) return a;
    if (is_infinite(b)) return b;
    if (__builtin_add_overflow(a, b, &sum)) return a < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

static int64_t multiply_bounds(int64_t a, int64_t b)
{
    int64_t product;
    if (a == 0 || b == 0) return 0;
    const int64_t infinity = (a < 0) == (b < 0) ? INT64_MAX : INT64_MIN;
    if (is_infinite(a) || is_infinite(b) || __builtin_mul_overflow(a, b, &product)) return infinity;
    return product;
}

/* floor(a/b) for b >= 1. */
static int64_t divide_bounds(int64_t a, int64_t b)
{
    if (b == INT64_MAX) return a < 0 ? -1 : 0;
    return is_infinite(a) ? a : floor_div(a, b);
}

static Range hull(const int64_t *x, int n)
{
    Range r = {x[0], x[0]};
    for (int i = 1; i < n; i++) {
        if (x[i] < r.lo) r.lo = x[i];
        if (x[i] > r.hi) r.hi = x[i];
    }
    return r;
}

static Range add_ranges(Range a, Range b)
{
    return (Range){a.lo == INT64_MIN ? a.lo : b.lo == INT64_MIN ? b.lo : add_bounds(a.lo, b.lo),
                   a.hi == INT64_MAX ? a.hi : b.hi == INT64_MAX ? b.hi : add_bounds(a.hi, b.hi)};
}

static Range multiply_ranges(Range a, Range b)
{
    const int64_t x[4] = {multiply_bounds(a.lo, b.lo), multiply_bounds(a.lo, b.hi), multiply_bounds(a.hi, b.lo),
                          multiply_bounds(a.hi, b.hi)};
    return hull(x, 4);
}

Range range_intersect(Range a, Range b)
{
    const Range r = {a.lo > b.lo ? a.lo : b.lo, a.hi < b.hi ? a.hi : b.hi};
    return r.lo <= r.hi ? r : a; /* only contradictory facts leave nothing */
}

Range range_quotient(Range a, Range b)
{
    if (b.lo < 0 || b.hi < 1) return everything;
    if (b.lo < 1) b.lo = 1;         /* a quotient by 0 has no value */
    if (b.lo == INT64_MAX) b.lo--; /* not the infinity here */
    const int64_t x[4] = {divide_bounds(a.lo, b.lo), divide_bounds(a.lo, b.hi), divide_bounds(a.hi, b.lo),
                          divide_bounds(a.hi, b.hi)};
    return hull(x, 4);
}

Range symbol_range(const DimCtx *cx, View v, int id)
{
    const Symbol *s = symbol_of(cx, id);
    Range         r = v.facts ? range_intersect(s->bounds, s->known) : s->bounds;
    if (v.positive && s->positive > r.lo && s->positive <= r.hi) r.lo = s->positive;
    return r;
}

static Range atom_range(DimCtx *cx, View v, const Atom *a)
{
    if (a->kind == ATOM_SYMBOL) return symbol_range(cx, v, a->symbol);
    const Range x = range_of(cx, v, a->a), y = range_of(cx, v, a->b);
    if (a->kind == ATOM_FLOORDIV) return range_quotient(x, y);
    const bool  min = a->kind == ATOM_MIN;
    const Range r   = {min == (x.lo < y.lo) ? x.lo : y.lo, min == (x.hi < y.hi) ? x.hi : y.hi};
    return r;
}

static Range factor_range(DimCtx *cx, View v, Factor f)
{
    const Range base = atom_range(cx, v, f.atom);
    Range       r    = base;
    for (int i = 1; i < f.power; i++) r = multiply_ranges(r, base);
    if (f.power % 2 == 0 && r.lo < 0) r.lo = 0;
    return r;
}

static Range plain_range(DimCtx *cx, View v, const Dim *d)
{
    Range sum = {0, 0};
    for (int i = 0; i < d->nterms; i++) {
        const Term *t = &d->terms[i];
        Range       r = {t->coefficient, t->coefficient};
        for (int k = 0; k < t->nfactors; k++) r = multiply_ranges(r, factor_range(cx, v, t->factors[k]));
        sum = add_ranges(sum, r);
    }
    return sum;
}

/* A term k*(P//c) with an integer c, so that P//c can be replaced by (P - r)/c; NULL if there is none. */
static const Term *floor_term(const Dim *d, int64_t *divisor)
{
    for (int i = 0; i < d->nterms; i++) {
        const Atom *a = lone_atom_of(&d->terms[i]);
        if (a && a->kind == ATOM_FLOORDIV && dim_is_int(a->b, divisor)) return &d->terms[i];
    }
    return NULL;
}

static Range tight_range(DimCtx *cx, View v, const Dim *d, int depth)
{
    const Range plain = plain_range(cx, v, d);
    int64_t     c;
    const Term *t = depth > 0 && d->nterms > 1 ? floor_term(d, &c) : NULL;
    if (!t || plain.lo == plain.hi) return plain;
    /* c*d = c*(d - t) + k*P - k*r */
    const int64_t k      = t->coefficient;
    const Dim    *rest   = dim_scale(cx, dim_sub(cx, d, dim_make(cx, t, 1)), c);
    const Dim    *scaled = dim_add_scaled(cx, rest, k, t->factors[0].atom->a);
    if (!scaled || k == INT64_MIN) return plain;
    const int64_t slack[2] = {0, multiply_bounds(-k, c - 1)};
    const Range   r        = add_ranges(tight_range(cx, v, scaled, depth - 1), hull(slack, 2));
    const int64_t up       = add_bounds(r.lo, c - 1); /* the lower bound is rounded up */
    return range_intersect(plain, (Range){r.lo == INT64_MIN ? r.lo : divide_bounds(up, c), divide_bounds(r.hi, c)});
}

Range range_of(DimCtx *cx, View v, const Dim *d)
{
    enum { MAX_FLOORS = 6 }; /* replaced by their definitions, one after another */
    return tight_range(cx, v, d, MAX_FLOORS);
}

void dim_range(const DimCtx *cx, const Dim *d, int64_t *lo, int64_t *hi)
{
    const View  declared = {false, false};
    const Range r        = range_of((DimCtx *)cx, declared, d); /* makes nodes on the way, but changes no answer */
    *lo                  = r.lo;
    *hi                  = r.hi;
}

void dim_bounds(const DimCtx *cx, int symbol, int64_t *lo, int64_t *hi)
{
    *lo = symbol_of(cx, symbol)->bounds.lo;
    *hi = symbol_of(cx, symbol)->bounds.hi;
}

void dim_bound(DimCtx *cx, int symbol, int64_t lo, int64_t hi)
{
    Symbol *s   = symbol_of(cx, symbol);
    s->bounds   = (Range){lo, hi};
    s->positive = lo > 1 ? lo : 1;
    cx->epoch++;
}

/* The coefficients of all symbols share a factor that the constant lacks: never 0. */
static bool content_forbids_zero(const Dim *d)
{
    const uint64_t g = dim_content(d);
    const int64_t  c = dim_constant_term(d);
    return g > 1 && magnitude(c) % g != 0;
}

bool prove_by_range(DimCtx *cx, View v, Goal goal, const Dim *d)
{
    const Range r = range_of(cx, v, d);
    switch (goal) {
    case ZERO: return r.lo == 0 && r.hi == 0;
    case NONZERO: return r.lo > 0 || r.hi < 0 || content_forbids_zero(d);
    case NONNEGATIVE: return r.lo >= 0;
    }
    return false;
}
