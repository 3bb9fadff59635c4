/* Calling a layer: arguments bind its dimensions, the first call builds it, its body is traced.
 *
 * A library layer's nodes go into the function that calls it. A user's layer is a function of its own, traced once for
 * every combination of argument types and static arguments, unless it uses weights that none of its own fields reaches:
 * then it becomes part of its caller as well. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cx.h"

bool replay_equal_layer(Cx *cx, Instance *first, Instance *now, Span span);
bool constructed_alike(const Instance *a, const Instance *b);

/* ---- dimensions of parameters ---- */

/* A dimension that waits: first all plain names bind, then what remains is solved or checked. */
typedef struct Waiting {
    const Expr *expr;
    const Dim  *value;
    Span        span;
    const char *param;
    const TypeExpr *type; /* the declared type that the expression is part of ... */
    Type        actual;   /* ... and what was given for it */
} Waiting;

typedef struct Binding {
    Instance *inst;
    VEC(Waiting) later;
    Span      call;
    bool      ok;
} Binding;

static Local *find_local(Cx *cx, const Sym *name) {
    Frame *f = cx->frame;
    for (size_t i = 0; i < f->locals.len; i++) {
        if (f->locals.at[i].name == name) return &f->locals.at[i];
    }
    return NULL;
}

static const char *param_what(Cx *cx, const Binding *b, const char *param) {
    return arena_printf(cx->arena, "`%s` of %s", param, instance_label(cx, b->inst));
}

