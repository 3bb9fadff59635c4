#include "fitting.h"

#include <stdio.h>

#include "propose.h"

ModelView *open_model(const Command *c, const char *file, int *exit_status)
{
    mdl_registry *r = c->driver->model(c->arena, file, &c->model, exit_status);
    if (!r) return NULL;
    ModelView *v = model_view(c->arena, r);
    if (v) return v;
    mdl_registry_free(r);
    fputs("mdlc: out of memory\n", stderr);
    *exit_status = WEIGHTS_TROUBLE;
    return NULL;
}

static mdl_status use(Fitting *f, const Proposal *p, const char *how, mdl_error *error)
{
    StrBuf b = {.arena = f->model->arena};
    proposal_write(p, &b);
    f->how = how;
    return mdl_mapping_parse(how, sb_text(&b), b.len, &f->mapping, error);
}

static mdl_status find_names(const Command *c, Fitting *f, mdl_error *error)
{
    Proposal *p = NULL;
    if (c->map) {
        f->how = c->map;
        return mdl_mapping_read(c->map, &f->mapping, error);
    }
    if (names_are_ours(f->model, f->file)) return MDL_OK;
    mdl_status status = bind_keras(f->model, f->file, &p, error);
    if (status != MDL_OK) return status;
    if (p) return use(f, p, "the places of Keras' layers", error);
    p = map_propose(c->arena, f->model, f->file);
    return proposal_unsure(p) ? MDL_OK : use(f, p, "another library's names", error);
}

bool fitting_open(const Command *c, const char *model, size_t file, bool cast, Fitting *f, int *exit_status)
{
    mdl_error error = {0};
    *f = (Fitting){.model = open_model(c, model, exit_status)};
    if (!f->model) return false;
    f->file = open_file(c, file, exit_status);
    if (!f->file) return false;
    mdl_status status = find_names(c, f, &error);
    const mdl_fit_options options = {.mapping = f->mapping, .partial = c->partial, .cast = cast, .values = c->values};
    if (status == MDL_OK) status = mdl_fit_make(f->model->registry, f->file->weights, &options, &f->fit, &error);
    if (status != MDL_OK) *exit_status = complain(&error);
    return status == MDL_OK;
}

void fitting_close(Fitting *f)
{
    mdl_fit_free(f->fit);
    mdl_mapping_free(f->mapping);
    checkpoint_close(f->file);
    if (f->model) mdl_registry_free(f->model->registry);
}
