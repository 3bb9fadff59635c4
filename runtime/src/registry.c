/* The registry: every layer and variable of a model, as its instantiation records them.
 *
 * Adding only appends; what was added is put in order, and given its paths, when somebody first reads (`seal`). The order is
 * Keras': a layer's own trainable variables, its own others, then its sub-layers depth first as declared. A layer may list
 * variables of others among its own: each stands once, where it is listed first. */
#include "registry.h"

#include <stdlib.h>
#include <string.h>

/* ---- adding ---- */

/* Makes room for one more element; false, and the failure sticks, if there is no memory. */
static bool reserve(mdl_registry *r, void *array, int32_t len, int32_t *cap, size_t size)
{
    if (r->status != MDL_OK) return false;
    r->sealed = false;
    if (len < *cap) return true;
    if (*cap > INT32_MAX / 2) {
        r->status = MDL_NO_MEMORY;
        return false;
    }
    const int32_t more = *cap == 0 ? 64 : *cap * 2;
    void        **at = array;
    void         *grown = realloc(*at, (size_t)more * size);
    if (grown == NULL) {
        r->status = MDL_NO_MEMORY;
        return false;
    }
    *at = grown;
    *cap = more;
    return true;
}

static mdl_layer add_layer(mdl_registry *r, Edge edge, const mdl_layer_info *info)
{
    if (!reserve(r, &r->layers, r->nlayers, &r->layers_cap, sizeof *r->layers)) return MDL_NO_LAYER;
    const mdl_layer id = r->nlayers++;
    r->layers[id] = (Layer){.info = *info, .edge = edge, .first_child = MDL_NO_LAYER, .last_child = MDL_NO_LAYER,
                            .next = MDL_NO_LAYER, .first_variable = -1, .last_variable = -1, .first_listing = -1,
                            .last_listing = -1};
    if (id == MDL_MODEL) return id;
    Layer *parent = &r->layers[edge.parent];
    if (parent->last_child == MDL_NO_LAYER) parent->first_child = id;
    else r->layers[parent->last_child].next = id;
    parent->last_child = id;
    return id;
}

mdl_registry *mdl_registry_create(const char *model, const mdl_layer_info *info)
{
    mdl_registry *r = calloc(1, sizeof *r);
    if (r == NULL) return NULL;
    mdl_layer_info top = *info;
    top.class_name = model;
    if (add_layer(r, (Edge){.parent = MDL_NO_LAYER, .index = -1}, &top) != MDL_MODEL) {
        mdl_registry_free(r);
        return NULL;
    }
    return r;
}

mdl_status mdl_registry_status(const mdl_registry *r)
{
    return r->status;
}

void mdl_registry_free(mdl_registry *r)
{
    if (r == NULL) return;
    mdl_pool_free(&r->pool);
    free(r->layers);
    free(r->variables);
    free(r->listings);
    free(r->slots);
    free(r->order);
    free(r->below);
    free(r->tree);
    mdl_names_free(&r->names);
    free(r);
}

/* A caller that names a layer which isn't there made a mistake that must not go unseen. */
static bool is_layer(mdl_registry *r, mdl_layer layer)
{
    if (layer >= 0 && layer < r->nlayers) return true;
    if (r->status == MDL_OK) r->status = MDL_USAGE;
    return false;
}

mdl_layer mdl_layer_item(mdl_registry *r, mdl_layer parent, const char *component, int64_t index,
                         const mdl_layer_info *info)
{
    if (!is_layer(r, parent)) return MDL_NO_LAYER;
    return add_layer(r, (Edge){.parent = parent, .component = component, .index = index}, info);
}

mdl_layer mdl_layer_add(mdl_registry *r, mdl_layer parent, const char *component, const mdl_layer_info *info)
{
    return mdl_layer_item(r, parent, component, -1, info);
}

void mdl_variable_add(mdl_registry *r, mdl_layer layer, const mdl_variable_info *info, void *slot)
{
    if (!is_layer(r, layer)) return;
    if (!reserve(r, &r->variables, r->nvariables, &r->variables_cap, sizeof *r->variables)) return;
    const int32_t id = r->nvariables++;
    r->variables[id] = (Variable){.info = *info, .slot = slot, .next = -1, .seen.layer = layer};
    Layer *owner = &r->layers[layer];
    if (owner->last_variable < 0) owner->first_variable = id;
    else r->variables[owner->last_variable].next = id;
    owner->last_variable = id;
}

