/* Looking a name up: locals, fields, the module, the library, built-in functions. */
#include <string.h>

#include "cx.h"

static Value const_value(Cx *cx, Module *m, Decl *d)
{
    ConstCell *cell = map_get(&m->consts, d);
    if (!cell) {
        cell = arena_new(cx->arena, ConstCell);
        map_set(&m->consts, d, cell);
    }
    if (cell->state == CONST_DONE) return cell->value;
    if (cell->state == CONST_RUNNING) {
        cx_error(cx, E_CONST_CYCLE, d->name.span, "the constant `%s` is defined by itself", d->name.sym->text);
        return VALUE_ERROR;
    }
    cell->state = CONST_RUNNING;
    Frame frame = {.outer = cx->frame, .module = m, .what = arena_printf(cx->arena, "the constant `%s`", d->name.sym->text)};
    cx->frame = &frame;
    Value v = eval_static(cx, d->as.constant.value, "a constant");
    if (d->as.constant.type && !is_error(v)) {
        if (!coerce_static(cx, d->as.constant.type, &v, d->as.constant.value->span, d->name.sym->text, "the constant"))
            v = VALUE_ERROR;
    }
    cx->frame = frame.outer;
    if (value_holds(v, V_LAYER)) {
        Diag *e = cx_error(cx, E_LAYER_IN_CONST, d->as.constant.value->span, "a constant cannot hold a layer");
        diag_help(e, "declare the layer as a field of the layer or model that owns it");
        v = VALUE_ERROR;
    }
    cell->value = v;
    cell->state = CONST_DONE;
    return v;
}

Value decl_value(Cx *cx, Module *m, Decl *d)
{
    switch (d->kind) {
    case DECL_CONST: return const_value(cx, m, d);
    case DECL_FN: {
        ValueFn *fn = arena_new(cx->arena, ValueFn);
        *fn = (ValueFn){m, &d->as.fn, NULL};
        return (Value){.kind = V_FN, .as.fn = fn};
    }
    case DECL_LAYER:
    case DECL_MODEL: return (Value){.kind = V_CLASS, .as.cls = class_info(cx, m, d)};
    case DECL_IMPORT:
    case DECL_ERROR: break;
    }
    return VALUE_ERROR;
}

Field *field_find(Instance *inst, const Sym *name)
{
    const uintptr_t i = (uintptr_t)map_get(&inst->eval->index, name);
    return i ? &inst->eval->fields.at[i - 1] : NULL;
}

void field_add(Cx *cx, Instance *inst, Field f)
{
    struct InstanceState *s = inst->eval;
    s->index.arena = cx->arena;
    vec_push(cx->arena, &s->fields, f);
    map_set(&s->index, f.name, (void *)(uintptr_t)s->fields.len);
}

static Value method_value(Cx *cx, Instance *inst, const Function *fn)
{
    ValueFn *v = arena_new(cx->arena, ValueFn);
    *v = (ValueFn){inst->eval->cls->module, fn, inst};
    return (Value){.kind = V_FN, .as.fn = v};
}

/* Whether `trainable=false` stands on the layer or on one that was constructing or calling it. */
static bool effectively_trainable(const Instance *inst)
{
    for (; inst; inst = inst->parent) {
        if (inst->frozen) return false;
    }
    return true;
}

/* Fields that every layer has. */
static bool implicit_field(Cx *cx, Instance *inst, const Sym *name, Value *v)
{
    const struct InstanceState *s = inst->eval;
    if (name == cx->sym->name) *v = value_str(s->name);
    else if (name == cx->sym->trainable) *v = value_bool(effectively_trainable(inst));
    else if (name == cx->sym->compute_dtype) *v = value_str(cx_sym(cx, dtype_name(s->compute_dtype)));
    else if (name == cx->sym->variable_dtype) *v = value_str(cx_sym(cx, dtype_name(s->variable_dtype)));
    else if (name == cx->sym->dtype_policy)
        *v = value_str(cx_sym(cx, s->compute_dtype == s->variable_dtype
                                      ? dtype_name(s->variable_dtype)
                                      : arena_printf(cx->arena, "mixed_%s", dtype_name(s->compute_dtype))));
    else return false;
    return true;
}

bool instance_member(Cx *cx, Instance *inst, const Sym *name, Value *v)
{
    const Field *f = field_find(inst, name);
    if (f && f->value.kind != V_NONE) {
        *v = f->value;
        return true;
    }
    for (size_t i = 0; i < inst->variables.len; i++) { /* one may have the name of a parameter that is none */
        if (inst->variables.at[i]->name == name) {
            *v = (Value){.kind = V_VARIABLE, .as.variable = inst->variables.at[i]};
            return true;
        }
    }
    if (f) {
        *v = f->value;
        return true;
    }
    const Function *fn = map_get(&inst->eval->cls->methods, name);
    if (fn) {
        *v = method_value(cx, inst, fn);
        return true;
    }
    return implicit_field(cx, inst, name, v);
}

