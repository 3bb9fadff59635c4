#include "pickle.h"

#include <stdlib.h>
#include <string.h>

typedef struct Machine {
    Arena               *arena;
    const char          *file;
    const unsigned char *s;
    size_t               len, at, op; /* op: where the instruction began */
    PickleValues         stack, memo;
    mdl_error           *error;
    bool                 failed;
} Machine;

static PickleValue *fail(Machine *m, const char *what, const char *word)
{
    if (!m->failed) {
        mdl_fail(m->error, MDL_BAD_FILE, "%s: byte %zu of its pickle: %s%s%.200s%s", m->file, m->op, what, word ? " `" : "",
                 word ? word : "", word ? "`; only plain tensors are read, and nothing is ever executed" : "");
    }
    m->failed = true;
    return NULL;
}

/* ---- bytes ---- */

static const unsigned char *take(Machine *m, uint64_t n)
{
    if (n > m->len - m->at) return fail(m, "it ends in the middle of an instruction", NULL), NULL;
    const unsigned char *s = m->s + m->at;
    m->at += (size_t)n;
    return s;
}

static uint64_t number(Machine *m, size_t size)
{
    const unsigned char *s = take(m, size);
    uint64_t             v = 0;
    for (size_t i = size; s && i-- > 0;) v = v << 8 | s[i];
    return v;
}

/* A line, without its newline. */
static const char *line(Machine *m)
{
    const unsigned char *s = m->s + m->at, *end = memchr(s, '\n', m->len - m->at);
    if (!end) return fail(m, "a name without its end", NULL), NULL;
    m->at += (size_t)(end - s) + 1;
    return arena_copy(m->arena, (const char *)s, (size_t)(end - s));
}

/* ---- the stack ---- */

static PickleValue *push(Machine *m, PickleKind kind)
{
    PickleValue *v = arena_new(m->arena, PickleValue);
    v->kind = kind;
    vec_push(m->arena, &m->stack, v);
    return v;
}

static PickleValue *top(Machine *m)
{
    if (!m->stack.len || m->stack.at[m->stack.len - 1]->kind == PICKLE_MARK) return fail(m, "a value is missing", NULL);
    return m->stack.at[m->stack.len - 1];
}

static PickleValue *pop(Machine *m)
{
    PickleValue *v = top(m);
    if (v) m->stack.len--;
    return v;
}

/* Moves what stands above the last mark to `out`, and takes the mark away. */
static bool pop_to_mark(Machine *m, PickleValues *out)
{
    size_t i = m->stack.len;
    while (i > 0 && m->stack.at[i - 1]->kind != PICKLE_MARK) i--;
    if (!i) return fail(m, "a mark is missing", NULL), false;
    for (size_t k = i; k < m->stack.len; k++) vec_push(m->arena, out, m->stack.at[k]);
    m->stack.len = i - 1;
    return true;
}

static void push_tuple(Machine *m, size_t n)
{
    PickleValue *t = arena_new(m->arena, PickleValue);
    t->kind = PICKLE_TUPLE;
    for (size_t i = 0; i < n; i++) vec_push(m->arena, &t->items, NULL);
    for (size_t i = n; i-- > 0;) t->items.at[i] = pop(m);
    if (!m->failed) vec_push(m->arena, &m->stack, t);
}

static void add_items(Machine *m, PickleKind kind, const PickleValues *items)
{
    PickleValue *to = top(m);
    if (!to) return;
    if (to->kind != kind || (kind == PICKLE_DICT && items->len % 2)) {
        fail(m, "items are put into something that is no list or dict", NULL);
        return;
    }
    for (size_t i = 0; i < items->len; i++) vec_push(m->arena, &to->items, items->at[i]);
}

/* ---- memory ---- */

static void put(Machine *m, uint64_t index)
{
    PickleValue *v = top(m);
    if (!v) return;
    if (index > m->len) { /* a pickle can't have put so many */
        fail(m, "it remembers a value at an absurd place", NULL);
        return;
    }
    while (m->memo.len <= index) vec_push(m->arena, &m->memo, NULL);
    m->memo.at[index] = v;
}

static void get(Machine *m, uint64_t index)
{
    if (index >= m->memo.len || !m->memo.at[index]) fail(m, "it asks for a value that it has not remembered", NULL);
    else vec_push(m->arena, &m->stack, m->memo.at[index]);
}

/* ---- instructions ---- */

static void push_text(Machine *m, uint64_t len)
{
    const unsigned char *s = take(m, len);
    if (!s) return;
    PickleValue *v = push(m, PICKLE_TEXT);
    v->text = arena_copy(m->arena, (const char *)s, (size_t)len);
    v->len = (size_t)len;
}

static void push_int(Machine *m, int64_t v) { push(m, PICKLE_INT)->number = v; }

