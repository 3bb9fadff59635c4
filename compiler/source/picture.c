/* A mark is broken into strokes, each on one line; strokes are sorted by line and drawn line by line. All columns are
 * 0-based display cells of the whole line until the window onto a long line is subtracted. */
#include "picture.h"

#include <stdlib.h>
#include <string.h>

#include "../base/utf8.h"
#include "../base/vec.h"

/* ---- ink ---- */

void pen_put(const Pen *pen, Ink ink, const char *text)
{
    static const char *const colors[INK_COUNT] = {
        [INK_PLAIN] = "",
        [INK_ERROR] = "\033[1;31m",
        [INK_WARNING] = "\033[1;33m",
        [INK_MARK] = "\033[1;34m",
        [INK_GUTTER] = "\033[34m",
        [INK_STRONG] = "\033[1m",
        [INK_REMOVED] = "\033[31m",
        [INK_ADDED] = "\033[32m",
    };
    const bool colored = pen->style.color && ink != INK_PLAIN;
    if (colored) fputs(colors[ink], pen->out);
    fputs(text, pen->out);
    if (colored) fputs("\033[0m", pen->out);
}

void pen_gutter(const Pen *pen, uint32_t line, char bar)
{
    char text[32];
    if (line) snprintf(text, sizeof text, "%*u %c", pen->gutter, line, bar);
    else snprintf(text, sizeof text, "%*s %c", pen->gutter, "", bar);
    pen_put(pen, INK_GUTTER, text);
}

/* ---- the part of a line that is shown ---- */

enum { DOTS = 3, LEAST_WIDTH = 40, CONTEXT = 20 };

/* Cells [from, to) of a line; where something is cut off, DOTS of them are dots. */
typedef struct Window {
    uint32_t from, to;
    bool     cut_left, cut_right;
} Window;

static Window window_on(const Pen *pen, Str line, uint32_t from, uint32_t to)
{
    const uint32_t all = cells_after(0, line.s, line.len);
    const int      room = pen->style.width - pen->gutter - 3;
    const uint32_t width = room < LEAST_WIDTH ? LEAST_WIDTH : (uint32_t)room;
    if (all < width) return (Window){0, width, false, false};
    if (to + DOTS <= width) return (Window){0, width, false, true};
    uint32_t start = from > CONTEXT ? from - CONTEXT : 0;
    if (all - start < width) start = all + 1 - width;
    return (Window){start, start + width, start > 0, all >= start + width};
}

static void put_character(const Pen *pen, const char *s, size_t len, uint32_t c)
{
    if (c == UTF8_BAD || c < 0x20 || (c >= 0x7F && c < 0xA0)) fputs("\xEF\xBF\xBD", pen->out); /* never to the terminal */
    else fwrite(s, 1, len, pen->out);
}

static void put_window(const Pen *pen, Str line, Window w)
{
    const uint32_t from = w.from + (w.cut_left ? DOTS : 0), to = w.to - (w.cut_right ? DOTS : 0);
    uint32_t       column = 0, written = w.cut_left ? from : 0;
    if (w.cut_left) fputs("...", pen->out);
    for (size_t i = 0; i < line.len && column < to;) {
        uint32_t       c;
        const size_t   n = utf8_decode(line.s + i, line.len - i, &c);
        const uint32_t next = cells_after(column, line.s + i, n);
        if (column >= from && next <= to) {
            for (; written < column || (c == '\t' && written < next); written++) putc(' ', pen->out);
            if (c != '\t') put_character(pen, line.s + i, n, c);
            written = next;
        }
        column = next;
        i += n;
    }
    if (w.cut_right) fprintf(pen->out, "%*s...", (int)(to > written ? to - written : 0), "");
}

static Str without_end_blanks(Str line)
{
    while (line.len && (line.s[line.len - 1] == ' ' || line.s[line.len - 1] == '\t')) line.len--;
    return line;
}

static void put_line(const Pen *pen, Str line, Window w)
{
    line = without_end_blanks(line);
    if (line.len) {
        putc(' ', pen->out);
        put_window(pen, line, w);
    }
    putc('\n', pen->out);
}

