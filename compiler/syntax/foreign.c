/* Words and habits of other languages, mostly Python's. Each gets a message of its own that shows MDL's way; then what stands
 * there is read as what was meant. */
#include <string.h>

#include "parse_state.h"

/* ---- means ---- */

static Diag *report(Parser *p, DiagCode code, Span span, const char *what)
{
    return diag_at(p->b.cx->diags, code, span, "%s", what);
}

/* A help with the one edit that does it. */
static void propose(Diag *d, const char *help, Span span, const char *text)
{
    diag_help(d, "%s", help);
    diag_fix(d, span, "%s", text);
}

/* From the beginning of `from` up to that of `to`, blanks between them included. */
static Span up_to(const Parser *p, Token from, Token to)
{
    return (Span){p->b.source->id, from.start, to.start};
}

static void skip_line(Parser *p)
{
    do drop(p);
    while (!peek(p, 0).first && peek(p, 0).kind != TK_END);
}

/* Reads the next word as another one. */
static void replace(Parser *p, int kind)
{
    p->ahead[0].kind = (uint8_t)kind;
    p->ahead[0].foreign = false;
}

static bool begins_statement(const Parser *p, Token t)
{
    return t.first || p->layout.last == TK_LBRACE;
}

/* ---- words that stand where a statement or declaration begins ---- */

/* `def name(`, `function name(` */
static bool fn_word(Parser *p, Token t)
{
    const Token name = peek(p, 1);
    if (!begins_statement(p, t) || name.first || !is_name(name)) return false;
    const bool is_call = name.kind == TK_CALL && !fits(p, TK_RETURN) && layout_block(&p->layout);
    if (is_call) {
        Diag *d = report(p, E_PYTHON_WORD, word_span(p, t), "`call` is declared without a word before it");
        propose(d, "remove it", up_to(p, t, name), "");
        p->ahead[1].first = true;
        drop(p);
        return true;
    }
    if (word_is(p, name, "__init__")) {
        Diag *d = report(p, E_PYTHON_WORD, word_span(p, name), "MDL has no `__init__`");
        diag_help(d, "a layer's parameters stand behind its name, and what it is made of directly in its braces");
    } else {
        Diag *d = report(p, E_PYTHON_WORD, word_span(p, t), "functions are declared with `fn`");
        propose(d, "write `fn`", word_span(p, t), "fn");
    }
    replace(p, TK_FN);
    return true;
}

/* The number of words in brackets from word `i` on that end in `):`; 0 if they don't. */
static size_t bases(Parser *p, size_t i)
{
    if (peek(p, i).kind != TK_LP) return 0;
    for (size_t n = i + 1; n + 2 < MAX_AHEAD; n++) {
        const Token t = peek(p, n);
        if (t.kind == TK_RP) return n + 1 - i;
        if (t.kind != TK_DOT && t.kind != TK_COMMA && !is_name(t)) return 0;
    }
    return 0;
}

/* `class Name(keras.Layer):` */
static bool class_word(Parser *p, Token t)
{
    const Token name = peek(p, 1);
    if (!begins_statement(p, t) || name.first || !is_name(name)) return false;
    const size_t nbases = bases(p, 2);
    const bool   is_model = nbases && word_is(p, peek(p, nbases), "Model");
    const char  *word = is_model ? "model" : "layer";
    Diag        *d = report(p, E_PYTHON_WORD, word_span(p, t), "classes are declared with `layer` or `model`");
    diag_help(d, nbases ? "write `%s`, without base classes" : "write `%s`", word);
    diag_fix(d, word_span(p, t), "%s", word);
    if (nbases) diag_fix(d, tokens_span(&p->b, peek(p, 2), peek(p, nbases + 1)), "%s", "");
    drop(p);
    drop(p);
    for (size_t i = 0; i < nbases; i++) drop(p);
    unread(p, name);
    t.kind = is_model ? TK_MODEL : TK_LAYER;
    t.foreign = false;
    unread(p, t);
    return true;
}

