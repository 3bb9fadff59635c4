/* `object.name`. */
#include <string.h>

#include "cx.h"

static Value layer_member(Cx *cx, Instance *inst, const Expr *e)
{
    const Ident name = e->as.member.name;
    Value v;
    if (instance_member(cx, inst, name.sym, &v)) return v;
    const bool waits = map_has(&inst->eval->cls->fields, name.sym);
    if (waits && ensure_built(cx, inst, e->span) && instance_member(cx, inst, name.sym, &v)) return v;
    if (waits) return VALUE_ERROR;
    Diag *d = cx_error(cx, E_NO_MEMBER, name.span, "`%s` has no field `%s`", inst->class_name, name.sym->text);
    VEC(const char *) names = {0};
    for (size_t i = 0; i < inst->eval->fields.len; i++) vec_push(cx->arena, &names, inst->eval->fields.at[i].name->text);
    for (size_t i = 0; i < inst->eval->cls->fields.len; i++)
        vec_push(cx->arena, &names, ((const Sym *)inst->eval->cls->fields.entries[i].key)->text);
    for (size_t i = 0; i < inst->eval->cls->methods.len; i++)
        vec_push(cx->arena, &names, ((const Sym *)inst->eval->cls->methods.entries[i].key)->text);
    const char *near = suggest(name.sym->text, names.at, names.len);
    if (near) {
        diag_help(d, "did you mean `%s`?", near);
        diag_fix(d, name.span, "%s", near);
    }
    if (!inst->library) diag_note(d, inst->decl->name.span, "`%s` is declared here", inst->class_name);
    return VALUE_ERROR;
}

Value run_hasattr(Cx *cx, const BCall *c)
{
    const char *text;
    Value v;
    if (c->args[0].kind != V_LAYER) {
        cx_error(cx, E_ARGUMENT_TYPE, c->spans[0], "`hasattr` is asked of a layer, but this is %s", describe(cx, c->args[0]));
        return VALUE_ERROR;
    }
    if (!arg_str(cx, c, 1, &text)) return VALUE_ERROR;
    Instance *inst = c->args[0].as.layer;
    const Sym *name = cx_sym(cx, text);
    if (instance_member(cx, inst, name, &v)) return value_bool(true);
    if (inst->eval->built || !map_has(&inst->eval->cls->fields, name)) return value_bool(false);
    return ensure_built(cx, inst, c->span) ? value_bool(instance_member(cx, inst, name, &v)) : VALUE_ERROR;
}

static Value shape_value(Cx *cx, Type t)
{
    Value *v = arena_array(cx->arena, Value, (size_t)t.rank);
    for (int i = 0; i < t.rank; i++) v[i] = value_dim(t.dims[i]);
    return value_seq(cx->arena, V_TUPLE, v, (size_t)t.rank);
}

/* `x.reshape(` -> `reshape(x, ` */
static void method_to_function(Cx *cx, Diag *d, const Expr *e)
{
    const Span object = e->as.member.object->span, name = e->as.member.name.span;
    const Source *s = source_get(cx->session->sources, object.file);
    const char *text = e->as.member.name.sym->text, *rest = s->text + name.end;
    diag_help(d, "operations are functions: `%s(x, ...)` for `x.%s(...)`", text, text);
    if (*rest != '(' || span_in_library(cx, object)) return;
    diag_fix(d, (Span){object.file, object.start, name.end + 1}, "%s(%.*s%s", text, (int)(object.end - object.start),
             s->text + object.start, rest[1] == ')' ? "" : ", ");
}

/* The layer that reads it, directly or through a function, has seen to it. */
static Value read_mask(Cx *cx, const ValueTensor *t)
{
    Frame *f = cx->frame;
    while (f && !f->self) f = f->outer;
    if (f) f->self->eval->cls->uses_mask = true;
    return t->mask ? make_tensor_value(cx->arena, t->mask, NULL) : VALUE_NONE;
}

