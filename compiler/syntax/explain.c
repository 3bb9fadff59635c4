/* What is said about a word that does not fit: which bracket is missing or one too many, or "expected an expression, found
 * `)`", with the nouns that the parser's tables yield. */
#include <string.h>

#include "parse_state.h"

/* ---- brackets ---- */

static Span behind(const Parser *p, Token t)
{
    return (Span){p->b.source->id, t.end, t.end};
}

/* Where a `}` on a line of its own would stand: at the beginning of the line after `before`. */
static Span line_after(const Parser *p, Token before)
{
    const char *text = p->b.source->text;
    const char *newline = memchr(text + before.end, '\n', p->b.source->len - before.end);
    if (!newline || newline + 1 == text + p->b.source->len) return behind(p, before);
    const uint32_t at = (uint32_t)(newline + 1 - text);
    return (Span){p->b.source->id, at, at};
}

static void label_opener(Parser *p, Diag *d, const Opener *o, const char *label)
{
    diag_label(d, (Span){p->b.source->id, o->at, o->at + 1}, "%s", label);
}

static void unclosed_bracket(Parser *p, const Opener *o)
{
    const Suspect *suspect = &p->suspects.bracket;
    const bool     known = suspect->kind != SUSPECT_NONE && suspect->opener.at == o->at;
    const Span     place = behind(p, known ? suspect->before : p->last);
    const char    *closer = token_shown(opener_closer(o));
    Diag          *d = diag_at(p->b.cx->diags, E_UNCLOSED, place, "%s is missing", closer);
    diag_primary(d, "%s expected here", closer);
    label_opener(p, d, o, "to close this");
}

static void unclosed_block(Parser *p, const Opener *o)
{
    Suspect    *suspect = &p->suspects.brace;
    const bool  known = suspect->kind == SUSPECT_MISSING;
    const Token before = known ? suspect->before : p->last;
    const Span  place = line_after(p, before);
    Diag       *d = diag_at(p->b.cx->diags, E_UNCLOSED, place, "`}` is missing");
    if (known) o = &suspect->opener;
    diag_primary(d, "`}` expected here");
    label_opener(p, d, o, "to close this");
    if (place.start > before.end) {
        diag_help(d, "close the block");
        diag_fix(d, place, "%*s}\n", (int)o->indent, "");
    }
    suspect->kind = SUSPECT_NONE;
}

static void unopened(Parser *p, Token t)
{
    Suspect *suspect = &p->suspects.brace;
    if (suspect->kind == SUSPECT_EXTRA) {
        Diag *d = diag_at(p->b.cx->diags, E_UNOPENED, word_span(p, suspect->at), "there is a `}` too many");
        diag_primary(d, "this one closes the block of the other line");
        label_opener(p, d, &suspect->opener, "opened here");
        suspect->kind = SUSPECT_REPORTED;
    } else {
        Diag *d = diag_at(p->b.cx->diags, E_UNOPENED, word_span(p, t), "%s closes nothing", token_shown(t.kind));
        diag_help(d, "remove it");
        diag_fix(d, word_span(p, t), "%s", "");
    }
}

/* ---- "expected ..., found ..." ---- */

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

static const char *expected_text(Parser *p, Token found, bool at_line_end)
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

/* ---- other words ---- */

/* Is something complete that a comma or a bracket could follow? Then these are expected behind the last word. */
static bool is_complete(const Parser *p)
{
    return layout_in_brackets(&p->layout) && fits(p, TK_COMMA);
}

/* Does a statement or declaration begin behind a word of this kind? */
static bool is_beginning(const Parser *p, int before)
{
    return before == TK_NL || before == TK_LBRACE || before == p->start;
}

/* Does `t` begin a statement while the one before it is not complete? */
static bool begins_anew(Parser *p, Token t)
{
    if (is_beginning(p, p->layout.last)) return false;
    return t.kind == TK_RETURN || t.kind == TK_ASSERT || t.kind == TK_IF || t.kind == TK_FOR ||
           (t.kind != TK_ID && is_name(t) && !peek(p, 1).first && is_name(peek(p, 1)));
}

/* Behind the dtype of a weight or state. */
static bool wants_shape(const Parser *p)
{
    return is_name(p->last) && fits(p, TK_LB) && !fits(p, TK_DOT) && !fits(p, TK_COMMA);
}

/* Where a thing that stands in the wrong place belongs; NULL if there is nothing to say. */
static const char *hint(Parser *p, Token t)
{
    const bool in_file = fits(p, TK_IMPORT) && !fits(p, TK_ID);
    const bool in_body = fits(p, TK_RETURN), in_layer = !in_body && fits(p, TK_ASSERT);
    const bool variable = t.kind == TK_WEIGHT || t.kind == TK_STATE;
    if (in_file && peek(p, 1).kind == TK_EQ) return "a constant is declared with `const`";
    if (in_file && (variable || t.kind == TK_CALL)) return "weights, states and `call` stand inside a `layer` or `model`";
    if (in_layer && t.kind == TK_RETURN) return "`return` stands in `call` or in a function";
    if (in_body && variable) return "weights and states are declared in the layer, outside `call`";
    if (in_body && t.kind == TK_FN) return "functions are declared in the file or in the layer";
    if (wants_shape(p)) return "a shape stands in brackets: `float32[units]`; that of a scalar is `float32[]`";
    return NULL;
}

/* `x = a +` and on the next line `y = b`: the mistake is where the first line ends. */
static bool misses_operand_before(const Parser *p, Token t)
{
    return (t.kind == TK_EQ || t.kind == TK_AUGEQ) && p->last.first && is_name(p->last) &&
           !is_beginning(p, p->before_last.kind) && !layout_in_brackets(&p->layout);
}

static void unexpected(Parser *p, Token t, bool at_line_end)
{
    DiagSink *diags = p->b.cx->diags;
    if (misses_operand_before(p, t)) {
        diag_at(diags, E_SYNTAX, behind(p, p->before_last), "expected an expression, found %s", token_shown(TK_NL));
        return;
    }
    const bool  before = at_line_end || t.kind == TK_END || (t.first && (is_complete(p) || begins_anew(p, t)));
    const char *help = hint(p, t);
    Diag       *d = diag_at(diags, E_SYNTAX, before ? behind(p, p->last) : word_span(p, t), "%s",
                            expected_text(p, t, at_line_end));
    if (help) diag_help(d, "%s", help);
}

/* ---- which of them ---- */

/* Has a `}` too many closed the block that this line stands in? */
static bool follows_extra(const Parser *p, Token t)
{
    const Suspect *suspect = &p->suspects.brace;
    return suspect->kind == SUSPECT_EXTRA && t.first && t.indent > suspect->opener.indent;
}

/* Could brackets be forgotten before `t`? Before any other word, something else may miss as well. */
static bool is_edge(Token t)
{
    return t.first || t.kind == TK_END || t.kind == TK_LBRACE || t.kind == TK_RBRACE || t.kind == TK_RP || t.kind == TK_RB;
}

void explain(Parser *p, Token t, bool at_line_end, const Repair *r)
{
    const Opener *innermost = layout_innermost(&p->layout), *overdue = suspects_open(&p->suspects, &p->layout);
    const bool    closes = r && r->closes;
    if (closes_nothing(p, t) || follows_extra(p, t)) unopened(p, t);
    else if (closes && innermost->kind == TK_LBRACE) unclosed_block(p, innermost);
    else if (closes && is_edge(t)) unclosed_bracket(p, innermost);
    else if (!r && overdue) unclosed_bracket(p, overdue);
    else unexpected(p, t, at_line_end);
}
