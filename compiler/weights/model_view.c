#include "model_view.h"

#include <string.h>

#include "record.h"
#include "registry.h"

/* The text of a field of the manifest. */
static const char *field_text(ModelView *v, const Fields *fields, const char *name, int32_t id)
{
    Text        t = {0};
    const char *copy = "";
    for (int i = 0; i < fields->count; i++) {
        if (strcmp(fields->at[i].name, name)) continue;
        fields->at[i].put(&t, v->registry, id);
        copy = arena_copy(v->arena, mdl_text_z(&t), t.len);
    }
    v->failed |= t.failed;
    mdl_text_free(&t);
    return copy;
}

static const char *last_part(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

/* "blocks.3" of "encoder.blocks.3" below "encoder". */
static const char *component_of(const char *path, const char *parent)
{
    const size_t n = strlen(parent);
    return n && !strncmp(path, parent, n) && path[n] == '.' ? path + n + 1 : path;
}

static ViewLayer view_layer(ModelView *v, mdl_layer id)
{
    const mdl_registry *r = v->registry;
    const Layer    *l = &r->layers[id];
    const mdl_layer parent = id == MDL_MODEL ? MDL_NO_LAYER : l->edge.parent;
    const char     *path = id == MDL_MODEL ? "" : l->path;
    return (ViewLayer){.id = id,
                       .parent = parent,
                       .path = path,
                       .class_name = l->info.class_name,
                       .component = component_of(path, parent > MDL_MODEL ? r->layers[parent].path : ""),
                       .h5_path = field_text(v, &mdl_layer_fields, "h5_path", id)};
}

static int32_t own_count(const mdl_registry *r, const Layer *l)
{
    int32_t n = 0;
    for (int32_t id = l->first_variable; id >= 0; id = r->variables[id].next) n++;
    return n;
}

static void add_places(ModelView *v, ViewLayer *to)
{
    const mdl_registry *r = v->registry;
    const Layer        *l = &r->layers[to->id];
    to->begin = v->nplaces;
    for (int32_t i = l->begin, end = l->begin + own_count(r, l); i < end; i++) {
        v->places[v->nplaces++] = (ViewPlace){.variable = r->below[i], .h5_path = v->variables[r->below[i]].h5_path};
    }
    for (int32_t id = l->first_listing; id >= 0; id = r->listings[id].next) {
        const Listing *again = &r->listings[id];
        const char    *h5 = again->info.h5;
        if (h5 && *to->h5_path) h5 = arena_printf(v->arena, "%s/%s", to->h5_path, h5);
        v->places[v->nplaces++] =
            (ViewPlace){.variable = r->variables[again->variable].place, .h5_path = h5 ? h5 : "", .again = true};
    }
    to->end = v->nplaces;
}

/* The places of every layer; those below it follow its own. */
static void find_places(ModelView *v)
{
    const mdl_registry *r = v->registry;
    int32_t            *shown = arena_array(v->arena, int32_t, (size_t)v->nlayers + 1); /* of a layer: its index in `layers` */
    v->places = arena_array(v->arena, ViewPlace, (size_t)(r->nvariables + r->nlistings) + 1);
    for (int32_t i = 0; i < v->nlayers; i++) {
        shown[v->layers[i].id] = i;
        add_places(v, &v->layers[i]);
    }
    for (int32_t i = v->nlayers - 1; i > 0; i--) {
        ViewLayer *above = &v->layers[shown[v->layers[i].parent]];
        if (above->end < v->layers[i].end) above->end = v->layers[i].end;
    }
}

ModelView *model_view(Arena *a, mdl_registry *r)
{
    if (mdl_registry_seal(r) != MDL_OK) return NULL;
    ModelView *v = arena_new(a, ModelView);
    v->arena = a;
    v->registry = r;
    v->count = mdl_registry_count(r);
    v->variables = arena_array(a, ViewVariable, (size_t)v->count + 1);
    for (int32_t i = 0; i < v->count; i++) {
        ViewVariable *x = &v->variables[i];
        x->is = mdl_registry_variable(r, i);
        x->index = i;
        x->name = last_part(x->is->path);
        x->class_name = r->layers[x->is->layer].info.class_name;
        x->initializer = x->is->init ? x->is->init->text : "zeros";
        x->h5_path = field_text(v, &mdl_variable_fields, "h5_path", i);
        x->keras_path = field_text(v, &mdl_variable_fields, "keras_path", i);
    }
    v->nlayers = r->nlayers;
    v->layers = arena_array(a, ViewLayer, (size_t)r->nlayers + 1);
    for (int32_t i = 0; i < r->nlayers; i++) v->layers[i] = view_layer(v, r->tree[i]);
    find_places(v);
    return v->failed ? NULL : v;
}
