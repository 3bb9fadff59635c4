/* A model's variables and layers as the commands see them. */
#ifndef MDLC_MODEL_VIEW_H
#define MDLC_MODEL_VIEW_H

#include "../base/vec.h"
#include "checkpoint.h"

typedef struct ViewVariable {
    const mdl_variable *is;
    int32_t             index;      /* in the manifest */
    const char         *name;       /* the last part of the path: "kernel" */
    const char         *class_name; /* of its layer: "Dense" */
    const char         *initializer;
    const char         *h5_path;    /* "dense1/vars/0"; "" if such files do not hold it */
    const char         *keras_path;
} ViewVariable;

/* Where a .weights.h5 file holds a variable: below the layer that owns it, and again below those that list it. */
typedef struct ViewPlace {
    int32_t     variable;
    const char *h5_path; /* "" if such files do not hold it */
    bool        again;
} ViewPlace;

typedef struct ViewLayer {
    mdl_layer   id, parent;
    const char *path, *component; /* the last part of its path, with an index: "blocks.3" */
    const char *class_name, *h5_path;
    int32_t     begin, end;       /* the places of its variables and of those of the layers below it */
} ViewLayer;

typedef struct ModelView {
    Arena        *arena;
    mdl_registry *registry;
    ViewVariable *variables;
    int32_t       count;
    ViewPlace    *places; /* in the order of the layers */
    int32_t       nplaces;
    ViewLayer    *layers; /* depth first, the model first */
    int32_t       nlayers;
    bool          failed; /* memory ran out */
} ModelView;

/* NULL if memory runs out. */
ModelView *model_view(Arena *a, mdl_registry *r);

#endif
