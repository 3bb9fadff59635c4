/* The verbs of mdlc, and the stages behind them. */
#ifndef MDLC_DRIVER_H
#define MDLC_DRIVER_H

#include "sema/sema.h"

enum { EXIT_DONE = 0, EXIT_INPUT = 1, EXIT_USAGE = 2, EXIT_BUG = 70 };

typedef VEC(const char *) TextVec;
typedef VEC(SemaDefine) DefineVec;

/* What the command line says. Texts of -D and --input become sources once a session exists. */
typedef struct Options {
    const char *verb;    /* "build", "manifest", "check", "run" */
    const char *file;
    const char *output;  /* -o */
    const char *model;
    const char *emit;    /* --emit: "c" */
    const char *dump;    /* --dump: "ast", "graph" */
    const char *cc, *cflags;
    const char *format;  /* of diagnostics: "text", "json" */
    TextVec     defines; /* "name=value" */
    TextVec     inputs;  /* "[name=]type" */
    TextVec     include_dirs;
    TextVec     rest;    /* of manifest: options for its printer; of run: options for the program */
    bool        line_directives, training, verify, fix;
} Options;

/* Runs the verb; returns the exit status. */
int drive(const Options *o);

/* ---- toolchain.c: the C compiler and what it needs ---- */

typedef struct Toolchain {
    const char *cc;       /* the command, may hold arguments: "ccache gcc" */
    const char *cflags;
    const char *include;  /* folder of mdl/mdl.h */
    const char *library;  /* libmdl.a */
} Toolchain;

/* Finds the runtime relative to the running mdlc; NULL and a message on stderr if it is not there. */
bool toolchain_find(Arena *a, const Options *o, Toolchain *t);
/* Compiles `code` (and `main`, if not NULL) into an executable, a static (.a) or shared (.so) library named `output`.
 * Returns the exit status; a failing C compiler's output is shown. */
int toolchain_build(Arena *a, const Toolchain *t, const char *code, const char *main, const char *output);
/* Runs a program with arguments (NULL-terminated), waits, returns its exit status; NOT_FOUND if there is no such program. */
enum { NOT_FOUND = -1 };
int run_program(char *const *argv);
/* A fresh folder for temporary files, removed by temp_remove. NULL after a message. */
const char *temp_create(Arena *a);
void        temp_remove(Arena *a, const char *dir);
/* Writes a whole file, by way of a temporary one beside it; false after a message. */
bool write_file(Arena *a, const char *path, const char *text);

/* ---- help.c ---- */
void print_help(const char *verb);
void print_version(void);

#endif
