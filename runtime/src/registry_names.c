/* The names of a registry's layers and variables: their aliases, what other tools call them, and looking them up. */
#include "registry.h"

#include <string.h>

/* ---- in other tools ---- */

void mdl_put_name(Text *t, mdl_name name)
{
    mdl_put(t, name.text);
    if (name.number > 0) {
        mdl_putc(t, '_');
        mdl_put_int(t, name.number);
    }
}

/* Whose names: those of Keras 3, of Keras 2, or the groups in a .weights.h5 file. */
typedef enum Scheme { KERAS3, KERAS2, H5 } Scheme;

static mdl_name name_in(const Layer *l, Scheme scheme)
{
    if (scheme == KERAS2 && l->info.keras2 != NULL) return (mdl_name){l->info.keras2, 0};
    return scheme == H5 ? l->info.h5 : l->info.keras;
}

/* The scope in which Keras opened the layer's, or the layer above its group in a file. */
static mdl_layer scope_above(const mdl_registry *r, mdl_layer layer, Scheme scheme)
{
    const Layer    *l = &r->layers[layer];
    const mdl_layer other = scheme == H5 ? l->info.h5_parent : l->info.keras_parent;
    return other >= 0 && other < r->nlayers ? other : l->edge.parent;
}

/* The names from the model down to `layer`, separated by slashes. A layer without a name has no scope of its own.
 * `hops` ends the walk if scopes go round in a circle. */
static void put_scopes(Text *t, const mdl_registry *r, mdl_layer layer, Scheme scheme, int hops)
{
    if (layer == MDL_NO_LAYER || hops > 4096) return;
    const mdl_name name = name_in(&r->layers[layer], scheme);
    if (layer != MDL_MODEL) put_scopes(t, r, scope_above(r, layer, scheme), scheme, hops + 1);
    if (name.text == NULL || name.text[0] == '\0' || (scheme == H5 && layer == MDL_MODEL)) return;
    if (t->len > 0) mdl_putc(t, '/');
    mdl_put_name(t, name);
}

void mdl_put_keras_path(Text *t, const mdl_registry *r, mdl_layer layer)
{
    put_scopes(t, r, layer, KERAS3, 0);
}

void mdl_put_keras2_path(Text *t, const mdl_registry *r, mdl_layer layer)
{
    put_scopes(t, r, layer, KERAS2, 0);
}

void mdl_put_h5_path(Text *t, const mdl_registry *r, mdl_layer layer)
{
    put_scopes(t, r, layer, H5, 0);
}

void mdl_put_source(Text *t, const Layer *layer)
{
    if (layer->info.file == NULL) return;
    mdl_put(t, layer->info.file);
    if (layer->info.line > 0) {
        mdl_putc(t, ':');
        mdl_put_int(t, layer->info.line);
    }
}

/* ---- aliases ---- */

typedef struct Walk {
    const mdl_registry *r;
    EachPath           *each;
    void               *context;
    const char         *last;
    const Edge        **edges; /* from the layer up to the model */
    int                 capacity;
    int                 found, steps;
} Walk;

static void found_path(Walk *w, int depth)
{
    if (w->found++ == 0) return; /* the first is the layer's own path */
    Text path = {0};
    for (int i = depth - 1; i >= 0; i--) {
        const Edge *e = w->edges[i];
        if (path.len > 0 && e->component[0] != '\0') mdl_putc(&path, '.');
        mdl_put(&path, e->component);
        if (e->index >= 0) {
            mdl_putc(&path, '.');
            mdl_put_int(&path, e->index);
        }
    }
    if (w->last != NULL) {
        if (path.len > 0) mdl_putc(&path, '.');
        mdl_put(&path, w->last);
    }
    if (!path.failed) w->each(w->context, path.s, path.len);
    mdl_text_free(&path);
}

/* Whether the way up has been at this layer: then the layer contains itself. */
static bool was_at(const Walk *w, mdl_layer layer, int depth)
{
    for (int i = 0; i < depth; i++) {
        if (w->edges[i]->parent == layer) return true;
    }
    return false;
}

