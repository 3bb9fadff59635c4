/* Tensors: promotion, broadcasting, and the nodes that all operations are made of. */
#include <string.h>

#include "ops.h"

/* ---- dtypes ---- */

/* Keras' (JAX's) lattice for the dtypes we have. */
static int int_rank(DType t)
{
    switch (t) {
    case DT_BOOL: return 0;
    case DT_UINT8:
    case DT_INT8: return 1;
    case DT_INT16: return 2;
    case DT_INT32: return 3;
    case DT_INT64: return 4;
    case DT_FLOAT32:
    case DT_FLOAT64:
    case DT_FLOAT16:
    case DT_BFLOAT16:
    case DT_COUNT: break;
    }
    return 5;
}

DType promote(DType a, DType b)
{
    if (a == b) return a;
    const bool fa = dtype_is_float(a), fb = dtype_is_float(b);
    if (fa && fb) {
        if (a == DT_FLOAT64 || b == DT_FLOAT64) return DT_FLOAT64;
        return DT_FLOAT32; /* also float16 with bfloat16 */
    }
    if (fa) return a;
    if (fb) return b;
    if (int_rank(a) == 1 && int_rank(b) == 1) return DT_INT16; /* uint8 with int8 */
    return int_rank(a) > int_rank(b) ? a : b;
}

bool is_tensorish(Value v) { return v.kind == V_TENSOR || v.kind == V_VARIABLE; }

Value tensor_value(Cx *cx, Node *n) { return n ? make_tensor_value(cx->arena, n, NULL) : VALUE_ERROR; }

Node *cast_to(Cx *cx, Node *n, DType t, Span span)
{
    if (!n || n->type.dtype == t) return n;
    if (n->kind == NODE_CONST) {
        Node *c = trace_node(cx, NODE_CONST, (Type){t, n->type.rank, n->type.dims}, NULL, 0, span);
        c->as.literal = n->as.literal;
        if (!dtype_is_float(n->type.dtype)) c->as.literal.real = (double)n->as.literal.integer;
        else if (!dtype_is_float(t)) goto general; /* saturation and NaN are the kernel's business */
        if (t == DT_BOOL) c->as.literal.integer = n->as.literal.integer != 0;
        return c;
    }
general:
    return trace_op(cx, OPC_cast, (Type){t, n->type.rank, n->type.dims}, &n, 1, NULL, span);
}

/* ---- reading variables ---- */

Value read_variable(Cx *cx, Variable *v, Span span)
{
    if (!cx->builder || !cx->frame->in_call) {
        Diag *e = cx_error(cx, E_WEIGHT_AS_VALUE, span, "the %s `%s` has no value here: weights can be read in `call` only",
                           v->is_state ? "state" : "weight", v->name->text);
        diag_help(e, "pass the layer instead, and read its weight in `call`");
        return VALUE_ERROR;
    }
    if (!ensure_built(cx, v->owner, span)) return VALUE_ERROR;
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)v->rank);
    for (int i = 0; i < v->rank; i++) dims[i] = dim_int(cx->dims, v->shape[i]);
    Node *n = trace_node(cx, NODE_VARIABLE, (Type){v->dtype, v->rank, dims}, NULL, 0, span);
    n->as.variable.variable = v;
    builder_touch(cx, v->owner);
    const Instance *reader = cx->scopes.len ? cx->scopes.at[cx->scopes.len - 1] : v->owner;
    if (v->autocast && dtype_is_float(v->dtype)) n = cast_to(cx, n, reader->eval->compute_dtype, span);
    return tensor_value(cx, n);
}

/* ---- anything numeric as a tensor ---- */

