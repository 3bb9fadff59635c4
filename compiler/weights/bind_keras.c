#include "bind_keras.h"

#include <string.h>

#include "bind_layers.h"
#include "format.h"

bool names_are_ours(const ModelView *m, const Checkpoint *c)
{
    for (size_t i = 0; i < c->tensors.len; i++) {
        const mdl_stored *t = &c->tensors.at[i].is;
        if (mdl_registry_find(m->registry, t->name, t->name_len) >= 0) return true;
    }
    return false;
}

bool same_shape(const mdl_variable *v, const mdl_stored *t)
{
    if (v->rank != t->rank) return false;
    for (int i = 0; i < v->rank; i++) {
        if (v->shape[i] != t->shape[i]) return false;
    }
    return true;
}

/* ---- a subclassed model ---- */

/* How many variables stand where Keras would put them. */
static int32_t by_place(const ModelView *m, const Checkpoint *c, Proposal *p)
{
    int32_t found = 0;
    for (int32_t i = 0; i < m->nplaces; i++) {
        const char   *place = m->places[i].h5_path;
        const int64_t t = *place ? checkpoint_find(c, place) : -1;
        if (t < 0) continue;
        found += !m->places[i].again;
        proposal_place(p, i, t);
    }
    return found;
}

static bool all_fit(const ModelView *m, const Checkpoint *c, const Proposal *p)
{
    for (int32_t i = 0; i < m->count; i++) {
        const int64_t t = p->of[i].tensor;
        if (t >= 0 && !same_shape(m->variables[i].is, &c->tensors.at[t].is)) return false;
    }
    return true;
}

/* ---- legacy files ---- */

/* Behind the group of the layer and, in Keras 3, the name of the model. */
static const char *legacy_name(const char *name)
{
    static const char whole[] = "model_weights/";
    if (!strncmp(name, whole, sizeof whole - 1)) name += sizeof whole - 1;
    const char *slash = strchr(name, '/');
    return slash ? slash + 1 : name;
}

/* "kernel" of "dense/net/dense/kernel:0". */
static bool ends_as(const char *tensor, const char *variable)
{
    const char  *slash = strrchr(tensor, '/');
    const char  *last = slash ? slash + 1 : tensor;
    const size_t n = strcspn(last, ":");
    return strlen(variable) == n && !strncmp(last, variable, n);
}

/* Without the first scope, which is the model's, and the ":0" of Keras 2. */
static bool same_scope(const char *tensor, const char *keras_path)
{
    const char  *a = legacy_name(tensor), *b = strchr(keras_path, '/');
    const size_t n = strcspn(a, ":");
    b = b ? b + 1 : keras_path;
    const size_t k = strlen(b);
    if (n == k && !strncmp(a, b, k)) return true;
    return n > k && !strncmp(a + n - k, b, k) && a[n - k - 1] == '/';
}

static mdl_status bind_legacy(const ModelView *m, const Checkpoint *c, Proposal *p, mdl_error *error)
{
    int32_t found = 0;
    for (int32_t i = 0; i < m->count; i++) {
        for (size_t t = 0; t < c->tensors.len; t++) {
            if (p->used[t] || !same_scope(c->tensors.at[t].is.name, m->variables[i].keras_path)) continue;
            if (!same_shape(m->variables[i].is, &c->tensors.at[t].is)) continue;
            proposal_pair(p, i, (int64_t)t, true);
            found++;
            break;
        }
    }
    if (found == m->count) return MDL_OK;
    if ((size_t)m->count != c->tensors.len) {
        return bad_file(c, error,
                        "its layers are called otherwise than the model's, and it has %zu weights where the model has %d; give a "
                        "mapping (mdlc weights map makes one)",
                        c->tensors.len, m->count);
    }
    for (int32_t i = 0; i < m->count; i++) {
        const mdl_stored *t = &c->tensors.at[i].is;
        if (!same_shape(m->variables[i].is, t) || !ends_as(t->name, m->variables[i].name)) {
            return bad_file(c, error,
                            "its layers are called otherwise than the model's, and in order `%s` would be `%s`, which has "
                            "another "
                            "shape or role; give a mapping (mdlc weights map makes one)",
                            t->name, m->variables[i].is->path);
        }
        p->used[i] = true;
        p->of[i] = (Pairing){.tensor = i, .sure = true};
    }
    return MDL_OK;
}

/* ---- which it is ---- */

static bool any_begins(const Checkpoint *c, const char *prefix)
{
    for (size_t i = 0; i < c->tensors.len; i++) {
        if (!strncmp(c->tensors.at[i].is.name, prefix, strlen(prefix))) return true;
    }
    return false;
}

static bool has_places(const Checkpoint *c)
{
    for (size_t i = 0; i < c->tensors.len; i++) {
        const char *name = c->tensors.at[i].is.name, *vars = strstr(name, "vars/");
        if (vars && (vars == name || vars[-1] == '/') && strspn(vars + 5, "0123456789") == strlen(vars + 5)) return true;
    }
    return false;
}

static bool is_legacy(const Checkpoint *c)
{
    return !has_places(c) && c->format && (c->format->open == h5_open);
}

/* The optimizer's variables of a compiled model are nobody's weights. */
static void ignore_optimizer(const Checkpoint *c, Proposal *p)
{
    for (size_t i = 0; i < c->tensors.len; i++) {
        const char *name = c->tensors.at[i].is.name;
        if (!strncmp(name, "optimizer/", 10) || !strncmp(name, "optimizer_weights/", 18)) p->ignored[i] = true;
    }
}

mdl_status bind_keras(const ModelView *m, const Checkpoint *c, Proposal **out, mdl_error *error)
{
    Proposal  *p = proposal_create(m->arena, m, c);
    mdl_status status = MDL_OK;
    *out = NULL;
    if (!has_places(c) && !is_legacy(c)) return MDL_OK;
    ignore_optimizer(c, p);
    const int32_t found = has_places(c) ? by_place(m, c, p) : 0;
    int32_t       places = 0;
    for (int32_t i = 0; i < m->count; i++) places += *m->variables[i].h5_path != 0;
    if (has_places(c) && found == places && all_fit(m, c, p)) { /* complete */
        *out = p;
        return MDL_OK;
    }
    Proposal *q = proposal_create(m->arena, m, c);
    ignore_optimizer(c, q);
    if (is_legacy(c)) status = bind_legacy(m, c, q, error);
    else if (any_begins(c, "layers/")) status = bind_layers(m, c, q, error);
    else q = p; /* what does not fit is reported as such */
    if (status != MDL_OK && found * 2 > places) { /* a subclassed model's file that lacks something, rather */
        status = MDL_OK;
        q = p;
    }
    if (status == MDL_OK) *out = q;
    return status;
}
