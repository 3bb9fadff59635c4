#include "walk.h"

static void add_slot(Arena *a, ChildVec *out, Slot *slot, Path above)
{
    Step step = {.name = slot->name, .index = slot->index};
    Path path = path_join(a, above, (Path){&step, 1});
    if (slot->kind != SLOT_LAYER) {
        for (size_t i = 0; i < slot->items.len; i++) add_slot(a, out, slot->items.at[i], path);
        return;
    }
    bool element = !slot->name && !slot->alias; /* an alias is told by its whole path */
    Child c = {.component = path_text(a, element ? above : path), .index = element ? slot->index : -1, .path = path, .layer = slot->layer, .alias = slot->alias};
    vec_push(a, out, c);
}

ChildVec children_of(Arena *a, const Instance *owner)
{
    ChildVec out = {0};
    for (size_t i = 0; i < owner->slots.len; i++) add_slot(a, &out, owner->slots.at[i], (Path){NULL, 0});
    return out;
}

static void number(Arena *a, Instance *layer, mdl_layer *next)
{
    layer->id = (*next)++;
    ChildVec children = children_of(a, layer);
    for (size_t i = 0; i < children.len; i++) {
        if (!children.at[i].alias) number(a, children.at[i].layer, next);
    }
}

mdl_layer number_layers(Arena *a, Instance *model)
{
    mdl_layer next = MDL_MODEL;
    number(a, model, &next);
    return next;
}
