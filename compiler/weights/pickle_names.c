/* The names that a pickle of tensors may use, and what they mean here. */
#include <string.h>

#include "../base/bug.h"
#include "pickle.h"

static const struct {
    const char *module, *name;
    PickleName  means;
    int32_t     dtype;
} names[] = {
    {"collections", "OrderedDict", NAME_DICT, -1},
    {"torch._utils", "_rebuild_tensor_v2", NAME_TENSOR, -1},
    {"torch._utils", "_rebuild_parameter", NAME_PARAMETER, -1},
    {"torch", "FloatStorage", NAME_STORAGE, MDL_FLOAT32},
    {"torch", "DoubleStorage", NAME_STORAGE, MDL_FLOAT64},
    {"torch", "HalfStorage", NAME_STORAGE, MDL_FLOAT16},
    {"torch", "BFloat16Storage", NAME_STORAGE, MDL_BFLOAT16},
    {"torch", "CharStorage", NAME_STORAGE, MDL_INT8},
    {"torch", "ByteStorage", NAME_STORAGE, MDL_UINT8},
    {"torch", "ShortStorage", NAME_STORAGE, MDL_INT16},
    {"torch", "IntStorage", NAME_STORAGE, MDL_INT32},
    {"torch", "LongStorage", NAME_STORAGE, MDL_INT64},
    {"torch", "BoolStorage", NAME_STORAGE, MDL_BOOL},
    {"torch", "ComplexFloatStorage", NAME_STORAGE, MDL_C64},
};

PickleValue *pickle_name(Arena *a, const char *module, const char *name)
{
    for (size_t i = 0; i < countof(names); i++) {
        if (strcmp(module, names[i].module) || strcmp(name, names[i].name)) continue;
        PickleValue *v = arena_new(a, PickleValue);
        *v = (PickleValue){.kind = PICKLE_NAME, .name = names[i].means, .dtype = names[i].dtype, .text = names[i].name};
        return v;
    }
    return NULL;
}

static const PickleValue *item(const PickleValue *tuple, size_t i, PickleKind kind)
{
    if (tuple->kind != PICKLE_TUPLE || i >= tuple->items.len || tuple->items.at[i]->kind != kind) return NULL;
    return tuple->items.at[i];
}

/* ("storage", FloatStorage, "0", "cpu", 12) */
PickleValue *pickle_storage(Arena *a, const PickleValue *id, const char **why)
{
    const PickleValue *word = item(id, 0, PICKLE_TEXT), *type = item(id, 1, PICKLE_NAME), *key = item(id, 2, PICKLE_TEXT);
    const PickleValue *count = item(id, 4, PICKLE_INT);
    *why = "a persistent id that is no tensor's storage";
    if (!word || strcmp(word->text, "storage") || !type || type->name != NAME_STORAGE || !key || !count) return NULL;
    if (count->number < 0 || !key->len || strspn(key->text, "0123456789") != key->len) return NULL;
    PickleValue *v = arena_new(a, PickleValue);
    *v = (PickleValue){.kind = PICKLE_STORAGE, .dtype = type->dtype, .number = count->number, .text = key->text, .len = key->len};
    return v;
}

/* Reads a tuple of sizes; false if one is no size. */
static bool read_sizes(const PickleValue *tuple, int64_t *out)
{
    if (tuple->items.len > MDL_MAX_RANK) return false;
    for (size_t i = 0; i < tuple->items.len; i++) {
        const PickleValue *v = tuple->items.at[i];
        if (v->kind != PICKLE_INT || v->number < 0) return false;
        out[i] = v->number;
    }
    return true;
}

/* Whether every element lies in the storage, and there are no more of them than there. */
static bool lies_in_storage(const PickleValue *t)
{
    const uint64_t room = (uint64_t)t->storage->number;
    uint64_t       last = t->offset, count = 1;
    for (int i = 0; i < t->rank; i++) {
        if (!t->shape[i]) return true;
    }
    for (int i = 0; i < t->rank; i++) {
        const uint64_t steps = (uint64_t)t->shape[i] - 1, stride = (uint64_t)t->stride[i];
        if (steps && stride > (UINT64_MAX / 4) / steps) return false;
        if (steps * stride > room || last > room) return false;
        last += steps * stride;
        if ((uint64_t)t->shape[i] > room / count) return false;
        count *= (uint64_t)t->shape[i];
    }
    return last < room;
}

/* (storage, offset, size, stride, requires_grad, hooks) */
static PickleValue *make_tensor(Arena *a, const PickleValue *arguments, const char **why)
{
    const PickleValue *storage = item(arguments, 0, PICKLE_STORAGE), *offset = item(arguments, 1, PICKLE_INT);
    const PickleValue *size = item(arguments, 2, PICKLE_TUPLE), *stride = item(arguments, 3, PICKLE_TUPLE);
    *why = "a tensor whose arguments are not those of _rebuild_tensor_v2";
    if (!storage || !offset || !size || !stride || size->items.len != stride->items.len || offset->number < 0) return NULL;
    PickleValue *v = arena_new(a, PickleValue);
    *v = (PickleValue){
        .kind = PICKLE_TENSOR, .dtype = storage->dtype, .offset = (uint64_t)offset->number, .rank = (int)size->items.len};
    v->storage = arguments->items.at[0];
    if (!read_sizes(size, v->shape) || !read_sizes(stride, v->stride)) return NULL;
    *why = "a tensor that reaches beyond its storage";
    return lies_in_storage(v) ? v : NULL;
}

PickleValue *pickle_call(Arena *a, const PickleValue *name, const PickleValue *arguments, const char **why)
{
    *why = "it calls something that is no function";
    if (name->kind != PICKLE_NAME || arguments->kind != PICKLE_TUPLE) return NULL;
    if (name->name == NAME_TENSOR) return make_tensor(a, arguments, why);
    if (name->name == NAME_PARAMETER) { /* (tensor, requires_grad, hooks) */
        *why = "a parameter without its tensor";
        return item(arguments, 0, PICKLE_TENSOR) ? arguments->items.at[0] : NULL;
    }
    *why = "it makes a dict from arguments";
    if (name->name != NAME_DICT || arguments->items.len) return NULL;
    PickleValue *v = arena_new(a, PickleValue);
    v->kind = PICKLE_DICT;
    return v;
}
