/* Takes what is computed from weights alone out of the calls.
 *
 * For each function a second one, `<name>_prepare`, computes the fixed values of the first, and of all that it calls, and assigns
 * them to prepared variables: pointers that stand with the weights, in the struct of the function's owner (in a loop: of the list
 * element), so that functions shared by many layers, and loops over them, reach their own. The function itself reads those.
 * `program->prepare` is the model's; it runs once, when the weights have their values. */
#include <string.h>

#include "../base/map.h"
#include "../base/str.h"
#include "fixed.h"
#include "signature.h"

/* A value may need this much more memory than the weights that it is made of, or this many bytes whatever they are. */
enum { MOST_GROWTH = 4, ALWAYS_BYTES = 1 << 20 };

typedef struct Prepare {
    PassContext *cx;
    Interner    *interner;
    Map          prepares; /* IrFunction -> the one that prepares for it */
    Map          by_text;  /* Sym, the owner's struct and the computation -> PreparedVec */
    IrFunction  *f;
    Layout      *layout;
    bool        *fixed;
    bool        *needed; /* by node id: read by something that isn't fixed */
    Variable   **variables; /* by node id: what the value is taken to */
    Path        *paths;
    NodeVec      tree;      /* what a value is computed from */
    int         *number;    /* by node id: the place in it, from 1 */
} Prepare;

/* ---- where a value can stand ---- */

typedef struct Sources {
    Path     prefix; /* up to the list element that a loop is at; empty: the owner itself */
    bool     clash;  /* different elements */
    uint64_t bytes;  /* of the variables */
    bool     any;
    const Node *first;
} Sources;

static Path loop_prefix(Path p)
{
    for (int i = p.len; i > 0; i--) {
        if (p.steps[i - 1].loop) return (Path){p.steps, i};
    }
    return (Path){NULL, 0};
}

/* Collects the nodes that `n` is computed from, inputs before their users, `n` last. */
static void find_tree(Prepare *p, Node *n)
{
    if (p->number[n->id] > 0) return;
    p->number[n->id] = 1;
    for (int k = 0; k < n->nin; k++) find_tree(p, n->in[k]);
    vec_push(p->cx->arena, &p->tree, n);
    p->number[n->id] = (int)p->tree.len;
}

static void forget_tree(Prepare *p)
{
    for (size_t i = 0; i < p->tree.len; i++) p->number[p->tree.at[i]->id] = 0;
    p->tree.len = 0;
}

static Sources find_sources(Prepare *p)
{
    Sources s = {0};
    for (size_t i = 0; i < p->tree.len; i++) {
        const Node *n = p->tree.at[i];
        if (n->kind != NODE_VARIABLE) continue;
        const Path prefix = loop_prefix(n->as.variable.path);
        if (prefix.len > 0) {
            s.clash |= s.prefix.len > 0 && !path_equal(s.prefix, prefix);
            s.prefix = prefix;
        }
        if (!s.any) s.first = n;
        s.any = true;
        s.bytes += (uint64_t)fixed_elements(p->cx->program->dims, n->type) * (uint64_t)dtype_size(n->type.dtype);
    }
    return s;
}

/* The struct at the end of a path from the function's owner. */
static Layout *layout_at(Prepare *p, Path path)
{
    LayoutPath found = {0};
    Layout    *to = NULL;
    return layout_find(p->cx->arena, p->layout, path, &found, &to) ? to : NULL;
}

/* ---- prepared variables ---- */

/* A prepared variable, and the computations that it is for. Layers whose weights have other sizes share it. */
typedef struct Prepared {
    Variable *variable;
    VEC(const Sym *) computations; /* each with the sizes of all values */
    VEC(const Sym *) sources;      /* ... and with those of the weights alone */
} Prepared;
typedef VEC(Prepared) PreparedVec;

typedef enum Sizes { NO_SIZES, SIZES_OF_WEIGHTS, ALL_SIZES } Sizes;

/* The struct that the value stands in, the computation, and the paths that it reads. */
static const Sym *tree_text(Prepare *p, const Layout *layout, Sizes sizes)
{
    StrBuf           text = {.arena = p->cx->arena};
    SignatureOptions options = {.dims = p->cx->program->dims};
    sb_printf(&text, "%d", layout->id);
    for (size_t i = 0; i < p->tree.len; i++) {
        const Node *n = p->tree.at[i];
        options.no_sizes = sizes == NO_SIZES || (sizes == SIZES_OF_WEIGHTS && n->kind != NODE_VARIABLE);
        sb_putc(&text, '\n');
        put_signature(&text, &options, n);
        for (int k = 0; k < n->nin; k++) sb_printf(&text, " %%%d", p->number[n->in[k]->id]);
    }
    return intern(p->interner, sb_text(&text), text.len);
}

