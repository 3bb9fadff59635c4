/* What is in the file. Refused is everything by which a file could reach beyond itself or beyond measure: links other than hard
 * ones, a second link to an object, external and virtual storage, filters other than gzip and shuffle, sizes out of all
 * proportion. */
#include <mdl/mdl_weights.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5_helper.h"

enum { MAX_DEPTH = 64, MAX_OBJECTS = 1000 * 1000, MAX_RATIO = 1000, MAX_TEXTS = 1 << 20, MAX_CHUNK = 64 << 20 };
static const hsize_t suspicious = (hsize_t)1 << 30;

typedef struct Walk {
    char     path[MAX_PATH + 1];
    size_t   len;
    int      depth;
    size_t   objects;
    Dataset *list;
    size_t   count, cap;
} Walk;

/* ---- attributes ---- */

/* The texts of an attribute, each ending in a NUL; their length, 0 if they are none. */
static size_t read_fixed(hid_t attribute, size_t size, hsize_t count, char *out)
{
    char  *raw = malloc(size * count + 1);
    size_t len = 0;
    hid_t  type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, size);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    hid_t file_type = H5Aget_type(attribute);
    H5Tset_cset(type, H5Tget_cset(file_type));
    if (raw && H5Aread(attribute, type, raw) >= 0) {
        for (hsize_t i = 0; i < count; i++) {
            const size_t n = strnlen(raw + i * size, size);
            if (len + n + 1 > MAX_TEXTS) break;
            memcpy(out + len, raw + i * size, n);
            len += n;
            out[len++] = 0;
        }
    }
    free(raw);
    H5Tclose(type), H5Tclose(file_type);
    return len;
}

static size_t read_variable(hid_t attribute, hid_t space, hsize_t count, char *out)
{
    char **texts = calloc(count, sizeof *texts);
    size_t len = 0;
    hid_t  type = H5Aget_type(attribute);
    if (texts && H5Aread(attribute, type, texts) >= 0) {
        for (hsize_t i = 0; i < count; i++) {
            const size_t n = texts[i] ? strlen(texts[i]) : 0;
            if (len + n + 1 > MAX_TEXTS) break;
            if (n) memcpy(out + len, texts[i], n);
            len += n;
            out[len++] = 0;
        }
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, texts);
    }
    free(texts);
    H5Tclose(type);
    return len;
}

static size_t read_texts(hid_t object, const char *name, char *out)
{
    if (H5Aexists(object, name) <= 0) return 0;
    hid_t          attribute = H5Aopen(object, name, H5P_DEFAULT), type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    const hssize_t count = H5Sget_simple_extent_npoints(space);
    const size_t   size = H5Tget_size(type);
    size_t         len = 0;
    if (type >= 0 && H5Tget_class(type) == H5T_STRING && count > 0 && count <= MAX_TEXTS && size && size <= MAX_TEXTS) {
        if (H5Tis_variable_str(type) > 0) len = read_variable(attribute, space, (hsize_t)count, out);
        else if ((hsize_t)count * size <= MAX_TEXTS) len = read_fixed(attribute, size, (hsize_t)count, out);
    }
    H5Sclose(space), H5Tclose(type), H5Aclose(attribute);
    return len;
}

/* Keras splits what is too long for one attribute into `weight_names0`, `weight_names1`, ... */
static size_t read_split(hid_t object, const char *name, char *out)
{
    size_t len = read_texts(object, name, out);
    for (int i = 0; !len || i; i++) {
        char         part[40], *texts = malloc(MAX_TEXTS);
        snprintf(part, sizeof part, "%s%d", name, i);
        const size_t n = texts ? read_texts(object, part, texts) : 0;
        if (n && len + n <= MAX_TEXTS) memcpy(out + len, texts, n), len += n;
        free(texts);
        if (!n) break;
    }
    return len;
}

static void say_attributes(const Walk *w, hid_t group)
{
    char  *out = malloc(MAX_TEXTS);
    size_t n;
    if (!out) give_up("not enough memory");
    if ((n = read_texts(group, "name", out))) say(H5_NAME, w->path, w->len + 1, out, n - 1);
    if ((n = read_split(group, "layer_names", out))) say(H5_ORDER, w->path, w->len + 1, out, n);
    if ((n = read_split(group, "weight_names", out))) say(H5_ORDER, w->path, w->len + 1, out, n);
    free(out);
}

/* ---- datasets ---- */

static void check_filters(const Walk *w, hid_t plan)
{
    for (int i = 0; i < H5Pget_nfilters(plan); i++) {
        unsigned          flags, config;
        size_t            values = 0;
        const H5Z_filter_t f = H5Pget_filter2(plan, (unsigned)i, &flags, &values, NULL, 0, NULL, &config);
        if (f != H5Z_FILTER_DEFLATE && f != H5Z_FILTER_SHUFFLE) {
            give_up("dataset `%s` uses filter %d; only gzip and shuffle are read", w->path, (int)f);
        }
    }
}

