/* Constructing layers: parameters become fields, members run from top to bottom. No variable is recorded before the first
 * call; members that mention a dimension of `call` wait for it. */
#include <string.h>

#include "cx.h"

const char *instance_label(Cx *cx, Instance *inst) { return quoted(cx, inst->class_name); }

/* ---- fields ---- */

static void track_layers(Instance *owner, Value v)
{
    if (v.kind == V_LAYER && !v.as.layer->eval->tracker && v.as.layer != owner) v.as.layer->eval->tracker = owner;
    if (v.kind == V_LIST || v.kind == V_TUPLE) {
        for (size_t i = 0; i < v.as.seq->len; i++) track_layers(owner, v.as.seq->at[i]);
    }
    if (v.kind == V_DICT) {
        for (size_t i = 0; i < v.as.dict->len; i++) track_layers(owner, v.as.dict->values[i]);
    }
}

static bool holds_layer(Value v, const Instance *layer)
{
    if (v.kind == V_LAYER) return v.as.layer == layer;
    const size_t n = v.kind == V_LIST || v.kind == V_TUPLE ? v.as.seq->len : v.kind == V_DICT ? v.as.dict->len : 0;
    for (size_t i = 0; i < n; i++) {
        if (holds_layer(v.kind == V_DICT ? v.as.dict->values[i] : v.as.seq->at[i], layer)) return true;
    }
    return false;
}

/* Whether every layer in `old` is still somewhere in `now`. */
static bool keeps_layers(Value old, Value now)
{
    if (old.kind == V_LAYER) return holds_layer(now, old.as.layer);
    const size_t n = old.kind == V_LIST || old.kind == V_TUPLE ? old.as.seq->len : old.kind == V_DICT ? old.as.dict->len : 0;
    for (size_t i = 0; i < n; i++) {
        if (!keeps_layers(old.kind == V_DICT ? old.as.dict->values[i] : old.as.seq->at[i], now)) return false;
    }
    return true;
}

static const Variable *own_variable(const Instance *inst, const Sym *name)
{
    for (size_t i = 0; i < inst->variables.len; i++) {
        if (inst->variables.at[i]->name == name) return inst->variables.at[i];
    }
    return NULL;
}

static bool reject_variable_value(Cx *cx, Value v, Span span)
{
    if (!value_holds(v, V_VARIABLE)) return false;
    Diag *e = cx_error(cx, E_WEIGHT_AS_VALUE, span, "a weight cannot be kept as a value");
    diag_help(e, "pass or keep the layer that owns it, and read the weight in `call`: `layer.kernel`");
    return true;
}

static void rebound(Cx *cx, Ident name, Span before, const char *what)
{
    Diag *e = cx_error(cx, E_REBIND_FIELD, name.span,
                       "`%s` is already %s; giving it another value would leave the first without a name", name.sym->text, what);
    diag_label(e, before, "first declared here");
    diag_help(e, "give it a name of its own, or keep both in a list: `%s = [..., ...]`", name.sym->text);
}

static bool is_parameter(const Instance *inst, const Sym *name)
{
    const ParamVec *params = &inst->decl->as.layer.params;
    for (size_t i = 0; i < params->len; i++) {
        if (params->at[i]->name.sym == name) return true;
    }
    return false;
}

/* The fields of the innermost member frame's instance; `user` is the Instance. */
static void set_field(Cx *cx, Ident name, Value v, void *user)
{
    Instance *inst = user;
    if (!name.sym) return;
    const Variable *var = own_variable(inst, name.sym);
    if (var) {
        rebound(cx, name, var->span, var->is_state ? "a state" : "a weight");
        return;
    }
    if (reject_variable_value(cx, v, name.span)) v = VALUE_ERROR;
    Field *old = field_find(inst, name.sym);
    if (old && !is_parameter(inst, name.sym) && value_holds(old->value, V_LAYER) && !is_error(v) &&
        !keeps_layers(old->value, v)) {
        rebound(cx, name, old->span, old->value.kind == V_LAYER ? "a layer" : "a list of layers");
        return;
    }
    track_layers(inst, v);
    if (old && value_holds(v, V_LAYER) && is_parameter(inst, name.sym)) { /* its place is that of the member */
        old->value = VALUE_NONE;
        old = NULL;
    }
    if (old) old->value = v;
    else field_add(cx, inst, (Field){name.sym, v, name.span});
}

/* ---- weights and states ---- */

typedef VEC(int64_t) IntVec;