void mdl_variable_list(mdl_registry *r, mdl_layer layer, const mdl_listing_info *info)
{
    if (!is_layer(r, layer)) return;
    if (!reserve(r, &r->listings, r->nlistings, &r->listings_cap, sizeof *r->listings)) return;
    const int32_t id = r->nlistings++;
    Layer        *l = &r->layers[layer];
    r->listings[id] = (Listing){.info = *info, .layer = layer, .after = l->last_variable, .next = -1};
    if (l->last_listing < 0) l->first_listing = id;
    else r->listings[l->last_listing].next = id;
    l->last_listing = id;
}

void mdl_layer_alias(mdl_registry *r, mdl_layer parent, const char *component, mdl_layer first)
{
    if (!is_layer(r, parent) || !is_layer(r, first)) return;
    Edge *edge = mdl_pool_alloc(&r->pool, sizeof *edge);
    if (edge == NULL) {
        r->status = MDL_NO_MEMORY;
        return;
    }
    *edge = (Edge){.parent = parent, .component = component, .index = -1};
    Edge *last = &r->layers[first].edge;
    while (last->next != NULL) last = last->next;
    last->next = edge;
    r->sealed = false;
}

void mdl_slot_alias(mdl_registry *r, void *first, void *slot)
{
    if (!reserve(r, &r->slots, r->nslots, &r->slots_cap, sizeof *r->slots)) return;
    r->slots[r->nslots++] = (SlotAlias){first, slot};
}

void mdl_registry_ports(mdl_registry *r, int ninputs, const mdl_port_info *inputs, int noutputs,
                        const mdl_port_info *outputs)
{
    r->ninputs = ninputs;
    r->inputs = inputs;
    r->noutputs = noutputs;
    r->outputs = outputs;
}

/* ---- sealing ---- */

/* `above` + "." + component + "." + index, without what is empty. */
static const char *join(mdl_registry *r, const char *above, const char *component, int64_t index)
{
    char   digits[24];
    size_t ndigits = 0;
    for (uint64_t v = (uint64_t)index; index >= 0; v /= 10) {
        digits[sizeof digits - ++ndigits] = (char)('0' + v % 10);
        if (v < 10) break;
    }
    const size_t nabove = strlen(above), nown = strlen(component);
    char *path = mdl_pool_text(&r->pool, nabove + 1 + nown + 1 + ndigits + 1);
    if (path == NULL) return "";
    char *at = path;
    memcpy(at, above, nabove);
    at += nabove;
    if (nabove > 0 && nown > 0) *at++ = '.';
    memcpy(at, component, nown);
    at += nown;
    if (ndigits > 0) *at++ = '.';
    memcpy(at, digits + sizeof digits - ndigits, ndigits);
    return path;
}

/* What a layer inherits; its parent came before it. */
static void seal_layer(mdl_registry *r, mdl_layer id)
{
    Layer *l = &r->layers[id];
    if (id == MDL_MODEL) {
        l->path = "";
        l->depth = 0;
        l->shared = l->edge.next != NULL;
        l->frozen_by = l->info.frozen ? id : MDL_NO_LAYER;
        return;
    }
    const Layer *parent = &r->layers[l->edge.parent];
    if (l->path == NULL) l->path = join(r, parent->path, l->edge.component, l->edge.index);
    l->depth = parent->depth + 1;
    l->shared = parent->shared || l->edge.next != NULL;
    l->frozen_by = l->info.frozen ? id : parent->frozen_by;
}

static uint64_t times(uint64_t a, uint64_t b)
{
    return a != 0 && b > UINT64_MAX / a ? UINT64_MAX : a * b;
}

static const mdl_initializer zeros = {.kind = MDL_INIT_ZEROS, .text = "zeros"};

static void seal_variable(mdl_registry *r, Variable *v)
{
    const Layer  *owner = &r->layers[v->seen.layer];
    mdl_variable *s = &v->seen;
    if (s->path == NULL) s->path = join(r, owner->path, v->info.name, -1);
    s->dtype = v->info.dtype;
    s->rank = v->info.rank;
    s->shape = v->info.shape;
    s->init = v->info.init != NULL ? v->info.init : &zeros;
    s->elements = 1;
    for (int i = 0; i < s->rank; i++) s->elements = times(s->elements, (uint64_t)s->shape[i]);
    s->bytes = times(s->elements, mdl_dtype_size(s->dtype));
    s->trainable = !v->info.is_state && !v->info.frozen && owner->frozen_by == MDL_NO_LAYER;
}

/* Finds the variables that are listed by other layers. */
static bool find_listed(mdl_registry *r)
{
    for (int32_t i = 0; i < r->nvariables; i++) r->variables[i].place = r->variables[i].listing = -1;
    for (int32_t i = r->nlistings - 1; i >= 0; i--) { /* the first listing of a variable ends up in front */
        Listing *l = &r->listings[i];
        if (!is_layer(r, l->info.owner)) return false;
        l->variable = r->layers[l->info.owner].first_variable;
        while (l->variable >= 0 && strcmp(r->variables[l->variable].info.name, l->info.variable) != 0) {
            l->variable = r->variables[l->variable].next;
        }
        if (l->variable < 0) {
            r->status = MDL_USAGE;
            return false;
        }
        l->twin = r->variables[l->variable].listing;
        r->variables[l->variable].listing = i;
    }
    return true;
}

