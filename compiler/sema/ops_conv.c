/* Convolutions and pooling. The graph knows channels-last with explicit padding; "same", "valid" and `channels_first` end here. */
#include <string.h>
#include <strings.h>

#include "ops.h"

typedef struct Window {
    int space;  /* number of space axes */
    bool first; /* channels_first */
    bool same;
    int64_t size[3], strides[3], dilations[3];
    const Dim *low[3], *high[3], *out[3];
} Window;

static bool arg_window(Cx *cx, const BCall *c, int i, int n, int64_t *out)
{
    const Value *at = &c->args[i];
    size_t len = 1;
    if (c->args[i].kind != V_INT && !iterate(cx, c->args[i], c->spans[i], &at, &len)) return false;
    if (len != 1 && len != (size_t)n) {
        cx_error(cx, E_BAD_ARGUMENT, c->spans[i], "%zu numbers for %d space axes", len, n);
        return false;
    }
    for (int k = 0; k < n; k++) {
        const Value v = at[len == 1 ? 0 : k];
        if (v.kind != V_INT || v.as.integer < 1) {
            cx_error(cx, E_BAD_ARGUMENT, c->spans[i], "a positive int is expected, but this is %s", describe(cx, v));
            return false;
        }
        out[k] = v.as.integer;
    }
    return true;
}

static bool arg_padding(Cx *cx, const BCall *c, int i, bool *same)
{
    const char *s;
    if (!arg_str(cx, c, i, &s)) return false;
    *same = !strcasecmp(s, "same");
    if (*same || !strcasecmp(s, "valid")) return true;
    Diag *d = cx_error(cx, E_BAD_ARGUMENT, c->spans[i], "unknown padding \"%s\"", s);
    diag_help(d, "it is \"valid\" or \"same\"");
    return false;
}

static bool arg_format(Cx *cx, const BCall *c, int i, bool *first)
{
    const char *s;
    *first = false;
    if (c->args[i].kind == V_NONE) return true;
    if (!arg_str(cx, c, i, &s)) return false;
    *first = !strcmp(s, "channels_first");
    if (*first || !strcmp(s, "channels_last")) return true;
    Diag *d = cx_error(cx, E_BAD_ARGUMENT, c->spans[i], "unknown data format \"%s\"", s);
    diag_help(d, "it is \"channels_last\" or \"channels_first\"");
    return false;
}

static Node *float_tensor(Cx *cx, Node *x, Span span)
{
    return x && !dtype_is_float(x->type.dtype) ? cast_to(cx, x, DT_FLOAT32, span) : x;
}

static Node *channels_last(Cx *cx, Node *x, bool first, Span span)
{
    int perm[5];
    if (!first) return x;
    perm[0] = 0;
    for (int i = 1; i + 1 < x->type.rank; i++) perm[i] = i + 1;
    perm[x->type.rank - 1] = 1;
    return transpose(cx, x, perm, span);
}

static Node *channels_back(Cx *cx, Node *x, bool first, Span span)
{
    int perm[5];
    if (!first || !x) return x;
    perm[0] = 0;
    perm[1] = x->type.rank - 1;
    for (int i = 2; i < x->type.rank; i++) perm[i] = i - 1;
    return transpose(cx, x, perm, span);
}

static bool space_rank(Cx *cx, const BCall *c, Node *x, Window *w)
{
    w->space = x->type.rank - 2;
    if (w->space >= 1 && w->space <= 3) return true;
    Diag *d = cx_error(cx, E_SHAPE, c->spans[0], "`%s` works on [batch, 1 to 3 space axes, channels], but this is %s",
                       c->builtin->name, type_str(cx, x->type));
    diag_help(d, "a missing batch or channel axis is added with `x[none]` or `x[..., none]`");
    return false;
}

static const Dim *add(Cx *cx, const Dim *a, int64_t b) { return dim_add(cx->dims, a, dim_int(cx->dims, b)); }
static const Dim *mul(Cx *cx, const Dim *a, int64_t b) { return dim_mul(cx->dims, a, dim_int(cx->dims, b)); }
static const Dim *div_(Cx *cx, const Dim *a, int64_t b) { return dim_floordiv(cx->dims, a, dim_int(cx->dims, b)); }

/* "same": out = ceil(n / s), total padding max((out - 1)*s + reach - n, 0), the smaller half first. */
static bool place_window(Cx *cx, const BCall *c, Node *x, Window *w)
{
    for (int i = 0; i < w->space; i++) {
        const Dim *n = x->type.dims[1 + i], *zero = dim_int(cx->dims, 0);
        const int64_t s = w->strides[i], reach = (w->size[i] - 1) * w->dilations[i] + 1;
        if (w->same) {
            w->out[i] = div_(cx, add(cx, n, s - 1), s);
            const Dim *total = dim_max(cx->dims, dim_sub(cx->dims, add(cx, mul(cx, add(cx, w->out[i], -1), s), reach), n), zero);
            w->low[i] = div_(cx, total, 2);
            w->high[i] = dim_sub(cx->dims, total, w->low[i]);
        } else {
            w->low[i] = w->high[i] = zero;
            w->out[i] = add(cx, div_(cx, add(cx, n, -reach), s), 1);
            if (!require_le(cx, dim_int(cx->dims, reach), n, c->span,
                            "`%s`: a window that reaches over %lld does not fit into an axis of size %s", c->builtin->name,
                            (long long)reach, dim_str(cx, n)))
                return false;
        }
        if (!w->out[i] || !w->low[i] || !w->high[i]) return false;
    }
    return true;
}

