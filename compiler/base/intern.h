/* Names, interned once: two equal names are one pointer. */
#ifndef MDLC_INTERN_H
#define MDLC_INTERN_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

typedef struct Sym {
    uint32_t len;
    uint32_t hash;
    char     text[]; /* NUL-terminated */
} Sym;

typedef struct Interner Interner;

Interner  *interner_create(Arena *a);
const Sym *intern(Interner *in, const char *s, size_t len);
const Sym *intern_z(Interner *in, const char *z);

#endif
