/* Proposing a mapping from another library's names. */
#ifndef MDLC_PROPOSE_H
#define MDLC_PROPOSE_H

#include "proposal.h"

/* Sure is only a pair that plays the same part by its name (roles.h) in the same block, alone on both sides, whose shapes fit in
 * one way. Everything else is a guess by shape and likeness of names, or nothing. */
Proposal *map_propose(Arena *a, const ModelView *m, const Checkpoint *c);

/* ---- propose_change.c ---- */

/* What turns a tensor's shape into a variable's: the ways there are. */
typedef struct Ways {
    bool        direct, turned; /* as it is; from [out, in] to [in, out] */
    Pairing     direct_change, turned_change;
} Ways;
Ways ways_between(Arena *a, const ViewVariable *v, const mdl_stored *t);

#endif
