/* Calling a layer: arguments bind its dimensions, the first call builds it, its body is traced. A library layer's nodes go into
 * the function that calls it; trace.c makes a user's layer a function of its own. */
#include "binding.h"

/* ---- running the body ---- */

static bool result_type(Cx *cx, Binding *b, const Function *fn, Value v)
{
    if (!fn->result || is_error(v)) return true;
    b->later.len = 0;
    b->ok = true;
    if (fn->result->kind == TYPE_TENSOR || fn->result->kind == TYPE_TUPLE) {
        bind_value(cx, b, fn->result, v, fn->result->span, "the result");
        check_waiting(cx, b);
    }
    return b->ok;
}

/* What a call returns is read here: a state may change after it. */
static Value read_result(Cx *cx, Value v, Span span)
{
    if (v.kind == V_VARIABLE) return read_variable(cx, v.as.variable, span);
    if (!value_holds(v, V_VARIABLE)) return v;
    if (v.kind == V_LIST || v.kind == V_TUPLE) {
        Value *at = arena_array(cx->arena, Value, v.as.seq->len);
        for (size_t i = 0; i < v.as.seq->len; i++) at[i] = read_result(cx, v.as.seq->at[i], span);
        return value_seq(cx->arena, v.kind, at, v.as.seq->len);
    }
    Value *at = arena_array(cx->arena, Value, v.as.dict->len);
    for (size_t i = 0; i < v.as.dict->len; i++) at[i] = read_result(cx, v.as.dict->values[i], span);
    return value_dict(cx->arena, v.as.dict->keys, at, v.as.dict->len);
}

/* The values as the parameters want them, with the dimensions bound; the first call builds the layer. */
static bool enter(Cx *cx, Instance *inst, Binding *b, const Bound *args, Span span)
{
    const Function *fn = inst->eval->cls->call;
    Value *values = arena_array(cx->arena, Value, fn->params.len);
    for (size_t i = 0; i < fn->params.len; i++) {
        const Param *p = fn->params.at[i];
        const Span place = args->given[i] ? args->spans[i] : p->fallback->span;
        Value v = args->given[i] ? args->values[i] : eval(cx, p->fallback);
        if (v.kind == V_VARIABLE) v = read_variable(cx, v.as.variable, place);
        v = autocast(cx, inst, p->type, v, place);
        values[i] = bind_value(cx, b, p->type, v, place, p->name.sym ? p->name.sym->text : "?");
        if (is_error(values[i])) b->ok = false;
    }
    if (b->ok) solve_patterns(cx, b);
    cx->frame->entered = values;
    if (b->ok && inst->eval->built) b->ok = check_captured(cx, inst, span);
    if (b->ok && !inst->eval->built) b->ok = build_instance(cx, inst, span);
    check_waiting(cx, b);
    return b->ok;
}

/* Runs the body behind `enter`, or only enters. */
static Value run(Cx *cx, Instance *inst, const Bound *args, bool body, Span span)
{
    const ClassInfo *cls = inst->eval->cls;
    const Function *fn = cls->call;
    Binding b = {.cls = cls, .what = instance_label(cx, inst), .compute_dtype = inst->eval->compute_dtype, .ok = true};
    Frame frame = {.outer = cx->frame,
                   .module = cls->module,
                   .self = inst,
                   .call_span = span,
                   .what = instance_label(cx, inst),
                   .params = &fn->params,
                   .bound = args,
                   .in_call = true};
    cx->frame = &frame;
    vec_push(cx->arena, &cx->scopes, inst);
    Value result = VALUE_ERROR;
    if (enter(cx, inst, &b, args, span) && body) {
        for (size_t i = 0; i < fn->params.len; i++) {
            if (fn->params.at[i]->name.sym) local_set(cx, fn->params.at[i]->name.sym, frame.entered[i]);
        }
        result = read_result(cx, run_body(cx, fn), fn->span);
        if (!result_type(cx, &b, fn, result)) result = VALUE_ERROR;
    }
    cx->scopes.len--;
    cx->frame = frame.outer;
    return result;
}

Value run_call(Cx *cx, Instance *inst, const Bound *args, Span span) { return run(cx, inst, args, true, span); }

/* ---- arguments of a call ---- */

static Node *first_mask(Value v)
{
    if (v.kind == V_TENSOR) return v.as.tensor->mask;
    if (v.kind == V_LIST || v.kind == V_TUPLE) {
        for (size_t i = 0; i < v.as.seq->len; i++) {
            Node *m = first_mask(v.as.seq->at[i]);
            if (m) return m;
        }
    }
    return NULL;
}

static int param_named(const ParamVec *params, const Sym *name)
{
    for (size_t i = 0; i < params->len; i++) {
        if (params->at[i]->name.sym == name) return (int)i;
    }
    return -1;
}

/* `training=` reaches every layer, whether its `call` names it or not. */
static bool take_training(Cx *cx, const ParamVec *params, const ArgList *in, ArgList *out)
{
    for (size_t i = 0; i < in->len; i++) {
        const Argument *a = &in->at[i];
        if (a->name == cx->sym->training) {
            const int t = truth(cx, a->value, a->span, "`training`");
            if (t < 0) return false;
            if (a->value.kind != V_NONE) cx->training = t;
            if (param_named(params, cx->sym->training) < 0) continue;
        }
        vec_push(cx->arena, out, *a);
    }
    return true;
}

