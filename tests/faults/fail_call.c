/* Loaded before libc (LD_PRELOAD): makes one call fail. MDL_FAIL="N:HOW" names it: the N-th of all the calls below, counted
 * from 0, fails with the errno HOW (a number), or does half of what it should if HOW is "short"; if it is "kill", the process is killed
 * instead. MDL_FAIL_COUNT names a file that gets the number of calls when the process ends, and the name of the call that failed.
 * Only calls of this process count, not of those it starts. */
#define _GNU_SOURCE

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static long        number = -1, count;
static int         why;
static bool        is_short, is_kill;
static const char *failed = "none";

__attribute__((constructor)) static void begin(void)
{
    const char *fail = getenv("MDL_FAIL");
    char       *how;
    if (fail == NULL) return;
    number = strtol(fail, &how, 10);
    is_short = strcmp(how + 1, "short") == 0;
    is_kill = strcmp(how + 1, "kill") == 0;
    why = atoi(how + 1);
    unsetenv("MDL_FAIL");
    count = 0;
}

__attribute__((destructor)) static void end(void)
{
    const char *name = getenv("MDL_FAIL_COUNT");
    const long  counted = count;
    number = -1; /* what follows is none of the program's */
    FILE       *f = name != NULL ? fopen(name, "w") : NULL;
    if (f == NULL) return;
    fprintf(f, "%ld %s\n", counted, failed);
    fclose(f);
}

static bool fails(const char *name)
{
    if (count++ != number) return false;
    failed = name;
    if (is_kill) raise(SIGKILL);
    errno = why;
    return true;
}

/* The next definition of a function: libc's. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
/* A call that fails with `value`; "short" leaves it as it is. */
#define FAILS(value, name) \
    if (fails(#name) && !is_short) return value;

/* Memory fails with one error alone. */
#define NO_MEMORY(name)                \
    if (fails(#name) && !is_short) {   \
        errno = ENOMEM;                \
        return NULL;                   \
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
        if (!is_short) return -1;
        size = (size + 1) / 2;
    }
    return REAL(read)(fd, out, size);
}

ssize_t pread(int fd, void *out, size_t size, off_t at)
{
    if (fails("pread")) {
        if (!is_short) return -1;
        size = (size + 1) / 2;
    }
    return REAL(pread)(fd, out, size, at);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    if (fails("write")) {
        if (!is_short) return -1;
        size = (size + 1) / 2;
    }
    return REAL(write)(fd, bytes, size);
}

/* Closing always closes, as Linux does. */
int close(int fd)
{
    if (fails("close") && !is_short) {
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

/* ---- streams ---- */

FILE *fopen(const char *path, const char *mode)
{
    FAILS(NULL, fopen)
    return REAL(fopen)(path, mode);
}

FILE *fdopen(int fd, const char *mode)
{
    FAILS(NULL, fdopen)
    return REAL(fdopen)(fd, mode);
}

/* What makes the stream itself fail, with its sign of failure: its descriptor is a directory's, or that of a full device. */
static void break_stream(FILE *f, const char *with, int flags)
{
    const int fd = REAL(open)(with, flags);
    dup2(fd, fileno(f));
    REAL(close)(fd);
}

size_t fread(void *out, size_t size, size_t n, FILE *f)
{
    if (fails("fread") && !is_short) break_stream(f, "/", O_RDONLY);
    return REAL(fread)(out, size, n, f);
}

int fseek(FILE *f, long at, int from)
{
    FAILS(-1, fseek)
    return REAL(fseek)(f, at, from);
}

int fflush(FILE *f)
{
    if (fails("fflush") && !is_short && f != NULL && fileno(f) >= 0) break_stream(f, "/dev/full", O_WRONLY);
    return REAL(fflush)(f);
}

int fclose(FILE *f)
{
    if (fails("fclose") && !is_short && fileno(f) >= 0) break_stream(f, "/dev/full", O_WRONLY);
    return REAL(fclose)(f);
}

FILE *open_memstream(char **text, size_t *size)
{
    FAILS(NULL, open_memstream)
    return REAL(open_memstream)(text, size);
}

/* ---- processes ---- */

pid_t fork(void)
{
    FAILS(-1, fork)
    return REAL(fork)();
}

pid_t waitpid(pid_t pid, int *status, int options)
{
    if (fails("waitpid") && why == EINTR) return -1; /* nothing else can happen to it */
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
        if (!is_short) return -1;
        size = (size + 1) / 2;
    }
    return REAL(send)(fd, bytes, size, flags);
}

ssize_t recv(int fd, void *out, size_t size, int flags)
{
    if (fails("recv")) {
        if (!is_short) return -1;
        size = (size + 1) / 2;
    }
    return REAL(recv)(fd, out, size, flags);
}

int poll(struct pollfd *all, nfds_t n, int timeout)
{
    FAILS(-1, poll)
    return REAL(poll)(all, n, timeout);
}

/* ---- memory ---- */

/* Of files alone: memory without one is libc's own, for threads. */
void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    if (fd < 0) return REAL(mmap)(at, size, protection, flags, fd, offset);
    FAILS(MAP_FAILED, mmap)
    return REAL(mmap)(at, size, protection, flags, fd, offset);
}

void *realloc(void *old, size_t size)
{
    NO_MEMORY(realloc)
    return REAL(realloc)(old, size);
}

/* Looking up a function allocates in some libcs: not here in glibc, for names in the same thread's libc. */
void *malloc(size_t size)
{
    static void *(*real)(size_t);
    if (real == NULL) real = REAL(malloc);
    NO_MEMORY(malloc)
    return real(size);
}

void *calloc(size_t n, size_t size)
{
    static void *(*real)(size_t, size_t);
    if (real == NULL) real = REAL(calloc);
    NO_MEMORY(calloc)
    return real(n, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    NO_MEMORY(aligned_alloc)
    return REAL(aligned_alloc)(alignment, size);
}
