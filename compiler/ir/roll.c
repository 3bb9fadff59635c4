/* Loops over lists of layers.
 *
 * `for block in blocks { x = block(x) }` is traced as one call, or one group of operations, for each block. Neighbouring groups
 * that differ only in a list index of the paths to their weights, each fed by the one before it, become one NODE_LOOP.
 *
 *     a run         nodes [start, start + count * period): `count` segments of `period` nodes
 *     its carries   positions in a segment whose value the next segment reads
 *     invariants    nodes before the run that segments read
 */
#include <string.h>

#include "../base/bug.h"
#include "../base/map.h"
#include "../base/str.h"
#include "passes.h"
#include "signature.h"

enum { FEWEST = 3 /* segments that are worth a loop */ };

typedef struct Run {
    size_t start, period, count;
} Run;

typedef struct Carry {
    size_t position; /* in a segment */
    Node  *init;
} Carry;

typedef struct Roll {
    PassContext *cx;
    IrFunction  *f;
    Layout      *layout;
    const Sym  **signatures; /* by node id */
    size_t      *next_same;  /* by node id: the next node with that signature; 0: none */
    bool        *read_late;  /* by node id, of the run at hand: read behind the run */
    size_t       escape;     /* of a run that is no loop: the first segment with a value that is read too late; or its count */
    VEC(Carry) carries;
    NodeVec invariants;
} Roll;

static Node *node_at(const Roll *r, size_t id)
{
    return r->f->nodes.at[id];
}

/* ---- paths ---- */

/* The step where two paths with one skeleton differ, if it is an index that is one larger in `q`; -1: they are equal;
 * -2: they differ otherwise. */
static int next_index(Path p, Path q)
{
    int found = -1;
    for (int i = 0; i < p.len; i++) {
        if (p.steps[i].index == q.steps[i].index) continue;
        if (found >= 0 || p.steps[i].name || p.steps[i].loop || q.steps[i].index != p.steps[i].index + 1) return -2;
        found = i;
    }
    return found;
}

/* Do `a` and the node one period later do the same, in neighbouring list elements or in the same one? */
static bool corresponds(const Roll *r, Node *a, Node *b)
{
    if (r->signatures[a->id] != r->signatures[b->id]) return false;
    Path *p = node_path(a), *q = node_path(b);
    return !p || next_index(*p, *q) != -2;
}

/* Do the elements [first, first + count) at step `at` of the path stand in one array of the weights? */
static bool stands_in_array(const Roll *r, Path path, int at, size_t count)
{
    Arena *a = r->cx->arena;
    Step  *steps = arena_array(a, Step, (size_t)path.len);
    memcpy(steps, path.steps, (size_t)path.len * sizeof *steps);
    LayoutPath first = {0}, last = {0};
    Layout    *to;
    bool any = r->layout && layout_find(a, r->layout, path, &first, &to);
    steps[at].index += (int64_t)count - 1;
    any &= r->layout && layout_find(a, r->layout, (Path){steps, path.len}, &last, &to);
    if (!any) return r->layout == NULL || (first.len == 0 && last.len == 0);
    for (size_t i = 0; i < first.len; i++) {
        if (first.at[i].part != last.at[i].part) return false;
    }
    return true;
}

/* ---- finding runs ---- */

static void sign(Roll *r, Interner *interner)
{
    SignatureOptions options = {.dims = r->cx->program->dims, .skeleton = true};
    r->signatures = arena_array(r->cx->arena, const Sym *, r->f->nodes.len + 1);
    for (size_t i = 0; i < r->f->nodes.len; i++) {
        StrBuf b = {.arena = r->cx->arena};
        put_signature(&b, &options, node_at(r, i));
        r->signatures[i] = intern(interner, sb_text(&b), b.len);
    }
    Map latest = {.arena = r->cx->arena};
    r->next_same = arena_array(r->cx->arena, size_t, r->f->nodes.len + 1);
    for (size_t i = 0; i < r->f->nodes.len; i++) {
        Node *before = map_get(&latest, r->signatures[i]);
        if (before) r->next_same[before->id] = i;
        map_set(&latest, r->signatures[i], node_at(r, i));
    }
}

