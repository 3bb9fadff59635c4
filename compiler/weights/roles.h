/* What a weight is, by its name: the part it plays, in the words of one vocabulary for all libraries. */
#ifndef MDLC_ROLES_H
#define MDLC_ROLES_H

#include "../base/str.h"

enum { ROLE_MAX_INDICES = 4 };

typedef enum Part { PART_NONE, PART_KERNEL, PART_BIAS, PART_MEAN, PART_VARIANCE } Part;

typedef struct Role {
    const char *key;  /* "attention.query": equal for weights that play the same part; in the arena */
    Part        part; /* which of a layer's weights */
    int         nindices;
    long        indices[ROLE_MAX_INDICES]; /* which block */
    bool        known;   /* every word of it is in the vocabulary */
    bool        in_out;  /* it is called as where kernels are [in, out]: "kernel" */
    bool        buffer;  /* no weight: a mask, a counter, positions */
} Role;

/* `path` is separated by dots or slashes. */
Role role_of(Arena *a, const char *path);

#endif
