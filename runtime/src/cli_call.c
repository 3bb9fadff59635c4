/* What a call needs: the tensors of its inputs, from files or at random, and a model that has values. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_call.h"
#include "dimension.h"
#include "npy.h"
#include "text.h"

enum { CACHE_LINE = 64 }; /* bytes */

/* The value of "name=value"; NULL if the pair has another name. `only` accepts a value without a name. */
static const char *pair_value(const char *pair, const char *name, bool only)
{
    const size_t len = strlen(name);
    if (strncmp(pair, name, len) == 0 && pair[len] == '=') return pair + len + 1;
    return only && strchr(pair, '=') == NULL ? pair : NULL;
}

const char *mdl_cli_value(const Pairs *pairs, const char *name, bool only)
{
    for (int i = pairs->count; i-- > 0;) {
        const char *value = pair_value(pairs->at[i], name, only);
        if (value != NULL) return value;
    }
    return NULL;
}

/* ---- the command line's names ---- */

static void put_ports(Text *t, const char *title, int n, const mdl_port *ports)
{
    mdl_put(t, title);
    for (int i = 0; i < n; i++) {
        mdl_put(t, "\n  ");
        mdl_put(t, ports[i].name);
        mdl_put(t, "   ");
        mdl_put(t, ports[i].type);
    }
}

/* The port that a pair names; -1 if there is none. */
static int port_of(const char *pair, int n, const mdl_port *ports)
{
    for (int k = 0; k < n; k++) {
        if (pair_value(pair, ports[k].name, n == 1) != NULL) return k;
    }
    return -1;
}

/* Every pair must name a port, that no other one names, and a file. */
static mdl_status check_names(Call *r, const Pairs *pairs, const char *option, int n, const mdl_port *ports)
{
    for (int i = 0; i < pairs->count; i++) {
        const char *pair = pairs->at[i];
        const int   port = port_of(pair, n, ports);
        if (port < 0) {
            Text t = {0};
            put_ports(&t, "", n, ports);
            mdl_fail(&r->error, MDL_USAGE, "%s %.200s: it is NAME=FILE with one of these names:%s", option, pair, mdl_text_z(&t));
            mdl_text_free(&t);
            return MDL_USAGE;
        }
        if (*pair_value(pair, ports[port].name, n == 1) == '\0') {
            return mdl_fail(&r->error, MDL_USAGE, "%s %.200s: the name of a file is missing", option, pair);
        }
        for (int k = 0; k < i; k++) {
            if (port_of(pairs->at[k], n, ports) != port) continue;
            return mdl_fail(&r->error, MDL_USAGE, "%s is given twice for `%s`: %.200s and %.200s", option, ports[port].name,
                            pairs->at[k], pair);
        }
    }
    return MDL_OK;
}

/* Two outputs in one file would leave only the second. */
static mdl_status check_outputs(Call *r)
{
    const mdl_program *p = r->program;
    for (int i = 0; i < p->noutputs; i++) {
        const char *file = mdl_cli_value(&r->cli->outputs, p->outputs[i].name, p->noutputs == 1);
        for (int k = 0; file != NULL && k < i; k++) {
            const char *other = mdl_cli_value(&r->cli->outputs, p->outputs[k].name, false);
            if (other == NULL || strcmp(file, other) != 0) continue;
            return mdl_fail(&r->error, MDL_USAGE, "the outputs `%s` and `%s` would both be written to %.200s", p->outputs[k].name,
                            p->outputs[i].name, file);
        }
    }
    return MDL_OK;
}

static mdl_status read_dims(Call *r)
{
    for (int i = 0; i < r->program->nsymbols; i++) r->symbols[i] = -1;
    for (int i = 0; i < r->cli->dims.count; i++) {
        const char  *pair = r->cli->dims.at[i];
        const size_t len = strcspn(pair, "=");
        const int    at = mdl_symbol_find(r->program, pair, len);
        char        *end = NULL;
        errno = 0;
        const long long size = pair[len] == '=' ? strtoll(pair + len + 1, &end, 10) : -1;
        if (at < 0 || size < 0 || errno != 0 || end == pair + len + 1 || *end != '\0') {
            Text t = {0};
            for (int k = 0; k < r->program->nsymbols; k++) {
                mdl_put(&t, " ");
                mdl_put(&t, r->program->symbols[k]);
            }
            mdl_fail(&r->error, MDL_USAGE, "--dim %.80s: it is NAME=SIZE with one of these names:%s", pair, mdl_text_z(&t));
            mdl_text_free(&t);
            return MDL_USAGE;
        }
        if (r->symbols[at] != -1) return mdl_fail(&r->error, MDL_USAGE, "--dim is given twice for `%s`", r->program->symbols[at]);
        r->symbols[at] = size;
    }
    return MDL_OK;
}

