/* Functions that compute the same become one. */
#include <inttypes.h>

#include "../base/bug.h"
#include "../base/map.h"
#include "../base/str.h"
#include "passes.h"
#include "signature.h"

typedef struct Dedupe {
    PassContext *cx;
    Interner    *interner;
    Map          by_text; /* Sym -> IrFunction */
    Map          instead; /* IrFunction -> the equal one that stays */
    VEC(const Dim *) canonical; /* symbols that stand for the first, second, ... of a function */
} Dedupe;

static const Dim *canonical_symbol(Dedupe *d, int number)
{
    while ((int)d->canonical.len <= number) {
        const Dim *symbol = dim_symbol(d->cx->program->dims, arena_printf(d->cx->arena, "$%zu", d->canonical.len));
        vec_push(d->cx->arena, &d->canonical, symbol);
    }
    return d->canonical.at[number];
}

/* The body with its symbols renamed by first occurrence. A function of another name stays one of its own, so that the C reads
 * like the source; so does one whose weights stand in another struct. */
static const Sym *body_text(Dedupe *d, IrFunction *f)
{
    Arena *a = d->cx->arena;
    for (int i = 0; i < f->nsymbols; i++) canonical_symbol(d, i);
    int         count = dim_symbol_count(d->cx->program->dims);
    const Dim **with = arena_array(a, const Dim *, (size_t)count + 1);
    for (int i = 0; i < f->nsymbols; i++) with[dim_symbol_id(f->symbols[i])] = canonical_symbol(d, i);
    SignatureOptions options = {.dims = d->cx->program->dims, .symbols = with, .nsymbols = count};
    Layout          *layout = f->owner ? layout_of(d->cx->layouts, f->owner) : NULL;
    StrBuf           text = {.arena = a};
    sb_printf(&text, "%s %d %d", f->name, layout ? layout->id : -1, f->nsymbols);
    for (size_t i = 0; i < f->nodes.len; i++) {
        const Node *n = f->nodes.at[i];
        sb_putc(&text, '\n');
        put_signature(&text, &options, n);
        for (int k = 0; k < n->nin; k++) sb_printf(&text, " %%%" PRIu32, n->in[k]->id);
    }
    sb_put(&text, "\nreturn");
    for (size_t i = 0; i < f->results.len; i++) sb_printf(&text, " %%%" PRIu32, f->results.at[i]->id);
    return intern(d->interner, sb_text(&text), text.len);
}

static void retarget(Dedupe *d, Node *n)
{
    IrFunction *callee = node_callee(n);
    IrFunction *with = callee ? map_get(&d->instead, callee) : NULL;
    if (!with) return;
    if (n->kind == NODE_CALL) n->as.call.function = with;
    if (n->kind == NODE_SCAN) n->as.scan.body = with;
    if (n->kind == NODE_LOOP) n->as.loop.body = with;
}

/* requires ids; ensures that no two functions of one name and struct have equal bodies; what is left over is unreachable,
 * invalidates ids */
void pass_dedupe(PassContext *cx)
{
    Dedupe d = {.cx = cx, .interner = interner_create(cx->arena), .by_text = {.arena = cx->arena}, .instead = {.arena = cx->arena}};
    for (size_t i = 0; i < cx->program->functions.len; i++) {
        IrFunction *f = cx->program->functions.at[i];
        for (size_t k = 0; k < f->nodes.len; k++) retarget(&d, f->nodes.at[k]);
        const Sym  *text = body_text(&d, f);
        IrFunction *known = map_get(&d.by_text, text);
        if (known && f != cx->program->main) map_set(&d.instead, f, known);
        else map_set(&d.by_text, text, f);
    }
}
