#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/bug.h"
#include "../base/utf8.h"
#include "../base/vec.h"

struct SourceMap {
    Arena *arena;
    VEC(Source *) all; /* all.at[id - 1] */
};

SourceMap *sources_create(Arena *a)
{
    SourceMap *m = arena_new(a, SourceMap);
    m->arena = a;
    return m;
}

Source *source_add(SourceMap *m, const char *path, const char *text, size_t len, bool library)
{
    if (len > SOURCE_MAX_BYTES) BUG("a source of %zu bytes", len);
    Source *s = arena_new(m->arena, Source);
    *s = (Source){.arena = m->arena, .path = path, .text = text, .len = len, .library = library};
    vec_push(m->arena, &m->all, s);
    s->id = (uint32_t)m->all.len;
    return s;
}

Source *source_get(const SourceMap *m, uint32_t id)
{
    return id >= 1 && id <= m->all.len ? m->all.at[id - 1] : NULL;
}

/* Everything that can be read from `f`, one byte more than SOURCE_MAX_BYTES at most. */
static char *read_all(Arena *a, FILE *f, size_t *len)
{
    size_t cap = 0;
    char  *text = vec_grow(a, NULL, 0, &cap, 4096);
    cap *= 4096;
    for (*len = 0;;) {
        *len += fread(text + *len, 1, cap - *len - 1, f);
        if (*len < cap - 1 || *len > SOURCE_MAX_BYTES) break;
        text = vec_grow(a, text, *len, &cap, 1);
    }
    text[*len] = '\0';
    return text;
}

/* Does not wait for ever for somebody to write into a pipe; if there is a writer, it may take its time. */
static FILE *open_source(const char *path, const char **why)
{
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat st;
    char first;
    ssize_t early = -1; /* bytes read by looking for a writer */
    *why = strerror(errno);
    if (fd < 0) return NULL;
    if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) && poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 1000) == 0) {
        early = read(fd, &first, 1);
    }
    if (early == 0) {
        *why = "is a pipe that nobody writes to";
        close(fd);
        return NULL;
    }
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    FILE *f = fdopen(fd, "rb");
    if (!f) {
        *why = strerror(errno);
        close(fd);
    }
    else if (early == 1) ungetc(first, f);
    return f;
}

Source *source_load(SourceMap *m, const char *path, const char **why)
{
    struct stat st;
    FILE       *f = open_source(path, why);
    if (!f) return NULL;
    Source *s = NULL;
    size_t  len = 0;
    if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
        *why = "is a directory";
    } else {
        const char *text = read_all(m->arena, f, &len);
        if (ferror(f)) {
            *why = strerror(errno);
        } else if (len > SOURCE_MAX_BYTES) {
            *why = "is too large for a source file";
        } else {
            s = source_add(m, arena_copy(m->arena, path, strlen(path)), text, len, false);
        }
    }
    fclose(f);
    return s;
}

static void build_lines(Source *s)
{
    VEC(uint32_t) starts = {0};
    vec_push(s->arena, &starts, 0);
    for (const char *p = s->text, *end = s->text + s->len; (p = memchr(p, '\n', (size_t)(end - p))) != NULL;) {
        vec_push(s->arena, &starts, (uint32_t)(++p - s->text));
    }
    s->lines = starts.at;
    s->nlines = starts.len;
}

static size_t line_index(Source *s, uint32_t offset)
{
    if (!s->lines) build_lines(s);
    size_t low = 0, high = s->nlines; /* lines[low] <= offset < lines[high] */
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (s->lines[middle] <= offset) low = middle;
        else high = middle;
    }
    return low;
}

uint32_t cells_after(uint32_t column, const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        if (s[i] >= ' ' && s[i] <= '~') { /* most are: a line may be long */
            column++;
            i++;
            continue;
        }
        uint32_t c;
        i += utf8_decode(s + i, len - i, &c);
        column += c == '\t' ? SOURCE_TAB - column % SOURCE_TAB : (uint32_t)utf8_cells(c);
    }
    return column;
}

Place source_place(Source *s, uint32_t offset)
{
    if (offset > s->len) offset = (uint32_t)s->len;
    const size_t   line = line_index(s, offset);
    const uint32_t start = s->lines[line];
    return (Place){(uint32_t)line + 1, cells_after(0, s->text + start, offset - start) + 1};
}

uint32_t source_line_number(Source *s, uint32_t offset)
{
    return (uint32_t)line_index(s, offset) + 1;
}

Str source_line(Source *s, uint32_t line)
{
    if (!s->lines) build_lines(s);
    if (line < 1 || line > s->nlines) return (Str){"", 0};
    const size_t start = s->lines[line - 1];
    size_t       end = line < s->nlines ? s->lines[line] - 1 : s->len;
    if (end > start && s->text[end - 1] == '\r') end--;
    return (Str){s->text + start, end - start};
}

Span span_join(Span a, Span b)
{
    if (!span_known(a)) return b;
    if (!span_known(b) || a.file != b.file) return a;
    return (Span){a.file, a.start < b.start ? a.start : b.start, a.end > b.end ? a.end : b.end};
}

bool span_known(Span s)
{
    return s.file != 0;
}
