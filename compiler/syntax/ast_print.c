/* Nodes that stand on lines of their own (declarations, members, statements) are indented; expressions and types are
 * S-expressions in a line, operators first, as in `(+ a (call f b axis=1))`. */
#include "ast_print.h"

#include <inttypes.h>
#include <stdlib.h>

typedef struct Printer {
    FILE *out;
    int   indent;
} Printer;

static void put_expr(Printer *p, const Expr *e);
static void put_target(Printer *p, const Target *t);
static void put_type(Printer *p, const TypeExpr *t);
static void put_stmts(Printer *p, const StmtVec *stmts);
static void put_members(Printer *p, const MemberVec *members);

static void put(Printer *p, const char *s)
{
    fputs(s, p->out);
}

static void begin_line(Printer *p)
{
    fprintf(p->out, "%*s", p->indent * 2, "");
}

static void put_name(Printer *p, Ident name)
{
    put(p, name.sym ? name.sym->text : "<error>");
}

static void put_string(Printer *p, Str s)
{
    putc('"', p->out);
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = (unsigned char)s.s[i];
        if (c == '"' || c == '\\') fprintf(p->out, "\\%c", c);
        else if (c == '\n') put(p, "\\n");
        else if (c < 0x20) fprintf(p->out, "\\x%02x", c);
        else putc(c, p->out);
    }
    putc('"', p->out);
}

static void put_double(Printer *p, double v)
{
    Arena *a = arena_create();
    StrBuf b = {.arena = a};
    sb_double(&b, v);
    put(p, sb_text(&b));
    arena_destroy(a);
}

/* ---- expressions: one line ---- */

static void put_all(Printer *p, const ExprVec *v)
{
    for (size_t i = 0; i < v->len; i++) {
        putc(' ', p->out);
        put_expr(p, v->at[i]);
    }
}

static void put_two(Printer *p, const char *head, const Expr *a, const Expr *b)
{
    fprintf(p->out, "(%s ", head);
    put_expr(p, a);
    putc(' ', p->out);
    put_expr(p, b);
    putc(')', p->out);
}

static void put_one(Printer *p, const char *head, const Expr *a)
{
    fprintf(p->out, "(%s ", head);
    put_expr(p, a);
    putc(')', p->out);
}

static void put_args(Printer *p, const ArgVec *args)
{
    static const char *const marks[] = {[ARG_POSITIONAL] = "", [ARG_NAMED] = "", [ARG_STAR] = "*", [ARG_STARSTAR] = "**"};
    for (size_t i = 0; i < args->len; i++) {
        const Arg *a = &args->at[i];
        putc(' ', p->out);
        put(p, marks[a->kind]);
        if (a->kind == ARG_NAMED) {
            put_name(p, a->name);
            putc('=', p->out);
        }
        put_expr(p, a->value);
    }
}

static void put_comp(Printer *p, const Expr *e)
{
    put(p, e->as.comp.generator ? "(generator " : "(comp ");
    put_expr(p, e->as.comp.element);
    for (const CompFor *c = e->as.comp.clause; c; c = c->next) {
        put(p, " (for ");
        put_target(p, c->target);
        putc(' ', p->out);
        put_expr(p, c->iter);
        put_all(p, &c->conds);
        putc(')', p->out);
    }
    putc(')', p->out);
}

static void put_compare(Printer *p, const Expr *e)
{
    put(p, "(compare ");
    put_expr(p, e->as.compare.first);
    for (size_t i = 0; i < e->as.compare.ops.len; i++) {
        fprintf(p->out, " %s ", operator_text(e->as.compare.ops.at[i]));
        put_expr(p, e->as.compare.rest.at[i]);
    }
    putc(')', p->out);
}

static void put_fstring(Printer *p, const Expr *e)
{
    put(p, "(fstring");
    for (size_t i = 0; i < e->as.fstring.parts.len; i++) {
        const FPart *part = &e->as.fstring.parts.at[i];
        putc(' ', p->out);
        if (part->expr) put_expr(p, part->expr);
        else put_string(p, part->text);
    }
    putc(')', p->out);
}

