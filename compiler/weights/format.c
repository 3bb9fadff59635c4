#include "format.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "../base/bug.h"
#include "../base/str.h"
#include "zipfile.h"

static bool starts(const unsigned char *head, size_t len, const char *magic, size_t n)
{
    return len >= n && !memcmp(head, magic, n);
}

/* The length of a header and its `{`. */
static bool begins_safetensors(const unsigned char *h, size_t n) { return n >= 9 && h[8] == '{'; }
static bool begins_index(const unsigned char *h, size_t n) { return n >= 1 && h[0] == '{'; }
static bool begins_npy(const unsigned char *h, size_t n) { return starts(h, n, "\x93NUMPY", 6); }
static bool begins_zip(const unsigned char *h, size_t n)
{
    return starts(h, n, "PK\x03\x04", 4) || starts(h, n, "PK\x05\x06", 4);
}
static bool begins_hdf5(const unsigned char *h, size_t n) { return starts(h, n, "\x89HDF\r\n\x1a\n", 8); }
static bool begins_gguf(const unsigned char *h, size_t n) { return starts(h, n, "GGUF", 4); }
/* A pickle of protocol 2 or later, which is what torch.save wrote before it wrote archives. */
static bool begins_pickle(const unsigned char *h, size_t n) { return n >= 2 && h[0] == 0x80 && h[1] >= 2 && h[1] <= 5; }

static bool begins_nothing(const unsigned char *h, size_t n) { return (void)h, (void)n, false; }

static const Format formats[] = {
    {"safetensors", ".safetensors", begins_safetensors, NULL, safetensors_open, safetensors_write},
    {"Keras' shards", ".weights.json", begins_nothing, NULL, shards_open, NULL},
    {"safetensors index", ".safetensors.index.json", begins_index, NULL, safetensors_open, NULL},
    {"NumPy array", ".npy", begins_npy, NULL, npy_open, npy_write},
    {"Keras archive", ".keras", begins_zip, "model.weights.h5", keras_open, keras_write},
    {"Keras archive with an .npz", ".keras", begins_zip, "model.weights.npz", keras_refuse, NULL},
    {"Keras archive of shards", ".keras", begins_zip, "model.weights.json", keras_refuse, NULL},
    {"PyTorch", ".pt .pth .bin .ckpt", begins_zip, "/data.pkl", torch_open, NULL},
    {"PyTorch before 1.6", ".pt .pth .bin", begins_pickle, NULL, torch_refuse_old, NULL},
    {"NumPy archive", ".npz", begins_zip, "", npz_open, npz_write},
    {"Keras weights", ".weights.h5", begins_hdf5, NULL, h5_open, h5_write},
    {"HDF5", ".h5 .hdf5", begins_hdf5, NULL, h5_open, NULL},
    {"GGUF", ".gguf", begins_gguf, NULL, gguf_open, gguf_write},
};

bool name_ends(const char *name, const char *end)
{
    const size_t n = strlen(name), m = strlen(end);
    return n >= m && !strcasecmp(name + n - m, end);
}

static bool has_extension(const Format *f, const char *file)
{
    char list[64];
    snprintf(list, sizeof list, "%s", f->extensions);
    for (char *rest = list, *e; (e = strtok_r(rest, " ", &rest));) {
        if (name_ends(file, e)) return true;
    }
    return false;
}

const char *format_list(Arena *a, bool writable)
{
    StrBuf b = {.arena = a};
    for (size_t i = 0; i < countof(formats); i++) {
        const Format *f = &formats[i];
        if (f->open == torch_refuse_old || f->open == keras_refuse || (writable && !f->write)) continue;
        sb_printf(&b, "%s%.*s", b.len ? ", " : "", (int)strcspn(f->extensions, " "), f->extensions);
    }
    return sb_text(&b);
}

/* Which of the formats that are archives this one is. */
static mdl_status format_of_archive(Arena *a, const char *file, const Format **format, mdl_error *error)
{
    ZipFile         *zip;
    const mdl_status status = zip_file_open(a, file, NULL, &zip, error);
    if (status != MDL_OK) return status;
    for (size_t i = 0; i < countof(formats) && !*format; i++) {
        const Format *f = &formats[i];
        if (f->member && (!*f->member || zip_file_find(zip, f->member) >= 0)) *format = f;
    }
    zip_file_close(zip);
    return MDL_OK;
}

mdl_status format_of_file(Arena *a, const char *file, const Format **format, mdl_error *error)
{
    unsigned char head[16];
    struct stat   st;
    *format = NULL;
    if (stat(file, &st)) return mdl_fail(error, MDL_IO, "%s: %s", file, strerror(errno));
    if (S_ISDIR(st.st_mode)) {
        *format = &formats[0];
        return MDL_OK;
    }
    FILE *f = fopen(file, "rb");
    if (!f) return mdl_fail(error, MDL_IO, "%s: %s", file, strerror(errno));
    const size_t n = fread(head, 1, sizeof head, f);
    fclose(f);
    if (begins_zip(head, n)) return format_of_archive(a, file, format, error);
    for (size_t i = 0; i < countof(formats) && !*format; i++) {
        const bool named = formats[i].begins == begins_nothing && has_extension(&formats[i], file);
        if (named || formats[i].begins(head, n)) *format = &formats[i];
    }
    /* A damaged file is told by the reader that its name asks for what is wrong with it. */
    for (size_t i = 0; i < countof(formats) && !*format; i++) {
        if (has_extension(&formats[i], file) && !formats[i].member) *format = &formats[i];
    }
    if (*format) return MDL_OK;
    return mdl_fail(error, MDL_BAD_FILE, "%s: this is no weight file that mdlc knows, by its first bytes; it reads %s", file,
                    format_list(a, false));
}

mdl_status format_of_name(const char *file, const Format **format, mdl_error *error)
{
    Arena *a = arena_create();
    *format = NULL;
    for (size_t i = 0; i < countof(formats) && !*format; i++) {
        if (formats[i].write && has_extension(&formats[i], file)) *format = &formats[i];
    }
    if (!*format) {
        mdl_fail(error, MDL_USAGE, "%s: the ending says which format is written, and there is none for this one; mdlc writes %s",
                 file, format_list(a, true));
    }
    arena_destroy(a);
    return *format ? MDL_OK : MDL_USAGE;
}

void *saving_values(const Saving *s, size_t index, mdl_error *error)
{
    const mdl_stored *t = &s->tensors[index];
    void             *out = malloc((size_t)t->bytes + 1);
    if (!out) {
        mdl_fail(error, MDL_NO_MEMORY, "tensor `%s` needs %llu bytes of memory, which are not there", t->name,
                 (unsigned long long)t->bytes);
        return NULL;
    }
    if (s->values(s->context, index, out, error) == MDL_OK) return out;
    free(out);
    return NULL;
}
