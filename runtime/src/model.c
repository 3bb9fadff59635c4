/* A model that can be called: a program's variables, memory for their values, and calls. */
#define _DEFAULT_SOURCE /* madvise */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#ifdef __unix__
#include <sys/mman.h>
#endif

enum { ALIGNMENT = 64, LARGE_PAGE = 2 << 20 };

/* ---- memory ---- */

uint64_t mdl_block_round(uint64_t n)
{
    return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Large blocks in large pages, where the system has them: the first touch of each small one costs as much as filling it. */
static void *take(size_t size)
{
    if (size < LARGE_PAGE) return aligned_alloc(ALIGNMENT, (size_t)mdl_block_round(size > 0 ? size : 1));
    const size_t whole = (size + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    void        *at = aligned_alloc(LARGE_PAGE, whole);
#ifdef MADV_HUGEPAGE
    if (at != NULL) madvise(at, whole, MADV_HUGEPAGE); /* a wish: nothing depends on it */
#endif
    return at;
}

mdl_status mdl_block_grow(Block *b, uint64_t size, mdl_error *error)
{
    if (b->at != NULL && b->size >= size) return MDL_OK;
    free(b->at);
    *b = (Block){0};
    if (size <= SIZE_MAX - 2 * LARGE_PAGE) b->at = take((size_t)size);
    if (b->at == NULL) {
        return mdl_fail(error, MDL_NO_MEMORY, "there is not enough memory: %llu bytes are needed", (unsigned long long)size);
    }
    b->size = size;
    return MDL_OK;
}

static mdl_status plan_memory(mdl_model *m, mdl_error *error)
{
    const int32_t n = mdl_registry_count(m->registry);
    m->offsets = calloc((size_t)n + 1, sizeof *m->offsets);
    m->values = calloc((size_t)n + 1, sizeof *m->values);
    if (m->offsets == NULL || m->values == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    for (int32_t i = 0; i < n; i++) {
        const uint64_t bytes = mdl_registry_variable(m->registry, i)->bytes;
        m->offsets[i] = m->bytes;
        if (bytes > INT64_MAX - ALIGNMENT - m->bytes) {
            return mdl_fail(error, MDL_NO_MEMORY, "the weights are too large for any memory");
        }
        m->bytes += mdl_block_round(bytes);
    }
    return MDL_OK;
}

/* The slots are pointers of several types; all have the same representation. */
static void set_slot(void *slot, const void *value)
{
    if (slot != NULL) memcpy(slot, &value, sizeof value);
}

void mdl_model_fill_slots(mdl_model *m)
{
    mdl_registry *r = m->registry;
    for (int32_t i = 0; i < r->nvariables; i++) set_slot(mdl_registry_at(r, i)->slot, m->values[i]);
    for (int32_t i = 0; i < r->nslots; i++) {
        if (r->slots[i].first != NULL && r->slots[i].slot != NULL) memcpy(r->slots[i].slot, r->slots[i].first, sizeof(void *));
    }
}

static void point_at_memory(mdl_model *m)
{
    for (int32_t i = 0; i < m->registry->nvariables; i++) m->values[i] = m->memory + m->offsets[i];
    mdl_model_fill_slots(m);
}

mdl_status mdl_model_place(mdl_model *m, mdl_error *error)
{
    if (m->is_shared) return mdl_fail(error, MDL_USAGE, "the weights of a shared model are changed through the first");
    if (m->memory != NULL) return MDL_OK;
    m->has_values = false; /* which may lie in what is taken anew */
    const mdl_status status = mdl_block_grow(&m->own, m->bytes, error);
    if (status != MDL_OK) return status;
    m->memory = m->own.at;
    point_at_memory(m);
    return MDL_OK;
}

mdl_status mdl_model_fail_empty(mdl_error *error)
{
    return mdl_fail(error, MDL_USAGE, "the model has no values yet: load or initialize them first");
}

static mdl_status prepare(mdl_model *m, const mdl_run *run, mdl_error *error)
{
    mdl_status status = MDL_OK;
    if (m->program->prepare != NULL) status = mdl_block_grow(&m->prepared, m->program->prepared_size, error);
    if (m->program->prepare != NULL && status == MDL_OK) status = m->program->prepare(m->weights, m->prepared.at, run, error);
    m->is_prepared = status == MDL_OK;
    m->prepared_at = m->prepared.at;
    return status;
}

mdl_status mdl_model_prepare(mdl_model *m, const mdl_run *run, mdl_error *error)
{
    if (!m->has_values) return mdl_model_fail_empty(error);
    return m->is_prepared || m->is_shared ? MDL_OK : prepare(m, run, error);
}

/* Models that share the weights may be called next, so that what was prepared before is made anew at once. */
mdl_status mdl_model_changed(mdl_model *m, mdl_error *error)
{
    if (!m->has_values) return mdl_model_fail_empty(error);
    if (m->is_shared) return mdl_fail(error, MDL_USAGE, "the weights of a shared model are changed through the first");
    return m->is_prepared ? prepare(m, NULL, error) : MDL_OK;
}

mdl_status mdl_model_filled(mdl_model *m, mdl_error *error)
{
    m->has_values = true;
    const mdl_status status = m->is_shared ? MDL_OK : mdl_model_changed(m, error);
    return status == MDL_OK ? mdl_model_reset(m, error) : status;
}

/* ---- creating ---- */

static mdl_status make_room_for_calls(mdl_model *m, mdl_error *error)
{
    const mdl_program *p = m->program;
    m->outputs = calloc((size_t)p->noutputs + 1, sizeof *m->outputs);
    m->symbols = calloc((size_t)p->nsymbols + 1, sizeof *m->symbols);
    m->shapes = calloc((size_t)p->noutputs + 1, MDL_MAX_RANK * sizeof *m->shapes);
    m->input_shapes = calloc((size_t)p->ninputs + 1, sizeof *m->input_shapes);
    m->input_data = calloc((size_t)p->ninputs + 1, sizeof *m->input_data);
    m->output_data = calloc((size_t)p->noutputs + 1, sizeof *m->output_data);
    const bool memory = m->outputs != NULL && m->symbols != NULL && m->shapes != NULL && m->input_shapes != NULL &&
                        m->input_data != NULL && m->output_data != NULL;
    return memory ? MDL_OK : mdl_fail_status(error, MDL_NO_MEMORY);
}

static mdl_status fill_model(mdl_model *m, mdl_error *error)
{
    m->weights = calloc(1, m->program->weights_size + 1);
    if (m->weights == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    m->registry = m->program->instantiate(m->weights);
    if (m->registry == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    if (mdl_registry_names(m->registry) != MDL_OK) return mdl_fail_status(error, m->registry->status);
    if (m->registry->twin >= 0) {
        return mdl_fail(error, MDL_USAGE, "two variables have the path `%s`",
                        mdl_registry_variable(m->registry, m->registry->twin)->path);
    }
    const mdl_status status = plan_memory(m, error);
    return status == MDL_OK ? make_room_for_calls(m, error) : status;
}

mdl_status mdl_model_create(const mdl_program *program, mdl_model **model, mdl_error *error)
{
    *model = NULL;
    mdl_model *m = calloc(1, sizeof *m);
    if (m == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    m->program = program;
    const mdl_status status = fill_model(m, error);
    if (status == MDL_OK) *model = m;
    else mdl_model_free(m);
    return status;
}

mdl_status mdl_model_share(mdl_model *m, mdl_model **shared, mdl_error *error)
{
    *shared = NULL;
    mdl_status status = mdl_model_prepare(m, NULL, error);
    if (status != MDL_OK) return status;
    mdl_model *s = calloc(1, sizeof *s);
    if (s == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    *s = (mdl_model){.program = m->program, .registry = m->registry, .weights = m->weights, .offsets = m->offsets,
                     .bytes = m->bytes, .memory = m->memory, .values = m->values, .is_shared = true};
    status = make_room_for_calls(s, error);
    if (status == MDL_OK) status = mdl_model_filled(s, error);
    if (status == MDL_OK) *shared = s;
    else mdl_model_free(s);
    return status;
}

void mdl_model_free(mdl_model *m)
{
    if (m == NULL) return;
    for (int i = 0; m->outputs != NULL && i < m->program->noutputs; i++) free(m->outputs[i].at);
    free(m->outputs);
    free(m->symbols);
    free(m->shapes);
    free(m->input_shapes);
    free(m->input_data);
    free(m->output_data);
    free(m->workspace.at);
    free(m->states.at);
    if (!m->is_shared) {
        free(m->own.at);
        free(m->prepared.at);
        free(m->offsets);
        free(m->values);
        free(m->weights);
        mdl_registry_free(m->registry);
    }
    free(m);
}

/* ---- values ---- */

mdl_registry *mdl_model_registry(mdl_model *m)
{
    return m->registry;
}

uint64_t mdl_model_bytes(const mdl_model *m)
{
    return m->bytes;
}

uint64_t mdl_model_offset(const mdl_model *m, int32_t variable)
{
    return m->offsets[variable];
}

void *mdl_model_values(mdl_model *m, int32_t variable)
{
    return m->has_values ? m->values[variable] : NULL;
}

mdl_status mdl_model_bind(mdl_model *m, void *memory, uint64_t size, bool filled, mdl_error *error)
{
    if (m->is_shared) return mdl_fail(error, MDL_USAGE, "the weights of a shared model are changed through the first");
    if (size < m->bytes) {
        return mdl_fail(error, MDL_USAGE, "the weights need %llu bytes, not %llu", (unsigned long long)m->bytes,
                        (unsigned long long)size);
    }
    if ((uintptr_t)memory % ALIGNMENT != 0) return mdl_fail(error, MDL_USAGE, "the weights must begin at a multiple of 64");
    free(m->own.at);
    m->own = (Block){0};
    m->memory = memory;
    m->has_values = false;
    point_at_memory(m);
    return filled ? mdl_model_filled(m, error) : MDL_OK;
}

mdl_status mdl_model_init(mdl_model *m, uint64_t seed, mdl_error *error)
{
    mdl_status status = mdl_model_place(m, error);
    for (int32_t i = 0; status == MDL_OK && i < m->registry->nvariables; i++) {
        const mdl_variable *v = mdl_registry_variable(m->registry, i);
        status = mdl_initialize(v->init, seed, v->path, v->dtype, v->rank, v->shape, 0, v->elements,
                                m->values[i], error);
    }
    return status == MDL_OK ? mdl_model_filled(m, error) : status;
}

const void *mdl_model_weights(mdl_model *m)
{
    return mdl_model_prepare(m, NULL, NULL) == MDL_OK && m->program->weights_size > 0 ? m->weights : NULL;
}

void *mdl_model_states(mdl_model *m)
{
    return m->has_values && m->program->states_size > 0 ? m->states.at : NULL;
}

mdl_status mdl_model_reset(mdl_model *m, mdl_error *error)
{
    if (!m->has_values) return mdl_model_fail_empty(error);
    const mdl_status status = mdl_block_grow(&m->states, m->program->states_size, error);
    if (status == MDL_OK && m->program->reset != NULL) m->program->reset(m->weights, m->states.at);
    return status;
}

/* All values into memory of the model's own, also those that lie in a file. */
static mdl_status own_values(mdl_model *m, mdl_error *error)
{
    Block            all = {0};
    const mdl_status status = m->memory == NULL ? mdl_block_grow(&all, m->bytes, error) : MDL_OK;
    if (m->memory != NULL || status != MDL_OK) return status;
    for (int32_t i = 0; i < m->registry->nvariables; i++) {
        const uint64_t bytes = mdl_registry_variable(m->registry, i)->bytes;
        if (bytes > 0) memcpy((char *)all.at + m->offsets[i], m->values[i], (size_t)bytes);
    }
    free(m->own.at);
    m->own = all;
    m->memory = all.at;
    point_at_memory(m);
    return MDL_OK;
}

mdl_status mdl_model_keep(mdl_model *m, mdl_error *error)
{
    if (!m->has_values) return mdl_model_fail_empty(error);
    if (m->program->keep == NULL) return MDL_OK;
    if (m->is_shared) return mdl_fail(error, MDL_USAGE, "the weights of a shared model are changed through the first");
    const mdl_status status = own_values(m, error);
    if (status == MDL_OK) m->program->keep(m->weights, m->states.at);
    return status;
}

/* ---- calling ---- */

static mdl_status check_inputs(const mdl_model *m, const mdl_tensor *inputs, mdl_error *error)
{
    for (int i = 0; i < m->program->ninputs; i++) {
        const mdl_port   *port = &m->program->inputs[i];
        const mdl_tensor *t = &inputs[i];
        if (t->dtype != port->dtype || t->rank != port->rank) {
            return mdl_fail(error, MDL_BAD_INPUT, "input `%s` is %s with %d axes, but the model takes %s", port->name,
                            mdl_dtype_name(t->dtype), t->rank, port->type);
        }
        for (int k = 0; k < t->rank; k++) {
            if (t->shape[k] < 0) return mdl_fail(error, MDL_BAD_INPUT, "input `%s` has a negative size", port->name);
        }
    }
    return MDL_OK;
}

/* Gives output `i` its shape, and memory if it has none. */
static mdl_status prepare_output(mdl_model *m, mdl_tensor *t, int i, mdl_error *error)
{
    const mdl_port *port = &m->program->outputs[i];
    int64_t        *shape = m->shapes + (size_t)i * MDL_MAX_RANK;
    m->program->output_shape(m->symbols, i, shape);
    if (t->data != NULL) {
        const bool same = t->dtype == port->dtype && mdl_same_shape(t->rank, t->shape, port->rank, shape);
        if (same) return MDL_OK;
        return mdl_fail(error, MDL_USAGE, "the tensor for output `%s` does not have its type, %s", port->name, port->type);
    }
    uint64_t bytes = mdl_dtype_size(port->dtype);
    for (int k = 0; k < port->rank; k++) {
        if (shape[k] < 0) { /* the call checks what made it negative, and says so */
            bytes = 0;
            break;
        }
        if (shape[k] != 0 && bytes > (uint64_t)INT64_MAX / (uint64_t)shape[k]) return mdl_fail_status(error, MDL_NO_MEMORY);
        bytes *= (uint64_t)shape[k];
    }
    const mdl_status status = mdl_block_grow(&m->outputs[i], bytes, error);
    *t = (mdl_tensor){.data = m->outputs[i].at, .dtype = port->dtype, .rank = port->rank, .shape = shape};
    return status;
}

mdl_status mdl_model_call_again(mdl_model *m, const mdl_run *run, mdl_error *error)
{
    return m->program->call(m->weights, m->states.at, m->symbols, m->input_data, m->output_data, m->workspace.at, run, error);
}

mdl_status mdl_model_call(mdl_model *m, const mdl_tensor *inputs, mdl_tensor *outputs, const mdl_run *run, mdl_error *error)
{
    const mdl_program *p = m->program;
    const mdl_run      plain = {0};
    if (!m->has_values) return mdl_model_fail_empty(error);

    mdl_status status = check_inputs(m, inputs, error);
    if (status == MDL_OK) status = mdl_model_prepare(m, run, error);
    for (int i = 0; i < p->ninputs; i++) {
        m->input_shapes[i] = inputs[i].shape;
        m->input_data[i] = inputs[i].data;
    }
    if (status == MDL_OK) status = p->bind(m->input_shapes, m->symbols, error);
    for (int i = 0; status == MDL_OK && i < p->noutputs; i++) {
        status = prepare_output(m, &outputs[i], i, error);
        m->output_data[i] = outputs[i].data;
    }
    if (status == MDL_OK) status = mdl_block_grow(&m->workspace, p->workspace_size(m->symbols), error);
    if (status != MDL_OK) return status;
    if (run == NULL) run = &plain;
    return mdl_model_call_again(m, run, error);
}
