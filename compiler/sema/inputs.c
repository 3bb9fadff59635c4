/* The inputs of the program: what the parameters of the model's `call`, or --input, say of them. */
#include <string.h>

#include "cx.h"
#include "program.h"

static void input_symbols(Inputs *in, const Expr *e)
{
    Cx *cx = in->cx;
    if (!e) return;
    if (e->kind == EXPR_BINARY) {
        input_symbols(in, e->as.binary.left);
        input_symbols(in, e->as.binary.right);
    } else if (e->kind == EXPR_UNARY) {
        input_symbols(in, e->as.unary.operand);
    } else if (e->kind == EXPR_COMPARE) {
        input_symbols(in, e->as.compare.first);
        for (size_t i = 0; i < e->as.compare.rest.len; i++) input_symbols(in, e->as.compare.rest.at[i]);
    } else if (e->kind == EXPR_CALL) {
        for (size_t i = 0; i < e->as.call.args.len; i++) input_symbols(in, e->as.call.args.at[i].value);
    } else if (e->kind == EXPR_NAME && e->as.name.sym && e->as.name.sym != cx->sym->underscore) {
        const Sym *name = e->as.name.sym;
        const Decl *d = map_get(&in->cx->main->decls, name);
        if (field_find(in->model, name) || (d && d->kind == DECL_CONST)) return;
        if (local_find(cx->frame, name)) return;
        const Dim *symbol = dim_symbol(cx->dims, name->text);
        vec_push(cx->arena, &cx->program->symbols, symbol);
        local_set(cx, name, value_dim(symbol));
    }
}

/* `1 <= batch <= 64`: the symbol's bounds, and a check when the program is called. */
static const Dim *bounded_symbol(Inputs *in, const Expr *e)
{
    Cx *cx = in->cx;
    VEC(const Dim *) sides = {0};
    int symbol = -1;
    for (size_t i = 0; i <= e->as.compare.rest.len; i++) {
        const Expr *side = i ? e->as.compare.rest.at[i - 1] : e->as.compare.first;
        const Dim *d = value_as_dim(eval(cx, side), cx->dims);
        vec_push(cx->arena, &sides, d);
        if (d && dim_symbol_id(d) >= 0) symbol = (int)i;
    }
    for (size_t i = 0; i + 1 < sides.len && symbol >= 0; i++) {
        const Operator op = e->as.compare.ops.at[i];
        const bool up = op == OP_LT || op == OP_LE, strict = op == OP_LT || op == OP_GT;
        const Dim *small = up ? sides.at[i] : sides.at[i + 1], *large = up ? sides.at[i + 1] : sides.at[i];
        if (!small || !large || (!up && op != OP_GE && op != OP_GT)) {
            symbol = -1;
            break;
        }
        if (strict) small = dim_add(cx->dims, small, dim_int(cx->dims, 1));
        int64_t lo, hi, v;
        const int id = dim_symbol_id(sides.at[symbol]);
        dim_bounds(cx->dims, id, &lo, &hi);
        if (large == sides.at[symbol] && dim_is_int(small, &v) && v > lo) lo = v;
        if (dim_is_int(large, &v)) {
            if (strict && small != sides.at[symbol]) v -= 1;
            if (v < hi) hi = v;
        }
        Node *check = trace_node(cx, NODE_CHECK, scalar_type(DT_BOOL), NULL, 0, e->span);
        cx->builder->fn->nodes.len--; /* it belongs to the program's entry, not to the function */
        const Source *s = source_get(cx->session->sources, e->span.file);
        check->as.check.relation = REL_LE;
        check->as.check.left = small;
        check->as.check.right = large;
        check->as.check.message =
            arena_printf(cx->arena, "the input must satisfy `%.*s`", (int)(e->span.end - e->span.start), s->text + e->span.start);
        vec_push(cx->arena, &cx->program->input_checks, check);
        dim_bound(cx->dims, id, lo, hi);
        if (lo > hi) {
            cx_error(cx, E_BAD_TYPE, e->span, "no size satisfies these bounds");
            in->ok = false;
        }
    }
    if (symbol >= 0) return sides.at[symbol];
    cx_error(cx, E_BAD_TYPE, e->span, "a bound compares one dimension with numbers: `1 <= batch <= 64`");
    in->ok = false;
    return NULL;
}

static const Dim *input_dim(Inputs *in, const Expr *e)
{
    Cx *cx = in->cx;
    if (e->kind == EXPR_ELLIPSIS || e->kind == EXPR_SPREAD) {
        Diag *d = cx_error(cx, E_BAD_TYPE, e->span, "a model's input must have a known rank, so `...` cannot stand here");
        diag_help(d, "write one name for each dimension, such as `[batch, time, 64]`");
        in->ok = false;
        return NULL;
    }
    if (e->kind == EXPR_NAME && e->as.name.sym == cx->sym->underscore) {
        const Dim *symbol = dim_symbol(cx->dims, "_");
        vec_push(cx->arena, &cx->program->symbols, symbol);
        return symbol;
    }
    input_symbols(in, e);
    if (e->kind == EXPR_COMPARE) return bounded_symbol(in, e);
    Value v = eval(cx, e);
    const Dim *d = value_as_dim(v, cx->dims);
    int64_t n;
    if (d && (!dim_is_int(d, &n) || n >= 0)) return d;
    if (!is_error(v))
        cx_error(cx, E_BAD_TYPE, e->span, "a dimension must be an int of at least 0, but this is %s", describe(cx, v));
    in->ok = false;
    return NULL;
}

