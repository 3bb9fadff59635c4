/* The helper that reads and writes HDF5, as mdlc sees it. */
#ifndef MDLC_H5_CLIENT_H
#define MDLC_H5_CLIENT_H

#include "checkpoint.h"
#include "h5_protocol.h"

typedef struct Helper {
    int         socket;
    int         pid; /* 0: none is running (the other end is played by a test) */
    const char *file; /* for messages */
} Helper;

typedef struct Message {
    unsigned char tag;
    size_t        len;
    char         *bytes; /* H5_MAX_MESSAGE of room, and a NUL behind what came */
} Message;

/* Starts `mdl-hdf5 MODE` with `fd` as its file. */
mdl_status helper_start(Arena *a, const WeightsHost *host, const char *file, const char *mode, int fd, Helper *h,
                        mdl_error *error);
/* Ends it and waits for it. */
void helper_stop(Helper *h);
mdl_status helper_send(Helper *h, unsigned char tag, const void *bytes, size_t len, mdl_error *error);
/* The next message. A crash, a fault, silence and a message that is too long are errors. */
mdl_status helper_receive(Helper *h, Message *m, mdl_error *error);

#endif
