/* Running over values: ranges, strings, lists, dicts, and tensors along their first axis. */
#include "cx.h"

static int64_t range_len(const ValueRange *r)
{
    const uint64_t step = r->step > 0 ? (uint64_t)r->step : 0 - (uint64_t)r->step;
    if (r->step > 0 ? r->start >= r->stop : r->start <= r->stop) return 0;
    const uint64_t distance = r->step > 0 ? (uint64_t)r->stop - (uint64_t)r->start : (uint64_t)r->start - (uint64_t)r->stop;
    const uint64_t n = (distance - 1) / step + 1;
    return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

static bool iterate_range(Cx *cx, const ValueRange *r, Span span, const Value **at, size_t *len)
{
    const int64_t n = range_len(r);
    if (n > LONGEST_SEQUENCE) {
        Diag *e = cx_error(cx, E_TOO_MUCH_WORK, span,
                           "this runs over %lld elements while the model is instantiated; at most %d are possible", (long long)n,
                           LONGEST_SEQUENCE);
        diag_help(e, "a range over data is `arange`, a tensor; a loop over data is `scan`");
        return false;
    }
    if (!cx_step(cx, span, (uint64_t)n)) return false;
    Value *v = arena_array(cx->arena, Value, (size_t)n);
    for (int64_t i = 0; i < n; i++) v[i] = value_int(r->start + i * r->step);
    *at = v;
    *len = (size_t)n;
    return true;
}

static bool iterate_string(Cx *cx, const Sym *s, const Value **at, size_t *len)
{
    VEC(Value) v = {0};
    for (size_t i = 0; i < s->len;) {
        size_t n = 1;
        while (i + n < s->len && ((unsigned char)s->text[i + n] & 0xC0) == 0x80) n++;
        vec_push(cx->arena, &v, value_str(intern(cx->session->names, s->text + i, n)));
        i += n;
    }
    *at = v.at;
    *len = v.len;
    return true;
}

static bool iterate_dict(Cx *cx, const ValueDict *d, const Value **at, size_t *len)
{
    Value *v = arena_array(cx->arena, Value, d->len);
    for (size_t i = 0; i < d->len; i++) v[i] = value_str(d->keys[i]);
    *at = v;
    *len = d->len;
    return true;
}

/* The slices of a tensor along its first axis, whose size must be known. */
static bool iterate_tensor(Cx *cx, Node *n, Span span, const Value **at, size_t *len)
{
    int64_t count;
    if (n->type.rank == 0) {
        cx_error(cx, E_NOT_ITERABLE, span, "a scalar tensor cannot be run over");
        return false;
    }
    if (!dim_is_int(n->type.dims[0], &count)) {
        Diag *e = cx_error(cx, E_UNDECIDED, span, "the first axis has size `%s`, which is known only when the program runs",
                           dim_str(cx, n->type.dims[0]));
        diag_help(e, "loop over it with `scan`");
        return false;
    }
    Value *v = arena_array(cx->arena, Value, (size_t)count);
    for (int64_t i = 0; i < count; i++) {
        Node *s = slice_axis(cx, n, 0, dim_int(cx->dims, i), dim_int(cx->dims, 1), 1, span);
        v[i] = tensor_value(cx, reshape(cx, s, n->type.dims + 1, n->type.rank - 1, span));
    }
    *at = v;
    *len = (size_t)count;
    return true;
}

bool iterate(Cx *cx, Value v, Span span, const Value **at, size_t *len)
{
    *at = NULL;
    *len = 0;
    switch (v.kind) {
    case V_ERROR: return false;
    case V_LIST:
    case V_TUPLE:
        *at = v.as.seq->at;
        *len = v.as.seq->len;
        return true;
    case V_RANGE: return iterate_range(cx, v.as.range, span, at, len);
    case V_STR: return iterate_string(cx, v.as.str, at, len);
    case V_DICT: return iterate_dict(cx, v.as.dict, at, len);
    case V_TENSOR: return iterate_tensor(cx, v.as.tensor->node, span, at, len);
    case V_VARIABLE: {
        v = read_variable(cx, v.as.variable, span);
        return !is_error(v) && iterate_tensor(cx, v.as.tensor->node, span, at, len);
    }
    case V_NONE:
    case V_BOOL:
    case V_INT:
    case V_FLOAT:
    case V_DIM:
    case V_LAYER:
    case V_CLASS:
    case V_FN:
    case V_BUILTIN:
    case V_BOUND:
    case V_INIT:
    case V_RULE:
    case V_MODULE: break;
    }
    Diag *e = cx_error(cx, E_NOT_ITERABLE, span, "%s cannot be run over", describe(cx, v));
    if (v.kind == V_INT) {
        diag_help(e, "did you mean `range(%lld)`?", (long long)v.as.integer);
    } else if (v.kind == V_DIM) {
        diag_help(e, "its value is known only when the program runs: use `arange`, or loop with `scan`");
    }
    return false;
}
