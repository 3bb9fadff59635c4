/* What the parts of the C emitter share. */
#ifndef MDLC_EMITTER_H
#define MDLC_EMITTER_H

#include "../ir/plan.h"
#include "cwriter.h"
#include "emit.h"
#include "names.h"

/* A C function: an IrFunction for owners of one layout. */
typedef struct CFunction {
    IrFunction *ir;
    Layout     *layout;
    Plan       *plan;
    const char *cname;
    bool        weights, states, counter, key, work; /* which parameters it has, beside symbols and tensors */
    bool        memory;                              /* it prepares: takes memory, sets pointers of the weights */
    bool        plans;                               /* it has a function `<cname>_plan` that places its slots */
} CFunction;

/* A loop that is a function of its own: outline.h. */
typedef struct EmittedOutline {
    const char *cname, *inner;
    const char *text; /* under names that all of its kind have there */
} EmittedOutline;

typedef struct Emitter {
    Arena             *arena;
    Program           *program;
    Layouts           *layouts;
    SourceMap         *sources;
    const EmitOptions *options;
    Effects            effects;
    Layout            *model;     /* the model's layout */
    Names             *file;      /* names at file scope */
    const char        *prefix;    /* of everything in the header: the model's name */
    bool               has_weights, has_states;
    uint64_t           weight_bytes;
    const char        *prepared;  /* the field of the weights struct that tells whether they are prepared */
    uint64_t           prepared_key; /* a hash of all that prepared values depend on beside the weights */
    CWriter            header, constants;
    CWriter            code;      /* what the functions need: how layers are recorded, where slots lie */
    CWriter            bodies;    /* the functions, which are compiled once for each instruction set */
    CWriter            interface; /* what the header declares */
    int                nconstants;
    VEC(CFunction *) functions;   /* callees first */
    VEC(EmittedOutline) outlines;
} Emitter;

/* A line that becomes a #line directive with its own place, when the file is put together. */
#define LINE_OF_THIS_FILE "#line here"

/* ---- emit_text.c: small texts ---- */

const char *c_type(DType t);      /* "float", "uint16_t" */
const char *c_dtype(DType t);     /* "MDL_FLOAT32" */
char        c_class(DType t);     /* computed as: 'f' float, 'd' double, 'i' int64_t, 'b' bool */
const char *c_integer(Arena *a, int64_t value);
/* A literal with exactly the dtype's nearest value. */
const char *c_literal(Arena *a, DType t, double real, int64_t integer);
/* A string literal, or the name of a constant array for one that is too long. */
const char *emit_string(Emitter *e, const char *text);
/* The source's path, without the directories of an absolute one: output must not depend on where the sources lie. */
const char *source_shown(const Source *source);

/* ---- emit_dim.c ---- */

/* The names that hold the values of symbols, by id. */
typedef struct SymbolNames {
    Arena             *arena;
    const DimCtx      *dims;
    const char *const *names;
    bool              *used; /* set for what a text mentions */
} SymbolNames;
/* The value as an expression; `tight`: may stand as an operand of `*`. */
const char *c_dim(const SymbolNames *s, const Dim *d, bool tight);

/* ---- emit_function.c ---- */

/* The C function for owners with this layout, emitted if it wasn't yet. */
CFunction *emit_function(Emitter *e, IrFunction *f, Layout *layout);

/* The one that a node in `fn` calls; for a NODE_LOOP pass what direct_call says. */
CFunction *function_called(Emitter *e, const CFunction *fn, const Node *n);

/* What a node calls: for a NODE_LOOP whose body is one call on the carries, that call; else the node itself. */
const Node *direct_call(const Node *n);

/* ---- workspace.c ---- */

/* The most bytes that a call of `main` can need; false: some size has no bound. */
bool workspace_most(Emitter *e, CFunction *main, uint64_t *bytes);
/* The bytes with these sizes of its symbols, by id. */
bool workspace_for(Emitter *e, CFunction *main, const Dim *const *with, uint64_t *bytes);

/* What is known while a function's body is written. */
typedef struct Body {
    Emitter     *e;
    CFunction   *fn;
    IrFunction  *f;
    Plan        *plan;
    CWriter      w;
    Names       *names;
    SymbolNames  symbols;
    const char **values; /* by node id: the name of its memory */
    const char **results;
    int         *uses;    /* by node id: how often the loop at hand reads it */
    const char **locals;  /* by node id: the variable in the loop at hand that holds it */
    const char  *counter; /* of the loop around it, for loop steps in paths */
    Span         said;    /* the place of the last comment */
    const char  *said_at;
    bool         used_weights, used_states, used_counter, used_key, used_work, used_error;
    bool        *used_params;
} Body;

/* ---- emit_value.c: how a body reads and names values ---- */

/* A pointer to the value's memory. */
const char *value_pointer(Body *b, Node *n);
/* An element; `index` NULL: the first. */
const char *value_element(Body *b, Node *n, const char *index);
/* The tensor for a kernel: MDL_TENSOR(...). */
const char *value_tensor(Body *b, Node *n);
/* The same, around other memory. */
const char *tensor_text(Body *b, Type t, const char *pointer);
/* Declares the memory of a value that is computed here, if it needs a declaration and has none. */
void value_declare(Body *b, Node *n);
/* `w->blocks[3].kernel`; the address of a struct is not taken. */
const char *path_access(Body *b, Path path, bool state, Layout **to);
/* The comment above a step: the source, its place, the layer, the type. */
void step_comment(Body *b, const Node *n);

/* ---- emit_loop.c ---- */
void emit_loop(Body *b, Node *root);

/* ---- emit_range.c ---- */
/* The same, if it may be long enough for threads to share; false: nothing is written. */
bool emit_shared_loop(Body *b, Node *root);

/* ---- emit_epilogue.c ---- */
/* A product and the loop that finishes it: plan.h. */
void emit_product(Body *b, Node *root);

/* ---- emit_kernel.c ---- */
void emit_kernel(Body *b, Node *n);
/* The call of a kernel for `out`; `then`: the pointer to what finishes the result, or NULL. */
void emit_kernel_call(Body *b, const Node *n, const char *out, const char *then);
/* The multiplications of the plain sums of a product or convolution; NULL: it is none, or they are too many. */
const Dim *kernel_multiplications(Body *b, const Node *n);

/* ---- emit_step.c ---- */
void emit_step(Body *b, Node *n);
/* `key` as the layer at the path sees it. */
const char *key_below(Body *b, Path path);
/* Leaves the function with the message unless the check holds. */
void emit_check(Arena *a, CWriter *w, const SymbolNames *symbols, const Node *n);

/* ---- emit_header.c, emit_program.c, emit_prepare.c, emit_instantiate.c ---- */
void emit_structs(Emitter *e);
void emit_api(Emitter *e, CFunction *main, const CFunction *prepare);
/* What prepares the weights; nothing unless the program does. */
void declare_prepare(Emitter *e, CFunction *prepare);
void define_prepare(Emitter *e, CFunction *prepare);
/* The bytes that a function that prepares takes for its values, with its callees. */
uint64_t prepared_bytes(Emitter *e, const CFunction *prepare);
/* What is prepared depends on this text. */
void prepared_depends(Emitter *e, const char *text);
/* Its fields of the program. */
void describe_prepare(Emitter *e, const CFunction *prepare);
void emit_instantiate(Emitter *e);

/* ---- emit_report.c ---- */
/* What --report prints. */
const char *emit_report(Emitter *e, CFunction *main, const CFunction *prepare);

#endif
