#include "propose.h"

#include <stdlib.h>
#include <string.h>

#include "mapper.h"

/* ---- roles ---- */

static bool is_buffer(const Role *r, const mdl_stored *t)
{
    const bool mask = r->part == PART_BIAS && t->rank == 4 && t->shape[0] == 1 && t->shape[1] == 1;
    return r->buffer || mask;
}

/* A normalization of the whole model that comes before its blocks normalizes the embeddings. */
static void tell_norms_apart(Side *model)
{
    size_t first = 0;
    while (first < model->count && !model->roles[first].nindices) first++;
    for (size_t i = 0; i < first && first < model->count; i++) {
        if (!strcmp(model->roles[i].key, "norm")) model->roles[i].key = "embedding_norm";
    }
}

static void read_roles(Mapper *m)
{
    m->model = (Side){.count = (size_t)m->m->count, .roles = arena_array(m->arena, Role, (size_t)m->m->count + 1)};
    m->file = (Side){.count = m->c->tensors.len, .roles = arena_array(m->arena, Role, m->c->tensors.len + 1)};
    for (size_t i = 0; i < m->model.count; i++) m->model.roles[i] = role_of(m->arena, m->m->variables[i].is->path);
    for (size_t i = 0; i < m->file.count; i++) {
        m->file.roles[i] = role_of(m->arena, m->c->tensors.at[i].is.name);
        m->p->ignored[i] = is_buffer(&m->file.roles[i], &m->c->tensors.at[i].is);
    }
    tell_norms_apart(&m->model);
}

/* ---- blocks ---- */

static void enter(Values *v, long value)
{
    size_t i = 0;
    while (i < v->count && v->at[i] < value) i++;
    if ((i < v->count && v->at[i] == value) || v->count == MAX_VALUES) return;
    memmove(&v->at[i + 1], &v->at[i], (v->count - i) * sizeof *v->at);
    v->at[i] = value;
    v->count++;
}

static bool has_key(const Side *s, const Role *r)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->roles[i].nindices == r->nindices && !strcmp(s->roles[i].key, r->key)) return true;
    }
    return false;
}

static Values *values_of(const Side *s, const Role *r, int position)
{
    return &s->values[r->nindices * ROLE_MAX_INDICES + position];
}

static void number_blocks(Mapper *m, Side *side, const Side *other)
{
    side->values = arena_array(m->arena, Values, (ROLE_MAX_INDICES + 1) * ROLE_MAX_INDICES);
    for (size_t i = 0; i < side->count; i++) {
        const Role *r = &side->roles[i];
        if (!has_key(other, r)) continue;
        for (int k = 0; k < r->nindices; k++) enter(values_of(side, r, k), r->indices[k]);
    }
}

const char *full_key(const Mapper *m, const Side *side, const Side *other, const Role *r)
{
    StrBuf b = {.arena = m->arena};
    if (!*r->key) return NULL;
    sb_printf(&b, "%s/%d", r->key, (int)r->part);
    for (int k = 0; k < r->nindices; k++) {
        const Values *v = values_of(side, r, k);
        size_t        place = 0;
        if (v->count != values_of(other, r, k)->count) return NULL;
        while (place < v->count && v->at[place] != r->indices[k]) place++;
        if (place == v->count) return NULL;
        sb_printf(&b, " %zu", place);
    }
    return sb_text(&b);
}

static void make_keys(Mapper *m)
{
    number_blocks(m, &m->model, &m->file);
    number_blocks(m, &m->file, &m->model);
    m->model.full = arena_array(m->arena, const char *, m->model.count + 1);
    m->file.full = arena_array(m->arena, const char *, m->file.count + 1);
    for (size_t i = 0; i < m->model.count; i++) m->model.full[i] = full_key(m, &m->model, &m->file, &m->model.roles[i]);
    for (size_t i = 0; i < m->file.count; i++) {
        if (!m->p->ignored[i]) m->file.full[i] = full_key(m, &m->file, &m->model, &m->file.roles[i]);
    }
}