/* ---- inputs ---- */

static int64_t *shape_of(const Call *r, int i)
{
    return r->shapes + (size_t)i * MDL_MAX_RANK;
}

/* Aligned, as what lies in the workspace is: vectors that reach over the end of a line take twice as long to load. */
static mdl_status take_memory(Call *r, int i)
{
    mdl_tensor *t = &r->inputs[i];
    uint64_t    bytes = mdl_dtype_size(t->dtype);
    for (int k = 0; k < t->rank; k++) {
        if (t->shape[k] != 0 && bytes > SIZE_MAX / 2 / (uint64_t)t->shape[k]) return mdl_fail_status(&r->error, MDL_NO_MEMORY);
        bytes *= (uint64_t)t->shape[k];
    }
    t->data = aligned_alloc(CACHE_LINE, ((size_t)bytes / CACHE_LINE + 1) * CACHE_LINE);
    return t->data != NULL ? MDL_OK : mdl_fail_status(&r->error, MDL_NO_MEMORY);
}

static mdl_status read_input(Call *r, int i, const char *file)
{
    const mdl_port *port = &r->program->inputs[i];
    mdl_tensor     *t = &r->inputs[i];
    Input           in;
    NpyHeader       h;
    mdl_status      status = mdl_input_open(&in, file, &r->error);
    if (status != MDL_OK) return status;
    status = mdl_npy_header(&in, &h, &r->error);
    if (status == MDL_OK && h.rank != port->rank) {
        Text shape = {0};
        mdl_put_shape(&shape, h.rank, h.shape);
        status = mdl_fail(&r->error, MDL_BAD_INPUT, "%s: its shape is %s, but input `%s` is %s", file, mdl_text_z(&shape),
                          port->name, port->type);
        mdl_text_free(&shape);
    }
    if (status == MDL_OK) {
        memcpy(shape_of(r, i), h.shape, sizeof h.shape);
        status = take_memory(r, i);
    }
    if (status == MDL_OK) status = mdl_npy_read(&in, &h, t->dtype, t->data, &r->error);
    mdl_input_close(&in);
    return status;
}

static bool is_random(const Call *r, const char *value)
{
    return value != NULL ? strcmp(value, "random") == 0 : r->cli->random_inputs || r->cli->verb != VERB_RUN;
}

/* Floats from -1 to 1; integers and bool 0 or 1, which every vocabulary has. */
static mdl_status make_input(Call *r, int i)
{
    static const mdl_initializer real = {.kind = MDL_INIT_RANDOM_UNIFORM, .text = "", .a = -1, .b = 1};
    static const mdl_initializer bit = {.kind = MDL_INIT_RANDOM_UNIFORM, .text = "", .a = 0, .b = 2};
    const mdl_port *port = &r->program->inputs[i];
    mdl_tensor     *t = &r->inputs[i];
    const Symbols   symbols = {r->program, r->symbols};
    if (!mdl_dimensions_sizes(&symbols, port, shape_of(r, i))) {
        return mdl_fail(&r->error, MDL_USAGE, "input `%s` can't be random: its sizes do not follow from %s; give a file",
                        port->name, port->type);
    }
    mdl_status status = take_memory(r, i);
    if (status != MDL_OK) return status;
    Text     path = {0};
    uint64_t count = 1;
    for (int k = 0; k < t->rank; k++) count *= (uint64_t)t->shape[k];
    mdl_put(&path, "input ");
    mdl_put(&path, port->name);
    const bool      is_float = t->dtype <= MDL_BFLOAT16;
    const mdl_dtype as = t->dtype == MDL_BOOL ? MDL_UINT8 : t->dtype;
    const char     *name = mdl_text_z(&path);
    if (path.failed) {
        mdl_text_free(&path);
        return mdl_fail_status(&r->error, MDL_NO_MEMORY);
    }
    status = mdl_initialize(is_float ? &real : &bit, r->cli->seed, name, as, t->rank, t->shape, 0, count, t->data, &r->error);
    mdl_text_free(&path);
    return status;
}

