/* A product and its epilogue: what the kernel does itself; or a function of its own that the kernel calls for each block of the result,
 * with a struct of what the function reads. Its loops stand in a function that is inlined into it: MDL_IN_COLUMNS in mdl_code.h. */
#include "../ir/epilogue_plain.h"
#include "outline.h"

/* The last with more than one element. */
static int last_axis(const Node *root, int from, int to)
{
    int axis = to - 1;
    while (axis > from && !epilogue_goes_along(root, root, axis, axis + 1)) axis--;
    return axis;
}

/* Rows and columns of the product. */
static void find_rows(Outline *o)
{
    Loop       *l = &o->loop;
    const int   split = o->b->plan->nodes[l->root->id].split, rank = l->root->type.rank;
    const Node *product = o->b->plan->nodes[l->root->id].product;
    l->depth = 2;
    l->extent[1] = product->type.dims[product->type.rank - 1];
    l->axis[0] = last_axis(l->root, 0, split);
    l->axis[1] = last_axis(l->root, split, rank);
    for (size_t k = 0; k < l->leaves.len; k++) {
        l->full[k * LOOP_MAX_RANK] = epilogue_goes_along(l->root, l->leaves.at[k], 0, split);
        l->full[k * LOOP_MAX_RANK + 1] = epilogue_goes_along(l->root, l->leaves.at[k], split, rank);
    }
    l->counter[0] = names_claim(o->names, "i");
    l->counter[1] = names_claim(o->names, "j");
}

/* So few that vectors go along the rows. */
static bool has_few_columns(const Loop *l)
{
    enum { FEW = 4 };
    int64_t columns;
    return dim_is_int(l->extent[1], &columns) && columns <= FEW;
}

static void write_loop(CWriter *w, const Loop *l, bool along_columns)
{
    const char *counter = l->counter[along_columns], *of = along_columns ? "column" : "row";
    cw_open(w, "for (int64_t %s = %s; %s < %s + %ss; %s++)", counter, of, counter, of, of, counter);
}

static void write_loops(Outline *o)
{
    CWriter *w = &o->b->w;
    Loop    *l = &o->loop;
    outline_open(o);
    write_loop(w, l, has_few_columns(l));
    cw_line(w, "MDL_APART");
    write_loop(w, l, !has_few_columns(l));
    const char *text = loop_element(l, o->names);
    cw_line(w, "%s[%s] = %s;", l->out, loop_index(l, NULL), text);
    cw_close(w, "%s", "");
    cw_close(w, "%s", "");
    outline_close(o);
}

static void write_functions(Outline *o, CWriter *w)
{
    cw_line(w, "MDL_INLINE_ALWAYS void %s(const struct %s *%s, int64_t row, int64_t rows, int64_t column, int64_t columns)", o->inner,
            o->cname, o->arguments);
    cw_open(w, "%s", "");
    outline_body(o, w);
    cw_close(w, "%s", "");
    cw_blank(w);
    cw_line(w, "static void %s(const void *context, int64_t row, int64_t rows, int64_t column, int64_t columns)", o->cname);
    cw_open(w, "%s", "");
    cw_line(w, "MDL_IN_COLUMNS(%s, context, row, rows, column, columns);", o->inner);
    cw_close(w, "%s", "");
}

/* What the kernel fetches while it computes: the first leaf that has an element for each of the result's; NULL: there is none. */
static const char *beside_text(Outline *o)
{
    const Loop *l = &o->loop;
    for (size_t k = 0; k < l->leaves.len; k++) {
        const bool *full = &l->full[k * LOOP_MAX_RANK];
        const Node *leaf = l->leaves.at[k];
        if (o->b->plan->nodes[leaf->id].home == HOME_SLICE || leaf->type.dtype != l->root->type.dtype) continue;
        if (full[0] && full[1]) return value_pointer(o->b, l->leaves.at[k]);
    }
    return NULL;
}

/* `&(const mdl_epilogue){.bias = shift, .low = 0.0, .high = INFINITY}` */
static const char *plain_text(Body *b, const Plain *plain)
{
    StrBuf text = {.arena = b->e->arena};
    sb_put(&text, "&(const mdl_epilogue){");
    if (plain->bias) sb_printf(&text, ".bias = %s, ", value_pointer(b, plain->bias));
    if (plain->beside) sb_printf(&text, ".beside = %s, ", value_pointer(b, plain->beside));
    sb_printf(&text, ".low = %s, ", c_literal(b->e->arena, DT_FLOAT64, plain->low, 0));
    sb_printf(&text, ".high = %s}", c_literal(b->e->arena, DT_FLOAT64, plain->high, 0));
    return sb_text(&text);
}

static void emit_plain(Body *b, Node *root, const Plain *plain)
{
    const Node *product = b->plan->nodes[root->id].product;
    value_declare(b, root);
    const char *out = tensor_text(b, product->type, value_pointer(b, root));
    emit_kernel_call(b, product, out, plain_text(b, plain));
}

static void emit_outlined(Body *b, Node *root)
{
    static const char *const own[] = {"context", "row", "rows", "column", "columns"};
    Outline     o = {.kind = "epilogue", .inner_kind = "block", .said = "What becomes of a product's elements", .restricts = true,
                     .write = write_functions};
    const Node *product = b->plan->nodes[root->id].product;
    outline_begin(&o, b, root, own, countof(own));
    find_rows(&o);
    write_loops(&o);
    outline_write(&o);
    value_declare(b, root);
    const char *out = tensor_text(b, product->type, value_pointer(b, root));
    const char *beside = beside_text(&o);
    StrBuf      then = {.arena = b->e->arena};
    sb_printf(&then, "&(const mdl_epilogue){.run = %s, .context = %s", o.cname, outline_arguments(&o));
    if (beside) sb_printf(&then, ", .beside = %s", beside);
    sb_putc(&then, '}');
    emit_kernel_call(b, product, out, sb_text(&then));
    loop_end(&o.loop);
}

void emit_product(Body *b, Node *root)
{
    Plain plain;
    if (epilogue_is_plain(b->plan->nodes, root, &plain)) emit_plain(b, root, &plain);
    else emit_outlined(b, root);
}
