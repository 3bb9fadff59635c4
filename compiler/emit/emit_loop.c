/* Chains of operations that work element by element: one pass over memory. */
#include <inttypes.h>
#include <string.h>

#include "loop.h"

enum { LONG_EXPRESSION = 90 };

/* How tightly an expression binds; a looser operand gets parentheses. */
typedef enum Binding { BIND_CHOICE, BIND_COMPARE, BIND_SUM, BIND_PRODUCT, BIND_UNARY, BIND_POSTFIX } Binding;

typedef struct Expression {
    const char *text;
    Binding     binding;
    const char *stored; /* of 16-bit floats: the expression before it was widened again, or NULL */
} Expression;

static bool is_one(const Dim *d)
{
    int64_t value;
    return dim_is_int(d, &value) && value == 1;
}

/* Reductions of rows are members, too. */
static bool is_member(const Loop *l, const Node *n)
{
    return l->b->plan->nodes[n->id].root == l->root && l->b->plan->nodes[l->root->id].product != n;
}

/* In an epilogue: the product, which stands where the result will. */
static bool is_product(const Loop *l, const Node *n)
{
    return l->b->plan->nodes[l->root->id].seen == n;
}

static bool reduces_rows(const Loop *l)
{
    return l->b->plan->nodes[l->root->id].reduces;
}

static bool in_memory(const Loop *l, const Node *n)
{
    if (is_product(l, n)) return false;
    return !is_member(l, n) && l->b->plan->nodes[n->id].home != HOME_INLINE && n->kind != NODE_CONST && n->kind != NODE_DIM;
}

static void gather(Loop *l)
{
    Arena *a = l->b->e->arena;
    for (size_t i = l->b->plan->nodes[l->root->id].first; i <= l->root->id; i++) {
        Node *n = l->b->f->nodes.at[i];
        if (!is_member(l, n)) continue;
        vec_push(a, &l->members, n);
        for (int k = 0; k < n->nin; k++) {
            bool known = !in_memory(l, n->in[k]);
            for (size_t j = 0; j < l->leaves.len && !known; j++) known = l->leaves.at[j] == n->in[k];
            if (!known) vec_push(a, &l->leaves, n->in[k]);
        }
    }
}

/* ---- the loops ---- */

static bool goes_along(const Loop *l, const Node *leaf, int axis)
{
    int own = axis - (l->root->type.rank - leaf->type.rank);
    return own >= 0 && !is_one(leaf->type.dims[own]);
}

static bool is_slice(const Loop *l, const Node *leaf)
{
    return l->b->plan->nodes[leaf->id].home == HOME_SLICE;
}

static bool goes_on(const Loop *l, const Node *leaf, int before, int axis)
{
    const int missing = l->root->type.rank - leaf->type.rank;
    if (goes_along(l, leaf, axis) != goes_along(l, leaf, before)) return false;
    return !is_slice(l, leaf) || !goes_along(l, leaf, axis) || slice_merges(leaf, before - missing, axis - missing);
}

/* Neighbouring axes along which the same leaves go are one loop; axes of size 1 are none. */
void loop_find_extents(Loop *l)
{
    DimCtx *dims = l->b->e->program->dims;
    int     before = -1;
    for (int axis = 0; axis < l->root->type.rank; axis++) {
        const Dim *size = l->root->type.dims[axis];
        if (is_one(size)) continue;
        bool merges = before >= 0 && !(reduces_rows(l) && axis == l->root->type.rank - 1);
        for (size_t k = 0; k < l->leaves.len && merges; k++) {
            merges = goes_on(l, l->leaves.at[k], before, axis);
        }
        const Dim *both = merges ? dim_mul(dims, l->extent[l->depth - 1], size) : NULL;
        before = axis;
        if (both) {
            l->extent[l->depth - 1] = both;
            l->axis[l->depth - 1] = axis;
            continue;
        }
        for (size_t k = 0; k < l->leaves.len; k++) l->full[k * LOOP_MAX_RANK + (size_t)l->depth] = goes_along(l, l->leaves.at[k], axis);
        l->axis[l->depth] = axis;
        l->extent[l->depth++] = size;
    }
}

