/* What the files of a set that is written are called. */
#ifndef MDL_SHARD_NAMES_H
#define MDL_SHARD_NAMES_H

#include "internal.h"
#include "pool.h"

typedef struct ShardNames {
    Pool         pool;
    const char  *index; /* NULL: one file, and no index */
    const char **files;
    int32_t      count;
    const char **old; /* files that only the index to be replaced names */
    size_t       nold;
    char        *kept; /* a temporary name of the old index, from mdl_shard_keep_old on */
} ShardNames;

/* Names for `count` files. With more than one they are names that no file has; `sharded` says that `file` may be an index's
 * name even for one. */
mdl_status  mdl_shard_names(ShardNames *n, const char *file, int32_t count, bool sharded, mdl_error *error);
const char *mdl_shard_name(const ShardNames *n, int32_t i);
/* To be called before the index is replaced: whoever is killed until mdl_shard_remove_old leaves the old index under a temporary name,
 * by which the next save finds the old files. */
void mdl_shard_keep_old(ShardNames *n);
/* Removes the files of the set that was replaced. */
void mdl_shard_remove_old(ShardNames *n);
/* The old set is still the one. */
void mdl_shard_forget_old(ShardNames *n);
void mdl_shard_names_free(ShardNames *n);

#endif