static bool strong_dtype(Cx *cx, Value v, DType *t)
{
    if (v.kind == V_TENSOR) *t = v.as.tensor->node->type.dtype;
    else if (v.kind == V_VARIABLE) {
        const Variable *var = v.as.variable;
        const Instance *reader = cx->scopes.len ? cx->scopes.at[cx->scopes.len - 1] : var->owner;
        *t = var->autocast && dtype_is_float(var->dtype) ? reader->eval->compute_dtype : var->dtype;
    } else if (v.kind == V_LIST || v.kind == V_TUPLE) {
        bool some = false;
        for (size_t i = 0; i < v.as.seq->len; i++) {
            DType e;
            if (!strong_dtype(cx, v.as.seq->at[i], &e)) continue;
            *t = some ? promote(*t, e) : e;
            some = true;
        }
        return some;
    } else return false;
    return true;
}

/* The dtype that static values bring when no tensor decides. */
static DType plain_dtype(Value v)
{
    switch (v.kind) {
    case V_BOOL:
    case V_TENSOR:
    case V_VARIABLE: return DT_BOOL;
    case V_INT:
    case V_DIM: return DT_INT32;
    case V_LIST:
    case V_TUPLE: {
        DType t = DT_BOOL;
        for (size_t i = 0; i < v.as.seq->len; i++) t = promote(t, plain_dtype(v.as.seq->at[i]));
        return v.as.seq->len ? t : DT_FLOAT32;
    }
    default: return DT_FLOAT32;
    }
}

/* The dtype of a value as a tensor: in a list, numbers take the tensors' as they do in arithmetic. */
DType weak_dtype(Cx *cx, Value v)
{
    DType strong;
    const DType plain = plain_dtype(v);
    if (!strong_dtype(cx, v, &strong)) return plain;
    const bool takes = dtype_is_float(strong) || plain == DT_BOOL || (plain == DT_INT32 && strong != DT_BOOL);
    return takes ? strong : plain;
}

static Node *seq_to_tensor(Cx *cx, Value v, DType t, Span span)
{
    const size_t n = v.as.seq->len;
    Node **parts = arena_array(cx->arena, Node *, n);
    const Dim **dims = NULL;
    for (size_t i = 0; i < n; i++) {
        Node *e = to_tensor_like(cx, v.as.seq->at[i], t, span);
        e = e ? cast_to(cx, e, t, span) : NULL;
        if (!e) return NULL;
        dims = arena_array(cx->arena, const Dim *, (size_t)e->type.rank + 1);
        dims[0] = dim_int(cx->dims, 1);
        for (int k = 0; k < e->type.rank; k++) dims[k + 1] = e->type.dims[k];
        parts[i] = reshape(cx, e, dims, e->type.rank + 1, span);
        if (i && parts[i]->type.rank != parts[0]->type.rank) {
            cx_error(cx, E_SHAPE, span, "the elements of this list have different ranks");
            return NULL;
        }
    }
    if (!n) {
        const Dim *zero = dim_int(cx->dims, 0);
        Node *c = trace_node(cx, NODE_CONST, make_type(cx, t, &zero, 1), NULL, 0, span);
        return c;
    }
    return n == 1 ? parts[0] : concat(cx, parts, (int)n, 0, span);
}

static bool fits(int64_t v, DType t)
{
    const int64_t most = INT64_MAX >> (64 - 8 * dtype_size(t));
    return t == DT_UINT8 ? v >= 0 && v <= UINT8_MAX : v >= -most - 1 && v <= most;
}

/* As NumPy, which wraps what is computed but not what is written. */
static bool require_fit(Cx *cx, int64_t v, DType t, Span span)
{
    if (fits(v, t)) return true;
    Diag *d = cx_error(cx, E_OVERFLOW, span, "%lld does not fit %s", (long long)v, dtype_name(t));
    diag_help(d, "make it a tensor of another dtype: `cast(%lld, \"int64\")`", (long long)v);
    return false;
}

