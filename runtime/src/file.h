/* Files: reading at a place, and writing that either succeeds or leaves no trace. */
#ifndef MDL_FILE_H
#define MDL_FILE_H

#include <stdio.h>

#include "internal.h"

/* Where bytes are read from: a file, or memory. */
typedef struct Input {
    const char *name;
    FILE       *file;  /* or */
    const char *bytes; /* memory */
    uint64_t    size;
} Input;

mdl_status mdl_input_open(Input *in, const char *name, mdl_error *error);
mdl_status mdl_input_read(Input *in, uint64_t at, void *out, size_t size, mdl_error *error);
void       mdl_input_close(Input *in);

/* A file that appears under its name only when it is complete: until then it is a temporary one beside it. What isn't a regular
 * file (a pipe, a device) is written directly. */
typedef struct Output {
    FILE *file;
    char *target;    /* where it goes: symbolic links are followed */
    char *temporary; /* NULL: written directly */
} Output;

mdl_status mdl_output_open(Output *out, const char *name, mdl_error *error);
mdl_status mdl_output_write(Output *out, const void *bytes, size_t size, mdl_error *error);
/* Ends the file: with `status` MDL_OK it is made durable and takes its name, else it is removed. Returns the first failure. */
mdl_status mdl_output_close(Output *out, mdl_status status, mdl_error *error);

#endif
