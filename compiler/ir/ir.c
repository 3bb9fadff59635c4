#include "ir.h"

#include <string.h>

#include "../base/bug.h"
#include "../base/map.h"
#include "../base/str.h"

/* ---- dtypes ---- */

static const struct {
    const char *name;
    int         size;
} dtype_table[DT_COUNT] = {
    [DT_FLOAT32] = {"float32", 4}, [DT_FLOAT64] = {"float64", 8}, [DT_FLOAT16] = {"float16", 2},
    [DT_BFLOAT16] = {"bfloat16", 2}, [DT_INT8] = {"int8", 1},     [DT_UINT8] = {"uint8", 1},
    [DT_INT16] = {"int16", 2},     [DT_INT32] = {"int32", 4},     [DT_INT64] = {"int64", 8},
    [DT_BOOL] = {"bool", 1},
};

const char *dtype_name(DType t)
{
    return dtype_table[t].name;
}

int dtype_size(DType t)
{
    return dtype_table[t].size;
}

bool dtype_is_float(DType t)
{
    return t <= DT_BFLOAT16;
}

bool dtype_is_int(DType t)
{
    return t >= DT_INT8 && t <= DT_INT64;
}

bool dtype_by_name(const char *name, DType *t)
{
    for (int i = 0; i < DT_COUNT; i++) {
        if (strcmp(dtype_table[i].name, name) == 0) {
            *t = (DType)i;
            return true;
        }
    }
    return false;
}

/* ---- the catalogue as data ---- */

