/* An open weight file, or set of them, from inside. */
#ifndef MDL_WEIGHTS_INSIDE_H
#define MDL_WEIGHTS_INSIDE_H

#include <mdl/mdl_weights.h>

#include "file.h"
#include "json.h"
#include "name_table.h"

struct mdl_weights {
    char              *name;
    bool               no_mmap;
    Pool               pool; /* of names, shapes, metadata */
    Input             *files;
    int32_t            nfiles;
    mdl_weights_source source; /* instead of files */
    mdl_stored        *tensors;
    size_t             count, cap;
    const char       **metadata; /* pairs */
    size_t             nmetadata, metadata_cap;
    Names              names;
};

enum { MDL_MAX_HEADER = 100 * 1000 * 1000, MDL_MAX_NAME = 1024 };

/* Reads the header of w->files[file], a safetensors file, and appends its tensors and metadata. */
mdl_status mdl_safetensors_read(mdl_weights *w, int32_t file, mdl_error *error);
/* The same for all files of an index, and checks that index and files agree. */
mdl_status mdl_shards_read(mdl_weights *w, const char *name, mdl_error *error);

/* ---- weights_npy.c: w->files[0] as an array of NumPy's ---- */
bool       mdl_weights_is_npy(Input *in);
mdl_status mdl_weights_read_npy(mdl_weights *w, mdl_error *error);

bool mdl_weights_append(mdl_weights *w, const mdl_stored *t);
bool mdl_weights_append_metadata(mdl_weights *w, const char *key, const char *value);
/* Why this can't be the name of a tensor; NULL if it can. */
const char *mdl_weights_name_fault(const char *name, size_t len);
/* The elements of a shape and its bytes in a dtype; false if they overflow, or end inside a byte. */
bool mdl_stored_measure(mdl_stored *t);
/* Fails because of a second tensor of that name. */
mdl_status mdl_weights_enter_names(mdl_weights *w, mdl_error *error);

/* An index of shards as it is written. With `lists` a tensor may have a list of files, each of which is an entry. */
typedef struct IndexEntry {
    const char *tensor, *file;
    size_t      tensor_len;
} IndexEntry;

typedef struct Index {
    IndexEntry *entries;
    size_t      count, cap;
    bool        lists;
} Index;

/* The bytes of an index, freed by the caller whatever happens; `text` is NULL before. */
mdl_status mdl_index_text(const char *name, char **text, size_t *len, mdl_error *error);
/* Reads the text of an index; names go to the pool. False after a fault, which is in `j`. */
bool mdl_index_parse(Json *j, Index *index);

#endif