static void check_storage(const Walk *w, hid_t dataset, const Dataset *d)
{
    hid_t              plan = H5Dget_create_plist(dataset);
    const H5D_layout_t layout = plan < 0 ? H5D_LAYOUT_ERROR : H5Pget_layout(plan);
    const hsize_t      stored = H5Dget_storage_size(dataset);
    if (layout == H5D_VIRTUAL) give_up("dataset `%s` is virtual: its values are in other files, and are not read", w->path);
    if (layout != H5D_COMPACT && layout != H5D_CONTIGUOUS && layout != H5D_CHUNKED) give_up("dataset `%s` is damaged", w->path);
    if (H5Pget_external_count(plan) != 0) give_up("dataset `%s` keeps its values in other files, which are not read", w->path);
    if (layout == H5D_CHUNKED) {
        hsize_t chunk[MAX_RANK], bytes = size_of_dtype(d->dtype);
        check_filters(w, plan);
        const int rank = H5Pget_chunk(plan, MAX_RANK, chunk);
        for (int i = 0; i < rank; i++) {
            if (chunk[i] > MAX_CHUNK || bytes * chunk[i] > MAX_CHUNK) give_up("dataset `%s` has chunks of over 64 MiB", w->path);
            bytes *= chunk[i];
        }
    }
    else if (H5Pget_nfilters(plan) > 0) give_up("dataset `%s` is damaged", w->path);
    if (layout != H5D_CHUNKED && stored < d->bytes) {
        give_up("dataset `%s` has a shape of %llu bytes and holds %llu", w->path, (unsigned long long)d->bytes,
                (unsigned long long)stored);
    }
    if (d->bytes > suspicious && d->bytes / MAX_RATIO > stored) {
        give_up("dataset `%s` claims to be over a thousand times as large as what is stored", w->path);
    }
    H5Pclose(plan);
}

static void measure(const Walk *w, Dataset *d)
{
    d->bytes = size_of_dtype(d->dtype);
    for (int i = 0; i < d->rank; i++) {
        if (d->shape[i] && d->bytes > INT64_MAX / d->shape[i]) give_up("dataset `%s` has a shape that overflows", w->path);
        d->bytes *= d->shape[i];
    }
}

static void add_dataset(Walk *w, hid_t dataset)
{
    Dataset        d = {.rank = 0};
    unsigned char  head[2 + 8 * MAX_RANK];
    hid_t          type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    const H5S_class_t kind = H5Sget_simple_extent_type(space);
    d.dtype = type < 0 ? -1 : dtype_of_type(type);
    if (d.dtype < 0) give_up("dataset `%s` has elements that are no numbers of a kind that mdlc knows", w->path);
    if (kind != H5S_SCALAR && kind != H5S_SIMPLE) give_up("dataset `%s` has no shape", w->path);
    d.rank = H5Sget_simple_extent_ndims(space);
    if (d.rank < 0 || d.rank > MAX_RANK) give_up("dataset `%s` has too many axes", w->path);
    H5Sget_simple_extent_dims(space, d.shape, NULL);
    measure(w, &d);
    check_storage(w, dataset, &d);
    snprintf(d.path, sizeof d.path, "%s", w->path);
    H5Sclose(space), H5Tclose(type);
    if (w->count == w->cap) {
        w->cap = w->cap ? 2 * w->cap : 64;
        w->list = realloc(w->list, w->cap * sizeof *w->list);
        if (!w->list) give_up("not enough memory");
    }
    w->list[w->count++] = d;
    head[0] = (unsigned char)d.dtype;
    head[1] = (unsigned char)d.rank;
    for (int i = 0; i < d.rank; i++) {
        for (int k = 0; k < 8; k++) head[2 + 8 * i + k] = (unsigned char)(d.shape[i] >> 8 * k);
    }
    say(H5_DATASET, head, 2 + 8 * (size_t)d.rank, w->path, w->len);
}

/* ---- groups ---- */

static herr_t visit(hid_t group, const char *name, const H5L_info_t *link, void *context);

static void walk_group(Walk *w, hid_t group)
{
    if (++w->depth > MAX_DEPTH) give_up("`%s`: groups are nested more than %d deep", w->path, MAX_DEPTH);
    say_attributes(w, group);
    if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, visit, w) < 0) give_up("group `%s` is damaged", w->path);
    w->depth--;
}

static void check_name(Walk *w, const char *name)
{
    const size_t n = strlen(name);
    if (w->len + n + 1 > MAX_PATH) give_up("`%.200s`: a path of over %d bytes", w->path, MAX_PATH);
    if (w->len) w->path[w->len++] = '/';
    memcpy(w->path + w->len, name, n + 1);
    w->len += n;
}

static herr_t visit(hid_t group, const char *name, const H5L_info_t *link, void *context)
{
    Walk        *w = context;
    const size_t len = w->len;
    check_name(w, name);
    if (++w->objects > MAX_OBJECTS) give_up("there are over a million objects");
    if (link->type == H5L_TYPE_SOFT) give_up("`%s` is a soft link, which Keras never writes; it is not followed", w->path);
    if (link->type == H5L_TYPE_EXTERNAL) give_up("`%s` is a link into another file, which is not followed", w->path);
    if (link->type != H5L_TYPE_HARD) give_up("`%s` is a link of an unknown kind", w->path);
    hid_t      object = H5Oopen(group, name, H5P_DEFAULT);
    H5O_info_t info;
    if (object < 0 || H5Oget_info2(object, &info, H5O_INFO_BASIC) < 0) give_up("`%s` is damaged", w->path);
    if (info.rc > 1) give_up("`%s` has a second name in the file, which Keras never gives", w->path);
    if (info.type == H5O_TYPE_GROUP) walk_group(w, object);
    else if (info.type == H5O_TYPE_DATASET) add_dataset(w, object);
    else give_up("`%s` is neither a group nor a dataset", w->path);
    H5Oclose(object);
    w->len = len;
    w->path[len] = 0;
    return 0;
}

Dataset *list_file(hid_t file, size_t *count)
{
    static Walk w;
    hid_t       root = H5Gopen2(file, "/", H5P_DEFAULT);
    if (root < 0) give_up("its root group is damaged");
    walk_group(&w, root);
    H5Gclose(root);
    *count = w.count;
    return w.list;
}
