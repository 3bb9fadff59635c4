/* The local names of a frame. A name may be there several times: the newest hides the others until its block ends. Most frames
 * have a few names, which are looked through; the others get a map. */
#include "cx.h"

enum { FEW = 32 };

/* A place in the list as a map's value, which is not NULL. */
static void *place_of(size_t i) { return (void *)(uintptr_t)(i + 1); }

static void note_place(Locals *l, size_t i)
{
    l->at[i].hidden = (size_t)(uintptr_t)map_get(&l->newest, l->at[i].name);
    map_set(&l->newest, l->at[i].name, place_of(i));
}

Local *local_find(const Frame *f, const Sym *name)
{
    const Locals *l = &f->locals;
    if (l->mapped) {
        const size_t place = (size_t)(uintptr_t)map_get(&l->newest, name);
        return place ? &l->at[place - 1] : NULL;
    }
    for (size_t i = l->len; i-- > 0;) {
        if (l->at[i].name == name) return &l->at[i];
    }
    return NULL;
}

void local_push(Cx *cx, Frame *f, const Sym *name, Value value, bool is_dim)
{
    Locals *l = &f->locals;
    vec_push(cx->arena, l, (Local){.name = name, .value = value, .is_dim = is_dim});
    if (l->mapped) note_place(l, l->len - 1);
    if (l->mapped || l->len <= FEW) return;
    l->mapped = true;
    l->newest = (Map){.arena = cx->arena};
    for (size_t i = 0; i < l->len; i++) note_place(l, i);
}

void locals_cut(Frame *f, size_t len)
{
    Locals *l = &f->locals;
    while (l->len > len) {
        const Local *last = &l->at[--l->len];
        if (l->mapped) map_set(&l->newest, last->name, (void *)(uintptr_t)last->hidden);
    }
}

void local_set(Cx *cx, const Sym *name, Value v)
{
    Local *l = local_find(cx->frame, name);
    if (!l) {
        local_push(cx, cx->frame, name, v, false);
        return;
    }
    l->value = v;
    l->is_dim = false;
}
