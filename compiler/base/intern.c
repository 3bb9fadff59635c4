/* Open addressing with linear probing; the table is kept at most half full. */
#include "intern.h"

#include <string.h>

#include "bug.h"

struct Interner {
    Arena      *arena;
    const Sym **slots;
    size_t      nslots, len; /* nslots is a power of two */
};

Interner *interner_create(Arena *a)
{
    Interner *in = arena_new(a, Interner);
    in->arena = a;
    in->nslots = 256;
    in->slots = arena_array(a, const Sym *, in->nslots);
    return in;
}

/* FNV-1a */
static uint32_t hash_bytes(const char *s, size_t len)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < len; i++) h = (h ^ (unsigned char)s[i]) * 16777619u;
    return h;
}

static void grow(Interner *in)
{
    const size_t nslots = in->nslots * 2;
    const Sym  **slots = arena_array(in->arena, const Sym *, nslots);
    for (size_t i = 0; i < in->nslots; i++) {
        if (!in->slots[i]) continue;
        size_t at = in->slots[i]->hash & (nslots - 1);
        while (slots[at]) at = (at + 1) & (nslots - 1);
        slots[at] = in->slots[i];
    }
    in->slots = slots;
    in->nslots = nslots;
}

const Sym *intern(Interner *in, const char *s, size_t len)
{
    const uint32_t hash = hash_bytes(s, len);
    size_t         at = hash & (in->nslots - 1);
    for (const Sym *y; (y = in->slots[at]) != NULL; at = (at + 1) & (in->nslots - 1)) {
        if (y->hash == hash && y->len == len && memcmp(y->text, s, len) == 0) return y;
    }
    if (len > UINT32_MAX) BUG("a name of %zu bytes", len);
    Sym *y = arena_alloc(in->arena, sizeof *y + len + 1);
    y->len = (uint32_t)len;
    y->hash = hash;
    memcpy(y->text, s, len);
    in->slots[at] = y;
    if (++in->len > in->nslots / 2) grow(in);
    return y;
}

const Sym *intern_z(Interner *in, const char *z)
{
    return intern(in, z, strlen(z));
}
