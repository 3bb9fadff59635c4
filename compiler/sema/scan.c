/* `scan`: a loop over an axis whose step is traced once, as a function of the carried values and one slice. */
#include "cx.h"

/* Every number and variable in the structure becomes a tensor; the structure stays. */
static Value tensors_of(Cx *cx, Value v, Span span, NodeVec *out)
{
    if (v.kind == V_NONE) return v;
    if (v.kind == V_LIST || v.kind == V_TUPLE) {
        Value *at = arena_array(cx->arena, Value, v.as.seq->len);
        for (size_t i = 0; i < v.as.seq->len; i++) {
            at[i] = tensors_of(cx, v.as.seq->at[i], span, out);
            if (is_error(at[i])) return at[i];
        }
        return value_seq(cx->arena, v.kind, at, v.as.seq->len);
    }
    if (v.kind == V_DICT) {
        Value *at = arena_array(cx->arena, Value, v.as.dict->len);
        for (size_t i = 0; i < v.as.dict->len; i++) {
            at[i] = tensors_of(cx, v.as.dict->values[i], span, out);
            if (is_error(at[i])) return at[i];
        }
        return value_dict(cx->arena, v.as.dict->keys, at, v.as.dict->len);
    }
    Node *n = to_tensor(cx, v, span, "a value carried by `scan`");
    if (!n) return VALUE_ERROR;
    vec_push(cx->arena, out, n);
    return tensor_value(cx, n);
}

static bool same_structure(Value a, Value b)
{
    if (a.kind == V_TENSOR || b.kind == V_TENSOR) return a.kind == b.kind;
    const bool sa = a.kind == V_LIST || a.kind == V_TUPLE, sb = b.kind == V_LIST || b.kind == V_TUPLE;
    if (sa && sb) {
        if (a.as.seq->len != b.as.seq->len) return false;
        for (size_t i = 0; i < a.as.seq->len; i++) {
            if (!same_structure(a.as.seq->at[i], b.as.seq->at[i])) return false;
        }
        return true;
    }
    if (a.kind == V_DICT && b.kind == V_DICT) {
        if (a.as.dict->len != b.as.dict->len) return false;
        for (size_t i = 0; i < a.as.dict->len; i++) {
            if (a.as.dict->keys[i] != b.as.dict->keys[i] || !same_structure(a.as.dict->values[i], b.as.dict->values[i]))
                return false;
        }
        return true;
    }
    return a.kind == b.kind && a.kind == V_NONE;
}

/* The scanned axis first; all the same size. */
static const Dim *scan_length(Cx *cx, const BCall *c, NodeVec *xs)
{
    const Dim *length = NULL;
    if (c->args[3].kind != V_NONE) {
        length = value_as_dim(c->args[3], cx->dims);
        if (!length) {
            cx_error(cx, E_ARGUMENT_TYPE, c->spans[3], "`length` must be an int, but this is %s", describe(cx, c->args[3]));
            return NULL;
        }
    }
    for (size_t i = 0; i < xs->len; i++) {
        Node *x = xs->at[i];
        int axis, perm[MDL_MAX_RANK], n = 1;
        if (!arg_axis(cx, c, 6, x->type.rank, &axis)) return NULL;
        perm[0] = axis;
        for (int k = 0; k < x->type.rank; k++) {
            if (k != axis) perm[n++] = k;
        }
        xs->at[i] = transpose(cx, x, perm, c->span);
        const Dim *size = xs->at[i]->type.dims[0];
        if (!length) length = size;
        else if (!require_equal(cx, length, size, c->spans[2], "`scan` runs over axes of different sizes: %s and %s",
                                dim_str(cx, length), dim_str(cx, size)))
            return NULL;
    }
    if (!length) cx_error(cx, E_ARGUMENT_COUNT, c->span, "`scan` needs `xs` or `length`");
    return length;
}

static bool check_carry(Cx *cx, const BCall *c, Value before, Value after, const NodeVec *in, const NodeVec *out)
{
    if (!same_structure(before, after) || in->len != out->len) {
        cx_error(cx, E_SCAN, c->spans[1], "the step returns a carry of another structure: %s for %s", describe(cx, after),
                 describe(cx, before));
        return false;
    }
    for (size_t i = 0; i < in->len; i++) {
        const Type a = in->at[i]->type, b = out->at[i]->type;
        bool same = a.rank == b.rank && a.dtype == b.dtype;
        for (int k = 0; same && k < a.rank; k++)
            same = a.dims[k] == b.dims[k] || dim_equal(cx->dims, a.dims[k], b.dims[k]) == YES;
        if (same) continue;
        Diag *d = cx_error(cx, E_SCAN, c->spans[1], "the carry changes its type: it starts as %s, and the step returns %s",
                           type_str(cx, a), type_str(cx, b));
        diag_help(d, "the carry keeps its structure, shapes and dtypes: start with what the step returns");
        return false;
    }
    return true;
}