static bool push_size(Cx *cx, const Expr *e, Value v, IntVec *out)
{
    if (is_error(v)) return false;
    if (v.kind == V_INT && v.as.integer >= 0) {
        vec_push(cx->arena, out, v.as.integer);
        return true;
    }
    if (v.kind == V_INT) {
        cx_error(cx, E_BAD_WEIGHT_SHAPE, e->span, "a dimension of a weight cannot be negative, but this is %lld",
                 (long long)v.as.integer);
    } else if (v.kind == V_DIM) {
        Diag *d =
            cx_error(cx, E_BAD_WEIGHT_SHAPE, e->span,
                     "a weight's shape must be known before the program runs, but this depends on `%s`", dim_str(cx, v.as.dim));
        diag_help(d, "state what grows at run time with a fixed capacity, or give the model's input a fixed size here");
    } else {
        cx_error(cx, E_BAD_WEIGHT_SHAPE, e->span, "a dimension of a weight must be an int, but this is %s", describe(cx, v));
    }
    return false;
}

static bool spread_sizes(Cx *cx, const Expr *e, IntVec *out)
{
    const Value *at;
    size_t len;
    Value v = eval(cx, e->as.unary.operand);
    if (!iterate(cx, v, e->span, &at, &len)) return false;
    for (size_t i = 0; i < len; i++) {
        if (!push_size(cx, e, at[i], out)) return false;
    }
    return true;
}

bool layer_dims(Cx *cx, const ExprVec *dims, int64_t **shape, int *rank, Span span)
{
    IntVec out = {0};
    for (size_t i = 0; i < dims->len; i++) {
        const Expr *e = dims->at[i];
        if (e->kind == EXPR_ELLIPSIS) {
            cx_error(cx, E_BAD_WEIGHT_SHAPE, e->span, "a weight's shape has no `...`: every dimension must be given");
            return false;
        }
        if (e->kind == EXPR_SPREAD ? !spread_sizes(cx, e, &out) : !push_size(cx, e, eval(cx, e), &out)) return false;
    }
    if (out.len > MDL_MAX_RANK) {
        cx_error(cx, E_BAD_WEIGHT_SHAPE, span, "a rank of %zu is beyond the largest, %d", out.len, MDL_MAX_RANK);
        return false;
    }
    int64_t elements = 1;
    for (size_t i = 0; i < out.len; i++) {
        if (out.at[i] == 0) elements = 0;
    }
    for (size_t i = 0; i < out.len && elements; i++) {
        if (__builtin_mul_overflow(elements, out.at[i], &elements) || elements > INT64_MAX / 16) {
            cx_error(cx, E_OVERFLOW, span, "a weight of this shape has more elements than fit 64 bits");
            return false;
        }
    }
    *shape = out.at;
    *rank = (int)out.len;
    return true;
}

static bool option_bool(Cx *cx, const Arg *a, bool *out)
{
    Value v = eval_static(cx, a->value, "this option");
    if (v.kind == V_BOOL) *out = v.as.boolean;
    else if (!is_error(v))
        cx_error(cx, E_ARGUMENT_TYPE, a->value->span, "`%s` must be true or false, but this is %s", a->name.sym->text,
                 describe(cx, v));
    return v.kind == V_BOOL;
}

/* One name or a list of them, as a NULL-terminated array. */
static bool option_names(Cx *cx, const Arg *a, const char *const **out)
{
    Value v = eval_static(cx, a->value, "this option");
    VEC(const char *) names = {0};
    if (v.kind == V_STR) v = value_seq(cx->arena, V_LIST, &v, 1);
    const bool list = v.kind == V_LIST || v.kind == V_TUPLE;
    for (size_t i = 0; list && i < v.as.seq->len; i++) {
        if (v.as.seq->at[i].kind != V_STR) {
            cx_error(cx, E_ARGUMENT_TYPE, a->value->span, "`%s` must be a string or a list of strings", a->name.sym->text);
            return false;
        }
        vec_push(cx->arena, &names, v.as.seq->at[i].as.str->text);
    }
    if (!list) {
        if (!is_error(v))
            cx_error(cx, E_ARGUMENT_TYPE, a->value->span, "`%s` must be a string or a list of strings, but this is %s",
                     a->name.sym->text, describe(cx, v));
        return false;
    }
    vec_push(cx->arena, &names, NULL);
    *out = names.at;
    return true;
}

