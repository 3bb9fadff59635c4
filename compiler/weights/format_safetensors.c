/* safetensors, one file or a set of shards: the runtime's reader and writer. */
#include <stdlib.h>

#include "format.h"

mdl_status safetensors_open(Checkpoint *c, mdl_error *error)
{
    const mdl_status status = mdl_weights_open(c->file, NULL, &c->weights, error);
    if (status != MDL_OK) return status;
    for (size_t i = 0; i < mdl_weights_count(c->weights); i++) {
        vec_push(c->arena, &c->tensors, (FileTensor){*mdl_weights_tensor(c->weights, i), NULL});
    }
    TextPair pair = {.number = false};
    for (size_t i = 0; mdl_weights_metadata(c->weights, i, &pair.key, &pair.value); i++) {
        vec_push(c->arena, &c->metadata, pair);
    }
    return MDL_OK;
}

mdl_status safetensors_write(const char *file, const Saving *s, mdl_error *error)
{
    VEC(const char *) texts = {0};
    for (size_t i = 0; i < s->nmetadata; i++) {
        vec_push(s->arena, &texts, s->metadata[i].key);
        vec_push(s->arena, &texts, s->metadata[i].value);
    }
    vec_push(s->arena, &texts, NULL);
    const mdl_weights_plan plan = {.tensors = s->tensors, .count = s->count, .metadata = s->nmetadata ? texts.at : NULL};
    mdl_weights_writer    *writer = NULL;
    mdl_status             status = mdl_weights_create(file, &plan, &writer, error);
    if (status != MDL_OK) return status;
    for (size_t i = 0; status == MDL_OK && i < s->count; i++) {
        mdl_error why = {0};
        void     *values = saving_values(s, i, &why);
        if (values) status = mdl_weights_write(writer, values, (size_t)s->tensors[i].bytes, error);
        else status = mdl_fail(error, why.status, "%s", why.message);
        free(values);
    }
    if (status == MDL_OK) return mdl_weights_finish(writer, error);
    mdl_weights_abandon(writer);
    return status;
}
