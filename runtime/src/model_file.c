/* A model's values and .safetensors files: what fits, loading, saving. */
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "weights.h"

/* ---- what fits ---- */

/* A file laid beside a model: which tensor holds which variable, and a line about everything that doesn't fit. */
typedef struct Fit {
    mdl_model           *m;
    mdl_weights         *w;
    const mdl_stored   **held; /* by variable */
    Text                 faults;
    size_t               nfaults;
} Fit;

static Text *begin_fault(Fit *f, const char *what, const char *name)
{
    f->nfaults++;
    mdl_put(&f->faults, what);
    mdl_put(&f->faults, " `");
    mdl_put(&f->faults, name);
    mdl_put(&f->faults, "`");
    return &f->faults;
}

static void put_type(Text *t, const char *dtype, int rank, const int64_t *shape)
{
    mdl_put(t, dtype);
    mdl_put_shape(t, rank, shape);
}

static void put_stored(Text *t, const mdl_stored *s)
{
    put_type(t, s->dtype > MDL_BOOL ? mdl_stored_name(s->dtype) : mdl_dtype_name((mdl_dtype)s->dtype), s->rank, s->shape);
}

static void compare(Fit *f, const mdl_variable *v, const mdl_stored *s)
{
    const bool dtype = s->dtype == (int32_t)v->dtype;
    const bool shape = mdl_same_shape(s->rank, s->shape, v->rank, v->shape);
    if (dtype && shape) return;
    Text *t = begin_fault(f, shape ? "wrong dtype:" : "wrong shape:", v->path);
    mdl_put(t, " is ");
    put_type(t, mdl_dtype_name(v->dtype), v->rank, v->shape);
    mdl_put(t, " in the model, ");
    put_stored(t, s);
    mdl_put(t, " in the file\n");
}

/* The tensors in the file's order, then the variables that none of them holds. */
static bool fit(Fit *f)
{
    mdl_registry *r = f->m->registry;
    f->held = calloc((size_t)r->nvariables + 1, sizeof *f->held);
    if (f->held == NULL) return false;
    for (size_t i = 0; i < f->w->count; i++) {
        const mdl_stored *s = &f->w->tensors[i];
        const int32_t       at = mdl_registry_find(r, s->name, s->name_len);
        if (at < 0) {
            Text *t = begin_fault(f, "unexpected:", s->name);
            mdl_put(t, " ");
            put_stored(t, s);
            mdl_put(t, " is in the file, but the model has no such variable\n");
        }
        else if (f->held[at] != NULL) {
            Text *t = begin_fault(f, "twice:", s->name);
            mdl_put(t, " and `");
            mdl_put(t, f->held[at]->name);
            mdl_put(t, "` in the file are the same variable\n");
        }
        else {
            f->held[at] = s;
            compare(f, mdl_registry_variable(r, at), s);
        }
    }
    for (int32_t i = 0; i < r->nvariables; i++) {
        if (f->held[i] != NULL) continue;
        const mdl_variable *v = mdl_registry_variable(r, i);
        Text               *t = begin_fault(f, "missing:", v->path);
        mdl_put(t, " ");
        put_type(t, mdl_dtype_name(v->dtype), v->rank, v->shape);
        mdl_put(t, " is not in the file\n");
    }
    return !f->faults.failed;
}

/* As many faults as a message holds, whole lines. */
static mdl_status fail_fit(Fit *f, mdl_error *error)
{
    mdl_error  all;
    const char *s = mdl_text_z(&f->faults);
    enum { ROOM = sizeof all.message - 160 };
    size_t len = 0, shown = 0;
    for (const char *end; (end = strchr(s + len, '\n')) != NULL && (size_t)(end + 1 - s) <= ROOM; shown++) {
        len = (size_t)(end + 1 - s);
    }
    if (len > 0) len--;
    mdl_fail(&all, MDL_BAD_FILE, "%.*s", (int)len, s);
    const size_t more = f->nfaults - shown;
    if (more == 0) return mdl_fail(error, MDL_BAD_FILE, "%.100s does not fit the model\n%s", mdl_weights_name(f->w), all.message);
    return mdl_fail(error, MDL_BAD_FILE, "%.100s does not fit the model\n%s\nand %llu more", mdl_weights_name(f->w), all.message,
                    (unsigned long long)more);
}

static void free_fit(Fit *f)
{
    free(f->held);
    mdl_text_free(&f->faults);
}

/* ---- loading ---- */

static mdl_status read_values(Fit *f, mdl_error *error)
{
    mdl_model *m = f->m;
    mdl_status status = mdl_model_place(m, error);
    m->has_values = false;
    for (int32_t i = 0; status == MDL_OK && i < m->registry->nvariables; i++) {
        const mdl_stored *s = f->held[i];
        const size_t      at = (size_t)(s - f->w->tensors);
        status = mdl_weights_read(f->w, at, (mdl_dtype)s->dtype, 0, s->elements, m->memory + m->offsets[i], error);
    }
    return status == MDL_OK ? mdl_model_filled(m, error) : status;
}

