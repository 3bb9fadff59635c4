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

/* The innermost place in the user's own files from which the running library code was reached. */
static Span users_call(Cx *cx, Span span, const char **what)
{
    for (const Frame *f = cx->frame; f; f = f->outer) {
        if (!span_in_library(cx, span)) break;
        if (span_known(f->call_span)) {
            span = f->call_span;
            *what = f->what;
        }
    }
    return span;
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

PRINTF_LIKE(4, 0)
static Diag *report(Cx *cx, DiagCode code, Span span, const char *fmt, va_list ap)
{
    char text[2048];
    vsnprintf(text, sizeof text, fmt, ap);
    const char *what = NULL;
    const Span place = users_call(cx, span, &what);
    Diag *d;
    if (what && span_in_library(cx, span)) {
        d = diag_at(cx->diags, code, place, "%s: %s", what, text);
        diag_note(d, span, "raised here, in the layer library");
    } else {
        d = diag_at(cx->diags, code, place, "%s", text);
    }
    add_chain(cx, d, place);
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
