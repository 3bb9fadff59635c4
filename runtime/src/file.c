#define _POSIX_C_SOURCE 200809L
#define _XOPEN_SOURCE 700 /* realpath */

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static mdl_status fail_system(mdl_error *error, const char *name)
{
    return mdl_fail(error, MDL_IO, "%s: %s", name, strerror(errno != 0 ? errno : EIO));
}

/* ---- reading ---- */

mdl_status mdl_input_open(Input *in, const char *name, mdl_error *error)
{
    struct stat about;
    *in = (Input){.name = name};
    errno = 0;
    in->file = fopen(name, "rb");
    if (in->file == NULL) return fail_system(error, name);
    if (fstat(fileno(in->file), &about) != 0) {
        fail_system(error, name);
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
    if (size == 0) return MDL_OK;
    if (in->file == NULL) {
        memcpy(out, in->bytes + at, size);
        return MDL_OK;
    }
    errno = 0;
    if (fseeko(in->file, (off_t)at, SEEK_SET) != 0) return fail_system(error, in->name);
    if (fread(out, 1, size, in->file) == size) return MDL_OK;
    if (ferror(in->file)) return fail_system(error, in->name);
    return mdl_fail(error, MDL_BAD_FILE, "%s: it became shorter while it was read", in->name);
}

void mdl_input_close(Input *in)
{
    if (in->file != NULL) fclose(in->file);
    in->file = NULL;
}

/* ---- writing ---- */

static char *copy_of(const char *z)
{
    char *copy = malloc(strlen(z) + 1);
    if (copy != NULL) strcpy(copy, z);
    return copy;
}

/* The file to replace: what a symbolic link stands for, else the name itself. */
static char *target_of(const char *name)
{
    char *real = realpath(name, NULL);
    return real != NULL ? real : copy_of(name);
}

/* A new file beside the target, under a name that nobody has. */
static FILE *open_beside(const char *target, char **temporary)
{
    const size_t size = strlen(target) + 48;
    char        *name = malloc(size);
    if (name == NULL) return NULL;
    int fd = -1;
    for (int i = 0; i < 1000 && fd < 0; i++) {
        snprintf(name, size, "%s.%ld-%d.tmp", target, (long)getpid(), i);
        fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST) break;
    }
    FILE *file = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (file == NULL) {
        const int why = errno;
        if (fd >= 0) {
            close(fd);
            unlink(name);
        }
        free(name);
        errno = why;
        return NULL;
    }
    *temporary = name;
    return file;
}

mdl_status mdl_output_open(Output *out, const char *name, mdl_error *error)
{
    struct stat about;
    *out = (Output){0};
    errno = 0;
    const bool exists = stat(name, &about) == 0;
    if (exists && S_ISDIR(about.st_mode)) return mdl_fail(error, MDL_IO, "%s: it is a directory", name);
    out->target = target_of(name);
    if (out->target == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    out->file = exists && !S_ISREG(about.st_mode) ? fopen(name, "wb") : open_beside(out->target, &out->temporary);
    if (out->file != NULL) return MDL_OK;
    fail_system(error, name);
    free(out->target);
    return MDL_IO;
}

mdl_status mdl_output_write(Output *out, const void *bytes, size_t size, mdl_error *error)
{
    errno = 0;
    return fwrite(bytes, 1, size, out->file) == size ? MDL_OK : fail_system(error, out->target);
}

/* A new name lasts when its directory was written too. Not every file system can be asked for that; the file is whole
 * anyway. */
static void sync_directory(const char *target)
{
    char *name = copy_of(target);
    if (name == NULL) return;
    char *slash = strrchr(name, '/');
    if (slash != NULL) slash[slash == name ? 1 : 0] = '\0';
    const int fd = open(slash != NULL ? name : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    free(name);
}

mdl_status mdl_output_close(Output *out, mdl_status status, mdl_error *error)
{
    errno = 0;
    bool done = status == MDL_OK && fflush(out->file) == 0;
    if (done && out->temporary != NULL) done = fsync(fileno(out->file)) == 0;
    const int why = errno;
    if (fclose(out->file) != 0) done = false;
    else if (!done) errno = why;
    if (done && out->temporary != NULL) {
        done = rename(out->temporary, out->target) == 0;
        if (done) sync_directory(out->target);
    }
    if (!done && status == MDL_OK) status = fail_system(error, out->target);
    if (!done && out->temporary != NULL) unlink(out->temporary);
    free(out->temporary);
    free(out->target);
    *out = (Output){0};
    return status;
}
