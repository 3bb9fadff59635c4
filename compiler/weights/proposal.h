/* Which tensor each variable is made of, and how sure that is; and the mapping file that says so. */
#ifndef MDLC_PROPOSAL_H
#define MDLC_PROPOSAL_H

#include "../base/str.h"
#include "model_view.h"

typedef enum Change { CHANGE_NONE, CHANGE_TRANSPOSE, CHANGE_PERMUTE } Change;

enum { PARTS = 3 }; /* query, key, value */

/* What a rule says: a tensor, or a part of it along an axis, or several joined; changed, then reshaped. */
typedef struct Pairing {
    int64_t        tensor;     /* -1: none; of several the first */
    int64_t        begin, end; /* the part of it along `axis`; end 0: all */
    const int64_t *joined;     /* PARTS tensors, joined along `axis` after the change; NULL: one */
    int            axis;
    Change         change;
    const int     *axes;     /* of CHANGE_PERMUTE: the variable's rank */
    bool           reshape;  /* to the variable's shape, after the change */
    bool           left_out; /* the file has none, and it keeps its first value */
    bool           sure;
    int            percent;  /* how sure, if it isn't */
    const char    *why;      /* a few words, for what is not sure */
} Pairing;

typedef struct Proposal {
    const ModelView  *model;
    const Checkpoint *file;
    Pairing          *of;      /* of each variable */
    int64_t          *places;  /* of each of the model's places: the tensor there; -1: none, or not looked for */
    bool             *ignored; /* of each tensor: surely no weight of the model */
    bool             *used;    /* of each tensor */
} Proposal;

Proposal *proposal_create(Arena *a, const ModelView *m, const Checkpoint *c);
void      proposal_pair(Proposal *p, int32_t variable, int64_t tensor, bool sure);
/* The tensor at one of the model's places: surely the variable's. A copy of one is ignored. */
void      proposal_place(Proposal *p, int32_t place, int64_t tensor);
/* How many variables are not sure. */
size_t proposal_unsure(const Proposal *p);
/* The text of a mapping file. What is not sure stands in comments. Blocks that are alike are one line with a star. */
void proposal_write(const Proposal *p, StrBuf *out);

#endif
