/* The manifest as CSV after RFC 4180: a header, a line for each variable (or layer), lines end in CRLF. */
#include "manifest.h"

#include <string.h>

static void put_cell(Text *out, const Field *f, char *value)
{
    if (f->kind == FIELD_LIST) { /* its names stand in one cell, separated by semicolons */
        for (char *end; (end = strchr(value, '\n')) != NULL;) *end = end[1] != '\0' ? ';' : '\0';
    }
    if (strpbrk(value, ",\"\r\n") == NULL) {
        mdl_put(out, value);
        return;
    }
    mdl_putc(out, '"');
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '"') mdl_putc(out, '"');
        mdl_putc(out, *c);
    }
    mdl_putc(out, '"');
}

static void put_row(const Manifest *m, Fields fields, int32_t id, Text *value)
{
    for (int i = 0; i < fields.count; i++) {
        if (i > 0) mdl_putc(m->out, ',');
        mdl_manifest_field(m, &fields.at[i], id, value);
        if (!value->failed) put_cell(m->out, &fields.at[i], value->s);
    }
    mdl_put(m->out, "\r\n");
}

void mdl_manifest_csv(const Manifest *m)
{
    const Fields fields = m->o->layers ? mdl_layer_fields : mdl_variable_fields;
    Text         value = {0};
    for (int i = 0; i < fields.count; i++) {
        if (i > 0) mdl_putc(m->out, ',');
        mdl_put(m->out, fields.at[i].name);
    }
    mdl_put(m->out, "\r\n");
    if (m->o->layers) {
        for (int32_t i = 0; i < m->r->nlayers; i++) {
            if (m->shown[m->r->tree[i]]) put_row(m, fields, m->r->tree[i], &value);
        }
    }
    else {
        for (int32_t i = 0; i < m->r->nvariables; i++) {
            if (m->listed[i]) put_row(m, fields, i, &value);
        }
    }
    mdl_text_free(&value);
}
