/* How a tensor of another library becomes a variable: PyTorch's kernels are [out, in] and [out, in, height, width]. */
#include <string.h>

#include "propose.h"

static bool equal(int n, const int64_t *a, const int64_t *b)
{
    for (int i = 0; i < n; i++) {
        if (a[i] != b[i]) return false;
    }
    return true;
}

static uint64_t product(int n, const int64_t *shape)
{
    uint64_t p = 1;
    for (int i = 0; i < n; i++) p *= (uint64_t)shape[i];
    return p;
}

static bool begins(const char *s, const char *prefix) { return !strncmp(s, prefix, strlen(prefix)); }

static bool is_kernel(const ViewVariable *v)
{
    return v->is->rank >= 2 &&
           (!strcmp(v->name, "kernel") || !strcmp(v->name, "depthwise_kernel") || !strcmp(v->name, "pointwise_kernel"));
}

/* Convolutions: the axes of the tensor that become those of the variable. */
static void turn_conv(Arena *a, const ViewVariable *v, const mdl_stored *t, Ways *w)
{
    const int  rank = v->is->rank;
    const bool depthwise = begins(v->class_name, "Depthwise");
    int       *axes = arena_array(a, int, (size_t)rank);
    int64_t    turned[MDL_MAX_RANK];
    if (rank != t->rank || rank < 3) return;
    for (int i = 0; i < rank - 2; i++) axes[i] = i + 2;
    axes[rank - 2] = depthwise ? 0 : 1; /* [channels, multiplier, ...] stays in that order */
    axes[rank - 1] = depthwise ? 1 : 0;
    for (int i = 0; i < rank; i++) turned[i] = t->shape[axes[i]];
    if (!equal(rank, turned, v->is->shape)) return;
    w->turned = true;
    w->turned_change = (Pairing){.change = CHANGE_PERMUTE, .axes = axes};
}

/* Dense kernels, and those of attention, which other libraries keep as matrices: [dim, heads, size] as [heads * size, dim]. */
static void turn_dense(const ViewVariable *v, const mdl_stored *t, Ways *w)
{
    const int      rank = v->is->rank;
    const int64_t *s = v->is->shape;
    const bool     einsum = !strcmp(v->class_name, "EinsumDense") && rank == 3;
    if (t->rank != 2 || (rank != 2 && !einsum)) return;
    /* The output projection contracts its first two axes, the others their first. */
    const bool    out = einsum && strstr(v->is->path, "output");
    const int64_t rows = rank == 2 ? s[0] : out ? s[0] * s[1] : s[0], columns = rank == 2 ? s[1] : out ? s[2] : s[1] * s[2];
    if (t->shape[0] == columns && t->shape[1] == rows) {
        w->turned = true;
        w->turned_change = (Pairing){.change = CHANGE_TRANSPOSE, .reshape = einsum};
    }
    if (einsum && t->shape[0] == rows && t->shape[1] == columns) {
        w->direct = true;
        w->direct_change = (Pairing){.reshape = true};
    }
}

/* Shapes that differ by axes of one, or a bias that is kept flat. */
static bool reshapes(const ViewVariable *v, const mdl_stored *t)
{
    int64_t a[MDL_MAX_RANK], b[MDL_MAX_RANK];
    int     n = 0, k = 0;
    for (int i = 0; i < v->is->rank; i++) {
        if (v->is->shape[i] != 1) a[n++] = v->is->shape[i];
    }
    for (int i = 0; i < t->rank; i++) {
        if (t->shape[i] != 1) b[k++] = t->shape[i];
    }
    if (n == k && equal(n, a, b)) return true;
    return !strcmp(v->name, "bias") && t->rank == 1 && product(v->is->rank, v->is->shape) == (uint64_t)t->shape[0];
}

Ways ways_between(Arena *a, const ViewVariable *v, const mdl_stored *t)
{
    Ways w = {.direct = false};
    if (v->is->rank == t->rank && equal(t->rank, v->is->shape, t->shape)) w.direct = true;
    else if (!is_kernel(v) && reshapes(v, t)) {
        w.direct = true;
        w.direct_change = (Pairing){.reshape = true};
    }
    if (!is_kernel(v)) return w;
    turn_conv(a, v, t, &w);
    turn_dense(v, t, &w);
    return w;
}
