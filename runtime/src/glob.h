/* Patterns over paths: `*` any text (dots too), `?` one character, `[a-z]` and `[!a-z]` one of a set, `\` takes the next as
 * it is. */
#ifndef MDL_GLOB_H
#define MDL_GLOB_H

#include <stdbool.h>
#include <stddef.h>

bool mdl_glob(const char *pattern, const char *s, size_t len);

#endif
