/* `mdlc weights`: its command line, and what its five commands share. */
#ifndef MDLC_COMMAND_H
#define MDLC_COMMAND_H

#include "checkpoint.h"
#include "format.h"

typedef struct Text Text; /* the runtime's text.h */

typedef VEC(const char *) WordVec;

/* What the options of a model say; the driver knows what they mean. */
typedef struct ModelOptions {
    const char *model;
    WordVec     defines, inputs, include_dirs;
    bool        training;
} ModelOptions;

/* What the room needs of the driver. */
typedef struct WeightsDriver {
    WeightsHost host;
    /* The variables of an .mdl file, in memory of the arena's lifetime; NULL after messages, with the exit status. */
    mdl_registry *(*model)(Arena *a, const char *file, const ModelOptions *options, int *exit_status);
} WeightsDriver;

typedef struct Command {
    Arena               *arena;
    const WeightsDriver *driver;
    const char          *verb;     /* "show" */
    WordVec              files;
    ModelOptions         model;
    bool                 values, json, partial;
    const char          *filter, *dtype, *layout, *like, *target, *map, *output, *tolerance;
    Text                *out;      /* standard output */
} Command;

/* Exit statuses. */
enum { WEIGHTS_DONE = 0, WEIGHTS_DIFFER = 1, WEIGHTS_BAD = 1, WEIGHTS_TROUBLE = 2 };

/* Runs `mdlc weights ARGV...`; argv[0] is "weights". Returns the exit status. */
int weights_command(Arena *a, int argc, char **argv, const WeightsDriver *driver);

int show_command(const Command *c);
int verify_command(const Command *c);
int diff_command(const Command *c);
int convert_command(const Command *c);
int map_command(const Command *c);

/* Prints the message to stderr; the exit status for it. */
int complain(const mdl_error *error);
/* Opens files[i]; NULL after a message, with the exit status. */
Checkpoint *open_file(const Command *c, size_t i, int *exit_status);
/* The page of a command; NULL: of all. */
const char *weights_page(const char *verb);

#endif
