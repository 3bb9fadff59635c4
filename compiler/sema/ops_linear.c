/* Products: matmul, dot, tensordot, and einsum by transposition, reshaping and matmul. */
#include <string.h>

#include "ops.h"

static bool promote_pair(Cx *cx, Node **a, Node **b, Span span)
{
    DType t = promote((*a)->type.dtype, (*b)->type.dtype);
    if (t == DT_BOOL || t == DT_INT8 || t == DT_UINT8 || t == DT_INT16) t = DT_INT32;
    *a = cast_to(cx, *a, t, span);
    *b = cast_to(cx, *b, t, span);
    return *a && *b;
}

/* Both of rank >= 2, of one dtype. */
static Node *matmul_nodes(Cx *cx, Node *a, Node *b, Span span)
{
    const int ra = a->type.rank, rb = b->type.rank;
    const Type lead[] = {{a->type.dtype, ra - 2, a->type.dims}, {b->type.dtype, rb - 2, b->type.dims}};
    Type out = {a->type.dtype, 0, NULL};
    if (!require_equal(cx, a->type.dims[ra - 1], b->type.dims[rb - 2], span,
                       "`matmul`: %s @ %s: the last axis of the first has %s, the last but one of the second %s",
                       type_str(cx, a->type), type_str(cx, b->type), dim_str(cx, a->type.dims[ra - 1]),
                       dim_str(cx, b->type.dims[rb - 2])))
        return NULL;
    if (!broadcast_shapes(cx, lead, NULL, 2, span, "`matmul`", &out)) return NULL;
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)out.rank + 2);
    for (int i = 0; i < out.rank; i++) dims[i] = out.dims[i];
    dims[out.rank] = a->type.dims[ra - 2];
    dims[out.rank + 1] = b->type.dims[rb - 1];
    Node *const in[] = {a, b};
    const Attr attrs[] = {attr_int(cx, 0), attr_int(cx, 0)};
    return trace_op(cx, OPC_matmul, (Type){a->type.dtype, out.rank + 2, dims}, in, 2, attrs, span);
}

static Node *insert_axis(Cx *cx, Node *x, int axis, Span span)
{
    const int rank = x->type.rank + 1;
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)rank);
    for (int i = 0, k = 0; i < rank; i++) dims[i] = i == axis ? dim_int(cx->dims, 1) : x->type.dims[k++];
    return reshape(cx, x, dims, rank, span);
}

static Node *remove_axis(Cx *cx, Node *x, int axis, Span span)
{
    const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)x->type.rank);
    int k = 0;
    for (int i = 0; i < x->type.rank; i++) {
        if (i != axis) dims[k++] = x->type.dims[i];
    }
    return reshape(cx, x, dims, k, span);
}

Node *matmul(Cx *cx, Node *a, Node *b, Span span)
{
    if (!a || !b || !promote_pair(cx, &a, &b, span)) return NULL;
    if (a->type.rank == 0 || b->type.rank == 0) {
        Diag *d = cx_error(cx, E_SHAPE, span, "`matmul` needs at least one axis on both sides: %s @ %s", type_str(cx, a->type),
                           type_str(cx, b->type));
        diag_help(d, "multiply by a scalar with `*`");
        return NULL;
    }
    const bool row = a->type.rank == 1, column = b->type.rank == 1;
    if (row) a = insert_axis(cx, a, 0, span);
    if (column) b = insert_axis(cx, b, 1, span);
    Node *r = matmul_nodes(cx, a, b, span);
    if (r && column) r = remove_axis(cx, r, r->type.rank - 1, span);
    if (r && row) r = remove_axis(cx, r, r->type.rank - (column ? 1 : 2), span);
    return r;
}

Value build_matmul(Cx *cx, const BCall *c)
{
    Node *a = arg_tensor(cx, c, 0), *b = a ? arg_tensor(cx, c, 1) : NULL;
    return tensor_value(cx, matmul(cx, a, b, c->span));
}

/* ---- einsum ---- */

enum { LETTERS = 64, DOTS = 256 }; /* axes of `...` are the letters DOTS, DOTS + 1, ... counted from the right */

typedef struct Term_ {
    int letters[LETTERS];
    int n;
} Subs;

