/* The layout of weights: which C struct holds the weights of a layer, and where below it each variable stands.
 *
 * Layers of one class whose fields hold the same kinds of things share a struct. Neighbours of a list that share one stand
 * in an array, so that code can walk them with a counter. What has no variable, itself or below, has no part. */
#ifndef MDLC_LAYOUT_H
#define MDLC_LAYOUT_H

#include "../base/map.h"
#include "../sema/instance.h"
#include "ir.h"

typedef struct Layout Layout;

typedef enum PartKind { PART_VARIABLE, PART_STRUCT, PART_ARRAY } PartKind;

typedef struct Part {
    PartKind kind;
    const Sym *name;     /* field or dict key; NULL: elements [index, index + count) of the list that the struct stands for */
    int64_t    index;
    int64_t    count;    /* PART_ARRAY */
    Layout    *layout;   /* PART_STRUCT, PART_ARRAY: of an element */
    Variable  *variable; /* PART_VARIABLE: of the first instance */
    Instance  *layer;    /* PART_STRUCT, PART_ARRAY: of the first instance, the first element, unless it is a list or dict */
    bool       varies;   /* other instances have other shapes here (of a struct: in its own variables) */
    bool       assigned; /* PART_VARIABLE: some call assigns it, in some instance: it has a place in the states struct */
    char      *cname;    /* the emitter's name for it */
} Part;

struct Layout {
    int         id;
    const char *name;       /* the class, or where the list or dict stands: "Block", "GPT2_heads" */
    bool        is_list;
    VEC(Part) parts;
    Map         by_name;    /* field or key -> Part; filled when no part is added any more */
    bool        has_states; /* a part is assigned, here or below */
    char       *cname;      /* the emitter's name for the struct */
};

typedef struct Layouts {
    Arena    *arena;
    Interner *interner;
    Map       by_key;      /* interned text -> Layout */
    Map       by_instance; /* Instance -> Layout */
    Map       assigned;    /* "Class.variable" of every state that some call assigns: their shapes are part of the struct */
    VEC(Layout *) all;     /* what is inside stands before what holds it; the model last */
} Layouts;

Layouts *layouts_create(Arena *a, const Program *p);
/* Of an instance of the program's tree. Without variables: a layout without parts. */
Layout *layout_of(const Layouts *ls, const Instance *layer);

/* Adds a place for a value that is computed from the weights once, below any instance of the layout. */
void layout_add_prepared(Layouts *ls, Layout *l, Variable *v);
/* Its sizes are not the same in all instances. */
void layout_vary(Layout *l, const Variable *v);

/* Where a path from `from` leads: the parts on the way, each with the index of the array element (or 0). */
typedef struct LayoutStep {
    Part *part;
    int64_t index; /* PART_ARRAY: the element, counted from the array's first */
    bool    loop;  /* ... plus the loop's counter */
} LayoutStep;
typedef VEC(LayoutStep) LayoutPath;
/* False if there are no variables there. */
bool layout_find(Arena *a, Layout *from, Path path, LayoutPath *found, Layout **to);

/* The instance that a path without loop steps leads to from `from`, and the variable if its last step names one. */
Instance *instance_at(Instance *from, Path path, Variable **variable);

#endif
