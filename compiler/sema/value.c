/* Static values: construction, equality, printing. */
#include "value.h"

#include <math.h>
#include <string.h>

#include "../base/bug.h"

Value value_dim(const Dim *d)
{
    int64_t i;
    if (!d) return VALUE_ERROR;
    if (dim_is_int(d, &i)) return value_int(i);
    return (Value){.kind = V_DIM, .as.dim = d};
}

Value value_seq(Arena *a, ValueKind kind, const Value *at, size_t len)
{
    ValueSeq *s = arena_new(a, ValueSeq);
    Value *copy = arena_array(a, Value, len);
    if (len) memcpy(copy, at, len * sizeof *at);
    *s = (ValueSeq){len, copy};
    return (Value){.kind = kind, .as.seq = s};
}

Value value_dict(Arena *a, const Sym *const *keys, const Value *values, size_t len)
{
    ValueDict *d = arena_new(a, ValueDict);
    const Sym **k = arena_array(a, const Sym *, len);
    Value *v = arena_array(a, Value, len);
    if (len) {
        memcpy(k, keys, len * sizeof *k);
        memcpy(v, values, len * sizeof *v);
    }
    *d = (ValueDict){len, k, v};
    return (Value){.kind = V_DICT, .as.dict = d};
}

Value make_tensor_value(Arena *a, Node *node, Node *mask)
{
    ValueTensor *t = arena_new(a, ValueTensor);
    *t = (ValueTensor){node, mask};
    return (Value){.kind = V_TENSOR, .as.tensor = t};
}

const Value *dict_get(const ValueDict *d, const Sym *key)
{
    for (size_t i = 0; i < d->len; i++) {
        if (d->keys[i] == key) return &d->values[i];
    }
    return NULL;
}

static bool seq_equal(const ValueSeq *a, const ValueSeq *b)
{
    if (a->len != b->len) return false;
    for (size_t i = 0; i < a->len; i++) {
        if (!value_equal(a->at[i], b->at[i])) return false;
    }
    return true;
}

static bool dict_equal(const ValueDict *a, const ValueDict *b)
{
    if (a->len != b->len) return false;
    for (size_t i = 0; i < a->len; i++) {
        const Value *other = dict_get(b, a->keys[i]);
        if (!other || !value_equal(a->values[i], *other)) return false;
    }
    return true;
}

/* Numbers of different kinds compare by value, as in Python. */
static bool number_of(Value v, double *d)
{
    switch (v.kind) {
    case V_BOOL: *d = v.as.boolean; return true;
    case V_INT: *d = (double)v.as.integer; return true;
    case V_FLOAT: *d = v.as.real; return true;
    default: return false;
    }
}

static bool same_kind_equal(Value a, Value b)
{
    switch (a.kind) {
    case V_NONE: return true;
    case V_BOOL: return a.as.boolean == b.as.boolean;
    case V_INT: return a.as.integer == b.as.integer;
    case V_DIM: return a.as.dim == b.as.dim;
    case V_LIST:
    case V_TUPLE: return seq_equal(a.as.seq, b.as.seq);
    case V_DICT: return dict_equal(a.as.dict, b.as.dict);
    case V_RANGE: return !memcmp(a.as.range, b.as.range, sizeof *a.as.range);
    case V_FN: return a.as.fn->fn == b.as.fn->fn && a.as.fn->self == b.as.fn->self;
    case V_TENSOR: return a.as.tensor->node == b.as.tensor->node;
    case V_INIT: return !strcmp(a.as.init->text, b.as.init->text);
    case V_RULE: return !strcmp(a.as.rule->text, b.as.rule->text);
    case V_BOUND: return a.as.bound->builtin == b.as.bound->builtin && value_equal(a.as.bound->self, b.as.bound->self);
    case V_STR: return a.as.str == b.as.str;
    case V_LAYER: return a.as.layer == b.as.layer;
    case V_VARIABLE: return a.as.variable == b.as.variable;
    case V_CLASS: return a.as.cls == b.as.cls;
    case V_BUILTIN: return a.as.builtin == b.as.builtin;
    case V_MODULE: return a.as.module == b.as.module;
    case V_FLOAT:
    case V_ERROR: break;
    }
    return false;
}

bool value_equal(Value a, Value b)
{
    double x, y;
    if (a.kind == b.kind && a.kind != V_FLOAT) return same_kind_equal(a, b);
    return number_of(a, &x) && number_of(b, &y) && x == y;
}

bool value_holds(Value v, ValueKind kind)
{
    if (v.kind == kind) return true;
    if (v.kind == V_LIST || v.kind == V_TUPLE) {
        for (size_t i = 0; i < v.as.seq->len; i++) {
            if (value_holds(v.as.seq->at[i], kind)) return true;
        }
    }
    if (v.kind == V_DICT) {
        for (size_t i = 0; i < v.as.dict->len; i++) {
            if (value_holds(v.as.dict->values[i], kind)) return true;
        }
    }
    return false;
}

