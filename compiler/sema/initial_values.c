/* Initializers, activations, regularizers and constraints as values: by name, by call, or as the string Keras takes. */
#include <math.h>
#include <string.h>

#include "cx.h"

/* ---- text and construction ---- */

static const char *call_text(Cx *cx, const BCall *c, const char *name)
{
    StrBuf b = {.arena = cx->arena};
    const char *p = c->builtin->signature;
    int shown = 0;
    for (int i = 0; p && *p; i++) {
        p += strspn(p, " ");
        const size_t n = strcspn(p, ",=");
        if (c->given[i]) {
            sb_put(&b, shown++ ? ", " : "(");
            sb_putn(&b, p, n);
            sb_put(&b, "=");
            value_print(cx->dims, &b, c->args[i], true);
        }
        p = strchr(p, ',');
        if (p) p++;
    }
    if (shown) sb_put(&b, ")");
    return arena_printf(cx->arena, "%s%s", name, sb_text(&b));
}

static Value init_value(Cx *cx, mdl_initializer init)
{
    mdl_initializer *p = arena_new(cx->arena, mdl_initializer);
    *p = init;
    return (Value){.kind = V_INIT, .as.init = p};
}

static bool arg_real(Cx *cx, const BCall *c, int i, double *v)
{
    if (c->args[i].kind == V_FLOAT) *v = c->args[i].as.real;
    else if (c->args[i].kind == V_INT) *v = (double)c->args[i].as.integer;
    else {
        cx_error(cx, E_ARGUMENT_TYPE, c->spans[i], "argument %d of `%s` must be a number, but this is %s", i + 1,
                 c->builtin->name, describe(cx, c->args[i]));
        return false;
    }
    return true;
}

static Value two_reals(Cx *cx, const BCall *c, mdl_init_kind kind)
{
    mdl_initializer i = {.kind = kind, .text = call_text(cx, c, c->builtin->name)};
    if (!arg_real(cx, c, 0, &i.a) || !arg_real(cx, c, 1, &i.b)) return VALUE_ERROR;
    return init_value(cx, i);
}

static Value run_normal(Cx *cx, const BCall *c) { return two_reals(cx, c, MDL_INIT_RANDOM_NORMAL); }
static Value run_uniform(Cx *cx, const BCall *c) { return two_reals(cx, c, MDL_INIT_RANDOM_UNIFORM); }
static Value run_truncated(Cx *cx, const BCall *c) { return two_reals(cx, c, MDL_INIT_TRUNCATED_NORMAL); }

static Value one_real(Cx *cx, const BCall *c, mdl_init_kind kind)
{
    mdl_initializer i = {.kind = kind, .text = call_text(cx, c, c->builtin->name)};
    return arg_real(cx, c, 0, &i.a) ? init_value(cx, i) : VALUE_ERROR;
}

static Value run_orthogonal(Cx *cx, const BCall *c) { return one_real(cx, c, MDL_INIT_ORTHOGONAL); }
static Value run_identity(Cx *cx, const BCall *c) { return one_real(cx, c, MDL_INIT_IDENTITY); }

/* ---- constants: one number, or nested lists as Keras takes an array ---- */

typedef VEC(double) Reals;

static bool collect_numbers(Cx *cx, Value v, Span span, Reals *out)
{
    if (v.kind == V_INT || v.kind == V_FLOAT || v.kind == V_BOOL) {
        vec_push(cx->arena, out, v.kind == V_FLOAT ? v.as.real : v.kind == V_INT ? (double)v.as.integer : (double)v.as.boolean);
        return true;
    }
    const Value *at;
    size_t len;
    if (v.kind != V_LIST && v.kind != V_TUPLE) {
        cx_error(cx, E_ARGUMENT_TYPE, span, "a constant is a number or a nested list of numbers, but this holds %s",
                 describe(cx, v));
        return false;
    }
    if (!iterate(cx, v, span, &at, &len)) return false;
    for (size_t i = 0; i < len; i++) {
        if (!collect_numbers(cx, at[i], span, out)) return false;
    }
    return true;
}