const char *loop_index(Loop *l, const bool *full)
{
    Arena      *a = l->b->e->arena;
    const char *text = NULL;
    bool        sum = false;
    for (int i = 0; i < l->depth; i++) {
        if (full && !full[i]) continue;
        if (!text) {
            text = l->counter[i];
            continue;
        }
        text = arena_printf(a, sum ? "(%s) * %s + %s" : "%s * %s + %s", text, c_dim(&l->b->symbols, l->extent[i], true), l->counter[i]);
        sum = true;
    }
    return text;
}

/* In the whole tensor: `i * 512 + 128 + j`. */
static const char *slice_index(Loop *l, const Node *slice, const bool *full)
{
    Arena     *a = l->b->e->arena;
    DimCtx    *dims = l->b->e->program->dims;
    const int  missing = l->root->type.rank - slice->type.rank;
    const Dim *start = slice_start(dims, slice);
    StrBuf     text = {.arena = a};
    int64_t    number;
    for (int i = 0; i < l->depth; i++) {
        if (!full[i]) continue;
        const Dim *step = slice_step(dims, slice, l->axis[i] - missing);
        sb_printf(&text, "%s%s", text.len > 0 ? " + " : "", l->counter[i]);
        if (!dim_is_int(step, &number) || number != 1) sb_printf(&text, " * %s", c_dim(&l->b->symbols, step, true));
    }
    if (text.len == 0) return c_dim(&l->b->symbols, start, false);
    if (!dim_is_int(start, &number) || number != 0) sb_printf(&text, " + %s", c_dim(&l->b->symbols, start, true));
    return sb_text(&text);
}

static const char *leaf_index(Loop *l, size_t k)
{
    const Node *leaf = l->leaves.at[k];
    const bool *full = &l->full[k * LOOP_MAX_RANK];
    return is_slice(l, leaf) ? slice_index(l, leaf, full) : loop_index(l, full);
}

/* ---- expressions ---- */

static Expression expression_of(Loop *l, Node *n);

static const char *bound(Arena *a, Expression e, Binding at_least)
{
    return e.binding >= at_least ? e.text : arena_printf(a, "(%s)", e.text);
}

static Expression plain(const char *text)
{
    return (Expression){text, BIND_POSTFIX, NULL};
}

static Expression widened(Arena *a, DType t, const char *stored)
{
    const char *to = t == DT_FLOAT16 ? "mdl_f16_to_f" : "mdl_bf16_to_f";
    return (Expression){arena_printf(a, "%s(%s)", to, stored), BIND_POSTFIX, stored};
}

static const char *leaf_element(Loop *l, Node *n, const char *name, const char *index)
{
    if (!name) return value_element(l->b, n, index);
    if (l->b->plan->nodes[plan_base(l->b->plan, n)->id].home == HOME_LOCAL) return name;
    return arena_printf(l->b->e->arena, "%s[%s]", name, index ? index : "0");
}

static Expression read_leaf(Loop *l, Node *n)
{
    Arena *a = l->b->e->arena;
    if (is_product(l, n)) return plain(leaf_element(l, l->root, l->out, loop_index(l, NULL)));
    if (n->kind == NODE_CONST) {
        const char *text = c_literal(a, n->type.dtype, n->as.literal.real, n->as.literal.integer);
        return (Expression){text, text[0] == '-' || text[0] == '(' ? BIND_UNARY : BIND_POSTFIX, NULL};
    }
    if (n->kind == NODE_DIM) return (Expression){c_dim(&l->b->symbols, n->as.dim, true), BIND_PRODUCT, NULL};
    size_t k = 0;
    while (l->leaves.at[k] != n) k++;
    const char *element = leaf_element(l, n, l->names ? l->names[k] : NULL, leaf_index(l, k));
    if (n->type.dtype == DT_FLOAT16 || n->type.dtype == DT_BFLOAT16) return widened(a, n->type.dtype, element);
    return plain(element);
}

