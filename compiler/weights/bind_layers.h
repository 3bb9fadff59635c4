#ifndef MDLC_BIND_LAYERS_H
#define MDLC_BIND_LAYERS_H

#include "bind_keras.h"

/* A Functional or Sequential model's file, whose top level is `layers/<class>[_<n>]`, numbered by class in the order of its
 * layers. */
mdl_status bind_layers(const ModelView *m, const Checkpoint *c, Proposal *p, mdl_error *error);
bool same_shape(const mdl_variable *v, const mdl_stored *t);

#endif
