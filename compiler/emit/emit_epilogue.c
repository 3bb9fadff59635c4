/* A product and its epilogue: a function of its own that the kernel calls for each block of the result, with a struct of what the
 * function reads. Its loops stand in a function that is inlined into it: MDL_IN_COLUMNS in mdl_code.h. */
#include <string.h>

#include "loop.h"

typedef struct Epilogue {
    Body       *b;
    Loop        loop;
    const char *cname; /* of the function and of the struct */
    const char *block; /* of the function with the loops */
    const char *arguments; /* in the function: a pointer to the struct */
    Names      *names;
    CWriter     w;     /* the function's loops */
    bool       *used;  /* symbols that they mention */
} Epilogue;

static const char *leaf_name(Epilogue *p, Node *leaf)
{
    Node *base = plan_base(p->b->plan, leaf);
    if (leaf->name || base->name) return leaf->name ? leaf->name : base->name;
    if (base->kind != NODE_VARIABLE || base->as.variable.path.len == 0) return "x";
    const Step *last = &base->as.variable.path.steps[base->as.variable.path.len - 1];
    return last->name ? last->name->text : "x";
}

static bool is_local(const Body *b, Node *n)
{
    return b->plan->nodes[plan_base(b->plan, n)->id].home == HOME_LOCAL;
}

static void name_things(Epilogue *p)
{
    static const char *const own[] = {"context", "row", "rows", "column", "columns"};
    Body *b = p->b;
    Loop *l = &p->loop;
    for (size_t i = 0; i < countof(own); i++) names_reserve(p->names, own[i]);
    for (int i = 0; i < b->f->nsymbols; i++) names_reserve(p->names, b->symbols.names[dim_symbol_id(b->f->symbols[i])]);
    l->out = names_claim(p->names, l->root->name ? l->root->name : "y");
    l->names = arena_array(b->e->arena, const char *, l->leaves.len + 1);
    for (size_t k = 0; k < l->leaves.len; k++) l->names[k] = names_claim(p->names, leaf_name(p, l->leaves.at[k]));
    p->arguments = names_claim(p->names, "a");
}

/* The last with more than one element. */
static int last_axis(const Node *root, int from, int to)
{
    int axis = to - 1;
    while (axis > from && !epilogue_goes_along(root, root, axis, axis + 1)) axis--;
    return axis;
}

/* Rows and columns of the product. */
static void find_rows(Epilogue *p)
{
    Loop      *l = &p->loop;
    const int  split = p->b->plan->nodes[l->root->id].split, rank = l->root->type.rank;
    const Node *product = p->b->plan->nodes[l->root->id].product;
    l->depth = 2;
    l->extent[1] = product->type.dims[product->type.rank - 1];
    l->axis[0] = last_axis(l->root, 0, split);
    l->axis[1] = last_axis(l->root, split, rank);
    for (size_t k = 0; k < l->leaves.len; k++) {
        l->full[k * LOOP_MAX_RANK] = epilogue_goes_along(l->root, l->leaves.at[k], 0, split);
        l->full[k * LOOP_MAX_RANK + 1] = epilogue_goes_along(l->root, l->leaves.at[k], split, rank);
    }
    l->counter[0] = names_claim(p->names, "i");
    l->counter[1] = names_claim(p->names, "j");
}

/* Writes through the body's writer, which is the function's for that time. */
static void write_loops(Epilogue *p)
{
    Body   *b = p->b;
    Loop   *l = &p->loop;
    CWriter body = b->w;
    bool   *used = b->symbols.used;
    b->w = cw_create(b->e->arena);
    b->symbols.used = p->used;
    cw_open(&b->w, "for (int64_t %s = row; %s < row + rows; %s++)", l->counter[0], l->counter[0], l->counter[0]);
    cw_line(&b->w, "MDL_APART");
    cw_open(&b->w, "for (int64_t %s = column; %s < column + columns; %s++)", l->counter[1], l->counter[1], l->counter[1]);
    const char *text = loop_element(l, p->names);
    cw_line(&b->w, "%s[%s] = %s;", l->out, loop_index(l, NULL), text);
    cw_close(&b->w, "%s", "");
    cw_close(&b->w, "%s", "");
    p->w = b->w;
    b->w = body;
    b->symbols.used = used;
}

static const char *field(Epilogue *p, Node *n, const char *name, const char *qualified)
{
    return is_local(p->b, n) ? arena_printf(p->b->e->arena, "%s %s", c_type(n->type.dtype), name)
                             : arena_printf(p->b->e->arena, "%s%s *%s%s", n == p->loop.root ? "" : "const ", c_type(n->type.dtype), qualified, name);
}

static void write_struct(Epilogue *p, CWriter *w)
{
    Body *b = p->b;
    Loop *l = &p->loop;
    cw_open(w, "struct %s", p->cname);
    cw_line(w, "%s;", field(p, l->root, l->out, ""));
    for (size_t k = 0; k < l->leaves.len; k++) cw_line(w, "%s;", field(p, l->leaves.at[k], l->names[k], ""));
    for (int i = 0; i < b->f->nsymbols; i++) {
        const int id = dim_symbol_id(b->f->symbols[i]);
        if (p->used[id]) cw_line(w, "int64_t %s;", b->symbols.names[id]);
    }
    cw_close(w, "%s", ";");
}