static bool elif_word(Parser *p, Token t)
{
    if (p->layout.last != TK_RBRACE && !t.first) return false;
    Diag *d = report(p, E_PYTHON_WORD, word_span(p, t), "`elif` is written `else if`");
    propose(d, "write `else if`", word_span(p, t), "else if");
    replace(p, TK_IF);
    p->ahead[0].first = false;
    t.kind = TK_ELSE;
    t.foreign = false;
    unread(p, t);
    return true;
}

static const char import_help[] =
    "write `import \"file.mdl\"`, or `import \"file.mdl\" as name`; the layers and operations of Keras need none";

/* `from x import y` */
static bool from_word(Parser *p, Token t)
{
    const Token next = peek(p, 1);
    if (!begins_statement(p, t) || next.first || (!is_name(next) && next.kind != TK_DOT)) return false;
    Diag *d = report(p, E_PYTHON_IMPORT, word_span(p, t), "an import names a file");
    diag_help(d, "%s", import_help);
    skip_line(p);
    return true;
}

/* `let x = ...` */
static bool let_word(Parser *p, Token t)
{
    const Token name = peek(p, 1);
    if (!begins_statement(p, t) || name.first || !is_name(name)) return false;
    Diag *d = report(p, E_PYTHON_WORD, word_span(p, t), "a name is bound without a word before it");
    propose(d, "remove it", up_to(p, t, name), "");
    p->ahead[1].first = t.first;
    drop(p);
    return true;
}

static bool new_word(Parser *p, Token t)
{
    const Token name = peek(p, 1);
    if (name.first || !is_name(name)) return false;
    propose(report(p, E_PYTHON_WORD, word_span(p, t), "a layer is constructed by calling it"), "remove `new`",
            up_to(p, t, name), "");
    drop(p);
    return true;
}

/* `pass` and the like: alone on their line */
static bool lone_word(Parser *p, Token t)
{
    const Token next = peek(p, 1);
    if (!begins_statement(p, t) || !(next.first || next.kind == TK_RBRACE || next.kind == TK_END)) return false;
    const bool pass = word_is(p, t, "pass");
    Diag *d = report(p, E_PYTHON_STATEMENT, word_span(p, t),
                     pass ? "an empty block needs no `pass`" : "a loop is unrolled and cannot be left early");
    if (pass) propose(d, "remove it", word_span(p, t), "");
    else diag_help(d, "choose what to loop over: `for x in xs[:n]`, or a comprehension with `if`");
    drop(p);
    return true;
}

/* `while ...`, `try ...`: statements that MDL does not have */
static bool statement_word(Parser *p, Token t)
{
    static const struct {
        const char *word, *help;
    } helps[] = {
        {"while", "`for` goes over a static value; `scan` loops over an axis of a tensor"},
        {"with", "say `training=`, `dtype=` or `name=` where a layer is made or called"},
        {"raise", "`assert condition, \"message\"` stops with a message"},
        {"try", "errors in a model are found before it runs; there is nothing to catch"},
        {"switch", "write `if ... else if ... else`"},
        {"match", "write `if ... else if ... else`"},
        {"del", "values are immutable and need no deleting"},
    };
    const Token next = peek(p, 1);
    const bool  operand = is_name(next) || next.kind == TK_NOT || next.kind == TK_INT || next.kind == TK_STRING ||
                         next.kind == TK_TRUE || next.kind == TK_LBRACE || next.kind == TK_COLON;
    const bool loop = word_is(p, t, "while") || word_is(p, t, "switch");
    if (!begins_statement(p, t) || next.first || !(operand || (loop && next.kind == TK_LP))) return false;
    const Str text = word_text(p, t);
    Diag *d = diag_at(p->b.cx->diags, E_PYTHON_STATEMENT, word_span(p, t), "MDL has no `%.*s`", (int)text.len, text.s);
    for (size_t i = 0; i < countof(helps); i++) {
        if (word_is(p, t, helps[i].word)) diag_help(d, "%s", helps[i].help);
    }
    p->b.quiet = true;
    if (layout_ends_statement(&p->layout, t)) feed(p, made(p, TK_NL));
    skip_statement(p, false);
    return true;
}