static void put_bound(Printer *p, const Expr *e)
{
    putc(' ', p->out);
    if (e) put_expr(p, e);
    else putc('_', p->out);
}

static void put_expr(Printer *p, const Expr *e)
{
    switch (e->kind) {
    case EXPR_ERROR: put(p, "<error>"); break;
    case EXPR_NAME: put_name(p, e->as.name); break;
    case EXPR_INT: fprintf(p->out, "%" PRId64, e->as.integer); break;
    case EXPR_FLOAT: put_double(p, e->as.real); break;
    case EXPR_STRING: put_string(p, e->as.string); break;
    case EXPR_FSTRING: put_fstring(p, e); break;
    case EXPR_TRUE: put(p, "true"); break;
    case EXPR_FALSE: put(p, "false"); break;
    case EXPR_NONE: put(p, "none"); break;
    case EXPR_TUPLE:
    case EXPR_LIST:
        put(p, e->kind == EXPR_TUPLE ? "(tuple" : "(list");
        put_all(p, &e->as.items.items);
        putc(')', p->out);
        break;
    case EXPR_COMP: put_comp(p, e); break;
    case EXPR_UNARY: put_one(p, operator_text(e->as.unary.op), e->as.unary.operand); break;
    case EXPR_NOT: put_one(p, "not", e->as.unary.operand); break;
    case EXPR_SPREAD: put_one(p, "spread", e->as.unary.operand); break;
    case EXPR_BINARY: put_two(p, operator_text(e->as.binary.op), e->as.binary.left, e->as.binary.right); break;
    case EXPR_AND: put_two(p, "and", e->as.binary.left, e->as.binary.right); break;
    case EXPR_OR: put_two(p, "or", e->as.binary.left, e->as.binary.right); break;
    case EXPR_COMPARE: put_compare(p, e); break;
    case EXPR_COND:
        put(p, "(if ");
        put_expr(p, e->as.cond.cond);
        putc(' ', p->out);
        put_expr(p, e->as.cond.then);
        putc(' ', p->out);
        put_expr(p, e->as.cond.otherwise);
        putc(')', p->out);
        break;
    case EXPR_CALL:
        put(p, "(call ");
        put_expr(p, e->as.call.callee);
        put_args(p, &e->as.call.args);
        putc(')', p->out);
        break;
    case EXPR_INDEX:
        put(p, "(index ");
        put_expr(p, e->as.index.object);
        put_all(p, &e->as.index.subs);
        putc(')', p->out);
        break;
    case EXPR_MEMBER:
        put(p, "(. ");
        put_expr(p, e->as.member.object);
        putc(' ', p->out);
        put_name(p, e->as.member.name);
        putc(')', p->out);
        break;
    case EXPR_ELLIPSIS: put(p, "..."); break;
    case EXPR_SLICE:
        put(p, "(slice");
        put_bound(p, e->as.slice.start);
        put_bound(p, e->as.slice.stop);
        put_bound(p, e->as.slice.step);
        putc(')', p->out);
        break;
    }
}

static void put_target(Printer *p, const Target *t)
{
    if (t->items.len == 0) {
        put_name(p, t->name);
        return;
    }
    put(p, "(tuple");
    for (size_t i = 0; i < t->items.len; i++) {
        putc(' ', p->out);
        put_target(p, t->items.at[i]);
    }
    putc(')', p->out);
}

static void put_type(Printer *p, const TypeExpr *t)
{
    switch (t->kind) {
    case TYPE_ERROR: put(p, "<error>"); break;
    case TYPE_NAME: put_name(p, t->as.name); break;
    case TYPE_TENSOR:
        put(p, "(tensor ");
        if (t->as.tensor.dtype.sym) put_name(p, t->as.tensor.dtype);
        else putc('_', p->out);
        put_all(p, &t->as.tensor.dims);
        putc(')', p->out);
        break;
    case TYPE_TUPLE:
        put(p, "(tuple");
        for (size_t i = 0; i < t->as.tuple.items.len; i++) {
            putc(' ', p->out);
            put_type(p, t->as.tuple.items.at[i]);
        }
        putc(')', p->out);
        break;
    }
    if (t->optional) putc('?', p->out);
}

