/* Loops over steps, and over equal layers. */
#include <inttypes.h>

#include "calls.h"

/* ---- carries ---- */

static const char *temp_slot(Body *b, const Node *n, int carry)
{
    const char *type = c_type(n->in[carry]->type.dtype);
    b->used_work = true;
    return arena_printf(b->e->arena, "(%s *)(void *)(work + at[%d])", type, b->plan->nodes[n->id].temp + carry);
}

static Steps steps_of(Body *b, Node *n, int ncarry)
{
    Arena *a = b->e->arena;
    Steps  s = {.n = n, .ncarry = ncarry, .results = call_results(b, n)};
    s.in = arena_array(a, const char *, (size_t)n->nin + 1);
    s.out = arena_array(a, const char *, s.results.len + 1);
    s.temp = arena_array(a, const char *, (size_t)ncarry + 1);
    s.now = arena_array(a, const char *, (size_t)ncarry + 1);
    s.next = arena_array(a, const char *, (size_t)ncarry + 1);
    s.element = arena_array(a, const char *, (size_t)n->nin + 1);
    return s;
}

/* As the body at hand calls them. */
static void name_pointers(Body *b, Steps *s)
{
    for (int i = 0; i < s->n->nin; i++) s->in[i] = value_pointer(b, s->n->in[i]);
    for (size_t i = 0; i < s->results.len; i++) s->out[i] = value_pointer(b, s->results.at[i]);
    for (int i = 0; i < s->ncarry; i++) s->temp[i] = temp_slot(b, s->n, i);
    s->names = names_create(b->e->arena, b->names, false);
}

void steps_declare(Body *b, Steps *s, bool odd_known, bool odd)
{
    for (int i = 0; i < s->ncarry; i++) {
        const char *type = c_type(s->n->in[i]->type.dtype);
        s->now[i] = names_claim(s->names, arena_printf(b->e->arena, "now%d", i));
        s->next[i] = names_claim(s->names, arena_printf(b->e->arena, "next%d", i));
        cw_line(&b->w, "const %s *%s = %s;", type, s->now[i], s->in[i]);
        if (odd_known) cw_line(&b->w, "%s *%s = %s;", type, s->next[i], odd ? s->out[i] : s->temp[i]);
        else cw_line(&b->w, "%s *%s = %s %% 2 != 0 ? %s : %s;", type, s->next[i], s->length, s->out[i], s->temp[i]);
    }
}

void steps_turn(Body *b, const Steps *s)
{
    for (int i = 0; i < s->ncarry; i++) {
        cw_line(&b->w, "%s = %s;", s->now[i], s->next[i]);
        cw_line(&b->w, "%s = %s == %s ? %s : %s;", s->next[i], s->now[i], s->out[i], s->temp[i], s->out[i]);
    }
}

/* ---- scan ---- */

Steps steps_of_scan(Body *b, Node *n)
{
    Steps s = steps_of(b, n, n->as.scan.ncarry);
    s.callee = emit_function(b->e, n->as.scan.body, call_layout(b, n->as.scan.path));
    s.length = c_dim(&b->symbols, n->as.scan.length, true);
    return s;
}

bool steps_parity(const Steps *s, bool *odd)
{
    int64_t    length = 0;
    const bool known = dim_is_int(s->n->as.scan.length, &length);
    *odd = length % 2 != 0;
    return known;
}

void steps_open(Body *b, Steps *s)
{
    s->counter = names_claim(s->names, "step");
    s->at = s->n->as.scan.reverse ? arena_printf(b->e->arena, "(%s - 1 - %s)", s->length, s->counter) : s->counter;
    cw_open(&b->w, "for (int64_t %s = 0; %s < %s; %s++)", s->counter, s->counter, s->length, s->counter);
}

/* Element `at` of a tensor along its first axis. */
static const char *element_pointer(Body *b, const Steps *s, const char *pointer, Type whole)
{
    const Dim *count = type_elements(b->e->program->dims, (Type){whole.dtype, whole.rank - 1, whole.dims + 1});
    int64_t    one;
    if (count && dim_is_int(count, &one) && one == 1) return arena_printf(b->e->arena, "%s + %s", pointer, s->at);
    return arena_printf(b->e->arena, "%s + %s * %s", pointer, s->at, c_dim(&b->symbols, count, true));
}

void steps_put_values(Body *b, const Steps *s, StrBuf *args)
{
    for (int i = 0; i < s->n->nin; i++) {
        const char *element = i < s->ncarry ? s->now[i] : s->element[i];
        call_put(args, element ? element : element_pointer(b, s, s->in[i], s->n->in[i]->type));
    }
    for (int i = 0; i < (int)s->results.len; i++) {
        call_put(args, i < s->ncarry ? s->next[i] : element_pointer(b, s, s->out[i], s->results.at[i]->type));
    }
}

