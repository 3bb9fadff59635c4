/* What the manifest's formats share: which variables are listed, and the totals. */
#ifndef MDL_MANIFEST_H
#define MDL_MANIFEST_H

#include "record.h"

typedef struct Total {
    uint64_t variables, parameters, bytes;
} Total;

typedef struct Tally {
    Total trainable, other, both;
} Tally;

typedef struct Manifest {
    mdl_registry               *r;
    const mdl_manifest_options *o;
    Text                       *out;
    bool                       *listed;  /* for each variable, in the manifest's order */
    bool                       *shown;   /* for each layer: all, or those that hold a listed variable */
    bool                        partial; /* only some variables were asked for */
    Tally                       here, all;
} Manifest;

/* Puts one field into `t`, which is emptied first, and gives it as a string. */
const char *mdl_manifest_field(const Manifest *m, const Field *f, int32_t id, Text *t);

void mdl_manifest_text(const Manifest *m);
/* The part of the text that --layers puts in place of the variables; whether something had to be cut. */
bool mdl_manifest_tree(const Manifest *m);
void mdl_manifest_json(const Manifest *m);
void mdl_manifest_csv(const Manifest *m);
void mdl_manifest_markdown(const Manifest *m);

/* A line for each variable. The template was checked when it was read. */
void       mdl_manifest_lines(const Manifest *m);
mdl_status mdl_template_check(const char *line, mdl_error *error);

#endif
