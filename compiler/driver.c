/* The verbs, and the stages behind them: a table of contents. */
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emit/emit.h"
#include "ir/passes.h"
#include "syntax/ast_print.h"

typedef struct Job {
    const Options *o;
    Session session;
    SemaOptions sema;
    AstFile *file;
    Program *program;
} Job;

/* ---- options to sources ---- */

static void define(Job *j, DefineVec *out, const char *text, bool name_optional, const char *option)
{
    Arena *a = j->session.arena;
    const char *eq = strchr(text, '=');
    const char *name = NULL, *value = text;
    if (eq && (!name_optional || strcspn(text, "[(") > (size_t)(eq - text))) { /* a `=` behind `[` belongs to a bound: n <= 4 */
        name = arena_copy(a, text, (size_t)(eq - text));
        value = eq + 1;
    }
    if (!name && !name_optional) value = "true"; /* -D flag */
    if (!name && !name_optional) name = text;
    const char *path = name ? arena_printf(a, "<%s %s>", option, name) : arena_printf(a, "<%s>", option);
    vec_push(a, out, (SemaDefine){name, source_add(j->session.sources, path, value, strlen(value), false)});
}

static void read_options(Job *j)
{
    DefineVec defines = {0}, inputs = {0};
    for (size_t i = 0; i < j->o->defines.len; i++) define(j, &defines, j->o->defines.at[i], false, "-D");
    for (size_t i = 0; i < j->o->inputs.len; i++) define(j, &inputs, j->o->inputs.at[i], true, "--input");
    j->sema = (SemaOptions){.model = j->o->model,
                            .defines = defines.at,
                            .ndefines = defines.len,
                            .inputs = inputs.at,
                            .ninputs = inputs.len,
                            .include_dirs = j->o->include_dirs.at,
                            .ninclude_dirs = j->o->include_dirs.len,
                            .training = j->o->training};
}

/* ---- stages ---- */

static void show_diagnostics(Job *j)
{
    const bool json = j->o->format && !strcmp(j->o->format, "json");
    const bool color = isatty(STDERR_FILENO) && !getenv("NO_COLOR");
    fflush(stdout);
    if (json) diags_render_json(j->session.diags, stderr);
    else diags_render_text(j->session.diags, stderr, (DiagStyle){color, 100});
}

static bool parse(Job *j)
{
    const char *why;
    Source *src = source_load(j->session.sources, j->o->file, &why);
    if (!src) {
        diag_at(j->session.diags, E_FILE_UNREADABLE, NO_SPAN, "cannot read `%s`: %s", j->o->file, why);
        return false;
    }
    const ParseContext pc = {j->session.arena, j->session.names, j->session.diags};
    j->file = parse_file(&pc, src);
    return diag_errors(j->session.diags) == 0;
}

static bool analyse(Job *j)
{
    j->program = sema_program(&j->session, j->file, &j->sema);
    return diag_errors(j->session.diags) == 0;
}

/* ---- the manifest ---- */

static bool write_stdout(void *context, const char *bytes, size_t count)
{
    (void)context;
    return fwrite(bytes, 1, count, stdout) == count;
}

static int manifest(Job *j)
{
    mdl_manifest_options options = {.width = mdl_manifest_width()};
    mdl_error error = {0};
    char **rest = arena_array(j->session.arena, char *, j->o->rest.len + 1);
    const int n = (int)j->o->rest.len;
    for (int i = 0; i < n; i++) rest[i] = arena_copy(j->session.arena, j->o->rest.at[i], strlen(j->o->rest.at[i]));
    for (int i = 0; i < n;) {
        const int taken = mdl_manifest_option(&options, n, rest, &i, &error);
        if (taken > 0) continue;
        if (taken < 0) fprintf(stderr, "mdlc: %s\n", error.message);
        else fprintf(stderr, "mdlc: unknown option `%s`; `mdlc manifest --help` shows what there is\n", rest[i]);
        return EXIT_USAGE;
    }
    if (mdl_manifest_check(&options, &error) != MDL_OK) {
        fprintf(stderr, "mdlc: %s\n", error.message);
        return EXIT_USAGE;
    }
    mdl_registry *r = emit_registry(j->session.arena, j->program, j->session.sources);
    const mdl_status status = r ? mdl_manifest(r, &options, write_stdout, NULL, &error) : MDL_NO_MEMORY;
    if (r) mdl_registry_free(r);
    if (status == MDL_OK) return EXIT_DONE;
    fprintf(stderr, "mdlc: %s\n", r ? error.message : "out of memory");
    return EXIT_USAGE;
}

/* ---- building ---- */

/* "resnet50" of "models/resnet50.mdl". */
static const char *stem(Arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    return arena_copy(a, name, dot && dot > name ? (size_t)(dot - name) : strlen(name));
}

static bool ends_with(const char *s, const char *end)
{
    const size_t n = strlen(s), m = strlen(end);
    return n >= m && !strcmp(s + n - m, end);
}

/* libNAME.so -> NAME */
static const char *library_stem(Arena *a, const char *output)
{
    const char *s = stem(a, output);
    return strncmp(s, "lib", 3) ? s : s + 3;
}

static GeneratedC generate(Job *j, const char *basename)
{
    const EmitOptions options = {MDL_VERSION, basename, j->o->line_directives};
    Layouts *layouts = layouts_create(j->session.arena, j->program);
    run_passes(j->session.arena, j->program, layouts, j->o->verify);
    return emit_c(j->session.arena, j->program, layouts, j->session.sources, &options);
}

