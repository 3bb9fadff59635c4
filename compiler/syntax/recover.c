/* What to do when a word does not fit.
 *
 * First, repairs are tried on the parser's tables: closing what is open, a word more, a word less, another word instead. A
 * repair is taken if the text then goes on to fit to the end of the statement at least, and the one that reaches farthest
 * wins; so a slip of one word costs one message, and the tree stays whole. If none will do, the statement is given up: what
 * is half read is dropped from the stack, and what remains of it is skipped, over brackets and blocks.
 *
 * One mistake, one message: what goes wrong on the same line after an error is taken to follow from it. */
#include <string.h>

#include "parse_state.h"

enum { MAX_ERRORS = 100, MAX_STUCK = 1000, REACH_MAX = 24 };

/* ---- repairs ---- */

typedef struct Repair {
    bool    skip;   /* leave out the word that does not fit */
    bool    closes; /* nothing but closing brackets is put in */
    size_t  ninsert;
    uint8_t insert[MAX_BRACKETS];
} Repair;

typedef struct Attempt {
    Trial  trial;
    Layout layout;
    bool   settled; /* it got beyond the statement */
} Attempt;

static bool attempt_read(Attempt *a, Token t)
{
    const bool ends = layout_ends_statement(&a->layout, t);
    if (ends && !trial_feed(&a->trial, TK_NL)) return false;
    if (!trial_feed(&a->trial, t.kind) || !layout_step(&a->layout, t)) return false;
    if (ends || t.kind == TK_LBRACE || t.kind == TK_RBRACE) a->settled = true;
    return true;
}

/* The first word behind a repair. A newline before it counts only if none went in for it already; a word left out hands
 * its newline on. */
static Token first_word(Parser *p, const Repair *r)
{
    Token      t = peek(p, r->skip ? 1 : 0);
    const bool new_line = t.first || (r->skip && peek(p, 0).first);
    const bool counted = p->layout.last == TK_NL || p->layout.last == p->start;
    t.first = new_line && (!counted || (r->skip && t.first));
    return t;
}

/* How many words fit behind the repair; 0 if it leads nowhere: two must, and one beyond the statement. */
static size_t reach(Parser *p, const Repair *r)
{
    Attempt a = {trial_start(p->lemon), p->layout, false};
    for (size_t i = 0; i < r->ninsert; i++) {
        if (!attempt_read(&a, made(p, r->insert[i]))) return 0;
    }
    a.settled = false;
    for (size_t n = 0; n < REACH_MAX; n++) {
        const Token t = n ? peek(p, n + r->skip) : first_word(p, r);
        if (!attempt_read(&a, t)) return a.settled && n >= 2 ? n : 0;
        if (t.kind == TK_END) break;
    }
    return REACH_MAX;
}

typedef struct Search {
    Parser *p;
    Repair  best;
    size_t  best_reach;
} Search;

static void consider(Search *s, const Repair *r)
{
    const size_t n = reach(s->p, r);
    if (n > s->best_reach) {
        s->best = *r;
        s->best_reach = n;
    }
}

/* Closing the innermost brackets, one more each time: blocks only if the indentation does not object. */
static void consider_closing(Search *s, bool blocks)
{
    const Layout *l = &s->p->layout;
    const Token   t = peek(s->p, 0);
    Repair        r = {.closes = true};
    for (size_t i = l->nopen; i-- > 0;) {
        const Opener *o = &l->open[i];
        if (o->kind == TK_LBRACE && (!blocks || (t.first && t.kind != TK_END && t.indent > o->indent))) return;
        r.insert[r.ninsert++] = (uint8_t)opener_closer(o);
        consider(s, &r);
    }
}

/* Words that are put in, the likely ones first. BAD is an expression, whichever. */
static const uint8_t insertable[] = {
    TK_COMMA, TK_COLON, TK_EQ, TK_LP, TK_LB, TK_DOT, TK_IN, TK_ELSE, TK_BAD, TK_ID, TK_LBRACE, TK_STRING, TK_NL, TK_STAR,
    TK_PLUS, TK_CMPOP, TK_IF, TK_FOR, TK_CONST, TK_LAYER, TK_FN, TK_CALL, TK_ARROW, TK_AUGEQ, TK_AS,
};

/* A member outside all layers has lost its layer to a `}` too many; nothing that is put in makes it a declaration. */
static bool is_lost_member(Parser *p, Token t)
{
    return p->start == TK_START_FILE && p->layout.nopen == 0 && t.indent > 0;
}

static bool closes_nothing(const Parser *p, Token t)
{
    if (t.kind == TK_RBRACE) return layout_block(&p->layout) == NULL && !layout_in_brackets(&p->layout);
    if (t.kind != TK_RP && t.kind != TK_RB) return false;
    for (size_t i = p->layout.nopen; i-- > 0 && p->layout.open[i].kind != TK_LBRACE;) {
        if (opener_closer(&p->layout.open[i]) == t.kind) return false;
    }
    return true;
}

