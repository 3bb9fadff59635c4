/* Loaded before libc (LD_PRELOAD): makes one call fail. MDL_FAIL="N:HOW" names it: the N-th of all the calls of fail_*.c,
 * counted from 0, fails with the errno HOW (a number), or does half of what it should if HOW is "short"; if it is "kill", the
 * process is killed instead. MDL_FAIL_LOG names a file that gets the names of all calls in a line, as they come, and at the end a
 * line for each block of memory and each descriptor that is left. Only calls of this process count, not of those it starts. */
#define _GNU_SOURCE

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail_inject.h"

enum { LOG = 1 << 22 };

int  fail_why;
bool fail_is_short;

static long   number = -1, count;
static bool   is_kill, over;
static pid_t  self;
static char  *names; /* the log, which other processes see at once */
static size_t at;

/* Room in the log; NULL if there is none. */
static char *room(size_t len)
{
    const size_t from = __atomic_fetch_add(&at, len, __ATOMIC_RELAXED);
    return names != NULL && from + len < LOG ? names + from : NULL;
}

void note(const char *line)
{
    const size_t len = strlen(line);
    char        *to = room(len);
    if (to != NULL) memcpy(to, line, len);
}

static void begin_log(const char *file)
{
    const int fd = REAL(open)(file, O_RDWR | O_CREAT | O_TRUNC, 0666);
    if (fd < 0 || REAL(ftruncate)(fd, LOG)) abort();
    names = REAL(mmap)(NULL, LOG, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (names == MAP_FAILED) abort();
    REAL(close)(fd);
    unsetenv("MDL_FAIL_LOG");
}

__attribute__((constructor)) static void begin(void)
{
    const char *fail = getenv("MDL_FAIL"), *file = getenv("MDL_FAIL_LOG");
    char       *how;
    if (fail == NULL) return;
    if (file != NULL) begin_log(file);
    number = strtol(fail, &how, 10);
    fail_is_short = strcmp(how + 1, "short") == 0;
    is_kill = strcmp(how + 1, "kill") == 0;
    fail_why = atoi(how + 1);
    unsetenv("MDL_FAIL");
    self = getpid();
}

__attribute__((destructor)) static void end(void)
{
    if (self != getpid()) return;
    over = true; /* what follows is none of the program's */
    note("\n");
    note_left();
}

bool fails(const char *name)
{
    if (self == 0 || over || self != getpid()) return false;
    const size_t len = strlen(name);
    char        *to = room(len + 1);
    if (to != NULL) {
        memcpy(to, name, len);
        to[len] = ' ';
    }
    if (__atomic_fetch_add(&count, 1, __ATOMIC_RELAXED) != number) return false;
    if (is_kill) raise(SIGKILL);
    errno = fail_why;
    return true;
}

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    FAILS(-1, open)
    return REAL(open)(path, flags, mode);
}

ssize_t read(int fd, void *out, size_t size)
{
    if (fails("read")) {
        if (!fail_is_short) return -1;
        size = (size + 1) / 2;
    }
    return REAL(read)(fd, out, size);
}