/* "conv1_kernel", after the first weight that goes into it; no field of a layer has a name with a `$`. */
static const Sym *prepared_name(Prepare *p, const Sources *s, const Layout *layout)
{
    StrBuf text = {.arena = p->cx->arena};
    sb_put(&text, "prepared");
    for (int i = s->prefix.len; s->any && i < s->first->as.variable.path.len; i++) {
        const Step *step = &s->first->as.variable.path.steps[i];
        if (step->name) sb_printf(&text, "_%s", step->name->text);
        else sb_printf(&text, "_%lld", (long long)step->index);
    }
    sb_printf(&text, "$%zu", layout->parts.len);
    return intern(p->interner, sb_text(&text), text.len);
}

static Variable *make_variable(Prepare *p, const Node *n, const Sources *s, Layout *layout)
{
    int64_t *shape = arena_array(p->cx->arena, int64_t, (size_t)n->type.rank + 1);
    for (int i = 0; i < n->type.rank; i++) dim_is_int(n->type.dims[i], &shape[i]);
    Variable *v = arena_new(p->cx->arena, Variable);
    *v = (Variable){.name = prepared_name(p, s, layout), .dtype = n->type.dtype, .rank = n->type.rank, .shape = shape, .prepared = true, .span = n->span};
    layout_add_prepared(p->cx->layouts, layout, v);
    return v;
}

/* Can one layer need the variable both for this computation and for another one? */
static bool is_free_for(const Prepared *known, const Sym *computation, const Sym *sources)
{
    for (size_t i = 0; i < known->computations.len; i++) {
        if (known->computations.at[i] != computation && known->sources.at[i] == sources) return false;
    }
    return true;
}

static Variable *prepared_variable(Prepare *p, const Node *n, const Sources *s, Layout *layout)
{
    Arena       *a = p->cx->arena;
    const Sym   *key = tree_text(p, layout, NO_SIZES), *sources = tree_text(p, layout, SIZES_OF_WEIGHTS), *all = tree_text(p, layout, ALL_SIZES);
    PreparedVec *known = map_get(&p->by_text, key);
    if (!known) map_set(&p->by_text, key, known = arena_new(a, PreparedVec));
    size_t i = 0;
    while (i < known->len && !is_free_for(&known->at[i], all, sources)) i++;
    if (i == known->len) vec_push(a, known, (Prepared){.variable = make_variable(p, n, s, layout)});
    Prepared *found = &known->at[i];
    for (size_t k = 0; k < found->computations.len; k++) {
        if (found->computations.at[k] == all) return found->variable;
    }
    if (found->computations.len > 0) layout_vary(layout, found->variable);
    vec_push(a, &found->computations, all);
    vec_push(a, &found->sources, sources);
    return found->variable;
}

static Path prepared_path(Prepare *p, Path prefix, const Variable *v)
{
    Step *step = arena_new(p->cx->arena, Step);
    step->name = v->name;
    return path_join(p->cx->arena, prefix, (Path){step, 1});
}

/* ---- which values are taken out ---- */

static bool is_view(const Node *n)
{
    return n->kind == NODE_OP && node_op(n)->cls == CLASS_VIEW;
}

static bool is_worth_it(Prepare *p, const Node *n, const Sources *s)
{
    const uint64_t bytes = (uint64_t)fixed_elements(p->cx->program->dims, n->type) * (uint64_t)dtype_size(n->type.dtype);
    if (bytes == 0 || (!s->any && n->type.rank == 0)) return false;
    return bytes <= ALWAYS_BYTES || bytes / MOST_GROWTH <= s->bytes;
}

/* Gives the value a variable; false if it has to be computed at every call. */
static bool take_out(Prepare *p, Node *n)
{
    find_tree(p, n);
    const Sources s = find_sources(p);
    Layout       *layout = s.clash ? NULL : layout_at(p, s.prefix);
    const bool    can = layout && !layout->is_list && layout->parts.len > 0 && is_worth_it(p, n, &s);
    if (can) {
        p->variables[n->id] = prepared_variable(p, n, &s, layout);
        p->paths[n->id] = prepared_path(p, s.prefix, p->variables[n->id]);
    }
    forget_tree(p);
    return can;
}

/* Backwards: what isn't fixed needs its inputs, as does a view of what is needed and what can't be taken out. */
static bool choose(Prepare *p)
{
    bool any = false;
    for (size_t i = 0; i < p->f->results.len; i++) p->needed[p->f->results.at[i]->id] = true;
    for (size_t i = p->f->nodes.len; i-- > 0;) {
        Node *n = p->f->nodes.at[i];
        const bool needed = p->needed[i], computed = p->fixed[i] && n->kind == NODE_OP;
        if (computed && !needed) continue;
        if (computed && !is_view(n) && take_out(p, n)) {
            any = true;
            continue;
        }
        for (int k = 0; k < n->nin; k++) p->needed[n->in[k]->id] = true;
    }
    return any;
}

/* ---- the function that prepares ---- */

static Node *assignment(Prepare *p, const Node *n, Node *value)
{
    Arena *a = p->cx->arena;
    Node  *assign = node_new(a, NODE_ASSIGN, (Type){0}, n->span);
    assign->in = arena_array(a, Node *, 1);
    assign->in[0] = value;
    assign->nin = 1;
    assign->at = n->at;
    assign->layer = n->layer;
    assign->as.variable.variable = p->variables[n->id];
    assign->as.variable.path = p->paths[n->id];
    return assign;
}