static Value constant_value(Cx *cx, Value v, Span span, const char *text)
{
    Reals r = {0};
    if (!collect_numbers(cx, v, span, &r)) return VALUE_ERROR;
    if (v.kind != V_LIST && v.kind != V_TUPLE)
        return init_value(cx, (mdl_initializer){.kind = MDL_INIT_CONSTANT, .text = text, .a = r.at[0]});
    return init_value(cx,
                      (mdl_initializer){.kind = MDL_INIT_VALUES, .text = "constant([...])", .values = r.at, .count = (int)r.len});
}

static Value run_constant(Cx *cx, const BCall *c)
{
    return constant_value(cx, c->args[0], c->spans[0], call_text(cx, c, "constant"));
}

/* ---- variance scaling and its family ---- */

static const struct {
    const char *name;
    double scale;
    mdl_fan_mode mode;
    mdl_distribution dist;
} scalings[] = {
    {"glorot_uniform", 1, MDL_FAN_AVG, MDL_DIST_UNIFORM}, {"glorot_normal", 1, MDL_FAN_AVG, MDL_DIST_TRUNCATED_NORMAL},
    {"he_uniform", 2, MDL_FAN_IN, MDL_DIST_UNIFORM},      {"he_normal", 2, MDL_FAN_IN, MDL_DIST_TRUNCATED_NORMAL},
    {"lecun_uniform", 1, MDL_FAN_IN, MDL_DIST_UNIFORM},   {"lecun_normal", 1, MDL_FAN_IN, MDL_DIST_TRUNCATED_NORMAL},
};

static mdl_initializer scaling(size_t k)
{
    return (mdl_initializer){.kind = MDL_INIT_VARIANCE_SCALING,
                             .text = scalings[k].name,
                             .a = scalings[k].scale,
                             .mode = scalings[k].mode,
                             .distribution = scalings[k].dist};
}

static bool axis_bits(Cx *cx, const BCall *c, int i, uint32_t *bits)
{
    const Value *at;
    size_t len;
    if (c->args[i].kind == V_NONE) return true;
    if (!iterate(cx, c->args[i], c->spans[i], &at, &len)) return false;
    for (size_t k = 0; k < len; k++) {
        if (at[k].kind != V_INT || at[k].as.integer < 0 || at[k].as.integer > 31) {
            cx_error(cx, E_BAD_AXIS, c->spans[i], "axes are ints from 0 to 31");
            return false;
        }
        *bits |= 1u << at[k].as.integer;
    }
    return true;
}

static Value run_scaling(Cx *cx, const BCall *c)
{
    for (size_t k = 0; k < countof(scalings); k++) {
        if (strcmp(c->builtin->name, scalings[k].name)) continue;
        mdl_initializer i = scaling(k);
        return axis_bits(cx, c, 1, &i.in_axes) && axis_bits(cx, c, 2, &i.out_axes) ? init_value(cx, i) : VALUE_ERROR;
    }
    BUG("no scaling `%s`", c->builtin->name);
}

static int choice(Cx *cx, const BCall *c, int i, const char *const *names, int n)
{
    const char *s;
    if (!arg_str(cx, c, i, &s)) return -1;
    for (int k = 0; k < n; k++) {
        if (!strcmp(s, names[k])) return k;
    }
    Diag *d = cx_error(cx, E_BAD_ARGUMENT, c->spans[i], "\"%s\" is not possible here", s);
    const char *near = suggest(s, names, (size_t)n);
    diag_help(d, "%s \"%s\"", near ? "did you mean" : "one of these is, such as", near ? near : names[0]);
    return -1;
}

static Value run_variance_scaling(Cx *cx, const BCall *c)
{
    static const char *const modes[] = {"fan_in", "fan_out", "fan_avg"};
    static const char *const dists[] = {"truncated_normal", "untruncated_normal", "uniform", "normal"};
    mdl_initializer i = {.kind = MDL_INIT_VARIANCE_SCALING, .text = call_text(cx, c, "variance_scaling")};
    const int mode = choice(cx, c, 1, modes, 3), dist = choice(cx, c, 2, dists, 4);
    if (!arg_real(cx, c, 0, &i.a) || mode < 0 || dist < 0) return VALUE_ERROR;
    if (!axis_bits(cx, c, 4, &i.in_axes) || !axis_bits(cx, c, 5, &i.out_axes)) return VALUE_ERROR;
    i.mode = (mdl_fan_mode)mode;
    i.distribution = dist == 3 ? MDL_DIST_TRUNCATED_NORMAL : (mdl_distribution)dist;
    return init_value(cx, i);
}

