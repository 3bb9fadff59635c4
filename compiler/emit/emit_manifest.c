/* The registry, made inside the compiler by the calls that the generated code would make. */
#include <string.h>

#include "emitter.h"
#include "walk.h"

typedef struct Recorder {
    Arena        *arena;
    SourceMap    *sources;
    mdl_registry *registry;
} Recorder;

static mdl_layer_info info_of(const Recorder *r, const Instance *layer)
{
    Source *source = layer->span.file ? source_get(r->sources, layer->span.file) : NULL;
    return (mdl_layer_info){
        .class_name = layer->class_name,
        .keras = layer->keras,
        .keras2 = layer->keras2,
        .keras_parent = layer->keras_parent ? layer->keras_parent->id : MDL_NO_LAYER,
        .h5 = layer->h5,
        .h5_parent = layer->h5_parent ? layer->h5_parent->id : MDL_NO_LAYER,
        .output = layer->output,
        .file = source ? source_shown(source) : NULL,
        .line = source ? (int32_t)source_place(source, layer->span.start).line : 0,
        .state = layer->state,
        .missing = layer->missing,
        .frozen = layer->frozen,
    };
}

/* What the layer lists of others, before its own variable of this index. */
static void record_listings(const Recorder *r, const Instance *layer, size_t before)
{
    for (size_t i = 0; i < layer->listings.len; i++) {
        const Listing *l = &layer->listings.at[i];
        const mdl_listing_info info = {
            .name = l->name->text, .owner = l->variable->owner->id, .variable = l->variable->name->text, .h5 = l->h5,
        };
        if (l->before == before) mdl_variable_list(r->registry, layer->id, &info);
    }
}

static void record_variables(const Recorder *r, const Instance *layer)
{
    record_listings(r, layer, 0);
    for (size_t i = 0; i < layer->variables.len; i++) {
        const Variable *v = layer->variables.at[i];
        mdl_variable_info info = {
            .name = v->name->text, .dtype = (mdl_dtype)v->dtype, .rank = v->rank, .shape = v->shape, .is_state = v->is_state,
            .frozen = v->frozen, .in_place = v->in_place, .init = v->init, .aliases = v->aliases, .h5 = v->h5, .keras = v->keras, .keras2 = v->keras2,
        };
        mdl_variable_add(r->registry, layer->id, &info, NULL);
        record_listings(r, layer, i + 1);
    }
}

static void record_children(const Recorder *r, const Instance *owner)
{
    ChildVec children = children_of(r->arena, owner);
    for (size_t i = 0; i < children.len; i++) {
        const Child *c = &children.at[i];
        if (c->alias) {
            mdl_layer_alias(r->registry, owner->id, c->component, c->layer->id);
            continue;
        }
        mdl_layer_info info = info_of(r, c->layer);
        if (c->index < 0) mdl_layer_add(r->registry, owner->id, c->component, &info);
        else mdl_layer_item(r->registry, owner->id, c->component, c->index, &info);
        record_variables(r, c->layer);
        record_children(r, c->layer);
    }
}

static const mdl_port_info *port_infos(Arena *a, const Program *p, const Port *ports, size_t count)
{
    mdl_port_info *infos = arena_array(a, mdl_port_info, count + 1);
    for (size_t i = 0; i < count; i++) infos[i] = (mdl_port_info){ports[i].name, type_text(p->dims, a, ports[i].type)};
    return infos;
}

mdl_registry *emit_registry(Arena *a, const Program *p, SourceMap *sources)
{
    Recorder r = {.arena = a, .sources = sources};
    number_layers(a, p->model);
    mdl_layer_info info = info_of(&r, p->model);
    r.registry = mdl_registry_create(p->name, &info);
    if (!r.registry) return NULL;
    mdl_registry_ports(r.registry, (int)p->inputs.len, port_infos(a, p, p->inputs.at, p->inputs.len), (int)p->outputs.len,
                       port_infos(a, p, p->outputs.at, p->outputs.len));
    record_variables(&r, p->model);
    record_children(&r, p->model);
    return r.registry;
}
