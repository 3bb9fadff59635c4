#include <string.h>

#include "diag_sink.h"

static void print_place(DiagSink *s, FILE *out, Span span)
{
    Source *src = source_get(s->sources, span.file);
    if (!src) return;
    const Place p = source_place(src, span.start);
    const Str   line = source_line(src, p.line);
    fprintf(out, "  --> %s:%u:%u\n", src->path, p.line, p.column);
    fprintf(out, "%5u | %.*s\n      | %*s^\n", p.line, (int)line.len, line.s, (int)p.column - 1, "");
}

void diags_render_text(DiagSink *s, FILE *out, DiagStyle style)
{
    (void)style;
    diags_sort(s);
    for (size_t i = 0; i < s->all.len; i++) {
        const Diag     *d = s->all.at[i];
        const DiagInfo *info = diag_info(d->code);
        fprintf(out, "%s[%c%04d]: %s\n", info->level == LEVEL_ERROR ? "error" : "warning",
                info->level == LEVEL_ERROR ? 'E' : 'W', info->number, d->message);
        print_place(s, out, d->span);
        for (size_t j = 0; j < d->parts.len; j++) {
            fprintf(out, "   = %s\n", d->parts.at[j].text);
        }
    }
}
