/* The process of the HDF5 helper: how it is started, and how it ended. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "h5_client.h"

/* In the build tree and installed, the helper stands in libexec beside bin. */
static const char *find_helper(Arena *a, const WeightsHost *host)
{
    const char *path = arena_printf(a, "%s/../libexec/mdl/mdl-hdf5", host->own_folder);
    return access(path, X_OK) ? NULL : path;
}

/* The file for the helper. To be written it is opened once more: mdlc alone holds the lock on it, for a helper may live a moment
 * longer than an mdlc that is killed. */
static int file_for(const char *mode, int fd)
{
    char name[40];
    if (strcmp(mode, "write")) return fcntl(fd, F_DUPFD_CLOEXEC, 10);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    const int again = open(name, O_RDWR | O_CLOEXEC), f = again < 0 ? -1 : fcntl(again, F_DUPFD_CLOEXEC, 10);
    if (again >= 0) close(again);
    return f;
}

static void become(const char *path, const char *mode, int socket, int fd)
{
    char *const argv[] = {"mdl-hdf5", (char *)(size_t)mode, NULL};
    /* Of all the libraries that Debian's libhdf5 brings, GnuTLS takes the longest to get ready, for nothing. */
    char *const envp[] = {"HDF5_USE_FILE_LOCKING=FALSE", "GNUTLS_NO_IMPLICIT_INIT=1", "LC_ALL=C", NULL};
    const int   null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    /* First out of the way of each other, then to their places. */
    const int s = fcntl(socket, F_DUPFD_CLOEXEC, 10), f = file_for(mode, fd);
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

const char *helper_wait(Helper *h)
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
    (void)helper_wait(h);
}

mdl_status helper_await(Helper *h, short events, mdl_error *error)
{
    struct pollfd p = {.fd = h->socket, .events = events};
    int           n;
    do n = poll(&p, 1, H5_PATIENCE * 1000);
    while (n < 0 && errno == EINTR);
    if (n > 0) return MDL_OK;
    helper_stop(h);
    return mdl_fail(error, MDL_BAD_FILE, "%s: the HDF5 library has said nothing for %d seconds and was stopped", h->file,
                    H5_PATIENCE);
}

mdl_status helper_broken(Helper *h, mdl_error *error)
{
    const int why = errno;
    helper_stop(h);
    return mdl_fail(error, MDL_IO, "%s: the HDF5 helper cannot be talked with: %s", h->file, strerror(why));
}
