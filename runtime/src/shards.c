/* Sets of safetensors files: an index in JSON says which tensor is in which file of its folder. */
#include <stdlib.h>
#include <string.h>

#include "weights.h"

/* ---- the index ---- */

/* Skips a value of any kind; what stands in an index beside the map of names is not ours. */
static bool skip_value(Json *j, int depth)
{
    const char *text;
    size_t      len;
    const bool  object = mdl_json_take(j, '{');
    if (object || mdl_json_take(j, '[')) {
        const char end = object ? '}' : ']';
        if (depth == 0) return mdl_json_fault(j, "brackets that are nested too deeply");
        if (mdl_json_take(j, end)) return true;
        do {
            if (object && (!mdl_json_read_string(j, &text, &len) || !mdl_json_expect(j, ':'))) return false;
            if (!skip_value(j, depth - 1)) return false;
        } while (mdl_json_take(j, ','));
        return mdl_json_expect(j, end);
    }
    return mdl_json_skip_scalar(j);
}

/* A file of the same folder, and no other: a plain name. */
static const char *file_fault(const char *name, size_t len)
{
    if (len == 0 || len > 255) return "a file name without characters, or with too many";
    if (name[0] == '.') return "a file name that begins with a dot";
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)name[i];
        if (c == '/' || c == '\\') return "a file name with a slash";
        if (c < ' ' || c == 0x7F) return "a control character in a file name";
    }
    return NULL;
}

static bool add_entry(Json *j, Index *index, const IndexEntry *e)
{
    if (index->count == index->cap) {
        const size_t more = index->cap == 0 ? 64 : index->cap * 2;
        IndexEntry  *grown = realloc(index->entries, more * sizeof *grown);
        if (grown == NULL) {
            j->pool->failed = true;
            return mdl_json_fault(j, "not enough memory");
        }
        index->entries = grown;
        index->cap = more;
    }
    index->entries[index->count++] = *e;
    return true;
}

static bool read_file(Json *j, Index *index, IndexEntry *e)
{
    size_t len;
    if (!mdl_json_read_string(j, &e->file, &len)) return false;
    const char *fault = file_fault(e->file, len);
    if (fault != NULL) return mdl_json_fault(j, fault);
    return add_entry(j, index, e);
}

static bool read_files_of(Json *j, Index *index, IndexEntry *e)
{
    if (!index->lists || !mdl_json_take(j, '[')) return read_file(j, index, e);
    do {
        if (!read_file(j, index, e)) return false;
    } while (mdl_json_take(j, ','));
    return mdl_json_expect(j, ']');
}

static bool read_map(Json *j, Index *index)
{
    if (!mdl_json_expect(j, '{')) return false;
    if (mdl_json_take(j, '}')) return true;
    do {
        IndexEntry e;
        if (!mdl_json_read_string(j, &e.tensor, &e.tensor_len)) return false;
        const char *fault = mdl_weights_name_fault(e.tensor, e.tensor_len);
        if (fault != NULL) return mdl_json_fault(j, fault);
        if (!mdl_json_expect(j, ':') || !read_files_of(j, index, &e)) return false;
    } while (mdl_json_take(j, ','));
    return mdl_json_expect(j, '}');
}

bool mdl_index_parse(Json *j, Index *index)
{
    const char *key;
    size_t      len;
    bool        map = false;
    if (!mdl_json_expect(j, '{')) return false;
    if (!mdl_json_take(j, '}')) {
        do {
            if (!mdl_json_read_string(j, &key, &len) || !mdl_json_expect(j, ':')) return false;
            if (strcmp(key, "weight_map") != 0) {
                if (!skip_value(j, 8)) return false;
                continue;
            }
            if (map) return mdl_json_fault(j, "a second weight_map");
            if (!read_map(j, index)) return false;
            map = true;
        } while (mdl_json_take(j, ','));
        if (!mdl_json_expect(j, '}')) return false;
    }
    if (!mdl_json_end(j)) return false;
    return map || mdl_json_fault(j, "weight_map is missing");
}

/* ---- its files ---- */

/* The place of a file in the list, appended if it is new; -1 if there is no memory. `files` has room for one for each entry. */
static int32_t place_of(mdl_weights *w, Names *files, const char *folder, size_t folder_len, const char *file)
{
    const int32_t known = mdl_names_find(files, file, strlen(file));
    if (known >= 0) return known;
    const size_t len = strlen(file);
    char        *path = mdl_pool_text(&w->pool, folder_len + len + 1);
    if (path == NULL) return -1;
    memcpy(path, folder, folder_len);
    memcpy(path + folder_len, file, len);
    w->files[w->nfiles] = (Input){.name = path, .fd = -1};
    mdl_names_enter(files, file, len, w->nfiles);
    return w->nfiles++;
}

