/* The normal form: hash-consed sums of terms, and the two operations that keep it by collecting terms alone.
 *
 * Three tables make three kinds of node unique: atoms, products of atom powers, sums. Terms are in graded
 * lexicographic order, which multiplication by a term preserves; so a sum is one merge, and the leading terms of two
 * polynomials multiply. Atoms are ordered by their structure, never by their address or age: the text of a dimension
 * does not depend on what else was computed. */
#include <string.h>

#include "dim_private.h"

typedef struct Slot {
    void    *node;
    uint32_t hash;
} Slot;

/* ---- Tables ---- */

typedef bool Same(const void *node, const void *key);

static void *table_find(const Table *t, uint32_t hash, const void *key, Same *same)
{
    if (!t->size) return NULL;
    for (size_t i = hash & (t->size - 1);; i = (i + 1) & (t->size - 1)) {
        const Slot *s = &t->slots[i];
        if (!s->node) return NULL;
        if (s->hash == hash && same(s->node, key)) return s->node;
    }
}

static void table_put(Table *t, Slot s)
{
    size_t i = s.hash & (t->size - 1);
    while (t->slots[i].node) i = (i + 1) & (t->size - 1);
    t->slots[i] = s;
}

static void table_add(Arena *arena, Table *t, uint32_t hash, void *node)
{
    if (2 * ++t->count > t->size) {
        const Table old = *t;
        t->size         = old.size ? 2 * old.size : 64;
        t->slots        = arena_array(arena, Slot, t->size);
        for (size_t i = 0; i < old.size; i++) {
            if (old.slots[i].node) table_put(t, old.slots[i]);
        }
    }
    table_put(t, (Slot){node, hash});
}

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * UINT64_C(0x9E3779B97F4A7C15);
    return h ^ h >> 32;
}

/* ---- Order ---- */

