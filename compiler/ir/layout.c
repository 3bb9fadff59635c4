#include "layout.h"

#include <inttypes.h>

#include "../base/bug.h"
#include "../base/str.h"

static Layout *build_layer(Layouts *ls, Instance *layer);
static Layout *build_container(Layouts *ls, const Slot *slot, const char *where);

/* ---- keys: two layouts with one key are one ---- */

static const Sym *state_name(Layouts *ls, const Instance *owner, const Variable *v)
{
    return intern_z(ls->interner, arena_printf(ls->arena, "%s.%s", owner->class_name, v->name->text));
}

static void find_assigned(Layouts *ls, const SlotVec *slots);

static void find_assigned_in(Layouts *ls, const Instance *layer)
{
    for (size_t i = 0; i < layer->variables.len; i++) {
        const Variable *v = layer->variables.at[i];
        if (v->assigned) map_set(&ls->assigned, state_name(ls, layer, v), ls);
    }
    find_assigned(ls, &layer->slots);
}

static void find_assigned(Layouts *ls, const SlotVec *slots)
{
    for (size_t i = 0; i < slots->len; i++) {
        const Slot *slot = slots->at[i];
        if (slot->kind != SLOT_LAYER) find_assigned(ls, &slot->items);
        else if (!slot->alias) find_assigned_in(ls, slot->layer);
    }
}

static void key_variable(Layouts *ls, StrBuf *key, const Variable *v)
{
    sb_printf(key, "|v %s %s", v->name->text, dtype_name(v->dtype));
    if (v->assigned && !v->is_state) sb_put(key, " assigned"); /* the same layer's weights elsewhere stay weights */
    bool shape = v->assigned || (v->is_state && v->owner && map_has(&ls->assigned, state_name(ls, v->owner, v)));
    for (int i = 0; shape && i < v->rank; i++) sb_printf(key, " %" PRId64, v->shape[i]);
}

static void key_part(Layouts *ls, StrBuf *key, const Part *m)
{
    if (m->kind == PART_VARIABLE) {
        key_variable(ls, key, m->variable);
        return;
    }
    sb_printf(key, "|%c ", m->kind == PART_STRUCT ? 's' : 'a');
    if (m->name) sb_printf(key, "%s", m->name->text);
    sb_printf(key, " %" PRId64 " %" PRId64 " %d", m->index, m->count, m->layout->id);
}

static bool same_shape(const Variable *u, const Variable *v)
{
    if (u->rank != v->rank) return false;
    for (int i = 0; i < u->rank; i++) {
        if (u->shape[i] != v->shape[i]) return false;
    }
    return true;
}

static void index_parts(Layouts *ls, Layout *l)
{
    l->by_name = (Map){.arena = ls->arena};
    for (size_t i = 0; i < l->parts.len; i++) {
        if (l->parts.at[i].name) map_set(&l->by_name, l->parts.at[i].name, &l->parts.at[i]);
    }
}

/* Have the two layers variables of the same shapes? Lists and dicts (NULL) have none. */
static bool same_shapes(const Instance *a, const Instance *b)
{
    for (size_t i = 0; a && b && i < a->variables.len && i < b->variables.len; i++) {
        if (!same_shape(a->variables.at[i], b->variables.at[i])) return false;
    }
    return true;
}

/* Takes the layout with the same key if there is one, else adds `made`. */
static Layout *unite(Layouts *ls, Layout *made)
{
    StrBuf key = {.arena = ls->arena};
    sb_printf(&key, "%s %d", made->name, made->is_list);
    for (size_t i = 0; i < made->parts.len; i++) key_part(ls, &key, &made->parts.at[i]);
    const Sym *sym = intern(ls->interner, sb_text(&key), key.len);
    Layout    *known = map_get(&ls->by_key, sym);
    if (!known) {
        made->id = (int)ls->all.len;
        vec_push(ls->arena, &ls->all, made);
        map_set(&ls->by_key, sym, made);
        known = made;
        index_parts(ls, made);
    }
    for (size_t i = 0; i < known->parts.len; i++) {
        Part *m = &known->parts.at[i], *other = &made->parts.at[i];
        m->varies |= other->varies;
        if (m->kind == PART_VARIABLE) {
            m->assigned |= other->variable->assigned;
            m->varies |= !same_shape(m->variable, other->variable);
        } else {
            m->varies |= !same_shapes(m->layer, other->layer);
        }
    }
    return known;
}