/* Which file each tensor should be in, by its place in the index. */
static mdl_status place_entries(mdl_weights *w, const Index *index, Names *tensors, int32_t *places, mdl_error *error)
{
    const char  *slash = strrchr(w->name, '/');
    const size_t folder = slash != NULL ? (size_t)(slash + 1 - w->name) : 0;
    Names        files = {0};
    w->files = calloc(index->count + 1, sizeof *w->files);
    mdl_status status = MDL_OK;
    if (w->files == NULL || !mdl_names_make(&files, index->count)) status = mdl_fail_status(error, MDL_NO_MEMORY);
    for (size_t i = 0; status == MDL_OK && i < index->count; i++) {
        const IndexEntry *e = &index->entries[i];
        places[i] = place_of(w, &files, w->name, folder, e->file);
        if (places[i] < 0) status = mdl_fail_status(error, MDL_NO_MEMORY);
        else if (mdl_names_enter(tensors, e->tensor, e->tensor_len, (int32_t)i) >= 0) {
            status = mdl_fail(error, MDL_BAD_FILE, "%s: weight_map names tensor `%.200s` twice", w->name, e->tensor);
        }
    }
    mdl_names_free(&files);
    return status;
}

/* The tensors of one file must be those that the index has for it; `places` loses those that were found. */
static mdl_status read_shard(mdl_weights *w, int32_t file, const Names *tensors, int32_t *places, mdl_error *error)
{
    const size_t first = w->count;
    const char  *name = w->files[file].name;
    mdl_status   status = mdl_input_open(&w->files[file], name, error);
    if (status == MDL_OK) status = mdl_safetensors_read(w, file, error);
    for (size_t i = first; status == MDL_OK && i < w->count; i++) {
        const mdl_stored *t = &w->tensors[i];
        const int32_t     at = mdl_names_find(tensors, t->name, t->name_len);
        if (at < 0 || places[at] != file) {
            status = mdl_fail(error, MDL_BAD_FILE, "%s: tensor `%.200s` is in it, but %s says it is %s%.100s", name, t->name,
                              w->name, at < 0 ? "not in any file" : places[at] < 0 ? "there once" : "in ",
                              at < 0 || places[at] < 0 ? "" : w->files[places[at]].name);
        }
        else places[at] = -1;
    }
    return status;
}

static mdl_status read_files(mdl_weights *w, const Index *index, mdl_error *error)
{
    Names      tensors = {0};
    int32_t   *places = calloc(index->count + 1, sizeof *places);
    const bool memory = places != NULL && mdl_names_make(&tensors, index->count);
    mdl_status status = memory ? place_entries(w, index, &tensors, places, error) : mdl_fail_status(error, MDL_NO_MEMORY);
    for (int32_t i = 0; status == MDL_OK && i < w->nfiles; i++) status = read_shard(w, i, &tensors, places, error);
    for (size_t i = 0; status == MDL_OK && i < index->count; i++) {
        if (places[i] < 0) continue;
        status = mdl_fail(error, MDL_BAD_FILE, "%s: tensor `%.200s` is not in %s, where the index says it is", w->name,
                          index->entries[i].tensor, w->files[places[i]].name);
    }
    mdl_names_free(&tensors);
    free(places);
    return status;
}

mdl_status mdl_index_text(const char *name, char **text, size_t *len, mdl_error *error)
{
    Input      in;
    mdl_status status = mdl_input_open(&in, name, error);
    if (status != MDL_OK) return status;
    *len = (size_t)in.size;
    if (in.size > MDL_MAX_HEADER) {
        status = mdl_fail(error, MDL_BAD_FILE, "%s: an index of %llu bytes is too large", name, (unsigned long long)in.size);
    }
    else if ((*text = malloc(*len + 1)) == NULL) status = mdl_fail_status(error, MDL_NO_MEMORY);
    else status = mdl_input_read(&in, 0, *text, *len, error);
    mdl_input_close(&in);
    return status;
}

mdl_status mdl_shards_read(mdl_weights *w, const char *name, mdl_error *error)
{
    char      *text = NULL;
    size_t     len;
    Index      index = {0};
    mdl_status status = mdl_index_text(name, &text, &len, error);
    if (status == MDL_OK) {
        Json j = {.s = text, .len = len, .pool = &w->pool};
        if (mdl_index_parse(&j, &index)) status = read_files(w, &index, error);
        else if (w->pool.failed) status = mdl_fail_status(error, MDL_NO_MEMORY);
        else status = mdl_fail(error, MDL_BAD_FILE, "%s: byte %llu: %s", w->name, (unsigned long long)j.at, j.fault);
    }
    free(text);
    free(index.entries);
    return status;
}
