/* The syntax tree: what the user wrote, with a byte span on every node.
 *
 * Expressions, dimensions, types, statements, members and declarations are separate structs, so that a field's C type
 * says what it may hold. Only the constructors in ast.c build nodes. Things that parse but mean nothing are kept
 * (EXPR_ERROR), so that one mistake gives one message. */
#ifndef MDLC_AST_H
#define MDLC_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/intern.h"
#include "../base/str.h"
#include "../base/vec.h"
#include "../source/source.h"

typedef struct Expr     Expr;
typedef struct Stmt     Stmt;
typedef struct Member   Member;
typedef struct Decl     Decl;
typedef struct TypeExpr TypeExpr;
typedef struct Param    Param;

typedef VEC(Expr *) ExprVec;
typedef VEC(Stmt *) StmtVec;
typedef VEC(Member *) MemberVec;
typedef VEC(Decl *) DeclVec;
typedef VEC(Param *) ParamVec;
typedef VEC(TypeExpr *) TypeVec;

/* A name and where it stands. */
typedef struct Ident {
    const Sym *sym; /* NULL in an erroneous node */
    Span       span;
} Ident;

typedef enum ExprKind {
    EXPR_ERROR,    /* already reported; accepted silently everywhere */
    EXPR_NAME,     /* as.name */
    EXPR_INT,      /* as.integer */
    EXPR_FLOAT,    /* as.real */
    EXPR_STRING,   /* as.string: the value, escapes decoded */
    EXPR_FSTRING,  /* as.fstring */
    EXPR_TRUE,
    EXPR_FALSE,
    EXPR_NONE,
    EXPR_TUPLE,    /* as.items; elements may be EXPR_SPREAD */
    EXPR_LIST,     /* as.items */
    EXPR_COMP,     /* as.comp: a list comprehension, or a generator argument */
    EXPR_UNARY,    /* as.unary */
    EXPR_BINARY,   /* as.binary: arithmetic and bit operators */
    EXPR_AND,      /* as.binary */
    EXPR_OR,       /* as.binary */
    EXPR_NOT,      /* as.unary.operand */
    EXPR_COMPARE,  /* as.compare: a chain, `a < b <= c` */
    EXPR_COND,     /* as.cond: `a if c else b` */
    EXPR_CALL,     /* as.call */
    EXPR_INDEX,    /* as.index */
    EXPR_MEMBER,   /* as.member */
    EXPR_SPREAD,   /* as.unary.operand: `*e` or `...e` in a list, tuple, argument list or shape */
    EXPR_ELLIPSIS, /* `...` alone, in a subscript or shape */
    EXPR_SLICE,    /* as.slice: `a:b:c`, only as a subscript */
} ExprKind;

typedef enum Operator {
    OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_FLOORDIV, OP_MOD, OP_MATMUL, OP_POW, OP_BITOR, OP_BITXOR, OP_BITAND, /* binary */
    OP_NEG, OP_POS, OP_INVERT,                                                                              /* unary */
    OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_IN, OP_NOT_IN, OP_IS, OP_IS_NOT                            /* comparison */
} Operator;

/* The operator as the user writes it: "+", "//", "not in". */
const char *operator_text(Operator op);

typedef enum ArgKind { ARG_POSITIONAL, ARG_NAMED, ARG_STAR, ARG_STARSTAR } ArgKind;

typedef struct Arg {
    ArgKind kind;
    Ident   name; /* ARG_NAMED */
    Expr   *value;
    Span    span;
} Arg;
typedef VEC(Arg) ArgVec;

/* A pattern on the left of `=`, after `for`: a name, or a tuple of targets. */
typedef struct Target Target;
typedef VEC(Target *) TargetVec;
struct Target {
    Span      span;
    Ident     name;  /* sym != NULL: a name */
    TargetVec items; /* otherwise: a tuple */
};

/* `for targets in iter if c1 if c2`, and the next clause nested in it. */
typedef struct CompFor CompFor;
struct CompFor {
    Target  *target;
    Expr    *iter;
    ExprVec  conds;
    CompFor *next;
};

/* A piece of an f-string: literal text, or an expression (then `text` is empty). */
typedef struct FPart {
    Str   text;
    Expr *expr;
} FPart;

/* No tree is deeper: passes may recurse over it. */
enum { AST_MAX_DEPTH = 200 };

struct Expr {
    ExprKind kind;
    uint32_t depth; /* of the tree from here; at most AST_MAX_DEPTH */
    Span     span;
    union {
        Ident    name;
        int64_t  integer;
        double   real;
        Str      string;
        struct { VEC(FPart) parts; } fstring;
        struct { ExprVec items; } items;
        struct { Expr *element; CompFor *clause; bool generator; } comp;
        struct { Operator op; Expr *operand; } unary;
        struct { Operator op; Expr *left, *right; Span op_span; } binary;
        struct { Expr *first; VEC(Operator) ops; ExprVec rest; } compare;
        struct { Expr *cond, *then, *otherwise; } cond;
        struct { Expr *callee; ArgVec args; Span parens; } call; /* parens: from `(` to `)` */
        struct { Expr *object; ExprVec subs; } index;            /* subs: expressions, EXPR_SLICE, EXPR_ELLIPSIS */
        struct { Expr *object; Ident name; } member;
        struct { Expr *start, *stop, *step; } slice;             /* each may be NULL */
    } as;
};

