/* Long loops: a function of its own for a range of the rows (or of the elements, where there is but one loop), which threads share. */
#include <inttypes.h>
#include <string.h>

#include "outline.h"

/* What a loop costs, in the multiply-adds of a product, as mdl_share_loop wants it: roughly. A size that comes with the call counts
 * as ASSUMED; what takes less than ENOUGH even then stays where it is, and costs nothing more. */
enum { ASSUMED = 32, ENOUGH = 100000, STREAM = 3, ARITHMETIC = 1, DIVISION = 4, FUNCTION = 20, ELSEWHERE = 32 };

int loop_cost(const Node *n)
{
    const OpInfo *op = node_op(n);
    if (op->cls != CLASS_UNARY && op->cls != CLASS_BINARY) return ARITHMETIC;
    switch (n->as.op.code) {
    case OPC_negative: case OPC_abs: case OPC_sign: case OPC_square: case OPC_floor: case OPC_ceil: case OPC_trunc: case OPC_rint:
    case OPC_isnan: case OPC_isinf: case OPC_isfinite: case OPC_signbit: case OPC_logical_not: case OPC_bitwise_not: case OPC_copy:
    case OPC_add: case OPC_subtract: case OPC_multiply: case OPC_maximum: case OPC_minimum: case OPC_bitwise_and: case OPC_bitwise_or:
    case OPC_bitwise_xor: case OPC_left_shift: case OPC_right_shift: return ARITHMETIC;
    case OPC_divide: case OPC_reciprocal: case OPC_sqrt: case OPC_rsqrt: return DIVISION;
    default: return FUNCTION;
    }
}

/* Of an element. */
static int cost_of_loop(const Loop *l)
{
    int cost = STREAM;
    for (size_t i = 0; i < l->members.len; i++) cost += loop_cost(l->members.at[i]);
    for (size_t k = 0; k < l->leaves.len; k++) cost += l->full[k * LOOP_MAX_RANK + (size_t)l->depth - 1] ? STREAM : 0;
    return cost;
}

static int64_t assumed(Body *b, const Dim *d)
{
    DimCtx   *dims = b->e->program->dims;
    const int count = dim_symbol_count(dims);
    int64_t  *sizes = arena_array(b->e->arena, int64_t, (size_t)count + 1), value = 0;
    for (int i = 0; i < count; i++) {
        int64_t least, most;
        dim_bounds(dims, i, &least, &most);
        sizes[i] = ASSUMED < least ? least : ASSUMED > most ? most : ASSUMED;
    }
    return dim_eval(d, sizes, count, &value) ? value : 0;
}

/* The rows: all loops but the innermost, if there are others. NULL: too many for an integer. */
static const Dim *rows_of(Body *b, const Loop *l)
{
    const Dim *rows = l->extent[0];
    for (int i = 1; i < l->depth - 1 && rows; i++) rows = dim_mul(b->e->program->dims, rows, l->extent[i]);
    return rows;
}

static bool is_long(Body *b, const Loop *l)
{
    const Dim *all = type_elements(b->e->program->dims, l->root->type);
    return l->depth > 0 && all && rows_of(b, l) && assumed(b, all) >= ENOUGH / (cost_of_loop(l) + ELSEWHERE);
}

/* Do the parentheses at its ends belong together? */
static bool is_enclosed(const char *text)
{
    int open = 0;
    for (; *text; text++) {
        open += (*text == '(') - (*text == ')');
        if (open == 0) return text[1] == '\0';
    }
    return false;
}

/* As an operand of any operator. */
static const char *extent(Body *b, const Loop *l, int i)
{
    const char *text = c_dim(&b->symbols, l->extent[i], true);
    return strchr(text, ' ') && !is_enclosed(text) ? arena_printf(b->e->arena, "(%s)", text) : text;
}

