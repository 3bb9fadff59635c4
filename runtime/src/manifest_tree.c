/* The layers as a tree: what each is, what it gives, how many parameters it and all below it have. */
#include <stdlib.h>
#include <string.h>

#include "manifest.h"
#include "table.h"

/* The lines that lead to a layer: a branch for itself, and a stroke for each layer above it that has more to come. */
static void put_branches(Text *t, const Manifest *m, const mdl_layer *last, mdl_layer id)
{
    const mdl_layer parent = m->r->layers[id].edge.parent;
    if (parent == MDL_NO_LAYER) return;
    enum { DEEPEST = 64 };
    const char *strokes[DEEPEST];
    int         n = 0;
    strokes[n++] = last[parent] == id ? "└─ " : "├─ ";
    for (mdl_layer l = parent; m->r->layers[l].edge.parent != MDL_NO_LAYER && n < DEEPEST; l = m->r->layers[l].edge.parent) {
        strokes[n++] = last[m->r->layers[l].edge.parent] == l ? "   " : "│  ";
    }
    while (n > 0) mdl_put(t, strokes[--n]);
}

typedef struct Line {
    Text        name, count;
    const char *cells[MDL_TABLE_COLUMNS];
} Line;

static void fill_line(Line *line, const Manifest *m, const mdl_layer *last, mdl_layer id)
{
    const Layer *l = &m->r->layers[id];
    line->name.len = line->count.len = 0;
    put_branches(&line->name, m, last, id);
    if (id == MDL_MODEL) mdl_put(&line->name, l->info.class_name);
    else {
        mdl_put(&line->name, l->edge.component);
        if (l->edge.index >= 0) mdl_putc(&line->name, '.');
        if (l->edge.index >= 0) mdl_put_int(&line->name, l->edge.index);
        if (l->edge.next != NULL) mdl_put(&line->name, " (shared)");
    }
    if (l->info.state != MDL_BUILT) mdl_put(&line->count, mdl_layer_state_name(l->info.state));
    else {
        uint64_t parameters = 0;
        for (int32_t i = l->begin; i < l->end; i++) {
            if (m->listed[i]) parameters = mdl_sum_capped(parameters, mdl_registry_variable(m->r, i)->elements);
        }
        mdl_put_grouped(&line->count, parameters);
    }
    line->cells[0] = mdl_text_z(&line->name);
    line->cells[1] = id == MDL_MODEL ? "" : l->info.class_name;
    line->cells[2] = l->info.output != NULL ? l->info.output : "";
    line->cells[3] = mdl_text_z(&line->count);
}

bool mdl_manifest_tree(const Manifest *m)
{
    const mdl_registry *r = m->r;
    mdl_layer          *last = calloc((size_t)r->nlayers, sizeof *last); /* the last layer shown below each */
    if (last == NULL) {
        m->out->failed = true;
        return false;
    }
    for (int32_t i = 0; i < r->nlayers; i++) {
        if (m->shown[r->tree[i]] && r->tree[i] != MDL_MODEL) last[r->layers[r->tree[i]].edge.parent] = r->tree[i];
    }
    Table t = {.out = m->out, .count = 4, .columns = {
        {.title = "layer", .whole = true}, {.title = "class"}, {.title = "output"}, {.title = "parameters", .right = true}}};
    Line line = {0};
    for (int printing = 0; printing < 2; printing++) {
        for (int32_t i = 0; i < r->nlayers; i++) {
            if (!m->shown[r->tree[i]]) continue;
            fill_line(&line, m, last, r->tree[i]);
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
    free(last);
    return t.shortened;
}
