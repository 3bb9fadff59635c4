/* f-strings. The lexer keeps one whole; here it is split into text and the expressions between braces. */
#include <string.h>

#include "ast_build.h"

/* The first of the characters `stop` behind `p` that is outside brackets and strings, or `end`. */
static const char *find_outside(const char *p, const char *end, const char *stop)
{
    int depth = 0;
    for (char quote = 0; p < end; p++) {
        if (quote) {
            if (*p == quote) quote = 0;
        } else if (depth == 0 && strchr(stop, *p)) {
            return p;
        } else if (*p == '"' || *p == '\'') {
            quote = *p;
        } else if (*p == '(' || *p == '[' || *p == '{') {
            depth++;
        } else if (*p == ')' || *p == ']' || *p == '}') {
            depth--;
        }
    }
    return end;
}

typedef struct Splitter {
    Builder    *b;
    Expr       *result;
    const char *text; /* of the source */
    StrBuf      literal;
} Splitter;

static Span between(const Splitter *s, const char *from, const char *to)
{
    return (Span){s->b->source->id, (uint32_t)(from - s->text), (uint32_t)(to - s->text)};
}

static void put_literal(Splitter *s, const char *from, const char *to)
{
    decode_string(s->b->cx, s->b->source, (uint32_t)(from - s->text), (uint32_t)(to - s->text), &s->literal);
}

static void end_literal(Splitter *s)
{
    if (!s->literal.len) return;
    const FPart part = {{s->literal.s, s->literal.len}, NULL};
    vec_push(s->b->arena, &s->result->as.fstring.parts, part);
    s->literal = (StrBuf){.arena = s->b->arena};
}

static void add_expression(Splitter *s, const char *from, const char *to)
{
    Builder    *b = s->b;
    Expr       *e = NULL;
    const char *colon = find_outside(from, to, ":");
    if (colon < to) {
        Diag *d = diag_at(b->cx->diags, E_BAD_FSTRING, between(s, colon, to), "f-strings have no formats");
        diag_help(d, "remove it");
        diag_fix(d, between(s, colon, to), "%s", "");
        to = colon;
    }
    if (from + strspn(from, " \t") >= to) {
        diag_at(b->cx->diags, E_BAD_FSTRING, between(s, from - 1, to), "the braces hold no expression");
    } else {
        e = parse_expr_at(b->cx, b->source, (uint32_t)(from - s->text), (uint32_t)(to - s->text));
    }
    if (!e) {
        e = arena_new(b->arena, Expr);
        *e = (Expr){.kind = EXPR_ERROR, .depth = 1, .span = between(s, from, to)};
    }
    end_literal(s);
    const FPart part = {{"", 0}, e};
    vec_push(b->arena, &s->result->as.fstring.parts, part);
    if (e->depth >= s->result->depth) s->result->depth = e->depth + 1;
}

static void report_brace(Splitter *s, const char *at, const char *what)
{
    Diag *d = diag_at(s->b->cx->diags, E_BAD_FSTRING, between(s, at, at + 1), "%s", what);
    diag_help(d, "a brace that is text is doubled: `{{` or `}}`");
}

Expr *expr_fstring(Builder *b, Token t)
{
    Expr       *e = expr_error(b, t);
    Splitter    s = {b, e, b->source->text, {.arena = b->arena}};
    const char *p = s.text + t.start + 2, *end = s.text + t.end - 1;
    e->kind = EXPR_FSTRING;
    while (p < end) {
        const char *text = p;
        while (p < end && *p != '{' && *p != '}') p += *p == '\\' && p + 1 < end ? 2 : 1;
        put_literal(&s, text, p);
        if (p == end) break;
        if (p + 1 < end && p[1] == *p) {
            sb_putc(&s.literal, *p);
            p += 2;
        } else if (*p == '}') {
            report_brace(&s, p++, "this `}` closes nothing");
        } else {
            const char *close = find_outside(p + 1, end, "}");
            if (close == end) {
                report_brace(&s, p, "this `{` is not closed in the string");
                break;
            }
            add_expression(&s, p + 1, close);
            p = close + 1;
        }
    }
    end_literal(&s);
    if (e->depth > AST_MAX_DEPTH) e->kind = EXPR_ERROR;
    return e;
}
