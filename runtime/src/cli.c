/* The command line of every compiled program. Options may stand anywhere; the first word that isn't one is the verb. */
#define _POSIX_C_SOURCE 200809L

#include "cli.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_help.h"
#include "model.h"
#include "options.h"
#include "text.h"

static const char *const verbs[] = {
    [VERB_MANIFEST] = "manifest", [VERB_INIT] = "init", [VERB_RUN] = "run", [VERB_VERIFY] = "verify"};

/* ---- saying things ---- */

static int exit_of(mdl_status status)
{
    switch (status) {
    case MDL_OK: return EXIT_DONE;
    case MDL_BAD_INPUT:
    case MDL_BAD_FILE: return EXIT_WRONG;
    case MDL_IO:
    case MDL_NO_MEMORY:
    case MDL_USAGE: return EXIT_USAGE;
    }
    return EXIT_BUG;
}

int mdl_cli_fail(const Cli *cli, const mdl_error *error)
{
    fprintf(stderr, "%s: %s\n", cli->exe, error->message);
    return exit_of(error->status);
}

/* An mdl_write to standard output, which keeps in *context why it failed. */
static bool write_out(void *context, const char *bytes, size_t size)
{
    errno = 0;
    if (fwrite(bytes, 1, size, stdout) == size) return true;
    *(int *)context = errno;
    return false;
}

/* What was printed counts only when it has arrived. `why`: the error of a write before. */
static int flush(const Cli *cli, int status, int why)
{
    errno = 0;
    const bool flushed = fflush(stdout) == 0;
    if (flushed && !ferror(stdout)) return status;
    if (why == 0) why = errno != 0 ? errno : EIO;
    fprintf(stderr, "%s: standard output: %s\n", cli->exe, strerror(why));
    return EXIT_USAGE;
}

/* ---- options ---- */

enum { OF_INIT = 1 << VERB_INIT, OF_RUN = 1 << VERB_RUN };

typedef struct Option {
    const char *name;
    unsigned    verbs; /* those that have it */
} Option;

static const Option options[] = {
    {"--seed", OF_INIT | OF_RUN}, {"--out", OF_INIT}, {"-o", OF_INIT}, {"--weights", OF_RUN}, {"-w", OF_RUN},
    {"--input", OF_RUN}, {"--output", OF_RUN}, {"--dim", OF_RUN}, {"--random-inputs", OF_RUN},
};

static const char *const all_options[] = {
    "--seed", "--out", "--weights", "--input", "--output", "--dim", "--random-inputs", "--help", "--version",
    "--format", "--layers", "--trainable", "--non-trainable", "--filter", "--template", "--width",
};

/* The last of `options` has no value. */
enum { RANDOM_INPUTS = countof(options) - 1, MAX_WORDS = 3 };

/* What stands on the command line, before it is known whether it fits the verb. */
typedef struct Line {
    const char *words[MAX_WORDS]; /* that aren't options: the verb, and its file */
    int         nwords;
    const char *used[countof(options)], *manifest; /* an option that was used, of each kind */
    bool        help, version;
} Line;

static mdl_status read_seed(Cli *c, const char *value, mdl_error *error)
{
    char *end;
    errno = 0;
    c->seed = strtoull(value, &end, 10);
    if (*value >= '0' && *value <= '9' && *end == '\0' && errno == 0) return MDL_OK;
    return mdl_fail(error, MDL_USAGE, "--seed is a number from 0 to 18446744073709551615, not `%.80s`", value);
}

static mdl_status set_option(Cli *c, const char *name, const char *value, mdl_error *error)
{
    if (strcmp(name, "--seed") == 0) return read_seed(c, value, error);
    if (strcmp(name, "--out") == 0 || strcmp(name, "-o") == 0) c->file = value;
    else if (strcmp(name, "--weights") == 0 || strcmp(name, "-w") == 0) c->weights = value;
    else if (strcmp(name, "--input") == 0) c->inputs.at[c->inputs.count++] = value;
    else if (strcmp(name, "--output") == 0) c->outputs.at[c->outputs.count++] = value;
    else if (strcmp(name, "--dim") == 0) c->dims.at[c->dims.count++] = value;
    return MDL_OK;
}

static mdl_status fail_unknown(const Cli *c, const char *word, mdl_error *error)
{
    char      name[40];
    const int len = (int)strcspn(word, "=");
    snprintf(name, sizeof name, "%.*s", len, word);
    const char *nearest = mdl_nearest(name, all_options, countof(all_options));
    if (nearest != NULL) return mdl_fail(error, MDL_USAGE, "there is no option `%s`: did you mean `%s`?", name, nearest);
    return mdl_fail(error, MDL_USAGE, "there is no option `%s`; `%s --help` lists them", name, c->exe);
}

