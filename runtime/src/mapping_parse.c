/* Reading mapping files. A line is a rule:
 *
 *     encoder.kernel = bert.encoder.weight.T            # a variable, and what it is made of
 *     blocks.*.query.kernel = h.*.attn.weight[:, 0:768]
 *     _ = *.attn.bias                                   # tensors that are left
 *     head.kernel = _                                   # a variable that is left */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "mapping_line.h"
#include "text.h"

enum { MAX_FILE = 1 << 26, MAX_LINE = 1 << 16 };

static bool take_target(Line *l, Rule *rule)
{
    rule->literal = mdl_line_take(l, '"');
    if (rule->literal) return mdl_line_quoted(l, &rule->target, &rule->target_len);
    rule->target_len = mdl_line_plain(l, &rule->target);
    rule->nstars = mdl_count_stars(rule->target, rule->target_len);
    if (rule->target_len == 0) return mdl_line_fail(l, "expected a name");
    return rule->nstars <= MDL_MAX_STARS || mdl_line_fail(l, "more than 8 stars");
}

static bool is_underscore(const char *text, size_t len)
{
    return len == 1 && text[0] == '_';
}

/* How many stars the names of a term have; false if they are not those of the target. */
static bool check_stars(Line *l, const Term *t, int wanted)
{
    for (; t != NULL; t = t->next) {
        const int n = t->kind == TERM_NAME && !t->literal ? mdl_count_stars(t->text, t->len) : 0;
        if (n > 0 && wanted == 0) return mdl_line_fail(l, "stars on the right, but none on the left");
        if (n > wanted && wanted > 1) return mdl_line_fail(l, "more stars on the right than on the left");
        for (int i = 0; t->kind == TERM_SLICE && i < t->count; i++) {
            if (t->stars[i] > 0 && (wanted == 0 || (wanted > 1 && t->stars[i] > wanted))) {
                return mdl_line_fail(l, "more stars on the right than on the left");
            }
        }
        if (!check_stars(l, t->of, wanted)) return false;
    }
    return true;
}

static bool parse_rule(Line *l, Rule *rule)
{
    if (!take_target(l, rule)) return false;
    if (!mdl_line_take(l, '=')) return mdl_line_fail(l, "expected `=`");
    rule->ignores = !rule->literal && is_underscore(rule->target, rule->target_len);
    if (rule->ignores) {
        if (!take_target(l, rule)) return false;
    }
    else {
        const Term *t = rule->value = mdl_line_term(l);
        if (t == NULL) return false;
        rule->leaves = t->kind == TERM_NAME && !t->literal && is_underscore(t->text, t->len);
    }
    if (rule->value != NULL && !check_stars(l, rule->value, rule->nstars)) return false;
    mdl_line_skip_blanks(l);
    return l->s == l->end || mdl_line_fail(l, "something behind the rule");
}

static bool add_rule(mdl_mapping *m, const Rule *rule)
{
    if (m->count == m->cap) {
        const size_t more = m->cap == 0 ? 64 : m->cap * 2;
        Rule        *grown = realloc(m->rules, more * sizeof *grown);
        if (grown == NULL) return false;
        m->rules = grown;
        m->cap = more;
    }
    m->rules[m->count++] = *rule;
    return true;
}

static const char *encoding_fault(const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        const size_t n = mdl_utf8(s + i, len - i);
        if (n == 0) return "bytes that are not UTF-8";
        if (s[i] == '\0') return "a NUL";
        i += n;
    }
    return len <= MAX_LINE ? NULL : "a line that is too long";
}

static mdl_status parse_line(mdl_mapping *m, const char *s, size_t len, int number, mdl_error *error)
{
    Line l = {.begin = s, .s = s, .end = s + len, .pool = &m->pool, .fault = encoding_fault(s, len)};
    Rule rule = {.line = number};
    if (l.fault == NULL) mdl_line_skip_blanks(&l);
    if (l.fault == NULL && l.s == l.end) return MDL_OK;
    if (l.fault == NULL && parse_rule(&l, &rule)) return add_rule(m, &rule) ? MDL_OK : mdl_fail_status(error, MDL_NO_MEMORY);
    if (m->pool.failed) return mdl_fail_status(error, MDL_NO_MEMORY);
    return mdl_fail(error, MDL_BAD_FILE, "%s:%d:%d: %s", m->name, number, (int)(l.s - l.begin) + 1, l.fault);
}

