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

#include "file.h"

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

/* Ends the file; says what failed, in the runtime's words, which name the file. */
static bool finish(Output *out, mdl_status status, mdl_error *error)
{
    if (mdl_output_close(out, status, error) == MDL_OK) return true;
    fprintf(stderr, "mdlc: cannot write %s\n", error->message);
    return false;
}

static bool write_text(const char *path, const char *text, bool can_be_made_again)
{
    Output out;
    mdl_error error;
    if (mdl_output_open(&out, path, &error) != MDL_OK) {
        fprintf(stderr, "mdlc: cannot write %s\n", error.message);
        return false;
    }
    out.unsynced = can_be_made_again;
    return finish(&out, mdl_output_write(&out, text, strlen(text), &error), &error);
}

bool write_file(const char *path, const char *text) { return write_text(path, text, true); }

bool write_source(const char *path, const char *text) { return write_text(path, text, false); }

static mdl_status copy_all(Output *out, const char *name, int from, mdl_error *error)
{
    static char buf[1 << 16];
    mdl_status status = MDL_OK;
    for (ssize_t n; status == MDL_OK && (n = read(from, buf, sizeof buf)) != 0;) {
        if (n < 0 && errno != EINTR) status = mdl_fail_system(error, name);
        else if (n > 0) status = mdl_output_write(out, buf, (size_t)n, error);
    }
    return status;
}

bool copy_file(const char *path, const char *from)
{
    struct stat st;
    Output out;
    mdl_error error;
    const int fd = open(from, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st)) {
        fprintf(stderr, "mdlc: cannot read `%s`: %s\n", from, strerror(errno));
        if (fd >= 0) close(fd);
        return false;
    }
    bool ok = mdl_output_open(&out, path, &error) == MDL_OK;
    if (!ok) fprintf(stderr, "mdlc: cannot write %s\n", error.message);
    else {
        out.unsynced = true;
        mdl_status status = copy_all(&out, from, fd, &error);
        if (status == MDL_OK && fchmod(out.fd, st.st_mode & 0777)) status = mdl_fail_system(&error, path);
        ok = finish(&out, status, &error);
    }
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