static Value tensor_member(Cx *cx, const ValueTensor *t, const Expr *e)
{
    const Ident name = e->as.member.name;
    const Type type = t->node->type;
    if (name.sym == cx->sym->shape) return shape_value(cx, type);
    if (name.sym == cx->sym->ndim) return value_int(type.rank);
    if (name.sym == cx->sym->dtype) return value_str(cx_sym(cx, dtype_name(type.dtype)));
    if (name.sym == cx->sym->mask) return read_mask(cx, t);
    if (name.sym == cx->sym->T) return tensor_value(cx, transpose(cx, t->node, NULL, e->span));
    Diag *d = cx_error(cx, E_NO_MEMBER, name.span, "a tensor has no member `%s`", name.sym->text);
    const Builtin *op = map_get(&cx->op_functions, name.sym);
    if (op) method_to_function(cx, d, e);
    else diag_help(d, "a tensor has `shape`, `ndim`, `dtype`, `mask` and `T`");
    return VALUE_ERROR;
}

static Value bound_method(Cx *cx, const Builtin *b, Value self)
{
    ValueBound *v = arena_new(cx->arena, ValueBound);
    *v = (ValueBound){b, self};
    return (Value){.kind = V_BOUND, .as.bound = v};
}

static Value variable_member(Cx *cx, Value self, const Expr *e)
{
    static const Builtin assign = {.name = "assign", .signature = "value"};
    const Variable *var = self.as.variable;
    const Ident name = e->as.member.name;
    if (name.sym == cx->sym->assign) return bound_method(cx, &assign, self);
    if (name.sym == cx->sym->dtype && (!var->autocast || !cx->frame->in_call)) return value_str(cx_sym(cx, dtype_name(var->dtype)));
    if (name.sym == cx->sym->shape) {
        Value *v = arena_array(cx->arena, Value, (size_t)var->rank);
        for (int i = 0; i < var->rank; i++) v[i] = value_int(var->shape[i]);
        return value_seq(cx->arena, V_TUPLE, v, (size_t)var->rank);
    }
    if (name.sym == cx->sym->ndim) return value_int(var->rank);
    Value read = read_variable(cx, self.as.variable, e->as.member.object->span);
    return is_error(read) ? read : tensor_member(cx, read.as.tensor, e);
}

static Value builtin_member(Cx *cx, Value self, const Map *table, const Expr *e, const char *kind)
{
    const Ident name = e->as.member.name;
    const Builtin *b = map_get(table, name.sym);
    if (b) return bound_method(cx, b, self);
    Diag *d = cx_error(cx, E_NO_MEMBER, name.span, "a %s has no method `%s`", kind, name.sym->text);
    if (!strcmp(name.sym->text, "append") || !strcmp(name.sym->text, "extend")) {
        diag_help(d, "values are immutable: write `xs += [x]`, or a comprehension `[f(i) for i in range(n)]`");
    }
    return VALUE_ERROR;
}

Value get_member(Cx *cx, const Expr *e)
{
    Value v = eval(cx, e->as.member.object);
    const Ident name = e->as.member.name;
    if (is_error(v) || !name.sym) return VALUE_ERROR;
    switch (v.kind) {
    case V_LAYER: return layer_member(cx, v.as.layer, e);
    case V_TENSOR: return tensor_member(cx, v.as.tensor, e);
    case V_VARIABLE: return variable_member(cx, v, e);
    case V_MODULE: return module_member(cx, v.as.module, name, e->span);
    case V_STR: return builtin_member(cx, v, &cx->method_tables[0], e, "string");
    case V_LIST:
    case V_TUPLE: return builtin_member(cx, v, &cx->method_tables[1], e, v.kind == V_LIST ? "list" : "tuple");
    case V_DICT: {
        const Value *entry = dict_get(v.as.dict, name.sym);
        return entry ? *entry : builtin_member(cx, v, &cx->method_tables[2], e, "dict");
    }
    case V_ERROR:
    case V_NONE:
    case V_BOOL:
    case V_INT:
    case V_FLOAT:
    case V_DIM:
    case V_RANGE:
    case V_CLASS:
    case V_FN:
    case V_BUILTIN:
    case V_BOUND:
    case V_INIT:
    case V_RULE: break;
    }
    cx_error(cx, E_NO_MEMBER, name.span, "%s has no member `%s`", describe(cx, v), name.sym->text);
    return VALUE_ERROR;
}