static Attr ints(Cx *cx, const int64_t *v, int n)
{
    const Dim *d[3];
    for (int i = 0; i < n; i++) d[i] = dim_int(cx->dims, v[i]);
    return attr_ints(cx, d, n);
}

static Type window_type(Cx *cx, Node *x, const Window *w, const Dim *channels)
{
    const Dim *dims[5];
    dims[0] = x->type.dims[0];
    for (int i = 0; i < w->space; i++) dims[1 + i] = w->out[i];
    dims[1 + w->space] = channels;
    return make_type(cx, x->type.dtype, dims, w->space + 2);
}

static bool kernel_sizes(Cx *cx, const BCall *c, Node *k, Window *w)
{
    if (k->type.rank != w->space + 2) {
        cx_error(cx, E_SHAPE, c->spans[1], "the kernel must have rank %d, [*size, channels, filters], but is %s", w->space + 2,
                 type_str(cx, k->type));
        return false;
    }
    for (int i = 0; i < w->space; i++) {
        if (dim_is_int(k->type.dims[i], &w->size[i])) continue;
        cx_error(cx, E_SHAPE, c->spans[1], "the kernel's size must be known before the program runs, but is %s",
                 type_str(cx, k->type));
        return false;
    }
    return true;
}

/* Arguments in the order of conv's signature: inputs, kernel, strides, padding, data_format, dilation_rate. */
static bool conv_arguments(Cx *cx, const BCall *c, Node **x, Node **k, Window *w, int dilation_arg, int format_arg)
{
    *x = float_tensor(cx, arg_tensor(cx, c, 0), c->span);
    *k = *x ? arg_tensor(cx, c, 1) : NULL;
    if (!*k || !space_rank(cx, c, *x, w) || !kernel_sizes(cx, c, *k, w)) return false;
    *k = cast_to(cx, *k, (*x)->type.dtype, c->span);
    if (!arg_window(cx, c, 2, w->space, w->strides) || !arg_padding(cx, c, 3, &w->same)) return false;
    if (!arg_format(cx, c, format_arg, &w->first) || !arg_window(cx, c, dilation_arg, w->space, w->dilations)) return false;
    *x = channels_last(cx, *x, w->first, c->span);
    return true;
}

static Value conv_node(Cx *cx, const BCall *c, Node *x, Node *k, Window *w, int64_t groups)
{
    const Attr attrs[] = {ints(cx, w->strides, w->space), ints(cx, w->dilations, w->space), attr_ints(cx, w->low, w->space),
                          attr_ints(cx, w->high, w->space), attr_int(cx, groups)};
    Node *const in[] = {x, k};
    Node *r = trace_op(cx, OPC_conv, window_type(cx, x, w, k->type.dims[w->space + 1]), in, 2, attrs, c->span);
    return tensor_value(cx, channels_back(cx, r, w->first, c->span));
}

Value build_conv(Cx *cx, const BCall *c)
{
    Window w = {0};
    Node *x, *k;
    int64_t channels, per_group, filters;
    if (!conv_arguments(cx, c, &x, &k, &w, 5, 4) || !place_window(cx, c, x, &w)) return VALUE_ERROR;
    if (!dim_is_int(x->type.dims[w.space + 1], &channels) || !dim_is_int(k->type.dims[w.space], &per_group) ||
        !dim_is_int(k->type.dims[w.space + 1], &filters)) {
        cx_error(cx, E_SHAPE, c->span, "the number of channels must be known before the program runs: %s", type_str(cx, x->type));
        return VALUE_ERROR;
    }
    if (per_group < 1 || channels % per_group || filters % (channels / per_group ? channels / per_group : 1)) {
        cx_error(cx, E_SHAPE, c->span,
                 "a kernel for %lld channels a group and %lld filters does not fit an input of %lld channels",
                 (long long)per_group, (long long)filters, (long long)channels);
        return VALUE_ERROR;
    }
    return conv_node(cx, c, x, k, &w, channels / per_group);
}

/* [*size, channels, multiplier] is the kernel [*size, 1, channels*multiplier] of as many groups as channels. */
Value build_depthwise_conv(Cx *cx, const BCall *c)
{
    Window w = {0};
    Node *x, *k;
    int64_t channels;
    if (!conv_arguments(cx, c, &x, &k, &w, 5, 4) || !place_window(cx, c, x, &w)) return VALUE_ERROR;
    const Dim *have = x->type.dims[w.space + 1], *want = k->type.dims[w.space];
    if (!require_equal(cx, have, want, c->span, "the kernel is for %s channels, the input has %s", dim_str(cx, want),
                       dim_str(cx, have)) ||
        !dim_is_int(want, &channels))
        return VALUE_ERROR;
    const Dim *dims[5];
    for (int i = 0; i < w.space; i++) dims[i] = k->type.dims[i];
    dims[w.space] = dim_int(cx->dims, 1);
    dims[w.space + 1] = dim_mul(cx->dims, want, k->type.dims[w.space + 1]);
    return conv_node(cx, c, x, reshape(cx, k, dims, w.space + 2, c->span), &w, channels);
}

