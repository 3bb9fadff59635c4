#ifndef MDLC_FORMAT_GGUF_H
#define MDLC_FORMAT_GGUF_H

#include "file.h"
#include "format.h"

enum { GGUF_STRING = 8, GGUF_MAX_NAME = 63, GGUF_MAX_AXES = 4 };

typedef struct GgufType {
    uint32_t    number;
    const char *name;
    int32_t     dtype;        /* -1: quantised, a type that is named but not read */
    uint32_t    block, bytes; /* elements, and the bytes they take */
} GgufType;

/* NULL if there is none. */
const GgufType *gguf_type(uint64_t number);
const GgufType *gguf_type_for(int32_t dtype);

/* gguf_open on an input that is open; it is closed with the checkpoint. */
mdl_status gguf_open_input(Checkpoint *c, const Input *in, mdl_error *error);

#endif
