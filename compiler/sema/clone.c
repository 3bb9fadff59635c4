/* The two builtins whose arguments have any name: `dict(a=1, b=2)` and `clone(layer, name=..., units=3)`. */
#include "cx.h"

Value call_dict(Cx *cx, const ArgList *args, Span span)
{
    VEC(const Sym *) keys = {0};
    VEC(Value) values = {0};
    for (size_t i = 0; i < args->len; i++) {
        const Argument *a = &args->at[i];
        if (a->name) {
            vec_push(cx->arena, &keys, a->name);
            vec_push(cx->arena, &values, a->value);
            continue;
        }
        const Value *at;
        size_t len;
        if (!iterate(cx, a->value, a->span, &at, &len)) return VALUE_ERROR;
        for (size_t k = 0; k < len; k++) { /* dict([("a", 1)]) */
            const bool entry = at[k].kind == V_TUPLE && at[k].as.seq->len == 2 && at[k].as.seq->at[0].kind == V_STR;
            if (!entry) {
                cx_error(cx, E_BAD_ARGUMENT, a->span,
                         "`dict` takes named entries, `dict(a=1)`, or pairs of a string and a value");
                return VALUE_ERROR;
            }
            vec_push(cx->arena, &keys, at[k].as.seq->at[0].as.str);
            vec_push(cx->arena, &values, at[k].as.seq->at[1]);
        }
    }
    for (size_t i = 0; i < keys.len; i++) {
        for (size_t k = 0; k < i; k++) {
            if (keys.at[i] != keys.at[k]) continue;
            cx_error(cx, E_DUPLICATE_NAME, span, "the key `%s` is given twice", keys.at[i]->text);
            return VALUE_ERROR;
        }
    }
    return value_dict(cx->arena, keys.at, values.at, keys.len);
}

static Value clone_layer(Cx *cx, Instance *inst, const ArgList *changes, Span span);

static Value clone_value(Cx *cx, Value v, Span span)
{
    const ArgList none = {0};
    if (v.kind == V_LAYER) return clone_layer(cx, v.as.layer, &none, span);
    if ((v.kind == V_LIST || v.kind == V_TUPLE) && value_holds(v, V_LAYER)) {
        Value *at = arena_array(cx->arena, Value, v.as.seq->len);
        for (size_t i = 0; i < v.as.seq->len; i++) {
            at[i] = clone_value(cx, v.as.seq->at[i], span);
            if (is_error(at[i])) return at[i];
        }
        return value_seq(cx->arena, v.kind, at, v.as.seq->len);
    }
    return v;
}

static const Argument *change_of(const ArgList *changes, const Sym *name)
{
    for (size_t k = 0; k < changes->len; k++) {
        if (changes->at[k].name == name) return &changes->at[k];
    }
    return NULL;
}

/* Those for a `*parameter` have no name, and then neither have those before them. */
static const Sym *star_of(const Instance *inst)
{
    const ParamVec *params = &inst->eval->cls->decl->as.layer.params;
    for (size_t i = 0; i < params->len; i++) {
        if (params->at[i]->star) return params->at[i]->name.sym;
    }
    return NULL;
}

static bool clone_args(Cx *cx, Instance *inst, const ArgList *changes, Span span, ArgList *args)
{
    const ValueDict *old = inst->eval->args.as.dict;
    const Sym *star = star_of(inst);
    bool by_place = star != NULL;
    for (size_t i = 0; i < old->len; i++) {
        const Argument *change = change_of(changes, old->keys[i]);
        Value v = change ? change->value : clone_value(cx, old->values[i], span);
        if (is_error(v)) return false;
        const Argument a = {by_place ? NULL : old->keys[i], v, change ? change->span : span};
        if (old->keys[i] != star) {
            vec_push(cx->arena, args, a);
            continue;
        }
        for (size_t k = 0; k < v.as.seq->len; k++) vec_push(cx->arena, args, (Argument){NULL, v.as.seq->at[k], span});
        by_place = false;
    }
    for (size_t k = 0; k < changes->len; k++) {
        bool taken = false;
        for (size_t i = 0; i < old->len; i++) taken |= old->keys[i] == changes->at[k].name;
        if (!taken) vec_push(cx->arena, args, changes->at[k]);
    }
    return true;
}

/* The arguments of the original, changed where told; layers among them are cloned too; the name stays. */
static Value clone_layer(Cx *cx, Instance *inst, const ArgList *changes, Span span)
{
    ArgList args = {0};
    const bool named = change_of(changes, cx->sym->name) != NULL;
    inst->eval->cloned = true;
    if (!clone_args(cx, inst, changes, span, &args)) return VALUE_ERROR;
    if (!named) vec_push(cx->arena, &args, (Argument){cx->sym->name, value_str(inst->eval->name), span});
    if (inst->frozen) vec_push(cx->arena, &args, (Argument){cx->sym->trainable, value_bool(false), span});
    return construct(cx, inst->eval->cls, &args, span);
}

Value call_clone(Cx *cx, const ArgList *args, Span span)
{
    if (!args->len || args->at[0].name || args->at[0].value.kind != V_LAYER) {
        cx_error(cx, E_BAD_ARGUMENT, span, "`clone` takes a layer, then named arguments to change");
        return VALUE_ERROR;
    }
    ArgList changes = {0};
    for (size_t i = 1; i < args->len; i++) {
        if (!args->at[i].name) {
            cx_error(cx, E_BAD_ARGUMENT, args->at[i].span, "what `clone` changes is given by name");
            return VALUE_ERROR;
        }
        vec_push(cx->arena, &changes, args->at[i]);
    }
    return clone_layer(cx, args->at[0].value.as.layer, &changes, span);
}
