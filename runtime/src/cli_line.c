/* Reading the command line. Options may stand anywhere; the first word that isn't one is the verb. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dtype.h"
#include "options.h"

static const char *const verbs[] = {
    [VERB_MANIFEST] = "manifest", [VERB_INIT] = "init", [VERB_RUN] = "run", [VERB_VERIFY] = "verify", [VERB_CONVERT] = "convert",
    [VERB_PACK] = "pack",
    [VERB_BENCH] = "bench", [VERB_PROFILE] = "profile"};

enum {
    OF_INIT = 1 << VERB_INIT, OF_RUN = 1 << VERB_RUN, OF_BENCH = 1 << VERB_BENCH, OF_VERIFY = 1 << VERB_VERIFY,
    OF_CONVERT = 1 << VERB_CONVERT, OF_PACK = 1 << VERB_PACK, OF_PROFILE = 1 << VERB_PROFILE,
    OF_TIMERS = OF_BENCH | OF_PROFILE, OF_CALLS = OF_RUN | OF_TIMERS, OF_WRITERS = OF_INIT | OF_CONVERT,
    OF_READERS = OF_CALLS | OF_VERIFY | OF_CONVERT | OF_PACK
};

typedef struct Option {
    const char *name;
    unsigned    verbs; /* those that have it */
    bool        is_flag;
} Option;

static const Option options[] = {
    {"--seed", OF_INIT | OF_CALLS | OF_CONVERT | OF_PACK, false}, {"--out", OF_INIT, false}, {"-o", OF_INIT, false},
    {"--weights", OF_CALLS, false},
    {"-w", OF_CALLS, false}, {"--input", OF_CALLS, false}, {"--output", OF_RUN, false}, {"--save", OF_RUN, false}, {"--dim", OF_CALLS, false},
    {"--threads", OF_CALLS, false},
    {"--seconds", OF_TIMERS, false}, {"--random-inputs", OF_RUN, true}, {"--json", OF_VERIFY | OF_TIMERS, true},
    {"--map", OF_READERS, false}, {"--partial", OF_READERS, true}, {"--cast", OF_READERS, true}, {"--no-mmap", OF_READERS, true},
    {"--values", OF_VERIFY, true}, {"--dtype", OF_WRITERS, false}, {"--shard-size", OF_WRITERS, false},
};

static const char *const all_options[] = {
    "--seed", "--out", "--weights", "--input", "--output", "--save", "--dim", "--threads", "--seconds", "--random-inputs", "--json",
    "--map", "--partial", "--cast", "--no-mmap", "--values", "--dtype", "--shard-size", "--help",
    "--version", "--format", "--layers", "--trainable", "--non-trainable", "--filter", "--template", "--width",
};

enum { MAX_WORDS = 3 };

/* What was seen, before it is known whether it belongs together. */
typedef struct Line {
    const char *words[MAX_WORDS]; /* that aren't options: the verb, and its file */
    int         nwords;
    const char *used[countof(options)], *manifest; /* an option that was used, of each kind */
} Line;

static mdl_status read_seed(Cli *c, const char *value, mdl_error *error)
{
    char *end;
    errno = 0;
    c->seed = strtoull(value, &end, 10);
    if (*value >= '0' && *value <= '9' && *end == '\0' && errno == 0) return MDL_OK;
    return mdl_fail(error, MDL_USAGE, "--seed is a number from 0 to 18446744073709551615, not `%.80s`", value);
}

static mdl_status read_threads(Cli *c, const char *what, const char *value, mdl_error *error)
{
    char      *end;
    const long count = strtol(value, &end, 10);
    if (end == value || *end != '\0' || count < 0 || count > 256) {
        return mdl_fail(error, MDL_USAGE, "%s is a number from 1 to 256, or 0 for one a processor, not `%.80s`", what, value);
    }
    c->threads = (int)count;
    return MDL_OK;
}

static mdl_status read_seconds(Cli *c, const char *value, mdl_error *error)
{
    char *end;
    c->seconds = strtod(value, &end);
    if (end != value && *end == '\0' && c->seconds > 0 && c->seconds <= 86400) return MDL_OK;
    return mdl_fail(error, MDL_USAGE, "--seconds is a number above 0 and at most 86400, not `%.80s`", value);
}

/* A file's name, given once under either name of its option. */
static mdl_status set_file(const char **file, const char *name, const char *value, mdl_error *error)
{
    if (*value == '\0') return mdl_fail(error, MDL_USAGE, "%s needs the name of a file", name);
    if (*file != NULL) return mdl_fail(error, MDL_USAGE, "two files are given: %.80s and %s %.80s", *file, name, value);
    *file = value;
    return MDL_OK;
}

