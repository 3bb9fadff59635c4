/* Source files and places in them. A place is a byte range; lines and columns are computed when someone looks. */
#ifndef MDLC_SOURCE_H
#define MDLC_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/arena.h"
#include "../base/str.h"

/* Bytes [start, end) of source number `file`. File 0 means "no place". */
typedef struct Span {
    uint32_t file, start, end;
} Span;

enum {
    SOURCE_TAB = 4,               /* a tab reaches to the next multiple of this */
    SOURCE_MAX_BYTES = 64 << 20, /* no file is larger */
};

typedef struct Source {
    Arena      *arena;
    uint32_t    id;      /* from 1 */
    const char *path;    /* as messages print it */
    const char *text;    /* NUL-terminated at text[len]; may hold NULs before */
    size_t      len;
    bool        library; /* part of the embedded layer library, or the command line */
    uint32_t   *lines;   /* offset of each line's start; built on first use */
    size_t      nlines;
} Source;

typedef struct SourceMap SourceMap;

SourceMap *sources_create(Arena *a);
/* Registers text that the caller keeps alive. */
Source *source_add(SourceMap *m, const char *path, const char *text, size_t len, bool library);
Source *source_get(const SourceMap *m, uint32_t id);
/* Reads a whole file. On failure returns NULL and sets `*why` to words such as "No such file or directory", "is a directory". */
Source *source_load(SourceMap *m, const char *path, const char **why);

/* 1-based line and 1-based column in display cells of byte `offset`. */
typedef struct Place {
    uint32_t line, column;
} Place;
Place source_place(Source *s, uint32_t offset);
/* The line alone, which costs less where lines are long. */
uint32_t source_line_number(Source *s, uint32_t offset);
/* The column reached after writing `s` from 0-based `column` on, in display cells. */
uint32_t cells_after(uint32_t column, const char *s, size_t len);
/* The line's text without its newline; `line` is 1-based. */
Str source_line(Source *s, uint32_t line);

Span span_join(Span a, Span b);
bool span_known(Span s);

#endif
