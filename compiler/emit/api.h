/* The functions of a model that programs call. */
#ifndef MDLC_API_H
#define MDLC_API_H

#include "emitter.h"

/* Names of their parameters. */
typedef struct Api {
    Emitter     *e;
    CFunction   *main;
    SymbolNames  symbols;
    const char **inputs, **outputs;
} Api;

/* Appends a parameter or argument. */
void api_put(StrBuf *params, const char *text);
/* The symbols, in the order of calls, each behind `type`. */
void api_put_symbols(const Api *api, StrBuf *params, const char *type);

/* emit_samples.c: writes what a call needs that takes some of the samples at a time, and gives the expression that makes it, for a `count`
 * of 2 or more; NULL: the model's samples are not apart. */
const char *emit_samples(Api *api, const char **count);

#endif