/* A parameter `training` or `mask` needs neither a default nor an argument. */
static void give_ambient(Cx *cx, const ParamVec *params, ArgList *args, Span span)
{
    const Sym *const names[] = {cx->sym->training, cx->sym->mask};
    for (size_t k = 0; k < countof(names); k++) {
        const int at = param_named(params, names[k]);
        bool given = at < 0 || params->at[at]->fallback || (params->at[at]->type && names[k] == cx->sym->mask);
        size_t positional = 0;
        for (size_t i = 0; i < args->len; i++) {
            positional += args->at[i].name == NULL;
            given |= args->at[i].name == names[k];
        }
        if (given || (size_t)at < positional) continue;
        vec_push(cx->arena, args, (Argument){names[k], k == 0 ? value_bool(cx->training) : VALUE_NONE, span});
    }
}

static void fill_ambient(Cx *cx, const ParamVec *params, Bound *b)
{
    const int training = param_named(params, cx->sym->training), mask = param_named(params, cx->sym->mask);
    if (training >= 0 && (!b->given[training] || b->values[training].kind == V_NONE)) {
        b->values[training] = value_bool(cx->training);
        b->given[training] = true;
    }
    Node *m = NULL;
    for (size_t i = 0; mask >= 0 && !m && i < params->len; i++)
        m = b->given[i] && (int)i != mask ? first_mask(b->values[i]) : NULL;
    if (mask >= 0 && (!b->given[mask] || b->values[mask].kind == V_NONE) && m) {
        b->values[mask] = make_tensor_value(cx->arena, m, NULL);
        b->given[mask] = true;
    }
}

static void warn_dropped_mask(Cx *cx, Instance *inst, const Bound *b, size_t count, Value result, Span span)
{
    bool had = false;
    if (inst->eval->mask_warned || is_error(result) || first_mask(result)) return;
    for (size_t i = 0; i < count; i++) had |= b->given[i] && first_mask(b->values[i]);
    if (!had || inst->eval->cls->uses_mask) return;
    inst->eval->mask_warned = true;
    Diag *d =
        cx_warning(cx, W_MASK_DROPPED, span, "`%s` does not support masks: the mask of its input ends here", inst->class_name);
    diag_help(d, "pass it on with `with_mask(y, x.mask)` if it still fits");
}

static bool can_call(Cx *cx, Instance *inst, Span span)
{
    if (cx->exhausted || inst->eval->broken) return false;
    if (!cx->builder || !cx->frame->in_call) {
        Diag *e = cx_error(cx, E_TENSOR_IN_MEMBER, span,
                           "`%s` is called outside of `call`: members construct layers, `call` uses them", inst->class_name);
        diag_help(e, "move the call into `call`");
        return false;
    }
    if (!inst->eval->cls->call) {
        Diag *e = cx_error(cx, E_NO_CALL, span, "`%s` cannot be called: it has no `call`", inst->class_name);
        diag_note(e, inst->decl->name.span, "it is declared here");
        return false;
    }
    if (cx->depth < 200) return true;
    cx_error(cx, E_RECURSION, span, "layers call each other more than 200 levels deep: does `%s` call itself without end?",
             inst->class_name);
    cx->exhausted = true;
    return false;
}

/* The arguments of a call, with what they need not say; the first call decides in whose scope Keras names the layer. */
static bool take_arguments(Cx *cx, Instance *inst, const ArgList *args, Span span, Bound *b)
{
    struct InstanceState *s = inst->eval;
    const ParamVec *params = &s->cls->call->params;
    ArgList own = {0};
    if (!s->called) {
        s->called = true;
        s->caller = cx->scopes.len ? cx->scopes.at[cx->scopes.len - 1] : NULL;
    }
    const bool taken = take_training(cx, params, args, &own);
    give_ambient(cx, params, &own, span);
    if (!taken || !bind_args(cx, params, &own, span, instance_label(cx, inst), s->cls->call->name.span, b)) return false;
    for (size_t i = 0; i < params->len; i++) {
        if (b->given[i] && b->values[i].kind == V_VARIABLE)
            b->values[i] = read_variable(cx, b->values[i].as.variable, b->spans[i]);
    }
    fill_ambient(cx, params, b);
    return true;
}

bool build_layer(Cx *cx, Instance *inst, const ArgList *args, Span span)
{
    const bool training = cx->training;
    Bound b;
    if (inst->eval->built) return true;
    if (!can_call(cx, inst, span)) return false;
    if (take_arguments(cx, inst, args, span, &b)) {
        cx->depth++;
        run(cx, inst, &b, false, span);
        cx->depth--;
    }
    cx->training = training;
    return inst->eval->built && !inst->eval->broken;
}

Value call_layer(Cx *cx, Instance *inst, const ArgList *args, Span span)
{
    if (!can_call(cx, inst, span)) return VALUE_ERROR;
    const ParamVec *params = &inst->eval->cls->call->params;
    const bool training = cx->training;
    Bound b;
    Value result = VALUE_ERROR;
    if (take_arguments(cx, inst, args, span, &b)) {
        cx->depth++;
        result = inst->library ? run_call(cx, inst, &b, span) : trace_user_layer(cx, inst, &b, span);
        cx->depth--;
        warn_dropped_mask(cx, inst, &b, params->len, result, span);
    }
    cx->training = training;
    if (!inst->output && !is_error(result)) {
        StrBuf text = {.arena = cx->arena};
        value_print(cx->dims, &text, result, false);
        inst->output = sb_text(&text);
    }
    return result;
}