/* What the operation computes with: the class of its first operand that isn't a condition. */
static char compute_class(const Node *n)
{
    char cls = c_class(n->in[n->nin == 3 ? 1 : 0]->type.dtype);
    return cls == 'b' ? 'i' : cls;
}

static const char *infix_of(Opcode code, char cls, Binding *binding)
{
    if (cls == 'i') return NULL; /* by functions: integers wrap, and compilers warn of comparisons that a narrow type decides */
    *binding = BIND_COMPARE;
    switch (code) {
    case OPC_equal: return "==";
    case OPC_not_equal: return "!=";
    case OPC_less: return "<";
    case OPC_less_equal: return "<=";
    case OPC_greater: return ">";
    case OPC_greater_equal: return ">=";
    default: break;
    }
    *binding = code == OPC_add || code == OPC_subtract ? BIND_SUM : BIND_PRODUCT;
    switch (code) {
    case OPC_add: return "+";
    case OPC_subtract: return "-";
    case OPC_multiply: return "*";
    case OPC_divide: return "/";
    default: return NULL;
    }
}

static const char *cast_suffix(DType t)
{
    static const char *const suffix[DT_COUNT] = {
        [DT_FLOAT32] = "f", [DT_FLOAT64] = "d",   [DT_FLOAT16] = "f16", [DT_BFLOAT16] = "bf16", [DT_INT8] = "i8",
        [DT_UINT8] = "u8",  [DT_INT16] = "i16",   [DT_INT32] = "i32",   [DT_INT64] = "i64",     [DT_BOOL] = "b",
    };
    return suffix[t];
}

/* The result of arithmetic in the wide type, as the dtype can hold it. */
static Expression narrowed(Arena *a, DType t, Expression e)
{
    switch (t) {
    case DT_FLOAT32:
    case DT_FLOAT64:
    case DT_INT64: return e;
    case DT_FLOAT16:
    case DT_BFLOAT16: return widened(a, t, arena_printf(a, "mdl_f_to_%s(%s)", cast_suffix(t), e.text));
    default: return plain(arena_printf(a, "mdl_i_to_%s(%s)", cast_suffix(t), e.text));
    }
}

static Expression cast_expression(Loop *l, Node *n)
{
    Arena     *a = l->b->e->arena;
    DType      from = n->in[0]->type.dtype, to = n->type.dtype;
    Expression in = expression_of(l, n->in[0]);
    char       cls = c_class(from) == 'b' ? 'i' : c_class(from);
    if (from == to || (cls == 'f' && to == DT_FLOAT32)) return (Expression){in.text, in.binding, from == to ? in.stored : NULL};
    const char *text = arena_printf(a, "mdl_%c_to_%s(%s)", cls, cast_suffix(to), in.text);
    if (to == DT_FLOAT16 || to == DT_BFLOAT16) return widened(a, to, text);
    return plain(text);
}

/* Values pass through these unrounded. */
static bool is_exact(Opcode code)
{
    return code == OPC_copy || code == OPC_where || code == OPC_maximum || code == OPC_minimum || code == OPC_negative || code == OPC_abs;
}

static Expression where_expression(Loop *l, Node *n)
{
    Arena     *a = l->b->e->arena;
    Expression c = expression_of(l, n->in[0]), x = expression_of(l, n->in[1]), y = expression_of(l, n->in[2]);
    if (compute_class(n) == 'i') {
        return narrowed(a, n->type.dtype, plain(arena_printf(a, "mdl_where_i((uint8_t)(%s), %s, %s)", c.text, x.text, y.text)));
    }
    const char *condition = bound(a, c, BIND_COMPARE), *first = bound(a, x, BIND_COMPARE), *second = bound(a, y, BIND_CHOICE);
    return (Expression){arena_printf(a, "%s ? %s : %s", condition, first, second), BIND_CHOICE, NULL};
}

