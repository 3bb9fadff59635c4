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
                       .begin = l->begin,
                       .end = l->end,
                       .component = component_of(path, parent > MDL_MODEL ? r->layers[parent].path : ""),
                       .h5_path = field_text(v, &mdl_layer_fields, "h5_path", id)};
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
    return v->failed ? NULL : v;
}
