/* Mapping files: rules that say of which tensors variables are made. */
#ifndef MDL_MAPPING_H
#define MDL_MAPPING_H

#include "name_table.h"
#include "recipe.h"

typedef enum TermKind { TERM_NAME, TERM_CONCAT, TERM_TRANSPOSE, TERM_PERMUTE, TERM_RESHAPE, TERM_SLICE } TermKind;

/* What stands right of a rule's `=`. */
typedef struct Term Term;
struct Term {
    TermKind       kind;
    const char    *text; /* a name, perhaps with stars */
    size_t         len;
    bool           literal; /* it was in quotes: a star is a star */
    int            count;
    const int64_t *numbers, *ends; /* axes, sizes; of a slice where it begins and ends */
    const bool    *drop;           /* of a slice: an index, which takes its axis away */
    const int     *stars;          /* of a slice: the number from 1 of the star that stands for the index; 0: none */
    int64_t        axis;
    Term          *of;   /* operands of concat by `next`; else one */
    Term          *next;
};

typedef struct Rule {
    int         line;
    const char *target; /* a variable's path, perhaps with stars */
    size_t      target_len;
    int         nstars;
    bool        literal;
    bool        ignores; /* `_ = NAME`: the tensor is left; `target` is then the name */
    bool        leaves;  /* `PATH = _`: the variable is left */
    const Term *value;
} Rule;

struct mdl_mapping {
    Pool   pool;
    const char *name;
    Rule  *rules;
    size_t count, cap;
    Names  exact;    /* rules for one variable, by its path */
    int   *starred;  /* the others, in the order of the file */
    size_t nstarred;
};

enum { MDL_MAX_STARS = 8, MDL_MAX_TERM_DEPTH = 16 };

/* What each star of a pattern stands for. */
typedef struct Stars {
    const char *text[MDL_MAX_STARS];
    size_t      len[MDL_MAX_STARS];
    int         count;
} Stars;

/* Whether the name is one that the pattern stands for. Each star takes as little as it can. */
bool mdl_stars_match(const char *pattern, size_t pattern_len, const char *name, size_t len, Stars *stars);
/* The rules for a variable, one after the other, and what their stars stand for: the one without stars, then those with, as they
 * stand in the file. `*next` is 0 at first. NULL when there are no more. */
const Rule *mdl_mapping_next(const mdl_mapping *m, const char *path, size_t *next, Stars *stars);
/* Whether a rule says that the tensor is to be left. */
bool mdl_mapping_ignores(const mdl_mapping *m, const char *name, size_t len);
/* What recipes are made with. */
typedef struct Cooking {
    Pool              *pool;
    const mdl_weights *w;
    Stars              stars;
    const char        *fault;  /* why there is none; NULL: no memory */
    bool               absent; /* because the file doesn't have the tensor */
} Cooking;

/* The recipe of a term; NULL after a failure. */
Recipe *mdl_mapping_recipe(Cooking *c, const Term *term);

#endif