/* The same initializer, told which axes of the variable are input and output: EinsumDense's kernels. */
static Value run_with_fans(Cx *cx, const BCall *c)
{
    Value v = to_initializer(cx, c->args[0], c->spans[0]);
    if (is_error(v)) return v;
    mdl_initializer i = *v.as.init;
    if (i.kind != MDL_INIT_VARIANCE_SCALING) return v;
    if (!axis_bits(cx, c, 1, &i.in_axes) || !axis_bits(cx, c, 2, &i.out_axes)) return VALUE_ERROR;
    return init_value(cx, i);
}

/* The wave that a kernel of a Fourier transform is. Bare `stft` is the operation; this is found by its string, or as `STFT`. */
static Value run_stft(Cx *cx, const BCall *c)
{
    static const char *const sides[] = {"real", "imag"}, *const windows[] = {"none", "hann", "hamming", "blackman"},
                      *const scalings_of[] = {"none", "density", "spectrum"};
    mdl_initializer i = {.kind = MDL_INIT_STFT, .text = call_text(cx, c, "stft")};
    const int side = choice(cx, c, 0, sides, 2), window = c->args[1].kind == V_NONE ? 0 : choice(cx, c, 1, windows, 4),
              scale = c->args[2].kind == V_NONE ? 0 : choice(cx, c, 2, scalings_of, 3);
    bool periodic;
    if (side < 0 || window < 0 || scale < 0 || !arg_bool(cx, c, 3, &periodic)) return VALUE_ERROR;
    i.a = side;
    i.b = scale;
    i.window = (mdl_window)window;
    i.periodic = periodic;
    return init_value(cx, i);
}

/* Initializers side by side along the last axis: `piecewise([(zeros, units), (ones, units)])`. */
static Value run_piecewise(Cx *cx, const BCall *c)
{
    const Value *at;
    size_t len;
    if (!iterate(cx, c->args[0], c->spans[0], &at, &len)) return VALUE_ERROR;
    mdl_initializer *parts = arena_array(cx->arena, mdl_initializer, len);
    int64_t *lengths = arena_array(cx->arena, int64_t, len);
    StrBuf text = {.arena = cx->arena};
    for (size_t k = 0; k < len; k++) {
        if (at[k].kind != V_TUPLE || at[k].as.seq->len != 2 || at[k].as.seq->at[1].kind != V_INT) {
            cx_error(cx, E_BAD_ARGUMENT, c->spans[0], "`piecewise` takes pairs of an initializer and a length");
            return VALUE_ERROR;
        }
        Value v = to_initializer(cx, at[k].as.seq->at[0], c->spans[0]);
        if (is_error(v)) return v;
        parts[k] = *v.as.init;
        lengths[k] = at[k].as.seq->at[1].as.integer;
        sb_printf(&text, "%s%s", k ? " | " : "", parts[k].text);
    }
    return init_value(
        cx, (mdl_initializer){
                .kind = MDL_INIT_PIECEWISE, .text = sb_text(&text), .parts = parts, .lengths = lengths, .count = (int)len});
}

/* The root of every value, of an initializer that draws nothing: `root_of(constant(4.0))`. */
static Value run_root_of(Cx *cx, const BCall *c)
{
    Value v = to_initializer(cx, c->args[0], c->spans[0]);
    if (is_error(v)) return v;
    mdl_initializer i = *v.as.init;
    if (i.kind == MDL_INIT_ZEROS || i.kind == MDL_INIT_ONES) return v;
    if (i.kind != MDL_INIT_CONSTANT || i.a < 0) {
        cx_error(cx, E_BAD_ARGUMENT, c->spans[0], "a root is taken of zeros, ones or a constant from 0 up, not of %s", i.text);
        return VALUE_ERROR;
    }
    i.a = sqrt(i.a);
    i.text = arena_printf(cx->arena, "root_of(%s)", i.text);
    return init_value(cx, i);
}

