/* Writing safetensors files: one, or a set with its index. */
#define _POSIX_C_SOURCE 200809L

#include <mdl/mdl_weights.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shard_names.h"
#include "weights.h"

enum { PREFIX = 8, ALIGNMENT = 64 };

/* One file of the set: the tensors [first, end) of the plan. */
typedef struct Shard {
    size_t   first, end;
    uint64_t bytes;
} Shard;

struct mdl_weights_writer {
    Pool        pool;
    mdl_stored *tensors; /* measured */
    size_t      count;
    const char *const *metadata;
    ShardNames  names;
    Shard      *shards;
    Output     *outputs; /* one for each shard, those before `next` open */
    int32_t     nshards, next;
    uint64_t    left;    /* bytes of the current shard that are still to come */
    uint64_t    total;
};

/* ---- the header ---- */

static void put_metadata(Text *out, const char *const *pairs)
{
    mdl_put(out, "\"__metadata__\":{");
    for (size_t i = 0; pairs[i] != NULL; i += 2) {
        if (i > 0) mdl_putc(out, ',');
        mdl_json_string(out, pairs[i], strlen(pairs[i]));
        mdl_putc(out, ':');
        mdl_json_string(out, pairs[i + 1], strlen(pairs[i + 1]));
    }
    mdl_putc(out, '}');
}

static void put_entry(Text *out, const mdl_stored *t, uint64_t begin)
{
    mdl_json_string(out, t->name, t->name_len);
    mdl_put(out, ":{\"dtype\":\"");
    mdl_put(out, mdl_stored_name(t->dtype));
    mdl_put(out, "\",\"shape\":[");
    for (int i = 0; i < t->rank; i++) {
        if (i > 0) mdl_putc(out, ',');
        mdl_put_int(out, t->shape[i]);
    }
    mdl_put(out, "],\"data_offsets\":[");
    mdl_put_int(out, (int64_t)begin);
    mdl_putc(out, ',');
    mdl_put_int(out, (int64_t)(begin + t->bytes));
    mdl_put(out, "]}");
}

/* The header with its length in front, and blanks behind it so that the tensors begin at a multiple of 64. */
static mdl_status put_header(Text *out, const mdl_weights_writer *w, const Shard *shard, mdl_error *error)
{
    uint64_t   at = 0;
    const bool metadata = w->metadata != NULL && w->metadata[0] != NULL;
    mdl_put_fill(out, " ", PREFIX);
    mdl_putc(out, '{');
    if (metadata) put_metadata(out, w->metadata);
    for (size_t i = shard->first; i < shard->end; i++) {
        if (i > shard->first || metadata) mdl_putc(out, ',');
        put_entry(out, &w->tensors[i], at);
        at += w->tensors[i].bytes;
    }
    mdl_putc(out, '}');
    mdl_put_fill(out, " ", (ALIGNMENT - out->len % ALIGNMENT) % ALIGNMENT);
    if (out->failed) return mdl_fail_status(error, MDL_NO_MEMORY);
    if (out->len - PREFIX > MDL_MAX_HEADER) {
        return mdl_fail(error, MDL_USAGE, "there are too many tensors for a safetensors file: write shards");
    }
    for (int i = 0; i < PREFIX; i++) out->s[i] = (char)((out->len - PREFIX) >> 8 * i);
    return MDL_OK;
}

/* ---- the plan ---- */

