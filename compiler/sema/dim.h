/* Dimensions: integer polynomials over symbols, floor divisions, `min` and `max`, in a normal form.
 *
 * A Dim is immutable and hash-consed: two equal normal forms are one pointer. The normal form: a sum of terms
 * coefficient * product of atom powers, sorted; an atom is a symbol, `P // Q`, `min(P, Q)` or `max(P, Q)`.
 * `P % Q` is `P - Q*(P//Q)`. `(c*Q + R)//c = Q + R//c` with the coefficients of R in [0, c); common factors are divided
 * out; `((P//a) + k)//b = (P + a*k)//(a*b)`. Division rounds towards minus infinity. Coefficients are 64-bit; an
 * overflow yields NULL from every constructor (and NULL operands yield NULL), which the caller reports.
 *
 * A symbol is an integer >= its lower bound (default 0; see dim_bound) that is known when the program runs. */
#ifndef MDLC_DIM_H
#define MDLC_DIM_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/arena.h"
#include "../base/str.h"

typedef struct Dim    Dim;
typedef struct DimCtx DimCtx;

DimCtx *dims_create(Arena *a);

const Dim *dim_int(DimCtx *cx, int64_t value);
/* A new symbol, distinct from all others; `name` is for printing. Symbols have increasing ids from 0. */
const Dim *dim_symbol(DimCtx *cx, const char *name);
const Dim *dim_add(DimCtx *cx, const Dim *a, const Dim *b);
const Dim *dim_sub(DimCtx *cx, const Dim *a, const Dim *b);
const Dim *dim_mul(DimCtx *cx, const Dim *a, const Dim *b);
/* The divisor must not be the constant 0 (NULL then). */
const Dim *dim_floordiv(DimCtx *cx, const Dim *a, const Dim *b);
const Dim *dim_mod(DimCtx *cx, const Dim *a, const Dim *b);
const Dim *dim_min(DimCtx *cx, const Dim *a, const Dim *b);
const Dim *dim_max(DimCtx *cx, const Dim *a, const Dim *b);

bool dim_is_int(const Dim *d, int64_t *value);
/* A lone symbol with coefficient 1: its id, else -1. */
int         dim_symbol_id(const Dim *d);
const char *dim_symbol_name(const DimCtx *cx, int id);
int         dim_symbol_count(const DimCtx *cx);
/* Calls `visit` once for each distinct symbol in `d`, in increasing order of id. */
void dim_each_symbol(const Dim *d, void (*visit)(int id, void *user), void *user);

/* Bounds of a symbol, inclusive; lo defaults to 0 and hi to INT64_MAX. */
void dim_bound(DimCtx *cx, int symbol, int64_t lo, int64_t hi);
void dim_bounds(const DimCtx *cx, int symbol, int64_t *lo, int64_t *hi);
/* Interval arithmetic: what can be said of the value of `d` (INT64_MIN / INT64_MAX: unbounded), where it has one (no
 * division by zero). By the declared bounds alone: it holds even where the checks behind the facts have not run yet. */
void dim_range(const DimCtx *cx, const Dim *d, int64_t *lo, int64_t *hi);

typedef enum Truth { NO, YES, UNKNOWN } Truth;

/* Are the two equal for all sizes within bounds (YES), unequal for all sizes >= 1 within bounds (NO), or neither is
 * known? Sizes that make a divisor zero are left aside. Uses the normal form, ranges, residues where all divisors are
 * constants, and the facts. */
Truth dim_equal(DimCtx *cx, const Dim *a, const Dim *b);
Truth dim_less_equal(DimCtx *cx, const Dim *a, const Dim *b);

/* Facts: after a run-time check `a == b` (or `a <= b`) has been emitted, it holds for the rest of the call. Facts form a
 * stack: take a mark, drop back to it. */
void   dim_assume_equal(DimCtx *cx, const Dim *a, const Dim *b);
void   dim_assume_less_equal(DimCtx *cx, const Dim *a, const Dim *b);
size_t dim_facts_mark(const DimCtx *cx);
void   dim_facts_drop(DimCtx *cx, size_t mark);

/* Replaces symbol `i` by with[i] (NULL entry: kept; ids >= count: kept). */
const Dim *dim_substitute(DimCtx *cx, const Dim *d, const Dim *const *with, int count);
/* Solves `pattern == value` for the one symbol `unknown` that occurs linearly in `pattern` as a*n + b: the quotient,
 * or NULL if `pattern` has another form. `*exact` tells whether divisibility is proved (YES), refuted (NO), unknown. */
const Dim *dim_solve(DimCtx *cx, const Dim *pattern, int unknown, const Dim *value, Truth *exact);

/* The value for given symbol values; false on overflow or division by zero. */
bool dim_eval(const Dim *d, const int64_t *values, int count, int64_t *result);
/* The same with values for the symbols with first <= id < first + count. */
bool dim_eval_from(const Dim *d, const int64_t *values, int first, int count, int64_t *result);

/* As a user writes it: `4*dim + 1`, `(time - 1)//2`, `min(time, 512)`. Deterministic. */
void        dim_print(const DimCtx *cx, StrBuf *b, const Dim *d);
const char *dim_text(const DimCtx *cx, Arena *a, const Dim *d);

/* The structure, for code generation: the sum of terms; each term a coefficient and factors. */
typedef enum AtomKind { ATOM_SYMBOL, ATOM_FLOORDIV, ATOM_MIN, ATOM_MAX } AtomKind;
typedef struct Atom {
    AtomKind   kind;
    int        symbol; /* ATOM_SYMBOL */
    const Dim *a, *b;  /* the others */
} Atom;
typedef struct Factor {
    const Atom *atom;
    int         power;
} Factor;
typedef struct Term {
    int64_t       coefficient;
    const Factor *factors;
    int           nfactors;
} Term;
struct Dim {
    const Term *terms; /* none: zero */
    int         nterms;
    uint32_t    hash;
    uint32_t    id; /* order of creation; deterministic for one input */
};

#endif
