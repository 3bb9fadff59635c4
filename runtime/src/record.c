#include "record.h"

#include <string.h>

static const Layer *owner_of(mdl_registry *r, const Variable *v)
{
    return &r->layers[v->seen.layer];
}

/* A layer's path in backquotes, and where it was made. */
static void put_layer(Text *t, const mdl_registry *r, mdl_layer id)
{
    const Layer *l = &r->layers[id];
    if (id == MDL_MODEL) mdl_put(t, "the model");
    else {
        mdl_putc(t, '`');
        mdl_put(t, l->path);
        mdl_putc(t, '`');
    }
    if (l->info.file == NULL) return;
    mdl_put(t, " (");
    mdl_put_source(t, l);
    mdl_putc(t, ')');
}

void mdl_put_reason(Text *t, const mdl_registry *r, const Variable *v)
{
    const Layer *owner = &r->layers[v->seen.layer];
    if (v->info.is_state) mdl_put(t, "state");
    else if (v->info.frozen) {
        mdl_put(t, "frozen by its declaration in `");
        mdl_put(t, owner->info.class_name);
        mdl_putc(t, '`');
    }
    else if (owner->frozen_by != MDL_NO_LAYER) {
        mdl_put(t, "frozen by ");
        put_layer(t, r, owner->frozen_by);
    }
}

static void put_line(void *context, const char *name, size_t len)
{
    mdl_putn(context, name, len);
    mdl_putc(context, '\n');
}

const char *mdl_layer_state_name(mdl_layer_state state)
{
    switch (state) {
    case MDL_BUILT: return "built";
    case MDL_UNUSED: return "unused";
    case MDL_UNBUILT: return "unbuilt";
    }
    return "";
}

