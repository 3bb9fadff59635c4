/* The type of an input as text, "float32[batch, 2 * time]": its sizes under given values of the symbols. */
#ifndef MDL_DIMENSION_H
#define MDL_DIMENSION_H

#include "internal.h"

/* A value for each of the program's symbols; -1: not given. */
typedef struct Symbols {
    const mdl_program *program;
    int64_t           *values;
} Symbols;

/* The place of a symbol; -1 if there is none of that name. */
int mdl_symbol_find(const mdl_program *program, const char *name, size_t len);
/* Takes from an actual shape the values of symbols that stand alone in the type, unless they were given. */
void mdl_dimensions_learn(const Symbols *s, const mdl_port *port, const int64_t *shape);
/* The sizes of a port; symbols that were not given count as 1. False if the type says nothing that can be counted. */
bool mdl_dimensions_sizes(const Symbols *s, const mdl_port *port, int64_t *shape);

#endif
