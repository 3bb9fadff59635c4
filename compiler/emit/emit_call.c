/* Calls of functions: what they are given, and in which order. */
#include <inttypes.h>
#include <string.h>

#include "calls.h"

const char *call_bytes(Body *b, Type t)
{
    DimCtx     *dims = b->e->program->dims;
    const Dim  *count = type_elements(dims, t);
    int64_t     constant;
    const char *size = c_type(t.dtype);
    if (count && dim_is_int(count, &constant)) return arena_printf(b->e->arena, "%" PRId64 " * sizeof(%s)", constant, size);
    if (!count) BUG("%s: more elements than 64 bits count", b->f->name);
    return arena_printf(b->e->arena, "(size_t)(%s) * sizeof(%s)", c_dim(&b->symbols, count, false), size);
}

void call_copy(Body *b, const char *to, const char *from, Type t)
{
    cw_line(&b->w, "memcpy(%s, %s, %s);", to, from, call_bytes(b, t));
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

Layout *call_layout(Body *b, Path path)
{
    LayoutPath found = {0};
    Layout    *to;
    if (!b->fn->layout || !layout_find(b->e->arena, b->fn->layout, path, &found, &to)) return NULL;
    return to;
}

const char *call_address(Body *b, Path path, bool state)
{
    const char *text = path_access(b, path, state, NULL);
    return path.len == 0 ? text : arena_printf(b->e->arena, "&%s", text);
}

void call_put(StrBuf *args, const char *text)
{
    if (args->len > 0) sb_put(args, ", ");
    sb_put(args, text);
}

/* Everything before the tensors. */
void call_put_context(Body *b, StrBuf *args, const CFunction *callee, const Node *n, const char *key)
{
    if (callee->weights) call_put(args, call_address(b, node_callee_path(n), false));
    if (callee->states) call_put(args, call_address(b, node_callee_path(n), true));
    if (callee->counter) call_put(args, b->counter);
    if (callee->memory) call_put(args, "memory");
    for (int i = 0; i < callee->ir->nsymbols; i++) call_put(args, c_dim(&b->symbols, node_symbols(n)[i], false));
    if (callee->key) call_put(args, key);
}

/* Everything behind them. */
void call_put_rest(Body *b, StrBuf *args, const CFunction *callee)
{
    if (callee->work) {
        call_put(args, arena_printf(b->e->arena, "work + at[%zu]", b->plan->slots.len));
        b->used_work = true;
    }
    call_put(args, "error");
    b->used_error = true;
}

/* They stand directly behind the call, in order. */
NodeVec call_results(Body *b, const Node *call)
{
    NodeVec results = {0};
    for (size_t i = call->id + 1; i < b->f->nodes.len && b->f->nodes.at[i]->kind == NODE_RESULT; i++) {
        vec_push(b->e->arena, &results, b->f->nodes.at[i]);
    }
    return results;
}

void emit_call(Body *b, Node *n)
{
    CFunction *callee = emit_function(b->e, n->as.call.function, call_layout(b, n->as.call.path));
    NodeVec    results = call_results(b, n);
    StrBuf     args = {.arena = b->e->arena};
    for (size_t i = 0; i < results.len; i++) value_declare(b, results.at[i]);
    call_put_context(b, &args, callee, n, callee->key ? key_below(b, n->as.call.path) : "");
    for (int i = 0; i < n->nin; i++) call_put(&args, value_pointer(b, n->in[i]));
    for (size_t i = 0; i < results.len; i++) call_put(&args, value_pointer(b, results.at[i]));
    call_put_rest(b, &args, callee);
    cw_line(&b->w, "MDL_TRY(%s(%s));", callee->cname, sb_text(&args));
}
