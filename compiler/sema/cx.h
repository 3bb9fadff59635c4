/* Shared state of sema: the context that every part of the evaluator receives, and what the parts offer each other. */
#ifndef MDLC_CX_H
#define MDLC_CX_H

#include "../base/bug.h"
#include "../base/map.h"
#include "../source/diag.h"
#include "sema.h"
#include "value.h"

/* ---- names ---- */

/* A file's declarations. */
struct Module {
    AstFile *file;
    Source  *source;
    Map      decls;   /* Sym -> Decl */
    Map      aliases; /* Sym -> Module: `import ... as r` */
    VEC(Module *) imports;   /* bare imports */
    VEC(Span) import_spans;
    Map      consts;  /* Decl -> ConstCell */
    enum { MODULE_LOADING, MODULE_READY, MODULE_FAILED } state;
    bool     is_ops;    /* the namespace `ops` or ... */
    bool     is_random; /* ... `random` */
};

typedef struct ConstCell {
    enum { CONST_FRESH, CONST_RUNNING, CONST_DONE } state;
    Value value;
} ConstCell;

/* What is known of a layer declaration before any instance exists. */
struct ClassInfo {
    Decl      *decl;
    Module    *module;
    Function  *call;       /* NULL if it has none */
    Map        methods;    /* Sym -> Function */
    Map        fields;     /* Sym -> Member: every name that a member may define */
    Map        dims;       /* Sym -> Expr: the names that `call` binds as dimensions */
    Map        deferred;   /* Member -> itself: runs at the first call */
    Map        captured;   /* Sym: the dimensions that members mention, fixed by the first call. Of a tuple (`...shape`)
                            * that members only index, the elements they read: CAPTURED_ELEMENTS, else CAPTURED_WHOLE */
    bool       builds;     /* has a member `build`: the first call's arguments are needed, not only their sizes */
    bool       borrows;    /* lists weights of other layers, or builds them: what it does depends on them, too */
    bool       uses_mask;  /* has read `.mask`, or takes a `mask` parameter */
    VEC(Instance *) traced; /* instances whose call has been traced, none alike */
};

#define CAPTURED_WHOLE    ((void *)1)
#define CAPTURED_ELEMENTS ((void *)2)

/* Arguments bound to parameters. */
typedef struct Bound {
    Value *values; /* one for each parameter; V_ERROR with `given` false never occurs after success */
    Span  *spans;
    bool  *given;
} Bound;

/* Sema's side of an Instance. */
typedef struct Field {
    const Sym *name;
    Value      value;
    Span       span;
} Field;
typedef struct Captured {
    const Sym *name;
    int64_t    index; /* of the element; CAPTURED_ALL: the whole value */
    Value      value;
    Span       span;
} Captured;
#define CAPTURED_ALL INT64_MIN
typedef struct Trace Trace;
struct InstanceState {
    ClassInfo *cls;
    VEC(Field) fields;     /* parameters, then members: in order of definition */
    Map        index;      /* Sym -> place in `fields`, plus one */
    VEC(Captured) captured; /* dimensions fixed by the first call */
    VEC(Field) dims;       /* all that the first call bound */
    Span       first_call;
    Instance  *tracker;    /* the instance to whose field it was assigned first */
    Instance  *caller;     /* whose `call` called it first */
    bool       built, building, cloned, called;
    DType      variable_dtype, compute_dtype;
    const Sym *name;       /* the Keras name in full: "dense_2" */
    bool       explicit_name;
    Value      args;       /* dict of the constructor's arguments, for clone() */
    Bound      bound;      /* the same with their places, for messages */
    bool       broken;     /* its construction failed, and said so: calls of it are silent */
    Trace     *traces;
    bool       mask_warned;
};

/* ---- evaluation ---- */

typedef struct Local {
    const Sym *name;
    Value      value;
    bool       is_dim;
    size_t     hidden; /* of locals.c: the place + 1 of the one of the same name that it hides; 0: none */
} Local;

/* In the order in which they came: locals.c. */
typedef struct Locals {
    Local *at;
    size_t len, cap;
    bool   mapped;
    Map    newest; /* name -> place + 1; only if `mapped` */
} Locals;

/* The function under construction: nodes are appended to `fn`. */
typedef struct Builder Builder;
struct Builder {
    IrFunction *fn;
    Builder    *outer;
    bool        in_scan;
    VEC(Instance *) touched;  /* owners of the variables and functions it reaches */
};

