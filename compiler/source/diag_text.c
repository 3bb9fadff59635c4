/* Diagnostics for people:
 *
 *     error[E0501]: headline
 *       --> file:line:column
 *        |
 *     14 | the source, with the places underlined (picture.c)
 *        |     ^^^^^^
 *        |
 *        = note: ...
 *        = help: ...
 */
#include <stdlib.h>
#include <string.h>

#include "diag_sink.h"
#include "picture.h"

/* No more lines than this are shown of the edits that go with one help. */
enum { MAX_FIXED_LINES = 3 };

static Ink level_ink(const DiagInfo *info)
{
    return info->level == LEVEL_ERROR ? INK_ERROR : INK_WARNING;
}

static void put_headline(const Pen *pen, const Diag *d)
{
    const DiagInfo *info = diag_info(d->code);
    const bool      error = info->level == LEVEL_ERROR;
    char            head[32];
    snprintf(head, sizeof head, "%s[%c%04d]", error ? "error" : "warning", error ? 'E' : 'W', info->number);
    pen_put(pen, level_ink(info), head);
    pen_put(pen, INK_STRONG, ": ");
    pen_put(pen, INK_STRONG, d->message);
    putc('\n', pen->out);
}

/* ---- pictures ---- */

static void put_bar(const Pen *pen)
{
    pen_gutter(pen, 0, '|');
    putc('\n', pen->out);
}

typedef VEC(Mark) MarkVec;

/* The marks in source `file`, in the order given. */
static MarkVec marks_in(const Pen *pen, const MarkVec *all, uint32_t file)
{
    MarkVec some = {0};
    for (size_t i = 0; i < all->len; i++) {
        if (all->at[i].span.file == file) vec_push(pen->scratch, &some, all->at[i]);
    }
    return some;
}

static bool shown_before(const MarkVec *all, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (all->at[j].span.file == all->at[i].span.file) return true;
    }
    return false;
}

/* A picture for each source in which there is a mark, beginning with the first mark's. */
static void draw_marks(const Pen *pen, const SourceMap *sources, const MarkVec *all)
{
    for (size_t i = 0; i < all->len; i++) {
        Source *s = source_get(sources, all->at[i].span.file);
        if (!s || shown_before(all, i)) continue;
        const MarkVec some = marks_in(pen, all, s->id);
        if (i) put_bar(pen);
        picture_draw(pen, s, i ? ":::" : "-->", some.at, some.len);
    }
}

static MarkVec marks_of(const Pen *pen, const Diag *d)
{
    MarkVec marks = {0};
    if (span_known(d->span)) {
        const Mark m = {d->span, d->label, level_ink(diag_info(d->code)), '^'};
        vec_push(pen->scratch, &marks, m);
    }
    for (size_t i = 0; i < d->parts.len; i++) {
        const DiagPart *p = &d->parts.at[i];
        const Mark      m = {p->span, *p->text ? p->text : NULL, INK_MARK, '-'};
        if (p->kind == PART_LABEL && span_known(p->span)) vec_push(pen->scratch, &marks, m);
    }
    return marks;
}

/* ---- notes, helps, fixes ---- */

static void put_remark(const Pen *pen, const char *kind, const char *text)
{
    fprintf(pen->out, "%*s ", pen->gutter, "");
    pen_put(pen, INK_GUTTER, "= ");
    pen_put(pen, INK_STRONG, kind);
    fprintf(pen->out, ": %s\n", text);
}

static void put_note(const Pen *pen, const SourceMap *sources, const DiagPart *p)
{
    Source *s = source_get(sources, p->span.file);
    if (!s) {
        put_remark(pen, "note", p->text);
        return;
    }
    const Mark m = {p->span, NULL, INK_MARK, '-'};
    pen_put(pen, INK_STRONG, "note");
    fprintf(pen->out, ": %s\n", p->text);
    picture_draw(pen, s, "-->", &m, 1);
}

static void put_added(const Pen *pen, uint32_t line, const char *text, uint32_t column)
{
    for (size_t shown = 0; text; shown++) {
        const char *end = strchr(text, '\n');
        if (shown == MAX_FIXED_LINES) {
            fputs("...\n", pen->out);
            return;
        }
        pen_gutter(pen, line, '+');
        pen_text(pen, INK_ADDED, (Str){text, end ? (size_t)(end - text) : strlen(text)}, column - 1, column);
        text = end ? end + 1 : NULL;
    }
}

