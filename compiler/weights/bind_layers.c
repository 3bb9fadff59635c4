/* Functional and Sequential models: a group of the file is a layer of the model if it has the same class, holds the same
 * variables below it, and stands at the same place among its like; or if it has the same name. */
#include "bind_layers.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LIKE = 4096 };

/* A group below `layers/`: its tensors are those whose names begin with `path` and a slash. */
typedef struct Group {
    const char *path, *name; /* name: what Keras called the layer; NULL if the file does not say */
    const char *snake;       /* its class */
    int64_t     number;
    size_t      tensors;
    const ViewLayer *layer;  /* what it is */
} Group;

typedef VEC(Group) Groups;
typedef VEC(const ViewLayer *) LayerVec;

typedef struct Binding {
    const ModelView  *m;
    const Checkpoint *c;
    Proposal         *p;
} Binding;

/* ---- groups of the file ---- */

static void split_number(Arena *a, Group *g, const char *component, size_t n)
{
    size_t digits = n;
    while (digits && isdigit((unsigned char)component[digits - 1])) digits--;
    const bool numbered = digits && digits < n && component[digits - 1] == '_';
    g->snake = arena_copy(a, component, numbered ? digits - 1 : n);
    g->number = numbered ? atoll(component + digits) : 0;
}

static const char *name_of(const Checkpoint *c, const char *path)
{
    const size_t n = strlen(path);
    for (size_t i = 0; i < c->groups.len; i++) {
        const NamedGroup *g = &c->groups.at[i];
        if (!strncmp(g->path, path, n) && !strcmp(g->path + n, "/vars")) return g->name;
    }
    return NULL;
}

static int by_number(const void *a, const void *b)
{
    const Group *x = a, *y = b;
    const int    order = strcmp(x->snake, y->snake);
    return order ? order : x->number < y->number ? -1 : x->number > y->number;
}

/* The groups below `prefix` that hold tensors, those of a class together and by their number. */
static Groups list_groups(const Binding *b, const char *prefix)
{
    Groups       groups = {0};
    const size_t n = strlen(prefix);
    for (size_t i = 0; i < b->c->tensors.len; i++) {
        const char *name = b->c->tensors.at[i].is.name;
        if (strncmp(name, prefix, n)) continue;
        const size_t k = strcspn(name + n, "/");
        Group       *same = NULL;
        for (size_t g = 0; g < groups.len; g++) {
            if (strlen(groups.at[g].path) == n + k && !strncmp(groups.at[g].path, name, n + k)) same = &groups.at[g];
        }
        if (!same) {
            Group g = {.path = arena_copy(b->m->arena, name, n + k)};
            g.name = name_of(b->c, g.path);
            split_number(b->m->arena, &g, name + n, k);
            vec_push(b->m->arena, &groups, g);
            same = &groups.at[groups.len - 1];
        }
        same->tensors++;
    }
    if (groups.len) qsort(groups.at, groups.len, sizeof *groups.at, by_number);
    return groups;
}

/* ---- layers of the model ---- */

static LayerVec list_layers(const Binding *b, mdl_layer parent)
{
    LayerVec layers = {0};
    for (int32_t i = 0; i < b->m->nlayers; i++) {
        const ViewLayer *l = &b->m->layers[i];
        if (l->parent == parent && l->end > l->begin) vec_push(b->m->arena, &layers, l);
    }
    return layers;
}

static bool is_container(const char *snake)
{
    return !strcmp(snake, "functional") || !strcmp(snake, "sequential") || !strcmp(snake, "model");
}

/* ---- whether a group can be a layer ---- */

/* The tensor of one of a layer's places, if the group has it where the layer's own file would; -1. */
static int64_t tensor_below(const Binding *b, const Group *g, const ViewLayer *l, int32_t i)
{
    const char  *place = b->m->places[i].h5_path;
    const size_t n = strlen(l->h5_path);
    if (strncmp(place, l->h5_path, n) || place[n] != '/') return -1;
    return checkpoint_find(b->c, arena_printf(b->m->arena, "%s%s", g->path, place + n));
}

static bool holds(const Binding *b, const Group *g, const ViewLayer *l)
{
    size_t found = 0;
    for (int32_t i = l->begin; i < l->end; i++) {
        const int64_t t = tensor_below(b, g, l, i);
        if (t < 0) return false;
        if (!same_shape(b->m->variables[b->m->places[i].variable].is, &b->c->tensors.at[t].is)) return false;
        found++;
    }
    return found == g->tensors;
}

static bool match_groups(const Binding *b, const char *prefix, mdl_layer parent, bool pair);

/* A model inside the model, numbered by class in its turn. */
static bool holds_model(const Binding *b, const Group *g, const ViewLayer *l)
{
    return is_container(g->snake) && match_groups(b, arena_printf(b->m->arena, "%s/layers/", g->path), l->id, false);
}