/* Where names are looked up, and what is running. */
typedef struct Frame Frame;
struct Frame {
    Frame    *outer;     /* the caller */
    Module   *module;
    Instance *self;      /* NULL in a plain function */
    Locals    locals;
    Span      call_span; /* where the caller called */
    const char *what;    /* "`Dense`", "the function `f`", for the chain of notes */
    const ParamVec *params; /* of what is called, and what they are bound to; NULL if nothing is */
    const Bound *bound;
    const Value *entered; /* of a layer's call: its arguments as its parameters want them; NULL before */
    bool      failed;    /* of library code that the user's called: it has reported an error, and one is enough */
    bool      in_call;   /* tensors exist: a call body, not a member */
    bool      in_members;
    bool      dims_only; /* evaluating a shape: bare names may be dimensions */
    Value     result;
    bool      returned;
};

typedef struct Cx {
    Session           *session;
    Arena             *arena;
    DimCtx            *dims;
    DiagSink          *diags;
    const SemaOptions *options;
    Program           *program;
    Map                modules;   /* Source path Sym -> Module */
    Module            *main;
    Module            *ops, *random;
    Map                library;   /* Sym -> LibraryFile: who declares it */
    Map                classes;   /* Decl -> ClassInfo */
    Map                builtins;  /* Sym -> Builtin */
    Map                op_functions; /* the same for operations */
    Map                random_functions;
    Map                method_tables[3]; /* str, list/tuple, dict */
    Map                signatures; /* Builtin -> ParamVec */
    Map                unknown;   /* Sym -> what has been said of a name that nothing has */
    Map                counters;  /* Sym (snake case) -> count */
    Map                quotes;    /* a name's address -> the name in back-ticks */
    VEC(Instance *)    instances; /* all, in order of construction */
    VEC(Instance *)    scopes;    /* whose `call` is running, outermost first */
    Frame             *frame;
    Builder           *builder;
    bool               training;
    int                depth;
    unsigned           epoch;     /* changes when facts about dimensions are dropped */
    uint64_t           steps;     /* evaluation budget */
    bool               exhausted;
    bool               rank_reported; /* a tensor had too many axes */
    const struct Syms *sym;
} Cx;

/* Names that the evaluator itself knows. */
#define KNOWN_NAMES(X)                                                                                              \
    X(call) X(name) X(trainable) X(dtype) X(mask) X(training) X(shape) X(ndim) X(assign) X(initializer)             \
    X(regularizer) X(constraint) X(alias) X(autocast) X(keras_name) X(keras2_name) X(compute_dtype) X(variable_dtype) X(dtype_policy) X(frozen) \
    X(ops) X(random) X(self) X(T)
typedef struct Syms {
#define X(n) const Sym *n;
    KNOWN_NAMES(X)
#undef X
    const Sym *underscore;
} Syms;

