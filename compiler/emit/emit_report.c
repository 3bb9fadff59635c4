/* What `mdlc build --report` says: where memory goes, and what became of the model's operations. */
#include <inttypes.h>
#include <string.h>

#include "emitter.h"

/* How often each kernel is called in a function's text, and the loops. */
typedef struct Steps {
    int kernels[OPC_COUNT];
    int loops, epilogues;
} Steps;

/* "97.8 MiB" */
static const char *size_text(Arena *a, uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double n = (double)bytes;
    size_t unit = 0;
    for (; n >= 1024 && unit + 1 < countof(units); unit++) n /= 1024;
    return arena_printf(a, unit ? "%.1f %s" : "%.0f %s", n, units[unit]);
}

static Steps steps_of(const CFunction *fn)
{
    Steps s = {0};
    for (size_t i = 0; i < fn->ir->nodes.len; i++) {
        const Node     *n = fn->ir->nodes.at[i];
        const NodePlan *np = &fn->plan->nodes[i];
        if (n->kind != NODE_OP || np->home == HOME_INLINE || np->home == HOME_SLICE || node_op(n)->cls == CLASS_VIEW) continue;
        if (np->product) {
            s.epilogues++;
            s.kernels[np->product->as.op.code]++;
        }
        else if (node_is_elementwise(n)) s.loops++;
        else if (!np->root) s.kernels[n->as.op.code]++;
    }
    return s;
}

static void put_count(StrBuf *text, const char *name, int count)
{
    if (count > 0) sb_printf(text, "%s%s %d", text->len > 0 ? ", " : "", name, count);
}

static const char *steps_text(Arena *a, const Steps *s)
{
    StrBuf text = {.arena = a};
    for (int code = 0; code < OPC_COUNT; code++) put_count(&text, op_table[code].name, s->kernels[code]);
    put_count(&text, "loops", s->loops);
    put_count(&text, "finished in cache", s->epilogues);
    return text.len > 0 ? sb_text(&text) : "calls alone";
}

/* The workspace with every symbol at the least that it can be. */
static const char *workspace_text(Emitter *e, CFunction *main)
{
    DimCtx     *dims = e->program->dims;
    const int   count = dim_symbol_count(dims);
    const Dim **with = arena_array(e->arena, const Dim *, (size_t)count + 1);
    StrBuf      at = {.arena = e->arena};
    uint64_t    bytes;
    for (int i = 0; i < main->ir->nsymbols; i++) {
        int64_t low = 1, high;
        dim_range(dims, main->ir->symbols[i], &low, &high);
        if (low < 1) low = 1;
        with[dim_symbol_id(main->ir->symbols[i])] = dim_int(dims, low);
        sb_printf(&at, "%s%s=%" PRId64, at.len > 0 ? ", " : " for ", dim_symbol_name(dims, dim_symbol_id(main->ir->symbols[i])), low);
    }
    if (!workspace_for(e, main, with, &bytes)) return "without bound";
    return arena_printf(e->arena, "%s%s", size_text(e->arena, bytes), at.len > 0 ? sb_text(&at) : "");
}

const char *emit_report(Emitter *e, CFunction *main, const CFunction *prepare)
{
    Arena *a = e->arena;
    StrBuf text = {.arena = a};
    size_t width = 0;
    sb_printf(&text, "%s\n  weights    %s\n", e->program->name, size_text(a, e->weight_bytes));
    if (prepare) sb_printf(&text, "  prepared   %s, computed once from the weights\n", size_text(a, prepared_bytes(e, prepare)));
    sb_printf(&text, "  workspace  %s\n", workspace_text(e, main));
    sb_put(&text, "\nThe steps of each function of the C:\n");
    for (size_t i = 0; i < e->functions.len; i++) {
        const size_t len = strlen(e->functions.at[i]->cname);
        if (!e->functions.at[i]->memory && len > width) width = len;
    }
    for (size_t i = e->functions.len; i-- > 0;) {
        const CFunction *fn = e->functions.at[i];
        if (fn->memory) continue;
        const Steps s = steps_of(fn);
        sb_printf(&text, "  %-*s  %s\n", (int)width, fn->cname, steps_text(a, &s));
    }
    return sb_text(&text);
}
