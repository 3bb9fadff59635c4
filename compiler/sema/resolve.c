/* Every name in the user's file means something, also in code that no model runs: reported without evaluating anything. */
#include "cx.h"
#include "program.h"

typedef struct Scope {
    Cx *cx;
    Module *module;
    ClassInfo *cls; /* NULL in a plain function */
    Map locals;
} Scope;

static void know(Scope *s, const Sym *name)
{
    if (name) map_set(&s->locals, name, s);
}

static void know_target(Scope *s, const Target *t)
{
    know(s, t->name.sym);
    for (size_t i = 0; i < t->items.len; i++) know_target(s, t->items.at[i]);
}

static bool has_param(const ParamVec *params, const Sym *name)
{
    for (size_t i = 0; i < params->len; i++) {
        if (params->at[i]->name.sym == name) return true;
    }
    return false;
}

static bool in_module(Cx *cx, Module *m, const Sym *name)
{
    if (map_has(&m->decls, name) || map_has(&m->aliases, name)) return true;
    for (size_t i = 0; i < m->imports.len; i++) {
        if (map_has(&m->imports.at[i]->decls, name)) return true;
    }
    if (map_has(&cx->library, name) || map_has(&cx->builtins, name) || map_has(&cx->op_functions, name)) return true;
    return name == cx->sym->ops || name == cx->sym->random || name == cx->sym->training;
}

static bool in_class(Cx *cx, ClassInfo *c, const Sym *name)
{
    if (has_param(&c->decl->as.layer.params, name)) return true;
    if (map_has(&c->fields, name) || map_has(&c->methods, name) || map_has(&c->dims, name)) return true;
    return name == cx->sym->name || name == cx->sym->trainable || name == cx->sym->compute_dtype ||
           name == cx->sym->variable_dtype || name == cx->sym->dtype_policy;
}

static void check_name(Scope *s, Ident name)
{
    Cx *cx = s->cx;
    if (!name.sym || map_has(&s->locals, name.sym) || name.sym == cx->sym->underscore) return;
    if (s->cls && in_class(cx, s->cls, name.sym)) return;
    if (in_module(cx, s->module, name.sym)) return;
    enum { SUGGESTIONS = 1000 }; /* every mistake collects them anew */
    Frame frame = {.module = s->module};
    for (size_t i = 0; i < s->locals.len && i < SUGGESTIONS && !diag_is_full(cx->diags); i++)
        local_push(cx, &frame, s->locals.entries[i].key, VALUE_NONE, false);
    if (s->cls) { /* what the class declares can be suggested too */
        const ParamVec *params = &s->cls->decl->as.layer.params;
        for (size_t i = 0; i < params->len; i++) {
            if (params->at[i]->name.sym) local_push(cx, &frame, params->at[i]->name.sym, VALUE_NONE, false);
        }
        const Map *maps[] = {&s->cls->fields, &s->cls->methods, &s->cls->dims};
        for (size_t k = 0; k < countof(maps); k++) {
            for (size_t i = 0; i < maps[k]->len; i++)
                local_push(cx, &frame, maps[k]->entries[i].key, VALUE_NONE, false);
        }
    }
    cx->frame = &frame;
    lookup(cx, name); /* reports */
    cx->frame = NULL;
}

static void visit_name(Cx *cx, Ident name, bool element, void *user)
{
    (void)cx, (void)element;
    check_name(user, name);
}

/* The names of a comprehension are known from there on: a later mistake with one is found when the code runs. */
static void visit_target(Cx *cx, const Target *t, void *user)
{
    (void)cx;
    know_target(user, t);
}

static void check_expr(Scope *s, const Expr *e) { walk_expr(s->cx, e, visit_name, visit_target, s); }

/* A function's or call's shapes introduce the names they mention. */
static void know_dims(Scope *s, const Expr *e)
{
    if (!e) return;
    if (e->kind == EXPR_NAME && !(s->cls && in_class(s->cx, s->cls, e->as.name.sym)) &&
        !map_has(&s->module->decls, e->as.name.sym))
        know(s, e->as.name.sym);
    if (e->kind == EXPR_SPREAD || e->kind == EXPR_UNARY) know_dims(s, e->as.unary.operand);
    if (e->kind == EXPR_BINARY) {
        know_dims(s, e->as.binary.left);
        know_dims(s, e->as.binary.right);
    }
}

static void know_type(Scope *s, const TypeExpr *t)
{
    if (!t) return;
    if (t->kind == TYPE_TENSOR) {
        for (size_t i = 0; i < t->as.tensor.dims.len; i++) know_dims(s, t->as.tensor.dims.at[i]);
    }
    if (t->kind == TYPE_TUPLE) {
        for (size_t i = 0; i < t->as.tuple.items.len; i++) know_type(s, t->as.tuple.items.at[i]);
    }
}

static void know_stmts(Scope *s, const StmtVec *body)
{
    for (size_t i = 0; i < body->len; i++) {
        const Stmt *st = body->at[i];
        if (st->kind == STMT_ASSIGN) know_target(s, st->as.assign.target);
        if (st->kind == STMT_AUGMENT) know(s, st->as.augment.name.sym);
        if (st->kind == STMT_IF) {
            know_stmts(s, &st->as.branch.then);
            know_stmts(s, &st->as.branch.otherwise);
        }
        if (st->kind == STMT_FOR) {
            know_target(s, st->as.loop.target);
            know_stmts(s, &st->as.loop.body);
        }
    }
}