/* Sorts the rules for look-up. A second one for the same variable is a slip. */
static mdl_status index_rules(mdl_mapping *m, mdl_error *error)
{
    m->starred = mdl_pool_alloc(&m->pool, (m->count + 1) * sizeof *m->starred);
    if (m->starred == NULL || !mdl_names_make(&m->exact, m->count)) return mdl_fail_status(error, MDL_NO_MEMORY);
    for (size_t i = 0; i < m->count; i++) {
        const Rule *rule = &m->rules[i];
        if (rule->ignores || rule->nstars > 0) m->starred[m->nstarred++] = (int)i;
        else {
            const int32_t first = mdl_names_enter(&m->exact, rule->target, rule->target_len, (int32_t)i);
            if (first < 0) continue;
            return mdl_fail(error, MDL_BAD_FILE, "%s:%d:1: line %d has a rule for `%.*s` already", m->name, rule->line,
                            m->rules[first].line, (int)rule->target_len, rule->target);
        }
    }
    return MDL_OK;
}

mdl_status mdl_mapping_parse(const char *name, const char *text, size_t len, mdl_mapping **mapping, mdl_error *error)
{
    mdl_mapping *m = calloc(1, sizeof *m);
    const char  *copy = m != NULL ? mdl_pool_copy(&m->pool, text, len) : NULL; /* names are parts of it */
    *mapping = NULL;
    if (copy != NULL) m->name = mdl_pool_copy(&m->pool, name, strlen(name));
    if (copy == NULL || m->name == NULL) {
        mdl_mapping_free(m);
        return mdl_fail_status(error, MDL_NO_MEMORY);
    }
    mdl_status status = MDL_OK;
    int        number = 1;
    for (size_t at = 0; status == MDL_OK && at < len; number++) {
        const char  *end = memchr(copy + at, '\n', len - at);
        const size_t n = end != NULL ? (size_t)(end - copy) - at : len - at;
        status = parse_line(m, copy + at, n, number, error);
        at += n + 1;
    }
    if (status == MDL_OK) status = index_rules(m, error);
    if (status == MDL_OK) *mapping = m;
    else mdl_mapping_free(m);
    return status;
}

mdl_status mdl_mapping_read(const char *file, mdl_mapping **mapping, mdl_error *error)
{
    Input      in;
    char      *text = NULL;
    *mapping = NULL;
    mdl_status status = mdl_input_open(&in, file, error);
    if (status != MDL_OK) return status;
    if (in.size > MAX_FILE) status = mdl_fail(error, MDL_BAD_FILE, "%s: it is too large for a mapping file", file);
    else if ((text = malloc((size_t)in.size + 1)) == NULL) status = mdl_fail_status(error, MDL_NO_MEMORY);
    else status = mdl_input_read(&in, 0, text, (size_t)in.size, error);
    if (status == MDL_OK) status = mdl_mapping_parse(file, text, (size_t)in.size, mapping, error);
    free(text);
    mdl_input_close(&in);
    return status;
}

void mdl_mapping_free(mdl_mapping *m)
{
    if (m == NULL) return;
    mdl_pool_free(&m->pool);
    mdl_names_free(&m->exact);
    free(m->rules);
    free(m);
}

/* ---- writing names ---- */

bool mdl_mapping_name(const char *name, size_t len, mdl_write *write, void *context)
{
    bool plain = len > 0 && !is_underscore(name, len) && !mdl_ends_in(name, len, ".T");
    for (size_t i = 0; i < len; i++) plain = plain && mdl_line_is_plain(name[i]) && name[i] != '*';
    if (plain) return write(context, name, len);
    Text t = {.write = write, .context = context};
    mdl_putc(&t, '"');
    for (size_t i = 0; i < len; i++) {
        if (name[i] == '"' || name[i] == '\\') mdl_putc(&t, '\\');
        mdl_putc(&t, name[i]);
    }
    mdl_putc(&t, '"');
    const bool written = mdl_text_flush(&t);
    mdl_text_free(&t);
    return written;
}
