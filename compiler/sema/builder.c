/* The graph under construction: nodes, functions, and how a function reaches the weights it uses. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cx.h"

Type make_type(Cx *cx, DType t, const Dim *const *dims, int rank)
{
    const Dim **copy = arena_array(cx->arena, const Dim *, (size_t)rank);
    if (rank) memcpy(copy, dims, (size_t)rank * sizeof *copy);
    return (Type){t, rank, copy};
}

Type scalar_type(DType t) { return (Type){t, 0, NULL}; }

Attr attr_ints(Cx *cx, const Dim *const *dims, int count)
{
    const Dim **copy = arena_array(cx->arena, const Dim *, (size_t)count);
    if (count) memcpy(copy, dims, (size_t)count * sizeof *copy);
    return (Attr){.dims = copy, .count = count};
}

Attr attr_int(Cx *cx, int64_t v)
{
    return ir_attr_int(cx->arena, cx->dims, v);
}

Attr attr_real(double v) { return (Attr){.real = v}; }

/* So deep nesting can come from any operation: it is reported where a node is made, and once. */
static Type within_largest_rank(Cx *cx, Type type, Span span)
{
    if (type.rank <= MDL_MAX_RANK) return type;
    if (!cx->rank_reported) cx_error(cx, E_SHAPE, span, "a rank of %d is beyond the largest, %d", type.rank, MDL_MAX_RANK);
    cx->rank_reported = true;
    type.rank = MDL_MAX_RANK;
    return type;
}

Node *trace_node(Cx *cx, NodeKind kind, Type type, Node *const *in, int nin, Span span)
{
    Node *n = arena_new(cx->arena, Node);
    n->kind = kind;
    n->type = within_largest_rank(cx, type, span);
    n->span = span;
    n->nin = nin;
    n->in = arena_array(cx->arena, Node *, (size_t)nin);
    if (nin) memcpy(n->in, in, (size_t)nin * sizeof *in);
    n->layer = cx->scopes.len ? cx->scopes.at[cx->scopes.len - 1] : NULL;
    vec_push(cx->arena, &cx->builder->fn->nodes, n);
    return n;
}

static int attr_count(Opcode code)
{
    int n = 0;
    while (op_table[code].attrs[n].kind != ATTR_END) n++;
    return n;
}

Node *trace_op(Cx *cx, Opcode code, Type type, Node *const *in, int nin, const Attr *attrs, Span span)
{
    Node *n = trace_node(cx, NODE_OP, type, in, nin, span);
    const int count = attr_count(code);
    Attr *copy = arena_array(cx->arena, Attr, (size_t)count);
    if (count) memcpy(copy, attrs, (size_t)count * sizeof *attrs);
    n->as.op.code = code;
    n->as.op.attrs = copy;
    return n;
}

Node *node_const_int(Cx *cx, DType t, int64_t v, Span span)
{
    Node *n = trace_node(cx, NODE_CONST, scalar_type(t), NULL, 0, span);
    n->as.literal.integer = v;
    n->as.literal.real = (double)v;
    return n;
}

Node *node_const_float(Cx *cx, DType t, double v, Span span)
{
    Node *n = trace_node(cx, NODE_CONST, scalar_type(t), NULL, 0, span);
    n->as.literal.real = v;
    return n;
}

Node *node_dim(Cx *cx, const Dim *d, Span span)
{
    int64_t v;
    if (dim_is_int(d, &v)) return node_const_int(cx, DT_INT64, v, span);
    Node *n = trace_node(cx, NODE_DIM, scalar_type(DT_INT64), NULL, 0, span);
    n->as.dim = d;
    return n;
}

Node *node_param(Cx *cx, Builder *b, Type type, const char *name, Span span)
{
    Builder *outer = cx->builder;
    cx->builder = b;
    Node *n = trace_node(cx, NODE_PARAM, type, NULL, 0, span);
    cx->builder = outer;
    n->index = (int)b->fn->params.len;
    n->name = name;
    vec_push(cx->arena, &b->fn->params, n);
    return n;
}

void node_check(Cx *cx, Relation r, const Dim *a, const Dim *b, const char *message, Span span)
{
    Node *n = trace_node(cx, NODE_CHECK, scalar_type(DT_BOOL), NULL, 0, span);
    n->as.check.relation = r;
    n->as.check.left = a;
    n->as.check.right = b;
    n->as.check.message = message;
    if (r == REL_EQ) dim_assume_equal(cx->dims, a, b);
    else dim_assume_less_equal(cx->dims, a, b);
}

/* ---- requirements on dimensions ---- */

/* Proved: nothing to do. Refuted: an error. Unknown: a check when the program runs, and a fact from then on. */
PRINTF_LIKE(6, 0) static bool require(Cx *cx, Relation r, const Dim *a, const Dim *b, Span span, const char *fmt, va_list ap)
{
    if (!a || !b) return false;
    const Truth t = r == REL_EQ ? dim_equal(cx->dims, a, b) : dim_less_equal(cx->dims, a, b);
    if (t == YES) return true;
    char text[1024];
    vsnprintf(text, sizeof text, fmt, ap);
    if (t == NO) cx_error(cx, E_SHAPE, span, "%s", text);
    else node_check(cx, r, a, b, arena_printf(cx->arena, "%s", text), span);
    return t != NO;
}