static const char *counted(Arena *a, const char *what, size_t n) { return arena_printf(a, "%s of %zu", what, n); }

const char *value_describe(const DimCtx *dims, Arena *a, Value v)
{
    StrBuf b = {.arena = a};
    switch (v.kind) {
    case V_ERROR: return "an erroneous value";
    case V_NONE: return "none";
    case V_BOOL: return v.as.boolean ? "true" : "false";
    case V_INT: return arena_printf(a, "the int %lld", (long long)v.as.integer);
    case V_FLOAT:
        sb_put(&b, "the float ");
        sb_double(&b, v.as.real);
        return sb_text(&b);
    case V_DIM: return arena_printf(a, "the dimension `%s`", dim_text(dims, a, v.as.dim));
    case V_STR: return arena_printf(a, "the string \"%.60s\"", v.as.str->text);
    case V_LIST: return counted(a, "a list", v.as.seq->len);
    case V_TUPLE: return counted(a, "a tuple", v.as.seq->len);
    case V_DICT: return counted(a, "a dict", v.as.dict->len);
    case V_RANGE: return "a range";
    case V_TENSOR: return arena_printf(a, "a tensor %s", type_text(dims, a, v.as.tensor->node->type));
    case V_VARIABLE:
        return arena_printf(a, "the %s `%s`", v.as.variable->is_state ? "state" : "weight", v.as.variable->name->text);
    case V_LAYER: return arena_printf(a, "a layer of class `%s`", v.as.layer->class_name);
    case V_CLASS: return "a layer class, not an instance of it";
    case V_FN: return arena_printf(a, "the function `%s`", v.as.fn->fn->name.sym->text);
    case V_BUILTIN: return arena_printf(a, "the function `%s`", builtin_name(v.as.builtin));
    case V_BOUND: return arena_printf(a, "the method `%s`", builtin_name(v.as.bound->builtin));
    case V_INIT: return arena_printf(a, "the initializer `%s`", v.as.init->text);
    case V_RULE: return arena_printf(a, "`%s`", v.as.rule->text);
    case V_MODULE: return "a namespace";
    }
    return "a value";
}

static void print_items(const DimCtx *dims, StrBuf *b, const ValueSeq *s, const char *open, const char *close)
{
    sb_put(b, open);
    for (size_t i = 0; i < s->len; i++) {
        if (i) sb_put(b, ", ");
        value_print(dims, b, s->at[i], true);
    }
    sb_put(b, close);
}

static void print_dict(const DimCtx *dims, StrBuf *b, const ValueDict *d)
{
    sb_put(b, "dict(");
    for (size_t i = 0; i < d->len; i++) {
        sb_printf(b, "%s%s=", i ? ", " : "", d->keys[i]->text);
        value_print(dims, b, d->values[i], true);
    }
    sb_put(b, ")");
}

void value_print(const DimCtx *dims, StrBuf *b, Value v, bool repr)
{
    switch (v.kind) {
    case V_BOOL: sb_put(b, v.as.boolean ? "true" : "false"); break;
    case V_INT: sb_printf(b, "%lld", (long long)v.as.integer); break;
    case V_FLOAT: sb_double(b, v.as.real); break;
    case V_DIM: dim_print(dims, b, v.as.dim); break;
    case V_STR: sb_printf(b, repr ? "\"%s\"" : "%s", v.as.str->text); break;
    case V_LIST: print_items(dims, b, v.as.seq, "[", "]"); break;
    case V_TUPLE: print_items(dims, b, v.as.seq, "(", v.as.seq->len == 1 ? ",)" : ")"); break;
    case V_DICT: print_dict(dims, b, v.as.dict); break;
    case V_RANGE:
        sb_printf(b, "range(%lld, %lld, %lld)", (long long)v.as.range->start, (long long)v.as.range->stop,
                  (long long)v.as.range->step);
        break;
    case V_INIT: sb_put(b, v.as.init->text); break;
    case V_RULE: sb_put(b, v.as.rule->text); break;
    case V_FN: sb_put(b, v.as.fn->fn->name.sym->text); break;
    case V_BUILTIN: sb_put(b, builtin_name(v.as.builtin)); break;
    case V_NONE: sb_put(b, "none"); break;
    case V_LAYER: sb_put(b, v.as.layer->class_name); break;
    case V_TENSOR: sb_put(b, type_text(dims, b->arena, v.as.tensor->node->type)); break;
    case V_ERROR:
    case V_VARIABLE:
    case V_CLASS:
    case V_BOUND:
    case V_MODULE: sb_put(b, value_describe(dims, b->arena, v)); break;
    }
}
