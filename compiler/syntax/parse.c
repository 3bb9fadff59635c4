#include "parse.h"

#include <stdlib.h>
#include <string.h>

#include "parse_state.h"

/* Symbols on the parser's stack: more is too deep. */
enum { MAX_STACK = 4000 };

/* ---- words ---- */

Token peek(Parser *p, size_t i)
{
    while (p->nahead <= i) p->ahead[p->nahead++] = lexer_next(&p->lexer);
    return p->ahead[i];
}

void drop(Parser *p)
{
    p->nahead--;
    memmove(p->ahead, p->ahead + 1, p->nahead * sizeof *p->ahead);
}

void unread(Parser *p, Token t)
{
    if (p->nahead == MAX_AHEAD) BUG("too many words ahead");
    memmove(p->ahead + 1, p->ahead, p->nahead * sizeof *p->ahead);
    p->ahead[0] = t;
    p->nahead++;
}

Token made(const Parser *p, int kind)
{
    Token t = {.kind = (uint8_t)kind, .indent = p->last.indent, .start = p->last.end, .end = p->last.end};
    if (kind == TK_ID) t.as.sym = intern_z(p->b.cx->names, "<missing>");
    return t;
}

void give_up(Parser *p)
{
    p->exhausted = true;
    p->lexer.cursor = p->lexer.limit;
    p->nahead = 0;
}

bool fits(const Parser *p, int kind)
{
    return parser_accepts(p->lemon, kind);
}

Span word_span(const Parser *p, Token t)
{
    return token_span(&p->b, t);
}

Str word_text(const Parser *p, Token t)
{
    return (Str){p->b.source->text + t.start, t.end - t.start};
}

bool word_is(const Parser *p, Token t, const char *text)
{
    return str_eq(word_text(p, t), text);
}

bool is_name(Token t)
{
    switch (t.kind) {
    case TK_ID: case TK_IMPORT: case TK_AS: case TK_CONST: case TK_FN: case TK_LAYER: case TK_MODEL: case TK_WEIGHT:
    case TK_STATE: case TK_CALL: case TK_BUILD: return true;
    default: return false;
    }
}

bool begins_declaration(const Parser *p, Token t, Token next)
{
    if (!t.first || next.first) return false;
    if (t.foreign && t.indent == 0 && is_name(next)) {
        return word_is(p, t, "class") || word_is(p, t, "def") || word_is(p, t, "from");
    }
    if (t.kind == TK_IMPORT) return next.kind == TK_STRING;
    if (t.kind == TK_FN) return is_name(next) && t.indent == 0;
    return (t.kind == TK_LAYER || t.kind == TK_MODEL || t.kind == TK_CONST) && is_name(next);
}

bool closes_nothing(const Parser *p, Token t)
{
    const Layout *l = &p->layout;
    if (t.kind == TK_RBRACE) return l->nopen == 0;
    if (t.kind != TK_RP && t.kind != TK_RB) return false;
    for (size_t i = l->nopen; i-- > 0 && l->open[i].kind != TK_LBRACE;) {
        if (opener_closer(&l->open[i]) == t.kind) return false;
    }
    return true;
}

bool is_lost_member(const Parser *p, Token t)
{
    return p->start == TK_START_FILE && p->layout.nopen == 0 && t.indent > 0;
}

/* ---- reading ---- */

static void too_deep(Parser *p, Token t)
{
    diag_at(p->b.cx->diags, E_TOO_DEEP, word_span(p, t), "this is nested too deeply");
    p->b.quiet = true;
    give_up(p);
}

void feed(Parser *p, Token t)
{
    MdlParse(p->lemon, t.kind, t);
    if (!layout_step(&p->layout, t) || parser_depth(p->lemon) > MAX_STACK) too_deep(p, t);
    p->before_last = p->last;
    p->last = t;
}

/* `weight`, `fn` and the like are names, unless a name follows: then they must begin a declaration here, or the error is
 * theirs and not that of the name. `call(` may be a call of a function, if the indentation does not say otherwise. */
