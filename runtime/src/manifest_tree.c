/* The layers as a tree: what each is, what it gives, how many parameters it and all below it have. Equal neighbours in a list
 * are one line, `blocks.0..11`, below which the first of them is shown. */
#include <stdlib.h>
#include <string.h>

#include "manifest.h"
#include "table.h"

/* What the tree shows of a layer. */
typedef struct Branch {
    uint64_t  parameters; /* of it and all below it */
    uint64_t  look;       /* a hash of all that is shown of it and below it, but not of its name */
    int32_t   run;        /* how many equal neighbours its line stands for; 0: it has no line */
    bool      folded;     /* the line of a neighbour before it stands for it */
    mdl_layer last;       /* the last layer shown below it */
} Branch;

/* ---- equal neighbours ---- */

static uint64_t mix(uint64_t h, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) h = (h ^ ((const unsigned char *)bytes)[i]) * 0x100000001B3u; /* FNV-1a */
    return h;
}

static uint64_t mix_text(uint64_t h, const char *z)
{
    return z != NULL ? mix(h, z, strlen(z) + 1) : mix(h, "\1", 1);
}

/* From the leaves up: every layer is finished before the one above it. */
static void look_at_layers(const Manifest *m, Branch *branches)
{
    const mdl_registry *r = m->r;
    for (int32_t i = 0; i < r->nvariables; i++) {
        const mdl_variable *v = mdl_registry_variable(m->r, i);
        Branch             *b = &branches[v->layer];
        if (m->listed[i]) b->parameters = mdl_sum_capped(b->parameters, v->elements);
    }
    for (int32_t i = r->nlayers - 1; i >= 0; i--) {
        const Layer *l = &r->layers[r->tree[i]];
        Branch      *b = &branches[r->tree[i]];
        const int    flags[] = {(int)l->info.state, l->info.frozen, l->edge.next != NULL, m->shown[r->tree[i]]};
        b->look = mix(b->look, flags, sizeof flags);
        b->look = mix(mix_text(mix_text(b->look, l->info.class_name), l->info.output), &b->parameters, sizeof b->parameters);
        if (l->edge.parent == MDL_NO_LAYER) continue;
        Branch *above = &branches[l->edge.parent];
        above->parameters = mdl_sum_capped(above->parameters, b->parameters);
        above->look = mix(mix_text(above->look, l->edge.component), &l->edge.index, sizeof l->edge.index);
        above->look = mix(above->look, &b->look, sizeof b->look);
    }
}

/* How many siblings from `id` on are the next items of the same list and look the same. */
static int32_t run_from(const Manifest *m, const Branch *branches, mdl_layer id)
{
    int32_t n = 1;
    for (const Layer *l = &m->r->layers[id], *next; l->next != MDL_NO_LAYER; l = next, n++) {
        next = &m->r->layers[l->next];
        const bool same = l->edge.index >= 0 && next->edge.index == l->edge.index + 1 &&
                          strcmp(l->edge.component, next->edge.component) == 0 && branches[l->next].look == branches[id].look;
        if (!same) break;
    }
    return n >= 3 ? n : 1; /* two are as clear as one line */
}

/* Decides from the model down which layers have a line. */
static void choose_lines(const Manifest *m, Branch *branches)
{
    const mdl_registry *r = m->r;
    for (int32_t i = 0; i < r->nlayers; i++) {
        const mdl_layer id = r->tree[i], parent = r->layers[id].edge.parent;
        Branch         *b = &branches[id];
        if (!m->shown[id] || b->folded || (parent != MDL_NO_LAYER && branches[parent].run == 0)) continue;
        b->run = run_from(m, branches, id);
        mdl_layer next = id;
        for (int32_t k = 1; k < b->run; k++) {
            next = r->layers[next].next;
            branches[next].folded = true;
        }
        if (parent != MDL_NO_LAYER) branches[parent].last = id;
    }
}

/* ---- lines ---- */

/* What leads to a layer: a branch for itself, and a stroke for each layer above it that has more to come. */
static void put_branches(Text *t, const Manifest *m, const Branch *branches, mdl_layer id)
{
    enum { DEEPEST = 64 };
    const char *strokes[DEEPEST];
    int         n = 0;
    for (mdl_layer l = id, above; (above = m->r->layers[l].edge.parent) != MDL_NO_LAYER && n < DEEPEST; l = above) {
        const bool last = branches[above].last == l;
        strokes[n++] = l == id ? (last ? "└─ " : "├─ ") : (last ? "   " : "│  ");
    }
    while (n > 0) mdl_put(t, strokes[--n]);
}

static void put_own_name(Text *t, const Layer *l, int32_t run)
{
    mdl_put(t, l->edge.component);
    if (l->edge.index >= 0) {
        mdl_putc(t, '.');
        mdl_put_int(t, l->edge.index);
    }
    if (run > 1) {
        mdl_put(t, "..");
        mdl_put_int(t, l->edge.index + run - 1);
    }
    if (l->edge.next != NULL) mdl_put(t, " (shared)");
}

/* Most outputs are float32: its name would only push the shape out of sight. */
static const char *short_type(const char *type)
{
    if (type == NULL) return "";
    return strncmp(type, "float32[", 8) == 0 ? type + 7 : type;
}

typedef struct Line {
    Text        name, count;
    const char *cells[MDL_TABLE_COLUMNS];
} Line;

static void fill_line(Line *line, const Manifest *m, const Branch *branches, mdl_layer id)
{
    const Layer  *l = &m->r->layers[id];
    const Branch *b = &branches[id];
    line->name.len = line->count.len = 0;
    put_branches(&line->name, m, branches, id);
    if (id == MDL_MODEL) mdl_put(&line->name, l->info.class_name);
    else put_own_name(&line->name, l, b->run);
    if (b->run > 1) {
        mdl_put_int(&line->count, b->run);
        mdl_put(&line->count, " x ");
    }
    if (l->info.state == MDL_BUILT) mdl_put_grouped(&line->count, b->parameters);
    else mdl_put(&line->count, mdl_layer_state_name(l->info.state));
    line->cells[0] = mdl_text_part(&line->name, m->out);
    line->cells[1] = id == MDL_MODEL ? "" : l->info.class_name;
    line->cells[2] = short_type(l->info.output);
    line->cells[3] = mdl_text_part(&line->count, m->out);
}

bool mdl_manifest_tree(const Manifest *m)
{
    const mdl_registry *r = m->r;
    Branch             *branches = calloc((size_t)r->nlayers, sizeof *branches);
    if (branches == NULL) {
        m->out->failed = true;
        return false;
    }
    look_at_layers(m, branches);
    choose_lines(m, branches);
    Table t = {.out = m->out, .count = 4, .columns = {
        {.title = "layer", .whole = true}, {.title = "class"}, {.title = "output"}, {.title = "parameters", .right = true}}};
    Line line = {0};
    for (int printing = 0; printing < 2; printing++) {
        for (int32_t i = 0; i < r->nlayers; i++) {
            if (branches[r->tree[i]].run == 0) continue;
            fill_line(&line, m, branches, r->tree[i]);
            if (printing) mdl_table_row(&t, line.cells);
            else mdl_table_widen(&t, line.cells);
        }
        if (!printing) {
            mdl_table_fit(&t, 2, m->o->width);
            mdl_table_fit(&t, 0, m->o->width);
            mdl_table_titles(&t);
        }
    }
    mdl_text_free(&line.name);
    mdl_text_free(&line.count);
    free(branches);
    return t.shortened;
}
