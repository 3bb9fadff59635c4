/* Arguments to parameters, for everything that can be called; and static types. */
#include <string.h>

#include "cx.h"

static bool push_star(Cx *cx, const Arg *a, ArgList *out)
{
    const Value *at;
    size_t len;
    Value v = eval(cx, a->value);
    if (!iterate(cx, v, a->value->span, &at, &len)) return false;
    for (size_t i = 0; i < len; i++) vec_push(cx->arena, out, (Argument){NULL, at[i], a->value->span});
    return true;
}

static bool push_starstar(Cx *cx, const Arg *a, ArgList *out)
{
    Value v = eval(cx, a->value);
    if (is_error(v)) return false;
    if (v.kind != V_DICT) {
        cx_error(cx, E_BAD_ARGUMENT, a->value->span, "`**` spreads a dict, but this is %s", describe(cx, v));
        return false;
    }
    for (size_t i = 0; i < v.as.dict->len; i++) {
        vec_push(cx->arena, out, (Argument){v.as.dict->keys[i], v.as.dict->values[i], a->value->span});
    }
    return true;
}

bool eval_args(Cx *cx, const ArgVec *args, ArgList *out)
{
    bool ok = true;
    for (size_t i = 0; i < args->len; i++) {
        const Arg *a = &args->at[i];
        if (a->kind == ARG_STAR) ok &= push_star(cx, a, out);
        else if (a->kind == ARG_STARSTAR) ok &= push_starstar(cx, a, out);
        else {
            Value v = eval(cx, a->value);
            ok &= !is_error(v);
            vec_push(cx->arena, out,
                     (Argument){a->kind == ARG_NAMED ? a->name.sym : NULL, v, a->kind == ARG_NAMED ? a->span : a->value->span});
        }
    }
    return ok;
}

static int param_index(const ParamVec *params, const Sym *name)
{
    for (size_t i = 0; i < params->len; i++) {
        if (params->at[i]->name.sym == name) return (int)i;
    }
    return -1;
}

/* "filters, kernel_size, strides=..." for a note. */
static const char *param_list(Cx *cx, const ParamVec *params)
{
    StrBuf b = {.arena = cx->arena};
    for (size_t i = 0; i < params->len; i++) {
        const Param *p = params->at[i];
        sb_printf(&b, "%s%s%s%s", i ? ", " : "", p->star ? "*" : "", p->name.sym ? p->name.sym->text : "?",
                  p->fallback ? "=..." : "");
    }
    return sb_text(&b);
}

static void unknown_argument(Cx *cx, const ParamVec *params, const Argument *a, const char *what, Span decl)
{
    VEC(const char *) names = {0};
    for (size_t i = 0; i < params->len; i++) {
        if (params->at[i]->name.sym) vec_push(cx->arena, &names, params->at[i]->name.sym->text);
    }
    Diag *e = cx_error(cx, E_UNKNOWN_ARGUMENT, a->span, "%s has no parameter `%s`", what, a->name->text);
    const char *near = suggest(a->name->text, names.at, names.len);
    if (near) {
        Span name = a->span;
        name.end = name.start + a->name->len;
        diag_help(e, "did you mean `%s`?", near);
        diag_fix(e, name, "%s", near);
    } else {
        diag_help(e, "its parameters are (%s)", param_list(cx, params));
    }
    if (span_known(decl) && !span_in_library(cx, decl)) diag_note(e, decl, "%s is declared here", what);
}

static void too_many(Cx *cx, const ParamVec *params, Span span, const char *what, Span decl, size_t given)
{
    Diag *e = cx_error(cx, E_ARGUMENT_COUNT, span, "%s takes %zu argument%s, but %zu are given", what, params->len,
                       params->len == 1 ? "" : "s", given);
    if (params->len) diag_help(e, "its parameters are (%s)", param_list(cx, params));
    if (span_known(decl) && !span_in_library(cx, decl)) diag_note(e, decl, "%s is declared here", what);
}

static bool give(Cx *cx, const ParamVec *params, int i, const Argument *a, const char *what, Bound *out)
{
    if (out->given[i]) {
        Diag *e = cx_error(cx, E_ARGUMENT_COUNT, a->span, "the parameter `%s` of %s is given twice",
                           params->at[i]->name.sym->text, what);
        diag_label(e, out->spans[i], "first given here");
        return false;
    }
    out->values[i] = a->value;
    out->spans[i] = a->span;
    out->given[i] = true;
    return true;
}

static bool fill_missing(Cx *cx, const ParamVec *params, Span call, const char *what, Span decl, Bound *out)
{
    StrBuf missing = {.arena = cx->arena};
    int n = 0;
    for (size_t i = 0; i < params->len; i++) {
        const Param *p = params->at[i];
        if (out->given[i] || p->fallback) continue;
        if (p->star) {
            out->values[i] = value_seq(cx->arena, V_LIST, NULL, 0);
            out->given[i] = true;
            continue;
        }
        sb_printf(&missing, "%s`%s`", n++ ? ", " : "", p->name.sym ? p->name.sym->text : "?");
    }
    if (!n) return true;
    Diag *e = cx_error(cx, E_ARGUMENT_COUNT, call, "%s is missing the argument%s %s", what, n == 1 ? "" : "s", sb_text(&missing));
    diag_help(e, "its parameters are (%s)", param_list(cx, params));
    if (span_known(decl) && !span_in_library(cx, decl)) diag_note(e, decl, "%s is declared here", what);
    return false;
}