/* Both shapes, what is declared where, and where the dimension got its value. */
static void dim_mismatch(Cx *cx, const Binding *b, const Waiting *w, const char *fmt, ...) PRINTF_LIKE(4, 5);
static void dim_mismatch(Cx *cx, const Binding *b, const Waiting *w, const char *fmt, ...) {
    char why[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    const Source *s = source_get(cx->session->sources, w->type->span.file);
    Diag *d = cx_error(cx, E_SHAPE, w->span, "%s %s", param_what(cx, b, w->param), why);
    if (!span_in_library(cx, w->span)) diag_primary(d, "this is %s", type_str(cx, w->actual));
    if (!span_in_library(cx, w->type->span)) {
        diag_note(d, w->expr->span, "`%.*s` is declared here", (int)(w->type->span.end - w->type->span.start), s->text + w->type->span.start);
    }
}

/* a == b, or an error (NO), or a check at run time. */
static bool dims_agree(Cx *cx, const Binding *b, const Waiting *w, const Dim *want, const char *text) {
    const Truth t = want == w->value ? YES : dim_equal(cx->dims, want, w->value);
    if (t == YES) return true;
    const char *size = dim_str(cx, want), *is = strcmp(size, text) ? arena_printf(cx->arena, " (`%s`)", text) : "";
    if (t == NO) dim_mismatch(cx, b, w, "must have size %s%s here, but has %s", size, is, dim_str(cx, w->value));
    else node_check(cx, REL_EQ, w->value, want, arena_printf(cx->arena, "%s must have size %s%s here, but is %s", param_what(cx, b, w->param), size, is, type_str(cx, w->actual)), w->span);
    return t != NO;
}

static void bind_name(Cx *cx, Binding *b, const Waiting *w, const Expr *e) {
    const Sym *name = e->as.name.sym;
    const Dim *value = w->value;
    Local *l = find_local(cx, name);
    if (!l) {
        vec_push(cx->arena, &cx->frame->locals, (Local){name, value_dim(value), true});
        return;
    }
    const Dim *have = value_as_dim(l->value, cx->dims);
    if (!have) return;
    const Truth t = have == value ? YES : dim_equal(cx->dims, have, value);
    if (t == NO) dim_mismatch(cx, b, w, "has `%s` = %s, but `%s` is %s elsewhere in this call", name->text, dim_str(cx, value), name->text, dim_str(cx, have));
    if (t == UNKNOWN) {
        node_check(cx, REL_EQ, have, value, arena_printf(cx->arena, "%s: the dimension `%s` is %s here, but %s elsewhere in this call", param_what(cx, b, w->param), name->text,
                                                         dim_str(cx, value), dim_str(cx, have)), w->span);
    }
    b->ok &= t != NO;
}

static bool is_class_dim(const Binding *b, const Expr *e) {
    return e->kind == EXPR_NAME && map_has(&b->inst->eval->cls->dims, e->as.name.sym);
}

static void bind_dim(Cx *cx, Binding *b, const Waiting *w) {
    const Expr *e = w->expr;
    if (e->kind == EXPR_NAME && e->as.name.sym == cx->sym->underscore) return;
    if (is_class_dim(b, e)) {
        bind_name(cx, b, w, e);
        return;
    }
    if (e->kind == EXPR_COMPARE) { /* a bound: its name binds now, its limits are checked later */
        if (is_class_dim(b, e->as.compare.first)) bind_name(cx, b, w, e->as.compare.first);
        for (size_t i = 0; i < e->as.compare.rest.len; i++) {
            if (is_class_dim(b, e->as.compare.rest.at[i])) bind_name(cx, b, w, e->as.compare.rest.at[i]);
        }
    }
    vec_push(cx->arena, &b->later, *w);
}

static void bind_lead(Cx *cx, Binding *b, const TypeExpr *type, const Expr *e, const Type *t, int from, int count, Span span, const char *param) {
    if (e->kind != EXPR_SPREAD) return;
    Value *v = arena_array(cx->arena, Value, (size_t)count);
    for (int i = 0; i < count; i++) v[i] = value_dim(t->dims[from + i]);
    const Expr *name = e->as.unary.operand;
    if (is_class_dim(b, name)) {
        Local *l = find_local(cx, name->as.name.sym);
        Value lead = value_seq(cx->arena, V_TUPLE, v, (size_t)count);
        if (!l) {
            vec_push(cx->arena, &cx->frame->locals, (Local){name->as.name.sym, lead, true});
            return;
        }
        if (l->value.kind == V_TUPLE && value_equal(l->value, lead)) return;
        if (l->value.kind != V_TUPLE || l->value.as.seq->len != (size_t)count) {
            cx_error(cx, E_SHAPE, span, "%s: the leading dimensions `%s` have another rank elsewhere in this call", param_what(cx, b, param), name->as.name.sym->text);
            b->ok = false;
            return;
        }
        for (int i = 0; i < count; i++) {
            const Dim *have = value_as_dim(l->value.as.seq->at[i], cx->dims);
            b->ok &= have && require_equal(cx, have, t->dims[from + i], span, "%s: the leading dimensions `%s` differ: %s here, but %s elsewhere in this call",
                                           param_what(cx, b, param), name->as.name.sym->text, dim_str(cx, t->dims[from + i]), dim_str(cx, have));
        }
        return;
    }
    for (int i = 0; i < count; i++) vec_push(cx->arena, &b->later, (Waiting){e, t->dims[from + i], span, param, type, *t});
}

static Diag *shape_error(Cx *cx, const Binding *b, const TypeExpr *t, const Type *actual, Span span, const char *param, const char *why) {
    const Source *s = source_get(cx->session->sources, t->span.file);
    Diag *d = cx_error(cx, E_SHAPE, span, "%s %s", param_what(cx, b, param), why);
    diag_primary(d, "this has shape %s", type_str(cx, *actual));
    diag_note(d, t->span, "`%.*s` is expected", (int)(t->span.end - t->span.start), s->text + t->span.start);
    return d;
}

static void bind_tensor(Cx *cx, Binding *b, const TypeExpr *t, Type actual, Span span, const char *param) {
    const ExprVec *dims = &t->as.tensor.dims;
    int dots = -1;
    for (size_t i = 0; i < dims->len; i++) {
        const bool spread = dims->at[i]->kind == EXPR_ELLIPSIS || (dims->at[i]->kind == EXPR_SPREAD);
        if (!spread) continue;
        if (dots >= 0) {
            cx_error(cx, E_BAD_TYPE, dims->at[i]->span, "a shape has at most one `...`");
            b->ok = false;
            return;
        }
        dots = (int)i;
    }
    const int fixed = (int)dims->len - (dots >= 0);
    if (dots < 0 ? actual.rank != fixed : actual.rank < fixed) {
        shape_error(cx, b, t, &actual, span, param, arena_printf(cx->arena, "must have %srank %d, but has rank %d", dots < 0 ? "" : "at least ", fixed, actual.rank));
        b->ok = false;
        return;
    }
    const int tail = dots < 0 ? 0 : fixed - dots;
    for (int i = 0; i < (dots < 0 ? fixed : dots); i++) bind_dim(cx, b, &(Waiting){dims->at[i], actual.dims[i], span, param, t, actual});
    if (dots >= 0) bind_lead(cx, b, t, dims->at[dots], &actual, dots, actual.rank - fixed, span, param);
    for (int i = 0; i < tail; i++) bind_dim(cx, b, &(Waiting){dims->at[dots + 1 + i], actual.dims[actual.rank - tail + i], span, param, t, actual});
}

/* ---- values of parameters ---- */

static Value check_tensor_dtype(Cx *cx, Binding *b, const TypeExpr *t, Value v, Span span, const char *param) {
    const Ident name = t->as.tensor.dtype;
    DType want;
    if (!name.sym) return v;
    Node *n = v.as.tensor->node;
    if (!dtype_by_name(name.sym->text, &want)) {
        Value dt;
        if (!(lookup_quiet(cx, name.sym, &dt) && dt.kind == V_STR && dtype_by_name(dt.as.str->text, &want))) {
            cx_error(cx, E_UNKNOWN_TYPE, name.span, "unknown dtype `%s`", name.sym->text);
            b->ok = false;
            return v;
        }
    }
    if (n->type.dtype == want) return v;
    if (dtype_is_float(want) && dtype_is_float(n->type.dtype)) return make_tensor_value(cx->arena, cast_to(cx, n, want, span), v.as.tensor->mask);
    Diag *d = cx_error(cx, E_DTYPE, span, "%s must be %s, but this is %s", param_what(cx, b, param), name.sym->text, dtype_name(n->type.dtype));
    diag_help(d, "convert it: `cast(..., \"%s\")`", name.sym->text);
    b->ok = false;
    return v;
}

static Value autocast(Cx *cx, const Instance *inst, Value v, Span span) {
    const DType want = inst->eval->compute_dtype;
    if (v.kind == V_TENSOR) {
        Node *n = v.as.tensor->node;
        if (!dtype_is_float(n->type.dtype) || n->type.dtype == want) return v;
        return make_tensor_value(cx->arena, cast_to(cx, n, want, span), v.as.tensor->mask);
    }
    if ((v.kind == V_LIST || v.kind == V_TUPLE) && value_holds(v, V_TENSOR)) {
        Value *at = arena_array(cx->arena, Value, v.as.seq->len);
        for (size_t i = 0; i < v.as.seq->len; i++) at[i] = autocast(cx, inst, v.as.seq->at[i], span);
        return value_seq(cx->arena, v.kind, at, v.as.seq->len);
    }
    if (v.kind == V_DICT && value_holds(v, V_TENSOR)) {
        Value *at = arena_array(cx->arena, Value, v.as.dict->len);
        for (size_t i = 0; i < v.as.dict->len; i++) at[i] = autocast(cx, inst, v.as.dict->values[i], span);
        return value_dict(cx->arena, v.as.dict->keys, at, v.as.dict->len);
    }
    return v;
}

static Value bind_value(Cx *cx, Binding *b, const TypeExpr *t, Value v, Span span, const char *param);

static Value bind_tuple(Cx *cx, Binding *b, const TypeExpr *t, Value v, Span span, const char *param) {
    const size_t n = t->as.tuple.items.len;
    if ((v.kind != V_TUPLE && v.kind != V_LIST) || v.as.seq->len != n) {
        if (!is_error(v)) cx_error(cx, E_ARGUMENT_TYPE, span, "%s must be a tuple of %zu, but this is %s", param_what(cx, b, param), n, describe(cx, v));
        b->ok = false;
        return v;
    }
    Value *at = arena_array(cx->arena, Value, n);
    for (size_t i = 0; i < n; i++) {
        at[i] = bind_value(cx, b, t->as.tuple.items.at[i], v.as.seq->at[i], span, arena_printf(cx->arena, "%s.%zu", param, i));
    }
    return value_seq(cx->arena, V_TUPLE, at, n);
}

static Value bind_value(Cx *cx, Binding *b, const TypeExpr *t, Value v, Span span, const char *param) {
    if (!t || is_error(v) || t->kind == TYPE_ERROR) return v;
    if (v.kind == V_NONE && t->optional) return v;
    if (t->kind == TYPE_TUPLE) return bind_tuple(cx, b, t, v, span, param);
    if (t->kind == TYPE_NAME) {
        if (!coerce_static(cx, t, &v, span, param, instance_label(cx, b->inst))) b->ok = false;
        return v;
    }
    if (v.kind == V_INT || v.kind == V_FLOAT || v.kind == V_BOOL || v.kind == V_DIM) {
        Node *n = to_tensor_like(cx, v, b->inst->eval->compute_dtype, span);
        if (n) v = tensor_value(cx, n);
    }
    if (v.kind != V_TENSOR) {
        Diag *d = cx_error(cx, E_ARGUMENT_TYPE, span, "%s must be a tensor, but this is %s", param_what(cx, b, param), describe(cx, v));
        if (v.kind == V_LIST || v.kind == V_TUPLE) diag_help(d, "join several tensors with `concatenate` or `stack`, or pass them one by one");
        b->ok = false;
        return v;
    }
    v = check_tensor_dtype(cx, b, t, v, span, param);
    bind_tensor(cx, b, t, v.as.tensor->node->type, span, param);
    return v;
}

/* ---- what waits: patterns to solve, expressions and bounds to check ---- */

typedef struct Unbound {
    const Binding *b;
    const Sym     *name;
    int            count;
} Unbound;

static void count_unbound(Cx *cx, const Expr *e, Unbound *u) {
    if (e->kind == EXPR_NAME) {
        if (is_class_dim(u->b, e) && !find_local(cx, e->as.name.sym) && u->name != e->as.name.sym) {
            u->name = e->as.name.sym;
            u->count++;
        }
    } else if (e->kind == EXPR_BINARY) {
        count_unbound(cx, e->as.binary.left, u);
        count_unbound(cx, e->as.binary.right, u);
    } else if (e->kind == EXPR_UNARY) {
        count_unbound(cx, e->as.unary.operand, u);
    }
}

/* `2*n + 1` with `n` unbound: n = (size - 1) / 2, checked. */
static bool solve_dim(Cx *cx, Binding *b, const Waiting *w, const Sym *unknown) {
    const Dim *symbol = dim_symbol(cx->dims, unknown->text);
    vec_push(cx->arena, &cx->frame->locals, (Local){unknown, value_dim(symbol), true});
    Value pattern = eval(cx, w->expr);
    const Dim *p = value_as_dim(pattern, cx->dims);
    Truth exact;
    const Dim *q = p ? dim_solve(cx->dims, p, dim_symbol_id(symbol), w->value, &exact) : NULL;
    Local *l = find_local(cx, unknown);
    if (!q) {
        if (!is_error(pattern)) cx_error(cx, E_BAD_TYPE, w->expr->span, "`%s` cannot be found from this: write a multiple of it plus something known", unknown->text);
        l->value = VALUE_ERROR;
        b->ok = false;
        return false;
    }
    l->value = value_dim(q);
    const Dim *back = value_as_dim(eval(cx, w->expr), cx->dims);
    const char *form = dim_str(cx, p);
    if (!require_equal(cx, back, w->value, w->span, "%s: a size of %s is not of the form %s", param_what(cx, b, w->param), dim_str(cx, w->value), form)) b->ok = false;
    if (b->ok && !require_le(cx, dim_int(cx->dims, 0), q, w->span, "%s: a size of %s is too small for the form %s", param_what(cx, b, w->param), dim_str(cx, w->value), form)) b->ok = false;
    return b->ok;
}

static void solve_patterns(Cx *cx, Binding *b) {
    for (size_t i = 0; i < b->later.len; i++) {
        const Waiting *w = &b->later.at[i];
        Unbound u = {.b = b};
        count_unbound(cx, w->expr, &u);
        if (u.count == 1) solve_dim(cx, b, w, u.name);
    }
}

static void check_bound(Cx *cx, Binding *b, const Waiting *w) {
    bool ok = run_assert(cx, w->expr, NULL, w->span);
    b->ok &= ok;
}

static void check_waiting(Cx *cx, Binding *b, const Waiting *w) {
    const Expr *e = w->expr;
    if (e->kind == EXPR_COMPARE) {
        check_bound(cx, b, w);
        return;
    }
    Value v = eval(cx, e->kind == EXPR_SPREAD ? e->as.unary.operand : e);
    if (is_error(v)) {
        b->ok = false;
        return;
    }
    const Dim *d = value_as_dim(v, cx->dims);
    if (!d) {
        if (e->kind == EXPR_SPREAD && (v.kind == V_TUPLE || v.kind == V_LIST)) return;
        cx_error(cx, E_BAD_TYPE, e->span, "a dimension must be an int, but this is %s", describe(cx, v));
        b->ok = false;
        return;
    }
    const Source *s = source_get(cx->session->sources, e->span.file);
    b->ok &= dims_agree(cx, b, w, d, arena_copy(cx->arena, s->text + e->span.start, e->span.end - e->span.start));
}

/* ---- building ---- */

static void sort_variables(Instance *inst) { /* by place of declaration: both phases of members may have added some */
    for (size_t i = 1; i < inst->variables.len; i++) {
        Variable *v = inst->variables.at[i];
        size_t k = i;
        for (; k > 0 && inst->variables.at[k - 1]->span.start > v->span.start; k--) inst->variables.at[k] = inst->variables.at[k - 1];
        inst->variables.at[k] = v;
    }
}

static void capture_dims(Cx *cx, Instance *inst) {
    struct InstanceState *s = inst->eval;
    for (size_t i = 0; i < s->cls->captured.len; i++) {
        const Sym *name = s->cls->captured.entries[i].key;
        const Local *l = find_local(cx, name);
        if (!l) continue;
        vec_push(cx->arena, &s->dims, (Field){name, l->value, s->first_call});
        if (l->value.kind == V_TUPLE && s->cls->captured.entries[i].value == CAPTURED_ELEMENTS) continue;
        vec_push(cx->arena, &s->captured, (Captured){name, CAPTURED_ALL, l->value, s->first_call});
    }
}

void capture_element(Cx *cx, const Expr *index, int64_t i, Value v) {
    const Expr *object = index->as.index.object;
    Instance *inst = cx->frame->self;
    if (!inst || !inst->eval->building || !cx->frame->in_members || object->kind != EXPR_NAME) return;
    const Sym *name = object->as.name.sym;
    const Local *l = find_local(cx, name);
    if (!l || !l->is_dim || map_get(&inst->eval->cls->captured, name) != CAPTURED_ELEMENTS) return;
    vec_push(cx->arena, &inst->eval->captured, (Captured){name, i, v, inst->eval->first_call});
}

/* What it is in this call; an element that this call's shape doesn't have is none. */
static Value captured_now(Value v, int64_t index) {
    if (index == CAPTURED_ALL || v.kind != V_TUPLE) return v;
    const int64_t n = (int64_t)v.as.seq->len, i = index < 0 ? index + n : index;
    return i < 0 || i >= n ? VALUE_NONE : v.as.seq->at[i];
}

bool build_instance(Cx *cx, Instance *inst, Span span) {
    struct InstanceState *s = inst->eval;
    if (s->building) {
        cx_error(cx, E_RECURSION, span, "`%s` is called while it is being built", inst->class_name);
        return false;
    }
    s->building = true;
    s->first_call = span;
    capture_dims(cx, inst);
    const bool members = cx->frame->in_members, in_call = cx->frame->in_call;
    cx->frame->in_members = true;
    cx->frame->in_call = false;
    const size_t before = diag_errors(cx->diags);
    run_members(cx, inst, &s->cls->decl->as.layer.members, true);
    cx->frame->in_members = members;
    cx->frame->in_call = in_call;
    sort_variables(inst);
    s->building = false;
    s->built = true;
    return diag_errors(cx->diags) == before;
}

/* Reading a weight of a layer that was never called builds it, if its shape needs no input. */
bool ensure_built(Cx *cx, Instance *inst, Span span) {
    if (inst->eval->built) return true;
    if (inst->eval->cls->captured.len) {
        Diag *e = cx_error(cx, E_NOT_BUILT, span, "this `%s` is not built yet: its weights depend on the shape of its input", inst->class_name);
        diag_note(e, inst->span, "it is constructed here and has not been called before this line");
        diag_help(e, "call the layer first, or give it a size as a parameter");
        return false;
    }
    Frame frame = {.outer = cx->frame, .module = inst->eval->cls->module, .self = inst, .call_span = span, .what = instance_label(cx, inst)};
    cx->frame = &frame;
    const bool ok = build_instance(cx, inst, span);
    cx->frame = frame.outer;
    return ok;
}

static bool check_captured(Cx *cx, Instance *inst, Span span) {
    bool ok = true;
    for (size_t i = 0; i < inst->eval->captured.len; i++) {
        const Captured *c = &inst->eval->captured.at[i];
        const Local *l = find_local(cx, c->name);
        if (!l) continue;
        const Value here = captured_now(l->value, c->index);
        if (value_equal(here, c->value)) continue;
        const Dim *now = value_as_dim(here, cx->dims), *then = value_as_dim(c->value, cx->dims);
        const Truth t = now && then ? dim_equal(cx->dims, now, then) : NO;
        if (t == YES) continue;
        if (t == UNKNOWN) {
            node_check(cx, REL_EQ, now, then, arena_printf(cx->arena, "`%s` of `%s` was fixed by its first call", c->name->text, inst->class_name), span);
            continue;
        }
        StrBuf a = {.arena = cx->arena}, b = {.arena = cx->arena};
        value_print(cx->dims, &a, here, true);
        value_print(cx->dims, &b, c->value, true);
        const char *what = c->index == CAPTURED_ALL ? c->name->text : arena_printf(cx->arena, "%s[%lld]", c->name->text, (long long)c->index);
        Diag *e = cx_error(cx, E_CAPTURED, span, "this call of `%s` has `%s` = %s, but its weights were made for %s", inst->class_name, what, sb_text(&a), sb_text(&b));
        diag_note(e, c->span, "the first call, which fixed the size, is here");
        diag_help(e, "a layer's weights are made once: declare a second layer for the other size");
        ok = false;
    }
    return ok;
}

/* ---- running the body ---- */

static bool result_type(Cx *cx, Binding *b, const Function *fn, Value v) {
    if (!fn->result || is_error(v)) return true;
    b->later.len = 0;
    b->ok = true;
    if (fn->result->kind == TYPE_TENSOR || fn->result->kind == TYPE_TUPLE) {
        bind_value(cx, b, fn->result, v, fn->result->span, "the result");
        for (size_t i = 0; i < b->later.len; i++) check_waiting(cx, b, &b->later.at[i]);
    }
    return b->ok;
}

Value run_call(Cx *cx, Instance *inst, const Bound *args, Span span) {
    const ClassInfo *cls = inst->eval->cls;
    const Function *fn = cls->call;
    Binding b = {.inst = inst, .call = span, .ok = true};
    Frame frame = {.outer = cx->frame, .module = cls->module, .self = inst, .call_span = span, .what = instance_label(cx, inst), .in_call = true};
    cx->frame = &frame;
    vec_push(cx->arena, &cx->scopes, inst);
    Value *values = arena_array(cx->arena, Value, fn->params.len);
    for (size_t i = 0; i < fn->params.len; i++) {
        const Param *p = fn->params.at[i];
        Value v = args->given[i] ? args->values[i] : eval(cx, p->fallback);
        if (v.kind == V_VARIABLE) v = read_variable(cx, v.as.variable, args->spans[i]);
        v = autocast(cx, inst, v, args->spans[i]);
        values[i] = bind_value(cx, &b, p->type, v, args->given[i] ? args->spans[i] : span, p->name.sym ? p->name.sym->text : "?");
        if (is_error(values[i])) b.ok = false;
    }
    if (b.ok) solve_patterns(cx, &b);
    if (b.ok && inst->eval->built) b.ok = check_captured(cx, inst, span);
    if (b.ok && !inst->eval->built) b.ok = build_instance(cx, inst, span);
    for (size_t i = 0; b.ok && i < b.later.len; i++) check_waiting(cx, &b, &b.later.at[i]);
    Value result = VALUE_ERROR;
    if (b.ok) {
        for (size_t i = 0; i < fn->params.len; i++) {
            if (fn->params.at[i]->name.sym) local_set(cx, fn->params.at[i]->name.sym, values[i]);
        }
        result = run_body(cx, fn);
        if (!result_type(cx, &b, fn, result)) result = VALUE_ERROR;
    }
    cx->scopes.len--;
    cx->frame = frame.outer;
    return result;
}

/* ---- traces: a user's layer as a function ---- */

struct Trace {
    Trace      *next;
    const Bound *args;
    size_t      count;
    bool        training;
    unsigned    epoch;
    IrFunction *fn;
    Value       result; /* its tensors are nodes of `fn` */
};

typedef VEC(Node *) Nodes;

static void flatten(Cx *cx, Value v, Nodes *out) {
    if (v.kind == V_TENSOR) {
        vec_push(cx->arena, out, v.as.tensor->node);
        if (v.as.tensor->mask) vec_push(cx->arena, out, v.as.tensor->mask);
    } else if (v.kind == V_LIST || v.kind == V_TUPLE) {
        for (size_t i = 0; i < v.as.seq->len; i++) flatten(cx, v.as.seq->at[i], out);
    } else if (v.kind == V_DICT) {
        for (size_t i = 0; i < v.as.dict->len; i++) flatten(cx, v.as.dict->values[i], out);
    }
}

/* The value with its tensors replaced, in the order of flatten(), by those of `with`. */
static Value refill(Cx *cx, Value v, Node *const *with, size_t *next) {
    if (v.kind == V_TENSOR) {
        Node *node = with[(*next)++];
        return make_tensor_value(cx->arena, node, v.as.tensor->mask ? with[(*next)++] : NULL);
    }
    if (v.kind == V_LIST || v.kind == V_TUPLE) {
        Value *at = arena_array(cx->arena, Value, v.as.seq->len);
        for (size_t i = 0; i < v.as.seq->len; i++) at[i] = refill(cx, v.as.seq->at[i], with, next);
        return value_seq(cx->arena, v.kind, at, v.as.seq->len);
    }
    if (v.kind == V_DICT) {
        Value *at = arena_array(cx->arena, Value, v.as.dict->len);
        for (size_t i = 0; i < v.as.dict->len; i++) at[i] = refill(cx, v.as.dict->values[i], with, next);
        return value_dict(cx->arena, v.as.dict->keys, at, v.as.dict->len);
    }
    return v;
}

static bool same_type(Type a, Type b) {
    if (a.dtype != b.dtype || a.rank != b.rank) return false;
    for (int i = 0; i < a.rank; i++) {
        if (a.dims[i] != b.dims[i]) return false;
    }
    return true;
}

/* Equal as arguments: tensors by type, everything else by value and kind. */
static bool same_argument(Value a, Value b) {
    if (a.kind != b.kind) return false;
    if (a.kind == V_TENSOR) {
        const ValueTensor *x = a.as.tensor, *y = b.as.tensor;
        if (!same_type(x->node->type, y->node->type) || !x->mask != !y->mask) return false;
        return !x->mask || same_type(x->mask->type, y->mask->type);
    }
    if (a.kind == V_LIST || a.kind == V_TUPLE) {
        if (a.as.seq->len != b.as.seq->len) return false;
        for (size_t i = 0; i < a.as.seq->len; i++) {
            if (!same_argument(a.as.seq->at[i], b.as.seq->at[i])) return false;
        }
        return true;
    }
    if (a.kind == V_DICT) {
        if (a.as.dict->len != b.as.dict->len) return false;
        for (size_t i = 0; i < a.as.dict->len; i++) {
            if (a.as.dict->keys[i] != b.as.dict->keys[i] || !same_argument(a.as.dict->values[i], b.as.dict->values[i])) return false;
        }
        return true;
    }
    return a.kind == V_FLOAT ? a.as.real == b.as.real : value_equal(a, b);
}

static Trace *find_trace(Cx *cx, Instance *inst, const Bound *args, size_t count) {
    for (Trace *t = inst->eval->traces; t; t = t->next) {
        if (t->training != cx->training || t->epoch != cx->epoch) continue;
        bool same = true;
        for (size_t i = 0; same && i < count; i++) {
            same = args->given[i] == t->args->given[i] && (!args->given[i] || same_argument(args->values[i], t->args->values[i]));
        }
        if (same) return t;
    }
    return NULL;
}

static Value emit_call(Cx *cx, Instance *inst, IrFunction *fn, Value result, Node *const *in, int nin, Span span) {
    Node *call = trace_node(cx, NODE_CALL, scalar_type(DT_BOOL), in, nin, span);
    call->as.call.function = fn;
    cx->builder->fn->draws |= fn->draws;
    call->layer = inst;
    builder_touch(cx, inst);
    const size_t n = fn->results.len;
    Node **results = arena_array(cx->arena, Node *, n);
    for (size_t i = 0; i < n; i++) {
        results[i] = trace_node(cx, NODE_RESULT, fn->results.at[i]->type, &call, 1, span);
        results[i]->index = (int)i;
        results[i]->layer = inst;
    }
    size_t next = 0;
    return refill(cx, result, results, &next);
}

/* The trace of an equal layer, if there is one; this one is then as if it had been traced itself. */
static Trace *borrow_trace(Cx *cx, Instance *inst, const Bound *args, size_t count, Span span) {
    ClassInfo *cls = inst->eval->cls;
    if (inst->eval->built || inst->eval->traces) return NULL;
    for (size_t i = 0; i < cls->traced.len; i++) {
        Instance *first = cls->traced.at[i];
        Trace *t = constructed_alike(first, inst) ? find_trace(cx, first, args, count) : NULL;
        if (t && !is_error(t->result) && replay_equal_layer(cx, first, inst, span)) return t;
    }
    return NULL;
}

static Value trace_user_layer(Cx *cx, Instance *inst, const Bound *args, Span span) {
    const Function *fn = inst->eval->cls->call;
    const size_t count = fn->params.len;
    Nodes in = {0}, out = {0};
    for (size_t i = 0; i < count; i++) {
        if (args->given[i]) flatten(cx, args->values[i], &in);
    }
    Trace *t = find_trace(cx, inst, args, count);
    if (!t) t = borrow_trace(cx, inst, args, count, span);
    if (t) return is_error(t->result) ? VALUE_ERROR : emit_call(cx, inst, t->fn, t->result, in.at, (int)in.len, span);
    Builder *b = builder_push(cx, inst->class_name, inst, fn->span);
    Nodes params = {0};
    for (size_t i = 0; i < in.len; i++) vec_push(cx->arena, &params, node_param(cx, b, in.at[i]->type, NULL, in.at[i]->span));
    Bound inner = {.values = arena_array(cx->arena, Value, count), .spans = args->spans, .given = args->given};
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t from = next;
        inner.values[i] = args->given[i] ? refill(cx, args->values[i], params.at, &next) : VALUE_NONE;
        if (next == from + 1 && fn->params.at[i]->name.sym) params.at[from]->name = fn->params.at[i]->name.sym->text;
    }
    Value result = run_call(cx, inst, &inner, span);
    flatten(cx, result, &out);
    for (size_t i = 0; i < out.len; i++) vec_push(cx->arena, &b->fn->results, out.at[i]);
    const bool own = builder_pop(cx, b);
    if (is_error(result) || own) {
        t = arena_new(cx->arena, Trace);
        Bound *copy = arena_new(cx->arena, Bound);
        *copy = *args;
        *t = (Trace){inst->eval->traces, copy, count, cx->training, cx->epoch, b->fn, result};
        inst->eval->traces = t;
        if (!is_error(result) && !t->next) vec_push(cx->arena, &inst->eval->cls->traced, inst);
    }
    if (is_error(result)) return result;
    if (own) return emit_call(cx, inst, b->fn, result, in.at, (int)in.len, span);
    builder_splice(cx, b, in.at);
    next = 0;
    return refill(cx, result, b->fn->results.at, &next);
}