/* Without a brace the blocks would not match, unless it is one too many. */
static bool may_skip(const Parser *p, Token t)
{
    if (t.kind == TK_LBRACE) return p->last.kind == TK_LBRACE;
    if (t.kind == TK_RBRACE) return closes_nothing(p, t);
    return t.kind != TK_END;
}

static bool find_repair(Parser *p, Repair *out)
{
    Search s = {.p = p};
    if (is_lost_member(p, peek(p, 0))) return false;
    consider_closing(&s, false);
    for (size_t i = 0; i < countof(insertable); i++) consider(&s, &(Repair){.ninsert = 1, .insert = {insertable[i]}});
    if (may_skip(p, peek(p, 0))) {
        consider(&s, &(Repair){.skip = true});
        for (size_t i = 0; i < countof(insertable); i++) {
            consider(&s, &(Repair){.skip = true, .ninsert = 1, .insert = {insertable[i]}});
        }
    }
    consider_closing(&s, true);
    *out = s.best;
    return s.best_reach > 0;
}

static void make_repair(Parser *p, const Repair *r)
{
    const Token first = first_word(p, r);
    if (r->skip) drop(p);
    p->ahead[0].first = first.first;
    for (size_t i = 0; i < r->ninsert; i++) feed(p, made(p, r->insert[i]));
}

/* ---- giving up a statement ---- */

void skip_statement(Parser *p, bool at_line_end)
{
    size_t brackets = 0, braces = 0; /* open, inside what is skipped */
    for (; layout_in_brackets(&p->layout); p->layout.nopen--) {
        if (p->layout.open[p->layout.nopen - 1].kind == OUTPUTS_BRACE) braces++;
        else brackets++;
    }
    const bool in_file = p->layout.nopen == 0;
    if (parser_accepts(p->lemon, TK_NL)) feed(p, made(p, TK_NL)); /* what is read so far is a whole */
    if (!parser_panic(p->lemon)) give_up(p);
    const bool declaration = begins_declaration(p, peek(p, 0), peek(p, 1));
    for (bool must = !at_line_end && !declaration;; must = false, drop(p)) {
        const Token t = peek(p, 0);
        if (t.kind == TK_END || (t.kind == TK_RBRACE && braces == 0 && !in_file)) break;
        if (!must && begins_declaration(p, t, peek(p, 1))) break;
        if (!must && !in_file && braces == 0 && t.first) {
            if (closes_python_block(p, t)) break;
            if (token_begins(t.kind) && (brackets == 0 || t.indent <= p->layout.indent)) break;
        }
        if (t.kind == TK_LBRACE) braces++, brackets = 0;
        if (t.kind == TK_RBRACE && braces) braces--;
        if (t.kind == TK_LP || t.kind == TK_LB) brackets++;
        if ((t.kind == TK_RP || t.kind == TK_RB) && brackets) brackets--;
    }
    p->layout.last = TK_BAD;
}

/* The text is over: whatever is open is closed. */
static void finish(Parser *p)
{
    while (layout_block(&p->layout) && parser_accepts(p->lemon, TK_RBRACE)) feed(p, made(p, TK_RBRACE));
    if (parser_accepts(p->lemon, TK_END)) feed(p, peek(p, 0));
    p->last.kind = TK_END;
}

/* ---- messages ---- */

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

static Span opener_span(const Parser *p, const Opener *o)
{
    return (Span){p->b.source->id, o->at, o->at + 1};
}

/* The bracket that the indentation says should have been closed, if it is still open. */
static const Opener *suspected_opener(const Parser *p)
{
    const Layout *l = &p->layout;
    for (size_t i = l->nopen; i-- > 0 && l->open[i].kind != TK_LBRACE;) {
        if (p->bracket.kind != SUSPECT_NONE && l->open[i].at == p->bracket.opener.at) return &l->open[i];
    }
    return NULL;
}

static void report_unclosed_bracket(Parser *p, const Opener *o)
{
    const bool  suspected = p->bracket.kind != SUSPECT_NONE && p->bracket.opener.at == o->at;
    const Span  place = behind(p, suspected ? p->bracket.before : p->last);
    const char *closer = token_shown(opener_closer(o));
    Diag       *d = diag_at(p->b.cx->diags, E_UNCLOSED, place, "%s is missing", closer);
    diag_primary(d, "%s expected here", closer);
    diag_label(d, opener_span(p, o), "to close this");
}

static void report_unclosed_block(Parser *p, const Opener *o)
{
    Token before = p->last;
    if (p->suspect.kind == SUSPECT_MISSING) {
        o = &p->suspect.opener;
        before = p->suspect.before;
    }
    const Span place = line_after(p, before);
    Diag      *d = diag_at(p->b.cx->diags, E_UNCLOSED, place, "`}` is missing");
    diag_primary(d, "`}` expected here");
    diag_label(d, opener_span(p, o), "to close this");
    if (place.start > before.end) {
        diag_help(d, "close the block");
        diag_fix(d, place, "%*s}\n", (int)o->indent, "");
    }
    p->suspect.kind = SUSPECT_NONE;
}