int64_t only(const Side *s, const char *key)
{
    int64_t found = -1;
    for (size_t i = 0; i < s->count; i++) {
        if (!s->full[i] || strcmp(s->full[i], key)) continue;
        if (found >= 0) return -1;
        found = (int64_t)i;
    }
    return found;
}

/* ---- pairs ---- */

static bool is_conv(const ViewVariable *v) { return strstr(v->class_name, "Conv") != NULL; }

static bool usable(const Ways *w) { return w->direct || w->turned; }

static void pair_by_role(Mapper *m)
{
    for (size_t i = 0; i < m->model.count; i++) {
        if (!m->model.full[i] || only(&m->model, m->model.full[i]) < 0) continue;
        const int64_t t = only(&m->file, m->model.full[i]);
        if (t < 0) continue;
        m->ways[i] = ways_between(m->arena, &m->m->variables[i], &m->c->tensors.at[t].is);
        const Ways *w = &m->ways[i];
        if (!usable(w)) continue;
        proposal_pair(m->p, (int32_t)i, t, true);
        Custom *custom = &m->customs[is_conv(&m->m->variables[i])];
        if (m->m->variables[i].is->rank < 2 || strcmp(m->m->variables[i].name, "kernel")) continue;
        custom->direct += !w->turned;
        custom->turned += !w->direct;
    }
}

static void set_change(Pairing *p, const Pairing *change)
{
    p->change = change->change;
    p->axes = change->axes;
    p->reshape = change->reshape;
}

bool settled(const Custom *custom, bool in_out, bool *turned)
{
    *turned = custom->turned ? !custom->direct : !custom->direct && !in_out;
    return (custom->turned > 0) != (custom->direct > 0) || (!custom->turned && !custom->direct && in_out);
}

/* Chooses where both ways fit. */
static void choose_ways(Mapper *m)
{
    for (size_t i = 0; i < m->model.count; i++) {
        Pairing    *p = &m->p->of[i];
        const Ways *w = &m->ways[i];
        bool        turned;
        if (p->tensor < 0 || !usable(w)) continue;
        const bool known = settled(&m->customs[is_conv(&m->m->variables[i])], m->file.roles[p->tensor].in_out, &turned);
        if (!w->direct || !w->turned) turned = w->turned;
        set_change(p, turned ? &w->turned_change : &w->direct_change);
        if (known || !w->direct || !w->turned) continue;
        p->sure = false;
        p->percent = 50;
        p->why = "its shape does not tell whether it is to be transposed";
    }
}

/* ---- what has no pair ---- */

static bool starts_with_zeros(const ViewVariable *v) { return !strcmp(v->initializer, "zeros"); }

int32_t kernel_of(const ModelView *m, const ViewVariable *bias)
{
    for (int32_t i = 0; i < m->count; i++) {
        if (m->variables[i].is->layer == bias->is->layer && !strcmp(m->variables[i].name, "kernel")) return i;
    }
    return -1;
}

/* "layer1.0.conv1." of "layer1.0.conv1.weight": whether the file has a bias there. */
static bool bias_beside(const Mapper *m, int64_t kernel)
{
    const char  *name = m->c->tensors.at[kernel].is.name;
    size_t       n = strlen(name);
    while (n && !strchr("./", name[n - 1])) n--;
    for (size_t i = 0; i < m->file.count; i++) {
        if (m->file.roles[i].part == PART_BIAS && !strncmp(m->c->tensors.at[i].is.name, name, n)) return true;
    }
    return false;
}

static bool has_bias_beside(const Mapper *m, const Pairing *kernel)
{
    bool has = bias_beside(m, kernel->tensor);
    for (int i = 0; kernel->joined && i < PARTS; i++) has |= bias_beside(m, kernel->joined[i]);
    return has;
}