static int compare_ints(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Symbols first, in the order of their creation; hidden ones, whose ids are negative, after all others. */
static int atom_compare(const Atom *a, const Atom *b)
{
    if (a == b) return 0;
    if (a->kind != b->kind) return compare_ints(a->kind, b->kind);
    if (a->kind == ATOM_SYMBOL) return compare_ints((unsigned)a->symbol, (unsigned)b->symbol);
    const int first = dim_compare(a->a, b->a);
    return first ? first : dim_compare(a->b, b->b);
}

/* Negative if `a` stands before `b`: the higher degree first, then the higher power of the first atom. */
static int mono_compare(const Mono *a, const Mono *b)
{
    if (a == b) return 0;
    if (a->degree != b->degree) return compare_ints(b->degree, a->degree);
    for (int i = 0;; i++) { /* ends: two different products of one degree differ in a common place */
        const int order = atom_compare(a->factors[i].atom, b->factors[i].atom);
        if (order) return order;
        if (a->factors[i].power != b->factors[i].power) return b->factors[i].power - a->factors[i].power;
    }
}

int dim_compare(const Dim *a, const Dim *b)
{
    if (a == b) return 0;
    for (int i = 0; i < a->nterms && i < b->nterms; i++) {
        const int order = mono_compare(mono_of(&a->terms[i]), mono_of(&b->terms[i]));
        if (order) return order;
        if (a->terms[i].coefficient != b->terms[i].coefficient) {
            return compare_ints(a->terms[i].coefficient, b->terms[i].coefficient);
        }
    }
    return compare_ints(b->nterms, a->nterms);
}

/* ---- Atoms, products, sums: each made once ---- */

static bool same_atom(const void *node, const void *key)
{
    const Atom *a = node, *b = key;
    return a->kind == b->kind && a->symbol == b->symbol && a->a == b->a && a->b == b->b;
}

static const Atom *atom_make(DimCtx *cx, Atom atom)
{
    const bool inner = atom.kind != ATOM_SYMBOL;
    uint64_t   h     = mix(atom.kind, (uint64_t)atom.symbol);
    if (inner) h = mix(mix(h, atom.a->id), atom.b->id);
    AtomNode *n = table_find(&cx->atoms, (uint32_t)h, &atom, same_atom);
    if (!n) {
        n          = arena_new(cx->arena, AtomNode);
        n->atom    = atom;
        n->hash    = (uint32_t)h;
        n->weight  = inner ? 1 + dim_weight(atom.a) + dim_weight(atom.b) : 0;
        n->symbols = inner ? dim_symbols(atom.a) | dim_symbols(atom.b) : symbol_bit(atom.symbol);
        table_add(cx->arena, &cx->atoms, (uint32_t)h, n);
    }
    return &n->atom;
}

typedef struct MonoKey {
    const Factor *factors;
    int           n;
} MonoKey;

static bool same_mono(const void *node, const void *key)
{
    const Mono    *m = node;
    const MonoKey *k = key;
    if (m->nfactors != k->n) return false;
    for (int i = 0; i < k->n; i++) {
        if (m->factors[i].atom != k->factors[i].atom || m->factors[i].power != k->factors[i].power) return false;
    }
    return true;
}

/* The factors in order, each atom once, powers positive. */
const Mono *mono_make(DimCtx *cx, const Factor *factors, int n)
{
    uint64_t h = (uint64_t)n;
    for (int i = 0; i < n; i++) h = mix(h, ((const AtomNode *)factors[i].atom)->hash + (uint64_t)factors[i].power);
    Mono *m = table_find(&cx->monos, (uint32_t)h, &(MonoKey){factors, n}, same_mono);
    if (m) return m;
    m           = arena_alloc(cx->arena, sizeof *m + (size_t)n * sizeof *factors);
    m->hash     = (uint32_t)h;
    m->nfactors = n;
    m->weight   = 1;
    for (int i = 0; i < n; i++) {
        m->factors[i] = factors[i];
        m->degree += factors[i].power;
        m->weight += ((const AtomNode *)factors[i].atom)->weight;
        m->symbols |= atom_symbols(factors[i].atom);
    }
    table_add(cx->arena, &cx->monos, (uint32_t)h, m);
    return m;
}

static const Mono *mono_product(DimCtx *cx, const Mono *a, const Mono *b)
{
    if (a == cx->one) return b;
    if (b == cx->one) return a;
    if (a->degree + b->degree > MAX_DEGREE) return NULL;
    Factor out[MAX_DEGREE];
    int    n = 0;
    for (int i = 0, j = 0; i < a->nfactors || j < b->nfactors; n++) {
        const int order = i == a->nfactors   ? 1
                          : j == b->nfactors ? -1
                                             : atom_compare(a->factors[i].atom, b->factors[j].atom);
        out[n]          = order <= 0 ? a->factors[i++] : b->factors[j++];
        if (order == 0) out[n].power += b->factors[j++].power;
    }
    return mono_make(cx, out, n);
}

bool mono_quotient(DimCtx *cx, const Mono *a, const Mono *b, const Mono **quotient)
{
    Factor out[MAX_DEGREE];
    int    n = 0, j = 0;
    for (int i = 0; i < a->nfactors; i++) {
        Factor f = a->factors[i];
        if (j < b->nfactors && b->factors[j].atom == f.atom) f.power -= b->factors[j++].power;
        if (f.power < 0) return false;
        if (f.power > 0) out[n++] = f;
    }
    if (j < b->nfactors) return false;
    *quotient = mono_make(cx, out, n);
    return true;
}

static bool same_dim(const void *node, const void *key)
{
    const Dim *a = node, *b = key;
    if (a->nterms != b->nterms) return false;
    for (int i = 0; i < a->nterms; i++) {
        if (a->terms[i].coefficient != b->terms[i].coefficient || a->terms[i].factors != b->terms[i].factors) {
            return false;
        }
    }
    return true;
}

static DimNode *node_create(DimCtx *cx, const Term *terms, int n)
{
    DimNode *d    = arena_new(cx->arena, DimNode);
    Term    *copy = arena_array(cx->arena, Term, (size_t)n);
    for (int i = 0; i < n; i++) {
        copy[i] = terms[i];
        d->weight += mono_of(&terms[i])->weight;
        d->symbols |= mono_of(&terms[i])->symbols;
    }
    d->dim.terms  = copy;
    d->dim.nterms = n;
    return d;
}

/* The terms in order, each product once, no coefficient 0. NULL beyond the weight limit. */
const Dim *dim_make(DimCtx *cx, const Term *terms, int n)
{
    uint64_t h      = (uint64_t)n;
    int      weight = 0;
    for (int i = 0; i < n; i++) {
        h = mix(mix(h, (uint64_t)terms[i].coefficient), mono_of(&terms[i])->hash);
        weight += mono_of(&terms[i])->weight;
        if (weight > MAX_WEIGHT) return NULL;
    }
    const Dim key = {.terms = terms, .nterms = n};
    DimNode  *d   = table_find(&cx->dims, (uint32_t)h, &key, same_dim);
    if (!d) {
        d           = node_create(cx, terms, n);
        d->dim.hash = (uint32_t)h;
        d->dim.id   = cx->ndims++;
        table_add(cx->arena, &cx->dims, (uint32_t)h, d);
    }
    return &d->dim;
}

Term *dim_scratch(DimCtx *cx, int n)
{
    if ((size_t)n > cx->nscratch) {
        cx->nscratch = 2 * (size_t)n;
        cx->scratch  = arena_array(cx->arena, Term, cx->nscratch);
    }
    return cx->scratch;
}

int64_t *dim_value_buffer(DimCtx *cx, int n)
{
    if ((size_t)n > cx->nvalues) {
        cx->nvalues = 2 * (size_t)n;
        cx->values  = arena_array(cx->arena, int64_t, cx->nvalues);
    }
    return cx->values;
}

/* ---- Leaves ---- */

DimCtx *dims_create(Arena *a)
{
    DimCtx *cx = arena_new(a, DimCtx);
    cx->arena  = a;
    cx->one    = mono_make(cx, NULL, 0);
    cx->epoch  = 1; /* 0 marks the empty entries of `verdicts` */
    dim_scratch(cx, 32);
    return cx;
}

static const Dim *make_int(DimCtx *cx, int64_t value)
{
    return dim_make(cx, &(Term){value, cx->one->factors, 0}, value != 0);
}

const Dim *dim_int(DimCtx *cx, int64_t value)
{
    if (value < SMALL_MIN || value > SMALL_MAX) return make_int(cx, value);
    const Dim **slot = &cx->small[value - SMALL_MIN];
    return *slot ? *slot : (*slot = make_int(cx, value));
}

const Dim *dim_atom(DimCtx *cx, Atom atom)
{
    const Mono *m = mono_make(cx, &(Factor){atom_make(cx, atom), 1}, 1);
    return dim_make(cx, &(Term){1, m->factors, m->nfactors}, 1);
}

const Dim *dim_symbol(DimCtx *cx, const char *name)
{
    const Dim  *d     = dim_atom(cx, (Atom){ATOM_SYMBOL, (int)cx->symbols.len, NULL, NULL});
    const Range sizes = {0, INT64_MAX}, anything = {INT64_MIN, INT64_MAX};
    const char *copy  = arena_copy(cx->arena, name, strlen(name));
    vec_push(cx->arena, &cx->symbols, (Symbol){copy, d, sizes, anything, 1, NULL});
    return d;
}

const Dim *dim_hidden_symbol(DimCtx *cx, Range bounds, int64_t positive)
{
    const Dim  *d        = dim_atom(cx, (Atom){ATOM_SYMBOL, ~(int)cx->hidden.len, NULL, NULL});
    const Range anything = {INT64_MIN, INT64_MAX};
    vec_push(cx->arena, &cx->hidden, (Symbol){"?", d, bounds, anything, positive, NULL});
    return d;
}

/* ---- Looking at a sum ---- */

bool dim_is_int(const Dim *d, int64_t *value)
{
    if (d->nterms > 1 || (d->nterms == 1 && d->terms[0].nfactors)) return false;
    *value = d->nterms ? d->terms[0].coefficient : 0;
    return true;
}

const Atom *dim_lone_atom(const Dim *d)
{
    return d->nterms == 1 && d->terms[0].coefficient == 1 ? lone_atom_of(&d->terms[0]) : NULL;
}

int dim_symbol_id(const Dim *d)
{
    const Atom *a = dim_lone_atom(d);
    return a && a->kind == ATOM_SYMBOL ? a->symbol : -1;
}

const char *dim_symbol_name(const DimCtx *cx, int id)
{
    return symbol_of(cx, id)->name;
}

int dim_symbol_count(const DimCtx *cx)
{
    return (int)cx->symbols.len;
}

uint64_t gcd_u64(uint64_t a, uint64_t b)
{
    while (b) {
        const uint64_t r = a % b;
        a                = b;
        b                = r;
    }
    return a;
}

uint64_t dim_content(const Dim *d)
{
    uint64_t g = 0;
    for (int i = 0; i < d->nterms; i++) {
        const int64_t c = d->terms[i].coefficient;
        if (d->terms[i].nfactors) g = gcd_u64(g, magnitude(c));
    }
    return g;
}

int64_t dim_constant_term(const Dim *d)
{
    const Term *last = d->nterms ? &d->terms[d->nterms - 1] : NULL;
    return last && !last->nfactors ? last->coefficient : 0;
}

/* ---- Sums and products ---- */

const Dim *dim_add_scaled(DimCtx *cx, const Dim *a, int64_t k, const Dim *b)
{
    if (!a || !b) return NULL;
    Term *out = dim_scratch(cx, a->nterms + b->nterms);
    int   n   = 0;
    for (int i = 0, j = 0; i < a->nterms || j < b->nterms;) {
        const int order = i == a->nterms   ? 1
                          : j == b->nterms ? -1
                                           : mono_compare(mono_of(&a->terms[i]), mono_of(&b->terms[j]));
        Term      t     = order <= 0 ? a->terms[i++] : b->terms[j];
        if (order >= 0) {
            int64_t c;
            if (order > 0) t.coefficient = 0;
            if (__builtin_mul_overflow(k, b->terms[j++].coefficient, &c)) return NULL;
            if (__builtin_add_overflow(t.coefficient, c, &t.coefficient)) return NULL;
        }
        if (t.coefficient) out[n++] = t;
    }
    return dim_make(cx, out, n);
}

const Dim *dim_add(DimCtx *cx, const Dim *a, const Dim *b)
{
    int64_t x, y, sum;
    if (!a || !b) return NULL;
    if (!dim_is_int(a, &x) || !dim_is_int(b, &y)) return dim_add_scaled(cx, a, 1, b);
    return __builtin_add_overflow(x, y, &sum) ? NULL : dim_int(cx, sum);
}

const Dim *dim_sub(DimCtx *cx, const Dim *a, const Dim *b)
{
    int64_t x, y, difference;
    if (!a || !b) return NULL;
    if (!dim_is_int(a, &x) || !dim_is_int(b, &y)) return dim_add_scaled(cx, a, -1, b);
    return __builtin_sub_overflow(x, y, &difference) ? NULL : dim_int(cx, difference);
}

const Dim *dim_scale(DimCtx *cx, const Dim *d, int64_t k)
{
    return dim_add_scaled(cx, dim_int(cx, 0), k, d);
}

const Dim *dim_add_int(DimCtx *cx, const Dim *d, int64_t k)
{
    return dim_add(cx, d, dim_int(cx, k));
}

const Dim *dim_times_term(DimCtx *cx, const Dim *d, Term t)
{
    if (!d || !t.coefficient) return d ? dim_int(cx, 0) : NULL;
    Term *out = dim_scratch(cx, d->nterms);
    for (int i = 0; i < d->nterms; i++) {
        const Mono *m = mono_product(cx, mono_of(&d->terms[i]), mono_of(&t));
        if (!m || __builtin_mul_overflow(d->terms[i].coefficient, t.coefficient, &out[i].coefficient)) return NULL;
        out[i].factors  = m->factors;
        out[i].nfactors = m->nfactors;
    }
    return dim_make(cx, out, d->nterms);
}

const Dim *dim_mul(DimCtx *cx, const Dim *a, const Dim *b)
{
    int64_t x, y, product;
    if (!a || !b) return NULL;
    if (dim_is_int(a, &x) && dim_is_int(b, &y)) {
        return __builtin_mul_overflow(x, y, &product) ? NULL : dim_int(cx, product);
    }
    if (a->nterms > b->nterms) return dim_mul(cx, b, a);
    if ((long)a->nterms * b->nterms > MAX_WEIGHT) return NULL;
    if (a->nterms == 1) return dim_times_term(cx, b, a->terms[0]);
    const Dim *sum = dim_int(cx, 0);
    for (int i = 0; i < a->nterms; i++) sum = dim_add(cx, sum, dim_times_term(cx, b, a->terms[i]));
    return sum;
}
