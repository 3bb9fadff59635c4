/* What run-time checks have established.
 *
 * An equality that can be solved for a symbol becomes that symbol's rule and is applied before anything is decided;
 * rules are kept free of symbols that have one, so that a single pass suffices. A fact `P % c == r`, as it stands after
 * a check of divisibility, is solved with a hidden symbol q for P//c: n = c*q + r - ... Other equalities are kept as
 * sums known to be zero, inequalities as bounds of one symbol or as sums known not to be negative.
 *
 * Every change is entered in a trail together with what it replaced; dropping facts undoes the trail. */
#include "dim_private.h"

enum { MAX_FACTS = 256 }; /* of those kept as sums; beyond, a check is simply not remembered */

static const View known_facts = {true, false};

/* ---- The trail ---- */

static void record(DimCtx *cx, ChangeKind kind, int index, const Dim *dim, Range known)
{
    vec_push(cx->arena, &cx->trail, (Change){kind, index, dim, known});
    cx->epoch++;
}

static void undo(DimCtx *cx, const Change *c)
{
    switch (c->kind) {
    case CHANGE_FACT_ADDED: cx->facts.len--; break;
    case CHANGE_FACT: cx->facts.at[c->index].dim = c->dim; break;
    case CHANGE_RULE_ADDED: symbol_of(cx, c->index)->rule = NULL, cx->ruled.len--; break;
    case CHANGE_RULE: symbol_of(cx, c->index)->rule = c->dim; break;
    case CHANGE_KNOWN: symbol_of(cx, c->index)->known = c->known; break;
    case CHANGE_HIDDEN: cx->hidden.len--; break;
    }
}

size_t dim_facts_mark(const DimCtx *cx)
{
    return cx->trail.len;
}

void dim_facts_drop(DimCtx *cx, size_t mark)
{
    while (cx->trail.len > mark) undo(cx, &cx->trail.at[--cx->trail.len]);
    if (!cx->ruled.len) cx->ruled_symbols = 0;
    cx->epoch++;
}

static void push_fact(DimCtx *cx, FactKind kind, const Dim *d)
{
    if (cx->facts.len >= MAX_FACTS) return;
    record(cx, CHANGE_FACT_ADDED, 0, NULL, (Range){0, 0});
    vec_push(cx->arena, &cx->facts, (Fact){kind, d});
}

/* ---- Rules ---- */

static const Dim *rule_of(DimCtx *cx, const Atom *a, const void *user)
{
    (void)user;
    return a->kind == ATOM_SYMBOL ? symbol_of(cx, a->symbol)->rule : NULL;
}

const Dim *facts_rewrite(DimCtx *cx, const Dim *d)
{
    return dim_rewrite(cx, d, cx->ruled_symbols, rule_of, NULL);
}

static void update_rules(DimCtx *cx, int id)
{
    for (size_t i = 0; i < cx->ruled.len; i++) {
        Symbol *s = symbol_of(cx, cx->ruled.at[i]);
        if (!dim_mentions(s->rule, id)) continue;
        const Dim *rule = facts_rewrite(cx, s->rule);
        if (!rule) continue;
        record(cx, CHANGE_RULE, cx->ruled.at[i], s->rule, (Range){0, 0});
        s->rule = rule;
    }
}

/* Facts about a symbol that now has a rule are stated anew: they may say more. */
static void update_facts(DimCtx *cx, int id)
{
    for (size_t i = 0, n = cx->facts.len; i < n; i++) {
        const Fact f = cx->facts.at[i];
        if (!f.dim || !dim_mentions(f.dim, id)) continue;
        record(cx, CHANGE_FACT, (int)i, f.dim, (Range){0, 0});
        cx->facts.at[i].dim = NULL;
        facts_add(cx, f.kind, f.dim);
    }
}

static void set_rule(DimCtx *cx, int id, const Dim *rule)
{
    Symbol     *s     = symbol_of(cx, id);
    const Range known = symbol_range(cx, known_facts, id);
    record(cx, CHANGE_RULE_ADDED, id, NULL, (Range){0, 0});
    s->rule = rule;
    vec_push(cx->arena, &cx->ruled, id);
    cx->ruled_symbols |= symbol_bit(id);
    update_rules(cx, id);
    update_facts(cx, id);
    if (known.lo > INT64_MIN) facts_add(cx, FACT_NONNEGATIVE, dim_sub(cx, rule, dim_int(cx, known.lo)));
    if (known.hi < INT64_MAX) facts_add(cx, FACT_NONNEGATIVE, dim_sub(cx, dim_int(cx, known.hi), rule));
}

/* ---- Equalities ---- */