void pen_text(const Pen *pen, Ink ink, Str text, uint32_t from, uint32_t to)
{
    char  *line = NULL;
    size_t len = 0;
    Pen    plain = *pen;
    plain.out = open_memstream(&line, &len);
    if (!plain.out) return;
    put_line(&plain, text, window_on(pen, text, from, to));
    fclose(plain.out);
    line[len - 1] = '\0';
    pen_put(pen, ink, line);
    putc('\n', pen->out);
    free(line);
}

/* ---- strokes ---- */

typedef struct Stroke {
    uint32_t    line, from, to; /* to > from */
    const char *label;
    Ink         ink;
    char        stroke;
} Stroke;

typedef VEC(Stroke) StrokeVec;

static uint32_t cell_of(Source *s, uint32_t offset)
{
    return source_place(s, offset).column - 1;
}

static uint32_t blank_cells(Str line)
{
    size_t n = 0;
    while (n < line.len && (line.s[n] == ' ' || line.s[n] == '\t')) n++;
    return cells_after(0, line.s, n);
}

/* A span within a line is one stroke; a longer one has a stroke at its first line and one at its last. */
static void add_strokes(const Pen *pen, Source *s, const Mark *m, StrokeVec *out)
{
    const uint32_t end = m->span.end > m->span.start ? m->span.end : m->span.start;
    const uint32_t first = source_line_number(s, m->span.start);
    const uint32_t last = source_line_number(s, end > m->span.start ? end - 1 : end);
    Stroke         k = {first, cell_of(s, m->span.start), 0, m->label, m->ink, m->stroke};
    if (first < last) {
        const Str text = without_end_blanks(source_line(s, first));
        k.to = cells_after(0, text.s, text.len);
        k.label = NULL;
        if (k.to <= k.from) k.to = k.from + 1;
        vec_push(pen->scratch, out, k);
        k.line = last;
        k.from = blank_cells(source_line(s, last));
        k.label = m->label;
    }
    const Str text = source_line(s, last);
    k.to = end > s->lines[last - 1] + text.len ? cells_after(0, text.s, text.len) : cell_of(s, end);
    if (k.to <= k.from) k.to = k.from + 1;
    vec_push(pen->scratch, out, k);
}

static int by_place(const void *a, const void *b)
{
    const Stroke *x = a, *y = b;
    if (x->line != y->line) return x->line < y->line ? -1 : 1;
    if (x->from != y->from) return x->from < y->from ? -1 : 1;
    return x->to < y->to ? -1 : x->to > y->to;
}

/* ---- one line and what stands below it ---- */

/* A row below a source line: strokes and bars in cells of their own. */
typedef struct Row {
    const Pen *pen;
    char      *cells;
    Ink       *inks;
    uint32_t   width, used;
} Row;

static Row row_create(const Pen *pen, Window w)
{
    const uint32_t width = w.to - w.from;
    Row            r = {pen, arena_array(pen->scratch, char, width), arena_array(pen->scratch, Ink, width), width, 0};
    memset(r.cells, ' ', width);
    return r;
}

static void row_set(Row *r, Window w, uint32_t column, char c, Ink ink)
{
    if (column < w.from || column >= w.to) return;
    const uint32_t at = column - w.from;
    r->cells[at] = c;
    r->inks[at] = ink;
    if (at >= r->used) r->used = at + 1;
}

/* The row's cells, then `label` from column `at` on (cells behind it are dropped). */
static void row_print(const Row *r, const char *label, uint32_t at, Ink ink)
{
    const uint32_t end = label && at < r->used ? at : r->used;
    pen_gutter(r->pen, 0, '|');
    putc(' ', r->pen->out);
    for (uint32_t i = 0; i < end; i++) pen_put(r->pen, r->inks[i], (char[2]){r->cells[i], '\0'});
    if (label) {
        fprintf(r->pen->out, "%*s", (int)(at - end), "");
        pen_put(r->pen, ink, label);
    }
    putc('\n', r->pen->out);
}

static uint32_t in_window(Window w, uint32_t column)
{
    if (column < w.from) return 0;
    return (column < w.to ? column : w.to - 1) - w.from;
}

/* The stroke whose label stands beside it: the last, if no other reaches beyond it. */
static const Stroke *beside(const Stroke *strokes, size_t n)
{
    const Stroke *last = &strokes[n - 1];
    for (size_t i = 0; i + 1 < n; i++) {
        if (strokes[i].to > last->from && strokes[i].label) return NULL;
        if (strokes[i].to > last->to) return NULL;
    }
    return last->label ? last : NULL;
}

