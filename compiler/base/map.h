/* A map from pointers to pointers, iterated in the order of insertion. */
#ifndef MDLC_MAP_H
#define MDLC_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

typedef struct MapEntry {
    const void *key;
    void       *value;
} MapEntry;

/* Zero-initialise with the arena: `Map m = {.arena = a};` Entries stand in `entries[0..len)` in insertion order. */
typedef struct Map {
    Arena    *arena;
    MapEntry *entries;
    size_t    len, cap;
    uint32_t *slots;
    size_t    nslots;
} Map;

/* NULL if absent. */
void *map_get(const Map *m, const void *key);
bool  map_has(const Map *m, const void *key);
/* Adds or replaces; a replaced key keeps its place in the order. */
void map_set(Map *m, const void *key, void *value);

#endif