/* ---- building ---- */

static Layout *new_layout(Layouts *ls, const char *name, bool is_list)
{
    Layout *l = arena_new(ls->arena, Layout);
    l->name = name;
    l->is_list = is_list;
    return l;
}

/* The struct of what stands in a slot; NULL if it has no variables. */
static Layout *slot_layout(Layouts *ls, const Slot *slot, const char *where)
{
    Layout *l = slot->kind == SLOT_LAYER ? build_layer(ls, slot->layer)
                                         : build_container(ls, slot, where);
    return l->parts.len > 0 ? l : NULL;
}

/* A list's elements as arrays of neighbours with equal structs. */
static void add_elements(Layouts *ls, Layout *to, const Slot *list, const char *where)
{
    for (size_t i = 0; i < list->items.len; i++) {
        const Slot *item = list->items.at[i];
        Layout     *element = slot_layout(ls, item, where);
        if (!element) continue;
        Part *last = to->parts.len > 0 ? &to->parts.at[to->parts.len - 1] : NULL;
        if (last && last->layout == element && last->index + last->count == item->index) {
            last->kind = PART_ARRAY;
            last->count++;
            last->varies |= !same_shapes(last->layer, item->layer);
            continue;
        }
        vec_push(ls->arena, &to->parts, (Part){.kind = PART_STRUCT, .index = item->index, .count = 1, .layout = element, .layer = item->layer});
    }
    for (size_t i = 0; i < to->parts.len; i++) {
        Part *m = &to->parts.at[i];
        if (m->kind == PART_STRUCT && m->index == 0 && list->items.len == 1) m->kind = PART_ARRAY;
    }
}

static void add_slot(Layouts *ls, Layout *to, const Slot *slot, const char *where)
{
    const char *inner = arena_printf(ls->arena, "%s_%s", where, slot->name ? slot->name->text : "item");
    Layout     *l = slot_layout(ls, slot, inner);
    if (!l) return;
    Part m = {.kind = PART_STRUCT, .name = slot->name, .count = 1, .layout = l, .layer = slot->layer};
    /* A list that is one array needs no struct around it. */
    if (slot->kind == SLOT_LIST && l->parts.len == 1 && l->parts.at[0].kind == PART_ARRAY && l->parts.at[0].index == 0) {
        m.kind = PART_ARRAY;
        m.count = l->parts.at[0].count;
        m.layout = l->parts.at[0].layout;
        m.layer = l->parts.at[0].layer;
        m.varies = l->parts.at[0].varies;
    }
    vec_push(ls->arena, &to->parts, m);
}

static Layout *build_container(Layouts *ls, const Slot *slot, const char *where)
{
    Layout *l = new_layout(ls, where, slot->kind == SLOT_LIST);
    if (l->is_list) {
        add_elements(ls, l, slot, arena_printf(ls->arena, "%s_item", where));
    } else {
        for (size_t i = 0; i < slot->items.len; i++) add_slot(ls, l, slot->items.at[i], where);
    }
    return unite(ls, l);
}

static Layout *build_layer(Layouts *ls, Instance *layer)
{
    Layout *known = map_get(&ls->by_instance, layer);
    if (known) return known;
    Layout *l = new_layout(ls, layer->class_name, false);
    for (size_t i = 0; i < layer->variables.len; i++) {
        Variable *v = layer->variables.at[i];
        vec_push(ls->arena, &l->parts, (Part){.kind = PART_VARIABLE, .name = v->name, .count = 1, .variable = v});
    }
    for (size_t i = 0; i < layer->slots.len; i++) add_slot(ls, l, layer->slots.at[i], layer->class_name);
    l = unite(ls, l);
    map_set(&ls->by_instance, layer, l);
    return l;
}