/* Appends a variable in its turn, unless it has its place. */
static int32_t order_one(mdl_registry *r, int32_t id, bool later, int32_t n)
{
    Variable                *v = &r->variables[id];
    const mdl_variable_info *info = &v->info;
    if (v->place >= 0 || (info->is_state || (info->frozen && !info->in_place)) != later) return n;
    v->place = n;
    r->order[n++] = id;
    return n;
}

/* The listings that stand behind the own variable `after`. */
static int32_t order_listed(mdl_registry *r, const Layer *l, int32_t after, bool later, int32_t n)
{
    for (int32_t id = l->first_listing; id >= 0; id = r->listings[id].next) {
        if (r->listings[id].after == after) n = order_one(r, r->listings[id].variable, later, n);
    }
    return n;
}

/* Appends what a layer lists, those that training could update first. Being frozen from above changes no order. */
static int32_t order_own(mdl_registry *r, const Layer *l, int32_t n)
{
    for (int later = 0; later < 2; later++) {
        n = order_listed(r, l, -1, later == 1, n);
        for (int32_t id = l->first_variable; id >= 0; id = r->variables[id].next) {
            n = order_one(r, id, later == 1, n);
            n = order_listed(r, l, id, later == 1, n);
        }
    }
    return n;
}

static int compare_places(const void *a, const void *b)
{
    const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* The places of the layers' own variables: what is below a layer stands side by side there, wherever it is listed. */
static void fill_below(mdl_registry *r)
{
    int32_t n = 0;
    for (int32_t i = 0; i < r->nlayers; i++) { /* every layer before those below it */
        Layer *l = &r->layers[r->tree[i]];
        l->begin = n;
        for (int32_t id = l->first_variable; id >= 0; id = r->variables[id].next) r->below[n++] = r->variables[id].place;
        l->end = n;
        qsort(r->below + l->begin, (size_t)(n - l->begin), sizeof *r->below, compare_places);
    }
    for (int32_t i = r->nlayers - 1; i > 0; i--) {
        const Layer *l = &r->layers[r->tree[i]];
        Layer       *above = &r->layers[l->edge.parent];
        if (above->end < l->end) above->end = l->end;
    }
}

mdl_status mdl_registry_seal(mdl_registry *r)
{
    if (r->status != MDL_OK || r->sealed) return r->status;
    free(r->order);
    free(r->below);
    free(r->tree);
    mdl_names_free(&r->names);
    r->below = malloc((size_t)(r->nvariables + 1) * sizeof *r->below);
    r->order = malloc((size_t)(r->nvariables + 1) * sizeof *r->order);
    r->tree = malloc((size_t)r->nlayers * sizeof *r->tree);
    if (r->order == NULL || r->below == NULL || r->tree == NULL) return r->status = MDL_NO_MEMORY;
    if (!find_listed(r)) return r->status;

    /* Depth first without recursion: down to the first child, else on to the next sibling of the nearest layer that has one. */
    int32_t   nlayers = 0, nvariables = 0;
    mdl_layer id = MDL_MODEL;
    while (id != MDL_NO_LAYER) {
        seal_layer(r, id);
        const Layer *l = &r->layers[id];
        r->tree[nlayers++] = id;
        nvariables = order_own(r, l, nvariables);
        mdl_layer on = l->first_child;
        while (on == MDL_NO_LAYER && id != MDL_NO_LAYER) {
            on = r->layers[id].next;
            id = r->layers[id].edge.parent;
        }
        id = on;
    }
    fill_below(r);
    for (int32_t i = 0; i < r->nvariables; i++) seal_variable(r, &r->variables[r->order[i]]);
    if (r->pool.failed) return r->status = MDL_NO_MEMORY;
    r->sealed = true;
    return MDL_OK;
}

/* ---- reading ---- */

int32_t mdl_registry_count(mdl_registry *r)
{
    return mdl_registry_seal(r) == MDL_OK ? r->nvariables : 0;
}

const Variable *mdl_registry_at(mdl_registry *r, int32_t index)
{
    if (mdl_registry_seal(r) != MDL_OK || index < 0 || index >= r->nvariables) return NULL;
    return &r->variables[r->order[index]];
}

const mdl_variable *mdl_registry_variable(mdl_registry *r, int32_t index)
{
    const Variable *v = mdl_registry_at(r, index);
    return v != NULL ? &v->seen : NULL;
}