/* ---- by bare name or by string ---- */

static const char *const other_names[] = {"zeros", "ones", "normal", "uniform"}; /* beside those of the table */

static bool plain_initializer(const char *name, mdl_initializer *i)
{
    if (!strcmp(name, "zeros") || !strcmp(name, "zero")) *i = (mdl_initializer){.kind = MDL_INIT_ZEROS, .text = "zeros"};
    else if (!strcmp(name, "ones") || !strcmp(name, "one")) *i = (mdl_initializer){.kind = MDL_INIT_ONES, .text = "ones"};
    else return false;
    return true;
}

static const Builtin initializer_table[] = {
    {"random_normal", "mean=0.0, stddev=0.05, seed=none", run_normal, 0, false, false},
    {"random_uniform", "minval=-0.05, maxval=0.05, seed=none", run_uniform, 0, false, false},
    {"truncated_normal", "mean=0.0, stddev=0.05, seed=none", run_truncated, 0, false, false},
    {"variance_scaling", "scale=1.0, mode='fan_in', distribution='truncated_normal', seed=none, input_axes=none, output_axes=none", run_variance_scaling, 0,
     false, false},
    {"glorot_uniform", "seed=none, input_axes=none, output_axes=none", run_scaling, 0, false, false},
    {"glorot_normal", "seed=none, input_axes=none, output_axes=none", run_scaling, 0, false, false},
    {"he_uniform", "seed=none, input_axes=none, output_axes=none", run_scaling, 0, false, false},
    {"he_normal", "seed=none, input_axes=none, output_axes=none", run_scaling, 0, false, false},
    {"lecun_uniform", "seed=none, input_axes=none, output_axes=none", run_scaling, 0, false, false},
    {"lecun_normal", "seed=none, input_axes=none, output_axes=none", run_scaling, 0, false, false},
    {"orthogonal", "gain=1.0, seed=none", run_orthogonal, 0, false, false},
    {"identity", "gain=1.0", run_identity, 0, false, false},
    {"constant", "value=0.0", run_constant, 0, false, false},
    {"stft", "side='real', window='hann', scaling='density', periodic=false", run_stft, 0, false, false},
    {"piecewise", "parts", run_piecewise, 0, false, false},
    {"root_of", "initializer", run_root_of, 0, false, false},
    {"with_fans", "initializer, input_axes, output_axes", run_with_fans, 0, false, false},
};

static bool is_initializer_builtin(const Builtin *b)
{
    return b >= initializer_table && b < initializer_table + countof(initializer_table);
}

/* "GlorotUniform", "glorot_uniform", "normal": the names that Keras looks up. */
static const char *canonical_name(Cx *cx, const char *s)
{
    const char *snake = snake_case(cx->arena, s);
    if (!strcmp(snake, "normal")) return "random_normal";
    if (!strcmp(snake, "uniform")) return "random_uniform";
    if (!strcmp(snake, "orthogonal_initializer")) return "orthogonal";
    if (!strcmp(snake, "identity_initializer")) return "identity";
    if (!strcmp(snake, "stft_initializer")) return "stft";
    return snake;
}

/* The nearest, or the first that begins with what is given: "glorot" for "glorot_uniform". */
static const char *nearest_name(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; strlen(name) >= 2 && i < count; i++) {
        if (!strncmp(names[i], name, strlen(name))) return names[i];
    }
    return suggest(name, names, count);
}