/* Keras' output sizes: "valid" (n - 1)*s + max(reach, s); "same" n*s; with output padding p: (n - 1)*s + reach + p, or
 * (n - 1)*s + reach % 2 + p. `low` is what the gradient of the padded convolution cuts off in front. */
static bool place_transpose(Cx *cx, const BCall *c, Node *x, Window *w, const int64_t *output_padding)
{
    for (int i = 0; i < w->space; i++) {
        const int64_t s = w->strides[i], reach = (w->size[i] - 1) * w->dilations[i] + 1,
                      p = output_padding ? output_padding[i] : -1;
        const Dim *n = x->type.dims[1 + i];
        int64_t left = reach - 1, extra;
        if (w->same) {
            const int64_t total = p < 0 ? s + reach - 2 : reach + reach % 2 - 2 + p;
            left = (total + 1) / 2 < reach - 1 ? (total + 1) / 2 : reach - 1;
            if (p < 0 && s > reach - 1) left = reach - 1;
            extra = p < 0 ? s : reach % 2 + p;
        } else extra = p < 0 ? (reach > s ? reach : s) : reach + p;
        w->out[i] = add(cx, mul(cx, add(cx, n, -1), s), extra);
        w->low[i] = dim_int(cx->dims, reach - 1 - left);
        if (!w->out[i] ||
            !require_le(cx, dim_int(cx->dims, 0), w->out[i], c->span, "`conv_transpose`: the output would have a negative size"))
            return false;
    }
    return true;
}

Value build_conv_transpose(Cx *cx, const BCall *c)
{
    Window w = {0};
    Node *x, *k;
    int64_t padding[3];
    if (!conv_arguments(cx, c, &x, &k, &w, 6, 5)) return VALUE_ERROR;
    const bool given = c->args[4].kind != V_NONE;
    for (int i = 0; given && i < w.space; i++) { /* output padding may be 0 */
        const Value v = c->args[4].kind == V_INT ? c->args[4]
                        : (c->args[4].kind == V_TUPLE || c->args[4].kind == V_LIST) && c->args[4].as.seq->len == (size_t)w.space
                            ? c->args[4].as.seq->at[i]
                            : VALUE_NONE;
        if (v.kind != V_INT || v.as.integer < 0) {
            cx_error(cx, E_BAD_ARGUMENT, c->spans[4], "`output_padding` is an int or one for each space axis, but this is %s",
                     describe(cx, c->args[4]));
            return VALUE_ERROR;
        }
        padding[i] = v.as.integer;
    }
    if (!place_transpose(cx, c, x, &w, given ? padding : NULL)) return VALUE_ERROR;
    const Dim *have = x->type.dims[w.space + 1], *want = k->type.dims[w.space + 1];
    if (!require_equal(cx, have, want, c->span, "the kernel is for %s channels, the input has %s", dim_str(cx, want),
                       dim_str(cx, have)))
        return VALUE_ERROR;
    const Attr attrs[] = {ints(cx, w.strides, w.space), ints(cx, w.dilations, w.space), attr_ints(cx, w.low, w.space)};
    Node *const in[] = {x, k};
    Node *r = trace_op(cx, OPC_conv_transpose, window_type(cx, x, &w, k->type.dims[w.space]), in, 2, attrs, c->span);
    return tensor_value(cx, channels_back(cx, r, w.first, c->span));
}

/* inputs, pool_size, strides, padding, data_format */
Value build_pool(Cx *cx, const BCall *c)
{
    Window w = {0};
    Node *x = arg_tensor(cx, c, 0);
    if (x && c->builtin->code == OPC_average_pool) x = float_tensor(cx, x, c->span);
    if (!x || !space_rank(cx, c, x, &w) || !arg_window(cx, c, 1, w.space, w.size)) return VALUE_ERROR;
    memcpy(w.strides, w.size, sizeof w.strides);
    for (int i = 0; i < 3; i++) w.dilations[i] = 1;
    if (c->args[2].kind != V_NONE && !arg_window(cx, c, 2, w.space, w.strides)) return VALUE_ERROR;
    if (!arg_padding(cx, c, 3, &w.same) || !arg_format(cx, c, 4, &w.first)) return VALUE_ERROR;
    x = channels_last(cx, x, w.first, c->span);
    if (!place_window(cx, c, x, &w)) return VALUE_ERROR;
    const Attr attrs[] = {ints(cx, w.size, w.space), ints(cx, w.strides, w.space), attr_ints(cx, w.low, w.space)};
    Node *r = trace_op(cx, c->builtin->code, window_type(cx, x, &w, x->type.dims[w.space + 1]), &x, 1, attrs, c->span);
    return tensor_value(cx, channels_back(cx, r, w.first, c->span));
}
