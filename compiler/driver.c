/* The verbs, and the stages behind them: a table of contents. */
#include "driver.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/str.h"
#include "emit/emit.h"
#include "ir/passes.h"
#include "products.h"
#include "process.h"
#include "syntax/ast_print.h"

typedef struct Job {
    const Options *o;
    Session session;
    SemaOptions sema;
    AstFile *file;
    Program *program;
} Job;

/* ---- options to sources ---- */

/* "name=value"; of --input the name may be missing, and a `=` behind `[` belongs to a bound: n <= 4. */
static SemaDefine split_define(Job *j, const char *text, const char *option)
{
    Arena *a = j->session.arena;
    const bool is_input = !strcmp(option, "--input");
    const char *eq = strchr(text, '='), *name = NULL, *value = text;
    if (eq && (!is_input || strcspn(text, "[(") > (size_t)(eq - text))) {
        name = arena_copy(a, text, (size_t)(eq - text));
        value = eq + 1;
    } else if (!is_input) { /* -D flag */
        name = text;
        value = "true";
    }
    const char *path = name ? arena_printf(a, "<%s %s>", option, name) : arena_printf(a, "<%s>", option);
    return (SemaDefine){name, source_add(j->session.sources, path, value, strlen(value), false)};
}

/* False after a message. */
static bool read_defines(Job *j, DefineVec *out, const TextVec *texts, const char *option)
{
    for (size_t i = 0; i < texts->len; i++) {
        const SemaDefine d = split_define(j, texts->at[i], option);
        if (d.name && !*d.name) {
            fprintf(stderr, "mdlc: %s %s: a name is missing before `=`\n", option, texts->at[i]);
            return false;
        }
        for (size_t k = 0; k < out->len; k++) {
            const char *other = out->at[k].name;
            if (d.name && other ? strcmp(d.name, other) : d.name != other) continue;
            fprintf(stderr, "mdlc: `%s%s%s` is given twice\n", option, d.name ? " " : "", d.name ? d.name : "");
            return false;
        }
        vec_push(j->session.arena, out, d);
    }
    return true;
}

static bool read_options(Job *j)
{
    DefineVec defines = {0}, inputs = {0};
    if (!read_defines(j, &defines, &j->o->defines, "-D") || !read_defines(j, &inputs, &j->o->inputs, "--input")) return false;
    j->sema = (SemaOptions){.model = j->o->model,
                            .defines = defines.at,
                            .ndefines = defines.len,
                            .inputs = inputs.at,
                            .ninputs = inputs.len,
                            .include_dirs = j->o->include_dirs.at,
                            .ninclude_dirs = j->o->include_dirs.len,
                            .training = j->o->training};
    return true;
}

/* ---- stages ---- */

/* Behind what was printed. False, after a message, if that did not arrive. */
static bool show_diagnostics(Job *j)
{
    const bool json = j->o->format && !strcmp(j->o->format, "json");
    const bool color = isatty(STDERR_FILENO) && !getenv("NO_COLOR");
    const bool arrived = output_arrived();
    if (json) diags_render_json(j->session.diags, stderr);
    else diags_render_text(j->session.diags, stderr, (DiagStyle){color, 100});
    return arrived;
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
    errno = 0;
    if (fwrite(bytes, 1, count, stdout) == count) return true;
    output_failed(errno);
    return false;
}