static bool is_misplaced(Parser *p, Token t)
{
    if (!t.first || t.kind == TK_ID || !is_name(t)) return false;
    const Token   next = peek(p, 1);
    const Opener *block = layout_block(&p->layout);
    if (next.first) return false;
    if (p->layout.nopen && begins_declaration(p, t, next)) return t.kind != TK_FN || layout_in_brackets(&p->layout);
    Trial trial = trial_start(p->lemon);
    if (layout_ends_statement(&p->layout, t)) trial_feed(&trial, TK_NL);
    if (t.kind == TK_CALL && next.kind == TK_LP) {
        return p->suspects.brace.kind == SUSPECT_MISSING && block && t.indent <= block->indent && trial_feed(&trial, TK_RETURN);
    }
    if (!is_name(next) && next.kind != TK_STRING) return false;
    return trial_feed(&trial, t.kind) && !trial_feed(&trial, next.kind);
}

/* A block that a `:` opened ends where its indentation does. */
bool closes_python_block(const Parser *p, Token t)
{
    const Opener *block = layout_block(&p->layout);
    return block && block->block && (t.kind == TK_END || (t.first && t.indent <= block->indent));
}

static void close_python_block(Parser *p)
{
    const Opener *block = layout_block(&p->layout);
    const Span    here = {p->b.source->id, p->last.end, p->last.end};
    diag_fix(block->block, here, "\n%*s}", (int)block->indent, "");
    if (layout_in_brackets(&p->layout) || !fits(p, TK_RBRACE)) recover(p, true);
    else feed(p, made(p, TK_RBRACE));
}

static void read_word(Parser *p)
{
    const Token t = peek(p, 0);
    if (closes_python_block(p, t)) {
        close_python_block(p);
        return;
    }
    if (t.foreign && foreign_word(p)) return;
    suspects_watch(&p->suspects, &p->layout, p->last, t);
    if (p->layout.nopen == 0 && begins_declaration(p, t, peek(p, 1))) p->suspects.brace.kind = SUSPECT_NONE;
    if (is_misplaced(p, t)) {
        recover(p, false);
        return;
    }
    if (layout_ends_statement(&p->layout, t)) {
        if (!fits(p, TK_NL)) {
            recover(p, true);
            return;
        }
        feed(p, made(p, TK_NL));
    }
    if (!fits(p, t.kind)) {
        recover(p, false);
        return;
    }
    drop(p);
    feed(p, t);
    if (t.first) p->b.quiet = false;
}

/* What is to be read, and where it stands. */
typedef struct Job {
    int         start; /* TK_START_... */
    const char *text;
    size_t      len;
    uint32_t    base; /* offset of `text` in the source */
    const char *end_shown;
} Job;

static Builder parse(const ParseContext *cx, Source *source, Job job)
{
    const size_t before = diag_errors(cx->diags);
    Arena       *scratch = arena_create();
    Parser      *p = arena_new(scratch, Parser);
    p->b = (Builder){.cx = cx, .arena = cx->arena, .source = source, .lexer = &p->lexer};
    p->start = job.start;
    p->end_shown = job.end_shown;
    p->lexer = lexer_create(cx, source, job.text, job.len, job.base);
    p->last.start = p->last.end = job.base;
    p->lemon = MdlParseAlloc(malloc_or_exit, &p->b);
    if (job.start == TK_START_FILE) {
        p->b.file = arena_new(cx->arena, AstFile);
        p->b.file->source = source;
    }
    feed(p, made(p, job.start));
    while (p->last.kind != TK_END) read_word(p);
    MdlParseFree(p->lemon, free);

    Builder result = p->b;
    if (diag_errors(cx->diags) > before) result.type = NULL, result.expr = NULL;
    arena_destroy(scratch);
    return result;
}

AstFile *parse_file(const ParseContext *cx, Source *source)
{
    return parse(cx, source, (Job){TK_START_FILE, source->text, source->len, 0, "the end of the file"}).file;
}

TypeExpr *parse_type(const ParseContext *cx, Source *source)
{
    return parse(cx, source, (Job){TK_START_TYPE, source->text, source->len, 0, "the end"}).type;
}

Expr *parse_expr(const ParseContext *cx, Source *source)
{
    return parse(cx, source, (Job){TK_START_EXPR, source->text, source->len, 0, "the end"}).expr;
}

Expr *parse_expr_at(const ParseContext *cx, Source *source, uint32_t start, uint32_t end)
{
    const char *text = arena_copy(cx->arena, source->text + start, end - start); /* a NUL must follow */
    return parse(cx, source, (Job){TK_START_EXPR, text, end - start, start, "`}`"}).expr;
}
