/* Dimensions as text, the way a user writes them: `4*dim + 1`, `(time - 1)//2`, `min(time, 512)`. */
#include <inttypes.h>

#include "dim_private.h"

/* `shift` is added to the constant term, which must not vanish by it. */
static void print_sum(const DimCtx *cx, StrBuf *b, const Dim *d, int64_t shift);

static void print_parenthesised(const DimCtx *cx, StrBuf *b, const Dim *d, int64_t shift)
{
    sb_putc(b, '(');
    print_sum(cx, b, d, shift);
    sb_putc(b, ')');
}

/* `*` and `//` bind alike and to the left, so a product may stand on the left of `//` as it is. */
static bool is_product(const Dim *d)
{
    return d->nterms == 1 && d->terms[0].coefficient > 0;
}

/* On the right only what binds tighter may: a number, a name, a power, a call. */
static bool is_primary(const Dim *d)
{
    if (!is_product(d)) return false;
    const Term *t = &d->terms[0];
    if (!t->nfactors) return true;
    if (t->coefficient != 1 || t->nfactors != 1) return false;
    return t->factors[0].atom->kind != ATOM_FLOORDIV || t->factors[0].power > 1;
}

static void print_floordiv(const DimCtx *cx, StrBuf *b, const Atom *a, int64_t shift)
{
    if (is_product(a->a)) print_sum(cx, b, a->a, shift);
    else print_parenthesised(cx, b, a->a, shift);
    sb_put(b, "//");
    if (is_primary(a->b)) print_sum(cx, b, a->b, 0);
    else print_parenthesised(cx, b, a->b, 0);
}

static void print_call(const DimCtx *cx, StrBuf *b, const Atom *a)
{
    const Dim *args[MAX_ARGS];
    const int  n = dim_arguments(a, args);
    sb_put(b, a->kind == ATOM_MIN ? "min(" : "max(");
    for (int i = 0; i < n; i++) {
        if (i) sb_put(b, ", ");
        print_sum(cx, b, args[i], 0);
    }
    sb_putc(b, ')');
}

static void print_atom(const DimCtx *cx, StrBuf *b, const Atom *a)
{
    switch (a->kind) {
    case ATOM_SYMBOL: sb_put(b, dim_symbol_name(cx, a->symbol)); break;
    case ATOM_FLOORDIV: print_floordiv(cx, b, a, 0); break;
    case ATOM_MIN:
    case ATOM_MAX: print_call(cx, b, a); break;
    }
}

/* `alone`: a quotient needs no parentheses. */
static void print_factor(const DimCtx *cx, StrBuf *b, Factor f, bool alone)
{
    const bool parentheses = f.atom->kind == ATOM_FLOORDIV && (!alone || f.power > 1);
    if (parentheses) sb_putc(b, '(');
    print_atom(cx, b, f.atom);
    if (parentheses) sb_putc(b, ')');
    if (f.power > 1) sb_printf(b, "**%d", f.power);
}

/* A term without its sign. `negated`: a minus that would bind to the first factor alone stands before it. */
static void print_product(const DimCtx *cx, StrBuf *b, const Term *t, bool negated)
{
    const uint64_t size  = magnitude(t->coefficient);
    const bool     alone = size == 1 && t->nfactors == 1 && !negated;
    if (size != 1) sb_printf(b, "%" PRIu64 "*", size);
    for (int i = 0; i < t->nfactors; i++) {
        if (i) sb_putc(b, '*');
        print_factor(cx, b, t->factors[i], alone);
    }
}

static void print_constant(StrBuf *b, int64_t value)
{
    sb_printf(b, "%" PRIu64, magnitude(value));
}

/* Numerators have no negative constants in normal form: (n - 1)//2 is kept as (n + 1)//2 - 1. The term that takes the
 * constant back, with what its numerator gains; -1 if there is none. */
static int term_to_shift(const Dim *d, int64_t *shift)
{
    const int64_t constant = dim_constant_term(d);
    int64_t       divisor;
    for (int i = 0; i < d->nterms && constant < 0; i++) {
        const Atom *a = d->terms[i].coefficient == 1 ? lone_atom_of(&d->terms[i]) : NULL;
        if (!a || a->kind != ATOM_FLOORDIV || !dim_is_int(a->b, &divisor) || !dim_constant_term(a->a)) continue;
        if (!__builtin_mul_overflow(constant, divisor, shift)) return i;
    }
    return -1;
}

static void print_sum(const DimCtx *cx, StrBuf *b, const Dim *d, int64_t shift)
{
    int64_t   numerator_shift = 0;
    const int shifted         = shift ? -1 : term_to_shift(d, &numerator_shift);
    const int n               = shifted < 0 ? d->nterms : d->nterms - 1;
    if (!d->nterms) sb_putc(b, '0');
    for (int i = 0; i < n; i++) {
        const Term   *t        = &d->terms[i];
        const int64_t c        = t->nfactors ? t->coefficient : t->coefficient + shift;
        const bool    negative = c < 0;
        if (i) sb_put(b, negative ? " - " : " + ");
        else if (negative) sb_putc(b, '-');
        if (i == shifted) print_floordiv(cx, b, t->factors[0].atom, numerator_shift);
        else if (t->nfactors) print_product(cx, b, t, i == 0 && negative);
        else print_constant(b, c);
    }
}

void dim_print(const DimCtx *cx, StrBuf *b, const Dim *d)
{
    print_sum(cx, b, d, 0);
}

const char *dim_text(const DimCtx *cx, Arena *a, const Dim *d)
{
    StrBuf b = {a, NULL, 0, 0};
    dim_print(cx, &b, d);
    return sb_text(&b);
}
