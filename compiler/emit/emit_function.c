/* A function of the graph as a C function: its signature, its workspace, its steps. */
#include <inttypes.h>
#include <string.h>

#include "emitter.h"

/* ---- what it needs ---- */

static bool path_loops(Path p)
{
    for (int i = 0; i < p.len; i++) {
        if (p.steps[i].loop) return true;
    }
    return false;
}

const Node *direct_call(const Node *n)
{
    if (n->kind != NODE_LOOP) return n;
    const IrFunction *body = n->as.loop.body;
    const Node       *call = NULL;
    for (size_t i = body->params.len; i < body->nodes.len; i++) {
        const Node *m = body->nodes.at[i];
        if (m->kind == NODE_CALL && !call) call = m;
        else if (m->kind != NODE_RESULT) return n;
    }
    if (!call || call->as.call.function->results.len != body->results.len) return n;
    for (int i = 0; i < call->nin; i++) {
        if (call->in[i]->kind != NODE_PARAM) return n;
    }
    for (size_t i = 0; i < body->results.len; i++) {
        if (body->results.at[i]->kind != NODE_RESULT) return n;
        for (size_t k = 0; k < i; k++) {
            if (body->results.at[k]->index == body->results.at[i]->index) return n;
        }
    }
    for (int i = 0; i < body->nsymbols; i++) {
        if (n->as.loop.symbols[i] != body->symbols[i]) return n;
    }
    return call;
}

static Layout *callee_layout(Emitter *e, const CFunction *fn, const Node *n)
{
    if (n->kind == NODE_LOOP) return fn->layout;
    LayoutPath found = {0};
    Layout    *to;
    if (!fn->layout || !layout_find(e->arena, fn->layout, node_callee_path(n), &found, &to)) return NULL;
    return to;
}

CFunction *function_called(Emitter *e, const CFunction *fn, const Node *n)
{
    return emit_function(e, node_callee(n), callee_layout(e, fn, n));
}

static void need_for_callee(Emitter *e, CFunction *fn, const Node *n)
{
    bool in_loop = n->kind == NODE_LOOP; /* then the counter is that loop's */
    n = direct_call(n);
    CFunction *callee = function_called(e, fn, n);
    fn->weights |= callee->weights;
    fn->states |= callee->states;
    fn->key |= callee->key;
    fn->work |= callee->work;
    fn->memory |= callee->memory;
    fn->counter |= !in_loop && path_loops(node_callee_path(n));
}

static void find_needs(Emitter *e, CFunction *fn)
{
    fn->work = fn->plan->slots.len > 0;
    for (size_t i = 0; i < fn->ir->nodes.len; i++) {
        const Node *n = fn->ir->nodes.at[i];
        Home        home = fn->plan->nodes[i].home;
        if (n->kind == NODE_VARIABLE) *(home == HOME_WEIGHT ? &fn->weights : &fn->states) = true;
        if (n->kind == NODE_ASSIGN && !n->as.variable.variable->prepared) fn->states = true;
        if (n->kind == NODE_ASSIGN && n->as.variable.variable->prepared) fn->weights = fn->memory = true;
        if (n->kind == NODE_VARIABLE || n->kind == NODE_ASSIGN) fn->counter |= path_loops(n->as.variable.path);
        if (n->kind == NODE_OP) fn->key |= n->as.op.code == OPC_random_uniform || n->as.op.code == OPC_random_normal;
        if (node_callee(n)) need_for_callee(e, fn, n);
    }
    fn->plans = fn->work;
}

/* ---- the workspace ---- */

static const char *element_bytes(Emitter *e, const SymbolNames *symbols, const Dim *bytes)
{
    return arena_printf(e->arena, "mdl_bytes(%s, 1)", c_dim(symbols, bytes, false));
}

