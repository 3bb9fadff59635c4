/* A program: the chosen model, constructed, called on its declared inputs, and everything given its final name. */
#include <stdlib.h>
#include <string.h>

#include "cx.h"
#include "program.h"

/* ---- the context ---- */

static Cx *context_create(Session *s, const SemaOptions *options)
{
    Cx *cx = arena_new(s->arena, Cx);
    struct Syms *sym = arena_new(s->arena, struct Syms);
    cx->session = s;
    cx->arena = s->arena;
    cx->diags = s->diags;
    cx->dims = dims_create(s->arena);
    cx->options = options;
    cx->training = options->training;
#define X(n) sym->n = intern_z(s->names, #n);
    KNOWN_NAMES(X)
#undef X
    sym->underscore = intern_z(s->names, "_");
    cx->sym = sym;
    Map *const maps[] = {&cx->modules,          &cx->library,          &cx->classes,          &cx->builtins,
                         &cx->op_functions,     &cx->random_functions, &cx->method_tables[0], &cx->method_tables[1],
                         &cx->method_tables[2], &cx->signatures,       &cx->counters,         &cx->quotes,
                         &cx->unknown};
    for (size_t i = 0; i < countof(maps); i++) maps[i]->arena = s->arena;
    cx->ops = arena_new(s->arena, Module);
    cx->random = arena_new(s->arena, Module);
    cx->ops->is_ops = cx->random->is_random = true;
    cx->program = arena_new(s->arena, Program);
    cx->program->dims = cx->dims;
    library_index(cx);
    builtins_register(cx);
    operations_register(cx);
    initializers_register(cx);
    return cx;
}

/* ---- choosing the model ---- */

void sema_models(Session *s, AstFile *file, ModelVec *models)
{
    for (size_t i = 0; i < file->decls.len; i++) {
        if (file->decls.at[i]->kind == DECL_MODEL && file->decls.at[i]->name.sym) vec_push(s->arena, models, file->decls.at[i]);
    }
}

static const char *model_list(Cx *cx, const ModelVec *models)
{
    StrBuf b = {.arena = cx->arena};
    for (size_t i = 0; i < models->len; i++) sb_printf(&b, "%s%s", i ? ", " : "", models->at[i]->name.sym->text);
    return sb_text(&b);
}

static Decl *choose_model(Cx *cx, AstFile *file)
{
    ModelVec models = {0};
    sema_models(cx->session, file, &models);
    const char *wanted = cx->options->model;
    const Span start = {file->source->id, 0, 0};
    for (size_t i = 0; wanted && i < models.len; i++) {
        if (!strcmp(models.at[i]->name.sym->text, wanted)) return models.at[i];
    }
    if (!wanted && models.len == 1) return models.at[0];
    if (!models.len) {
        Diag *d = diag_at(cx->diags, E_NO_MODEL, start, "there is no model in this file");
        diag_help(d, "declare one: `model Name { ... call(x: float32[batch, 4]) { ... } }`");
        return NULL;
    }
    if (wanted) {
        VEC(const char *) names = {0};
        for (size_t i = 0; i < models.len; i++) vec_push(cx->arena, &names, models.at[i]->name.sym->text);
        Diag *d = diag_at(cx->diags, E_NO_MODEL, start, "there is no model `%s` in this file", wanted);
        const char *near = suggest(wanted, names.at, names.len);
        diag_help(d, near ? "did you mean `%s`?" : "the models are %s", near ? near : model_list(cx, &models));
        return NULL;
    }
    Diag *d = diag_at(cx->diags, E_NO_MODEL, models.at[1]->name.span, "this file has %zu models: %s", models.len,
                      model_list(cx, &models));
    diag_help(d, "choose one with `--model %s`", models.at[0]->name.sym->text);
    return NULL;
}

/* ---- outputs ---- */

