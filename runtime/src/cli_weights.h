/* Weight files on the command line. */
#ifndef MDL_CLI_WEIGHTS_H
#define MDL_CLI_WEIGHTS_H

#include <mdl/mdl_weights.h>

#include "cli.h"

/* An open file beside a model's variables. */
typedef struct Weights {
    mdl_mapping *mapping;
    mdl_weights *w;
    mdl_fit     *fit;
} Weights;

/* Opens the file of the command line, as its options say. Close it in any case. */
mdl_status mdl_cli_open(const Cli *cli, mdl_registry *r, Weights *weights, mdl_error *error);
void       mdl_cli_close(Weights *weights);
/* Loads it into a model, which may point into it then; what is noted goes to standard error. */
mdl_status mdl_cli_load(const Cli *cli, mdl_model *m, Weights *weights, mdl_error *error);

/* The verbs; the exit status. `why` is where mdl_cli_write keeps an error. */
int mdl_cli_init(const Cli *cli);
int mdl_cli_verify(const Cli *cli, int *why);
int mdl_cli_convert(const Cli *cli);

#endif