Node *to_tensor_like(Cx *cx, Value v, DType weak, Span span)
{
    switch (v.kind) {
    case V_TENSOR: return v.as.tensor->node;
    case V_VARIABLE: {
        Value r = read_variable(cx, v.as.variable, span);
        return is_error(r) ? NULL : r.as.tensor->node;
    }
    case V_BOOL:
        return dtype_is_float(weak) ? node_const_float(cx, weak, v.as.boolean, span)
                                    : node_const_int(cx, weak, v.as.boolean, span);
    case V_INT:
        if (dtype_is_float(weak)) return node_const_float(cx, weak, (double)v.as.integer, span);
        if (weak != DT_BOOL && !require_fit(cx, v.as.integer, weak, span)) return NULL;
        return node_const_int(cx, weak, v.as.integer, span);
    case V_FLOAT: return node_const_float(cx, dtype_is_float(weak) ? weak : DT_FLOAT32, v.as.real, span);
    case V_DIM: return cast_to(cx, node_dim(cx, v.as.dim, span), weak, span);
    case V_LIST:
    case V_TUPLE: return seq_to_tensor(cx, v, weak, span);
    default: break;
    }
    if (!is_error(v)) cx_error(cx, E_ARGUMENT_TYPE, span, "a tensor or number is expected, but this is %s", describe(cx, v));
    return NULL;
}

Node *to_tensor(Cx *cx, Value v, Span span, const char *what)
{
    switch (v.kind) {
    case V_TENSOR:
    case V_VARIABLE:
    case V_BOOL:
    case V_INT:
    case V_FLOAT:
    case V_DIM:
    case V_LIST:
    case V_TUPLE: return to_tensor_like(cx, v, weak_dtype(cx, v), span);
    default: break;
    }
    if (is_error(v)) return NULL;
    Diag *d = cx_error(cx, E_ARGUMENT_TYPE, span, "%s must be a tensor, but this is %s", what, describe(cx, v));
    if (v.kind == V_LAYER) diag_help(d, "call the layer: `layer(x)`");
    if (v.kind == V_NONE) diag_help(d, "an argument that may be none is tested with `x is none`");
    return NULL;
}

/* ---- shapes ---- */

const Dim *dims_product(Cx *cx, const Dim *const *dims, int n)
{
    const Dim *p = dim_int(cx->dims, 1);
    for (int i = 0; i < n; i++) p = dim_mul(cx->dims, p, dims[i]);
    return p;
}

static bool same_dims(Type t, const Dim *const *dims, int rank)
{
    if (t.rank != rank) return false;
    for (int i = 0; i < rank; i++) {
        if (t.dims[i] != dims[i]) return false;
    }
    return true;
}

Node *broadcast(Cx *cx, Node *n, const Dim *const *dims, int rank, Span span)
{
    if (!n || same_dims(n->type, dims, rank)) return n;
    if (n->kind == NODE_CONST && n->type.rank == 0) {
        Node *c = trace_node(cx, NODE_CONST, make_type(cx, n->type.dtype, dims, rank), NULL, 0, span);
        c->as.literal = n->as.literal;
        return c;
    }
    return trace_op(cx, OPC_copy, make_type(cx, n->type.dtype, dims, rank), &n, 1, NULL, span);
}

static const Dim *dim_at(const Type *t, int axis_from_end)
{
    const int i = t->rank - 1 - axis_from_end;
    return i >= 0 ? t->dims[i] : NULL;
}

static bool is_one(const Dim *d)
{
    int64_t v;
    return dim_is_int(d, &v) && v == 1;
}

/* Both shapes and where each comes from. */
static void report_broadcast(Cx *cx, const Type *types, const Span *spans, int i, int k, int axis, Span span, const char *what)
{
    Diag *d = cx_error(cx, E_SHAPE, span, "%s: the shapes %s and %s do not fit: axis %d has %s in one and %s in the other", what,
                       type_str(cx, types[i]), type_str(cx, types[k]), -1 - axis, dim_str(cx, dim_at(&types[i], axis)),
                       dim_str(cx, dim_at(&types[k], axis)));
    if (spans && !span_in_library(cx, span)) {
        diag_label(d, spans[i], "%s", type_str(cx, types[i]));
        if (spans[k].start != spans[i].start) diag_label(d, spans[k], "%s", type_str(cx, types[k]));
    }
    diag_help(d, "sizes must be equal, or one of them 1; trailing axes are aligned");
}

