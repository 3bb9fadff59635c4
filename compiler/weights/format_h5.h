#ifndef MDLC_FORMAT_H5_H
#define MDLC_FORMAT_H5_H

#include "format.h"
#include "h5_client.h"

/* Lists what the helper sends, and reads values through it. It is stopped with the checkpoint, also after a failure. */
mdl_status h5_open_helper(Checkpoint *c, const Helper *h, mdl_error *error);
/* The order of two tensors of a file by their names: "vars/10" comes after "vars/2". */
int h5_order(const char *a, const char *b);
/* h5_open on an open file; `fd` stays the caller's. */
mdl_status h5_open_fd(Checkpoint *c, int fd, mdl_error *error);
/* Writes to an open, empty file. */
mdl_status h5_write_fd(const char *file, int fd, const Saving *s, mdl_error *error);

#endif
