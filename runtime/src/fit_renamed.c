/* Missing variables that a file most likely has under another name. */
#include <stdlib.h>
#include <string.h>

#include "fit.h"
#include "mapping_line.h"
#include "weights.h"

/* Comparisons of two names, all together: a model of a hundred thousand equal layers must not take hours. */
enum { MOST_COMPARISONS = 2000 * 1000, NAME = 128 };

/* ---- shapes ---- */

bool mdl_fit_permutation(int rank, const int64_t *from, const int64_t *to, int64_t *axes)
{
    static const int64_t kernel[] = {2, 3, 1, 0}; /* [out, in, height, width] to [height, width, in, out] */
    bool same = true, kernels = rank == 4, reversed = true;
    for (int i = 0; i < rank; i++) {
        same = same && from[i] == to[i];
        reversed = reversed && from[rank - 1 - i] == to[i];
        kernels = kernels && from[kernel[i]] == to[i];
    }
    if (same) return false;
    if (kernels || reversed) {
        for (int i = 0; i < rank; i++) axes[i] = kernels ? kernel[i] : rank - 1 - i;
        return true;
    }
    uint64_t taken = 0;
    for (int i = 0; i < rank; i++) {
        int k = 0;
        while (k < rank && ((taken >> k & 1) != 0 || from[k] != to[i])) k++;
        if (k == rank) return false;
        taken |= 1ull << k;
        axes[i] = k;
    }
    return true;
}

/* The axes by size, so that shapes which are permutations of one another are equal. */
typedef struct Sorted {
    int64_t place; /* of the variable or tensor */
    int     rank;
    int64_t shape[MDL_MAX_RANK];
} Sorted;

static void sort_shape(Sorted *s, int64_t place, int rank, const int64_t *shape)
{
    s->place = place;
    s->rank = rank;
    for (int i = 0; i < rank; i++) {
        int k = i;
        for (; k > 0 && s->shape[k - 1] > shape[i]; k--) s->shape[k] = s->shape[k - 1];
        s->shape[k] = shape[i];
    }
}

static int compare_shapes(const Sorted *a, const Sorted *b)
{
    if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
    for (int i = 0; i < a->rank; i++) {
        if (a->shape[i] != b->shape[i]) return a->shape[i] < b->shape[i] ? -1 : 1;
    }
    return 0;
}

static int by_shape(const void *a, const void *b)
{
    const Sorted *x = a, *y = b;
    const int     shapes = compare_shapes(x, y);
    return shapes != 0 ? shapes : (x->place > y->place) - (x->place < y->place);
}

/* ---- names ---- */

/* A name as it is compared: in small letters, its last word in the model's terms. */
static size_t normalize(const char *name, char *out)
{
    static const char *const words[][2] = {{"weight", "kernel"}, {"gamma", "kernel"}, {"scale", "kernel"},
                                           {"embeddings", "kernel"}, {"beta", "bias"}, {"moving_mean", "running_mean"}, {"moving_variance", "running_var"}};
    size_t len = strlen(name), last = len;
    while (last > 0 && name[last - 1] != '.' && name[last - 1] != '/') last--;
    const char *end = name + last;
    for (size_t i = 0; i < countof(words); i++) {
        if (strcmp(end, words[i][0]) == 0) end = words[i][1];
    }
    const size_t skip = last > NAME / 2 ? last - NAME / 2 : 0; /* the end of a long name says more */
    len = 0;
    for (size_t i = skip; i < last; i++) out[len++] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
    for (; *end != '\0' && len < NAME; end++) out[len++] = *end;
    return len;
}

/* Whether the numbers in two names are the same, one after the other: layer 3 is never layer 4. */
static bool same_numbers(const char *a, const char *b)
{
    for (;;) {
        while (*a != '\0' && (*a < '0' || *a > '9')) a++;
        while (*b != '\0' && (*b < '0' || *b > '9')) b++;
        if (*a == '\0' || *b == '\0') return *a == *b;
        for (; (*a >= '0' && *a <= '9') || (*b >= '0' && *b <= '9'); a++, b++) {
            if (*a != *b) return false;
        }
    }
}

/* From 0 to 1: twice the pairs of characters that both have, by all of them. */
static double similarity(const char *a, const char *b)
{
    char          x[NAME], y[NAME];
    unsigned char pairs[1024] = {0}; /* hashed; a clash makes names more alike, rarely and a little */
    if (!same_numbers(a, b)) return 0;
    const size_t n = normalize(a, x), m = normalize(b, y);
    size_t       common = 0;
    if (n < 2 || m < 2) return n == m && memcmp(x, y, n) == 0 ? 1 : 0;
    for (size_t i = 0; i + 1 < n; i++) pairs[(unsigned char)x[i] * 31u % 1024 ^ (unsigned char)x[i + 1]]++;
    for (size_t i = 0; i + 1 < m; i++) {
        unsigned char *pair = &pairs[(unsigned char)y[i] * 31u % 1024 ^ (unsigned char)y[i + 1]];
        if (*pair == 0) continue;
        --*pair;
        common++;
    }
    return 2 * (double)common / (double)(n + m - 2);
}

