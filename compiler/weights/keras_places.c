/* Where Keras puts the variables of a model in a weight file, by how the model is made there. */
#include <string.h>

#include "bind_layers.h"

/* "layers/dense_2" of a layer of the model: numbered by class in the order of declaration, with those that have no weights. */
static const char *numbered_place(const ModelView *m, const ViewLayer *layer)
{
    const char *snake = snake_case(m->arena, layer->class_name);
    int         before = 0;
    for (int32_t i = 0; i < m->nlayers && m->layers[i].id != layer->id; i++) {
        const ViewLayer *l = &m->layers[i];
        before += l->parent == MDL_MODEL && !strcmp(snake_case(m->arena, l->class_name), snake);
    }
    return before ? arena_printf(m->arena, "layers/%s_%d", snake, before) : arena_printf(m->arena, "layers/%s", snake);
}

/* The layer of the model that holds a place; NULL: the model itself. */
static const ViewLayer *top_layer(const ModelView *m, int32_t place)
{
    for (int32_t i = 0; i < m->nlayers; i++) {
        const ViewLayer *l = &m->layers[i];
        if (l->parent == MDL_MODEL && place >= l->begin && place < l->end) return l;
    }
    return NULL;
}

mdl_status keras_places(const ModelView *m, const char *layout, const char **places, mdl_error *error)
{
    const bool subclass = !strcmp(layout, "subclass");
    if (!subclass && strcmp(layout, "functional") && strcmp(layout, "sequential")) {
        return mdl_fail(error, MDL_USAGE, "--layout knows `subclass`, `functional` and `sequential`, not `%s`", layout);
    }
    for (int32_t i = 0; i < m->nplaces; i++) {
        const char      *path = m->variables[m->places[i].variable].is->path, *place = m->places[i].h5_path;
        const ViewLayer *top = subclass ? NULL : top_layer(m, i);
        if (!*place) {
            return mdl_fail(error, MDL_USAGE, "`%s` has no place in a Keras weight file: Keras does not save it", path);
        }
        if (!subclass && !top) {
            return mdl_fail(error, MDL_USAGE,
                            "`%s` belongs to the model itself, which a %s model cannot have; write it with --layout subclass",
                            path, layout);
        }
        const size_t n = top ? strlen(top->h5_path) : 0;
        places[i] = subclass ? place : arena_printf(m->arena, "%s%s", numbered_place(m, top), place + n);
    }
    return MDL_OK;
}
