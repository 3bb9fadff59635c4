/* Members about the variables of other layers: `build layer(x)` makes them exist, `weight kernel = layer.kernel` lists one of
 * them here too, as Keras does with a variable that is assigned to an attribute. Whoever lists a variable may assign it. */
#include <string.h>

#include "cx.h"

bool lists_variable(const Instance *inst, const Variable *v)
{
    for (size_t i = 0; i < inst->listings.len; i++) {
        if (inst->listings.at[i].variable == v) return true;
    }
    return false;
}

static const char *kind_of(const Variable *v) { return v->is_state ? "state" : "weight"; }

static void report_no_variable(Cx *cx, const Member *m, Value v)
{
    const char *kind = m->as.variable.is_state ? "state" : "weight", *name = m->as.variable.name.sym->text;
    Diag *e = cx_error(cx, E_BAD_TYPE, m->as.variable.init->span,
                       "the %s `%s` has no type, so this must be a %s of another layer, but it is %s", kind, name, kind,
                       describe(cx, v));
    diag_help(e, "declare its shape, `%s %s: [4] = zeros`, or name the other layer's, `%s %s = layer.kernel`", kind, name, kind,
              name);
}

static void report_other_kind(Cx *cx, const Member *m, const Variable *v)
{
    const Span all = m->span;
    const char *written = m->as.variable.is_state ? "state" : "weight";
    Diag *e = cx_error(cx, E_BAD_TYPE, m->as.variable.init->span, "`%s` is listed as a %s, but it is a %s", v->name->text,
                       written, kind_of(v));
    diag_note(e, v->span, "it is declared here");
    diag_help(e, "write `%s %s = ...`", kind_of(v), m->as.variable.name.sym->text);
    diag_fix(e, (Span){all.file, all.start, all.start + (uint32_t)strlen(written)}, "%s", kind_of(v));
}

/* Whether it is a variable that the layer can list; reported if not. */
static bool can_list(Cx *cx, const Instance *inst, const Member *m, Value v)
{
    if (v.kind != V_VARIABLE) {
        if (!is_error(v)) report_no_variable(cx, m, v);
        return false;
    }
    if (v.as.variable->is_state != m->as.variable.is_state) {
        report_other_kind(cx, m, v.as.variable);
        return false;
    }
    if (v.as.variable->owner != inst && !lists_variable(inst, v.as.variable)) return true;
    Diag *e = cx_error(cx, E_DUPLICATE_NAME, m->as.variable.init->span, "`%s` lists this %s already", inst->class_name,
                       kind_of(v.as.variable));
    diag_help(e, "a second name for it is not needed: use the first");
    return false;
}

void list_variable(Cx *cx, Instance *inst, const Member *m)
{
    const Ident name = m->as.variable.name;
    Value v = eval(cx, m->as.variable.init);
    if (!can_list(cx, inst, m, v)) v = VALUE_ERROR; /* the name exists, so that its uses stay silent */
    else
        vec_push(cx->arena, &inst->listings, (Listing){.variable = v.as.variable, .name = name.sym, .span = m->span});
    field_add(cx, inst, (Field){name.sym, v, name.span});
}

/* The names of call's parameters mean its arguments, in what `build` passes on. */
static size_t push_arguments(Cx *cx, const ClassInfo *cls)
{
    const size_t mark = cx->frame->locals.len;
    for (size_t i = 0; cx->frame->entered && i < cls->call->params.len; i++) {
        const Sym *name = cls->call->params.at[i]->name.sym;
        if (name) local_push(cx, cx->frame, name, cx->frame->entered[i], false);
    }
    return mark;
}

bool run_build(Cx *cx, Instance *inst, const Member *m)
{
    const Expr *call = m->as.build;
    ArgList args = {0};
    Value layer = eval(cx, call->as.call.callee);
    if (is_error(layer)) return false;
    if (layer.kind != V_LAYER) {
        Diag *e = cx_error(cx, E_NOT_CALLABLE, call->as.call.callee->span, "`build` needs a layer, but this is %s",
                           describe(cx, layer));
        diag_help(e, "write `build layer(x)`: the field, and what its first call will be given");
        return false;
    }
    const size_t mark = push_arguments(cx, inst->eval->cls);
    cx->frame->in_members = false;
    cx->frame->in_call = true; /* of the tensors that are computed here, only the types are used */
    const bool ok = eval_args(cx, &call->as.call.args, &args) && build_layer(cx, layer.as.layer, &args, m->span);
    cx->frame->in_members = true;
    cx->frame->in_call = false;
    locals_cut(cx->frame, mark);
    return ok;
}