/* Copies and measures the tensors, and cuts them into shards. */
static mdl_status read_plan(mdl_weights_writer *w, const mdl_weights_plan *plan, mdl_error *error)
{
    Names names = {0};
    w->tensors = calloc(plan->count + 1, sizeof *w->tensors);
    w->shards = calloc(plan->count + 1, sizeof *w->shards);
    mdl_status status = MDL_OK;
    if (w->tensors == NULL || w->shards == NULL || !mdl_names_make(&names, plan->count)) {
        status = mdl_fail_status(error, MDL_NO_MEMORY);
    }
    w->nshards = 1;
    for (size_t i = 0; status == MDL_OK && i < plan->count; i++) {
        mdl_stored *t = &w->tensors[i];
        *t = plan->tensors[i];
        const char *fault = mdl_weights_name_fault(t->name, t->name_len);
        if (fault == NULL && (!mdl_stored_measure(t) || t->bytes > INT64_MAX - w->total)) fault = "too large for a file";
        if (fault == NULL && mdl_names_enter(&names, t->name, t->name_len, 0) >= 0) fault = "its name is there twice";
        if (fault != NULL) status = mdl_fail(error, MDL_USAGE, "tensor `%.200s` can't be written: %s", t->name, fault);
        Shard *s = &w->shards[w->nshards - 1];
        const uint64_t room = plan->shard_size > s->bytes ? plan->shard_size - s->bytes : 0;
        if (plan->shard_size > 0 && s->end > s->first && t->bytes > room) *(s = &w->shards[w->nshards++]) = (Shard){.first = i};
        s->end = i + 1;
        s->bytes += t->bytes;
        w->total += t->bytes;
    }
    mdl_names_free(&names);
    w->count = plan->count;
    return status;
}

/* Opens the next shard, and writes its header. */
static mdl_status begin_shard(mdl_weights_writer *w, mdl_error *error)
{
    const Shard *shard = &w->shards[w->next];
    Text         header = {0};
    mdl_status   status = put_header(&header, w, shard, error);
    if (status == MDL_OK) status = mdl_output_open(&w->outputs[w->next], mdl_shard_name(&w->names, w->next), error);
    if (status == MDL_OK) {
        w->left = shard->bytes;
        Output *out = &w->outputs[w->next++];
        status = mdl_output_reserve(out, header.len + shard->bytes, error);
        if (status == MDL_OK) status = mdl_output_write(out, header.s, header.len, error);
    }
    mdl_text_free(&header);
    return status;
}