uint64_t mdl_sum_capped(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void put_count(Text *t, uint64_t n)
{
    mdl_put_int(t, n > INT64_MAX ? INT64_MAX : (int64_t)n);
}

/* A Keras name is put after its layer's path, which makes the slash depend on whether there is one. */
static void put_below(Text *t, const char *name)
{
    if (t->len > 0) mdl_putc(t, '/');
    mdl_put(t, name);
}

/* A path without its last part. */
static void cut_last(Text *t)
{
    while (t->len > 0 && t->s[t->len - 1] != '/') t->len--;
    if (t->len > 0) t->len--;
}

/* ---- variables ---- */

#define FIELD(name) static void field_##name(Text *t, mdl_registry *r, int32_t index)
#define VARIABLE const Variable *v = mdl_registry_at(r, index)

FIELD(index)        { (void)r; mdl_put_int(t, index); }
FIELD(path)         { VARIABLE; mdl_put(t, v->seen.path); }
FIELD(shape)        { VARIABLE; mdl_put_shape(t, v->seen.rank, v->seen.shape); }
FIELD(dtype)        { VARIABLE; mdl_put(t, mdl_dtype_name(v->seen.dtype)); }
FIELD(parameters)   { VARIABLE; put_count(t, v->seen.elements); }
FIELD(bytes)        { VARIABLE; put_count(t, v->seen.bytes); }
FIELD(trainable)    { VARIABLE; mdl_put(t, v->seen.trainable ? "true" : "false"); }
FIELD(reason)       { VARIABLE; mdl_put_reason(t, r, v); }
FIELD(initializer)  { VARIABLE; mdl_put(t, v->seen.init->text); }
FIELD(layer)        { VARIABLE; mdl_put(t, owner_of(r, v)->path); }
FIELD(class)        { VARIABLE; mdl_put(t, owner_of(r, v)->info.class_name); }
FIELD(source)       { VARIABLE; mdl_put_source(t, owner_of(r, v)); }
FIELD(aliases)      { VARIABLE; mdl_variable_aliases(r, v, put_line, t); }

FIELD(keras_path)
{
    VARIABLE;
    mdl_put_keras_path(t, r, v->seen.layer);
    put_below(t, v->info.keras != NULL ? v->info.keras : v->info.name);
}

FIELD(keras2_name)
{
    VARIABLE;
    const char *name = v->info.keras2 != NULL ? v->info.keras2 : v->info.name;
    mdl_put_keras2_path(t, r, v->seen.layer);
    if (strncmp(name, "../", 3) == 0) {
        name += 3;
        cut_last(t);
    }
    put_below(t, name);
    mdl_put(t, ":0");
}

FIELD(h5_path)
{
    VARIABLE;
    if (v->info.h5 == NULL) return;
    mdl_put_h5_path(t, r, v->seen.layer);
    put_below(t, v->info.h5);
}

static const Field variable_fields[] = {
    {"index",       FIELD_VALUE,  false, field_index},
    {"path",        FIELD_STRING, true,  field_path},
    {"shape",       FIELD_VALUE,  true,  field_shape},
    {"dtype",       FIELD_STRING, true,  field_dtype},
    {"parameters",  FIELD_VALUE,  false, field_parameters},
    {"bytes",       FIELD_VALUE,  false, field_bytes},
    {"trainable",   FIELD_VALUE,  true,  field_trainable},
    {"reason",      FIELD_STRING, true,  field_reason},
    {"initializer", FIELD_STRING, true,  field_initializer},
    {"layer",       FIELD_STRING, true,  field_layer},
    {"class",       FIELD_STRING, true,  field_class},
    {"source",      FIELD_STRING, true,  field_source},
    {"aliases",     FIELD_LIST,   true,  field_aliases},
    {"keras_path",  FIELD_STRING, true,  field_keras_path},
    {"keras2_name", FIELD_STRING, true,  field_keras2_name},
    {"h5_path",     FIELD_OPTION, true,  field_h5_path},
};
const Fields mdl_variable_fields = {variable_fields, sizeof variable_fields / sizeof *variable_fields};

/* ---- layers ---- */

#define LAYER_FIELD(name) static void layer_##name(Text *t, mdl_registry *r, mdl_layer id)
#define LAYER const Layer *l = &r->layers[id]

static void put_parameters(Text *t, mdl_registry *r, mdl_layer id, bool all)
{
    LAYER;
    uint64_t n = 0;
    for (int32_t i = l->begin; i < l->end; i++) {
        const mdl_variable *v = mdl_registry_variable(r, r->below[i]);
        if (all || v->trainable) n = mdl_sum_capped(n, v->elements);
    }
    put_count(t, n);
}

LAYER_FIELD(path)       { LAYER; mdl_put(t, l->path); }
LAYER_FIELD(class)      { LAYER; mdl_put(t, l->info.class_name); }
LAYER_FIELD(output)     { LAYER; if (l->info.output != NULL) mdl_put(t, l->info.output); }
LAYER_FIELD(parameters) { put_parameters(t, r, id, true); }
LAYER_FIELD(trainable)  { put_parameters(t, r, id, false); }
LAYER_FIELD(state)      { LAYER; mdl_put(t, mdl_layer_state_name(l->info.state)); }
LAYER_FIELD(missing)    { LAYER; if (l->info.missing != NULL) mdl_put(t, l->info.missing); }
LAYER_FIELD(source)     { LAYER; mdl_put_source(t, l); }
LAYER_FIELD(aliases)    { mdl_layer_aliases(r, id, NULL, put_line, t); }
LAYER_FIELD(keras_path) { mdl_put_keras_path(t, r, id); }
LAYER_FIELD(h5_path)    { mdl_put_h5_path(t, r, id); }

static const Field layer_fields[] = {
    {"path",                 FIELD_STRING, true, layer_path},
    {"class",                FIELD_STRING, true, layer_class},
    {"output",               FIELD_OPTION, true, layer_output},
    {"parameters",           FIELD_VALUE,  true, layer_parameters},
    {"trainable_parameters", FIELD_VALUE,  true, layer_trainable},
    {"state",                FIELD_STRING, true, layer_state},
    {"missing",              FIELD_OPTION, true, layer_missing},
    {"source",               FIELD_STRING, true, layer_source},
    {"aliases",              FIELD_LIST,   true, layer_aliases},
    {"keras_path",           FIELD_STRING, true, layer_keras_path},
    {"h5_path",              FIELD_STRING, true, layer_h5_path},
};
const Fields mdl_layer_fields = {layer_fields, sizeof layer_fields / sizeof *layer_fields};
