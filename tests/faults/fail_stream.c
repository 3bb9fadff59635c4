/* Streams. A failure of writing is that of the stream itself, with its sign of it: libc's own calls of `write` are not seen. */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "fail_inject.h"

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

/* Its descriptor becomes a directory's, or that of a full device. */
static void break_stream(FILE *f, const char *with, int flags)
{
    const int fd = REAL(open)(with, flags);
    dup2(fd, fileno(f));
    REAL(close)(fd);
}

size_t fread(void *out, size_t size, size_t n, FILE *f)
{
    if (fails("fread") && !fail_is_short) break_stream(f, "/", O_RDONLY);
    return REAL(fread)(out, size, n, f);
}

int fseek(FILE *f, long at, int from)
{
    FAILS(-1, fseek)
    return REAL(fseek)(f, at, from);
}

int fflush(FILE *f)
{
    if (fails("fflush") && !fail_is_short && f != NULL && fileno(f) >= 0) break_stream(f, "/dev/full", O_WRONLY);
    return REAL(fflush)(f);
}

int fclose(FILE *f)
{
    if (fails("fclose") && !fail_is_short && fileno(f) >= 0) break_stream(f, "/dev/full", O_WRONLY);
    return REAL(fclose)(f);
}

FILE *open_memstream(char **text, size_t *size)
{
    FAILS(NULL, open_memstream)
    return REAL(open_memstream)(text, size);
}

/* ---- writing: the disk stays full (ENOSPC), or one write fails and the next ones do not (any other error) ---- */

/* Whether writing to it can fail here: messages about failures can't, nor what goes to memory. */
static bool counts(FILE *f)
{
    return f != stderr && fileno(f) >= 0;
}

/* Before a write that fails: the descriptor to put back after it; -1. */
static int before_write(const char *name, FILE *f)
{
    if (!counts(f) || !fails(name) || fail_is_short) return -1;
    const int kept = fail_why == ENOSPC ? -1 : dup(fileno(f));
    break_stream(f, "/dev/full", O_WRONLY);
    return kept;
}

static void after_write(int kept, FILE *f)
{
    if (kept < 0) return;
    REAL(fflush)(f);
    dup2(kept, fileno(f));
    REAL(close)(kept);
}

#define WRITES(name, f, type, call)            \
    const int  kept = before_write(#name, f); \
    const type result = call;                  \
    after_write(kept, f);                      \
    return kept < 0 ? result : (type)(ferror(f) ? EOF : result);

size_t fwrite(const void *bytes, size_t size, size_t n, FILE *f)
{
    const int    kept = before_write("fwrite", f);
    const size_t written = REAL(fwrite)(bytes, size, n, f);
    after_write(kept, f);
    return kept < 0 ? written : written / 2;
}

int fputs(const char *text, FILE *f) { WRITES(fputs, f, int, REAL(fputs)(text, f)) }
int fputc(int c, FILE *f) { WRITES(fputc, f, int, REAL(fputc)(c, f)) }
int putc(int c, FILE *f) { WRITES(putc, f, int, REAL(fputc)(c, f)) }
int putchar(int c) { WRITES(putchar, stdout, int, REAL(fputc)(c, stdout)) }
int puts(const char *text) { WRITES(puts, stdout, int, REAL(puts)(text)) }
int vfprintf(FILE *f, const char *format, va_list args) { WRITES(vfprintf, f, int, REAL(vfprintf)(f, format, args)) }

int fprintf(FILE *f, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int n = vfprintf(f, format, args);
    va_end(args);
    return n;
}

int printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int n = vfprintf(stdout, format, args);
    va_end(args);
    return n;
}
