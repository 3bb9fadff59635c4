/* Indexing of tensors, between its parts: index.c walks through the subscripts, index_slice.c slices an axis, index_gather.c
 * gathers with integer tensors once all axes are known. */
#ifndef MDLC_INDEX_H
#define MDLC_INDEX_H

#include "cx.h"

/* An integer tensor among the subscripts, and the axis that it indexes. */
typedef struct Gather {
    Node *indices;
    int   axis;
    Span  span;
} Gather;

/* The tensor on its way through the subscripts. */
typedef struct Work {
    Node *node;
    int   axis; /* the next axis of `node` */
    bool  ok;
    VEC(Gather) gathers; /* not done yet: their axes are still in `node` */
    int  last;      /* the place behind the last subscript that was an int or a tensor; 0: none was */
    bool scattered; /* something else stands between two of them */
} Work;

/* Never above 0, as `-1` and `-(time // 2)`: counted from the end of the axis. */
bool from_the_end(Cx *cx, const Dim *d);
void apply_slice(Cx *cx, Work *w, const Expr *s);
/* The integer tensors that were met, all at once, as NumPy's rules for several say. */
void apply_gathers(Cx *cx, Work *w, Span span);

#endif