/* The newest symbol that stands in one term of `d` only, and there alone, with a coefficient that has an inverse modulo
 * `modulus` (0: that is 1 or -1); NULL if there is none. */
static const Term *solvable_term(const Dim *d, uint64_t modulus)
{
    const Term *best = NULL;
    for (int i = 0; i < d->nterms; i++) {
        const Term    *t    = &d->terms[i];
        const Atom    *a    = lone_atom_of(t);
        const uint64_t size = magnitude(t->coefficient);
        if (!a || a->kind != ATOM_SYMBOL || gcd_u64(size, modulus) != 1) continue;
        if (best && best->factors[0].atom->symbol > a->symbol) continue;
        bool single = true;
        for (int k = 0; k < d->nterms && single; k++) {
            single = k == i || !mono_mentions(mono_of(&d->terms[k]), a->symbol);
        }
        if (single) best = t;
    }
    return best;
}

/* `d == 0` as a rule for the symbol of its term `t`. */
static bool solve_for(DimCtx *cx, const Dim *d, const Term *t)
{
    const Dim *rest = dim_sub(cx, d, dim_make(cx, t, 1));
    const Dim *rule = dim_scale(cx, rest, -t->coefficient);
    if (rule) set_rule(cx, t->factors[0].atom->symbol, rule);
    return rule != NULL;
}

/* w in [0, c) with u*w = 1 modulo c; the two have no common factor. */
static int64_t inverse(int64_t u, int64_t c)
{
    int64_t w = 0, next = 1, r = c, s = u % c;
    while (s) {
        const int64_t q = r / s, w2 = w - q * next, r2 = r - q * s;
        w    = next, r = s;
        next = w2, s = r2;
    }
    return w < 0 ? w + c : w;
}

/* If the term k*(P//c) makes `d` a multiple of P - c*(P//c) - r, with r in [0, c): gives P, c and r. */
static bool is_remainder(DimCtx *cx, const Dim *d, const Term *t, const Dim **p, int64_t *c, int64_t *r)
{
    const Atom *a = lone_atom_of(t);
    if (!a || a->kind != ATOM_FLOORDIV || !dim_is_int(a->b, c)) return false;
    if (t->coefficient != *c && t->coefficient != -*c) return false;
    *p              = a->a;
    const Dim *rest = dim_scale(cx, dim_sub(cx, d, dim_make(cx, t, 1)), t->coefficient == *c ? 1 : -1);
    const Dim *sum  = dim_add(cx, rest, a->a);
    return sum && dim_is_int(sum, r) && *r >= 0 && *r < *c;
}

/* The bounds of q where d = c*q. */
static Range exact_quotient(DimCtx *cx, View v, const Dim *d, int64_t c)
{
    const Range  divisor = {c, c}, none = {INT64_MIN, INT64_MAX};
    const Dim   *up = dim_add_int(cx, d, c - 1);
    if (!up) return none;
    return (Range){range_quotient(range_of(cx, v, up), divisor).lo, range_quotient(range_of(cx, v, d), divisor).hi};
}

/* P % c == r with P = u*n + K says n = c*q + w*(r - K) for a new q, where u*w is 1 modulo c. */
static bool solve_remainder(DimCtx *cx, const Dim *d, const Term *t)
{
    const View positive = {true, true};
    const Dim *p;
    int64_t    c, r;
    if (!is_remainder(cx, d, t, &p, &c, &r)) return false;
    const Term *n = solvable_term(p, (uint64_t)c);
    if (!n) return false;
    const Dim *symbol = symbol_of(cx, n->factors[0].atom->symbol)->dim;
    const Dim *k      = dim_sub(cx, p, dim_make(cx, n, 1));
    const Dim *offset = dim_scale(cx, dim_sub(cx, dim_int(cx, r), k), inverse(n->coefficient, c));
    const Dim *cq     = dim_sub(cx, symbol, offset);
    if (!cq) return false;
    const Range bounds = exact_quotient(cx, known_facts, cq, c);
    const Dim  *q      = dim_hidden_symbol(cx, bounds, exact_quotient(cx, positive, cq, c).lo);
    record(cx, CHANGE_HIDDEN, 0, NULL, (Range){0, 0});
    const Dim *zero = dim_add_scaled(cx, cq, -c, q);
    return zero && solve_for(cx, zero, solvable_term(zero, 0));
}

static void add_zero(DimCtx *cx, const Dim *d)
{
    const Term *t = solvable_term(d, 0);
    if (t && solve_for(cx, d, t)) return;
    for (int i = 0; i < d->nterms; i++) {
        if (solve_remainder(cx, d, &d->terms[i])) return;
    }
    push_fact(cx, FACT_ZERO, d);
}

/* ---- Inequalities ---- */

