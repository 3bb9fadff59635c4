/* Names of instances: paths, and what other tools call them (Keras' automatic names, the places in a .weights.h5 file). */
#include <stdlib.h>
#include <string.h>

#include "cx.h"

/* ---- Keras' automatic names ---- */

mdl_name auto_name(Cx *cx, const char *class_name)
{
    const Sym *snake = cx_sym(cx, snake_case(cx->arena, class_name));
    const intptr_t n = (intptr_t)map_get(&cx->counters, snake);
    map_set(&cx->counters, snake, (void *)(n + 1));
    return (mdl_name){snake->text, n};
}

/* What a field is called in another tool, which the layer says in a field of its own: `h5_names = dict(query="query_dense")`. NULL: nothing. */
static const char *name_elsewhere(Cx *cx, Instance *inst, const char *table, const Sym *field)
{
    const Field *names = field_find(inst, cx_sym(cx, table));
    const Value *name = names && names->value.kind == V_DICT ? dict_get(names->value.as.dict, field) : NULL;
    return name && name->kind == V_STR ? name->as.str->text : NULL;
}

/* ---- slots and paths ---- */

static Slot *make_slot(Cx *cx, Value v, const Sym *name, int64_t index)
{
    if (!value_holds(v, V_LAYER)) return NULL;
    Slot *s = arena_new(cx->arena, Slot);
    s->name = name;
    s->index = index;
    if (v.kind == V_LAYER) {
        s->kind = SLOT_LAYER;
        s->layer = v.as.layer;
        return s;
    }
    const bool dict = v.kind == V_DICT;
    const size_t n = dict ? v.as.dict->len : v.as.seq->len;
    s->kind = dict ? SLOT_DICT : SLOT_LIST;
    for (size_t i = 0; i < n; i++) {
        Slot *item = make_slot(cx, dict ? v.as.dict->values[i] : v.as.seq->at[i], dict ? v.as.dict->keys[i] : NULL, (int64_t)i);
        if (item) vec_push(cx->arena, &s->items, item);
    }
    return s;
}

static void place(Cx *cx, Slot *s, Instance *owner, StepVec *steps);

static void place_fields(Cx *cx, Instance *inst, StepVec *steps)
{
    for (size_t i = 0; i < inst->eval->fields.len; i++) {
        const Field *f = &inst->eval->fields.at[i];
        Slot *s = make_slot(cx, f->value, f->name, 0);
        if (!s) continue;
        vec_push(cx->arena, &inst->slots, s);
        place(cx, s, inst, steps);
    }
}

static void place(Cx *cx, Slot *s, Instance *owner, StepVec *steps)
{
    vec_push(cx->arena, steps, (Step){.name = s->name, .index = s->index});
    if (s->kind == SLOT_LAYER) {
        Instance *l = s->layer;
        s->alias = l->reached || !l->eval;
        if (!s->alias) {
            Step *copy = arena_array(cx->arena, Step, steps->len);
            memcpy(copy, steps->at, steps->len * sizeof *copy);
            l->reached = true;
            l->parent = owner;
            l->path = (Path){copy, (int)steps->len};
            place_fields(cx, l, steps);
        }
    }
    for (size_t i = 0; i < s->items.len; i++) place(cx, s->items.at[i], owner, steps);
    steps->len--;
}

/* ---- used, unused, unbuilt ---- */

static bool used_below(const Instance *inst);

static bool slot_used(const Slot *s)
{
    if (s->kind == SLOT_LAYER) return !s->alias && used_below(s->layer);
    for (size_t i = 0; i < s->items.len; i++) {
        if (slot_used(s->items.at[i])) return true;
    }
    return false;
}

static bool used_below(const Instance *inst)
{
    if (inst->eval->called || inst->eval->built) return true;
    for (size_t i = 0; i < inst->slots.len; i++) {
        if (slot_used(inst->slots.at[i])) return true;
    }
    return false;
}

