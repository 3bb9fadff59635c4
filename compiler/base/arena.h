/* Memory by lifetime: a bump allocator that is released as a whole.
 *
 * Nothing in an arena is freed on its own. Running out of memory, or of the arena's budget, ends in one place:
 * `arena.c` prints one line and exits with status 2. */
#ifndef MDLC_ARENA_H
#define MDLC_ARENA_H

#include <stddef.h>

typedef struct Arena Arena;

Arena *arena_create(void);
void   arena_destroy(Arena *a);

/* Zeroed memory, aligned for any type. Never NULL; size 0 gives a valid pointer. */
void *arena_alloc(Arena *a, size_t size);
/* `count * size` bytes, checked for overflow. */
void *arena_calloc(Arena *a, size_t count, size_t size);
/* A copy of `len` bytes with a NUL behind them. */
char *arena_copy(Arena *a, const char *s, size_t len);
char *arena_printf(Arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Memory outside of any arena, for what wants to free it itself. */
void *malloc_or_exit(size_t size);
/* Bytes handed out so far. */
size_t arena_used(const Arena *a);
/* The arena dies with a clear message beyond this many bytes (0: no limit). */
void arena_limit(Arena *a, size_t bytes);

#define arena_new(a, T)      ((T *)arena_alloc((a), sizeof(T)))
#define arena_array(a, T, n) ((T *)arena_calloc((a), (n), sizeof(T)))

#endif
