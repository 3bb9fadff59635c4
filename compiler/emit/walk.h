/* The instance tree in the order in which the registry is told of it: a layer's variables, then what stands in its fields. */
#ifndef MDLC_WALK_H
#define MDLC_WALK_H

#include "../sema/instance.h"

/* A layer, or another way to one, below its owner. */
typedef struct Child {
    const char *component; /* the path below the owner: "heads.cls"; of a list's element: the list's path */
    int64_t     index;     /* of a list's element; -1: none */
    Path        path;
    Instance   *layer;
    bool        alias;
} Child;
typedef VEC(Child) ChildVec;

/* Everything that stands in the fields of `owner`, through lists and dicts. */
ChildVec children_of(Arena *a, const Instance *owner);
/* Numbers the layers as the registry will: the model 0, then in the order of addition. Returns how many there are. */
mdl_layer number_layers(Arena *a, Instance *model);

#endif
