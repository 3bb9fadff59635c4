/* The instance tree: which layer owns which, and every variable. Made by sema, read by everything behind it. */
#ifndef MDLC_INSTANCE_H
#define MDLC_INSTANCE_H

#include <mdl/mdl.h>

#include "../base/vec.h"
#include "../ir/ir.h"
#include "../syntax/ast.h"

typedef struct Instance Instance;
typedef struct Variable Variable;
typedef struct Slot     Slot;
typedef VEC(Slot *) SlotVec;

/* A weight or state of a layer instance. */
struct Variable {
    const Sym             *name;
    Instance              *owner;
    DType                  dtype;
    int                    rank;
    const int64_t         *shape;
    bool                   is_state;
    bool                   frozen;   /* trainable=false on the declaration */
    bool                   in_place; /* frozen=true: as frozen, but listed among the trainable ones */
    bool                   autocast; /* read in the layer's compute dtype */
    bool                   assigned; /* some `call` of the program assigns it: it lives in the states struct */
    bool                   prepared; /* no variable of the source: holds what the pass `prepare` took out of the calls */
    const mdl_initializer *init;
    const char *const     *aliases;  /* NULL-terminated, or NULL */
    const char            *h5;       /* "vars/0" */
    const char            *keras;    /* other tools' names, if they differ from `name` */
    const char            *keras2;
    Span                   span;
};

/* A variable of another layer that a layer lists among its own. */
typedef struct Listing {
    Variable   *variable;
    const Sym  *name;
    size_t      before; /* its place: before the layer's own variable of this index */
    const char *h5;     /* its second place in a file: "vars/0" */
    Span        span;
} Listing;

/* Where layers stand below an instance: a field, or an element of a list, tuple or dict in a field. Only what holds
 * layers has a slot. In order of declaration. */
typedef enum SlotKind { SLOT_LAYER, SLOT_LIST, SLOT_DICT } SlotKind;
struct Slot {
    SlotKind   kind;
    const Sym *name;  /* field or dict key; NULL in a list */
    int64_t    index; /* in a list */
    Instance  *layer; /* SLOT_LAYER */
    bool       alias; /* SLOT_LAYER: the instance is listed elsewhere first (its `parent` and `path` are those) */
    SlotVec    items; /* SLOT_LIST, SLOT_DICT */
};

struct Instance {
    const char     *class_name;
    Decl           *decl;
    bool            library;      /* of the layer library: part of the function that calls it */
    Instance       *parent;       /* the owner by first path; NULL: the model, or not reachable (see `reached`) */
    Path            path;         /* from the model; no loop steps */
    bool            reached;      /* a field path leads to it */
    mdl_name        keras;        /* {"dense", 2}; number 0: no suffix */
    const char     *keras2;       /* its name in Keras 2; "": it has no scope there; NULL: as `keras` */
    Instance       *keras_parent; /* the layer that called it first, if that isn't `parent` */
    mdl_name        h5;           /* group below h5_parent's (else parent's) */
    Instance       *h5_parent;
    const char     *output;       /* type of what its first call returned, as text; NULL if it never ran */
    Span            span;         /* the constructor call in the user's source */
    mdl_layer_state state;
    const char     *missing;
    bool            frozen;       /* trainable=false on this instance */
    SlotVec         slots;
    VEC(Variable *) variables;    /* in order of declaration */
    VEC(Listing) listings;        /* the same; its own calls may assign them */
    mdl_layer       id;           /* scratch for emitters */
    struct InstanceState *eval;   /* sema's own */
};

#endif