static void report_extra(Parser *p, Token t)
{
    if (p->suspect.kind == SUSPECT_EXTRA) {
        p->suspect.kind = SUSPECT_REPORTED;
        const Opener *o = &p->suspect.opener;
        Diag *d = diag_at(p->b.cx->diags, E_UNOPENED, word_span(p, p->suspect.at), "there is a `}` too many");
        diag_primary(d, "this one closes the block of the other line");
        diag_label(d, opener_span(p, o), "opened here");
        return;
    }
    Diag *d = diag_at(p->b.cx->diags, E_UNOPENED, word_span(p, t), "%s closes nothing", token_shown(t.kind));
    diag_help(d, "remove it");
    diag_fix(d, word_span(p, t), "%s", "");
}

/* Is something complete that a comma or a bracket could follow? Then what misses is missed behind the last word. */
static bool is_complete(const Parser *p)
{
    return layout_in_brackets(&p->layout) && parser_accepts(p->lemon, TK_COMMA);
}

/* Does `t` begin a statement while the one before it is not complete? */
static bool begins_anew(Parser *p, Token t)
{
    const int last = p->layout.last;
    if (last == TK_NL || last == TK_LBRACE || last == p->start) return false;
    return t.kind == TK_RETURN || t.kind == TK_ASSERT || t.kind == TK_IF || t.kind == TK_FOR ||
           (t.kind != TK_ID && is_name(t) && !peek(p, 1).first && is_name(peek(p, 1)));
}

/* Behind the dtype of a weight or state. */
static bool wants_shape(const Parser *p)
{
    return is_name(p->last) && parser_accepts(p->lemon, TK_LB) && !parser_accepts(p->lemon, TK_DOT) &&
           !parser_accepts(p->lemon, TK_COMMA);
}

/* Where a thing that stands in the wrong place belongs; NULL if there is nothing to say. */
static const char *hint(Parser *p, Token t)
{
    const bool in_file = parser_accepts(p->lemon, TK_IMPORT) && !parser_accepts(p->lemon, TK_ID);
    const bool in_body = parser_accepts(p->lemon, TK_RETURN), in_layer = !in_body && parser_accepts(p->lemon, TK_ASSERT);
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
    const int before = p->before_last.kind;
    return (t.kind == TK_EQ || t.kind == TK_AUGEQ) && p->last.first && is_name(p->last) && before != TK_NL &&
           before != TK_LBRACE && before != p->start && !layout_in_brackets(&p->layout);
}

static void report_unexpected(Parser *p, Token t, bool at_line_end)
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

/* Has a `}` too many closed the block that this line stands in? */
static bool follows_extra(const Parser *p, Token t)
{
    return p->suspect.kind == SUSPECT_EXTRA && t.first && t.indent > p->suspect.opener.indent;
}

static void report(Parser *p, Token t, bool at_line_end, const Repair *r)
{
    const Opener *innermost = p->layout.nopen ? &p->layout.open[p->layout.nopen - 1] : NULL;
    const bool    at_edge = t.first || t.kind == TK_END || t.kind == TK_LBRACE || t.kind == TK_RBRACE || t.kind == TK_RP ||
                         t.kind == TK_RB;
    if (closes_nothing(p, t) || follows_extra(p, t)) report_extra(p, t);
    else if (r && r->closes && innermost->kind == TK_LBRACE) report_unclosed_block(p, innermost);
    else if (r && r->closes && at_edge) report_unclosed_bracket(p, innermost);
    else if (!r && suspected_opener(p)) report_unclosed_bracket(p, suspected_opener(p));
    else report_unexpected(p, t, at_line_end);
}

/* ---- the way through ---- */

static bool may_speak(Parser *p, Token t)
{
    const bool lost = p->suspect.kind == SUSPECT_REPORTED && (closes_nothing(p, t) || is_lost_member(p, t));
    const bool known = p->b.quiet || t.damaged || p->last.kind == TK_BAD || lost;
    p->b.quiet = true;
    if (!known && ++p->errors > MAX_ERRORS) give_up(p);
    return !known && !p->exhausted;
}

void recover(Parser *p, bool at_line_end)
{
    const Token t = peek(p, 0);
    p->stuck = t.start == p->stuck_at ? p->stuck + 1 : 0;
    p->stuck_at = t.start;
    if (p->stuck > MAX_STUCK) give_up(p); /* a mistake in here must not hang */
    if (foreign_error(p)) return;
    Repair r;
    bool   found = find_repair(p, &r);
    if (!at_line_end && layout_ends_statement(&p->layout, t) && !(found && r.closes)) {
        feed(p, made(p, TK_NL)); /* the word is misplaced, and what precedes it is complete */
        found = find_repair(p, &r);
    }
    if (may_speak(p, t)) report(p, t, at_line_end, found ? &r : NULL);
    if (found && !p->exhausted) {
        make_repair(p, &r);
    } else {
        skip_statement(p, at_line_end);
        if (peek(p, 0).kind == TK_END) finish(p);
    }
}
