/* Writing files that appear when they are complete. */
#define _DEFAULT_SOURCE 1 /* flock */
#define _GNU_SOURCE 1     /* fallocate, where there is Linux */
#define _XOPEN_SOURCE 700 /* realpath */

#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BUFFER = 1 << 16,
    MOST_OF_NAME = 200, /* so much of a name stands in that of the temporary file: all have 255 bytes at most */
};

static const char saving[] = ".saving-", suffix[] = ".tmp";

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

/* The folder of a file, as a new text. */
static char *folder_of(const char *target)
{
    const char *slash = strrchr(target, '/');
    char       *name = copy_of(slash != NULL ? target : ".");
    if (name != NULL && slash != NULL) name[slash == target ? 1 : slash - target] = '\0';
    return name;
}

/* The length of a name, or of the part of it that temporary names keep. */
static size_t kept_of(const char *name)
{
    const size_t len = strlen(name);
    return len < MOST_OF_NAME ? len : MOST_OF_NAME;
}

static const char *last_part(const char *target)
{
    const char *slash = strrchr(target, '/');
    return slash != NULL ? slash + 1 : target;
}

static int open_again(const char *name, int flags)
{
    int fd;
    do fd = open(name, flags | O_CLOEXEC, 0666);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* ---- what killed saves have left ---- */

static const char *skip_digits(const char *s)
{
    while (*s >= '0' && *s <= '9') s++;
    return s;
}

/* "model" of "model-00001-of-00004.safetensors" and of "model.2-00001-of-...": sets that replace one another belong together.
 * Any other name is its own. */
static size_t stem_of(const char *name, size_t len)
{
    static const char pattern[] = "-#####-of-#####.safetensors";
    size_t            at = len - (sizeof pattern - 1);
    if (len < sizeof pattern) return len;
    for (size_t i = 0; pattern[i] != '\0'; i++) {
        const char c = name[at + i];
        if (pattern[i] == '#' ? c < '0' || c > '9' : c != pattern[i]) return len;
    }
    size_t digits = at;
    while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9') digits--;
    return digits < at && digits > 1 && name[digits - 1] == '.' ? digits - 1 : at;
}

/* Whether `name` is "BASE.saving-PID-N.tmp", or the same of another file of the set. */
static bool is_litter(const char *name, const char *base)
{
    const char *mark = strstr(name, saving);
    if (mark == NULL) return false;
    const size_t len = (size_t)(mark - name), kept = kept_of(base), stem = stem_of(name, len), wanted = stem_of(base, kept);
    if (stem != wanted || strncmp(name, base, stem) != 0 || (stem == len) != (wanted == kept)) return false;
    const char *pid = mark + sizeof saving - 1, *dash = skip_digits(pid);
    if (dash == pid || *dash != '-') return false;
    const char *end = skip_digits(dash + 1);
    return end != dash + 1 && strcmp(end, suffix) == 0;
}

/* A temporary file that nobody holds a lock on belongs to a process that is gone. */
static void remove_if_left(const char *folder, const char *name, mdl_litter *before, void *context)
{
    const size_t size = strlen(folder) + strlen(name) + 2;
    char        *path = malloc(size);
    if (path == NULL) return;
    snprintf(path, size, "%s/%s", folder, name);
    const int fd = open_again(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            if (before != NULL) before(context, path);
            unlink(path);
        }
        close(fd);
    }
    free(path);
}

static void remove_litter(const char *target, mdl_litter *before, void *context)
{
    char *folder = folder_of(target);
    DIR  *d = folder != NULL ? opendir(folder) : NULL;
    if (d != NULL) {
        for (const struct dirent *e; (e = readdir(d)) != NULL;) {
            if (is_litter(e->d_name, last_part(target))) remove_if_left(folder, e->d_name, before, context);
        }
        closedir(d);
    }
    free(folder);
}

void mdl_output_sweep(const char *name, mdl_litter *before, void *context)
{
    char *target = target_of(name);
    if (target != NULL) remove_litter(target, before, context);
    free(target);
}

/* ---- opening ---- */

/* A new file under a name that nobody has, locked for as long as it is open. Between the two steps somebody may take it for
 * litter. */