static void narrow(DimCtx *cx, int id, Range to)
{
    Symbol     *s   = symbol_of(cx, id);
    const Range now = symbol_range(cx, known_facts, id), r = range_intersect(now, to);
    if (r.lo == now.lo && r.hi == now.hi) return;
    record(cx, CHANGE_KNOWN, id, NULL, s->known);
    s->known = r;
    if (r.lo == r.hi) facts_add(cx, FACT_ZERO, dim_add_int(cx, s->dim, -r.lo));
}

/* d >= 0 with a term k*min(...), k > 0, holds for each argument in the place of the min; so does -k*max(...). */
static void add_consequences(DimCtx *cx, const Dim *d)
{
    for (int i = 0; i < d->nterms; i++) {
        const Term *t = &d->terms[i];
        const Dim  *args[MAX_ARGS];
        const Atom *a = lone_atom_of(t);
        if (!a || a->kind != (t->coefficient > 0 ? ATOM_MIN : ATOM_MAX)) continue;
        const Dim *rest = dim_sub(cx, d, dim_make(cx, t, 1));
        const int  n    = dim_arguments(a, args);
        for (int k = 0; k < n; k++) {
            facts_add(cx, FACT_NONNEGATIVE, dim_add_scaled(cx, rest, t->coefficient, args[k]));
        }
    }
}

/* n + c >= 0 and c - n >= 0 are bounds of n. */
static bool add_bound(DimCtx *cx, const Dim *d)
{
    const int64_t c     = dim_constant_term(d);
    const Dim    *plus  = dim_add_int(cx, d, -c);
    const Dim    *minus = plus ? dim_scale(cx, plus, -1) : NULL;
    const Atom   *up    = plus ? dim_lone_atom(plus) : NULL, *down = minus ? dim_lone_atom(minus) : NULL;
    if (up && up->kind == ATOM_SYMBOL) narrow(cx, up->symbol, (Range){-c, INT64_MAX});
    else if (down && down->kind == ATOM_SYMBOL) narrow(cx, down->symbol, (Range){INT64_MIN, c});
    else return false;
    return true;
}

static void add_nonnegative(DimCtx *cx, const Dim *d)
{
    if (add_bound(cx, d) || range_of(cx, known_facts, d).lo >= 0) return;
    push_fact(cx, FACT_NONNEGATIVE, d);
    add_consequences(cx, d);
}

/* ---- Both ---- */

void facts_add(DimCtx *cx, FactKind kind, const Dim *d)
{
    d = facts_rewrite(cx, d);
    if (!d) return;
    const uint64_t g = dim_content(d);
    const int64_t  c = dim_constant_term(d);
    if (g == 0 || g > INT64_MAX || c == INT64_MIN) return;
    if (kind == FACT_ZERO && c % (int64_t)g) return; /* contradictory: nothing to be learnt */
    d = dim_divide_content(cx, d, (int64_t)g);
    if (kind == FACT_ZERO) add_zero(cx, d);
    else add_nonnegative(cx, d);
}

/* A = P//Q with Q >= 0 means Q >= 1, for otherwise A had no value, and Q*A <= P < Q*A + Q. The intervals know that of
 * a quotient by an integer that stands alone. */
static void define(DimCtx *cx, View v, const Term *t, const Atom *a)
{
    int64_t c;
    if (a->kind != ATOM_FLOORDIV || (dim_is_int(a->b, &c) && t->nfactors == 1)) return;
    if (range_of(cx, v, a->b).lo < 0) return;
    const Dim *rest = dim_sub(cx, a->a, dim_mul(cx, a->b, dim_atom(cx, *a)));
    const Dim *gap  = dim_sub(cx, dim_add_int(cx, a->b, -1), rest);
    facts_add(cx, FACT_NONNEGATIVE, dim_add_int(cx, a->b, -1));
    if (rest) push_fact(cx, FACT_NONNEGATIVE, rest);
    if (gap) push_fact(cx, FACT_NONNEGATIVE, gap);
}

void facts_define(DimCtx *cx, View v, const Dim *d)
{
    for (int i = 0; i < d->nterms; i++) {
        for (int k = 0; k < d->terms[i].nfactors; k++) define(cx, v, &d->terms[i], d->terms[i].factors[k].atom);
    }
}

void dim_assume_equal(DimCtx *cx, const Dim *a, const Dim *b)
{
    dim_begin(cx);
    facts_add(cx, FACT_ZERO, dim_sub(cx, a, b));
    dim_end(cx);
}

void dim_assume_less_equal(DimCtx *cx, const Dim *a, const Dim *b)
{
    dim_begin(cx);
    facts_add(cx, FACT_NONNEGATIVE, dim_sub(cx, b, a));
    dim_end(cx);
}
