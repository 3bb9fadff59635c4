/* Files as Keras writes them: groups made on the way, contiguous datasets, texts as attributes. The same calls give the same
 * bytes. */
#include <mdl/mdl_weights.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hdf5_helper.h"

typedef struct Writing {
    hid_t    file, links;
    char    *values; /* of the dataset whose values are coming */
    uint64_t bytes, have;
    Dataset  d;
} Writing;

/* What the library keeps back is written when something is closed. */
static void close_with(herr_t (*close)(hid_t), hid_t what, const char *name)
{
    if (close(what) < 0) give_up("cannot write `%s`: is the disk full?", name);
}

static void set_text(hid_t object, const char *name, const char *text)
{
    hid_t space = H5Screate(H5S_SCALAR), type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || H5Awrite(attribute, type, &text) < 0) give_up("cannot write the attribute `%s`", name);
    close_with(H5Aclose, attribute, name);
    H5Tclose(type), H5Sclose(space);
}

static hid_t make_group(const Writing *w, const char *path)
{
    H5E_BEGIN_TRY { /* nothing is printed where there is none yet */
        hid_t there = H5Gopen2(w->file, path, H5P_DEFAULT);
        if (there >= 0) return there;
    }
    H5E_END_TRY
    return H5Gcreate2(w->file, path, w->links, H5P_DEFAULT, H5P_DEFAULT);
}

static void name_group(const Writing *w, const char *bytes, size_t len)
{
    const size_t n = strlen(bytes);
    if (n >= len) give_up("mdlc sent nonsense");
    hid_t group = make_group(w, bytes);
    if (group < 0) give_up("cannot make the group `%s`", bytes);
    set_text(group, "name", bytes + n + 1);
    close_with(H5Gclose, group, bytes);
}

static void write_dataset(const Writing *w)
{
    const Dataset *d = &w->d;
    hid_t type = type_of_dtype(d->dtype), space = d->rank ? H5Screate_simple(d->rank, d->shape, NULL) : H5Screate(H5S_SCALAR);
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(plan, 0);
    if (d->dtype == MDL_BFLOAT16) { /* two bytes without a meaning, and the attribute by which Keras knows them */
        H5Tclose(type);
        type = H5Tcreate(H5T_OPAQUE, 2);
        H5Tset_tag(type, "");
    }
    hid_t dataset = H5Dcreate2(w->file, d->path, type, space, w->links, plan, H5P_DEFAULT);
    if (dataset < 0) give_up("cannot make the dataset `%s`", d->path);
    if (w->bytes && H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, w->values) < 0) {
        give_up("cannot write the dataset `%s`: is the disk full?", d->path);
    }
    if (d->dtype == MDL_BFLOAT16) set_text(dataset, "dtype", "bfloat16");
    close_with(H5Dclose, dataset, d->path);
    H5Pclose(plan), H5Sclose(space), H5Tclose(type);
}

static void begin_dataset(Writing *w, const char *bytes, size_t len)
{
    Dataset *d = &w->d;
    d->dtype = len >= 2 ? (unsigned char)bytes[0] : -1;
    d->rank = len >= 2 ? (unsigned char)bytes[1] : 0;
    const size_t head = 2 + 8 * (size_t)d->rank;
    if (d->rank > MAX_RANK || len <= head || len - head > MAX_PATH) give_up("mdlc sent nonsense");
    w->bytes = size_of_dtype(d->dtype);
    if (!w->bytes) give_up("tensor `%s`: HDF5 has no type for its dtype; add --dtype", bytes + head);
    for (int i = 0; i < d->rank; i++) {
        d->shape[i] = 0;
        for (int k = 8; k-- > 0;) d->shape[i] = d->shape[i] << 8 | (unsigned char)bytes[2 + 8 * i + k];
        w->bytes *= d->shape[i];
    }
    memcpy(d->path, bytes + head, len - head + 1);
    w->have = 0;
    w->values = malloc((size_t)w->bytes + 1);
    if (!w->values) give_up("tensor `%s`: not enough memory", d->path);
}

static void end_dataset(Writing *w)
{
    write_dataset(w);
    free(w->values);
    w->values = NULL;
}

static void add_values(Writing *w, const char *bytes, size_t len)
{
    if (!w->values || len > w->bytes - w->have) give_up("mdlc sent nonsense");
    memcpy(w->values + w->have, bytes, len);
    w->have += len;
    if (w->have == w->bytes) end_dataset(w);
}

void write_file(const char *path)
{
    Writing w = {.values = NULL};
    char   *bytes = malloc(H5_MAX_MESSAGE + 1);
    size_t  len;
    w.links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(w.links, 1);
    w.file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    if (!bytes || w.file < 0) give_up("cannot write to it");
    for (unsigned char tag; (tag = hear(bytes, &len)) != H5_END;) {
        if (!tag) _exit(1);
        if (w.values && tag != H5_VALUES) give_up("mdlc sent nonsense");
        switch (tag) {
        case H5_NAME: name_group(&w, bytes, len); break;
        case H5_DATASET:
            begin_dataset(&w, bytes, len);
            if (!w.bytes) end_dataset(&w);
            break;
        case H5_VALUES: add_values(&w, bytes, len); break;
        default: give_up("mdlc sent nonsense");
        }
    }
    H5Pclose(w.links);
    if (H5Fclose(w.file) < 0) give_up("cannot write to it: is the disk full?");
    say(H5_END, NULL, 0, NULL, 0);
}
