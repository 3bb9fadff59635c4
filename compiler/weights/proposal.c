#include "proposal.h"

#include <string.h>

Proposal *proposal_create(Arena *a, const ModelView *m, const Checkpoint *c)
{
    Proposal *p = arena_new(a, Proposal);
    *p = (Proposal){.model = m, .file = c, .of = arena_array(a, Pairing, (size_t)m->count + 1),
                    .places = arena_array(a, int64_t, (size_t)m->nplaces + 1),
                    .ignored = arena_array(a, bool, c->tensors.len + 1), .used = arena_array(a, bool, c->tensors.len + 1)};
    for (int32_t i = 0; i < m->count; i++) p->of[i].tensor = -1;
    for (int32_t i = 0; i < m->nplaces; i++) p->places[i] = -1;
    return p;
}

void proposal_pair(Proposal *p, int32_t variable, int64_t tensor, bool sure)
{
    p->of[variable].tensor = tensor;
    p->of[variable].sure = sure;
    p->used[tensor] = true;
}

void proposal_place(Proposal *p, int32_t place, int64_t tensor)
{
    const ViewPlace *at = &p->model->places[place];
    p->places[place] = tensor;
    if (at->again) p->ignored[tensor] = true;
    else proposal_pair(p, at->variable, tensor, true);
}

size_t proposal_unsure(const Proposal *p)
{
    size_t n = 0;
    for (int32_t i = 0; i < p->model->count; i++) n += !p->of[i].sure;
    return n;
}

/* ---- rules ---- */

static bool put_bytes(void *context, const char *bytes, size_t size)
{
    sb_putn(context, bytes, size);
    return true;
}

static void put_part(StrBuf *b, const Pairing *p)
{
    if (!p->end) return;
    sb_put(b, "[");
    for (int i = 0; i < p->axis; i++) sb_put(b, ":, ");
    sb_printf(b, "%lld:%lld]", (long long)p->begin, (long long)p->end);
}

static void put_change(StrBuf *b, const Pairing *p, const mdl_variable *v)
{
    if (p->change == CHANGE_TRANSPOSE) sb_put(b, ".T");
    if (p->change == CHANGE_PERMUTE) {
        for (int i = 0; i < v->rank; i++) sb_printf(b, "%s%d", i ? ", " : ".permute(", p->axes[i]);
        sb_put(b, ")");
    }
}

static void put_reshape(StrBuf *b, const Pairing *p, const mdl_variable *v)
{
    if (!p->reshape) return;
    for (int i = 0; i < v->rank; i++) sb_printf(b, "%s%lld", i ? ", " : ".reshape(", (long long)v->shape[i]);
    sb_put(b, v->rank ? ")" : ".reshape()");
}

/* The name with the `n` digits at `at` as a star; quoted names can have none. */
static void put_name(StrBuf *b, const char *name, const char *at, size_t n)
{
    if (at) sb_printf(b, "%.*s*%s", (int)(at - name), name, at + n);
    else mdl_mapping_name(name, strlen(name), put_bytes, b);
}

/* The length of the number at `s`, if it is a component of the name: "3" in "blocks.3.norm1.gamma"; else 0. */
static size_t component_number(const char *name, const char *s)
{
    const size_t n = strspn(s, "0123456789");
    const bool   begins = s == name || s[-1] == '.' || s[-1] == '/', ends = !s[n] || s[n] == '.' || s[n] == '/';
    return begins && ends ? n : 0;
}

/* The last number of a path, and its length. */
static const char *last_index(const char *path, size_t *n)
{
    const char *found = NULL;
    for (const char *s = path; *s; s++) {
        const size_t k = component_number(path, s);
        if (!k) continue;
        found = s;
        *n = k;
    }
    return found;
}

/* The place in `name` of the one number that is `digits`; NULL if there is none, or several. */
static const char *same_index(const char *name, const char *digits, size_t n)
{
    const char *found = NULL;
    for (const char *s = name; *s; s++) {
        if (component_number(name, s) != n || strncmp(s, digits, n)) continue;
        if (found) return NULL;
        found = s;
    }
    return found;
}

/* The tensors of a pair: one, or those that are joined. */
static size_t names_of(const Proposal *p, const Pairing *x, const char *names[PARTS])
{
    const size_t n = x->left_out || x->tensor < 0 ? 0 : x->joined ? PARTS : 1;
    for (size_t i = 0; i < n; i++) names[i] = p->file->tensors.at[x->joined ? x->joined[i] : x->tensor].is.name;
    return n;
}

/* What stands right of the `=`; where `n`, the digits at places[i] of each name are a star. */
static void put_value(StrBuf *b, const Proposal *p, int32_t variable, const char *const *places, size_t n)
{
    const Pairing      *x = &p->of[variable];
    const mdl_variable *v = p->model->variables[variable].is;
    const char         *names[PARTS];
    const size_t        count = names_of(p, x, names);
    if (x->left_out) sb_put(b, "_");
    if (x->joined) sb_put(b, "concat(");
    for (size_t i = 0; i < count; i++) {
        if (i) sb_put(b, ", ");
        put_name(b, names[i], n ? places[i] : NULL, n);
        put_part(b, x);
        put_change(b, x, v);
    }
    if (x->joined) sb_printf(b, ", axis=%d)", x->axis);
    put_reshape(b, x, v);
}

static const char *plain_rule(const Proposal *p, int32_t i)
{
    StrBuf b = {.arena = p->model->arena};
    put_name(&b, p->model->variables[i].is->path, NULL, 0);
    sb_put(&b, " = ");
    put_value(&b, p, i, NULL, 0);
    return sb_text(&b);
}

