/* What the files behind dim.h share. Nothing else includes this.
 *
 *     dim.c             the context, hash-consing, sums and products
 *     dim_quotient.c    floor division, min and max: where the normal form is more than collecting terms
 *     dim_walk.c        evaluation, substitution, solving, symbols
 *     dim_range.c       intervals
 *     dim_residue.c     proof by residue classes
 *     dim_generalise.c  proof by forgetting what quotients and products consist of
 *     dim_facts.c       what run-time checks have established
 *     dim_prove.c       the decision procedures
 *     dim_print.c       text */
#ifndef MDLC_DIM_PRIVATE_H
#define MDLC_DIM_PRIVATE_H

#include <stddef.h>

#include "../base/vec.h"
#include "dim.h"

enum {
    MAX_WEIGHT = 2000,  /* terms of a dimension, with those inside its atoms: bounds every recursion too */
    MAX_DEGREE = 63,    /* n**64 overflows for every n but 0 and 1 */
    FUEL       = 60000, /* work of one decision, in terms visited */
};

/* A product of atom powers, hash-consed: a Term's `factors` point into one, so equal products are equal pointers. */
typedef struct Mono {
    uint32_t hash;
    int      degree;
    int      weight;
    uint64_t symbols; /* bit `id % 64` for each symbol inside: a quick "not in there" */
    int      nfactors;
    Factor   factors[];
} Mono;

typedef struct AtomNode {
    Atom     atom; /* first: every Atom is one of these */
    uint32_t hash;
    int      weight;
    uint64_t symbols;
} AtomNode;

typedef struct DimNode {
    Dim      dim; /* first: every Dim is one of these */
    int      weight;
    uint64_t symbols;
} DimNode;

/* INT64_MIN and INT64_MAX stand for the infinities. */
typedef struct Range {
    int64_t lo, hi;
} Range;

typedef struct Symbol {
    const char *name;
    const Dim  *dim;
    Range       bounds;   /* as declared */
    Range       known;    /* what facts add to that */
    int64_t     positive; /* the lower bound when all sizes are at least 1 */
    const Dim  *rule;     /* what an equality puts in its place, or NULL; free of symbols that have a rule */
} Symbol;

typedef enum FactKind { FACT_ZERO, FACT_NONNEGATIVE } FactKind;

typedef struct Fact {
    FactKind   kind;
    const Dim *dim; /* NULL: superseded */
} Fact;

/* One change to what is known, with what it replaced. */
typedef enum ChangeKind {
    CHANGE_FACT_ADDED,
    CHANGE_FACT,
    CHANGE_RULE_ADDED,
    CHANGE_RULE,
    CHANGE_KNOWN,
    CHANGE_HIDDEN,
} ChangeKind;

typedef struct Change {
    ChangeKind kind;
    int        index; /* of the fact or the symbol */
    const Dim *dim;
    Range      known;
} Change;

typedef struct Table {
    struct Slot *slots;
    size_t       count, size;
} Table;

enum { SMALL_MIN = -64, SMALL_MAX = 4096, NCACHED = 1024 };

typedef struct Verdict {
    const Dim *a, *b;
    uint32_t   epoch;
    bool       order; /* a <= b, not a == b */
    Truth      truth;
} Verdict;

struct DimCtx {
    Arena      *arena;
    Table       atoms, monos, dims;
    uint32_t    ndims;
    const Mono *one;
    const Dim  *small[SMALL_MAX - SMALL_MIN + 1];

    Term    *scratch; /* terms of the sum being made; no constructor calls another while it uses them */
    size_t   nscratch;
    int64_t *values; /* of symbols, for the evaluation at hand */
    size_t   nvalues;

    VEC(Symbol) symbols;
    VEC(Symbol) hidden; /* ids -1, -2, ...: quotients that facts introduce, never seen outside */
    VEC(Fact) facts;
    VEC(int) ruled; /* the symbols that have a rule */
    VEC(Change) trail;
    uint64_t ruled_symbols; /* their bits, perhaps with those of some that lost theirs */

    uint32_t epoch; /* advances with everything that may change a verdict */
    long     fuel;
    int      depth; /* of decisions within decisions, which share the fuel */
    Verdict  verdicts[NCACHED];
};

/* What may be taken for granted about the symbols. The constructors see the declared bounds only, so that a normal
 * form does not depend on checks. */
typedef struct View {
    bool facts;
    bool positive; /* every size is at least 1 */
} View;

typedef enum Goal { ZERO, NONZERO, NONNEGATIVE } Goal;

static inline const Mono *mono_of(const Term *t)
{
    return (const Mono *)(const void *)((const char *)t->factors - offsetof(Mono, factors));
}

/* The atom that is all of the term but its coefficient, or NULL. */
static inline const Atom *lone_atom_of(const Term *t)
{
    return t->nfactors == 1 && t->factors[0].power == 1 ? t->factors[0].atom : NULL;
}

static inline uint64_t dim_symbols(const Dim *d)
{
    return ((const DimNode *)d)->symbols;
}

