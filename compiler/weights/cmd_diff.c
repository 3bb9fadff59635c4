/* `mdlc weights diff`: what two files, or a file and a model, or two models differ in. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fitting.h"
#include "json.h"
#include "text.h"

enum { PIECE = 1 << 14 };

/* One side: names and types, and of a file the values. */
typedef struct Entry {
    const char *name, *type; /* "float32[784, 64]" */
    uint64_t    elements;
    int64_t     tensor;      /* in the checkpoint; -1: a model has no values */
    bool        readable;
} Entry;

typedef struct Side {
    ModelView  *model;
    Checkpoint *file;
    VEC(Entry) entries;
} Side;

typedef enum Kind { SAME, CHANGED, RESHAPED, ADDED, REMOVED, RENAMED } Kind;
static const char *const kind_names[] = {"same", "changed", "reshaped", "added", "removed", "renamed"};

typedef struct Difference {
    Kind         kind;
    const Entry *a, *b;
    uint64_t     elements; /* of CHANGED: how many differ */
    double       most, relative; /* the largest |a - b|, and it as a part of the largest |a| */
} Difference;

typedef struct Diff {
    const Command *c;
    Side           side[2];
    double         tolerance;
    VEC(Difference) found;
    size_t         counts[6];
    mdl_status     status;
    mdl_error      error;
} Diff;

/* ---- the sides ---- */

static const char *type_text(Arena *a, const char *dtype, int rank, const int64_t *shape)
{
    StrBuf b = {.arena = a};
    sb_printf(&b, "%s[", dtype);
    for (int i = 0; i < rank; i++) sb_printf(&b, "%s%lld", i ? ", " : "", (long long)shape[i]);
    sb_put(&b, "]");
    return sb_text(&b);
}

static void add_file(Arena *a, Side *s)
{
    for (size_t i = 0; i < s->file->tensors.len; i++) {
        const FileTensor *t = &s->file->tensors.at[i];
        vec_push(
            a, &s->entries,
            (Entry){t->is.name, type_text(a, tensor_type(t), t->is.rank, t->is.shape), t->is.elements, (int64_t)i, !t->opaque});
    }
}

static void add_model(Arena *a, Side *s)
{
    for (int32_t i = 0; i < s->model->count; i++) {
        const mdl_variable *v = s->model->variables[i].is;
        vec_push(a, &s->entries,
                 (Entry){v->path, type_text(a, mdl_dtype_name(v->dtype), v->rank, v->shape), v->elements, -1, false});
    }
}

static bool open_side(Diff *d, size_t i, int *exit_status)
{
    const Command *c = d->c;
    Side          *s = &d->side[i];
    if (name_ends(c->files.at[i], ".mdl")) {
        s->model = open_model(c, c->files.at[i], exit_status);
        if (s->model) add_model(c->arena, s);
        return s->model != NULL;
    }
    s->file = open_file(c, i, exit_status);
    if (s->file) add_file(c->arena, s);
    return s->file != NULL;
}

/* A Keras file's tensors get the model's names, where they can be told. */
static void use_model_names(const ModelView *m, Side *file)
{
    Proposal *p = NULL;
    mdl_error error;
    if (names_are_ours(m, file->file) || bind_keras(m, file->file, &p, &error) != MDL_OK || !p) return;
    for (int32_t i = 0; i < m->count; i++) {
        if (p->of[i].tensor >= 0) file->entries.at[p->of[i].tensor].name = m->variables[i].is->path;
    }
}

/* ---- values ---- */

static bool differ(double a, double b, double tolerance)
{
    return isnan(a) || isnan(b) ? isnan(a) != isnan(b) : a != b && !(fabs(a - b) <= tolerance);
}

/* False if they are equal, or after a failure. */
static bool compare_values(Diff *d, const Entry *a, const Entry *b, Difference *out)
{
    double *x = malloc(2 * PIECE * sizeof *x), largest = 0;
    if (!x) d->status = mdl_fail(&d->error, MDL_NO_MEMORY, "not enough memory");
    for (uint64_t at = 0; at < a->elements && d->status == MDL_OK; at += PIECE) {
        const uint64_t n = a->elements - at < PIECE ? a->elements - at : PIECE;
        d->status = checkpoint_numbers(d->side[0].file, (size_t)a->tensor, at, n, x, &d->error);
        if (d->status == MDL_OK) d->status = checkpoint_numbers(d->side[1].file, (size_t)b->tensor, at, n, x + PIECE, &d->error);
        for (uint64_t i = 0; d->status == MDL_OK && i < n; i++) {
            const double delta = fabs(x[i] - x[PIECE + i]);
            if (fabs(x[i]) > largest) largest = fabs(x[i]);
            if (!differ(x[i], x[PIECE + i], d->tolerance)) continue;
            out->elements++;
            if (delta > out->most || isnan(delta)) out->most = delta;
        }
    }
    free(x);
    out->relative = largest > 0 ? out->most / largest : out->most;
    return d->status == MDL_OK && out->elements > 0;
}

