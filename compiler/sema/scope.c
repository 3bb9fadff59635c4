/* Names: files and their imports, the library, what a layer declares, and looking a name up. */
#include <string.h>

#include "cx.h"

/* ---- files ---- */

static Module *module_new(Cx *cx, AstFile *file)
{
    Module *m = arena_new(cx->arena, Module);
    m->file = file;
    m->source = file ? file->source : NULL;
    m->decls.arena = m->aliases.arena = m->consts.arena = cx->arena;
    return m;
}

static Decl *module_own(const Module *m, const Sym *name) { return map_get(&m->decls, name); }

/* The declaration of `name` in the module or its bare imports; `*where` is the module that holds it. */
static Decl *module_find(Module *m, const Sym *name, Module **where)
{
    Decl *d = module_own(m, name);
    *where = m;
    if (d) return d;
    for (size_t i = 0; i < m->imports.len; i++) {
        d = module_own(m->imports.at[i], name);
        *where = m->imports.at[i];
        if (d) return d;
    }
    return NULL;
}

static void declare(Cx *cx, Module *m, Decl *d)
{
    if (!d->name.sym) return;
    Decl *before = module_own(m, d->name.sym);
    if (before) {
        Diag *e = cx_error(cx, E_DUPLICATE_NAME, d->name.span, "`%s` is declared twice in this file", d->name.sym->text);
        diag_label(e, before->name.span, "first declared here");
        return;
    }
    map_set(&m->decls, d->name.sym, d);
}

static void check_clashes(Cx *cx, Module *m, Module *other, Span span)
{
    for (size_t i = 0; i < other->decls.len; i++) {
        const Sym *name = other->decls.entries[i].key;
        Module *where;
        Decl *mine = module_find(m, name, &where);
        if (!mine || where == other) continue;
        Diag *e = cx_error(cx, E_IMPORT_CLASH, span, "this import brings in `%s`, which is already declared", name->text);
        diag_note(e, mine->name.span, "`%s` is declared here", name->text);
        diag_note(e, ((Decl *)other->decls.entries[i].value)->name.span, "and in the imported file here");
        diag_help(e, "import it under a name: `import \"...\" as lib`, then write `lib.%s`", name->text);
        return;
    }
}

static void import_one(Cx *cx, Module *m, Decl *d)
{
    Str p = d->as.import.path;
    Module *other = module_load(cx, arena_copy(cx->arena, p.s, p.len), d->as.import.path_span, m);
    if (!other) return;
    if (d->name.sym) {
        if (map_get(&m->aliases, d->name.sym) || module_own(m, d->name.sym)) {
            cx_error(cx, E_DUPLICATE_NAME, d->name.span, "`%s` is declared twice in this file", d->name.sym->text);
            return;
        }
        map_set(&m->aliases, d->name.sym, other);
        return;
    }
    check_clashes(cx, m, other, d->as.import.path_span);
    vec_push(cx->arena, &m->imports, other);
    vec_push(cx->arena, &m->import_spans, d->span);
}

Module *module_of_file(Cx *cx, AstFile *file)
{
    const Sym *key = cx_sym(cx, file->source->path);
    Module *m = map_get(&cx->modules, key);
    if (m) return m;
    m = module_new(cx, file);
    map_set(&cx->modules, key, m);
    m->state = MODULE_LOADING;
    for (size_t i = 0; i < file->decls.len; i++) {
        Decl *d = file->decls.at[i];
        if (d->kind != DECL_IMPORT && d->kind != DECL_ERROR) declare(cx, m, d);
    }
    for (size_t i = 0; i < file->decls.len; i++) {
        Decl *d = file->decls.at[i];
        if (d->kind == DECL_IMPORT) import_one(cx, m, d);
    }
    m->state = MODULE_READY;
    return m;
}

/* "dir/" of a path, or "". */
static const char *directory(Cx *cx, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? arena_copy(cx->arena, path, (size_t)(slash - path) + 1) : "";
}

/* `a/b/../c` as `a/c`, so that one file has one name however it is reached. */
static const char *tidy_path(Cx *cx, const char *path)
{
    VEC(Str) parts = {0};
    const bool absolute = path[0] == '/';
    for (const char *p = path; *p;) {
        const size_t n = strcspn(p, "/");
        const Str part = {p, n};
        const bool up = n == 2 && !memcmp(p, "..", 2);
        if (up && parts.len && !(parts.at[parts.len - 1].len == 2 && !memcmp(parts.at[parts.len - 1].s, "..", 2))) parts.len--;
        else if (n && !(n == 1 && *p == '.')) vec_push(cx->arena, &parts, part);
        p += n + (p[n] == '/');
    }
    StrBuf b = {.arena = cx->arena};
    for (size_t i = 0; i < parts.len; i++) {
        if (i || absolute) sb_putc(&b, '/');
        sb_putn(&b, parts.at[i].s, parts.at[i].len);
    }
    return sb_text(&b);
}

