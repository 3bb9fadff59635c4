/* "expected an expression, found `)`": what would have fitted, in nouns. */
#include "parse_state.h"

static bool fits(const Parser *p, int kind)
{
    return parser_accepts(p->lemon, kind);
}

/* A whole that may begin here, whatever its first word; NULL if none may. */
static const char *whole(const Parser *p)
{
    if (fits(p, TK_RETURN)) return "a statement";
    if (fits(p, TK_ASSERT)) return "a field, `weight`, `state`, `fn` or `call`";
    if (fits(p, TK_IMPORT) && !fits(p, TK_ID)) return "`model`, `layer`, `fn`, `const` or `import`";
    if (fits(p, TK_INT)) return "an expression";
    if (fits(p, TK_BAD)) return "a type";
    if (fits(p, TK_ID)) return "a name";
    return NULL;
}

enum { MAX_SHOWN = 4 };

static void add(const Parser *p, int kind, const char *shown[MAX_SHOWN], size_t *n)
{
    if (*n < MAX_SHOWN && fits(p, kind)) shown[(*n)++] = token_shown(kind);
}

/* Marks and words worth a mention, the most telling first. Behind an operand, operators go without saying; where a line may
 * end, so do commas and closing braces. */
static void add_marks(const Parser *p, const char *shown[MAX_SHOWN], size_t *n)
{
    const bool operand = fits(p, TK_CMPOP), line_may_end = fits(p, TK_NL);
    add(p, TK_ELSE, shown, n);
    add(p, TK_LBRACE, shown, n);
    add(p, TK_EQ, shown, n);
    if (!line_may_end) add(p, TK_COMMA, shown, n);
    if (!line_may_end) add(p, TK_COLON, shown, n);
    if (!operand) add(p, TK_IN, shown, n);
    if (!operand) add(p, TK_LP, shown, n);
    if (!operand) add(p, TK_LB, shown, n);
    add(p, TK_STRING, shown, n);
    add(p, TK_NL, shown, n);
    if (!line_may_end) add(p, TK_RBRACE, shown, n);
}

static void put_found(const Parser *p, StrBuf *b, Token t, bool at_line_end)
{
    enum { LONGEST = 40 };
    const Str text = word_text(p, t);
    if (at_line_end) sb_put(b, token_shown(TK_NL));
    else if (t.kind == TK_END) sb_put(b, p->end_shown);
    else if (t.kind == TK_STRING || t.kind == TK_FSTRING || text.len > LONGEST) sb_put(b, token_shown(t.kind));
    else sb_printf(b, "`%.*s`", (int)text.len, text.s);
}

const char *expected_text(Parser *p, Token found, bool at_line_end)
{
    StrBuf      b = {.arena = p->b.arena};
    const char *shown[MAX_SHOWN];
    size_t      n = 0;
    if (whole(p)) shown[n++] = whole(p);
    add(p, TK_RP, shown, &n);
    add(p, TK_RB, shown, &n);
    if (!whole(p)) add_marks(p, shown, &n);
    if (n == 0) sb_put(&b, "unexpected ");
    else sb_put(&b, "expected ");
    for (size_t i = 0; i < n; i++) {
        if (i) sb_put(&b, i + 1 == n ? " or " : ", ");
        sb_put(&b, shown[i]);
    }
    if (n) sb_put(&b, ", found ");
    put_found(p, &b, found, at_line_end);
    return sb_text(&b);
}
