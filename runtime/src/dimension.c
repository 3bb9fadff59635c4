#include "dimension.h"

#include <string.h>

/* A cursor in a type's text. `named`: what was read depends on a symbol. */
typedef struct Reader {
    const Symbols *symbols;
    const char    *s;
    bool           bad, named;
} Reader;

static int64_t read_sum(Reader *r);

static void blanks(Reader *r)
{
    while (*r->s == ' ') r->s++;
}

static bool take(Reader *r, const char *token)
{
    blanks(r);
    const size_t len = strlen(token);
    if (strncmp(r->s, token, len) != 0) return false;
    r->s += len;
    return true;
}

static size_t name_length(const char *s)
{
    return strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
}

int mdl_symbol_find(const mdl_program *program, const char *name, size_t len)
{
    for (int i = 0; i < program->nsymbols; i++) {
        if (strlen(program->symbols[i]) == len && memcmp(program->symbols[i], name, len) == 0) return i;
    }
    return -1;
}

/* min(a, b) or max(a, b), behind the name. */
static int64_t read_extreme(Reader *r, bool least)
{
    if (!take(r, "(")) r->bad = true;
    const int64_t a = read_sum(r);
    if (!take(r, ",")) r->bad = true;
    const int64_t b = read_sum(r);
    if (!take(r, ")")) r->bad = true;
    return (a < b) == least ? a : b;
}

static int64_t read_atom(Reader *r)
{
    if (take(r, "(")) {
        const int64_t v = read_sum(r);
        if (!take(r, ")")) r->bad = true;
        return v;
    }
    blanks(r);
    const size_t len = name_length(r->s);
    const char  *name = r->s;
    r->s += len;
    if (len == 3 && memcmp(name, "min", 3) == 0) return read_extreme(r, true);
    if (len == 3 && memcmp(name, "max", 3) == 0) return read_extreme(r, false);
    if (len > 0 && strspn(name, "0123456789") >= len && len < 18) {
        int64_t v = 0;
        for (size_t i = 0; i < len; i++) v = v * 10 + (name[i] - '0');
        return v;
    }
    const int at = mdl_symbol_find(r->symbols->program, name, len);
    if (at < 0) {
        r->bad = true;
        return 1;
    }
    r->named = true;
    return r->symbols->values[at] >= 0 ? r->symbols->values[at] : 1;
}

static int64_t read_product(Reader *r)
{
    int64_t v = read_atom(r);
    while (!r->bad) {
        const bool divide = take(r, "//"), rest = !divide && take(r, "%");
        if (!divide && !rest && !take(r, "*")) return v;
        const int64_t by = read_atom(r);
        if ((divide || rest) && by <= 0) r->bad = true;
        else if (divide) v /= by;
        else if (rest) v %= by;
        else if (by != 0 && v > INT64_MAX / 4 / by) r->bad = true;
        else v *= by;
    }
    return v;
}

static int64_t read_sum(Reader *r)
{
    int64_t v = take(r, "-") ? -read_product(r) : read_product(r);
    while (!r->bad) {
        if (take(r, "+")) v += read_product(r);
        else if (take(r, "-")) v -= read_product(r);
        else break;
    }
    return v;
}

/* A dimension, with bounds around it or not: of "1 <= batch <= 64" the part that has a name. */
static int64_t read_dimension(Reader *r)
{
    int64_t value = read_sum(r);
    bool    named = r->named;
    while (!r->bad && take(r, "<=")) {
        r->named = false;
        const int64_t next = read_sum(r);
        if (!named) value = next;
        named = named || r->named;
    }
    r->named = false;
    return value;
}

static Reader reader_of(const Symbols *s, const mdl_port *port)
{
    const char *bracket = strchr(port->type, '[');
    return (Reader){.symbols = s, .s = bracket != NULL ? bracket + 1 : "", .bad = bracket == NULL};
}

bool mdl_dimensions_sizes(const Symbols *s, const mdl_port *port, int64_t *shape)
{
    Reader r = reader_of(s, port);
    for (int i = 0; i < port->rank && !r.bad; i++) {
        if (i > 0 && !take(&r, ",")) return false;
        shape[i] = read_dimension(&r);
        if (shape[i] < 0) return false;
    }
    return !r.bad && take(&r, "]");
}

void mdl_dimensions_learn(const Symbols *s, const mdl_port *port, const int64_t *shape)
{
    Reader r = reader_of(s, port);
    for (int i = 0; i < port->rank && !r.bad; i++) {
        blanks(&r);
        const char  *name = r.s;
        const size_t len = name_length(name);
        const int    at = mdl_symbol_find(s->program, name, len);
        (void)read_dimension(&r);
        if (at >= 0 && r.s == name + len && s->values[at] < 0) s->values[at] = shape[i];
        if (!take(&r, ",")) return;
    }
}