static Source *find_import(Cx *cx, const char *path, const Module *importer, const char **why)
{
    Source *src = NULL;
    if (path[0] == '/') return source_load(cx->session->sources, path, why);
    const char *beside = tidy_path(cx, arena_printf(cx->arena, "%s%s", directory(cx, importer->source->path), path));
    if (map_get(&cx->modules, cx_sym(cx, beside))) return ((Module *)map_get(&cx->modules, cx_sym(cx, beside)))->source;
    src = source_load(cx->session->sources, beside, why);
    for (size_t i = 0; !src && i < cx->options->ninclude_dirs; i++) {
        const char *ignored;
        const char *p = tidy_path(cx, arena_printf(cx->arena, "%s/%s", cx->options->include_dirs[i], path));
        Module *known = map_get(&cx->modules, cx_sym(cx, p));
        src = known ? known->source : source_load(cx->session->sources, p, &ignored);
    }
    return src;
}

static ParseContext parse_context(Cx *cx) { return (ParseContext){cx->arena, cx->session->names, cx->diags}; }

Module *module_load(Cx *cx, const char *path, Span span, Module *importer)
{
    const char *why = "No such file or directory";
    Source *src = find_import(cx, path, importer, &why);
    if (!src) {
        Diag *e = cx_error(cx, E_IMPORT_NOT_FOUND, span, "cannot read `%s`: %s", path, why);
        diag_help(e, "imports are looked up beside the importing file, then in the directories given with -I");
        return NULL;
    }
    Module *known = map_get(&cx->modules, cx_sym(cx, src->path));
    if (known && known->state == MODULE_LOADING) {
        Diag *e = cx_error(cx, E_IMPORT_CYCLE, span, "`%s` imports itself, through this file", src->path);
        diag_help(e, "move what both files need into a third one");
        return NULL;
    }
    if (known) return known;
    const ParseContext pc = parse_context(cx);
    return module_of_file(cx, parse_file(&pc, src));
}

/* ---- the library ---- */