bool require_equal_(Cx *cx, const Dim *a, const Dim *b, Span span, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const bool ok = require(cx, REL_EQ, a, b, span, fmt, ap);
    va_end(ap);
    return ok;
}

bool require_le_(Cx *cx, const Dim *a, const Dim *b, Span span, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const bool ok = require(cx, REL_LE, a, b, span, fmt, ap);
    va_end(ap);
    return ok;
}

/* ---- functions ---- */

Builder *builder_push(Cx *cx, const char *name, Instance *owner, Span span)
{
    Builder *b = arena_new(cx->arena, Builder);
    b->fn = arena_new(cx->arena, IrFunction);
    b->fn->name = name;
    b->fn->owner = owner;
    b->fn->span = span;
    b->outer = cx->builder;
    b->in_scan = cx->builder && cx->builder->in_scan;
    cx->builder = b;
    return b;
}

void builder_touch(Cx *cx, Instance *inst)
{
    Builder *b = cx->builder;
    if (b->touched.len && b->touched.at[b->touched.len - 1] == inst) return;
    vec_push(cx->arena, &b->touched, inst);
}

/* ---- routes: from an instance along fields to another ---- */

static bool route_in(Cx *cx, Value v, Instance *to, StepVec *steps, Map *seen);

static bool route_fields(Cx *cx, Instance *from, Instance *to, StepVec *steps, Map *seen)
{
    if (from == to) return true;
    if (map_has(seen, from)) return false;
    map_set(seen, from, from);
    for (size_t i = 0; i < from->eval->fields.len; i++) {
        const Field *f = &from->eval->fields.at[i];
        const size_t mark = steps->len;
        vec_push(cx->arena, steps, (Step){.name = f->name});
        if (route_in(cx, f->value, to, steps, seen)) return true;
        steps->len = mark;
    }
    return false;
}

static bool route_in(Cx *cx, Value v, Instance *to, StepVec *steps, Map *seen)
{
    if (v.kind == V_LAYER) return route_fields(cx, v.as.layer, to, steps, seen);
    const bool list = v.kind == V_LIST || v.kind == V_TUPLE;
    const size_t n = list ? v.as.seq->len : v.kind == V_DICT ? v.as.dict->len : 0;
    for (size_t i = 0; i < n; i++) {
        const size_t mark = steps->len;
        if (list) vec_push(cx->arena, steps, (Step){.index = (int64_t)i});
        else vec_push(cx->arena, steps, (Step){.name = v.as.dict->keys[i]});
        if (route_in(cx, list ? v.as.seq->at[i] : v.as.dict->values[i], to, steps, seen)) return true;
        steps->len = mark;
    }
    return false;
}

bool instance_route(Cx *cx, Instance *from, Instance *to, StepVec *steps)
{
    StepVec local = {0};
    if (!steps) { /* reachable at all? first the likely way: up through the owners */
        for (const Instance *i = to; i; i = i->eval->tracker) {
            if (i == from) return true;
        }
        steps = &local;
    }
    Map seen = {.arena = cx->arena};
    return route_fields(cx, from, to, steps, &seen);
}

bool builder_pop(Cx *cx, Builder *b)
{
    bool ok = true;
    Instance *last = NULL;
    for (size_t i = 0; i < b->touched.len; i++) {
        Instance *t = b->touched.at[i];
        if (t == last) continue;
        last = t;
        ok = ok && instance_route(cx, b->fn->owner, t, NULL);
    }
    cx->builder = b->outer;
    if (ok) vec_push(cx->arena, &cx->program->functions, b->fn);
    return ok;
}

static Node *replaced(const Builder *b, Node *n, Node *const *args)
{
    if (n->kind == NODE_PARAM && (size_t)n->index < b->fn->params.len && b->fn->params.at[n->index] == n) return args[n->index];
    return n;
}

/* The step of a scan reaches its weights from where the scan stands. */
static void give_body(Node *scan, Instance *owner)
{
    IrFunction *body = scan->as.scan.body;
    scan->layer = body->owner = owner;
    for (size_t i = 0; i < body->nodes.len; i++) {
        if (body->nodes.at[i]->kind == NODE_SCAN) give_body(body->nodes.at[i], owner);
    }
}

void builder_splice(Cx *cx, Builder *b, Node *const *args)
{
    Builder *into = cx->builder;
    for (size_t i = 0; i < b->fn->nodes.len; i++) {
        Node *n = b->fn->nodes.at[i];
        if (n->kind == NODE_PARAM) continue;
        for (int k = 0; k < n->nin; k++) n->in[k] = replaced(b, n->in[k], args);
        if (n->kind == NODE_SCAN) give_body(n, into->fn->owner);
        vec_push(cx->arena, &into->fn->nodes, n);
    }
    into->fn->draws |= b->fn->draws;
    for (size_t i = 0; i < b->fn->results.len; i++) b->fn->results.at[i] = replaced(b, b->fn->results.at[i], args);
    for (size_t i = 0; i < b->touched.len; i++) builder_touch(cx, b->touched.at[i]);
}
