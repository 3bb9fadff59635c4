/* The C compiler and what it needs. */
#ifndef MDLC_TOOLCHAIN_H
#define MDLC_TOOLCHAIN_H

#include <stdbool.h>

#include "base/vec.h"

enum { EXIT_DONE = 0, EXIT_INPUT = 1, EXIT_USAGE = 2, EXIT_BUG = 70 };

typedef VEC(char *) Words;

typedef struct Toolchain {
    Words       cc;          /* the command: "ccache gcc" is two words */
    Words       cflags, ar;
    const char *include;     /* folder of mdl/mdl.h */
    const char *library;     /* libmdl.a */
    bool        own_library; /* found beside mdlc, not named by MDL_LIBRARY */
} Toolchain;

/* The folder of the running mdlc, "" if it cannot be found. */
const char *own_folder(Arena *a);
/* Finds the C compiler and, relative to the running mdlc, the runtime. `cc` and `cflags`: of the command line, or NULL. False
 * after a message. */
bool toolchain_find(Arena *a, const char *cc, const char *cflags, bool debug, Toolchain *t);
/* Compiles `code` (and `main`, if not NULL) into an executable, a static (.a) or shared (.so) library named `output`.
 * Returns the exit status; a failing C compiler's output is shown. */
int toolchain_build(Arena *a, const Toolchain *t, const char *code, const char *main, const char *output);

#endif
