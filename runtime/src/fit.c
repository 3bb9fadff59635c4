/* Does a file fit a model? Which tensor is which variable, and everything that doesn't fit. */
#include "fit.h"

#include <stdlib.h>
#include <string.h>

#include "dtype.h"
#include "model.h"
#include "weights.h"

/* ---- which tensor is which variable ---- */

static void mark_used(mdl_fit *f, const Recipe *r)
{
    if (r->op == RECIPE_TENSOR) f->used[r->tensor] = true;
    for (size_t i = 0; i < r->count; i++) mark_used(f, r->of[i]);
}

/* By the mapping. A rule with stars whose tensors are not there is meant for other variables. */
static bool bind_mapped(mdl_fit *f)
{
    Cooking c = {.pool = &f->pool, .w = f->w};
    for (int32_t i = 0; i < f->r->nvariables && !f->pool.failed; i++) {
        size_t      next = 0;
        const Rule *rule;
        while (f->recipes[i] == NULL && !f->left[i]) {
            rule = mdl_mapping_next(f->options.mapping, mdl_fit_path(f, i), &next, &c.stars);
            if (rule == NULL) break;
            if ((f->left[i] = rule->leaves)) break;
            c.fault = NULL;
            c.absent = false;
            f->recipes[i] = mdl_mapping_recipe(&c, rule->value);
            if (f->recipes[i] == NULL && c.absent && rule->nstars > 0) continue;
            if (f->recipes[i] != NULL) mark_used(f, f->recipes[i]);
            else f->failed[i] = c.fault;
            f->lines[i] = rule->line;
            break;
        }
    }
    return !f->pool.failed;
}

/* By paths and aliases. */
static bool bind_named(mdl_fit *f)
{
    for (size_t t = 0; t < f->w->count; t++) {
        const mdl_stored *s = &f->w->tensors[t];
        if (f->used[t]) continue;
        const int32_t at = mdl_registry_find(f->r, s->name, s->name_len);
        if (at < 0 || f->left[at] || f->lines[at] > 0) continue;
        const Recipe *other = f->recipes[at];
        if (other == NULL) {
            f->recipes[at] = mdl_recipe_tensor(&f->pool, f->w, t);
            if (f->recipes[at] == NULL) return false;
            f->used[t] = true;
        }
        else f->doubles[t] = at;
    }
    return true;
}

bool mdl_fit_dtype(const mdl_fit *f, int32_t from, mdl_dtype to)
{
    return from == (int32_t)to || (f->options.cast && from <= MDL_BFLOAT16 && mdl_is_float(to));
}

/* ---- what is said about it ---- */

const char *mdl_fit_keep(mdl_fit *f, Text *t)
{
    const char *kept = t->failed ? NULL : mdl_pool_copy(&f->pool, t->s != NULL ? t->s : "", t->len);
    mdl_text_free(t);
    return kept;
}

static bool add(mdl_fit *f, mdl_fault fault, Text *message)
{
    Text source = {0};
    if (fault.variable >= 0) mdl_put_source(&source, &f->r->layers[mdl_registry_variable(f->r, fault.variable)->layer]);
    fault.source = mdl_fit_keep(f, &source);
    fault.message = mdl_fit_keep(f, message);
    if (f->count == f->cap) {
        const size_t more = f->cap == 0 ? 16 : f->cap * 2;
        mdl_fault   *grown = realloc(f->faults, more * sizeof *grown);
        if (grown == NULL) return false;
        f->faults = grown;
        f->cap = more;
    }
    f->faults[f->count++] = fault;
    f->blocking += fault.blocks;
    return fault.source != NULL && fault.message != NULL && fault.fix != NULL;
}

static void put_name(Text *t, const char *name)
{
    mdl_putc(t, '`');
    mdl_put(t, name);
    mdl_put(t, "`");
}

static void put_variable(Text *t, const mdl_variable *v)
{
    mdl_put(t, mdl_dtype_name(v->dtype));
    mdl_put_shape(t, v->rank, v->shape);
}

static void put_type(Text *t, int32_t dtype, int rank, const int64_t *shape)
{
    mdl_put(t, dtype > MDL_BOOL ? mdl_stored_name(dtype) : mdl_dtype_name((mdl_dtype)dtype));
    mdl_put_shape(t, rank, shape);
}

/* ---- faults of variables ---- */

