/* A loop in a function of its own, with a struct of what it reads: an epilogue, which a product calls for each block of its result, or
 * a range, which threads call for a share of the rows. */
#ifndef MDLC_OUTLINE_H
#define MDLC_OUTLINE_H

#include "loop.h"

typedef struct Outline Outline;
struct Outline {
    Body       *b;
    Loop        loop;
    const char *kind;       /* its name, but for a number: "epilogue" */
    const char *inner_kind; /* of a second function, behind that name: "block"; NULL: there is none */
    const char *said;       /* the comment above the functions, but for where they were needed first */
    void (*write)(Outline *o, CWriter *w); /* the functions */
    bool        restricts;  /* nothing else shows the result's memory */
    const char *cname;      /* of the function and of the struct */
    const char *inner;      /* of the second function */
    const char *arguments;  /* in the function: a pointer to the struct */
    Names      *names;
    CWriter     w;          /* the function's loops */
    bool       *used;       /* symbols that they mention */
};

/* Names the result and the leaves; `own` are the function's parameters. The loop is the root's, without its extents. */
void outline_begin(Outline *o, Body *b, Node *root, const char *const *own, size_t count);
/* What is written in between through the body's writer are the function's loops. */
void outline_open(Outline *o);
void outline_close(Outline *o);
/* What stands in braces in the function with the loops: what it takes from the struct, and the loops. */
void outline_body(Outline *o, CWriter *w);
/* Puts struct and functions into the file, unless equal ones are there. */
void outline_write(Outline *o);
/* `&(const struct epilogue){...}`: what the struct is filled with, where the function is passed on. */
const char *outline_arguments(Outline *o);

/* Of a loop that goes over rows several times, emit_reductions.c: its extents, two or more; and what comes before the elements of a row. */
void reductions_begin(Outline *o);
void reductions_write(Outline *o);

#endif
