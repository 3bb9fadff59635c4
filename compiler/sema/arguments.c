/* Arguments of builtins: from values to what C code wants, with messages that name the argument. */
#include <string.h>

#include "cx.h"

static const char *arg_name(const BCall *c, int i, char *buf, size_t size)
{
    const char *p = c->builtin->signature;
    for (int k = 0; k < i && p; k++) {
        p = strchr(p, ',');
        if (p) p++;
    }
    if (!p) return "?";
    p += strspn(p, " *");
    const size_t n = strcspn(p, ",= ");
    if (n >= size) return "?";
    memcpy(buf, p, n);
    buf[n] = 0;
    return buf;
}

static void wrong(Cx *cx, const BCall *c, int i, const char *noun)
{
    char name[64];
    if (is_error(c->args[i])) return;
    cx_error(cx, E_ARGUMENT_TYPE, c->spans[i], "`%s` of `%s` must be %s, but this is %s", arg_name(c, i, name, sizeof name),
             c->builtin->name, noun, describe(cx, c->args[i]));
}

bool arg_int(Cx *cx, const BCall *c, int i, int64_t *v)
{
    if (c->args[i].kind == V_INT) *v = c->args[i].as.integer;
    else if (c->args[i].kind == V_BOOL) *v = c->args[i].as.boolean;
    else {
        wrong(cx, c, i, "an int");
        return false;
    }
    return true;
}

bool arg_bool(Cx *cx, const BCall *c, int i, bool *v)
{
    if (c->args[i].kind != V_BOOL) {
        wrong(cx, c, i, "true or false");
        return false;
    }
    *v = c->args[i].as.boolean;
    return true;
}

bool arg_str(Cx *cx, const BCall *c, int i, const char **v)
{
    if (c->args[i].kind != V_STR) {
        wrong(cx, c, i, "a string");
        return false;
    }
    *v = c->args[i].as.str->text;
    return true;
}

bool arg_dims(Cx *cx, const BCall *c, int i, const Dim ***dims, int *rank)
{
    Value v = c->args[i];
    if (value_as_dim(v, cx->dims)) v = value_seq(cx->arena, V_LIST, &v, 1);
    if (v.kind != V_LIST && v.kind != V_TUPLE) {
        wrong(cx, c, i, "a shape: a list or tuple of ints");
        return false;
    }
    const size_t n = v.as.seq->len;
    *dims = arena_array(cx->arena, const Dim *, n);
    *rank = (int)n;
    if (n > MDL_MAX_RANK) {
        cx_error(cx, E_SHAPE, c->spans[i], "a rank of %zu is beyond the largest, %d", n, MDL_MAX_RANK);
        return false;
    }
    for (size_t k = 0; k < n; k++) {
        (*dims)[k] = value_as_dim(v.as.seq->at[k], cx->dims);
        if ((*dims)[k]) continue;
        wrong(cx, c, i, "a shape: a list or tuple of ints");
        return false;
    }
    return true;
}

static bool normal_axis(Cx *cx, const BCall *c, int i, int64_t a, int rank, int *axis)
{
    if (a < -rank || a >= rank) {
        char name[64];
        Diag *d = cx_error(cx, E_BAD_AXIS, c->spans[i], "`%s` of `%s` is %lld, but the tensor has rank %d",
                           arg_name(c, i, name, sizeof name), c->builtin->name, (long long)a, rank);
        if (rank) diag_help(d, "axes go from %d to %d", -rank, rank - 1);
        return false;
    }
    *axis = (int)(a < 0 ? a + rank : a);
    return true;
}

bool arg_axis(Cx *cx, const BCall *c, int i, int rank, int *axis)
{
    int64_t a;
    return arg_int(cx, c, i, &a) && normal_axis(cx, c, i, a, rank, axis);
}

bool arg_axes(Cx *cx, const BCall *c, int i, int rank, bool *axes)
{
    Value v = c->args[i];
    for (int k = 0; k < rank; k++) axes[k] = v.kind == V_NONE;
    if (v.kind == V_NONE) return true;
    if (v.kind == V_INT) v = value_seq(cx->arena, V_LIST, &v, 1);
    if (v.kind != V_LIST && v.kind != V_TUPLE) {
        wrong(cx, c, i, "an axis, a list of axes, or none");
        return false;
    }
    for (size_t k = 0; k < v.as.seq->len; k++) {
        int axis;
        if (v.as.seq->at[k].kind != V_INT) {
            wrong(cx, c, i, "an axis, a list of axes, or none");
            return false;
        }
        if (!normal_axis(cx, c, i, v.as.seq->at[k].as.integer, rank, &axis)) return false;
        if (axes[axis]) {
            cx_error(cx, E_BAD_AXIS, c->spans[i], "axis %d is given twice", axis);
            return false;
        }
        axes[axis] = true;
    }
    return true;
}

Node *arg_tensor(Cx *cx, const BCall *c, int i)
{
    char name[64];
    const Value v = c->args[i];
    const bool plain = v.kind == V_TENSOR || v.kind == V_INT || v.kind == V_FLOAT; /* cannot fail: no message to prepare */
    const char *what = plain ? "" : arena_printf(cx->arena, "`%s` of `%s`", arg_name(c, i, name, sizeof name), c->builtin->name);
    return to_tensor(cx, v, c->spans[i], what);
}

bool arg_dtype(Cx *cx, const BCall *c, int i, DType *t)
{
    if (c->args[i].kind == V_NONE) return true;
    const char *text;
    if (!arg_str(cx, c, i, &text)) return false;
    if (!strcmp(text, "int")) text = "int32";
    if (!strcmp(text, "float")) text = "float32";
    if (dtype_by_name(text, t)) return true;
    VEC(const char *) names = {0};
    for (int k = 0; k < DT_COUNT; k++) vec_push(cx->arena, &names, dtype_name((DType)k));
    Diag *d = cx_error(cx, E_UNKNOWN_TYPE, c->spans[i], "unknown dtype \"%s\"", text);
    const char *near = suggest(text, names.at, names.len);
    if (near) diag_help(d, "did you mean \"%s\"?", near);
    return false;
}