/* ---- arguments of a call ---- */

static Node *first_mask(Value v) {
    if (v.kind == V_TENSOR) return v.as.tensor->mask;
    if (v.kind == V_LIST || v.kind == V_TUPLE) {
        for (size_t i = 0; i < v.as.seq->len; i++) {
            Node *m = first_mask(v.as.seq->at[i]);
            if (m) return m;
        }
    }
    return NULL;
}

static int param_named(const ParamVec *params, const Sym *name) {
    for (size_t i = 0; i < params->len; i++) {
        if (params->at[i]->name.sym == name) return (int)i;
    }
    return -1;
}

/* `training=` reaches every layer, whether its `call` names it or not. */
static bool take_training(Cx *cx, const ParamVec *params, const ArgList *in, ArgList *out) {
    for (size_t i = 0; i < in->len; i++) {
        const Argument *a = &in->at[i];
        if (a->name == cx->sym->training) {
            const int t = truth(cx, a->value, a->span, "`training`");
            if (t < 0) return false;
            if (a->value.kind != V_NONE) cx->training = t;
            if (param_named(params, cx->sym->training) < 0) continue;
        }
        vec_push(cx->arena, out, *a);
    }
    return true;
}

static void fill_ambient(Cx *cx, const ParamVec *params, Bound *b) {
    const int training = param_named(params, cx->sym->training), mask = param_named(params, cx->sym->mask);
    if (training >= 0 && (!b->given[training] || b->values[training].kind == V_NONE)) {
        b->values[training] = value_bool(cx->training);
        b->given[training] = true;
    }
    Node *m = NULL;
    for (size_t i = 0; mask >= 0 && !m && i < params->len; i++) m = b->given[i] && (int)i != mask ? first_mask(b->values[i]) : NULL;
    if (mask >= 0 && !b->given[mask] && m) {
        b->values[mask] = make_tensor_value(cx->arena, m, NULL);
        b->given[mask] = true;
    }
}

