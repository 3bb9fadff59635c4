/* The graph: what a model's `call` computes, as functions over tensors of symbolic shape.
 *
 * A Program holds functions; each user layer (and model) that is called is a function for every way in which it is called
 * (shapes, dtypes, static arguments); library layers are part of the function that calls them. Functions whose bodies are
 * equal are one. A function's nodes stand in the order in which they run; a node is one value; a node with several results
 * is followed by NODE_RESULT nodes. Symbols of dimensions belong to the whole program: a function receives the values of
 * those that occur in it (`symbols`), a call passes them.
 *
 * Weights and states are reached from the function's owner, the layer instance whose weights the C function receives,
 * along a Path of fields and list indices. */
#ifndef MDLC_IR_H
#define MDLC_IR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "../base/arena.h"
#include "../base/intern.h"
#include "../base/vec.h"
#include "../sema/dim.h"
#include "../source/source.h"

/* In the order of `mdl_dtype`. */
typedef enum DType {
    DT_FLOAT32, DT_FLOAT64, DT_FLOAT16, DT_BFLOAT16, DT_INT8, DT_UINT8, DT_INT16, DT_INT32, DT_INT64, DT_BOOL,
    DT_COUNT
} DType;
const char *dtype_name(DType t); /* "float32" */
int         dtype_size(DType t); /* bytes */
bool        dtype_is_float(DType t);
bool        dtype_is_int(DType t); /* not bool */
bool        dtype_by_name(const char *name, DType *t);

typedef struct Type {
    DType             dtype;
    int               rank;
    const Dim *const *dims;
} Type;

/* `float32[batch, 784]` */
const char *type_text(const DimCtx *dims, Arena *a, Type t);

/* One step from a layer instance to a field, a list element or a dict entry. */
typedef struct Step {
    const Sym *name;  /* a field or dict key; NULL: an index */
    int64_t    index; /* list or tuple index */
    bool       loop;  /* the index is `index` + the counter of the innermost enclosing NODE_LOOP */
} Step;
typedef struct Path {
    const Step *steps;
    int         len; /* 0: the owner itself */
} Path;
/* "blocks.3.attn.kernel"; a loop step prints as "blocks.{i}" (with its start: "blocks.{i+1}"). */
const char *path_text(Arena *a, Path p);

struct Instance; /* sema/instance.h */
struct Variable;

typedef enum NodeKind {
    NODE_PARAM,    /* parameter number `index` of the function */
    NODE_CONST,    /* as.literal: one value of type.dtype, broadcast over a shape that may be symbolic */
    NODE_DIM,      /* as.dim: a dimension's value as a scalar tensor (int64) */
    NODE_VARIABLE, /* as.variable: a weight, or a state's value at this moment */
    NODE_ASSIGN,   /* in[0] is stored into the state as.variable; no value */
    NODE_CHECK,    /* as.check: the program stops with a message unless it holds; no value */
    NODE_CALL,     /* as.call: a function of the program on in[]; results by NODE_RESULT */
    NODE_SCAN,     /* as.scan: see below; results by NODE_RESULT */
    NODE_LOOP,     /* as.loop: `count` equal steps over consecutive list elements; results by NODE_RESULT */
    NODE_RESULT,   /* result number `index` of in[0] */
    NODE_OP,       /* as.op: a row of ops.def */
} NodeKind;

typedef enum Opcode {
#define OP(name, class, dtypes, arity, signature, attrs, doc) OPC_##name,
#include "../../runtime/ops.def"
#undef OP
    OPC_COUNT
} Opcode;

typedef enum OpClass { CLASS_UNARY, CLASS_BINARY, CLASS_COMPARE, CLASS_SELECT, CLASS_CAST, CLASS_KERNEL, CLASS_VIEW, CLASS_COMPOSED } OpClass;
typedef enum OpDTypes { DTYPES_FLOAT, DTYPES_NUMBER, DTYPES_INTEGER, DTYPES_ANY } OpDTypes;
typedef enum AttrKind { ATTR_END, ATTR_INT, ATTR_INTS, ATTR_REAL } AttrKind;
typedef struct AttrSpec { AttrKind kind; const char *name; } AttrSpec;

/* A row of ops.def as data. */
typedef struct OpInfo {
    const char     *name;
    OpClass         cls;
    OpDTypes        dtypes;
    int             arity;
    const char     *signature;
    const AttrSpec *attrs; /* ends with ATTR_END */
    const char     *doc;
} OpInfo;
extern const OpInfo op_table[OPC_COUNT];

/* An attribute's value, in the order of the row's ATTRS. */
typedef struct Attr {
    const Dim *const *dims; /* ATTR_INT: one, ATTR_INTS: `count` of them */
    int               count;
    double            real; /* ATTR_REAL */
} Attr;

typedef struct Node     Node;
typedef struct Function_ IrFunction;
typedef VEC(Node *) NodeVec;

typedef enum Relation { REL_EQ, REL_LE } Relation;