/* One of those without a value, which are the same for every verb or of `run`. */
static bool take_flag(Cli *c, Line *line, const char *word)
{
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) line->help = true;
    else if (strcmp(word, "--version") == 0) line->version = true;
    else if (strcmp(word, "--random-inputs") == 0) {
        c->random_inputs = true;
        line->used[RANDOM_INPUTS] = word;
    }
    else return false;
    return true;
}

/* Takes the option at argv[*at]. */
static mdl_status read_option(Cli *c, Line *line, int argc, char **argv, int *at, mdl_error *error)
{
    const char *word = argv[*at], *value;
    if (take_flag(c, line, word)) {
        ++*at;
        return MDL_OK;
    }
    const int took = mdl_manifest_option(&c->manifest, argc, argv, at, error);
    if (took != 0) {
        line->manifest = word;
        return took > 0 ? MDL_OK : MDL_USAGE;
    }
    for (size_t i = 0; i < RANDOM_INPUTS; i++) {
        const int taken = mdl_take_value(options[i].name, argc, argv, at, &value, error);
        if (taken == 0) continue;
        line->used[i] = options[i].name;
        return taken < 0 ? MDL_USAGE : set_option(c, options[i].name, value, error);
    }
    return fail_unknown(c, word, error);
}

static mdl_status read_line(Cli *c, Line *line, int argc, char **argv, mdl_error *error)
{
    bool only_words = false; /* behind `--` */
    for (int at = 1; at < argc;) {
        const char *word = argv[at];
        if (!only_words && strcmp(word, "--") == 0) {
            only_words = true;
            at++;
        }
        else if (!only_words && word[0] == '-' && word[1] != '\0') {
            const mdl_status status = read_option(c, line, argc, argv, &at, error);
            if (status != MDL_OK) return status;
        }
        else if (line->nwords < MAX_WORDS) line->words[line->nwords++] = argv[at++];
        else return mdl_fail(error, MDL_USAGE, "`%.80s` is one argument too many", word);
    }
    return MDL_OK;
}

/* ---- verbs ---- */

static mdl_status find_verb(Cli *c, const Line *line, mdl_error *error)
{
    c->verb = VERB_MANIFEST;
    if (line->nwords == 0) return MDL_OK;
    const char *word = line->words[0];
    for (size_t i = 0; i < countof(verbs); i++) {
        if (strcmp(word, verbs[i]) != 0) continue;
        c->verb = (Verb)i;
        return MDL_OK;
    }
    const char *nearest = mdl_nearest(word, verbs, countof(verbs));
    if (nearest != NULL) return mdl_fail(error, MDL_USAGE, "`%.80s` is not something it does: did you mean `%s`?", word, nearest);
    return mdl_fail(error, MDL_USAGE, "`%.80s` is not something it does: there are manifest, init, run, verify", word);
}

/* Whether the options belong to the verb. */
static mdl_status check_options(const Cli *c, const Line *line, mdl_error *error)
{
    const char *verb = verbs[c->verb];
    for (size_t i = 0; i < countof(options); i++) {
        if (line->used[i] == NULL || (options[i].verbs >> c->verb & 1) != 0) continue;
        const char *others = options[i].verbs == OF_RUN ? "`run`" : options[i].verbs == OF_INIT ? "`init`" : "`init` and `run`";
        return mdl_fail(error, MDL_USAGE, "`%s` is not an option of `%s`, but of %s", line->used[i], verb, others);
    }
    if (line->manifest != NULL && c->verb != VERB_MANIFEST) {
        return mdl_fail(error, MDL_USAGE, "`%.40s` is not an option of `%s`, but of `manifest`", line->manifest, verb);
    }
    return mdl_manifest_check(&c->manifest, error);
}

/* Whether what the verb needs is there, and no more. */
static mdl_status check_words(Cli *c, const Line *line, mdl_error *error)
{
    const int words = c->verb == VERB_VERIFY ? 2 : 1;
    if (line->nwords > words) return mdl_fail(error, MDL_USAGE, "`%.80s` is one argument too many", line->words[words]);
    if (c->verb == VERB_VERIFY) {
        if (line->nwords < 2) return mdl_fail(error, MDL_USAGE, "verify needs a file: %s verify FILE", c->exe);
        c->weights = line->words[1];
    }
    if (c->verb == VERB_INIT && c->file == NULL) {
        return mdl_fail(error, MDL_USAGE, "init needs a file to write: %s init -o FILE", c->exe);
    }
    return MDL_OK;
}

