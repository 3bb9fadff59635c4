/* Values: what expressions mean while the model is instantiated. Immutable; 16 bytes; passed by value. */
#ifndef MDLC_VALUE_H
#define MDLC_VALUE_H

#include "../base/intern.h"
#include "../ir/ir.h"
#include "instance.h"

typedef enum ValueKind {
    V_ERROR,    /* already reported; everything accepts it in silence */
    V_NONE,
    V_BOOL,     /* as.boolean */
    V_INT,      /* as.integer */
    V_FLOAT,    /* as.real */
    V_DIM,      /* as.dim: an integer known when the program runs */
    V_STR,      /* as.str */
    V_LIST,     /* as.seq */
    V_TUPLE,    /* as.seq */
    V_DICT,     /* as.dict */
    V_RANGE,    /* as.range */
    V_TENSOR,   /* as.tensor */
    V_VARIABLE, /* as.variable: a weight or state before it is read as a tensor */
    V_LAYER,    /* as.layer */
    V_CLASS,    /* as.decl: a layer or model declaration */
    V_FN,       /* as.fn: a function, or a method with its instance */
    V_BUILTIN,  /* as.builtin: a static function or an operation, written in C */
    V_BOUND,    /* as.bound: a builtin with its receiver: `s.split`, `state.assign` */
    V_INIT,     /* as.init: an initializer with its arguments */
    V_RULE,     /* as.rule: a regularizer or constraint; recorded, not computed */
    V_MODULE,   /* as.module: `ops`, `random`, an import with `as` */
} ValueKind;

typedef struct Value        Value;
typedef struct ValueSeq     ValueSeq;
typedef struct ValueDict    ValueDict;
typedef struct ValueRange   ValueRange;
typedef struct ValueTensor  ValueTensor;
typedef struct ValueFn      ValueFn;
typedef struct ValueBound   ValueBound;
typedef struct ValueRule    ValueRule;
typedef struct Module       Module;
typedef struct Builtin      Builtin;
typedef struct ClassInfo    ClassInfo;

struct Value {
    ValueKind kind;
    union {
        bool                   boolean;
        int64_t                integer;
        double                 real;
        const Dim             *dim;
        const Sym             *str;
        const ValueSeq        *seq;
        const ValueDict       *dict;
        const ValueRange      *range;
        const ValueTensor     *tensor;
        Variable              *variable;
        Instance              *layer;
        ClassInfo             *cls;
        const ValueFn         *fn;
        const Builtin         *builtin;
        const ValueBound      *bound;
        const mdl_initializer *init;
        const ValueRule       *rule;
        Module                *module;
    } as;
};

struct ValueSeq {
    size_t       len;
    const Value *at;
};
struct ValueDict {
    size_t            len;
    const Sym *const *keys;
    const Value      *values;
};
struct ValueRange {
    int64_t start, stop, step;
};
struct ValueTensor {
    Node *node;
    Node *mask; /* bool tensor, or NULL */
};
struct ValueFn {
    Module         *module; /* where its names are looked up */
    const Function *fn;
    Instance       *self;   /* of a method, else NULL */
};
struct ValueBound {
    const Builtin *builtin;
    Value          self;
};
struct ValueRule {
    const char *text; /* "l2(0.01)" */
};

#define VALUE_ERROR ((Value){.kind = V_ERROR})
#define VALUE_NONE  ((Value){.kind = V_NONE})

static inline Value value_bool(bool b) { return (Value){.kind = V_BOOL, .as.boolean = b}; }
static inline Value value_int(int64_t i) { return (Value){.kind = V_INT, .as.integer = i}; }
static inline Value value_float(double d) { return (Value){.kind = V_FLOAT, .as.real = d}; }
static inline Value value_str(const Sym *s) { return (Value){.kind = V_STR, .as.str = s}; }
static inline Value value_layer(Instance *l) { return (Value){.kind = V_LAYER, .as.layer = l}; }
static inline bool  is_error(Value v) { return v.kind == V_ERROR; }

/* A dimension as a value: V_INT if it is a constant. NULL (overflow) gives V_ERROR. */
Value value_dim(const Dim *d);
Value value_seq(Arena *a, ValueKind list_or_tuple, const Value *at, size_t len); /* copies */
Value value_dict(Arena *a, const Sym *const *keys, const Value *values, size_t len); /* copies */
Value make_tensor_value(Arena *a, Node *node, Node *mask);
/* The entry, or NULL. */
const Value *dict_get(const ValueDict *d, const Sym *key);

/* Python's `==` on static values; tensors and layers by identity. */
bool value_equal(Value a, Value b);
/* "an int", "a list", "a tensor float32[batch, 10]", "the layer `Dense`" for messages. */
const char *value_describe(const DimCtx *dims, Arena *a, Value v);
/* As Python's str(): for f-strings and messages. */
void value_print(const DimCtx *dims, StrBuf *b, Value v, bool repr);
const char *builtin_name(const Builtin *b);
/* Whether the value is or holds a layer / a tensor. */
bool value_holds(Value v, ValueKind kind);

#endif
