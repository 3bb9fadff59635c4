/* The reader of sets, on any bytes as the index. Beside it is one file with a tensor: what is accepted names that, and no other. */
#define _GNU_SOURCE

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[64], index_name[96], shard_name[96];

static void write_file(const char *name, const void *bytes, size_t size)
{
    FILE *f = fopen(name, "wb");
    if (f == NULL || fwrite(bytes, 1, size, f) != size || fclose(f) != 0) abort();
}

static void leave(void)
{
    unlink(index_name);
    unlink(shard_name);
    rmdir(folder);
}

/* In memory where the system has such a folder. */
static void enter(void)
{
    static const char header[] = "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}";
    char              shard[8 + sizeof header - 1 + 2] = {(char)(sizeof header - 1)};
    memcpy(shard + 8, header, sizeof header - 1);
    strcpy(folder, "/dev/shm/mdl-fuzz-XXXXXX");
    if (mkdtemp(folder) == NULL && mkdtemp(strcpy(folder, "/tmp/mdl-fuzz-XXXXXX")) == NULL) abort();
    snprintf(index_name, sizeof index_name, "%s/x.index.json", folder);
    snprintf(shard_name, sizeof shard_name, "%s/s", folder);
    write_file(shard_name, shard, sizeof shard);
    atexit(leave);
}

/* Whether it is an index at all: files are slow, so only such ones are written. */
static bool is_index(const uint8_t *data, size_t size, bool lists)
{
    Pool       pool = {0};
    Index      index = {.lists = lists};
    Json       j = {.s = (const char *)data, .len = size, .pool = &pool};
    const bool parsed = mdl_index_parse(&j, &index);
    if (!parsed && (j.fault == NULL || j.at > size)) abort();
    free(index.entries);
    mdl_pool_free(&pool);
    return parsed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mdl_weights *w;
    mdl_error    error;
    const bool plain = is_index(data, size, false), lists = is_index(data, size, true);
    if (plain && !lists) abort(); /* lists of files are more, as Keras has them */
    if (!plain) return 0;
    if (folder[0] == '\0') enter();
    write_file(index_name, data, size);
    if (mdl_weights_open(index_name, NULL, &w, &error) != MDL_OK) return 0;
    for (size_t i = 0; i < mdl_weights_count(w); i++) {
        const mdl_stored *t = mdl_weights_tensor(w, i);
        if (strcmp(t->name, "a") != 0 || strcmp(mdl_weights_file(w, t->file), shard_name) != 0) abort();
    }
    mdl_weights_close(w);
    return 0;
}
