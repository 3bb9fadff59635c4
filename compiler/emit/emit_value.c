/* How a function's body names and reads values. */
#include <inttypes.h>
#include <string.h>

#include "emitter.h"

static NodePlan *plan_of(const Body *b, const Node *n)
{
    return &b->plan->nodes[n->id];
}

/* ---- weights and states ---- */

/* "blocks[3].attn": below a struct that is reached by `w->` or `s->`. */
static void put_steps(Body *b, StrBuf *text, const LayoutPath *path)
{
    for (size_t i = 0; i < path->len; i++) {
        const LayoutStep *s = &path->at[i];
        sb_printf(text, "%s%s", i > 0 ? "." : "", s->part->cname);
        if (s->part->kind != PART_ARRAY) continue;
        if (!s->loop) sb_printf(text, "[%" PRId64 "]", s->index);
        else if (s->index == 0) sb_printf(text, "[%s]", b->counter);
        else sb_printf(text, "[%s + %" PRId64 "]", b->counter, s->index);
        b->used_counter |= s->loop;
    }
}

const char *path_access(Body *b, Path path, bool state, Layout **to)
{
    LayoutPath found = {0};
    Layout    *layout;
    if (!b->fn->layout || !layout_find(b->e->arena, b->fn->layout, path, &found, &layout)) {
        BUG("%s: nothing at %s", b->f->name, path_text(b->e->arena, path));
    }
    if (to) *to = layout;
    if (state) b->used_states = true;
    else b->used_weights = true;
    StrBuf text = {.arena = b->e->arena};
    sb_put(&text, state ? "s" : "w");
    if (found.len > 0) sb_put(&text, "->");
    put_steps(b, &text, &found);
    return sb_text(&text);
}

/* ---- values ---- */

static const char *base_name(Body *b, Node *n)
{
    Node     *base = plan_base(b->plan, n);
    NodePlan *np = plan_of(b, base);
    switch (np->home) {
    case HOME_PARAM: b->used_params[base->index] = true; return b->values[base->id];
    case HOME_WEIGHT: return path_access(b, base->as.variable.path, false, NULL);
    case HOME_STATE: return path_access(b, base->as.variable.path, true, NULL);
    case HOME_RESULT: return b->results[np->number];
    case HOME_PREPARED:
    case HOME_LOCAL:
    case HOME_SLOT: return b->values[base->id];
    case HOME_NONE:
    case HOME_INLINE:
    case HOME_SAME:
    case HOME_SLICE: break;
    }
    BUG("%s: %%%" PRIu32 " has no memory", b->f->name, n->id);
}

const char *value_pointer(Body *b, Node *n)
{
    const char *name = base_name(b, n);
    bool        local = plan_of(b, plan_base(b->plan, n))->home == HOME_LOCAL;
    return local ? arena_printf(b->e->arena, "&%s", name) : name;
}

const char *value_element(Body *b, Node *n, const char *index)
{
    const char *name = base_name(b, n);
    if (plan_of(b, plan_base(b->plan, n))->home == HOME_LOCAL) return name;
    return arena_printf(b->e->arena, "%s[%s]", name, index ? index : "0");
}

const char *tensor_text(Body *b, Type t, const char *pointer)
{
    StrBuf text = {.arena = b->e->arena};
    sb_printf(&text, "%s(%s, %s", t.rank == 0 ? "MDL_SCALAR" : "MDL_TENSOR", c_dtype(t.dtype), pointer);
    for (int i = 0; i < t.rank; i++) sb_printf(&text, ", %s", c_dim(&b->symbols, t.dims[i], false));
    sb_putc(&text, ')');
    return sb_text(&text);
}

const char *value_tensor(Body *b, Node *n)
{
    return tensor_text(b, n->type, value_pointer(b, n));
}

/* A name after the source's variable, else a number. */
static const char *claim_value(Body *b, const Node *n)
{
    if (n->name) return names_claim(b->names, n->name);
    return names_claim(b->names, arena_printf(b->e->arena, "t%" PRIu32, n->id));
}

