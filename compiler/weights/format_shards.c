/* Keras' sharded weights: a .weights.json that says which of several .weights.h5 files beside it hold the variables of a layer.
 * They are one file to whoever looks: the same tensors, in the order that one .weights.h5 would have. */
#include <stdlib.h>
#include <string.h>

#include "../base/str.h"
#include "format_h5.h"
#include "weights.h"

enum { MAX_SHARDS = 250 }; /* each is open with a helper of its own */

typedef struct Shard {
    const char *name; /* as the index has it */
    Checkpoint *file;
} Shard;

/* Where a tensor is. */
typedef struct Place {
    const FileTensor *tensor;
    size_t            shard, index;
} Place;

typedef struct Shards {
    VEC(Shard) all;
    Place *places; /* of each tensor */
} Shards;

static void close_shards(Checkpoint *c)
{
    Shards *s = c->reader;
    for (size_t i = 0; i < s->all.len; i++) checkpoint_close(s->all.at[i].file);
    s->all.len = 0;
}

static mdl_status load(Checkpoint *c, size_t index, void *out, mdl_error *error)
{
    const Shards *s = c->reader;
    const Place  *p = &s->places[index];
    return checkpoint_bytes(s->all.at[p->shard].file, p->index, 0, (size_t)p->tensor->is.bytes, out, error);
}

/* ---- the index ---- */

static size_t find_shard(const Shards *s, const char *name)
{
    size_t i = 0;
    while (i < s->all.len && strcmp(s->all.at[i].name, name)) i++;
    return i;
}

static mdl_status open_shard(Checkpoint *c, const char *name, mdl_error *error)
{
    Shards      *s = c->reader;
    const char  *slash = strrchr(c->file, '/');
    const size_t folder = slash ? (size_t)(slash + 1 - c->file) : 0;
    const char  *path = arena_printf(c->arena, "%.*s%s", (int)folder, c->file, name);
    Shard        shard = {.name = arena_copy(c->arena, name, strlen(name))};
    mdl_error    why = {0};
    if (!name_ends(name, ".h5")) return bad_file(c, error, "it names the shard `%s`; Keras' shards are .weights.h5 files", name);
    if (s->all.len == MAX_SHARDS) return bad_file(c, error, "it names over %d shards; save it in fewer", MAX_SHARDS);
    mdl_status status = checkpoint_open(c->arena, c->host, path, &shard.file, &why);
    if (status != MDL_OK) return mdl_fail(error, status, "%s (a shard of %s)", why.message, c->file);
    vec_push(c->arena, &s->all, shard);
    if (shard.file->format->open == h5_open) return MDL_OK;
    return bad_file(c, error, "its shard %s is no HDF5 file", path);
}

/* What the index says and what the shards hold, as "NAME:GROUP": the numbers of its entries. */
typedef struct Groups {
    Names names;
    bool *seen; /* of each entry */
} Groups;

static const char *key_of(Arena *a, const char *shard, const char *group, size_t len)
{
    return arena_printf(a, "%s:%.*s", shard, (int)len, group);
}

static mdl_status enter_groups(Checkpoint *c, const Index *index, Groups *g, mdl_error *error)
{
    if (!mdl_names_make(&g->names, index->count)) return mdl_fail(error, MDL_NO_MEMORY, "not enough memory");
    g->seen = arena_array(c->arena, bool, index->count + 1);
    for (size_t i = 0; i < index->count; i++) {
        const IndexEntry *e = &index->entries[i];
        const bool        slash = *e->tensor == '/'; /* "/layers/dense/vars" */
        const char       *key = key_of(c->arena, e->file, e->tensor + slash, e->tensor_len - slash);
        if (mdl_names_enter(&g->names, key, strlen(key), (int32_t)i) >= 0) {
            return bad_file(c, error, "it says twice that %s holds `%s`: save the set again", e->file, e->tensor);
        }
    }
    return MDL_OK;
}