/* ---- words inside statements ---- */

static void add_self(Parser *p, Token t, Span remove)
{
    if (!p->self) {
        p->self = report(p, E_PYTHON_SELF, word_span(p, t), "fields are named without `self`");
        diag_help(p->self, "remove it; a layer's own fields, weights and methods are in scope");
    }
    diag_fix(p->self, remove, "%s", "");
}

/* `self.x`; `(self, x)` */
static bool self_word(Parser *p, Token t)
{
    const Token next = peek(p, 1), after = peek(p, 2);
    if (next.kind == TK_DOT && is_name(after)) {
        add_self(p, t, up_to(p, t, after));
        p->ahead[2].first = t.first;
        drop(p);
        drop(p);
        return true;
    }
    if (p->layout.last != TK_LP || fits(p, TK_INT) || (next.kind != TK_COMMA && next.kind != TK_RP)) {
        return false;
    }
    add_self(p, t, next.kind == TK_COMMA ? up_to(p, t, after) : word_span(p, t));
    drop(p);
    if (next.kind == TK_COMMA) drop(p);
    return true;
}

/* Words up to one that ends an expression: a comma, a closing bracket, a line. */
static Token skip_expression(Parser *p)
{
    Token last = peek(p, 0);
    for (size_t depth = 0;; drop(p)) {
        const Token t = peek(p, 0);
        const bool  opens = t.kind == TK_LP || t.kind == TK_LB || t.kind == TK_LBRACE;
        const bool  closes = t.kind == TK_RP || t.kind == TK_RB || t.kind == TK_RBRACE;
        if (t.kind == TK_END || (depth == 0 && (closes || t.kind == TK_COMMA || (t.first && !opens)))) return last;
        if (opens) depth++;
        if (closes) depth--;
        last = t;
    }
}

static void put_bad(Parser *p, Token from, Token to)
{
    from.kind = TK_BAD;
    from.foreign = false;
    from.end = to.end;
    unread(p, from);
}

static bool lambda_word(Parser *p, Token t)
{
    const Token next = peek(p, 1);
    if (!is_name(next) && next.kind != TK_COLON && next.kind != TK_STAR) return false;
    Diag *d = report(p, E_PYTHON_WORD, word_span(p, t), "MDL has no `lambda`");
    diag_help(d, "declare a function with `fn name(...) { return ... }` and give its name");
    drop(p);
    put_bad(p, t, skip_expression(p));
    return true;
}

bool foreign_word(Parser *p)
{
    static const struct {
        const char *word;
        bool (*handle)(Parser *p, Token t);
    } words[] = {
        {"def", fn_word}, {"function", fn_word}, {"func", fn_word}, {"class", class_word}, {"elif", elif_word},
        {"elseif", elif_word}, {"from", from_word}, {"let", let_word}, {"var", let_word}, {"new", new_word},
        {"pass", lone_word}, {"break", lone_word}, {"continue", lone_word}, {"self", self_word}, {"this", self_word},
        {"lambda", lambda_word},
    };
    const Token t = peek(p, 0);
    for (size_t i = 0; i < countof(words); i++) {
        if (word_is(p, t, words[i].word)) return words[i].handle(p, t);
    }
    return statement_word(p, t);
}

/* ---- marks, where they don't fit ---- */

