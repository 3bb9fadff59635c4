/* The command line of mdlc: words to Options. The verb comes first; options may stand anywhere behind it. */
#include "command_line.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/str.h"

enum { OF_BUILD = 1, OF_MANIFEST = 2, OF_CHECK = 4, OF_RUN = 8, OF_ALL = 15 };

static const char *const verbs[] = {"build", "manifest", "check", "run"}; /* in the order of their bits */

typedef enum OptionKind { FLAG, ONE, ONE_OR_EMPTY, MANY } OptionKind;

typedef struct Option {
    const char *name;
    unsigned    verbs;
    OptionKind  kind;
    size_t      field; /* of Options */
} Option;

#define AT(field) offsetof(Options, field)

static const Option options[] = {
    {"-o", OF_BUILD, ONE, AT(output)},
    {"--model", OF_ALL, ONE, AT(model)},
    {"-D", OF_ALL, MANY, AT(defines)},
    {"--input", OF_ALL, MANY, AT(inputs)},
    {"-I", OF_ALL, MANY, AT(include_dirs)},
    {"--emit", OF_BUILD, ONE, AT(emit)},
    {"--cc", OF_BUILD | OF_RUN, ONE, AT(cc)},
    {"--cflags", OF_BUILD | OF_RUN, ONE_OR_EMPTY, AT(cflags)},
    {"--line-directives", OF_BUILD | OF_RUN, FLAG, AT(line_directives)},
    {"--profile", OF_BUILD, FLAG, AT(profile)},
    {"--report", OF_BUILD, FLAG, AT(report)},
    {"--training", OF_ALL, FLAG, AT(training)},
    {"--fix", OF_CHECK, FLAG, AT(fix)},
    {"--format", OF_BUILD | OF_CHECK | OF_RUN, ONE, AT(format)}, /* of diagnostics; the manifest has its own */
    {"--dump", OF_ALL, ONE, AT(dump)},
    {"--verify-passes", OF_ALL, FLAG, AT(verify)},
    {"--passes-off", OF_BUILD | OF_RUN, ONE, AT(passes_off)},
};

/* What only the printer of manifests and the compiled program know, for suggestions. */
static const char *const other_options[] = {"--layers", "--trainable", "--non-trainable", "--filter", "--width",
                                            "--template", "--seed", "--output", "--save", "--weights", "--dim", "--random-inputs",
                                            "--threads", "--map", "--help", "--version"};
enum { OF_MANIFESTS = 6 }; /* the first of them */

/* Those of a compiled program that take a value. */
static const char *const program_options[] = {"-w", "--weights", "--output", "--save", "--dim", "--seed", "--threads", "--map"};

typedef struct Line {
    Arena   *arena;
    Options *o;
    int      argc, at; /* at: the next word */
    char   **argv;
    unsigned verb;     /* its bit */
} Line;