/* What a shard holds must be in the index, by which alone Keras finds it. */
static mdl_status see_groups(const Checkpoint *c, const Shard *shard, Groups *g, mdl_error *error)
{
    for (size_t i = 0; i < shard->file->tensors.len; i++) {
        const char   *name = shard->file->tensors.at[i].is.name, *slash = strrchr(name, '/');
        const char   *key = key_of(c->arena, shard->name, name, slash ? (size_t)(slash - name) : 0);
        const int32_t entry = mdl_names_find(&g->names, key, strlen(key));
        if (entry < 0) {
            return bad_file(c, error, "it does not say that %s holds `%s`, which is there: save the set again", shard->file->file,
                            name);
        }
        g->seen[entry] = true;
    }
    return MDL_OK;
}

static mdl_status compare(Checkpoint *c, const Index *index, Groups *g, mdl_error *error)
{
    const Shards *s = c->reader;
    mdl_status    status = enter_groups(c, index, g, error);
    for (size_t i = 0; i < s->all.len && status == MDL_OK; i++) status = see_groups(c, &s->all.at[i], g, error);
    for (size_t i = 0; i < index->count && status == MDL_OK; i++) {
        const IndexEntry *e = &index->entries[i];
        if (g->seen[i]) continue;
        status = bad_file(c, error, "it says that %s holds `%s`, which is not there: save the set again", e->file, e->tensor);
    }
    return status;
}

static mdl_status open_all(Checkpoint *c, const Index *index, mdl_error *error)
{
    Shards    *s = c->reader;
    Groups     groups = {.seen = NULL};
    mdl_status status = MDL_OK;
    for (size_t i = 0; i < index->count && status == MDL_OK; i++) {
        const char *name = index->entries[i].file;
        if (find_shard(s, name) == s->all.len) status = open_shard(c, name, error);
    }
    if (status == MDL_OK) status = compare(c, index, &groups, error);
    mdl_names_free(&groups.names);
    return status;
}

static mdl_status read_index(Checkpoint *c, mdl_error *error)
{
    char      *text = NULL;
    size_t     len = 0;
    Pool       pool = {0};
    Index      index = {.lists = true};
    mdl_status status = mdl_index_text(c->file, &text, &len, error);
    Json       j = {.s = text, .len = len, .pool = &pool};
    if (status == MDL_OK && !mdl_index_parse(&j, &index)) {
        status = pool.failed ? mdl_fail(error, MDL_NO_MEMORY, "not enough memory")
                             : bad_file(c, error, "byte %llu: %s", (unsigned long long)j.at, j.fault);
    }
    if (status == MDL_OK) status = open_all(c, &index, error);
    free(text);
    free(index.entries);
    mdl_pool_free(&pool);
    return status;
}

/* ---- as one file ---- */

static int by_name(const void *a, const void *b)
{
    const Place *x = a, *y = b;
    return h5_order(x->tensor->is.name, y->tensor->is.name);
}

static void gather(Checkpoint *c)
{
    Shards *s = c->reader;
    size_t  count = 0, n = 0;
    for (size_t i = 0; i < s->all.len; i++) count += s->all.at[i].file->tensors.len;
    s->places = arena_array(c->arena, Place, count + 1);
    for (size_t i = 0; i < s->all.len; i++) {
        const Checkpoint *file = s->all.at[i].file;
        for (size_t k = 0; k < file->tensors.len; k++) s->places[n++] = (Place){&file->tensors.at[k], i, k};
        for (size_t k = 0; k < file->groups.len; k++) vec_push(c->arena, &c->groups, file->groups.at[k]);
    }
    qsort(s->places, count, sizeof *s->places, by_name);
    for (size_t i = 0; i < count; i++) {
        const mdl_stored *t = &s->places[i].tensor->is;
        checkpoint_add(c, t->name, t->name_len, t->dtype, t->rank, t->shape, NULL, 0);
    }
}

mdl_status shards_open(Checkpoint *c, mdl_error *error)
{
    c->reader = arena_new(c->arena, Shards);
    c->close = close_shards;
    c->load = load;
    const mdl_status status = read_index(c, error);
    if (status != MDL_OK) return status;
    gather(c);
    return checkpoint_ready(c, error);
}
