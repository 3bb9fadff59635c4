/* `-D name=value`: parameters of the model and constants of its file, set on the command line. */
#include <string.h>

#include "program.h"

static Value define_value(Cx *cx, const SemaDefine *d)
{
    const ParseContext pc = {cx->arena, cx->session->names, cx->diags};
    Expr *e = parse_expr(&pc, d->text);
    if (!e) return VALUE_ERROR;
    Frame frame = {.module = cx->main};
    cx->frame = &frame;
    Value v;
    if (e->kind == EXPR_NAME && !lookup_quiet(cx, e->as.name.sym, &v)) v = value_str(e->as.name.sym); /* -D mode=fast */
    else v = eval_static(cx, e, "a value given with -D");
    cx->frame = NULL;
    return v;
}

static void unknown_define(Cx *cx, const SemaDefine *d, const Decl *model)
{
    VEC(const char *) names = {0};
    const ParamVec *params = &model->as.layer.params;
    for (size_t i = 0; i < params->len; i++) {
        if (params->at[i]->name.sym) vec_push(cx->arena, &names, params->at[i]->name.sym->text);
    }
    for (size_t i = 0; i < cx->main->decls.len; i++) {
        const Decl *c = cx->main->decls.entries[i].value;
        if (c->kind == DECL_CONST) vec_push(cx->arena, &names, c->name.sym->text);
    }
    Diag *e = diag_at(cx->diags, E_DEFINE, (Span){d->text->id, 0, (uint32_t)d->text->len},
                      "`-D %s=...` names neither a parameter of `%s` nor a constant of its file", d->name, model->name.sym->text);
    const char *near = suggest(d->name, names.at, names.len);
    StrBuf list = {.arena = cx->arena};
    for (size_t i = 0; i < names.len; i++) sb_printf(&list, "%s%s", i ? ", " : "", names.at[i]);
    if (near) diag_help(e, "did you mean `%s`?", near);
    else if (names.len) diag_help(e, "what can be set: %s", sb_text(&list));
}

bool apply_defines(Cx *cx, const Decl *model, ArgList *args)
{
    bool ok = true;
    for (size_t i = 0; i < cx->options->ndefines; i++) {
        const SemaDefine *d = &cx->options->defines[i];
        const Sym *name = cx_sym(cx, d->name);
        const Span span = {d->text->id, 0, (uint32_t)d->text->len};
        Decl *c = map_get(&cx->main->decls, name);
        const bool is_const = c && c->kind == DECL_CONST, is_parameter = is_param(&model->as.layer.params, name);
        Value v = is_const || is_parameter ? define_value(cx, d) : VALUE_ERROR;
        if (is_const && is_parameter) {
            Diag *e = diag_at(cx->diags, E_DEFINE, span, "`%s` is both a constant and a parameter of `%s`", d->name,
                              model->name.sym->text);
            diag_note(e, c->name.span, "the constant is declared here");
            diag_help(e, "rename one of them");
        } else if (!is_const && !is_parameter) unknown_define(cx, d, model);
        ok &= is_const != is_parameter && !is_error(v);
        if (is_parameter) vec_push(cx->arena, args, (Argument){name, v, span});
        if (!is_const || is_error(v)) continue;
        ConstCell *cell = arena_new(cx->arena, ConstCell);
        if (c->as.constant.type) {
            Frame frame = {.module = cx->main};
            cx->frame = &frame;
            ok &= coerce_static(cx, c->as.constant.type, &v, span, d->name, "the constant");
            cx->frame = NULL;
        }
        *cell = (ConstCell){CONST_DONE, v};
        map_set(&cx->main->consts, c, cell);
    }
    return ok;
}