/* ---- lines ---- */

static void put_doc(Printer *p, Str doc)
{
    if (!doc.len) return;
    begin_line(p);
    put(p, "doc ");
    put_string(p, doc);
    putc('\n', p->out);
}

/* What stands behind a keyword in the same line: each part after a blank, NULL parts left out. */
static void put_tail(Printer *p, const Expr *a, const Expr *b)
{
    if (a) {
        putc(' ', p->out);
        put_expr(p, a);
    }
    if (b) {
        putc(' ', p->out);
        put_expr(p, b);
    }
    putc('\n', p->out);
}

static void put_else(Printer *p)
{
    begin_line(p);
    put(p, "else\n");
}

static void put_params(Printer *p, const ParamVec *params)
{
    p->indent++;
    for (size_t i = 0; i < params->len; i++) {
        const Param *q = params->at[i];
        begin_line(p);
        put(p, q->star ? "param *" : "param ");
        put_name(p, q->name);
        if (q->type) {
            put(p, ": ");
            put_type(p, q->type);
        }
        if (q->fallback) {
            put(p, " = ");
            put_expr(p, q->fallback);
        }
        putc('\n', p->out);
    }
    p->indent--;
}

static void put_function(Printer *p, const char *word, const Function *f)
{
    begin_line(p);
    fprintf(p->out, "%s ", word);
    put_name(p, f->name);
    if (f->result) {
        put(p, " -> ");
        put_type(p, f->result);
    }
    putc('\n', p->out);
    put_params(p, &f->params);
    put_stmts(p, &f->body);
}

static void put_return(Printer *p, const Stmt *s)
{
    put(p, "return");
    for (size_t i = 0; i < s->as.ret.named.len; i++) {
        putc(' ', p->out);
        put_name(p, s->as.ret.named.at[i].name);
        put(p, ": ");
        put_expr(p, s->as.ret.named.at[i].value);
    }
    put_tail(p, s->as.ret.value, NULL);
}

static void put_loop(Printer *p, const Target *target, const Expr *iter)
{
    put(p, "for ");
    put_target(p, target);
    put_tail(p, iter, NULL);
}

static void put_augment(Printer *p, Ident name, Operator op, const Expr *value)
{
    fprintf(p->out, "%s= ", operator_text(op));
    put_name(p, name);
    put_tail(p, value, NULL);
}

static void put_stmt(Printer *p, const Stmt *s)
{
    begin_line(p);
    switch (s->kind) {
    case STMT_ERROR: put(p, "<error>\n"); break;
    case STMT_EXPR:
        put(p, "do");
        put_tail(p, s->as.expr, NULL);
        break;
    case STMT_ASSIGN:
        put(p, "= ");
        put_target(p, s->as.assign.target);
        put_tail(p, s->as.assign.value, NULL);
        break;
    case STMT_AUGMENT: put_augment(p, s->as.augment.name, s->as.augment.op, s->as.augment.value); break;
    case STMT_RETURN: put_return(p, s); break;
    case STMT_ASSERT:
        put(p, "assert");
        put_tail(p, s->as.check.cond, s->as.check.message);
        break;
    case STMT_IF:
        put(p, "if");
        put_tail(p, s->as.branch.cond, NULL);
        put_stmts(p, &s->as.branch.then);
        if (s->as.branch.otherwise.len) put_else(p);
        put_stmts(p, &s->as.branch.otherwise);
        break;
    case STMT_FOR:
        put_loop(p, s->as.loop.target, s->as.loop.iter);
        put_stmts(p, &s->as.loop.body);
        break;
    }
}