void value_declare(Body *b, Node *n)
{
    NodePlan *np = plan_of(b, n);
    if (np->home == HOME_PREPARED && b->values[n->id]) return;
    if (np->home == HOME_LOCAL) {
        b->values[n->id] = claim_value(b, n);
        /* That the steps of a scan always fill it in, compilers don't see. */
        const bool stepped = n->kind == NODE_RESULT && n->in[0]->kind != NODE_CALL;
        cw_line(&b->w, "%s %s%s;", c_type(n->type.dtype), b->values[n->id], stepped ? " = 0" : "");
    } else if (np->home == HOME_SLOT) {
        b->values[n->id] = claim_value(b, n);
        b->used_work = true;
        const char *type = c_type(n->type.dtype);
        cw_line(&b->w, "%s *const %s = (%s *)(void *)(work + at[%d]);", type, b->values[n->id], type, np->number);
    } else if (np->home == HOME_PREPARED) {
        const char *type = c_type(n->type.dtype), *count = c_dim(&b->symbols, type_elements(b->e->program->dims, n->type), false);
        b->values[n->id] = claim_value(b, n);
        cw_line(&b->w, "%s *const %s = mdl_prepared(memory, %s, sizeof(%s));", type, b->values[n->id], count, type);
        cw_line(&b->w, "%s = %s;", path_access(b, np->assign->as.variable.path, false, NULL), b->values[n->id]);
    }
}

/* ---- comments ---- */

/* The first line of the source text, shortened. */
static const char *source_excerpt(Body *b, Span span)
{
    enum { MAX = 72 };
    Source *source = span.file ? source_get(b->e->sources, span.file) : NULL;
    if (!source || span.end > source->len || span.start >= span.end) return "";
    const char *text = source->text + span.start;
    size_t      len = span.end - span.start;
    StrBuf      out = {.arena = b->e->arena};
    bool        gap = false, cut = false;
    for (size_t i = 0; i < len && !cut; i++) {
        unsigned char c = (unsigned char)text[i];
        bool blank = c <= ' ' || c == 0x7f;
        if (blank) gap = out.len > 0;
        else if (out.len >= MAX && c < 0x80) cut = true;
        else {
            if (gap) sb_putc(&out, ' ');
            gap = false;
            sb_putc(&out, text[i]);
        }
    }
    if (cut) sb_put(&out, "...");
    return sb_text(&out);
}

void step_comment(Body *b, const Node *n)
{
    const char *at = n->at ? n->at : "";
    Source     *source = n->span.file ? source_get(b->e->sources, n->span.file) : NULL;
    const char *type = node_has_value(n) ? type_text(b->e->program->dims, b->e->arena, n->type) : "";
    const char *what = n->kind == NODE_OP ? node_op(n)->name : "";
    bool        again = source && n->span.file == b->said.file && n->span.start == b->said.start && n->span.end == b->said.end &&
                 b->said_at && strcmp(b->said_at, at) == 0;
    if (again || !source) {
        if (*what || *type) cw_comment(&b->w, "%s%s%s", what, *what ? ": " : "", type);
        return;
    }
    uint32_t line = source_place(source, n->span.start).line;
    cw_blank(&b->w);
    cw_comment(&b->w, "%s   %s:%" PRIu32 "%s%s%s%s", source_excerpt(b, n->span), source_shown(source), line, *at ? "   " : "", at,
               *type ? "   " : "", type);
    if (b->e->options->line_directives) cw_directive(&b->w, "#line %" PRIu32 " %s", line, c_string(b->e->arena, source_shown(source)));
    if (b->e->options->profile) {
        Arena      *a = b->e->arena;
        const char *place = arena_printf(a, "%s:%" PRIu32, source_shown(source), line);
        cw_line(&b->w, "MDL_STEP(%s, %s, %s);", c_string(a, source_excerpt(b, n->span)), c_string(a, place), c_string(a, at));
    }
    b->said = n->span;
    b->said_at = at;
}
