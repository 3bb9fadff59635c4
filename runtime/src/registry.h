/* What the runtime itself sees of a registry. */
#ifndef MDL_REGISTRY_H
#define MDL_REGISTRY_H

#include <mdl/mdl.h>

#include "name_table.h"
#include "pool.h"
#include "text.h"

/* One way to reach a layer: below `parent` as `component`, and with an index if that isn't negative. */
typedef struct Edge {
    mdl_layer    parent;
    const char  *component;
    int64_t      index;
    struct Edge *next;
} Edge;

typedef struct Layer {
    mdl_layer_info info;
    Edge           edge;                          /* where it was declared; edge.next: its aliases */
    mdl_layer      first_child, last_child, next; /* in the order of declaration */
    int32_t        first_variable, last_variable; /* its own, as declared, by Variable.next */
    int32_t        first_listing, last_listing;   /* what it lists of others, as declared, by Listing.next */
    /* Filled when the registry is sealed. */
    const char *path;
    int         depth;
    bool        shared;     /* it or a layer above it has an alias */
    mdl_layer   frozen_by;  /* the innermost frozen layer at or above it */
    int32_t     begin, end; /* its variables and those of the layers below it: a part of mdl_registry.below */
} Layer;

typedef struct Variable {
    mdl_variable      seen; /* what the public functions show */
    mdl_variable_info info;
    void             *slot;
    int32_t           next; /* the next own variable of its layer */
    /* Filled when the registry is sealed. */
    int32_t place;   /* in the manifest; -1: not yet */
    int32_t listing; /* the first listing of it, by Listing.twin; -1: none */
} Variable;

/* A variable that a layer lists but does not own. */
typedef struct Listing {
    mdl_listing_info info;
    mdl_layer        layer;
    int32_t          after; /* the layer's own variable before it; -1: none */
    int32_t          next;  /* the next one of its layer */
    /* Filled when the registry is sealed. */
    int32_t variable; /* in mdl_registry.variables */
    int32_t twin;     /* the next listing of the same variable; -1: none */
} Listing;

/* A second pointer to a variable. */
typedef struct SlotAlias {
    void *first, *slot;
} SlotAlias;

struct mdl_registry {
    Pool       pool;
    mdl_status status;
    Layer     *layers;
    int32_t    nlayers, layers_cap;
    Variable  *variables; /* in the order in which they were added */
    int32_t    nvariables, variables_cap;
    Listing   *listings;
    int32_t    nlistings, listings_cap;
    SlotAlias *slots;
    int32_t    nslots, slots_cap;
    int        ninputs, noutputs;
    const mdl_port_info *inputs, *outputs;
    /* Filled when the registry is sealed. */
    bool       sealed;
    int32_t   *order; /* order[i]: the place in `variables` of the manifest's i-th */
    int32_t   *below; /* places in the manifest, in the order of the layers that own the variables */
    mdl_layer *tree;  /* the layers depth first */
    /* Filled by the first look-up: a hash table of names. */
    Names   names;
    int32_t twin; /* a variable whose path another has too; -1: all differ */
};

/* Puts layers and variables in order and gives them their paths. Whatever reads a registry does this first. */
mdl_status mdl_registry_seal(mdl_registry *r);
const Variable *mdl_registry_at(mdl_registry *r, int32_t index);
/* Makes the table of names that mdl_registry_find reads, and finds `twin`. */
mdl_status mdl_registry_names(mdl_registry *r);

/* Names in other tools' schemes, put into an empty text. */
void mdl_put_name(Text *t, mdl_name name);
void mdl_put_keras_path(Text *t, const mdl_registry *r, mdl_layer layer);
void mdl_put_keras2_path(Text *t, const mdl_registry *r, mdl_layer layer);
void mdl_put_h5_path(Text *t, const mdl_registry *r, mdl_layer layer);
/* "model.mdl:40"; nothing if the place is unknown. */
void mdl_put_source(Text *t, const Layer *layer);

/* Calls `each` with the paths by which a layer can be reached beside its own, followed by `.last` unless that is NULL.
 * There are at most MDL_MAX_ALIASES. */
enum { MDL_MAX_ALIASES = 64 };
typedef void EachPath(void *context, const char *path, size_t len);
void mdl_layer_aliases(const mdl_registry *r, mdl_layer layer, const char *last, EachPath *each, void *context);
/* The same for a variable, and then its `alias=` names. */
void mdl_variable_aliases(const mdl_registry *r, const Variable *v, EachPath *each, void *context);

#endif
