/* Calls of functions, and loops that call one: over steps (scan) and over equal layers. */
#ifndef MDLC_CALLS_H
#define MDLC_CALLS_H

#include "emitter.h"

/* ---- emit_call.c ---- */

/* The bytes of a value, as C. */
const char *call_bytes(Body *b, Type t);
void        call_copy(Body *b, const char *to, const char *from, Type t);
/* The layout of the layer at the path; NULL: it has no variables. */
Layout     *call_layout(Body *b, Path path);
/* The weights, or states, of that layer. */
const char *call_address(Body *b, Path path, bool state);
/* One more argument. */
void call_put(StrBuf *args, const char *text);
/* Everything before the tensors, and behind them. */
void call_put_context(Body *b, StrBuf *args, const CFunction *callee, const Node *n, const char *key);
void call_put_rest(Body *b, StrBuf *args, const CFunction *callee);
/* The results of a call: they stand directly behind it, in order. */
NodeVec call_results(Body *b, const Node *call);
void    emit_call(Body *b, Node *n);

/* ---- emit_scan.c ---- */

/* A loop of calls. The carries go to and fro between their results' memory and a slot. */
typedef struct Steps {
    Node        *n;
    CFunction   *callee;
    NodeVec      results;
    int          ncarry;
    const char  *length;  /* how many steps, as C */
    const char  *counter; /* of the C loop */
    const char  *at;      /* which element of xs and ys: the counter, or from behind */
    Names       *names;
    const char **in, **out; /* pointers to what goes in and comes out */
    const char **temp;      /* of each carry: to its slot */
    const char **now, **next; /* of each carry */
    const char **element;   /* of an input: to what a step reads of it, if that isn't in `in`; NULL: in `in` */
} Steps;

/* Without names for the pointers. */
Steps steps_of_scan(Body *b, Node *n);
/* `now` and `next` before the first step, and after one. */
void steps_declare(Body *b, Steps *s, bool odd_known, bool odd);
void steps_turn(Body *b, const Steps *s);
/* The carries and elements of a step, behind what stands in `args`. */
void steps_put_values(Body *b, const Steps *s, StrBuf *args);
/* Opens the loop over the steps. */
void steps_open(Body *b, Steps *s);
/* Are there an odd number of steps? False: that is not known. */
bool steps_parity(const Steps *s, bool *odd);

void emit_scan(Body *b, Node *n);
void emit_repeat(Body *b, Node *n);

/* ---- emit_work.c ---- */

/* All that the loop takes, in multiply-adds, as a double in C. */
const char *work_of_steps(Body *b, const Node *scan);

/* ---- emit_rows.c ---- */

/* A loop over steps whose rows threads may share, as a function of a range of the rows; false: it is none, and nothing is written.
 * requires the loop's results declared */
bool emit_shared_steps(Body *b, Node *n);

#endif
