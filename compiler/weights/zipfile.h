/* Zip archives: reading through libzip, guarded; writing, stored and aligned, with nothing but CRC-32 from elsewhere. */
#ifndef MDLC_ZIPFILE_H
#define MDLC_ZIPFILE_H

#include <stdbool.h>

#include <mdl/mdl.h>

#include "../base/arena.h"

typedef struct ZipFile ZipFile;

typedef struct ZipMember {
    const char *name;
    uint64_t    size;   /* unpacked */
    uint64_t    stored; /* in the archive */
} ZipMember;

/* Bytes in memory instead of a file. */
typedef struct ZipBytes {
    const void *at;
    size_t      len;
} ZipBytes;

/* Opens and lists. Refused are: names that lead out of the archive, two members of one name, encryption, methods other than
 * stored and deflated, members that unpack to gigabytes from nothing, more than a million members. `bytes`: NULL, or what to read
 * instead of the file. */
mdl_status       zip_file_open(Arena *a, const char *file, const ZipBytes *bytes, ZipFile **zip, mdl_error *error);
void             zip_file_close(ZipFile *zip);
size_t           zip_file_count(const ZipFile *zip);
const ZipMember *zip_file_member(const ZipFile *zip, size_t index);
/* The first member whose name ends so; -1. */
int64_t zip_file_find(const ZipFile *zip, const char *end);
/* The first `size` bytes of a member; with its whole size its checksum is checked too. */
mdl_status zip_file_read(ZipFile *zip, size_t index, void *out, size_t size, mdl_error *error);

typedef struct ZipWriter ZipWriter;

/* Begins an archive that appears under its name only when it is complete. */
mdl_status zip_write_begin(Arena *a, const char *file, ZipWriter **zip, mdl_error *error);
/* Adds a member whose bytes are the two blocks, one after the other; the second begins at a multiple of 64. */
mdl_status zip_write_member(ZipWriter *zip, const char *name, const void *head, size_t head_len, const void *body,
                            uint64_t body_len, mdl_error *error);
/* Ends the archive, or with another status than MDL_OK gives it up. */
mdl_status zip_write_end(ZipWriter *zip, mdl_status status, mdl_error *error);

#endif