static Value named_initializer(Cx *cx, const char *s, Span span)
{
    const char *name = canonical_name(cx, s);
    mdl_initializer plain;
    if (plain_initializer(name, &plain)) return init_value(cx, plain);
    VEC(const char *) names = {0};
    for (size_t i = 0; i < countof(initializer_table) - 2; i++) {
        const ArgList none = {0};
        if (!strcmp(name, initializer_table[i].name)) return call_builtin(cx, &initializer_table[i], NULL, &none, span);
        vec_push(cx->arena, &names, initializer_table[i].name);
    }
    for (size_t i = 0; i < countof(other_names); i++) vec_push(cx->arena, &names, other_names[i]);
    Diag *d = cx_error(cx, E_BAD_ARGUMENT, span, "unknown initializer \"%s\"", s);
    const char *near = nearest_name(name, names.at, names.len);
    if (near) diag_help(d, "did you mean \"%s\"?", near);
    else diag_help(d, "such as \"glorot_uniform\", \"zeros\", \"random_normal\": docs/initializers.md lists them");
    return VALUE_ERROR;
}

Value to_initializer(Cx *cx, Value v, Span span)
{
    const ArgList none = {0};
    switch (v.kind) {
    case V_ERROR:
    case V_INIT: return v;
    case V_STR: return named_initializer(cx, v.as.str->text, span);
    case V_BUILTIN:
        if (is_initializer_builtin(v.as.builtin)) return call_builtin(cx, v.as.builtin, NULL, &none, span);
        return named_initializer(cx, v.as.builtin->name, span);
    case V_INT:
    case V_FLOAT:
    case V_BOOL:
    case V_LIST:
    case V_TUPLE: {
        StrBuf b = {.arena = cx->arena};
        sb_put(&b, "constant(");
        value_print(cx->dims, &b, v, true);
        sb_put(&b, ")");
        return constant_value(cx, v, span, sb_text(&b));
    }
    case V_NONE:
    case V_DIM:
    case V_DICT:
    case V_RANGE:
    case V_TENSOR:
    case V_VARIABLE:
    case V_LAYER:
    case V_CLASS:
    case V_FN:
    case V_BOUND:
    case V_RULE:
    case V_MODULE: break;
    }
    Diag *d = cx_error(cx, E_ARGUMENT_TYPE, span, "an initializer is expected, but this is %s", describe(cx, v));
    diag_help(d, "such as `zeros`, `glorot_uniform`, `random_normal(stddev=0.02)` or a number");
    return VALUE_ERROR;
}

const mdl_initializer *default_initializer(Cx *cx, DType t)
{
    mdl_initializer *i = arena_new(cx->arena, mdl_initializer);
    *i = scaling(0);
    if (!dtype_is_float(t)) plain_initializer("zeros", i);
    return i;
}

/* ---- activations ---- */

Value to_activation(Cx *cx, Value v, Span span)
{
    switch (v.kind) {
    case V_ERROR:
    case V_NONE:
    case V_LAYER:
    case V_FN:
    case V_BUILTIN: return v;
    case V_STR: {
        const char *name = snake_case(cx->arena, v.as.str->text);
        Value f = library_function(cx, cx_sym(cx, !strcmp(name, "linear") ? "linear" : name));
        if (!is_error(f)) return f;
        Diag *d = cx_error(cx, E_BAD_ARGUMENT, span, "unknown activation \"%s\"", v.as.str->text);
        VEC(const char *) names = {0};
        for (size_t i = 0; i < cx->library.len; i++) vec_push(cx->arena, &names, ((const Sym *)cx->library.entries[i].key)->text);
        static const char *const ops[] = {"relu", "tanh", "sigmoid", "softmax", "log_softmax", "softplus", "exp"};
        for (size_t i = 0; i < countof(ops); i++) vec_push(cx->arena, &names, ops[i]);
        const char *near = suggest(name, names.at, names.len);
        if (near) diag_help(d, "did you mean \"%s\"?", near);
        else diag_help(d, "such as \"relu\", \"gelu\", \"silu\", \"tanh\", \"sigmoid\", \"softmax\": docs/layers.md lists them");
        return VALUE_ERROR;
    }
    case V_BOOL:
    case V_INT:
    case V_FLOAT:
    case V_DIM:
    case V_LIST:
    case V_TUPLE:
    case V_DICT:
    case V_RANGE:
    case V_TENSOR:
    case V_VARIABLE:
    case V_CLASS:
    case V_BOUND:
    case V_INIT:
    case V_RULE:
    case V_MODULE: break;
    }
    Diag *d = cx_error(cx, E_ARGUMENT_TYPE, span, "an activation is expected, but this is %s", describe(cx, v));
    if (v.kind == V_CLASS) diag_help(d, "construct the layer: `%s()`", v.as.cls->decl->name.sym->text);
    else diag_help(d, "such as `relu`, `\"gelu\"`, or a layer");
    return VALUE_ERROR;
}

