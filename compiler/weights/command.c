#include "command.h"

#include <stdio.h>
#include <string.h>

#include "../base/bug.h"
#include "options.h"
#include "text.h"

static const struct Verb {
    const char *name;
    int         least, most; /* files */
    int (*run)(const Command *c);
    const char *options; /* beside those of the model */
} verbs[] = {
    {"show", 1, 1, show_command, "--values --json --filter"},
    {"verify", 2, 2, verify_command, "--json --partial --values --map --model -D --input -I --training"},
    {"diff", 2, 2, diff_command, "--json --tolerance --model -D --input -I --training"},
    {"convert", 2, 2, convert_command, "--for --like --dtype --layout --map --partial --model -D --input -I --training"},
    {"map", 2, 2, map_command, "-o --model -D --input -I --training"},
};

int complain(const mdl_error *error)
{
    fprintf(stderr, "mdlc: %s\n", error->message);
    return error->status == MDL_BAD_FILE || error->status == MDL_BAD_INPUT ? WEIGHTS_BAD : WEIGHTS_TROUBLE;
}

Checkpoint *open_file(const Command *c, size_t i, int *exit_status)
{
    mdl_error   error;
    Checkpoint *opened;
    if (checkpoint_open(c->arena, &c->driver->host, c->files.at[i], &opened, &error) == MDL_OK) return opened;
    *exit_status = complain(&error);
    return NULL;
}

/* ---- the command line ---- */

static int usage(const Command *c, const char *what, const char *word, const char *more)
{
    fprintf(stderr, "mdlc weights%s%s: %s%s%s%s\n      `mdlc weights %s%s--help` shows what there is\n", c->verb ? " " : "",
            c->verb ? c->verb : "", what, word ? " `" : "", word ? word : "", word ? (more ? more : "`") : "",
            c->verb ? c->verb : "", c->verb ? " " : "");
    return WEIGHTS_TROUBLE;
}

static bool allowed(const struct Verb *v, const char *option)
{
    const size_t n = strlen(option);
    for (const char *s = v->options; (s = strstr(s, option)); s += n) {
        if ((s == v->options || s[-1] == ' ') && (s[n] == ' ' || !s[n])) return true;
    }
    return false;
}

typedef struct Slot {
    const char  *option;
    const char **one;
    WordVec     *many;
    bool        *flag;
} Slot;

/* `-Dx=1`: the value stands in the word of a short option. */
static bool joined(const char *arg, const char *option) { return option[1] != '-' && !strncmp(arg, option, 2) && arg[2]; }

/* 1: taken; 0: no such option; -1: after a message. */
static int take(Command *c, const struct Verb *v, const Slot *s, int argc, char **argv, int *i)
{
    const char *arg = argv[*i], *value = NULL;
    mdl_error   error;
    if (s->flag) {
        if (strcmp(arg, s->option)) return 0;
        *s->flag = true;
        (*i)++;
    }
    else if (joined(arg, s->option)) {
        value = arg + 2;
        (*i)++;
    }
    else {
        const int taken = mdl_take_value(s->option, argc, argv, i, &value, &error);
        if (!taken) return 0;
        if (taken < 0) return usage(c, error.message, NULL, NULL), -1;
    }
    if (!allowed(v, s->option)) return usage(c, "this command has no option", s->option, NULL), -1;
    if (s->one) *s->one = value;
    if (s->many) vec_push(c->arena, s->many, value);
    return 1;
}

static int unknown(const Command *c, const struct Verb *v, const char *arg)
{
    char        list[160], name[64], more[80];
    const char *words[24];
    size_t      n = 0;
    snprintf(list, sizeof list, "%s", v->options);
    snprintf(name, sizeof name, "%.*s", (int)strcspn(arg, "="), arg);
    for (char *rest = list, *w; n < countof(words) && (w = strtok_r(rest, " ", &rest));) words[n++] = w;
    const char *near = mdl_nearest(name, words, n);
    snprintf(more, sizeof more, near ? "`; did you mean `%s`?" : "`", near);
    return usage(c, "unknown option", arg, more);
}

static int parse(Command *c, const struct Verb *v, int argc, char **argv)
{
    const Slot slots[] = {
        {"--values", NULL, NULL, &c->values},
        {"--json", NULL, NULL, &c->json},
        {"--partial", NULL, NULL, &c->partial},
        {"--training", NULL, NULL, &c->model.training},
        {"--filter", &c->filter, NULL, NULL},
        {"--dtype", &c->dtype, NULL, NULL},
        {"--layout", &c->layout, NULL, NULL},
        {"--like", &c->like, NULL, NULL},
        {"--for", &c->target, NULL, NULL},
        {"--map", &c->map, NULL, NULL},
        {"-o", &c->output, NULL, NULL},
        {"--tolerance", &c->tolerance, NULL, NULL},
        {"--model", &c->model.model, NULL, NULL},
        {"-D", NULL, &c->model.defines, NULL},
        {"--input", NULL, &c->model.inputs, NULL},
        {"-I", NULL, &c->model.include_dirs, NULL},
    };
    for (int i = 2; i < argc;) {
        int taken = 0;
        for (size_t k = 0; k < countof(slots) && !taken; k++) taken = take(c, v, &slots[k], argc, argv, &i);
        if (taken < 0) return WEIGHTS_TROUBLE;
        if (taken) continue;
        if (argv[i][0] == '-' && argv[i][1]) return unknown(c, v, argv[i]);
        vec_push(c->arena, &c->files, argv[i++]);
    }
    if ((int)c->files.len < v->least) return usage(c, v->least == 1 ? "no file is given" : "two files are needed", NULL, NULL);
    if ((int)c->files.len > v->most) return usage(c, "one file too many:", c->files.at[v->most], NULL);
    return 0;
}

static bool asks_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) return true;
    }
    return false;
}

static bool to_stdout(void *context, const char *bytes, size_t size)
{
    (void)context;
    return fwrite(bytes, 1, size, stdout) == size;
}

static int run(Command *c, const struct Verb *v, int argc, char **argv)
{
    Text out = {.write = to_stdout};
    int  status = parse(c, v, argc, argv);
    if (status) return status;
    c->out = &out;
    status = v->run(c);
    if (!mdl_text_flush(&out) || out.failed) {
        fputs("mdlc: cannot write the output\n", stderr);
        status = WEIGHTS_TROUBLE;
    }
    mdl_text_free(&out);
    return status;
}

int weights_command(Arena *a, int argc, char **argv, const WeightsDriver *driver)
{
    const char       *name = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL, *names[countof(verbs)];
    const struct Verb *v = NULL;
    Command           c = {.arena = a, .driver = driver};
    for (size_t i = 0; i < countof(verbs); i++) {
        names[i] = verbs[i].name;
        if (name && !strcmp(name, verbs[i].name)) v = &verbs[i];
    }
    if (!name && (argc < 2 || asks_help(argc, argv))) {
        fputs(weights_page(NULL), argc < 2 ? stderr : stdout);
        return argc < 2 ? WEIGHTS_TROUBLE : WEIGHTS_DONE;
    }
    if (!v) {
        char        more[80];
        const char *near = name ? mdl_nearest(name, names, countof(names)) : NULL;
        snprintf(more, sizeof more, near ? "`; did you mean `%s`?" : "`", near);
        return usage(&c, name ? "unknown command" : "a command comes before", name ? name : argv[1], more);
    }
    c.verb = v->name;
    if (asks_help(argc, argv)) return fputs(weights_page(v->name), stdout), WEIGHTS_DONE;
    return run(&c, v, argc, argv);
}
