/* Whose fault an error in library code is: the argument in the user's code that the failing expression goes back to, through
 * the parameters of the library's functions, layers and the fields made from them. Read off the text between the error's
 * marks, and silent when in doubt: an error that is about no argument, or about two, belongs to the whole call. */
#include <ctype.h>
#include <string.h>

#include "cx.h"

enum { DEEPEST_TRAIL = 8 };

/* Arguments of a constructor and of a call are kept apart: if both are mentioned, `axis < x.ndim`, the layer was made for
 * other inputs, and its constructor is asked to change. */
typedef enum Party { CONSTRUCTOR, CALL, PARTIES } Party;

typedef struct Trail {
    Blame found[PARTIES];
    int   suspects[PARTIES];
    bool  direct; /* only what stands between the marks counts, not what the library's code passes on */
} Trail;

static void follow(Cx *cx, const Frame *f, Span span, int depth, Trail *t);

static int parameter_index(const ParamVec *params, const Sym *name)
{
    for (size_t i = 0; params && i < params->len; i++) {
        if (params->at[i]->name.sym == name) return (int)i;
    }
    return -1;
}

static bool same_span(Span a, Span b) { return a.file == b.file && a.start == b.start && a.end == b.end; }

/* `span` is the argument for parameter `name` of `what`, written where `writer` runs. */
static void suspect(Cx *cx, const Frame *writer, Span span, Party party, const Sym *name, const char *what, int depth, Trail *t)
{
    if (!span_known(span)) return;
    if (span_in_library(cx, span)) {
        if (writer && !t->direct) follow(cx, writer, span, depth + 1, t);
        return;
    }
    if (t->suspects[party] && same_span(t->found[party].span, span)) return;
    t->found[party] = (Blame){span, name, what};
    t->suspects[party]++;
}

static void mentions_dim(Cx *cx, Ident name, bool element, void *user)
{
    (void)element;
    bool *found = user;
    *found |= map_has(&cx->frame->self->eval->cls->dims, name.sym);
}

/* A field that is made from parameters alone stands for them; one that the input's shape decides does not. */
static void follow_field(Cx *cx, const Frame *f, const Sym *name, int depth, Trail *t)
{
    const Member *m = map_get(&f->self->eval->cls->fields, name);
    if (!m || m->kind != MEMBER_FIELD) return;
    bool dims = false;
    Frame *running = cx->frame;
    cx->frame = (Frame *)f;
    walk_expr(cx, m->as.field.value, mentions_dim, NULL, &dims);
    cx->frame = running;
    if (!dims) follow(cx, f, m->as.field.value->span, depth + 1, t);
}

static void follow_name(Cx *cx, const Frame *f, const Sym *name, int depth, Trail *t)
{
    int i = parameter_index(f->params, name);
    if (i >= 0) {
        if (f->bound->given[i]) suspect(cx, f->outer, f->bound->spans[i], CALL, name, f->what, depth, t);
        return;
    }
    if (local_find(f, name) || !f->self) return;
    const struct InstanceState *s = f->self->eval;
    i = parameter_index(&f->self->decl->as.layer.params, name);
    if (i < 0) follow_field(cx, f, name, depth, t);
    else if (s->bound.given && s->bound.given[i]) {
        suspect(cx, f->outer, s->bound.spans[i], CONSTRUCTOR, name, instance_label(cx, f->self), depth, t);
    }
}

static uint32_t name_end(const char *text, Span span)
{
    uint32_t i = span.start;
    while (i < span.end && (isalnum((unsigned char)text[i]) || text[i] == '_')) i++;
    return i;
}

static bool is_name(Cx *cx, Span span)
{
    return name_end(source_get(cx->session->sources, span.file)->text, span) == span.end;
}

/* Every name between the marks, but for members (`.name`), the names of arguments (`name=`) and the insides of strings. */
static void follow(Cx *cx, const Frame *f, Span span, int depth, Trail *t)
{
    if (depth > DEEPEST_TRAIL) return;
    const char *text = source_get(cx->session->sources, span.file)->text;
    char quote = 0;
    for (uint32_t i = span.start; i < span.end; i++) {
        const char c = text[i];
        if (quote || c == '"' || c == '\'') {
            if (!quote) quote = c;
            else if (c == '\\') i++;
            else if (c == quote) quote = 0;
            continue;
        }
        if (!isalpha((unsigned char)c) && c != '_') continue;
        const uint32_t end = name_end(text, (Span){span.file, i, span.end});
        const bool member = i >= 1 && text[i - 1] == '.' && (i < 2 || text[i - 2] != '.');
        const bool keyword = end < span.end && text[end] == '=' && (end + 1 == span.end || text[end + 1] != '=');
        if (!member && !keyword) follow_name(cx, f, intern(cx->session->names, text + i, end - i), depth, t);
        i = end - 1;
    }
}

/* A shape depends on tensors as well as on arguments: there only a plain list of sizes, or a name, is conclusive. */
static bool conclusive(Cx *cx, DiagCode code, Span span)
{
    const char *text = source_get(cx->session->sources, span.file)->text;
    if (is_name(cx, span)) return true;
    if (code == E_ASSERT || code == E_BAD_WEIGHT_SHAPE || code == E_OVERFLOW || code == E_BAD_OPERANDS) return true;
    if (code == E_SHAPE) return text[span.start] == '(' || text[span.start] == '[';
    const uint32_t i = name_end(text, span);
    return text[i] != '(' || i == span.start;
}

/* Of a member, the name that it is read from: `cell` of `cell.state_size`. */
static Span object_of(Cx *cx, Span span)
{
    const char *text = source_get(cx->session->sources, span.file)->text;
    if (!span.start || text[span.start - 1] != '.') return span;
    span.end = span.start - 1;
    for (span.start = span.end; span.start && (isalnum((unsigned char)text[span.start - 1]) || text[span.start - 1] == '_');) span.start--;
    return span;
}

bool blame(Cx *cx, DiagCode code, Span span, Blame *out)
{
    Trail t = {.direct = code == E_SHAPE && !is_name(cx, span)};
    if (code == E_NO_MEMBER) span = object_of(cx, span);
    if (!conclusive(cx, code, span)) return false;
    follow(cx, cx->frame, span, 0, &t);
    const Party party = t.suspects[CONSTRUCTOR] ? CONSTRUCTOR : CALL;
    *out = t.found[party];
    return t.suspects[party] == 1;
}
