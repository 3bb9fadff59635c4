/* The manifest as Markdown, for a README: the variables (or layers), the totals, and what has no variables. */
#include "manifest.h"

/* A cell as code, in which a bar would end the cell. */
static void put_code(Text *out, const char *s)
{
    if (*s == '\0') return;
    mdl_putc(out, '`');
    for (; *s != '\0'; s++) {
        if (*s == '|') mdl_putc(out, '\\');
        mdl_putc(out, *s);
    }
    mdl_putc(out, '`');
}

static void put_variable(const Manifest *m, const Variable *v, Text *reason)
{
    mdl_put(m->out, "| ");
    put_code(m->out, v->seen.path);
    mdl_put(m->out, " | ");
    mdl_put(m->out, mdl_dtype_name(v->seen.dtype));
    mdl_put_shape(m->out, v->seen.rank, v->seen.shape);
    mdl_put(m->out, " | ");
    mdl_put_grouped(m->out, v->seen.elements);
    reason->len = 0;
    mdl_put_reason(reason, m->r, v);
    mdl_put(m->out, reason->len > 0 ? " | no: " : " | yes");
    mdl_putn(m->out, reason->s, reason->len);
    mdl_put(m->out, " | ");
    put_code(m->out, v->seen.init->text);
    mdl_put(m->out, " |\n");
}

static void put_variables(const Manifest *m)
{
    Text reason = {0};
    mdl_put(m->out, "| variable | type | parameters | trainable | initializer |\n"
                    "| --- | --- | ---: | --- | --- |\n");
    for (int32_t i = 0; i < m->r->nvariables; i++) {
        if (m->listed[i]) put_variable(m, mdl_registry_at(m->r, i), &reason);
    }
    mdl_text_free(&reason);
}

static void put_layer(const Manifest *m, mdl_layer id)
{
    const Layer *l = &m->r->layers[id];
    uint64_t     parameters = 0;
    for (int32_t i = l->begin; i < l->end; i++) {
        const int32_t place = m->r->below[i];
        if (m->listed[place]) parameters = mdl_sum_capped(parameters, mdl_registry_variable(m->r, place)->elements);
    }
    mdl_put(m->out, "| ");
    if (id == MDL_MODEL) mdl_put(m->out, "the model");
    else put_code(m->out, l->path);
    mdl_put(m->out, " | ");
    put_code(m->out, l->info.class_name);
    mdl_put(m->out, " | ");
    put_code(m->out, l->info.output != NULL ? l->info.output : "");
    mdl_put(m->out, " | ");
    if (l->info.state == MDL_BUILT) mdl_put_grouped(m->out, parameters);
    else mdl_put(m->out, mdl_layer_state_name(l->info.state));
    mdl_put(m->out, " |\n");
}

static void put_layers(const Manifest *m)
{
    mdl_put(m->out, "| layer | class | output | parameters |\n| --- | --- | --- | ---: |\n");
    for (int32_t i = 0; i < m->r->nlayers; i++) {
        if (m->shown[m->r->tree[i]]) put_layer(m, m->r->tree[i]);
    }
}

static void put_total(Text *out, const char *label, Total total)
{
    mdl_put(out, "| ");
    mdl_put(out, label);
    mdl_put(out, " | ");
    mdl_put_grouped(out, total.variables);
    mdl_put(out, " | ");
    mdl_put_grouped(out, total.parameters);
    mdl_put(out, " | ");
    mdl_put_size(out, total.bytes);
    mdl_put(out, " |\n");
}

static void put_missing(const Manifest *m)
{
    bool begun = false;
    for (int32_t i = 0; i < m->r->nlayers && !m->partial; i++) {
        const Layer *l = &m->r->layers[m->r->tree[i]];
        if (l->info.state == MDL_BUILT) continue;
        if (!begun) mdl_putc(m->out, '\n');
        begun = true;
        mdl_put(m->out, "- ");
        mdl_put(m->out, mdl_layer_state_name(l->info.state));
        mdl_put(m->out, ": ");
        if (m->r->tree[i] == MDL_MODEL) mdl_put(m->out, "the model");
        else put_code(m->out, l->path);
        mdl_put(m->out, ", ");
        mdl_put_source(m->out, l);
        if (l->info.missing != NULL) mdl_put(m->out, ": ");
        if (l->info.missing != NULL) mdl_put(m->out, l->info.missing);
        mdl_putc(m->out, '\n');
    }
}

void mdl_manifest_markdown(const Manifest *m)
{
    mdl_put(m->out, "## ");
    mdl_put(m->out, m->r->layers[MDL_MODEL].info.class_name);
    mdl_put(m->out, "\n\n");
    if (m->o->layers) put_layers(m);
    else put_variables(m);
    mdl_put(m->out, "\n| | variables | parameters | size |\n| --- | ---: | ---: | ---: |\n");
    put_total(m->out, "trainable", m->here.trainable);
    put_total(m->out, "non-trainable", m->here.other);
    put_total(m->out, m->partial ? "listed" : "total", m->here.both);
    if (m->partial) put_total(m->out, "of", m->all.both);
    put_missing(m);
}
