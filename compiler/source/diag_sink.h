/* What diag.c collects and the renderers read. */
#ifndef MDLC_DIAG_SINK_H
#define MDLC_DIAG_SINK_H

#include "../base/vec.h"
#include "diag.h"

/* How many diagnostics of a level, and how many labels, notes, helps and fixes of a diagnostic, are remembered. */
enum { DIAG_MAX_KEPT = 500, DIAG_MAX_PARTS = 1000 };

typedef struct DiagInfo {
    DiagLevel   level;
    int         number;
    const char *title;
} DiagInfo;

const DiagInfo *diag_info(DiagCode code);

typedef enum DiagPartKind { PART_LABEL, PART_NOTE, PART_HELP, PART_FIX } DiagPartKind;

typedef struct DiagPart {
    DiagPartKind kind;
    Span         span;   /* NO_SPAN of a help, and of a note without a place */
    const char  *text;   /* of a fix: the replacement */
    size_t       serial; /* order of arrival */
} DiagPart;

struct Diag {
    DiagSink   *sink; /* NULL in `unheard` */
    DiagCode    code;
    Span        span;
    const char *message;
    const char *label; /* under the primary span; NULL if none */
    VEC(DiagPart) parts;
    size_t serial; /* order of arrival */
};

struct DiagSink {
    Arena     *arena;
    SourceMap *sources;
    VEC(Diag *) all;
    size_t nparts;
    size_t count[2], kept[2], lost[2]; /* by level */
    Diag   unheard;                     /* stands for duplicates and for those beyond DIAG_MAX_KEPT */
};

/* By file, then offset, then order of arrival. */
void diags_sort(DiagSink *s);

#endif
