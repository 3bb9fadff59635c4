/* The parts of sema_program. */
#ifndef MDLC_PROGRAM_H
#define MDLC_PROGRAM_H

#include "cx.h"

/* ---- defines.c ---- */
/* Constants are set at once, parameters become arguments. */
bool apply_defines(Cx *cx, const Decl *model, ArgList *args);

/* ---- inputs.c ---- */
typedef struct Inputs {
    Cx *cx;
    Instance *model;
    Builder *builder;
    bool ok;
    bool unknown; /* some input has no type: the model stays unbuilt */
} Inputs;
bool        check_input_names(Cx *cx, const Function *call);
/* The --input options that would give every input a type. */
const char *missing_inputs(Cx *cx, const Function *call);
void        bind_inputs(Inputs *in, const Function *call, ArgList *args);

/* ---- resolve.c ---- */
void resolve_file(Cx *cx, Module *m);

/* ---- finish.c ---- */
void finish_graph(Cx *cx);

#endif
