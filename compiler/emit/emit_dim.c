/* Dimensions as C expressions over int64_t. */
#include "emitter.h"

/* Are division in C (towards zero) and floor division the same for these two? */
static bool divides_plainly(const SymbolNames *s, const Dim *a, const Dim *b)
{
    int64_t lo, hi;
    dim_range(s->dims, a, &lo, &hi);
    if (lo < 0) return false;
    dim_range(s->dims, b, &lo, &hi);
    return lo > 0;
}

static void put_atom(const SymbolNames *s, StrBuf *b, const Atom *atom, bool alone)
{
    switch (atom->kind) {
    case ATOM_SYMBOL:
        if (s->used) s->used[atom->symbol] = true;
        sb_put(b, s->names[atom->symbol]);
        return;
    case ATOM_FLOORDIV:
        if (divides_plainly(s, atom->a, atom->b)) {
            sb_printf(b, alone ? "%s / " : "(%s / ", c_dim(s, atom->a, true));
            const char *divisor = c_dim(s, atom->b, true);
            bool product = atom->b->nterms == 1 && atom->b->terms[0].nfactors > 0 && divisor[0] != '(' &&
                           (atom->b->terms[0].nfactors > 1 || atom->b->terms[0].coefficient != 1 || atom->b->terms[0].factors[0].power > 1);
            sb_printf(b, product ? "(%s)" : "%s", divisor);
            if (!alone) sb_putc(b, ')');
            return;
        }
        sb_printf(b, "mdl_dim_div(%s, ", c_dim(s, atom->a, false));
        sb_printf(b, "%s)", c_dim(s, atom->b, false));
        return;
    case ATOM_MIN:
    case ATOM_MAX:
        sb_printf(b, "%s(%s, ", atom->kind == ATOM_MIN ? "mdl_dim_min" : "mdl_dim_max", c_dim(s, atom->a, false));
        sb_printf(b, "%s)", c_dim(s, atom->b, false));
        return;
    }
}

/* The term without its sign. */
static void put_term(const SymbolNames *s, StrBuf *b, const Term *t, bool alone)
{
    bool first = true;
    if (t->nfactors == 0 || (t->coefficient != 1 && t->coefficient != -1)) {
        int64_t c = t->coefficient;
        sb_put(b, c_integer(b->arena, c < 0 && c != INT64_MIN ? -c : c));
        first = false;
    }
    bool lone = alone && first && t->nfactors == 1 && t->factors[0].power == 1;
    for (int k = 0; k < t->nfactors; k++) {
        for (int i = 0; i < t->factors[k].power; i++) {
            if (!first) sb_put(b, " * ");
            put_atom(s, b, t->factors[k].atom, lone);
            first = false;
        }
    }
}

/* Positive terms first, as one would write it: `time - 1`. */
const char *c_dim(const SymbolNames *s, const Dim *d, bool tight)
{
    int64_t value;
    if (dim_is_int(d, &value)) return c_integer(s->arena, value);
    StrBuf b = {.arena = s->arena};
    bool   open = tight && (d->nterms > 1 || d->terms[0].coefficient < 0);
    bool   alone = d->nterms == 1 && !tight;
    if (open) sb_putc(&b, '(');
    int written = 0;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < d->nterms; i++) {
            bool negative = d->terms[i].coefficient < 0;
            if (negative != (round == 1)) continue;
            if (written++ > 0) sb_put(&b, negative ? " - " : " + ");
            else if (negative) sb_putc(&b, '-');
            put_term(s, &b, &d->terms[i], alone && !negative);
        }
    }
    if (open) sb_putc(&b, ')');
    return sb_text(&b);
}