static Value input_value(Inputs *in, const TypeExpr *t, const char *name);

static Value input_tensor(Inputs *in, const TypeExpr *t, const char *name)
{
    Cx *cx = in->cx;
    const ExprVec *dims = &t->as.tensor.dims;
    Type type = {in->model->eval->compute_dtype, (int)dims->len, NULL};
    const Dim **d = arena_array(cx->arena, const Dim *, dims->len);
    in->ok &= type_dtype(cx, t, &type.dtype);
    for (size_t i = 0; i < dims->len; i++) d[i] = input_dim(in, dims->at[i]);
    if (!in->ok) return VALUE_ERROR;
    type.dims = d;
    Node *n = node_param(cx, in->builder, type, name, t->span);
    in->ok &= n->type.rank == type.rank;
    vec_push(cx->arena, &cx->program->inputs, (Port){name, type, t->span});
    return tensor_value(cx, n);
}

static Value input_value(Inputs *in, const TypeExpr *t, const char *name)
{
    if (t->kind == TYPE_TENSOR) return input_tensor(in, t, name);
    if (t->kind == TYPE_TUPLE) {
        const size_t n = t->as.tuple.items.len;
        Value *at = arena_array(in->cx->arena, Value, n);
        for (size_t i = 0; i < n; i++)
            at[i] = input_value(in, t->as.tuple.items.at[i], arena_printf(in->cx->arena, "%s.%zu", name, i));
        return value_seq(in->cx->arena, V_TUPLE, at, n);
    }
    cx_error(in->cx, E_BAD_TYPE, t->span, "`%s` is an input of the program, so it must be a tensor", name);
    in->ok = false;
    return VALUE_ERROR;
}

/* The type given on the command line for this parameter, or the declared one. */
static const TypeExpr *input_type(Cx *cx, const Param *p, bool *ok, size_t nparams)
{
    for (size_t i = 0; i < cx->options->ninputs; i++) {
        const SemaDefine *d = &cx->options->inputs[i];
        if (d->name ? strcmp(d->name, p->name.sym->text) != 0 : nparams != 1) continue;
        const ParseContext pc = {cx->arena, cx->session->names, cx->diags};
        const TypeExpr *t = parse_type(&pc, d->text);
        if (!t) *ok = false;
        return t;
    }
    return p->type;
}

bool check_input_names(Cx *cx, const Function *call)
{
    bool ok = true;
    for (size_t i = 0; i < cx->options->ninputs; i++) {
        const SemaDefine *d = &cx->options->inputs[i];
        bool found = !d->name && call->params.len == 1;
        VEC(const char *) names = {0};
        for (size_t k = 0; k < call->params.len; k++) {
            if (!call->params.at[k]->name.sym) continue;
            found |= d->name && !strcmp(call->params.at[k]->name.sym->text, d->name);
            vec_push(cx->arena, &names, call->params.at[k]->name.sym->text);
        }
        if (found) continue;
        ok = false;
        Diag *e = diag_at(cx->diags, E_DEFINE, (Span){d->text->id, 0, (uint32_t)d->text->len},
                          d->name ? "`call` has no parameter `%s`" : "the model has several inputs, so `--input` needs a name%s",
                          d->name ? d->name : "");
        StrBuf list = {.arena = cx->arena};
        for (size_t k = 0; k < names.len; k++) sb_printf(&list, "%s%s", k ? ", " : "", names.at[k]);
        diag_help(e, "its parameters are %s: `--input '%s=float32[batch, 10]'`", sb_text(&list), names.len ? names.at[0] : "x");
    }
    return ok;
}

const char *missing_inputs(Cx *cx, const Function *call)
{
    StrBuf b = {.arena = cx->arena};
    for (size_t i = 0; i < call->params.len; i++) {
        const Param *p = call->params.at[i];
        if (p->type || p->fallback || !p->name.sym || p->name.sym == cx->sym->training ||
            (p->name.sym == cx->sym->mask && !p->type))
            continue;
        sb_printf(&b, "%s--input '%s=float32[batch, 784]'", b.len ? " " : "", p->name.sym->text);
    }
    return sb_text(&b);
}

void bind_inputs(Inputs *in, const Function *call, ArgList *args)
{
    Cx *cx = in->cx;
    for (size_t i = 0; i < call->params.len; i++) {
        const Param *p = call->params.at[i];
        if (!p->name.sym || p->name.sym == cx->sym->training || (p->name.sym == cx->sym->mask && !p->type)) continue;
        bool given = false;
        for (size_t k = 0; k < cx->options->ninputs; k++) {
            const SemaDefine *d = &cx->options->inputs[k];
            given |= d->name ? !strcmp(d->name, p->name.sym->text) : call->params.len == 1;
        }
        if (p->fallback && !given) continue;
        const TypeExpr *t = input_type(cx, p, &in->ok, call->params.len);
        if (!t) {
            in->unknown = true;
            continue;
        }
        Value v = input_value(in, t, p->name.sym->text);
        vec_push(cx->arena, args, (Argument){p->name.sym, v, t->span});
    }
}
