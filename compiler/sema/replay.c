/* Equal layers are traced once.
 *
 * A layer that was constructed with the same arguments as one that is already traced, and is called on arguments of the same
 * types, computes the same function of its own weights. So its call is not traced again: what the first trace did to the
 * instances is repeated (members that waited for the call run, layers count as called, variables exist), and the function
 * is used. 96 equal blocks cost what one costs, but for their construction. */
#include "cx.h"

/* ---- alike? ---- */

static bool same_static(Value a, Value b)
{
    if (a.kind != b.kind || a.kind == V_LAYER) return false;
    if (value_holds(a, V_LAYER) || value_holds(b, V_LAYER)) return false;
    return a.kind == V_FLOAT ? a.as.real == b.as.real : value_equal(a, b);
}

static bool same_arguments(const ValueDict *a, const ValueDict *b)
{
    if (a->len != b->len) return false;
    for (size_t i = 0; i < a->len; i++) {
        if (a->keys[i] != b->keys[i] || !same_static(a->values[i], b->values[i])) return false;
    }
    return true;
}

static bool frozen_above(const Instance *i)
{
    for (; i; i = i->eval->tracker) {
        if (i->frozen) return true;
    }
    return false;
}

bool constructed_alike(const Instance *a, const Instance *b)
{
    const struct InstanceState *x = a->eval, *y = b->eval;
    if (x->cls != y->cls || x->compute_dtype != y->compute_dtype || x->variable_dtype != y->variable_dtype) return false;
    return frozen_above(a) == frozen_above(b) && same_arguments(x->args.as.dict, y->args.as.dict);
}

/* ---- what the first trace did, done again ---- */

typedef struct Replay {
    Cx *cx;
    Map twin; /* Instance of the first -> of this one */
    Instance *now;
    Span span;
} Replay;

static bool pair_values(Replay *r, Value a, Value b);

static bool pair_instances(Replay *r, Instance *a, Instance *b)
{
    if (map_has(&r->twin, a)) return map_get(&r->twin, a) == b;
    if (a->eval->cls != b->eval->cls || a->eval->cls->borrows || b->eval->built || (b->eval->called && b != r->now))
        return false; /* shared with what ran before */
    map_set(&r->twin, a, b);
    for (size_t i = 0; i < b->eval->fields.len; i++) {
        const Field *f = field_find(a, b->eval->fields.at[i].name);
        if (!f || !pair_values(r, f->value, b->eval->fields.at[i].value)) return false;
    }
    return true;
}

static bool pair_values(Replay *r, Value a, Value b)
{
    if (a.kind != b.kind) return false;
    if (a.kind == V_LAYER) return pair_instances(r, a.as.layer, b.as.layer);
    const bool list = a.kind == V_LIST || a.kind == V_TUPLE;
    const size_t n = list ? a.as.seq->len : a.kind == V_DICT ? a.as.dict->len : 0;
    if (n != (list ? b.as.seq->len : b.kind == V_DICT ? b.as.dict->len : 0)) return false;
    for (size_t i = 0; i < n; i++) {
        if (!pair_values(r, list ? a.as.seq->at[i] : a.as.dict->values[i], list ? b.as.seq->at[i] : b.as.dict->values[i]))
            return false;
    }
    return true;
}

/* Runs the members that waited, with the sizes that the first call found. */
static bool build_alike(Replay *r, Instance *a, Instance *b)
{
    Cx *cx = r->cx;
    Frame frame = {
        .outer = cx->frame, .module = b->eval->cls->module, .self = b, .call_span = r->span, .what = instance_label(cx, b)};
    for (size_t i = 0; i < a->eval->dims.len; i++) {
        local_push(cx, &frame, a->eval->dims.at[i].name, a->eval->dims.at[i].value, true);
    }
    cx->frame = &frame;
    const bool ok = build_instance(cx, b, r->span);
    cx->frame = frame.outer;
    return ok;
}

static bool repeat_one(Replay *r, Instance *a, Instance *b)
{
    struct InstanceState *x = a->eval, *y = b->eval;
    if (x->built && !build_alike(r, a, b)) return false;
    for (size_t i = 0; i < y->fields.len; i++) { /* members that waited may have made more layers */
        const Field *f = field_find(a, y->fields.at[i].name);
        if (!f || !pair_values(r, f->value, y->fields.at[i].value)) return false;
    }
    for (size_t i = 0; i < a->variables.len && i < b->variables.len; i++)
        b->variables.at[i]->assigned |= a->variables.at[i]->assigned;
    y->called = x->called;
    y->traces = x->traces;
    y->mask_warned = x->mask_warned;
    b->output = a->output;
    return true;
}

bool replay_equal_layer(Cx *cx, Instance *first, Instance *now, Span span)
{
    Replay r = {.cx = cx, .twin = {.arena = cx->arena}, .now = now, .span = span};
    if (!pair_instances(&r, first, now)) return false;
    for (size_t i = 0; i < r.twin.len; i++) { /* grows while waiting members make layers */
        if (!repeat_one(&r, (Instance *)(uintptr_t)r.twin.entries[i].key, r.twin.entries[i].value)) return false;
    }
    for (size_t i = 0; i < r.twin.len; i++) {
        const Instance *a = r.twin.entries[i].key;
        Instance *b = r.twin.entries[i].value;
        Instance *caller = a->eval->caller ? map_get(&r.twin, a->eval->caller) : NULL;
        if (b != now) b->eval->caller = caller ? caller : a->eval->caller;
    }
    return true;
}