static void add_output(Cx *cx, Value v, const char *name, Span span, bool *ok)
{
    Program *p = cx->program;
    if (v.kind == V_TENSOR) {
        vec_push(cx->arena, &p->outputs, (Port){name, v.as.tensor->node->type, span});
        vec_push(cx->arena, &p->main->results, v.as.tensor->node);
    } else if (v.kind == V_TUPLE || v.kind == V_LIST) {
        for (size_t i = 0; i < v.as.seq->len; i++)
            add_output(cx, v.as.seq->at[i], arena_printf(cx->arena, "%s.%zu", name, i), span, ok);
    } else if (v.kind == V_DICT) {
        for (size_t i = 0; i < v.as.dict->len; i++) {
            const char *key = v.as.dict->keys[i]->text;
            add_output(cx, v.as.dict->values[i], strcmp(name, "output") ? arena_printf(cx->arena, "%s.%s", name, key) : key, span,
                       ok);
        }
    } else if (v.kind == V_INT || v.kind == V_FLOAT || v.kind == V_BOOL || v.kind == V_DIM) {
        Node *n = to_tensor(cx, v, span, "an output");
        if (n) add_output(cx, tensor_value(cx, n), name, span, ok);
    } else if (v.kind == V_NONE) {
        *ok = false;
        if (diag_errors(cx->diags)) return; /* a `return` may be what is broken */
        Diag *d = cx_error(cx, E_BAD_OUTPUT, (Span){span.file, span.end - 1, span.end}, "`call` ends without returning anything");
        diag_help(d, "return what the model computes: `return x`");
    } else {
        Diag *d = cx_error(cx, E_BAD_OUTPUT, span, "the model returns %s, which is no tensor", describe(cx, v));
        diag_help(d, "return a tensor, several (`return a, b`), or named ones (`return {logits: a}`)");
        *ok = false;
    }
}

/* ---- all together ---- */

static void trace_model(Cx *cx, Instance *model)
{
    const Function *call = model->eval->cls->call;
    Program *p = cx->program;
    if (!call) return;
    if (!check_input_names(cx, call)) return;
    Builder *b = builder_push(cx, model->class_name, model, call->span);
    Inputs in = {.cx = cx, .model = model, .builder = b, .ok = true};
    Frame frame = {.module = cx->main, .self = model, .in_call = true};
    ArgList args = {0};
    Bound bound;
    cx->frame = &frame;
    bind_inputs(&in, call, &args);
    if (in.unknown || !in.ok) {
        cx->builder = NULL;
        cx->frame = NULL;
        if (in.unknown) model->missing = missing_inputs(cx, call);
        return;
    }
    p->main = b->fn;
    model->eval->called = true;
    const char *what = arena_printf(cx->arena, "`%s`", model->class_name);
    const int training = cx->training;
    for (size_t i = 0; i < call->params.len; i++) {
        if (call->params.at[i]->name.sym == cx->sym->training)
            vec_push(cx->arena, &args, (Argument){cx->sym->training, value_bool(training), call->params.at[i]->span});
        else if (call->params.at[i]->name.sym == cx->sym->mask && !call->params.at[i]->type && !call->params.at[i]->fallback)
            vec_push(cx->arena, &args, (Argument){cx->sym->mask, VALUE_NONE, call->params.at[i]->span});
    }
    bool ok = bind_args(cx, &call->params, &args, call->name.span, what, NO_SPAN, &bound);
    /* the declaration is the place of the call: the frame has no caller of its own */
    Value result = ok ? run_call(cx, model, &bound, NO_SPAN) : VALUE_ERROR;
    if (!is_error(result)) {
        StrBuf text = {.arena = cx->arena};
        value_print(cx->dims, &text, result, false);
        model->output = sb_text(&text);
        add_output(cx, result, "output", call->span, &ok);
    }
    cx->builder = NULL;
    cx->frame = NULL;
    vec_push(cx->arena, &p->functions, b->fn);
}

