/* Calling functions, methods, builtins and classes; layers are in layer_call.c. */
#include <string.h>

#include "binding.h"


Value run_body(Cx *cx, const Function *fn)
{
    Frame *f = cx->frame;
    f->returned = false;
    f->result = VALUE_NONE;
    run_stmts(cx, &fn->body);
    return f->result;
}

/* Parameters become locals; the names in their shapes bind, as a layer's do. */
static bool bind_fn_params(Cx *cx, const Function *fn, const Bound *given, const char *what)
{
    Binding b = {.what = what, .compute_dtype = DT_FLOAT32, .ok = true};
    for (size_t i = 0; i < fn->params.len; i++) {
        const Param *p = fn->params.at[i];
        Value v = given->given[i] ? given->values[i] : eval(cx, p->fallback);
        const Span span = given->given[i] ? given->spans[i] : p->span;
        const bool tensor = v.kind == V_TENSOR || v.kind == V_VARIABLE;
        if (p->type && p->name.sym && !(tensor && p->type->kind == TYPE_NAME))
            v = bind_value(cx, &b, p->type, v, span, p->name.sym->text);
        if (is_error(v)) b.ok = false;
        if (p->name.sym) local_push(cx, cx->frame, p->name.sym, v, false);
    }
    if (b.ok) solve_patterns(cx, &b);
    check_waiting(cx, &b);
    return b.ok;
}

Value call_fn(Cx *cx, const ValueFn *v, const ArgList *args, Span span)
{
    const Function *fn = v->fn;
    const char *what = quoted(cx, fn->name.sym ? fn->name.sym->text : "fn");
    Bound b;
    if (cx->exhausted) return VALUE_ERROR;
    if (cx->depth >= 200) {
        cx_error(cx, E_RECURSION, span, "functions call each other more than 200 levels deep: does %s call itself without end?",
                 what);
        cx->exhausted = true;
        return VALUE_ERROR;
    }
    if (v->self && !v->self->eval->built && !v->self->eval->building && !v->self->eval->cls->captured.len && !v->self->eval->cls->builds && cx->builder &&
        !ensure_built(cx, v->self, span))
        return VALUE_ERROR;
    if (!bind_args(cx, &fn->params, args, span, what, fn->name.span, &b)) return VALUE_ERROR;
    for (size_t i = 0; i < fn->params.len; i++) {
        if (b.given[i] && b.values[i].kind == V_VARIABLE && cx->builder)
            b.values[i] = read_variable(cx, b.values[i].as.variable, b.spans[i]);
    }
    Frame frame = {.outer = cx->frame,
                   .module = v->module,
                   .self = v->self,
                   .call_span = span,
                   .what = what,
                   .params = &fn->params,
                   .bound = &b,
                   .in_call = cx->builder != NULL && cx->frame->in_call};
    cx->frame = &frame;
    cx->depth++;
    Value result = bind_fn_params(cx, fn, &b, what) ? run_body(cx, fn) : VALUE_ERROR;
    cx->depth--;
    cx->frame = frame.outer;
    return result;
}

/* ---- builtins ---- */

/* The signature as parameters: parsed once, when the builtin is first called. */
static const ParamVec *signature(Cx *cx, const Builtin *b)
{
    const ParamVec *known = map_get(&cx->signatures, b);
    if (known) return known;
    const char *text = arena_printf(cx->arena, "fn f(%s) { return none }\n", b->signature);
    const ParseContext pc = {cx->arena, cx->session->names, cx->diags};
    AstFile *file = parse_file(
        &pc, source_add(cx->session->sources, arena_printf(cx->arena, "<builtin>/%s", b->name), text, strlen(text), true));
    if (file->decls.len != 1 || file->decls.at[0]->kind != DECL_FN) BUG("signature of `%s`: %s", b->name, b->signature);
    ParamVec *params = &file->decls.at[0]->as.fn.params;
    map_set(&cx->signatures, b, params);
    return params;
}

static bool needs_graph(Cx *cx, const Builtin *b, const Bound *bound, size_t n, Span span)
{
    if (!b->is_op || (cx->builder && cx->frame->in_call)) return true;
    (void)bound;
    (void)n;
    Diag *d = cx_error(cx, E_TENSOR_IN_MEMBER, span,
                       "`%s` is a tensor operation: it works in `call`, not while the layer is constructed", b->name);
    diag_help(d, "move the computation into `call`");
    return false;
}

Value call_builtin(Cx *cx, const Builtin *b, const Value *self, const ArgList *args, Span span)
{
    if (!self && !strcmp(b->name, "dict")) return call_dict(cx, args, span);
    if (!self && !strcmp(b->name, "clone")) return call_clone(cx, args, span);
    if (args->len == 0 && (!strcmp(b->name, "zeros") || !strcmp(b->name, "ones"))) { /* without a shape: the initializer */
        return to_initializer(cx, (Value){.kind = V_BUILTIN, .as.builtin = b}, span);
    }
    const ParamVec *params = signature(cx, b);
    const char *what = quoted(cx, b->name);
    Bound bound;
    if (!bind_args(cx, params, args, span, what, NO_SPAN, &bound)) return VALUE_ERROR;
    if (!needs_graph(cx, b, &bound, params->len, span)) return VALUE_ERROR;
    for (size_t i = 0; i < params->len; i++) {
        const Param *p = params->at[i];
        if (!bound.given[i]) {
            bound.values[i] = eval(cx, p->fallback);
            bound.spans[i] = span;
        }
        if (is_error(bound.values[i])) return VALUE_ERROR;
        if (bound.values[i].kind == V_VARIABLE && !b->raw && cx->builder) {
            bound.values[i] = read_variable(cx, bound.values[i].as.variable, bound.spans[i]);
            if (is_error(bound.values[i])) return VALUE_ERROR;
        }
    }
    const BCall call = {b, self, bound.values, bound.spans, bound.given, span};
    return b->run(cx, &call);
}