/* A dimension is an expression (with comparisons for bounds, `batch <= 64`), EXPR_ELLIPSIS for `...`, or EXPR_SPREAD for
 * `...lead`. An unnamed dimension `_` is EXPR_NAME with that spelling. */
typedef enum TypeKind {
    TYPE_ERROR,
    TYPE_TENSOR, /* as.tensor: `float32[batch, 784]`, `[..., d]` */
    TYPE_NAME,   /* as.name: int, float, Layer, ... or a bare dtype */
    TYPE_TUPLE,  /* as.tuple: `(float32[a], float32[b])` */
} TypeKind;

struct TypeExpr {
    TypeKind kind;
    Span     span;
    bool     optional; /* `T?` */
    union {
        struct { Ident dtype; ExprVec dims; } tensor; /* dtype.sym NULL if not given */
        Ident name;
        struct { TypeVec items; } tuple;
    } as;
};

struct Param {
    Span      span;
    Ident     name;
    TypeExpr *type;     /* NULL if not given */
    Expr     *fallback; /* the default; NULL if required */
    bool      star;     /* `*names` */
};

/* ---- statements of a call, method or function body ---- */

typedef enum StmtKind {
    STMT_ERROR,
    STMT_EXPR,   /* as.expr: only `state.assign(e)` means something */
    STMT_ASSIGN, /* as.assign */
    STMT_AUGMENT,/* as.augment: `x += e` */
    STMT_RETURN, /* as.ret */
    STMT_ASSERT, /* as.check */
    STMT_IF,     /* as.branch */
    STMT_FOR,    /* as.loop */
} StmtKind;

typedef struct NamedValue {
    Ident name;
    Expr *value;
} NamedValue;

typedef VEC(NamedValue) NamedVec;

struct Stmt {
    StmtKind kind;
    Span     span;
    union {
        Expr *expr;
        struct { Target *target; Expr *value; } assign;           /* several values are one EXPR_TUPLE */
        struct { Ident name; Operator op; Expr *value; } augment;
        struct { Expr *value; NamedVec named; bool is_named; } ret; /* value NULL: a bare return */
        struct { Expr *cond, *message; } check;                   /* message may be NULL */
        struct { Expr *cond; StmtVec then, otherwise; } branch;   /* `else if` is a STMT_IF in otherwise */
        struct { Target *target; Expr *iter; StmtVec body; } loop;
    } as;
};

/* ---- members of a layer or model ---- */

typedef enum MemberKind {
    MEMBER_ERROR,
    MEMBER_FIELD,    /* as.field: `a = e`, `a, b = e`, `a: int = e` */
    MEMBER_AUGMENT,  /* as.augment: `c *= 2`, `blocks += [..]` */
    MEMBER_VARIABLE, /* as.variable: `weight` or `state`; without a type: one of another layer, which is `init` */
    MEMBER_FN,       /* as.fn: a method */
    MEMBER_CALL,     /* as.fn: the forward pass; its name is `call` */
    MEMBER_BUILD,    /* as.build: `build layer(x)` */
    MEMBER_ASSERT,   /* as.check */
    MEMBER_IF,       /* as.branch */
    MEMBER_FOR,      /* as.loop */
} MemberKind;

typedef struct Function {
    Ident     name;
    ParamVec  params;
    TypeExpr *result; /* NULL if not given */
    StmtVec   body;
    Str       doc;
    Span      span;   /* from `fn`/`call` to the closing brace */
} Function;

struct Member {
    MemberKind kind;
    Span       span;
    Str        doc; /* of `##` lines above, without the marks */
    union {
        struct { Target *target; TypeExpr *type; Expr *value; } field;
        struct { Ident name; Operator op; Expr *value; } augment;
        struct { bool is_state; Ident name; TypeExpr *type; Expr *init; ArgVec options; } variable; /* options: ARG_NAMED */
        Function fn;
        Expr *build; /* EXPR_CALL */
        struct { Expr *cond, *message; } check;
        struct { Expr *cond; MemberVec then, otherwise; } branch;
        struct { Target *target; Expr *iter; MemberVec body; } loop;
    } as;
};

/* ---- declarations of a file ---- */

typedef enum DeclKind {
    DECL_ERROR,
    DECL_IMPORT, /* as.import */
    DECL_CONST,  /* as.constant */
    DECL_FN,     /* as.fn */
    DECL_LAYER,  /* as.layer */
    DECL_MODEL,  /* as.layer */
} DeclKind;

typedef struct LayerDecl {
    bool      is_model;
    ParamVec  params;
    MemberVec members;
} LayerDecl;

struct Decl {
    DeclKind kind;
    Span     span; /* whole declaration */
    Ident    name; /* of an import: the name after `as`, sym NULL if bare */
    Str      doc;
    union {
        struct { Str path; Span path_span; } import;
        struct { TypeExpr *type; Expr *value; } constant;
        Function  fn;
        LayerDecl layer;
    } as;
};

typedef struct AstFile {
    Source *source;
    DeclVec decls;
} AstFile;

#endif