static void set_state(Cx *cx, Instance *inst, bool model_runs)
{
    inst->state = used_below(inst) ? MDL_BUILT : model_runs ? MDL_UNUSED : MDL_UNBUILT;
    if (inst->eval->caller && inst->eval->caller != inst->parent && inst->eval->caller != inst)
        inst->keras_parent = inst->eval->caller;
    if (inst->state != MDL_BUILT || !inst->eval->built) inst->variables.len = inst->listings.len = 0;
    if (inst->state == MDL_UNBUILT && !inst->missing) inst->missing = "the types of the model's inputs";
    const bool owner_used = inst->parent && used_below(inst->parent);
    if (inst->state != MDL_UNUSED || inst->eval->cloned || !owner_used || span_in_library(cx, inst->span) ||
        diag_errors(cx->diags))
        return;
    Diag *d = diag_at(cx->diags, W_UNUSED_LAYER, inst->span, "the layer `%s` is never called, so it has no weights",
                      path_text(cx->arena, inst->path));
    diag_help(d, "call it in `call`, or remove it");
}

/* ---- places in a .weights.h5 file ---- */

/* A field under the name of Keras' attribute. */
typedef struct Attribute {
    const Slot *slot;
    const char *name;
} Attribute;

/* ASCII order, names with a leading underscore last. */
static int attribute_order(const void *a, const void *b)
{
    const Attribute *x = a, *y = b;
    const bool px = x->name[0] == '_', py = y->name[0] == '_';
    if (px != py) return px ? 1 : -1;
    return strcmp(x->name, y->name);
}

typedef struct H5 {
    Cx *cx;
    Map done; /* instances already placed */
} H5;

static void h5_visit(H5 *h, Instance *inst);

static void h5_place(H5 *h, Instance *inst, Instance *group, const char *text, int64_t number)
{
    if (map_has(&h->done, inst)) return;
    map_set(&h->done, inst, inst);
    inst->h5 = (mdl_name){text, number};
    if (group != inst->parent) inst->h5_parent = group;
    h5_visit(h, inst);
}

/* Elements are named after their class and numbered within their container, counting those placed before. */
static void h5_container(H5 *h, const SlotVec *items, Instance *group, const char *prefix)
{
    Map counts = {.arena = h->cx->arena};
    for (size_t i = 0; i < items->len; i++) {
        const Slot *s = items->at[i];
        const char *name = s->kind == SLOT_LAYER ? snake_case(h->cx->arena, s->layer->class_name) : "container";
        const Sym *key = cx_sym(h->cx, name);
        const intptr_t n = (intptr_t)map_get(&counts, key);
        map_set(&counts, key, (void *)(n + 1));
        if (s->kind == SLOT_LAYER) {
            h5_place(h, s->layer, group, arena_printf(h->cx->arena, "%s/%s", prefix, name), n);
        } else {
            h5_container(h, &s->items, group,
                         n ? arena_printf(h->cx->arena, "%s/container_%lld", prefix, (long long)n)
                           : arena_printf(h->cx->arena, "%s/container", prefix));
        }
    }
}

/* The layers that Keras lists as `model.layers`: every layer in a field, containers flattened, in order of tracking. */
static void flatten_slots(Cx *cx, const SlotVec *slots, SlotVec *out, Map *seen)
{
    for (size_t i = 0; i < slots->len; i++) {
        Slot *s = slots->at[i];
        if (s->kind != SLOT_LAYER) flatten_slots(cx, &s->items, out, seen);
        else if (!map_has(seen, s->layer)) {
            map_set(seen, s->layer, s);
            vec_push(cx->arena, out, s);
        }
    }
}

static void h5_layers(H5 *h, Instance *inst)
{
    SlotVec all = {0};
    Map seen = {.arena = h->cx->arena};
    flatten_slots(h->cx, &inst->slots, &all, &seen);
    h5_container(h, &all, inst, "layers");
}

