/* A set changes from old to new when its index is replaced. So its files are written under names that no file has yet: the
 * usual ones if they are free, else "model.2-00001-of-00004.safetensors", "model.3-...". While some of a set's files have their
 * names and its index hasn't, or no longer, there is an index under a temporary name: the next save removes what that names. */
#define _POSIX_C_SOURCE 200809L

#include "shard_names.h"

#include <errno.h>
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

/* Keeps what only the old index names. A file that it doesn't name is none of ours. False if it can't be told. */
static bool find_old(ShardNames *n, const char *index)
{
    mdl_weights *old;
    if (access(index, F_OK) != 0) return errno == ENOENT;
    if (mdl_weights_open(index, NULL, &old, NULL) != MDL_OK) return false;
    n->old = mdl_pool_alloc(&n->pool, (size_t)(old->nfiles + 1) * sizeof *n->old);
    for (int32_t i = 0; n->old != NULL && i < old->nfiles; i++) {
        const char *name = mdl_pool_copy(&n->pool, old->files[i].name, strlen(old->files[i].name));
        if (name != NULL) n->old[n->nold++] = name;
    }
    const bool all = n->nold == (size_t)old->nfiles;
    mdl_weights_close(old);
    return all;
}

/* ---- what killed saves have left ---- */

static bool is_old(const ShardNames *n, const char *file)
{
    for (size_t i = 0; i < n->nold; i++) {
        const char *slash = strrchr(n->old[i], '/');
        if (strcmp(slash != NULL ? slash + 1 : n->old[i], file) == 0) return true;
    }
    return false;
}

/* Whether a file is called as one of this set: STEM[.SET]-00001-of-00004.safetensors. */
static bool is_ours(const ShardNames *n, const char *file)
{
    const char  *slash = strrchr(n->index, '/'), *name = slash != NULL ? slash + 1 : n->index;
    const size_t stem = strlen(name) - strlen(extension) - strlen(index_extension);
    int          set = 1, length = 0;
    long         i, count;
    if (strncmp(file, name, stem) != 0) return false;
    if (file[stem] == '.' && sscanf(file + stem, ".%9d%n", &set, &length) != 1) return false;
    if (sscanf(file + stem + length, "-%9ld-of-%9ld", &i, &count) != 2) return false;
    char expected[64];
    snprintf(expected, sizeof expected, "-%05ld-of-%05ld%s", i, count, extension);
    return strcmp(file + stem + length, expected) == 0;
}

/* `path` is the index of a set that a killed save had begun to name, or to remove. */
static void remove_named(void *context, const char *path)
{
    const ShardNames *n = context;
    const char       *slash = strrchr(path, '/');
    char             *text = NULL, name[4096];
    size_t            len;
    Pool              pool = {0};
    Index             index = {0};
    if (mdl_index_text(path, &text, &len, NULL) == MDL_OK) {
        Json j = {.s = text, .len = len, .pool = &pool};
        if (!mdl_index_parse(&j, &index)) index.count = 0;
    }
    for (size_t i = 0; i < index.count; i++) {
        const char *file = index.entries[i].file;
        const int   size = snprintf(name, sizeof name, "%.*s%s", slash != NULL ? (int)(slash + 1 - path) : 0, path, file);
        if (size < (int)sizeof name && is_ours(n, file) && !is_old(n, file)) unlink(name);
    }
    free(index.entries);
    free(text);
    mdl_pool_free(&pool);
}

/* ---- names ---- */

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
    if (find_old(n, index)) mdl_output_sweep(index, remove_named, n);
    for (int set = 1; set < 1000; set++) {
        for (int32_t i = 0; i < n->count; i++) {
            n->files[i] = make_name(&n->pool, file, len, set, i, n->count);
            if (n->files[i] == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
        }
        if (!any_exists(n)) return MDL_OK;
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

void mdl_shard_keep_old(ShardNames *n)
{
    if (n->nold > 0) n->kept = mdl_output_keep(n->index);
}

void mdl_shard_forget_old(ShardNames *n)
{
    if (n->kept != NULL) unlink(n->kept);
    free(n->kept);
    n->kept = NULL;
}

void mdl_shard_remove_old(ShardNames *n)
{
    for (size_t i = 0; i < n->nold; i++) unlink(n->old[i]);
    mdl_shard_forget_old(n);
}

void mdl_shard_names_free(ShardNames *n)
{
    free(n->kept);
    mdl_pool_free(&n->pool);
    *n = (ShardNames){0};
}
