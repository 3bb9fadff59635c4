/* The registry: every layer and variable of a model, as its instantiation records them.
 *
 * Adding only appends; what was added is put in order, and given its paths, when somebody first reads (`seal`). The order is
 * Keras': a layer's own trainable variables, its own others, then its sub-layers depth first as declared. */
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
                            .next = MDL_NO_LAYER, .first_variable = -1, .last_variable = -1};
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
    free(r->slots);
    free(r->order);
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

/* Appends a layer's own variables, those that training could update first. Being frozen from above changes no order. */
static int32_t order_own(mdl_registry *r, const Layer *l, int32_t n)
{
    for (int later = 0; later < 2; later++) {
        for (int32_t id = l->first_variable; id >= 0; id = r->variables[id].next) {
            const mdl_variable_info *info = &r->variables[id].info;
            if ((info->is_state || (info->frozen && !info->in_place)) == (later == 1)) r->order[n++] = id;
        }
    }
    return n;
}

mdl_status mdl_registry_seal(mdl_registry *r)
{
    if (r->status != MDL_OK || r->sealed) return r->status;
    free(r->order);
    free(r->tree);
    mdl_names_free(&r->names);
    r->order = malloc((size_t)(r->nvariables + 1) * sizeof *r->order);
    r->tree = malloc((size_t)r->nlayers * sizeof *r->tree);
    if (r->order == NULL || r->tree == NULL) return r->status = MDL_NO_MEMORY;

    /* Depth first without recursion: down to the first child, else on to the next sibling of the nearest layer that has one. */
    int32_t   nlayers = 0, nvariables = 0;
    mdl_layer id = MDL_MODEL;
    while (id != MDL_NO_LAYER) {
        seal_layer(r, id);
        Layer *l = &r->layers[id];
        r->tree[nlayers++] = id;
        l->begin = nvariables;
        l->end = nvariables = order_own(r, l, nvariables);
        mdl_layer on = l->first_child;
        while (on == MDL_NO_LAYER && id != MDL_NO_LAYER) {
            r->layers[id].end = nvariables;
            on = r->layers[id].next;
            id = r->layers[id].edge.parent;
        }
        id = on;
    }
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
