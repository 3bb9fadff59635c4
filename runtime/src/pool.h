/* Memory released as a whole. Unlike the compiler's arena it never ends the process: when there is no memory, allocations give
 * NULL and `failed` stays set, so that a caller can do many and look once. */
#ifndef MDL_POOL_H
#define MDL_POOL_H

#include <stdbool.h>
#include <stddef.h>

typedef struct PoolBlock PoolBlock;

/* Zero-initialise. */
typedef struct Pool {
    PoolBlock *blocks;
    char      *next;
    size_t     left;
    bool       failed;
} Pool;

/* Zeroed and aligned for any type; NULL if there is no memory. */
void *mdl_pool_alloc(Pool *p, size_t size);
/* Zeroed bytes without alignment, for text. */
char *mdl_pool_text(Pool *p, size_t size);
/* A text of `len` bytes and a NUL. */
char *mdl_pool_copy(Pool *p, const char *s, size_t len);
void  mdl_pool_free(Pool *p);

#endif