static void emit_scan_call(Body *b, Steps *s)
{
    Node       *n = s->n;
    StrBuf      args = {.arena = b->e->arena};
    const char *key = s->callee->key ? arena_printf(b->e->arena, "mdl_key_scan(%s, %s)", key_below(b, n->as.scan.path), s->counter) : "";
    call_put_context(b, &args, s->callee, n, key);
    steps_put_values(b, s, &args);
    call_put_rest(b, &args, s->callee);
    cw_line(&b->w, "MDL_TRY(%s(%s));", s->callee->cname, sb_text(&args));
}

/* Without a step the carries stay what they were. */
static void copy_if_none(Body *b, const Steps *s)
{
    int64_t least, most, length;
    dim_range(b->symbols.dims, s->n->as.scan.length, &least, &most);
    const bool constant = dim_is_int(s->n->as.scan.length, &length);
    for (int i = 0; i < s->ncarry && least <= 0; i++) {
        const char *condition = constant ? "" : arena_printf(b->e->arena, "if (%s == 0) ", s->length);
        cw_line(&b->w, "%smemcpy(%s, %s, %s);", condition, value_pointer(b, s->results.at[i]), value_pointer(b, s->n->in[i]),
                call_bytes(b, s->results.at[i]->type));
    }
}

void emit_scan(Body *b, Node *n)
{
    Steps s = steps_of_scan(b, n);
    bool  odd;
    for (size_t i = 0; i < s.results.len; i++) value_declare(b, s.results.at[i]);
    copy_if_none(b, &s);
    if (emit_shared_steps(b, n)) return;
    name_pointers(b, &s);
    cw_open(&b->w, "%s", "");
    const bool known = steps_parity(&s, &odd);
    steps_declare(b, &s, known, odd);
    steps_open(b, &s);
    emit_scan_call(b, &s);
    steps_turn(b, &s);
    cw_close(&b->w, "%s", "");
    cw_close(&b->w, "%s", "");
}

/* ---- equal layers ---- */

/* The body of most loops is one call: it stands in the C loop itself. */
static void emit_direct_call(Body *b, const Steps *s, const Node *call)
{
    const IrFunction *body = s->n->as.loop.body;
    CFunction        *callee = emit_function(b->e, call->as.call.function, call_layout(b, call->as.call.path));
    StrBuf            args = {.arena = b->e->arena};
    call_put_context(b, &args, callee, call, callee->key ? key_below(b, call->as.call.path) : "");
    for (int i = 0; i < call->nin; i++) {
        int param = call->in[i]->index;
        call_put(&args, param < s->ncarry ? s->now[param] : s->in[param]);
    }
    for (int i = 0; i < s->ncarry; i++) {
        for (int k = 0; k < s->ncarry; k++) {
            if (body->results.at[k]->index == i) call_put(&args, s->next[k]);
        }
    }
    call_put_rest(b, &args, callee);
    cw_line(&b->w, "MDL_TRY(%s(%s));", callee->cname, sb_text(&args));
}

static void emit_body_call(Body *b, const Steps *s)
{
    CFunction *callee = emit_function(b->e, s->n->as.loop.body, b->fn->layout);
    StrBuf     args = {.arena = b->e->arena};
    if (callee->key) b->used_key = true;
    call_put_context(b, &args, callee, s->n, "key");
    for (int i = 0; i < s->n->nin; i++) call_put(&args, i < s->ncarry ? s->now[i] : s->in[i]);
    for (int i = 0; i < s->ncarry; i++) call_put(&args, s->next[i]);
    call_put_rest(b, &args, callee);
    cw_line(&b->w, "MDL_TRY(%s(%s));", callee->cname, sb_text(&args));
}

void emit_repeat(Body *b, Node *n)
{
    Steps       s = steps_of(b, n, n->as.loop.ncarry);
    const char *outer = b->counter;
    bool        used = b->used_counter;
    for (size_t i = 0; i < s.results.len; i++) value_declare(b, s.results.at[i]);
    name_pointers(b, &s);
    cw_open(&b->w, "%s", "");
    steps_declare(b, &s, true, n->as.loop.count % 2 != 0);
    b->counter = s.counter = names_claim(s.names, "i");
    cw_open(&b->w, "for (int64_t %s = 0; %s < %" PRId64 "; %s++)", s.counter, s.counter, n->as.loop.count, s.counter);
    const Node *call = direct_call(n);
    if (call != n) emit_direct_call(b, &s, call);
    else emit_body_call(b, &s);
    steps_turn(b, &s);
    cw_close(&b->w, "%s", "");
    cw_close(&b->w, "%s", "");
    b->counter = outer;
    b->used_counter = used;
}
