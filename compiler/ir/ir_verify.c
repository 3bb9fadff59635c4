/* The verifier: what every pass may rely on. A broken graph is a BUG that names the pass which left it so. */
#include <inttypes.h>

#include "../base/bug.h"
#include "ir.h"

typedef struct Verify {
    Arena      *arena;
    DimCtx     *dims;
    const char *pass;
    IrFunction *function;
    Node       *node;
} Verify;

#define BROKEN(v, ...) broken(v, arena_printf((v)->arena, __VA_ARGS__))

NORETURN static void broken(Verify *v, const char *what)
{
    const char *kind = v->node ? arena_printf(v->arena, " at %%%" PRIu32, v->node->id) : "";
    BUG("after the pass %s: function @%" PRIu32 " %s%s: %s", v->pass, v->function->id, v->function->name, kind, what);
}

static bool is_one(const Dim *d)
{
    int64_t value;
    return dim_is_int(d, &value) && value == 1;
}

static void check_type(Verify *v, Type t)
{
    if (t.dtype >= DT_COUNT) BROKEN(v, "no dtype");
    if (t.rank < 0 || t.rank > 32) BROKEN(v, "rank %d", t.rank);
    for (int i = 0; i < t.rank; i++) {
        if (!t.dims || !t.dims[i]) BROKEN(v, "dimension %d is missing", i);
    }
}

/* Can a value of type `from` be passed as `to`? Sizes may be equal by a fact of the call. */
static void check_passes(Verify *v, Type from, Type to, const char *what, int index)
{
    if (from.dtype != to.dtype || from.rank != to.rank) {
        BROKEN(v, "%s %d is %s, not %s", what, index, type_text(v->dims, v->arena, from), type_text(v->dims, v->arena, to));
    }
}

/* The axes of an input stand against the last axes of the result; each is 1 or the result's. */
static void check_broadcast(Verify *v, const Node *n, int k)
{
    Type in = n->in[k]->type, out = n->type;
    if (in.rank > out.rank) BROKEN(v, "input %d has rank %d, the result %d", k, in.rank, out.rank);
    for (int i = 0; i < in.rank; i++) {
        const Dim *from = in.dims[i], *to = out.dims[out.rank - in.rank + i];
        if (is_one(from) || from == to || dim_equal(v->dims, from, to) != NO) continue;
        BROKEN(v, "input %d, %s, does not broadcast to %s", k, type_text(v->dims, v->arena, in),
               type_text(v->dims, v->arena, out));
    }
}

static void check_op(Verify *v, const Node *n)
{
    const OpInfo *op = node_op(n);
    bool arity_ok = op->arity >= 0 ? n->nin == op->arity : op->arity == -1 ? n->nin >= 1 : n->nin == 1 || n->nin == 2;
    if (!arity_ok) BROKEN(v, "%s with %d inputs", op->name, n->nin);
    if (op->cls == CLASS_COMPOSED) BROKEN(v, "%s was not replaced", op->name);
    for (int i = 0; op->attrs[i].kind != ATTR_END; i++) {
        const Attr *attr = &n->as.op.attrs[i];
        if (op->attrs[i].kind == ATTR_INT && (!attr->dims || !attr->dims[0])) BROKEN(v, "%s without %s", op->name, op->attrs[i].name);
        for (int k = 0; op->attrs[i].kind == ATTR_INTS && k < attr->count; k++) {
            if (!attr->dims[k]) BROKEN(v, "%s: %s[%d] is missing", op->name, op->attrs[i].name, k);
        }
    }
    if (node_is_elementwise(n)) {
        for (int k = 0; k < n->nin; k++) check_broadcast(v, n, k);
    }
    if (n->as.op.code == OPC_attention && n->nin != 3 && n->nin != 4) BROKEN(v, "%s with %d inputs", op->name, n->nin);
    if (op->cls == CLASS_BINARY && n->in[0]->type.dtype != n->in[1]->type.dtype) BROKEN(v, "%s of two dtypes", op->name);
    if (op->cls == CLASS_COMPARE && n->in[0]->type.dtype != n->in[1]->type.dtype) BROKEN(v, "%s of two dtypes", op->name);
    if (op->cls == CLASS_COMPARE && n->type.dtype != DT_BOOL) BROKEN(v, "%s that is not bool", op->name);
    if (op->cls == CLASS_SELECT && n->in[0]->type.dtype != DT_BOOL) BROKEN(v, "%s on a condition that is not bool", op->name);
    if (op->cls == CLASS_VIEW) {
        const Dim *from = type_elements(v->dims, n->in[0]->type), *to = type_elements(v->dims, n->type);
        if (from && to && dim_equal(v->dims, from, to) == NO) BROKEN(v, "%s changes the number of elements", op->name);
        if (n->in[0]->type.dtype != n->type.dtype) BROKEN(v, "%s changes the dtype", op->name);
    }
}

