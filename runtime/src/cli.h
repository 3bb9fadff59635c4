/* The command line of compiled programs: what its files share. */
#ifndef MDL_CLI_H
#define MDL_CLI_H

#include "internal.h"

typedef enum Verb { VERB_MANIFEST, VERB_INIT, VERB_RUN, VERB_VERIFY, VERB_CONVERT, VERB_PACK, VERB_BENCH, VERB_PROFILE } Verb;

/* "name=value" pairs, in the order given. */
typedef struct Pairs {
    const char **at;
    int          count;
} Pairs;

typedef struct Cli {
    const mdl_program   *program;
    const char          *exe; /* the program's own name, for messages */
    bool                 help, version;
    bool                 has_verb; /* one was named */
    Verb                 verb;
    mdl_manifest_options manifest;
    const char          *weights, *map, *file; /* read; written (init, convert) */
    const char          *save;                 /* written behind a call (run) */
    bool                 partial, cast, values, no_mmap; /* how weights are read */
    bool                 has_dtype; /* floats are written as `dtype` */
    mdl_dtype            dtype;
    uint64_t             shard_size;
    bool                 random_inputs, json;
    double               seconds; /* to measure for */
    int                  threads; /* 0: one a processor */
    uint64_t             seed;
    Pairs                inputs, outputs, dims;
} Cli;

/* Exit statuses. */
enum { EXIT_DONE = 0, EXIT_WRONG = 1, EXIT_USAGE = 2, EXIT_BUG = 70 };

/* Fills in what the command line says: options that belong to the verb, and all that it needs. */
mdl_status mdl_cli_read(Cli *cli, int argc, char **argv, mdl_error *error);

/* Prints the message behind the program's name to standard error; the exit status that belongs to it. */
int mdl_cli_fail(const Cli *cli, const mdl_error *error);
/* An mdl_write to standard output, which keeps in *context, an int, why it failed. */
bool mdl_cli_write(void *context, const char *bytes, size_t size);
/* The verb `run`; the exit status. */
int mdl_cli_run(const Cli *cli);
/* The verb `bench`; the exit status. */
int mdl_cli_bench(const Cli *cli);
/* The verb `profile`; the exit status. */
int mdl_cli_profile(const Cli *cli);
/* Says in a few lines what a tensor holds. */
void mdl_cli_summary(const char *name, const mdl_tensor *t);

#endif
