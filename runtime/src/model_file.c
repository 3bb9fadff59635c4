/* A model's values and weight files: loading, verifying, saving. */
#include <stdlib.h>
#include <string.h>

#include "dtype.h"
#include "fit.h"
#include "model.h"
#include "weights.h"

/* ---- loading ---- */

/* A value that the file doesn't have: as it was, or the first one. `to` is where it goes. */
static mdl_status keep_value(mdl_model *m, int32_t i, uint64_t seed, char *to, mdl_error *error)
{
    const mdl_variable *v = mdl_registry_variable(m->registry, i);
    if (!m->has_values) return mdl_initialize(v->init, seed, v->path, v->dtype, v->rank, v->shape, 0, v->elements, to, error);
    if (to != m->values[i] && v->bytes > 0) memcpy(to, m->values[i], (size_t)v->bytes);
    return MDL_OK;
}

static mdl_status fetch_value(mdl_model *m, const mdl_fit *fit, int32_t i, uint64_t seed, char *to, mdl_error *error)
{
    return mdl_fit_holds(fit, i) ? mdl_fit_read(fit, i, to, error) : keep_value(m, i, seed, to, error);
}

/* Into the model's memory. */
static mdl_status copy_values(mdl_model *m, const mdl_fit *fit, uint64_t seed, mdl_error *error)
{
    mdl_status status = mdl_model_place(m, error);
    for (int32_t i = 0; status == MDL_OK && i < m->registry->nvariables; i++) {
        status = fetch_value(m, fit, i, seed, m->values[i], error);
    }
    if (status != MDL_OK) m->has_values = false;
    return status;
}

