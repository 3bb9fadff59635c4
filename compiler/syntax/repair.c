/* Repairs are tried on the parser's tables: closing what is open, a word more, a word less, another word instead. A repair is
 * taken if the text then goes on to fit to the end of the statement at least, and the one that reaches farthest wins. */
#include "parse_state.h"

/* As far as a repair is followed, in words. */
enum { REACH_MAX = 24 };

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

/* Without a brace the blocks would not match, unless it is one too many. */
static bool may_skip(const Parser *p, Token t)
{
    if (t.kind == TK_LBRACE) return p->last.kind == TK_LBRACE;
    if (t.kind == TK_RBRACE) return closes_nothing(p, t);
    return t.kind != TK_END;
}

bool find_repair(Parser *p, Repair *out)
{
    Search s = {.p = p};
    if (is_lost_member(p, peek(p, 0))) return false; /* nothing that is put in makes it a declaration */
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

void make_repair(Parser *p, const Repair *r)
{
    const Token first = first_word(p, r);
    if (r->skip) drop(p);
    p->ahead[0].first = first.first;
    for (size_t i = 0; i < r->ninsert; i++) feed(p, made(p, r->insert[i]));
}
