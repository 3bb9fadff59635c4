/* A user's layer is a function of its own, traced once for every combination of argument types and static arguments, unless
 * it uses weights that none of its own fields reaches: then it becomes part of its caller. */
#include "cx.h"

struct Trace {
    Trace *next;
    const Bound *args;
    size_t count;
    bool training;
    unsigned epoch;
    IrFunction *fn;
    Value result; /* its tensors are nodes of `fn` */
};

static bool same_type(Type a, Type b)
{
    if (a.dtype != b.dtype || a.rank != b.rank) return false;
    for (int i = 0; i < a.rank; i++) {
        if (a.dims[i] != b.dims[i]) return false;
    }
    return true;
}

/* Equal as arguments: tensors by type, everything else by value and kind. */
static bool same_argument(Value a, Value b)
{
    if (a.kind != b.kind) return false;
    if (a.kind == V_TENSOR) {
        const ValueTensor *x = a.as.tensor, *y = b.as.tensor;
        if (!same_type(x->node->type, y->node->type) || !x->mask != !y->mask) return false;
        return !x->mask || same_type(x->mask->type, y->mask->type);
    }
    if (a.kind == V_LIST || a.kind == V_TUPLE) {
        if (a.as.seq->len != b.as.seq->len) return false;
        for (size_t i = 0; i < a.as.seq->len; i++) {
            if (!same_argument(a.as.seq->at[i], b.as.seq->at[i])) return false;
        }
        return true;
    }
    if (a.kind == V_DICT) {
        if (a.as.dict->len != b.as.dict->len) return false;
        for (size_t i = 0; i < a.as.dict->len; i++) {
            if (a.as.dict->keys[i] != b.as.dict->keys[i] || !same_argument(a.as.dict->values[i], b.as.dict->values[i]))
                return false;
        }
        return true;
    }
    return a.kind == V_FLOAT ? a.as.real == b.as.real : value_equal(a, b);
}

static Trace *find_trace(Cx *cx, Instance *inst, const Bound *args, size_t count)
{
    for (Trace *t = inst->eval->traces; t; t = t->next) {
        if (t->training != cx->training || t->epoch != cx->epoch) continue;
        bool same = true;
        for (size_t i = 0; same && i < count; i++) {
            same = args->given[i] == t->args->given[i] && (!args->given[i] || same_argument(args->values[i], t->args->values[i]));
        }
        if (same) return t;
    }
    return NULL;
}

static Value emit_call(Cx *cx, Instance *inst, IrFunction *fn, Value result, Node *const *in, int nin, Span span)
{
    Node *call = trace_node(cx, NODE_CALL, scalar_type(DT_BOOL), in, nin, span);
    call->as.call.function = fn;
    cx->builder->fn->draws |= fn->draws;
    call->layer = inst;
    builder_touch(cx, inst);
    const size_t n = fn->results.len;
    Node **results = arena_array(cx->arena, Node *, n);
    for (size_t i = 0; i < n; i++) {
        results[i] = trace_node(cx, NODE_RESULT, fn->results.at[i]->type, &call, 1, span);
        results[i]->index = (int)i;
        results[i]->layer = inst;
    }
    size_t next = 0;
    return value_refill(cx, result, results, &next);
}

/* The trace of an equal layer, if there is one; this one is then as if it had been traced itself. */
static Trace *borrow_trace(Cx *cx, Instance *inst, const Bound *args, size_t count, Span span)
{
    ClassInfo *cls = inst->eval->cls;
    if (inst->eval->built || inst->eval->traces) return NULL;
    for (size_t i = 0; i < cls->traced.len; i++) {
        Instance *first = cls->traced.at[i];
        Trace *t = constructed_alike(first, inst) ? find_trace(cx, first, args, count) : NULL;
        if (t && !is_error(t->result) && replay_equal_layer(cx, first, inst, span)) return t;
    }
    return NULL;
}

Value trace_user_layer(Cx *cx, Instance *inst, const Bound *args, Span span)
{
    const Function *fn = inst->eval->cls->call;
    const size_t count = fn->params.len;
    NodeVec in = {0}, out = {0};
    for (size_t i = 0; i < count; i++) {
        if (args->given[i]) value_flatten(cx, args->values[i], &in);
    }
    Trace *t = find_trace(cx, inst, args, count);
    if (!t) t = borrow_trace(cx, inst, args, count, span);
    if (t) return is_error(t->result) ? VALUE_ERROR : emit_call(cx, inst, t->fn, t->result, in.at, (int)in.len, span);
    Builder *b = builder_push(cx, inst->class_name, inst, fn->span);
    NodeVec params = {0};
    for (size_t i = 0; i < in.len; i++) vec_push(cx->arena, &params, node_param(cx, b, in.at[i]->type, NULL, in.at[i]->span));
    Bound inner = {.values = arena_array(cx->arena, Value, count), .spans = args->spans, .given = args->given};
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t from = next;
        inner.values[i] = args->given[i] ? value_refill(cx, args->values[i], params.at, &next) : VALUE_NONE;
        if (next == from + 1 && fn->params.at[i]->name.sym) params.at[from]->name = fn->params.at[i]->name.sym->text;
    }
    Value result = run_call(cx, inst, &inner, span);
    value_flatten(cx, result, &out);
    for (size_t i = 0; i < out.len; i++) vec_push(cx->arena, &b->fn->results, out.at[i]);
    const bool own = builder_pop(cx, b);
    if (is_error(result) || own) {
        t = arena_new(cx->arena, Trace);
        Bound *copy = arena_new(cx->arena, Bound);
        *copy = *args;
        *t = (Trace){inst->eval->traces, copy, count, cx->training, cx->epoch, b->fn, result};
        inst->eval->traces = t;
        if (!is_error(result) && !t->next) vec_push(cx->arena, &inst->eval->cls->traced, inst);
    }
    if (is_error(result)) return result;
    if (own) return emit_call(cx, inst, b->fn, result, in.at, (int)in.len, span);
    builder_splice(cx, b, in.at);
    next = 0;
    return value_refill(cx, result, b->fn->results.at, &next);
}