static void variable_option(Cx *cx, Variable *v, const Arg *a)
{
    static const char *const known[] = {"trainable", "frozen",   "regularizer", "constraint",
                                        "alias",     "autocast", "keras_name",  "keras2_name"};
    const Sym *n = a->name.sym;
    bool flag;
    const char *const *names;
    if (n == cx->sym->trainable) {
        if (option_bool(cx, a, &flag)) v->frozen |= !flag;
    } else if (n == cx->sym->frozen) {
        if (option_bool(cx, a, &flag) && flag) v->frozen = v->in_place = true;
    } else if (n == cx->sym->autocast) {
        if (option_bool(cx, a, &flag)) v->autocast = flag;
    } else if (n == cx->sym->alias) {
        if (option_names(cx, a, &names)) v->aliases = names;
    } else if (n == cx->sym->keras_name) {
        if (option_names(cx, a, &names)) v->keras = names[0];
    } else if (n == cx->sym->keras2_name) {
        if (option_names(cx, a, &names)) v->keras2 = names[0];
    } else if (n == cx->sym->regularizer || n == cx->sym->constraint) {
        check_rule(cx, eval(cx, a->value), a->value->span, n->text); /* for training; only checked here */
    } else {
        Diag *e =
            cx_error(cx, E_UNKNOWN_ARGUMENT, a->name.span, "a %s has no option `%s`", v->is_state ? "state" : "weight", n->text);
        const char *near = suggest(n->text, known, countof(known));
        if (near) {
            diag_help(e, "did you mean `%s`?", near);
            diag_fix(e, a->name.span, "%s", near);
        } else diag_help(e, "the options are trainable, frozen, regularizer, constraint, alias, autocast");
    }
}

bool type_dtype(Cx *cx, const TypeExpr *t, DType *out)
{
    if (!t->as.tensor.dtype.sym) return true;
    const Ident name = t->as.tensor.dtype;
    if (dtype_by_name(name.sym->text, out)) return true;
    Value v;
    if (lookup_quiet(cx, name.sym, &v) && v.kind == V_STR && dtype_by_name(v.as.str->text, out))
        return true; /* a parameter that holds a dtype */
    VEC(const char *) names = {0};
    for (int i = 0; i < DT_COUNT; i++) vec_push(cx->arena, &names, dtype_name((DType)i));
    Diag *e = cx_error(cx, E_UNKNOWN_TYPE, name.span, "unknown dtype `%s`", name.sym->text);
    const char *near = suggest(name.sym->text, names.at, names.len);
    if (near) {
        diag_help(e, "did you mean `%s`?", near);
        diag_fix(e, name.span, "%s", near);
    } else diag_help(e, "the dtypes are float32, float64, float16, bfloat16, int8, uint8, int16, int32, int64, bool");
    return false;
}

/* Whether the initializer gives values of the variable's dtype: fractions are no integers. */
static bool can_begin(Cx *cx, const Variable *v, Span span)
{
    const mdl_init_kind k = v->init->kind;
    const bool fractions = k == MDL_INIT_RANDOM_NORMAL || k == MDL_INIT_TRUNCATED_NORMAL || k == MDL_INIT_VARIANCE_SCALING ||
                           k == MDL_INIT_ORTHOGONAL || k == MDL_INIT_STFT;
    if (!fractions || dtype_is_float(v->dtype)) return true;
    Diag *d = cx_error(cx, E_BAD_ARGUMENT, span, "`%s` is %s, but its initial values from `%s` are no integers", v->name->text,
                       dtype_name(v->dtype), v->init->text);
    diag_help(d, "give it a dtype of floats, or initial values such as `zeros`");
    return false;
}

/* Whether a variable can have the name; reported if not. That of an absent parameter is free. */
static bool is_free(Cx *cx, Instance *inst, Ident name)
{
    const Variable *before = own_variable(inst, name.sym);
    const Field *field = field_find(inst, name.sym);
    const bool taken = field && !is_error(field->value) && field->value.kind != V_NONE;
    if (before || taken)
        rebound(cx, name, before ? before->span : field->span, before ? (before->is_state ? "a state" : "a weight") : "a field");
    return !before && !taken;
}

