/* `object[...]` of static values; tensors have index.c. */
#include "cx.h"

static bool slice_bound(Cx *cx, const Expr *e, int64_t len, int64_t fallback, int64_t low, int64_t high, int64_t *out)
{
    *out = fallback;
    if (!e) return true;
    Value v = eval_static(cx, e, "a slice's bound");
    if (v.kind == V_NONE) return true;
    if (v.kind != V_INT) {
        if (!is_error(v)) cx_error(cx, E_BAD_INDEX, e->span, "a slice's bound must be an int, but this is %s", describe(cx, v));
        return false;
    }
    int64_t i = v.as.integer;
    if (i < 0) i = i < -len ? low : i + len;
    *out = i < low ? low : i > high ? high : i;
    return true;
}

static Value slice_items(Cx *cx, Value v, const Value *at, int64_t len, const Expr *s)
{
    Value step = s->as.slice.step ? eval_static(cx, s->as.slice.step, "a slice's step") : value_int(1);
    if (step.kind == V_NONE) step = value_int(1);
    if (step.kind != V_INT || step.as.integer == 0) {
        if (!is_error(step)) cx_error(cx, E_BAD_INDEX, s->as.slice.step->span, "a slice's step must be an int other than 0");
        return VALUE_ERROR;
    }
    const int64_t k = step.as.integer;
    int64_t from, to;
    if (!slice_bound(cx, s->as.slice.start, len, k > 0 ? 0 : len - 1, k > 0 ? 0 : -1, k > 0 ? len : len - 1, &from))
        return VALUE_ERROR;
    if (!slice_bound(cx, s->as.slice.stop, len, k > 0 ? len : -1, k > 0 ? 0 : -1, k > 0 ? len : len - 1, &to)) return VALUE_ERROR;
    ValueVec out = {0};
    for (int64_t i = from; k > 0 ? i < to : i > to; i += k) vec_push(cx->arena, &out, at[i]);
    return value_seq(cx->arena, v.kind == V_TUPLE ? V_TUPLE : V_LIST, out.at, out.len);
}

static Value join_string(Cx *cx, Value list)
{
    StrBuf b = {.arena = cx->arena};
    for (size_t i = 0; i < list.as.seq->len; i++) sb_put(&b, list.as.seq->at[i].as.str->text);
    return value_str(intern(cx->session->names, sb_text(&b), b.len));
}

static Value index_sequence(Cx *cx, Value v, const Expr *e)
{
    const Expr *s = e->as.index.subs.at[0];
    const Value *at;
    size_t len;
    if (e->as.index.subs.len != 1) {
        cx_error(cx, E_BAD_INDEX, e->span, "%s takes one index, not %zu", describe(cx, v), e->as.index.subs.len);
        return VALUE_ERROR;
    }
    if (!iterate(cx, v, e->as.index.object->span, &at, &len)) return VALUE_ERROR;
    if (s->kind == EXPR_SLICE) {
        Value out = slice_items(cx, v, at, (int64_t)len, s);
        return v.kind == V_STR && !is_error(out) ? join_string(cx, out) : out;
    }
    Value i = eval(cx, s);
    if (i.kind != V_INT) {
        if (!is_error(i))
            cx_error(cx, E_BAD_INDEX, s->span, "%s is indexed by an int, but this is %s", describe(cx, v), describe(cx, i));
        return VALUE_ERROR;
    }
    const int64_t k = i.as.integer < 0 ? i.as.integer + (int64_t)len : i.as.integer;
    if (k < 0 || k >= (int64_t)len) {
        cx_error(cx, E_BAD_INDEX, s->span, "index %lld is out of range: %s", (long long)i.as.integer, describe(cx, v));
        return VALUE_ERROR;
    }
    capture_element(cx, e, i.as.integer, at[k]);
    return at[k];
}

static Value index_dict(Cx *cx, Value v, const Expr *e)
{
    const Expr *s = e->as.index.subs.at[0];
    Value key = eval(cx, s);
    if (is_error(key)) return key;
    if (key.kind == V_INT) key = value_str(cx_sym(cx, arena_printf(cx->arena, "%lld", (long long)key.as.integer)));
    const Value *entry = key.kind == V_STR && e->as.index.subs.len == 1 ? dict_get(v.as.dict, key.as.str) : NULL;
    if (entry) return *entry;
    Diag *d = cx_error(cx, E_BAD_INDEX, s->span, "the dict has no entry for %s", describe(cx, key));
    VEC(const char *) names = {0};
    for (size_t i = 0; i < v.as.dict->len; i++) vec_push(cx->arena, &names, v.as.dict->keys[i]->text);
    const char *near = key.kind == V_STR ? suggest(key.as.str->text, names.at, names.len) : NULL;
    if (near) {
        diag_help(d, "did you mean \"%s\"?", near);
        if (s->kind == EXPR_STRING) diag_fix(d, s->span, "\"%s\"", near);
    }
    return VALUE_ERROR;
}

Value get_index(Cx *cx, const Expr *e)
{
    Value v = eval(cx, e->as.index.object);
    if (is_error(v)) return v;
    if (v.kind == V_VARIABLE) v = read_variable(cx, v.as.variable, e->as.index.object->span);
    if (v.kind == V_TENSOR) return index_tensor(cx, v.as.tensor->node, &e->as.index.subs, e->span);
    if (v.kind == V_DICT) return index_dict(cx, v, e);
    if (v.kind == V_LIST || v.kind == V_TUPLE || v.kind == V_STR || v.kind == V_RANGE) return index_sequence(cx, v, e);
    if (is_error(v)) return v;
    cx_error(cx, E_BAD_INDEX, e->span, "%s cannot be indexed", describe(cx, v));
    return VALUE_ERROR;
}