static void put_stmts(Printer *p, const StmtVec *stmts)
{
    p->indent++;
    for (size_t i = 0; i < stmts->len; i++) put_stmt(p, stmts->at[i]);
    p->indent--;
}

static void put_field(Printer *p, const Member *m)
{
    put(p, "field ");
    put_target(p, m->as.field.target);
    if (m->as.field.type) {
        put(p, ": ");
        put_type(p, m->as.field.type);
    }
    put_tail(p, m->as.field.value, NULL);
}

static void put_variable(Printer *p, const Member *m)
{
    put(p, m->as.variable.is_state ? "state " : "weight ");
    put_name(p, m->as.variable.name);
    if (m->as.variable.type) {
        put(p, ": ");
        put_type(p, m->as.variable.type);
    }
    if (m->as.variable.init) {
        put(p, " = ");
        put_expr(p, m->as.variable.init);
    }
    put_args(p, &m->as.variable.options);
    putc('\n', p->out);
}

static void put_member(Printer *p, const Member *m)
{
    put_doc(p, m->doc);
    if (m->kind == MEMBER_FN || m->kind == MEMBER_CALL) {
        put_function(p, m->kind == MEMBER_FN ? "fn" : "forward", &m->as.fn);
        return;
    }
    begin_line(p);
    switch (m->kind) {
    case MEMBER_ERROR: put(p, "<error>\n"); break;
    case MEMBER_FIELD: put_field(p, m); break;
    case MEMBER_AUGMENT: put_augment(p, m->as.augment.name, m->as.augment.op, m->as.augment.value); break;
    case MEMBER_VARIABLE: put_variable(p, m); break;
    case MEMBER_FN:
    case MEMBER_CALL: break;
    case MEMBER_BUILD:
        put(p, "build");
        put_tail(p, m->as.build, NULL);
        break;
    case MEMBER_ASSERT:
        put(p, "assert");
        put_tail(p, m->as.check.cond, m->as.check.message);
        break;
    case MEMBER_IF:
        put(p, "if");
        put_tail(p, m->as.branch.cond, NULL);
        put_members(p, &m->as.branch.then);
        if (m->as.branch.otherwise.len) put_else(p);
        put_members(p, &m->as.branch.otherwise);
        break;
    case MEMBER_FOR:
        put_loop(p, m->as.loop.target, m->as.loop.iter);
        put_members(p, &m->as.loop.body);
        break;
    }
}

static void put_members(Printer *p, const MemberVec *members)
{
    p->indent++;
    for (size_t i = 0; i < members->len; i++) put_member(p, members->at[i]);
    p->indent--;
}

static void put_import(Printer *p, const Decl *d)
{
    put(p, "import ");
    put_string(p, d->as.import.path);
    if (d->name.sym) {
        put(p, " as ");
        put_name(p, d->name);
    }
    putc('\n', p->out);
}

static void put_const(Printer *p, const Decl *d)
{
    put(p, "const ");
    put_name(p, d->name);
    if (d->as.constant.type) {
        put(p, ": ");
        put_type(p, d->as.constant.type);
    }
    put_tail(p, d->as.constant.value, NULL);
}

static void put_decl(Printer *p, const Decl *d)
{
    put_doc(p, d->doc);
    switch (d->kind) {
    case DECL_ERROR: put(p, "<error>\n"); break;
    case DECL_IMPORT: put_import(p, d); break;
    case DECL_CONST: put_const(p, d); break;
    case DECL_FN: put_function(p, "fn", &d->as.fn); break;
    case DECL_LAYER:
    case DECL_MODEL:
        put(p, d->kind == DECL_MODEL ? "model " : "layer ");
        put_name(p, d->name);
        putc('\n', p->out);
        put_params(p, &d->as.layer.params);
        put_members(p, &d->as.layer.members);
        break;
    }
}

void ast_print(FILE *out, const AstFile *file)
{
    Printer p = {out, 0};
    for (size_t i = 0; i < file->decls.len; i++) put_decl(&p, file->decls.at[i]);
}
