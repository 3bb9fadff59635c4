#include "h5_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>


/* ---- the process ---- */

/* In the build tree and installed, the helper stands in libexec beside bin. */
static const char *find_helper(Arena *a, const WeightsHost *host)
{
    const char *path = arena_printf(a, "%s/../libexec/mdl/mdl-hdf5", host->own_folder);
    return access(path, X_OK) ? NULL : path;
}

static void become(const char *path, const char *mode, int socket, int fd)
{
    char *const argv[] = {"mdl-hdf5", (char *)(size_t)mode, NULL};
    char *const envp[] = {"HDF5_USE_FILE_LOCKING=FALSE", "LC_ALL=C", NULL};
    const int   null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    /* First out of the way of each other, then to their places. */
    const int s = fcntl(socket, F_DUPFD_CLOEXEC, 10), f = fcntl(fd, F_DUPFD_CLOEXEC, 10);
    if (null >= 0 && s >= 0 && f >= 0 && dup2(s, 0) == 0 && dup2(s, 1) == 1 && dup2(null, 2) == 2 &&
        dup2(f, H5_FILE) == H5_FILE) {
        execve(path, argv, envp);
    }
    _exit(127);
}

mdl_status helper_start(Arena *a, const WeightsHost *host, const char *file, const char *mode, int fd, Helper *h,
                        mdl_error *error)
{
    int         ends[2];
    const char *path = find_helper(a, host);
    *h = (Helper){.socket = -1, .file = file};
    if (!path) {
        return mdl_fail(error, MDL_USAGE,
                        "%s: HDF5 files are read and written by a helper, mdl-hdf5, which is not beside this mdlc; it is "
                        "built where libhdf5-dev is installed",
                        file);
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) return mdl_fail(error, MDL_IO, "%s: %s", file, strerror(errno));
    const pid_t pid = fork();
    if (pid == 0) become(path, mode, ends[1], fd);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return mdl_fail(error, MDL_IO, "%s: cannot start %s: %s", file, path, strerror(errno));
    }
    h->socket = ends[0];
    h->pid = (int)pid;
    return MDL_OK;
}

/* How it ended, in words, or NULL if it said so itself. */
static const char *wait_for(Helper *h)
{
    int status = 0;
    if (!h->pid) return NULL;
    while (waitpid((pid_t)h->pid, &status, 0) < 0) {
        if (errno != EINTR) return NULL;
    }
    h->pid = 0;
    if (WIFSIGNALED(status)) {
        switch (WTERMSIG(status)) {
        case SIGXCPU: case SIGALRM: return "the HDF5 library took too long and was stopped";
        case SIGKILL: return "the HDF5 library was stopped";
        default: return "the HDF5 library crashed";
        }
    }
    return WEXITSTATUS(status) == 127 ? "mdl-hdf5 cannot be started" : WEXITSTATUS(status) ? "the HDF5 library gave up" : NULL;
}

void helper_stop(Helper *h)
{
    if (h->socket >= 0) close(h->socket);
    h->socket = -1;
    if (h->pid) kill((pid_t)h->pid, SIGKILL);
    (void)wait_for(h);
}

/* ---- messages ---- */

/* It is gone: why. */
static mdl_status fail_gone(Helper *h, mdl_error *error)
{
    const char *how = wait_for(h);
    return mdl_fail(error, MDL_BAD_FILE, "%s: %s%s", h->file, how ? how : "the HDF5 library ended early",
                    how ? ": the file is damaged, or made to do harm" : "");
}

static mdl_status fail_silent(Helper *h, mdl_error *error)
{
    if (h->pid) kill((pid_t)h->pid, SIGKILL);
    (void)wait_for(h);
    return mdl_fail(error, MDL_BAD_FILE, "%s: the HDF5 library has said nothing for %d seconds and was stopped", h->file,
                    H5_PATIENCE);
}

/* Waits until the socket can be used; false if it takes too long. */
static bool wait_until(const Helper *h, short events)
{
    struct pollfd p = {.fd = h->socket, .events = events};
    for (;;) {
        const int n = poll(&p, 1, H5_PATIENCE * 1000);
        if (n > 0) return true;
        if (n == 0 || errno != EINTR) return false;
    }
}

static mdl_status send_all(Helper *h, const void *bytes, size_t len, mdl_error *error)
{
    const char *s = bytes;
    while (len) {
        if (!wait_until(h, POLLOUT)) return fail_silent(h, error);
        const ssize_t n = send(h->socket, s, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return fail_gone(h, error);
        s += n;
        len -= (size_t)n;
    }
    return MDL_OK;
}

mdl_status helper_send(Helper *h, unsigned char tag, const void *bytes, size_t len, mdl_error *error)
{
    const unsigned char head[5] = {tag, (unsigned char)len, (unsigned char)(len >> 8), (unsigned char)(len >> 16),
                                   (unsigned char)(len >> 24)};
    const mdl_status    status = send_all(h, head, sizeof head, error);
    return status == MDL_OK ? send_all(h, bytes, len, error) : status;
}

static mdl_status receive_all(Helper *h, void *bytes, size_t len, mdl_error *error)
{
    char *s = bytes;
    while (len) {
        if (!wait_until(h, POLLIN)) return fail_silent(h, error);
        const ssize_t n = recv(h->socket, s, len, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return fail_gone(h, error);
        s += n;
        len -= (size_t)n;
    }
    return MDL_OK;
}

/* What it says may hold anything; a line of printable characters is shown. */
static mdl_status fail_said(const Helper *h, const Message *m, mdl_error *error)
{
    char   text[512];
    size_t n = 0;
    for (size_t i = 0; i < m->len && n + 1 < sizeof text; i++) {
        const unsigned char c = (unsigned char)m->bytes[i];
        text[n++] = (char)(c < 32 || c == 127 ? '?' : c);
    }
    text[n] = 0;
    return mdl_fail(error, MDL_BAD_FILE, "%s: %s", h->file, text);
}

mdl_status helper_receive(Helper *h, Message *m, mdl_error *error)
{
    unsigned char head[5];
    mdl_status    status = receive_all(h, head, sizeof head, error);
    if (status != MDL_OK) return status;
    m->tag = head[0];
    m->len = head[1] | (size_t)head[2] << 8 | (size_t)head[3] << 16 | (size_t)head[4] << 24;
    if (m->len > H5_MAX_MESSAGE) return mdl_fail(error, MDL_BAD_FILE, "%s: the HDF5 helper sent nonsense", h->file);
    status = receive_all(h, m->bytes, m->len, error);
    if (status != MDL_OK) return status;
    m->bytes[m->len] = 0;
    return m->tag == H5_FAULT ? fail_said(h, m, error) : MDL_OK;
}
