#include "name_table.h"

#include <stdlib.h>
#include <string.h>

bool mdl_names_make(Names *n, size_t count)
{
    uint32_t size = 16;
    while (size < count * 2) size *= 2;
    n->slots = calloc(size, sizeof *n->slots);
    n->mask = size - 1;
    return n->slots != NULL;
}

void mdl_names_free(Names *n)
{
    free(n->slots);
    *n = (Names){0};
}

static uint32_t hash_of(const char *s, size_t len)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < len; i++) h = (h ^ (unsigned char)s[i]) * 16777619u;
    return h;
}

/* The slot that holds the name, or the free one where it belongs. */
static NameSlot *slot_of(const Names *n, const char *s, size_t len, uint32_t hash)
{
    for (uint32_t i = hash;; i++) {
        NameSlot *slot = &n->slots[i & n->mask];
        if (slot->text == NULL) return slot;
        if (slot->hash == hash && slot->len == len && memcmp(slot->text, s, len) == 0) return slot;
    }
}

int32_t mdl_names_find(const Names *n, const char *text, size_t len)
{
    if (n->slots == NULL) return -1;
    const NameSlot *slot = slot_of(n, text, len, hash_of(text, len));
    return slot->text != NULL ? slot->index : -1;
}

int32_t mdl_names_enter(Names *n, const char *text, size_t len, int32_t index)
{
    const uint32_t hash = hash_of(text, len);
    NameSlot      *slot = slot_of(n, text, len, hash);
    if (slot->text != NULL) return slot->index;
    *slot = (NameSlot){text, len, hash, index};
    return -1;
}