/* Goes up by every edge, the declaration first. The bounds keep layers that are shared at many levels from multiplying. */
static void walk_up(Walk *w, mdl_layer layer, int depth)
{
    if (w->found > MDL_MAX_ALIASES || w->steps++ > 64 * MDL_MAX_ALIASES) return;
    if (layer == MDL_MODEL) {
        found_path(w, depth);
        return;
    }
    if (depth == w->capacity) return;
    for (const Edge *e = &w->r->layers[layer].edge; e != NULL; e = e->next) {
        if (was_at(w, e->parent, depth)) continue;
        w->edges[depth] = e;
        walk_up(w, e->parent, depth + 1);
    }
}

void mdl_layer_aliases(const mdl_registry *r, mdl_layer layer, const char *last, EachPath *each, void *context)
{
    enum { DEEPEST = 256 };
    const Edge *edges[DEEPEST];
    if (!r->layers[layer].shared || r->layers[layer].depth > DEEPEST) return;
    Walk w = {.r = r, .each = each, .context = context, .last = last, .edges = edges, .capacity = DEEPEST};
    walk_up(&w, layer, 0);
}

/* The path by which a layer that lists the variable has it, and by which its aliases do. */
static void put_listing(const mdl_registry *r, const Listing *l, EachPath *each, void *context)
{
    Text path = {0};
    mdl_put(&path, r->layers[l->layer].path);
    if (path.len > 0) mdl_putc(&path, '.');
    mdl_put(&path, l->info.name);
    if (!path.failed) each(context, path.s, path.len);
    mdl_text_free(&path);
    mdl_layer_aliases(r, l->layer, l->info.name, each, context);
}

void mdl_variable_aliases(const mdl_registry *r, const Variable *v, EachPath *each, void *context)
{
    mdl_layer_aliases(r, v->seen.layer, v->info.name, each, context);
    for (int32_t i = v->listing; i >= 0; i = r->listings[i].twin) put_listing(r, &r->listings[i], each, context);
    if (v->info.aliases == NULL) return;
    for (const char *const *name = v->info.aliases; *name != NULL; name++) each(context, *name, strlen(*name));
}

/* ---- looking up ---- */

/* What collects the aliases of all variables: first counted, then entered. */
typedef struct Entry {
    mdl_registry *r;
    int32_t       index;
    size_t        count;
} Entry;

static void count_name(void *context, const char *name, size_t len)
{
    (void)name, (void)len;
    ((Entry *)context)->count++;
}

/* The first to have a name keeps it; paths are entered before aliases. */
static void enter_name(void *context, const char *name, size_t len)
{
    const Entry *e = context;
    if (mdl_names_find(&e->r->names, name, len) >= 0) return;
    const char *kept = mdl_pool_copy(&e->r->pool, name, len);
    if (kept != NULL) mdl_names_enter(&e->r->names, kept, len, e->index);
}

static bool make_names(mdl_registry *r)
{
    Entry e = {.r = r, .count = (size_t)r->nvariables};
    for (int32_t i = 0; i < r->nvariables; i++) mdl_variable_aliases(r, &r->variables[i], count_name, &e);
    if (!mdl_names_make(&r->names, e.count)) return false;
    r->twin = -1;
    for (int32_t i = 0; i < r->nvariables; i++) {
        const char *path = r->variables[r->order[i]].seen.path;
        if (mdl_names_enter(&r->names, path, strlen(path), i) >= 0) r->twin = i;
    }
    for (e.index = 0; e.index < r->nvariables; e.index++) {
        mdl_variable_aliases(r, &r->variables[r->order[e.index]], enter_name, &e);
    }
    return !r->pool.failed;
}

mdl_status mdl_registry_names(mdl_registry *r)
{
    if (mdl_registry_seal(r) != MDL_OK) return r->status;
    if (r->names.slots == NULL && !make_names(r)) r->status = MDL_NO_MEMORY;
    return r->status;
}

int32_t mdl_registry_find(mdl_registry *r, const char *name, size_t len)
{
    if (mdl_registry_names(r) != MDL_OK) return -1;
    return mdl_names_find(&r->names, name, len);
}
