/* From the graph to C. */
#ifndef MDLC_EMIT_H
#define MDLC_EMIT_H

#include "../ir/ir.h"
#include "../ir/layout.h"

typedef struct EmitOptions {
    const char *version;         /* of mdlc, for the first line */
    const char *basename;        /* the files are <basename>.c and <basename>.h */
    bool        line_directives; /* #line, so that a debugger shows the .mdl */
    bool        profile;         /* steps say when they begin, for `EXE profile` */
    bool        report;
} EmitOptions;

typedef struct GeneratedC {
    const char *header; /* <basename>.h */
    const char *code;   /* <basename>.c */
    const char *main;   /* main.c of an executable */
    const char *report; /* where memory goes, and what the steps are; NULL unless asked for */
} GeneratedC;

/* requires run_passes; the texts live in the arena */
GeneratedC emit_c(Arena *a, Program *p, Layouts *layouts, SourceMap *sources, const EmitOptions *options);

/* The registry that the generated code would make, made here: for manifests without a C compiler. NULL if there is no
 * memory. It borrows the program's strings. */
mdl_registry *emit_registry(Arena *a, const Program *p, SourceMap *sources);

#endif
