/* Makes every state reachable from the function's owner.
 *
 * A call's states stand in one struct, each at the first path of its layer. A function reaches those below its owner. A shared
 * layer can be reached along other paths: where its first path is below the owner too, that one is taken instead. Where
 * it isn't (a layer that was passed to the owner as a parameter), the function is copied for the call, and the copy belongs to the
 * caller's owner. */
#include <string.h>

#include "../base/bug.h"
#include "../base/map.h"
#include "passes.h"
#include "signature.h"

typedef struct States {
    PassContext *cx;
    Map          touches; /* IrFunction -> itself if it or what it calls uses an assigned state */
    Map          done;    /* IrFunction -> itself */
} States;

static bool is_below(const Instance *layer, const Instance *owner)
{
    if (layer->path.len < owner->path.len) return false;
    return path_equal((Path){layer->path.steps, owner->path.len}, owner->path);
}

/* The first path of a layer below `owner`, from there. */
static Path path_below(const Instance *layer, const Instance *owner)
{
    if (!owner->path.len) return layer->path; /* the model's own has no steps to count from */
    return (Path){layer->path.steps + owner->path.len, layer->path.len - owner->path.len};
}

static Instance *resolve(Instance *from, Path path)
{
    Instance *layer = instance_at(from, path, NULL);
    if (!layer) BUG("nothing at a path of %s", from->class_name);
    return layer;
}

/* Does `f`, called for `owner`, touch an assigned state that is not below `limit`? */
static bool reaches_outside(const States *s, IrFunction *f, Instance *owner, const Instance *limit)
{
    for (size_t i = 0; i < f->nodes.len && map_has(&s->touches, f); i++) {
        Node *n = f->nodes.at[i];
        if (n->kind == NODE_VARIABLE || n->kind == NODE_ASSIGN) {
            Variable *v;
            Instance *layer = instance_at(owner, n->as.variable.path, &v);
            if (layer && v && v->assigned && !is_below(layer, limit)) return true;
        } else if (node_callee(n)) {
            if (reaches_outside(s, node_callee(n), resolve(owner, node_callee_path(n)), limit)) return true;
        }
    }
    return false;
}

/* ---- copies ---- */

static Node *copy_node(States *s, const Node *n, const Map *copies, Path prefix)
{
    Arena *a = s->cx->arena;
    Node  *c = arena_new(a, Node);
    *c = *n;
    c->in = arena_array(a, Node *, (size_t)n->nin + 1);
    for (int i = 0; i < n->nin; i++) c->in[i] = map_get(copies, n->in[i]);
    Path *path = node_path(c);
    if (path) *path = path_join(a, prefix, *path);
    const char *above = path_text(a, prefix);
    if (c->at && *above) c->at = *c->at ? arena_printf(a, "%s.%s", above, c->at) : above;
    return c;
}

static IrFunction *copy_function(States *s, const IrFunction *f, Instance *owner, Path prefix)
{
    Arena      *a = s->cx->arena;
    IrFunction *c = arena_new(a, IrFunction);
    Map         copies = {.arena = a};
    *c = *f;
    c->owner = owner;
    c->params = c->results = c->nodes = (NodeVec){0};
    for (size_t i = 0; i < f->nodes.len; i++) {
        Node *n = copy_node(s, f->nodes.at[i], &copies, prefix);
        map_set(&copies, f->nodes.at[i], n);
        vec_push(a, &c->nodes, n);
        if (n->kind == NODE_PARAM) vec_push(a, &c->params, n);
    }
    for (size_t i = 0; i < f->results.len; i++) vec_push(a, &c->results, map_get(&copies, f->results.at[i]));
    vec_push(a, &s->cx->program->functions, c);
    map_set(&s->touches, c, c);
    return c;
}

/* ---- rewriting ---- */

static void own_function(States *s, IrFunction *f);

static void own_variable(States *s, Node *n, Instance *owner)
{
    Variable *v;
    Path     *path = &n->as.variable.path;
    Instance *layer = instance_at(owner, *path, &v);
    if (!layer || !v || !v->assigned || !is_below(layer, owner)) return;
    *path = path_join(s->cx->arena, path_below(layer, owner), (Path){path->steps + path->len - 1, 1});
}

static void own_call(States *s, Node *n, Instance *owner)
{
    Path        *path = node_path(n);
    IrFunction **callee = n->kind == NODE_CALL ? &n->as.call.function : &n->as.scan.body;
    Instance    *layer = resolve(owner, *path);
    if (is_below(layer, owner)) *path = path_below(layer, owner);
    if (reaches_outside(s, *callee, layer, layer)) {
        *callee = copy_function(s, *callee, owner, *path);
        *path = (Path){NULL, 0};
    }
    own_function(s, *callee);
}

static void own_function(States *s, IrFunction *f)
{
    if (map_has(&s->done, f)) return;
    map_set(&s->done, f, f);
    for (size_t i = 0; i < f->nodes.len; i++) {
        Node *n = f->nodes.at[i];
        if (n->kind == NODE_VARIABLE || n->kind == NODE_ASSIGN) own_variable(s, n, f->owner);
        else if (n->kind == NODE_CALL || n->kind == NODE_SCAN) own_call(s, n, f->owner);
    }
}

static void find_touches(States *s, const Program *p)
{
    for (size_t i = 0; i < p->functions.len; i++) { /* callees first */
        IrFunction *f = p->functions.at[i];
        for (size_t k = 0; k < f->nodes.len; k++) {
            const Node *n = f->nodes.at[k];
            const Variable *v = n->kind == NODE_VARIABLE || n->kind == NODE_ASSIGN ? n->as.variable.variable : NULL;
            if ((v && (v->is_state || v->assigned)) || (node_callee(n) && map_has(&s->touches, node_callee(n)))) map_set(&s->touches, f, f);
        }
    }
}

/* requires paths without loop steps; ensures that the path to every assigned state is the first one, below the owner;
 * invalidates ids */
void pass_states(PassContext *cx)
{
    States s = {.cx = cx, .touches = {.arena = cx->arena}, .done = {.arena = cx->arena}};
    find_touches(&s, cx->program);
    if (map_has(&s.touches, cx->program->main)) own_function(&s, cx->program->main);
}
