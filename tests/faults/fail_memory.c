/* Memory: allocations fail, and what is left at the end is counted. */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail_inject.h"

/* ---- what is in use: a table with open addressing, which is large enough ---- */

enum { BLOCKS = 1 << 16 };

typedef struct Block {
    void       *at; /* NULL: never used; GONE: freed */
    size_t      size;
    const void *caller;
} Block;

static Block           blocks[BLOCKS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char            gone;
#define GONE ((void *)&gone)

static size_t place_of(const void *p) { return (size_t)((uintptr_t)p >> 4) * 2654435761u % BLOCKS; }

static void *enter(void *p, size_t size, const void *caller)
{
    if (p == NULL) return NULL;
    pthread_mutex_lock(&lock);
    size_t i = place_of(p);
    for (size_t n = 0; n < BLOCKS && blocks[i].at != NULL && blocks[i].at != GONE; n++) i = (i + 1) % BLOCKS;
    blocks[i] = (Block){p, size, caller};
    pthread_mutex_unlock(&lock);
    return p;
}

static void leave(void *p)
{
    if (p == NULL) return;
    pthread_mutex_lock(&lock);
    size_t i = place_of(p);
    for (size_t n = 0; n < BLOCKS && blocks[i].at != NULL && blocks[i].at != p; n++) i = (i + 1) % BLOCKS;
    if (blocks[i].at == p) blocks[i].at = GONE;
    pthread_mutex_unlock(&lock);
}

/* The buffers of the standard streams are libc's, until the end; so is what the loader keeps for threads. */
static bool is_libcs(const Block *b, const char *module)
{
    const FILE *const streams[] = {stdin, stdout, stderr};
    for (size_t i = 0; i < 3; i++) {
        if (b->at == streams[i]->_IO_buf_base) return true;
    }
    return strstr(module, "ld-linux") != NULL;
}

void note_left(void)
{
    char line[512];
    for (size_t i = 0; i < BLOCKS; i++) {
        const Block *b = &blocks[i];
        Dl_info      from = {0};
        if (b->at == NULL || b->at == GONE) continue;
        dladdr(b->caller, &from);
        const char *module = from.dli_fname != NULL ? from.dli_fname : "?";
        if (is_libcs(b, module)) continue;
        snprintf(line, sizeof line, "left: %zu bytes of %s+%#zx\n", b->size, module, (size_t)b->caller - (size_t)from.dli_fbase);
        note(line);
    }
    for (int fd = 3; fd < 256; fd++) {
        if (fcntl(fd, F_GETFD) < 0) continue;
        snprintf(line, sizeof line, "left: descriptor %d\n", fd);
        note(line);
    }
}

/* ---- allocations ---- */

/* Memory fails with one error alone. */
#define NO_MEMORY(name)                \
    if (fails(#name) && !fail_is_short) {   \
        errno = ENOMEM;                \
        return NULL;                   \
    }

void *realloc(void *old, size_t size)
{
    NO_MEMORY(realloc)
    void *p = REAL(realloc)(old, size);
    if (p != NULL || size == 0) leave(old);
    return enter(p, size, __builtin_return_address(0));
}

/* Looking up a function allocates in some libcs: not here in glibc, for names in the same thread's libc. */
void *malloc(size_t size)
{
    static void *(*real)(size_t);
    if (real == NULL) real = REAL(malloc);
    NO_MEMORY(malloc)
    return enter(real(size), size, __builtin_return_address(0));
}

void *calloc(size_t n, size_t size)
{
    static void *(*real)(size_t, size_t);
    if (real == NULL) real = REAL(calloc);
    NO_MEMORY(calloc)
    return enter(real(n, size), n * size, __builtin_return_address(0));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    NO_MEMORY(aligned_alloc)
    return enter(REAL(aligned_alloc)(alignment, size), size, __builtin_return_address(0));
}

void free(void *p)
{
    static void (*real)(void *);
    if (real == NULL) real = REAL(free);
    leave(p);
    real(p);
}
