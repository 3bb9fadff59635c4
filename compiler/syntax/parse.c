#include "parse.h"

#include <stdlib.h>

#include "parser_tables.h"

/* Brackets inside one another, and symbols on the parser's stack: more is too deep. */
enum { MAX_BRACKETS = 200, MAX_STACK = 4000 };

/* Not a token: the braces of `return {...}`, inside which newlines mean nothing. */
enum { OUTPUTS_BRACE = 255 };

typedef struct Opener {
    uint8_t  kind;
    uint16_t indent; /* of its line */
    uint32_t at;
} Opener;

typedef struct Parser {
    Builder b;
    Lexer   lexer;
    void   *lemon;
    Token   last; /* fed */
    Opener  open[MAX_BRACKETS];
    size_t  nopen;
} Parser;

static bool in_brackets(const Parser *p)
{
    return p->nopen && p->open[p->nopen - 1].kind != TK_LBRACE;
}

static void feed(Parser *p, Token t)
{
    MdlParse(p->lemon, t.kind, t);
    p->last = t;
}

static Token made(const Parser *p, int kind)
{
    return (Token){.kind = (uint8_t)kind, .start = p->last.end, .end = p->last.end};
}

static void track_brackets(Parser *p, Token t)
{
    switch (t.kind) {
    case TK_LP:
    case TK_LB:
    case TK_LBRACE:
        if (p->nopen < MAX_BRACKETS) {
            const bool outputs = t.kind == TK_LBRACE && p->last.kind == TK_RETURN;
            p->open[p->nopen++] = (Opener){outputs ? OUTPUTS_BRACE : t.kind, t.indent, t.start};
        }
        break;
    case TK_RP:
    case TK_RB:
    case TK_RBRACE:
        if (p->nopen) p->nopen--;
        break;
    default: break;
    }
}

static bool ends_statement(const Parser *p, Token next)
{
    return next.first && !in_brackets(p) && token_ends(p->last.kind) && token_begins(next.kind);
}

static void report(Parser *p, Token t)
{
    const Span span = token_span(&p->b, t);
    diag_at(p->b.cx->diags, E_SYNTAX, span, "%s does not fit here", token_shown(t.kind));
}

/* Gives up the statement: skips to its end, over blocks. Returns the token to go on with. */
static Token recover(Parser *p, Token t)
{
    report(p, t);
    feed(p, made(p, TK_PANIC));
    while (in_brackets(p)) p->nopen--;
    size_t depth = 0;
    for (bool begin = true; t.kind != TK_END; t = lexer_next(&p->lexer), begin = false) {
        if (t.kind == TK_LBRACE) depth++;
        if (t.kind == TK_RBRACE && depth-- == 0) break;
        if (t.first && depth == 0 && !begin && token_begins(t.kind)) {
            feed(p, made(p, TK_NL));
            break;
        }
    }
    return t;
}

static void read_tokens(Parser *p)
{
    for (Token t = lexer_next(&p->lexer);; t = lexer_next(&p->lexer)) {
        if (ends_statement(p, t)) {
            const Token nl = made(p, TK_NL);
            if (parser_accepts(p->lemon, TK_NL)) feed(p, nl);
            else t = recover(p, nl.kind ? t : t);
        }
        if (!parser_accepts(p->lemon, t.kind)) t = recover(p, t);
        if (t.kind == TK_END) {
            if (!parser_accepts(p->lemon, TK_END)) feed(p, made(p, TK_PANIC));
            while (!parser_accepts(p->lemon, TK_END) && parser_accepts(p->lemon, TK_RBRACE)) feed(p, made(p, TK_RBRACE));
            if (parser_accepts(p->lemon, TK_END)) feed(p, t);
            return;
        }
        if (parser_accepts(p->lemon, t.kind)) {
            track_brackets(p, t);
            feed(p, t);
        }
    }
}

static Builder parse(const ParseContext *cx, Source *source, const char *text, size_t len, uint32_t base, int start)
{
    Parser *p = arena_new(cx->arena, Parser);
    p->b = (Builder){.cx = cx, .arena = cx->arena, .source = source, .lexer = &p->lexer};
    if (start == TK_START_FILE) {
        p->b.file = arena_new(cx->arena, AstFile);
        p->b.file->source = source;
    }
    p->lexer = lexer_create(cx, source, text, len, base);
    p->lemon = MdlParseAlloc(malloc, &p->b);
    feed(p, made(p, start));
    read_tokens(p);
    MdlParseFree(p->lemon, free);
    return p->b;
}

AstFile *parse_file(const ParseContext *cx, Source *source)
{
    return parse(cx, source, source->text, source->len, 0, TK_START_FILE).file;
}

TypeExpr *parse_type(const ParseContext *cx, Source *source)
{
    return parse(cx, source, source->text, source->len, 0, TK_START_TYPE).type;
}

Expr *parse_expr(const ParseContext *cx, Source *source)
{
    return parse(cx, source, source->text, source->len, 0, TK_START_EXPR).expr;
}

Expr *parse_expr_at(const ParseContext *cx, Source *source, uint32_t start, uint32_t end)
{
    const char *text = arena_copy(cx->arena, source->text + start, end - start);
    return parse(cx, source, text, end - start, start, TK_START_EXPR).expr;
}
