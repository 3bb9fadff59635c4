#include "cli_weights.h"

#include <stdio.h>
#include <string.h>

#include "model.h"
#include "text.h"

/* ---- reading ---- */

mdl_status mdl_cli_open(const Cli *c, mdl_registry *r, Weights *weights, mdl_error *error)
{
    const mdl_weights_options options = {.no_mmap = c->no_mmap};
    mdl_status                status = MDL_OK;
    *weights = (Weights){0};
    if (c->map != NULL) status = mdl_mapping_read(c->map, &weights->mapping, error);
    if (status == MDL_OK) status = mdl_weights_open(c->weights, &options, &weights->w, error);
    if (status != MDL_OK) return status;
    const mdl_fit_options fit = {.mapping = weights->mapping, .partial = c->partial, .cast = c->cast, .values = c->values};
    return mdl_fit_make(r, weights->w, &fit, &weights->fit, error);
}

void mdl_cli_close(Weights *weights)
{
    mdl_fit_free(weights->fit);
    mdl_weights_close(weights->w);
    mdl_mapping_free(weights->mapping);
}

static bool write_errors(void *context, const char *bytes, size_t size)
{
    (void)context;
    return fwrite(bytes, 1, size, stderr) == size;
}

mdl_status mdl_cli_load(const Cli *c, mdl_model *m, Weights *weights, mdl_error *error)
{
    mdl_status status = mdl_cli_open(c, m->registry, weights, error);
    if (status == MDL_OK) status = mdl_fit_check(weights->fit, error);
    if (status != MDL_OK) return status;
    (void)mdl_fit_print(weights->fit, MDL_TEXT, write_errors, NULL, NULL);
    return mdl_model_load_fit(m, weights->fit, !c->no_mmap, c->seed, error);
}

/* ---- verbs ---- */

/* "4 variables, 50,890 parameters, 198.8 KiB". Made before anything is saved, so that nothing can fail after it. */
static mdl_status size_text(mdl_registry *r, Text *t, mdl_error *error)
{
    uint64_t parameters = 0, bytes = 0;
    for (int32_t i = 0; i < mdl_registry_count(r); i++) {
        parameters += mdl_registry_variable(r, i)->elements;
        bytes += mdl_registry_variable(r, i)->bytes;
    }
    mdl_put_grouped(t, (uint64_t)mdl_registry_count(r));
    mdl_put(t, mdl_registry_count(r) == 1 ? " variable, " : " variables, ");
    mdl_put_grouped(t, parameters);
    mdl_put(t, " parameters, ");
    mdl_put_size(t, bytes);
    return t->failed ? mdl_fail_status(error, MDL_NO_MEMORY) : MDL_OK;
}

int mdl_cli_init(const Cli *c)
{
    mdl_error              error;
    mdl_model             *m;
    Text                   size = {0};
    const mdl_save_options options = {.seed = &c->seed, .shard_size = c->shard_size, .cast = c->has_dtype, .dtype = c->dtype};
    mdl_status             status = mdl_model_create(c->program, &m, &error);
    if (status == MDL_OK) status = size_text(m->registry, &size, &error);
    if (status == MDL_OK) status = mdl_model_save_as(m, c->file, &options, &error);
    if (status == MDL_OK) printf("%s: %s, seed %llu\n", c->file, mdl_text_z(&size), (unsigned long long)c->seed);
    mdl_text_free(&size);
    mdl_model_free(m);
    return status == MDL_OK ? EXIT_DONE : mdl_cli_fail(c, &error);
}

int mdl_cli_verify(const Cli *c, int *why)
{
    mdl_error  error;
    mdl_model *m;
    Weights    weights = {0};
    Text       size = {0};
    bool       fits = false;
    mdl_status status = mdl_model_create(c->program, &m, &error);
    if (status == MDL_OK) status = size_text(m->registry, &size, &error);
    if (status == MDL_OK) status = mdl_cli_open(c, m->registry, &weights, &error);
    if (status == MDL_OK) {
        fits = mdl_fit_blocking(weights.fit) == 0;
        status = mdl_fit_print(weights.fit, c->json ? MDL_JSON : MDL_TEXT, mdl_cli_write, why, &error);
        if (status == MDL_IO) status = MDL_OK; /* whoever flushes standard output says so */
    }
    if (status == MDL_OK && fits && !c->json) {
        printf("%s fits %s: %s\n", c->weights, c->program->name, mdl_text_z(&size));
    }
    if (status == MDL_OK && !fits) fprintf(stderr, "%s: %s does not fit %s\n", c->exe, c->weights, c->program->name);
    mdl_cli_close(&weights);
    mdl_text_free(&size);
    mdl_model_free(m);
    if (status != MDL_OK) return mdl_cli_fail(c, &error);
    return fits ? EXIT_DONE : EXIT_WRONG;
}

/* ", and 167.0 MiB prepared" */
static mdl_status put_prepared(const mdl_program *program, Text *t, mdl_error *error)
{
    mdl_put(t, ", and ");
    mdl_put_size(t, program->prepared_values);
    mdl_put(t, " prepared");
    return t->failed ? mdl_fail_status(error, MDL_NO_MEMORY) : MDL_OK;
}

int mdl_cli_convert(const Cli *c)
{
    mdl_error              error;
    mdl_model             *m;
    Weights                weights = {0};
    Text                   size = {0};
    const bool             packs = c->verb == VERB_PACK;
    const mdl_save_options options = {.shard_size = c->shard_size, .cast = c->has_dtype, .dtype = c->dtype, .prepared = packs};
    mdl_status             status = mdl_model_create(c->program, &m, &error);
    if (status == MDL_OK) status = size_text(m->registry, &size, &error);
    if (status == MDL_OK && packs) status = put_prepared(c->program, &size, &error);
    if (status == MDL_OK) status = mdl_cli_load(c, m, &weights, &error);
    if (status == MDL_OK) status = mdl_model_save_as(m, c->file, &options, &error);
    if (status == MDL_OK) printf("%s: %s, from %s\n", c->file, mdl_text_z(&size), c->weights);
    mdl_text_free(&size);
    mdl_model_free(m);
    mdl_cli_close(&weights);
    return status == MDL_OK ? EXIT_DONE : mdl_cli_fail(c, &error);
}
