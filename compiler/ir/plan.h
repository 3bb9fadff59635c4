/* Where every value of a function lives while it runs, and which operations run in one loop. */
#ifndef MDLC_PLAN_H
#define MDLC_PLAN_H

#include "../base/map.h"
#include "ir.h"
#include "layout.h"

typedef enum Home {
    HOME_NONE,   /* not a value */
    HOME_INLINE, /* in no memory: a constant, a dimension, or an operation inside the loop of `root` */
    HOME_PARAM,
    HOME_WEIGHT, /* in the weights struct */
    HOME_STATE,  /* in the states struct */
    HOME_LOCAL,  /* a scalar: a local variable */
    HOME_SLOT,   /* slot `number` of the workspace */
    HOME_RESULT, /* the memory of result `number` */
    HOME_PREPARED, /* the memory of the prepared variable that it is assigned to */
    HOME_SAME,   /* the memory of in[0]: a VIEW, or an update in place */
    HOME_SLICE,  /* a strided_slice that loops read in the memory of in[0] */
} Home;

/* What goes into a loop over steps and is computed some steps at a time: blocks.c. */
typedef struct Block {
    Node       *from;       /* what is in memory; NULL: it isn't computed so */
    bool        rows_first; /* from is [rows, steps, ...], else [steps, rows, ...] */
    IrFunction *inputs;     /* of [steps, rows, ...] of these */
    int         slot;       /* of the steps' rows of `from`; the next one is that of the result */
} Block;
/* So many rows a block has, if there are as many and no more in a step: with what is multiplied they stay in the second cache. In
 * its slots there is space for so many times the rows, so that threads each have theirs. */
enum { BLOCK_ROWS = 128, BLOCK_SPACE = 8 };

typedef struct NodePlan {
    Home  home;
    int   number;
    Node *root; /* of an element-by-element operation (or of a product with an epilogue, or of a reduction of rows): the node in whose loop it is computed (itself: the loop stands here) */
    bool  reduces; /* of a root: some in its loop are one number for each row, over which it goes several times */
    uint32_t first; /* of a root: the first node of its loop */
    Node *product; /* of a root: the product whose epilogue its loop is, or NULL; that product's `root` is this one */
    Node *seen;    /* the product as the loop reads it: itself, or a VIEW of it */
    int   split;   /* of the root's axes: those before it are the product's rows, the others its columns */
    int   last; /* id of the node at which the memory is read for the last time; nodes.len: by a result */
    Node *assign; /* HOME_PREPARED: the assignment */
    int   rows; /* of NODE_SCAN: its body works by rows, counted by its symbol number rows - 1; 0: it doesn't */
    Block *blocks; /* with rows: of each input */
    bool  has_blocks;
    int   temp; /* of NODE_SCAN and NODE_LOOP: the first of its `ncarry` slots for the carries of every other step */
} NodePlan;

typedef struct Plan {
    NodePlan *nodes; /* by id */
    VEC(const Dim *) slots; /* the bytes of each; not yet aligned */
    bool      calls; /* it needs the workspace of its callees, too */
} Plan;

/* The functions that assign a state, themselves or by calls. */
typedef struct Effects {
    Map assigns; /* IrFunction -> itself */
} Effects;
Effects effects_of(Arena *a, const Program *p);

/* The plan for `f` when its owner's weights stand in `layout`.
 * requires ir_number, legalize; ensures that no two values share memory while both are needed; the ids must not change */
Plan *plan_function(Arena *a, Program *p, const Effects *effects, IrFunction *f, Layout *layout);

/* Part of it, loops.c: gives operations their `root`. */
void plan_loops(Arena *a, const Program *p, const IrFunction *f, NodePlan *nodes);

/* Part of it, slices.c: gives slices that stay where they are their home. */
void plan_slices(Arena *a, const Program *p, const IrFunction *f, NodePlan *nodes);
/* Can a loop go along these and the axes between them with one counter? */
bool slice_merges(const Node *slice, int outer, int inner);
/* Where the slice begins in the whole tensor, and how far apart its elements along an axis are there. NULL: too far for 64 bits. */
const Dim *slice_start(DimCtx *dims, const Node *slice);
const Dim *slice_step(DimCtx *dims, const Node *slice, int axis);

/* Part of it, epilogue.c: gives roots their `product`. */
void plan_epilogues(Arena *a, Program *p, IrFunction *f, NodePlan *nodes);
/* Does a leaf of the root's loop have more than one element along any of these axes? */
bool epilogue_goes_along(const Node *root, const Node *leaf, int from, int to);

/* Part of it, rows.c: finds the loops over steps whose rows do not depend on each other. */
void plan_rows(const Program *p, const IrFunction *f, NodePlan *nodes);

/* Part of it, blocks.c: of the inputs of such loops, those to be computed some steps at a time. requires plan_rows, plan_epilogues */
void plan_blocks(Arena *a, const Program *p, IrFunction *f, NodePlan *nodes);

/* Is each row of the results, of which there are as many as the symbol says, made from the same rows of parameters alone, and from what is
 * the same for all? Rows are places along axis 0. */
bool rows_apart(const IrFunction *f, int symbol);
/* The callee's symbol that counts the same rows; negative: it knows nothing of them; ROWS_MIXED: it has them with other sizes. */
enum { ROWS_MIXED = -2 };
int rows_inside(const Node *call, int symbol);

/* Are there many rows, each shorter than a vector? A loop over such is a loop over their elements, in blocks (emit_loop.c). */
bool plan_is_narrow(Type t);

/* The value whose memory a VIEW, or a slice that stays where it is, shows. */
Node *plan_base(const Plan *plan, Node *n);

#endif
