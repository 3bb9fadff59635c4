/* The part of Python's pickles that torch.save writes for tensors, read without executing anything.
 *
 * A pickle is a program. This reader knows the instructions that build dicts, lists, tuples, texts and numbers, and of all that a
 * pickle may call only the few names of pickle_names.c, for each of which it makes a record of its own. Whatever else stands in
 * the file is an error that names the byte and the name. */
#ifndef MDLC_PICKLE_H
#define MDLC_PICKLE_H

#include <mdl/mdl_weights.h>

#include "../base/arena.h"
#include "../base/vec.h"

typedef enum PickleKind {
    PICKLE_NONE, PICKLE_BOOL, PICKLE_INT, PICKLE_FLOAT, PICKLE_TEXT, PICKLE_TUPLE, PICKLE_LIST, PICKLE_DICT,
    PICKLE_NAME,    /* something that may be called, or a storage's type */
    PICKLE_STORAGE, /* bytes beside the pickle */
    PICKLE_TENSOR,
    PICKLE_MARK,
} PickleKind;

/* What the names that are allowed stand for. */
typedef enum PickleName { NAME_DICT, NAME_TENSOR, NAME_PARAMETER, NAME_STORAGE } PickleName;

typedef struct PickleValue PickleValue;
typedef VEC(PickleValue *) PickleValues;

struct PickleValue {
    PickleKind   kind;
    PickleName   name;
    int32_t      dtype; /* of NAME_STORAGE, STORAGE and TENSOR */
    int64_t      number;
    const char  *text;  /* also the key of a storage */
    size_t       len;
    PickleValues items; /* of TUPLE, LIST; of DICT key, value, key, value, ... */
    /* TENSOR: elements of a storage. */
    PickleValue *storage;
    uint64_t     offset;
    int          rank;
    int64_t      shape[MDL_MAX_RANK], stride[MDL_MAX_RANK];
};

/* The value that the pickle builds; NULL and a message about `file`. */
PickleValue *pickle_read(Arena *a, const char *file, const void *bytes, size_t size, mdl_error *error);

/* ---- pickle_names.c ---- */

/* The record for `module name`; NULL if it is not allowed. */
PickleValue *pickle_name(Arena *a, const char *module, const char *name);
/* What `name(*arguments)` gives; NULL and why not. */
PickleValue *pickle_call(Arena *a, const PickleValue *name, const PickleValue *arguments, const char **why);
/* The storage that a persistent id stands for; NULL and why not. */
PickleValue *pickle_storage(Arena *a, const PickleValue *id, const char **why);

#endif
