#include "plan.h"

#include <string.h>

#include "../base/bug.h"
#include "../sema/instance.h"

typedef struct Planner {
    Arena         *arena;
    Program       *program;
    const Effects *effects;
    IrFunction    *f;
    Layout        *layout;
    Plan          *plan;
    VEC(Node *) occupants; /* of each slot; NULL: free */
} Planner;

static bool is_view(const Node *n)
{
    return n->kind == NODE_OP && node_op(n)->cls == CLASS_VIEW;
}

static NodePlan *at(const Planner *p, const Node *n)
{
    return &p->plan->nodes[n->id];
}

/* Nothing happens at its place: its readers read in[0]. */
static bool only_shows(const Planner *p, const Node *n)
{
    return is_view(n) || at(p, n)->home == HOME_SLICE;
}

Node *plan_base(const Plan *plan, Node *n)
{
    while (plan->nodes[n->id].home == HOME_SAME || plan->nodes[n->id].home == HOME_SLICE) n = n->in[0];
    return n;
}

bool plan_is_narrow(Type t)
{
    enum { MOST_COLUMNS = 15, LEAST_ROWS = 64 };
    int64_t columns, rows = 1, size;
    if (t.rank < 2 || !dim_is_int(t.dims[t.rank - 1], &columns) || columns < 2 || columns > MOST_COLUMNS) return false;
    for (int i = 0; i + 1 < t.rank && rows < LEAST_ROWS; i++) {
        if (dim_is_int(t.dims[i], &size)) rows *= size < LEAST_ROWS ? size : LEAST_ROWS; /* of a symbol it may be one */
    }
    return rows >= LEAST_ROWS;
}

/* ---- 1. how long memory is needed ---- */

static int time_of(const Planner *p, const Node *user)
{
    const NodePlan *np = at(p, user);
    return (int)(np->root ? np->root->id : user->id);
}

static void mark_views(Planner *p)
{
    for (size_t i = 0; i < p->f->nodes.len; i++) {
        if (is_view(p->f->nodes.at[i])) at(p, p->f->nodes.at[i])->home = HOME_SAME;
    }
}

/* Does something else read what `old` reads at or after the time of `update`? */
static bool is_read_after(const Planner *p, Node *old, const Node *update)
{
    for (size_t i = 0; i < p->f->nodes.len; i++) {
        const Node *n = p->f->nodes.at[i];
        for (int k = 0; k < n->nin && n != update && !only_shows(p, n); k++) {
            if (plan_base(p->plan, n->in[k]) == old && time_of(p, n) >= (int)update->id) return true;
        }
    }
    for (size_t i = 0; i < p->f->results.len; i++) {
        if (plan_base(p->plan, p->f->results.at[i]) == old) return true;
    }
    return false;
}

/* cache.assign(slice_update(cache, ...)): the block is written into the state itself. Nobody may read the old value behind
 * it, and the assignment must follow before anything else can touch the state. */
static bool updates_in_place(const Planner *p, const Node *update)
{
    if (update->kind != NODE_OP || update->as.op.code != OPC_slice_update) return false;
    Node *old = update->in[0];
    if (old->kind != NODE_VARIABLE || old->type.rank == 0 || is_read_after(p, old, update)) return false;
    for (size_t i = update->id + 1; i < p->f->nodes.len; i++) {
        const Node *n = p->f->nodes.at[i];
        bool same_state = (n->kind == NODE_VARIABLE || n->kind == NODE_ASSIGN) && n->as.variable.variable == old->as.variable.variable;
        if (same_state) return n->kind == NODE_ASSIGN && n->in[0] == update;
        if (node_callee(n)) return false;
    }
    return false;
}

static void find_last_uses(Planner *p)
{
    int end = (int)p->f->nodes.len;
    for (int i = 0; i < end; i++) {
        Node *n = p->f->nodes.at[i];
        NodePlan *np = at(p, n);
        if (np->last < i) np->last = i;
        if (only_shows(p, n)) continue;
        int when = time_of(p, n);
        for (int k = 0; k < n->nin && np->has_blocks; k++) {
            if (!np->blocks[k].from) continue;
            NodePlan *base = at(p, plan_base(p->plan, np->blocks[k].from));
            if (base->last < when) base->last = when;
        }
        for (int k = 0; k < n->nin; k++) {
            NodePlan *base = at(p, plan_base(p->plan, n->in[k]));
            if (base->last < when) base->last = when;
        }
    }
    for (size_t i = 0; i < p->f->results.len; i++) at(p, plan_base(p->plan, p->f->results.at[i]))->last = end;
}

/* Can the state be overwritten between its reading and the last use of what was read? */
static bool is_overwritten(const Planner *p, const Node *read)
{
    int last = at(p, read)->last;
    for (int i = (int)read->id + 1; i < last && i < (int)p->f->nodes.len; i++) {
        const Node *n = p->f->nodes.at[i];
        bool assigned = n->kind == NODE_ASSIGN && n->as.variable.variable == read->as.variable.variable;
        if (assigned && plan_base(p->plan, n->in[0]) != read) return true;
        IrFunction *callee = node_callee(n);
        if (callee && map_has(&p->effects->assigns, callee)) return true;
    }
    return false;
}