static bool have_values(const Entry *a, const Entry *b) { return a->tensor >= 0 && b->tensor >= 0 && a->readable && b->readable; }

/* ---- finding ---- */

static void tell(Diff *d, Difference x)
{
    d->counts[x.kind]++;
    if (x.kind != SAME) vec_push(d->c->arena, &d->found, x);
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const Entry *const *)a)->name, (*(const Entry *const *)b)->name);
}

/* The entries of a side sorted by name. */
static const Entry **sorted(const Diff *d, const Side *s)
{
    const Entry **list = arena_array(d->c->arena, const Entry *, s->entries.len + 1);
    for (size_t i = 0; i < s->entries.len; i++) list[i] = &s->entries.at[i];
    qsort(list, s->entries.len, sizeof *list, by_name);
    return list;
}

static const Entry *find(const Entry **list, size_t n, const Entry *like)
{
    const Entry *const *at = bsearch(&like, list, n, sizeof *list, by_name);
    return at ? *at : NULL;
}

static void compare(Diff *d, const Entry *a, const Entry *b)
{
    Difference x = {.kind = SAME, .a = a, .b = b};
    if (strcmp(a->type, b->type)) x.kind = RESHAPED;
    else if (have_values(a, b) && compare_values(d, a, b, &x)) x.kind = CHANGED;
    tell(d, x);
}

typedef VEC(const Entry *) EntryVec;

/* A removed and an added one of the same type are one that was renamed, if their values are the same; without values, if
 * there is only one such pair. */
static const Entry *renamed_to(Diff *d, const Entry *a, const EntryVec *removed, EntryVec *added)
{
    size_t like = 0, alike = 0, at = 0;
    for (size_t i = 0; i < removed->len; i++) alike += !strcmp(removed->at[i]->type, a->type);
    for (size_t i = 0; i < added->len; i++) {
        Difference   x = {0};
        const Entry *b = added->at[i];
        if (!b || strcmp(a->type, b->type)) continue;
        if (have_values(a, b) && !compare_values(d, a, b, &x)) {
            added->at[i] = NULL;
            return b;
        }
        if (have_values(a, b)) continue;
        like++;
        at = i;
    }
    if (like != 1 || alike != 1) return NULL;
    const Entry *b = added->at[at];
    added->at[at] = NULL;
    return b;
}

static void compare_sides(Diff *d)
{
    Arena        *arena = d->c->arena;
    const Side   *a = &d->side[0], *b = &d->side[1];
    const Entry **in_a = sorted(d, a), **in_b = sorted(d, b);
    EntryVec      removed = {0}, added = {0};
    for (size_t i = 0; i < a->entries.len && d->status == MDL_OK; i++) {
        const Entry *there = find(in_b, b->entries.len, &a->entries.at[i]);
        if (there) compare(d, &a->entries.at[i], there);
        else vec_push(arena, &removed, &a->entries.at[i]);
    }
    for (size_t i = 0; i < b->entries.len; i++) {
        if (!find(in_a, a->entries.len, &b->entries.at[i])) vec_push(arena, &added, &b->entries.at[i]);
    }
    for (size_t i = 0; i < removed.len && d->status == MDL_OK; i++) {
        const Entry *to = renamed_to(d, removed.at[i], &removed, &added);
        tell(d, (Difference){.kind = to ? RENAMED : REMOVED, .a = removed.at[i], .b = to});
    }
    for (size_t i = 0; i < added.len; i++) {
        if (added.at[i]) tell(d, (Difference){.kind = ADDED, .b = added.at[i]});
    }
}

/* ---- telling ---- */

