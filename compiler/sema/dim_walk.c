/* Walks over a dimension: its symbols, its value, the same with other things in the place of atoms. */
#include <limits.h>

#include "dim_private.h"

/* ---- Symbols ---- */

static int next_in_atom(const Atom *a, int id)
{
    if (a->kind == ATOM_SYMBOL) return a->symbol > id ? a->symbol : INT_MAX;
    const int x = dim_next_symbol(a->a, id), y = dim_next_symbol(a->b, id);
    return x < y ? x : y;
}

static int next_in_mono(const Mono *m, int id)
{
    int next = INT_MAX;
    for (int k = 0; k < m->nfactors; k++) {
        const int s = next_in_atom(m->factors[k].atom, id);
        if (s < next) next = s;
    }
    return next;
}

int dim_next_symbol(const Dim *d, int id)
{
    int next = INT_MAX;
    for (int i = 0; i < d->nterms; i++) {
        const int s = next_in_mono(mono_of(&d->terms[i]), id);
        if (s < next) next = s;
    }
    return next;
}

bool mono_mentions(const Mono *m, int id)
{
    return (m->symbols & symbol_bit(id)) && next_in_mono(m, id - 1) == id;
}

bool dim_mentions(const Dim *d, int id)
{
    return (dim_symbols(d) & symbol_bit(id)) && dim_next_symbol(d, id - 1) == id;
}

void dim_each_symbol(const Dim *d, void (*visit)(int id, void *user), void *user)
{
    for (int id = dim_next_symbol(d, -1); id != INT_MAX; id = dim_next_symbol(d, id)) visit(id, user);
}

/* ---- Evaluation ---- */

typedef struct Values {
    const int64_t *at;
    int            first, count;
} Values;

static bool eval(const Dim *d, const Values *values, int64_t *result);

static bool eval_atom(const Atom *a, const Values *values, int64_t *result)
{
    int64_t x, y;
    if (a->kind == ATOM_SYMBOL) {
        if (a->symbol < values->first || a->symbol >= values->first + values->count) return false;
        *result = values->at[a->symbol - values->first];
        return true;
    }
    if (!eval(a->a, values, &x) || !eval(a->b, values, &y)) return false;
    if (a->kind == ATOM_FLOORDIV) {
        if (y == 0 || (x == INT64_MIN && y == -1)) return false;
        *result = floor_div(x, y);
    } else {
        *result = (a->kind == ATOM_MIN) == (x < y) ? x : y;
    }
    return true;
}

static bool eval(const Dim *d, const Values *values, int64_t *result)
{
    int64_t sum = 0;
    for (int i = 0; i < d->nterms; i++) {
        const Term *t       = &d->terms[i];
        int64_t     product = t->coefficient, value;
        for (int k = 0; k < t->nfactors; k++) {
            if (!eval_atom(t->factors[k].atom, values, &value)) return false;
            for (int power = t->factors[k].power; power > 0; power--) {
                if (__builtin_mul_overflow(product, value, &product)) return false;
            }
        }
        if (__builtin_add_overflow(sum, product, &sum)) return false;
    }
    *result = sum;
    return true;
}

bool dim_eval(const Dim *d, const int64_t *values, int count, int64_t *result)
{
    return eval(d, &(Values){values, 0, count}, result);
}

bool dim_eval_from(const Dim *d, const int64_t *values, int first, int count, int64_t *result)
{
    return eval(d, &(Values){values, first, count}, result);
}

/* ---- Rewriting ---- */

static const Dim *rewrite_atom(DimCtx *cx, const Atom *a, uint64_t symbols, Rewrite *rewrite, const void *user)
{
    const Dim *d = rewrite(cx, a, user);
    if (d || a->kind == ATOM_SYMBOL) return d ? d : dim_atom(cx, *a);
    const Dim *x = dim_rewrite(cx, a->a, symbols, rewrite, user);
    const Dim *y = dim_rewrite(cx, a->b, symbols, rewrite, user);
    if (x == a->a && y == a->b) return dim_atom(cx, *a);
    if (a->kind == ATOM_FLOORDIV) return dim_floordiv(cx, x, y);
    return a->kind == ATOM_MIN ? dim_min(cx, x, y) : dim_max(cx, x, y);
}

static const Dim *rewrite_term(DimCtx *cx, Term t, uint64_t symbols, Rewrite *rewrite, const void *user)
{
    const Dim *product = dim_int(cx, t.coefficient);
    for (int k = 0; k < t.nfactors; k++) {
        const Dim *d = rewrite_atom(cx, t.factors[k].atom, symbols, rewrite, user);
        for (int power = t.factors[k].power; power > 0 && product; power--) product = dim_mul(cx, product, d);
    }
    return product;
}

const Dim *dim_rewrite(DimCtx *cx, const Dim *d, uint64_t symbols, Rewrite *rewrite, const void *user)
{
    if (!d || !(dim_symbols(d) & symbols)) return d;
    const Dim *sum = dim_int(cx, 0);
    for (int i = 0; i < d->nterms && sum; i++) {
        const Term t = d->terms[i];
        sum          = mono_of(&t)->symbols & symbols
                           ? dim_add(cx, sum, rewrite_term(cx, t, symbols, rewrite, user))
                           : dim_add(cx, sum, dim_make(cx, &t, 1));
    }
    return sum;
}

typedef struct Substitution {
    const Dim *const *with;
    int               count;
} Substitution;

static const Dim *substitute_symbol(DimCtx *cx, const Atom *a, const void *user)
{
    (void)cx;
    const Substitution *s = user;
    return a->kind == ATOM_SYMBOL && a->symbol >= 0 && a->symbol < s->count ? s->with[a->symbol] : NULL;
}

const Dim *dim_substitute(DimCtx *cx, const Dim *d, const Dim *const *with, int count)
{
    uint64_t symbols = 0;
    for (int i = 0; i < count; i++) symbols |= with[i] ? symbol_bit(i) : 0;
    dim_begin(cx);
    const Dim *result = dim_rewrite(cx, d, symbols, substitute_symbol, &(Substitution){with, count});
    dim_end(cx);
    return result;
}

/* ---- Solving ---- */

/* Splits `d` into factor*symbol + rest, neither of which mentions the symbol. */
static bool split_linear(DimCtx *cx, const Dim *d, int symbol, const Dim **factor, const Dim **rest)
{
    const Dim *s = symbol_of(cx, symbol)->dim, *sum = dim_int(cx, 0);
    for (int i = 0; i < d->nterms; i++) {
        const Mono *m;
        if (!mono_quotient(cx, mono_of(&d->terms[i]), mono_of(&s->terms[0]), &m)) continue;
        const Term t = {d->terms[i].coefficient, m->factors, m->nfactors};
        sum          = dim_add(cx, sum, dim_make(cx, &t, 1));
    }
    *factor = sum;
    *rest   = dim_sub(cx, d, dim_mul(cx, sum, s));
    return *rest && sum->nterms && !dim_mentions(sum, symbol) && !dim_mentions(*rest, symbol);
}

const Dim *dim_solve(DimCtx *cx, const Dim *pattern, int unknown, const Dim *value, Truth *exact)
{
    const Dim *factor, *rest;
    *exact = UNKNOWN;
    if (!pattern || !value || !split_linear(cx, pattern, unknown, &factor, &rest)) return NULL;
    const Dim *multiple  = dim_sub(cx, value, rest);
    const Dim *remainder = dim_mod(cx, multiple, factor);
    if (remainder) *exact = dim_equal(cx, remainder, dim_int(cx, 0));
    return dim_floordiv(cx, multiple, factor);
}
