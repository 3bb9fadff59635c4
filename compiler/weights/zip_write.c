/* A zip archive, stored: local headers, central directory, and their 64-bit forms always, as NumPy writes them. The same members
 * give the same bytes: every date is the format's first, 1980-01-01. */
#include <string.h>

#include "../base/vec.h"
#include "file.h"
#include "zipfile.h"

enum { LOCAL = 0x04034B50, CENTRAL = 0x02014B50, END = 0x06054B50, END64 = 0x06064B50, LOCATOR64 = 0x07064B50 };
enum { VERSION = 45, DATE = 0x21, ALIGNMENT = 64, EXTRA64 = 1, EXTRA_PADDING = 0x4246 /* as PyTorch pads */ };

typedef struct Entry {
    const char *name;
    uint64_t    size, at;
    uint32_t    crc;
} Entry;

struct ZipWriter {
    Arena   *arena;
    Output   out;
    uint64_t at;
    uint32_t crc_table[256];
    VEC(Entry) entries;
};

/* ---- bytes ---- */

typedef struct Record {
    unsigned char bytes[128];
    size_t        len;
} Record;

static void put(Record *r, uint64_t v, size_t size)
{
    for (size_t i = 0; i < size; i++) r->bytes[r->len++] = (unsigned char)(v >> 8 * i);
}

static mdl_status emit(ZipWriter *z, const void *bytes, uint64_t size, mdl_error *error)
{
    z->at += size;
    return size ? mdl_output_write(&z->out, bytes, (size_t)size, error) : MDL_OK;
}

static void make_crc_table(uint32_t *table)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++) c = c & 1 ? c >> 1 ^ 0xEDB88320u : c >> 1;
        table[i] = c;
    }
}

static uint32_t crc_of(const uint32_t *table, uint32_t crc, const unsigned char *s, uint64_t len)
{
    for (uint64_t i = 0; i < len; i++) crc = crc >> 8 ^ table[(crc ^ s[i]) & 0xFF];
    return crc;
}

/* ---- members ---- */

mdl_status zip_write_begin(Arena *a, const char *file, ZipWriter **out, mdl_error *error)
{
    ZipWriter *z = arena_new(a, ZipWriter);
    z->arena = a;
    make_crc_table(z->crc_table);
    const mdl_status status = mdl_output_open(&z->out, file, error);
    *out = status == MDL_OK ? z : NULL;
    return status;
}

mdl_status zip_write_member(ZipWriter *z, const char *name, const void *head, size_t head_len, const void *body,
                            uint64_t body_len, mdl_error *error)
{
    static const unsigned char zeros[ALIGNMENT];
    const size_t   name_len = strlen(name), fixed = 30 + name_len + 20 + 4;
    const uint64_t size = head_len + body_len;
    const size_t   padding = (ALIGNMENT - (size_t)((z->at + fixed + head_len) % ALIGNMENT)) % ALIGNMENT;
    uint32_t       crc = crc_of(z->crc_table, 0xFFFFFFFFu, head, head_len);
    crc = ~crc_of(z->crc_table, crc, body, body_len);
    vec_push(z->arena, &z->entries, (Entry){arena_copy(z->arena, name, name_len), size, z->at, crc});

    Record r = {.len = 0};
    put(&r, LOCAL, 4), put(&r, VERSION, 2), put(&r, 0x800, 2), put(&r, 0, 2), put(&r, 0, 2), put(&r, DATE, 2);
    put(&r, crc, 4), put(&r, 0xFFFFFFFFu, 4), put(&r, 0xFFFFFFFFu, 4), put(&r, name_len, 2), put(&r, 24 + padding, 2);
    Record extra = {.len = 0};
    put(&extra, EXTRA64, 2), put(&extra, 16, 2), put(&extra, size, 8), put(&extra, size, 8);
    put(&extra, EXTRA_PADDING, 2), put(&extra, padding, 2);
    mdl_status status = emit(z, r.bytes, r.len, error);
    if (status == MDL_OK) status = emit(z, name, name_len, error);
    if (status == MDL_OK) status = emit(z, extra.bytes, extra.len, error);
    if (status == MDL_OK) status = emit(z, zeros, padding, error);
    if (status == MDL_OK) status = emit(z, head, head_len, error);
    return status == MDL_OK ? emit(z, body, body_len, error) : status;
}

static mdl_status write_directory(ZipWriter *z, mdl_error *error)
{
    const uint64_t begin = z->at, n = z->entries.len;
    mdl_status     status = MDL_OK;
    for (size_t i = 0; i < n && status == MDL_OK; i++) {
        const Entry *e = &z->entries.at[i];
        Record       r = {.len = 0}, extra = {.len = 0};
        put(&r, CENTRAL, 4), put(&r, VERSION, 2), put(&r, VERSION, 2), put(&r, 0x800, 2), put(&r, 0, 2), put(&r, 0, 2);
        put(&r, DATE, 2), put(&r, e->crc, 4), put(&r, 0xFFFFFFFFu, 4), put(&r, 0xFFFFFFFFu, 4), put(&r, strlen(e->name), 2);
        put(&r, 28, 2), put(&r, 0, 2), put(&r, 0, 2), put(&r, 0, 2), put(&r, 0, 4), put(&r, 0xFFFFFFFFu, 4);
        put(&extra, EXTRA64, 2), put(&extra, 24, 2), put(&extra, e->size, 8), put(&extra, e->size, 8), put(&extra, e->at, 8);
        status = emit(z, r.bytes, r.len, error);
        if (status == MDL_OK) status = emit(z, e->name, strlen(e->name), error);
        if (status == MDL_OK) status = emit(z, extra.bytes, extra.len, error);
    }
    const uint64_t end = z->at;
    Record         r = {.len = 0};
    put(&r, END64, 4), put(&r, 44, 8), put(&r, VERSION, 2), put(&r, VERSION, 2), put(&r, 0, 4), put(&r, 0, 4);
    put(&r, n, 8), put(&r, n, 8), put(&r, end - begin, 8), put(&r, begin, 8);
    put(&r, LOCATOR64, 4), put(&r, 0, 4), put(&r, end, 8), put(&r, 1, 4);
    put(&r, END, 4), put(&r, 0, 2), put(&r, 0, 2), put(&r, n < 0xFFFF ? n : 0xFFFF, 2), put(&r, n < 0xFFFF ? n : 0xFFFF, 2);
    put(&r, end - begin < 0xFFFFFFFFu ? end - begin : 0xFFFFFFFFu, 4), put(&r, begin < 0xFFFFFFFFu ? begin : 0xFFFFFFFFu, 4);
    put(&r, 0, 2);
    return status == MDL_OK ? emit(z, r.bytes, r.len, error) : status;
}

mdl_status zip_write_end(ZipWriter *z, mdl_status status, mdl_error *error)
{
    if (status == MDL_OK) status = write_directory(z, error);
    return mdl_output_close(&z->out, status, error);
}
