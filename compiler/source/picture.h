/* Excerpts of sources with places underlined:
 *
 *      |
 *   11 |   h1 = dense(x, units=128)
 *      |        -------------------- this has shape [batch, 128]
 *   ...
 *   14 |   y = add(h1, dense(x, units=64))
 *      |           ^^  ------------------ [batch, 64]
 *      |           |
 *      |           [batch, 128]
 */
#ifndef MDLC_PICTURE_H
#define MDLC_PICTURE_H

#include "diag.h"

/* What a piece of text is; each has a color, and none has if color is off. */
typedef enum Ink { INK_PLAIN, INK_ERROR, INK_WARNING, INK_MARK, INK_GUTTER, INK_STRONG, INK_REMOVED, INK_ADDED, INK_COUNT } Ink;

typedef struct Pen {
    FILE     *out;
    Arena    *scratch;
    DiagStyle style;
    int       gutter; /* digits of the largest line number shown */
} Pen;

typedef struct Mark {
    Span        span;
    const char *label; /* NULL if none */
    Ink         ink;
    char        stroke; /* `^` or `-` */
} Mark;

/* Prints `text` in a color. */
void pen_put(const Pen *pen, Ink ink, const char *text);
/* The line's beginning, up to and with the bar; `line` 0 leaves the number out. */
void pen_gutter(const Pen *pen, uint32_t line, char bar);
/* What of a text fits into a line, elided on both sides so that cells [from, to) are seen. Ends with a newline. */
void pen_text(const Pen *pen, Ink ink, Str text, uint32_t from, uint32_t to);

/* The digits that the numbers of a span's lines need. */
int picture_gutter(const SourceMap *sources, Span span);
/* The marks of one source; the first gives the place in the headline, which begins with `arrow`. */
void picture_draw(const Pen *pen, Source *source, const char *arrow, const Mark *marks, size_t count);

#endif
