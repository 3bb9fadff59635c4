/* The structs of weights and states. */
#include <inttypes.h>
#include <string.h>

#include "emitter.h"

static const char *shape_text(Emitter *e, const Variable *v)
{
    StrBuf b = {.arena = e->arena};
    sb_putc(&b, '[');
    for (int i = 0; i < v->rank; i++) sb_printf(&b, "%s%" PRId64, i > 0 ? ", " : "", v->shape[i]);
    sb_putc(&b, ']');
    return sb_text(&b);
}

static int64_t element_count(const Variable *v)
{
    int64_t count = 1;
    for (int i = 0; i < v->rank; i++) {
        if (v->shape[i] != 0 && count > INT64_MAX / v->shape[i]) return INT64_MAX;
        count *= v->shape[i];
    }
    return count;
}

static void name_parts(Emitter *e, Layout *l)
{
    Names *names = names_create(e->arena, NULL, false);
    for (size_t i = 0; i < l->parts.len; i++) {
        Part *p = &l->parts.at[i];
        const char *wish = p->name ? p->name->text : l->parts.len == 1 && p->index == 0 ? "items" : arena_printf(e->arena, "item%" PRId64, p->index);
        if (p->kind == PART_VARIABLE && p->variable->prepared) wish = arena_printf(e->arena, "%.*s", (int)strcspn(wish, "$"), wish);
        p->cname = names_claim(names, wish);
    }
    if (l == e->model && e->program->prepare) e->prepared = names_claim(names, "prepared");
}

/* Shapes stand with the variable where all instances agree, else with the layer: `kernel [8, 32], bias [32]`. */
static const char *shapes_comment(Emitter *e, const Part *p)
{
    bool any = false;
    StrBuf b = {.arena = e->arena};
    for (size_t i = 0; i < p->layout->parts.len; i++) {
        const Part *inner = &p->layout->parts.at[i];
        any |= inner->kind == PART_VARIABLE && inner->varies && !inner->variable->prepared;
    }
    if (!any || p->varies || !p->layer) return "";
    for (size_t i = 0; i < p->layer->variables.len; i++) {
        const Variable *v = p->layer->variables.at[i];
        sb_printf(&b, "%s%s %s", i > 0 ? ", " : " /* ", v->name->text, shape_text(e, v));
    }
    sb_put(&b, " */");
    return sb_text(&b);
}

static void emit_part(Emitter *e, const Part *p)
{
    CWriter *w = &e->header;
    switch (p->kind) {
    case PART_VARIABLE:
        cw_line(w, "const %s *%s; /* %s%s%s */", c_type(p->variable->dtype), p->cname, dtype_name(p->variable->dtype),
                p->varies ? "" : " ", p->varies ? "" : shape_text(e, p->variable));
        return;
    case PART_STRUCT: cw_line(w, "struct %s %s;%s", p->layout->cname, p->cname, shapes_comment(e, p)); return;
    case PART_ARRAY: cw_line(w, "struct %s %s[%" PRId64 "];%s", p->layout->cname, p->cname, p->count, shapes_comment(e, p)); return;
    }
}

static void emit_state_part(Emitter *e, const Part *p)
{
    CWriter *w = &e->header;
    if (p->kind == PART_VARIABLE && p->assigned) {
        int64_t count = element_count(p->variable);
        cw_line(w, "%s_ALIGNED %s %s[%s]; /* %s %s */", e->prefix, c_type(p->variable->dtype), p->cname,
                c_integer(e->arena, count > 0 ? count : 1), dtype_name(p->variable->dtype), shape_text(e, p->variable));
    } else if (p->kind == PART_STRUCT && p->layout->has_states) {
        cw_line(w, "struct %s_states %s;", p->layout->cname, p->cname);
    } else if (p->kind == PART_ARRAY && p->layout->has_states) {
        cw_line(w, "struct %s_states %s[%" PRId64 "];", p->layout->cname, p->cname, p->count);
    }
}

static void emit_struct(Emitter *e, Layout *l)
{
    CWriter *w = &e->header;
    if (l == e->model) {
        cw_blank(w);
        cw_comment(w, "The weights of %s, and the first values of its states: where each variable lies, row-major.", e->program->name);
    } else {
        cw_blank(w);
    }
    cw_open(w, "struct %s", l->cname);
    for (size_t i = 0; i < l->parts.len; i++) emit_part(e, &l->parts.at[i]);
    if (l == e->model && e->prepared) cw_line(w, "uint64_t %s; /* MDL_PREPARED, behind %s_prepare */", e->prepared, e->prefix);
    cw_close(w, ";");
    if (!l->has_states) return;
    cw_blank(w);
    cw_open(w, "struct %s_states", l->cname);
    for (size_t i = 0; i < l->parts.len; i++) emit_state_part(e, &l->parts.at[i]);
    cw_close(w, ";");
}

/* Is the struct part of the weights? One that only a list stands for, and that became an array, isn't. */
static void mark_used(const Layout *l, bool *used)
{
    if (used[l->id]) return;
    used[l->id] = true;
    for (size_t i = 0; i < l->parts.len; i++) {
        if (l->parts.at[i].layout) mark_used(l->parts.at[i].layout, used);
    }
}

void emit_structs(Emitter *e)
{
    if (!e->has_weights) return;
    bool *used = arena_array(e->arena, bool, e->layouts->all.len + 1);
    mark_used(e->model, used);
    if (e->has_states) {
        cw_blank(&e->header);
        cw_directive(&e->header, "#ifdef __cplusplus");
        cw_directive(&e->header, "#define %s_ALIGNED alignas(64)", e->prefix);
        cw_directive(&e->header, "#else");
        cw_directive(&e->header, "#define %s_ALIGNED _Alignas(64)", e->prefix);
        cw_directive(&e->header, "#endif");
    }
    e->model->cname = arena_printf(e->arena, "%s_weights", e->prefix);
    for (size_t i = 0; i < e->layouts->all.len; i++) {
        Layout *l = e->layouts->all.at[i];
        if (!used[l->id]) continue;
        name_parts(e, l);
        if (l != e->model) {
            l->cname = names_claim(e->file, arena_printf(e->arena, "%s_%s", e->prefix, l->name));
            names_reserve(e->file, arena_printf(e->arena, "%s_states", l->cname));
        }
        emit_struct(e, l);
    }
    cw_blank(&e->header);
    cw_line(&e->header, "typedef struct %s_weights %s_weights;", e->prefix, e->prefix);
    if (e->has_states) {
        cw_comment(&e->header, "What a call changes: one for each stream of calls. It has no pointers, so it can be copied and saved.");
        cw_line(&e->header, "typedef struct %s_weights_states %s_states;", e->prefix, e->prefix);
    }
}
