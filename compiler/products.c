/* Files that mdlc writes. */
#define _XOPEN_SOURCE 700 /* realpath */

#include "products.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- may it be written? ---- */

static bool is_source(const SourceMap *sources, const struct stat *st)
{
    struct stat source;
    const Source *s;
    for (uint32_t id = 1; (s = source_get(sources, id)) != NULL; id++) {
        if (!s->library && stat(s->path, &source) == 0 && source.st_dev == st->st_dev && source.st_ino == st->st_ino) return true;
    }
    return false;
}

static const char *folder_of(Arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    return !slash ? "." : slash == path ? "/" : arena_copy(a, path, (size_t)(slash - path));
}

bool output_allowed(Arena *a, const SourceMap *sources, const char *path)
{
    struct stat st;
    const char *folder = folder_of(a, path), *why = NULL;
    if (stat(path, &st) == 0) {
        if (is_source(sources, &st)) why = "it is a source of this program; name another file with -o";
        else if (S_ISDIR(st.st_mode)) why = "it is a folder; name a file with -o";
        else if (!S_ISREG(st.st_mode)) why = "it is no regular file";
    } else if (!strcmp(path, "-")) why = "what mdlc makes does not go to standard output; name a file with -o";
    else if (stat(folder, &st)) why = arena_printf(a, "the folder `%s`: %s", folder, strerror(errno));
    if (!why && access(folder, W_OK | X_OK)) why = arena_printf(a, "the folder `%s`: %s", folder, strerror(errno));
    if (why) fprintf(stderr, "mdlc: cannot write `%s`: %s\n", path, why);
    return !why;
}

/* ---- writing ---- */

static bool write_all(int fd, const char *s, size_t n)
{
    while (n) {
        const ssize_t k = write(fd, s, n);
        if (k < 0 && errno == EINTR) continue;
        if (k < 0) return false;
        s += k;
        n -= (size_t)k;
    }
    return true;
}

/* Copies all of one open file; errno says why it failed. */
static bool copy_all(int to, int from)
{
    static char buf[1 << 16];
    ssize_t n;
    while ((n = read(from, buf, sizeof buf)) != 0) {
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 || !write_all(to, buf, (size_t)n)) return false;
    }
    return true;
}

/* Either `text` or what `from` holds. A symbolic link stays one, and its file is replaced. */
static bool replace(Arena *a, const char *path, mode_t mode, const char *text, int from)
{
    char *real = realpath(path, NULL);
    const char *target = real ? real : path, *temp = arena_printf(a, "%s.%ld.tmp", target, (long)getpid());
    const int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL, mode);
    bool ok = fd >= 0 && (text ? write_all(fd, text, strlen(text)) : copy_all(fd, from));
    int why = errno;
    if (fd >= 0 && close(fd) && ok) {
        ok = false;
        why = errno;
    }
    if (ok && rename(temp, target)) {
        ok = false;
        why = errno;
    }
    if (!ok) fprintf(stderr, "mdlc: cannot write `%s`: %s\n", path, strerror(why));
    if (!ok && fd >= 0) unlink(temp);
    free(real);
    return ok;
}

bool write_file(Arena *a, const char *path, const char *text)
{
    struct stat st;
    return replace(a, path, stat(path, &st) ? 0666 : st.st_mode & 0777, text, -1);
}

bool copy_file(Arena *a, const char *path, const char *from)
{
    struct stat st;
    const int fd = open(from, O_RDONLY);
    if (fd < 0 || fstat(fd, &st)) {
        fprintf(stderr, "mdlc: cannot read `%s`: %s\n", from, strerror(errno));
        if (fd >= 0) close(fd);
        return false;
    }
    const bool ok = replace(a, path, st.st_mode & 0777, NULL, fd);
    close(fd);
    return ok;
}

bool make_folder(Arena *a, const char *path)
{
    struct stat st;
    char *part = arena_copy(a, path, strlen(path));
    for (char *slash = part; (slash = strchr(slash + 1, '/')) != NULL; *slash = '/') {
        *slash = '\0';
        mkdir(part, 0777);
    }
    errno = 0;
    if (mkdir(path, 0777) == 0 || (stat(path, &st) == 0 && S_ISDIR(st.st_mode))) return true;
    fprintf(stderr, "mdlc: cannot make the folder `%s`: %s\n", path, strerror(errno));
    return false;
}

/* ---- temporary folders ---- */

const char *temp_create(Arena *a)
{
    const char *base = getenv("TMPDIR");
    if (!base || !*base) base = "/tmp";
    char *dir = arena_printf(a, "%s%s/mdlc-XXXXXX", *base == '/' ? "" : "./", base);
    if (mkdtemp(dir)) return dir;
    fprintf(stderr, "mdlc: cannot make a temporary folder in `%s`: %s\n", base, strerror(errno));
    return NULL;
}

void temp_remove(Arena *a, const char *dir)
{
    DIR *d = opendir(dir);
    for (const struct dirent *e; d && (e = readdir(d)) != NULL;) {
        if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..")) unlink(arena_printf(a, "%s/%s", dir, e->d_name));
    }
    if (d) closedir(d);
    if (rmdir(dir)) fprintf(stderr, "mdlc: cannot remove `%s`: %s\n", dir, strerror(errno));
}