static mdl_status fail_missing(Call *r, const mdl_port *port)
{
    Text t = {0};
    put_ports(&t, "", r->program->ninputs, r->program->inputs);
    mdl_fail(&r->error, MDL_USAGE,
             "input `%s` is missing. %s takes:%s\nGive --input %s=FILE.npy, or --random-inputs to try it out", port->name,
             r->program->name, mdl_text_z(&t), port->name);
    mdl_text_free(&t);
    return MDL_USAGE;
}

/* Files first: random inputs take the sizes that those have. */
static mdl_status prepare_inputs(Call *r)
{
    const mdl_program *p = r->program;
    const Symbols      symbols = {p, r->symbols};
    mdl_status         status = MDL_OK;
    for (int i = 0; i < p->ninputs; i++) {
        r->inputs[i] = (mdl_tensor){.dtype = p->inputs[i].dtype, .rank = p->inputs[i].rank, .shape = shape_of(r, i)};
    }
    for (int i = 0; status == MDL_OK && i < p->ninputs; i++) {
        const char *value = mdl_cli_value(&r->cli->inputs, p->inputs[i].name, p->ninputs == 1);
        if (is_random(r, value)) continue;
        status = value != NULL ? read_input(r, i, value) : fail_missing(r, &p->inputs[i]);
        if (status == MDL_OK) mdl_dimensions_learn(&symbols, &p->inputs[i], r->inputs[i].shape);
    }
    for (int i = 0; status == MDL_OK && i < p->ninputs; i++) {
        if (r->inputs[i].data == NULL) status = make_input(r, i);
    }
    return status;
}

/* ---- weights ---- */

static mdl_status prepare_model(Call *r)
{
    mdl_status status = mdl_model_create(r->program, &r->model, &r->error);
    if (status != MDL_OK) return status;
    if (r->cli->weights != NULL) return mdl_cli_load(r->cli, r->model, &r->weights, &r->error);
    status = mdl_model_init(r->model, r->cli->seed, &r->error);
    if (status == MDL_OK && r->cli->verb == VERB_RUN && mdl_registry_count(mdl_model_registry(r->model)) > 0) {
        fprintf(stderr, "%s: no weights given (-w FILE): computing with first values, seed %llu\n", r->cli->exe,
                (unsigned long long)r->cli->seed);
    }
    return status;
}

/* ---- all of it ---- */

static mdl_status prepare(Call *r)
{
    const mdl_program *p = r->program;
    mdl_status         status = check_names(r, &r->cli->inputs, "--input", p->ninputs, p->inputs);
    if (status == MDL_OK) status = check_names(r, &r->cli->outputs, "--output", p->noutputs, p->outputs);
    if (status == MDL_OK) status = check_outputs(r);
    if (status == MDL_OK) status = read_dims(r);
    if (status == MDL_OK) status = prepare_inputs(r);
    if (status == MDL_OK) status = prepare_model(r);
    if (status == MDL_OK && r->cli->threads != 1) status = mdl_threads_create(r->cli->threads, &r->threads, &r->error);
    r->run = (mdl_run){.seed = r->cli->seed, .threads = r->threads};
    return status;
}

mdl_status mdl_cli_prepare(Call *r, const Cli *cli)
{
    const mdl_program *p = cli->program;
    *r = (Call){.cli = cli, .program = p};
    r->inputs = calloc((size_t)p->ninputs + 1, sizeof *r->inputs);
    r->outputs = calloc((size_t)p->noutputs + 1, sizeof *r->outputs);
    r->shapes = calloc((size_t)p->ninputs + 1, MDL_MAX_RANK * sizeof *r->shapes);
    r->symbols = calloc((size_t)p->nsymbols + 1, sizeof *r->symbols);
    const bool memory = r->inputs != NULL && r->outputs != NULL && r->shapes != NULL && r->symbols != NULL;
    return memory ? prepare(r) : mdl_fail_status(&r->error, MDL_NO_MEMORY);
}

void mdl_cli_release(Call *r)
{
    for (int i = 0; r->inputs != NULL && i < r->program->ninputs; i++) free(r->inputs[i].data);
    mdl_model_free(r->model);
    mdl_threads_free(r->threads);
    mdl_cli_close(&r->weights);
    free(r->inputs);
    free(r->outputs);
    free(r->shapes);
    free(r->symbols);
}