static bool can_be(const Binding *b, const Group *g, const ViewLayer *l)
{
    const char *snake = snake_case(b->m->arena, l->class_name);
    if (!is_container(g->snake) && strcmp(g->snake, snake)) return false;
    return holds(b, g, l) || holds_model(b, g, l);
}

static void pair(const Binding *b, const Group *g, const ViewLayer *l)
{
    if (!holds(b, g, l)) {
        match_groups(b, arena_printf(b->m->arena, "%s/layers/", g->path), l->id, true);
        return;
    }
    for (int32_t i = l->begin; i < l->end; i++) proposal_place(b->p, i, tensor_below(b, g, l, i));
}

/* ---- finding the layer of each group ---- */

static bool same_name(const Group *g, const ViewLayer *l) { return g->name && !strcmp(g->name, l->component); }

/* Whether every group has the name of a layer that it can be. */
static bool match_names(const Binding *b, Groups *groups, const LayerVec *layers)
{
    for (size_t i = 0; i < groups->len; i++) {
        Group *g = &groups->at[i];
        g->layer = NULL;
        for (size_t k = 0; k < layers->len && !g->layer; k++) {
            if (same_name(g, layers->at[k]) && can_be(b, g, layers->at[k])) g->layer = layers->at[k];
        }
        if (!g->layer) return false;
    }
    return true;
}

/* By class and order: the n-th group of a class is the n-th layer of that class. False if one can't be. */
static bool match_order(const Binding *b, Groups *groups, const LayerVec *layers)
{
    bool *taken = arena_array(b->m->arena, bool, layers->len + 1);
    for (size_t i = 0; i < groups->len; i++) {
        Group *g = &groups->at[i];
        g->layer = NULL;
        for (size_t k = 0; k < layers->len && !g->layer; k++) {
            if (taken[k]) continue;
            const bool alike = is_container(g->snake) || !strcmp(g->snake, snake_case(b->m->arena, layers->at[k]->class_name));
            if (!alike || (is_container(g->snake) && !can_be(b, g, layers->at[k]))) continue;
            if (!can_be(b, g, layers->at[k])) return false;
            g->layer = layers->at[k];
            taken[k] = true;
        }
        if (!g->layer) return false;
    }
    return true;
}

/* By class and shape alone: only if each can be exactly one. */
static bool match_shapes(const Binding *b, Groups *groups, const LayerVec *layers)
{
    for (size_t i = 0; i < groups->len; i++) {
        Group *g = &groups->at[i];
        size_t n = 0;
        for (size_t k = 0; k < layers->len; k++) {
            if (!can_be(b, g, layers->at[k])) continue;
            g->layer = layers->at[k];
            n++;
        }
        if (n != 1) return false;
    }
    return true;
}

static bool match_groups(const Binding *b, const char *prefix, mdl_layer parent, bool pairing)
{
    Groups         groups = list_groups(b, prefix);
    const LayerVec layers = list_layers(b, parent);
    if (groups.len != layers.len || groups.len > MAX_LIKE) return false;
    if (!match_names(b, &groups, &layers) && !match_order(b, &groups, &layers) && !match_shapes(b, &groups, &layers)) {
        return false;
    }
    for (size_t i = 0; pairing && i < groups.len; i++) pair(b, &groups.at[i], groups.at[i].layer);
    return true;
}

/* ---- what is said when there is no answer ---- */

static const char *candidates(const Binding *b, const Group *g, const LayerVec *layers)
{
    StrBuf text = {.arena = b->m->arena};
    size_t n = 0;
    for (size_t k = 0; k < layers->len; k++) {
        if (!can_be(b, g, layers->at[k])) continue;
        if (++n > 6) continue;
        sb_printf(&text, "%s`%s`", n > 1 ? ", " : "", layers->at[k]->path);
    }
    if (n > 6) sb_printf(&text, " and %zu more", n - 6);
    return n ? sb_text(&text) : "none of the model's layers";
}

mdl_status bind_layers(const ModelView *m, const Checkpoint *c, Proposal *p, mdl_error *error)
{
    const Binding b = {m, c, p};
    if (match_groups(&b, "layers/", MDL_MODEL, true)) return MDL_OK;
    const Groups   groups = list_groups(&b, "layers/");
    const LayerVec layers = list_layers(&b, MDL_MODEL);
    StrBuf         text = {.arena = m->arena};
    size_t         told = 0;
    for (size_t i = 0; i < groups.len && told < 8; i++) {
        const Group *g = &groups.at[i];
        if (g->layer && match_groups(&b, "layers/", MDL_MODEL, false)) continue;
        sb_printf(&text, "\n      %s%s%s%s can be %s", g->path, g->name ? " (`" : "", g->name ? g->name : "", g->name ? "`)" : "",
                  candidates(&b, g, &layers));
        told++;
    }
    return bad_file(c, error,
                    "it is the file of a Functional or Sequential model with %zu layers that have weights; the model has %zu, "
                    "and by "
                    "class, order and shape they can't be told:%s\n      give a mapping (--map)",
                    groups.len, layers.len, sb_text(&text));
}