struct Node {
    NodeKind    kind;
    uint32_t    id;    /* position in its function, after ir_number() */
    Type        type;  /* of the value; dtype and rank 0 for nodes without one */
    Node      **in;
    int         nin;
    int         index; /* NODE_PARAM, NODE_RESULT */
    Span        span;  /* the user's expression */
    const char *name;  /* the variable it is bound to in the source, or NULL */
    const char *at;    /* path, from the function's owner, of the layer that computes it: "attn.query", "" for the owner */
    struct Instance *layer; /* the instance whose code made the node; of a NODE_CALL or NODE_SCAN: the owner of the callee */
    union {
        struct { double real; int64_t integer; } literal; /* integer for integers and bool */
        const Dim *dim;
        struct { struct Variable *variable; Path path; } variable;
        struct { Relation relation; const Dim *left, *right; const char *message; } check;
        struct { IrFunction *function; Path path; const Dim *const *symbols; } call; /* path: from the owner to the callee's owner; symbols: values of function->symbols */
        /* in = init carries, then xs; body params = carries, then x slices; body results = carries, then ys. Results:
         * final carries, then ys stacked along a new axis 0. xs have axis 0 of size `length`. The body's owner is reached
         * by `path`. */
        struct { IrFunction *body; Path path; const Dim *const *symbols; const Dim *length; int ncarry; bool reverse; } scan;
        /* in = carries, then invariants; body params the same; body results = carries; the body's owner is this
         * function's owner and its paths contain loop steps. Runs `count` times; results: the carries. */
        struct { IrFunction *body; const Dim *const *symbols; int64_t count; int ncarry; } loop;
        struct { Opcode code; const Attr *attrs; } op;
    } as;
};

struct Function_ {
    uint32_t         id;        /* position in the program */
    const char      *name;      /* the layer's class, or class and method: "Block", "Decoder_step"; not unique */
    struct Instance *owner;     /* of the first instance that needed it */
    Span             span;      /* its `call` */
    NodeVec          params;    /* NODE_PARAM, also the first of `nodes` */
    NodeVec          results;
    NodeVec          nodes;
    const Dim      **symbols;   /* the symbols it receives, by first occurrence */
    int              nsymbols;
    bool             draws;     /* uses random numbers, itself or by calls */
};

/* An input or output of the program: "x", "inputs.0", "output", "logits". */
typedef struct Port {
    const char *name;
    Type        type;
    Span        span;
} Port;

typedef struct Program {
    const char      *name;      /* the model's */
    struct Instance *model;
    IrFunction      *main;      /* params and results in the order of the ports */
    IrFunction      *prepare;   /* computes what main and its callees read prepared, from the weights; NULL: nothing is */
    VEC(IrFunction *) functions; /* callees before callers; main last, before it what prepare needs */
    VEC(Port) inputs;
    VEC(Port) outputs;
    DimCtx          *dims;
    bool             reductions; /* the plan may let loops reduce the rows that they go over */
    bool             slices;    /* ... leave slices where they are */
    bool             epilogues; /* ... and give products an epilogue */
    bool             rows;      /* ... and find the rows of loops over steps */
    const Dim       *steps;     /* with `rows`: the symbol that counts the steps of a block */
    bool             samples;   /* calls may take some of the batch at a time */
    VEC(const Dim *) symbols;   /* the symbols of the inputs, by first occurrence */
    VEC(Node *) input_checks;   /* NODE_CHECKs on the symbols alone: bounds, divisibility */
} Program;

bool path_equal(Path p, Path q);
Path path_join(Arena *a, Path p, Path q);

/* The row of a NODE_OP, else NULL. */
const OpInfo *node_op(const Node *n);
/* An operation computed element by element, with broadcasting. */
bool node_is_elementwise(const Node *n);
/* Is the node itself a tensor? A call's values are its NODE_RESULTs. */
bool node_has_value(const Node *n);
/* Of NODE_CALL, NODE_SCAN and NODE_LOOP: the function, the values of its symbols, the path to its owner; else NULL, empty. */
IrFunction       *node_callee(const Node *n);
const Dim *const *node_symbols(const Node *n);
Path              node_callee_path(const Node *n);
int               node_attr_count(const Node *n); /* of NODE_OP */
bool              type_same_shape(Type t, Type u); /* by normal form */
const Dim        *type_elements(DimCtx *cx, Type t);

Node *node_new(Arena *a, NodeKind kind, Type type, Span span);
/* A NODE_OP with one input, at its input's place in the source. */
Node *node_unary(Arena *a, Opcode code, Type type, Node *in);
/* An attribute that is one integer. */
Attr ir_attr_int(Arena *a, DimCtx *dims, int64_t value);

/* How often values are read, results included, by node id. requires ids */
int *ir_uses(Arena *a, const IrFunction *f);
/* Gives ids to nodes and functions, drops unreachable functions and values that nothing uses. */
void ir_number(Program *p);
/* Text form, for `--dump=graph`, golden tests and the reference interpreter; described in docs/graph.md. */
void ir_print(FILE *out, Arena *a, Program *p, SourceMap *sources);
/* Checks types, shapes, order of definition and use; a BUG names the pass if something is broken. */
void ir_verify(Arena *a, Program *p, const char *pass);

#endif
