/* A line for each variable, after a template such as "Weight {index}: Shape = {shape}, Name = {path}". Braces are doubled to
 * stand for themselves. */
#include "manifest.h"

#include <string.h>

static const Field *find(const char *name, size_t len)
{
    for (int i = 0; i < mdl_variable_fields.count; i++) {
        const Field *f = &mdl_variable_fields.at[i];
        if (strlen(f->name) == len && memcmp(f->name, name, len) == 0) return f;
    }
    return NULL;
}

/* One piece of a template: text, or a field. */
typedef struct Piece {
    const char  *text;
    size_t       len;
    const Field *field; /* NULL: the text */
    bool         wrong; /* the text is a brace that has no partner, or what stands in braces but is no field */
} Piece;

/* Takes the piece at *at and moves behind it. */
static Piece next_piece(const char **at)
{
    const char *s = *at;
    if ((s[0] == '{' || s[0] == '}') && s[1] == s[0]) {
        *at = s + 2;
        return (Piece){.text = s, .len = 1};
    }
    if (s[0] == '}') {
        *at = s + 1;
        return (Piece){.text = s, .len = 1, .wrong = true};
    }
    if (s[0] != '{') {
        const size_t len = strcspn(s, "{}");
        *at = s + len;
        return (Piece){.text = s, .len = len};
    }
    const size_t len = strcspn(s + 1, "{}");
    if (s[1 + len] != '}') {
        *at = s + 1 + len;
        return (Piece){.text = s, .len = 1, .wrong = true};
    }
    *at = s + 1 + len + 1;
    const Field *field = find(s + 1, len);
    return (Piece){.text = s, .len = len + 2, .field = field, .wrong = field == NULL};
}

mdl_status mdl_template_check(const char *line, mdl_error *error)
{
    while (*line != '\0') {
        const Piece p = next_piece(&line);
        if (!p.wrong) continue;
        if (p.len == 1) {
            return mdl_fail(error, MDL_USAGE, "a brace stands alone in the template: write `%c%c` for the character itself",
                            *p.text, *p.text);
        }
        Text names = {0};
        for (int i = 0; i < mdl_variable_fields.count; i++) {
            if (i > 0) mdl_putc(&names, ' ');
            mdl_put(&names, mdl_variable_fields.at[i].name);
        }
        mdl_fail(error, MDL_USAGE, "the template has no placeholder %.*s: there are %s", (int)(p.len < 80 ? p.len : 80), p.text,
                 mdl_text_z(&names));
        mdl_text_free(&names);
        return MDL_USAGE;
    }
    return MDL_OK;
}

/* Several names in one place are separated by commas. */
static void put_value(Text *out, const Field *f, const Text *value)
{
    for (size_t i = 0; i < value->len; i++) {
        if (f->kind != FIELD_LIST || value->s[i] != '\n') mdl_putc(out, value->s[i]);
        else if (i + 1 < value->len) mdl_put(out, ", ");
    }
}

void mdl_manifest_lines(const Manifest *m)
{
    Text value = {0};
    for (int32_t i = 0; i < m->r->nvariables; i++) {
        if (!m->listed[i]) continue;
        for (const char *at = m->o->line; *at != '\0';) {
            const Piece p = next_piece(&at);
            if (p.field == NULL) {
                mdl_putn(m->out, p.text, p.len);
                continue;
            }
            mdl_manifest_field(m, p.field, i, &value);
            put_value(m->out, p.field, &value);
        }
        mdl_putc(m->out, '\n');
    }
    mdl_text_free(&value);
}