static int open_new(const char *name)
{
    struct stat about;
    const int   fd = open_again(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (fd < 0) return -1;
    (void)flock(fd, LOCK_EX | LOCK_NB);
    if (fstat(fd, &about) == 0 && about.st_nlink > 0) return fd;
    const int why = errno;
    close(fd);
    unlink(name);
    errno = why != 0 ? why : EEXIST;
    return -1;
}

static int link_to(const char *name, const char *target)
{
    return link(target, name);
}

static int open_to(const char *name, const char *target)
{
    (void)target;
    return open_new(name);
}

/* What `make` makes under the first temporary name beside the target that nobody has: negative, with errno, if there is none. */
static int make_beside(const char *target, int (*make)(const char *name, const char *target), char **name)
{
    const size_t size = strlen(target) + 64;
    const char  *base = last_part(target);
    const int    kept = (int)((size_t)(base - target) + kept_of(base));
    int          made = -1;
    *name = malloc(size);
    errno = ENOMEM;
    for (int i = 0; *name != NULL && i < 1000 && made < 0; i++) {
        snprintf(*name, size, "%.*s%s%ld-%d%s", kept, target, saving, (long)getpid(), i, suffix);
        errno = 0;
        made = make(*name, target);
        if (made < 0 && errno != EEXIST) break;
    }
    if (made >= 0) return made;
    const int why = errno;
    free(*name);
    *name = NULL;
    errno = why;
    return -1;
}

char *mdl_output_keep(const char *name)
{
    char *target = target_of(name), *kept = NULL;
    if (target != NULL) (void)make_beside(target, link_to, &kept);
    free(target);
    return kept;
}

static mdl_status free_output(Output *out, mdl_status status)
{
    free(out->buffer);
    free(out->temporary);
    free(out->target);
    *out = (Output){.fd = -1};
    return status;
}

mdl_status mdl_output_open(Output *out, const char *name, mdl_error *error)
{
    struct stat about;
    *out = (Output){.fd = -1};
    const bool exists = stat(name, &about) == 0, direct = exists && !S_ISREG(about.st_mode);
    if (exists && S_ISDIR(about.st_mode)) return mdl_fail(error, MDL_IO, "%s: it is a directory", name);
    out->target = target_of(name);
    out->buffer = malloc(BUFFER);
    if (out->target == NULL || out->buffer == NULL) return free_output(out, mdl_fail_status(error, MDL_NO_MEMORY));
    if (direct) out->fd = open_again(name, O_WRONLY);
    else {
        remove_litter(out->target, NULL, NULL);
        out->fd = make_beside(out->target, open_to, &out->temporary);
    }
    if (out->fd < 0) return free_output(out, mdl_fail_system(error, name));
    /* Whoever could read the old file can read the new one, and nobody else; not every file system keeps modes. */
    if (exists && !direct) (void)fchmod(out->fd, about.st_mode & 0777);
    return MDL_OK;
}

/* ---- writing ---- */

mdl_status mdl_output_reserve(Output *out, uint64_t size, mdl_error *error)
{
#ifdef __linux__
    if (out->temporary == NULL || size == 0 || size > INT64_MAX) return MDL_OK;
    if (fallocate(out->fd, 0, 0, (off_t)size) != 0 && errno == ENOSPC) return mdl_fail_system(error, out->target);
#else
    (void)out, (void)size, (void)error;
#endif
    return MDL_OK;
}

static mdl_status write_all(Output *out, const char *bytes, size_t size, mdl_error *error)
{
    enum { MOST = 1 << 26 }; /* systems take no more than 2 GiB at once */
    for (size_t done = 0; done < size;) {
        const size_t  left = size - done;
        errno = 0;
        const ssize_t n = write(out->fd, bytes + done, left < MOST ? left : MOST);
        if (n > 0) done += (size_t)n;
        else if (errno != EINTR) return mdl_fail_system(error, out->target);
    }
    return MDL_OK;
}

static mdl_status flush(Output *out, mdl_error *error)
{
    const size_t len = out->len;
    out->len = 0;
    return write_all(out, out->buffer, len, error);
}

mdl_status mdl_output_write(Output *out, const void *bytes, size_t size, mdl_error *error)
{
    if (size > BUFFER - out->len) {
        const mdl_status status = flush(out, error);
        if (status != MDL_OK || size > BUFFER) return status != MDL_OK ? status : write_all(out, bytes, size, error);
    }
    if (size > 0) memcpy(out->buffer + out->len, bytes, size);
    out->len += size;
    return MDL_OK;
}

mdl_status mdl_output_sync(Output *out, mdl_error *error)
{
    const mdl_status status = flush(out, error);
    if (status != MDL_OK || out->temporary == NULL) return status;
    int done;
    do done = fsync(out->fd);
    while (done != 0 && errno == EINTR);
    if (done != 0) return mdl_fail_system(error, out->target);
    out->synced = true;
    return MDL_OK;
}

/* A new name lasts when its directory was written too; not every file system can be asked for that. */
static mdl_status sync_directory(const char *target, mdl_error *error)
{
    char      *folder = folder_of(target);
    const int  fd = folder != NULL ? open_again(folder, O_RDONLY | O_DIRECTORY) : -1;
    mdl_status status = MDL_OK;
    while (fd >= 0 && fsync(fd) != 0) {
        if (errno == EINTR) continue;
        if (errno == EIO || errno == ENOSPC) {
            status = mdl_fail(error, MDL_IO, "%s: it was written, but its folder could not be: %s", target, strerror(errno));
        }
        break;
    }
    if (fd >= 0) close(fd);
    free(folder);
    return status;
}

/* The lock ends with closing, so the name is given before. */
mdl_status mdl_output_close(Output *out, mdl_status status, mdl_error *error)
{
    if (status == MDL_OK) status = out->unsynced || out->synced ? flush(out, error) : mdl_output_sync(out, error);
    const bool renamed = status == MDL_OK && out->temporary != NULL && rename(out->temporary, out->target) == 0;
    if (status == MDL_OK && out->temporary != NULL && !renamed) status = mdl_fail_system(error, out->target);
    if (close(out->fd) != 0 && errno != EINTR && status == MDL_OK && !renamed) status = mdl_fail_system(error, out->target);
    if (renamed && !out->unsynced) status = sync_directory(out->target, error);
    else if (!renamed && out->temporary != NULL) unlink(out->temporary);
    free_output(out, status);
    out->placed = renamed;
    return status;
}
