/* The entries are an array in insertion order; `slots` is an open-addressed table of indices into it, plus one. */
#include "map.h"

#include "vec.h"

static size_t hash_pointer(const void *key)
{
    uint64_t h = (uint64_t)(uintptr_t)key;
    h = (h ^ (h >> 32)) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(h >> 32);
}

/* The slot that holds `key`, or the empty one where it belongs. */
static size_t find_slot(const Map *m, const void *key)
{
    size_t at = hash_pointer(key) & (m->nslots - 1);
    while (m->slots[at] && m->entries[m->slots[at] - 1].key != key) at = (at + 1) & (m->nslots - 1);
    return at;
}

static const MapEntry *find(const Map *m, const void *key)
{
    if (!m->nslots) return NULL;
    const uint32_t index = m->slots[find_slot(m, key)];
    return index ? &m->entries[index - 1] : NULL;
}

void *map_get(const Map *m, const void *key)
{
    const MapEntry *e = find(m, key);
    return e ? e->value : NULL;
}

bool map_has(const Map *m, const void *key)
{
    return find(m, key) != NULL;
}

static void grow(Map *m)
{
    m->nslots = m->nslots ? m->nslots * 2 : 8;
    m->slots = arena_array(m->arena, uint32_t, m->nslots);
    for (size_t i = 0; i < m->len; i++) m->slots[find_slot(m, m->entries[i].key)] = (uint32_t)i + 1;
}

void map_set(Map *m, const void *key, void *value)
{
    if ((m->len + 1) * 2 > m->nslots) grow(m);
    const size_t at = find_slot(m, key);
    if (m->slots[at]) {
        m->entries[m->slots[at] - 1].value = value;
        return;
    }
    if (m->len == m->cap) m->entries = vec_grow(m->arena, m->entries, m->len, &m->cap, sizeof *m->entries);
    m->entries[m->len++] = (MapEntry){key, value};
    m->slots[at] = (uint32_t)m->len;
}
