/* Builds small programs by hand, for the tests of the graph and of what follows it. */
#ifndef GRAPH_HELPERS_H
#define GRAPH_HELPERS_H

#include "ir/ir.h"
#include "ir/layout.h"
#include "ir/passes.h"
#include "sema/instance.h"

typedef struct Maker {
    Arena     *arena;
    Interner  *names;
    DimCtx    *dims;
    SourceMap *sources;
    Source    *source;
    Program   *program;
} Maker;

/* An empty program with a model of that name; the source text is `text`, called model.mdl. */
Maker maker_create(const char *model, const char *text);
void  maker_destroy(Maker *m);

Type type_of(Maker *m, DType t, int rank, const Dim *const *dims);
/* float32 of sizes given as int; a negative number -1-i stands for symbol i. */
Type f32(Maker *m, int rank, const int *sizes);
#define F32(m, ...) f32((m), (int)(sizeof((int[]){__VA_ARGS__}) / sizeof(int)), (int[]){__VA_ARGS__})

/* ---- the instance tree ---- */

/* A layer in field `field` of `owner`; with index >= 0, element `index` of the list in that field. */
Instance *add_layer(Maker *m, Instance *owner, const char *field, int64_t index, const char *class_name, bool library);
void      add_alias(Maker *m, Instance *owner, const char *field, Instance *layer);
Variable *add_variable(Maker *m, Instance *owner, const char *name, int rank, const int64_t *shape, bool is_state);
#define VARIABLE(m, owner, name, state, ...) \
    add_variable((m), (owner), (name), (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (int64_t[]){__VA_ARGS__}, (state))

/* ---- functions ---- */

IrFunction *make_function(Maker *m, const char *name, Instance *owner);
const Dim  *add_symbol(Maker *m, const char *name);
void        use_symbol(Maker *m, IrFunction *f, const Dim *symbol);
Node       *add_param(Maker *m, IrFunction *f, const char *name, Type t);
Node       *add_const(Maker *m, IrFunction *f, Type t, double value);
Node       *add_read(Maker *m, IrFunction *f, Type t, Variable *v, const char *path);
Node       *add_assign(Maker *m, IrFunction *f, Variable *v, const char *path, Node *value);
Node       *add_check(Maker *m, IrFunction *f, Relation r, const Dim *left, const Dim *right, const char *message);
Node       *add_op(Maker *m, IrFunction *f, Opcode code, Type t, int nin, Node *const *in);
#define OP1(m, f, code, t, a)    add_op((m), (f), OPC_##code, (t), 1, (Node *[]){(a)})
#define OP2(m, f, code, t, a, b) add_op((m), (f), OPC_##code, (t), 2, (Node *[]){(a), (b)})
/* Sets attribute `number` of an op to integers. */
void  set_ints(Maker *m, Node *op, int number, int count, const int64_t *values);
/* The call and its result. */
Node *add_call(Maker *m, IrFunction *f, IrFunction *callee, const char *path, const Dim *const *symbols, int nin, Node *const *in);
Node *add_result(Maker *m, IrFunction *f, Node *call, int index, Type t);
void  give(Maker *m, IrFunction *f, Node *result);
/* "blocks.3.kernel"; "{i}" and "{i+2}" are loop steps. */
Path path_of(Maker *m, const char *text);

void add_input(Maker *m, const char *name, Type t);
void add_output(Maker *m, const char *name, Type t);

/* Two Dense layers inlined into the model: relu(x @ w1 + b1) @ w2 + b2. */
Maker make_mlp(void);
/* A call of each of `count` functions with equal bodies, but for a constant if they `differ`. */
Maker make_copies(int count, bool differ);
/* A node of every kind: checks, dimensions, a state, random numbers, a scan, a shared layer, casts, a choice. */
Maker make_everything(void);
/* `depth` blocks x = x + relu(x @ kernel + bias) in a list, each a call of one function. */
Maker make_chain(int depth);
/* The same with a batch normalization behind each product. */
Maker make_normalized(int depth);

#endif
