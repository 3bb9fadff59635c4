#define _POSIX_C_SOURCE 200809L

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

mdl_status mdl_fail_system(mdl_error *error, const char *name)
{
    return mdl_fail(error, MDL_IO, "%s: %s", name, strerror(errno != 0 ? errno : EIO));
}

/* Not blocking: a pipe would wait for its other end. */
mdl_status mdl_input_open(Input *in, const char *name, mdl_error *error)
{
    struct stat about;
    *in = (Input){.name = name, .fd = -1};
    do in->fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    while (in->fd < 0 && errno == EINTR);
    if (in->fd < 0) return mdl_fail_system(error, name);
    if (fstat(in->fd, &about) != 0) {
        mdl_fail_system(error, name);
        mdl_input_close(in);
        return MDL_IO;
    }
    if (!S_ISREG(about.st_mode)) {
        mdl_input_close(in);
        return mdl_fail(error, MDL_IO, "%s: it is not a regular file", name);
    }
    in->size = (uint64_t)about.st_size;
    return MDL_OK;
}

mdl_status mdl_input_read(Input *in, uint64_t at, void *out, size_t size, mdl_error *error)
{
    if (at > in->size || size > in->size - at) {
        return mdl_fail(error, MDL_BAD_FILE, "%s: it ends at byte %llu, in the middle of what is needed", in->name,
                        (unsigned long long)in->size);
    }
    if (in->bytes != NULL) {
        if (size > 0) memcpy(out, in->bytes + at, size);
        return MDL_OK;
    }
    for (size_t done = 0; done < size;) {
        const ssize_t n = pread(in->fd, (char *)out + done, size - done, (off_t)(at + done));
        if (n == 0) return mdl_fail(error, MDL_BAD_FILE, "%s: it became shorter while it was read", in->name);
        if (n > 0) done += (size_t)n;
        else if (errno != EINTR) return mdl_fail_system(error, in->name);
    }
    return MDL_OK;
}

const char *mdl_input_map(Input *in)
{
    if (in->bytes != NULL) return in->bytes;
    if (in->mapped == NULL && in->size > 0 && in->size <= SIZE_MAX) {
        void *at = mmap(NULL, (size_t)in->size, PROT_READ, MAP_PRIVATE, in->fd, 0);
        if (at != MAP_FAILED) in->mapped = at;
    }
    return in->mapped;
}

void mdl_input_close(Input *in)
{
    if (in->mapped != NULL) munmap(in->mapped, (size_t)in->size);
    if (in->bytes == NULL && in->fd >= 0) close(in->fd);
    *in = (Input){.name = in->name, .fd = -1};
}