/* Copies what is computed for the values that are taken out. */
static void copy_values(Prepare *p, IrFunction *to)
{
    Arena *a = p->cx->arena;
    Map    copies = {.arena = a};
    for (size_t i = 0; i < p->f->nodes.len; i++) {
        if (p->variables[i]) find_tree(p, p->f->nodes.at[i]);
    }
    for (size_t i = 0; i < p->f->nodes.len; i++) {
        Node *n = p->f->nodes.at[i];
        if (p->number[i] == 0) continue;
        Node *copy = arena_new(a, Node);
        *copy = *n;
        copy->in = arena_array(a, Node *, (size_t)n->nin + 1);
        for (int k = 0; k < n->nin; k++) copy->in[k] = map_get(&copies, n->in[k]);
        map_set(&copies, n, copy);
        vec_push(a, &to->nodes, copy);
        if (p->variables[i]) vec_push(a, &to->nodes, assignment(p, n, copy));
    }
}

static IrFunction *callee_prepare(Prepare *p, const Node *n)
{
    IrFunction *callee = node_callee(n);
    return callee ? map_get(&p->prepares, callee) : NULL;
}

static bool is_called(const IrFunction *f, const IrFunction *callee, Path path)
{
    for (size_t i = 0; i < f->nodes.len; i++) {
        const Node *n = f->nodes.at[i];
        if (node_callee(n) == callee && path_equal(node_callee_path(n), path)) return true;
    }
    return false;
}

/* Calls of what prepares for the callees, once for each layer. A scan's step has one owner for all steps. */
static void call_others(Prepare *p, IrFunction *to)
{
    for (size_t i = 0; i < p->f->nodes.len; i++) {
        const Node *n = p->f->nodes.at[i];
        IrFunction *callee = callee_prepare(p, n);
        if (!callee || (n->kind != NODE_LOOP && is_called(to, callee, node_callee_path(n)))) continue;
        Node *call = node_new(p->cx->arena, n->kind == NODE_LOOP ? NODE_LOOP : NODE_CALL, (Type){0}, n->span);
        call->at = n->at;
        call->layer = n->layer;
        if (n->kind == NODE_LOOP) {
            call->as.loop.body = callee;
            call->as.loop.count = n->as.loop.count;
        } else {
            call->as.call.function = callee;
            call->as.call.path = node_callee_path(n);
        }
        vec_push(p->cx->arena, &to->nodes, call);
    }
}

/* The function reads what is prepared. */
static void read_prepared(Prepare *p)
{
    Map instead = {.arena = p->cx->arena};
    for (size_t i = 0; i < p->f->nodes.len; i++) {
        Node *n = p->f->nodes.at[i];
        for (int k = 0; k < n->nin; k++) {
            Node *with = map_get(&instead, n->in[k]);
            if (with) n->in[k] = with;
        }
        if (!p->variables[i]) continue;
        Node *read = node_new(p->cx->arena, NODE_VARIABLE, n->type, n->span);
        read->name = n->name;
        read->at = n->at;
        read->layer = n->layer;
        read->as.variable.variable = p->variables[i];
        read->as.variable.path = p->paths[i];
        map_set(&instead, n, read);
        p->f->nodes.at[i] = read;
    }
    for (size_t i = 0; i < p->f->results.len; i++) {
        Node *with = map_get(&instead, p->f->results.at[i]);
        if (with) p->f->results.at[i] = with;
    }
}

static void prepare_function(Prepare *p, IrFunction *f)
{
    Arena *a = p->cx->arena;
    size_t count = f->nodes.len;
    p->f = f;
    p->layout = f->owner ? layout_of(p->cx->layouts, f->owner) : NULL;
    if (!p->layout) return;
    p->fixed = fixed_values(p->cx, f);
    p->needed = arena_array(a, bool, count + 1);
    p->variables = arena_array(a, Variable *, count + 1);
    p->paths = arena_array(a, Path, count + 1);
    p->number = arena_array(a, int, count + 1);
    p->tree = (NodeVec){0};
    bool any = choose(p);
    for (size_t i = 0; i < count; i++) any |= callee_prepare(p, f->nodes.at[i]) != NULL;
    if (!any) return;
    IrFunction *made = arena_new(a, IrFunction);
    *made = (IrFunction){.name = arena_printf(a, "%s_prepare", f->name), .owner = f->owner, .span = f->span};
    copy_values(p, made);
    call_others(p, made);
    read_prepared(p);
    map_set(&p->prepares, f, made);
    vec_push(a, &p->cx->program->functions, made);
}

/* requires ids, legalize; ensures that a call computes nothing from weights alone that can be kept; invalidates ids */
void pass_prepare(PassContext *cx)
{
    Prepare p = {.cx = cx, .interner = cx->layouts->interner, .prepares = {.arena = cx->arena}, .by_text = {.arena = cx->arena}};
    size_t  count = cx->program->functions.len; /* callees stand before callers */
    for (size_t i = 0; i < count; i++) prepare_function(&p, cx->program->functions.at[i]);
    cx->program->prepare = map_get(&p.prepares, cx->program->main);
}
