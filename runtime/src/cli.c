/* The command line of every compiled program: what its verbs do. */
#define _POSIX_C_SOURCE 200809L

#include "cli.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_help.h"
#include "cli_weights.h"

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

bool mdl_cli_write(void *context, const char *bytes, size_t size)
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

/* ---- verbs ---- */

static int manifest(Cli *c, int *why)
{
    mdl_error     error;
    mdl_registry *r = c->program->instantiate(NULL);
    if (r == NULL) {
        mdl_fail_status(&error, MDL_NO_MEMORY);
        return mdl_cli_fail(c, &error);
    }
    if (c->manifest.width == 0) c->manifest.width = mdl_manifest_width();
    const mdl_status status = mdl_manifest(r, &c->manifest, mdl_cli_write, why, &error);
    mdl_registry_free(r);
    return status == MDL_OK || status == MDL_IO ? EXIT_DONE : mdl_cli_fail(c, &error);
}

static int dispatch(Cli *c, int *why)
{
    if (c->version) {
        printf("%s: the model %s, compiled from %s; libmdl %s, %s\n", c->exe, c->program->name, c->program->file, MDL_VERSION, mdl_isa_name());
        return EXIT_DONE;
    }
    if (c->help) {
        mdl_cli_help(c, c->has_verb ? &c->verb : NULL);
        return EXIT_DONE;
    }
    switch (c->verb) {
    case VERB_MANIFEST: return manifest(c, why);
    case VERB_INIT: return mdl_cli_init(c);
    case VERB_RUN: return mdl_cli_run(c);
    case VERB_VERIFY: return mdl_cli_verify(c, why);
    case VERB_CONVERT:
    case VERB_PACK: return mdl_cli_convert(c);
    case VERB_BENCH: return mdl_cli_bench(c);
    case VERB_PROFILE: return mdl_cli_profile(c);
    }
    return EXIT_BUG;
}

/* Reads the line, and does what it says. */
static int serve(Cli *c, int argc, char **argv)
{
    mdl_error error;
    int       why = 0;
    if (mdl_cli_read(c, argc, argv, &error) != MDL_OK) return mdl_cli_fail(c, &error);
    if (!c->help && !c->version && mdl_isa_check(&error) != MDL_OK) return mdl_cli_fail(c, &error);
    const int status = dispatch(c, &why);
    return flush(c, status, why);
}

int mdl_main(const mdl_program *program, int argc, char **argv)
{
    const char  *name = argc > 0 ? argv[0] : program->name;
    const char  *slash = strrchr(name, '/');
    const size_t most = (size_t)argc + 1; /* of pairs of a kind */
    const char **pairs = calloc(3 * most, sizeof *pairs);
    Cli          c = {.program = program, .exe = slash != NULL ? slash + 1 : name, .seconds = 2};
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
