/* A growable array over an arena.
 *
 *     VEC(Expr *) args = {0};
 *     vec_push(arena, &args, e);
 *     for (size_t i = 0; i < args.len; i++) use(args.at[i]);
 *
 * Growth leaves the old block to the arena; elements may move, so keep indices, not addresses. */
#ifndef MDLC_VEC_H
#define MDLC_VEC_H

#include <stddef.h>

#include "arena.h"

#define VEC(T)           \
    struct {             \
        T     *at;       \
        size_t len, cap; \
    }

#define vec_push(arena, v, ...)                                                             \
    do {                                                                                    \
        if ((v)->len == (v)->cap) {                                                         \
            (v)->at = vec_grow((arena), (v)->at, (v)->len, &(v)->cap, sizeof *(v)->at);     \
        }                                                                                   \
        (v)->at[(v)->len++] = __VA_ARGS__;                                                  \
    } while (0)

/* Doubles the capacity, copies `len` elements of `size` bytes, returns the new block. */
void *vec_grow(Arena *arena, void *old, size_t len, size_t *cap, size_t size);

#endif