static void check_stmts(Scope *s, const StmtVec *body)
{
    for (size_t i = 0; i < body->len; i++) {
        const Stmt *st = body->at[i];
        switch (st->kind) {
        case STMT_EXPR: check_expr(s, st->as.expr); break;
        case STMT_ASSIGN: check_expr(s, st->as.assign.value); break;
        case STMT_AUGMENT: check_expr(s, st->as.augment.value); break;
        case STMT_RETURN:
            check_expr(s, st->as.ret.value);
            for (size_t k = 0; k < st->as.ret.named.len; k++) check_expr(s, st->as.ret.named.at[k].value);
            break;
        case STMT_ASSERT:
            check_expr(s, st->as.check.cond);
            check_expr(s, st->as.check.message);
            break;
        case STMT_IF:
            check_expr(s, st->as.branch.cond);
            check_stmts(s, &st->as.branch.then);
            check_stmts(s, &st->as.branch.otherwise);
            break;
        case STMT_FOR:
            check_expr(s, st->as.loop.iter);
            check_stmts(s, &st->as.loop.body);
            break;
        case STMT_ERROR: break;
        }
    }
}

static void check_params(Cx *cx, const ParamVec *params)
{
    for (size_t i = 0; i < params->len; i++) {
        for (size_t k = 0; k < i && params->at[i]->name.sym; k++) {
            if (params->at[k]->name.sym != params->at[i]->name.sym) continue;
            Diag *e = cx_error(cx, E_DUPLICATE_NAME, params->at[i]->name.span, "there are two parameters `%s`",
                               params->at[i]->name.sym->text);
            diag_label(e, params->at[k]->name.span, "the first one");
            break;
        }
    }
}

static void check_function(Scope *outer, const Function *fn)
{
    Scope s = *outer;
    s.locals = (Map){.arena = outer->cx->arena};
    check_params(outer->cx, &fn->params);
    for (size_t i = 0; i < fn->params.len; i++) {
        know(&s, fn->params.at[i]->name.sym);
        know_type(&s, fn->params.at[i]->type);
        check_expr(&s, fn->params.at[i]->fallback);
    }
    know_stmts(&s, &fn->body);
    check_stmts(&s, &fn->body);
}

/* `build layer(x)`: the names of call's parameters mean its arguments here. */
static void check_build(Scope *outer, const Expr *call)
{
    Scope s = *outer;
    s.locals = (Map){.arena = outer->cx->arena};
    for (size_t i = 0; i < outer->locals.len; i++) know(&s, outer->locals.entries[i].key);
    for (size_t i = 0; s.cls->call && i < s.cls->call->params.len; i++) know(&s, s.cls->call->params.at[i]->name.sym);
    check_expr(&s, call);
}

static void check_members(Scope *s, const MemberVec *members)
{
    for (size_t i = 0; i < members->len; i++) {
        const Member *m = members->at[i];
        switch (m->kind) {
        case MEMBER_FIELD: check_expr(s, m->as.field.value); break;
        case MEMBER_AUGMENT: check_expr(s, m->as.augment.value); break;
        case MEMBER_VARIABLE:
            check_expr(s, m->as.variable.init);
            for (size_t k = 0; k < m->as.variable.options.len; k++) check_expr(s, m->as.variable.options.at[k].value);
            if (m->as.variable.type && m->as.variable.type->kind == TYPE_TENSOR) {
                const ExprVec *dims = &m->as.variable.type->as.tensor.dims;
                for (size_t k = 0; k < dims->len; k++) check_expr(s, dims->at[k]);
            }
            break;
        case MEMBER_FN:
        case MEMBER_CALL: check_function(s, &m->as.fn); break;
        case MEMBER_BUILD: check_build(s, m->as.build); break;
        case MEMBER_ASSERT:
            check_expr(s, m->as.check.cond);
            check_expr(s, m->as.check.message);
            break;
        case MEMBER_IF:
            check_expr(s, m->as.branch.cond);
            check_members(s, &m->as.branch.then);
            check_members(s, &m->as.branch.otherwise);
            break;
        case MEMBER_FOR:
            check_expr(s, m->as.loop.iter);
            know_target(s, m->as.loop.target);
            check_members(s, &m->as.loop.body);
            break;
        case MEMBER_ERROR: break;
        }
    }
}

static void check_layer(Cx *cx, Module *m, Decl *d)
{
    Scope s = {.cx = cx, .module = m, .cls = class_info(cx, m, d), .locals = {.arena = cx->arena}};
    check_params(cx, &d->as.layer.params);
    for (size_t i = 0; i < d->as.layer.params.len; i++) check_expr(&s, d->as.layer.params.at[i]->fallback);
    check_members(&s, &d->as.layer.members);
}

void resolve_file(Cx *cx, Module *m)
{
    for (size_t i = 0; i < m->file->decls.len; i++) {
        Decl *d = m->file->decls.at[i];
        Scope s = {.cx = cx, .module = m, .locals = {.arena = cx->arena}};
        if (d->kind == DECL_CONST) check_expr(&s, d->as.constant.value);
        if (d->kind == DECL_FN) check_function(&s, &d->as.fn);
        if (d->kind == DECL_LAYER || d->kind == DECL_MODEL) check_layer(cx, m, d);
    }
}