/* LONG1: an integer of some bytes, two's complement. */
static void push_long(Machine *m)
{
    const size_t n = (size_t)number(m, 1);
    if (m->failed) return;
    if (n > 8) {
        fail(m, "an integer of more than 64 bits", NULL);
        return;
    }
    uint64_t v = number(m, n);
    if (n && n < 8 && v >> (8 * n - 1)) v |= UINT64_MAX << 8 * n;
    push_int(m, (int64_t)v);
}

static void push_name(Machine *m)
{
    const char *module = line(m), *name = module ? line(m) : NULL;
    if (!name) return;
    PickleValue *v = pickle_name(m->arena, module, name);
    if (v) vec_push(m->arena, &m->stack, v);
    else fail(m, "it calls", arena_printf(m->arena, "%s.%s", module, name));
}

static void call(Machine *m)
{
    const char        *why = NULL;
    const PickleValue *arguments = pop(m), *name = arguments ? pop(m) : NULL;
    if (!name) return;
    PickleValue *v = pickle_call(m->arena, name, arguments, &why);
    if (v) vec_push(m->arena, &m->stack, v);
    else fail(m, why, NULL);
}

static void find_storage(Machine *m)
{
    const char        *why = NULL;
    const PickleValue *id = pop(m);
    PickleValue       *v = id ? pickle_storage(m->arena, id, &why) : NULL;
    if (v) vec_push(m->arena, &m->stack, v);
    else fail(m, why ? why : "a value is missing", NULL);
}

/* BUILD gives a state dict its `_metadata`: versions of modules, which say nothing about tensors. */
static void build(Machine *m)
{
    const PickleValue *state = pop(m), *to = state ? top(m) : NULL;
    if (to && (to->kind != PICKLE_DICT || state->kind != PICKLE_DICT)) fail(m, "it sets the attributes of an object", NULL);
}

static void step(Machine *m, unsigned char op)
{
    PickleValues items = {0};
    switch (op) {
    case 0x80: if (number(m, 1) != 2 && !m->failed) fail(m, "its protocol is not 2, which torch.save uses", NULL); break;
    case '}': push(m, PICKLE_DICT); break;
    case ']': push(m, PICKLE_LIST); break;
    case ')': push(m, PICKLE_TUPLE); break;
    case '(': push(m, PICKLE_MARK); break;
    case 'N': push(m, PICKLE_NONE); break;
    case 0x88: push(m, PICKLE_BOOL)->number = 1; break;
    case 0x89: push(m, PICKLE_BOOL); break;
    case 'X': push_text(m, number(m, 4)); break;
    case 'J': push_int(m, (int32_t)(uint32_t)number(m, 4)); break;
    case 'K': push_int(m, (int64_t)number(m, 1)); break;
    case 'M': push_int(m, (int64_t)number(m, 2)); break;
    case 0x8A: push_long(m); break;
    case 'G': if (take(m, 8)) push(m, PICKLE_FLOAT); break;
    case 'q': put(m, number(m, 1)); break;
    case 'r': put(m, number(m, 4)); break;
    case 'h': get(m, number(m, 1)); break;
    case 'j': get(m, number(m, 4)); break;
    case 0x85: push_tuple(m, 1); break;
    case 0x86: push_tuple(m, 2); break;
    case 0x87: push_tuple(m, 3); break;
    case 't': if (pop_to_mark(m, &items)) push(m, PICKLE_TUPLE)->items = items; break;
    case 'e': if (pop_to_mark(m, &items)) add_items(m, PICKLE_LIST, &items); break;
    case 'u': if (pop_to_mark(m, &items)) add_items(m, PICKLE_DICT, &items); break;
    case 'a': case 's':
        for (int i = op == 's'; i >= 0 && !m->failed; i--) vec_push(m->arena, &items, pop(m));
        if (op == 's' && !m->failed) {
            PickleValue *value = items.at[0];
            items.at[0] = items.at[1];
            items.at[1] = value;
        }
        if (!m->failed) add_items(m, op == 's' ? PICKLE_DICT : PICKLE_LIST, &items);
        break;
    case 'c': push_name(m); break;
    case 'R': call(m); break;
    case 'Q': find_storage(m); break;
    case 'b': build(m); break;
    default: fail(m, "the instruction", arena_printf(m->arena, op > 32 && op < 127 ? "%c" : "0x%02x", op));
    }
}

PickleValue *pickle_read(Arena *a, const char *file, const void *bytes, size_t size, mdl_error *error)
{
    Machine m = {.arena = a, .file = file, .s = bytes, .len = size, .error = error};
    while (!m.failed) {
        m.op = m.at;
        const unsigned char *op = take(&m, 1);
        if (!op) return NULL;
        if (*op != '.') step(&m, *op);
        else if (m.stack.len == 1 && m.at == m.len) return top(&m);
        else fail(&m, "it ends with values left over", NULL);
    }
    return NULL;
}