ssize_t pread(int fd, void *out, size_t size, off_t at)
{
    if (fails("pread")) {
        if (!fail_is_short) return -1;
        size = (size + 1) / 2;
    }
    return REAL(pread)(fd, out, size, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t to)
{
    if (fails("pwrite")) {
        if (!fail_is_short) return -1;
        size = (size + 1) / 2;
    }
    return REAL(pwrite)(fd, bytes, size, to);
}

int ftruncate(int fd, off_t size)
{
    FAILS(-1, ftruncate)
    return REAL(ftruncate)(fd, size);
}

off_t lseek(int fd, off_t to, int from)
{
    FAILS(-1, lseek)
    return REAL(lseek)(fd, to, from);
}

int setrlimit(__rlimit_resource_t what, const struct rlimit *limit)
{
    FAILS(-1, setrlimit)
    return REAL(setrlimit)(what, limit);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    if (fails("write")) {
        if (!fail_is_short) return -1;
        size = (size + 1) / 2;
    }
    return REAL(write)(fd, bytes, size);
}

/* Closing always closes, as Linux does. */
int close(int fd)
{
    if (fails("close") && !fail_is_short) {
        const int kept = errno;
        REAL(close)(fd);
        errno = kept;
        return -1;
    }
    return REAL(close)(fd);
}

int fsync(int fd)
{
    FAILS(-1, fsync)
    return REAL(fsync)(fd);
}

int fallocate(int fd, int mode, off_t at, off_t size)
{
    FAILS(-1, fallocate)
    return REAL(fallocate)(fd, mode, at, size);
}

int rename(const char *from, const char *to)
{
    FAILS(-1, rename)
    return REAL(rename)(from, to);
}

int link(const char *from, const char *to)
{
    FAILS(-1, link)
    return REAL(link)(from, to);
}

int unlink(const char *path)
{
    FAILS(-1, unlink)
    return REAL(unlink)(path);
}

int mkdir(const char *path, mode_t mode)
{
    FAILS(-1, mkdir)
    return REAL(mkdir)(path, mode);
}

int fstat(int fd, struct stat *about)
{
    FAILS(-1, fstat)
    return REAL(fstat)(fd, about);
}

int stat(const char *path, struct stat *about)
{
    FAILS(-1, stat)
    return REAL(stat)(path, about);
}

int access(const char *path, int mode)
{
    FAILS(-1, access)
    return REAL(access)(path, mode);
}

int fchmod(int fd, mode_t mode)
{
    FAILS(-1, fchmod)
    return REAL(fchmod)(fd, mode);
}

int flock(int fd, int operation)
{
    FAILS(-1, flock)
    return REAL(flock)(fd, operation);
}

char *realpath(const char *path, char *out)
{
    FAILS(NULL, realpath)
    return REAL(realpath)(path, out);
}

DIR *opendir(const char *path)
{
    FAILS(NULL, opendir)
    return REAL(opendir)(path);
}

int rmdir(const char *path)
{
    FAILS(-1, rmdir)
    return REAL(rmdir)(path);
}

char *mkdtemp(char *name)
{
    FAILS(NULL, mkdtemp)
    return REAL(mkdtemp)(name);
}

int mkstemp(char *name)
{
    FAILS(-1, mkstemp)
    return REAL(mkstemp)(name);
}

ssize_t readlink(const char *path, char *out, size_t size)
{
    FAILS(-1, readlink)
    return REAL(readlink)(path, out, size);
}

/* ---- processes ---- */

pid_t fork(void)
{
    FAILS(-1, fork)
    return REAL(fork)();
}

pid_t waitpid(pid_t pid, int *status, int options)
{
    if (fails("waitpid") && fail_why == EINTR) return -1; /* nothing else can happen to it */
    return REAL(waitpid)(pid, status, options);
}

int pipe(int ends[2])
{
    FAILS(-1, pipe)
    return REAL(pipe)(ends);
}

int socketpair(int domain, int type, int protocol, int ends[2])
{
    FAILS(-1, socketpair)
    return REAL(socketpair)(domain, type, protocol, ends);
}

ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
    if (fails("send")) {
        if (!fail_is_short) return -1;
        size = (size + 1) / 2;
    }
    return REAL(send)(fd, bytes, size, flags);
}

ssize_t recv(int fd, void *out, size_t size, int flags)
{
    if (fails("recv")) {
        if (!fail_is_short) return -1;
        size = (size + 1) / 2;
    }
    return REAL(recv)(fd, out, size, flags);
}

int poll(struct pollfd *all, nfds_t n, int timeout)
{
    FAILS(-1, poll)
    return REAL(poll)(all, n, timeout);
}

/* Of files alone: memory without one is libc's own, for threads. */
void *mmap(void *to, size_t size, int protection, int flags, int fd, off_t offset)
{
    if (fd < 0) return REAL(mmap)(to, size, protection, flags, fd, offset);
    FAILS(MAP_FAILED, mmap)
    return REAL(mmap)(to, size, protection, flags, fd, offset);
}
