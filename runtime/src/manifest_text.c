/* The manifest for people: the model, its inputs and outputs, a table of variables or a tree of layers, totals, and notes on
 * what deserves one (shared, frozen, unused, unbuilt). */
#include <string.h>

#include "manifest.h"
#include "table.h"

/* ---- the variables ---- */

enum { PATH, TYPE, COUNT, KIND };

typedef struct Row {
    Text        type, count, kind;
    const char *cells[MDL_TABLE_COLUMNS];
} Row;

static void fill_variable(Row *row, const Manifest *m, int32_t index)
{
    const Variable *v = mdl_registry_at(m->r, index);
    const Layer    *owner = &m->r->layers[v->seen.layer];
    row->type.len = row->count.len = row->kind.len = 0;
    mdl_put(&row->type, mdl_dtype_name(v->seen.dtype));
    mdl_put_shape(&row->type, v->seen.rank, v->seen.shape);
    mdl_put_grouped(&row->count, v->seen.elements);
    mdl_put(&row->kind, v->seen.trainable ? "trainable" : v->info.is_state ? "state" : "frozen");
    if (owner->shared) mdl_put(&row->kind, ", shared");
    row->cells[PATH] = v->seen.path;
    row->cells[TYPE] = mdl_text_part(&row->type, m->out);
    row->cells[COUNT] = mdl_text_part(&row->count, m->out);
    row->cells[KIND] = mdl_text_part(&row->kind, m->out);
}

static void free_row(Row *row)
{
    mdl_text_free(&row->type);
    mdl_text_free(&row->count);
    mdl_text_free(&row->kind);
}

static void put_variables(const Manifest *m)
{
    Table t = {.out = m->out, .count = 4, .columns = {
        {.title = "variable", .whole = true}, {.title = "type"}, {.title = "parameters", .right = true}, {.title = ""}}};
    Row row = {0};
    for (int32_t i = 0; i < m->r->nvariables; i++) {
        if (!m->listed[i]) continue;
        fill_variable(&row, m, i);
        mdl_table_widen(&t, row.cells);
    }
    mdl_table_fit(&t, PATH, m->o->width);
    mdl_table_titles(&t);
    for (int32_t i = 0; i < m->r->nvariables; i++) {
        if (!m->listed[i]) continue;
        fill_variable(&row, m, i);
        mdl_table_row(&t, row.cells);
    }
    free_row(&row);
}

/* ---- around the table ---- */

static void put_heading(const Manifest *m)
{
    const Layer *model = &m->r->layers[MDL_MODEL];
    mdl_put(m->out, model->info.class_name);
    if (model->info.file != NULL) {
        mdl_put(m->out, " (");
        mdl_put_source(m->out, model);
        mdl_putc(m->out, ')');
    }
    mdl_put(m->out, "\n\n");
}

static void put_ports(const Manifest *m)
{
    const mdl_registry *r = m->r;
    Table t = {.out = m->out, .count = 3};
    for (int printing = 0; printing < 2; printing++) {
        for (int i = 0; i < r->ninputs + r->noutputs; i++) {
            const bool           in = i < r->ninputs;
            const mdl_port_info *p = in ? &r->inputs[i] : &r->outputs[i - r->ninputs];
            const char          *label = i == 0 && in ? "input" : i == r->ninputs ? "output" : "";
            const char          *cells[] = {label, p->name, p->type != NULL ? p->type : "(unknown)"};
            if (printing) mdl_table_row(&t, cells);
            else mdl_table_widen(&t, cells);
        }
    }
    if (r->ninputs + r->noutputs > 0) mdl_putc(m->out, '\n');
}

static void put_total(Table *t, bool printing, const char *label, Total total)
{
    Text cells[3] = {{0}};
    mdl_put_grouped(&cells[0], total.variables);
    mdl_put_grouped(&cells[1], total.parameters);
    mdl_put_size(&cells[2], total.bytes);
    const char *row[4] = {label};
    for (int i = 0; i < 3; i++) row[i + 1] = mdl_text_part(&cells[i], t->out);
    if (printing) mdl_table_row(t, row);
    else mdl_table_widen(t, row);
    for (int i = 0; i < 3; i++) mdl_text_free(&cells[i]);
}

static void put_totals(const Manifest *m)
{
    const char *const titles[] = {"", "variables", "parameters", "size"};
    Table t = {.out = m->out, .count = 4,
               .columns = {{.title = ""}, {.right = true}, {.right = true}, {.right = true}}};
    mdl_table_widen(&t, titles);
    for (int printing = 0; printing < 2; printing++) {
        if (printing) mdl_table_row(&t, titles);
        put_total(&t, printing, "trainable", m->here.trainable);
        put_total(&t, printing, "non-trainable", m->here.other);
        put_total(&t, printing, "total", m->here.both);
        if (m->partial) put_total(&t, printing, "of", m->all.both);
    }
}

