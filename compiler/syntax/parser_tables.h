/* The parser that Lemon makes of grammar/parser.y, and questions about its state. */
#ifndef MDLC_PARSER_TABLES_H
#define MDLC_PARSER_TABLES_H

#include "ast_build.h"

void *MdlParseAlloc(void *(*allocate)(size_t), Builder *b);
void  MdlParse(void *parser, int kind, Token t);
void  MdlParseFree(void *parser, void (*release)(void *));

/* Words that have not been read yet, tried on the states of a parser without running an action. */
enum { TRIAL_MAX = 200 };
typedef struct Trial {
    const void *parser;
    size_t      kept;              /* entries of the parser's own stack */
    size_t      len;               /* states pushed on top of them */
    uint16_t    states[TRIAL_MAX];
} Trial;

Trial trial_start(const void *parser);
/* Would `kind` fit now? If so the trial moves on. */
bool trial_feed(Trial *t, int kind);

bool parser_accepts(const void *parser, int kind);
/* Drops what is half read, up to the nearest place where the grammar allows an `error`, which is put there. False if there is
 * none: then nothing is left to go on with. */
bool parser_panic(void *parser);
/* Symbols on the parser's stack. */
size_t parser_depth(const void *parser);

#endif
