/* Blocks come from calloc, so that fresh memory is zero without being touched; they double up to BLOCK_MAX. A request
 * larger than a quarter of the next block gets a block of its own, behind the current one, which stays in use. */
#include "arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bug.h"

/* Under AddressSanitizer only what was handed out may be touched, and a gap stands behind each piece. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_GAPS 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_GAPS 1
#endif
#ifdef ARENA_GAPS
#include <sanitizer/asan_interface.h>
enum { GAP = 32 };
#else
#define ASAN_POISON_MEMORY_REGION(p, size)   ((void)(p), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(p, size) ((void)(p), (void)(size))
enum { GAP = 0 };
#endif

enum { BLOCK_MIN = 16 << 10, BLOCK_MAX = 1 << 20 };

typedef struct Block Block;
struct Block {
    Block *older;
    size_t size;
    alignas(max_align_t) char bytes[];
};

struct Arena {
    Block *blocks; /* the first is the one in use */
    char  *next, *end;
    size_t block_size;
    size_t used, limit;
};

NORETURN static void out_of_memory(const char *what)
{
    fprintf(stderr, "mdlc: %s\n", what);
    exit(2);
}

void *malloc_or_exit(size_t size)
{
    void *p = malloc(size);
    if (!p) out_of_memory("out of memory");
    return p;
}

Arena *arena_create(void)
{
    Arena *a = calloc(1, sizeof *a);
    if (!a) out_of_memory("out of memory");
    a->block_size = BLOCK_MIN;
    return a;
}

void arena_destroy(Arena *a)
{
    if (!a) return;
    for (Block *b = a->blocks, *older; b; b = older) {
        older = b->older;
        ASAN_UNPOISON_MEMORY_REGION(b->bytes, b->size);
        free(b);
    }
    free(a);
}

static Block *block_create(size_t size)
{
    if (size > SIZE_MAX - sizeof(Block)) out_of_memory("out of memory");
    Block *b = calloc(1, sizeof *b + size);
    if (!b) out_of_memory("out of memory");
    b->size = size;
    ASAN_POISON_MEMORY_REGION(b->bytes, size);
    return b;
}

static char *alloc_apart(Arena *a, size_t size)
{
    Block *b = block_create(size);
    if (a->blocks) {
        b->older = a->blocks->older;
        a->blocks->older = b;
    } else {
        a->blocks = b;
    }
    return b->bytes;
}

static void start_block(Arena *a)
{
    Block *b = block_create(a->block_size);
    b->older = a->blocks;
    a->blocks = b;
    a->next = b->bytes;
    a->end = b->bytes + a->block_size;
    if (a->block_size < BLOCK_MAX) a->block_size *= 2;
}

/* Room for `size` bytes, a multiple of the alignment. */
static char *take(Arena *a, size_t size)
{
    if (size > (size_t)(a->end - a->next)) {
        if (size > a->block_size / 4) return alloc_apart(a, size);
        start_block(a);
    }
    char *p = a->next;
    a->next += size;
    return p;
}

void *arena_alloc(Arena *a, size_t size)
{
    const size_t unit = alignof(max_align_t);
    if (size > SIZE_MAX - unit - GAP) out_of_memory("out of memory");
    const size_t rounded = size ? (size + unit - 1) / unit * unit : unit;
    a->used += rounded;
    if (a->limit && a->used > a->limit) out_of_memory("this model needs more memory than the compiler may use");
    char *p = take(a, rounded + GAP);
    ASAN_UNPOISON_MEMORY_REGION(p, size);
    return p;
}

void *arena_calloc(Arena *a, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) out_of_memory("out of memory");
    return arena_alloc(a, count * size);
}

char *arena_copy(Arena *a, const char *s, size_t len)
{
    if (len == SIZE_MAX) out_of_memory("out of memory");
    char *copy = arena_alloc(a, len + 1);
    if (len) memcpy(copy, s, len);
    return copy;
}

char *arena_printf(Arena *a, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    const int len = vsnprintf(NULL, 0, fmt, args);
    if (len < 0) BUG("cannot format \"%s\"", fmt);
    char *text = arena_alloc(a, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    va_end(args);
    return text;
}

size_t arena_used(const Arena *a)
{
    return a->used;
}

void arena_limit(Arena *a, size_t bytes)
{
    a->limit = bytes;
}