/* ---- states ---- */

/* A weight may be assigned by a layer that lists it, but does not own it. */
static bool may_assign(Cx *cx, const Variable *v, Span span)
{
    const Frame *f = cx->frame;
    while (f && !f->self) f = f->outer;
    if (v->is_state || (f && lists_variable(f->self, v))) return true;
    Diag *d = cx_error(cx, E_ASSIGN, span, "`%s` is a weight, which only training changes", v->name->text);
    diag_note(d, v->span, "it is declared here");
    if (!f || f->self == v->owner) diag_help(d, "declare it as `state` if the forward pass changes it");
    else diag_help(d, "a layer that changes another's weight lists it: `weight %s = layer.%s`", v->name->text, v->name->text);
    return false;
}

static Value assign_state(Cx *cx, const ValueBound *m, const ArgList *args, Span span)
{
    Variable *v = m->self.as.variable;
    const char *kind = v->is_state ? "state" : "weight";
    if (!may_assign(cx, v, span)) return VALUE_ERROR;
    if (cx->builder->in_scan) {
        Diag *d = cx_error(cx, E_ASSIGN, span, "a state cannot be assigned inside a step of `scan`");
        diag_help(d, "carry the value through the scan and assign the final one");
        return VALUE_ERROR;
    }
    if (args->len != 1) {
        cx_error(cx, E_ARGUMENT_COUNT, span, "`assign` takes one value");
        return VALUE_ERROR;
    }
    if (!ensure_built(cx, v->owner, span)) return VALUE_ERROR;
    Node *n = to_tensor_like(cx, args->at[0].value, v->dtype, args->at[0].span);
    if (!n) return VALUE_ERROR;
    if (dtype_is_float(n->type.dtype) && dtype_is_float(v->dtype)) n = cast_to(cx, n, v->dtype, span);
    if (n->type.dtype != v->dtype) {
        Diag *d = cx_error(cx, E_DTYPE, args->at[0].span, "the %s `%s` is %s, but this is %s", kind, v->name->text,
                           dtype_name(v->dtype), type_str(cx, n->type));
        diag_help(d, "convert it: `cast(..., \"%s\")`", dtype_name(v->dtype));
        return VALUE_ERROR;
    }
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)v->rank);
    for (int i = 0; i < v->rank; i++) dims[i] = dim_int(cx->dims, v->shape[i]);
    const Type want = {v->dtype, v->rank, dims};
    bool ok = n->type.rank == v->rank;
    for (int i = 0; ok && i < v->rank; i++) {
        ok = require_equal(cx, dims[i], n->type.dims[i], args->at[0].span, "the %s `%s` is %s, but the value is %s",
                           kind, v->name->text, type_str(cx, want), type_str(cx, n->type));
        if (!ok) return VALUE_ERROR;
    }
    if (!ok) {
        cx_error(cx, E_SHAPE, args->at[0].span, "the %s `%s` is %s, but the value is %s", kind, v->name->text, type_str(cx, want),
                 type_str(cx, n->type));
        return VALUE_ERROR;
    }
    Node *a = trace_node(cx, NODE_ASSIGN, scalar_type(v->dtype), &n, 1, span);
    a->as.variable.variable = v;
    v->assigned = true;
    builder_touch(cx, v->owner);
    return VALUE_NONE;
}

/* ---- the one way in ---- */

Value call_value(Cx *cx, Value callee, const ArgList *args, Span span, Span callee_span)
{
    switch (callee.kind) {
    case V_ERROR: return VALUE_ERROR;
    case V_FN: return call_fn(cx, callee.as.fn, args, span);
    case V_LAYER: return call_layer(cx, callee.as.layer, args, span);
    case V_BUILTIN: return call_builtin(cx, callee.as.builtin, NULL, args, span);
    case V_BOUND:
        if (callee.as.bound->self.kind == V_VARIABLE) return assign_state(cx, callee.as.bound, args, span);
        return call_builtin(cx, callee.as.bound->builtin, &callee.as.bound->self, args, span);
    case V_CLASS: {
        if (!cx->builder || !cx->frame->in_call) return construct(cx, callee.as.cls, args, span);
        const char *name = callee.as.cls->decl->name.sym->text;
        Diag *d = cx_error(cx, E_LAYER_IN_CALL, span,
                           "`%s` is constructed inside `call`: that would make new weights at every call", name);
        const Source *s = source_get(cx->session->sources, span.file);
        diag_help(d, "declare it as a field, and call the field here: `%.20s = %.*s`", snake_case(cx->arena, name),
                  (int)(span.end - span.start < 60 ? span.end - span.start : 60), s->text + span.start);
        return VALUE_ERROR;
    }
    case V_INIT: { /* `zeros()` and the like, already an initializer */
        if (args->len == 0) return callee;
        break;
    }
    case V_NONE:
    case V_BOOL:
    case V_INT:
    case V_FLOAT:
    case V_DIM:
    case V_STR:
    case V_LIST:
    case V_TUPLE:
    case V_DICT:
    case V_RANGE:
    case V_TENSOR:
    case V_VARIABLE:
    case V_RULE:
    case V_MODULE: break;
    }
    cx_error(cx, E_NOT_CALLABLE, callee_span, "%s cannot be called", describe(cx, callee));
    return VALUE_ERROR;
}