mdl_status mdl_weights_create(const char *file, const mdl_weights_plan *plan, mdl_weights_writer **writer, mdl_error *error)
{
    *writer = NULL;
    mdl_weights_writer *w = calloc(1, sizeof *w);
    if (w == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    w->metadata = plan->metadata;
    mdl_status status = read_plan(w, plan, error);
    if (status == MDL_OK) status = mdl_shard_names(&w->names, file, w->nshards, plan->shard_size > 0, error);
    if (status == MDL_OK) {
        w->outputs = calloc((size_t)w->nshards, sizeof *w->outputs);
        status = w->outputs != NULL ? begin_shard(w, error) : mdl_fail_status(error, MDL_NO_MEMORY);
    }
    if (status == MDL_OK) *writer = w;
    else mdl_weights_abandon(w);
    return status;
}

/* ---- writing ---- */

/* A shard that has all its bytes is made durable at once, and keeps its temporary name until all are. */
static mdl_status go_on(mdl_weights_writer *w, mdl_error *error)
{
    mdl_status status = MDL_OK;
    while (status == MDL_OK && w->left == 0 && w->next < w->nshards) {
        status = mdl_output_sync(&w->outputs[w->next - 1], error);
        if (status == MDL_OK) status = begin_shard(w, error);
    }
    return status;
}

mdl_status mdl_weights_write(mdl_weights_writer *w, const void *bytes, size_t size, mdl_error *error)
{
    const char *at = bytes;
    while (size > 0) {
        mdl_status status = go_on(w, error);
        if (status != MDL_OK) return status;
        if (w->left == 0) return mdl_fail(error, MDL_USAGE, "more bytes are written than the tensors have");
        const size_t n = size < w->left ? size : (size_t)w->left;
        status = mdl_output_write(&w->outputs[w->next - 1], at, n, error);
        if (status != MDL_OK) return status;
        at += n;
        size -= n;
        w->left -= n;
    }
    return MDL_OK;
}

/* ---- the end ---- */

static void put_index(Text *out, mdl_weights_writer *w)
{
    mdl_put(out, "{\n  \"metadata\": {\n    \"total_size\": ");
    mdl_put_int(out, (int64_t)w->total);
    mdl_put(out, "\n  },\n  \"weight_map\": {");
    for (int32_t k = 0; k < w->nshards; k++) {
        const char *file = mdl_shard_name(&w->names, k), *slash = strrchr(file, '/');
        if (slash != NULL) file = slash + 1;
        for (size_t i = w->shards[k].first; i < w->shards[k].end; i++) {
            mdl_put(out, i == 0 ? "\n    " : ",\n    ");
            mdl_json_string(out, w->tensors[i].name, w->tensors[i].name_len);
            mdl_put(out, ": ");
            mdl_json_string(out, file, strlen(file));
        }
    }
    mdl_put(out, "\n  }\n}\n");
}

/* The index under its temporary name, complete: whoever is killed from here on leaves it, and it names the files that are left. */
static mdl_status begin_index(mdl_weights_writer *w, Output *out, mdl_error *error)
{
    Text       text = {0};
    mdl_status status = mdl_output_open(out, w->names.index, error);
    if (status != MDL_OK) return status;
    put_index(&text, w);
    status = text.failed ? mdl_fail_status(error, MDL_NO_MEMORY) : mdl_output_write(out, text.s, text.len, error);
    if (status == MDL_OK) status = mdl_output_sync(out, error);
    mdl_text_free(&text);
    if (status != MDL_OK) mdl_output_close(out, status, NULL);
    return status;
}

static void unname(const mdl_weights_writer *w, int32_t named)
{
    for (int32_t i = 0; i < named; i++) unlink(mdl_shard_name(&w->names, i));
}

/* Names the files, the index last: that it has its name, whatever failed then, makes the set the new one. */
static mdl_status name_files(mdl_weights_writer *w, Output *index, mdl_error *error)
{
    mdl_status status = MDL_OK;
    int32_t    named = 0;
    while (status == MDL_OK && named < w->next) status = mdl_output_close(&w->outputs[named++], MDL_OK, error);
    for (int32_t i = named; i < w->next; i++) mdl_output_close(&w->outputs[i], MDL_USAGE, NULL);
    w->next = 0;
    if (index == NULL) return status;
    if (status == MDL_OK) mdl_shard_keep_old(&w->names);
    else unname(w, named); /* before the index goes, which tells of them */
    status = mdl_output_close(index, status, error);
    if (status == MDL_OK) mdl_shard_remove_old(&w->names);
    else if (!index->placed) {
        unname(w, named);
        mdl_shard_forget_old(&w->names);
    }
    return status;
}

mdl_status mdl_weights_finish(mdl_weights_writer *w, mdl_error *error)
{
    Output     index;
    const bool is_set = w->names.index != NULL;
    mdl_status status = go_on(w, error);
    if (status == MDL_OK && w->left > 0) status = mdl_fail(error, MDL_USAGE, "not all bytes of the tensors were written");
    if (status == MDL_OK) status = mdl_output_sync(&w->outputs[w->next - 1], error);
    if (status == MDL_OK && is_set) status = begin_index(w, &index, error);
    if (status == MDL_OK) status = name_files(w, is_set ? &index : NULL, error);
    mdl_weights_abandon(w);
    return status;
}

void mdl_weights_abandon(mdl_weights_writer *w)
{
    if (w == NULL) return;
    for (int32_t i = 0; i < w->next; i++) mdl_output_close(&w->outputs[i], MDL_USAGE, NULL);
    mdl_shard_names_free(&w->names);
    mdl_pool_free(&w->pool);
    free(w->outputs);
    free(w->shards);
    free(w->tensors);
    free(w);
}
