#include "brackets.h"

bool layout_in_brackets(const Layout *l)
{
    return l->nopen > 0 && l->open[l->nopen - 1].kind != TK_LBRACE;
}

const Opener *layout_innermost(const Layout *l)
{
    return l->nopen ? &l->open[l->nopen - 1] : NULL;
}

const Opener *layout_block(const Layout *l)
{
    for (size_t i = l->nopen; i-- > 0;) {
        if (l->open[i].kind == TK_LBRACE) return &l->open[i];
    }
    return NULL;
}

bool layout_ends_statement(const Layout *l, Token next)
{
    return next.first && !layout_in_brackets(l) && token_ends(l->last) && token_begins(next.kind);
}

int opener_closer(const Opener *o)
{
    return o->kind == TK_LP ? TK_RP : o->kind == TK_LB ? TK_RB : TK_RBRACE;
}

static bool open_bracket(Layout *l, Token t)
{
    if (l->nopen == MAX_BRACKETS) return false;
    const bool outputs = t.kind == TK_LBRACE && l->last == TK_RETURN;
    l->open[l->nopen++] = (Opener){
        .kind = outputs ? OUTPUTS_BRACE : t.kind, .at = t.start, .line = l->line,
        .indent = t.kind == TK_LBRACE ? l->indent : t.indent};
    return true;
}

bool layout_step(Layout *l, Token t)
{
    bool fits = true;
    if (t.first) l->line++;
    if (t.first && !layout_in_brackets(l)) l->indent = t.indent;
    if (t.first && l->last == TK_LBRACE && l->nopen && t.indent <= l->open[l->nopen - 1].indent) {
        l->open[l->nopen - 1].flat = true;
    }
    if (t.kind == TK_LP || t.kind == TK_LB || t.kind == TK_LBRACE) fits = open_bracket(l, t);
    if ((t.kind == TK_RP || t.kind == TK_RB || t.kind == TK_RBRACE) && l->nopen) l->nopen--;
    l->last = t.kind;
    return fits;
}

/* ---- suspects ---- */

/* Should `o` have been closed before `t`? */
static bool is_overdue(const Opener *o, Token t)
{
    if (!t.first || o->flat) return false;
    return t.kind == TK_RBRACE ? t.indent < o->indent : t.indent <= o->indent;
}

/* Does `t` close `o` though the block goes on, as its indentation says? */
static bool is_early(const Opener *o, Token t, const Layout *l)
{
    const bool same_line = !t.first && o->line == l->line;
    return t.kind == TK_RBRACE && t.indent > o->indent && !o->flat && !same_line;
}

void suspects_watch(Suspects *s, const Layout *l, Token before, Token t)
{
    const Opener *o = layout_innermost(l);
    if (!o) return;
    const bool brace = opener_closer(o) == TK_RBRACE;
    Suspect   *suspect = brace ? &s->brace : &s->bracket;
    if (suspect->kind != SUSPECT_NONE && (brace || suspect->opener.at == o->at)) return;
    if (is_overdue(o, t)) *suspect = (Suspect){SUSPECT_MISSING, *o, before, t};
    else if (brace && is_early(o, t, l)) *suspect = (Suspect){SUSPECT_EXTRA, *o, before, t};
}

const Opener *suspects_open(const Suspects *s, const Layout *l)
{
    for (size_t i = l->nopen; i-- > 0 && l->open[i].kind != TK_LBRACE;) {
        if (s->bracket.kind != SUSPECT_NONE && l->open[i].at == s->bracket.opener.at) return &l->open[i];
    }
    return NULL;
}