static Expression operation(Loop *l, Node *n)
{
    Arena        *a = l->b->e->arena;
    const OpInfo *op = node_op(n);
    Opcode        code = n->as.op.code;
    if (op->cls == CLASS_CAST) return cast_expression(l, n);
    if (op->cls == CLASS_SELECT) return where_expression(l, n);
    if (code == OPC_copy) return expression_of(l, n->in[0]);
    char       cls = compute_class(n);
    Expression x = expression_of(l, n->in[0]);
    bool       gives_bool = n->type.dtype == DT_BOOL && (op->cls == CLASS_COMPARE || cls != 'i' || code == OPC_logical_not);
    if (n->nin == 2) {
        Expression  y = expression_of(l, n->in[1]);
        Binding     binding = BIND_POSTFIX;
        const char *infix = infix_of(code, cls, &binding);
        bool decided = binding == BIND_COMPARE && (strcmp(x.text, y.text) == 0 || (n->in[0]->kind == NODE_CONST && n->in[1]->kind == NODE_CONST));
        if (infix && !decided) {
            /* `-` and `/` group to the left; so do comparisons, which need parentheses to be read. */
            Binding right = (Binding)(binding + 1), left = binding == BIND_COMPARE ? right : binding;
            Expression e = {arena_printf(a, "%s %s %s", bound(a, x, left), infix, bound(a, y, right)), binding, NULL};
            return gives_bool ? e : narrowed(a, n->type.dtype, e);
        }
        Expression e = plain(arena_printf(a, "mdl_%s_%c(%s, %s)", op->name, cls, x.text, y.text));
        return gives_bool || (is_exact(code) && cls == 'f') ? e : narrowed(a, n->type.dtype, e);
    }
    if (code == OPC_bitwise_not && n->type.dtype == DT_BOOL) return plain(arena_printf(a, "mdl_bitwise_not_b((uint8_t)(%s))", x.text));
    Expression e = plain(arena_printf(a, "mdl_%s_%c(%s)", op->name, cls, x.text));
    if (code == OPC_negative && cls != 'i') e = (Expression){arena_printf(a, "-%s", bound(a, x, BIND_POSTFIX)), BIND_UNARY, NULL};
    return gives_bool || (is_exact(code) && cls == 'f') ? e : narrowed(a, n->type.dtype, e);
}

static Expression expression_of(Loop *l, Node *n)
{
    if (!is_member(l, n)) return read_leaf(l, n);
    if (l->b->locals[n->id]) return plain(l->b->locals[n->id]);
    return operation(l, n);
}

/* ---- statements ---- */

/* The C type in which a value stands in a local variable of the loop. */
static const char *local_type(DType t)
{
    return c_class(t) == 'f' ? "float" : c_type(t);
}

static const char *stored(Loop *l, Node *n, Expression e)
{
    DType t = n->type.dtype;
    if (t != DT_FLOAT16 && t != DT_BFLOAT16) return e.text;
    if (e.stored) return e.stored;
    return arena_printf(l->b->e->arena, "mdl_f_to_%s(%s)", cast_suffix(t), e.text);
}

/* Forgets how often the inputs of a member are read. */
static void clear_uses(Body *b, const Node *n)
{
    for (int k = 0; k < n->nin; k++) b->uses[n->in[k]->id] = 0;
}

