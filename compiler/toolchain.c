/* The C compiler: finding it and the runtime, running it, temporary files. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bug.h"
#include "driver.h"

static bool exists(const char *path) { return access(path, R_OK) == 0; }

/* The folder of the running mdlc, "" if it cannot be found. */
static const char *own_folder(Arena *a)
{
    char buf[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", buf, sizeof buf - 1);
    if (n <= 0) return "";
    buf[n] = 0;
    char *slash = strrchr(buf, '/');
    return slash ? arena_copy(a, buf, (size_t)(slash - buf)) : "";
}

/* In the build tree mdlc stands in build/bin, the library in build/runtime, the headers in the sources; installed, the three
 * are bin, lib and include of one prefix. */
bool toolchain_find(Arena *a, const Options *o, Toolchain *t)
{
    const char *own = own_folder(a), *cc = getenv("CC"), *flags = getenv("CFLAGS"), *lib = getenv("MDL_LIBRARY"),
               *inc = getenv("MDL_INCLUDE");
    const char *const libs[] = {arena_printf(a, "%s/../lib/libmdl.a", own), arena_printf(a, "%s/../runtime/libmdl.a", own),
                                arena_printf(a, "%s/../lib/" MDL_MULTIARCH "/libmdl.a", own)};
    const char *const includes[] = {arena_printf(a, "%s/../include/mdl/mdl.h", own), MDL_SOURCE_INCLUDE "/mdl/mdl.h"};
    t->cc = o->cc ? o->cc : cc && *cc ? cc : "cc";
    t->cflags = o->cflags ? o->cflags : flags ? flags : "-O2";
    t->library = lib;
    t->include = inc;
    for (size_t i = 0; !t->library && i < countof(libs); i++) {
        if (exists(libs[i])) t->library = libs[i];
    }
    for (size_t i = 0; !t->include && i < countof(includes); i++) {
        if (exists(includes[i])) t->include = arena_copy(a, includes[i], strlen(includes[i]) - strlen("/mdl/mdl.h"));
    }
    if (t->library && t->include) return true;
    fprintf(
        stderr,
        "mdlc: the runtime (%s) is not beside %s\n      set MDL_LIBRARY to libmdl.a and MDL_INCLUDE to the folder of mdl/mdl.h\n",
        t->library ? "mdl/mdl.h" : "libmdl.a", *own ? own : "mdlc");
    return false;
}

int run_program(char *const *argv)
{
    fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[0], argv);
        _exit(127);
    }
    int status;
    if (pid < 0) {
        fprintf(stderr, "mdlc: cannot start `%s`: %s\n", argv[0], strerror(errno));
        return EXIT_USAGE;
    }
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) return EXIT_USAGE;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return NOT_FOUND;
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    fprintf(stderr, "mdlc: `%s` was ended by signal %d\n", argv[0], WTERMSIG(status));
    return EXIT_BUG;
}

typedef VEC(char *) Words;

/* "-O2 -g" as two words; quotes are not interpreted. */
static void add_words(Arena *a, Words *w, const char *s)
{
    while (*s) {
        s += strspn(s, " \t");
        const size_t n = strcspn(s, " \t");
        if (n) vec_push(a, w, arena_copy(a, s, n));
        s += n;
    }
}

static void add(Arena *a, Words *w, const char *s) { vec_push(a, w, arena_copy(a, s, strlen(s))); }

static int compile(Arena *a, const Toolchain *t, Words *w)
{
    vec_push(a, w, NULL);
    const int status = run_program(w->at);
    if (status == NOT_FOUND) {
        fprintf(stderr, "mdlc: there is no C compiler `%s`; install one (apt-get install gcc), or name one with --cc or CC\n",
                t->cc);
        return EXIT_USAGE;
    }
    if (status) fprintf(stderr, "mdlc: the C compiler `%s` failed with status %d\n", t->cc, status);
    return status ? EXIT_USAGE : EXIT_DONE;
}

static Words compiler_words(Arena *a, const Toolchain *t)
{
    Words w = {0};
    add_words(a, &w, t->cc);
    add(a, &w, "-std=c11");
    add_words(a, &w, t->cflags);
    add(a, &w, "-ffp-contract=off");
    add(a, &w, arena_printf(a, "-I%s", t->include));
    return w;
}

static bool ends_with(const char *s, const char *end)
{
    const size_t n = strlen(s), m = strlen(end);
    return n >= m && !strcmp(s + n - m, end);
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
    unlink(output);
    const char *tool = getenv("AR");
    add_words(a, &ar, tool && *tool ? tool : "ar");
    add(a, &ar, "rcD");
    add(a, &ar, output);
    add(a, &ar, object);
    vec_push(a, &ar, NULL);
    const int archived = run_program(ar.at);
    if (archived)
        fprintf(stderr, "mdlc: `%s` %s\n", ar.at[0],
                archived == NOT_FOUND ? "is not installed; it makes archives (apt-get install binutils)" : "failed");
    return archived ? EXIT_USAGE : EXIT_DONE;
}

int toolchain_build(Arena *a, const Toolchain *t, const char *code, const char *main, const char *output)
{
    if (ends_with(output, ".a")) return build_archive(a, t, code, output);
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

/* ---- files ---- */

const char *temp_create(Arena *a)
{
    const char *base = getenv("TMPDIR");
    char *dir = arena_printf(a, "%s/mdlc-XXXXXX", base && *base ? base : "/tmp");
    if (mkdtemp(dir)) return dir;
    fprintf(stderr, "mdlc: cannot make a temporary folder in `%s`: %s\n", base && *base ? base : "/tmp", strerror(errno));
    return NULL;
}

void temp_remove(Arena *a, const char *dir)
{
    char *const argv[] = {"rm", "-rf", "--", arena_copy(a, dir, strlen(dir)), NULL};
    run_program(argv);
}

static bool write_all(int fd, const char *s, size_t n)
{
    while (n) {
        const ssize_t k = write(fd, s, n);
        if (k < 0 && errno == EINTR) continue;
        if (k < 0) return false;
        s += k;
        n -= (size_t)k;
    }
    return true;
}

bool write_file(Arena *a, const char *path, const char *text)
{
    const char *temp = arena_printf(a, "%s.%ld.tmp", path, (long)getpid());
    const int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    bool ok = fd >= 0 && write_all(fd, text, strlen(text));
    const int why = errno;
    if (fd >= 0 && close(fd)) ok = false;
    if (ok && rename(temp, path) == 0) return true;
    fprintf(stderr, "mdlc: cannot write `%s`: %s\n", path, strerror(ok ? errno : why));
    if (fd >= 0) unlink(temp);
    return false;
}
