/* Files: reading at a place, and writing that either succeeds or leaves no trace. */
#ifndef MDL_FILE_H
#define MDL_FILE_H

#include "internal.h"

/* Where bytes are read from: a file, or memory. */
typedef struct Input {
    const char *name;
    int         fd;    /* of the file, where `bytes` is NULL */
    const char *bytes; /* memory */
    uint64_t    size;
    void       *mapped; /* by mdl_input_map: the whole file */
} Input;

mdl_status mdl_input_open(Input *in, const char *name, mdl_error *error);
mdl_status mdl_input_read(Input *in, uint64_t at, void *out, size_t size, mdl_error *error);
/* The whole of it in memory, to be read only: NULL if that can't be had. */
const char *mdl_input_map(Input *in);
void        mdl_input_close(Input *in);

/* A file that appears under its name only when it is complete: until then it is a temporary one beside it. What isn't a regular
 * file (a pipe, a device) is written directly. */
typedef struct Output {
    int    fd;
    char  *target;    /* where it goes: symbolic links are followed */
    char  *temporary; /* NULL: written directly */
    char  *buffer;    /* small pieces are collected */
    size_t len;
    bool   unsynced;  /* set by whoever opened it: what can be made again need not be on the disk before it has its name */
    bool   synced;    /* by mdl_output_sync */
    bool   placed;    /* after mdl_output_close: it has its name, whatever failed then */
} Output;

mdl_status mdl_output_open(Output *out, const char *name, mdl_error *error);
/* Says how large the file will be, before anything is written: a full disk is told at once, and the rest is written faster. A file
 * system that can't is not asked again. */
mdl_status mdl_output_reserve(Output *out, uint64_t size, mdl_error *error);
mdl_status mdl_output_write(Output *out, const void *bytes, size_t size, mdl_error *error);
/* All that was written is made durable, still under the temporary name. */
mdl_status mdl_output_sync(Output *out, mdl_error *error);
/* Ends the file: with `status` MDL_OK it is made durable and takes its name, else it is removed. Returns the first failure. */
mdl_status mdl_output_close(Output *out, mdl_status status, mdl_error *error);

/* What a killed save of the file, or of its set, has left is removed; before, each such file is shown. */
typedef void mdl_litter(void *context, const char *path);
void mdl_output_sweep(const char *name, mdl_litter *before, void *context);
/* A second name for a file, which tells that it is temporary and which the next save removes if nobody does before; the caller
 * frees it. NULL if that can't be had. */
char *mdl_output_keep(const char *name);

/* MDL_IO with the name and the words for errno. */
mdl_status mdl_fail_system(mdl_error *error, const char *name);

#endif