static Value run_step(Cx *cx, const BCall *c, Value carry, Value x)
{
    ArgList args = {0};
    vec_push(cx->arena, &args, (Argument){NULL, carry, c->spans[1]});
    vec_push(cx->arena, &args, (Argument){NULL, x, c->spans[2]});
    Value r = call_value(cx, c->args[0], &args, c->span, c->spans[0]);
    if (is_error(r)) return r;
    if ((r.kind == V_TUPLE || r.kind == V_LIST) && r.as.seq->len == 2) return r;
    Diag *d = cx_error(cx, E_SCAN, c->spans[0],
                       "the step must return two values, the carry and this step's output, but returns %s", describe(cx, r));
    diag_help(d, "return `carry, none` if there is no output");
    return VALUE_ERROR;
}

static Node *body_param(Cx *cx, Builder *b, Type t, bool slice, Span span)
{
    return node_param(cx, b, slice ? (Type){t.dtype, t.rank - 1, t.dims + 1} : t, slice ? "x" : "carry", span);
}

static Value scan_results(Cx *cx, const BCall *c, Node *scan, Value carry, Value y, const NodeVec *results, size_t ncarry,
                          const Dim *length)
{
    Node **out = arena_array(cx->arena, Node *, results->len);
    for (size_t i = 0; i < results->len; i++) {
        Type t = results->at[i]->type;
        if (i >= ncarry) {
            const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)t.rank + 1);
            dims[0] = length;
            for (int k = 0; k < t.rank; k++) dims[k + 1] = t.dims[k];
            t = (Type){t.dtype, t.rank + 1, dims};
        }
        out[i] = trace_node(cx, NODE_RESULT, t, &scan, 1, c->span);
        out[i]->index = (int)i;
    }
    size_t next = 0;
    const Value both[] = {value_refill(cx, carry, out, &next), value_refill(cx, y, out, &next)};
    return value_seq(cx->arena, V_TUPLE, both, 2);
}

Value scan_op(Cx *cx, const BCall *c)
{
    NodeVec in = {0}, xs = {0}, results = {0}, inner = {0};
    bool reverse;
    Value init = tensors_of(cx, c->args[1], c->spans[1], &in);
    Value x = tensors_of(cx, c->args[2], c->spans[2], &xs);
    if (is_error(init) || is_error(x) || !arg_bool(cx, c, 4, &reverse)) return VALUE_ERROR;
    const Dim *length = scan_length(cx, c, &xs);
    if (!length) return VALUE_ERROR;
    const size_t facts = dim_facts_mark(cx->dims), ncarry = in.len;
    Builder *b = builder_push(cx, arena_printf(cx->arena, "%s_step", cx->builder->fn->name), cx->builder->fn->owner, c->span);
    b->in_scan = true;
    for (size_t i = 0; i < in.len; i++) vec_push(cx->arena, &inner, body_param(cx, b, in.at[i]->type, false, c->span));
    for (size_t i = 0; i < xs.len; i++) vec_push(cx->arena, &inner, body_param(cx, b, xs.at[i]->type, true, c->span));
    size_t next = 0;
    Value carry = value_refill(cx, init, inner.at, &next);
    Value step = run_step(cx, c, carry, value_refill(cx, x, inner.at, &next));
    bool ok = !is_error(step);
    Value after = VALUE_ERROR, y = VALUE_ERROR;
    if (ok) {
        after = tensors_of(cx, step.as.seq->at[0], c->spans[0], &results);
        ok = !is_error(after) && check_carry(cx, c, init, after, &in, &results);
        y = ok ? tensors_of(cx, step.as.seq->at[1], c->spans[0], &results) : VALUE_ERROR;
        ok = ok && !is_error(y);
    }
    for (size_t i = 0; i < results.len; i++) vec_push(cx->arena, &b->fn->results, results.at[i]);
    cx->builder = b->outer;
    vec_push(cx->arena, &cx->program->functions, b->fn);
    for (size_t i = 0; i < b->touched.len; i++) builder_touch(cx, b->touched.at[i]);
    if (dim_facts_mark(cx->dims) != facts) { /* a step that never ran has proved nothing */
        dim_facts_drop(cx->dims, facts);
        cx->epoch++;
    }
    if (!ok) return VALUE_ERROR;
    cx->builder->fn->draws |= b->fn->draws;
    for (size_t i = 0; i < xs.len; i++) vec_push(cx->arena, &in, xs.at[i]);
    Node *scan = trace_node(cx, NODE_SCAN, scalar_type(DT_BOOL), in.at, (int)in.len, c->span);
    scan->layer = b->fn->owner;
    scan->as.scan.body = b->fn;
    scan->as.scan.length = length;
    scan->as.scan.ncarry = (int)ncarry;
    scan->as.scan.reverse = reverse;
    return scan_results(cx, c, scan, after, y, &results, ncarry, length);
}
