/* Binding the dimensions of declared types in the current frame, for layers, methods and functions. */
#ifndef MDLC_BINDING_H
#define MDLC_BINDING_H

#include "cx.h"

/* A dimension that waits: first all plain names bind, then what remains is solved or checked. */
typedef struct Waiting {
    const Expr *expr;
    const Dim  *value;
    Span        span;
    const char *param;
    const TypeExpr *type; /* the declared type that the expression is part of ... */
    Type        actual;   /* ... and what was given for it */
} Waiting;

typedef struct Binding {
    const ClassInfo *cls;  /* whose dimensions bind; NULL: a function's, every name without another meaning */
    const char      *what; /* "`Dense`", for messages */
    DType            compute_dtype;
    VEC(Waiting) later;
    bool             ok;
} Binding;

/* The value as the type wants it: numbers become tensors, floats are cast between float dtypes. Clears b->ok after an error. */
Value bind_value(Cx *cx, Binding *b, const TypeExpr *t, Value v, Span span, const char *param);
/* Finds the unknown of each pattern that has exactly one. */
void solve_patterns(Cx *cx, Binding *b);
/* Checks what is left, and empties the list. */
void check_waiting(Cx *cx, Binding *b);
/* Float tensors in the layer's compute dtype. */
Value autocast(Cx *cx, Instance *inst, const TypeExpr *type, Value v, Span span);

#endif