/* The next node that does the same in the next list element; 0: none. */
static size_t next_anchor(const Roll *r, size_t from)
{
    Path *p = node_path(node_at(r, from));
    bool  indexed = false;
    for (int i = 0; p && i < p->len; i++) indexed |= !p->steps[i].name && !p->steps[i].loop;
    size_t next = r->next_same[from];
    return indexed && next > 0 && next_index(*p, *node_path(node_at(r, next))) >= 0 ? next : 0;
}

/* The longest stretch around `from` in which every node corresponds to the one a period later. */
static Run stretch(const Roll *r, size_t from, size_t period)
{
    size_t low = from, high = from;
    while (low > r->f->params.len && corresponds(r, node_at(r, low - 1), node_at(r, low - 1 + period))) low--;
    while (high + period < r->f->nodes.len && corresponds(r, node_at(r, high), node_at(r, high + period))) high++;
    return (Run){low, period, (high + period - low) / period};
}

/* ---- what goes from segment to segment ---- */

static bool find_carry(Roll *r, size_t position, Node *init)
{
    for (size_t i = 0; i < r->carries.len; i++) {
        if (r->carries.at[i].position == position) return r->carries.at[i].init == init;
    }
    vec_push(r->cx->arena, &r->carries, (Carry){position, init});
    return true;
}

static void find_invariant(Roll *r, Node *n)
{
    for (size_t i = 0; i < r->invariants.len; i++) {
        if (r->invariants.at[i] == n) return;
    }
    vec_push(r->cx->arena, &r->invariants, n);
}

/* One input at one position of the segments: is it the same in all of them, of their own, or of the one before? */
static bool classify(Roll *r, Run run, size_t position, int k)
{
    Node *first = node_at(r, run.start + position)->in[k];
    if (first->id >= run.start) { /* of the segment itself */
        for (size_t s = 1; s < run.count; s++) {
            if (node_at(r, run.start + s * run.period + position)->in[k]->id != first->id + s * run.period) return false;
        }
        return true;
    }
    Node *second = node_at(r, run.start + run.period + position)->in[k];
    bool  same = second == first;
    if (!same && (second->id < run.start || second->id >= run.start + run.period)) return false;
    for (size_t s = 2; s < run.count; s++) {
        Node *in = node_at(r, run.start + s * run.period + position)->in[k];
        if (same ? in != first : in->id != second->id + (s - 1) * run.period) return false;
    }
    if (same) {
        find_invariant(r, first);
        return true;
    }
    bool type_fits = first->type.dtype == second->type.dtype && type_same_shape(first->type, second->type);
    return type_fits && node_has_value(first) && find_carry(r, second->id - run.start, first);
}

static bool is_draw(const Node *n)
{
    return n->kind == NODE_OP && (n->as.op.code == OPC_random_uniform || n->as.op.code == OPC_random_normal);
}