/* Points at the file where that can be done; only the rest takes memory. */
static mdl_status point_at_file(mdl_model *m, const mdl_fit *fit, uint64_t seed, mdl_error *error)
{
    const int32_t n = m->registry->nvariables;
    char        **values = calloc((size_t)n + 1, sizeof *values);
    Block         rest = {0};
    uint64_t      size = 0;
    if (values == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    for (int32_t i = 0; i < n; i++) {
        const void *at = mdl_fit_data(fit, i);
        if (at != NULL) memcpy(&values[i], &at, sizeof at); /* read only, as the program reads them */
        else size += mdl_block_round(mdl_registry_variable(m->registry, i)->bytes);
    }
    mdl_status status = mdl_block_grow(&rest, size, error);
    char      *to = rest.at;
    for (int32_t i = 0; status == MDL_OK && i < n; i++) {
        if (values[i] != NULL) continue;
        values[i] = to;
        to += mdl_block_round(mdl_registry_variable(m->registry, i)->bytes);
        status = fetch_value(m, fit, i, seed, values[i], error);
    }
    if (status == MDL_OK) {
        memcpy(m->values, values, (size_t)n * sizeof *values);
        free(m->own.at);
        m->own = rest;
        m->memory = NULL;
        mdl_model_fill_slots(m);
    }
    else free(rest.at);
    free(values);
    return status;
}

/* ---- what is prepared ---- */

void mdl_model_prepared_key(const mdl_model *m, char key[PREPARED_KEY_SIZE])
{
    for (int i = 0; i < PREPARED_KEY_SIZE - 1; i++) key[i] = "0123456789abcdef"[m->program->prepared_key >> (60 - 4 * i) & 15];
    key[PREPARED_KEY_SIZE - 1] = '\0';
}

static bool is_of_this_program(const mdl_model *m, const mdl_weights *w)
{
    char        own[PREPARED_KEY_SIZE];
    const char *key, *value;
    mdl_model_prepared_key(m, own);
    for (size_t i = 0; mdl_weights_metadata(w, i, &key, &value); i++) {
        if (strcmp(key, MDL_PREPARED_NAME) == 0) return strcmp(value, own) == 0;
    }
    return false;
}

/* The tensor of prepared values that belong to this program and these weights; -1: there is none. */
static int64_t find_prepared(const mdl_model *m, const mdl_fit *fit)
{
    const int64_t     at = mdl_weights_find(fit->w, MDL_PREPARED_NAME, sizeof MDL_PREPARED_NAME - 1);
    const mdl_stored *t = at >= 0 ? mdl_weights_tensor(fit->w, (size_t)at) : NULL;
    if (t == NULL || m->program->attach == NULL || fit->options.mapping != NULL) return -1;
    if (t->dtype != (int32_t)MDL_UINT8 || t->bytes != m->program->prepared_values || !is_of_this_program(m, fit->w)) return -1;
    for (int32_t i = 0; i < m->registry->nvariables; i++) {
        const mdl_variable *v = mdl_registry_variable(m->registry, i);
        if (!mdl_fit_holds(fit, i) || fit->recipes[i]->dtype != (int32_t)v->dtype) return -1;
    }
    return at;
}

/* Values from a file that has what is prepared, too: it is used where it is mapped, else read. */
static mdl_status adopt_prepared(mdl_model *m, const mdl_fit *fit, size_t tensor, bool in_place, mdl_error *error)
{
    const void *at = in_place ? mdl_weights_data(fit->w, tensor) : NULL;
    mdl_status  status = MDL_OK;
    if (at == NULL || (uintptr_t)at % 64 != 0) {
        status = mdl_block_grow(&m->prepared, m->program->prepared_size, error);
        if (status == MDL_OK) status = mdl_weights_bytes(fit->w, tensor, 0, m->program->prepared_values, m->prepared.at, error);
        at = m->prepared.at;
    }
    if (status == MDL_OK) m->program->attach(m->weights, at);
    m->is_prepared = status == MDL_OK;
    m->prepared_at = at;
    return status;
}

mdl_status mdl_model_load_fit(mdl_model *m, const mdl_fit *fit, bool in_place, uint64_t seed, mdl_error *error)
{
    if (m->is_shared) return mdl_fail(error, MDL_USAGE, "the weights of a shared model are changed through the first");
    if (fit->r != m->registry) return mdl_fail(error, MDL_USAGE, "the file was laid beside the registry of another model");
    mdl_status status = mdl_fit_check(fit, error);
    const bool given = m->memory != NULL && m->memory != m->own.at; /* memory of the caller's is filled */
    if (status == MDL_OK && in_place && !given) status = point_at_file(m, fit, seed, error);
    else if (status == MDL_OK) status = copy_values(m, fit, seed, error);
    if (status != MDL_OK) return status;
    const int64_t prepared = find_prepared(m, fit);
    if (prepared >= 0) m->is_prepared = false; /* of other values */
    status = mdl_model_filled(m, error);
    return status == MDL_OK && prepared >= 0 ? adopt_prepared(m, fit, (size_t)prepared, in_place && !given, error) : status;
}

/* Loads all of it, and closes the file. */
static mdl_status load_all(mdl_model *m, mdl_weights *w, mdl_error *error)
{
    mdl_fit   *fit;
    mdl_status status = mdl_fit_make(m->registry, w, NULL, &fit, error);
    if (status == MDL_OK) status = mdl_model_load_fit(m, fit, false, 0, error);
    mdl_fit_free(fit);
    mdl_weights_close(w);
    return status;
}

mdl_status mdl_model_load(mdl_model *m, const char *file, mdl_error *error)
{
    mdl_weights     *w;
    const mdl_status status = mdl_weights_open(file, NULL, &w, error);
    return status == MDL_OK ? load_all(m, w, error) : status;
}

mdl_status mdl_model_load_memory(mdl_model *m, const char *name, const void *bytes, size_t size, mdl_error *error)
{
    mdl_weights     *w;
    const mdl_status status = mdl_weights_open_memory(name, bytes, size, &w, error);
    return status == MDL_OK ? load_all(m, w, error) : status;
}

mdl_status mdl_model_verify(mdl_model *m, const char *file, mdl_write *write, void *context, mdl_error *error)
{
    mdl_weights *w;
    mdl_fit     *fit = NULL;
    mdl_status   status = mdl_weights_open(file, NULL, &w, error);
    if (status == MDL_OK) status = mdl_fit_make(m->registry, w, NULL, &fit, error);
    if (status == MDL_OK && write != NULL) status = mdl_fit_print(fit, MDL_TEXT, write, context, error);
    if (status == MDL_OK) status = mdl_fit_check(fit, error);
    mdl_fit_free(fit);
    mdl_weights_close(w);
    return status;
}

/* ---- saving ---- */

typedef struct Save {
    mdl_model              *m;
    const mdl_save_options *options;
    mdl_weights_writer     *out;
    Block                   piece, narrow; /* values as they are made, and as they are stored */
    mdl_error              *error;
} Save;

static mdl_dtype stored_dtype(const mdl_save_options *options, const mdl_variable *v)
{
    return options->cast && mdl_is_float(v->dtype) ? options->dtype : v->dtype;
}

/* Elements of a variable, in the dtype of the file. */
static mdl_status write_elements(Save *s, const mdl_variable *v, const char *values, uint64_t count)
{
    const mdl_dtype as = stored_dtype(s->options, v);
    const size_t    size = (size_t)(count * mdl_dtype_size(as));
    if (as == v->dtype) return mdl_weights_write(s->out, values, size, s->error);
    const mdl_status status = mdl_block_grow(&s->narrow, size, s->error);
    if (status != MDL_OK) return status;
    mdl_convert(v->dtype, values, as, s->narrow.at, (size_t)count);
    return mdl_weights_write(s->out, s->narrow.at, size, s->error);
}

/* The values of a variable, in pieces: from memory, or made as they are written. */
static mdl_status write_variable(Save *s, int32_t i)
{
    enum { PIECE = 1 << 18 };
    const mdl_variable *v = mdl_registry_variable(s->m->registry, i);
    const uint64_t     *seed = s->options->seed, size = mdl_dtype_size(v->dtype);
    const bool          in_pieces = seed == NULL || mdl_initializer_is_local(v->init);
    const uint64_t      step = in_pieces && v->elements > PIECE ? PIECE : v->elements;
    mdl_status          status = seed != NULL ? mdl_block_grow(&s->piece, step * size, s->error) : MDL_OK;
    for (uint64_t at = 0; status == MDL_OK && at < v->elements; at += step) {
        const uint64_t n = v->elements - at < step ? v->elements - at : step;
        const char    *values = s->piece.at;
        if (seed == NULL) values = s->m->values[i] + at * size;
        else status = mdl_initialize(v->init, *seed, v->path, v->dtype, v->rank, v->shape, at, n, s->piece.at, s->error);
        if (status == MDL_OK) status = write_elements(s, v, values, n);
    }
    return status;
}

/* What is prepared comes first, where it begins at a multiple of 64. */
static mdl_status write_prepared(Save *s)
{
    if (!s->options->prepared) return MDL_OK;
    return mdl_weights_write(s->out, s->m->prepared_at, s->m->program->prepared_values, s->error);
}

/* The order in which variables are written: wider elements first, so that all are aligned in the file; else the manifest's. */
static void put_in_order(mdl_model *m, const mdl_save_options *options, mdl_stored *tensors, int32_t *order)
{
    int32_t count = 0;
    for (size_t size = 8; size > 0; size /= 2) {
        for (int32_t i = 0; i < m->registry->nvariables; i++) {
            const mdl_variable *v = mdl_registry_variable(m->registry, i);
            const mdl_dtype     dtype = stored_dtype(options, v);
            if (mdl_dtype_size(dtype) != size) continue;
            tensors[count] = (mdl_stored){.name = v->path, .name_len = strlen(v->path), .dtype = (int32_t)dtype, .rank = v->rank,
                                          .shape = v->shape};
            order[count++] = i;
        }
    }
}

static mdl_status save(Save *s, const char *file, const char **metadata, mdl_stored *tensors, int32_t *order)
{
    const int32_t          n = s->m->registry->nvariables;
    const bool             prepared = s->options->prepared;
    const int64_t          size = (int64_t)s->m->program->prepared_values;
    const mdl_weights_plan plan = {.tensors = tensors, .count = (size_t)n + prepared, .metadata = metadata,
                                   .shard_size = s->options->shard_size};
    if (prepared) {
        tensors[0] = (mdl_stored){.name = MDL_PREPARED_NAME, .name_len = sizeof MDL_PREPARED_NAME - 1, .dtype = MDL_UINT8, .rank = 1,
                                  .shape = &size};
    }
    put_in_order(s->m, s->options, tensors + prepared, order);
    mdl_status status = mdl_weights_create(file, &plan, &s->out, s->error);
    if (status != MDL_OK) return status;
    status = write_prepared(s);
    for (int32_t i = 0; status == MDL_OK && i < n; i++) status = write_variable(s, order[i]);
    if (status == MDL_OK) return mdl_weights_finish(s->out, s->error);
    mdl_weights_abandon(s->out);
    return status;
}

static mdl_status prepare_to_save(mdl_model *m, const mdl_save_options *options, mdl_error *error)
{
    if (options->seed != NULL || options->cast) {
        return mdl_fail(error, MDL_USAGE, "what is prepared is saved with the model's own values, in their dtypes");
    }
    if (m->program->prepare == NULL || m->is_shared) {
        return mdl_fail(error, MDL_USAGE, "there is nothing to pack: no call of the model computes anything from weights alone");
    }
    return mdl_model_prepare(m, NULL, error);
}

/* The pairs of metadata, and the key of what is prepared. NULL if there is no memory. */
static const char **with_key(const mdl_model *m, const mdl_save_options *options, char key[PREPARED_KEY_SIZE])
{
    size_t n = 0;
    while (options->metadata != NULL && options->metadata[n] != NULL) n++;
    const char **pairs = calloc(n + 3, sizeof *pairs);
    if (pairs == NULL) return NULL;
    for (size_t i = 0; i < n; i++) pairs[i] = options->metadata[i];
    if (!options->prepared) return pairs;
    mdl_model_prepared_key(m, key);
    pairs[n] = MDL_PREPARED_NAME;
    pairs[n + 1] = key;
    return pairs;
}

mdl_status mdl_model_save_as(mdl_model *m, const char *file, const mdl_save_options *options, mdl_error *error)
{
    const mdl_save_options plain = {0};
    Save                   s = {.m = m, .options = options != NULL ? options : &plain, .error = error};
    if (s.options->seed == NULL && !m->has_values) return mdl_model_fail_empty(error);
    if (s.options->cast && !mdl_is_float(s.options->dtype)) return mdl_fail(error, MDL_USAGE, "only floats are converted");
    mdl_status status = s.options->prepared ? prepare_to_save(m, s.options, error) : MDL_OK;
    if (status != MDL_OK) return status;
    char         key[PREPARED_KEY_SIZE];
    const size_t n = (size_t)m->registry->nvariables + 2;
    mdl_stored  *tensors = calloc(n, sizeof *tensors);
    int32_t     *order = calloc(n, sizeof *order);
    const char **metadata = with_key(m, s.options, key);
    const bool   memory = tensors != NULL && order != NULL && metadata != NULL;
    status = memory ? save(&s, file, metadata, tensors, order) : mdl_fail_status(error, MDL_NO_MEMORY);
    free(s.piece.at);
    free(s.narrow.at);
    free(metadata);
    free(tensors);
    free(order);
    return status;
}

mdl_status mdl_model_save(mdl_model *m, const char *file, mdl_error *error)
{
    return mdl_model_save_as(m, file, NULL, error);
}

mdl_status mdl_model_save_initial(mdl_model *m, uint64_t seed, const char *file, mdl_error *error)
{
    return mdl_model_save_as(m, file, &(mdl_save_options){.seed = &seed}, error);
}