static bool has(const Subs *s, int letter)
{
    for (int i = 0; i < s->n; i++) {
        if (s->letters[i] == letter) return true;
    }
    return false;
}

static int position(const Subs *s, int letter)
{
    for (int i = 0; i < s->n; i++) {
        if (s->letters[i] == letter) return i;
    }
    return -1;
}

static bool bad_equation(Cx *cx, const BCall *c, const char *why)
{
    Diag *d = cx_error(cx, E_BAD_ARGUMENT, c->spans[0], "this einsum equation is wrong: %s", why);
    diag_help(d, "letters name axes, terms are separated by commas: `einsum(\"bij,bjk->bik\", x, y)`");
    return false;
}

/* Reads one term up to `,` or the end; `rank` < 0: the output. */
static bool parse_term(Cx *cx, const BCall *c, const char **p, int rank, int dots_rank, Subs *out)
{
    int before = 0, dots_at = -1;
    Subs s = {.n = 0};
    for (; **p && **p != ',' && **p != '-'; (*p)++) {
        const char ch = **p;
        if (ch == ' ') continue;
        if (ch == '.') {
            if (strncmp(*p, "...", 3) || dots_at >= 0) return bad_equation(cx, c, "`...` stands at most once in a term");
            dots_at = s.n;
            *p += 2;
            continue;
        }
        if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z')) || s.n >= 32)
            return bad_equation(cx, c, "axes are named by letters");
        s.letters[s.n++] = ch;
        before++;
    }
    int dots = dots_at < 0 ? 0 : rank < 0 ? dots_rank : rank - s.n;
    if (rank >= 0 && (dots < 0 || (dots_at < 0 && s.n != rank)))
        return bad_equation(cx, c, arena_printf(cx->arena, "a term names %d axes, but its tensor has rank %d", before, rank));
    if (dots > 24) return bad_equation(cx, c, "too many axes");
    *out = (Subs){.n = 0};
    for (int i = 0; i <= s.n; i++) {
        for (int k = 0; i == dots_at && k < dots; k++) out->letters[out->n++] = DOTS + dots - 1 - k;
        if (i < s.n) out->letters[out->n++] = s.letters[i];
    }
    return true;
}

/* `ii`: the diagonal along both axes, moved to the end. */
static Node *diagonal(Cx *cx, Node *x, Subs *s, Span span)
{
    for (int i = 0; i < s->n; i++) {
        for (int k = i + 1; k < s->n; k++) {
            if (s->letters[i] != s->letters[k]) continue;
            int perm[LETTERS], n = 0;
            for (int j = 0; j < s->n; j++) {
                if (j != i && j != k) perm[n++] = j;
            }
            const int outer = n, letter = s->letters[i];
            perm[n++] = i;
            perm[n++] = k;
            const Dim *size = x->type.dims[i];
            if (!require_equal(cx, size, x->type.dims[k], span, "`einsum`: the axes of a repeated letter differ: %s",
                               type_str(cx, x->type)))
                return NULL;
            x = transpose(cx, x, perm, span);
            const Dim **dims = arena_array(cx->arena, const Dim *, (size_t)outer + 1);
            for (int j = 0; j < outer; j++) dims[j] = x->type.dims[j];
            dims[outer] = dim_mul(cx->dims, size, size);
            int64_t fixed;
            if (!dim_is_int(size, &fixed)) {
                cx_error(cx, E_UNDECIDED, span, "`einsum`: a diagonal needs an axis of known size, but this is %s",
                         dim_str(cx, size));
                return NULL;
            }
            x = slice_axis(cx, reshape(cx, x, dims, outer + 1, span), outer, dim_int(cx->dims, 0), size, fixed + 1, span);
            Subs t = {.n = 0};
            for (int j = 0; j < s->n; j++) {
                if (j != i && j != k) t.letters[t.n++] = s->letters[j];
            }
            t.letters[t.n++] = letter;
            *s = t;
            return diagonal(cx, x, s, span);
        }
    }
    return x;
}