#define UNARY    CLASS_UNARY
#define BINARY   CLASS_BINARY
#define COMPARE  CLASS_COMPARE
#define SELECT   CLASS_SELECT
#define CAST     CLASS_CAST
#define KERNEL   CLASS_KERNEL
#define VIEW     CLASS_VIEW
#define COMPOSED CLASS_COMPOSED
#define FLOAT    DTYPES_FLOAT
#define NUMBER   DTYPES_NUMBER
#define INTEGER  DTYPES_INTEGER
#define ANY      DTYPES_ANY
#define INT(a)   {ATTR_INT, #a},
#define INTS(a)  {ATTR_INTS, #a},
#define REAL(a)  {ATTR_REAL, #a},
#define OP(name, class, dtypes, arity, signature, attrs, doc) \
    {#name, class, dtypes, arity, signature, (const AttrSpec[]){attrs {ATTR_END, NULL}}, doc},
const OpInfo op_table[OPC_COUNT] = {
#include "../../runtime/ops.def"
};
#undef OP

/* ---- texts ---- */

const char *type_text(const DimCtx *dims, Arena *a, Type t)
{
    StrBuf b = {.arena = a};
    sb_printf(&b, "%s[", dtype_name(t.dtype));
    for (int i = 0; i < t.rank; i++) {
        if (i > 0) sb_put(&b, ", ");
        dim_print(dims, &b, t.dims[i]);
    }
    sb_putc(&b, ']');
    return sb_text(&b);
}

const char *path_text(Arena *a, Path p)
{
    StrBuf b = {.arena = a};
    for (int i = 0; i < p.len; i++) {
        const Step *s = &p.steps[i];
        if (i > 0) sb_putc(&b, '.');
        if (s->name) sb_put(&b, s->name->text);
        else if (!s->loop) sb_printf(&b, "%lld", (long long)s->index);
        else if (s->index == 0) sb_put(&b, "{i}");
        else sb_printf(&b, "{i%+lld}", (long long)s->index);
    }
    return sb_text(&b);
}

bool path_equal(Path p, Path q)
{
    if (p.len != q.len) return false;
    for (int i = 0; i < p.len; i++) {
        const Step *s = &p.steps[i], *t = &q.steps[i];
        if (s->name != t->name || s->index != t->index || s->loop != t->loop) return false;
    }
    return true;
}

Path path_join(Arena *a, Path p, Path q)
{
    Step *steps = arena_array(a, Step, (size_t)(p.len + q.len));
    if (p.len > 0) memcpy(steps, p.steps, (size_t)p.len * sizeof *steps);
    if (q.len > 0) memcpy(steps + p.len, q.steps, (size_t)q.len * sizeof *steps);
    return (Path){steps, p.len + q.len};
}

/* ---- questions ---- */

const OpInfo *node_op(const Node *n)
{
    return n->kind == NODE_OP ? &op_table[n->as.op.code] : NULL;
}

bool node_is_elementwise(const Node *n)
{
    return n->kind == NODE_OP && op_table[n->as.op.code].cls <= CLASS_CAST;
}

bool node_has_value(const Node *n)
{
    switch (n->kind) {
    case NODE_ASSIGN:
    case NODE_CHECK:
    case NODE_CALL:
    case NODE_SCAN:
    case NODE_LOOP: return false;
    case NODE_PARAM:
    case NODE_CONST:
    case NODE_DIM:
    case NODE_VARIABLE:
    case NODE_RESULT:
    case NODE_OP: return true;
    }
    return false;
}

IrFunction *node_callee(const Node *n)
{
    switch (n->kind) {
    case NODE_CALL: return n->as.call.function;
    case NODE_SCAN: return n->as.scan.body;
    case NODE_LOOP: return n->as.loop.body;
    default: return NULL;
    }
}

const Dim *const *node_symbols(const Node *n)
{
    switch (n->kind) {
    case NODE_CALL: return n->as.call.symbols;
    case NODE_SCAN: return n->as.scan.symbols;
    case NODE_LOOP: return n->as.loop.symbols;
    default: return NULL;
    }
}

Path node_callee_path(const Node *n)
{
    switch (n->kind) {
    case NODE_CALL: return n->as.call.path;
    case NODE_SCAN: return n->as.scan.path;
    default: return (Path){NULL, 0};
    }
}

int node_attr_count(const Node *n)
{
    int count = 0;
    for (const AttrSpec *s = op_table[n->as.op.code].attrs; s->kind != ATTR_END; s++) count++;
    return count;
}

bool type_same_shape(Type t, Type u)
{
    if (t.rank != u.rank) return false;
    for (int i = 0; i < t.rank; i++) {
        if (t.dims[i] != u.dims[i]) return false;
    }
    return true;
}

const Dim *type_elements(DimCtx *cx, Type t)
{
    const Dim *n = dim_int(cx, 1);
    for (int i = 0; i < t.rank; i++) n = dim_mul(cx, n, t.dims[i]);
    return n;
}

/* ---- builders ---- */

Node *node_new(Arena *a, NodeKind kind, Type type, Span span)
{
    Node *n = arena_new(a, Node);
    n->kind = kind;
    n->type = type;
    n->span = span;
    n->at = "";
    return n;
}

Node *node_unary(Arena *a, Opcode code, Type type, Node *in)
{
    Node *n = node_new(a, NODE_OP, type, in->span);
    n->in = arena_array(a, Node *, 1);
    n->in[0] = in;
    n->nin = 1;
    n->at = in->at;
    n->as.op.code = code;
    return n;
}

Attr ir_attr_int(Arena *a, DimCtx *dims, int64_t value)
{
    const Dim **value_dims = arena_array(a, const Dim *, 1);
    value_dims[0] = dim_int(dims, value);
    return (Attr){.dims = value_dims, .count = 1};
}

/* ---- numbering ---- */

typedef struct Number {
    Arena *arena;
    Map    state;   /* function -> &visiting or &done */
    Map    assigns; /* function -> itself if it assigns states, directly or by calls */
    VEC(IrFunction *) order;
} Number;

static char visiting, done;

/* Does the node do something beside giving its value? Calls are judged by their callee, which is numbered before. */
static bool has_effect(const Number *cx, const Node *n)
{
    if (n->kind == NODE_ASSIGN || n->kind == NODE_CHECK) return true;
    IrFunction *callee = node_callee(n);
    return callee && map_has(&cx->assigns, callee);
}

static void drop_dead_nodes(Number *cx, IrFunction *f)
{
    /* 1. mark from the results and the effects; a node's inputs stand before it, so one backward walk is enough */
    Map live = {.arena = cx->arena};
    for (size_t i = 0; i < f->params.len; i++) map_set(&live, f->params.at[i], f);
    for (size_t i = 0; i < f->results.len; i++) map_set(&live, f->results.at[i], f);
    for (size_t i = f->nodes.len; i-- > 0;) {
        Node *n = f->nodes.at[i];
        if (has_effect(cx, n)) map_set(&live, n, f);
        if (!map_has(&live, n)) continue;
        for (int k = 0; k < n->nin; k++) map_set(&live, n->in[k], f);
    }
    /* 2. keep what is marked, in order; every result of a call that stays stays with it */
    size_t kept = 0;
    for (size_t i = 0; i < f->nodes.len; i++) {
        Node *n = f->nodes.at[i];
        bool  stays = map_has(&live, n) || (n->kind == NODE_RESULT && map_has(&live, n->in[0]));
        if (!stays) continue;
        n->id = (uint32_t)kept;
        f->nodes.at[kept++] = n;
        if (has_effect(cx, n)) map_set(&cx->assigns, f, f);
    }
    f->nodes.len = kept;
}

/* requires every callee to be complete; ensures that callees are numbered and listed before callers */
static void number_function(Number *cx, IrFunction *f)
{
    const void *state = map_get(&cx->state, f);
    if (state == &done) return;
    if (state == &visiting) BUG("function %s calls itself", f->name);
    map_set(&cx->state, f, &visiting);
    for (size_t i = 0; i < f->nodes.len; i++) {
        IrFunction *callee = node_callee(f->nodes.at[i]);
        if (callee) number_function(cx, callee);
    }
    drop_dead_nodes(cx, f);
    map_set(&cx->state, f, &done);
    f->id = (uint32_t)cx->order.len;
    vec_push(cx->arena, &cx->order, f);
}

int *ir_uses(Arena *a, const IrFunction *f)
{
    int *uses = arena_array(a, int, f->nodes.len + 1);
    for (size_t i = 0; i < f->nodes.len; i++) {
        for (int k = 0; k < f->nodes.at[i]->nin; k++) uses[f->nodes.at[i]->in[k]->id]++;
    }
    for (size_t i = 0; i < f->results.len; i++) uses[f->results.at[i]->id]++;
    return uses;
}

/* requires p->functions to hold every function that main and prepare reach; ensures ids of nodes and functions by position, callees
 * before callers, main last, no dead node, no function that they do not reach; invalidates side tables by id */
void ir_number(Program *p)
{
    Arena *a = arena_create();
    size_t before;
    Number cx = {.arena = a};
    do { /* a dead call may have been the only use of a function */
        before = cx.order.len;
        cx = (Number){.arena = a, .state = {.arena = a}, .assigns = {.arena = a}};
        if (p->prepare) number_function(&cx, p->prepare);
        number_function(&cx, p->main);
    } while (cx.order.len != before);
    if (cx.order.len > p->functions.cap) BUG("the program lists %zu functions, main reaches %zu", p->functions.len, cx.order.len);
    memcpy(p->functions.at, cx.order.at, cx.order.len * sizeof *p->functions.at);
    p->functions.len = cx.order.len;
    arena_destroy(a);
}