static mdl_status read_dtype(Cli *c, const char *value, mdl_error *error)
{
    c->has_dtype = mdl_dtype_of(value, strlen(value), &c->dtype) && mdl_is_float(c->dtype);
    if (c->has_dtype) return MDL_OK;
    return mdl_fail(error, MDL_USAGE, "--dtype is float32, float64, float16 or bfloat16, not `%.80s`", value);
}

/* "5GB", "500MiB", or a number of bytes. */
static mdl_status read_size(Cli *c, const char *value, mdl_error *error)
{
    static const struct {
        const char *unit;
        uint64_t    bytes;
    } units[] = {{"", 1}, {"KB", 1000}, {"MB", 1000 * 1000}, {"GB", 1000 * 1000 * 1000},
                 {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
    char *end;
    errno = 0;
    const unsigned long long n = strtoull(value, &end, 10);
    for (size_t i = 0; *value >= '0' && *value <= '9' && errno == 0 && i < countof(units); i++) {
        if (strcmp(end, units[i].unit) != 0 || n == 0 || n > INT64_MAX / units[i].bytes) continue;
        c->shard_size = n * units[i].bytes;
        return MDL_OK;
    }
    return mdl_fail(error, MDL_USAGE, "--shard-size is a number of bytes, as 500MB, 5GB or 2GiB, not `%.80s`", value);
}

static mdl_status set_option(Cli *c, const char *name, const char *value, mdl_error *error)
{
    if (strcmp(name, "--seed") == 0) return read_seed(c, value, error);
    if (strcmp(name, "--threads") == 0) return read_threads(c, name, value, error);
    if (strcmp(name, "--seconds") == 0) return read_seconds(c, value, error);
    if (strcmp(name, "--out") == 0 || strcmp(name, "-o") == 0) return set_file(&c->file, name, value, error);
    if (strcmp(name, "--weights") == 0 || strcmp(name, "-w") == 0) return set_file(&c->weights, name, value, error);
    if (strcmp(name, "--save") == 0) return set_file(&c->save, name, value, error);
    if (strcmp(name, "--map") == 0) return set_file(&c->map, name, value, error);
    if (strcmp(name, "--dtype") == 0) return read_dtype(c, value, error);
    if (strcmp(name, "--shard-size") == 0) return read_size(c, value, error);
    if (strcmp(name, "--input") == 0) c->inputs.at[c->inputs.count++] = value;
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

/* One of those without a value that are the same for every verb. */
static bool take_flag(Cli *c, const char *word)
{
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) c->help = true;
    else if (strcmp(word, "--version") == 0) c->version = true;
    else return false;
    return true;
}

static void set_flag(Cli *c, const char *name)
{
    if (strcmp(name, "--random-inputs") == 0) c->random_inputs = true;
    else if (strcmp(name, "--json") == 0) c->json = true;
    else if (strcmp(name, "--partial") == 0) c->partial = true;
    else if (strcmp(name, "--cast") == 0) c->cast = true;
    else if (strcmp(name, "--no-mmap") == 0) c->no_mmap = true;
    else if (strcmp(name, "--values") == 0) c->values = true;
}

/* Pairs and flags may; of two values of another option one would be ignored. */
static bool may_repeat(const Option *o)
{
    return o->is_flag || strcmp(o->name, "--input") == 0 || strcmp(o->name, "--output") == 0 || strcmp(o->name, "--dim") == 0;
}

/* Takes the option at argv[*at]. */
static mdl_status read_option(Cli *c, Line *line, int argc, char **argv, int *at, mdl_error *error)
{
    const char *word = argv[*at], *value;
    if (take_flag(c, word)) {
        ++*at;
        return MDL_OK;
    }
    const int took = mdl_manifest_option(&c->manifest, argc, argv, at, error);
    if (took != 0) {
        line->manifest = word;
        return took > 0 ? MDL_OK : MDL_USAGE;
    }
    for (size_t i = 0; i < countof(options); i++) {
        const char *name = options[i].name;
        const int   taken = options[i].is_flag ? strcmp(word, name) == 0 : mdl_take_value(name, argc, argv, at, &value, error);
        if (taken == 0) continue;
        if (line->used[i] != NULL && !may_repeat(&options[i])) return mdl_fail(error, MDL_USAGE, "%s is given twice", name);
        line->used[i] = name;
        if (!options[i].is_flag) return taken < 0 ? MDL_USAGE : set_option(c, name, value, error);
        set_flag(c, name);
        ++*at;
        return MDL_OK;
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

static mdl_status find_verb(Cli *c, const Line *line, mdl_error *error)
{
    c->verb = VERB_MANIFEST;
    if (line->nwords == 0) return MDL_OK;
    const char *word = line->words[0];
    c->has_verb = true;
    for (size_t i = 0; i < countof(verbs); i++) {
        if (strcmp(word, verbs[i]) != 0) continue;
        c->verb = (Verb)i;
        return MDL_OK;
    }
    const char *nearest = mdl_nearest(word, verbs, countof(verbs));
    if (nearest != NULL) {
        return mdl_fail(error, MDL_USAGE, "`%.80s` is not something it does: did you mean `%s`?", word, nearest);
    }
    return mdl_fail(error, MDL_USAGE, "`%.80s` is not something it does: there are manifest, init, run, verify, convert, pack,"
                    " bench, profile",
                    word);
}

static mdl_status fail_other_verb(const Option *o, const char *verb, mdl_error *error)
{
    char   others[120] = "";
    size_t len = 0;
    for (size_t v = 0; v < countof(verbs); v++) {
        if ((o->verbs >> v & 1) == 0) continue;
        const bool last = o->verbs >> v == 1;
        len += (size_t)snprintf(others + len, sizeof others - len, "%s`%s`", len == 0 ? "" : last ? " and " : ", ", verbs[v]);
    }
    return mdl_fail(error, MDL_USAGE, "`%s` is not an option of `%s`, but of %s", o->name, verb, others);
}

/* Whether the options belong to the verb. */
static mdl_status check_options(const Cli *c, const Line *line, mdl_error *error)
{
    const char *verb = verbs[c->verb];
    for (size_t i = 0; i < countof(options); i++) {
        if (line->used[i] == NULL || (options[i].verbs >> c->verb & 1) != 0) continue;
        return fail_other_verb(&options[i], verb, error);
    }
    if (line->manifest != NULL && c->verb != VERB_MANIFEST) {
        return mdl_fail(error, MDL_USAGE, "`%.40s` is not an option of `%s`, but of `manifest`", line->manifest, verb);
    }
    return mdl_manifest_check(&c->manifest, error);
}

/* Options about reading weights need a file to be read. */
static mdl_status check_needs_weights(const Line *line, mdl_error *error)
{
    for (size_t i = 0; i < countof(options); i++) {
        if (line->used[i] == NULL || options[i].verbs != OF_READERS) continue;
        return mdl_fail(error, MDL_USAGE, "`%s` needs a file of weights: -w FILE", options[i].name);
    }
    return MDL_OK;
}

/* Whether what the verb needs is there, and no more. */
static mdl_status check_words(Cli *c, const Line *line, mdl_error *error)
{
    const bool copies = c->verb == VERB_CONVERT || c->verb == VERB_PACK;
    const int  words = copies ? 3 : c->verb == VERB_VERIFY ? 2 : 1;
    if (line->nwords > words) return mdl_fail(error, MDL_USAGE, "`%.80s` is one argument too many", line->words[words]);
    if (c->verb == VERB_VERIFY) {
        if (line->nwords < 2) return mdl_fail(error, MDL_USAGE, "verify needs a file: %s verify FILE", c->exe);
        c->weights = line->words[1];
    }
    if (copies) {
        const char *verb = verbs[c->verb];
        if (line->nwords < 3) return mdl_fail(error, MDL_USAGE, "%s needs two files: %s %s IN OUT", verb, c->exe, verb);
        c->weights = line->words[1];
        c->file = line->words[2];
    }
    if (c->weights == NULL) {
        const mdl_status status = check_needs_weights(line, error);
        if (status != MDL_OK) return status;
    }
    if (c->verb == VERB_INIT && c->file == NULL) {
        return mdl_fail(error, MDL_USAGE, "init needs a file to write: %s init -o FILE", c->exe);
    }
    return MDL_OK;
}

mdl_status mdl_cli_read(Cli *c, int argc, char **argv, mdl_error *error)
{
    Line        line = {0};
    const char *threads = getenv("MDL_THREADS");
    mdl_status  status = threads != NULL ? read_threads(c, "MDL_THREADS", threads, error) : MDL_OK;
    if (status == MDL_OK) status = read_line(c, &line, argc, argv, error);
    if (status == MDL_OK) status = find_verb(c, &line, error);
    if (status != MDL_OK || c->help || c->version) return status;
    status = check_options(c, &line, error);
    return status == MDL_OK ? check_words(c, &line, error) : status;
}