/* ---- regularizers and constraints: recorded by training tools, checked here ---- */

static Value run_rule(Cx *cx, const BCall *c)
{
    ValueRule *r = arena_new(cx->arena, ValueRule);
    r->text = call_text(cx, c, c->builtin->name);
    return (Value){.kind = V_RULE, .as.rule = r};
}

static const Builtin rule_table[] = {
    {"l1", "l1=0.01", run_rule, 0, false, false},
    {"l2", "l2=0.01", run_rule, 0, false, false},
    {"l1_l2", "l1=0.0, l2=0.0", run_rule, 0, false, false},
    {"orthogonal_regularizer", "factor=0.01, mode='rows'", run_rule, 0, false, false},
    {"max_norm", "max_value=2, axis=0", run_rule, 0, false, false},
    {"non_neg", "", run_rule, 0, false, false},
    {"unit_norm", "axis=0", run_rule, 0, false, false},
    {"min_max_norm", "min_value=0.0, max_value=1.0, rate=1.0, axis=0", run_rule, 0, false, false},
};

/* A rule, the name of one as Keras takes it, a function of one's own, or none. */
bool check_rule(Cx *cx, Value v, Span span, const char *what)
{
    if (is_error(v) || v.kind == V_NONE || v.kind == V_RULE || v.kind == V_FN || v.kind == V_BUILTIN) return true;
    if (v.kind != V_STR) {
        Diag *d = cx_error(cx, E_ARGUMENT_TYPE, span, "a %s is expected, but this is %s", what, describe(cx, v));
        diag_help(d, "such as `%s`, or none", *what == 'r' ? "l2(0.01)" : "max_norm(2)");
        return false;
    }
    const char *name = snake_case(cx->arena, v.as.str->text), *names[countof(rule_table)];
    for (size_t i = 0; i < countof(rule_table); i++) {
        names[i] = rule_table[i].name;
        if (!strcmp(name, names[i])) return true;
    }
    Diag *d = cx_error(cx, E_BAD_ARGUMENT, span, "unknown %s \"%s\"", what, v.as.str->text);
    const char *near = suggest(name, names, countof(names));
    if (near) diag_help(d, "did you mean \"%s\"?", near);
    else diag_help(d, "the regularizers are l1, l2, l1_l2 and orthogonal_regularizer; the constraints max_norm, non_neg, unit_norm and "
                      "min_max_norm");
    return false;
}

/* The class that Keras has beside a function: `GlorotUniform` is `glorot_uniform`. */
static const Sym *class_symbol(Cx *cx, const char *function)
{
    StrBuf b = {.arena = cx->arena};
    if (!strcmp(function, "stft")) return cx_sym(cx, "STFT");
    for (const char *p = function; *p; p++) {
        const bool begins = p == function || p[-1] == '_';
        if (*p != '_') sb_printf(&b, "%c", begins ? *p - 'a' + 'A' : *p);
    }
    return cx_sym(cx, sb_text(&b));
}

void initializers_register(Cx *cx)
{
    for (size_t i = 0; i < countof(initializer_table); i++) {
        const Builtin *b = &initializer_table[i];
        if (strcmp(b->name, "stft")) table_add(cx, &cx->builtins, b); /* which is the operation */
        if (b->run != run_piecewise && b->run != run_with_fans) map_set(&cx->builtins, class_symbol(cx, b->name), (void *)(uintptr_t)b);
    }
    for (size_t i = 0; i < 2; i++) /* zeros, ones: the operations, which are initializers without a shape */
        map_set(&cx->builtins, class_symbol(cx, other_names[i]), map_get(&cx->op_functions, cx_sym(cx, other_names[i])));
    for (size_t i = 0; i < countof(rule_table); i++) table_add(cx, &cx->builtins, &rule_table[i]);
}