/* requires the instance tree to be complete; ensures that equal structs are one and what is inside stands first */
Layouts *layouts_create(Arena *a, const Program *p)
{
    Layouts *ls = arena_new(a, Layouts);
    *ls = (Layouts){.arena = a, .interner = interner_create(a), .by_key = {.arena = a}, .by_instance = {.arena = a}, .assigned = {.arena = a}};
    if (p->model) find_assigned_in(ls, p->model);
    if (p->model) build_layer(ls, p->model);
    for (size_t i = 0; i < ls->all.len; i++) {
        Layout *l = ls->all.at[i];
        for (size_t k = 0; k < l->parts.len; k++) {
            const Part *m = &l->parts.at[k];
            l->has_states |= m->kind == PART_VARIABLE ? m->assigned : m->layout->has_states;
        }
    }
    return ls;
}

Layout *layout_of(const Layouts *ls, const Instance *layer)
{
    return map_get(&ls->by_instance, layer);
}

void layout_add_prepared(Layouts *ls, Layout *l, Variable *v)
{
    vec_push(ls->arena, &l->parts, (Part){.kind = PART_VARIABLE, .name = v->name, .count = 1, .variable = v});
    index_parts(ls, l);
}

void layout_vary(Layout *l, const Variable *v)
{
    Part *part = map_get(&l->by_name, v->name);
    part->varies = true;
}

/* ---- paths ---- */

static Part *find_name(Layout *l, const Sym *name)
{
    return map_get(&l->by_name, name);
}

static Part *find_element(Layout *l, int64_t index)
{
    for (size_t i = 0; i < l->parts.len; i++) {
        Part *m = &l->parts.at[i];
        if (!m->name && index >= m->index && index < m->index + m->count) return m;
    }
    return NULL;
}

bool layout_find(Arena *a, Layout *from, Path path, LayoutPath *found, Layout **to)
{
    Layout *at = from;
    Part *array = NULL; /* a field that is an array: the next step is its index */
    for (int i = 0; i < path.len; i++) {
        const Step *s = &path.steps[i];
        if (!at) return false;
        Part *m = array ? array : s->name ? find_name(at, s->name) : find_element(at, s->index);
        if (!m) return false;
        if (!array && s->name && m->kind == PART_ARRAY) {
            array = m;
            continue;
        }
        if (array && (s->name || s->index < 0 || s->index >= m->count)) return false;
        array = NULL;
        vec_push(a, found, (LayoutStep){m, m->kind == PART_ARRAY ? s->index - m->index : 0, s->loop});
        at = m->layout;
    }
    if (array) return false;
    *to = at;
    return true;
}

static Slot *find_slot(const SlotVec *slots, const Step *s)
{
    for (size_t i = 0; i < slots->len; i++) {
        Slot *slot = slots->at[i];
        if (s->name ? slot->name == s->name : !slot->name && slot->index == s->index) return slot;
    }
    return NULL;
}

Instance *instance_at(Instance *from, Path path, Variable **variable)
{
    const SlotVec *slots = &from->slots;
    Instance      *at = from;
    if (variable) *variable = NULL;
    for (int i = 0; i < path.len; i++) {
        const Step *s = &path.steps[i];
        if (variable && at && s->name && i == path.len - 1) {
            for (size_t k = 0; k < at->variables.len; k++) {
                if (at->variables.at[k]->name == s->name) {
                    *variable = at->variables.at[k];
                    return at;
                }
            }
        }
        Slot *slot = find_slot(slots, s);
        if (!slot) return NULL;
        at = slot->kind == SLOT_LAYER ? slot->layer : NULL;
        slots = at ? &at->slots : &slot->items;
    }
    return at;
}
