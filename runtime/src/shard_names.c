/* A set changes from old to new when its index is replaced. So its files are written under names that no file has yet: the
 * usual ones if they are free, else "model.2-00001-of-00004.safetensors", "model.3-...". */
#define _POSIX_C_SOURCE 200809L

#include "shard_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "weights.h"

static const char extension[] = ".safetensors", index_extension[] = ".index.json";

static size_t without(const char *s, size_t len, const char *end)
{
    const size_t n = strlen(end);
    return len > n && memcmp(s + len - n, end, n) == 0 ? len - n : len;
}

/* STEM[.SET]-00001-of-00004.safetensors */
static const char *make_name(Pool *pool, const char *stem, size_t stem_len, int set, int32_t i, int32_t count)
{
    const size_t size = stem_len + 64;
    char         part[16] = "", *name = mdl_pool_text(pool, size);
    if (name == NULL) return NULL;
    if (set > 1) snprintf(part, sizeof part, ".%d", set);
    snprintf(name, size, "%.*s%s-%05ld-of-%05ld%s", (int)stem_len, stem, part, (long)i + 1, (long)count, extension);
    return name;
}

/* Keeps what only the old index names. A file that it doesn't name is none of ours. */
static void find_old(ShardNames *n, const char *index)
{
    mdl_weights *old;
    if (access(index, F_OK) != 0 || mdl_weights_open(index, NULL, &old, NULL) != MDL_OK) return;
    n->old = mdl_pool_alloc(&n->pool, (size_t)(old->nfiles + 1) * sizeof *n->old);
    for (int32_t i = 0; n->old != NULL && i < old->nfiles; i++) {
        const char *name = mdl_pool_copy(&n->pool, old->files[i].name, strlen(old->files[i].name));
        if (name != NULL) n->old[n->nold++] = name;
    }
    mdl_weights_close(old);
}

static bool any_exists(const ShardNames *n)
{
    for (int32_t i = 0; i < n->count; i++) {
        if (access(n->files[i], F_OK) == 0) return true;
    }
    return false;
}

static mdl_status name_set(ShardNames *n, const char *file, mdl_error *error)
{
    size_t len = without(file, strlen(file), index_extension);
    len = without(file, len, extension);
    char *index = mdl_pool_text(&n->pool, len + sizeof extension + sizeof index_extension);
    if (index == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    snprintf(index, len + sizeof extension + sizeof index_extension, "%.*s%s%s", (int)len, file, extension, index_extension);
    n->index = index;
    for (int set = 1; set < 1000; set++) {
        for (int32_t i = 0; i < n->count; i++) {
            n->files[i] = make_name(&n->pool, file, len, set, i, n->count);
            if (n->files[i] == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
        }
        if (any_exists(n)) continue;
        find_old(n, index);
        return MDL_OK;
    }
    return mdl_fail(error, MDL_IO, "%s: there are files of too many older sets beside it: remove them", index);
}

mdl_status mdl_shard_names(ShardNames *n, const char *file, int32_t count, bool sharded, mdl_error *error)
{
    n->count = count;
    n->files = mdl_pool_alloc(&n->pool, (size_t)count * sizeof *n->files);
    if (n->files == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    const size_t len = strlen(file);
    const bool   is_index = without(file, len, index_extension) < len;
    if (count > 1 || (sharded && is_index)) return name_set(n, file, error);
    if (is_index) return mdl_fail(error, MDL_USAGE, "%s: an index needs a shard size", file);
    n->files[0] = mdl_pool_copy(&n->pool, file, len);
    return n->files[0] != NULL ? MDL_OK : mdl_fail_status(error, MDL_NO_MEMORY);
}

const char *mdl_shard_name(const ShardNames *n, int32_t i)
{
    return n->files[i];
}

void mdl_shard_remove_old(const ShardNames *n)
{
    for (size_t i = 0; i < n->nold; i++) unlink(n->old[i]);
}

void mdl_shard_names_free(ShardNames *n)
{
    mdl_pool_free(&n->pool);
    *n = (ShardNames){0};
}