/* A line before and after the edits that fall into it, from `fixes[0]` on. Returns how many that are. */
static size_t put_fixed_line(const Pen *pen, Source *s, const DiagPart *fixes, size_t count)
{
    const Place    place = source_place(s, fixes[0].span.start);
    const Str      line = source_line(s, place.line);
    const uint32_t start = s->lines[place.line - 1], end = start + (uint32_t)line.len;
    StrBuf         fixed = {.arena = pen->scratch};
    uint32_t       done = start;
    size_t         n = 0;
    for (; n < count && fixes[n].span.file == s->id && fixes[n].span.start >= done && fixes[n].span.end <= end; n++) {
        sb_putn(&fixed, s->text + done, fixes[n].span.start - done);
        sb_put(&fixed, fixes[n].text);
        done = fixes[n].span.end;
    }
    if (n == 0) return 1; /* over several lines: the help's words must do */
    sb_putn(&fixed, s->text + done, end - done);
    pen_gutter(pen, place.line, '-');
    pen_text(pen, INK_REMOVED, line, place.column - 1, place.column);
    put_added(pen, place.line, sb_text(&fixed), place.column);
    return n;
}

static void put_fixes(const Pen *pen, const SourceMap *sources, const DiagPart *fixes, size_t count)
{
    Source *s = source_get(sources, fixes[0].span.file);
    if (!s) return;
    size_t lines = 0, i = 0;
    put_bar(pen);
    for (; i < count && lines < MAX_FIXED_LINES; lines++) i += put_fixed_line(pen, s, fixes + i, count - i);
    if (i < count) fprintf(pen->out, "... and in %zu more place%s\n", count - i, count - i == 1 ? "" : "s");
}

static void put_parts(const Pen *pen, const SourceMap *sources, const Diag *d)
{
    for (size_t i = 0, n; i < d->parts.len; i += n) {
        const DiagPart *p = &d->parts.at[i];
        for (n = 1; p->kind == PART_FIX && i + n < d->parts.len && p[n].kind == PART_FIX;) n++;
        switch (p->kind) {
        case PART_LABEL: break;
        case PART_NOTE: put_note(pen, sources, p); break;
        case PART_HELP: put_remark(pen, "help", p->text); break;
        case PART_FIX: put_fixes(pen, sources, p, n); break;
        }
    }
}

/* ---- all of them ---- */

static int gutter_of(const SourceMap *sources, const Diag *d)
{
    int widest = picture_gutter(sources, d->span);
    for (size_t i = 0; i < d->parts.len; i++) {
        const int w = picture_gutter(sources, d->parts.at[i].span);
        if (w > widest) widest = w;
    }
    return widest;
}

static bool has_remarks(const Diag *d)
{
    for (size_t i = 0; i < d->parts.len; i++) {
        if (d->parts.at[i].kind == PART_HELP) return true;
        if (d->parts.at[i].kind == PART_NOTE && !span_known(d->parts.at[i].span)) return true;
    }
    return false;
}

static void put_diag(const DiagSink *s, FILE *out, DiagStyle style, const Diag *d)
{
    Pen pen = {out, arena_create(), style, gutter_of(s->sources, d)};
    const MarkVec marks = marks_of(&pen, d);
    put_headline(&pen, d);
    draw_marks(&pen, s->sources, &marks);
    if (marks.len && has_remarks(d)) put_bar(&pen);
    put_parts(&pen, s->sources, d);
    putc('\n', out);
    arena_destroy(pen.scratch);
}

static void put_rest(FILE *out, size_t count, const char *what)
{
    if (count) fprintf(out, "... and %zu more %s%s\n", count, what, count == 1 ? "" : "s");
}

void diags_render_text(DiagSink *s, FILE *out, DiagStyle style)
{
    size_t shown[2] = {0, 0};
    diags_sort(s);
    for (size_t i = 0; i < s->all.len; i++) {
        const DiagLevel level = diag_info(s->all.at[i]->code)->level;
        if (shown[level] == DIAG_MAX_ERRORS) continue;
        shown[level]++;
        put_diag(s, out, style, s->all.at[i]);
    }
    put_rest(out, s->kept[LEVEL_ERROR] + s->lost[LEVEL_ERROR] - shown[LEVEL_ERROR], "error");
    put_rest(out, s->kept[LEVEL_WARNING] + s->lost[LEVEL_WARNING] - shown[LEVEL_WARNING], "warning");
}