/* The members that `n` is computed from and that have no variable yet, by their place; counts how often each is read for it. */
static bool *find_needed(Loop *l, const Node *n)
{
    bool *needed = arena_array(l->b->e->arena, bool, l->members.len + 1);
    for (size_t i = 0; i < l->members.len; i++) clear_uses(l->b, l->members.at[i]);
    for (size_t i = l->members.len; i-- > 0;) {
        const Node *m = l->members.at[i];
        needed[i] = m == n || (l->b->uses[m->id] > 0 && !l->b->locals[m->id]);
        for (int k = 0; k < m->nin && needed[i]; k++) l->b->uses[m->in[k]->id]++;
    }
    return needed;
}

static void write_variable(Loop *l, Names *names, Node *n, Expression e)
{
    const char *name = names_claim(names, n->name ? n->name : "v");
    cw_line(&l->b->w, "const %s %s = %s;", local_type(n->type.dtype), name, e.text);
    l->b->locals[n->id] = name;
}

/* What is read twice, has a name in the source, or would make an expression too long to read gets a variable. */
static void emit_locals(Loop *l, Names *names, const Node *of)
{
    const bool *needed = find_needed(l, of);
    for (size_t i = 0; i < l->members.len; i++) {
        Node *n = l->members.at[i];
        if (!needed[i] || n == of) continue;
        Expression e = operation(l, n);
        if (l->b->uses[n->id] < 2 && !n->name && strlen(e.text) < LONG_EXPRESSION) continue;
        write_variable(l, names, n, e);
    }
}

void loop_name_counters(Loop *l, Names *names)
{
    static const char *const counters[] = {"i", "j", "k", "l", "m", "n"};
    for (int i = 0; i < l->depth; i++) l->counter[i] = names_claim(names, i < 6 ? counters[i] : "i");
}

static void open_loops(Loop *l, Names *names)
{
    loop_name_counters(l, names);
    for (int i = 0; i < l->depth; i++) {
        cw_open(&l->b->w, "for (int64_t %s = 0; %s < %s; %s++)", l->counter[i], l->counter[i],
                c_dim(&l->b->symbols, l->extent[i], false), l->counter[i]);
    }
}

/* ---- narrow rows ---- */

/* Rows shorter than a vector, of values that go along with all elements or only with the columns, such as a bias. */
static bool has_narrow_rows(const Loop *l)
{
    bool columns = false;
    if (l->depth != 2 || !plan_is_narrow(l->root->type) || l->extent[1] != l->root->type.dims[l->root->type.rank - 1]) return false;
    for (size_t k = 0; k < l->leaves.len; k++) {
        const bool  *full = &l->full[k * LOOP_MAX_RANK];
        const DType  t = l->leaves.at[k]->type.dtype;
        if ((full[0] && !full[1]) || is_slice(l, l->leaves.at[k])) return false;
        if (!full[0] && full[1] && t != DT_FLOAT32 && t != DT_FLOAT64) return false;
        columns |= !full[0] && full[1];
    }
    return columns;
}

/* The values of the columns are repeated for a block of rows, whose elements are then one loop, which becomes vectors. The row's
 * counter stands for the element, and the column's for its place in the block. */
