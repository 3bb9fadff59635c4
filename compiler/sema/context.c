/* The context: diagnostics out of library code, budgets, and small conveniences. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cx.h"

const char *builtin_name(const Builtin *b) { return b->name; }

const Sym *cx_sym(Cx *cx, const char *z) { return intern_z(cx->session->names, z); }
const char *describe(Cx *cx, Value v) { return value_describe(cx->dims, cx->arena, v); }
const char *type_str(Cx *cx, Type t) { return type_text(cx->dims, cx->arena, t); }
const char *dim_str(Cx *cx, const Dim *d) { return d ? dim_text(cx->dims, cx->arena, d) : "?"; }

bool span_in_library(Cx *cx, Span span)
{
    const Source *s = span_known(span) ? source_get(cx->session->sources, span.file) : NULL;
    return s && s->library;
}

const char *quoted(Cx *cx, const char *name)
{
    const char *q = map_get(&cx->quotes, name);
    if (q) return q;
    char *made = arena_printf(cx->arena, "`%s`", name);
    map_set(&cx->quotes, name, made);
    return made;
}

/* The call or constructor in the user's own files that reached the running library code, innermost; NULL if user's code
 * runs. */
static Frame *users_call(Cx *cx, Span span)
{
    Frame *call = NULL;
    for (Frame *f = cx->frame; f && span_in_library(cx, span); f = f->outer) {
        if (!span_known(f->call_span)) continue;
        span = f->call_span;
        call = f;
    }
    return call;
}

/* "`Conv2D` in `Sequential`": the layer that fails was made by the user, another one calls it. */
static const char *users_layer(Cx *cx, const Frame *call, Span *made)
{
    for (const Frame *f = cx->frame; f && f != call; f = f->outer) {
        if (!f->self || f->self == call->self || !span_known(f->self->span) || span_in_library(cx, f->self->span)) continue;
        *made = f->self->span;
        return arena_printf(cx->arena, "%s in %s", instance_label(cx, f->self), call->what);
    }
    return call->what;
}

/* The calls that led here, innermost first: at most a handful, since a deep chain says no more than its ends. */
static void add_chain(Cx *cx, Diag *d, Span primary)
{
    enum { SHOWN = 6 };
    int shown = 0;
    Span last = primary;
    for (const Frame *f = cx->frame; f; f = f->outer) {
        const Span at = f->call_span;
        if (!f->what || !span_known(at) || span_in_library(cx, at)) continue;
        if (at.file == last.file && at.start <= last.start && at.end >= last.end) continue; /* the picture shows it already */
        if (shown++ == SHOWN) {
            diag_note(d, NO_SPAN, "... and further calls");
            return;
        }
        diag_note(d, at, "in %s, called here", f->what);
        last = at;
    }
}

static bool span_within(Span inner, Span outer)
{
    return inner.file == outer.file && inner.start >= outer.start && inner.end <= outer.end;
}

/* A message about a parameter of an operation, "`axis` of `sum` is ...", is one about the user's argument. */
static Diag *blame_argument(Cx *cx, DiagCode code, const Blame *b, const char *text)
{
    const char *of = *text == '`' ? strstr(text, "` of `") : NULL;
    const char *rest = of ? strchr(of + strlen("` of `"), '`') : NULL;
    if (rest && rest[1] == ' ') return diag_at(cx->diags, code, b->span, "`%s` of %s%s", b->name->text, b->what, rest + 1);
    return diag_at(cx->diags, code, b->span, "`%s` of %s: %s", b->name->text, b->what, text);
}

/* In library code: at the user's call, or at the argument that it is about. */
static Diag *report_library(Cx *cx, DiagCode code, Span span, const char *text, Frame *call)
{
    if (diag_level(code) == LEVEL_ERROR) {
        if (call->failed) return diag_silent(cx->diags);
        call->failed = true;
    }
    Blame b;
    Span made = NO_SPAN;
    const char *what = users_layer(cx, call, &made);
    const bool blamed = blame(cx, code, span, &b);
    const Span place = blamed ? b.span : call->call_span;
    Diag *d = blamed && code != E_ASSERT ? blame_argument(cx, code, &b, text)
                                         : diag_at(cx->diags, code, place, "%s: %s", what, text);
    if (!span_within(place, call->call_span)) diag_note(d, call->call_span, "found at this call");
    if (!blamed && span_known(made)) diag_note(d, made, "the layer is constructed here");
    diag_note(d, span, "raised here, in the layer library");
    add_chain(cx, d, call->call_span);
    return d;
}

PRINTF_LIKE(4, 0)
static Diag *report(Cx *cx, DiagCode code, Span span, const char *fmt, va_list ap)
{
    char text[2048];
    vsnprintf(text, sizeof text, fmt, ap);
    Frame *call = users_call(cx, span);
    if (call && !span_in_library(cx, call->call_span)) return report_library(cx, code, span, text, call);
    Diag *d = diag_at(cx->diags, code, call ? call->call_span : span, "%s", text);
    add_chain(cx, d, call ? call->call_span : span);
    return d;
}

Diag *cx_error(Cx *cx, DiagCode code, Span span, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    Diag *d = report(cx, code, span, fmt, ap);
    va_end(ap);
    return d;
}

Diag *cx_warning(Cx *cx, DiagCode code, Span span, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    Diag *d = report(cx, code, span, fmt, ap);
    va_end(ap);
    return d;
}

/* Enough for a model of a million layers; a loop that counts to a billion ends here after about a second. */
enum { STEP_BUDGET = 100 * 1000 * 1000 };

bool cx_step(Cx *cx, Span span, uint64_t cost)
{
    cx->steps += cost;
    if (cx->steps <= STEP_BUDGET && !cx->exhausted) return true;
    if (!cx->exhausted) {
        cx->exhausted = true;
        Diag *d = cx_error(cx, E_TOO_MUCH_WORK, span, "this takes more than %d million steps to evaluate", STEP_BUDGET / 1000000);
        diag_help(d, "what runs while the model is instantiated must be small; a long loop over data belongs in a tensor "
                     "operation or `scan`");
    }
    return false;
}
