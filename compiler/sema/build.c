/* Building a layer: at its first call, when the sizes of its inputs are known, its remaining members run and its variables
 * come into existence. Sizes that members used are fixed from then on. */
#include "binding.h"

static void sort_variables(Instance *inst)
{ /* by place of declaration: both phases of members may have added some */
    for (size_t i = 1; i < inst->variables.len; i++) {
        Variable *v = inst->variables.at[i];
        size_t k = i;
        for (; k > 0 && inst->variables.at[k - 1]->span.start > v->span.start; k--)
            inst->variables.at[k] = inst->variables.at[k - 1];
        inst->variables.at[k] = v;
    }
    for (size_t i = 0; i < inst->listings.len; i++) { /* all of them came now, in order */
        Listing *l = &inst->listings.at[i];
        while (l->before < inst->variables.len && inst->variables.at[l->before]->span.start < l->span.start) l->before++;
    }
}

static void capture_dims(Cx *cx, Instance *inst)
{
    struct InstanceState *s = inst->eval;
    for (size_t i = 0; i < s->cls->captured.len; i++) {
        const Sym *name = s->cls->captured.entries[i].key;
        const Local *l = local_find(cx->frame, name);
        if (!l) continue;
        vec_push(cx->arena, &s->dims, (Field){name, l->value, s->first_call});
        if (l->value.kind == V_TUPLE && s->cls->captured.entries[i].value == CAPTURED_ELEMENTS) continue;
        vec_push(cx->arena, &s->captured, (Captured){name, CAPTURED_ALL, l->value, s->first_call});
    }
}

void capture_element(Cx *cx, const Expr *index, int64_t i, Value v)
{
    const Expr *object = index->as.index.object;
    Instance *inst = cx->frame->self;
    if (!inst || !inst->eval->building || !cx->frame->in_members || object->kind != EXPR_NAME) return;
    const Sym *name = object->as.name.sym;
    const Local *l = local_find(cx->frame, name);
    if (!l || !l->is_dim || map_get(&inst->eval->cls->captured, name) != CAPTURED_ELEMENTS) return;
    vec_push(cx->arena, &inst->eval->captured, (Captured){name, i, v, inst->eval->first_call});
}

/* What it is in this call; an element that this call's shape doesn't have is none. */
static Value captured_now(Value v, int64_t index)
{
    if (index == CAPTURED_ALL || v.kind != V_TUPLE) return v;
    const int64_t n = (int64_t)v.as.seq->len, i = index < 0 ? index + n : index;
    return i < 0 || i >= n ? VALUE_NONE : v.as.seq->at[i];
}

bool build_instance(Cx *cx, Instance *inst, Span span)
{
    struct InstanceState *s = inst->eval;
    if (s->building) {
        cx_error(cx, E_RECURSION, span, "`%s` is called while it is being built", inst->class_name);
        return false;
    }
    s->building = true;
    s->first_call = span;
    capture_dims(cx, inst);
    const bool members = cx->frame->in_members, in_call = cx->frame->in_call;
    cx->frame->in_members = true;
    cx->frame->in_call = false;
    const size_t before = diag_errors(cx->diags);
    run_members(cx, inst, &s->cls->decl->as.layer.members, true);
    cx->frame->in_members = members;
    cx->frame->in_call = in_call;
    sort_variables(inst);
    s->building = false;
    s->built = true;
    s->broken = diag_errors(cx->diags) != before;
    return !s->broken;
}

/* Reading a weight of a layer that was never called builds it, if its shape needs no input. */
bool ensure_built(Cx *cx, Instance *inst, Span span)
{
    if (inst->eval->built) return true;
    if (inst->eval->cls->captured.len || inst->eval->cls->builds) {
        Diag *e = cx_error(cx, E_NOT_BUILT, span, "this `%s` is not built yet: its weights depend on the shape of its input",
                           inst->class_name);
        diag_note(e, inst->span, "it is constructed here and has not been called before this line");
        diag_help(e, "call the layer first, or give it a size as a parameter; a layer that holds it can `build` it");
        return false;
    }
    Frame frame = {
        .outer = cx->frame, .module = inst->eval->cls->module, .self = inst, .call_span = span, .what = instance_label(cx, inst)};
    cx->frame = &frame;
    const bool ok = build_instance(cx, inst, span);
    cx->frame = frame.outer;
    return ok;
}

bool check_captured(Cx *cx, Instance *inst, Span span)
{
    bool ok = true;
    for (size_t i = 0; i < inst->eval->captured.len; i++) {
        const Captured *c = &inst->eval->captured.at[i];
        const Local *l = local_find(cx->frame, c->name);
        if (!l) continue;
        const Value here = captured_now(l->value, c->index);
        if (value_equal(here, c->value)) continue;
        const Dim *now = value_as_dim(here, cx->dims), *then = value_as_dim(c->value, cx->dims);
        const Truth t = now && then ? dim_equal(cx->dims, now, then) : NO;
        if (t == YES) continue;
        if (t == UNKNOWN) {
            node_check(cx, REL_EQ, now, then,
                       arena_printf(cx->arena, "`%s` of `%s` was fixed by its first call", c->name->text, inst->class_name),
                       span);
            continue;
        }
        StrBuf a = {.arena = cx->arena}, b = {.arena = cx->arena};
        value_print(cx->dims, &a, here, true);
        value_print(cx->dims, &b, c->value, true);
        const char *what =
            c->index == CAPTURED_ALL ? c->name->text : arena_printf(cx->arena, "%s[%lld]", c->name->text, (long long)c->index);
        Diag *e = cx_error(cx, E_CAPTURED, span, "this call of `%s` has `%s` = %s, but its weights were made for %s",
                           inst->class_name, what, sb_text(&a), sb_text(&b));
        diag_note(e, c->span, "the first call, which fixed the size, is here");
        diag_help(e, "a layer's weights are made once: declare a second layer for the other size");
        ok = false;
    }
    return ok;
}
