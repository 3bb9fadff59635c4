/* What the rules of grammar/lexer.re do. `start` and `cursor` of the lexer are the ends of the text that a rule matched. */
#ifndef MDLC_WORDS_H
#define MDLC_WORDS_H

#include "lexer.h"

/* ---- words ---- */
Token lex_word(Lexer *lx, int kind);
Token lex_name(Lexer *lx, int kind);
Token lex_operator(Lexer *lx, int kind, Operator op);
Token lex_int(Lexer *lx);
Token lex_float(Lexer *lx);

/* ---- lines ---- */
void lex_newline(Lexer *lx);
void lex_doc_line(Lexer *lx);

/* ---- what is no word of MDL: reported, and read as what was meant ---- */
/* A name that means something in other languages: foreign.c decides where it does. */
Token lex_foreign_name(Lexer *lx);
/* `spelling` is how MDL writes the mark, or the word of Python. */
Token lex_foreign(Lexer *lx, int kind, const char *spelling);
Token lex_python(Lexer *lx, int kind, const char *spelling);
Token lex_bad_number(Lexer *lx);
Token lex_leading_zeros(Lexer *lx);
Token lex_unclosed_string(Lexer *lx);
Token lex_prefixed_string(Lexer *lx);
/* The cursor stands behind the opening quotes. */
void lex_triple_quoted(Lexer *lx);

/* ---- what is passed over ---- */
void lex_semicolon(Lexer *lx);
void lex_block_comment(Lexer *lx);
void lex_nul(Lexer *lx);
void lex_unknown(Lexer *lx);

/* ---- escapes, from the backslash at `from` on ---- */
/* \xHH, \uHHHH or \UHHHHHHHH up to `to`. */
void put_escaped(const ParseContext *cx, const Source *source, const unsigned char *from, const unsigned char *to, StrBuf *out);
/* Returns where to go on. */
const unsigned char *skip_bad_escape(const ParseContext *cx, const Source *source, const unsigned char *from,
                                     const unsigned char *limit);

#endif