static void warn_dropped_mask(Cx *cx, Instance *inst, const Bound *b, size_t count, Value result, Span span) {
    bool had = false;
    if (inst->eval->mask_warned || is_error(result) || first_mask(result)) return;
    for (size_t i = 0; i < count; i++) had |= b->given[i] && first_mask(b->values[i]);
    if (!had || inst->eval->cls->uses_mask) return;
    inst->eval->mask_warned = true;
    Diag *d = cx_warning(cx, W_MASK_DROPPED, span, "`%s` does not support masks: the mask of its input ends here", inst->class_name);
    diag_help(d, "pass it on with `with_mask(y, x.mask)` if it still fits");
}

static bool can_call(Cx *cx, Instance *inst, Span span) {
    if (cx->exhausted) return false;
    if (!cx->builder || !cx->frame->in_call) {
        Diag *e = cx_error(cx, E_TENSOR_IN_MEMBER, span, "`%s` is called outside of `call`: members construct layers, `call` uses them", inst->class_name);
        diag_help(e, "move the call into `call`");
        return false;
    }
    if (!inst->eval->cls->call) {
        Diag *e = cx_error(cx, E_NO_CALL, span, "`%s` cannot be called: it has no `call`", inst->class_name);
        diag_note(e, inst->decl->name.span, "it is declared here");
        return false;
    }
    if (cx->depth < 200) return true;
    cx_error(cx, E_RECURSION, span, "layers call each other more than 200 levels deep: does `%s` call itself without end?", inst->class_name);
    cx->exhausted = true;
    return false;
}