/* ---- notes ---- */

/* A list of notes of one kind: the first line carries its label, and an empty line before it. */
typedef struct Notes {
    Text       *out;
    const char *label;
    bool        begun;
} Notes;

static void begin_note(Notes *n)
{
    if (!n->begun) mdl_putc(n->out, '\n');
    mdl_put(n->out, "  ");
    mdl_put(n->out, n->begun ? "" : n->label);
    mdl_put_fill(n->out, " ", 10 - (n->begun ? 0 : strlen(n->label)));
    n->begun = true;
}

static void put_alias(void *context, const char *path, size_t len)
{
    mdl_put(context, ", ");
    mdl_putn(context, path, len);
}

static void note_shared(const Manifest *m)
{
    Notes n = {.out = m->out, .label = "shared"};
    for (int32_t i = 0; i < m->r->nlayers; i++) {
        const Layer *l = &m->r->layers[m->r->tree[i]];
        if (l->edge.next == NULL || !m->shown[m->r->tree[i]]) continue;
        Text aliases = {0};
        mdl_layer_aliases(m->r, m->r->tree[i], NULL, put_alias, &aliases);
        if (aliases.len > 2) {
            begin_note(&n);
            mdl_put(m->out, l->path);
            mdl_put(m->out, " is also ");
            mdl_putn(m->out, aliases.s + 2, aliases.len - 2);
            mdl_putc(m->out, '\n');
        }
        mdl_text_free(&aliases);
    }
}

/* Says once for each declaration how many variables it freezes. */
static void note_frozen(const Manifest *m)
{
    Notes n = {.out = m->out, .label = "frozen"};
    for (int32_t i = 0; i < m->r->nlayers; i++) {
        const mdl_layer id = m->r->tree[i];
        const Layer    *l = &m->r->layers[id];
        if (!l->info.frozen || !m->shown[id]) continue;
        uint64_t frozen = 0;
        for (int32_t k = l->begin; k < l->end; k++) {
            const Variable *v = mdl_registry_at(m->r, m->r->below[k]);
            if (m->listed[m->r->below[k]] && !v->info.is_state && m->r->layers[v->seen.layer].frozen_by == id) frozen++;
        }
        if (frozen == 0) continue;
        begin_note(&n);
        mdl_put(m->out, id == MDL_MODEL ? "the model" : l->path);
        mdl_put(m->out, " (");
        mdl_put_source(m->out, l);
        mdl_put(m->out, "): ");
        mdl_put_grouped(m->out, frozen);
        mdl_put(m->out, frozen == 1 ? " variable\n" : " variables\n");
    }
}

/* Layers without variables because nothing called them, or because their input is not known. */
static void note_missing(const Manifest *m, mdl_layer_state state)
{
    Notes n = {.out = m->out, .label = mdl_layer_state_name(state)};
    if (m->partial) return;
    for (int32_t i = 0; i < m->r->nlayers; i++) {
        const Layer *l = &m->r->layers[m->r->tree[i]];
        if (l->info.state != state) continue;
        begin_note(&n);
        mdl_put(m->out, m->r->tree[i] == MDL_MODEL ? "the model" : l->path);
        mdl_put(m->out, " (");
        mdl_put(m->out, l->info.class_name);
        if (l->info.file != NULL) mdl_put(m->out, ", ");
        mdl_put_source(m->out, l);
        mdl_put(m->out, state == MDL_UNUSED ? "): never called\n" : ")\n");
        if (l->info.missing == NULL) continue;
        begin_note(&n);
        mdl_put(m->out, l->info.missing);
        mdl_putc(m->out, '\n');
    }
}

void mdl_manifest_text(const Manifest *m)
{
    put_heading(m);
    put_ports(m);
    bool shortened = false;
    if (m->o->layers) shortened = mdl_manifest_tree(m);
    else if (m->here.both.variables > 0) put_variables(m);
    else mdl_put(m->out, m->partial ? "  (no variable matches)\n" : "  (no variables)\n");
    mdl_putc(m->out, '\n');
    put_totals(m);
    note_shared(m);
    note_frozen(m);
    note_missing(m, MDL_UNUSED);
    note_missing(m, MDL_UNBUILT);
    if (shortened) mdl_put(m->out, "\n  Some outputs are cut; --width 0 shows them whole.\n");
}
