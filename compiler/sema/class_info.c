/* What a layer declares: its fields, methods and dimensions, and which members wait for the first call. */
#include "cx.h"

static void collect_target(Cx *cx, ClassInfo *c, const Target *t, Member *m)
{
    if (t->name.sym) map_set(&c->fields, t->name.sym, m);
    for (size_t i = 0; i < t->items.len; i++) collect_target(cx, c, t->items.at[i], m);
}

static void collect_members(Cx *cx, ClassInfo *c, const MemberVec *members)
{
    for (size_t i = 0; i < members->len; i++) {
        Member *m = members->at[i];
        switch (m->kind) {
        case MEMBER_FIELD: collect_target(cx, c, m->as.field.target, m); break;
        case MEMBER_AUGMENT:
            if (m->as.augment.name.sym) map_set(&c->fields, m->as.augment.name.sym, m);
            break;
        case MEMBER_VARIABLE:
            if (m->as.variable.name.sym) map_set(&c->fields, m->as.variable.name.sym, m);
            break;
        case MEMBER_FN:
            for (size_t k = 0; k < i && m->as.fn.name.sym; k++) {
                const Member *before = members->at[k];
                if (before->kind != MEMBER_FN || before->as.fn.name.sym != m->as.fn.name.sym) continue;
                Diag *e = cx_error(cx, E_DUPLICATE_NAME, m->as.fn.name.span, "the method `%s` is declared twice",
                                   m->as.fn.name.sym->text);
                diag_label(e, before->as.fn.name.span, "first declared here");
                break;
            }
            if (m->as.fn.name.sym) map_set(&c->methods, m->as.fn.name.sym, &m->as.fn);
            break;
        case MEMBER_CALL:
            if (c->call) {
                Diag *e = cx_error(cx, E_DUPLICATE_NAME, m->as.fn.name.span, "a layer has one `call`, and this is the second");
                diag_label(e, c->call->name.span, "the first one");
            } else {
                c->call = &m->as.fn;
            }
            break;
        case MEMBER_IF:
            collect_members(cx, c, &m->as.branch.then);
            collect_members(cx, c, &m->as.branch.otherwise);
            break;
        case MEMBER_FOR: collect_members(cx, c, &m->as.loop.body); break;
        case MEMBER_BUILD:
        case MEMBER_ASSERT:
        case MEMBER_ERROR: break;
        }
    }
}

static void walk_target(Cx *cx, const Target *t, VisitName *visit, void *user)
{
    if (t->name.sym) visit(cx, t->name, false, user);
    for (size_t i = 0; i < t->items.len; i++) walk_target(cx, t->items.at[i], visit, user);
}

bool is_param(const ParamVec *params, const Sym *name)
{
    for (size_t i = 0; i < params->len; i++) {
        if (params->at[i]->name.sym == name) return true;
    }
    return false;
}

static void note_dim(Cx *cx, Ident mentioned, bool element, void *user)
{
    ClassInfo *c = user;
    const Sym *name = mentioned.sym;
    (void)element;
    if (!name || name == cx->sym->underscore || is_param(&c->decl->as.layer.params, name)) return;
    if (c->call && is_param(&c->call->params, name)) return;
    if (map_has(&c->fields, name) || map_has(&c->methods, name)) return;
    const Decl *d = module_own(c->module, name);
    if (d && d->kind == DECL_CONST) return;
    const Builtin *b = map_get(&cx->builtins, name);
    if (b) return; /* min(time, 512) */
    map_set(&c->dims, name, c);
}

static void type_dims(Cx *cx, ClassInfo *c, const TypeExpr *t)
{
    if (!t) return;
    if (t->kind == TYPE_TENSOR) {
        for (size_t i = 0; i < t->as.tensor.dims.len; i++) walk_expr(cx, t->as.tensor.dims.at[i], note_dim, NULL, c);
    }
    if (t->kind == TYPE_TUPLE) {
        for (size_t i = 0; i < t->as.tuple.items.len; i++) type_dims(cx, c, t->as.tuple.items.at[i]);
    }
}

typedef struct Deferral {
    ClassInfo *cls;
    Map names; /* fields that are known only at the first call */
    bool hit;
} Deferral;

