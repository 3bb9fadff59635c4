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
    char         *bytes; /* a NUL stands behind what came; the caller frees it after the last message */
    size_t        room;  /* of bytes, which grows as messages come */
} Message;

/* Starts `mdl-hdf5 MODE` with `fd` as its file. */
mdl_status helper_start(Arena *a, const WeightsHost *host, const char *file, const char *mode, int fd, Helper *h,
                        mdl_error *error);
/* Ends it and waits for it. */
void helper_stop(Helper *h);
/* Waits until it has ended: how it did, in words, or NULL if it said so itself. */
const char *helper_wait(Helper *h);
/* Waits until its socket can be used (POLLIN, POLLOUT); ends it if that takes too long. */
mdl_status helper_await(Helper *h, short events, mdl_error *error);
/* Its socket failed, as errno says: ends it. */
mdl_status helper_broken(Helper *h, mdl_error *error);
mdl_status helper_send(Helper *h, unsigned char tag, const void *bytes, size_t len, mdl_error *error);
/* The next message. A crash, a fault, silence and a message that is too long are errors. */
mdl_status helper_receive(Helper *h, Message *m, mdl_error *error);

#endif
