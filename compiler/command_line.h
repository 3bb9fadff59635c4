/* The command line of mdlc. */
#ifndef MDLC_COMMAND_LINE_H
#define MDLC_COMMAND_LINE_H

#include "driver.h"

/* Fills in what the line says. False if that was all: help was printed, or what is wrong with the line; *status is then the
 * exit status. */
bool command_line_read(Arena *a, int argc, char **argv, Options *o, int *status);

#endif
