/* Diagnostics are data; renderers turn them into text later.
 *
 *     Diag *d = diag_error(s, E_SHAPE_MISMATCH, call->span, "`%s` expects %d inputs, but gets %d", ...);
 *     diag_label(d, arg->span, "this has shape %s", ...);     a further place in the picture
 *     diag_note (d, decl->span, "`%s` is declared here", ...); a note with a place (or NO_SPAN)
 *     diag_help (d, "did you mean `%s`?", ...);
 *     diag_fix  (d, span, "replacement");                      an edit that `mdlc` can apply
 *
 * Wording: lower case, no final period, source text in back-ticks, what is wrong before what was expected. */
#ifndef MDLC_DIAG_H
#define MDLC_DIAG_H

#include <stdbool.h>
#include <stdio.h>

#include "../base/bug.h"
#include "source.h"

#define NO_SPAN ((Span){0, 0, 0})

typedef enum DiagCode {
#define DIAG(code, level, number, title) code,
#include "diag_codes.def"
#undef DIAG
    DIAG_CODE_COUNT
} DiagCode;

typedef enum { LEVEL_ERROR, LEVEL_WARNING } DiagLevel;

DiagLevel diag_level(DiagCode code);

typedef struct Diag     Diag;
typedef struct DiagSink DiagSink; /* collects; one per session */

enum { DIAG_MAX_ERRORS = 20 };

DiagSink *diags_create(Arena *a, SourceMap *sources);

/* Level, number and title come from the code's row. `span` is the primary place, its label the text under the carets
 * (set with diag_primary; none by default). */
Diag *diag_at(DiagSink *s, DiagCode code, Span span, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* An error that another one has told of already: it counts, and is not shown. */
Diag *diag_silent(DiagSink *s);
void  diag_primary(Diag *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
void  diag_label(Diag *d, Span span, const char *fmt, ...) PRINTF_LIKE(3, 4);
void  diag_note(Diag *d, Span span, const char *fmt, ...) PRINTF_LIKE(3, 4);
void  diag_help(Diag *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The edit that goes with the last help: replace `span` by `text`. */
void diag_fix(Diag *d, Span span, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Whether there are so many errors that a further one will not be shown. */
bool diag_is_full(const DiagSink *s);
/* Errors so far (before de-duplication). */
size_t diag_errors(const DiagSink *s);
/* Sorted by file and offset, duplicates at the same place and code dropped, at most DIAG_MAX_ERRORS errors. */
typedef struct DiagStyle {
    bool color;
    int  width; /* columns; long source lines are elided around the span */
} DiagStyle;
void diags_render_text(DiagSink *s, FILE *out, DiagStyle style);
void diags_render_json(DiagSink *s, FILE *out);
/* Applies every fix of every diagnostic to file `id`; returns the new text, or NULL if there is none to apply. */
char *diags_apply_fixes(DiagSink *s, uint32_t file, size_t *len);

/* The nearest of `candidates` to `name` by edit distance, or NULL if none is close. */
const char *suggest(const char *name, const char *const *candidates, size_t count);

#endif
