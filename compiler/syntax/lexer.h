/* Text to words. Comments and blanks are skipped here; what a newline means is decided in parse.c. */
#ifndef MDLC_LEXER_H
#define MDLC_LEXER_H

#include "parse.h"
#include "token.h"

/* A block of `##` lines, and the word it stands above. */
typedef struct DocComment {
    uint32_t word; /* offset of the word */
    Str      text; /* without the marks */
} DocComment;

typedef struct Lexer {
    const ParseContext  *cx;
    uint32_t             file, base; /* `text` stands at offset `base` of source `file` */
    const unsigned char *text, *limit;
    const unsigned char *start, *cursor, *marker; /* of the word being read */
    bool                 first;                   /* no word on this line yet */
    uint16_t             indent;
    bool                 damaged;                 /* something before the next word was skipped */
    bool                 nul_reported;
    Diag                *semicolon;               /* the error about `;`, to which each further one adds a fix */
    StrBuf               doc;            /* the `##` lines gathered so far */
    VEC(DocComment)      docs;           /* in the order of the text */
} Lexer;

/* Reads `len` bytes at `text`, which a NUL follows. */
Lexer lexer_create(const ParseContext *cx, const Source *source, const char *text, size_t len, uint32_t base);
/* The next word; TK_END for ever at the end. What is no word is reported and skipped. */
Token lexer_next(Lexer *lx);

/* Decodes the escapes of a string's inside, [start, end) of the source, and appends it to `out`. */
void decode_string(const ParseContext *cx, const Source *source, uint32_t start, uint32_t end, StrBuf *out);

#endif
