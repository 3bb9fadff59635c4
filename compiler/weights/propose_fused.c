/* Query, key and value: some keep them in one tensor, one after the other, where others have three. Names tell: what is called
 * `qkv`, `c_attn` or `in_proj` has all queries first, then keys, then values. Shapes tell along which axis. */
#include <string.h>

#include "mapper.h"

static const char *const parts[PARTS] = {"query", "key", "value"};

/* "cross.qkv" of "cross.key", which is part 1; NULL if it is none. */
static const char *fused_key(Arena *a, const char *key, int *part)
{
    const char *dot = strrchr(key, '.'), *last = dot ? dot + 1 : key;
    for (*part = 0; *part < PARTS; ++*part) {
        if (!strcmp(last, parts[*part])) return arena_printf(a, "%.*sqkv", (int)(last - key), key);
    }
    return NULL;
}

/* Of each thing on a side that is a query, key or value: what it would be called if it were one with the others; else NULL. */
static const char **fused_keys(const Mapper *m, const Side *side, const Side *other, int *which)
{
    const char **keys = arena_array(m->arena, const char *, side->count + 1);
    for (size_t i = 0; i < side->count; i++) {
        Role r = side->roles[i];
        if (!side->full[i] || !(r.key = fused_key(m->arena, r.key, &which[i]))) continue;
        keys[i] = full_key(m, side, other, &r);
    }
    return keys;
}

/* The three of them, if there is one of each. */
static bool find_parts(const Side *side, const char **keys, const int *which, const char *key, int64_t found[PARTS])
{
    for (int k = 0; k < PARTS; k++) found[k] = -1;
    for (size_t i = 0; i < side->count; i++) {
        if (!keys[i] || strcmp(keys[i], key)) continue;
        if (found[which[i]] >= 0) return false;
        found[which[i]] = (int64_t)i;
    }
    return found[0] >= 0 && found[1] >= 0 && found[2] >= 0;
}

static bool has(const Side *side, const char *key)
{
    for (size_t i = 0; key && i < side->count; i++) {
        if (side->full[i] && !strcmp(side->full[i], key)) return true;
    }
    return false;
}

/* ---- one tensor, three variables ---- */

/* A kernel is [in, ...]: the product of the rest. A bias has no `in`. */
static int64_t outputs_of(const mdl_variable *v, bool kernel)
{
    int64_t n = 1;
    for (int i = kernel; i < v->rank; i++) n *= v->shape[i];
    return n;
}

static void set_part(Mapper *m, int32_t variable, int64_t tensor, int axis, int64_t begin, int64_t end)
{
    const ViewVariable *v = &m->m->variables[variable];
    Pairing            *p = &m->p->of[variable];
    const bool          kernel = m->c->tensors.at[tensor].is.rank == 2;
    proposal_pair(m->p, variable, tensor, true);
    p->axis = axis;
    p->begin = begin;
    p->end = end;
    if (kernel && axis == 0) p->change = CHANGE_TRANSPOSE;
    p->reshape = v->is->rank != (kernel ? 2 : 1);
    /* A linear layer of the name c_attn is nanoGPT's, or GPT-BigCode's, which has head by head. */
    if (!strstr(m->c->tensors.at[tensor].is.name, "c_attn")) return;
    const int32_t of_layer = kernel ? variable : kernel_of(m->m, v);
    p->sure = kernel ? axis == 1 : of_layer >= 0 && m->p->of[of_layer].sure && m->p->of[of_layer].tensor >= 0;
    if (p->sure) return;
    p->percent = 80;
    p->why = "if queries, keys and values come one after the other, and not head by head";
}

/* Whether the tensor is as long as all three together, along one axis alone, and the other is what they are made from. */
static bool find_axis(const Mapper *m, const int64_t of[PARTS], const mdl_stored *t, bool kernel, int *axis)
{
    int64_t all = 0, in = 0;
    for (int k = 0; k < PARTS; k++) {
        const mdl_variable *v = m->m->variables[of[k]].is;
        if (kernel ? v->rank < 2 : v->rank < 1) return false;
        if (kernel && k && v->shape[0] != in) return false;
        in = kernel ? v->shape[0] : 0;
        all += outputs_of(v, kernel);
    }
    *axis = kernel && t->shape[0] != all;
    if (!kernel) return t->rank == 1 && t->shape[0] == all;
    return t->rank == 2 && all != in && t->shape[*axis] == all && t->shape[!*axis] == in;
}

/* Variables that are no matrices to PyTorch are none of these: attention's are of Dense and EinsumDense. */
static bool is_dense(const ViewVariable *v)
{
    return !strcmp(v->class_name, "Dense") || !strcmp(v->class_name, "EinsumDense");
}

