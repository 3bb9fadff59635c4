/* The verbs of mdlc, and the stages behind them. */
#ifndef MDLC_DRIVER_H
#define MDLC_DRIVER_H

#include <mdl/mdl.h>

#include "ir/passes.h"
#include "sema/sema.h"
#include "toolchain.h"

typedef VEC(const char *) TextVec;
typedef VEC(SemaDefine) DefineVec;

/* What the command line says. Texts of -D and --input become sources once a session exists. */
typedef struct Options {
    const char *verb;    /* "build", "manifest", "check", "run" */
    bool        verb_is_default; /* none was named */
    const char *file;
    const char *output;  /* -o */
    const char *model;
    const char *emit;    /* --emit: "c" */
    const char *passes_off; /* --passes-off: "roll,prepare" */
    PassNames   off;        /* its names */
    const char *dump;    /* --dump: "ast", "graph" */
    const char *cc, *cflags;
    const char *format;  /* of diagnostics: "text", "json" */
    TextVec     defines; /* "name=value" */
    TextVec     inputs;  /* "[name=]type" */
    TextVec     include_dirs;
    TextVec     rest;    /* of run: options for the program */
    bool        line_directives, profile, report, training, verify, fix;
    mdl_manifest_options manifest;
} Options;

/* Runs the verb; returns the exit status. */
int drive(const Options *o);
/* The variables of the model in o->file, in memory that lives as long as the arena. NULL after diagnostics, with the exit status. The
 * model must be built: its inputs have types. */
mdl_registry *model_registry(Arena *a, const Options *o, int *exit_status);

/* ---- explain_verb.c: `mdlc explain`, argv[0] ---- */
int explain_verb(int argc, char **argv);

/* ---- weights_verb.c: `mdlc weights`, argv[0] ---- */
int weights_verb(Arena *a, int argc, char **argv);

/* ---- library_verbs.c: `mdlc layers` and `mdlc show`, argv[0] ---- */
int layers_verb(Arena *a, int argc, char **argv);
int show_verb(Arena *a, int argc, char **argv);

/* ---- help.c ---- */
void print_help(FILE *f, const char *verb);
void print_version(void);

#endif