/* `if x:` and an indented block: read as if in braces, until the indentation ends. */
static bool python_block(Parser *p, Token t)
{
    const Token next = peek(p, 1);
    if (t.kind != TK_COLON || !fits(p, TK_LBRACE) || layout_in_brackets(&p->layout)) return false;
    if (!next.first && next.kind != TK_END && !layout_block(&p->layout)) return false;
    if (next.kind == TK_LBRACE) {
        propose(report(p, E_PYTHON_BLOCK, word_span(p, t), "a block begins with `{` alone"), "remove the `:`",
                word_span(p, t), "");
        drop(p);
        return true;
    }
    Diag *d = report(p, E_PYTHON_BLOCK, word_span(p, t), "blocks stand in braces");
    propose(d, "write `{` here and `}` behind the block", word_span(p, t), " {");
    drop(p);
    t.kind = TK_LBRACE;
    feed(p, t);
    p->layout.open[p->layout.nopen - 1].block = d;
    return true;
}

/* The index of the word that closes the brace ahead; 0 if it is too far away. */
static size_t find_closing_brace(Parser *p)
{
    size_t depth = 0;
    for (size_t i = 0; i + 1 < MAX_AHEAD; i++) {
        const int kind = peek(p, i).kind;
        if (kind == TK_LBRACE || kind == TK_LP || kind == TK_LB) depth++;
        if (kind == TK_RBRACE || kind == TK_RP || kind == TK_RB) depth--;
        if (depth == 0) return i;
    }
    return 0;
}

/* Is word `i`, in a dict, a key that can be the name of an argument? */
static bool is_plain_key(Parser *p, size_t i)
{
    const Str text = word_text(p, peek(p, i));
    if (peek(p, i).kind != TK_STRING || peek(p, i + 1).kind != TK_COLON || text.len < 3) return false;
    for (size_t j = 1; j + 1 < text.len; j++) {
        const char c = text.s[j];
        const bool letter = c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && (j == 1 || c < '0' || c > '9')) return false;
    }
    return true;
}

/* `{"a": 1, "b": 2}` becomes `dict(a=1, b=2)`, if all keys are names. */
static void propose_dict(Parser *p, Diag *d)
{
    const size_t end = find_closing_brace(p);
    size_t       keys[MAX_AHEAD], nkeys = 0, depth = 0;
    for (size_t i = 0; i < end; i++) {
        const int  kind = peek(p, i).kind;
        const bool key_follows = (kind == TK_LBRACE && depth == 0) || (kind == TK_COMMA && depth == 1);
        if (kind == TK_LBRACE || kind == TK_LP || kind == TK_LB) depth++;
        if (kind == TK_RBRACE || kind == TK_RP || kind == TK_RB) depth--;
        if (!key_follows || i + 1 == end) continue;
        if (!is_plain_key(p, i + 1)) return;
        keys[nkeys++] = i + 1;
    }
    if (end == 0) return;
    diag_fix(d, word_span(p, peek(p, 0)), "dict(");
    for (size_t i = 0; i < nkeys; i++) {
        const Token key = peek(p, keys[i]), value = peek(p, keys[i] + 2);
        const Str   text = word_text(p, key);
        diag_fix(d, up_to(p, key, value), "%.*s=", (int)text.len - 2, text.s + 1);
    }
    diag_fix(d, word_span(p, peek(p, end)), ")");
}

/* `{"a": x}` as an expression */
static bool dict(Parser *p, Token t)
{
    const Token first = peek(p, 1);
    const int   second = peek(p, 2).kind;
    if (t.kind != TK_LBRACE || !fits(p, TK_INT) || fits(p, TK_RETURN)) return false;
    if (first.kind != TK_RBRACE && second != TK_COLON && second != TK_COMMA) return false;
    if (first.first && first.kind != TK_STRING) return false;
    Diag *d = report(p, E_PYTHON_DICT, word_span(p, t), "dicts are not written in braces");
    diag_help(d, "write `dict(name=value, ...)`");
    propose_dict(p, d);
    put_bad(p, t, skip_expression(p));
    return true;
}

