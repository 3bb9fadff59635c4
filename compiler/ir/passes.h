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
    const char *name; /* of --passes-off, and in bug reports */
    void (*run)(PassContext *cx);
    bool can_be_off;  /* it only makes the program faster or smaller */
    const char *with; /* pays only if this other pass runs, too; NULL: always */
} Pass;

/* Ends with an entry without a name. */
extern const Pass pass_table[];

typedef VEC(const char *) PassNames;

/* Finds the passes to switch off in a list as "roll,prepare" or "all". False: `*wrong` is no name of one that can be. */
bool passes_off(Arena *a, const char *list, PassNames *off, const char **wrong);

/* Runs the passes that aren't off (NULL: all); with `verify`, the verifier between them. Afterwards the graph can be planned and
 * emitted. */
void run_passes(Arena *a, Program *p, Layouts *layouts, const PassNames *off, bool verify);

void pass_fold(PassContext *cx);
void pass_legalize(PassContext *cx);
void pass_states(PassContext *cx);
void pass_dedupe(PassContext *cx);
void pass_roll(PassContext *cx);
void pass_transpose_early(PassContext *cx);
void pass_share(PassContext *cx);
void pass_gates(PassContext *cx);
void pass_fold_padding(PassContext *cx);
void pass_fold_scale(PassContext *cx);
void pass_attention(PassContext *cx);
void pass_winograd(PassContext *cx);
void pass_pack(PassContext *cx);
void pass_prepare(PassContext *cx);
void pass_reductions(PassContext *cx);
void pass_slices(PassContext *cx);
void pass_epilogues(PassContext *cx);
void pass_rows(PassContext *cx);
void pass_samples(PassContext *cx);

#endif