static void draw_strokes(const Pen *pen, Window w, const Stroke *strokes, size_t n)
{
    Row row = row_create(pen, w);
    for (int primary = 0; primary <= 1; primary++) { /* the primary stroke lies on top */
        for (size_t i = 0; i < n; i++) {
            const Stroke *k = &strokes[i];
            if ((k->stroke == '^') != primary) continue;
            for (uint32_t c = k->from < w.from ? w.from : k->from; c < k->to && c < w.to; c++) {
                row_set(&row, w, c, k->stroke, k->ink);
            }
        }
    }
    const Stroke *k = beside(strokes, n);
    if (k) row_print(&row, k->label, row.used + 1, k->ink);
    else row_print(&row, NULL, 0, INK_PLAIN);
}

/* The labels that found no place beside their stroke: below, from right to left, each under a bar. */
static void draw_labels(const Pen *pen, Window w, const Stroke *strokes, size_t n)
{
    const Stroke *done = beside(strokes, n);
    bool          joined = false; /* a row of nothing but bars was drawn */
    for (size_t i = n; i-- > 0;) {
        const Stroke *k = &strokes[i];
        if (!k->label || k == done) continue;
        Row row = row_create(pen, w);
        for (size_t j = 0; j <= i; j++) {
            if (strokes[j].label && &strokes[j] != done) row_set(&row, w, strokes[j].from, '|', strokes[j].ink);
        }
        if (!joined) row_print(&row, NULL, 0, INK_PLAIN);
        joined = true;
        row_print(&row, k->label, in_window(w, k->from), k->ink);
    }
}

static void draw_line(const Pen *pen, Source *s, const Stroke *strokes, size_t n)
{
    const Str line = source_line(s, strokes[0].line);
    uint32_t  from = strokes[0].from, to = strokes[0].to;
    for (size_t i = 0; i < n; i++) {
        if (strokes[i].to > to) to = strokes[i].to;
        if (strokes[i].stroke == '^' && to - from > (uint32_t)pen->style.width) from = strokes[i].from;
    }
    const Window w = window_on(pen, line, from, to);
    pen_gutter(pen, strokes[0].line, '|');
    put_line(pen, line, w);
    draw_strokes(pen, w, strokes, n);
    draw_labels(pen, w, strokes, n);
}

/* ---- a whole picture ---- */

int picture_gutter(const SourceMap *sources, Span span)
{
    Source *s = source_get(sources, span.file);
    if (!s) return 0;
    int digits = 1;
    for (uint32_t line = source_line_number(s, span.end); line >= 10; line /= 10) digits++;
    return digits;
}

static void draw_gap(const Pen *pen, Source *s, uint32_t from, uint32_t to)
{
    if (to == from + 2) {
        pen_gutter(pen, from + 1, '|');
        const Str line = source_line(s, from + 1);
        put_line(pen, line, window_on(pen, line, 0, 0));
    } else if (to > from + 2) {
        pen_put(pen, INK_GUTTER, "...");
        putc('\n', pen->out);
    }
}

void picture_draw(const Pen *pen, Source *source, const char *arrow, const Mark *marks, size_t count)
{
    const Place place = source_place(source, marks[0].span.start);
    fprintf(pen->out, "%*s", pen->gutter, "");
    pen_put(pen, INK_GUTTER, arrow);
    fprintf(pen->out, " %s:%u:%u\n", source->path, place.line, place.column);
    pen_gutter(pen, 0, '|');
    putc('\n', pen->out);

    StrokeVec strokes = {0};
    for (size_t i = 0; i < count; i++) add_strokes(pen, source, &marks[i], &strokes);
    qsort(strokes.at, strokes.len, sizeof *strokes.at, by_place);
    for (size_t i = 0, n; i < strokes.len; i += n) {
        for (n = 1; i + n < strokes.len && strokes.at[i + n].line == strokes.at[i].line;) n++;
        if (i) draw_gap(pen, source, strokes.at[i - 1].line, strokes.at[i].line);
        draw_line(pen, source, &strokes.at[i], n);
    }
}
