#include <stdlib.h>
#include <string.h>

#include "../base/vec.h"
#include "zipfile.h"

#ifdef MDL_HAVE_LIBZIP
#include <zip.h>

enum { MAX_MEMBERS = 1000 * 1000, MAX_RATIO = 100 };
static const uint64_t suspicious = (uint64_t)1 << 30;

struct ZipFile {
    const char *file;
    zip_t      *zip;
    VEC(ZipMember) members;
};

static bool leads_out(const char *name)
{
    if (!*name || *name == '/' || strchr(name, '\\')) return true;
    for (const char *s = name; s; s = strchr(s, '/')) {
        if (*s == '/') s++;
        if (!strncmp(s, "..", 2) && (!s[2] || s[2] == '/')) return true;
    }
    return false;
}

/* What is wrong with a member; NULL if nothing. */
static const char *fault_of(const zip_stat_t *s)
{
    const zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
    if ((s->valid & needed) != needed) return "its entry is incomplete";
    if (leads_out(s->name)) return "its name leads out of the archive";
    if ((s->valid & ZIP_STAT_ENCRYPTION_METHOD) && s->encryption_method != ZIP_EM_NONE) return "it is encrypted";
    if (s->comp_method != ZIP_CM_STORE && s->comp_method != ZIP_CM_DEFLATE) {
        return "it is compressed by another method than deflate";
    }
    if (s->comp_method == ZIP_CM_STORE && s->size != s->comp_size) return "it is stored, but its two sizes differ";
    if (s->size > suspicious && s->size / MAX_RATIO > s->comp_size) return "it claims to unpack to over a hundred times its size";
    return NULL;
}

static int by_name(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static mdl_status check_names(const ZipFile *z, mdl_error *error)
{
    mdl_status   status = MDL_OK;
    const char **names = malloc((z->members.len + 1) * sizeof *names);
    if (!names) return mdl_fail(error, MDL_NO_MEMORY, "not enough memory");
    for (size_t i = 0; i < z->members.len; i++) names[i] = z->members.at[i].name;
    qsort(names, z->members.len, sizeof *names, by_name);
    for (size_t i = 1; i < z->members.len && status == MDL_OK; i++) {
        if (!strcmp(names[i - 1], names[i])) {
            status = mdl_fail(error, MDL_BAD_FILE, "%s: the member `%.200s` is there twice", z->file, names[i]);
        }
    }
    free(names);
    return status;
}

static mdl_status list_members(Arena *a, ZipFile *z, mdl_error *error)
{
    const zip_int64_t n = zip_get_num_entries(z->zip, 0);
    if (n < 0 || n > MAX_MEMBERS) return mdl_fail(error, MDL_BAD_FILE, "%s: there are over a million members", z->file);
    for (zip_int64_t i = 0; i < n; i++) {
        zip_stat_t s;
        zip_stat_init(&s);
        if (zip_stat_index(z->zip, (zip_uint64_t)i, 0, &s)) {
            return mdl_fail(error, MDL_BAD_FILE, "%s: member %lld: %s", z->file, (long long)i, zip_strerror(z->zip));
        }
        const char *fault = fault_of(&s);
        if (fault) {
            return mdl_fail(error, MDL_BAD_FILE, "%s: member `%.200s`: %s", z->file, s.valid & ZIP_STAT_NAME ? s.name : "?",
                            fault);
        }
        vec_push(a, &z->members, (ZipMember){arena_copy(a, s.name, strlen(s.name)), s.size, s.comp_size});
    }
    return check_names(z, error);
}

static mdl_status fail_open(const char *file, zip_error_t *why, mdl_error *error)
{
    const mdl_status status = zip_error_code_zip(why) == ZIP_ER_OPEN ? MDL_IO : MDL_BAD_FILE;
    mdl_fail(error, status, "%s: it is not a whole zip archive: %s", file, zip_error_strerror(why));
    zip_error_fini(why);
    return status;
}

mdl_status zip_file_open(Arena *a, const char *file, const ZipBytes *bytes, ZipFile **out, mdl_error *error)
{
    zip_error_t why;
    zip_error_init(&why);
    *out = NULL;
    zip_source_t *source =
        bytes ? zip_source_buffer_create(bytes->at, bytes->len, 0, &why) : zip_source_file_create(file, 0, -1, &why);
    if (!source) return fail_open(file, &why, error);
    zip_t *zip = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &why);
    if (!zip) {
        zip_source_free(source);
        return fail_open(file, &why, error);
    }
    ZipFile *z = arena_new(a, ZipFile);
    *z = (ZipFile){.file = file, .zip = zip};
    const mdl_status status = list_members(a, z, error);
    if (status == MDL_OK) *out = z;
    else zip_file_close(z);
    return status;
}

void zip_file_close(ZipFile *z)
{
    if (z) zip_discard(z->zip);
}

size_t zip_file_count(const ZipFile *z) { return z->members.len; }

const ZipMember *zip_file_member(const ZipFile *z, size_t index) { return &z->members.at[index]; }

int64_t zip_file_find(const ZipFile *z, const char *end)
{
    for (size_t i = 0; i < z->members.len; i++) {
        const size_t n = strlen(z->members.at[i].name), m = strlen(end);
        if (n >= m && !strcmp(z->members.at[i].name + n - m, end)) return (int64_t)i;
    }
    return -1;
}

mdl_status zip_file_read(ZipFile *z, size_t index, void *out, size_t size, mdl_error *error)
{
    const ZipMember *m = &z->members.at[index];
    zip_file_t      *f = zip_fopen_index(z->zip, index, 0);
    if (!f) return mdl_fail(error, MDL_BAD_FILE, "%s: member `%.200s`: %s", z->file, m->name, zip_strerror(z->zip));
    size_t done = 0;
    while (done < size) {
        const zip_int64_t n = zip_fread(f, (char *)out + done, size - done);
        if (n <= 0) break;
        done += (size_t)n;
    }
    char extra; /* at the end libzip checks size and CRC-32 */
    const bool whole = done == size && (size < m->size || zip_fread(f, &extra, 1) == 0);
    mdl_status status = MDL_OK;
    if (!whole) {
        const char *what = zip_error_code_zip(zip_file_get_error(f)) ? zip_file_strerror(f) : "it ends early";
        status = mdl_fail(error, MDL_BAD_FILE, "%s: member `%.200s`: %s", z->file, m->name, what);
    }
    zip_fclose(f);
    return status;
}

#else

mdl_status zip_file_open(Arena *a, const char *file, const ZipBytes *bytes, ZipFile **out, mdl_error *error)
{
    (void)a, (void)bytes;
    *out = NULL;
    return mdl_fail(error, MDL_USAGE,
                    "%s: this mdlc was built without libzip, so it reads no .npz, .keras and .pt; build it again "
                    "where libzip-dev is installed",
                    file);
}

void   zip_file_close(ZipFile *z) { (void)z; }
size_t zip_file_count(const ZipFile *z) { return (void)z, 0; }
const ZipMember *zip_file_member(const ZipFile *z, size_t index) { return (void)z, (void)index, NULL; }
int64_t zip_file_find(const ZipFile *z, const char *end) { return (void)z, (void)end, -1; }

mdl_status zip_file_read(ZipFile *z, size_t index, void *out, size_t size, mdl_error *error)
{
    (void)z, (void)index, (void)out, (void)size;
    return mdl_fail(error, MDL_USAGE, "this mdlc was built without libzip");
}

#endif