static void declare_variable(Cx *cx, Instance *inst, const Member *m)
{
    const Ident name = m->as.variable.name;
    const TypeExpr *t = m->as.variable.type;
    if (!name.sym || (t && t->kind != TYPE_TENSOR) || !is_free(cx, inst, name)) return;
    if (!t) {
        list_variable(cx, inst, m);
        return;
    }
    Variable *v = arena_new(cx->arena, Variable);
    *v = (Variable){.name = name.sym,
                    .owner = inst,
                    .dtype = inst->eval->variable_dtype,
                    .is_state = m->as.variable.is_state,
                    .autocast = true,
                    .span = m->span};
    int64_t *shape;
    bool ok = type_dtype(cx, t, &v->dtype);
    ok &= layer_dims(cx, &t->as.tensor.dims, &shape, &v->rank, t->span);
    for (size_t i = 0; i < m->as.variable.options.len; i++) variable_option(cx, v, &m->as.variable.options.at[i]);
    if (m->as.variable.init) {
        Value init = eval_static(cx, m->as.variable.init, "an initializer");
        if (init.kind != V_NONE) init = to_initializer(cx, init, m->as.variable.init->span);
        ok &= !is_error(init);
        if (ok && init.kind != V_NONE) v->init = init.as.init;
    }
    if (!v->init) v->init = default_initializer(cx, v->dtype);
    ok = ok && can_begin(cx, v, m->as.variable.init ? m->as.variable.init->span : m->span);
    if (!ok) { /* the name exists, so that its uses stay silent */
        field_add(cx, inst, (Field){name.sym, VALUE_ERROR, name.span});
        return;
    }
    v->shape = shape;
    vec_push(cx->arena, &inst->variables, v);
}

/* ---- members ---- */

static void run_field(Cx *cx, Instance *inst, const Member *m)
{
    Value v = eval(cx, m->as.field.value);
    if (v.kind == V_TENSOR) {
        Diag *e = cx_error(cx, E_TENSOR_IN_MEMBER, m->as.field.value->span,
                           "a field cannot hold %s: tensors exist only in `call`", describe(cx, v));
        diag_help(e, "compute it in `call`, or declare a `weight` or `state`");
        v = VALUE_ERROR;
    }
    const Target *t = m->as.field.target;
    if (m->as.field.type && m->as.field.type->kind == TYPE_TENSOR) {
        Diag *e = cx_error(cx, E_BAD_TYPE, m->span, "a field with the type of a tensor must be a `weight` or a `state`");
        diag_help(e, "write `weight %s: ...` if training updates it, `state` if not", t->name.sym ? t->name.sym->text : "w");
        diag_fix(e, (Span){m->span.file, m->span.start, m->span.start}, "weight ");
        v = VALUE_ERROR;
    }
    if (m->as.field.type && !is_error(v) && t->name.sym &&
        !coerce_static(cx, m->as.field.type, &v, m->as.field.value->span, t->name.sym->text, instance_label(cx, inst))) {
        v = VALUE_ERROR;
    }
    assign_target(cx, t, v, set_field, inst);
}

static void run_member_augment(Cx *cx, Instance *inst, const Member *m)
{
    const Ident name = m->as.augment.name;
    Value old = lookup(cx, name);
    Value add = eval(cx, m->as.augment.value);
    Value v = is_error(old) || is_error(add) ? VALUE_ERROR
                                             : binary_op(cx, m->as.augment.op, old, add, NULL, m->as.augment.value, m->span);
    set_field(cx, name, v, inst);
}

static void push_member_local(Cx *cx, Ident name, Value v, void *user)
{
    (void)user;
    local_push(cx, cx->frame, name.sym, v, false);
}

static void run_member_for(Cx *cx, Instance *inst, const Member *m, bool deferred)
{
    const Value *at;
    size_t len;
    if (!iterate(cx, eval(cx, m->as.loop.iter), m->as.loop.iter->span, &at, &len)) return;
    const size_t mark = cx->frame->locals.len;
    for (size_t i = 0; i < len && cx_step(cx, m->span, 1); i++) {
        locals_cut(cx->frame, mark);
        if (assign_target(cx, m->as.loop.target, at[i], push_member_local, NULL))
            run_members(cx, inst, &m->as.loop.body, deferred);
    }
    locals_cut(cx->frame, mark);
}

static bool any_deferred(const ClassInfo *c, const MemberVec *members)
{
    for (size_t i = 0; i < members->len; i++) {
        const Member *m = members->at[i];
        if (map_has(&c->deferred, m)) return true;
        if (m->kind == MEMBER_IF && (any_deferred(c, &m->as.branch.then) || any_deferred(c, &m->as.branch.otherwise)))
            return true;
        if (m->kind == MEMBER_FOR && any_deferred(c, &m->as.loop.body)) return true;
    }
    return false;
}