PRINTF_LIKE(1, 2) static int usage(const char *fmt, ...)
{
    va_list ap;
    fputs("mdlc: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputs("\n", stderr);
    return EXIT_USAGE;
}

static unsigned verb_bit(const char *word)
{
    for (size_t i = 0; i < countof(verbs); i++) {
        if (!strcmp(word, verbs[i])) return 1u << i;
    }
    return 0;
}

/* "`build` and `run`": those of the bits. */
static const char *verb_names(Arena *a, unsigned bits)
{
    const char *text = "";
    for (size_t i = 0; i < countof(verbs); i++) {
        if (!(bits >> i & 1)) continue;
        const bool last = bits >> i == 1;
        text = arena_printf(a, "%s%s`%s`", text, !*text ? "" : last ? " and " : ", ", verbs[i]);
    }
    return text;
}

/* ---- options ---- */

static const Option *find_option(const char *word)
{
    for (size_t i = 0; i < countof(options); i++) {
        const size_t n = strlen(options[i].name);
        const bool   is_short = options[i].name[1] != '-';
        if (strncmp(word, options[i].name, n)) continue;
        if (!word[n] || (options[i].kind != FLAG && (is_short || word[n] == '='))) return &options[i];
    }
    return NULL;
}

static bool is_option(const char *word)
{
    const Option *o = find_option(word);
    return !strcmp(word, "--") || (o && !strcmp(word, o->name));
}

/* The value of `--name value`, `--name=value`, `-o value` or `-ovalue`; NULL if it is missing. Moves behind it. */
static const char *take_value(Line *l, const Option *o)
{
    const char *word = l->argv[l->at++] + strlen(o->name);
    if (*word) return word + (*word == '=');
    if (l->at == l->argc || is_option(l->argv[l->at])) return NULL;
    return l->argv[l->at++];
}

static int take_option(Line *l, const Option *o)
{
    if (!(o->verbs & l->verb)) {
        return usage("`%s` is not an option of `%s`, but of %s", o->name, l->o->verb, verb_names(l->arena, o->verbs));
    }
    void *field = (char *)l->o + o->field;
    if (o->kind == FLAG) {
        *(bool *)field = true;
        l->at++;
        return 0;
    }
    const char *value = take_value(l, o);
    if (!value) return usage("`%s` needs a value; `mdlc %s --help` shows which", o->name, l->o->verb);
    if (!*value && o->kind != ONE_OR_EMPTY) return usage("the value of `%s` is empty", o->name);
    if (o->kind == MANY) {
        vec_push(l->arena, (TextVec *)field, value);
        return 0;
    }
    const char **one = field;
    if (*one) return usage("`%s` is given twice: `%s` and `%s`", o->name, *one, value);
    *one = value;
    return 0;
}

static int unknown_option(Line *l, const char *word)
{
    const char *known[countof(options) + countof(other_options)];
    size_t      n = 0;
    for (size_t i = 0; i < countof(options); i++) known[n++] = options[i].name;
    for (size_t i = 0; i < countof(other_options); i++) known[n++] = other_options[i];
    const char *name = arena_copy(l->arena, word, strcspn(word, "=")), *near = suggest(name, known, n);
    if (find_option(name)) return usage("`%s` takes no value", name);
    for (size_t i = 0; i < countof(other_options); i++) {
        if (strcmp(name, other_options[i])) continue;
        return usage("`%s` is not an option of `%s`, but of %s", name, l->o->verb,
                     i < OF_MANIFESTS ? "`manifest`" : "compiled programs and of `run`");
    }
    if (near) return usage("there is no option `%s`; did you mean `%s`?", name, near);
    return usage("there is no option `%s`; `mdlc %s --help` lists them", name, l->o->verb);
}

/* An option of the manifest's printer. */
static int take_manifest_option(Line *l)
{
    mdl_error error = {0};
    const char *word = l->argv[l->at];
    const int taken = mdl_manifest_option(&l->o->manifest, l->argc, l->argv, &l->at, &error);
    if (taken < 0) return usage("%s", error.message);
    return taken ? 0 : unknown_option(l, word);
}

/* An option of the program that `run` starts, with its value. */
static void pass_on(Line *l)
{
    const char *word = l->argv[l->at++];
    vec_push(l->arena, &l->o->rest, word);
    for (size_t i = 0; i < countof(program_options); i++) {
        if (!strcmp(word, program_options[i]) && l->at < l->argc) vec_push(l->arena, &l->o->rest, l->argv[l->at++]);
    }
}

/* `--input x=x.npy` and `--input x=random` give the program values; no type ends like that. */
static bool is_input_file(const Line *l)
{
    static const char name[] = "--input";
    const char *word = l->argv[l->at];
    if (l->verb != OF_RUN || strncmp(word, name, strlen(name))) return false;
    word += strlen(name);
    const char *value = *word == '=' ? word + 1 : !*word && l->at + 1 < l->argc ? l->argv[l->at + 1] : "";
    return str_ends_with(value, ".npy") || !strcmp(value, "random") || str_ends_with(value, "=random");
}

static int take_dashed(Line *l)
{
    if (is_input_file(l)) {
        const bool apart = !strcmp(l->argv[l->at], "--input");
        vec_push(l->arena, &l->o->rest, l->argv[l->at++]);
        if (apart) vec_push(l->arena, &l->o->rest, l->argv[l->at++]);
        return 0;
    }
    const Option *o = find_option(l->argv[l->at]);
    if (o && !(l->verb == OF_MANIFEST && !strcmp(o->name, "--format"))) return take_option(l, o);
    if (l->verb == OF_MANIFEST) return take_manifest_option(l);
    if (l->verb != OF_RUN) return unknown_option(l, l->argv[l->at]);
    pass_on(l);
    return 0;
}

/* ---- words ---- */

static bool exists(const char *path) { return access(path, F_OK) == 0; }

/* A word that stands where a verb does and is no file. */
static int unknown_verb(const char *word)
{
    static const char *const all[] = {"build", "manifest", "check", "run", "weights", "layers", "show", "explain"};
    const char *near = suggest(word, all, countof(all));
    if (near) return usage("there is no verb `%s`; did you mean `%s`?", word, near);
    return usage("there is no verb `%s`; `mdlc --help` lists them, `PROGRAM --help` those of a compiled program",
                 word);
}

static int take_word(Line *l)
{
    const char *word = l->argv[l->at++], *first = l->o->file;
    if (!first) {
        l->o->file = word;
        return 0;
    }
    const bool is_name = !strpbrk(first, "./") && !exists(first);
    if (is_name && l->o->verb_is_default) return unknown_verb(first);
    if (verb_bit(word) && !exists(word)) return usage("the verb comes first: mdlc %s %s", word, first);
    return usage("two files are given, `%s` and `%s`; mdlc reads one, and what it imports", first, word);
}

static int read_words(Line *l)
{
    bool only_words = false; /* behind `--` */
    while (l->at < l->argc) {
        const char *word = l->argv[l->at];
        int status = 0;
        if (!only_words && !strcmp(word, "--")) {
            l->at++;
            only_words = true;
        } else if (only_words && l->verb == OF_RUN) vec_push(l->arena, &l->o->rest, l->argv[l->at++]);
        else if (!only_words && word[0] == '-' && word[1]) status = take_dashed(l);
        else status = take_word(l);
        if (status) return status;
    }
    return 0;
}

/* "`fold`, `dedupe`, ..." */
static const char *passes_listed(Arena *a)
{
    StrBuf b = {.arena = a};
    for (const Pass *pass = pass_table; pass->name; pass++) {
        if (pass->can_be_off) sb_printf(&b, "%s`%s`", b.len > 0 ? ", " : "", pass->name);
    }
    return sb_text(&b);
}

/* What can only be said of the whole line. */
static int check_line(Line *l)
{
    Options *o = l->o;
    mdl_error error = {0};
    const char *wrong;
    if (!o->file) return usage("no file is given: mdlc %s FILE.mdl", o->verb);
    if (!strcmp(o->file, "-")) return usage("`-` is not read as standard input: name a file, such as /dev/stdin");
    if (o->verb_is_default && !strpbrk(o->file, "./") && !exists(o->file) && suggest(o->file, verbs, countof(verbs))) {
        return unknown_verb(o->file);
    }
    if (o->emit && strcmp(o->emit, "c")) return usage("--emit knows `c`, not `%s`", o->emit);
    if (o->dump && strcmp(o->dump, "ast") && strcmp(o->dump, "graph")) {
        return usage("--dump knows `ast` and `graph`, not `%s`", o->dump);
    }
    if (o->format && strcmp(o->format, "text") && strcmp(o->format, "json")) {
        return usage("--format of diagnostics is `text` or `json`, not `%s`", o->format);
    }
    if (o->passes_off && !passes_off(l->arena, o->passes_off, &o->off, &wrong)) {
        return usage("--passes-off takes `all` or, with commas between them, %s; not `%s`", passes_listed(l->arena), wrong);
    }
    for (size_t i = 0; i < o->include_dirs.len; i++) {
        if (access(o->include_dirs.at[i], F_OK)) return usage("-I %s: %s", o->include_dirs.at[i], strerror(errno));
    }
    return mdl_manifest_check(&o->manifest, &error) == MDL_OK ? 0 : usage("%s", error.message);
}

/* --help and --version are answered wherever they stand before `--`. */
static bool answered(int argc, char **argv)
{
    const char *verb = verb_bit(argv[1]) ? argv[1] : argc > 2 && verb_bit(argv[2]) ? argv[2] : argv[1][0] == '-' ? NULL : "build";
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++) {
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
            print_help(stdout, verb);
            return true;
        }
        if (!strcmp(argv[i], "--version")) {
            print_version();
            return true;
        }
    }
    return false;
}

bool command_line_read(Arena *a, int argc, char **argv, Options *o, int *status)
{
    Line l = {.arena = a, .o = o, .argc = argc, .at = 1, .argv = argv, .verb = OF_BUILD};
    *status = EXIT_USAGE;
    if (argc == 1) {
        print_help(stderr, NULL);
        return false;
    }
    if (answered(argc, argv)) {
        *status = EXIT_DONE;
        return false;
    }
    o->verb_is_default = !verb_bit(argv[1]);
    o->verb = o->verb_is_default ? "build" : argv[l.at++];
    l.verb = verb_bit(o->verb);
    o->manifest.width = mdl_manifest_width();
    return !read_words(&l) && !check_line(&l);
}
