/* A call from the command line: shared by the verbs that compute. */
#ifndef MDL_CLI_CALL_H
#define MDL_CLI_CALL_H

#include "cli_weights.h"

typedef struct Call {
    const Cli         *cli;
    const mdl_program *program;
    mdl_model         *model;
    Weights            weights; /* into which the model may point */
    mdl_tensor        *inputs, *outputs;
    int64_t           *shapes;  /* of the inputs: MDL_MAX_RANK each */
    int64_t           *symbols; /* sizes given by --dim or by the inputs' files; -1 where neither does */
    mdl_threads       *threads;
    mdl_run            run; /* what the call is told */
    mdl_error          error;
} Call;

/* Checks the names on the command line, reads or makes the inputs, gives the model its values. Release the call also after a
 * failure, whose message is in `error`. */
mdl_status mdl_cli_prepare(Call *call, const Cli *cli);
void       mdl_cli_release(Call *call);

/* The value of the last pair "name=value", or with `only` of one without a name; NULL if there is none. */
const char *mdl_cli_value(const Pairs *pairs, const char *name, bool only);

#endif