bool broadcast_shapes(Cx *cx, const Type *types, const Span *spans, int n, Span span, const char *what, Type *out)
{
    int rank = 0;
    for (int i = 0; i < n; i++) rank = types[i].rank > rank ? types[i].rank : rank;
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)rank);
    for (int axis = 0; axis < rank; axis++) {
        const Dim *have = NULL;
        int from = 0;
        for (int i = 0; i < n; i++) {
            const Dim *d = dim_at(&types[i], axis);
            if (!d || (have && is_one(d))) continue;
            if (!have || is_one(have)) {
                have = d;
                from = i;
                continue;
            }
            if (d == have) continue;
            const Truth t = dim_equal(cx->dims, have, d);
            if (t == NO) {
                report_broadcast(cx, types, spans, from, i, axis, span, what);
                return false;
            }
            if (t == UNKNOWN) {
                node_check(cx, REL_EQ, have, d,
                           arena_printf(cx->arena, "%s: the shapes %s and %s do not fit at axis %d", what,
                                        type_str(cx, types[from]), type_str(cx, types[i]), -1 - axis),
                           span);
            }
            int64_t size;
            if (dim_is_int(d, &size)) { /* prefer the known size */
                have = d;
                from = i;
            }
        }
        dims[rank - 1 - axis] = have;
    }
    *out = (Type){out->dtype, rank, dims};
    return true;
}

Node *reshape(Cx *cx, Node *n, const Dim *const *dims, int rank, Span span)
{
    if (!n || same_dims(n->type, dims, rank)) return n;
    if (n->kind == NODE_OP && n->as.op.code == OPC_reshape) n = n->in[0];
    if (n->kind == NODE_CONST) {
        Node *c = trace_node(cx, NODE_CONST, make_type(cx, n->type.dtype, dims, rank), NULL, 0, span);
        c->as.literal = n->as.literal;
        return c;
    }
    if (same_dims(n->type, dims, rank)) return n;
    return trace_op(cx, OPC_reshape, make_type(cx, n->type.dtype, dims, rank), &n, 1, NULL, span);
}

/* `perm` NULL: reversed. */
Node *transpose(Cx *cx, Node *n, const int *perm, Span span)
{
    const int rank = n->type.rank;
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)rank);
    const Dim **p = arena_array(cx->arena, const Dim *, (size_t)rank);
    bool identity = true;
    for (int i = 0; i < rank; i++) {
        const int from = perm ? perm[i] : rank - 1 - i;
        identity &= from == i;
        dims[i] = n->type.dims[from];
        p[i] = dim_int(cx->dims, from);
    }
    if (identity) return n;
    const Attr attr = attr_ints(cx, p, rank);
    return trace_op(cx, OPC_transpose, (Type){n->type.dtype, rank, dims}, &n, 1, &attr, span);
}

Node *slice_axis(Cx *cx, Node *n, int axis, const Dim *start, const Dim *count, int64_t step, Span span)
{
    const int rank = n->type.rank;
    if (!n || !start || !count) return NULL;
    if (count == n->type.dims[axis] && step == 1 && start == dim_int(cx->dims, 0)) return n;
    const Dim **starts = arena_array(cx->arena, const Dim *, (size_t)rank),
              **steps = arena_array(cx->arena, const Dim *, (size_t)rank);
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)rank);
    for (int i = 0; i < rank; i++) {
        starts[i] = dim_int(cx->dims, 0);
        steps[i] = dim_int(cx->dims, 1);
        dims[i] = n->type.dims[i];
    }
    starts[axis] = start;
    steps[axis] = dim_int(cx->dims, step);
    dims[axis] = count;
    const Attr attrs[] = {attr_ints(cx, starts, rank), attr_ints(cx, steps, rank)};
    return trace_op(cx, OPC_strided_slice, (Type){n->type.dtype, rank, dims}, &n, 1, attrs, span);
}