static int manifest(Cli *c, int *why)
{
    mdl_error     error;
    mdl_registry *r = c->program->instantiate(NULL);
    if (r == NULL) {
        mdl_fail_status(&error, MDL_NO_MEMORY);
        return mdl_cli_fail(c, &error);
    }
    if (c->manifest.width == 0) c->manifest.width = mdl_manifest_width();
    const mdl_status status = mdl_manifest(r, &c->manifest, write_out, why, &error);
    mdl_registry_free(r);
    return status == MDL_OK || status == MDL_IO ? EXIT_DONE : mdl_cli_fail(c, &error);
}

/* "4 variables, 50,890 parameters, 198.8 KiB" */
static void print_size(mdl_registry *r)
{
    Text     t = {0};
    uint64_t parameters = 0, bytes = 0;
    for (int32_t i = 0; i < mdl_registry_count(r); i++) {
        parameters += mdl_registry_variable(r, i)->elements;
        bytes += mdl_registry_variable(r, i)->bytes;
    }
    mdl_put_grouped(&t, (uint64_t)mdl_registry_count(r));
    mdl_put(&t, mdl_registry_count(r) == 1 ? " variable, " : " variables, ");
    mdl_put_grouped(&t, parameters);
    mdl_put(&t, " parameters, ");
    mdl_put_size(&t, bytes);
    printf("%s", mdl_text_z(&t));
    mdl_text_free(&t);
}

static int init(const Cli *c)
{
    mdl_error  error;
    mdl_model *m;
    mdl_status status = mdl_model_create(c->program, &m, &error);
    if (status == MDL_OK) status = mdl_model_save_initial(m, c->seed, c->file, &error);
    if (status == MDL_OK) {
        printf("%s: ", c->file);
        print_size(m->registry);
        printf(", seed %llu\n", (unsigned long long)c->seed);
    }
    mdl_model_free(m);
    return status == MDL_OK ? EXIT_DONE : mdl_cli_fail(c, &error);
}

static int verify(const Cli *c, int *why)
{
    mdl_error  error;
    mdl_model *m;
    bool       listed = false;
    mdl_status status = mdl_model_create(c->program, &m, &error);
    if (status == MDL_OK) {
        status = mdl_model_verify(m, c->weights, write_out, why, &error);
        listed = status == MDL_BAD_FILE && strchr(error.message, '\n') != NULL;
    }
    if (status == MDL_OK) {
        printf("%s fits %s: ", c->weights, c->program->name);
        print_size(m->registry);
        printf("\n");
    }
    mdl_model_free(m);
    if (status == MDL_OK) return EXIT_DONE;
    if (!listed) return mdl_cli_fail(c, &error);
    fprintf(stderr, "%s: %s does not fit %s\n", c->exe, c->weights, c->program->name);
    return EXIT_WRONG;
}

static int dispatch(Cli *c, const Line *line, int *why)
{
    if (line->version) {
        printf("%s: the model %s, compiled from %s; libmdl %s\n", c->exe, c->program->name, c->program->file, MDL_VERSION);
        return EXIT_DONE;
    }
    if (line->help) {
        mdl_cli_help(c, line->nwords > 0 ? &c->verb : NULL);
        return EXIT_DONE;
    }
    switch (c->verb) {
    case VERB_MANIFEST: return manifest(c, why);
    case VERB_INIT: return init(c);
    case VERB_RUN: return mdl_cli_run(c);
    case VERB_VERIFY: return verify(c, why);
    }
    return EXIT_BUG;
}

/* Reads the line, and does what it says. */
static int serve(Cli *c, int argc, char **argv)
{
    Line       line = {0};
    mdl_error  error;
    int        why = 0;
    mdl_status status = read_line(c, &line, argc, argv, &error);
    if (status == MDL_OK) status = find_verb(c, &line, &error);
    if (status == MDL_OK && !line.help && !line.version) {
        status = check_options(c, &line, &error);
        if (status == MDL_OK) status = check_words(c, &line, &error);
    }
    if (status != MDL_OK) return mdl_cli_fail(c, &error);
    const int done = dispatch(c, &line, &why);
    return flush(c, done, why);
}

int mdl_main(const mdl_program *program, int argc, char **argv)
{
    const char  *name = argc > 0 ? argv[0] : program->name;
    const char  *slash = strrchr(name, '/');
    const size_t most = (size_t)argc + 1; /* of pairs of a kind */
    const char **pairs = calloc(3 * most, sizeof *pairs);
    Cli          c = {.program = program, .exe = slash != NULL ? slash + 1 : name};
    if (pairs == NULL) {
        fprintf(stderr, "%s: there is not enough memory\n", c.exe);
        return EXIT_USAGE;
    }
    c.inputs.at = pairs;
    c.outputs.at = pairs + most;
    c.dims.at = pairs + 2 * most;
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of writing like any other */
    const int status = serve(&c, argc, argv);
    free(pairs);
    return status;
}