/* `i`, or where rows are those of several loops, the place of each in the row at which the range begins. */
static void open_rows(Outline *o)
{
    Body      *b = o->b;
    CWriter   *w = &b->w;
    Loop      *l = &o->loop;
    const int  outer = l->depth > 1 ? l->depth - 1 : 1;
    const char *row = outer > 1 ? names_claim(o->names, "row") : l->counter[0], *rest = "begin";
    for (int i = outer - 1; outer > 1 && i > 0; i--) {
        cw_line(w, "int64_t %s = %s %% %s;", l->counter[i], rest, extent(b, l, i));
        rest = arena_printf(b->e->arena, "%s / %s", rest, extent(b, l, i));
    }
    if (outer > 1) cw_line(w, "int64_t %s = %s;", l->counter[0], rest);
    if (l->depth == 1) cw_line(w, "MDL_APART");
    cw_open(w, "for (int64_t %s = begin; %s < end; %s++)", row, row, row);
}

/* The innermost loop, if there are others. */
static void open_elements(Outline *o)
{
    Body    *b = o->b;
    CWriter *w = &b->w;
    Loop    *l = &o->loop;
    if (l->depth == 1) return;
    cw_line(w, "MDL_APART");
    const char *last = l->counter[l->depth - 1];
    cw_open(w, "for (int64_t %s = 0; %s < %s; %s++)", last, last, c_dim(&b->symbols, l->extent[l->depth - 1], false), last);
}

/* To the next row of several loops. */
static void close_rows(Outline *o)
{
    Body     *b = o->b;
    CWriter  *w = &b->w;
    Loop     *l = &o->loop;
    const int outer = l->depth - 1;
    if (l->depth > 1) cw_close(w, "%s", "");
    for (int i = outer - 1; i > 0; i--) {
        cw_open(w, "if (++%s == %s)", l->counter[i], extent(b, l, i));
        cw_line(w, "%s = 0;", l->counter[i]);
    }
    if (outer > 1) cw_line(w, "%s++;", l->counter[0]);
    for (int i = outer - 1; i > 0; i--) cw_close(w, "%s", "");
    cw_close(w, "%s", "");
}

static void write_range(Outline *o)
{
    Loop *l = &o->loop;
    outline_open(o);
    open_rows(o);
    if (o->b->plan->nodes[l->root->id].reduces) reductions_write(o);
    open_elements(o);
    const char *text = loop_element(l, o->names);
    cw_line(&o->b->w, "%s[%s] = %s;", l->out, loop_index(l, NULL), text);
    close_rows(o);
    outline_close(o);
}

static void write_function(Outline *o, CWriter *w)
{
    cw_line(w, "static void %s(const void *context, int64_t begin, int64_t end)", o->cname);
    cw_open(w, "%s", "");
    cw_line(w, "const struct %s *const %s = context;", o->cname, o->arguments);
    outline_body(o, w);
    cw_close(w, "%s", "");
}

bool emit_shared_loop(Body *b, Node *root)
{
    static const char *const own[] = {"context", "begin", "end"};
    Outline o = {.kind = "range", .said = "A range of a loop that threads share", .write = write_function};
    outline_begin(&o, b, root, own, countof(own));
    Loop *l = &o.loop;
    const bool rows = b->plan->nodes[root->id].reduces;
    if (rows) reductions_begin(&o);
    else loop_find_extents(l);
    const bool shared = rows || (node_is_elementwise(root) && is_long(b, l) && !(l->depth == 2 && plan_is_narrow(root->type)));
    if (shared) {
        loop_name_counters(l, o.names);
        const int   cost = cost_of_loop(l);
        const char *width = l->depth > 1 ? c_dim(&b->symbols, l->extent[l->depth - 1], false) : "1";
        write_range(&o);
        outline_write(&o);
        value_declare(b, root);
        cw_line(&b->w, "mdl_share_loop(%s, %s, %d, %s, %s);", c_dim(&b->symbols, rows_of(b, l), false), width, cost, o.cname,
                outline_arguments(&o));
    }
    loop_end(l);
    return shared;
}