/* Sums out the letters that neither `a` nor `b` (may be NULL) has. */
static Node *sum_out(Cx *cx, Node *x, Subs *s, const Subs *a, const Subs *b, Span span)
{
    bool axes[LETTERS] = {false}, any = false;
    Subs left = {.n = 0};
    for (int i = 0; i < s->n; i++) {
        axes[i] = !has(a, s->letters[i]) && !(b && has(b, s->letters[i]));
        any |= axes[i];
        if (!axes[i]) left.letters[left.n++] = s->letters[i];
    }
    *s = left;
    return any ? reduce(cx, OPC_sum, x, axes, false, span) : x;
}

static Node *arrange(Cx *cx, Node *x, const Subs *have, const Subs *want, Span span)
{
    int perm[LETTERS];
    for (int i = 0; i < want->n; i++) perm[i] = position(have, want->letters[i]);
    return transpose(cx, x, perm, span);
}

static void append(Subs *s, const Subs *from, const Subs *in, bool wanted_in, const Subs *out, bool wanted_out)
{
    for (int i = 0; i < from->n; i++) {
        const int l = from->letters[i];
        if (has(in, l) == wanted_in && has(out, l) == wanted_out && !has(s, l)) s->letters[s->n++] = l;
    }
}

static const Dim *group_size(Cx *cx, const Node *x, int from, int count) { return dims_product(cx, x->type.dims + from, count); }

/* One product of two operands, keeping the letters of `keep`; `*sa` becomes the letters of the result. */
static Node *contract(Cx *cx, Node *a, Subs *sa, Node *b, Subs *sb, const Subs *keep, Span span)
{
    a = sum_out(cx, a, sa, sb, keep, span);
    b = b ? sum_out(cx, b, sb, sa, keep, span) : NULL;
    if (!a || !b || !promote_pair(cx, &a, &b, span)) return NULL;
    Subs batch = {.n = 0}, rows = {.n = 0}, inner = {.n = 0}, columns = {.n = 0};
    append(&batch, sa, sb, true, keep, true);
    append(&inner, sa, sb, true, keep, false);
    append(&rows, sa, sb, false, keep, true);
    append(&columns, sb, sa, false, keep, true);
    Subs wa = batch, wb = batch;
    for (int i = 0; i < rows.n; i++) wa.letters[wa.n++] = rows.letters[i];
    for (int i = 0; i < inner.n; i++) wa.letters[wa.n++] = inner.letters[i];
    for (int i = 0; i < inner.n; i++) wb.letters[wb.n++] = inner.letters[i];
    for (int i = 0; i < columns.n; i++) wb.letters[wb.n++] = columns.letters[i];
    for (int i = 0; i < sa->n; i++) { /* axes of one letter must agree; a 1 on either side of a batch axis stretches */
        const int k = position(sb, sa->letters[i]);
        if (k < 0 || sa->letters[i] >= DOTS) continue;
        if (!require_equal(cx, a->type.dims[i], b->type.dims[k], span,
                           "`einsum`: the axis `%c` has size %s in one operand and %s in another", sa->letters[i],
                           dim_str(cx, a->type.dims[i]), dim_str(cx, b->type.dims[k])))
            return NULL;
    }
    a = arrange(cx, a, sa, &wa, span);
    b = arrange(cx, b, sb, &wb, span);
    const Dim *size[3] = {group_size(cx, a, batch.n, rows.n), group_size(cx, a, batch.n + rows.n, inner.n),
                          group_size(cx, b, batch.n + inner.n, columns.n)};
    if (!size[0] || !size[1] || !size[2]) return NULL;
    const Dim **da = arena_array(cx->arena, const Dim *, (size_t)batch.n + 2),
              **db = arena_array(cx->arena, const Dim *, (size_t)batch.n + 2);
    for (int i = 0; i < batch.n; i++) {
        da[i] = a->type.dims[i];
        db[i] = b->type.dims[i];
    }
    da[batch.n] = size[0];
    da[batch.n + 1] = db[batch.n] = size[1];
    db[batch.n + 1] = size[2];
    Node *r = matmul_nodes(cx, reshape(cx, a, da, batch.n + 2, span), reshape(cx, b, db, batch.n + 2, span), span);
    if (!r) return NULL;
    const Dim **dr = arena_array(cx->arena, const Dim *, (size_t)(batch.n + rows.n + columns.n));
    int n = 0;
    for (int i = 0; i < batch.n; i++) dr[n++] = r->type.dims[i];
    for (int i = 0; i < rows.n; i++) dr[n++] = a->type.dims[batch.n + i];
    for (int i = 0; i < columns.n; i++) dr[n++] = b->type.dims[batch.n + inner.n + i];
    *sa = batch;
    for (int i = 0; i < rows.n; i++) sa->letters[sa->n++] = rows.letters[i];
    for (int i = 0; i < columns.n; i++) sa->letters[sa->n++] = columns.letters[i];
    return reshape(cx, r, dr, n, span);
}