static int manifest(Job *j)
{
    mdl_error error = {0};
    mdl_registry *r = emit_registry(j->session.arena, j->program, j->session.sources);
    const mdl_status status = r ? mdl_manifest(r, &j->o->manifest, write_stdout, NULL, &error) : MDL_NO_MEMORY;
    if (r) mdl_registry_free(r);
    if (status == MDL_OK) return EXIT_DONE;
    if (status != MDL_IO) fprintf(stderr, "mdlc: %s\n", r ? error.message : "out of memory");
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

/* What is made: a program, or a library and its header. */
typedef struct Product {
    const char *output; /* as -o names it */
    const char *name;   /* of the C: NAME.c, NAME.h */
    const char *header; /* of a library: where it goes */
} Product;

/* The name between the quotes of an #include, where some characters cannot stand. */
static const char *include_name(Arena *a, const char *name)
{
    char *copy = arena_copy(a, name, strlen(name));
    for (char *c = copy; *c; c++) {
        if (strchr("\"\\", *c) || (unsigned char)*c < ' ') *c = '_';
    }
    return copy;
}

static const char *source_name(Job *j) { return include_name(j->session.arena, stem(j->session.arena, j->o->file)); }

/* libs/libNAME.so: NAME, and libs/NAME.h */
static Product library(Arena *a, const char *output)
{
    const char *s = stem(a, output), *slash = strrchr(output, '/');
    const char *name = include_name(a, strncmp(s, "lib", 3) || !s[3] ? s : s + 3);
    const int folder = slash ? (int)(slash - output) + 1 : 0;
    return (Product){output, name, arena_printf(a, "%.*s%s.h", folder, output, name)};
}

/* False after a message. */
static bool find_product(Job *j, Product *p)
{
    Arena *a = j->session.arena;
    const char *output = j->o->output ? j->o->output : stem(a, j->o->file);
    const char *const sources[] = {".c", ".h", ".o", ".mdl"};
    for (size_t i = 0; i < countof(sources); i++) {
        if (!str_ends_with(output, sources[i])) continue;
        fprintf(stderr, "mdlc: `%s` is no name for a program or a library%s\n", output,
                i < 2 ? "; C is written with --emit c -o FOLDER" : "; name one with -o");
        return false;
    }
    *p = (Product){output, source_name(j), NULL};
    if (str_ends_with(output, ".a") || str_ends_with(output, ".so")) *p = library(a, output);
    if (p->header && (*p->name == '.' || !*p->name)) {
        fprintf(stderr, "mdlc: the library `%s` has no name; -o libNAME%s gives it one\n", output, strrchr(output, '.'));
        return false;
    }
    return output_allowed(a, j->session.sources, output) && (!p->header || output_allowed(a, j->session.sources, p->header));
}

static GeneratedC generate(Job *j, const char *basename)
{
    const EmitOptions options = {MDL_VERSION, basename, j->o->line_directives, j->o->profile, j->o->report};
    Layouts *layouts = layouts_create(j->session.arena, j->program);
    run_passes(j->session.arena, j->program, layouts, &j->o->off, j->o->verify);
    return emit_c(j->session.arena, j->program, layouts, j->session.sources, &options);
}

static int built(const GeneratedC *g)
{
    if (g->report) fputs(g->report, stdout);
    return EXIT_DONE;
}

static int emit_files(Job *j)
{
    Arena *a = j->session.arena;
    const char *dir = j->o->output ? j->o->output : ".", *name = source_name(j);
    const char *code = arena_printf(a, "%s/%s.c", dir, name), *header = arena_printf(a, "%s/%s.h", dir, name);
    if (str_ends_with(dir, ".c") || str_ends_with(dir, ".h")) {
        fprintf(stderr, "mdlc: with --emit c, -o names a folder for %s.c and %s.h; `%s` looks like a file\n", name, name, dir);
        return EXIT_USAGE;
    }
    if (!make_folder(a, dir) || !output_allowed(a, j->session.sources, code) || !output_allowed(a, j->session.sources, header)) {
        return EXIT_USAGE;
    }
    const GeneratedC g = generate(j, name);
    return write_file(header, g.header) && write_file(code, g.code) ? built(&g) : EXIT_USAGE;
}

/* The C of `g`, compiled in `dir` to the file *output there. */
static int compile_in(Job *j, const Toolchain *t, const Product *p, const GeneratedC *g, const char *dir, const char **output)
{
    Arena *a = j->session.arena;
    const char *code = arena_printf(a, "%s/%s.c", dir, p->name), *main = NULL;
    const char *slash = strrchr(p->output, '/');
    *output = arena_printf(a, "%s/%s", dir, slash ? slash + 1 : p->output);
    if (!p->header) main = arena_printf(a, "%s/%s_main.c", dir, p->name);
    if (!write_file(arena_printf(a, "%s/%s.h", dir, p->name), g->header) || !write_file(code, g->code)) return EXIT_USAGE;
    if (main && !write_file(main, g->main)) return EXIT_USAGE;
    return toolchain_build(a, t, code, main, *output);
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
    Arena *a = j->session.arena;
    Product p;
    Toolchain t;
    const char *dir, *made;
    if (needs_inputs(j)) return EXIT_INPUT;
    if (j->o->emit) return emit_files(j);
    if (!find_product(j, &p) || !toolchain_find(a, j->o->cc, j->o->cflags, j->o->line_directives, &t)) return EXIT_USAGE;
    const GeneratedC g = generate(j, p.name);
    interrupts_hold();
    if (!(dir = temp_create(a))) return EXIT_USAGE;
    int status = compile_in(j, &t, &p, &g, dir, &made);
    if (!status && !copy_file(p.output, made)) status = EXIT_USAGE;
    if (!status && p.header && !write_file(p.header, g.header)) status = EXIT_USAGE;
    temp_remove(a, dir);
    interrupts_deliver();
    return status ? status : built(&g);
}

/* Runs the program with the options that are for it. */
static int start(Job *j, const char *program)
{
    Arena *a = j->session.arena;
    Words argv = {0};
    vec_push(a, &argv, arena_copy(a, program, strlen(program)));
    vec_push(a, &argv, arena_copy(a, "run", 3));
    for (size_t i = 0; i < j->o->rest.len; i++) vec_push(a, &argv, arena_copy(a, j->o->rest.at[i], strlen(j->o->rest.at[i])));
    vec_push(a, &argv, NULL);
    const int status = run_program(argv.at, -1);
    if (status >= 0 && status < BY_SIGNAL) return status;
    if (interrupted()) return EXIT_USAGE;
    if (status == CANNOT_START) {
        fprintf(stderr, "mdlc: cannot start `%s`: %s; TMPDIR can name another place for it\n", program, strerror(errno));
        return EXIT_USAGE;
    }
    fprintf(stderr, "mdlc: `%s` was ended by signal %d\n", program, status - BY_SIGNAL);
    return status == BY_SIGNAL + SIGKILL ? EXIT_USAGE : EXIT_BUG;
}

static int run(Job *j)
{
    Arena *a = j->session.arena;
    Toolchain t;
    const char *dir, *made;
    if (needs_inputs(j)) return EXIT_INPUT;
    if (!toolchain_find(a, j->o->cc, j->o->cflags, j->o->line_directives, &t)) return EXIT_USAGE;
    const Product p = {stem(a, j->o->file), source_name(j), NULL};
    const GeneratedC g = generate(j, p.name);
    interrupts_hold();
    if (!(dir = temp_create(a))) return EXIT_USAGE;
    int status = compile_in(j, &t, &p, &g, dir, &made);
    if (!status) status = start(j, made);
    temp_remove(a, dir);
    interrupts_deliver();
    return status;
}

/* ---- checking ---- */

/* Status 0 also if there is none. */
static int apply_fixes(Job *j)
{
    size_t len;
    char *text = diags_apply_fixes(j->session.diags, j->file->source->id, &len);
    return !text || write_source(j->o->file, text) ? EXIT_DONE : EXIT_USAGE;
}

/* ---- the verbs ---- */

static int dump_graph(Job *j)
{
    if (needs_inputs(j)) return EXIT_INPUT;
    ir_number(j->program);
    ir_print(stdout, j->session.arena, j->program, j->session.sources);
    return EXIT_DONE;
}

/* What a verb does with a program that is right. */
static int act(Job *j)
{
    const char *v = j->o->verb;
    if (j->o->dump) return dump_graph(j);
    if (!strcmp(v, "check")) return EXIT_DONE;
    if (!strcmp(v, "manifest")) return manifest(j);
    return !strcmp(v, "run") ? run(j) : build(j);
}

static int serve(Job *j)
{
    const Options *o = j->o;
    bool ok = parse(j);
    if (ok && o->dump && !strcmp(o->dump, "ast")) ast_print(stdout, j->file);
    else if (ok) ok = analyse(j);
    int status = ok ? EXIT_DONE : j->file ? EXIT_INPUT : EXIT_USAGE;
    if (j->file && o->fix && apply_fixes(j)) status = EXIT_USAGE;
    const bool acts = ok && j->program;
    /* Behind a long manifest, where they are seen; before a C compiler or a program has its say. */
    const bool last = !strcmp(o->verb, "manifest") || o->dump;
    bool arrived = last || show_diagnostics(j);
    if (acts) status = act(j);
    if (last) arrived = show_diagnostics(j);
    return arrived || status ? status : EXIT_USAGE;
}

static Job begin(Arena *a, const Options *o)
{
    Job j = {.o = o};
    SourceMap *sources = sources_create(a);
    j.session = (Session){a, interner_create(a), sources, diags_create(a, sources)};
    return j;
}

mdl_registry *model_registry(Arena *a, const Options *o, int *exit_status)
{
    Job j = begin(a, o);
    mdl_registry *r = NULL;
    const bool ok = read_options(&j) && parse(&j) && analyse(&j) && !needs_inputs(&j);
    *exit_status = ok ? EXIT_DONE : j.file ? EXIT_INPUT : EXIT_USAGE;
    if (ok && !(r = emit_registry(a, j.program, j.session.sources))) {
        fputs("mdlc: out of memory\n", stderr);
        *exit_status = EXIT_USAGE;
    }
    if (!show_diagnostics(&j)) *exit_status = EXIT_USAGE;
    return r;
}

int drive(const Options *o)
{
    Arena *a = arena_create();
    arena_limit(a, (size_t)2 << 30);
    Job j = begin(a, o);
    const bool read = read_options(&j);
    j.sema.check_all = !strcmp(o->verb, "check") && !o->model && !o->dump;
    const int status = read ? serve(&j) : EXIT_USAGE;
    arena_destroy(a);
    return status;
}