static void split_tensor(Mapper *m, const int64_t of[PARTS], int64_t tensor)
{
    const mdl_stored *t = &m->c->tensors.at[tensor].is;
    const bool        kernel = m->file.roles[tensor].part == PART_KERNEL;
    int64_t           begin = 0;
    int               axis;
    for (int k = 0; k < PARTS; k++) {
        if (m->p->of[of[k]].tensor >= 0 || has(&m->file, m->model.full[of[k]]) || !is_dense(&m->m->variables[of[k]])) return;
    }
    if (!find_axis(m, of, t, kernel, &axis)) return;
    for (int k = 0; k < PARTS; k++) {
        const int64_t end = begin + outputs_of(m->m->variables[of[k]].is, kernel);
        set_part(m, (int32_t)of[k], tensor, axis, begin, end);
        begin = end;
    }
    if (!kernel) return;
    m->customs[0].turned += axis == 0;
    m->customs[0].direct += axis == 1;
}

void pair_parts_of_fused(Mapper *m)
{
    int         *which = arena_array(m->arena, int, m->model.count + 1);
    const char **keys = fused_keys(m, &m->model, &m->file, which);
    for (size_t i = 0; i < m->model.count; i++) {
        int64_t       of[PARTS];
        const int64_t t = keys[i] && which[i] == 0 ? only(&m->file, keys[i]) : -1;
        if (t < 0 || has(&m->model, keys[i]) || !find_parts(&m->model, keys, which, keys[i], of)) continue;
        split_tensor(m, of, t);
    }
}

/* ---- three tensors, one variable ---- */

static void join(Mapper *m, int32_t variable, const int64_t *of, bool turned)
{
    const bool kernel = m->m->variables[variable].is->rank == 2;
    Pairing   *p = &m->p->of[variable];
    for (int k = PARTS; k-- > 0;) proposal_pair(m->p, variable, of[k], true);
    p->joined = of;
    p->axis = kernel;
    p->change = turned ? CHANGE_TRANSPOSE : CHANGE_NONE;
}

/* Whether the tensors side by side are the variable, as they are and turned. */
static void ways_to_join(const Mapper *m, const mdl_variable *v, const int64_t *of, Ways *w)
{
    int64_t direct = 0, turned = 0;
    w->direct = w->turned = v->rank == 2;
    for (int k = 0; k < PARTS; k++) {
        const mdl_stored *t = &m->c->tensors.at[of[k]].is;
        if (t->rank != v->rank) {
            w->direct = w->turned = false;
            return;
        }
        direct += t->shape[v->rank - 1];
        turned += t->shape[0];
        if (v->rank != 2) continue;
        w->direct &= t->shape[0] == v->shape[0];
        w->turned &= t->shape[1] == v->shape[0];
    }
    if (v->rank == 1) w->direct = true;
    w->direct &= direct == v->shape[v->rank - 1];
    w->turned &= turned == v->shape[v->rank - 1];
}

static void join_tensors(Mapper *m, int32_t variable, const int64_t *of)
{
    const ViewVariable *v = &m->m->variables[variable];
    Ways                w = {.direct = false};
    bool                turned = false;
    if (strcmp(v->class_name, "Dense") || v->is->rank < 1 || v->is->rank > 2) return;
    for (int k = 0; k < PARTS; k++) {
        if (m->p->used[of[k]]) return;
    }
    ways_to_join(m, v->is, of, &w);
    if (!w.direct && !w.turned) return;
    const bool known = settled(&m->customs[0], m->file.roles[of[0]].in_out, &turned);
    if (!w.direct || !w.turned) turned = w.turned;
    join(m, variable, of, turned);
    if (known || !w.direct || !w.turned) return;
    m->p->of[variable].sure = false;
    m->p->of[variable].percent = 50;
    m->p->of[variable].why = "their shapes do not tell whether they are to be transposed";
}

void pair_fused_of_parts(Mapper *m)
{
    int         *which = arena_array(m->arena, int, m->file.count + 1);
    const char **keys = fused_keys(m, &m->file, &m->model, which);
    for (size_t i = 0; i < m->file.count; i++) {
        int64_t      *of = arena_array(m->arena, int64_t, PARTS);
        const int64_t v = keys[i] && which[i] == 0 ? only(&m->model, keys[i]) : -1;
        if (v < 0 || m->p->of[v].tensor >= 0 || has(&m->file, keys[i])) continue;
        if (find_parts(&m->file, keys, which, keys[i], of)) join_tensors(m, (int32_t)v, of);
    }
}
