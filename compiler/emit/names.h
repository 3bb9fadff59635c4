/* Names in the generated C: one mangler for all of them.
 *
 * A scope hands out names that differ from each other, from those of the scopes around it, and from everything that C, C++,
 * the standard headers or libmdl mean by them. */
#ifndef MDLC_NAMES_H
#define MDLC_NAMES_H

#include "../base/intern.h"
#include "../base/map.h"

typedef struct Names {
    Arena              *arena;
    bool                is_file; /* hands out names of functions and types */
    const struct Names *around; /* or NULL */
    Interner           *interner;
    Map                 taken;  /* Sym -> the name */
} Names;

Names *names_create(Arena *a, const Names *around, bool is_file);
/* `wish` where it may be used, else something close: `int_`, `x_2`. */
char *names_claim(Names *n, const char *wish);
/* The same in a file's scope, of a name that the scopes within it, from `inner` outwards, have not given away: they can call it. */
char *names_claim_visible(Names *file, const Names *inner, const char *wish);
/* Does one of these scopes mean something else by a name of the file's? */
bool names_hide(const Names *inner, const char *name);
/* Can't be claimed any more, in this scope or one inside it. */
void names_reserve(Names *n, const char *name);
/* Is it a keyword, a macro, a type, or libmdl's? */
bool name_is_reserved(const char *name);
/* Is it a function of the standard library? */
bool name_is_function(const char *name);

#endif