/* The largest workspace of a callee; several calls share it. */
static const char *callees_bytes(Body *b)
{
    Emitter    *e = b->e;
    const char *most = NULL;
    VEC(const char *) seen = {0};
    for (size_t i = 0; i < b->f->nodes.len; i++) {
        const Node *n = direct_call(b->f->nodes.at[i]);
        if (!node_callee(n)) continue;
        CFunction *callee = function_called(e, b->fn, n);
        if (!callee->work) continue;
        StrBuf call = {.arena = e->arena};
        sb_printf(&call, "%s_plan((size_t[%zu]){0}", callee->cname, callee->plan->slots.len + 2);
        for (int k = 0; k < callee->ir->nsymbols; k++) sb_printf(&call, ", %s", c_dim(&b->symbols, node_symbols(n)[k], false));
        sb_putc(&call, ')');
        bool known = false;
        for (size_t k = 0; k < seen.len && !known; k++) known = strcmp(seen.at[k], sb_text(&call)) == 0;
        if (known) continue;
        vec_push(e->arena, &seen, sb_text(&call));
        most = most ? arena_printf(e->arena, "mdl_bytes_max(%s, %s)", most, sb_text(&call)) : sb_text(&call);
    }
    return most ? most : "0";
}

static void put_symbol_params(Body *b, StrBuf *params)
{
    for (int i = 0; i < b->f->nsymbols; i++) {
        sb_printf(params, "%sint64_t %s", params->len > 0 ? ", " : "", b->symbols.names[dim_symbol_id(b->f->symbols[i])]);
    }
}

static void emit_plan(Body *b)
{
    Emitter *e = b->e;
    CWriter *w = &e->code;
    StrBuf   params = {.arena = e->arena};
    size_t   nslots = b->plan->slots.len;
    b->symbols.used = arena_array(e->arena, bool, (size_t)dim_symbol_count(e->program->dims) + 1);
    sb_printf(&params, "size_t at[%zu]", nslots + 2);
    put_symbol_params(b, &params);
    cw_blank(w);
    cw_comment(w, "The workspace of %s: where its slots begin, then its callees' (at[%zu]), then its size.", b->fn->cname, nslots);
    cw_line(w, "static size_t %s_plan(%s)", b->fn->cname, sb_text(&params));
    cw_open(w, "%s", "");
    CWriter body = cw_create(e->arena);
    cw_line(&body, "at[0] = 0;");
    for (size_t i = 0; i < nslots; i++) {
        cw_line(&body, "at[%zu] = mdl_bytes_add(at[%zu], %s);", i + 1, i, element_bytes(e, &b->symbols, b->plan->slots.at[i]));
    }
    cw_line(&body, "at[%zu] = mdl_bytes_add(at[%zu], %s);", nslots + 1, nslots, callees_bytes(b));
    for (int i = 0; i < b->f->nsymbols; i++) {
        int id = dim_symbol_id(b->f->symbols[i]);
        if (!b->symbols.used[id]) cw_line(w, "(void)%s;", b->symbols.names[id]);
    }
    cw_lines(w, sb_text(&body.out));
    cw_line(w, "return at[%zu];", nslots + 1);
    cw_close(w, "%s", "");
}

/* ---- the signature ---- */

static void put_param(StrBuf *params, const char *text)
{
    if (params->len > 0) sb_put(params, ", ");
    sb_put(params, text);
}

static const char *signature(Body *b)
{
    Arena     *a = b->e->arena;
    CFunction *fn = b->fn;
    StrBuf     params = {.arena = a};
    if (fn->weights) put_param(&params, arena_printf(a, "%sstruct %s *w", fn->memory ? "" : "const ", fn->layout->cname));
    if (fn->states) put_param(&params, arena_printf(a, "struct %s_states *s", fn->layout->cname));
    if (fn->counter) put_param(&params, "int64_t i");
    if (fn->memory) put_param(&params, "mdl_preparing *memory");
    put_symbol_params(b, &params);
    if (fn->key) put_param(&params, "uint64_t key");
    for (size_t i = 0; i < b->f->params.len; i++) {
        Node *p = b->f->params.at[i];
        put_param(&params, arena_printf(a, "const %s *%s", c_type(p->type.dtype), b->values[p->id]));
    }
    for (size_t i = 0; i < b->f->results.len; i++) {
        put_param(&params, arena_printf(a, "%s *%s", c_type(b->f->results.at[i]->type.dtype), b->results[i]));
    }
    if (fn->work) put_param(&params, "char *work");
    put_param(&params, "mdl_error *error");
    return arena_printf(a, "static mdl_status %s(%s)", fn->cname, sb_text(&params));
}