static mdl_status load(mdl_model *m, mdl_weights *w, mdl_error *error)
{
    mdl_status status;
    Fit        f = {.m = m, .w = w};
    if (!fit(&f)) status = mdl_fail_status(error, MDL_NO_MEMORY);
    else if (f.nfaults > 0) status = fail_fit(&f, error);
    else status = read_values(&f, error);
    free_fit(&f);
    mdl_weights_close(w);
    return status;
}

mdl_status mdl_model_load(mdl_model *m, const char *file, mdl_error *error)
{
    mdl_weights     *w;
    const mdl_status status = mdl_weights_open(file, NULL, &w, error);
    return status == MDL_OK ? load(m, w, error) : status;
}

mdl_status mdl_model_load_memory(mdl_model *m, const char *name, const void *bytes, size_t size, mdl_error *error)
{
    mdl_weights     *w;
    const mdl_status status = mdl_weights_open_memory(name, bytes, size, &w, error);
    return status == MDL_OK ? load(m, w, error) : status;
}

mdl_status mdl_model_verify(mdl_model *m, const char *file, mdl_write *write, void *context, mdl_error *error)
{
    mdl_weights *w;
    mdl_status   status = mdl_weights_open(file, NULL, &w, error);
    if (status != MDL_OK) return status;
    Fit f = {.m = m, .w = w};
    if (!fit(&f)) status = mdl_fail_status(error, MDL_NO_MEMORY);
    else if (f.nfaults > 0) {
        status = fail_fit(&f, error);
        const bool written = write == NULL || write(context, f.faults.s, f.faults.len);
        if (!written) status = mdl_fail(error, MDL_IO, "the report could not be written");
    }
    free_fit(&f);
    mdl_weights_close(w);
    return status;
}

/* ---- saving ---- */

/* The values of a variable, in pieces: from memory, or made as they are written. */
static mdl_status write_variable(mdl_model *m, int32_t i, const uint64_t *seed, mdl_weights_writer *out, Block *piece, mdl_error *error)
{
    const mdl_variable *v = mdl_registry_variable(m->registry, i);
    if (seed == NULL) return mdl_weights_write(out, m->memory + m->offsets[i], (size_t)v->bytes, error);
    enum { PIECE = 1 << 18 };
    const uint64_t step = mdl_initializer_is_local(v->init) && v->elements > PIECE ? PIECE : v->elements;
    const uint64_t size = mdl_dtype_size(v->dtype);
    if (piece->size < step * size) {
        void *grown = realloc(piece->at, (size_t)(step * size));
        if (grown == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
        *piece = (Block){grown, step * size};
    }
    mdl_status status = MDL_OK;
    for (uint64_t at = 0; status == MDL_OK && at < v->elements; at += step) {
        const uint64_t n = v->elements - at < step ? v->elements - at : step;
        status = mdl_initialize(v->init, *seed, v->path, v->dtype, v->rank, v->shape, at, n, piece->at, error);
        if (status == MDL_OK) status = mdl_weights_write(out, piece->at, (size_t)(n * size), error);
    }
    return status;
}

static mdl_status save(mdl_model *m, const uint64_t *seed, const char *file, mdl_error *error)
{
    const int32_t       n = m->registry->nvariables;
    mdl_stored         *tensors = calloc((size_t)n + 1, sizeof *tensors);
    mdl_weights_writer *out;
    Block               piece = {0};
    if (tensors == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    for (int32_t i = 0; i < n; i++) {
        const mdl_variable *v = mdl_registry_variable(m->registry, i);
        tensors[i] = (mdl_stored){.name = v->path, .name_len = strlen(v->path), .dtype = (int32_t)v->dtype, .rank = v->rank,
                                  .shape = v->shape};
    }
    const mdl_weights_plan plan = {.tensors = tensors, .count = (size_t)n};
    mdl_status             status = mdl_weights_create(file, &plan, &out, error);
    free(tensors);
    if (status != MDL_OK) return status;
    for (int32_t i = 0; status == MDL_OK && i < n; i++) status = write_variable(m, i, seed, out, &piece, error);
    free(piece.at);
    if (status == MDL_OK) return mdl_weights_finish(out, error);
    mdl_weights_abandon(out);
    return status;
}

mdl_status mdl_model_save(mdl_model *m, const char *file, mdl_error *error)
{
    if (!m->has_values) return mdl_model_fail_empty(error);
    return save(m, NULL, file, error);
}

mdl_status mdl_model_save_initial(mdl_model *m, uint64_t seed, const char *file, mdl_error *error)
{
    return save(m, &seed, file, error);
}