/* ---- one prefix for all ---- */

static bool is_missing(const mdl_fit *f, int32_t i)
{
    return i >= 0 && f->recipes[i] == NULL && f->failed[i] == NULL && !f->left[i] && f->renamed[i] < 0;
}

static bool same_type(const mdl_fit *f, int32_t i, const mdl_stored *s)
{
    const mdl_variable *v = mdl_registry_variable(f->r, i);
    return mdl_same_shape(v->rank, v->shape, s->rank, s->shape);
}

/* All tensors below `prefix` are the variables of the rest of their names: `* = prefix*`. */
static bool take_file_prefix(mdl_fit *f, const char *prefix, size_t len)
{
    Text rule = {0};
    mdl_put(&rule, "* = ");
    mdl_putn(&rule, prefix, len);
    mdl_putc(&rule, '*');
    const char *kept = mdl_fit_keep(f, &rule);
    for (size_t t = 0; t < f->w->count; t++) {
        const mdl_stored *s = &f->w->tensors[t];
        if (f->used[t] || s->name_len <= len || memcmp(s->name, prefix, len) != 0) continue;
        const int32_t i = mdl_registry_find(f->r, s->name + len, s->name_len - len);
        if (!is_missing(f, i) || !same_type(f, i, s)) continue;
        f->renamed[i] = (int64_t)t;
        f->renaming[i] = kept;
    }
    return kept != NULL;
}

/* All variables below `prefix` are the tensors of the rest of their paths: `prefix* = *`. */
static bool take_model_prefix(mdl_fit *f, const char *prefix, size_t len)
{
    Text rule = {0};
    mdl_putn(&rule, prefix, len);
    mdl_put(&rule, "* = *");
    const char *kept = mdl_fit_keep(f, &rule);
    for (int32_t i = 0; i < f->r->nvariables; i++) {
        const char *path = mdl_fit_path(f, i);
        if (!is_missing(f, i) || strncmp(path, prefix, len) != 0) continue;
        const int64_t t = mdl_weights_find(f->w, path + len, strlen(path + len));
        if (t < 0 || f->used[t] || !same_type(f, i, &f->w->tensors[t])) continue;
        f->renamed[i] = t;
        f->renaming[i] = kept;
    }
    return kept != NULL;
}