static void check_scan(Verify *v, const Node *n)
{
    const IrFunction *body = n->as.scan.body;
    int ncarry = n->as.scan.ncarry;
    if (ncarry > n->nin || (size_t)ncarry > body->results.len) BROKEN(v, "scan with %d carries", ncarry);
    for (int i = 0; i < n->nin; i++) {
        Type t = n->in[i]->type;
        if (i >= ncarry) {
            if (t.rank == 0) BROKEN(v, "scan over a scalar");
            t = (Type){t.dtype, t.rank - 1, t.dims + 1};
        }
        check_passes(v, t, body->params.at[i]->type, "scan argument", i);
    }
    for (int i = 0; i < ncarry; i++) check_passes(v, body->results.at[i]->type, n->in[i]->type, "carry", i);
}

static void check_call(Verify *v, const Node *n)
{
    const IrFunction *callee = node_callee(n);
    if (callee->id >= v->function->id) BROKEN(v, "calls @%" PRIu32 ", which is not before it", callee->id);
    if ((size_t)n->nin != callee->params.len) BROKEN(v, "passes %d arguments, not %zu", n->nin, callee->params.len);
    for (int i = 0; i < callee->nsymbols; i++) {
        if (!node_symbols(n) || !node_symbols(n)[i]) BROKEN(v, "symbol %d has no value", i);
    }
    if (n->kind == NODE_SCAN) {
        check_scan(v, n);
        return;
    }
    for (int i = 0; i < n->nin; i++) check_passes(v, n->in[i]->type, callee->params.at[i]->type, "argument", i);
    if (n->kind == NODE_LOOP) {
        if ((size_t)n->as.loop.ncarry != callee->results.len) BROKEN(v, "loop with %d carries", n->as.loop.ncarry);
        for (int i = 0; i < n->as.loop.ncarry; i++) check_passes(v, callee->results.at[i]->type, n->in[i]->type, "carry", i);
    }
}

static void check_result(Verify *v, const Node *n)
{
    if (n->nin != 1 || !node_callee(n->in[0])) BROKEN(v, "result of something that is not a call");
    const Node       *call = n->in[0];
    const IrFunction *callee = node_callee(call);
    if (n->index < 0 || (size_t)n->index >= callee->results.len) BROKEN(v, "result %d of %zu", n->index, callee->results.len);
    Type t = callee->results.at[n->index]->type;
    bool stacked = call->kind == NODE_SCAN && n->index >= call->as.scan.ncarry;
    if (n->type.dtype != t.dtype || n->type.rank != t.rank + stacked) BROKEN(v, "result %d has another type", n->index);
}

static void check_node(Verify *v, const Node *n)
{
    for (int k = 0; k < n->nin; k++) {
        if (!n->in[k]) BROKEN(v, "input %d is missing", k);
        if (n->in[k]->id >= n->id || v->function->nodes.at[n->in[k]->id] != n->in[k]) BROKEN(v, "input %d is not defined before", k);
        if (n->kind != NODE_RESULT && !node_has_value(n->in[k])) BROKEN(v, "input %d is not a value", k);
    }
    if (node_has_value(n)) check_type(v, n->type);
    switch (n->kind) {
    case NODE_PARAM:
        if (n->index < 0 || (size_t)n->index >= v->function->params.len || v->function->params.at[n->index] != n) BROKEN(v, "param %d is not listed", n->index);
        break;
    case NODE_DIM:
        if (!n->as.dim || n->type.rank != 0) BROKEN(v, "a dimension is a scalar");
        break;
    case NODE_VARIABLE:
        if (n->as.variable.path.len == 0) BROKEN(v, "a variable without a path");
        break;
    case NODE_ASSIGN:
        if (n->nin != 1 || n->as.variable.path.len == 0) BROKEN(v, "an assignment takes one value and a path");
        break;
    case NODE_CHECK:
        if (!n->as.check.left || !n->as.check.right || !n->as.check.message) BROKEN(v, "a check without its sides");
        break;
    case NODE_CALL:
    case NODE_SCAN:
    case NODE_LOOP: check_call(v, n); break;
    case NODE_RESULT: check_result(v, n); break;
    case NODE_OP: check_op(v, n); break;
    case NODE_CONST: break;
    }
}

static void check_function(Verify *v, IrFunction *f)
{
    v->function = f;
    v->node = NULL;
    for (size_t i = 0; i < f->nodes.len; i++) {
        v->node = f->nodes.at[i];
        if (v->node->id != i) BROKEN(v, "stands at %zu", i);
        check_node(v, v->node);
    }
    v->node = NULL;
    for (size_t i = 0; i < f->params.len; i++) {
        if (f->params.at[i]->id != i) BROKEN(v, "param %zu is not one of the first nodes", i);
    }
    for (size_t i = 0; i < f->results.len; i++) {
        const Node *r = f->results.at[i];
        if (r->id >= f->nodes.len || f->nodes.at[r->id] != r) BROKEN(v, "result %zu is not a node of the function", i);
    }
}

/* requires ir_number */
void ir_verify(Arena *a, Program *p, const char *pass)
{
    Verify v = {.arena = a, .dims = p->dims, .pass = pass};
    for (size_t i = 0; i < p->functions.len; i++) {
        v.function = p->functions.at[i];
        v.node = NULL;
        if (v.function->id != i) BROKEN(&v, "stands at %zu", i);
        check_function(&v, v.function);
    }
    v.function = p->main;
    v.node = NULL;
    if (p->main->params.len != p->inputs.len || p->main->results.len != p->outputs.len) BROKEN(&v, "main does not fit the ports");
}