Value call_layer(Cx *cx, Instance *inst, const ArgList *args, Span span) {
    struct InstanceState *s = inst->eval;
    if (!can_call(cx, inst, span)) return VALUE_ERROR;
    const ParamVec *params = &s->cls->call->params;
    const bool training = cx->training;
    ArgList own = {0};
    Bound b;
    Value result = VALUE_ERROR;
    if (!s->called) {
        s->called = true;
        s->caller = cx->scopes.len ? cx->scopes.at[cx->scopes.len - 1] : NULL;
    }
    if (take_training(cx, params, args, &own) && bind_args(cx, params, &own, span, instance_label(cx, inst), s->cls->call->name.span, &b)) {
        for (size_t i = 0; i < params->len; i++) {
            if (b.given[i] && b.values[i].kind == V_VARIABLE) b.values[i] = read_variable(cx, b.values[i].as.variable, b.spans[i]);
        }
        fill_ambient(cx, params, &b);
        cx->depth++;
        result = inst->library ? run_call(cx, inst, &b, span) : trace_user_layer(cx, inst, &b, span);
        cx->depth--;
        warn_dropped_mask(cx, inst, &b, params->len, result, span);
    }
    cx->training = training;
    if (!inst->output && !is_error(result)) {
        StrBuf text = {.arena = cx->arena};
        value_print(cx->dims, &text, result, false);
        inst->output = sb_text(&text);
    }
    return result;
}