Node *concat(Cx *cx, Node *const *nodes, int n, int axis, Span span)
{
    if (n == 1) return nodes[0];
    const Type first = nodes[0]->type;
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)first.rank);
    for (int i = 0; i < first.rank; i++) dims[i] = first.dims[i];
    for (int k = 1; k < n; k++) {
        const Type t = nodes[k]->type;
        if (t.rank != first.rank) {
            cx_error(cx, E_SHAPE, span, "the tensors to join have different ranks: %s and %s", type_str(cx, first),
                     type_str(cx, t));
            return NULL;
        }
        for (int i = 0; i < t.rank; i++) {
            if (i == axis) dims[i] = dim_add(cx->dims, dims[i], t.dims[i]);
            else if (!require_equal(cx, dims[i], t.dims[i], span, "the tensors to join differ at axis %d: %s and %s", i,
                                    type_str(cx, first), type_str(cx, t)))
                return NULL;
        }
    }
    if (!dims[axis]) return NULL;
    const Attr attr = attr_int(cx, axis);
    return trace_op(cx, OPC_concatenate, (Type){first.dtype, first.rank, dims}, nodes, n, &attr, span);
}

Node *take_axis(Cx *cx, Node *x, Node *indices, int axis, Span span)
{
    const int rank = x->type.rank - 1 + indices->type.rank;
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)rank);
    int k = 0;
    for (int i = 0; i < axis; i++) dims[k++] = x->type.dims[i];
    for (int i = 0; i < indices->type.rank; i++) dims[k++] = indices->type.dims[i];
    for (int i = axis + 1; i < x->type.rank; i++) dims[k++] = x->type.dims[i];
    Node *const in[] = {x, cast_to(cx, indices, DT_INT64, span)};
    const Attr attr = attr_int(cx, axis);
    return trace_op(cx, OPC_take, (Type){x->type.dtype, rank, dims}, in, 2, &attr, span);
}

/* ---- element by element ---- */

static DType result_dtype(Opcode code, DType in)
{
    if (op_table[code].cls == CLASS_COMPARE) return DT_BOOL;
    if (code == OPC_isnan || code == OPC_isinf || code == OPC_isfinite || code == OPC_logical_not ||
        code == OPC_signbit)
        return DT_BOOL;
    return in;
}

Node *op_unary(Cx *cx, Opcode code, Node *a, Span span)
{
    return a ? trace_op(cx, code, (Type){result_dtype(code, a->type.dtype), a->type.rank, a->type.dims}, &a, 1, NULL, span)
             : NULL;
}

Node *op_binary(Cx *cx, Opcode code, Node *a, Node *b, Span span)
{
    if (!a || !b) return NULL;
    const Type types[] = {a->type, b->type};
    Type out = {result_dtype(code, a->type.dtype), 0, NULL};
    if (!broadcast_shapes(cx, types, NULL, 2, span, op_table[code].name, &out)) return NULL;
    Node *const in[] = {a, b};
    return trace_op(cx, code, out, in, 2, NULL, span);
}

/* What an operation computes in, for operands of dtype `t`. */
static bool compute_dtype(Cx *cx, Opcode code, DType *t, Span span)
{
    const OpDTypes kind = op_table[code].dtypes;
    if (kind == DTYPES_FLOAT && !dtype_is_float(*t)) *t = DT_FLOAT32;
    if (kind == DTYPES_INTEGER && dtype_is_float(*t)) {
        Diag *d =
            cx_error(cx, E_DTYPE, span, "`%s` works on integers and bools, but this is %s", op_table[code].name, dtype_name(*t));
        diag_help(d, "compare first (`x > 0`), or convert with `cast(x, \"int32\")`");
        return false;
    }
    const bool arithmetic =
        kind == DTYPES_NUMBER && op_table[code].cls == CLASS_BINARY && code != OPC_maximum && code != OPC_minimum;
    if (arithmetic && *t == DT_BOOL) *t = DT_INT32;
    return true;
}