static const char *open_blocks(Loop *l, Names *names)
{
    enum { ROWS = 16 };
    Arena  *a = l->b->e->arena;
    CWriter *w = &l->b->w;
    int64_t columns = 0;
    dim_is_int(l->extent[1], &columns);
    l->names = arena_array(a, const char *, l->leaves.len + 1);
    cw_open(w, "%s", "");
    for (size_t k = 0; k < l->leaves.len; k++) {
        Node *leaf = l->leaves.at[k];
        if (l->full[k * LOOP_MAX_RANK] || !l->full[k * LOOP_MAX_RANK + 1]) continue;
        const char *i = names_claim(names, "i");
        l->names[k] = names_claim(names, "repeated");
        cw_line(w, "%s %s[%" PRId64 "];", c_type(leaf->type.dtype), l->names[k], columns * ROWS);
        cw_open(w, "for (int64_t %s = 0; %s < %" PRId64 "; %s++)", i, i, columns * ROWS, i);
        cw_line(w, "%s[%s] = %s;", l->names[k], i, value_element(l->b, leaf, arena_printf(a, "%s %% %" PRId64, i, columns)));
        cw_close(w, "%s", "");
    }
    const char *rows = c_dim(&l->b->symbols, l->extent[0], true), *begin = names_claim(names, "begin"), *end = names_claim(names, "end");
    cw_open(w, "for (int64_t %s = 0; %s < %s * %" PRId64 "; %s += %" PRId64 ")", begin, begin, rows, columns, begin, columns * ROWS);
    cw_line(w, "const int64_t %s = mdl_dim_min(%s + %" PRId64 ", %s * %" PRId64 ");", end, begin, columns * ROWS, rows, columns);
    l->counter[0] = names_claim(names, "i");
    l->counter[1] = arena_printf(a, "%s - %s", l->counter[0], begin);
    cw_open(w, "for (int64_t %s = %s; %s < %s; %s++)", l->counter[0], begin, l->counter[0], end, l->counter[0]);
    for (size_t k = 0; k < l->leaves.len; k++) l->full[k * LOOP_MAX_RANK + 1] = l->full[k * LOOP_MAX_RANK + 1] && !l->full[k * LOOP_MAX_RANK];
    return l->counter[0];
}

Loop loop_create(Body *b, Node *root)
{
    Loop l = {.b = b, .root = root};
    if (node_is_elementwise(root)) gather(&l);
    l.full = arena_array(b->e->arena, bool, (l.leaves.len + 1) * LOOP_MAX_RANK);
    return l;
}

const char *loop_element(Loop *l, Names *names)
{
    emit_locals(l, names, l->root);
    Expression e = node_is_elementwise(l->root) ? operation(l, l->root) : read_leaf(l, l->root);
    return stored(l, l->root, e);
}

const char *loop_value(Loop *l, Names *names, Node *n)
{
    emit_locals(l, names, n);
    return expression_of(l, n).text;
}

void loop_variable(Loop *l, Names *names, Node *n)
{
    emit_locals(l, names, n);
    write_variable(l, names, n, operation(l, n));
}

void loop_forget_elements(Loop *l)
{
    for (size_t i = 0; i < l->members.len; i++) {
        if (type_same_shape(l->members.at[i]->type, l->root->type)) l->b->locals[l->members.at[i]->id] = NULL;
    }
}

void loop_end(Loop *l)
{
    for (size_t i = 0; i < l->members.len; i++) {
        l->b->locals[l->members.at[i]->id] = NULL;
        clear_uses(l->b, l->members.at[i]);
    }
}

void emit_loop(Body *b, Node *root)
{
    Arena *a = b->e->arena;
    bool   local = b->plan->nodes[root->id].home == HOME_LOCAL;
    if (!local && emit_shared_loop(b, root)) return;
    Loop   l = loop_create(b, root);
    loop_find_extents(&l);
    Names *names = names_create(a, b->names, false);
    if (!local) value_declare(b, root);
    const bool  narrow = !local && has_narrow_rows(&l);
    const char *element = narrow ? open_blocks(&l, names) : NULL;
    if (!narrow) open_loops(&l, names);
    if (local || l.depth == 0) names = b->names; /* no loop around it: its variables are the function's */
    const char *text = loop_element(&l, names);
    if (local) {
        const char *name = names_claim(b->names, root->name ? root->name : arena_printf(a, "t%" PRIu32, root->id));
        b->values[root->id] = name;
        cw_line(&b->w, "const %s %s = %s;", c_type(root->type.dtype), name, text);
    } else {
        cw_line(&b->w, "%s = %s;", value_element(b, root, narrow ? element : loop_index(&l, NULL)), text);
    }
    for (int i = 0; i < l.depth + narrow; i++) cw_close(&b->w, "%s", "");
    loop_end(&l);
}
