/* Proof by forgetting.
 *
 * Residue classes need integer divisors, and cost the more the more symbols there are. But n//m//2 + (n//m + 1)//2 is
 * n//m for a reason that has nothing to do with n and m: it holds for any integer in the place of n//m. So quotients
 * by symbolic divisors, products, mins and maxes are replaced by new symbols, of which nothing is known but the range,
 * and the proof is tried again. The normal form writes n//m//2 as n//(2*m); that is taken apart first. */
#include "dim_private.h"

enum { MAX_STAND_INS = 8, MAX_TAKEN_APART = 8 };

typedef struct StandIns {
    DimCtx    *cx;
    View       view;
    const Dim *of[MAX_STAND_INS], *symbol[MAX_STAND_INS];
    int        n;
    int        taken_apart; /* quotients so far; the normal form may put one together again */
} StandIns;

static const Dim *generalise(StandIns *s, const Dim *d);

static const Dim *stand_in(StandIns *s, const Dim *d)
{
    for (int i = 0; i < s->n; i++) {
        if (s->of[i] == d) return s->symbol[i];
    }
    if (s->n == MAX_STAND_INS) return NULL;
    const Range r = range_of(s->cx, s->view, d);
    s->of[s->n]   = d;
    return s->symbol[s->n++] = dim_hidden_symbol(s->cx, r, r.lo);
}

/* P//(c*Q) = (P//Q)//c for c >= 1: what stays is a quotient by an integer. */
static const Dim *generalise_quotient(StandIns *s, const Dim *d, const Atom *a)
{
    int64_t        c;
    const uint64_t content = gcd_u64(dim_content(a->b), magnitude(dim_constant_term(a->b)));
    if (dim_is_int(a->b, &c)) return dim_floordiv(s->cx, generalise(s, a->a), a->b);
    if (content <= 1 || content > INT64_MAX) return stand_in(s, d);
    if (s->taken_apart++ == MAX_TAKEN_APART) return NULL;
    const Dim *q = dim_floordiv(s->cx, a->a, dim_divide_content(s->cx, a->b, (int64_t)content));
    return q ? dim_floordiv(s->cx, generalise(s, q), dim_int(s->cx, (int64_t)content)) : NULL;
}

static const Dim *generalise_term(StandIns *s, Term t)
{
    const Atom *a = lone_atom_of(&t);
    const Dim  *d = dim_make(s->cx, &(Term){1, t.factors, t.nfactors}, 1);
    if (!t.nfactors || (a && a->kind == ATOM_SYMBOL)) return d;
    return a && a->kind == ATOM_FLOORDIV ? generalise_quotient(s, d, a) : stand_in(s, d);
}

static const Dim *generalise(StandIns *s, const Dim *d)
{
    const Dim *sum = dim_int(s->cx, 0);
    for (int i = 0; i < d->nterms && sum; i++) {
        sum = dim_add_scaled(s->cx, sum, d->terms[i].coefficient, generalise_term(s, d->terms[i]));
    }
    return sum;
}

bool prove_by_generalising(DimCtx *cx, View v, Goal goal, const Dim *d)
{
    const size_t hidden  = cx->hidden.len;
    StandIns     s       = {.cx = cx, .view = v};
    const Dim   *general = generalise(&s, d);
    const bool   changed = general && s.n;
    const bool   proved  = changed && (prove_by_range(cx, v, goal, general) || prove_by_residues(cx, v, goal, general));
    cx->hidden.len       = hidden;
    return proved;
}
