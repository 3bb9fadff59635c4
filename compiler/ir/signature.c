#include "signature.h"

#include <inttypes.h>
#include <string.h>

#include "../base/bug.h"

static void put_dim(StrBuf *b, const SignatureOptions *o, const Dim *d)
{
    if (o->symbols) d = dim_substitute(o->dims, d, o->symbols, o->nsymbols);
    if (!d) BUG("a dimension does not survive renaming");
    sb_printf(b, " %" PRIu32, d->id);
}

static void put_type(StrBuf *b, const SignatureOptions *o, Type t)
{
    sb_printf(b, " %s[", dtype_name(t.dtype));
    for (int i = 0; i < t.rank; i++) {
        if (o->no_sizes) sb_putc(b, '.');
        else put_dim(b, o, t.dims[i]);
    }
    sb_putc(b, ']');
}

static void put_path(StrBuf *b, const SignatureOptions *o, Path p)
{
    sb_put(b, " /");
    for (int i = 0; i < p.len; i++) {
        const Step *s = &p.steps[i];
        if (s->name) sb_printf(b, ".%zu:%s", (size_t)s->name->len, s->name->text);
        else if (o->skeleton && !s->loop) sb_put(b, "[]");
        else sb_printf(b, "[%s%" PRId64 "]", s->loop ? "i+" : "", s->index);
    }
}

static void put_symbols(StrBuf *b, const SignatureOptions *o, const Node *n)
{
    sb_printf(b, " @%" PRIu32, node_callee(n)->id);
    for (int i = 0; i < node_callee(n)->nsymbols; i++) put_dim(b, o, node_symbols(n)[i]);
}

static void put_attrs(StrBuf *b, const SignatureOptions *o, const Node *n)
{
    const OpInfo *op = node_op(n);
    sb_printf(b, " %s", op->name);
    for (int i = 0; op->attrs[i].kind != ATTR_END; i++) {
        const Attr *attr = &n->as.op.attrs[i];
        sb_putc(b, ',');
        if (op->attrs[i].kind == ATTR_REAL) sb_double(b, attr->real);
        else if (op->attrs[i].kind == ATTR_INT) put_dim(b, o, attr->dims[0]);
        else for (int k = 0; k < attr->count; k++) put_dim(b, o, attr->dims[k]);
    }
    bool draws = n->as.op.code == OPC_random_uniform || n->as.op.code == OPC_random_normal;
    if (draws && n->at) sb_printf(b, " at %s", n->at);
}

void put_signature(StrBuf *b, const SignatureOptions *o, const Node *n)
{
    sb_printf(b, "%d %d", (int)n->kind, n->nin);
    if (node_has_value(n)) put_type(b, o, n->type);
    switch (n->kind) {
    case NODE_PARAM:
    case NODE_RESULT: sb_printf(b, " %d", n->index); break;
    case NODE_CONST:
        if (dtype_is_float(n->type.dtype)) {
            uint64_t bits;
            memcpy(&bits, &n->as.literal.real, sizeof bits);
            sb_printf(b, " %" PRIx64, bits);
        } else {
            sb_printf(b, " %" PRId64, n->as.literal.integer);
        }
        break;
    case NODE_DIM: put_dim(b, o, n->as.dim); break;
    case NODE_VARIABLE:
    case NODE_ASSIGN: put_path(b, o, n->as.variable.path); break;
    case NODE_CHECK:
        sb_printf(b, " %d", (int)n->as.check.relation);
        put_dim(b, o, n->as.check.left);
        put_dim(b, o, n->as.check.right);
        sb_printf(b, " %s", n->as.check.message);
        break;
    case NODE_CALL:
        put_symbols(b, o, n);
        put_path(b, o, n->as.call.path);
        break;
    case NODE_SCAN:
        put_symbols(b, o, n);
        put_path(b, o, n->as.scan.path);
        put_dim(b, o, n->as.scan.length);
        sb_printf(b, " %d %d", n->as.scan.ncarry, n->as.scan.reverse);
        break;
    case NODE_LOOP:
        put_symbols(b, o, n);
        sb_printf(b, " %" PRId64 " %d", n->as.loop.count, n->as.loop.ncarry);
        break;
    case NODE_OP: put_attrs(b, o, n); break;
    }
}

Path *node_path(Node *n)
{
    switch (n->kind) {
    case NODE_VARIABLE:
    case NODE_ASSIGN: return &n->as.variable.path;
    case NODE_CALL: return &n->as.call.path;
    case NODE_SCAN: return &n->as.scan.path;
    default: return NULL;
    }
}