/* ---- 2. memory ---- */

static bool is_computed(const Planner *p, const Node *n)
{
    if (n->kind == NODE_RESULT) return true;
    if (n->kind != NODE_OP || only_shows(p, n)) return false;
    return !at(p, n)->root || at(p, n)->root == n;
}

/* Results are computed in their own memory where that is possible. */
static void give_results(Planner *p)
{
    for (size_t i = 0; i < p->f->results.len; i++) {
        Node *base = plan_base(p->plan, p->f->results.at[i]);
        if (!is_computed(p, base) || at(p, base)->home != HOME_NONE) continue;
        at(p, base)->home = HOME_RESULT;
        at(p, base)->number = (int)i;
    }
}

/* So is what the weights prepare. */
static void give_prepared(Planner *p)
{
    for (size_t i = 0; i < p->f->nodes.len; i++) {
        Node *n = p->f->nodes.at[i];
        if (n->kind != NODE_ASSIGN || !n->as.variable.variable->prepared) continue;
        NodePlan *np = at(p, n->in[0]);
        if (!is_computed(p, n->in[0]) || np->home != HOME_NONE) BUG("%s: what is prepared is not computed", p->f->name);
        np->home = HOME_PREPARED;
        np->assign = n;
    }
}

static const Dim *bytes_of(const Planner *p, Type t)
{
    DimCtx    *dims = p->program->dims;
    const Dim *bytes = dim_mul(dims, type_elements(dims, t), dim_int(dims, dtype_size(t.dtype)));
    return bytes ? bytes : dim_int(dims, INT64_MAX);
}

/* May `n` be computed over the memory of `old`, which is read for the last time at that very node? */
static bool overwrites(const Planner *p, const Node *n, const Node *old)
{
    if (n->kind != NODE_OP || dtype_size(n->type.dtype) != dtype_size(old->type.dtype)) return false;
    switch (n->as.op.code) {
    case OPC_softmax:
    case OPC_log_softmax:
    case OPC_cumsum:
    case OPC_cumprod:
    case OPC_sort:
    case OPC_slice_update: {
        if (plan_base(p->plan, n->in[0]) != old) return false;
        for (int k = 1; k < n->nin; k++) {
            if (plan_base(p->plan, n->in[k]) == old) return false;
        }
        return true;
    }
    default: break;
    }
    if (at(p, n)->root != n || at(p, n)->product) return false;
    /* In a loop element i is read before it is written, if every reader goes over the same shape. */
    for (size_t i = at(p, n)->first; i <= n->id; i++) {
        const Node *m = p->f->nodes.at[i];
        if (at(p, m)->root != n) continue;
        for (int k = 0; k < m->nin; k++) {
            Node *in = m->in[k];
            if (at(p, in)->home == HOME_INLINE || plan_base(p->plan, in) != old) continue;
            if (at(p, in)->home == HOME_SLICE || !type_same_shape(in->type, n->type)) return false;
        }
    }
    return true;
}

static bool slot_is_free(const Planner *p, int slot, const Node *for_node, int when)
{
    const Node *occupant = p->occupants.at[slot];
    if (!occupant) return true;
    int last = at(p, occupant)->last;
    return last < when || (last == when && for_node && (int)for_node->id == when && overwrites(p, for_node, occupant));
}

/* 0: exactly right; more: usable with waste or by growing; -1: not usable. */
static int slot_fit(const Planner *p, int slot, const Dim *bytes)
{
    const Dim *have = p->plan->slots.at[slot];
    if (have == bytes) return 0;
    int64_t want, size;
    if (dim_is_int(have, &size) && dim_is_int(bytes, &want)) return size >= want ? 1 : 2;
    return dim_less_equal(p->program->dims, bytes, have) == YES ? 3 : -1;
}

static int take_slot(Planner *p, const Dim *bytes, Node *for_node, int when)
{
    int best = -1, best_fit = 0;
    for (int i = 0; i < (int)p->plan->slots.len; i++) {
        if (!slot_is_free(p, i, for_node, when)) continue;
        int fit = slot_fit(p, i, bytes);
        if (fit < 0 || (best >= 0 && fit >= best_fit)) continue;
        best = i;
        best_fit = fit;
    }
    if (best < 0) {
        best = (int)p->plan->slots.len;
        vec_push(p->arena, &p->plan->slots, bytes);
        vec_push(p->arena, &p->occupants, NULL);
    }
    if (best_fit == 2) p->plan->slots.at[best] = bytes;
    p->occupants.at[best] = for_node;
    return best;
}

static void house(Planner *p, Node *n, int when)
{
    NodePlan *np = at(p, n);
    if (np->home != HOME_NONE) return;
    if (n->type.rank == 0) {
        np->home = HOME_LOCAL;
        return;
    }
    np->home = HOME_SLOT;
    np->number = take_slot(p, bytes_of(p, n->type), n, when);
}

