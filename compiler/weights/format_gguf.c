/* GGUF, version 2 and 3, little-endian: key-value pairs, a table of tensors, padded data. Sizes are written fastest axis first,
 * the reverse of NumPy's order. The rules are those of ggml's own reader. */
#include <stdlib.h>
#include <string.h>

#include "../base/bug.h"
#include "../base/str.h"
#include "format_gguf.h"

enum { ARRAY = 9, MAX_PAIRS = 1000 * 1000, MAX_TENSORS = 1000 * 1000, SHOWN = 400 };
/* Bytes of a value of each type of the pairs; 0: they vary. */
static const unsigned char value_size[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

typedef struct Reader {
    Checkpoint *c;
    Input      *in;
    uint64_t    at;
    uint64_t    from;   /* what the buffer holds begins here */
    size_t      have;
    char        buffer[1 << 13];
} Reader;

typedef struct GgufFile {
    Input     in;
    uint64_t  data; /* where the tensors' bytes begin */
    VEC(uint64_t) offsets;
} GgufFile;

/* ---- bytes ---- */

static mdl_status read_bytes(Reader *r, void *out, uint64_t size, mdl_error *error)
{
    if (size > r->in->size - r->at) {
        return bad_file(r->c, error, "byte %llu: the file ends inside its header", (unsigned long long)r->in->size);
    }
    if (size > sizeof r->buffer) {
        const mdl_status status = mdl_input_read(r->in, r->at, out, (size_t)size, error);
        r->at += size;
        return status;
    }
    if (r->at < r->from || r->at + size > r->from + r->have) {
        const uint64_t left = r->in->size - r->at;
        r->from = r->at;
        r->have = left < sizeof r->buffer ? (size_t)left : sizeof r->buffer;
        const mdl_status status = mdl_input_read(r->in, r->at, r->buffer, r->have, error);
        if (status != MDL_OK) return status;
    }
    if (size) memcpy(out, r->buffer + (r->at - r->from), (size_t)size);
    r->at += size;
    return MDL_OK;
}

static mdl_status read_number(Reader *r, size_t size, uint64_t *v, mdl_error *error)
{
    unsigned char    bytes[8] = {0};
    const mdl_status status = read_bytes(r, bytes, size, error);
    *v = 0;
    for (size_t i = size; i-- > 0;) *v = *v << 8 | bytes[i];
    return status;
}

static mdl_status skip(Reader *r, uint64_t size, mdl_error *error)
{
    if (size > r->in->size - r->at) {
        return bad_file(r->c, error, "byte %llu: a value of %llu bytes, but the file ends before", (unsigned long long)r->at,
                        (unsigned long long)size);
    }
    r->at += size;
    return MDL_OK;
}

/* A string of at most `most` bytes, in the arena; longer ones are an error, or with `cut` are cut. */
static mdl_status read_string(Reader *r, uint64_t most, bool cut, const char **s, size_t *len, mdl_error *error)
{
    uint64_t         n;
    const uint64_t   begin = r->at;
    const mdl_status status = read_number(r, 8, &n, error);
    if (status != MDL_OK) return status;
    if (n > r->in->size - r->at || (n > most && !cut)) {
        return bad_file(r->c, error, "byte %llu: a text of %llu bytes; at most %llu can stand here", (unsigned long long)begin,
                        (unsigned long long)n, (unsigned long long)(n > most && !cut ? most : r->in->size - r->at));
    }
    const uint64_t keep = n < most ? n : most;
    char          *text = arena_alloc(r->c->arena, (size_t)keep + 1);
    *s = text;
    *len = (size_t)keep;
    const mdl_status read = read_bytes(r, text, keep, error);
    return read == MDL_OK ? skip(r, n - keep, error) : read;
}

/* ---- pairs ---- */

static mdl_status read_array(Reader *r, const char **shown, mdl_error *error)
{
    uint64_t   type, n;
    mdl_status status = read_number(r, 4, &type, error);
    if (status == MDL_OK) status = read_number(r, 8, &n, error);
    if (status != MDL_OK) return status;
    if (type >= countof(value_size) || type == ARRAY) {
        return bad_file(r->c, error, "byte %llu: an array of values of type %llu", (unsigned long long)r->at - 12,
                        (unsigned long long)type);
    }
    *shown = arena_printf(r->c->arena, "(%llu values)", (unsigned long long)n);
    if (type != GGUF_STRING) {
        if (n > (r->in->size - r->at) / value_size[type]) return skip(r, UINT64_MAX, error);
        return skip(r, n * value_size[type], error);
    }
    for (uint64_t i = 0; i < n; i++) {
        uint64_t len;
        status = read_number(r, 8, &len, error);
        if (status == MDL_OK) status = skip(r, len, error);
        if (status != MDL_OK) return status;
    }
    return MDL_OK;
}

static const char *number_text(Arena *a, uint64_t type, uint64_t bits)
{
    StrBuf   b = {.arena = a};
    float    f;
    double   d;
    uint32_t low = (uint32_t)bits;
    switch (type) {
    case 1: return arena_printf(a, "%d", (int8_t)bits);
    case 3: return arena_printf(a, "%d", (int16_t)bits);
    case 5: return arena_printf(a, "%d", (int32_t)low);
    case 6: memcpy(&f, &low, sizeof f); sb_double(&b, (double)f); return sb_text(&b);
    case 7: return bits ? "true" : "false";
    case 11: return arena_printf(a, "%lld", (long long)bits);
    case 12: memcpy(&d, &bits, sizeof d); sb_double(&b, d); return sb_text(&b);
    default: return arena_printf(a, "%llu", (unsigned long long)bits);
    }
}

static mdl_status read_pair(Reader *r, uint64_t *alignment, mdl_error *error)
{
    TextPair   p = {.number = true};
    uint64_t   type = 0, bits = 0;
    size_t     len;
    mdl_status status = read_string(r, 65535, false, &p.key, &len, error);
    if (status == MDL_OK && (!len || strlen(p.key) != len)) {
        return bad_file(r->c, error, "byte %llu: the name of a value is empty or holds a NUL", (unsigned long long)(r->at - len));
    }
    if (status == MDL_OK) status = read_number(r, 4, &type, error);
    if (status != MDL_OK) return status;
    if (type >= countof(value_size)) {
        return bad_file(r->c, error, "byte %llu: the value `%.100s` has the unknown type %llu", (unsigned long long)r->at - 4,
                        p.key, (unsigned long long)type);
    }
    if (type == ARRAY) status = read_array(r, &p.value, error);
    else if (type == GGUF_STRING) {
        status = read_string(r, SHOWN, true, &p.value, &len, error);
        p.number = status == MDL_OK && strlen(p.value) != len;
    }
    else if ((status = read_number(r, value_size[type], &bits, error)) == MDL_OK) p.value = number_text(r->c->arena, type, bits);
    if (status != MDL_OK) return status;
    if (!strcmp(p.key, "general.alignment")) {
        if (type != 4 || bits < 8 || bits > 1 << 20 || (bits & (bits - 1))) {
            return bad_file(r->c, error, "general.alignment is no power of two from 8 to 1048576");
        }
        *alignment = bits;
    }
    vec_push(r->c->arena, &r->c->metadata, p);
    return MDL_OK;
}

/* ---- tensors ---- */

/* The bytes of a tensor; false if they overflow, or rows are no whole blocks. */
static bool size_of(const GgufType *t, int rank, const int64_t *shape, uint64_t *bytes)
{
    uint64_t n = 1;
    for (int i = 0; i < rank; i++) {
        if (shape[i] && n > INT64_MAX / 64 / (uint64_t)shape[i]) return false;
        n *= (uint64_t)shape[i];
    }
    const uint64_t row = rank ? (uint64_t)shape[rank - 1] : 1;
    *bytes = n / t->block * t->bytes;
    return row % t->block == 0;
}

static mdl_status read_tensor(Reader *r, GgufFile *f, uint64_t *expected, uint64_t alignment, mdl_error *error)
{
    const char *name;
    size_t      len;
    uint64_t    rank = 0, number = 0, offset = 0, bytes = 0;
    int64_t     shape[GGUF_MAX_AXES] = {0};
    const uint64_t begin = r->at;
    mdl_status  status = read_string(r, GGUF_MAX_NAME, false, &name, &len, error);
    if (status == MDL_OK) status = read_number(r, 4, &rank, error);
    if (status == MDL_OK && rank > GGUF_MAX_AXES) {
        return bad_file(r->c, error, "byte %llu: tensor `%s` has %llu axes", (unsigned long long)begin, name,
                        (unsigned long long)rank);
    }
    for (uint64_t i = 0; i < rank && status == MDL_OK; i++) {
        uint64_t size;
        status = read_number(r, 8, &size, error);
        if (status == MDL_OK && size > INT64_MAX) {
            return bad_file(r->c, error, "byte %llu: tensor `%s` has a negative size", (unsigned long long)begin, name);
        }
        shape[rank - 1 - i] = (int64_t)size;
    }
    if (status == MDL_OK) status = read_number(r, 4, &number, error);
    if (status == MDL_OK) status = read_number(r, 8, &offset, error);
    if (status != MDL_OK) return status;
    const GgufType *t = gguf_type(number);
    if (!t) {
        return bad_file(r->c, error, "byte %llu: tensor `%s` has the unknown type %llu", (unsigned long long)begin, name,
                        (unsigned long long)number);
    }
    if (!size_of(t, (int)rank, shape, &bytes)) {
        return bad_file(r->c, error, "byte %llu: the shape of tensor `%s` overflows, or is no whole number of %s blocks",
                        (unsigned long long)begin, name, t->name);
    }
    if (offset != *expected) {
        return bad_file(r->c, error, "byte %llu: tensor `%s` begins at byte %llu of the data, but the one before it ends at %llu",
                        (unsigned long long)begin, name, (unsigned long long)offset, (unsigned long long)*expected);
    }
    if (bytes > r->in->size || *expected > r->in->size) {
        return bad_file(r->c, error, "byte %llu: tensor `%s` has %llu bytes, more than the file", (unsigned long long)begin, name,
                        (unsigned long long)bytes);
    }
    *expected += (bytes + alignment - 1) & ~(alignment - 1);
    vec_push(r->c->arena, &f->offsets, offset);
    checkpoint_add(r->c, name, len, t->dtype, (int)rank, shape, t->dtype < 0 ? t->name : NULL, bytes);
    return MDL_OK;
}

/* ---- the file ---- */

static mdl_status load(Checkpoint *c, size_t index, void *out, mdl_error *error)
{
    GgufFile *f = c->reader;
    return mdl_input_read(&f->in, f->data + f->offsets.at[index], out, (size_t)c->tensors.at[index].is.bytes, error);
}

static void close_file(Checkpoint *c) { mdl_input_close(&((GgufFile *)c->reader)->in); }

static mdl_status read_head(Reader *r, uint64_t *tensors, uint64_t *pairs, mdl_error *error)
{
    uint64_t   magic = 0, version = 0;
    mdl_status status = read_number(r, 4, &magic, error);
    if (status == MDL_OK && magic != 0x46554747) return bad_file(r->c, error, "byte 0: it does not begin with GGUF");
    if (status == MDL_OK) status = read_number(r, 4, &version, error);
    if (status == MDL_OK && !(version & 0xFFFF)) {
        return bad_file(r->c, error, "byte 4: it is big-endian; make it again with a recent gguf tool");
    }
    if (status == MDL_OK && version != 2 && version != 3) {
        return bad_file(r->c, error, "byte 4: GGUF version %llu is unknown; 2 and 3 are read", (unsigned long long)version);
    }
    if (status == MDL_OK) status = read_number(r, 8, tensors, error);
    if (status == MDL_OK) status = read_number(r, 8, pairs, error);
    if (status == MDL_OK && (*tensors > MAX_TENSORS || *pairs > MAX_PAIRS)) {
        return bad_file(r->c, error, "byte 8: it claims over a million tensors or values");
    }
    return status;
}

static mdl_status check_end(const Reader *r, const GgufFile *f, uint64_t end, uint64_t alignment, mdl_error *error)
{
    const Checkpoint *c = r->c;
    const size_t      n = c->tensors.len;
    if (!n) return MDL_OK;
    const uint64_t last = f->data + f->offsets.at[n - 1] + c->tensors.at[n - 1].is.bytes; /* its padding may be missing */
    if (last > r->in->size) {
        return bad_file(c, error, "tensor `%s` ends at byte %llu, but the file has only %llu", c->tensors.at[n - 1].is.name,
                        (unsigned long long)last, (unsigned long long)r->in->size);
    }
    if (r->in->size > f->data + end && r->in->size - f->data - end >= alignment) {
        return bad_file(c, error, "the tensors end at byte %llu, but the file has %llu", (unsigned long long)(f->data + end),
                        (unsigned long long)r->in->size);
    }
    return MDL_OK;
}

mdl_status gguf_open_input(Checkpoint *c, const Input *in, mdl_error *error)
{
    GgufFile *f = arena_new(c->arena, GgufFile);
    Reader   *r = arena_new(c->arena, Reader);
    uint64_t  tensors = 0, pairs = 0, alignment = 32, end = 0;
    f->in = *in;
    c->reader = f;
    c->close = close_file;
    c->load = load;
    r->c = c;
    r->in = &f->in;
    mdl_status status = read_head(r, &tensors, &pairs, error);
    for (uint64_t i = 0; i < pairs && status == MDL_OK; i++) status = read_pair(r, &alignment, error);
    for (uint64_t i = 0; i < tensors && status == MDL_OK; i++) status = read_tensor(r, f, &end, alignment, error);
    if (status != MDL_OK) return status;
    f->data = (r->at + alignment - 1) & ~(alignment - 1);
    status = check_end(r, f, end, alignment, error);
    return status == MDL_OK ? checkpoint_ready(c, error) : status;
}
