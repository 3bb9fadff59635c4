#include "diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../base/utf8.h"
#include "diag_sink.h"

static const DiagInfo infos[] = {
#define DIAG(code, level, number, title) [code] = {level, number, title},
#include "diag_codes.def"
#undef DIAG
};

const DiagInfo *diag_info(DiagCode code)
{
    return &infos[code];
}

DiagLevel diag_level(DiagCode code)
{
    return infos[code].level;
}

DiagSink *diags_create(Arena *a, SourceMap *sources)
{
    DiagSink *s = arena_new(a, DiagSink);
    s->arena = a;
    s->sources = sources;
    return s;
}

/* Messages quote the user's text, which may be a megabyte long; what is longer than this is cut. */
enum { MESSAGE_MAX = 2000 };

PRINTF_LIKE(2, 0)
static const char *format(Arena *a, const char *fmt, va_list args)
{
    char      text[MESSAGE_MAX + 1];
    const int len = vsnprintf(text, sizeof text, fmt, args);
    if (len < 0) BUG("cannot format \"%s\"", fmt);
    if (len <= MESSAGE_MAX) return arena_copy(a, text, (size_t)len);
    text[utf8_floor(text, MESSAGE_MAX - 4)] = '\0';
    return arena_printf(a, "%s...", text);
}

static bool same_span(Span a, Span b)
{
    return a.file == b.file && a.start == b.start && a.end == b.end;
}

static bool is_known(const DiagSink *s, DiagCode code, Span span)
{
    for (size_t i = 0; i < s->all.len; i++) {
        if (s->all.at[i]->code == code && same_span(s->all.at[i]->span, span)) return true;
    }
    return false;
}

Diag *diag_at(DiagSink *s, DiagCode code, Span span, const char *fmt, ...)
{
    const DiagLevel level = infos[code].level;
    s->count[level]++;
    if (s->kept[level] == DIAG_MAX_KEPT) {
        s->lost[level]++;
        return &s->unheard;
    }
    if (span_known(span) && is_known(s, code, span)) return &s->unheard;
    va_list args;
    va_start(args, fmt);
    Diag *d = arena_new(s->arena, Diag);
    *d = (Diag){.sink = s, .serial = s->all.len, .code = code, .span = span};
    d->message = format(s->arena, fmt, args);
    va_end(args);
    s->kept[level]++;
    vec_push(s->arena, &s->all, d);
    return d;
}

Diag *diag_silent(DiagSink *s)
{
    s->count[LEVEL_ERROR]++;
    return &s->unheard;
}

PRINTF_LIKE(4, 0)
static void add_part(Diag *d, DiagPartKind kind, Span span, const char *fmt, va_list args)
{
    if (!d->sink || d->parts.len == DIAG_MAX_PARTS) return;
    const DiagPart part = {kind, span, format(d->sink->arena, fmt, args), d->sink->nparts++};
    vec_push(d->sink->arena, &d->parts, part);
}

#define ADD_PART(d, kind, span, fmt)             \
    do {                                         \
        va_list args;                            \
        va_start(args, fmt);                     \
        add_part((d), (kind), (span), fmt, args); \
        va_end(args);                            \
    } while (0)

void diag_primary(Diag *d, const char *fmt, ...)
{
    if (!d->sink) return; /* unheard */
    va_list args;
    va_start(args, fmt);
    d->label = format(d->sink->arena, fmt, args);
    va_end(args);
}

void diag_label(Diag *d, Span span, const char *fmt, ...)
{
    ADD_PART(d, PART_LABEL, span, fmt);
}

void diag_note(Diag *d, Span span, const char *fmt, ...)
{
    ADD_PART(d, PART_NOTE, span, fmt);
}

void diag_help(Diag *d, const char *fmt, ...)
{
    ADD_PART(d, PART_HELP, NO_SPAN, fmt);
}

void diag_fix(Diag *d, Span span, const char *fmt, ...)
{
    ADD_PART(d, PART_FIX, span, fmt);
}

bool diag_is_full(const DiagSink *s)
{
    return s->kept[LEVEL_ERROR] == DIAG_MAX_KEPT;
}

size_t diag_errors(const DiagSink *s)
{
    return s->count[LEVEL_ERROR];
}

static int by_place(const void *a, const void *b)
{
    const Diag *x = *(const Diag *const *)a, *y = *(const Diag *const *)b;
    if (x->span.file != y->span.file) return x->span.file < y->span.file ? -1 : 1;
    if (x->span.start != y->span.start) return x->span.start < y->span.start ? -1 : 1;
    return x->serial < y->serial ? -1 : 1;
}

static bool has_fix(const Diag *d)
{
    for (size_t i = 0; i < d->parts.len; i++) {
        if (d->parts.at[i].kind == PART_FIX) return true;
    }
    return false;
}

static uint32_t line_of(const DiagSink *s, const Diag *d)
{
    return span_known(d->span) ? source_place(source_get(s->sources, d->span.file), d->span.start).line : 0;
}

/* Whether an earlier one on the line says the same, as when one wrong shape is used four times. Where there is something to
 * mend, each place is shown. */
static bool is_echo(const DiagSink *s, size_t i)
{
    const Diag *d = s->all.at[i];
    if (has_fix(d)) return false;
    for (size_t k = i; k-- > 0;) {
        const Diag *other = s->all.at[k];
        if (other->span.file != d->span.file || line_of(s, other) != line_of(s, d)) return false;
        if (other->code == d->code && !strcmp(other->message, d->message)) return true;
    }
    return false;
}

void diags_sort(DiagSink *s)
{
    if (s->all.len) qsort(s->all.at, s->all.len, sizeof *s->all.at, by_place);
    size_t kept = 0;
    for (size_t i = 0; i < s->all.len; i++) {
        Diag *d = s->all.at[i];
        s->all.at[kept] = d;
        if (is_echo(s, kept)) s->kept[infos[d->code].level]--;
        else kept++;
    }
    s->all.len = kept;
}
