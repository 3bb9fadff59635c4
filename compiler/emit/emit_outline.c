/* What epilogues and ranges share: a loop as a function of its own. */
#include <string.h>

#include "outline.h"

static const char *leaf_name(const Body *b, Node *leaf)
{
    Node *base = plan_base(b->plan, leaf);
    if (leaf->name || base->name) return leaf->name ? leaf->name : base->name;
    if (base->kind != NODE_VARIABLE || base->as.variable.path.len == 0) return "x";
    const Step *last = &base->as.variable.path.steps[base->as.variable.path.len - 1];
    return last->name ? last->name->text : "x";
}

static bool is_local(const Body *b, Node *n)
{
    return b->plan->nodes[plan_base(b->plan, n)->id].home == HOME_LOCAL;
}

void outline_begin(Outline *o, Body *b, Node *root, const char *const *own, size_t count)
{
    Emitter *e = b->e;
    Loop    *l = &o->loop;
    o->b = b;
    o->loop = loop_create(b, root);
    o->names = names_create(e->arena, e->file, false);
    o->used = arena_array(e->arena, bool, (size_t)dim_symbol_count(e->program->dims) + 1);
    for (size_t i = 0; i < count; i++) names_reserve(o->names, own[i]);
    for (int i = 0; i < b->f->nsymbols; i++) names_reserve(o->names, b->symbols.names[dim_symbol_id(b->f->symbols[i])]);
    l->out = names_claim(o->names, root->name ? root->name : "y");
    l->names = arena_array(e->arena, const char *, l->leaves.len + 1);
    for (size_t k = 0; k < l->leaves.len; k++) l->names[k] = names_claim(o->names, leaf_name(b, l->leaves.at[k]));
    o->arguments = names_claim(o->names, "a");
}

/* The body's writer and the record of what it mentions are the function's for that time; o->w and o->used hold the body's. */
static void exchange(Outline *o)
{
    Body   *b = o->b;
    CWriter w = b->w;
    bool   *used = b->symbols.used;
    b->w = o->w;
    b->symbols.used = o->used;
    o->w = w;
    o->used = used;
}

void outline_open(Outline *o)
{
    o->w = cw_create(o->b->e->arena);
    exchange(o);
}

void outline_close(Outline *o)
{
    exchange(o);
}

static const char *field(Outline *o, Node *n, const char *name, const char *qualified)
{
    Arena *a = o->b->e->arena;
    if (is_local(o->b, n)) return arena_printf(a, "%s %s", c_type(n->type.dtype), name);
    return arena_printf(a, "%s%s *%s%s", n == o->loop.root ? "" : "const ", c_type(n->type.dtype), qualified, name);
}

static void write_struct(Outline *o, CWriter *w)
{
    Body *b = o->b;
    Loop *l = &o->loop;
    cw_open(w, "struct %s", o->cname);
    cw_line(w, "%s;", field(o, l->root, l->out, ""));
    for (size_t k = 0; k < l->leaves.len; k++) cw_line(w, "%s;", field(o, l->leaves.at[k], l->names[k], ""));
    for (int i = 0; i < b->f->nsymbols; i++) {
        const int id = dim_symbol_id(b->f->symbols[i]);
        if (o->used[id]) cw_line(w, "int64_t %s;", b->symbols.names[id]);
    }
    cw_close(w, "%s", ";");
}

void outline_body(Outline *o, CWriter *w)
{
    Body *b = o->b;
    Loop *l = &o->loop;
    cw_line(w, "%s = %s->%s;", field(o, l->root, l->out, o->restricts ? "restrict const " : "const "), o->arguments, l->out);
    for (size_t k = 0; k < l->leaves.len; k++) {
        Node       *leaf = l->leaves.at[k];
        const char *constant = is_local(b, leaf) ? "const " : "";
        cw_line(w, "%s%s = %s->%s;", constant, field(o, leaf, l->names[k], "const "), o->arguments, l->names[k]);
    }
    for (int i = 0; i < b->f->nsymbols; i++) {
        const int id = dim_symbol_id(b->f->symbols[i]);
        if (o->used[id]) cw_line(w, "const int64_t %s = %s->%s;", b->symbols.names[id], o->arguments, b->symbols.names[id]);
    }
    cw_lines(w, sb_text(&o->w.out));
}

static const char *struct_and_functions(Outline *o, const char *cname, const char *inner)
{
    CWriter w = cw_create(o->b->e->arena);
    o->cname = cname;
    o->inner = inner;
    write_struct(o, &w);
    o->write(o, &w);
    return sb_text(&w.out);
}

/* Equal ones are compared under one name. */
void outline_write(Outline *o)
{
    Emitter    *e = o->b->e;
    const char *text = struct_and_functions(o, o->kind, "inner");
    if (o->b->fn->memory) prepared_depends(e, text);
    for (size_t i = 0; i < e->outlines.len; i++) {
        if (strcmp(e->outlines.at[i].text, text) != 0 || names_hide(o->b->names, e->outlines.at[i].cname)) continue;
        o->cname = e->outlines.at[i].cname;
        return;
    }
    EmittedOutline made = {.cname = names_claim_visible(e->file, o->b->names, o->kind), .text = text};
    if (o->inner_kind) made.inner = names_claim(e->file, arena_printf(e->arena, "%s_%s", made.cname, o->inner_kind));
    vec_push(e->arena, &e->outlines, made);
    cw_blank(&e->bodies);
    cw_comment(&e->bodies, "%s, first in %s.", o->said, o->b->fn->cname);
    cw_lines(&e->bodies, struct_and_functions(o, made.cname, made.inner));
}

const char *outline_arguments(Outline *o)
{
    Body  *b = o->b;
    Loop  *l = &o->loop;
    StrBuf text = {.arena = b->e->arena};
    sb_printf(&text, "&(const struct %s){%s", o->cname, value_pointer(b, l->root));
    for (size_t k = 0; k < l->leaves.len; k++) {
        Node *leaf = l->leaves.at[k];
        sb_printf(&text, ", %s", is_local(b, leaf) ? value_element(b, leaf, NULL) : value_pointer(b, leaf));
    }
    for (int i = 0; i < b->f->nsymbols; i++) {
        const int id = dim_symbol_id(b->f->symbols[i]);
        if (!o->used[id]) continue;
        sb_printf(&text, ", %s", b->symbols.names[id]);
        b->symbols.used[id] = true;
    }
    sb_putc(&text, '}');
    return sb_text(&text);
}