/* The first tensor, or variable, that is one of the other side but for words in front tells the prefix. */
static bool find_prefix(mdl_fit *f)
{
    int tried = 0;
    for (size_t t = 0; t < f->w->count && tried < 64; t++) {
        const char *name = f->w->tensors[t].name;
        if (f->used[t]) continue;
        tried++;
        for (const char *dot = strchr(name, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
            const int32_t i = mdl_registry_find(f->r, dot + 1, strlen(dot + 1));
            if (!is_missing(f, i) || !same_type(f, i, &f->w->tensors[t])) continue;
            return take_file_prefix(f, name, (size_t)(dot + 1 - name));
        }
    }
    tried = 0;
    for (int32_t i = 0; i < f->r->nvariables && tried < 64; i++) {
        const char *path = mdl_fit_path(f, i);
        if (!is_missing(f, i)) continue;
        tried++;
        for (const char *dot = strchr(path, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
            const int64_t t = mdl_weights_find(f->w, dot + 1, strlen(dot + 1));
            if (t >= 0 && !f->used[t] && same_type(f, i, &f->w->tensors[t])) {
                return take_model_prefix(f, path, (size_t)(dot + 1 - path));
            }
        }
    }
    return true;
}

/* ---- the likeliest name ---- */

/* Of a variable or a tensor: what is most like it, how much, and how much the next one is. */
typedef struct Best {
    int64_t place;
    double  score, second;
} Best;

static void offer(Best *best, int64_t place, double score)
{
    if (score > best->score) *best = (Best){place, score, best->score};
    else if (score > best->second) best->second = score;
}

const char *mdl_fit_rule(mdl_fit *f, const char *path, const mdl_stored *t, const int64_t *axes)
{
    Text      rule = {0};
    bool      reversed = true;
    mdl_write *to = mdl_text_write;
    mdl_mapping_name(path, strlen(path), to, &rule);
    mdl_put(&rule, " = ");
    mdl_mapping_name(t->name, t->name_len, to, &rule);
    for (int i = 0; axes != NULL && i < t->rank; i++) reversed = reversed && axes[i] == t->rank - 1 - i;
    if (axes != NULL && reversed) mdl_put(&rule, ".T");
    else if (axes != NULL) {
        for (int i = 0; i < t->rank; i++) {
            mdl_put(&rule, i == 0 ? ".permute(" : ", ");
            mdl_put_int(&rule, axes[i]);
        }
        mdl_putc(&rule, ')');
    }
    return mdl_fit_keep(f, &rule);
}

/* Whether the two are each other's likeliest, and clearly so. */
static bool belong(const Best *variables, const Best *tensors, int32_t i)
{
    const Best *v = &variables[i];
    if (v->score < 0.4 || v->score <= v->second) return false;
    const Best *t = &tensors[v->place];
    return t->place == i && t->score > t->second;
}

/* A matrix that is a `weight` in the file and a `kernel` in the model, as PyTorch and Keras call them, each laying it its own way. */
static bool is_kernel(const mdl_variable *v, const mdl_stored *s)
{
    return s->rank == 2 && mdl_ends_in(v->path, strlen(v->path), "kernel") && mdl_ends_in(s->name, s->name_len, "weight");
}

/* Of square matrices the shape doesn't tell whether they are transposed; the others of the file do. 1: they are; 0: they are not;
 * -1: there are none, or of both kinds. */
static int look_at_kernels(const mdl_fit *f, const Best *variables, const Best *tensors)
{
    bool straight = false, transposed = false;
    for (int32_t i = 0; i < f->r->nvariables; i++) {
        if (!belong(variables, tensors, i)) continue;
        const mdl_variable *v = mdl_registry_variable(f->r, i);
        const mdl_stored   *s = &f->w->tensors[variables[i].place];
        if (!is_kernel(v, s) || s->shape[0] == s->shape[1]) continue;
        straight = straight || s->shape[0] == v->shape[0];
        transposed = transposed || s->shape[0] == v->shape[1];
    }
    return straight == transposed ? -1 : transposed;
}

static bool settle(mdl_fit *f, Best *variables, Best *tensors)
{
    static const int64_t swapped[] = {1, 0};
    const int            kernels = look_at_kernels(f, variables, tensors);
    for (int32_t i = 0; i < f->r->nvariables; i++) {
        if (!belong(variables, tensors, i)) continue;
        const mdl_variable *v = mdl_registry_variable(f->r, i);
        const mdl_stored   *s = &f->w->tensors[variables[i].place];
        int64_t             axes[MDL_MAX_RANK];
        const int64_t      *order = mdl_fit_permutation(s->rank, s->shape, v->shape, axes) ? axes : NULL;
        const bool          square = order == NULL && is_kernel(v, s) && s->shape[0] == s->shape[1];
        if (square && kernels == 1) order = swapped;
        f->renamed[i] = variables[i].place;
        f->renaming[i] = mdl_fit_rule(f, v->path, s, order);
        f->doubtful[i] = square && kernels < 0;
        if (f->renaming[i] == NULL) return false;
    }
    return true;
}

/* Compares each missing variable with the tensors of its shape, or of a permutation of it, that nothing uses. */
static bool find_alike(mdl_fit *f, Sorted *sorted, size_t nsorted, Best *variables, Best *tensors)
{
    Sorted     wanted;
    size_t     left = MOST_COMPARISONS;
    const bool alone = f->w->count == 1 && f->r->nvariables == 1; /* whatever they are called */
    for (int32_t i = 0; i < f->r->nvariables; i++) {
        if (!is_missing(f, i)) continue;
        const mdl_variable *v = mdl_registry_variable(f->r, i);
        sort_shape(&wanted, -1, v->rank, v->shape);
        size_t low = 0, high = nsorted; /* the first of its shape */
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if (compare_shapes(&sorted[middle], &wanted) < 0) low = middle + 1;
            else high = middle;
        }
        for (; low < nsorted && compare_shapes(&sorted[low], &wanted) == 0; low++) {
            if (left-- == 0) return true; /* too many: nothing is said, rather than half of it */
            const int64_t t = sorted[low].place;
            const double  score = alone ? 1 : similarity(v->path, f->w->tensors[t].name);
            offer(&variables[i], t, score);
            offer(&tensors[t], i, score);
        }
    }
    return settle(f, variables, tensors);
}

bool mdl_fit_find_renamed(mdl_fit *f)
{
    if (!find_prefix(f)) return false;
    size_t   n = 0;
    Sorted  *sorted = malloc((f->w->count + 1) * sizeof *sorted);
    Best    *variables = calloc((size_t)f->r->nvariables + 1, sizeof *variables);
    Best    *tensors = calloc(f->w->count + 1, sizeof *tensors);
    bool    *taken = calloc(f->w->count + 1, sizeof *taken);
    bool     done = sorted != NULL && variables != NULL && tensors != NULL && taken != NULL;
    for (int32_t i = 0; done && i < f->r->nvariables; i++) {
        if (f->renamed[i] >= 0) taken[f->renamed[i]] = true;
    }
    for (size_t t = 0; done && t < f->w->count; t++) {
        const mdl_stored *s = &f->w->tensors[t];
        if (!f->used[t] && !taken[t] && f->doubles[t] < 0) sort_shape(&sorted[n++], (int64_t)t, s->rank, s->shape);
    }
    if (done) {
        qsort(sorted, n, sizeof *sorted, by_shape);
        done = find_alike(f, sorted, n, variables, tensors);
    }
    free(sorted);
    free(variables);
    free(tensors);
    free(taken);
    return done;
}
