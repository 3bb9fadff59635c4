/* Applying mapping files. */
#include "mapping.h"

#include <stdio.h>
#include <string.h>

#include "internal.h"

/* ---- names with stars ---- */

bool mdl_stars_match(const char *pattern, size_t pattern_len, const char *name, size_t len, Stars *stars)
{
    size_t p = 0, n = 0;
    size_t star_at[MDL_MAX_STARS], from[MDL_MAX_STARS]; /* of each star so far: its place, and where in the name it begins */
    stars->count = 0;
    for (;;) {
        if (p < pattern_len && pattern[p] == '*') {
            if (stars->count == MDL_MAX_STARS) return false;
            star_at[stars->count] = p++;
            from[stars->count] = n;
            stars->text[stars->count] = name + n;
            stars->len[stars->count++] = 0;
            continue;
        }
        if (p == pattern_len && n == len) return true;
        if (p < pattern_len && n < len && pattern[p] == name[n]) {
            p++;
            n++;
            continue;
        }
        /* The last star takes one more; letting earlier ones take more could not help, for what follows them was found. */
        if (stars->count == 0) return false;
        const int last = stars->count - 1;
        n = from[last] + ++stars->len[last];
        if (n > len) return false;
        p = star_at[last] + 1;
    }
}

static bool matches(const Rule *rule, const char *name, size_t len, Stars *stars)
{
    stars->count = 0;
    if (rule->nstars > 0) return mdl_stars_match(rule->target, rule->target_len, name, len, stars);
    return rule->target_len == len && memcmp(rule->target, name, len) == 0;
}

const Rule *mdl_mapping_next(const mdl_mapping *m, const char *path, size_t *next, Stars *stars)
{
    const size_t len = strlen(path);
    stars->count = 0;
    if (*next == 0) {
        const int32_t exact = mdl_names_find(&m->exact, path, len);
        ++*next;
        if (exact >= 0) return &m->rules[exact];
    }
    while (*next - 1 < m->nstarred) {
        const Rule *rule = &m->rules[m->starred[(*next)++ - 1]];
        if (!rule->ignores && matches(rule, path, len, stars)) return rule;
    }
    return NULL;
}

bool mdl_mapping_ignores(const mdl_mapping *m, const char *name, size_t len)
{
    Stars stars;
    for (size_t i = 0; i < m->nstarred; i++) {
        const Rule *rule = &m->rules[m->starred[i]];
        if (rule->ignores && matches(rule, name, len, &stars)) return true;
    }
    return false;
}

/* ---- recipes ---- */

static int star_number(const Stars *stars, int n)
{
    return stars->count == 1 ? 0 : n;
}

/* A text with its stars replaced; the same if it has none. */
static const char *expand(Pool *pool, const Term *t, const Stars *stars, size_t *len)
{
    size_t total = 0;
    int    n = 0;
    *len = t->len;
    if (t->literal || memchr(t->text, '*', t->len) == NULL) return t->text;
    for (size_t i = 0; i < t->len; i++) total += t->text[i] == '*' ? stars->len[star_number(stars, n++)] : 1;
    char *out = mdl_pool_text(pool, total + 1);
    if (out == NULL) return NULL;
    n = 0;
    *len = 0;
    for (size_t i = 0; i < t->len; i++) {
        if (t->text[i] != '*') {
            out[(*len)++] = t->text[i];
            continue;
        }
        const int k = star_number(stars, n++);
        memcpy(out + *len, stars->text[k], stars->len[k]);
        *len += stars->len[k];
    }
    return out;
}

static Recipe *name_recipe(Cooking *c, const Term *t)
{
    size_t      len;
    const char *name = expand(c->pool, t, &c->stars, &len);
    if (name == NULL) return NULL;
    const int64_t at = mdl_weights_find(c->w, name, len);
    if (at >= 0) return mdl_recipe_tensor(c->pool, c->w, (size_t)at);
    char *why = mdl_pool_text(c->pool, len + 48);
    if (why != NULL) snprintf(why, len + 48, "the file has no tensor `%.*s`", (int)len, name);
    c->fault = why;
    c->absent = why != NULL;
    return NULL;
}

/* The number that a star of an index stands for. */
static bool star_index(const Stars *stars, int star, int64_t *index)
{
    const int k = star_number(stars, star - 1);
    *index = 0;
    for (size_t i = 0; i < stars->len[k]; i++) {
        const char c = stars->text[k][i];
        if (c < '0' || c > '9' || *index > INT32_MAX) return false;
        *index = *index * 10 + (c - '0');
    }
    return stars->len[k] > 0;
}

static Recipe *slice_recipe(Cooking *c, const Term *t, Recipe *of)
{
    int64_t begin[MDL_MAX_RANK];
    for (int i = 0; i < t->count; i++) {
        begin[i] = t->numbers[i];
        c->fault = "a star that is an index stands for something other than a number";
        if (t->stars[i] > 0 && !star_index(&c->stars, t->stars[i], &begin[i])) return NULL;
    }
    return mdl_recipe_slice(c->pool, of, t->count, begin, t->ends, t->drop, &c->fault);
}

static Recipe *concat_recipe(Cooking *c, const Term *t)
{
    Recipe **of = mdl_pool_alloc(c->pool, (size_t)t->count * sizeof *of);
    size_t   n = 0;
    if (of == NULL) return NULL;
    for (const Term *operand = t->of; operand != NULL; operand = operand->next) {
        of[n] = mdl_mapping_recipe(c, operand);
        if (of[n++] == NULL) return NULL;
    }
    return mdl_recipe_concat(c->pool, of, n, t->axis, &c->fault);
}

Recipe *mdl_mapping_recipe(Cooking *c, const Term *t)
{
    int64_t reversed[MDL_MAX_RANK];
    if (t->kind == TERM_NAME) return name_recipe(c, t);
    if (t->kind == TERM_CONCAT) return concat_recipe(c, t);
    Recipe *of = mdl_mapping_recipe(c, t->of);
    if (of == NULL) return NULL;
    switch (t->kind) {
    case TERM_TRANSPOSE:
        for (int i = 0; i < of->rank; i++) reversed[i] = of->rank - 1 - i;
        return mdl_recipe_permute(c->pool, of, of->rank, reversed, &c->fault);
    case TERM_PERMUTE: return mdl_recipe_permute(c->pool, of, t->count, t->numbers, &c->fault);
    case TERM_RESHAPE: return mdl_recipe_reshape(c->pool, of, t->count, t->numbers, &c->fault);
    case TERM_SLICE: return slice_recipe(c, t, of);
    case TERM_NAME:
    case TERM_CONCAT: break;
    }
    return NULL;
}
