/* Limits, then reading or writing the file that is descriptor 3. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hdf5_helper.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

static void limit(__rlimit_resource_t what, rlim_t most)
{
    const struct rlimit r = {most, most};
    if (setrlimit(what, &r)) give_up("the HDF5 helper cannot limit itself");
}

/* Reading needs little: a chunk and what it unpacks to. A second for each 10 MB is plenty. */
static void limit_reading(void)
{
    struct stat st;
    if (fstat(H5_FILE, &st) || !S_ISREG(st.st_mode)) give_up("it is not a regular file");
#ifndef SANITIZED
    limit(RLIMIT_AS, (rlim_t)1 << 30);
#endif
    limit(RLIMIT_CPU, 2 + (rlim_t)st.st_size / 10000000);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NOFILE, 16);
}

static void serve(void)
{
    char   *bytes = malloc(H5_MAX_MESSAGE + 1);
    size_t  len, count;
    hid_t   access = H5Pcreate(H5P_FILE_ACCESS);
    hid_t   file = H5Fopen("/proc/self/fd/3", H5F_ACC_RDONLY, access);
    if (!bytes || file < 0) give_up("it is not an HDF5 file, or a damaged one");
    const Dataset *list = list_file(file, &count);
    say(H5_LISTED, NULL, 0, NULL, 0);
    for (unsigned char tag; (tag = hear(bytes, &len));) {
        uint32_t number = 0;
        if (tag != H5_READ || len != 4) give_up("mdlc sent nonsense");
        for (size_t i = 4; i-- > 0;) number = number << 8 | (unsigned char)bytes[i];
        if (number >= count) give_up("mdlc asked for a dataset that is not there");
        say_values(file, &list[number]);
    }
}

int main(int argc, char **argv)
{
    const bool writing = argc == 2 && !strcmp(argv[1], "write");
    if (!writing && (argc != 2 || strcmp(argv[1], "read"))) {
        fputs("mdl-hdf5 is a part of mdlc, which starts it to read and write HDF5 files\n", stderr);
        return 2;
    }
    limit(RLIMIT_CORE, 0);
    if (!writing) limit_reading();
    signal(SIGPIPE, SIG_DFL);
    alarm(H5_PATIENCE);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5PLset_loading_state(0); /* filters come from no other files */
    if (writing) write_file("/proc/self/fd/3");
    else serve();
    return 0;
}
