/* Files and their imports, and the library. */
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

Decl *module_own(const Module *m, const Sym *name) { return map_get(&m->decls, name); }

Decl *module_find(Module *m, const Sym *name, Module **where)
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
