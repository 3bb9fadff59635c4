/* The command line of mdlc: words to Options. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "driver.h"

static const char *const verbs[] = {"build", "manifest", "check", "run"};

static bool is_verb(const char *s)
{
    for (size_t i = 0; i < countof(verbs); i++) {
        if (!strcmp(s, verbs[i])) return true;
    }
    return false;
}

PRINTF_LIKE(1, 2) static int usage(const char *fmt, ...)
{
    va_list ap;
    fputs("mdlc: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputs("\n      `mdlc --help` shows what there is\n", stderr);
    return EXIT_USAGE;
}

/* An option with a value: `--name value` or `--name=value`, `-o value` or `-ovalue`. */
typedef struct Valued {
    const char *name;
    const char **one;
    TextVec *many;
} Valued;

/* 1: taken; 0: not this option; -1: its value is missing. */
static int take_valued(Arena *a, const Valued *v, int argc, char **argv, int *i)
{
    const char *arg = argv[*i];
    const size_t n = strlen(v->name);
    const bool is_short = v->name[1] != '-';
    const char *value = NULL;
    if (strncmp(arg, v->name, n)) return 0;
    if (arg[n] == '=' && !is_short) value = arg + n + 1;
    else if (arg[n] && is_short) value = arg + n;
    else if (arg[n]) return 0;
    else if (*i + 1 < argc) value = argv[++*i];
    else return -1;
    if (v->one) *v->one = value;
    else vec_push(a, v->many, value);
    return 1;
}

static int unknown_option(const char *arg)
{
    static const char *const known[] = {"--model",  "--input",           "--emit",     "--dump", "--cc",      "--cflags",
                                        "--format", "--line-directives", "--training", "--help", "--version", "--fix"};
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(arg, "="), arg);
    const char *near = suggest(name, known, countof(known));
    fprintf(stderr, "mdlc: unknown option `%s`%s%s%s\n", arg, near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    if (!near) fputs("      `mdlc --help` shows what there is\n", stderr);
    return EXIT_USAGE;
}

static bool take_flag(const char *arg, Options *o)
{
    if (!strcmp(arg, "--line-directives")) o->line_directives = true;
    else if (!strcmp(arg, "--training")) o->training = true;
    else if (!strcmp(arg, "--verify-passes")) o->verify = true;
    else if (!strcmp(arg, "--fix")) o->fix = true;
    else return false;
    return true;
}

/* Options of the manifest's printer, and of the program that `run` starts, are passed on: each with its value if it may have one. */
static void pass_on(Arena *a, Options *o, int argc, char **argv, int *i)
{
    static const char *const with_value[] = {"--format", "--filter", "--template", "--width",  "-w",
                                             "--output", "--dim",    "--seed",     "--threads"};
    const char *arg = argv[*i];
    vec_push(a, &o->rest, arg);
    for (size_t k = 0; k < countof(with_value); k++) {
        if (!strcmp(arg, with_value[k]) && *i + 1 < argc) vec_push(a, &o->rest, argv[++*i]);
    }
}

static int parse(Arena *a, int argc, char **argv, Options *o)
{
    const Valued valued[] = {
        {"-o", &o->output, NULL}, {"--model", &o->model, NULL},   {"--emit", &o->emit, NULL}, {"--dump", &o->dump, NULL},
        {"--cc", &o->cc, NULL},   {"--cflags", &o->cflags, NULL}, {"-D", NULL, &o->defines},  {"-I", NULL, &o->include_dirs},
    };
    int i = 1;
    if (i < argc && is_verb(argv[i])) o->verb = argv[i++];
    const bool passes = !strcmp(o->verb, "manifest") || !strcmp(o->verb, "run");
    for (; i < argc; i++) {
        const char *arg = argv[i];
        int taken = 0;
        if (!strcmp(arg, "--")) {
            while (++i < argc) vec_push(a, &o->rest, argv[i]);
            break;
        }
        if (!strcmp(arg, "--help") || !strcmp(arg, "-h")) {
            print_help(argc > 2 || strcmp(o->verb, "build") ? o->verb : NULL);
            return -1;
        }
        if (!strcmp(arg, "--version")) {
            print_version();
            return -1;
        }
        for (size_t k = 0; k < countof(valued) && !taken; k++) taken = take_valued(a, &valued[k], argc, argv, &i);
        const Valued input = {"--input", NULL, &o->inputs}, format = {"--format", &o->format, NULL};
        if (!taken) taken = take_valued(a, &input, argc, argv, &i);
        if (!taken && !passes) taken = take_valued(a, &format, argc, argv, &i);
        if (taken < 0) return usage("the option `%s` needs a value", arg);
        if (taken || take_flag(arg, o)) continue;
        if (arg[0] == '-' && arg[1] && passes) pass_on(a, o, argc, argv, &i);
        else if (arg[0] == '-' && arg[1]) return unknown_option(arg);
        else if (o->file) return usage("two files are given; the second is `%s`", arg);
        else o->file = arg;
    }
    if (!o->file) return argc == 1 ? (print_help(NULL), EXIT_USAGE) : usage("no file is given");
    return 0;
}

int main(int argc, char **argv)
{
    Arena *a = arena_create();
    Options o = {.verb = "build"};
    int status = parse(a, argc, argv, &o);
    if (status == 0) status = drive(&o);
    else if (status < 0) status = EXIT_DONE;
    if (fflush(stdout) || ferror(stdout)) {
        fputs("mdlc: cannot write the output\n", stderr);
        if (!status) status = EXIT_USAGE;
    }
    arena_destroy(a);
    return status;
}
