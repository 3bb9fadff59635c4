/* The values of a dataset, in C order, a piece at a time. */
#include <stdlib.h>

#include "hdf5_helper.h"

typedef struct Sending {
    hid_t   dataset, space, type;
    size_t  size;
    char   *piece;
    const Dataset *d;
} Sending;

/* Reads and says one block; it has at most H5_PIECE bytes. */
static void say_block(const Sending *s, const hsize_t *start, const hsize_t *count)
{
    hsize_t bytes = s->size;
    for (int i = 0; i < s->d->rank; i++) bytes *= count[i];
    hid_t memory = s->d->rank ? H5Screate_simple(s->d->rank, count, NULL) : H5Screate(H5S_SCALAR);
    if (s->d->rank && H5Sselect_hyperslab(s->space, H5S_SELECT_SET, start, NULL, count, NULL) < 0) {
        give_up("dataset `%s` is damaged", s->d->path);
    }
    if (H5Dread(s->dataset, s->type, memory, s->d->rank ? s->space : H5S_ALL, H5P_DEFAULT, s->piece) < 0) {
        give_up("dataset `%s` cannot be read: the file is damaged", s->d->path);
    }
    H5Sclose(memory);
    say(H5_VALUES, NULL, 0, s->piece, (size_t)bytes);
}

/* Divides a block along its first axis of more than one until it fits. */
static void say_part(const Sending *s, const hsize_t *start, const hsize_t *count)
{
    hsize_t bytes = s->size, at[MAX_RANK], part[MAX_RANK], rest;
    int     axis = 0;
    for (int i = 0; i < s->d->rank; i++) {
        bytes *= count[i];
        at[i] = start[i];
        part[i] = count[i];
    }
    if (bytes <= H5_PIECE) {
        say_block(s, start, count);
        return;
    }
    while (count[axis] == 1) axis++;
    const hsize_t row = bytes / count[axis], rows = row >= H5_PIECE ? 1 : H5_PIECE / row;
    for (hsize_t i = 0; i < count[axis]; i += rows) {
        rest = count[axis] - i;
        at[axis] = start[axis] + i;
        part[axis] = rest < rows ? rest : rows;
        say_part(s, at, part);
    }
}

void say_values(hid_t file, const Dataset *d)
{
    const hsize_t start[MAX_RANK] = {0};
    hid_t         access = H5Pcreate(H5P_DATASET_ACCESS);
    if (!d->bytes) return;
    H5Pset_chunk_cache(access, 1031, (size_t)128 << 20, 1.0);
    Sending s = {.d = d, .dataset = H5Dopen2(file, d->path, access), .size = size_of_dtype(d->dtype), .piece = malloc(H5_PIECE)};
    if (s.dataset < 0 || !s.piece) give_up("dataset `%s` cannot be opened", d->path);
    s.space = H5Dget_space(s.dataset);
    hid_t file_type = H5Dget_type(s.dataset);
    const H5T_class_t kind = H5Tget_class(file_type);
    /* A bool's names may be spelled otherwise, and opaque bytes have no other type: both are taken as they are. */
    s.type = kind == H5T_ENUM || kind == H5T_OPAQUE ? H5Tcopy(file_type) : type_of_dtype(d->dtype);
    say_part(&s, start, d->shape);
    H5Tclose(file_type), H5Tclose(s.type), H5Sclose(s.space), H5Dclose(s.dataset), H5Pclose(access);
    free(s.piece);
}
