/* Finding by itself what a Keras file's tensors are in a model. */
#ifndef MDLC_BIND_KERAS_H
#define MDLC_BIND_KERAS_H

#include "proposal.h"

/* Whether the file has a tensor by a variable's path or alias: then nothing needs to be found. */
bool names_are_ours(const ModelView *m, const Checkpoint *c);
/* Fills in a proposal from the places of Keras' weight files: a subclassed model's by path; a Functional or Sequential one's by
 * name, or by class, order and shape; a legacy file's by name, or by order and shape. MDL_OK, with `*p` NULL if it is no such
 * file. What can be read in several ways is MDL_BAD_FILE, and the message lists the candidates. */
mdl_status bind_keras(const ModelView *m, const Checkpoint *c, Proposal **p, mdl_error *error);
/* For writing: where Keras puts each variable. `layout` is "subclass", "functional" or "sequential". Names in the arena. */
mdl_status keras_places(const ModelView *m, const char *layout, const char **places, mdl_error *error);

#endif
