/* The decision procedures.
 *
 * Every question is put as a goal about one difference: it is zero, never zero, or never negative. The means, from
 * the cheapest: intervals, residue classes, the same for a more general claim, subtracting multiples of inequalities
 * known to hold, and going through the cases of a min or max, each with what it says about its arguments as further
 * facts. All are sound and none complete: what is not proved is unknown. */
#include "dim_private.h"

enum {
    SPLITS    = 6,  /* of nested mins and maxes */
    STEPS     = 3,  /* inequalities used in one proof */
    STEP_COST = 32, /* for each term; dear, because a step builds dimensions, and they stay */
};

void dim_begin(DimCtx *cx)
{
    if (cx->depth++ == 0) cx->fuel = FUEL;
}

void dim_end(DimCtx *cx)
{
    cx->depth--;
}

bool dim_spend(DimCtx *cx, long work)
{
    cx->fuel -= work;
    return cx->fuel > 0;
}

static bool prove_simply(DimCtx *cx, View v, Goal goal, const Dim *d)
{
    return prove_by_range(cx, v, goal, d) || prove_by_residues(cx, v, goal, d) ||
           prove_by_generalising(cx, v, goal, d);
}

bool dim_surely_at_most(DimCtx *cx, const Dim *a, const Dim *b)
{
    const View declared = {false, false};
    const Dim *d        = dim_sub(cx, b, a);
    return d && prove_simply(cx, declared, NONNEGATIVE, d);
}

/* ---- Inequalities ---- */

static bool prove_nonnegative(DimCtx *cx, View v, const Dim *d, int steps);

/* Is `d` a non-negative multiple of the fact `f` and something non-negative, where the multiple is chosen so that the
 * term `s` of `d` cancels against the term `t` of `f`? */
static bool cancel(DimCtx *cx, View v, const Dim *d, Term s, const Dim *f, Term t, int steps)
{
    const Mono *m;
    if ((s.coefficient < 0) != (t.coefficient < 0) || s.coefficient == INT64_MIN || t.coefficient == INT64_MIN) {
        return false;
    }
    if (!t.nfactors || !mono_quotient(cx, mono_of(&s), mono_of(&t), &m)) return false;
    const int64_t sign = s.coefficient < 0 ? -1 : 1;
    const int64_t a = s.coefficient * sign, b = t.coefficient * sign;
    const int64_t g      = (int64_t)gcd_u64((uint64_t)a, (uint64_t)b);
    const Dim    *factor = dim_make(cx, &(Term){a / g, m->factors, m->nfactors}, 1);
    if (!factor || range_of(cx, v, factor).lo < 0) return false;
    const Dim *rest = dim_sub(cx, dim_scale(cx, d, b / g), dim_mul(cx, factor, f));
    return prove_nonnegative(cx, v, rest, steps);
}

static bool prove_by_fact(DimCtx *cx, View v, const Dim *d, const Dim *f, int steps)
{
    for (int i = 0; i < d->nterms; i++) {
        for (int j = 0; j < f->nterms; j++) {
            if (cancel(cx, v, d, d->terms[i], f, f->terms[j], steps)) return true;
        }
    }
    return false;
}

static bool prove_by_facts(DimCtx *cx, View v, const Dim *d, int steps)
{
    for (size_t i = cx->facts.len; i-- > 0;) {
        const Dim *f = cx->facts.at[i].dim;
        if (!f || cx->facts.at[i].kind != FACT_NONNEGATIVE || !(dim_symbols(f) & dim_symbols(d))) continue;
        if (prove_by_fact(cx, v, d, f, steps)) return true;
    }
    return false;
}

static bool prove_nonnegative(DimCtx *cx, View v, const Dim *d, int steps)
{
    if (!d || !dim_spend(cx, STEP_COST * (long)dim_weight(d))) return false;
    return prove_simply(cx, v, NONNEGATIVE, d) || (steps > 0 && prove_by_facts(cx, v, d, steps - 1));
}

static bool has_inequalities(const DimCtx *cx)
{
    for (size_t i = 0; i < cx->facts.len; i++) {
        if (cx->facts.at[i].dim && cx->facts.at[i].kind == FACT_NONNEGATIVE) return true;
    }
    return false;
}

static bool prove_by_inequalities(DimCtx *cx, View v, Goal goal, const Dim *d)
{
    if (!has_inequalities(cx)) return false;
    const Dim *minus = dim_scale(cx, d, -1);
    switch (goal) {
    case NONNEGATIVE: return prove_by_facts(cx, v, d, STEPS - 1);
    case ZERO: return prove_nonnegative(cx, v, d, STEPS) && prove_nonnegative(cx, v, minus, STEPS);
    case NONZERO:
        return prove_nonnegative(cx, v, dim_add_int(cx, d, -1), STEPS) ||
               (minus && prove_nonnegative(cx, v, dim_add_int(cx, minus, -1), STEPS));
    }
    return false;
}

/* ---- Cases of a min or max ---- */

static const Atom *choice_in(const Dim *d);

static const Atom *choice_in_atom(const Atom *a)
{
    const Dim  *args[MAX_ARGS];
    const Atom *found = NULL;
    if (a->kind == ATOM_SYMBOL) return NULL;
    if (a->kind == ATOM_FLOORDIV) return (found = choice_in(a->a)) ? found : choice_in(a->b);
    for (int i = 0, n = dim_arguments(a, args); i < n && !found; i++) found = choice_in(args[i]);
    return found ? found : a;
}

