/* One node of a function as C: kernels, calls, loops, checks, assignments. */
#include <inttypes.h>
#include <string.h>

#include "emitter.h"

static const char *bytes_text(Body *b, Type t)
{
    DimCtx     *dims = b->e->program->dims;
    const Dim  *count = type_elements(dims, t);
    int64_t     constant;
    const char *size = c_type(t.dtype);
    if (count && dim_is_int(count, &constant)) return arena_printf(b->e->arena, "%" PRId64 " * sizeof(%s)", constant, size);
    if (!count) BUG("%s: more elements than 64 bits count", b->f->name);
    return arena_printf(b->e->arena, "(size_t)(%s) * sizeof(%s)", c_dim(&b->symbols, count, false), size);
}

static void emit_copy(Body *b, const char *to, const char *from, Type t)
{
    cw_line(&b->w, "memcpy(%s, %s, %s);", to, from, bytes_text(b, t));
}

/* ---- keys ---- */

const char *key_below(Body *b, Path path)
{
    Arena      *a = b->e->arena;
    const char *key = "key";
    StrBuf      run = {.arena = a};
    b->used_key = true;
    for (int i = 0; i < path.len; i++) {
        const Step *s = &path.steps[i];
        if (!s->loop) {
            if (run.len > 0) sb_putc(&run, '.');
            sb_put(&run, path_text(a, (Path){s, 1}));
            continue;
        }
        if (run.len > 0) key = arena_printf(a, "mdl_key_path(%s, %s)", key, emit_string(b->e, sb_text(&run)));
        key = s->index ? arena_printf(a, "mdl_key_index(%s, %s + %" PRId64 ")", key, b->counter, s->index)
                       : arena_printf(a, "mdl_key_index(%s, %s)", key, b->counter);
        b->used_counter = true;
        run = (StrBuf){.arena = a};
    }
    if (run.len > 0) key = arena_printf(a, "mdl_key_path(%s, %s)", key, emit_string(b->e, sb_text(&run)));
    return key;
}

/* ---- calls ---- */

static Layout *layout_below(Body *b, Path path)
{
    LayoutPath found = {0};
    Layout    *to;
    if (!b->fn->layout || !layout_find(b->e->arena, b->fn->layout, path, &found, &to)) return NULL;
    return to;
}

static const char *address_below(Body *b, Path path, bool state)
{
    const char *text = path_access(b, path, state, NULL);
    return path.len == 0 ? text : arena_printf(b->e->arena, "&%s", text);
}

static void put_argument(StrBuf *args, const char *text)
{
    if (args->len > 0) sb_put(args, ", ");
    sb_put(args, text);
}

/* Everything before the tensors. */
static void put_context(Body *b, StrBuf *args, const CFunction *callee, const Node *n, const char *key)
{
    if (callee->weights) put_argument(args, address_below(b, node_callee_path(n), false));
    if (callee->states) put_argument(args, address_below(b, node_callee_path(n), true));
    if (callee->counter) put_argument(args, b->counter);
    if (callee->memory) put_argument(args, "memory");
    for (int i = 0; i < callee->ir->nsymbols; i++) put_argument(args, c_dim(&b->symbols, node_symbols(n)[i], false));
    if (callee->key) put_argument(args, key);
}

/* Everything behind them. */
static void put_rest(Body *b, StrBuf *args, const CFunction *callee)
{
    if (callee->work) {
        put_argument(args, arena_printf(b->e->arena, "work + at[%zu]", b->plan->slots.len));
        b->used_work = true;
    }
    put_argument(args, "error");
    b->used_error = true;
}

/* They stand directly behind the call, in order. */
static NodeVec results_of(Body *b, const Node *call)
{
    NodeVec results = {0};
    for (size_t i = call->id + 1; i < b->f->nodes.len && b->f->nodes.at[i]->kind == NODE_RESULT; i++) {
        vec_push(b->e->arena, &results, b->f->nodes.at[i]);
    }
    return results;
}

static void emit_call(Body *b, Node *n)
{
    CFunction *callee = emit_function(b->e, n->as.call.function, layout_below(b, n->as.call.path));
    NodeVec    results = results_of(b, n);
    StrBuf     args = {.arena = b->e->arena};
    for (size_t i = 0; i < results.len; i++) value_declare(b, results.at[i]);
    put_context(b, &args, callee, n, callee->key ? key_below(b, n->as.call.path) : "");
    for (int i = 0; i < n->nin; i++) put_argument(&args, value_pointer(b, n->in[i]));
    for (size_t i = 0; i < results.len; i++) put_argument(&args, value_pointer(b, results.at[i]));
    put_rest(b, &args, callee);
    cw_line(&b->w, "MDL_TRY(%s(%s));", callee->cname, sb_text(&args));
}