static bool lookup_module(Cx *cx, Module *m, const Sym *name, Value *v)
{
    Module *where;
    Decl *d = module_find(m, name, &where);
    if (d) {
        *v = decl_value(cx, where, d);
        return true;
    }
    Module *alias = map_get(&m->aliases, name);
    if (!alias && name == cx->sym->ops) alias = cx->ops;
    if (!alias && name == cx->sym->random) alias = cx->random;
    if (alias) {
        *v = (Value){.kind = V_MODULE, .as.module = alias};
        return true;
    }
    return false;
}

bool lookup_quiet(Cx *cx, const Sym *name, Value *v)
{
    Frame *f = cx->frame;
    const Local *local = local_find(f, name);
    if (local) {
        *v = local->value;
        return true;
    }
    if (f->self && instance_member(cx, f->self, name, v)) return true;
    if (f->module && lookup_module(cx, f->module, name, v)) return true;
    if (name == cx->sym->training && cx->builder) {
        *v = value_bool(cx->training);
        return true;
    }
    /* bare names of functions prefer the library's (activations), then static builtins, then operations */
    Module *lib = library_module(cx, name);
    if (lib) {
        *v = decl_value(cx, lib, module_own(lib, name));
        return true;
    }
    const Builtin *b = map_get(&cx->builtins, name);
    if (!b) b = map_get(&cx->op_functions, name);
    if (!b) return false;
    *v = (Value){.kind = V_BUILTIN, .as.builtin = b};
    return true;
}

Value library_function(Cx *cx, const Sym *name)
{
    Module *m = library_module(cx, name);
    if (m) return decl_value(cx, m, module_own(m, name));
    const Builtin *b = map_get(&cx->builtins, name);
    if (!b) b = map_get(&cx->op_functions, name);
    if (b) return (Value){.kind = V_BUILTIN, .as.builtin = b};
    return VALUE_ERROR;
}

Value lookup(Cx *cx, Ident name)
{
    Value v;
    if (!name.sym) return VALUE_ERROR;
    if (lookup_quiet(cx, name.sym, &v)) return v;
    report_unknown(cx, name);
    return VALUE_ERROR;
}

/* What a library file declares under a name, perhaps with the namespace in front: `ops.gelu` is `ops_gelu`. */
static Decl *library_decl(Cx *cx, const char *prefix, const Sym *name, Module **file)
{
    const Sym *whole = cx_sym(cx, arena_printf(cx->arena, "%s%s", prefix, name->text));
    *file = library_module(cx, whole);
    return *file ? module_own(*file, whole) : NULL;
}

/* `ops.image.resize` is `ops.resize`: Keras sorts its operations into these, MDL does not. */
static bool is_part_of_ops(const Sym *name)
{
    static const char *const parts[] = {"numpy", "nn", "linalg", "image", "math"};
    for (size_t i = 0; i < countof(parts); i++) {
        if (!strcmp(parts[i], name->text)) return true;
    }
    return false;
}

static bool namespace_member(Cx *cx, Module *m, const Sym *name, Value *v)
{
    const Builtin *b = map_get(m->is_ops ? &cx->op_functions : &cx->random_functions, name);
    Module *file;
    Decl *d = NULL;
    if (m->is_ops && is_part_of_ops(name)) {
        *v = (Value){.kind = V_MODULE, .as.module = m};
        return true;
    }
    if (!b) d = library_decl(cx, m->is_ops ? "ops_" : "random_", name, &file);
    if (!b && !d && m->is_ops) d = library_decl(cx, "", name, &file);
    if (b) *v = (Value){.kind = V_BUILTIN, .as.builtin = b};
    if (d) *v = decl_value(cx, file, d);
    return b || d;
}

Value module_member(Cx *cx, Module *m, Ident name, Span whole)
{
    Names n = {0};
    (void)whole;
    if (m->is_ops || m->is_random) {
        Value v;
        if (namespace_member(cx, m, name.sym, &v)) return v;
        if (report_refused(cx, name)) return VALUE_ERROR;
        add_keys(cx, &n, m->is_ops ? &cx->op_functions : &cx->random_functions);
    } else {
        Decl *d = module_own(m, name.sym);
        if (d) return decl_value(cx, m, d);
        add_keys(cx, &n, &m->decls);
    }
    Diag *e = cx_error(cx, E_UNKNOWN_NAME, name.span, "there is no `%s` in %s", name.sym->text,
                       m->is_ops      ? "`ops`"
                       : m->is_random ? "`random`"
                                      : "the imported file");
    const char *near = suggest(name.sym->text, n.at, n.len);
    if (near) {
        diag_help(e, "did you mean `%s`?", near);
        diag_fix(e, name.span, "%s", near);
    }
    return VALUE_ERROR;
}
