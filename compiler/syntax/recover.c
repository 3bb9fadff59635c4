/* What to do when a word does not fit.
 *
 * If a small change lets the text go on (repair.c), it is made: so a slip of one word costs one message, and the tree stays
 * whole. If none will do, the statement is given up: what is half read is dropped from the stack, and what remains of it is
 * skipped, over brackets and blocks.
 *
 * One mistake, one message: what goes wrong on the same line after an error is taken to follow from it. */
#include "parse_state.h"

enum { MAX_ERRORS = 100, MAX_STUCK = 1000 };

/* ---- giving up a statement ---- */

/* Brackets that are open inside what is skipped. */
typedef struct Skipped {
    size_t brackets, braces;
} Skipped;

static void skip_over(Skipped *s, Token t)
{
    switch (t.kind) {
    case TK_LP:
    case TK_LB: s->brackets++; break;
    case TK_RP:
    case TK_RB: s->brackets -= s->brackets > 0; break;
    case TK_LBRACE:
        s->braces++;
        s->brackets = 0; /* a block closes them */
        break;
    case TK_RBRACE: s->braces -= s->braces > 0; break;
    default: break;
    }
}

/* The statement's own brackets: what is skipped may close them. */
static Skipped leave_brackets(Layout *l)
{
    Skipped s = {0, 0};
    for (; layout_in_brackets(l); l->nopen--) {
        if (layout_innermost(l)->kind == OUTPUTS_BRACE) s.braces++;
        else s.brackets++;
    }
    return s;
}

/* Does the statement end before `t`? */
static bool is_behind(Parser *p, const Skipped *s, Token t)
{
    if (begins_declaration(p, t, peek(p, 1))) return true;
    if (p->layout.nopen == 0 || s->braces || !t.first) return false;
    if (closes_python_block(p, t)) return true;
    return token_begins(t.kind) && (s->brackets == 0 || t.indent <= p->layout.indent);
}

void skip_statement(Parser *p, bool at_line_end)
{
    Skipped s = leave_brackets(&p->layout);
    if (fits(p, TK_NL)) feed(p, made(p, TK_NL)); /* what is read so far is a whole */
    if (!parser_panic(p->lemon)) give_up(p);
    bool may_end = at_line_end || begins_declaration(p, peek(p, 0), peek(p, 1));
    for (;; may_end = true, drop(p)) {
        const Token t = peek(p, 0);
        if (t.kind == TK_END || (t.kind == TK_RBRACE && s.braces == 0 && p->layout.nopen)) break;
        if (may_end && is_behind(p, &s, t)) break;
        skip_over(&s, t);
    }
    p->layout.last = TK_BAD;
}

/* The text is over: whatever is open is closed. */
static void finish(Parser *p)
{
    while (layout_block(&p->layout) && fits(p, TK_RBRACE)) feed(p, made(p, TK_RBRACE));
    if (fits(p, TK_END)) feed(p, peek(p, 0));
    p->last.kind = TK_END;
}

/* ---- the way through ---- */

static bool may_speak(Parser *p, Token t)
{
    const bool lost = closes_nothing(p, t) || is_lost_member(p, t);
    const bool known = p->b.quiet || t.damaged || p->last.kind == TK_BAD ||
                       (lost && p->suspects.brace.kind == SUSPECT_REPORTED);
    p->b.quiet = true;
    if (!known && ++p->errors > MAX_ERRORS) give_up(p);
    return !known && !p->exhausted;
}

/* A mistake in here must not hang. */
static void count_stuck(Parser *p, Token t)
{
    p->stuck = t.start == p->stuck_at ? p->stuck + 1 : 0;
    p->stuck_at = t.start;
    if (p->stuck > MAX_STUCK) give_up(p);
}

void recover(Parser *p, bool at_line_end)
{
    const Token t = peek(p, 0);
    count_stuck(p, t);
    if (foreign_error(p)) return;
    Repair r;
    bool   found = find_repair(p, &r);
    if (!at_line_end && layout_ends_statement(&p->layout, t) && !(found && r.closes)) {
        feed(p, made(p, TK_NL)); /* the word is misplaced, and what precedes it is complete */
        found = find_repair(p, &r);
    }
    if (may_speak(p, t)) explain(p, t, at_line_end, found ? &r : NULL);
    if (found && !p->exhausted) {
        make_repair(p, &r);
    } else {
        skip_statement(p, at_line_end);
        if (peek(p, 0).kind == TK_END) finish(p);
    }
}