/* "`hidden.kernel` is float32[3, 2] in the model, float32[2, 3] in the file" */
static void put_both(Text *t, const mdl_variable *v, const Recipe *r, const mdl_stored *s)
{
    put_name(t, v->path);
    mdl_put(t, " is ");
    put_variable(t, v);
    mdl_put(t, " in the model, ");
    put_type(t, r->dtype, r->rank, r->shape);
    if (s == NULL) mdl_put(t, " as the mapping makes it");
    else {
        mdl_put(t, " in the file");
        if (strcmp(s->name, v->path) != 0) {
            mdl_put(t, " (");
            put_name(t, s->name);
            mdl_putc(t, ')');
        }
    }
}

static const char *shape_fix(mdl_fit *f, const mdl_variable *v)
{
    Text t = {0}, source = {0};
    mdl_put_source(&source, &f->r->layers[v->layer]);
    mdl_put(&t, "give the layer");
    if (source.len > 0) mdl_put(&t, " created at ");
    mdl_putn(&t, source.s, source.len);
    mdl_put(&t, " the arguments that the file was made with, or take another file");
    mdl_text_free(&source);
    return mdl_fit_keep(f, &t);
}

static const char *prefixed(mdl_fit *f, const char *words, const char *rule)
{
    Text t = {0};
    if (rule == NULL) return NULL;
    mdl_put(&t, words);
    put_name(&t, rule);
    return mdl_fit_keep(f, &t);
}

static const char in_mapping[] = "write into a mapping file (--map): ";

static const char in_doubt[] = "write into a mapping file (--map), with .T if the file is PyTorch's (the matrix is square, so "
                               "that its shape does not tell): ";

static bool compare(mdl_fit *f, int32_t i)
{
    const mdl_variable *v = mdl_registry_variable(f->r, i);
    const Recipe       *r = f->recipes[i];
    const mdl_stored   *s = r->op == RECIPE_TENSOR ? &f->w->tensors[r->tensor] : NULL;
    int64_t             axes[MDL_MAX_RANK];
    mdl_fault           fault = {.blocks = true, .variable = i, .tensor = s != NULL ? (int64_t)r->tensor : -1};
    Text                t = {0};
    if (!mdl_same_shape(r->rank, r->shape, v->rank, v->shape)) {
        const bool transposed = s != NULL && r->rank == v->rank && mdl_fit_permutation(r->rank, r->shape, v->shape, axes);
        fault.kind = transposed ? MDL_FAULT_TRANSPOSED : MDL_FAULT_SHAPE;
        fault.fix = transposed ? prefixed(f, in_mapping, mdl_fit_rule(f, v->path, s, axes)) : shape_fix(f, v);
        put_both(&t, v, r, s);
        if (!add(f, fault, &t)) return false;
    }
    if (mdl_fit_dtype(f, r->dtype, v->dtype)) return true;
    const bool floats = r->dtype <= MDL_BFLOAT16 && mdl_is_float(v->dtype);
    fault.kind = MDL_FAULT_DTYPE;
    fault.fix = floats ? "load with --cast, which converts floats"
                       : "save the tensor in the model's dtype; only floats are converted";
    put_both(&t, v, r, s);
    return add(f, fault, &t);
}

static bool report_mapping(mdl_fit *f, int32_t i)
{
    const mdl_fault fault = {.kind = MDL_FAULT_MAPPING, .blocks = true, .variable = i, .tensor = -1,
                             .fix = "correct the rule in the mapping file"};
    Text            t = {0};
    put_name(&t, mdl_fit_path(f, i));
    mdl_put(&t, " can't be made as ");
    mdl_put(&t, f->options.mapping->name);
    mdl_putc(&t, ':');
    mdl_put_int(&t, f->lines[i]);
    mdl_put(&t, " says: ");
    mdl_put(&t, f->failed[i]);
    return add(f, fault, &t);
}

static const char missing[] = "name the tensor that holds it in a mapping file (--map), or load with --partial, which leaves it "
                              "at its first value";
static const char kept[] = "it keeps its first value, unless a mapping file (--map) names the tensor that holds it";

static bool report_missing(mdl_fit *f, int32_t i)
{
    const mdl_variable *v = mdl_registry_variable(f->r, i);
    mdl_fault           fault = {.kind = MDL_FAULT_MISSING, .blocks = !f->options.partial, .variable = i, .tensor = -1,
                                 .fix = f->options.partial ? kept : missing};
    Text                t = {0};
    put_name(&t, v->path);
    mdl_putc(&t, ' ');
    put_variable(&t, v);
    mdl_put(&t, " is not in the file");
    if (f->renamed[i] >= 0) {
        const mdl_stored *s = &f->w->tensors[f->renamed[i]];
        fault.kind = MDL_FAULT_RENAMED;
        fault.tensor = f->renamed[i];
        fault.fix = prefixed(f, f->doubtful[i] ? in_doubt : in_mapping, f->renaming[i]);
        mdl_put(&t, ", but ");
        put_name(&t, s->name);
        mdl_putc(&t, ' ');
        put_type(&t, s->dtype, s->rank, s->shape);
    }
    return add(f, fault, &t);
}

