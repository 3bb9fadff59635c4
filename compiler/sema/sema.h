/* Sema: names, static evaluation, instantiation and tracing. From syntax trees to the instance tree and the graph. */
#ifndef MDLC_SEMA_H
#define MDLC_SEMA_H

#include "../syntax/parse.h"
#include "instance.h"

/* `-D name=value`, `--input [name=]type`. */
typedef struct SemaDefine {
    const char *name;
    Source     *text; /* the value or type, as a source of its own, for messages */
} SemaDefine;

typedef struct SemaOptions {
    const char        *model; /* NULL: the file's only one */
    const SemaDefine  *defines;
    size_t             ndefines;
    const SemaDefine  *inputs; /* name NULL: the only input */
    size_t             ninputs;
    const char *const *include_dirs;
    size_t             ninclude_dirs;
    bool               training;
    bool               check_all; /* instantiate every model of the file that needs no arguments (mdlc check) */
} SemaOptions;

typedef struct Session {
    Arena     *arena;
    Interner  *names;
    SourceMap *sources;
    DiagSink  *diags;
} Session;

/* Requires a parsed file. Ensures: a Program whose graph is verified, if there was no error; a Program without `main` if
 * the model is unbuilt (its inputs are unknown); NULL after an error. */
Program *sema_program(Session *s, AstFile *file, const SemaOptions *options);

/* The models declared in the file, in order. */
typedef VEC(Decl *) ModelVec;
void sema_models(Session *s, AstFile *file, ModelVec *models);

/* One file of the embedded library. */
typedef struct LibraryFile {
    const char *name; /* "Dense.mdl" */
    const char *text;
    size_t      len;
} LibraryFile;
extern const LibraryFile library_files[];
extern const size_t      library_file_count;

#endif
