/* Reading a command line's options. */
#ifndef MDL_OPTIONS_H
#define MDL_OPTIONS_H

#include "internal.h"

/* If argv[*at] is `name` (or `name=value`): 1, its value in *value, and *at moves behind it. Not `name`: 0. No value: -1. */
int mdl_take_value(const char *name, int argc, char *const *argv, int *at, const char **value, mdl_error *error);

/* Of `count` words the one that `word` is most likely a slip of; NULL if none is near. */
const char *mdl_nearest(const char *word, const char *const *words, size_t count);

#endif
