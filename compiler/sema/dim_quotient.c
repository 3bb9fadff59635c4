/* Floor division, min and max.
 *
 * A quotient is brought to normal form in four steps: multiples of the divisor's leading term leave the numerator
 * (polynomial division, whose remainder has coefficients in [0, c)); common factors are cancelled, which may make
 * room for the first step again; a floor inside a floor is merged; and what the bounds leave only one value for is
 * that value. Cancelling n in (n*m)//n supposes n != 0: with n == 0 the quotient has no value at all. */
#include <stdlib.h>

#include "dim_private.h"

/* ---- Polynomial division ---- */

/* The sum of floor(c/lc) * t/lt over the terms c*t of `a` that the leading term lc*lt of `b` divides. */
static const Dim *leading_multiples(DimCtx *cx, const Dim *a, const Dim *b)
{
    const Mono   *lead = mono_of(&b->terms[0]);
    const int64_t c    = b->terms[0].coefficient;
    Term         *out  = dim_scratch(cx, a->nterms);
    int           n    = 0;
    for (int i = 0; i < a->nterms; i++) {
        const Term    t = a->terms[i];
        const Mono   *m;
        const int64_t k = c == -1 ? 0 : floor_div(t.coefficient, c);
        if (k && mono_quotient(cx, mono_of(&t), lead, &m)) out[n++] = (Term){k, m->factors, m->nfactors};
    }
    return dim_make(cx, out, n);
}

void dim_divide(DimCtx *cx, const Dim *a, const Dim *b, const Dim **quotient, const Dim **remainder)
{
    enum { MAX_ROUNDS = 64 }; /* one is enough for a single term; stopping early is only less tidy */
    *quotient  = dim_int(cx, 0);
    *remainder = a;
    for (int round = 0; round < MAX_ROUNDS && *remainder; round++) {
        const Dim *k = leading_multiples(cx, *remainder, b);
        if (k && !k->nterms) return;
        *quotient  = dim_add(cx, *quotient, k);
        *remainder = dim_sub(cx, *remainder, dim_mul(cx, k, b));
    }
}

/* ---- Cancelling ---- */

const Dim *dim_divide_content(DimCtx *cx, const Dim *d, int64_t g)
{
    Term *out = dim_scratch(cx, d->nterms);
    int   n   = 0;
    for (int i = 0; i < d->nterms; i++) {
        out[n]             = d->terms[i];
        out[n].coefficient = floor_div(out[n].coefficient, g);
        n += out[n].coefficient != 0;
    }
    return dim_make(cx, out, n);
}

/* The product of the atom powers that divide every term of both. */
static const Mono *common_factors(DimCtx *cx, const Dim *a, const Dim *b)
{
    const Mono *first = mono_of(&a->terms[0]);
    Factor      out[MAX_DEGREE];
    int         n = 0;
    for (int i = 0; i < first->nfactors; i++) {
        Factor f = first->factors[i];
        for (int t = 1; t < a->nterms + b->nterms && f.power; t++) {
            const Term *other = t < a->nterms ? &a->terms[t] : &b->terms[t - a->nterms];
            int         power = 0;
            for (int k = 0; k < other->nfactors; k++) {
                if (other->factors[k].atom == f.atom) power = other->factors[k].power;
            }
            if (power < f.power) f.power = power;
        }
        if (f.power) out[n++] = f;
    }
    return mono_make(cx, out, n);
}

static const Dim *divide_mono(DimCtx *cx, const Dim *d, const Mono *by)
{
    Term *out = dim_scratch(cx, d->nterms);
    for (int i = 0; i < d->nterms; i++) {
        const Mono *m = by;
        mono_quotient(cx, mono_of(&d->terms[i]), by, &m);
        out[i] = (Term){d->terms[i].coefficient, m->factors, m->nfactors};
    }
    return dim_make(cx, out, d->nterms);
}

/* What the coefficients have in common. The constant term of the numerator need not share it when the divisor is a
 * positive integer: (g*X + r)//(g*c) = (X + r//g)//c. */
static int64_t common_content(const Dim *a, const Dim *b)
{
    const int64_t r = dim_constant_term(a), c = dim_constant_term(b);
    uint64_t      g = gcd_u64(gcd_u64(dim_content(a), dim_content(b)), magnitude(c));
    if (dim_content(b)) g = gcd_u64(g, magnitude(r));
    return g > 1 && g <= INT64_MAX ? (int64_t)g : 1;
}

/* ---- Floor division ---- */

