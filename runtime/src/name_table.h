/* A hash table from names to places. */
#ifndef MDL_NAME_TABLE_H
#define MDL_NAME_TABLE_H

#include "internal.h"

/* A name and its place; `text` is NULL in a free slot. */
typedef struct NameSlot {
    const char *text;
    size_t      len;
    uint32_t    hash;
    int32_t     index;
} NameSlot;

/* Zero-initialise. */
typedef struct Names {
    NameSlot *slots;
    uint32_t  mask;
} Names;

/* Room for `count` names; false if there is no memory. */
bool mdl_names_make(Names *n, size_t count);
void mdl_names_free(Names *n);
/* -1 if nothing has that name. */
int32_t mdl_names_find(const Names *n, const char *text, size_t len);
/* Enters a name, whose text is kept by the caller; returns -1. If it is there already it stays as it is, and its place is
 * returned. */
int32_t mdl_names_enter(Names *n, const char *text, size_t len, int32_t index);

#endif
