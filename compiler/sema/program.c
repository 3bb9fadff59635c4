/* A program: the chosen model, constructed, called on its declared inputs, and everything given its final name. */
#include <stdlib.h>
#include <string.h>

#include "cx.h"

void library_index(Cx *cx);
void resolve_file(Cx *cx, Module *m);

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

/* ---- -D ---- */

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

static bool has_param(const Decl *model, const Sym *name)
{
    const ParamVec *params = &model->as.layer.params;
    for (size_t i = 0; i < params->len; i++) {
        if (params->at[i]->name.sym == name) return true;
    }
    return false;
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

/* Constants are set at once, parameters become arguments. */
static bool apply_defines(Cx *cx, const Decl *model, ArgList *args)
{
    bool ok = true;
    for (size_t i = 0; i < cx->options->ndefines; i++) {
        const SemaDefine *d = &cx->options->defines[i];
        const Sym *name = cx_sym(cx, d->name);
        const Span span = {d->text->id, 0, (uint32_t)d->text->len};
        Decl *c = map_get(&cx->main->decls, name);
        const bool is_const = c && c->kind == DECL_CONST, is_param = has_param(model, name);
        Value v = is_const || is_param ? define_value(cx, d) : VALUE_ERROR;
        if (is_const && is_param) {
            Diag *e = diag_at(cx->diags, E_DEFINE, span, "`%s` is both a constant and a parameter of `%s`", d->name,
                              model->name.sym->text);
            diag_note(e, c->name.span, "the constant is declared here");
            diag_help(e, "rename one of them");
        } else if (!is_const && !is_param) unknown_define(cx, d, model);
        ok &= is_const != is_param && !is_error(v);
        if (is_param) vec_push(cx->arena, args, (Argument){name, v, span});
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

/* ---- inputs ---- */

typedef struct Inputs {
    Cx *cx;
    Instance *model;
    Builder *builder;
    bool ok;
    bool unknown; /* some input has no type: the model stays unbuilt */
} Inputs;

static void input_symbols(Inputs *in, const Expr *e)
{
    Cx *cx = in->cx;
    if (!e) return;
    if (e->kind == EXPR_BINARY) {
        input_symbols(in, e->as.binary.left);
        input_symbols(in, e->as.binary.right);
    } else if (e->kind == EXPR_UNARY) {
        input_symbols(in, e->as.unary.operand);
    } else if (e->kind == EXPR_COMPARE) {
        input_symbols(in, e->as.compare.first);
        for (size_t i = 0; i < e->as.compare.rest.len; i++) input_symbols(in, e->as.compare.rest.at[i]);
    } else if (e->kind == EXPR_CALL) {
        for (size_t i = 0; i < e->as.call.args.len; i++) input_symbols(in, e->as.call.args.at[i].value);
    } else if (e->kind == EXPR_NAME && e->as.name.sym && e->as.name.sym != cx->sym->underscore) {
        const Sym *name = e->as.name.sym;
        const Decl *d = map_get(&in->cx->main->decls, name);
        if (field_find(in->model, name) || (d && d->kind == DECL_CONST)) return;
        if (local_find(cx->frame, name)) return;
        const Dim *symbol = dim_symbol(cx->dims, name->text);
        vec_push(cx->arena, &cx->program->symbols, symbol);
        local_set(cx, name, value_dim(symbol));
    }
}

/* `1 <= batch <= 64`: the symbol's bounds, and a check when the program is called. */
static const Dim *bounded_symbol(Inputs *in, const Expr *e)
{
    Cx *cx = in->cx;
    VEC(const Dim *) sides = {0};
    int symbol = -1;
    for (size_t i = 0; i <= e->as.compare.rest.len; i++) {
        const Expr *side = i ? e->as.compare.rest.at[i - 1] : e->as.compare.first;
        const Dim *d = value_as_dim(eval(cx, side), cx->dims);
        vec_push(cx->arena, &sides, d);
        if (d && dim_symbol_id(d) >= 0) symbol = (int)i;
    }
    for (size_t i = 0; i + 1 < sides.len && symbol >= 0; i++) {
        const Operator op = e->as.compare.ops.at[i];
        const bool up = op == OP_LT || op == OP_LE, strict = op == OP_LT || op == OP_GT;
        const Dim *small = up ? sides.at[i] : sides.at[i + 1], *large = up ? sides.at[i + 1] : sides.at[i];
        if (!small || !large || (!up && op != OP_GE && op != OP_GT)) {
            symbol = -1;
            break;
        }
        if (strict) small = dim_add(cx->dims, small, dim_int(cx->dims, 1));
        int64_t lo, hi, v;
        const int id = dim_symbol_id(sides.at[symbol]);
        dim_bounds(cx->dims, id, &lo, &hi);
        if (large == sides.at[symbol] && dim_is_int(small, &v) && v > lo) lo = v;
        if (dim_is_int(large, &v)) {
            if (strict && small != sides.at[symbol]) v -= 1;
            if (v < hi) hi = v;
        }
        Node *check = trace_node(cx, NODE_CHECK, scalar_type(DT_BOOL), NULL, 0, e->span);
        cx->builder->fn->nodes.len--; /* it belongs to the program's entry, not to the function */
        const Source *s = source_get(cx->session->sources, e->span.file);
        check->as.check.relation = REL_LE;
        check->as.check.left = small;
        check->as.check.right = large;
        check->as.check.message =
            arena_printf(cx->arena, "the input must satisfy `%.*s`", (int)(e->span.end - e->span.start), s->text + e->span.start);
        vec_push(cx->arena, &cx->program->input_checks, check);
        dim_bound(cx->dims, id, lo, hi);
        if (lo > hi) {
            cx_error(cx, E_BAD_TYPE, e->span, "no size satisfies these bounds");
            in->ok = false;
        }
    }
    if (symbol >= 0) return sides.at[symbol];
    cx_error(cx, E_BAD_TYPE, e->span, "a bound compares one dimension with numbers: `1 <= batch <= 64`");
    in->ok = false;
    return NULL;
}

static const Dim *input_dim(Inputs *in, const Expr *e)
{
    Cx *cx = in->cx;
    if (e->kind == EXPR_ELLIPSIS || e->kind == EXPR_SPREAD) {
        Diag *d = cx_error(cx, E_BAD_TYPE, e->span, "a model's input must have a known rank, so `...` cannot stand here");
        diag_help(d, "write one name for each dimension, such as `[batch, time, 64]`");
        in->ok = false;
        return NULL;
    }
    if (e->kind == EXPR_NAME && e->as.name.sym == cx->sym->underscore) {
        const Dim *symbol = dim_symbol(cx->dims, "_");
        vec_push(cx->arena, &cx->program->symbols, symbol);
        return symbol;
    }
    input_symbols(in, e);
    if (e->kind == EXPR_COMPARE) return bounded_symbol(in, e);
    Value v = eval(cx, e);
    const Dim *d = value_as_dim(v, cx->dims);
    int64_t n;
    if (d && (!dim_is_int(d, &n) || n >= 0)) return d;
    if (!is_error(v))
        cx_error(cx, E_BAD_TYPE, e->span, "a dimension must be an int of at least 0, but this is %s", describe(cx, v));
    in->ok = false;
    return NULL;
}

static Value input_value(Inputs *in, const TypeExpr *t, const char *name);

static Value input_tensor(Inputs *in, const TypeExpr *t, const char *name)
{
    Cx *cx = in->cx;
    const ExprVec *dims = &t->as.tensor.dims;
    Type type = {in->model->eval->compute_dtype, (int)dims->len, NULL};
    const Dim **d = arena_array(cx->arena, const Dim *, dims->len);
    in->ok &= type_dtype(cx, t, &type.dtype);
    for (size_t i = 0; i < dims->len; i++) d[i] = input_dim(in, dims->at[i]);
    if (!in->ok) return VALUE_ERROR;
    type.dims = d;
    Node *n = node_param(cx, in->builder, type, name, t->span);
    in->ok &= n->type.rank == type.rank;
    vec_push(cx->arena, &cx->program->inputs, (Port){name, type, t->span});
    return tensor_value(cx, n);
}

static Value input_value(Inputs *in, const TypeExpr *t, const char *name)
{
    if (t->kind == TYPE_TENSOR) return input_tensor(in, t, name);
    if (t->kind == TYPE_TUPLE) {
        const size_t n = t->as.tuple.items.len;
        Value *at = arena_array(in->cx->arena, Value, n);
        for (size_t i = 0; i < n; i++)
            at[i] = input_value(in, t->as.tuple.items.at[i], arena_printf(in->cx->arena, "%s.%zu", name, i));
        return value_seq(in->cx->arena, V_TUPLE, at, n);
    }
    cx_error(in->cx, E_BAD_TYPE, t->span, "`%s` is an input of the program, so it must be a tensor", name);
    in->ok = false;
    return VALUE_ERROR;
}

/* The type given on the command line for this parameter, or the declared one. */
static const TypeExpr *input_type(Cx *cx, const Param *p, bool *ok, size_t nparams)
{
    for (size_t i = 0; i < cx->options->ninputs; i++) {
        const SemaDefine *d = &cx->options->inputs[i];
        if (d->name ? strcmp(d->name, p->name.sym->text) != 0 : nparams != 1) continue;
        const ParseContext pc = {cx->arena, cx->session->names, cx->diags};
        const TypeExpr *t = parse_type(&pc, d->text);
        if (!t) *ok = false;
        return t;
    }
    return p->type;
}

static bool check_input_names(Cx *cx, const Function *call)
{
    bool ok = true;
    for (size_t i = 0; i < cx->options->ninputs; i++) {
        const SemaDefine *d = &cx->options->inputs[i];
        bool found = !d->name && call->params.len == 1;
        VEC(const char *) names = {0};
        for (size_t k = 0; k < call->params.len; k++) {
            if (!call->params.at[k]->name.sym) continue;
            found |= d->name && !strcmp(call->params.at[k]->name.sym->text, d->name);
            vec_push(cx->arena, &names, call->params.at[k]->name.sym->text);
        }
        if (found) continue;
        ok = false;
        Diag *e = diag_at(cx->diags, E_DEFINE, (Span){d->text->id, 0, (uint32_t)d->text->len},
                          d->name ? "`call` has no parameter `%s`" : "the model has several inputs, so `--input` needs a name%s",
                          d->name ? d->name : "");
        StrBuf list = {.arena = cx->arena};
        for (size_t k = 0; k < names.len; k++) sb_printf(&list, "%s%s", k ? ", " : "", names.at[k]);
        diag_help(e, "its parameters are %s: `--input '%s=float32[batch, 10]'`", sb_text(&list), names.len ? names.at[0] : "x");
    }
    return ok;
}

/* The --input options that would give every input a type. */
static const char *missing_inputs(Cx *cx, const Function *call)
{
    StrBuf b = {.arena = cx->arena};
    for (size_t i = 0; i < call->params.len; i++) {
        const Param *p = call->params.at[i];
        if (p->type || p->fallback || !p->name.sym || p->name.sym == cx->sym->training ||
            (p->name.sym == cx->sym->mask && !p->type))
            continue;
        sb_printf(&b, "%s--input '%s=float32[batch, 784]'", b.len ? " " : "", p->name.sym->text);
    }
    return sb_text(&b);
}

static void bind_inputs(Inputs *in, const Function *call, ArgList *args)
{
    Cx *cx = in->cx;
    for (size_t i = 0; i < call->params.len; i++) {
        const Param *p = call->params.at[i];
        if (!p->name.sym || p->name.sym == cx->sym->training || (p->name.sym == cx->sym->mask && !p->type)) continue;
        bool given = false;
        for (size_t k = 0; k < cx->options->ninputs; k++) {
            const SemaDefine *d = &cx->options->inputs[k];
            given |= d->name ? !strcmp(d->name, p->name.sym->text) : call->params.len == 1;
        }
        if (p->fallback && !given) continue;
        const TypeExpr *t = input_type(cx, p, &in->ok, call->params.len);
        if (!t) {
            in->unknown = true;
            continue;
        }
        Value v = input_value(in, t, p->name.sym->text);
        vec_push(cx->arena, args, (Argument){p->name.sym, v, t->span});
    }
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

/* ---- final names in the graph ---- */

static bool starts_with(Path p, Path prefix)
{
    if (prefix.len > p.len) return false;
    for (int i = 0; i < prefix.len; i++) {
        if (p.steps[i].name != prefix.steps[i].name || p.steps[i].index != prefix.steps[i].index) return false;
    }
    return true;
}

static Path path_between(Cx *cx, Instance *from, Instance *to, const Sym *last)
{
    StepVec steps = {0};
    if (starts_with(to->path, from->path)) {
        for (int i = from->path.len; i < to->path.len; i++) vec_push(cx->arena, &steps, to->path.steps[i]);
    } else if (!instance_route(cx, from, to, &steps)) {
        BUG("no route from `%s` to `%s`", from->class_name, to->class_name);
    }
    if (last) vec_push(cx->arena, &steps, (Step){.name = last});
    return (Path){steps.at, (int)steps.len};
}

typedef struct SymbolSet {
    Cx *cx;
    bool *seen;
    VEC(const Dim *) list;
} SymbolSet;

typedef struct Visitor {
    SymbolSet *set;
} Visitor;

static void visit_symbol(int id, void *user);

static void add_dim(SymbolSet *s, const Dim *d)
{
    int64_t v;
    if (!d || dim_is_int(d, &v)) return;
    dim_each_symbol(d, visit_symbol, s);
}

static const Dim *symbol_dim(Cx *cx, int id)
{
    for (size_t i = 0; i < cx->program->symbols.len; i++) {
        if (dim_symbol_id(cx->program->symbols.at[i]) == id) return cx->program->symbols.at[i];
    }
    BUG("the symbol `%s` belongs to no input", dim_symbol_name(cx->dims, id));
}

static void visit_symbol(int id, void *user)
{
    SymbolSet *s = user;
    if (s->seen[id]) return;
    s->seen[id] = true;
    vec_push(s->cx->arena, &s->list, symbol_dim(s->cx, id));
}

static void add_type(SymbolSet *s, Type t)
{
    for (int i = 0; i < t.rank; i++) add_dim(s, t.dims[i]);
}

static void collect_symbols(SymbolSet *s, const Node *n)
{
    add_type(s, n->type);
    switch (n->kind) {
    case NODE_DIM: add_dim(s, n->as.dim); break;
    case NODE_CHECK:
        add_dim(s, n->as.check.left);
        add_dim(s, n->as.check.right);
        break;
    case NODE_CALL:
        for (int i = 0; i < n->as.call.function->nsymbols; i++) add_dim(s, n->as.call.function->symbols[i]);
        break;
    case NODE_SCAN:
        add_dim(s, n->as.scan.length);
        for (int i = 0; i < n->as.scan.body->nsymbols; i++) add_dim(s, n->as.scan.body->symbols[i]);
        break;
    case NODE_OP:
        for (int k = 0; op_table[n->as.op.code].attrs[k].kind != ATTR_END; k++) {
            for (int i = 0; i < n->as.op.attrs[k].count; i++) add_dim(s, n->as.op.attrs[k].dims[i]);
        }
        break;
    case NODE_PARAM:
    case NODE_CONST:
    case NODE_VARIABLE:
    case NODE_ASSIGN:
    case NODE_LOOP:
    case NODE_RESULT: break;
    }
}

static void function_symbols(Cx *cx, IrFunction *f, bool *seen)
{
    SymbolSet s = {.cx = cx, .seen = seen};
    for (size_t i = 0; i < f->params.len; i++) add_type(&s, f->params.at[i]->type);
    for (size_t i = 0; i < f->nodes.len; i++) collect_symbols(&s, f->nodes.at[i]);
    f->symbols = s.list.at;
    f->nsymbols = (int)s.list.len;
    for (int i = 0; i < f->nsymbols; i++) seen[dim_symbol_id(f->symbols[i])] = false;
}

static void finish_node(Cx *cx, IrFunction *f, Node *n)
{
    Instance *target = n->layer ? n->layer : f->owner;
    switch (n->kind) {
    case NODE_VARIABLE:
    case NODE_ASSIGN:
        n->as.variable.path = path_between(cx, f->owner, n->as.variable.variable->owner, n->as.variable.variable->name);
        break;
    case NODE_CALL:
        n->as.call.path = path_between(cx, f->owner, n->layer, NULL);
        n->as.call.symbols = n->as.call.function->symbols;
        break;
    case NODE_SCAN:
        n->as.scan.path = path_between(cx, f->owner, n->as.scan.body->owner, NULL);
        n->as.scan.symbols = n->as.scan.body->symbols;
        break;
    case NODE_PARAM:
    case NODE_CONST:
    case NODE_DIM:
    case NODE_CHECK:
    case NODE_LOOP:
    case NODE_RESULT:
    case NODE_OP: break;
    }
    n->at = target == f->owner || !starts_with(target->path, f->owner->path)
                ? ""
                : path_text(cx->arena, path_between(cx, f->owner, target, NULL));
}

static void finish_graph(Cx *cx)
{
    bool *seen = arena_array(cx->arena, bool, (size_t)dim_symbol_count(cx->dims) + 1);
    for (size_t i = 0; i < cx->program->functions.len; i++) {
        IrFunction *f = cx->program->functions.at[i];
        const Instance *last = NULL;
        const char *at = "";
        function_symbols(cx, f, seen);
        for (size_t k = 0; k < f->nodes.len; k++) {
            Node *n = f->nodes.at[k];
            const bool simple = n->kind == NODE_OP || n->kind == NODE_CONST;
            if (simple && n->layer == last && last) n->at = at; /* runs of nodes of one layer share the text */
            else finish_node(cx, f, n);
            last = n->layer;
            at = n->at;
        }
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
