/* `mdlc weights convert`: the same tensors in another file, format, dtype, and with --for under a model's names and in its
 * shapes. */
#include <stdio.h>
#include <string.h>

#include "fitting.h"

typedef struct Conversion {
    const Command *c;
    const Format  *format;
    Fitting        fitting; /* with --for */
    Checkpoint    *file;
    bool           cast;
    mdl_dtype      dtype;
    VEC(mdl_stored) tensors;
    VEC(int64_t) from;      /* of each: the tensor in the file, or with --for the variable */
    VEC(NamedGroup) groups;
    VEC(TextPair) metadata;
} Conversion;

/* ---- values ---- */

static mdl_status file_values(void *context, size_t index, void *out, mdl_error *error)
{
    Conversion       *v = context;
    const size_t      from = (size_t)v->from.at[index];
    const mdl_stored *t = &v->tensors.at[index], *was = &v->file->tensors.at[from].is;
    if (t->dtype == was->dtype) return checkpoint_bytes(v->file, from, 0, (size_t)t->bytes, out, error);
    return mdl_weights_read(v->file->weights, from, (mdl_dtype)t->dtype, 0, t->elements, out, error);
}

/* A variable's values are in its own dtype; the file that is written may have another. They go through a checkpoint of one. */
static mdl_status recast(const mdl_variable *v, const void *values, mdl_dtype to, void *out, mdl_error *error);

static mdl_status model_values(void *context, size_t index, void *out, mdl_error *error)
{
    Conversion         *v = context;
    const int32_t       i = (int32_t)v->from.at[index];
    const mdl_variable *is = v->fitting.model->variables[i].is;
    const mdl_stored   *t = &v->tensors.at[index];
    if (t->dtype == (int32_t)is->dtype) return mdl_fit_read(v->fitting.fit, i, out, error);
    Arena           *a = arena_create();
    void            *values = arena_alloc(a, (size_t)is->bytes);
    mdl_status       status = mdl_fit_read(v->fitting.fit, i, values, error);
    if (status == MDL_OK) status = recast(is, values, (mdl_dtype)t->dtype, out, error);
    arena_destroy(a);
    return status;
}

static mdl_status copy_bytes(void *context, size_t index, uint64_t begin, size_t size, void *out, mdl_error *error)
{
    (void)index, (void)error;
    memcpy(out, (const char *)context + begin, size);
    return MDL_OK;
}

static mdl_status recast(const mdl_variable *v, const void *values, mdl_dtype to, void *out, mdl_error *error)
{
    const mdl_stored t = {.name = "values", .name_len = 6, .dtype = (int32_t)v->dtype, .rank = v->rank, .shape = v->shape};
    const mdl_weights_source source = {(void *)(size_t)values, copy_bytes, NULL};
    mdl_weights             *w;
    mdl_status status = mdl_weights_wrap("values", &t, 1, &source, &w, error);
    if (status != MDL_OK) return status;
    status = mdl_weights_read(w, 0, to, 0, v->elements, out, error);
    mdl_weights_close(w);
    return status;
}

/* ---- what is written ---- */

static bool is_float(int32_t dtype) { return dtype <= MDL_BFLOAT16; }

static void add(Conversion *v, const char *name, int32_t dtype, int rank, const int64_t *shape, uint64_t elements, int64_t from)
{
    if (v->cast && is_float(dtype)) dtype = (int32_t)v->dtype;
    const mdl_stored t = {.name = name,
                          .name_len = strlen(name),
                          .dtype = dtype,
                          .rank = rank,
                          .shape = shape,
                          .elements = elements,
                          .bytes = elements * mdl_stored_bits(dtype) / 8};
    vec_push(v->c->arena, &v->tensors, t);
    vec_push(v->c->arena, &v->from, from);
}

static bool writes_hdf5(const Conversion *v) { return v->format->write == h5_write || v->format->write == keras_write; }

static bool is_place(const char *name)
{
    const char *vars = strstr(name, "vars/");
    return vars && (vars == name || vars[-1] == '/');
}

static mdl_status add_file(Conversion *v, mdl_error *error)
{
    for (size_t i = 0; i < v->file->tensors.len; i++) {
        const FileTensor *t = &v->file->tensors.at[i];
        if (writes_hdf5(v) && !is_place(t->is.name)) {
            return mdl_fail(error, MDL_USAGE, "%s: `%s` says nothing about where Keras keeps it; give the model: --for MODEL.mdl",
                            v->c->files.at[1], t->is.name);
        }
        add(v, t->is.name, t->is.dtype, t->is.rank, t->is.shape, t->is.elements, (int64_t)i);
    }
    for (size_t i = 0; i < v->file->groups.len; i++) vec_push(v->c->arena, &v->groups, v->file->groups.at[i]);
    for (size_t i = 0; i < v->file->metadata.len; i++) {
        if (!v->file->metadata.at[i].number) vec_push(v->c->arena, &v->metadata, v->file->metadata.at[i]);
    }
    return MDL_OK;
}