/* A min or max in `d` that has none in its arguments; NULL if there is none. */
static const Atom *choice_in(const Dim *d)
{
    const Atom *found = NULL;
    for (int i = 0; i < d->nterms && !found; i++) {
        for (int k = 0; k < d->terms[i].nfactors && !found; k++) found = choice_in_atom(d->terms[i].factors[k].atom);
    }
    return found;
}

typedef struct Choice {
    const Atom *atom;
    const Dim  *taken;
} Choice;

static const Dim *choose(DimCtx *cx, const Atom *a, const void *user)
{
    (void)cx;
    const Choice *c = user;
    return a == c->atom ? c->taken : NULL;
}

static bool prove(DimCtx *cx, View v, Goal goal, const Dim *d, int splits);

/* Proves the case that args[i] is the least (or the greatest). */
static bool prove_case(DimCtx *cx, View v, Goal goal, const Dim *d, Choice choice, const Dim **args, int n,
                       int splits)
{
    const size_t mark       = dim_facts_mark(cx);
    bool         impossible = false;
    for (int i = 0; i < n; i++) {
        const Dim *gap = choice.atom->kind == ATOM_MIN ? dim_sub(cx, args[i], choice.taken)
                                                       : dim_sub(cx, choice.taken, args[i]);
        impossible     = impossible || (gap && range_of(cx, v, gap).hi < 0);
        facts_add(cx, FACT_NONNEGATIVE, gap);
    }
    const Dim *taken = dim_rewrite(cx, d, atom_symbols(choice.atom), choose, &choice);
    const bool holds = impossible || prove(cx, v, goal, facts_rewrite(cx, taken), splits);
    dim_facts_drop(cx, mark);
    return holds;
}

static bool prove_by_cases(DimCtx *cx, View v, Goal goal, const Dim *d, int splits)
{
    const Dim  *args[MAX_ARGS];
    const Atom *atom = splits > 0 ? choice_in(d) : NULL;
    if (!atom) return false;
    const int n = dim_arguments(atom, args);
    for (int i = 0; i < n; i++) {
        if (!prove_case(cx, v, goal, d, (Choice){atom, args[i]}, args, n, splits - 1)) return false;
    }
    return true;
}

/* ---- All together ---- */

/* `d` less a multiple of each sum known to be zero. */
static const Dim *reduce(DimCtx *cx, const Dim *d)
{
    for (size_t i = 0; i < cx->facts.len && d; i++) {
        const Fact f = cx->facts.at[i];
        const Dim *quotient;
        if (!f.dim || f.kind != FACT_ZERO || !(dim_symbols(f.dim) & dim_symbols(d))) continue;
        dim_divide(cx, d, f.dim, &quotient, &d);
    }
    return d;
}

static bool prove(DimCtx *cx, View v, Goal goal, const Dim *d, int splits)
{
    if (!d || !dim_spend(cx, STEP_COST * (long)dim_weight(d))) return false;
    if (prove_simply(cx, v, goal, d) || prove_by_inequalities(cx, v, goal, d)) return true;
    const Dim *reduced = reduce(cx, d);
    if (reduced && reduced != d && prove_simply(cx, v, goal, reduced)) return true;
    return prove_by_cases(cx, v, goal, d, splits);
}

static bool prove_with_definitions(DimCtx *cx, View v, Goal goal, const Dim *d)
{
    if (!d) return false;
    const size_t mark = dim_facts_mark(cx);
    facts_define(cx, v, d);
    const bool proved = prove(cx, v, goal, facts_rewrite(cx, d), SPLITS);
    dim_facts_drop(cx, mark);
    return proved;
}

static Truth decide(DimCtx *cx, const Dim *a, const Dim *b, bool order)
{
    const View any = {true, false}, positive = {true, true};
    const Dim *d   = facts_rewrite(cx, dim_sub(cx, b, a));
    if (prove_with_definitions(cx, any, order ? NONNEGATIVE : ZERO, d)) return YES;
    if (!d) return UNKNOWN;
    const Dim *below = order ? dim_add_int(cx, dim_scale(cx, d, -1), -1) : d;
    return prove_with_definitions(cx, positive, order ? NONNEGATIVE : NONZERO, below) ? NO : UNKNOWN;
}

/* The same questions come again and again: a model asks them for every layer. */
static Truth remember(DimCtx *cx, const Dim *a, const Dim *b, bool order)
{
    Verdict *v = &cx->verdicts[(a->hash * 31 + b->hash + order) % NCACHED];
    if (v->a == a && v->b == b && v->order == order && v->epoch == cx->epoch) return v->truth;
    dim_begin(cx);
    const uint32_t epoch = cx->epoch;
    const Truth    truth = decide(cx, a, b, order);
    cx->epoch            = epoch; /* the facts of cases have come and gone */
    dim_end(cx);
    *v = (Verdict){a, b, epoch, order, truth};
    return truth;
}

Truth dim_equal(DimCtx *cx, const Dim *a, const Dim *b)
{
    int64_t x, y;
    if (!a || !b) return UNKNOWN;
    if (a == b) return YES;
    if (dim_is_int(a, &x) && dim_is_int(b, &y)) return NO;
    return remember(cx, a, b, false);
}

Truth dim_less_equal(DimCtx *cx, const Dim *a, const Dim *b)
{
    int64_t x, y;
    if (!a || !b) return UNKNOWN;
    if (a == b) return YES;
    if (dim_is_int(a, &x) && dim_is_int(b, &y)) return x <= y ? YES : NO;
    return remember(cx, a, b, true);
}