static const char *title(Body *b)
{
    Arena  *a = b->e->arena;
    StrBuf  text = {.arena = a};
    Source *source = b->f->span.file ? source_get(b->e->sources, b->f->span.file) : NULL;
    sb_printf(&text, "%s(", b->f->name);
    for (size_t i = 0; i < b->f->params.len; i++) {
        Node *p = b->f->params.at[i];
        sb_printf(&text, "%s%s: ", i > 0 ? ", " : "", b->values[p->id]);
        sb_put(&text, type_text(b->e->program->dims, a, p->type));
    }
    sb_put(&text, ") -> ");
    for (size_t i = 0; i < b->f->results.len; i++) {
        sb_printf(&text, "%s%s", i > 0 ? ", " : "", type_text(b->e->program->dims, a, b->f->results.at[i]->type));
    }
    if (source) sb_printf(&text, "   %s:%" PRIu32, source_shown(source), source_place(source, b->f->span.start).line);
    return sb_text(&text);
}

/* ---- the body ---- */

static void name_things(Body *b)
{
    Emitter     *e = b->e;
    Arena       *a = e->arena;
    int          nsymbols = dim_symbol_count(e->program->dims);
    const char **names = arena_array(a, const char *, (size_t)nsymbols + 1);
    static const char *const own[] = {"w", "s", "key", "work", "error", "at", "memory"};
    for (size_t i = 0; i < countof(own); i++) names_reserve(b->names, own[i]);
    if (b->fn->counter) names_reserve(b->names, "i");
    for (int i = 0; i < nsymbols; i++) names[i] = dim_symbol_name(e->program->dims, i);
    for (int i = 0; i < b->f->nsymbols; i++) {
        int id = dim_symbol_id(b->f->symbols[i]);
        names[id] = names_claim(b->names, dim_symbol_name(e->program->dims, id));
    }
    b->symbols = (SymbolNames){a, e->program->dims, names, arena_array(a, bool, (size_t)nsymbols + 1)};
    b->values = arena_array(a, const char *, b->f->nodes.len + 1);
    b->results = arena_array(a, const char *, b->f->results.len + 1);
    b->uses = arena_array(a, int, b->f->nodes.len + 1);
    b->locals = arena_array(a, const char *, b->f->nodes.len + 1);
    b->used_params = arena_array(a, bool, b->f->params.len + 1);
    for (size_t i = 0; i < b->f->params.len; i++) {
        Node *p = b->f->params.at[i];
        b->values[p->id] = names_claim(b->names, p->name ? p->name : "x");
    }
    for (size_t i = 0; i < b->f->results.len; i++) {
        b->results[i] = names_claim(b->names, b->f->results.len == 1 ? "out" : arena_printf(a, "out%zu", i));
    }
}

/* Results that were not computed in their own memory. */
static void copy_results(Body *b)
{
    for (size_t i = 0; i < b->f->results.len; i++) {
        Node     *r = b->f->results.at[i];
        Node     *base = plan_base(b->plan, r);
        NodePlan *np = &b->plan->nodes[base->id];
        if (np->home == HOME_RESULT && np->number == (int)i) continue;
        const Dim *count = type_elements(b->e->program->dims, r->type);
        cw_line(&b->w, "memcpy(%s, %s, (size_t)(%s) * sizeof(%s));", b->results[i], value_pointer(b, r), c_dim(&b->symbols, count, false), c_type(r->type.dtype));
    }
}