/* Everything that must hold for the run to be a loop; fills carries and invariants. */
static bool is_loop(Roll *r, Run run)
{
    size_t end = run.start + run.period * run.count;
    r->carries.len = r->invariants.len = 0;
    r->escape = run.count;
    /* 1. inputs, and paths that an array can follow */
    for (size_t position = 0; position < run.period; position++) {
        Node *n = node_at(r, run.start + position);
        if (is_draw(n)) return false; /* its key has the path as text */
        for (int k = 0; k < n->nin; k++) {
            if (!classify(r, run, position, k)) return false;
        }
        Path *path = node_path(n);
        int   at = path ? next_index(*path, *node_path(node_at(r, n->id + run.period))) : -1;
        for (size_t s = 1; path && s + 1 < run.count; s++) {
            Path *p = node_path(node_at(r, n->id + s * run.period)), *q = node_path(node_at(r, n->id + (s + 1) * run.period));
            if (next_index(*p, *q) != at) return false;
        }
        if (at >= 0 && !stands_in_array(r, *path, at, run.count)) return false;
    }
    /* 2. no result of a call is parted from it */
    if (node_at(r, run.start)->kind == NODE_RESULT) return false;
    if (end < r->f->nodes.len && node_at(r, end)->kind == NODE_RESULT && node_at(r, end)->in[0]->id >= run.start) return false;
    /* 3. behind the run, only the last segment's carries are read */
    for (size_t i = end; i < r->f->nodes.len; i++) {
        for (int k = 0; k < node_at(r, i)->nin; k++) r->read_late[node_at(r, i)->in[k]->id] = true;
    }
    for (size_t i = 0; i < r->f->results.len; i++) r->read_late[r->f->results.at[i]->id] = true;
    for (size_t i = run.start; i < end && r->escape == run.count; i++) {
        bool carried = false;
        for (size_t c = 0; c < r->carries.len; c++) carried |= run.start + (run.count - 1) * run.period + r->carries.at[c].position == i;
        if (r->read_late[i] && !carried) r->escape = (i - run.start) / run.period;
    }
    memset(r->read_late, 0, r->f->nodes.len * sizeof *r->read_late);
    return r->escape == run.count && r->carries.len > 0;
}

/* Is the run a loop, and better than the best so far: more segments, or as many with fewer carries? */
static bool improves(Roll *r, Run run, Run *best, size_t *carries)
{
    if (run.count < FEWEST || run.count < best->count || !is_loop(r, run)) return false;
    if (run.count > best->count || r->carries.len < *carries) {
        *best = run;
        *carries = r->carries.len;
    }
    return true;
}

/* The best loop in a stretch. A segment may begin anywhere; the first ones may have to stay outside (they read something else
 * than their likes), the last one too, and after a segment with a value that is read behind the run a new one begins. */
static bool choose(Roll *r, Run whole, Run *best)
{
    size_t end = whole.start + whole.period * whole.count, carries = 0;
    *best = (Run){0};
    for (size_t first = 0; first < whole.period; first++) {
        size_t odd = 0; /* segments left out for no escape */
        for (size_t start = whole.start + first; odd < 2 && start + FEWEST * whole.period <= end;) {
            Run run = {start, whole.period, (end - start) / whole.period};
            if (improves(r, run, best, &carries) || run.count < best->count) break;
            size_t escape = r->escape;
            size_t count = escape + 1 < run.count ? escape + 1 : run.count - 1;
            improves(r, (Run){start, whole.period, count}, best, &carries);
            odd += escape >= run.count;
            start += (escape < run.count ? escape + 1 : 1) * whole.period;
        }
    }
    return best->count > 0 && is_loop(r, *best);
}

/* ---- building the loop ---- */

typedef struct Symbols {
    Roll *r;
    bool *used;
} Symbols;

static void use_symbol(int id, void *user)
{
    ((Symbols *)user)->used[id] = true;
}

static void use_dims(Symbols *s, const Dim *const *dims, int count)
{
    for (int i = 0; i < count; i++) dim_each_symbol(dims[i], use_symbol, s);
}

static void use_node(Symbols *s, const Node *n)
{
    use_dims(s, n->type.dims, n->type.rank);
    if (node_callee(n)) use_dims(s, node_symbols(n), node_callee(n)->nsymbols);
    if (n->kind == NODE_DIM) use_dims(s, &n->as.dim, 1);
    if (n->kind == NODE_SCAN) use_dims(s, &n->as.scan.length, 1);
    if (n->kind == NODE_CHECK) {
        use_dims(s, &n->as.check.left, 1);
        use_dims(s, &n->as.check.right, 1);
    }
    const OpInfo *op = node_op(n);
    for (int i = 0; op && op->attrs[i].kind != ATTR_END; i++) {
        if (op->attrs[i].kind == ATTR_INT) use_dims(s, n->as.op.attrs[i].dims, 1);
        if (op->attrs[i].kind == ATTR_INTS) use_dims(s, n->as.op.attrs[i].dims, n->as.op.attrs[i].count);
    }
}