/* Registers the names that start a line behind `layer`, `fn`, ... : the files are ours, so a scan will do. */
static void index_library_file(Cx *cx, const LibraryFile *f)
{
    static const char *const marks[] = {"layer ", "fn ", "const ", "model "};
    for (const char *p = f->text; p && *p;) {
        for (size_t k = 0; k < countof(marks); k++) {
            const size_t n = strlen(marks[k]);
            if (strncmp(p, marks[k], n)) continue;
            const size_t len = strspn(p + n, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
            map_set(&cx->library, intern(cx->session->names, p + n, len), (void *)f);
        }
        p = strchr(p, '\n');
        if (p) p++;
    }
}

void library_index(Cx *cx);
void library_index(Cx *cx)
{
    for (size_t i = 0; i < library_file_count; i++) index_library_file(cx, &library_files[i]);
}

Module *library_module(Cx *cx, const Sym *name)
{
    const LibraryFile *f = map_get(&cx->library, name);
    if (!f) return NULL;
    const char *path = arena_printf(cx->arena, "<library>/%s", f->name);
    Module *m = map_get(&cx->modules, cx_sym(cx, path));
    if (m) return m;
    const ParseContext pc = parse_context(cx);
    return module_of_file(cx, parse_file(&pc, source_add(cx->session->sources, path, f->text, f->len, true)));
}

Value library_function(Cx *cx, const Sym *name)
{
    Module *m = library_module(cx, name);
    if (m) return decl_value(cx, m, module_own(m, name));
    const Builtin *b = map_get(&cx->builtins, name);
    if (!b) b = map_get(&cx->op_functions, name);
    if (b) return (Value){.kind = V_BUILTIN, .as.builtin = b};
    return VALUE_ERROR;
}

/* ---- what a layer declares ---- */

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

static bool is_param(const ParamVec *params, const Sym *name)
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
        case MEMBER_VARIABLE: now |= variable_mentions(cx, d, m); break;
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

/* ---- looking up ---- */

static Value const_value(Cx *cx, Module *m, Decl *d)
{
    ConstCell *cell = map_get(&m->consts, d);
    if (!cell) {
        cell = arena_new(cx->arena, ConstCell);
        map_set(&m->consts, d, cell);
    }
    if (cell->state == CONST_DONE) return cell->value;
    if (cell->state == CONST_RUNNING) {
        cx_error(cx, E_CONST_CYCLE, d->name.span, "the constant `%s` is defined by itself", d->name.sym->text);
        return VALUE_ERROR;
    }
    cell->state = CONST_RUNNING;
    Frame frame = {.outer = cx->frame, .module = m, .what = arena_printf(cx->arena, "the constant `%s`", d->name.sym->text)};
    cx->frame = &frame;
    Value v = eval_static(cx, d->as.constant.value, "a constant");
    if (d->as.constant.type && !is_error(v)) {
        if (!coerce_static(cx, d->as.constant.type, &v, d->as.constant.value->span, d->name.sym->text, "the constant"))
            v = VALUE_ERROR;
    }
    cx->frame = frame.outer;
    if (value_holds(v, V_LAYER)) {
        Diag *e = cx_error(cx, E_LAYER_IN_CONST, d->as.constant.value->span, "a constant cannot hold a layer");
        diag_help(e, "declare the layer as a field of the layer or model that owns it");
        v = VALUE_ERROR;
    }
    cell->value = v;
    cell->state = CONST_DONE;
    return v;
}

Value decl_value(Cx *cx, Module *m, Decl *d)
{
    switch (d->kind) {
    case DECL_CONST: return const_value(cx, m, d);
    case DECL_FN: {
        ValueFn *fn = arena_new(cx->arena, ValueFn);
        *fn = (ValueFn){m, &d->as.fn, NULL};
        return (Value){.kind = V_FN, .as.fn = fn};
    }
    case DECL_LAYER:
    case DECL_MODEL: return (Value){.kind = V_CLASS, .as.cls = class_info(cx, m, d)};
    case DECL_IMPORT:
    case DECL_ERROR: break;
    }
    return VALUE_ERROR;
}

Field *field_find(Instance *inst, const Sym *name)
{
    const uintptr_t i = (uintptr_t)map_get(&inst->eval->index, name);
    return i ? &inst->eval->fields.at[i - 1] : NULL;
}

void field_add(Cx *cx, Instance *inst, Field f)
{
    struct InstanceState *s = inst->eval;
    s->index.arena = cx->arena;
    vec_push(cx->arena, &s->fields, f);
    map_set(&s->index, f.name, (void *)(uintptr_t)s->fields.len);
}

static Value method_value(Cx *cx, Instance *inst, const Function *fn)
{
    ValueFn *v = arena_new(cx->arena, ValueFn);
    *v = (ValueFn){inst->eval->cls->module, fn, inst};
    return (Value){.kind = V_FN, .as.fn = v};
}

/* Whether `trainable=false` stands on the layer or on one that was constructing or calling it. */
static bool effectively_trainable(const Instance *inst)
{
    for (; inst; inst = inst->parent) {
        if (inst->frozen) return false;
    }
    return true;
}

/* Fields that every layer has. */
static bool implicit_field(Cx *cx, Instance *inst, const Sym *name, Value *v)
{
    const struct InstanceState *s = inst->eval;
    if (name == cx->sym->name) *v = value_str(s->name);
    else if (name == cx->sym->trainable) *v = value_bool(effectively_trainable(inst));
    else if (name == cx->sym->compute_dtype) *v = value_str(cx_sym(cx, dtype_name(s->compute_dtype)));
    else if (name == cx->sym->variable_dtype) *v = value_str(cx_sym(cx, dtype_name(s->variable_dtype)));
    else if (name == cx->sym->dtype_policy)
        *v = value_str(cx_sym(cx, s->compute_dtype == s->variable_dtype
                                      ? dtype_name(s->variable_dtype)
                                      : arena_printf(cx->arena, "mixed_%s", dtype_name(s->compute_dtype))));
    else return false;
    return true;
}

bool instance_member(Cx *cx, Instance *inst, const Sym *name, Value *v);
bool instance_member(Cx *cx, Instance *inst, const Sym *name, Value *v)
{
    const Field *f = field_find(inst, name);
    if (f && f->value.kind != V_NONE) {
        *v = f->value;
        return true;
    }
    for (size_t i = 0; i < inst->variables.len; i++) { /* one may have the name of a parameter that is none */
        if (inst->variables.at[i]->name == name) {
            *v = (Value){.kind = V_VARIABLE, .as.variable = inst->variables.at[i]};
            return true;
        }
    }
    if (f) {
        *v = f->value;
        return true;
    }
    const Function *fn = map_get(&inst->eval->cls->methods, name);
    if (fn) {
        *v = method_value(cx, inst, fn);
        return true;
    }
    return implicit_field(cx, inst, name, v);
}

static bool lookup_module(Cx *cx, Module *m, const Sym *name, Value *v)
{
    Module *where;
    Decl *d = module_find(m, name, &where);
    if (d) {
        *v = decl_value(cx, where, d);
        return true;
    }
    Module *alias = map_get(&m->aliases, name);
    if (!alias && name == cx->sym->ops) alias = cx->ops;
    if (!alias && name == cx->sym->random) alias = cx->random;
    if (alias) {
        *v = (Value){.kind = V_MODULE, .as.module = alias};
        return true;
    }
    return false;
}

bool lookup_quiet(Cx *cx, const Sym *name, Value *v)
{
    Frame *f = cx->frame;
    const Local *local = local_find(f, name);
    if (local) {
        *v = local->value;
        return true;
    }
    if (f->self && instance_member(cx, f->self, name, v)) return true;
    if (f->module && lookup_module(cx, f->module, name, v)) return true;
    if (name == cx->sym->training && cx->builder) {
        *v = value_bool(cx->training);
        return true;
    }
    /* bare names of functions prefer the library's (activations), then static builtins, then operations */
    Module *lib = library_module(cx, name);
    if (lib) {
        *v = decl_value(cx, lib, module_own(lib, name));
        return true;
    }
    const Builtin *b = map_get(&cx->builtins, name);
    if (!b) b = map_get(&cx->op_functions, name);
    if (!b) return false;
    *v = (Value){.kind = V_BUILTIN, .as.builtin = b};
    return true;
}

typedef VEC(const char *) Names;

static void add_keys(Cx *cx, Names *names, const Map *m)
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

/* A function of Keras that MDL does not have, and what to write instead. */
static bool report_refused(Cx *cx, Ident name)
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

static void report_unknown(Cx *cx, Ident name)
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

Value lookup(Cx *cx, Ident name)
{
    Value v;
    if (!name.sym) return VALUE_ERROR;
    if (lookup_quiet(cx, name.sym, &v)) return v;
    report_unknown(cx, name);
    return VALUE_ERROR;
}

/* What a library file declares under a name, perhaps with the namespace in front: `ops.gelu` is `ops_gelu`. */
static Decl *library_decl(Cx *cx, const char *prefix, const Sym *name, Module **file)
{
    const Sym *whole = cx_sym(cx, arena_printf(cx->arena, "%s%s", prefix, name->text));
    *file = library_module(cx, whole);
    return *file ? module_own(*file, whole) : NULL;
}

/* `ops.image.resize` is `ops.resize`: Keras sorts its operations into these, MDL does not. */
static bool is_part_of_ops(const Sym *name)
{
    static const char *const parts[] = {"numpy", "nn", "linalg", "image", "math"};
    for (size_t i = 0; i < countof(parts); i++) {
        if (!strcmp(parts[i], name->text)) return true;
    }
    return false;
}

static bool namespace_member(Cx *cx, Module *m, const Sym *name, Value *v)
{
    const Builtin *b = map_get(m->is_ops ? &cx->op_functions : &cx->random_functions, name);
    Module *file;
    Decl *d = NULL;
    if (m->is_ops && is_part_of_ops(name)) {
        *v = (Value){.kind = V_MODULE, .as.module = m};
        return true;
    }
    if (!b) d = library_decl(cx, m->is_ops ? "ops_" : "random_", name, &file);
    if (!b && !d && m->is_ops) d = library_decl(cx, "", name, &file);
    if (b) *v = (Value){.kind = V_BUILTIN, .as.builtin = b};
    if (d) *v = decl_value(cx, file, d);
    return b || d;
}

Value module_member(Cx *cx, Module *m, Ident name, Span whole)
{
    Names n = {0};
    (void)whole;
    if (m->is_ops || m->is_random) {
        Value v;
        if (namespace_member(cx, m, name.sym, &v)) return v;
        if (report_refused(cx, name)) return VALUE_ERROR;
        add_keys(cx, &n, m->is_ops ? &cx->op_functions : &cx->random_functions);
    } else {
        Decl *d = module_own(m, name.sym);
        if (d) return decl_value(cx, m, d);
        add_keys(cx, &n, &m->decls);
    }
    Diag *e = cx_error(cx, E_UNKNOWN_NAME, name.span, "there is no `%s` in %s", name.sym->text,
                       m->is_ops      ? "`ops`"
                       : m->is_random ? "`random`"
                                      : "the imported file");
    const char *near = suggest(name.sym->text, n.at, n.len);
    if (near) {
        diag_help(e, "did you mean `%s`?", near);
        diag_fix(e, name.span, "%s", near);
    }
    return VALUE_ERROR;
}