/* ---- scan and loop: the carries go to and fro between their results' memory and a slot ---- */

typedef struct Steps {
    Node       *n;
    CFunction  *callee;
    NodeVec     results;
    int         ncarry;
    const char *length;  /* how many steps, as C */
    const char *counter; /* of the C loop */
    const char *at;      /* which element of xs and ys: the counter, or from behind */
    Names      *names;
    const char **now, **next; /* of each carry */
} Steps;

static const char *temp_slot(Body *b, const Steps *s, int carry)
{
    const char *type = c_type(s->n->in[carry]->type.dtype);
    b->used_work = true;
    return arena_printf(b->e->arena, "(%s *)(void *)(work + at[%d])", type, b->plan->nodes[s->n->id].temp + carry);
}

static void declare_carries(Body *b, Steps *s, bool odd_known, bool odd)
{
    s->now = arena_array(b->e->arena, const char *, (size_t)s->ncarry + 1);
    s->next = arena_array(b->e->arena, const char *, (size_t)s->ncarry + 1);
    for (int i = 0; i < s->ncarry; i++) {
        const char *type = c_type(s->n->in[i]->type.dtype);
        const char *result = value_pointer(b, s->results.at[i]), *temp = temp_slot(b, s, i);
        s->now[i] = names_claim(s->names, arena_printf(b->e->arena, "now%d", i));
        s->next[i] = names_claim(s->names, arena_printf(b->e->arena, "next%d", i));
        cw_line(&b->w, "const %s *%s = %s;", type, s->now[i], value_pointer(b, s->n->in[i]));
        if (odd_known) cw_line(&b->w, "%s *%s = %s;", type, s->next[i], odd ? result : temp);
        else cw_line(&b->w, "%s *%s = %s %% 2 != 0 ? %s : %s;", type, s->next[i], s->length, result, temp);
    }
}

static void turn_carries(Body *b, const Steps *s)
{
    for (int i = 0; i < s->ncarry; i++) {
        const char *result = value_pointer(b, s->results.at[i]);
        cw_line(&b->w, "%s = %s;", s->now[i], s->next[i]);
        cw_line(&b->w, "%s = %s == %s ? %s : %s;", s->next[i], s->now[i], result, temp_slot(b, s, i), result);
    }
}

/* Element `at` of a tensor along its first axis. */
static const char *element_pointer(Body *b, const Steps *s, Node *whole, Type element)
{
    const Dim  *count = type_elements(b->e->program->dims, element);
    const char *pointer = value_pointer(b, whole);
    int64_t     one;
    if (count && dim_is_int(count, &one) && one == 1) return arena_printf(b->e->arena, "%s + %s", pointer, s->at);
    return arena_printf(b->e->arena, "%s + %s * %s", pointer, s->at, c_dim(&b->symbols, count, true));
}

static void emit_scan_call(Body *b, Steps *s)
{
    Node       *n = s->n;
    StrBuf      args = {.arena = b->e->arena};
    const char *key = s->callee->key ? arena_printf(b->e->arena, "mdl_key_scan(%s, %s)", key_below(b, n->as.scan.path), s->counter) : "";
    put_context(b, &args, s->callee, n, key);
    for (int i = 0; i < n->nin; i++) {
        Node *in = n->in[i];
        Type  slice = {in->type.dtype, in->type.rank - 1, in->type.dims + 1};
        put_argument(&args, i < s->ncarry ? s->now[i] : element_pointer(b, s, in, slice));
    }
    for (int i = 0; i < (int)s->results.len; i++) {
        Node *r = s->results.at[i];
        Type  slice = {r->type.dtype, r->type.rank - 1, r->type.dims + 1};
        put_argument(&args, i < s->ncarry ? s->next[i] : element_pointer(b, s, r, slice));
    }
    put_rest(b, &args, s->callee);
    cw_line(&b->w, "MDL_TRY(%s(%s));", s->callee->cname, sb_text(&args));
}