static inline int dim_weight(const Dim *d)
{
    return ((const DimNode *)d)->weight;
}

static inline uint64_t atom_symbols(const Atom *a)
{
    return ((const AtomNode *)a)->symbols;
}

static inline uint64_t symbol_bit(int id)
{
    return (uint64_t)1 << ((unsigned)id & 63);
}

static inline Symbol *symbol_of(const DimCtx *cx, int id)
{
    return id < 0 ? &cx->hidden.at[~id] : &cx->symbols.at[id];
}

/* |x|, also of INT64_MIN. */
static inline uint64_t magnitude(int64_t x)
{
    return x < 0 ? -(uint64_t)x : (uint64_t)x;
}

static inline int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}

/* dim.c */
const Dim *dim_make(DimCtx *cx, const Term *terms, int n);
Term      *dim_scratch(DimCtx *cx, int n);
int64_t    *dim_value_buffer(DimCtx *cx, int n);
const Mono *mono_make(DimCtx *cx, const Factor *factors, int n);
/* a + k*b. */
const Dim *dim_add_scaled(DimCtx *cx, const Dim *a, int64_t k, const Dim *b);
const Dim *dim_scale(DimCtx *cx, const Dim *d, int64_t k);
const Dim *dim_add_int(DimCtx *cx, const Dim *d, int64_t k);
const Dim *dim_times_term(DimCtx *cx, const Dim *d, Term t);
/* The atom as a dimension, made if it is new; NULL beyond the limits. */
const Dim *dim_atom(DimCtx *cx, Atom atom);
const Dim *dim_hidden_symbol(DimCtx *cx, Range bounds, int64_t positive);
int        dim_compare(const Dim *a, const Dim *b);
/* The lone atom that `d` consists of, or NULL. */
const Atom *dim_lone_atom(const Dim *d);
/* The greatest common divisor of the coefficients of the terms that are not constant; 0 if there are none. */
uint64_t dim_content(const Dim *d);
int64_t  dim_constant_term(const Dim *d);
uint64_t gcd_u64(uint64_t a, uint64_t b);
/* a / b as products; false if b does not divide a. */
bool mono_quotient(DimCtx *cx, const Mono *a, const Mono *b, const Mono **quotient);

/* dim_quotient.c */
enum { MAX_ARGS = 16 }; /* of one min or max */
/* a = quotient*b + remainder, with the multiples of b's leading term taken out; b == 0 makes both operands NULL. */
void dim_divide(DimCtx *cx, const Dim *a, const Dim *b, const Dim **quotient, const Dim **remainder);
/* g*X + r with floor(r/g) in the place of r/g; g divides all other coefficients. */
const Dim *dim_divide_content(DimCtx *cx, const Dim *d, int64_t g);
/* The arguments of nested mins (or maxes) as one list of 2 to MAX_ARGS; the last may hold what is beyond. */
int dim_arguments(const Atom *a, const Dim **args);

/* dim_walk.c */
/* What stands in the place of an atom; NULL: look inside it. */
typedef const Dim *Rewrite(DimCtx *cx, const Atom *atom, const void *user);
/* Rebuilds the parts of `d` that mention one of `symbols`. */
const Dim *dim_rewrite(DimCtx *cx, const Dim *d, uint64_t symbols, Rewrite *rewrite, const void *user);
/* The smallest symbol in `d` after `id`; INT_MAX if there is none. */
int  dim_next_symbol(const Dim *d, int id);
bool dim_mentions(const Dim *d, int id);
bool mono_mentions(const Mono *m, int id);

/* dim_range.c */
Range symbol_range(const DimCtx *cx, View v, int id);
Range range_intersect(Range a, Range b);
Range range_of(DimCtx *cx, View v, const Dim *d);
Range range_quotient(Range a, Range b);
bool  prove_by_range(DimCtx *cx, View v, Goal goal, const Dim *d);

/* dim_residue.c */
bool prove_by_residues(DimCtx *cx, View v, Goal goal, const Dim *d);

/* dim_generalise.c */
bool prove_by_generalising(DimCtx *cx, View v, Goal goal, const Dim *d);

/* dim_facts.c */
/* `d` with the equalities applied; NULL on overflow. */
const Dim *facts_rewrite(DimCtx *cx, const Dim *d);
/* Takes d == 0 or d >= 0 for granted, until the trail is dropped. */
void facts_add(DimCtx *cx, FactKind kind, const Dim *d);
/* Takes for granted, until the trail is dropped, what the quotients in `d` are by definition. */
void facts_define(DimCtx *cx, View v, const Dim *d);

/* dim_prove.c */
/* A public operation that may need proofs stands between these two. */
void dim_begin(DimCtx *cx);
void dim_end(DimCtx *cx);
/* False once the decision at hand has used up its fuel. */
bool dim_spend(DimCtx *cx, long work);
/* Is a <= b for all sizes within the declared bounds? The cheap proofs only: for the constructors. */
bool dim_surely_at_most(DimCtx *cx, const Dim *a, const Dim *b);

#endif
