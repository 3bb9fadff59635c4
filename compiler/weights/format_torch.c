/* What torch.save writes: a zip with a pickle, which says what the tensors are called and shaped, and a member of bytes for each
 * storage. Tensors may share a storage and lie in it with strides. */
#include <stdlib.h>
#include <string.h>

#include "../base/str.h"
#include "format_torch.h"
#include "pickle.h"
#include "zipfile.h"

enum { MAX_PICKLE = 256 << 20, MAX_DEPTH = 16, MAX_TENSORS = 1000 * 1000, MAX_VISITS = 20 * 1000 * 1000 };

typedef struct TorchFile {
    ZipFile    *zip;
    const char *prefix; /* "archive/" */
    VEC(const PickleValue *) tensors;
    void       *storage; /* the one that was read last */
    int64_t     member;
    size_t      visits; /* of entries of dicts: dicts may share dicts */
} TorchFile;

static void close_file(Checkpoint *c)
{
    TorchFile *f = c->reader;
    zip_file_close(f->zip);
    free(f->storage);
    f->storage = NULL;
}

static int64_t member_called(const TorchFile *f, const char *name)
{
    for (size_t i = 0; i < zip_file_count(f->zip); i++) {
        if (!strcmp(zip_file_member(f->zip, i)->name, name)) return (int64_t)i;
    }
    return -1;
}

static int64_t storage_member(Checkpoint *c, const PickleValue *storage)
{
    const TorchFile *f = c->reader;
    return member_called(f, arena_printf(c->arena, "%sdata/%s", f->prefix, storage->text));
}

/* ---- values ---- */

/* Copies the elements in C order. */
static void gather(const PickleValue *t, size_t size, const char *storage, char *out, uint64_t count)
{
    int64_t  index[MDL_MAX_RANK] = {0};
    uint64_t at = t->offset;
    for (uint64_t i = 0; i < count; i++) {
        memcpy(out + i * size, storage + at * size, size);
        for (int axis = t->rank - 1; axis >= 0; axis--) {
            at += (uint64_t)t->stride[axis];
            if (++index[axis] < t->shape[axis]) break;
            at -= (uint64_t)t->stride[axis] * (uint64_t)t->shape[axis];
            index[axis] = 0;
        }
    }
}

static mdl_status load(Checkpoint *c, size_t index, void *out, mdl_error *error)
{
    TorchFile         *f = c->reader;
    const PickleValue *t = f->tensors.at[index];
    const mdl_stored  *seen = &c->tensors.at[index].is;
    if (!seen->elements) return MDL_OK;
    const int64_t member = storage_member(c, t->storage);
    if (!f->storage || f->member != member) {
        const uint64_t size = zip_file_member(f->zip, (size_t)member)->size;
        free(f->storage);
        f->storage = malloc((size_t)size + 1);
        f->member = member;
        if (!f->storage) {
            return mdl_fail(error, MDL_NO_MEMORY, "%s: tensor `%s` needs more memory than there is", c->file, seen->name);
        }
        const mdl_status status = zip_file_read(f->zip, (size_t)member, f->storage, (size_t)size, error);
        if (status != MDL_OK) {
            free(f->storage);
            f->storage = NULL;
            return status;
        }
    }
    gather(t, (size_t)(seen->bytes / seen->elements), f->storage, out, seen->elements);
    return MDL_OK;
}

/* ---- names ---- */

static mdl_status add_tensor(Checkpoint *c, const char *name, const PickleValue *t, mdl_error *error)
{
    TorchFile     *f = c->reader;
    const int64_t  member = storage_member(c, t->storage);
    const uint64_t size = mdl_stored_bits(t->dtype) / 8, count = (uint64_t)t->storage->number;
    if (member < 0) return bad_file(c, error, "tensor `%s`: its storage, member `data/%s`, is missing", name, t->storage->text);
    const uint64_t bytes = zip_file_member(f->zip, (size_t)member)->size;
    if (count > UINT64_MAX / size || count * size != bytes) {
        return bad_file(c, error, "tensor `%s`: its storage should have %llu elements of %llu bytes, and has %llu bytes", name,
                        (unsigned long long)count, (unsigned long long)size, (unsigned long long)bytes);
    }
    if (c->tensors.len == MAX_TENSORS) return bad_file(c, error, "there are over a million tensors");
    vec_push(c->arena, &f->tensors, t);
    checkpoint_add(c, name, strlen(name), t->dtype, t->rank, t->shape, NULL, 0);
    return MDL_OK;
}