/* ---- values ---- */

enum { PIECE = 1 << 14 };

/* Whether all elements are finite; `odd` is the first that isn't. */
static mdl_status look_for_odd(mdl_fit *f, size_t tensor, double *piece, uint64_t *odd, double *value, mdl_error *error)
{
    const mdl_stored *s = &f->w->tensors[tensor];
    mdl_status        status = MDL_OK;
    *odd = UINT64_MAX;
    for (uint64_t at = 0; status == MDL_OK && *odd == UINT64_MAX && at < s->elements; at += PIECE) {
        const uint64_t n = s->elements - at < PIECE ? s->elements - at : PIECE;
        status = mdl_weights_read(f->w, tensor, MDL_FLOAT64, at, n, piece, error);
        for (uint64_t k = 0; status == MDL_OK && *odd == UINT64_MAX && k < n; k++) {
            if (piece[k] - piece[k] == 0) continue;
            *odd = at + k;
            *value = piece[k];
        }
    }
    return status;
}

static bool report_odd(mdl_fit *f, size_t tensor, int32_t variable, uint64_t odd, double value)
{
    const mdl_fault fault = {.kind = MDL_FAULT_NOT_FINITE, .blocks = true, .variable = variable, .tensor = (int64_t)tensor,
                             .fix = "such values come from a training that diverged, or from a damaged file: take another one"};
    Text            t = {0};
    put_name(&t, f->w->tensors[tensor].name);
    mdl_put(&t, value != value ? " is NaN" : value < 0 ? " is -inf" : " is inf");
    mdl_put(&t, " at element ");
    mdl_put_int(&t, (int64_t)odd);
    return add(f, fault, &t);
}

/* The values of a variable that is one tensor, or made of several. */
static mdl_status check_values(mdl_fit *f, const Recipe *r, int32_t variable, double *piece, mdl_error *error)
{
    mdl_status status = MDL_OK;
    uint64_t   odd;
    double     value;
    for (size_t i = 0; status == MDL_OK && i < r->count; i++) status = check_values(f, r->of[i], variable, piece, error);
    if (r->op != RECIPE_TENSOR || r->dtype > MDL_BFLOAT16) return status;
    status = look_for_odd(f, r->tensor, piece, &odd, &value, error);
    if (status != MDL_OK || odd == UINT64_MAX) return status;
    return report_odd(f, r->tensor, variable, odd, value) ? MDL_OK : mdl_fail_status(error, MDL_NO_MEMORY);
}

/* Whether two tensors are of one type and have the same bytes. */
static mdl_status same_values(mdl_fit *f, size_t a, size_t b, char *piece, bool *same, mdl_error *error)
{
    const mdl_stored *x = &f->w->tensors[a], *y = &f->w->tensors[b];
    const size_t      half = PIECE * sizeof(double) / 2;
    mdl_status        status = MDL_OK;
    *same = x->dtype == y->dtype && mdl_same_shape(x->rank, x->shape, y->rank, y->shape);
    for (uint64_t at = 0; status == MDL_OK && *same && at < x->bytes; at += half) {
        const size_t n = x->bytes - at < half ? (size_t)(x->bytes - at) : half;
        status = mdl_weights_bytes(f->w, a, at, n, piece, error);
        if (status == MDL_OK) status = mdl_weights_bytes(f->w, b, at, n, piece + half, error);
        if (status == MDL_OK) *same = memcmp(piece, piece + half, n) == 0;
    }
    return status;
}

/* ---- faults of tensors ---- */

static mdl_status report_double(mdl_fit *f, size_t tensor, char *piece, mdl_error *error)
{
    const int32_t variable = f->doubles[tensor];
    const size_t  first = f->recipes[variable]->tensor;
    bool          same;
    Text          t = {0};
    const mdl_status status = same_values(f, first, tensor, piece, &same, error);
    if (status != MDL_OK) return status;
    const mdl_fault fault = {.kind = same ? MDL_FAULT_DUPLICATE : MDL_FAULT_TIED, .blocks = !same, .variable = variable,
                             .tensor = (int64_t)tensor,
                             .fix = same ? "one of them is enough"
                                         : "choose in a mapping file (--map): `VARIABLE = ONE`, and `_ = OTHER` for the other"};
    put_name(&t, f->w->tensors[first].name);
    mdl_put(&t, " and ");
    put_name(&t, f->w->tensors[tensor].name);
    mdl_put(&t, " in the file are both the variable ");
    put_name(&t, mdl_fit_path(f, variable));
    mdl_put(&t, same ? ", with the same values" : ", but differ");
    return add(f, fault, &t) ? MDL_OK : mdl_fail_status(error, MDL_NO_MEMORY);
}