static void emit_scan(Body *b, Node *n)
{
    Steps s = {.n = n, .ncarry = n->as.scan.ncarry, .results = results_of(b, n)};
    s.callee = emit_function(b->e, n->as.scan.body, layout_below(b, n->as.scan.path));
    for (size_t i = 0; i < s.results.len; i++) value_declare(b, s.results.at[i]);
    s.names = names_create(b->e->arena, b->names, false);
    s.length = c_dim(&b->symbols, n->as.scan.length, true);
    int64_t length = 0;
    bool    constant = dim_is_int(n->as.scan.length, &length);
    int64_t least, most;
    dim_range(b->symbols.dims, n->as.scan.length, &least, &most);
    cw_open(&b->w, "%s", "");
    declare_carries(b, &s, constant, length % 2 != 0);
    for (int i = 0; i < s.ncarry && least <= 0; i++) {
        const char *condition = constant ? "" : arena_printf(b->e->arena, "if (%s == 0) ", s.length);
        cw_line(&b->w, "%smemcpy(%s, %s, %s);", condition, value_pointer(b, s.results.at[i]), s.now[i], bytes_text(b, s.results.at[i]->type));
    }
    s.counter = names_claim(s.names, "step");
    s.at = n->as.scan.reverse ? arena_printf(b->e->arena, "(%s - 1 - %s)", s.length, s.counter) : s.counter;
    cw_open(&b->w, "for (int64_t %s = 0; %s < %s; %s++)", s.counter, s.counter, s.length, s.counter);
    emit_scan_call(b, &s);
    turn_carries(b, &s);
    cw_close(&b->w, "%s", "");
    cw_close(&b->w, "%s", "");
}

/* The body of most loops is one call: it stands in the C loop itself. */
static void emit_direct_call(Body *b, const Steps *s, const Node *call)
{
    const IrFunction *body = s->n->as.loop.body;
    CFunction        *callee = emit_function(b->e, call->as.call.function, layout_below(b, call->as.call.path));
    StrBuf            args = {.arena = b->e->arena};
    put_context(b, &args, callee, call, callee->key ? key_below(b, call->as.call.path) : "");
    for (int i = 0; i < call->nin; i++) {
        int param = call->in[i]->index;
        put_argument(&args, param < s->ncarry ? s->now[param] : value_pointer(b, s->n->in[param]));
    }
    for (int i = 0; i < s->ncarry; i++) {
        for (int k = 0; k < s->ncarry; k++) {
            if (body->results.at[k]->index == i) put_argument(&args, s->next[k]);
        }
    }
    put_rest(b, &args, callee);
    cw_line(&b->w, "MDL_TRY(%s(%s));", callee->cname, sb_text(&args));
}

static void emit_body_call(Body *b, const Steps *s)
{
    CFunction *callee = emit_function(b->e, s->n->as.loop.body, b->fn->layout);
    StrBuf     args = {.arena = b->e->arena};
    if (callee->key) b->used_key = true;
    put_context(b, &args, callee, s->n, "key");
    for (int i = 0; i < s->n->nin; i++) put_argument(&args, i < s->ncarry ? s->now[i] : value_pointer(b, s->n->in[i]));
    for (int i = 0; i < s->ncarry; i++) put_argument(&args, s->next[i]);
    put_rest(b, &args, callee);
    cw_line(&b->w, "MDL_TRY(%s(%s));", callee->cname, sb_text(&args));
}

static void emit_repeat(Body *b, Node *n)
{
    Steps       s = {.n = n, .ncarry = n->as.loop.ncarry, .results = results_of(b, n)};
    const char *outer = b->counter;
    bool        used = b->used_counter;
    for (size_t i = 0; i < s.results.len; i++) value_declare(b, s.results.at[i]);
    s.names = names_create(b->e->arena, b->names, false);
    cw_open(&b->w, "%s", "");
    declare_carries(b, &s, true, n->as.loop.count % 2 != 0);
    b->counter = s.counter = names_claim(s.names, "i");
    cw_open(&b->w, "for (int64_t %s = 0; %s < %" PRId64 "; %s++)", s.counter, s.counter, n->as.loop.count, s.counter);
    const Node *call = direct_call(n);
    if (call != n) emit_direct_call(b, &s, call);
    else emit_body_call(b, &s);
    turn_carries(b, &s);
    cw_close(&b->w, "%s", "");
    cw_close(&b->w, "%s", "");
    b->counter = outer;
    b->used_counter = used;
}

/* ---- checks ---- */

/* Text that stands for itself in a printf format. */
static const char *percent_escaped(Arena *a, const char *text, size_t most)
{
    StrBuf b = {.arena = a};
    size_t len = strlen(text);
    if (len > most) {
        len = most;
        while (len > 0 && ((unsigned char)text[len] & 0xC0u) == 0x80u) len--; /* between characters */
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '%') sb_putc(&b, '%');
        sb_putc(&b, text[i]);
    }
    return sb_text(&b);
}