static void ignore_unused(Body *b, CWriter *w)
{
    CFunction *fn = b->fn;
    if (fn->weights && !b->used_weights) cw_line(w, "(void)w;");
    if (fn->states && !b->used_states) cw_line(w, "(void)s;");
    if (fn->counter && !b->used_counter) cw_line(w, "(void)i;");
    for (int i = 0; i < b->f->nsymbols; i++) {
        int id = dim_symbol_id(b->f->symbols[i]);
        if (!b->symbols.used[id]) cw_line(w, "(void)%s;", b->symbols.names[id]);
    }
    if (fn->key && !b->used_key) cw_line(w, "(void)key;");
    for (size_t i = 0; i < b->f->params.len; i++) {
        if (!b->used_params[i]) cw_line(w, "(void)%s;", b->values[b->f->params.at[i]->id]);
    }
    if (fn->work && !b->used_work) cw_line(w, "(void)work;");
    if (!b->used_error) cw_line(w, "(void)error;");
}

static void emit_steps(Body *b, bool calls)
{
    for (size_t i = 0; i < b->f->nodes.len; i++) {
        Node *n = b->f->nodes.at[i];
        if ((node_callee(n) != NULL) == calls) emit_step(b, n);
    }
}

/* First where everything is, which also holds for values that are there already; then the values; then those of the layers. */
static void emit_preparing(Body *b)
{
    for (size_t i = 0; i < b->f->nodes.len; i++) {
        if (b->plan->nodes[i].home == HOME_PREPARED) value_declare(b, b->f->nodes.at[i]);
    }
    const CWriter pointers = b->w;
    b->w = cw_create(b->e->arena);
    emit_steps(b, false);
    CWriter values = b->w;
    b->w = pointers;
    if (values.out.len > 0) {
        cw_open(&b->w, "if (!memory->filled)");
        cw_lines(&b->w, sb_text(&values.out));
        cw_close(&b->w, "%s", "");
    }
    emit_steps(b, true);
}

static void emit_body(Body *b)
{
    Emitter *e = b->e;
    b->w = cw_create(e->arena);
    if (b->fn->memory) {
        emit_preparing(b);
        prepared_depends(e, sb_text(&b->w.out));
    } else {
        for (size_t i = 0; i < b->f->nodes.len; i++) emit_step(b, b->f->nodes.at[i]);
    }
    copy_results(b);
    CWriter *w = &e->bodies;
    cw_blank(w);
    cw_comment(w, "%s", title(b));
    cw_line(w, "%s", signature(b));
    cw_open(w, "%s", "");
    CWriter frame = cw_create(e->arena);
    if (b->used_work) {
        cw_line(w, "size_t at[%zu];", b->plan->slots.len + 2);
        StrBuf args = {.arena = e->arena};
        for (int i = 0; i < b->f->nsymbols; i++) {
            int id = dim_symbol_id(b->f->symbols[i]);
            b->symbols.used[id] = true;
            sb_printf(&args, ", %s", b->symbols.names[id]);
        }
        cw_line(&frame, "%s_plan(at%s);", b->fn->cname, sb_text(&args));
    }
    ignore_unused(b, w);
    cw_lines(w, sb_text(&frame.out));
    cw_lines(w, sb_text(&b->w.out));
    if (e->options->line_directives) cw_directive(w, LINE_OF_THIS_FILE);
    cw_line(w, "return MDL_OK;");
    cw_close(w, "%s", "");
}

CFunction *emit_function(Emitter *e, IrFunction *f, Layout *layout)
{
    for (size_t i = 0; i < e->functions.len; i++) {
        if (e->functions.at[i]->ir == f && e->functions.at[i]->layout == layout) return e->functions.at[i];
    }
    CFunction *fn = arena_new(e->arena, CFunction);
    *fn = (CFunction){.ir = f, .layout = layout};
    fn->plan = plan_function(e->arena, e->program, &e->effects, f, layout);
    find_needs(e, fn); /* emits the callees */
    fn->cname = names_claim(e->file, f->name);
    vec_push(e->arena, &e->functions, fn);
    Body b = {.e = e, .fn = fn, .f = f, .plan = fn->plan, .counter = "i", .names = names_create(e->arena, e->file, false)};
    name_things(&b);
    if (fn->plans) {
        names_reserve(e->file, arena_printf(e->arena, "%s_plan", fn->cname));
        bool *used = b.symbols.used;
        emit_plan(&b);
        b.symbols.used = used;
    }
    emit_body(&b);
    return fn;
}