/* A branch or loop whose head is known at construction may hold members of both kinds: each phase walks it and runs its
 * own. */
static void run_member(Cx *cx, Instance *inst, Member *m, bool deferred)
{
    const ClassInfo *c = inst->eval->cls;
    const bool mine = map_has(&c->deferred, m) == deferred;
    switch (m->kind) {
    case MEMBER_IF: {
        if (map_has(&c->deferred, m) && !deferred) return;
        if (deferred && !any_deferred(c, &m->as.branch.then) && !any_deferred(c, &m->as.branch.otherwise)) return;
        const int t = truth(cx, eval(cx, m->as.branch.cond), m->as.branch.cond->span, "the condition");
        if (t >= 0) run_members(cx, inst, t ? &m->as.branch.then : &m->as.branch.otherwise, deferred);
        return;
    }
    case MEMBER_FOR:
        if (map_has(&c->deferred, m) && !deferred) return;
        if (deferred && !any_deferred(c, &m->as.loop.body)) return;
        run_member_for(cx, inst, m, deferred);
        return;
    case MEMBER_FIELD:
        if (mine) run_field(cx, inst, m);
        return;
    case MEMBER_AUGMENT:
        if (mine) run_member_augment(cx, inst, m);
        return;
    case MEMBER_VARIABLE:
        if (mine) declare_variable(cx, inst, m);
        return;
    case MEMBER_BUILD:
        if (mine && !run_build(cx, inst, m)) cx->frame->returned = true;
        return;
    case MEMBER_ASSERT:
        if (mine && !run_assert(cx, m->as.check.cond, m->as.check.message, m->span)) cx->frame->returned = true;
        return;
    case MEMBER_FN:
    case MEMBER_CALL:
    case MEMBER_ERROR: return;
    }
}

void run_members(Cx *cx, Instance *inst, const MemberVec *members, bool deferred)
{
    for (size_t i = 0; i < members->len && !cx->frame->returned; i++) run_member(cx, inst, members->at[i], deferred);
}

/* ---- construction ---- */

/* Takes `name=`, `trainable=`, `dtype=` out of the arguments, unless the class declares such a parameter itself. */
static bool take_common(Cx *cx, const ClassInfo *cls, const ArgList *in, ArgList *out, Argument *name, Argument *trainable,
                        Argument *dtype)
{
    for (size_t i = 0; i < in->len; i++) {
        const Argument *a = &in->at[i];
        Argument *common = a->name == cx->sym->name        ? name
                           : a->name == cx->sym->trainable ? trainable
                           : a->name == cx->sym->dtype     ? dtype
                                                           : NULL;
        bool declared = false;
        for (size_t k = 0; common && k < cls->decl->as.layer.params.len; k++)
            declared |= cls->decl->as.layer.params.at[k]->name.sym == a->name;
        if (a->name && common && !declared) *common = *a;
        else vec_push(cx->arena, out, *a);
        if (reject_variable_value(cx, a->value, a->span)) return false;
        if (value_holds(a->value, V_TENSOR)) {
            cx_error(cx, E_BAD_ARGUMENT, a->span, "a layer is constructed from static values, but this is %s",
                     describe(cx, a->value));
            return false;
        }
    }
    return true;
}

static void apply_name(Cx *cx, Instance *inst, const Argument *name)
{
    struct InstanceState *s = inst->eval;
    if (name->name && name->value.kind == V_STR) {
        const char *text = name->value.as.str->text;
        if (strchr(text, '/') || !*text) {
            cx_error(cx, E_BAD_ARGUMENT, name->span, "a layer's name must not be empty or contain `/`");
        }
        inst->keras = (mdl_name){text, 0};
        s->explicit_name = true;
    } else {
        if (name->name && name->value.kind != V_NONE)
            cx_error(cx, E_ARGUMENT_TYPE, name->span, "`name` must be a string, but this is %s", describe(cx, name->value));
        inst->keras = auto_name(cx, inst->class_name);
    }
    s->name = inst->keras.number > 0
                  ? cx_sym(cx, arena_printf(cx->arena, "%s_%lld", inst->keras.text, (long long)inst->keras.number))
                  : cx_sym(cx, inst->keras.text);
}