/* The message, and behind it the sizes that broke the rule. */
void emit_check(Arena *a, CWriter *w, const SymbolNames *symbols, const Node *n)
{
    const Dim *sides[2] = {n->as.check.left, n->as.check.right};
    StrBuf     piece = {.arena = a}, values = {.arena = a}, format = {.arena = a};
    int        shown = 0;
    sb_put(&piece, percent_escaped(a, n->as.check.message, 700));
    for (int i = 0; i < 2; i++) {
        int64_t constant;
        if (dim_is_int(sides[i], &constant)) continue;
        sb_printf(&piece, "%s%s is %%", shown++ > 0 ? ", " : " (", percent_escaped(a, dim_text(symbols->dims, a, sides[i]), 100));
        sb_printf(&format, "%s PRId64 ", c_string(a, sb_text(&piece)));
        sb_printf(&values, ", %s", c_dim(symbols, sides[i], false));
        piece = (StrBuf){.arena = a};
    }
    if (shown > 0) sb_putc(&piece, ')');
    sb_put(&format, c_string(a, sb_text(&piece)));
    const char *relation = n->as.check.relation == REL_EQ ? "!=" : ">";
    const char *left = c_dim(symbols, sides[0], false), *right = c_dim(symbols, sides[1], false);
    cw_open(w, "if (%s %s %s)", left, relation, right);
    cw_line(w, "return mdl_fail(error, MDL_BAD_INPUT, %s%s);", sb_text(&format), sb_text(&values));
    cw_close(w, "%s", "");
}

/* ---- states ---- */

static void emit_assign(Body *b, Node *n)
{
    if (n->as.variable.variable->prepared) return; /* computed there */
    Node *base = plan_base(b->plan, n->in[0]);
    bool  in_place = base->kind == NODE_VARIABLE && base->as.variable.variable == n->as.variable.variable &&
                    b->plan->nodes[base->id].home == HOME_STATE;
    if (in_place) return; /* the block was written into the state itself */
    emit_copy(b, path_access(b, n->as.variable.path, true, NULL), value_pointer(b, n->in[0]), n->in[0]->type);
}

static void emit_state_copy(Body *b, Node *n)
{
    value_declare(b, n);
    emit_copy(b, value_pointer(b, n), path_access(b, n->as.variable.path, true, NULL), n->type);
}

/* Around a node that calls: the time of what is called goes to its own steps. */
static void emit_calling(Body *b, Node *n, void (*emit)(Body *b, Node *n))
{
    step_comment(b, n);
    if (b->e->options->profile) cw_line(&b->w, "mdl_profile_enter();");
    emit(b, n);
    if (b->e->options->profile) cw_line(&b->w, "mdl_profile_leave();");
}

void emit_step(Body *b, Node *n)
{
    const NodePlan *np = &b->plan->nodes[n->id];
    switch (n->kind) {
    case NODE_PARAM:
    case NODE_RESULT: return;
    case NODE_VARIABLE:
        if (np->home != HOME_LOCAL && np->home != HOME_SLOT && np->home != HOME_RESULT) return;
        step_comment(b, n);
        emit_state_copy(b, n);
        return;
    case NODE_CONST:
    case NODE_DIM:
        if (np->home == HOME_INLINE) return;
        step_comment(b, n);
        emit_loop(b, n);
        return;
    case NODE_CHECK:
        step_comment(b, n);
        b->used_error = true;
        emit_check(b->e->arena, &b->w, &b->symbols, n);
        return;
    case NODE_OP:
        if (np->home == HOME_INLINE || np->home == HOME_SLICE || node_op(n)->cls == CLASS_VIEW) return;
        step_comment(b, np->product ? np->product : n); /* which takes the time, and has a layer of its own */
        if (np->product) emit_product(b, n);
        else if (node_is_elementwise(n)) emit_loop(b, n);
        else emit_kernel(b, n);
        return;
    case NODE_ASSIGN:
        if (!n->as.variable.variable->prepared) step_comment(b, n);
        emit_assign(b, n);
        return;
    case NODE_CALL:
        emit_calling(b, n, emit_call);
        return;
    case NODE_SCAN:
        emit_calling(b, n, emit_scan);
        return;
    case NODE_LOOP:
        emit_calling(b, n, emit_repeat);
        return;
    }
}
