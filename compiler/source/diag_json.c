/* One JSON object per diagnostic and line, for editors and scripts. Lines and columns are those of the text form; `start`
 * and `end` are byte offsets. */
#include <string.h>

#include "../base/utf8.h"
#include "diag_sink.h"

static void put_string(FILE *out, const char *s)
{
    const size_t len = strlen(s);
    fputc('"', out);
    for (size_t i = 0; i < len;) {
        uint32_t     c;
        const size_t n = utf8_decode(s + i, len - i, &c);
        if (c == UTF8_BAD) fputs("\\ufffd", out);
        else if (c == '"' || c == '\\') fprintf(out, "\\%c", (int)c);
        else if (c < 0x20) fprintf(out, "\\u%04x", (unsigned)c);
        else fwrite(s + i, 1, n, out);
        i += n;
    }
    fputc('"', out);
}

static void put_field(FILE *out, const char *name, const char *text)
{
    fprintf(out, ",\"%s\":", name);
    put_string(out, text);
}

/* The members of a place, each with a comma before it; none without a place. */
static void put_span(DiagSink *s, FILE *out, Span span)
{
    Source *src = source_get(s->sources, span.file);
    if (!src) return;
    const Place from = source_place(src, span.start), to = source_place(src, span.end);
    put_field(out, "file", src->path);
    fprintf(out, ",\"line\":%u,\"column\":%u,\"end_line\":%u,\"end_column\":%u,\"start\":%u,\"end\":%u", from.line,
            from.column, to.line, to.column, span.start, span.end);
}

static void put_part(DiagSink *s, FILE *out, const DiagPart *p)
{
    static const char *const names[] = {
        [PART_LABEL] = "label", [PART_NOTE] = "note", [PART_HELP] = "help", [PART_FIX] = "fix"};
    fprintf(out, "{\"kind\":\"%s\"", names[p->kind]);
    put_field(out, p->kind == PART_FIX ? "replacement" : "text", p->text);
    put_span(s, out, p->span);
    fputc('}', out);
}

static void put_diag(DiagSink *s, FILE *out, const Diag *d)
{
    const DiagInfo *info = diag_info(d->code);
    const bool      error = info->level == LEVEL_ERROR;
    fprintf(out, "{\"level\":\"%s\",\"code\":\"%c%04d\"", error ? "error" : "warning", error ? 'E' : 'W', info->number);
    put_field(out, "message", d->message);
    if (d->label) put_field(out, "label", d->label);
    put_span(s, out, d->span);
    fputs(",\"parts\":[", out);
    for (size_t i = 0; i < d->parts.len; i++) {
        if (i) fputc(',', out);
        put_part(s, out, &d->parts.at[i]);
    }
    fputs("]}\n", out);
}

void diags_render_json(DiagSink *s, FILE *out)
{
    diags_sort(s);
    for (size_t i = 0; i < s->all.len; i++) put_diag(s, out, s->all.at[i]);
}