static void h5_visit(H5 *h, Instance *inst)
{
    const size_t n = inst->slots.len;
    Attribute *sorted = arena_array(h->cx->arena, Attribute, n);
    for (size_t i = 0; i < n; i++) {
        const char *name = name_elsewhere(h->cx, inst, "h5_names", inst->slots.at[i]->name);
        sorted[i] = (Attribute){inst->slots.at[i], name ? name : inst->slots.at[i]->name->text};
    }
    qsort(sorted, n, sizeof *sorted, attribute_order);
    bool layers_due = inst->decl->kind == DECL_MODEL; /* a keras.Model has the property `layers` among its attributes */
    for (size_t i = 0; i < n; i++) {
        const Slot *s = sorted[i].slot;
        const char *name = sorted[i].name;
        if (layers_due && (name[0] == '_' || strcmp(name, "layers") > 0)) {
            layers_due = false;
            h5_layers(h, inst);
        }
        if (s->kind == SLOT_LAYER) h5_place(h, s->layer, inst, name, 0);
        else h5_container(h, &s->items, inst, name);
    }
    if (layers_due) h5_layers(h, inst);
}

/* Behind those that training could update. */
static bool stands_behind(const Variable *v) { return v->is_state || (v->frozen && !v->in_place); }

static void number_variables(Cx *cx, Instance *inst)
{
    int n = 0;
    for (int later = 0; later < 2; later++) {
        size_t k = 0;
        for (size_t i = 0; i <= inst->variables.len; i++) {
            for (; k < inst->listings.len && inst->listings.at[k].before == i; k++) {
                Listing *l = &inst->listings.at[k];
                if (stands_behind(l->variable) == later) l->h5 = arena_printf(cx->arena, "vars/%d", n++);
            }
            Variable *v = i < inst->variables.len ? inst->variables.at[i] : NULL;
            if (v && stands_behind(v) == later) v->h5 = arena_printf(cx->arena, "vars/%d", n++);
        }
    }
}

/* ---- names in Keras 2 ---- */

/* `keras2_names = dict(layer="")`: wrapping layers of Keras 2 build what they hold without its name. A layer of the library makes
 * all its variables then; what one of one's own holds is built by calls, in the scope of its name. */
static void name_in_keras2(Cx *cx, Instance *inst)
{
    for (size_t i = 0; i < inst->slots.len; i++) {
        const Slot *s = inst->slots.at[i];
        const char *name = s->kind == SLOT_LAYER && !s->alias ? name_elsewhere(cx, inst, "keras2_names", s->name) : NULL;
        if (!name || (s->layer->eval->caller && s->layer->eval->caller != inst)) continue;
        if (*name || s->layer->library) s->layer->keras2 = name;
        for (size_t k = 0; !*name && !s->layer->library && k < s->layer->variables.len; k++) {
            Variable *v = s->layer->variables.at[k];
            if (!v->keras2) v->keras2 = arena_printf(cx->arena, "../%s", v->name->text);
        }
    }
}

void name_instances(Cx *cx, Instance *model)
{
    StepVec steps = {0};
    model->reached = true;
    place_fields(cx, model, &steps);
    const bool runs = cx->program->main != NULL;
    for (size_t i = 0; i < cx->instances.len; i++) {
        Instance *inst = cx->instances.at[i];
        if (inst->reached) set_state(cx, inst, runs);
        if (!inst->reached && inst->eval->called) {
            Diag *d =
                diag_at(cx->diags, E_NOT_REACHED, inst->span,
                        "this `%s` is called, but no field leads to it, so its weights would have no name", inst->class_name);
            diag_help(d, "keep it in a field of the layer that uses it");
        }
        number_variables(cx, inst);
        name_in_keras2(cx, inst);
    }
    H5 h = {.cx = cx, .done = {.arena = cx->arena}};
    map_set(&h.done, model, model);
    model->h5 = (mdl_name){"", 0};
    h5_visit(&h, model);
}