static void implied_output(const Subs *subs, int n, Subs *out)
{
    int count[DOTS + 32] = {0};
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < subs[i].n; k++) count[subs[i].letters[k]]++;
    }
    for (int l = DOTS + 31; l >= DOTS; l--) {
        if (count[l]) out->letters[out->n++] = l;
    }
    for (int l = 'A'; l <= 'z'; l++) {
        if (count[l] == 1) out->letters[out->n++] = l;
    }
}

static bool parse_equation(Cx *cx, const BCall *c, Node *const *x, int n, Subs *subs, Subs *out)
{
    const char *p;
    int dots = 0;
    if (!arg_str(cx, c, 0, &p)) return false;
    for (int i = 0; i < n; i++) {
        if (!parse_term(cx, c, &p, x[i]->type.rank, 0, &subs[i])) return false;
        for (int k = 0; k < subs[i].n; k++) {
            if (subs[i].letters[k] >= DOTS && subs[i].letters[k] - DOTS + 1 > dots) dots = subs[i].letters[k] - DOTS + 1;
        }
        if (i + 1 < n && *p++ != ',')
            return bad_equation(cx, c, arena_printf(cx->arena, "it has fewer terms than the %d operands", n));
    }
    *out = (Subs){.n = 0};
    if (*p == ',') return bad_equation(cx, c, arena_printf(cx->arena, "it has more terms than the %d operands", n));
    if (!*p) {
        implied_output(subs, n, out);
        return true;
    }
    if (p[0] != '-' || p[1] != '>') return bad_equation(cx, c, "`->` is expected before the output");
    p += 2;
    if (!parse_term(cx, c, &p, -1, dots, out) || *p) return *p ? bad_equation(cx, c, "the output has one term") : false;
    for (int i = 0; i < out->n; i++) {
        bool known = false;
        for (int k = 0; k < n; k++) known |= has(&subs[k], out->letters[i]);
        if (!known) return bad_equation(cx, c, arena_printf(cx->arena, "the output's `%c` is in no operand", out->letters[i]));
        if (position(out, out->letters[i]) != i) return bad_equation(cx, c, "the output repeats a letter");
    }
    return true;
}

Value build_einsum(Cx *cx, const BCall *c)
{
    const ValueSeq *ops = c->args[1].as.seq;
    const int n = (int)ops->len;
    if (n < 1 || n > 16) {
        cx_error(cx, E_ARGUMENT_COUNT, c->span, "`einsum` takes 1 to 16 operands");
        return VALUE_ERROR;
    }
    Node **x = arena_array(cx->arena, Node *, (size_t)n);
    Subs *subs = arena_array(cx->arena, Subs, (size_t)n), out;
    for (int i = 0; i < n; i++) {
        x[i] = to_tensor(cx, ops->at[i], c->span, "an operand of `einsum`");
        if (!x[i]) return VALUE_ERROR;
    }
    if (!parse_equation(cx, c, x, n, subs, &out)) return VALUE_ERROR;
    for (int i = 0; i < n; i++) {
        x[i] = diagonal(cx, x[i], &subs[i], c->span);
        if (!x[i]) return VALUE_ERROR;
    }
    Node *r = x[0];
    Subs s = subs[0];
    for (int i = 1; i < n; i++) {
        Subs keep = out; /* letters still needed: the output's and those of later operands */
        for (int k = i + 1; k < n; k++) {
            for (int j = 0; j < subs[k].n; j++) {
                if (!has(&keep, subs[k].letters[j])) keep.letters[keep.n++] = subs[k].letters[j];
            }
        }
        r = contract(cx, r, &s, x[i], &subs[i], &keep, c->span);
        if (!r) return VALUE_ERROR;
    }
    r = sum_out(cx, r, &s, &out, NULL, c->span);
    return tensor_value(cx, arrange(cx, r, &s, &out, c->span));
}