/* The function's symbols that the body mentions. */
static void collect_symbols(Roll *r, IrFunction *body)
{
    Symbols s = {r, arena_array(r->cx->arena, bool, (size_t)dim_symbol_count(r->cx->program->dims) + 1)};
    for (size_t i = 0; i < body->nodes.len; i++) use_node(&s, body->nodes.at[i]);
    body->symbols = arena_array(r->cx->arena, const Dim *, (size_t)r->f->nsymbols + 1);
    for (int i = 0; i < r->f->nsymbols; i++) {
        if (s.used[dim_symbol_id(r->f->symbols[i])]) body->symbols[body->nsymbols++] = r->f->symbols[i];
    }
}

static Node *make_param(Roll *r, IrFunction *body, Node *outside)
{
    Node *p = node_new(r->cx->arena, NODE_PARAM, outside->type, outside->span);
    p->name = outside->name;
    p->index = (int)body->params.len;
    vec_push(r->cx->arena, &body->params, p);
    vec_push(r->cx->arena, &body->nodes, p);
    return p;
}

/* The path with the step that differs from the next segment's as a loop step. */
static void loop_path(Roll *r, Path *path, Path next)
{
    int at = next_index(*path, next);
    if (at < 0) return;
    Step *steps = arena_array(r->cx->arena, Step, (size_t)path->len);
    memcpy(steps, path->steps, (size_t)path->len * sizeof *steps);
    steps[at].loop = true;
    path->steps = steps;
}

/* The list that the loop goes over: the name of the field. */
static const char *body_name(Roll *r, Run run)
{
    for (size_t i = 0; i < run.period; i++) {
        Path *p = node_path(node_at(r, run.start + i));
        for (int k = 1; p && k < p->len; k++) {
            bool steps = p->steps[k].loop;
            if (steps && p->steps[k - 1].name) return arena_printf(r->cx->arena, "%s_%s", r->f->name, p->steps[k - 1].name->text);
        }
    }
    return arena_printf(r->cx->arena, "%s_loop", r->f->name);
}

/* What the body reads for input `k` of a node of the first segment: a node of the body, or a parameter. The same node can be
 * a carry's first value in one place and invariant in another; the second segment tells. */
static Node *body_input(Roll *r, Run run, const IrFunction *body, const Node *n, int k)
{
    Node *in = n->in[k], *next = node_at(r, n->id + run.period)->in[k];
    if (in->id >= run.start) return in;
    size_t number = 0;
    if (next == in) {
        while (r->invariants.at[number] != in) number++;
        return body->params.at[r->carries.len + number];
    }
    while (r->carries.at[number].position != next->id - run.start) number++;
    return body->params.at[number];
}

static IrFunction *make_body(Roll *r, Run run)
{
    Arena      *a = r->cx->arena;
    IrFunction *body = arena_new(a, IrFunction);
    *body = (IrFunction){.owner = r->f->owner, .span = node_at(r, run.start)->span, .draws = r->f->draws};
    for (size_t i = 0; i < r->carries.len; i++) make_param(r, body, r->carries.at[i].init);
    for (size_t i = 0; i < r->invariants.len; i++) make_param(r, body, r->invariants.at[i]);
    Node ***inputs = arena_array(a, Node **, run.period); /* found before any is changed */
    for (size_t i = 0; i < run.period; i++) {
        Node *n = node_at(r, run.start + i);
        inputs[i] = arena_array(a, Node *, (size_t)n->nin + 1);
        for (int k = 0; k < n->nin; k++) inputs[i][k] = body_input(r, run, body, n, k);
    }
    for (size_t i = 0; i < run.period; i++) {
        Node *n = node_at(r, run.start + i);
        Path *path = node_path(n);
        if (path) loop_path(r, path, *node_path(node_at(r, n->id + run.period)));
        n->in = inputs[i];
        vec_push(a, &body->nodes, n);
    }
    body->name = body_name(r, run);
    for (size_t i = 0; i < r->carries.len; i++) vec_push(a, &body->results, node_at(r, run.start + r->carries.at[i].position));
    collect_symbols(r, body);
    vec_push(a, &r->cx->program->functions, body);
    return body;
}

