#include "table.h"

#include <string.h>

enum { INDENT = 2, GAP = 3, DEFAULT_WIDTH = 80, NARROWEST = 20 };

static size_t columns(const char *z)
{
    return mdl_columns(z, strlen(z));
}

/* ---- cells ---- */

/* The bytes of the longest start of `s` that takes at most `width` columns. */
static size_t start_within(const char *s, size_t len, size_t width)
{
    size_t i = 0;
    while (i < len && width > 0) {
        for (i++; i < len && ((unsigned char)s[i] & 0xC0) == 0x80;) i++;
        width--;
    }
    return i;
}

/* Puts text in at most `width` columns, cut at the end; returns how many it took. */
static size_t put_cut(Text *out, const char *s, size_t width)
{
    const size_t whole = columns(s);
    if (whole <= width) {
        mdl_put(out, s);
        return whole;
    }
    mdl_putn(out, s, start_within(s, strlen(s), width - 1));
    mdl_put(out, "…");
    return width;
}

/* The same for a path: whole components from both ends, and `…` for what is left out between them. The last one says what
 * the variable is, the first where it is; so they are taken in turn from there. */
static size_t put_path(Text *out, const char *path, size_t width)
{
    const size_t len = strlen(path);
    size_t       head = 0, tail = len; /* path[0..head) and path[tail..len) are kept */
    size_t       taken = 1;
    if (columns(path) <= width) return put_cut(out, path, width);
    for (bool from_end = true, stuck = false;; from_end = !from_end) {
        size_t h = head, t = tail;
        if (from_end) while (t > 0 && path[--t] != '.') {}
        else while (h < len && path[h++] != '.') {}
        const size_t take = mdl_columns(path, h) + 1 + mdl_columns(path + t, len - t);
        const bool   fits = h < t && take <= width;
        if (fits) head = h, tail = t, taken = take;
        else if (stuck) break;
        stuck = !fits;
    }
    if (tail == len) return put_cut(out, path, width); /* even the last component is too long */
    mdl_putn(out, path, head);
    mdl_put(out, "…");
    mdl_putn(out, path + tail, len - tail);
    return taken;
}

/* ---- tables ---- */

void mdl_table_widen(Table *t, const char *const *cells)
{
    for (int i = 0; i < t->count; i++) {
        const size_t n = columns(cells[i]);
        if (n > t->columns[i].width) t->columns[i].width = n;
    }
}

void mdl_table_fit(Table *t, int i, int width)
{
    const char *titles[MDL_TABLE_COLUMNS];
    size_t      others = INDENT;
    for (int k = 0; k < t->count; k++) titles[k] = t->columns[k].title;
    mdl_table_widen(t, titles);
    if (width == MDL_WIDE) return;
    for (int k = 0; k < t->count; k++) others += (k > 0 ? GAP : 0) + (k != i ? t->columns[k].width : 0);
    const size_t total = (size_t)(width > 0 ? width : DEFAULT_WIDTH);
    size_t       left = total > others ? total - others : 0;
    if (left < NARROWEST) left = NARROWEST;
    if (t->columns[i].width > left) t->columns[i].width = left;
}

/* Blanks at the end of a line are left out. */
void mdl_table_row(Table *t, const char *const *cells)
{
    size_t blanks = INDENT;
    for (int i = 0; i < t->count; i++) {
        const Column *c = &t->columns[i];
        const size_t  whole = columns(cells[i]);
        if (i > 0) blanks += GAP;
        if (c->right && whole < c->width) blanks += c->width - whole;
        size_t taken = 0;
        if (whole > 0) {
            mdl_put_fill(t->out, " ", blanks);
            blanks = 0;
            taken = c->path ? put_path(t->out, cells[i], c->width) : put_cut(t->out, cells[i], c->width);
            t->shortened = t->shortened || whole > c->width;
        }
        if (!c->right) blanks += c->width - taken;
    }
    mdl_putc(t->out, '\n');
}

void mdl_table_titles(Table *t)
{
    const char *titles[MDL_TABLE_COLUMNS];
    size_t      width = 0;
    for (int i = 0; i < t->count; i++) {
        titles[i] = t->columns[i].title;
        width += (i > 0 ? GAP : 0) + t->columns[i].width;
    }
    mdl_table_row(t, titles);
    mdl_put_fill(t->out, " ", INDENT);
    mdl_put_fill(t->out, "─", width);
    mdl_putc(t->out, '\n');
}