/* The common dtype of two operands; static numbers are weak and follow the tensor. */
static DType common_dtype(Cx *cx, Value a, Value b)
{
    const bool ta = a.kind == V_TENSOR, tb = b.kind == V_TENSOR;
    if (ta && tb) return promote(a.as.tensor->node->type.dtype, b.as.tensor->node->type.dtype);
    if (!ta && !tb) return promote(weak_dtype(cx, a), weak_dtype(cx, b));
    const DType t = ta ? a.as.tensor->node->type.dtype : b.as.tensor->node->type.dtype;
    const DType w = weak_dtype(cx, ta ? b : a);
    if (dtype_is_float(w)) return dtype_is_float(t) ? t : DT_FLOAT32;
    if (t == DT_BOOL) return w;
    return t;
}

static Value read_operand(Cx *cx, Value v, Span span)
{
    if (v.kind == V_VARIABLE) return read_variable(cx, v.as.variable, span);
    if ((v.kind == V_LIST || v.kind == V_TUPLE) && value_holds(v, V_TENSOR))
        return tensor_value(cx, to_tensor(cx, v, span, "this operand"));
    return v;
}

/* A number that no element can have: what compares with it has an answer still. */
static bool is_beyond(Value v, DType t) { return v.kind == V_INT && !fits(v.as.integer, t); }

Value tensor_binary(Cx *cx, Opcode code, Value a, Value b, Span sa, Span sb, Span span)
{
    a = read_operand(cx, a, sa);
    b = read_operand(cx, b, sb);
    if (is_error(a) || is_error(b)) return VALUE_ERROR;
    DType t = common_dtype(cx, a, b);
    const bool dims_only = a.kind != V_TENSOR && b.kind != V_TENSOR && (a.kind == V_DIM || b.kind == V_DIM);
    if (!compute_dtype(cx, code, &t, span)) return VALUE_ERROR;
    if (dims_only && t == DT_INT32) t = DT_INT64; /* sizes may be large */
    if (op_table[code].cls == CLASS_COMPARE && dtype_is_int(t) && (is_beyond(a, t) || is_beyond(b, t))) t = DT_INT64;
    Node *x = cast_to(cx, to_tensor_like(cx, a, t, sa), t, sa), *y = cast_to(cx, to_tensor_like(cx, b, t, sb), t, sb);
    if (!x || !y) return VALUE_ERROR;
    const Type types[] = {x->type, y->type};
    const Span spans[] = {sa, sb};
    Type out = {result_dtype(code, t), 0, NULL};
    if (!broadcast_shapes(cx, types, spans, 2, span, quoted(cx, op_table[code].name), &out)) return VALUE_ERROR;
    Node *const in[] = {x, y};
    return tensor_value(cx, trace_op(cx, code, out, in, 2, NULL, span));
}

Value tensor_unary(Cx *cx, Opcode code, Value a, Span sa, Span span)
{
    Node *x = to_tensor(cx, a, sa, quoted(cx, op_table[code].name));
    if (!x) return VALUE_ERROR;
    DType t = x->type.dtype;
    if (!compute_dtype(cx, code, &t, span)) return VALUE_ERROR;
    if (op_table[code].dtypes == DTYPES_NUMBER && t == DT_BOOL) t = DT_INT32;
    return tensor_value(cx, op_unary(cx, code, cast_to(cx, x, t, sa), span));
}

/* ---- reductions ---- */

Node *reduce(Cx *cx, Opcode code, Node *n, const bool *axes, bool keepdims, Span span)
{
    const int rank = n->type.rank;
    const Dim **flags = arena_array(cx->arena, const Dim *, (size_t)rank),
              **kept = arena_array(cx->arena, const Dim *, (size_t)rank);
    const Dim **left = arena_array(cx->arena, const Dim *, (size_t)rank);
    int nleft = 0;
    for (int i = 0; i < rank; i++) {
        flags[i] = dim_int(cx->dims, axes[i]);
        kept[i] = axes[i] ? dim_int(cx->dims, 1) : n->type.dims[i];
        if (!axes[i]) left[nleft++] = n->type.dims[i];
    }
    const Attr attr = attr_ints(cx, flags, rank);
    Node *r = trace_op(cx, code, (Type){n->type.dtype, rank, kept}, &n, 1, &attr, span);
    return keepdims ? r : reshape(cx, r, left, nleft, span);
}