/* ---- diagnostics: an error inside library code is moved to the user's innermost call ---- */
Diag *cx_error(Cx *cx, DiagCode code, Span span, const char *fmt, ...) PRINTF_LIKE(4, 5);
Diag *cx_warning(Cx *cx, DiagCode code, Span span, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Whether the last cx_error was moved out of the library (labels on library spans are then left out). */
bool  span_in_library(Cx *cx, Span span);
/* ---- blame.c: the argument in the user's code that an error in library code is about ---- */
typedef struct Blame {
    Span        span;
    const Sym  *name; /* of the parameter */
    const char *what; /* whose */
} Blame;
bool blame(Cx *cx, DiagCode code, Span span, Blame *out);

const char *describe(Cx *cx, Value v);
const char *type_str(Cx *cx, Type t);
const char *dim_str(Cx *cx, const Dim *d);
/* The name in back-ticks, made once; `name` must be a constant or interned. */
const char *quoted(Cx *cx, const char *name);
/* False once the budget is used up; reports it once. */
bool cx_step(Cx *cx, Span span, uint64_t cost);
const Sym *cx_sym(Cx *cx, const char *z);

/* ---- modules.c ---- */
Module    *module_load(Cx *cx, const char *path, Span import_span, Module *importer);
Module    *module_of_file(Cx *cx, AstFile *file);
Module    *library_module(Cx *cx, const Sym *name); /* the library file that declares `name`, or NULL */
void       library_index(Cx *cx);
Decl      *module_own(const Module *m, const Sym *name);
/* The declaration of `name` in the module or its bare imports; `*where` is the module that holds it. */
Decl      *module_find(Module *m, const Sym *name, Module **where);

/* ---- class_info.c ---- */
ClassInfo *class_info(Cx *cx, Module *m, Decl *d);
bool       is_param(const ParamVec *params, const Sym *name);

/* ---- unknown_name.c ---- */
typedef VEC(const char *) Names;
void       add_keys(Cx *cx, Names *names, const Map *m);
/* A function of Keras that MDL does not have, and what to write instead; false if it is none. */
bool       report_refused(Cx *cx, Ident name);
void       report_unknown(Cx *cx, Ident name);

/* ---- scope.c ---- */
Value      lookup(Cx *cx, Ident name);              /* reports an unknown name */
bool       lookup_quiet(Cx *cx, const Sym *name, Value *v);
Value      decl_value(Cx *cx, Module *m, Decl *d);
Value      module_member(Cx *cx, Module *m, Ident name, Span whole);
Value      library_function(Cx *cx, const Sym *name); /* V_ERROR without report if there is none */
Field     *field_find(Instance *inst, const Sym *name);
void       field_add(Cx *cx, Instance *inst, Field f);
/* A field, variable, method or implicit field of a layer; false if it has none of that name, or not yet. */
bool       instance_member(Cx *cx, Instance *inst, const Sym *name, Value *v);

/* ---- locals.c ---- */
/* The newest local of a name, NULL if there is none; it stays where it is until another is pushed. */
Local     *local_find(const Frame *f, const Sym *name);
void       local_push(Cx *cx, Frame *f, const Sym *name, Value value, bool is_dim);
/* Changes the newest of that name, or pushes one. */
void       local_set(Cx *cx, const Sym *name, Value v);
/* Forgets those that came after the first `len`. */
void       locals_cut(Frame *f, size_t len);

/* ---- walk_expr.c ---- */
/* Visits every name that an expression mentions, and the targets of its comprehensions before what they govern.
 * `element`: the name stands only for one of its elements, `shape[i]`, or for their number, `len(shape)`. */
typedef void VisitName(Cx *cx, Ident name, bool element, void *user);
typedef void VisitTarget(Cx *cx, const Target *t, void *user);
void       walk_expr(Cx *cx, const Expr *e, VisitName *name, VisitTarget *target, void *user);

/* ---- expressions and statements: eval.c, operators.c, iterate.c, member.c, subscript.c, statement.c, assertion.c ---- */
enum { LONGEST_SEQUENCE = 4 * 1000 * 1000 };
typedef VEC(Value) ValueVec;
Value eval(Cx *cx, const Expr *e);
Value eval_static(Cx *cx, const Expr *e, const char *what); /* reports a tensor */
Value binary_op(Cx *cx, Operator op, Value a, Value b, const Expr *left, const Expr *right, Span span);
Value unary_op(Cx *cx, Operator op, Value v, Span span);
/* -1, 0 or 1 as in Python; 2: they have no order. */
int   value_order(Value a, Value b);
Value compare_op(Cx *cx, Operator op, Value a, Value b, Span span);
/* 1 true, 0 false, -1 error (reported). */
int   truth(Cx *cx, Value v, Span span, const char *what);
bool  assign_target(Cx *cx, const Target *t, Value v, void (*set)(Cx *, Ident, Value, void *), void *user);
void  run_stmts(Cx *cx, const StmtVec *body);
Value run_body(Cx *cx, const Function *fn);
bool  run_assert(Cx *cx, const Expr *cond, const Expr *message, Span span);
/* Elements of anything iterable; false after an error. */
bool  iterate(Cx *cx, Value v, Span span, const Value **at, size_t *len);
Value get_member(Cx *cx, const Expr *e);
Value get_index(Cx *cx, const Expr *e);

/* ---- bind.c: arguments to parameters ---- */
typedef struct Argument {
    const Sym *name; /* NULL: positional */
    Value      value;
    Span       span;
} Argument;
typedef VEC(Argument) ArgList;
bool eval_args(Cx *cx, const ArgVec *args, ArgList *out);
/* `what`: "`Dense`", for messages. Defaults are evaluated by `fallback` (NULL: in the current frame). */
bool bind_args(Cx *cx, const ParamVec *params, const ArgList *args, Span call, const char *what, Span decl, Bound *out);
/* Checks and converts to an annotated static type. */
bool coerce_static(Cx *cx, const TypeExpr *type, Value *v, Span span, const char *param, const char *what);

/* ---- calling ---- */
Value call_value(Cx *cx, Value callee, const ArgList *args, Span span, Span callee_span);
/* `dict(a=1)` and `clone(layer, n)`, of which only the arguments' names make sense: clone.c. */
Value call_dict(Cx *cx, const ArgList *args, Span span);
Value call_clone(Cx *cx, const ArgList *args, Span span);
Value call_fn(Cx *cx, const ValueFn *fn, const ArgList *args, Span span);
Value call_layer(Cx *cx, Instance *inst, const ArgList *args, Span span);
Value call_builtin(Cx *cx, const Builtin *b, const Value *self, const ArgList *args, Span span);
Value construct(Cx *cx, ClassInfo *cls, const ArgList *args, Span span);
void  run_members(Cx *cx, Instance *inst, const MemberVec *members, bool deferred);
bool  layer_dims(Cx *cx, const ExprVec *dims, int64_t **shape, int *rank, Span span); /* sizes that must be integers */
/* Runs the layer's `call` in the current builder, on values bound to its parameters. */
Value run_call(Cx *cx, Instance *inst, const Bound *args, Span span);
void  capture_element(Cx *cx, const Expr *index, int64_t i, Value v); /* a member reads `name[i]` */
bool  ensure_built(Cx *cx, Instance *inst, Span span);
bool  build_instance(Cx *cx, Instance *inst, Span span);
bool  check_captured(Cx *cx, Instance *inst, Span span);
Value trace_user_layer(Cx *cx, Instance *inst, const Bound *args, Span span);
Value read_variable(Cx *cx, Variable *v, Span span);
/* Builds it as a call with these arguments would. */
bool  build_layer(Cx *cx, Instance *inst, const ArgList *args, Span span);
/* Repeats for `now` what the first trace did to `first`, which is constructed alike: replay.c. */
bool  replay_equal_layer(Cx *cx, Instance *first, Instance *now, Span span);
bool  constructed_alike(const Instance *a, const Instance *b);
const char *instance_label(Cx *cx, Instance *inst);

/* ---- borrow.c: members about other layers' variables ---- */
void  list_variable(Cx *cx, Instance *inst, const Member *m); /* `weight kernel = layer.kernel` */
bool  run_build(Cx *cx, Instance *inst, const Member *m);     /* `build layer(x)` */
bool  lists_variable(const Instance *inst, const Variable *v);

/* ---- the graph under construction ---- */
Node *trace_node(Cx *cx, NodeKind kind, Type type, Node *const *in, int nin, Span span);
Node *trace_op(Cx *cx, Opcode code, Type type, Node *const *in, int nin, const Attr *attrs, Span span);
Node *node_const_int(Cx *cx, DType t, int64_t v, Span span);
Node *node_const_float(Cx *cx, DType t, double v, Span span);
Node *node_dim(Cx *cx, const Dim *d, Span span); /* int64 scalar */
void  node_check(Cx *cx, Relation r, const Dim *a, const Dim *b, const char *message, Span span);
Type  make_type(Cx *cx, DType t, const Dim *const *dims, int rank);
Type  scalar_type(DType t);
Attr  attr_ints(Cx *cx, const Dim *const *dims, int count);
Attr  attr_int(Cx *cx, int64_t v);
Attr  attr_real(double v);
Builder *builder_push(Cx *cx, const char *name, Instance *owner, Span span);
/* Finds the paths of what it touches; false: it must be inlined into its caller. */
bool  builder_pop(Cx *cx, Builder *b);
void  builder_splice(Cx *cx, Builder *b, Node *const *args); /* its nodes into the current builder */
Node *node_param(Cx *cx, Builder *b, Type type, const char *name, Span span);
void  builder_touch(Cx *cx, Instance *inst);
/* Whether a path of fields leads from `from` to `to`; `steps` (if not NULL) receives them. */
typedef VEC(Step) StepVec;
bool  instance_route(Cx *cx, Instance *from, Instance *to, StepVec *steps);

/* ---- structure.c ---- */
/* Appends the tensors in a value, each with its mask behind it. */
void  value_flatten(Cx *cx, Value v, NodeVec *out);
/* The value with its tensors replaced, in the order of value_flatten, by those of `with`. */
Value value_refill(Cx *cx, Value v, Node *const *with, size_t *next);

/* ---- tensors ---- */
/* A tensor for anything numeric: tensors as they are, variables read, numbers and nested lists as constants of `like`. */
bool  is_tensorish(Value v);
Node *to_tensor(Cx *cx, Value v, Span span, const char *what);
Node *to_tensor_like(Cx *cx, Value v, DType weak, Span span);
DType weak_dtype(Cx *cx, Value v);
bool type_dtype(Cx *cx, const TypeExpr *t, DType *out);
Node *cast_to(Cx *cx, Node *n, DType t, Span span);
Value tensor_value(Cx *cx, Node *n);
Value tensor_binary(Cx *cx, Opcode code, Value a, Value b, Span sa, Span sb, Span span);
Node *op_binary(Cx *cx, Opcode code, Node *a, Node *b, Span span); /* same dtype already */
Node *op_unary(Cx *cx, Opcode code, Node *a, Span span);
DType promote(DType a, DType b);
Node *broadcast(Cx *cx, Node *n, const Dim *const *dims, int rank, Span span);
bool  broadcast_shapes(Cx *cx, const Type *types, const Span *spans, int n, Span span, const char *what, Type *out);
Node *reshape(Cx *cx, Node *n, const Dim *const *dims, int rank, Span span);
Node *transpose(Cx *cx, Node *n, const int *perm, Span span);
Node *reduce(Cx *cx, Opcode code, Node *n, const bool *axes, bool keepdims, Span span);
Node *slice_axis(Cx *cx, Node *n, int axis, const Dim *start, const Dim *count, int64_t step, Span span);
Node *concat(Cx *cx, Node *const *nodes, int n, int axis, Span span);
Node *take_axis(Cx *cx, Node *x, Node *indices, int axis, Span span);
const Dim *dims_product(Cx *cx, const Dim *const *dims, int n);
Value index_tensor(Cx *cx, Node *n, const ExprVec *subs, Span span);
/* Requires a == b: proved, else an error (NO), else a run-time check. `what` starts the message. */
bool  require_equal_(Cx *cx, const Dim *a, const Dim *b, Span span, const char *fmt, ...) PRINTF_LIKE(5, 6);
bool  require_le_(Cx *cx, const Dim *a, const Dim *b, Span span, const char *fmt, ...) PRINTF_LIKE(5, 6);
/* Macros, so that the message's parts are not made when the answer is plain. */
#define require_equal(cx, a, b, ...) (same_dim((a), (b)) || require_equal_((cx), (a), (b), __VA_ARGS__))
#define require_le(cx, a, b, ...)    (plainly_le((a), (b)) || require_le_((cx), (a), (b), __VA_ARGS__))
static inline bool same_dim(const Dim *a, const Dim *b) { return a && a == b; }
static inline bool plainly_le(const Dim *a, const Dim *b) {
    int64_t x, y;
    return a && b && dim_is_int(a, &x) && dim_is_int(b, &y) && x <= y;
}

/* ---- builtins ---- */
/* Arguments in the order of the signature; `given[i]` false: the default. */
typedef struct BCall {
    const Builtin *builtin;
    const Value   *self;
    const Value   *args;
    const Span    *spans;
    const bool    *given;
    Span           span;
} BCall;
struct Builtin {
    const char *name;
    const char *signature;
    Value (*run)(Cx *cx, const BCall *c);
    Opcode code;   /* of operations */
    bool   is_op;
    bool   raw;    /* `run` gets values unread: variables stay variables */
};
void builtins_register(Cx *cx);     /* static functions, methods of str, list, dict */
void operations_register(Cx *cx);   /* rows of ops.def, random.* */
void initializers_register(Cx *cx); /* initializers, regularizers, constraints */
void table_add(Cx *cx, Map *table, const Builtin *b);
Value to_initializer(Cx *cx, Value v, Span span);
bool  check_rule(Cx *cx, Value v, Span span, const char *what); /* "regularizer" or "constraint" */
Value to_activation(Cx *cx, Value v, Span span);
const mdl_initializer *default_initializer(Cx *cx, DType t);
Value scan_op(Cx *cx, const BCall *c);
Value run_hasattr(Cx *cx, const BCall *c); /* member.c */

/* ---- argument helpers for builtins ---- */
bool arg_int(Cx *cx, const BCall *c, int i, int64_t *v);
bool arg_bool(Cx *cx, const BCall *c, int i, bool *v);
bool arg_str(Cx *cx, const BCall *c, int i, const char **v);
bool arg_dims(Cx *cx, const BCall *c, int i, const Dim ***dims, int *rank); /* an int, dim, or list of them */
bool arg_axis(Cx *cx, const BCall *c, int i, int rank, int *axis);
bool arg_axes(Cx *cx, const BCall *c, int i, int rank, bool *axes); /* none: all */
Node *arg_tensor(Cx *cx, const BCall *c, int i);
bool arg_dtype(Cx *cx, const BCall *c, int i, DType *t); /* none: unchanged */
const Dim *value_as_dim(Value v, DimCtx *dims); /* NULL if it isn't an integer */

/* ---- names in other tools ---- */
void        name_instances(Cx *cx, Instance *model); /* paths, aliases, h5 places */
mdl_name    auto_name(Cx *cx, const char *class_name);

#endif
