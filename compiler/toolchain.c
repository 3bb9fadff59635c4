/* The C compiler: finding it and the runtime, and running it. */
#include "toolchain.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/str.h"
#include "products.h"
#include "process.h"

static bool readable(const char *path) { return access(path, R_OK) == 0; }

const char *own_folder(Arena *a)
{
    char buf[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", buf, sizeof buf - 1);
    if (n <= 0) return "";
    buf[n] = 0;
    char *slash = strrchr(buf, '/');
    return slash ? arena_copy(a, buf, (size_t)(slash - buf)) : "";
}

/* ---- words of a command ---- */

/* One word, with quotes and backslashes as in a shell: `-DNAME="a b"`. NULL if a quote is not closed; moves behind it. */
static const char *take_word(Arena *a, const char **at)
{
    StrBuf word = {.arena = a};
    char quote = 0;
    const char *s = *at;
    for (; *s && (quote || !strchr(" \t\n", *s)); s++) {
        const bool escapes = *s == '\\' && quote != '\'' && s[1] && (!quote || strchr("\"\\$`", s[1]));
        if (escapes) sb_putc(&word, *++s);
        else if (quote ? *s == quote : *s == '"' || *s == '\'') quote = quote ? 0 : *s;
        else sb_putc(&word, *s);
    }
    *at = s;
    return quote ? NULL : sb_text(&word);
}

/* The words of an option or a variable of the environment; false after a message. */
static bool split(Arena *a, Words *w, const char *text, const char *name)
{
    for (const char *s = text; *(s += strspn(s, " \t\n"));) {
        const char *word = take_word(a, &s);
        if (!word) {
            fprintf(stderr, "mdlc: %s: a quote is not closed in `%s`\n", name, text);
            return false;
        }
        vec_push(a, w, arena_copy(a, word, strlen(word)));
    }
    return true;
}

static void add(Arena *a, Words *w, const char *s) { vec_push(a, w, arena_copy(a, s, strlen(s))); }

static void add_all(Arena *a, Words *w, const Words *more)
{
    for (size_t i = 0; i < more->len; i++) vec_push(a, w, more->at[i]);
}

/* ---- finding ---- */

/* In the build tree mdlc stands in build/bin, the library in build/runtime, the headers in the sources; installed, the three
 * are bin, lib and include of one prefix. */
static bool find_runtime(Arena *a, Toolchain *t)
{
    const char *own = own_folder(a), *lib = getenv("MDL_LIBRARY"), *inc = getenv("MDL_INCLUDE");
    const char *const libs[] = {arena_printf(a, "%s/../lib/libmdl.a", own), arena_printf(a, "%s/../runtime/libmdl.a", own),
                                arena_printf(a, "%s/../lib/" MDL_MULTIARCH "/libmdl.a", own)};
    const char *const includes[] = {arena_printf(a, "%s/../include/mdl/mdl.h", own), MDL_SOURCE_INCLUDE "/mdl/mdl.h"};
    t->own_library = !lib || !*lib;
    t->library = t->own_library ? NULL : lib;
    t->include = inc && *inc ? inc : NULL;
    for (size_t i = 0; !t->library && i < countof(libs); i++) {
        if (readable(libs[i])) t->library = libs[i];
    }
    for (size_t i = 0; !t->include && i < countof(includes); i++) {
        if (readable(includes[i])) t->include = arena_copy(a, includes[i], strlen(includes[i]) - strlen("/mdl/mdl.h"));
    }
    if (!t->library || !t->include) {
        fprintf(stderr,
                "mdlc: the runtime (%s) is not beside %s\n"
                "      set MDL_LIBRARY to libmdl.a and MDL_INCLUDE to the folder of mdl/mdl.h\n",
                t->library ? "mdl/mdl.h" : "libmdl.a", *own ? own : "mdlc");
        return false;
    }
    const char *header = arena_printf(a, "%s/mdl/mdl.h", t->include);
    if (!readable(t->library)) fprintf(stderr, "mdlc: MDL_LIBRARY: cannot read `%s`: %s\n", t->library, strerror(errno));
    else if (!readable(header)) fprintf(stderr, "mdlc: MDL_INCLUDE: cannot read `%s`: %s\n", header, strerror(errno));
    else return true;
    return false;
}

/* A command from an option, else from the environment, else the usual one. */
static bool find_words(Arena *a, Words *w, const char *option, const char *option_name, const char *variable, const char *usual)
{
    const char *value = getenv(variable);
    if (option) return split(a, w, option, option_name);
    if (value && value[strspn(value, " \t\n")]) return split(a, w, value, variable);
    return split(a, w, usual, variable);
}

bool toolchain_find(Arena *a, const char *cc, const char *cflags, bool debug, Toolchain *t)
{
    *t = (Toolchain){0};
    if (cc && !cc[strspn(cc, " \t\n")]) {
        fprintf(stderr, "mdlc: --cc names no command\n");
        return false;
    }
    if (debug) add(a, &t->cflags, "-g"); /* first, so that --cflags may say otherwise */
    return find_runtime(a, t) && find_words(a, &t->cc, cc, "--cc", "CC", "cc") &&
           find_words(a, &t->cflags, cflags, "--cflags", "CFLAGS", "-O2") && find_words(a, &t->ar, NULL, NULL, "AR", "ar");
}

/* ---- running ---- */

/* The machine that a compiler compiles for, "x86_64-linux-gnu", as it says itself; "" if it does not. */
static const char *machine_of(Arena *a, const Words *cc)
{
    Words w = {0};
    int ends[2];
    char text[128];
    if (pipe(ends)) return "";
    add_all(a, &w, cc);
    add(a, &w, "-dumpmachine");
    vec_push(a, &w, NULL);
    const int status = run_program(w.at, ends[1]);
    close(ends[1]);
    const ssize_t n = read(ends[0], text, sizeof text);
    close(ends[0]);
    return status == 0 && n > 0 ? arena_copy(a, text, strcspn(arena_copy(a, text, (size_t)n), "\n")) : "";
}

/* A compiler for another machine fails in ways that do not name the cause: the runtime is for this one. */
static void explain_machine(Arena *a, const Toolchain *t)
{
    const char *machine = machine_of(a, &t->cc);
    const size_t n = strcspn(machine, "-");
    if (!t->own_library || !n || !strncmp(machine, MDL_MULTIARCH, n + 1)) return;
    fprintf(stderr,
            "mdlc: it compiles for %s, and libmdl.a is for " MDL_MULTIARCH "\n"
            "      name one for that machine with MDL_LIBRARY; `mdlc build --help` shows how to build it\n",
            machine);
}

/* Runs the C compiler, or what makes archives. */
static int run_tool(const Words *w, const char *what, const char *package)
{
    const int status = run_program(w->at, -1);
    if (!status) return EXIT_DONE;
    if (interrupted()) return EXIT_USAGE;
    const char *name = w->at[0];
    if (status == CANNOT_START && errno == ENOENT) {
        fprintf(stderr, "mdlc: there is no %s `%s`; install one (apt-get install %s)%s\n", what, name, package,
                !strcmp(package, "gcc") ? ", or name one with --cc or CC" : "");
    } else if (status == CANNOT_START) fprintf(stderr, "mdlc: cannot start the %s `%s`: %s\n", what, name, strerror(errno));
    else if (status < BY_SIGNAL) fprintf(stderr, "mdlc: the %s `%s` failed with status %d\n", what, name, status);
    else fprintf(stderr, "mdlc: the %s `%s` was ended by signal %d\n", what, name, status - BY_SIGNAL);
    return EXIT_USAGE;
}

static int compile(Arena *a, const Toolchain *t, Words *w)
{
    vec_push(a, w, NULL);
    const int status = run_tool(w, "C compiler", "gcc");
    if (status && !interrupted()) explain_machine(a, t);
    return status;
}

static Words compiler_words(Arena *a, const Toolchain *t)
{
    Words w = {0};
    add_all(a, &w, &t->cc);
    add(a, &w, "-std=c11");
    add_all(a, &w, &t->cflags);
    add(a, &w, "-ffp-contract=off");
    add(a, &w, arena_printf(a, "-I%s", t->include));
    return w;
}

static int build_archive(Arena *a, const Toolchain *t, const char *code, const char *output)
{
    const char *object = arena_printf(a, "%s.o", code);
    Words cc = compiler_words(a, t), ar = {0};
    add(a, &cc, "-c");
    add(a, &cc, code);
    add(a, &cc, "-o");
    add(a, &cc, object);
    const int status = compile(a, t, &cc);
    if (status) return status;
    add_all(a, &ar, &t->ar);
    add(a, &ar, "rcD");
    add(a, &ar, output);
    add(a, &ar, object);
    vec_push(a, &ar, NULL);
    return run_tool(&ar, "archiver", "binutils");
}

int toolchain_build(Arena *a, const Toolchain *t, const char *code, const char *main, const char *output)
{
    if (str_ends_with(output, ".a")) return build_archive(a, t, code, output);
    Words w = compiler_words(a, t);
    if (!main) {
        add(a, &w, "-shared");
        add(a, &w, "-fPIC");
    } else add(a, &w, main);
    add(a, &w, code);
    add(a, &w, t->library);
    add(a, &w, "-lm");
    add(a, &w, "-o");
    add(a, &w, output);
    return compile(a, t, &w);
}
