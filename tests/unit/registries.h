/* Registries for tests, recorded as generated code does. */
#ifndef REGISTRIES_H
#define REGISTRIES_H

#include <mdl/mdl.h>

/* A model with one of everything: lists, a shared layer, frozen layers at two depths, a frozen declaration, states, an unused and
 * an unbuilt layer, every dtype, names that differ in Keras, long paths. */
mdl_registry *registry_of_everything(void);

/* A layer of class `class_name` below `parent`, made in line `line` of model.mdl. Its Keras name is `keras`, numbered `number`. */
mdl_layer test_layer(mdl_registry *r, mdl_layer parent, const char *component, const char *class_name, mdl_name keras, int line);
/* A dense layer with kernel and bias of `in` x `out`; the shapes live until the process ends. */
mdl_layer test_dense(mdl_registry *r, mdl_layer parent, const char *component, int64_t number, int64_t in, int64_t out);
mdl_registry *test_registry(const char *model, const char *keras);

/* What the manifest prints under these options, NUL-terminated; the caller frees it. NULL if there is no memory. */
char *test_manifest(mdl_registry *r, const mdl_manifest_options *options);
/* With the options given as words: test_manifest_of(r, 2, (char *[]){"--format", "json"}). */
char *test_manifest_of(mdl_registry *r, int argc, char *const *argv);

#endif
