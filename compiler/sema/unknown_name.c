/* What is said of a name that nothing has. */
#include <string.h>

#include "cx.h"

void add_keys(Cx *cx, Names *names, const Map *m)
{
    for (size_t i = 0; i < m->len; i++) vec_push(cx->arena, names, ((const Sym *)m->entries[i].key)->text);
}

static const char *nearest(Cx *cx, const Sym *name)
{
    Names n = {0};
    const Frame *f = cx->frame;
    for (size_t i = 0; i < f->locals.len; i++) vec_push(cx->arena, &n, f->locals.at[i].name->text);
    if (f->self) {
        add_keys(cx, &n, &f->self->eval->cls->fields);
        add_keys(cx, &n, &f->self->eval->cls->methods);
        const ParamVec *ps = &f->self->eval->cls->decl->as.layer.params;
        for (size_t i = 0; i < ps->len; i++) {
            if (ps->at[i]->name.sym) vec_push(cx->arena, &n, ps->at[i]->name.sym->text);
        }
    }
    if (f->module) {
        add_keys(cx, &n, &f->module->decls);
        add_keys(cx, &n, &f->module->aliases);
        for (size_t i = 0; i < f->module->imports.len; i++) add_keys(cx, &n, &f->module->imports.at[i]->decls);
    }
    add_keys(cx, &n, &cx->library);
    add_keys(cx, &n, &cx->builtins);
    add_keys(cx, &n, &cx->op_functions);
    return suggest(name->text, n.at, n.len);
}

/* A name that is unknown in several places is one mistake, if it seems to be the same: one declaration is missing or
 * misspelt. The first place tells of it, the others are marked. */
typedef struct Unknown {
    Diag       *told;
    const char *near;
    uint32_t    file;
    int         places;
} Unknown;

static void report_unknown_once(Cx *cx, Ident name, const char *near)
{
    enum { MARKED = 3 };
    Unknown *u = map_get(&cx->unknown, name.sym);
    if (u && u->file == name.span.file && u->near == near) {
        if (u->places++ < MARKED) diag_label(u->told, name.span, "also used here");
    } else {
        u = arena_new(cx->arena, Unknown);
        *u = (Unknown){cx_error(cx, E_UNKNOWN_NAME, name.span, "unknown name `%s`", name.sym->text), near, name.span.file, 0};
        if (near) diag_help(u->told, "did you mean `%s`?", near);
        map_set(&cx->unknown, name.sym, u);
    }
    if (near) diag_fix(u->told, name.span, "%s", near);
}

static void report_early_use(Cx *cx, Ident name)
{
    const Instance *self = cx->frame->self;
    const Member *m = map_get(&self->eval->cls->fields, name.sym);
    if (map_has(&self->eval->cls->deferred, m)) {
        Diag *e =
            cx_error(cx, E_NOT_KNOWN_YET, name.span,
                     "`%s` depends on the shape of `call`'s arguments, so it is not known before the first call", name.sym->text);
        diag_note(e, m->span, "it is defined here");
        return;
    }
    Diag *e = cx_error(cx, E_USED_BEFORE, name.span, "`%s` has no value here: members run from top to bottom", name.sym->text);
    if (span_known(m->span)) diag_note(e, m->span, "it is given a value here, on a path that has not run");
}

bool report_refused(Cx *cx, Ident name)
{
    static const struct {
        const char *name, *reason, *instead;
    } table[] = {
#define REFUSED(name, reason, instead) {#name, reason, instead},
#include "refused.def"
#undef REFUSED
    };
    for (size_t i = 0; i < countof(table); i++) {
        if (strcmp(table[i].name, name.sym->text)) continue;
        Diag *d = cx_error(cx, E_UNKNOWN_NAME, name.span, "Keras' `%s` %s", table[i].name, table[i].reason);
        diag_help(d, "%s", table[i].instead);
        return true;
    }
    return false;
}

void report_unknown(Cx *cx, Ident name)
{
    Frame *f = cx->frame;
    if (f->self && map_has(&f->self->eval->cls->fields, name.sym)) {
        report_early_use(cx, name);
        return;
    }
    if (f->self && map_has(&f->self->eval->cls->dims, name.sym)) {
        Diag *e =
            cx_error(cx, E_NOT_KNOWN_YET, name.span, "the dimension `%s` is known only when the layer is called", name.sym->text);
        diag_help(e, "make it a parameter of the layer, or use it in `call`");
        return;
    }
    if (f->self && name.sym == cx->sym->self) {
        Diag *e = cx_error(cx, E_UNKNOWN_NAME, name.span, "there is no `self` in MDL: fields are reached by their bare names");
        diag_help(e, "write `x` for `self.x`");
        return;
    }
    if (report_refused(cx, name)) return;
    report_unknown_once(cx, name, diag_is_full(cx->diags) ? NULL : nearest(cx, name.sym));
}