/* Nobody calls the model's constructor: what it needs comes from the command line. */
static bool has_all_arguments(Cx *cx, const Decl *decl, const ArgList *args)
{
    bool ok = true;
    for (size_t i = 0; i < decl->as.layer.params.len; i++) {
        const Param *p = decl->as.layer.params.at[i];
        bool given = p->fallback || p->star;
        for (size_t k = 0; k < args->len; k++) given |= args->at[k].name == p->name.sym;
        if (given || !p->name.sym) continue;
        Diag *d = diag_at(cx->diags, E_DEFINE, p->span, "the parameter `%s` of the model `%s` has no value", p->name.sym->text,
                          decl->name.sym->text);
        diag_help(d, "give it on the command line, `-D %s=...`, or a default here", p->name.sym->text);
        ok = false;
    }
    return ok;
}

static Program *instantiate(Cx *cx, Decl *decl, const ArgList *args)
{
    Frame frame = {.module = cx->main};
    cx->frame = &frame;
    Value v = has_all_arguments(cx, decl, args) ? construct(cx, class_info(cx, cx->main, decl), args, NO_SPAN) : VALUE_ERROR;
    cx->frame = NULL;
    if (v.kind != V_LAYER) return NULL;
    Program *p = cx->program;
    p->name = decl->name.sym->text;
    p->model = v.as.layer;
    p->model->span = decl->name.span;
    trace_model(cx, p->model);
    name_instances(cx, p->model);
    if (diag_errors(cx->diags)) return NULL;
    if (!p->main) {
        Diag *d = diag_at(cx->diags, W_UNBUILT, decl->name.span,
                          p->model->eval->cls->call ? "the inputs of `%s` have no types, so its layers are not built"
                                                    : "`%s` has no `call`, so its layers are not built",
                          p->name);
        if (p->model->missing && *p->model->missing) diag_help(d, "give them: %s", p->model->missing);
        p->model->state = MDL_UNBUILT;
        return p;
    }
    finish_graph(cx);
    ir_number(p);
    ir_verify(cx->arena, p, "sema");
    dim_facts_drop(cx->dims, 0); /* a fact holds behind its check; what plans a whole function must not lean on it */
    return p;
}

static bool needs_arguments(const Decl *d)
{
    for (size_t i = 0; i < d->as.layer.params.len; i++) {
        if (!d->as.layer.params.at[i]->fallback && !d->as.layer.params.at[i]->star) return true;
    }
    return false;
}

/* `mdlc check`: every model that can be constructed as it stands, each in a context of its own. */
static Program *check_models(Session *s, AstFile *file, const SemaOptions *options)
{
    ModelVec models = {0};
    Program *p = NULL;
    sema_models(s, file, &models);
    for (size_t i = 0; i < models.len; i++) {
        SemaOptions one = *options;
        one.model = models.at[i]->name.sym->text;
        one.check_all = false;
        if (needs_arguments(models.at[i]) && !options->ndefines) continue;
        p = sema_program(s, file, &one);
    }
    return p;
}

/* Constants are values wherever they stand, used or not. */
static void evaluate_constants(Cx *cx)
{
    for (size_t i = 0; i < cx->main->decls.len; i++) {
        Decl *d = cx->main->decls.entries[i].value;
        if (d && d->kind == DECL_CONST) decl_value(cx, cx->main, d);
    }
}

Program *sema_program(Session *s, AstFile *file, const SemaOptions *options)
{
    bug_context("sema");
    Cx *cx = context_create(s, options);
    cx->main = module_of_file(cx, file);
    resolve_file(cx, cx->main);
    if (options->check_all && !options->model) return diag_errors(s->diags) ? NULL : check_models(s, file, options);
    Decl *decl = choose_model(cx, file);
    ArgList args = {0};
    if (!decl || !apply_defines(cx, decl, &args) || diag_errors(s->diags)) return NULL;
    evaluate_constants(cx);
    return instantiate(cx, decl, &args);
}
