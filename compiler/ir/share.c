/* Computes what is computed twice only once. */
#include <inttypes.h>

#include "../base/map.h"
#include "../base/str.h"
#include "passes.h"
#include "signature.h"

/* Does the node always give the same value for the same inputs? A state changes; what a call does is its own affair. */
static bool is_pure(const Node *n)
{
    const Variable *v = n->kind == NODE_VARIABLE ? n->as.variable.variable : NULL;
    if (n->kind == NODE_VARIABLE) return v && !v->is_state && !v->assigned;
    return n->kind == NODE_OP || n->kind == NODE_CONST || n->kind == NODE_DIM;
}

static const Sym *value_text(PassContext *cx, Interner *interner, const Node *n)
{
    SignatureOptions options = {.dims = cx->program->dims};
    StrBuf           text = {.arena = cx->arena};
    put_signature(&text, &options, n);
    for (int i = 0; i < n->nin; i++) sb_printf(&text, " %%%" PRIu32, n->in[i]->id);
    return intern(interner, sb_text(&text), text.len);
}

static void share_in_function(PassContext *cx, IrFunction *f)
{
    Interner *interner = interner_create(cx->arena);
    Map       known = {.arena = cx->arena}, instead = {.arena = cx->arena};
    for (size_t i = 0; i < f->nodes.len; i++) {
        Node *n = f->nodes.at[i];
        for (int k = 0; k < n->nin; k++) {
            Node *with = map_get(&instead, n->in[k]);
            if (with) n->in[k] = with;
        }
        if (!is_pure(n)) continue;
        const Sym *text = value_text(cx, interner, n);
        Node      *first = map_get(&known, text);
        if (first) map_set(&instead, n, first);
        else map_set(&known, text, n);
    }
    for (size_t i = 0; i < f->results.len; i++) {
        Node *with = map_get(&instead, f->results.at[i]);
        if (with) f->results.at[i] = with;
    }
}

/* requires ids; ensures that no two pure nodes of a function do the same to the same inputs; leaves the second ones dead */
void pass_share(PassContext *cx)
{
    for (size_t i = 0; i < cx->program->functions.len; i++) share_in_function(cx, cx->program->functions.at[i]);
}
