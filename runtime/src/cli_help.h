/* The help pages of compiled programs. */
#ifndef MDL_CLI_HELP_H
#define MDL_CLI_HELP_H

#include "cli.h"

/* Of the program (`verb` NULL), or of one of its verbs. */
void mdl_cli_help(const Cli *cli, const Verb *verb);

#endif