/* `import numpy as np` */
static bool python_import(Parser *p, Token t)
{
    if (t.kind != TK_IMPORT || !is_name(peek(p, 1)) || peek(p, 1).first) return false;
    Diag *d = report(p, E_PYTHON_IMPORT, word_span(p, t), "an import names a file");
    diag_help(d, "%s", import_help);
    skip_line(p);
    return true;
}

static bool decorator(Parser *p, Token t)
{
    if (t.kind != TK_MULOP || t.as.op != OP_MATMUL || !t.first) return false;
    report(p, E_PYTHON_STATEMENT, word_span(p, t), "MDL has no decorators");
    skip_line(p);
    return true;
}

static bool is_word(const Parser *p, Token t)
{
    const char c = p->b.source->text[t.start];
    return t.start < t.end && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_');
}

/* Where `//` stands before `t` on its line, outside strings; UINT32_MAX if nowhere. */
static uint32_t slashes_before(const Parser *p, Token t)
{
    const char *text = p->b.source->text, *at = text + t.start;
    while (at > text && at[-1] != '\n') at--;
    for (; at < text + t.end; at++) {
        if (*at == '"' || *at == '\'' || *at == '#') break;
        if (at[0] == '/' && at[1] == '/') return (uint32_t)(at - text);
    }
    return UINT32_MAX;
}

/* `// words`: what is divided by two words in a row, or by the beginning of a line, is a comment. */
static bool comment(Parser *p, Token t)
{
    const uint32_t at = slashes_before(p, t);
    if (at == UINT32_MAX || t.kind == TK_END) return false;
    const bool begins = t.start == at;
    const bool words = is_word(p, t) && (p->last.start == at || (p->last.start > at && is_word(p, p->last)));
    const Span slashes = {p->b.source->id, at, at + 2};
    if (!begins && !words) return false;
    propose(report(p, E_FOREIGN_COMMENT, slashes, "comments begin with `#`"), "write `#`", slashes, "#");
    skip_line(p);
    if (!begins && fits(p, TK_BAD)) feed(p, made(p, TK_BAD)); /* `//` was read as an operator */
    return true;
}

/* `if a = b {` */
static bool assignment(Parser *p, Token t)
{
    if (t.kind != TK_EQ || !fits(p, TK_CMPOP) || !fits(p, TK_LBRACE)) return false;
    Diag *d = report(p, E_FOREIGN_OPERATOR, word_span(p, t), "`=` does not compare");
    propose(d, "write `==`", word_span(p, t), "==");
    replace(p, TK_CMPOP);
    p->ahead[0].as.op = OP_EQ;
    return true;
}

/* `c ? a : b` */
static bool choice(Parser *p, Token t)
{
    if (t.kind != TK_QM || !fits(p, TK_CMPOP)) return false;
    diag_help(report(p, E_FOREIGN_OPERATOR, word_span(p, t), "`?` does not choose between values"),
              "write `a if condition else b`");
    p->b.quiet = true;
    skip_statement(p, false);
    return true;
}

/* `self.x = ...` without self, `x[0] = ...`, where members are declared */
static bool member_target(Parser *p, Token t)
{
    if ((t.kind != TK_LB && t.kind != TK_DOT) || t.first || !is_name(p->last) || !fits(p, TK_AUGEQ)) {
        return false;
    }
    Diag *d = report(p, E_BAD_TARGET, word_span(p, p->last), "a part of a value cannot be assigned to: values are immutable");
    diag_help(d, "build the list, tuple or dict as a whole; what happens at a call stands in `call`");
    p->b.quiet = true;
    skip_statement(p, false);
    return true;
}

bool foreign_error(Parser *p)
{
    const Token t = peek(p, 0);
    if (p->b.quiet || p->exhausted || t.damaged || p->last.kind == TK_BAD) return false;
    return python_block(p, t) || dict(p, t) || python_import(p, t) || decorator(p, t) || comment(p, t) ||
           assignment(p, t) || choice(p, t) || member_target(p, t);
}