static void put_text(const Diff *d)
{
    Text *out = d->c->out;
    for (size_t i = 0; i < d->found.len; i++) {
        const Difference *x = &d->found.at[i];
        char              how[96] = "";
        const Entry      *e = x->a ? x->a : x->b;
        if (x->kind == CHANGED) {
            snprintf(how, sizeof how, "  %llu of %llu differ, by up to %.3g (%.2g of the largest)",
                     (unsigned long long)x->elements, (unsigned long long)e->elements, x->most, x->relative);
        }
        mdl_put(out, kind_names[x->kind]);
        mdl_put_fill(out, " ", 10 - strlen(kind_names[x->kind]));
        mdl_put(out, e->name);
        mdl_put(out, " ");
        mdl_put(out, e->type);
        if (x->kind == RENAMED) mdl_put(out, " -> "), mdl_put(out, x->b->name);
        if (x->kind == RESHAPED) mdl_put(out, " -> "), mdl_put(out, x->b->type);
        mdl_put(out, how);
        mdl_put(out, "\n");
    }
    for (int k = SAME; k <= RENAMED; k++) {
        mdl_put(out, k ? ", " : d->found.len ? "\n" : "");
        mdl_put_grouped(out, d->counts[k]);
        mdl_put(out, " ");
        mdl_put(out, kind_names[k]);
    }
    mdl_put(out, "\n");
}

static void put_member(Text *out, const char *key, const char *value)
{
    mdl_put(out, ", \"");
    mdl_put(out, key);
    mdl_put(out, "\": ");
    mdl_json_string(out, value, strlen(value));
}

static void put_json(const Diff *d)
{
    Text *out = d->c->out;
    mdl_put(out, "{\"format_version\": 1,\n \"counts\": {");
    for (int k = SAME; k <= RENAMED; k++) {
        mdl_put(out, k ? ", \"" : "\"");
        mdl_put(out, kind_names[k]);
        mdl_put(out, "\": ");
        mdl_put_int(out, (int64_t)d->counts[k]);
    }
    mdl_put(out, "},\n \"differences\": [");
    for (size_t i = 0; i < d->found.len; i++) {
        const Difference *x = &d->found.at[i];
        StrBuf            b = {.arena = d->c->arena};
        mdl_put(out, i ? ",\n  {\"kind\": \"" : "\n  {\"kind\": \"");
        mdl_put(out, kind_names[x->kind]);
        mdl_put(out, "\"");
        if (x->a) put_member(out, "a", x->a->name), put_member(out, "type_a", x->a->type);
        if (x->b) put_member(out, "b", x->b->name), put_member(out, "type_b", x->b->type);
        if (x->kind == CHANGED) {
            mdl_put(out, ", \"elements\": ");
            mdl_put_int(out, (int64_t)x->elements);
            if (isfinite(x->most)) sb_double(&b, x->most);
            else sb_put(&b, "null");
            mdl_put(out, ", \"most\": ");
            mdl_put(out, sb_text(&b));
        }
        mdl_put(out, "}");
    }
    mdl_put(out, d->found.len ? "\n ]}\n" : "]}\n");
}

static bool read_tolerance(Diff *d)
{
    char *end;
    if (!d->c->tolerance) return true;
    d->tolerance = strtod(d->c->tolerance, &end);
    if (*d->c->tolerance && !*end && d->tolerance >= 0) return true;
    fprintf(stderr, "mdlc: --tolerance needs a number that is not negative, and `%s` is none\n", d->c->tolerance);
    return false;
}

int diff_command(const Command *c)
{
    Diff d = {.c = c};
    int  status = WEIGHTS_DONE;
    if (!read_tolerance(&d)) return WEIGHTS_TROUBLE;
    if (open_side(&d, 0, &status) && open_side(&d, 1, &status)) {
        for (size_t i = 0; i < 2; i++) {
            if (d.side[i].model && d.side[1 - i].file) use_model_names(d.side[i].model, &d.side[1 - i]);
        }
        compare_sides(&d);
        if (d.status != MDL_OK) status = complain(&d.error);
        else if (c->json) put_json(&d);
        else put_text(&d);
        if (!status && d.found.len) status = WEIGHTS_DIFFER;
        else if (status) status = WEIGHTS_TROUBLE;
    }
    else status = WEIGHTS_TROUBLE;
    for (size_t i = 0; i < 2; i++) {
        checkpoint_close(d.side[i].file);
        if (d.side[i].model) mdl_registry_free(d.side[i].model->registry);
    }
    return status;
}
