/* Writing GGUF, version 3: what its reader in format_gguf.c describes. */
#include <stdlib.h>
#include <string.h>

#include "../base/str.h"
#include "format_gguf.h"

enum { ALIGNMENT = 32 };

static void put(StrBuf *b, uint64_t v, size_t size)
{
    for (size_t i = 0; i < size; i++) sb_putc(b, (char)(v >> 8 * i));
}

static void put_string(StrBuf *b, const char *s)
{
    put(b, strlen(s), 8);
    sb_put(b, s);
}

static mdl_status put_tensor(StrBuf *b, const mdl_stored *t, uint64_t at, mdl_error *error)
{
    const GgufType *type = gguf_type_for(t->dtype);
    if (!type) {
        return mdl_fail(error, MDL_USAGE,
                        "tensor `%s`: GGUF has no type for %s; it has F32, F64, F16, BF16, I8, I16, I32 and I64", t->name,
                        mdl_stored_name(t->dtype));
    }
    if (t->name_len > GGUF_MAX_NAME) {
        return mdl_fail(error, MDL_USAGE, "tensor `%s`: GGUF allows names of at most %d bytes", t->name, GGUF_MAX_NAME);
    }
    if (t->rank > GGUF_MAX_AXES) {
        return mdl_fail(error, MDL_USAGE, "tensor `%s` has %d axes, and GGUF allows %d", t->name, t->rank, GGUF_MAX_AXES);
    }
    put_string(b, t->name);
    put(b, (uint64_t)t->rank, 4);
    for (int i = t->rank; i-- > 0;) put(b, (uint64_t)t->shape[i], 8);
    put(b, type->number, 4);
    put(b, at, 8);
    return MDL_OK;
}

/* The pairs that are texts; the architecture is one that every file must have. */
static uint64_t put_pairs(StrBuf *b, const Saving *s)
{
    uint64_t count = 0;
    bool     architecture = false;
    for (size_t i = 0; i < s->nmetadata; i++) {
        if (!strcmp(s->metadata[i].key, "general.alignment")) continue;
        architecture = architecture || !strcmp(s->metadata[i].key, "general.architecture");
        put_string(b, s->metadata[i].key);
        put(b, GGUF_STRING, 4);
        put_string(b, s->metadata[i].value);
        count++;
    }
    if (architecture) return count;
    put_string(b, "general.architecture");
    put(b, GGUF_STRING, 4);
    put_string(b, "mdl");
    return count + 1;
}

static mdl_status put_header(StrBuf *b, const Saving *s, mdl_error *error)
{
    StrBuf         pairs = {.arena = s->arena};
    const uint64_t count = put_pairs(&pairs, s);
    uint64_t       at = 0;
    sb_put(b, "GGUF");
    put(b, 3, 4), put(b, s->count, 8), put(b, count, 8);
    sb_putn(b, pairs.s, pairs.len);
    for (size_t i = 0; i < s->count; i++) {
        const mdl_status status = put_tensor(b, &s->tensors[i], at, error);
        if (status != MDL_OK) return status;
        at += (s->tensors[i].bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    while (b->len % ALIGNMENT) sb_putc(b, 0);
    return MDL_OK;
}

mdl_status gguf_write(const char *file, const Saving *s, mdl_error *error)
{
    static const char zeros[ALIGNMENT];
    StrBuf            header = {.arena = s->arena};
    Output            out;
    mdl_status        status = put_header(&header, s, error);
    if (status == MDL_OK) status = mdl_output_open(&out, file, error);
    if (status != MDL_OK) return status;
    status = mdl_output_write(&out, header.s, header.len, error);
    for (size_t i = 0; status == MDL_OK && i < s->count; i++) {
        const uint64_t bytes = s->tensors[i].bytes;
        mdl_error      why = {0};
        void          *values = saving_values(s, i, &why);
        if (!values) status = mdl_fail(error, why.status, "%s", why.message);
        if (status == MDL_OK) status = mdl_output_write(&out, values, (size_t)bytes, error);
        if (status == MDL_OK) status = mdl_output_write(&out, zeros, (ALIGNMENT - bytes % ALIGNMENT) % ALIGNMENT, error);
        free(values);
    }
    return mdl_output_close(&out, status, error);
}
