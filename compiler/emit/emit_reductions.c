/* A loop that goes over each row several times (loops.c): in the order of the operations, what is one number for each row, and sums, means
 * and extrema of the whole row, then the elements of the result. */
#include <inttypes.h>

#include "outline.h"

static bool is_extremum(const Node *n)
{
    return n->as.op.code == OPC_max || n->as.op.code == OPC_min;
}

/* "SUM", "MAX_F": how mdl_rows.h calls it. */
static const char *kind_of(Arena *a, const Node *n)
{
    if (!is_extremum(n)) return "SUM";
    return arena_printf(a, "%s_%s", n->as.op.code == OPC_max ? "MAX" : "MIN", n->type.dtype == DT_FLOAT64 ? "D" : "F");
}

static const char *name_of(Outline *o, const Node *n, const char *otherwise)
{
    return names_claim(o->names, n->name ? n->name : otherwise);
}

static void write_reduction(Outline *o, Node *n)
{
    Body       *b = o->b;
    Loop       *l = &o->loop;
    CWriter    *w = &b->w;
    Arena      *a = b->e->arena;
    const int   column = l->depth - 1;
    const char *kind = kind_of(a, n), *type = c_type(n->type.dtype), *size = c_dim(&b->symbols, l->extent[column], true);
    const char *result = is_extremum(n) ? name_of(o, n, n->as.op.code == OPC_max ? "largest" : "smallest") : names_claim(o->names, "sum");
    cw_open(w, "MDL_ROW_%s(%s, %s, %s,", kind, result, l->counter[column], size);
    const char *term = loop_value(l, o->names, n->in[0]);
    cw_line(w, "MDL_TERM_%s(%s);", kind, term);
    cw_close(w, "%s", ")");
    loop_forget_elements(l);
    if (!is_extremum(n)) {
        const char *divided = n->as.op.code == OPC_mean ? arena_printf(a, "(%s / %s)", result, size) : result;
        result = name_of(o, n, n->as.op.code == OPC_mean ? "mean" : "total");
        cw_line(w, "const %s %s = (%s)%s;", type, result, type, divided);
    }
    b->locals[n->id] = result;
}

/* Does something read it for each element? What only another number of the row is made of has its place there. */
static bool is_read_by_elements(const Loop *l, const Node *n)
{
    for (size_t i = 0; i < l->members.len; i++) {
        const Node *m = l->members.at[i];
        for (int k = 0; k < m->nin && type_same_shape(m->type, l->root->type); k++) {
            if (m->in[k] == n) return true;
        }
    }
    return false;
}

/* Of a single row there is one. */
static void set_rows_apart(Outline *o)
{
    Loop *l = &o->loop;
    if (l->depth > 1) return;
    l->extent[1] = l->extent[0];
    l->axis[1] = l->axis[0];
    l->extent[0] = dim_int(o->b->e->program->dims, 1);
    for (size_t k = 0; k < l->leaves.len; k++) {
        bool *full = &l->full[k * LOOP_MAX_RANK];
        full[1] = full[0];
        full[0] = false;
    }
    l->depth = 2;
}

void reductions_begin(Outline *o)
{
    loop_find_extents(&o->loop);
    set_rows_apart(o);
}

void reductions_write(Outline *o)
{
    Loop *l = &o->loop;
    for (size_t i = 0; i < l->members.len; i++) {
        Node *n = l->members.at[i];
        if (!node_is_elementwise(n)) write_reduction(o, n);
        else if (!type_same_shape(n->type, l->root->type) && is_read_by_elements(l, n)) loop_variable(l, o->names, n);
    }
}
