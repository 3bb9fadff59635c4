/* Calls of kernels: inputs, attributes, and the forms that products have. */
#include <inttypes.h>

#include "emitter.h"

static void put_attr(Body *b, StrBuf *text, const AttrSpec *spec, const Attr *attr)
{
    sb_printf(text, ".%s = ", spec->name);
    switch (spec->kind) {
    case ATTR_INT: sb_put(text, c_dim(&b->symbols, attr->dims[0], false)); return;
    case ATTR_REAL: sb_put(text, c_literal(b->e->arena, DT_FLOAT64, attr->real, 0)); return;
    case ATTR_INTS:
        if (attr->count == 0) {
            sb_put(text, "NULL");
            return;
        }
        sb_put(text, "(const int64_t[]){");
        for (int i = 0; i < attr->count; i++) sb_printf(text, "%s%s", i > 0 ? ", " : "", c_dim(&b->symbols, attr->dims[i], false));
        sb_putc(text, '}');
        return;
    case ATTR_END: return;
    }
}

static const char *attrs_text(Body *b, const Node *n)
{
    const OpInfo *op = node_op(n);
    StrBuf        text = {.arena = b->e->arena};
    if (op->attrs[0].kind == ATTR_END) return "NULL";
    sb_printf(&text, "&(const mdl_%s_attrs){", op->name);
    for (int i = 0; op->attrs[i].kind != ATTR_END; i++) {
        if (i > 0) sb_put(&text, ", ");
        put_attr(b, &text, &op->attrs[i], &n->as.op.attrs[i]);
    }
    sb_putc(&text, '}');
    return sb_text(&text);
}

static const char *inputs_text(Body *b, const Node *n)
{
    if (n->nin == 0) return "NULL, 0";
    StrBuf text = {.arena = b->e->arena};
    sb_printf(&text, "(const mdl_tensor[%d]){", n->nin); /* tcc needs the number where literals nest */
    for (int i = 0; i < n->nin; i++) sb_printf(&text, "%s%s", i > 0 ? ", " : "", value_tensor(b, n->in[i]));
    sb_printf(&text, "}, %d", n->nin);
    return sb_text(&text);
}

static const char *draw_key(Body *b, const Node *n)
{
    const char *key = "key";
    if (n->at && *n->at) key = arena_printf(b->e->arena, "mdl_key_path(key, %s)", emit_string(b->e, n->at));
    b->used_key = true;
    return arena_printf(b->e->arena, "mdl_key_site(%s, %s)", key, c_dim(&b->symbols, n->as.op.attrs[0].dims[0], false));
}

/* All sizes of a type but its last `without`; NULL: too large a number. */
static const Dim *sizes(Body *b, Type t, int without)
{
    return type_elements(b->e->program->dims, (Type){t.dtype, t.rank - without, t.dims});
}

static bool is_flagged(const Node *n, int attr)
{
    int64_t flag;
    return dim_is_int(n->as.op.attrs[attr].dims[0], &flag) && flag != 0;
}

const Dim *kernel_multiplications(Body *b, const Node *n)
{
    DimCtx    *dims = b->e->program->dims;
    const Dim *out = sizes(b, n->type, 0), *each = NULL;
    switch (n->as.op.code) {
    case OPC_matmul: each = n->in[0]->type.dims[n->in[0]->type.rank - (is_flagged(n, 0) ? 2 : 1)]; break;
    case OPC_matmul_packed: each = n->in[0]->type.dims[n->in[0]->type.rank - 1]; break;
    case OPC_conv: case OPC_conv_packed: each = sizes(b, n->in[1]->type, 1); break;
    case OPC_conv_winograd: each = dim_mul(dims, dim_int(dims, 9), n->in[1]->type.dims[2]); break;
    case OPC_attention: { /* each query meets each key, and each value */
        const Type q = n->in[0]->type, k = n->in[1]->type;
        const bool inside = is_flagged(n, 1);
        out = dim_mul(dims, sizes(b, q, 1), k.dims[k.rank - (inside ? 3 : 2)]);
        each = dim_add(dims, q.dims[q.rank - 1], n->type.dims[n->type.rank - 1]);
        break;
    }
    case OPC_conv_transpose: /* each element of the input meets each tap and filter */
        out = sizes(b, n->in[0]->type, 0);
        each = sizes(b, n->in[1]->type, 1);
        break;
    default: return NULL;
    }
    return out && each ? dim_mul(dims, out, each) : NULL;
}

static void emit_work(Body *b, const Node *n)
{
    const Dim *count = b->e->options->profile ? kernel_multiplications(b, n) : NULL;
    if (count) cw_line(&b->w, "mdl_profile_work(2.0 * (double)(%s));", c_dim(&b->symbols, count, false));
}

/* The rows of a product that is done in line, and k and n: "batch, 20, 64"; NULL: it isn't small. */
static const char *small_product(Body *b, const Node *n)
{
    enum { MOST = 4096 };
    int64_t k, columns;
    if (n->as.op.code != OPC_matmul_packed) return NULL;
    if (!dim_is_int(n->in[0]->type.dims[n->in[0]->type.rank - 1], &k) || !dim_is_int(n->type.dims[n->type.rank - 1], &columns)) return NULL;
    if (k * columns > MOST) return NULL;
    const Dim *rows = sizes(b, n->type, 1);
    return rows ? arena_printf(b->e->arena, "%s, %" PRId64 ", %" PRId64, c_dim(&b->symbols, rows, false), k, columns) : NULL;
}

void emit_kernel_call(Body *b, const Node *n, const char *out, const char *then)
{
    const char *in = inputs_text(b, n), *attrs = attrs_text(b, n), *small = small_product(b, n), *name = node_op(n)->name;
    b->used_error = true;
    emit_work(b, n);
    if (small) cw_line(&b->w, "MDL_TRY(mdl_matmul_small(&%s, %s, %s, %s, error));", out, in, small, then ? then : "NULL");
    else if (then) cw_line(&b->w, "MDL_TRY(mdl_%s_then(&%s, %s, %s, %s, error));", name, out, in, attrs, then);
    else cw_line(&b->w, "MDL_TRY(mdl_%s(&%s, %s, %s, error));", name, out, in, attrs);
}

void emit_kernel(Body *b, Node *n)
{
    value_declare(b, n);
    if (n->as.op.code == OPC_random_uniform || n->as.op.code == OPC_random_normal) {
        b->used_error = true;
        cw_line(&b->w, "MDL_TRY(mdl_%s(&%s, %s, error));", node_op(n)->name, value_tensor(b, n), draw_key(b, n));
        return;
    }
    emit_kernel_call(b, n, value_tensor(b, n), NULL);
}
