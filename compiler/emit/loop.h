/* A chain of operations that work element by element, as it is written: by emit_loop.c as loops of its own, by
 * emit_epilogue.c as the epilogue of a product. */
#ifndef MDLC_LOOP_H
#define MDLC_LOOP_H

#include "emitter.h"

enum { LOOP_MAX_RANK = 32 };

typedef struct Loop {
    Body   *b;
    Node   *root;
    NodeVec members;             /* in order; the root last */
    NodeVec leaves;              /* values in memory that the members read */
    int     depth;               /* for-loops */
    const Dim  *extent[LOOP_MAX_RANK];
    int         axis[LOOP_MAX_RANK]; /* of each loop: the last of the root's axes that it goes along */
    const char *counter[LOOP_MAX_RANK];
    bool       *full;            /* [leaf * LOOP_MAX_RANK + loop]: the leaf goes along with that loop */
    const char **names;          /* of each leaf; NULL: as the function's body calls them */
    const char *out;             /* with `names`: of the result, which holds the product at first */
} Loop;

/* The members and leaves of the root's loop. */
Loop loop_create(Body *b, Node *root);
/* The loops that it takes over the elements of the root: `depth`, `extent` and `full`. One that goes over rows several times keeps their
 * axis for itself. */
void loop_find_extents(Loop *l);
/* `counter` of each. */
void loop_name_counters(Loop *l, Names *names);
/* Row-major: `(i * 7 + j) * 64 + k` over the loops that are marked (NULL: all). */
const char *loop_index(Loop *l, const bool *full);
/* Writes the variables of one element into the body's writer; gives the root's value as it is stored. */
const char *loop_element(Loop *l, Names *names);
/* The same of another member, or of a leaf, without the last rounding; members of the root's shape keep their variables until they are
 * forgotten, at the end of the loop over the elements. */
const char *loop_value(Loop *l, Names *names, Node *n);
void        loop_forget_elements(Loop *l);
/* Writes a variable for a member, behind those that it needs. */
void loop_variable(Loop *l, Names *names, Node *n);
/* The body may write other loops. */
void loop_end(Loop *l);

/* What an operation costs for each element, in multiply-adds of a product: emit_range.c. */
int loop_cost(const Node *n);

#endif