static void note_deferred(Cx *cx, Ident mentioned, bool element, void *user)
{
    Deferral *d = user;
    const Sym *name = mentioned.sym;
    (void)cx;
    if (map_has(&d->cls->dims, name)) {
        if (!element || !map_has(&d->cls->captured, name))
            map_set(&d->cls->captured, name, element ? CAPTURED_ELEMENTS : CAPTURED_WHOLE);
        d->hit = true;
    }
    if (map_has(&d->names, name)) d->hit = true;
}

static bool mentions(Cx *cx, Deferral *d, const Expr *e)
{
    d->hit = false;
    walk_expr(cx, e, note_deferred, NULL, d);
    return d->hit;
}

static void defer_name(Cx *cx, Ident name, bool element, void *user)
{
    Deferral *d = user;
    (void)cx;
    (void)element;
    map_set(&d->names, name.sym, d);
}

static bool variable_mentions(Cx *cx, Deferral *d, const Member *m)
{
    bool hit = mentions(cx, d, m->as.variable.init);
    const TypeExpr *t = m->as.variable.type;
    if (t && t->kind == TYPE_TENSOR) {
        for (size_t i = 0; i < t->as.tensor.dims.len; i++) hit |= mentions(cx, d, t->as.tensor.dims.at[i]);
    }
    for (size_t i = 0; i < m->as.variable.options.len; i++) hit |= mentions(cx, d, m->as.variable.options.at[i].value);
    return hit;
}

/* Marks what runs at the first call: members that mention a dimension of `call`, and all that depends on them. */
static void defer_members(Cx *cx, Deferral *d, const MemberVec *members, bool all)
{
    for (size_t i = 0; i < members->len; i++) {
        Member *m = members->at[i];
        bool now = all;
        switch (m->kind) {
        case MEMBER_FIELD:
            now |= mentions(cx, d, m->as.field.value);
            if (now) walk_target(cx, m->as.field.target, defer_name, d);
            break;
        case MEMBER_AUGMENT:
            now |= mentions(cx, d, m->as.augment.value) || map_has(&d->names, m->as.augment.name.sym);
            if (now) defer_name(cx, m->as.augment.name, false, d);
            break;
        case MEMBER_VARIABLE:
            now |= variable_mentions(cx, d, m) || !m->as.variable.type; /* other layers' weights exist since their first call */
            d->cls->borrows |= !m->as.variable.type;
            if (now) defer_name(cx, m->as.variable.name, false, d);
            break;
        case MEMBER_BUILD:
            now = d->cls->borrows = d->cls->builds = true;
            walk_expr(cx, m->as.build->as.call.callee, defer_name, NULL, d);
            break;
        case MEMBER_ASSERT: now |= mentions(cx, d, m->as.check.cond) || mentions(cx, d, m->as.check.message); break;
        case MEMBER_IF:
            now |= mentions(cx, d, m->as.branch.cond);
            defer_members(cx, d, &m->as.branch.then, now);
            defer_members(cx, d, &m->as.branch.otherwise, now);
            break;
        case MEMBER_FOR:
            now |= mentions(cx, d, m->as.loop.iter);
            defer_members(cx, d, &m->as.loop.body, now);
            break;
        case MEMBER_FN:
        case MEMBER_CALL:
        case MEMBER_ERROR: break;
        }
        if (now) map_set(&d->cls->deferred, m, m);
    }
}

ClassInfo *class_info(Cx *cx, Module *module, Decl *decl)
{
    ClassInfo *c = map_get(&cx->classes, decl);
    if (c) return c;
    c = arena_new(cx->arena, ClassInfo);
    map_set(&cx->classes, decl, c);
    c->decl = decl;
    c->module = module;
    c->methods.arena = c->fields.arena = c->dims.arena = c->deferred.arena = c->captured.arena = cx->arena;
    collect_members(cx, c, &decl->as.layer.members);
    if (c->call) {
        for (size_t i = 0; i < c->call->params.len; i++) type_dims(cx, c, c->call->params.at[i]->type);
    }
    c->uses_mask = c->call && is_param(&c->call->params, cx->sym->mask);
    Deferral d = {.cls = c, .names = {.arena = cx->arena}};
    defer_members(cx, &d, &decl->as.layer.members, false);
    return c;
}
