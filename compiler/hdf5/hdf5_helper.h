/* mdl-hdf5: the one program of ours that runs libhdf5. It reads and writes what h5_protocol.h says, within limits, and whatever
 * goes wrong ends only this process. */
#ifndef MDL_HDF5_HELPER_H
#define MDL_HDF5_HELPER_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#include "../weights/h5_protocol.h"

enum { MAX_RANK = 32, MAX_PATH = 1024 };

/* A dataset that may be read. */
typedef struct Dataset {
    char    path[MAX_PATH + 1];
    int     dtype, rank;
    hsize_t shape[MAX_RANK];
    hsize_t bytes;
} Dataset;

/* ---- hdf5_pipe.c: messages on standard input and output. Failures end the process ---- */
void say(unsigned char tag, const void *head, size_t head_len, const void *bytes, size_t len);
/* Says H5_FAULT with the words and ends the process. */
void give_up(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
/* The next message; returns its tag, 0 at the end. `bytes` has H5_MAX_MESSAGE + 1 of room and gets a NUL behind it. */
unsigned char hear(char *bytes, size_t *len);

/* ---- hdf5_types.c ---- */
/* The dtype of a file's type as mdl_weights.h numbers them; -1 if there is none. */
int dtype_of_type(hid_t type);
/* The type in memory, little-endian; the caller closes it. */
hid_t type_of_dtype(int dtype);
size_t size_of_dtype(int dtype);

/* ---- hdf5_list.c, hdf5_values.c, hdf5_write.c ---- */
/* Walks the whole file and says what is in it; ends the process if something is not allowed. */
Dataset *list_file(hid_t file, size_t *count);
void     say_values(hid_t file, const Dataset *d);
void     write_file(const char *path);

#endif
