/* Statements and assignment patterns. */
#include "cx.h"

static void set_local(Cx *cx, Ident name, Value v, void *user)
{
    (void)user;
    local_set(cx, name.sym, v);
}

/* ---- assignment patterns ---- */

bool assign_target(Cx *cx, const Target *t, Value v, void (*set)(Cx *, Ident, Value, void *), void *user)
{
    const Value *at;
    size_t len;
    if (is_error(v)) { /* names still come into existence, so that one mistake gives one message */
        if (t->name.sym) set(cx, t->name, v, user);
        for (size_t i = 0; i < t->items.len; i++) assign_target(cx, t->items.at[i], v, set, user);
        return false;
    }
    if (t->name.sym) {
        set(cx, t->name, v, user);
        return true;
    }
    if (!iterate(cx, v, t->span, &at, &len)) return assign_target(cx, t, VALUE_ERROR, set, user);
    if (len != t->items.len) {
        cx_error(cx, E_UNPACK, t->span, "%zu names for %zu values", t->items.len, len);
        return assign_target(cx, t, VALUE_ERROR, set, user);
    }
    bool ok = true;
    for (size_t i = 0; i < len; i++) ok &= assign_target(cx, t->items.at[i], at[i], set, user);
    return ok;
}

/* ---- statements ---- */

/* A local name holds a value: a variable is read here, before anything is assigned to it. */
static Value read_variables(Cx *cx, Value v, Span span)
{
    if (!cx->builder || !cx->frame->in_call || !value_holds(v, V_VARIABLE)) return v;
    if (v.kind == V_VARIABLE) return read_variable(cx, v.as.variable, span);
    const bool dict = v.kind == V_DICT;
    const size_t n = dict ? v.as.dict->len : v.as.seq->len;
    Value *at = arena_array(cx->arena, Value, n);
    for (size_t i = 0; i < n; i++) {
        at[i] = read_variables(cx, dict ? v.as.dict->values[i] : v.as.seq->at[i], span);
        if (is_error(at[i])) return VALUE_ERROR;
    }
    return dict ? value_dict(cx->arena, v.as.dict->keys, at, n) : value_seq(cx->arena, v.kind, at, n);
}

static void check_not_field(Cx *cx, Ident name)
{
    const Instance *self = cx->frame->self;
    if (!self || !name.sym) return;
    const Member *m = map_get(&self->eval->cls->fields, name.sym);
    if (!m) return;
    const bool variable = m->kind == MEMBER_VARIABLE;
    Diag *e = cx_error(cx, E_REBIND_FIELD, name.span, "`%s` is a %s of `%s`; a call cannot give it another value", name.sym->text,
                       variable ? (m->as.variable.is_state ? "state" : "weight") : "field", self->class_name);
    diag_note(e, m->span, "it is declared here");
    if (variable && m->as.variable.is_state) diag_help(e, "store into a state with `%s.assign(value)`", name.sym->text);
    else diag_help(e, "use another name for the local value");
}

static void set_in_call(Cx *cx, Ident name, Value v, void *user)
{
    check_not_field(cx, name);
    if (v.kind == V_TENSOR && !v.as.tensor->node->name) v.as.tensor->node->name = name.sym->text;
    set_local(cx, name, v, user);
}

static void run_augment(Cx *cx, const Stmt *s)
{
    Value old = lookup(cx, s->as.augment.name);
    Value add = eval(cx, s->as.augment.value);
    if (is_error(old) || is_error(add)) {
        set_local(cx, s->as.augment.name, VALUE_ERROR, NULL);
        return;
    }
    Value v = binary_op(cx, s->as.augment.op, old, add, NULL, s->as.augment.value, s->span);
    set_in_call(cx, s->as.augment.name, v, NULL);
}

static void run_return(Cx *cx, const Stmt *s)
{
    Frame *f = cx->frame;
    f->returned = true;
    if (!s->as.ret.is_named) {
        f->result = s->as.ret.value ? eval(cx, s->as.ret.value) : VALUE_NONE;
        return;
    }
    const size_t n = s->as.ret.named.len;
    const Sym **keys = arena_array(cx->arena, const Sym *, n);
    Value *values = arena_array(cx->arena, Value, n);
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        const NamedValue *nv = &s->as.ret.named.at[i];
        keys[i] = nv->name.sym;
        values[i] = eval(cx, nv->value);
        ok &= !is_error(values[i]);
        for (size_t k = 0; k < i; k++) {
            if (keys[k] != keys[i]) continue;
            cx_error(cx, E_DUPLICATE_NAME, nv->name.span, "the output `%s` is given twice", keys[i]->text);
            ok = false;
        }
    }
    f->result = ok ? value_dict(cx->arena, keys, values, n) : VALUE_ERROR;
}

static void run_if(Cx *cx, const Stmt *s)
{
    const int t = truth(cx, eval(cx, s->as.branch.cond), s->as.branch.cond->span, "the condition");
    if (t < 0) { /* either arm may have given the names their values: silence what follows */
        cx->frame->returned = true;
        cx->frame->result = VALUE_ERROR;
        return;
    }
    run_stmts(cx, t ? &s->as.branch.then : &s->as.branch.otherwise);
}

static void run_for(Cx *cx, const Stmt *s)
{
    const Value *at;
    size_t len;
    Value iter = eval(cx, s->as.loop.iter);
    if (!iterate(cx, iter, s->as.loop.iter->span, &at, &len)) {
        cx->frame->returned = true;
        cx->frame->result = VALUE_ERROR;
        return;
    }
    for (size_t i = 0; i < len && !cx->frame->returned; i++) {
        if (!cx_step(cx, s->span, 1)) {
            cx->frame->returned = true;
            cx->frame->result = VALUE_ERROR;
            return;
        }
        assign_target(cx, s->as.loop.target, at[i], set_in_call, NULL);
        run_stmts(cx, &s->as.loop.body);
    }
}

static void run_expr_stmt(Cx *cx, const Stmt *s)
{
    const Expr *e = s->as.expr;
    Value v = eval(cx, e);
    const bool assigns = e->kind == EXPR_CALL && e->as.call.callee->kind == EXPR_MEMBER &&
                         e->as.call.callee->as.member.name.sym == cx->sym->assign;
    const bool gives_nothing = v.kind == V_NONE && e->kind == EXPR_CALL; /* a function called for what it assigns */
    if (is_error(v) || assigns || gives_nothing) return;
    Diag *d = cx_error(cx, E_USELESS_STATEMENT, s->span, "the value of this expression is not used");
    diag_help(d, "give it a name, return it, or remove it");
}

static void run_stmt(Cx *cx, const Stmt *s)
{
    switch (s->kind) {
    case STMT_EXPR: run_expr_stmt(cx, s); break;
    case STMT_ASSIGN:
        assign_target(cx, s->as.assign.target, read_variables(cx, eval(cx, s->as.assign.value), s->as.assign.value->span),
                      set_in_call, NULL);
        break;
    case STMT_AUGMENT: run_augment(cx, s); break;
    case STMT_RETURN: run_return(cx, s); break;
    case STMT_ASSERT:
        if (!run_assert(cx, s->as.check.cond, s->as.check.message, s->span)) { /* what follows relies on it */
            cx->frame->result = VALUE_ERROR;
            cx->frame->returned = true;
        }
        break;
    case STMT_IF: run_if(cx, s); break;
    case STMT_FOR: run_for(cx, s); break;
    case STMT_ERROR: break;
    }
}

void run_stmts(Cx *cx, const StmtVec *body)
{
    for (size_t i = 0; i < body->len && !cx->frame->returned; i++) run_stmt(cx, body->at[i]);
}
