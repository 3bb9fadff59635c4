#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hdf5_helper.h"

static void write_all(const void *bytes, size_t len)
{
    const char *s = bytes;
    while (len) {
        const ssize_t n = write(STDOUT_FILENO, s, len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) _exit(1);
        s += n;
        len -= (size_t)n;
    }
}

/* False at the end. */
static bool read_all(void *bytes, size_t len)
{
    char *s = bytes;
    while (len) {
        const ssize_t n = read(STDIN_FILENO, s, len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        s += n;
        len -= (size_t)n;
    }
    return true;
}

void say(unsigned char tag, const void *head, size_t head_len, const void *bytes, size_t len)
{
    const size_t        n = head_len + len;
    const unsigned char word[5] = {tag, (unsigned char)n, (unsigned char)(n >> 8), (unsigned char)(n >> 16),
                                   (unsigned char)(n >> 24)};
    write_all(word, sizeof word);
    write_all(head, head_len);
    write_all(bytes, len);
    alarm(H5_PATIENCE);
}

void give_up(const char *fmt, ...)
{
    char    text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    say(H5_FAULT, NULL, 0, text, strlen(text));
    _exit(0);
}

unsigned char hear(char *bytes, size_t *len)
{
    unsigned char head[5];
    alarm(0); /* mdlc may take its time between two questions */
    if (!read_all(head, sizeof head)) return 0;
    alarm(H5_PATIENCE);
    *len = head[1] | (size_t)head[2] << 8 | (size_t)head[3] << 16 | (size_t)head[4] << 24;
    if (*len > H5_MAX_MESSAGE || !read_all(bytes, *len)) _exit(1);
    bytes[*len] = 0;
    return head[0];
}