bool bind_args(Cx *cx, const ParamVec *params, const ArgList *args, Span call, const char *what, Span decl, Bound *out)
{
    out->values = arena_array(cx->arena, Value, params->len);
    out->spans = arena_array(cx->arena, Span, params->len);
    out->given = arena_array(cx->arena, bool, params->len);
    size_t next = 0, positional = 0;
    bool ok = true, reported = false;
    VEC(Value) rest = {0};
    for (size_t i = 0; i < args->len; i++) {
        const Argument *a = &args->at[i];
        if (a->name) {
            const int k = param_index(params, a->name);
            if (k < 0) unknown_argument(cx, params, a, what, decl);
            ok &= k >= 0 && give(cx, params, k, a, what, out);
            continue;
        }
        positional++;
        if (next < params->len && params->at[next]->star) vec_push(cx->arena, &rest, a->value);
        else if (next < params->len) ok &= give(cx, params, (int)next++, a, what, out);
        else {
            if (!reported) too_many(cx, params, a->span, what, decl, args->len);
            reported = true;
            ok = false;
        }
    }
    if (rest.len) {
        out->values[next] = value_seq(cx->arena, V_LIST, rest.at, rest.len);
        out->given[next] = true;
    }
    return ok && fill_missing(cx, params, call, what, decl, out);
}

/* ---- static types ---- */

typedef bool Fits(Value v);
static bool fits_int(Value v) { return v.kind == V_INT || v.kind == V_DIM || v.kind == V_BOOL; }
static bool fits_float(Value v) { return v.kind == V_FLOAT || v.kind == V_INT; }
static bool fits_bool(Value v) { return v.kind == V_BOOL; }
static bool fits_str(Value v) { return v.kind == V_STR; }
static bool fits_list(Value v) { return v.kind == V_LIST || v.kind == V_RANGE; }
static bool fits_tuple(Value v) { return v.kind == V_TUPLE; }
static bool fits_dict(Value v) { return v.kind == V_DICT; }
static bool fits_layer(Value v) { return v.kind == V_LAYER; }
static bool fits_any(Value v) { return !is_error(v); }

static const struct {
    const char *name;
    Fits *fits;
    const char *noun;
} static_types[] = {
    {"int", fits_int, "an int"},
    {"float", fits_float, "a float"},
    {"bool", fits_bool, "true or false"},
    {"str", fits_str, "a string"},
    {"list", fits_list, "a list"},
    {"tuple", fits_tuple, "a tuple"},
    {"dict", fits_dict, "a dict"},
    {"Layer", fits_layer, "a layer"},
    {"any", fits_any, "anything"},
    {"Initializer", fits_any, "an initializer"},
    {"Activation", fits_any, "an activation"},
    {"Regularizer", fits_any, "a regularizer"},
    {"Constraint", fits_any, "a constraint"},
};

static bool coerce_named(Cx *cx, const char *type, Value *v, Span span, bool *known)
{
    *known = true;
    if (!strcmp(type, "Initializer")) {
        if (v->kind != V_NONE) *v = to_initializer(cx, *v, span); /* none: a variable's own default, as in Keras */
        return !is_error(*v);
    }
    if (!strcmp(type, "Activation")) {
        *v = to_activation(cx, v->kind == V_NONE ? value_str(cx_sym(cx, "linear")) : *v, span); /* none as Keras means it */
        return !is_error(*v);
    }
    if (!strcmp(type, "Regularizer")) return check_rule(cx, *v, span, "regularizer");
    if (!strcmp(type, "Constraint")) return check_rule(cx, *v, span, "constraint");
    *known = false;
    return true;
}

bool coerce_static(Cx *cx, const TypeExpr *type, Value *v, Span span, const char *param, const char *what)
{
    if (is_error(*v)) return false;
    if (type->kind != TYPE_NAME || !type->as.name.sym) return true;
    const char *name = type->as.name.sym->text;
    if (v->kind == V_NONE && type->optional) return true;
    bool special;
    if (!coerce_named(cx, name, v, span, &special)) return false;
    if (special) return true;
    for (size_t i = 0; i < countof(static_types); i++) {
        if (strcmp(name, static_types[i].name)) continue;
        if (static_types[i].fits(*v)) {
            if (static_types[i].fits == fits_float && v->kind == V_INT) *v = value_float((double)v->as.integer);
            if (static_types[i].fits == fits_int && v->kind == V_BOOL) *v = value_int(v->as.boolean);
            return true;
        }
        Diag *e = cx_error(cx, E_ARGUMENT_TYPE, span, "`%s` of %s must be %s, but this is %s", param, what, static_types[i].noun,
                           describe(cx, *v));
        if (!span_in_library(cx, type->span)) diag_note(e, type->span, "the type is given here");
        if (v->kind == V_NONE) diag_help(e, "`%s?` accepts none", name);
        return false;
    }
    Diag *e = cx_error(cx, E_UNKNOWN_TYPE, type->span, "unknown type `%s`", name);
    VEC(const char *) names = {0};
    for (size_t i = 0; i < countof(static_types); i++) vec_push(cx->arena, &names, static_types[i].name);
    DType ignored;
    const char *near = suggest(name, names.at, names.len);
    if (dtype_by_name(name, &ignored)) diag_help(e, "a tensor's type has a shape: `%s[...]`", name);
    else if (near) {
        diag_help(e, "did you mean `%s`?", near);
        diag_fix(e, type->span, "%s", near);
    } else
        diag_help(e, "the types are int, float, bool, str, list, tuple, dict, Layer, Initializer, Activation, Regularizer, Constraint, any, and "
                     "tensors such as `float32[batch, 10]`");
    return false;
}
