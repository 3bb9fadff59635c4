#include "vec.h"

#include <stdint.h>
#include <string.h>

#include "bug.h"

void *vec_grow(Arena *arena, void *old, size_t len, size_t *cap, size_t size)
{
    if (*cap > SIZE_MAX / 2) BUG("a vector of %zu elements cannot grow", *cap);
    *cap = *cap ? *cap * 2 : 4;
    void *grown = arena_calloc(arena, *cap, size);
    if (len) memcpy(grown, old, len * size);
    return grown;
}