static int emit_files(Job *j)
{
    Arena *a = j->session.arena;
    const char *dir = j->o->output ? j->o->output : ".", *name = stem(a, j->o->file);
    const GeneratedC g = generate(j, name);
    struct stat st;
    if (stat(dir, &st) && mkdir(dir, 0777)) {
        fprintf(stderr, "mdlc: cannot make the folder `%s`\n", dir);
        return EXIT_USAGE;
    }
    const bool ok = write_file(a, arena_printf(a, "%s/%s.h", dir, name), g.header) &&
                    write_file(a, arena_printf(a, "%s/%s.c", dir, name), g.code);
    return ok ? EXIT_DONE : EXIT_USAGE;
}

static int compile_to(Job *j, const char *output)
{
    Arena *a = j->session.arena;
    Toolchain t;
    const bool library = ends_with(output, ".a") || ends_with(output, ".so");
    const char *name = library ? library_stem(a, output) : stem(a, j->o->file);
    if (!toolchain_find(a, j->o, &t)) return EXIT_USAGE;
    const char *dir = temp_create(a);
    if (!dir) return EXIT_USAGE;
    const GeneratedC g = generate(j, name);
    const char *code = arena_printf(a, "%s/%s.c", dir, name), *main = library ? NULL : arena_printf(a, "%s/%s_main.c", dir, name);
    int status = EXIT_USAGE;
    if (write_file(a, arena_printf(a, "%s/%s.h", dir, name), g.header) && write_file(a, code, g.code) &&
        (!main || write_file(a, main, g.main))) {
        status = toolchain_build(a, &t, code, main, output);
    }
    if (!status && library) {
        const char *slash = strrchr(output, '/');
        const char *folder = slash ? arena_copy(a, output, (size_t)(slash - output) + 1) : "";
        if (!write_file(a, arena_printf(a, "%s%s.h", folder, name), g.header)) status = EXIT_USAGE;
    }
    temp_remove(a, dir);
    return status;
}

static bool needs_inputs(Job *j)
{
    if (j->program->main) return false;
    fprintf(stderr, "mdlc: the model is not built, because its inputs have no types%s%s\n",
            j->program->model->missing ? "; give them: " : "", j->program->model->missing ? j->program->model->missing : "");
    return true;
}

static int build(Job *j)
{
    if (needs_inputs(j)) return EXIT_INPUT;
    if (j->o->emit && strcmp(j->o->emit, "c")) {
        fprintf(stderr, "mdlc: --emit knows `c`, not `%s`\n", j->o->emit);
        return EXIT_USAGE;
    }
    if (j->o->emit) return emit_files(j);
    return compile_to(j, j->o->output ? j->o->output : stem(j->session.arena, j->o->file));
}

static int run(Job *j)
{
    Arena *a = j->session.arena;
    if (needs_inputs(j)) return EXIT_INPUT;
    const char *dir = temp_create(a);
    if (!dir) return EXIT_USAGE;
    const char *exe = arena_printf(a, "%s/%s", dir, stem(a, j->o->file));
    int status = compile_to(j, exe);
    if (!status) {
        VEC(char *) argv = {0};
        vec_push(a, &argv, arena_copy(a, exe, strlen(exe)));
        vec_push(a, &argv, arena_copy(a, "run", 3));
        for (size_t i = 0; i < j->o->rest.len; i++) vec_push(a, &argv, arena_copy(a, j->o->rest.at[i], strlen(j->o->rest.at[i])));
        vec_push(a, &argv, NULL);
        status = run_program(argv.at);
    }
    temp_remove(a, dir);
    return status;
}

/* ---- checking ---- */

static int check(Job *j)
{
    if (!j->o->fix) return EXIT_DONE;
    size_t len;
    char *text = diags_apply_fixes(j->session.diags, j->file->source->id, &len);
    if (!text) return EXIT_DONE;
    return write_file(j->session.arena, j->o->file, text) ? EXIT_DONE : EXIT_USAGE;
}

static int dump(Job *j)
{
    if (!strcmp(j->o->dump, "graph")) {
        if (needs_inputs(j)) return EXIT_INPUT;
        ir_number(j->program);
        ir_print(stdout, j->session.arena, j->program, j->session.sources);
        return EXIT_DONE;
    }
    fprintf(stderr, "mdlc: --dump knows `ast` and `graph`, not `%s`\n", j->o->dump);
    return EXIT_USAGE;
}

static int verb(Job *j)
{
    const char *v = j->o->verb;
    if (j->o->dump) return dump(j);
    if (!strcmp(v, "manifest")) return manifest(j);
    if (!strcmp(v, "run")) return run(j);
    return build(j);
}

int drive(const Options *o)
{
    Job j = {.o = o};
    Arena *a = arena_create();
    arena_limit(a, (size_t)2 << 30);
    SourceMap *sources = sources_create(a);
    j.session = (Session){a, interner_create(a), sources, diags_create(a, sources)};
    read_options(&j);
    const bool checking = !strcmp(o->verb, "check");
    j.sema.check_all = checking && !o->model && !o->dump;
    bool ok = parse(&j);
    if (ok && o->dump && !strcmp(o->dump, "ast")) ast_print(stdout, j.file);
    else if (ok) ok = analyse(&j);
    int status = ok ? EXIT_DONE : j.file ? EXIT_INPUT : EXIT_USAGE;
    if (ok && j.program && !checking && !(o->dump && !strcmp(o->dump, "ast"))) {
        status = verb(&j);
    } else if (checking && j.file) {
        const int fixed = check(&j);
        if (fixed) status = fixed;
    }
    show_diagnostics(&j);
    arena_destroy(a);
    return status;
}