/* The rule with its last index as a star; NULL if it can't be said so. `family` becomes the path with the star. */
static const char *starred_rule(const Proposal *p, int32_t i, const char **family)
{
    StrBuf         b = {.arena = p->model->arena}, f = {.arena = p->model->arena};
    const Pairing *x = &p->of[i];
    const char    *path = p->model->variables[i].is->path, *names[PARTS], *places[PARTS];
    const size_t   count = names_of(p, x, names);
    size_t         n = 0;
    const char    *at = last_index(path, &n);
    *family = NULL;
    if (!at) return NULL;
    put_name(&f, path, at, n);
    *family = sb_text(&f);
    if (!x->sure || (!x->left_out && !count) || strpbrk(path, "*\"= ")) return NULL;
    for (size_t k = 0; k < count; k++) {
        places[k] = same_index(names[k], at, n);
        if (!places[k] || strpbrk(names[k], "[](),#*\"= ")) return NULL;
    }
    sb_printf(&b, "%s = ", *family);
    put_value(&b, p, i, places, n);
    return sb_text(&b);
}

/* ---- the file ---- */

typedef struct Rules {
    const char *family, *starred; /* NULL: none */
    bool        told;
} Rules;

/* Whether all variables of the family have the same rule, so that one line does for them. */
static bool agree(const Rules *rules, int32_t count, int32_t i)
{
    size_t members = 0;
    if (!rules[i].starred) return false;
    for (int32_t k = 0; k < count; k++) {
        if (!rules[k].family || strcmp(rules[k].family, rules[i].family)) continue;
        if (!rules[k].starred || strcmp(rules[k].starred, rules[i].starred)) return false;
        members++;
    }
    return members > 1;
}

static void put_unsure(const Proposal *p, int32_t i, StrBuf *out)
{
    const Pairing      *x = &p->of[i];
    const mdl_variable *v = p->model->variables[i].is;
    if (x->tensor >= 0) sb_printf(out, "#? %s    # %d %%: %s\n", plain_rule(p, i), x->percent, x->why ? x->why : "a guess");
    else sb_printf(out, "#? %s = ?    # %s\n", v->path, x->why ? x->why : "nothing in the file is like it");
}

static void put_variables(const Proposal *p, StrBuf *out)
{
    const int32_t n = p->model->count;
    Rules        *rules = arena_array(p->model->arena, Rules, (size_t)n + 1);
    for (int32_t i = 0; i < n; i++) rules[i].starred = starred_rule(p, i, &rules[i].family);
    for (int32_t i = 0; i < n; i++) {
        if (rules[i].told) continue;
        if (!p->of[i].sure) put_unsure(p, i, out);
        else if (!agree(rules, n, i)) sb_printf(out, "%s\n", plain_rule(p, i));
        else {
            sb_printf(out, "%s\n", rules[i].starred);
            for (int32_t k = i; k < n; k++) rules[k].told |= rules[k].family && !strcmp(rules[k].family, rules[i].family);
        }
    }
}

/* A tensor's name with its last index as a star; NULL if it has none, or could not stand so in a mapping. */
static const char *starred_name(const Proposal *p, size_t tensor)
{
    StrBuf      b = {.arena = p->model->arena};
    size_t      n = 0;
    const char *name = p->file->tensors.at[tensor].is.name, *at = last_index(name, &n);
    if (!at || strpbrk(name, "[](),#*\"= ")) return NULL;
    put_name(&b, name, at, n);
    return sb_text(&b);
}

static void put_ignored(const Proposal *p, size_t i, bool ignored, const char *name, StrBuf *out)
{
    sb_put(out, ignored ? "_ = " : "#? _ = ");
    if (name) sb_put(out, name);
    else put_name(out, p->file->tensors.at[i].is.name, NULL, 0);
    sb_put(out, "\n");
}

/* Tensors whose names differ in an index alone are one line, if the same is said of all of them. */
static void put_rest(const Proposal *p, StrBuf *out)
{
    const size_t n = p->file->tensors.len;
    Arena       *a = p->model->arena;
    const char **names = arena_array(a, const char *, n + 1);
    bool        *told = arena_array(a, bool, n + 1), first = true;
    for (size_t i = 0; i < n; i++) names[i] = starred_name(p, i);
    for (size_t i = 0; i < n; i++) {
        bool alike = names[i] != NULL;
        if (p->used[i] || told[i]) continue;
        for (size_t k = 0; k < n && alike; k++) {
            if (names[k] && !strcmp(names[k], names[i])) alike = !p->used[k] && p->ignored[k] == p->ignored[i];
        }
        if (first) sb_put(out, "\n# what the model has no variable for\n");
        first = false;
        for (size_t k = i; k < n && alike; k++) told[k] |= names[k] && !strcmp(names[k], names[i]);
        put_ignored(p, i, p->ignored[i], alike ? names[i] : NULL, out);
    }
}

void proposal_write(const Proposal *p, StrBuf *out)
{
    const size_t unsure = proposal_unsure(p);
    sb_printf(out, "# %s, of %s\n", p->model->registry ? p->model->layers[0].class_name : "", p->file->file);
    sb_printf(out, "# sure: %zu of %d variables\n", (size_t)p->model->count - unsure, p->model->count);
    if (unsure) sb_put(out, "# A line that begins with #? is a guess: correct it, and take the #? away.\n");
    sb_put(out, "\n");
    put_variables(p, out);
    put_rest(p, out);
}