static void apply_dtype(Cx *cx, Instance *inst, const Argument *a)
{
    struct InstanceState *s = inst->eval;
    if (!a->name || a->value.kind == V_NONE) return;
    const char *text = a->value.kind == V_STR ? a->value.as.str->text : "";
    if (!strcmp(text, "mixed_float16")) s->compute_dtype = DT_FLOAT16;
    else if (!strcmp(text, "mixed_bfloat16")) s->compute_dtype = DT_BFLOAT16;
    else if (dtype_by_name(text, &s->variable_dtype)) s->compute_dtype = s->variable_dtype;
    else {
        Diag *e = cx_error(cx, E_BAD_ARGUMENT, a->span, "`dtype` must name a dtype or a policy, but this is %s",
                           describe(cx, a->value));
        diag_help(e, "such as \"float32\", \"float64\", \"bfloat16\", \"mixed_float16\" or \"mixed_bfloat16\"");
    }
}

static bool bind_fields(Cx *cx, Instance *inst, const ParamVec *params, Bound *b)
{
    const char *what = instance_label(cx, inst);
    bool ok = true;
    for (size_t i = 0; i < params->len; i++) {
        const Param *p = params->at[i];
        Value v = b->values[i];
        Span span = b->spans[i];
        if (!b->given[i]) {
            v = eval_static(cx, p->fallback, "a default");
            span = p->fallback->span;
        }
        if (p->type && !coerce_static(cx, p->type, &v, span, p->name.sym->text, what)) v = VALUE_ERROR;
        ok &= !is_error(v);
        track_layers(inst, v);
        field_add(cx, inst, (Field){p->name.sym, v, p->span});
    }
    return ok;
}

static Value args_dict(Cx *cx, const ParamVec *params, const Bound *b)
{
    VEC(const Sym *) keys = {0};
    VEC(Value) values = {0};
    for (size_t i = 0; i < params->len; i++) {
        if (!b->given[i]) continue;
        vec_push(cx->arena, &keys, params->at[i]->name.sym);
        vec_push(cx->arena, &values, b->values[i]);
    }
    return value_dict(cx->arena, keys.at, values.at, keys.len);
}

enum { DEEPEST_NESTING = 200 };

static bool too_deep(Cx *cx, Span span, const char *what)
{
    if (cx->depth < DEEPEST_NESTING) return false;
    Diag *e = cx_error(cx, E_RECURSION, span, "%s is nested more than %d levels deep: does it contain itself without end?", what,
                       DEEPEST_NESTING);
    diag_help(e, "a layer that holds its own class needs a condition that ends the recursion");
    cx->exhausted = true; /* every level above would report it again */
    return true;
}

Value construct(Cx *cx, ClassInfo *cls, const ArgList *args, Span span)
{
    const Decl *decl = cls->decl;
    const char *what = quoted(cx, decl->name.sym->text);
    if (cx->exhausted || too_deep(cx, span, what)) return VALUE_ERROR;
    Instance *inst = arena_new(cx->arena, Instance);
    inst->class_name = decl->name.sym->text;
    inst->decl = cls->decl;
    inst->library = cls->module->source->library;
    inst->span = span;
    inst->eval = arena_new(cx->arena, struct InstanceState);
    inst->eval->cls = cls;
    inst->eval->variable_dtype = inst->eval->compute_dtype = DT_FLOAT32;
    Argument name = {0}, trainable = {0}, dtype = {0};
    ArgList own = {0};
    Bound b;
    if (!take_common(cx, cls, args, &own, &name, &trainable, &dtype)) return VALUE_ERROR;
    if (!bind_args(cx, &decl->as.layer.params, &own, span, what, decl->name.span, &b)) return VALUE_ERROR;
    Frame frame = {.outer = cx->frame, .module = cls->module, .self = inst, .call_span = span, .what = what, .in_members = true};
    cx->frame = &frame;
    cx->depth++;
    vec_push(cx->arena, &cx->instances, inst);
    apply_name(cx, inst, &name);
    apply_dtype(cx, inst, &dtype);
    if (trainable.name) {
        if (trainable.value.kind == V_BOOL) inst->frozen = !trainable.value.as.boolean;
        else
            cx_error(cx, E_ARGUMENT_TYPE, trainable.span, "`trainable` must be true or false, but this is %s",
                     describe(cx, trainable.value));
    }
    const bool ok = bind_fields(cx, inst, &decl->as.layer.params, &b);
    inst->eval->args = args_dict(cx, &decl->as.layer.params, &b);
    inst->eval->bound = b;
    if (ok) run_members(cx, inst, &decl->as.layer.members, false);
    inst->eval->broken = frame.failed || frame.returned;
    cx->depth--;
    cx->frame = frame.outer;
    return ok ? value_layer(inst) : VALUE_ERROR;
}