static Node *make_loop(Roll *r, Run run, IrFunction *body)
{
    Arena *a = r->cx->arena;
    Node  *loop = node_new(a, NODE_LOOP, (Type){0}, body->span);
    loop->nin = (int)(r->carries.len + r->invariants.len);
    loop->in = arena_array(a, Node *, (size_t)loop->nin);
    for (size_t i = 0; i < r->carries.len; i++) loop->in[i] = r->carries.at[i].init;
    for (size_t i = 0; i < r->invariants.len; i++) loop->in[r->carries.len + i] = r->invariants.at[i];
    loop->as.loop.body = body;
    loop->as.loop.symbols = body->symbols;
    loop->as.loop.count = (int64_t)run.count;
    loop->as.loop.ncarry = (int)r->carries.len;
    return loop;
}

/* The run's nodes make place for the loop and its results; what read the last carries reads those. */
static void replace_run(Roll *r, Run run)
{
    Arena  *a = r->cx->arena;
    size_t  end = run.start + run.period * run.count;
    Map     instead = {.arena = a};
    NodeVec out = {0};
    for (size_t i = 0; i < run.start; i++) vec_push(a, &out, node_at(r, i));
    NodeVec last = {0};
    for (size_t i = 0; i < r->carries.len; i++) vec_push(a, &last, node_at(r, end - run.period + r->carries.at[i].position));
    Node *loop = make_loop(r, run, make_body(r, run));
    vec_push(a, &out, loop);
    for (size_t i = 0; i < r->carries.len; i++) {
        Node *n = node_new(a, NODE_RESULT, r->carries.at[i].init->type, last.at[i]->span);
        n->in = arena_array(a, Node *, 1);
        n->in[0] = loop;
        n->nin = 1;
        n->index = (int)i;
        n->name = last.at[i]->name;
        vec_push(a, &out, n);
        map_set(&instead, last.at[i], n);
    }
    for (size_t i = end; i < r->f->nodes.len; i++) {
        Node *n = node_at(r, i);
        for (int k = 0; k < n->nin; k++) {
            Node *with = map_get(&instead, n->in[k]);
            if (with) n->in[k] = with;
        }
        vec_push(a, &out, n);
    }
    for (size_t i = 0; i < r->f->results.len; i++) {
        Node *with = map_get(&instead, r->f->results.at[i]);
        if (with) r->f->results.at[i] = with;
    }
    r->f->nodes = out;
    for (size_t i = 0; i < out.len; i++) out.at[i]->id = (uint32_t)i;
}

/* Rolls the first run that can be rolled, from node `from` on. */
static bool roll_once(Roll *r, Interner *interner, size_t *from)
{
    sign(r, interner);
    r->read_late = arena_array(r->cx->arena, bool, r->f->nodes.len + 1);
    for (; *from < r->f->nodes.len; ++*from) {
        size_t anchor = next_anchor(r, *from);
        if (anchor == 0) continue;
        Run whole = stretch(r, *from, anchor - *from), run;
        if (whole.count < FEWEST || !choose(r, whole, &run)) continue;
        replace_run(r, run);
        *from = run.start + 1;
        return true;
    }
    return false;
}

/* requires ids, dedupe; ensures that chains of three and more equal steps over neighbouring list elements are loops;
 * invalidates ids */
void pass_roll(PassContext *cx)
{
    Interner *interner = interner_create(cx->arena);
    size_t    count = cx->program->functions.len; /* the bodies that are added need no rolling */
    for (size_t i = 0; i < count; i++) {
        Roll r = {.cx = cx, .f = cx->program->functions.at[i]};
        if (!r.f->owner) continue;
        r.layout = layout_of(cx->layouts, r.f->owner);
        size_t from = 0;
        while (roll_once(&r, interner, &from)) {}
    }
}
