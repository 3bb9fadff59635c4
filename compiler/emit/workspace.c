/* The largest workspace that a call can need, where all sizes are bounded: the same sums that `<function>_plan` makes when
 * the program runs, made here with the upper bound of every slot. */
#include "../ir/plan.h"
#include "emitter.h"

enum { ALIGNMENT = 64 }; /* of a slot, as mdl_bytes rounds */

/* A function for given sizes of its symbols, and the answer. */
typedef struct Asked {
    const CFunction  *fn;
    const Dim *const *with;
    uint64_t          bytes;
} Asked;

typedef struct Search {
    Emitter *e;
    VEC(Asked) asked; /* so that what is called often is reckoned once */
    bool bounded;
} Search;

static uint64_t most_of(Search *s, CFunction *fn, const Dim *const *with);

static uint64_t slot_most(Search *s, const Dim *bytes, const Dim *const *with)
{
    DimCtx    *dims = s->e->program->dims;
    int64_t    low, high = INT64_MAX;
    const Dim *d = dim_substitute(dims, bytes, with, dim_symbol_count(dims));
    if (d) dim_range(dims, d, &low, &high);
    if (high > INT64_MAX / 2) s->bounded = false;
    return !s->bounded || high < 0 ? 0 : ((uint64_t)high + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* The sizes with which `n` calls, in terms of the model's. */
static const Dim *const *passed_on(Search *s, const Node *n, const CFunction *callee, const Dim *const *with)
{
    DimCtx     *dims  = s->e->program->dims;
    const int   count = dim_symbol_count(dims);
    const Dim **out   = arena_array(s->e->arena, const Dim *, (size_t)count + 1);
    for (int k = 0; k < callee->ir->nsymbols; k++) {
        const Dim *d = dim_substitute(dims, node_symbols(n)[k], with, count);
        if (!d) s->bounded = false;
        out[dim_symbol_id(callee->ir->symbols[k])] = d;
    }
    return out;
}

static bool same_question(const Asked *a, const CFunction *fn, const Dim *const *with)
{
    if (a->fn != fn) return false;
    for (int k = 0; k < fn->ir->nsymbols; k++) {
        const int id = dim_symbol_id(fn->ir->symbols[k]);
        if (a->with[id] != with[id]) return false;
    }
    return true;
}

static uint64_t callees_most(Search *s, CFunction *fn, const Dim *const *with)
{
    uint64_t most = 0;
    for (size_t i = 0; i < fn->ir->nodes.len && s->bounded; i++) {
        const Node *n = direct_call(fn->ir->nodes.at[i]);
        if (!node_callee(n)) continue;
        CFunction *callee = function_called(s->e, fn, n);
        if (!callee->work) continue;
        const uint64_t bytes = most_of(s, callee, passed_on(s, n, callee, with));
        if (bytes > most) most = bytes;
    }
    return most;
}

static uint64_t most_of(Search *s, CFunction *fn, const Dim *const *with)
{
    for (size_t i = 0; i < s->asked.len; i++) {
        if (same_question(&s->asked.at[i], fn, with)) return s->asked.at[i].bytes;
    }
    uint64_t bytes = callees_most(s, fn, with);
    for (size_t i = 0; i < fn->plan->slots.len && s->bounded; i++) {
        bytes += slot_most(s, fn->plan->slots.at[i], with);
        if (bytes > INT64_MAX / 2) s->bounded = false;
    }
    const Asked a = {fn, with, bytes};
    vec_push(s->e->arena, &s->asked, a);
    return bytes;
}

bool workspace_for(Emitter *e, CFunction *main, const Dim *const *with, uint64_t *bytes)
{
    Search s = {.e = e, .bounded = true};
    *bytes   = main->work ? most_of(&s, main, with) : 0;
    return s.bounded;
}

bool workspace_most(Emitter *e, CFunction *main, uint64_t *bytes)
{
    return workspace_for(e, main, arena_array(e->arena, const Dim *, (size_t)dim_symbol_count(e->program->dims) + 1), bytes);
}
