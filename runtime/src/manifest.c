#include "manifest.h"

#include <stdlib.h>
#include <string.h>

#include "glob.h"

typedef struct Match {
    const char *pattern;
    bool        found;
} Match;

static void match_name(void *context, const char *name, size_t len)
{
    Match *match = context;
    match->found = match->found || mdl_glob(match->pattern, name, len);
}

static bool is_listed(const Manifest *m, const Variable *v)
{
    if (m->o->select != MDL_ALL && v->seen.trainable != (m->o->select == MDL_TRAINABLE)) return false;
    if (m->o->filter == NULL) return true;
    Match match = {m->o->filter, false};
    match_name(&match, v->seen.path, strlen(v->seen.path));
    mdl_variable_aliases(m->r, v, match_name, &match);
    return match.found;
}

static void add(Total *total, const mdl_variable *v)
{
    total->variables++;
    total->parameters = mdl_sum_capped(total->parameters, v->elements);
    total->bytes = mdl_sum_capped(total->bytes, v->bytes);
}

static void tally(Tally *t, const mdl_variable *v)
{
    add(v->trainable ? &t->trainable : &t->other, v);
    add(&t->both, v);
}

const char *mdl_manifest_field(const Manifest *m, const Field *f, int32_t id, Text *t)
{
    t->len = 0;
    f->put(t, m->r, id);
    return mdl_text_part(t, m->out);
}

static void print(const Manifest *m)
{
    if (m->o->line != NULL) {
        mdl_manifest_lines(m);
        return;
    }
    switch (m->o->format) {
    case MDL_TEXT: mdl_manifest_text(m); break;
    case MDL_JSON: mdl_manifest_json(m); break;
    case MDL_CSV: mdl_manifest_csv(m); break;
    case MDL_MARKDOWN: mdl_manifest_markdown(m); break;
    }
}

/* Decides what is listed, and adds it up. */
static bool choose(Manifest *m)
{
    mdl_registry *r = m->r;
    m->partial = m->o->select != MDL_ALL || m->o->filter != NULL;
    m->listed = calloc((size_t)r->nvariables + 1, sizeof *m->listed);
    m->shown = calloc((size_t)r->nlayers, sizeof *m->shown);
    if (m->listed == NULL || m->shown == NULL) return false;
    for (int32_t i = 0; i < r->nvariables; i++) {
        const Variable *v = mdl_registry_at(r, i);
        tally(&m->all, &v->seen);
        if (!is_listed(m, v)) continue;
        m->listed[i] = true;
        tally(&m->here, &v->seen);
        for (mdl_layer l = v->seen.layer; l != MDL_NO_LAYER && !m->shown[l]; l = r->layers[l].edge.parent) {
            m->shown[l] = true;
        }
    }
    if (!m->partial) memset(m->shown, true, (size_t)r->nlayers);
    return true;
}

mdl_status mdl_manifest(mdl_registry *r, const mdl_manifest_options *options, mdl_write *write, void *context,
                        mdl_error *error)
{
    if (mdl_manifest_check(options, error) != MDL_OK) return MDL_USAGE;
    if (mdl_registry_seal(r) != MDL_OK) return mdl_fail_status(error, r->status);

    Text       out = {.write = write, .context = context};
    Manifest   m = {.r = r, .o = options, .out = &out};
    mdl_status status = MDL_OK;
    if (!choose(&m)) status = mdl_fail_status(error, MDL_NO_MEMORY);
    else {
        print(&m);
        if (!mdl_text_flush(&out)) status = mdl_fail_status(error, out.stopped ? MDL_IO : MDL_NO_MEMORY);
    }
    mdl_text_free(&out);
    free(m.listed);
    free(m.shown);
    return status;
}