/* ---- dot, tensordot: by the letters of einsum ---- */

static Value by_letters(Cx *cx, Node *a, Node *b, const int *axes_a, const int *axes_b, int n, Span span)
{
    Subs sa = {.n = a->type.rank}, sb = {.n = b->type.rank}, out = {.n = 0};
    for (int i = 0; i < sa.n; i++) sa.letters[i] = 'A' + i;
    for (int i = 0; i < sb.n; i++) sb.letters[i] = 'A' + sa.n + i;
    for (int i = 0; i < n; i++) sb.letters[axes_b[i]] = sa.letters[axes_a[i]];
    for (int i = 0; i < sa.n; i++) {
        if (!has(&sb, sa.letters[i])) out.letters[out.n++] = sa.letters[i];
    }
    for (int i = 0; i < sb.n; i++) {
        if (!has(&sa, sb.letters[i])) out.letters[out.n++] = sb.letters[i];
    }
    Node *r = contract(cx, a, &sa, b, &sb, &out, span);
    return r ? tensor_value(cx, arrange(cx, r, &sa, &out, span)) : VALUE_ERROR;
}

Value build_dot(Cx *cx, const BCall *c)
{
    Node *a = arg_tensor(cx, c, 0), *b = a ? arg_tensor(cx, c, 1) : NULL;
    if (!b) return VALUE_ERROR;
    if (!a->type.rank || !b->type.rank)
        return tensor_binary(cx, OPC_multiply, c->args[0], c->args[1], c->spans[0], c->spans[1], c->span);
    if (a->type.rank <= 2 && b->type.rank <= 2) return tensor_value(cx, matmul(cx, a, b, c->span));
    const int ia = a->type.rank - 1, ib = b->type.rank > 1 ? b->type.rank - 2 : 0;
    return by_letters(cx, a, b, &ia, &ib, 1, c->span);
}

static bool tensordot_axes(Cx *cx, const BCall *c, Value v, int rank, int *axes, int *n)
{
    const Value *at = &v;
    size_t len = 1;
    if (v.kind != V_INT && !iterate(cx, v, c->spans[2], &at, &len)) return false;
    if (len > MDL_MAX_RANK) return false;
    for (size_t i = 0; i < len; i++) {
        Value args[3] = {c->args[0], c->args[1], at[i]};
        const BCall one = {c->builtin, NULL, args, c->spans, c->given, c->span};
        if (!arg_axis(cx, &one, 2, rank, &axes[i])) return false;
    }
    *n = (int)len;
    return true;
}

Value build_tensordot(Cx *cx, const BCall *c)
{
    Node *a = arg_tensor(cx, c, 0), *b = a ? arg_tensor(cx, c, 1) : NULL;
    int ia[MDL_MAX_RANK], ib[MDL_MAX_RANK], n = 0, m = 0;
    if (!b) return VALUE_ERROR;
    const Value axes = c->args[2];
    if (axes.kind == V_INT) {
        const int64_t k = axes.as.integer;
        if (k < 0 || k > a->type.rank || k > b->type.rank) {
            cx_error(cx, E_BAD_AXIS, c->spans[2], "`axes` is %lld, but the tensors have ranks %d and %d", (long long)k,
                     a->type.rank, b->type.rank);
            return VALUE_ERROR;
        }
        for (; n < k; n++) {
            ia[n] = a->type.rank - (int)k + n;
            ib[n] = n;
        }
        return by_letters(cx, a, b, ia, ib, n, c->span);
    }
    const bool two = (axes.kind == V_LIST || axes.kind == V_TUPLE) && axes.as.seq->len == 2;
    if (!two || !tensordot_axes(cx, c, axes.as.seq->at[0], a->type.rank, ia, &n) ||
        !tensordot_axes(cx, c, axes.as.seq->at[1], b->type.rank, ib, &m) || n != m) {
        if (!two || n != m) cx_error(cx, E_BAD_AXIS, c->spans[2], "`axes` is an int, or a pair of equally long lists of axes");
        return VALUE_ERROR;
    }
    return by_letters(cx, a, b, ia, ib, n, c->span);
}
