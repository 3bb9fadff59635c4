/* What happens to the graph between tracing and emission: a table of passes, run in order. */
#ifndef MDLC_PASSES_H
#define MDLC_PASSES_H

#include "ir.h"
#include "layout.h"

typedef struct PassContext {
    Arena   *arena;
    Program *program;
    Layouts *layouts;
} PassContext;

typedef struct Pass {
    const char *name; /* of --dump-after, and in bug reports */
    void (*run)(PassContext *cx);
} Pass;

/* Ends with an entry without a name. */
extern const Pass pass_table[];

/* Runs all passes; with `verify`, the verifier between them. Afterwards the graph can be planned and emitted. */
void run_passes(Arena *a, Program *p, Layouts *layouts, bool verify);

void pass_fold(PassContext *cx);
void pass_legalize(PassContext *cx);
void pass_states(PassContext *cx);
void pass_dedupe(PassContext *cx);
void pass_roll(PassContext *cx);
void pass_share(PassContext *cx);

#endif
