/* The manifest as JSON, a record a line; docs/manifest.schema.json says what is in it. */
#include "manifest.h"

#include <string.h>

#include "json.h"

static void put_list(Text *out, const char *lines)
{
    mdl_putc(out, '[');
    for (const char *end; (end = strchr(lines, '\n')) != NULL; lines = end + 1) {
        mdl_json_string(out, lines, (size_t)(end - lines));
        if (end[1] != '\0') mdl_put(out, ", ");
    }
    mdl_putc(out, ']');
}

static void put_record(const Manifest *m, Fields fields, int32_t id, Text *value)
{
    const char *between = "{";
    for (int i = 0; i < fields.count; i++) {
        const Field *f = &fields.at[i];
        if (!f->in_json) continue;
        const char *text = mdl_manifest_field(m, f, id, value);
        mdl_put(m->out, between);
        mdl_json_string(m->out, f->name, strlen(f->name));
        mdl_put(m->out, ": ");
        if (f->kind == FIELD_VALUE) mdl_put(m->out, text);
        else if (f->kind == FIELD_LIST) put_list(m->out, text);
        else if (f->kind == FIELD_OPTION && value->len == 0) mdl_put(m->out, "null");
        else mdl_json_string(m->out, text, value->len);
        between = ", ";
    }
    mdl_putc(m->out, '}');
}

/* The dimensions between the brackets of a type: integers as they are, the rest as strings. */
static void put_dimensions(Text *out, const char *s, size_t len)
{
    mdl_putc(out, '[');
    for (size_t i = 0; i < len;) {
        while (i < len && s[i] == ' ') i++;
        size_t end = i;
        for (int depth = 0; end < len && (s[end] != ',' || depth > 0); end++) {
            depth += (s[end] == '(') - (s[end] == ')');
        }
        if (strspn(s + i, "0123456789") >= end - i) mdl_putn(out, s + i, end - i);
        else mdl_json_string(out, s + i, end - i);
        if (end < len) mdl_put(out, ", ");
        i = end + 1;
    }
    mdl_putc(out, ']');
}

/* "float32[batch, 784]" in its parts; what isn't a tensor's type has none. */
static void put_port(Text *out, const mdl_port_info *port)
{
    const char  *type = port->type != NULL ? port->type : "";
    const size_t name = strcspn(type, "["), len = strlen(type);
    mdl_dtype    dtype;
    mdl_put(out, "{\"name\": ");
    mdl_json_string(out, port->name, strlen(port->name));
    if (!mdl_dtype_of(type, name, &dtype) || type[len - 1] != ']') mdl_put(out, ", \"dtype\": null, \"shape\": null}");
    else {
        mdl_put(out, ", \"dtype\": ");
        mdl_json_string(out, type, name);
        mdl_put(out, ", \"shape\": ");
        put_dimensions(out, type + name + 1, len - name - 2);
        mdl_putc(out, '}');
    }
}

static void put_ports(Text *out, const char *key, int n, const mdl_port_info *ports)
{
    mdl_put(out, "  ");
    mdl_json_string(out, key, strlen(key));
    mdl_put(out, ": [");
    for (int i = 0; i < n; i++) {
        mdl_put(out, i > 0 ? ",\n    " : "\n    ");
        put_port(out, &ports[i]);
    }
    mdl_put(out, n > 0 ? "\n  ],\n" : "],\n");
}

static void put_number(Text *out, uint64_t n)
{
    mdl_put_int(out, n > INT64_MAX ? INT64_MAX : (int64_t)n);
}

static void put_total(Text *out, const char *key, Total total)
{
    mdl_put(out, "    ");
    mdl_json_string(out, key, strlen(key));
    mdl_put(out, ": {\"variables\": ");
    put_number(out, total.variables);
    mdl_put(out, ", \"parameters\": ");
    put_number(out, total.parameters);
    mdl_put(out, ", \"bytes\": ");
    put_number(out, total.bytes);
    mdl_putc(out, '}');
}

static void put_totals(const Manifest *m)
{
    mdl_put(m->out, "  \"totals\": {\n");
    put_total(m->out, "trainable", m->here.trainable);
    mdl_put(m->out, ",\n");
    put_total(m->out, "non_trainable", m->here.other);
    mdl_put(m->out, ",\n");
    put_total(m->out, "total", m->here.both);
    if (m->partial) {
        mdl_put(m->out, ",\n");
        put_total(m->out, "of", m->all.both);
    }
    mdl_put(m->out, "\n  },\n");
}

void mdl_manifest_json(const Manifest *m)
{
    const mdl_registry *r = m->r;
    const char         *model = r->layers[MDL_MODEL].info.class_name;
    Text                value = {0};
    mdl_put(m->out, "{\n  \"format_version\": 1,\n  \"model\": ");
    mdl_json_string(m->out, model, strlen(model));
    mdl_put(m->out, ",\n");
    put_ports(m->out, "inputs", r->ninputs, r->inputs);
    put_ports(m->out, "outputs", r->noutputs, r->outputs);
    put_totals(m);

    const char *between = "\n    ";
    mdl_put(m->out, "  \"layers\": [");
    for (int32_t i = 0; i < r->nlayers; i++) {
        if (!m->shown[r->tree[i]]) continue;
        mdl_put(m->out, between);
        put_record(m, mdl_layer_fields, r->tree[i], &value);
        between = ",\n    ";
    }
    between = "\n    ";
    mdl_put(m->out, "\n  ],\n  \"variables\": [");
    for (int32_t i = 0; i < r->nvariables; i++) {
        if (!m->listed[i]) continue;
        mdl_put(m->out, between);
        put_record(m, mdl_variable_fields, i, &value);
        between = ",\n    ";
    }
    mdl_put(m->out, "\n  ]\n}\n");
    mdl_text_free(&value);
}