/* Where the archive or file that is given has the variables: whatever its model is made like, its places are the right ones. */
static mdl_status places_like(Conversion *v, const char **names, mdl_error *error)
{
    Checkpoint *like;
    Proposal   *p = NULL;
    mdl_status  status = checkpoint_open(v->c->arena, &v->c->driver->host, v->c->like, &like, error);
    if (status != MDL_OK) return status;
    status = bind_keras(v->fitting.model, like, &p, error);
    for (int32_t i = 0; status == MDL_OK && i < v->fitting.model->nplaces; i++) {
        const ViewPlace *place = &v->fitting.model->places[i];
        const int64_t    t = !p ? -1 : place->again ? p->places[i] : p->of[place->variable].tensor;
        if (t >= 0) names[i] = like->tensors.at[t].is.name;
        else if (!place->again) /* older files hold each variable once */
            status = bad_file(like, error, "it is not a file of this model: it has no place for `%s`",
                              v->fitting.model->variables[place->variable].is->path);
    }
    for (size_t i = 0; status == MDL_OK && i < like->groups.len; i++) vec_push(v->c->arena, &v->groups, like->groups.at[i]);
    checkpoint_close(like);
    return status;
}

static void name_groups(Conversion *v)
{
    const ModelView *m = v->fitting.model;
    for (int32_t i = 0; i < m->nlayers; i++) {
        const ViewLayer *l = &m->layers[i];
        if (l->end == l->begin || l->id == MDL_MODEL || !*l->h5_path) continue;
        vec_push(v->c->arena, &v->groups, (NamedGroup){arena_printf(v->c->arena, "%s/vars", l->h5_path), l->component});
    }
}

/* The places of Keras' layers: those of --like, or of --layout. */
static mdl_status find_places(Conversion *v, const char **names, mdl_error *error)
{
    const char *layout = v->c->layout ? v->c->layout : "subclass";
    if (v->c->like && !v->c->layout) return places_like(v, names, error);
    if (!strcmp(layout, "subclass")) name_groups(v);
    return keras_places(v->fitting.model, layout, names, error);
}

static void add_variable(Conversion *v, int32_t i, const char *name)
{
    const mdl_variable *is = v->fitting.model->variables[i].is;
    if (mdl_fit_holds(v->fitting.fit, i)) add(v, name, (int32_t)is->dtype, is->rank, is->shape, is->elements, i);
}

static mdl_status add_model(Conversion *v, mdl_error *error)
{
    const ModelView *m = v->fitting.model;
    const char     **names = arena_array(v->c->arena, const char *, (size_t)m->nplaces + 1);
    mdl_status       status = mdl_fit_check(v->fitting.fit, error);
    if (status == MDL_OK && writes_hdf5(v)) status = find_places(v, names, error);
    if (status != MDL_OK) return status;
    for (int32_t i = 0; writes_hdf5(v) && i < m->nplaces; i++) {
        if (names[i]) add_variable(v, m->places[i].variable, names[i]);
    }
    for (int32_t i = 0; !writes_hdf5(v) && i < m->count; i++) add_variable(v, i, m->variables[i].is->path);
    return MDL_OK;
}

/* ---- the command ---- */

static mdl_status convert(Conversion *v, mdl_error *error)
{
    const Command *c = v->c;
    mdl_status     status = c->target ? add_model(v, error) : add_file(v, error);
    if (status != MDL_OK) return status;
    const Saving saving = {.arena = c->arena,
                           .host = &c->driver->host,
                           .tensors = v->tensors.at,
                           .count = v->tensors.len,
                           .metadata = v->metadata.at,
                           .nmetadata = v->metadata.len,
                           .groups = v->groups.at,
                           .ngroups = v->groups.len,
                           .like = c->like,
                           .values = c->target ? model_values : file_values,
                           .context = v};
    return v->format->write(c->files.at[1], &saving, error);
}

static mdl_status check_options(Conversion *v, mdl_error *error)
{
    const Command   *c = v->c;
    const mdl_status status = format_of_name(c->files.at[1], &v->format, error);
    if (status != MDL_OK) return status;
    v->cast = c->dtype != NULL;
    if (v->cast && (!mdl_dtype_of(c->dtype, strlen(c->dtype), &v->dtype) || !is_float((int32_t)v->dtype))) {
        return mdl_fail(error, MDL_USAGE, "--dtype knows float32, float64, float16 and bfloat16, not `%s`", c->dtype);
    }
    if ((c->map || c->layout || c->partial) && !c->target) {
        return mdl_fail(error, MDL_USAGE, "--map, --layout and --partial go with --for MODEL");
    }
    if (c->layout && !writes_hdf5(v)) return mdl_fail(error, MDL_USAGE, "--layout is for .weights.h5 and .keras");
    if (c->like && !writes_hdf5(v)) return mdl_fail(error, MDL_USAGE, "--like is for .keras and .weights.h5");
    return MDL_OK;
}

int convert_command(const Command *c)
{
    Conversion v = {.c = c};
    mdl_error  error = {0};
    int        status = WEIGHTS_DONE;
    if (check_options(&v, &error) != MDL_OK) return complain(&error);
    if (c->target) {
        if (fitting_open(c, c->target, 0, true, &v.fitting, &status) && convert(&v, &error) != MDL_OK) status = complain(&error);
        fitting_close(&v.fitting);
        return status;
    }
    v.file = open_file(c, 0, &status);
    if (v.file && convert(&v, &error) != MDL_OK) status = complain(&error);
    checkpoint_close(v.file);
    return status;
}