/* (P//q + K)//b = (P + q*K)//(q*b), where b is never negative; NULL if `a` is not of that form. */
static const Dim *merge_floors(DimCtx *cx, const Dim *a, const Dim *b)
{
    const View declared = {false, false};
    if (range_of(cx, declared, b).lo < 0) return NULL;
    for (int i = 0; i < a->nterms; i++) {
        const Term *t    = &a->terms[i];
        const Atom *atom = lone_atom_of(t);
        if (!atom || t->coefficient != 1 || atom->kind != ATOM_FLOORDIV) continue;
        const Dim *rest = dim_sub(cx, a, dim_atom(cx, *atom));
        const Dim *sum  = dim_add(cx, atom->a, dim_mul(cx, atom->b, rest));
        return dim_floordiv(cx, sum, dim_mul(cx, atom->b, b));
    }
    return NULL;
}

/* a//b where nothing is left to take out of `a`. */
static const Dim *proper_quotient(DimCtx *cx, const Dim *a, const Dim *b)
{
    const View    declared = {false, false};
    const int64_t g        = common_content(a, b);
    const Mono   *m        = common_factors(cx, a, b);
    if (g > 1) return dim_floordiv(cx, dim_divide_content(cx, a, g), dim_divide_content(cx, b, g));
    if (m->nfactors) return dim_floordiv(cx, divide_mono(cx, a, m), divide_mono(cx, b, m));
    const Range r = range_quotient(range_of(cx, declared, a), range_of(cx, declared, b));
    if (r.lo == r.hi) return dim_int(cx, r.lo);
    const Dim *merged = merge_floors(cx, a, b);
    return merged ? merged : dim_atom(cx, (Atom){ATOM_FLOORDIV, 0, a, b});
}

static const Dim *divide_ints(DimCtx *cx, int64_t a, int64_t b)
{
    if (b == -1) return dim_sub(cx, dim_int(cx, 0), dim_int(cx, a)); /* INT64_MIN / -1 traps */
    return dim_int(cx, floor_div(a, b));
}

const Dim *dim_floordiv(DimCtx *cx, const Dim *a, const Dim *b)
{
    int64_t    x, y;
    const Dim *quotient, *rest;
    if (!a || !b || !b->nterms) return NULL;
    if (dim_is_int(a, &x) && dim_is_int(b, &y)) return divide_ints(cx, x, y);
    if (b->terms[0].coefficient < 0) return dim_floordiv(cx, dim_scale(cx, a, -1), dim_scale(cx, b, -1));
    dim_divide(cx, a, b, &quotient, &rest);
    if (!quotient || !rest || !rest->nterms) return rest ? quotient : NULL;
    return dim_add(cx, quotient, proper_quotient(cx, rest, b));
}

const Dim *dim_mod(DimCtx *cx, const Dim *a, const Dim *b)
{
    return dim_sub(cx, a, dim_mul(cx, b, dim_floordiv(cx, a, b)));
}

/* ---- Min and max ---- */

int dim_arguments(const Atom *a, const Dim **args)
{
    int n = 0;
    for (const Atom *rest = a;;) {
        const Atom *next = dim_lone_atom(rest->b);
        args[n++]        = rest->a;
        if (!next || next->kind != a->kind || n + 1 == MAX_ARGS) {
            args[n++] = rest->b;
            return n;
        }
        rest = next;
    }
}

static int flatten(AtomKind kind, const Dim *d, const Dim **args)
{
    const Atom *a = dim_lone_atom(d);
    if (a && a->kind == kind) return dim_arguments(a, args);
    args[0] = d;
    return 1;
}

/* Drops each argument that another one makes superfluous. */
static int drop_dominated(DimCtx *cx, AtomKind kind, const Dim **args, int n)
{
    for (int i = 0; i < n; i++) {
        bool needed = true;
        for (int j = 0; j < n && needed; j++) {
            const Dim *least = kind == ATOM_MIN ? args[j] : args[i], *most = kind == ATOM_MIN ? args[i] : args[j];
            needed = i == j || !dim_surely_at_most(cx, least, most);
        }
        if (!needed) args[i--] = args[--n];
    }
    return n;
}

static int by_structure(const void *a, const void *b)
{
    return dim_compare(*(const Dim *const *)a, *(const Dim *const *)b);
}

static const Dim *extremum(DimCtx *cx, AtomKind kind, const Dim *a, const Dim *b)
{
    const Dim *args[2 * MAX_ARGS];
    if (!a || !b) return NULL;
    int n = flatten(kind, a, args);
    n += flatten(kind, b, args + n);
    dim_begin(cx);
    n = drop_dominated(cx, kind, args, n);
    dim_end(cx);
    qsort(args, (size_t)n, sizeof *args, by_structure);
    const Dim *d = args[n - 1];
    for (int i = n - 2; i >= 0 && d; i--) d = dim_atom(cx, (Atom){kind, 0, args[i], d});
    return d;
}

const Dim *dim_min(DimCtx *cx, const Dim *a, const Dim *b)
{
    return extremum(cx, ATOM_MIN, a, b);
}

const Dim *dim_max(DimCtx *cx, const Dim *a, const Dim *b)
{
    return extremum(cx, ATOM_MAX, a, b);
}