/* The bytes for the rows of a block: `like` has steps and rows in front. */
static const Dim *block_bytes(const Planner *p, const Node *scan, Type like)
{
    DimCtx    *dims = p->program->dims;
    const Dim *rows = scan->as.scan.symbols[at(p, scan)->rows - 1], *all = dim_mul(dims, rows, scan->as.scan.length);
    const Dim *least = dim_int(dims, BLOCK_ROWS), *some = dim_mul(dims, rows, dim_int(dims, BLOCK_SPACE));
    const Dim *space = some ? dim_max(dims, least, some) : least;
    const Dim *each = bytes_of(p, (Type){like.dtype, like.rank - 2, like.dims + 2});
    const Dim *bytes = dim_mul(dims, all ? dim_min(dims, all, space) : space, each);
    return bytes ? bytes : dim_int(dims, INT64_MAX);
}

static void take_alone(Planner *p, const Dim *bytes, Node *call)
{
    vec_push(p->arena, &p->plan->slots, bytes);
    vec_push(p->arena, &p->occupants, call);
}

/* The results of a call, then slots for the carries of a loop and for blocks of steps, which are free again behind it. */
static void house_call(Planner *p, Node *call)
{
    int when = (int)call->id;
    p->plan->calls = true;
    for (size_t i = call->id + 1; i < p->f->nodes.len && p->f->nodes.at[i]->kind == NODE_RESULT; i++) {
        house(p, p->f->nodes.at[i], when);
    }
    int ncarry = call->kind == NODE_SCAN ? call->as.scan.ncarry : call->kind == NODE_LOOP ? call->as.loop.ncarry : 0;
    at(p, call)->temp = (int)p->plan->slots.len;
    for (int i = 0; i < ncarry; i++) {
        take_alone(p, bytes_of(p, call->in[i]->type), call);
    }
    for (int i = ncarry; i < call->nin && at(p, call)->has_blocks; i++) {
        Block *block = &at(p, call)->blocks[i];
        if (!block->from) continue;
        block->slot = (int)p->plan->slots.len;
        take_alone(p, block_bytes(p, call, block->from->type), call);
        take_alone(p, block_bytes(p, call, call->in[i]->type), call);
    }
}

static bool is_assigned(const Planner *p, Path path)
{
    LayoutPath found = {0};
    Layout    *to;
    if (!p->layout || !layout_find(p->arena, p->layout, path, &found, &to)) BUG("%s: no variable %s", p->f->name, path_text(p->arena, path));
    return found.at[found.len - 1].part->assigned;
}

/* A state's value is read where it stands, unless it changes under the reader. */
static void house_variable(Planner *p, Node *n)
{
    bool state = is_assigned(p, n->as.variable.path);
    if (state && is_overwritten(p, n)) house(p, n, (int)n->id);
    else at(p, n)->home = state ? HOME_STATE : HOME_WEIGHT;
}

static void house_node(Planner *p, Node *n)
{
    switch (n->kind) {
    case NODE_PARAM: at(p, n)->home = HOME_PARAM; return;
    case NODE_VARIABLE: house_variable(p, n); return;
    case NODE_CALL:
    case NODE_SCAN:
    case NODE_LOOP: house_call(p, n); return;
    case NODE_CONST:
    case NODE_DIM: house(p, n, (int)n->id); return;
    case NODE_ASSIGN:
    case NODE_CHECK:
    case NODE_RESULT: return;
    case NODE_OP:
        if (at(p, n)->root && at(p, n)->root != n) at(p, n)->home = HOME_INLINE;
        else house(p, n, (int)n->id);
        return;
    }
}

Plan *plan_function(Arena *a, Program *program, const Effects *effects, IrFunction *f, Layout *layout)
{
    Planner p = {.arena = a, .program = program, .effects = effects, .f = f, .layout = layout, .plan = arena_new(a, Plan)};
    p.plan->nodes = arena_array(a, NodePlan, f->nodes.len);
    plan_loops(a, program, f, p.plan->nodes);
    plan_slices(a, program, f, p.plan->nodes);
    plan_epilogues(a, program, f, p.plan->nodes);
    plan_rows(program, f, p.plan->nodes);
    plan_blocks(a, program, f, p.plan->nodes);
    mark_views(&p);
    for (size_t i = 0; i < f->nodes.len; i++) {
        if (updates_in_place(&p, f->nodes.at[i])) at(&p, f->nodes.at[i])->home = HOME_SAME;
    }
    find_last_uses(&p);
    give_results(&p);
    give_prepared(&p);
    for (size_t i = 0; i < f->nodes.len; i++) house_node(&p, f->nodes.at[i]);
    return p.plan;
}

Effects effects_of(Arena *a, const Program *p)
{
    Effects e = {.assigns = {.arena = a}};
    for (size_t i = 0; i < p->functions.len; i++) {
        IrFunction *f = p->functions.at[i];
        for (size_t k = 0; k < f->nodes.len; k++) {
            const Node *n = f->nodes.at[k];
            IrFunction *callee = node_callee(n);
            if (n->kind == NODE_ASSIGN || (callee && map_has(&e.assigns, callee))) map_set(&e.assigns, f, f);
        }
    }
    return e;
}