static void write_functions(Epilogue *p, CWriter *w)
{
    Body *b = p->b;
    Loop *l = &p->loop;
    cw_line(w, "MDL_INLINE_ALWAYS void %s(const struct %s *%s, int64_t row, int64_t rows, int64_t column, int64_t columns)", p->block,
            p->cname, p->arguments);
    cw_open(w, "%s", "");
    cw_line(w, "%s = %s->%s;", field(p, l->root, l->out, "restrict const "), p->arguments, l->out);
    for (size_t k = 0; k < l->leaves.len; k++) {
        Node       *leaf = l->leaves.at[k];
        const char *constant = is_local(b, leaf) ? "const " : "";
        cw_line(w, "%s%s = %s->%s;", constant, field(p, leaf, l->names[k], "const "), p->arguments, l->names[k]);
    }
    for (int i = 0; i < b->f->nsymbols; i++) {
        const int id = dim_symbol_id(b->f->symbols[i]);
        if (p->used[id]) cw_line(w, "const int64_t %s = %s->%s;", b->symbols.names[id], p->arguments, b->symbols.names[id]);
    }
    cw_lines(w, sb_text(&p->w.out));
    cw_close(w, "%s", "");
    cw_blank(w);
    cw_line(w, "static void %s(const void *context, int64_t row, int64_t rows, int64_t column, int64_t columns)", p->cname);
    cw_open(w, "%s", "");
    cw_line(w, "MDL_IN_COLUMNS(%s, context, row, rows, column, columns);", p->block);
    cw_close(w, "%s", "");
}

static const char *struct_and_functions(Epilogue *p, const char *cname, const char *block)
{
    CWriter w = cw_create(p->b->e->arena);
    p->cname = cname;
    p->block = block;
    write_struct(p, &w);
    write_functions(p, &w);
    return sb_text(&w.out);
}

/* Equal ones are one; they are compared under one name. */
static void write_once(Epilogue *p)
{
    Emitter    *e = p->b->e;
    const char *text = struct_and_functions(p, "epilogue", "block");
    if (p->b->fn->memory) prepared_depends(e, text);
    for (size_t i = 0; i < e->epilogues.len; i++) {
        if (strcmp(e->epilogues.at[i].text, text) != 0) continue;
        p->cname = e->epilogues.at[i].cname;
        return;
    }
    EmittedEpilogue made = {.cname = names_claim(e->file, "epilogue"), .text = text};
    made.block = names_claim(e->file, arena_printf(e->arena, "%s_block", made.cname));
    vec_push(e->arena, &e->epilogues, made);
    cw_blank(&e->bodies);
    cw_comment(&e->bodies, "What becomes of a product's elements, first in %s.", p->b->fn->cname);
    cw_lines(&e->bodies, struct_and_functions(p, made.cname, made.block));
}

/* What the struct is filled with, where the product is called. */
static const char *arguments_text(Epilogue *p)
{
    Body  *b = p->b;
    Loop  *l = &p->loop;
    StrBuf text = {.arena = b->e->arena};
    sb_printf(&text, "&(const struct %s){%s", p->cname, value_pointer(b, l->root));
    for (size_t k = 0; k < l->leaves.len; k++) {
        Node *leaf = l->leaves.at[k];
        sb_printf(&text, ", %s", is_local(b, leaf) ? value_element(b, leaf, NULL) : value_pointer(b, leaf));
    }
    for (int i = 0; i < b->f->nsymbols; i++) {
        const int id = dim_symbol_id(b->f->symbols[i]);
        if (!p->used[id]) continue;
        sb_printf(&text, ", %s", b->symbols.names[id]);
        b->symbols.used[id] = true;
    }
    sb_putc(&text, '}');
    return sb_text(&text);
}

/* What the kernel fetches while it computes: the first leaf that has an element for each of the result's. */
static const char *beside_text(Epilogue *p)
{
    const Loop *l = &p->loop;
    for (size_t k = 0; k < l->leaves.len; k++) {
        const bool *full = &l->full[k * LOOP_MAX_RANK];
        const Node *leaf = l->leaves.at[k];
        if (p->b->plan->nodes[leaf->id].home == HOME_SLICE || leaf->type.dtype != l->root->type.dtype) continue;
        if (full[0] && full[1]) return value_pointer(p->b, l->leaves.at[k]);
    }
    return "NULL";
}

void emit_product(Body *b, Node *root)
{
    Emitter *e = b->e;
    Node    *product = b->plan->nodes[root->id].product;
    Epilogue p = {.b = b, .loop = loop_create(b, root), .names = names_create(e->arena, e->file, false)};
    p.used = arena_array(e->arena, bool, (size_t)dim_symbol_count(e->program->dims) + 1);
    name_things(&p);
    find_rows(&p);
    write_loops(&p);
    write_once(&p);
    value_declare(b, root);
    const char *out = tensor_text(b, product->type, value_pointer(b, root));
    emit_kernel_call(b, product, out, arena_printf(e->arena, "&(const mdl_epilogue){%s, %s, %s}", p.cname, arguments_text(&p), beside_text(&p)));
    loop_end(&p.loop);
}
