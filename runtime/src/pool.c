#include "pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct PoolBlock {
    PoolBlock  *before;
    max_align_t bytes[];
};

enum { BLOCK = 64 * 1024, ALIGN = sizeof(max_align_t) };

/* A request that would waste most of a fresh block gets one of its own; the current block stays in use. */
static char *take(Pool *p, size_t size)
{
    if (size <= p->left) {
        char *at = p->next;
        p->next += size;
        p->left -= size;
        return at;
    }
    const bool   own = size > BLOCK / 4;
    const size_t want = own ? size : BLOCK;
    PoolBlock   *block = p->failed || want > SIZE_MAX - sizeof *block ? NULL : calloc(1, sizeof *block + want);
    if (block == NULL) {
        p->failed = true;
        return NULL;
    }
    block->before = p->blocks;
    p->blocks = block;
    char *at = (char *)block->bytes;
    if (!own) {
        p->next = at + size;
        p->left = want - size;
    }
    return at;
}

void *mdl_pool_alloc(Pool *p, size_t size)
{
    const size_t odd = (uintptr_t)p->next % ALIGN;
    const size_t pad = odd != 0 ? ALIGN - odd : 0;
    if (pad > p->left) p->left = 0;
    else if (pad) {
        p->next += pad;
        p->left -= pad;
    }
    return take(p, size);
}

char *mdl_pool_text(Pool *p, size_t size)
{
    return take(p, size);
}

char *mdl_pool_copy(Pool *p, const char *s, size_t len)
{
    char *copy = take(p, len + 1);
    if (copy != NULL && len > 0) memcpy(copy, s, len);
    return copy;
}

void mdl_pool_free(Pool *p)
{
    while (p->blocks != NULL) {
        PoolBlock *before = p->blocks->before;
        free(p->blocks);
        p->blocks = before;
    }
    memset(p, 0, sizeof *p);
}