/* A bias that the file's layer does not have is zero, which it is at first. */
static void leave_biases(Mapper *m)
{
    for (int32_t i = 0; i < m->m->count; i++) {
        Pairing       *p = &m->p->of[i];
        const ViewVariable *v = &m->m->variables[i];
        if (p->tensor >= 0 || strcmp(v->name, "bias") || !starts_with_zeros(v)) continue;
        const int32_t k = kernel_of(m->m, v);
        if (k < 0 || !m->p->of[k].sure || m->p->of[k].tensor < 0 || has_bias_beside(m, &m->p->of[k])) continue;
        *p = (Pairing){.tensor = -1, .left_out = true, .sure = true};
    }
}

/* An output layer that shares the embedding's matrix is in some files twice. */
static void ignore_tied_head(Mapper *m)
{
    for (size_t i = 0; i < m->model.count; i++) {
        if (!strcmp(m->model.roles[i].key, "head")) return;
    }
    for (size_t t = 0; t < m->file.count; t++) {
        const Role *r = &m->file.roles[t];
        if (m->p->used[t] || strcmp(r->key, "head") || r->part != PART_KERNEL) continue;
        for (int32_t i = 0; i < m->m->count; i++) {
            const bool tokens = !strcmp(m->model.roles[i].key, "tokens") && m->p->of[i].sure && m->p->of[i].tensor >= 0;
            const Ways w =
                tokens ? ways_between(m->arena, &m->m->variables[i], &m->c->tensors.at[t].is) : (Ways){.direct = false};
            m->p->ignored[t] |= w.direct;
        }
    }
}

/* How many words two keys share, of a hundred. */
static int likeness(const Role *a, const Role *b)
{
    int    same = 0, all = 0;
    size_t n;
    for (const char *s = a->key; *s; s += n + (s[n] == '.'), all++) {
        n = strcspn(s, ".");
        for (const char *t = b->key; *t;) {
            const size_t k = strcspn(t, ".");
            if (k == n && !strncmp(s, t, n)) {
                same++;
                break;
            }
            t += k + (t[k] == '.');
        }
    }
    return all ? same * 100 / all : 0;
}

static void guess(Mapper *m)
{
    bool *taken = arena_array(m->arena, bool, m->file.count + 1);
    for (int32_t i = 0; i < m->m->count; i++) {
        Pairing *p = &m->p->of[i];
        int64_t  best = -1;
        int      most = -1, candidates = 0;
        if (p->tensor >= 0 || p->left_out) continue;
        for (size_t t = 0; t < m->file.count; t++) {
            if (m->p->used[t] || m->p->ignored[t] || taken[t]) continue;
            const Ways w = ways_between(m->arena, &m->m->variables[i], &m->c->tensors.at[t].is);
            if (!usable(&w)) continue;
            candidates++;
            const int like =
                likeness(&m->model.roles[i], &m->file.roles[t]) + (m->model.roles[i].part == m->file.roles[t].part ? 20 : 0);
            if (like <= most) continue;
            most = like;
            best = (int64_t)t;
        }
        if (best < 0) continue;
        const Ways w = ways_between(m->arena, &m->m->variables[i], &m->c->tensors.at[best].is);
        set_change(p, w.direct ? &w.direct_change : &w.turned_change);
        p->tensor = best;
        p->percent = candidates == 1 ? 60 : most / 2 / candidates + 5;
        p->why = candidates == 1 ? "the only one left whose shape fits"
                                 : arena_printf(m->arena, "%d have a shape that fits", candidates);
        taken[best] = true;
    }
    for (size_t t = 0; t < m->file.count; t++) m->p->used[t] |= taken[t];
}

Proposal *map_propose(Arena *a, const ModelView *v, const Checkpoint *c)
{
    Mapper m = {.arena = a, .m = v, .c = c, .p = proposal_create(a, v, c), .ways = arena_array(a, Ways, (size_t)v->count + 1)};
    read_roles(&m);
    make_keys(&m);
    pair_by_role(&m);
    pair_parts_of_fused(&m);
    pair_fused_of_parts(&m);
    choose_ways(&m);
    leave_biases(&m);
    ignore_tied_head(&m);
    guess(&m);
    return m.p;
}
