/* Variables and layers as the manifest shows them: tables of fields, which the CSV's columns, the template's placeholders and
 * the keys of the JSON all come from. */
#ifndef MDL_RECORD_H
#define MDL_RECORD_H

#include "internal.h"
#include "registry.h"

typedef enum FieldKind {
    FIELD_STRING, /* text */
    FIELD_VALUE,  /* a number, true or false, a list of numbers: JSON as it stands */
    FIELD_LIST,   /* texts, each ended by '\n' */
    FIELD_OPTION, /* text; empty means that there is none */
} FieldKind;

typedef struct Field {
    const char *name;
    FieldKind   kind;
    bool        in_json;
    void (*put)(Text *t, mdl_registry *r, int32_t id);
} Field;

typedef struct Fields {
    const Field *at;
    int          count;
} Fields;

/* Of the variable at a place in the manifest's order. */
extern const Fields mdl_variable_fields;
/* Of a layer, by its mdl_layer. */
extern const Fields mdl_layer_fields;

/* Why the variable isn't trainable: "", "state", "frozen by `encoder` (model.mdl:40)". */
void mdl_put_reason(Text *t, const mdl_registry *r, const Variable *v);
/* "built", "unused", "unbuilt" */
const char *mdl_layer_state_name(mdl_layer_state state);
/* a + b, or UINT64_MAX if that does not fit. */
uint64_t mdl_sum_capped(uint64_t a, uint64_t b);

#endif