static const char unexpected[] = "leave it by `_ = NAME` in a mapping file (--map), or load with --partial";

static bool report_unexpected(mdl_fit *f, size_t tensor)
{
    const mdl_stored *s = &f->w->tensors[tensor];
    const mdl_fault   fault = {.kind = MDL_FAULT_UNEXPECTED, .blocks = !f->options.partial, .variable = -1,
                               .tensor = (int64_t)tensor,
                               .fix = f->options.partial ? "it is left" : unexpected};
    Text              t = {0};
    put_name(&t, s->name);
    mdl_putc(&t, ' ');
    put_type(&t, s->dtype, s->rank, s->shape);
    mdl_put(&t, " is in the file, but the model has no such variable");
    return add(f, fault, &t);
}

/* ---- all together ---- */

static bool take_memory(mdl_fit *f)
{
    const size_t variables = (size_t)f->r->nvariables + 1, tensors = f->w->count + 1;
    f->recipes = mdl_pool_alloc(&f->pool, variables * sizeof *f->recipes);
    f->failed = mdl_pool_alloc(&f->pool, variables * sizeof *f->failed);
    f->lines = mdl_pool_alloc(&f->pool, variables * sizeof *f->lines);
    f->left = mdl_pool_alloc(&f->pool, variables * sizeof *f->left);
    f->renamed = mdl_pool_alloc(&f->pool, variables * sizeof *f->renamed);
    f->renaming = mdl_pool_alloc(&f->pool, variables * sizeof *f->renaming);
    f->doubtful = mdl_pool_alloc(&f->pool, variables * sizeof *f->doubtful);
    f->used = mdl_pool_alloc(&f->pool, tensors * sizeof *f->used);
    f->doubles = mdl_pool_alloc(&f->pool, tensors * sizeof *f->doubles);
    if (f->pool.failed) return false;
    for (size_t i = 0; i < variables; i++) f->renamed[i] = -1;
    for (size_t i = 0; i < tensors; i++) f->doubles[i] = -1;
    return true;
}

static mdl_status report(mdl_fit *f, double *piece, mdl_error *error)
{
    const size_t ntensors = f->w->count;
    bool         memory = true;
    mdl_status   status = MDL_OK;
    for (int32_t i = 0; status == MDL_OK && memory && i < f->r->nvariables; i++) {
        if (f->recipes[i] != NULL) {
            memory = compare(f, i);
            if (memory && f->options.values) status = check_values(f, f->recipes[i], i, piece, error);
        }
        else if (f->failed[i] != NULL) memory = report_mapping(f, i);
        else if (!f->left[i]) memory = report_missing(f, i);
        if (f->renamed[i] >= 0) f->used[f->renamed[i]] = true;
    }
    for (size_t t = 0; status == MDL_OK && memory && t < ntensors; t++) {
        if (f->used[t] || strcmp(f->w->tensors[t].name, MDL_PREPARED_NAME) == 0) continue;
        const mdl_stored *s = &f->w->tensors[t];
        if (f->options.mapping != NULL && mdl_mapping_ignores(f->options.mapping, s->name, s->name_len)) continue;
        if (f->doubles[t] >= 0) status = report_double(f, t, (char *)piece, error);
        else memory = report_unexpected(f, t);
    }
    return memory ? status : mdl_fail_status(error, MDL_NO_MEMORY);
}

mdl_status mdl_fit_make(mdl_registry *r, mdl_weights *w, const mdl_fit_options *options, mdl_fit **fit, mdl_error *error)
{
    *fit = NULL;
    if (mdl_registry_names(r) != MDL_OK) return mdl_fail_status(error, r->status);
    mdl_fit *f = calloc(1, sizeof *f);
    double  *piece = malloc(PIECE * sizeof *piece);
    if (f != NULL) *f = (mdl_fit){.r = r, .w = w, .options = options != NULL ? *options : (mdl_fit_options){0}};
    const bool bound = f != NULL && piece != NULL && take_memory(f) && (f->options.mapping == NULL || bind_mapped(f)) &&
                       bind_named(f) && mdl_fit_find_renamed(f);
    const mdl_status status = bound ? report(f, piece, error) : mdl_fail_status(error, MDL_NO_MEMORY);
    free(piece);
    if (status == MDL_OK) *fit = f;
    else mdl_fit_free(f);
    return status;
}

void mdl_fit_free(mdl_fit *f)
{
    if (f == NULL) return;
    mdl_pool_free(&f->pool);
    free(f->faults);
    free(f);
}
