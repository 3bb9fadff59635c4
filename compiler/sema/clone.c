/* The two builtins whose arguments have any name: `dict(a=1, b=2)` and `clone(layer, name=..., units=3)`. */
#include "cx.h"

Value call_dict(Cx *cx, const ArgList *args, Span span);
Value call_clone(Cx *cx, const ArgList *args, Span span);

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

/* The arguments of the original, changed where told; layers among them are cloned too; the name stays. */
static Value clone_layer(Cx *cx, Instance *inst, const ArgList *changes, Span span)
{
    ArgList args = {0};
    const ValueDict *old = inst->eval->args.as.dict;
    bool named = false;
    inst->eval->cloned = true;
    for (size_t i = 0; i < old->len; i++) {
        bool changed = false;
        for (size_t k = 0; k < changes->len; k++) changed |= changes->at[k].name == old->keys[i];
        if (changed) continue;
        Value v = clone_value(cx, old->values[i], span);
        if (is_error(v)) return v;
        vec_push(cx->arena, &args, (Argument){old->keys[i], v, span});
    }
    for (size_t k = 0; k < changes->len; k++) {
        named |= changes->at[k].name == cx->sym->name;
        vec_push(cx->arena, &args, changes->at[k]);
    }
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
