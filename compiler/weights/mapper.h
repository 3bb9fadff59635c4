/* The mapper from inside: what propose.c and propose_fused.c work on. */
#ifndef MDLC_MAPPER_H
#define MDLC_MAPPER_H

#include "propose.h"
#include "roles.h"

enum { MAX_VALUES = 4096 };

/* The values of an index on one side, in order: block 1 of 1..4 is the first, as block 0 of 0..3. */
typedef struct Values {
    long   at[MAX_VALUES];
    size_t count;
} Values;

typedef struct Side {
    size_t       count;
    Role        *roles;
    const char **full; /* key, part and place of the block; NULL: takes no part */
    Values      *values; /* [nindices][position] */
} Side;

/* How the file keeps kernels, as those show whose shape tells. */
typedef struct Custom {
    size_t direct, turned;
} Custom;

typedef struct Mapper {
    Arena            *arena;
    const ModelView  *m;
    const Checkpoint *c;
    Proposal         *p;
    Side              model, file;
    Ways             *ways;       /* of each variable's pair */
    Custom            customs[2]; /* of matrices, of convolutions */
} Mapper;

/* "attention.query/1 3": what the two sides are compared by. NULL where blocks do not correspond. */
const char *full_key(const Mapper *m, const Side *side, const Side *other, const Role *r);
/* The only one of a side with the key; -1 if there is none or several. */
int64_t only(const Side *s, const char *key);
/* The kernel of a bias's layer; -1. */
int32_t kernel_of(const ModelView *m, const ViewVariable *bias);
/* Whether a kernel is to be turned that fits in both ways, as the rest of the file does it; false if nothing tells. */
bool settled(const Custom *custom, bool in_out, bool *turned);

/* ---- propose_fused.c ---- */

/* Query, key and value that the file has in one tensor and the model apart. Shows how the file keeps kernels. */
void pair_parts_of_fused(Mapper *m);
/* The other way round. */
void pair_fused_of_parts(Mapper *m);

#endif
