#include "table.h"

#include <string.h>

enum { INDENT = 2, GAP = 3, TIGHT_GAP = 2, DEFAULT_WIDTH = 80, NARROWEST = 16 };

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

/* Puts text in at most `width` columns; returns how many it took. What is too long is cut before its last item, ", 64]", if it
 * has one that leaves room for a start, else at its end. */
static size_t put_cut(Text *out, const char *s, size_t width)
{
    const size_t whole = columns(s);
    if (whole <= width) {
        mdl_put(out, s);
        return whole;
    }
    const char  *comma = strrchr(s, ',');
    const char  *tail = comma != NULL && columns(comma) < width / 2 ? comma : "";
    const size_t head = width - 1 - columns(tail);
    mdl_putn(out, s, start_within(s, strlen(s), head));
    mdl_put(out, "…");
    mdl_put(out, tail);
    return width;
}

/* ---- tables ---- */

void mdl_table_widen(Table *t, const char *const *cells)
{
    for (int i = 0; i < t->count; i++) {
        const size_t n = columns(cells[i]);
        if (n > t->columns[i].width) t->columns[i].width = n;
    }
}

/* What a line takes beside column `except`. */
static size_t taken_beside(const Table *t, int except, size_t gap)
{
    size_t n = INDENT + gap * (size_t)(t->count - 1);
    for (int i = 0; i < t->count; i++) {
        if (i != except) n += t->columns[i].width;
    }
    return n;
}

void mdl_table_fit(Table *t, int i, int width)
{
    const char  *titles[MDL_TABLE_COLUMNS] = {0};
    const size_t total = (size_t)(width > 0 ? width : DEFAULT_WIDTH);
    for (int k = 0; k < t->count; k++) titles[k] = t->columns[k].title;
    mdl_table_widen(t, titles);
    t->gap = GAP;
    if (width == MDL_WIDE || taken_beside(t, -1, GAP) <= total) return;
    t->gap = TIGHT_GAP;
    const size_t others = taken_beside(t, i, TIGHT_GAP);
    size_t       left = total > others ? total - others : 0;
    if (left < NARROWEST) left = NARROWEST;
    if (t->columns[i].width > left) t->columns[i].width = left;
}

/* Blanks at the end of a line are left out. */
void mdl_table_row(Table *t, const char *const *cells)
{
    const size_t gap = t->gap != 0 ? t->gap : GAP;
    size_t       blanks = INDENT;
    for (int i = 0; i < t->count; i++) {
        const Column *c = &t->columns[i];
        const size_t  whole = columns(cells[i]);
        const bool    alone = c->whole && whole > c->width; /* the other cells go to the next line */
        if (i > 0) blanks += gap;
        if (c->right && whole < c->width) blanks += c->width - whole;
        size_t taken = 0;
        if (whole > 0) {
            mdl_put_fill(t->out, " ", blanks);
            blanks = 0;
            taken = put_cut(t->out, cells[i], alone ? whole : c->width);
            t->shortened = t->shortened || (!c->whole && whole > c->width);
        }
        if (alone) {
            mdl_putc(t->out, '\n');
            blanks = INDENT + c->width;
        }
        else if (!c->right) blanks += c->width - taken;
    }
    mdl_putc(t->out, '\n');
}

void mdl_table_titles(Table *t)
{
    const char *titles[MDL_TABLE_COLUMNS];
    for (int i = 0; i < t->count; i++) titles[i] = t->columns[i].title;
    mdl_table_row(t, titles);
    mdl_put_fill(t->out, " ", INDENT);
    mdl_put_fill(t->out, "─", taken_beside(t, -1, t->gap) - INDENT);
    mdl_putc(t->out, '\n');
}