/* Tensors of nested dicts get the keys on the way, joined by dots. What is no tensor is passed over. */
static mdl_status add_dict(Checkpoint *c, const char *prefix, const PickleValue *dict, int depth, mdl_error *error)
{
    TorchFile *f = c->reader;
    if (depth == MAX_DEPTH) return bad_file(c, error, "its dicts are nested more than %d deep", MAX_DEPTH);
    f->visits += dict->items.len;
    if (f->visits > MAX_VISITS) return bad_file(c, error, "its dicts hold each other too many times");
    for (size_t i = 0; i + 1 < dict->items.len; i += 2) {
        const PickleValue *key = dict->items.at[i], *value = dict->items.at[i + 1];
        if (value->kind != PICKLE_TENSOR && value->kind != PICKLE_DICT) continue;
        if (key->kind != PICKLE_TEXT && key->kind != PICKLE_INT) {
            return bad_file(c, error, "a dict's key is neither a text nor a number");
        }
        if (key->kind == PICKLE_TEXT && strlen(key->text) != key->len) return bad_file(c, error, "a tensor's name holds a NUL");
        const char *word = key->kind == PICKLE_TEXT ? key->text : arena_printf(c->arena, "%lld", (long long)key->number);
        const char *name = *prefix ? arena_printf(c->arena, "%s.%s", prefix, word) : word;
        const mdl_status status =
            value->kind == PICKLE_TENSOR ? add_tensor(c, name, value, error) : add_dict(c, name, value, depth + 1, error);
        if (status != MDL_OK) return status;
    }
    return MDL_OK;
}

static mdl_status check_byte_order(Checkpoint *c, mdl_error *error)
{
    const TorchFile *f = c->reader;
    char             order[6] = {0};
    const int64_t    member = member_called(f, arena_printf(c->arena, "%sbyteorder", f->prefix));
    if (member < 0) return MDL_OK; /* older files are little-endian */
    const uint64_t size = zip_file_member(f->zip, (size_t)member)->size;
    if (size == 6 && zip_file_read(f->zip, (size_t)member, order, 6, error) != MDL_OK) return MDL_BAD_FILE;
    if (size == 6 && !memcmp(order, "little", 6)) return MDL_OK;
    return bad_file(c, error, "its values are big-endian; save it again on a little-endian machine");
}

mdl_status torch_open_zip(Checkpoint *c, ZipFile *zip, mdl_error *error)
{
    TorchFile *f = arena_new(c->arena, TorchFile);
    f->zip = zip;
    c->reader = f;
    c->close = close_file;
    c->load = load;
    const int64_t member = zip_file_find(zip, "/data.pkl");
    if (member < 0) return bad_file(c, error, "it has no member data.pkl");
    const ZipMember *m = zip_file_member(zip, (size_t)member);
    f->prefix = arena_copy(c->arena, m->name, strlen(m->name) - strlen("data.pkl"));
    mdl_status status = check_byte_order(c, error);
    if (status != MDL_OK) return status;
    if (m->size > MAX_PICKLE) return bad_file(c, error, "its pickle has %llu bytes", (unsigned long long)m->size);
    char *bytes = arena_alloc(c->arena, (size_t)m->size + 1);
    status = zip_file_read(zip, (size_t)member, bytes, (size_t)m->size, error);
    if (status != MDL_OK) return status;
    const PickleValue *v = pickle_read(c->arena, c->file, bytes, (size_t)m->size, error);
    if (!v) return MDL_BAD_FILE;
    if (v->kind == PICKLE_TENSOR) status = add_tensor(c, "tensor", v, error);
    else if (v->kind == PICKLE_DICT) status = add_dict(c, "", v, 0, error);
    else status = bad_file(c, error, "it is neither a dict of tensors nor a tensor");
    return status == MDL_OK ? checkpoint_ready(c, error) : status;
}
