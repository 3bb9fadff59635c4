/* One node of a function as C: kernels, calls, loops, checks, assignments. */
#include <inttypes.h>
#include <string.h>

#include "calls.h"

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
    call_copy(b, path_access(b, n->as.variable.path, true, NULL), value_pointer(b, n->in[0]), n->in[0]->type);
}

static void emit_state_copy(Body *b, Node *n)
{
    value_declare(b, n);
    call_copy(b, value_pointer(b, n), path_access(b, n->as.variable.path, true, NULL), n->type);
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
