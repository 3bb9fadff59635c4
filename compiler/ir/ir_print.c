/* The graph as text; the grammar is in docs/graph.md. */
#include <inttypes.h>
#include <string.h>

#include "../base/bug.h"
#include "../base/str.h"
#include "../sema/instance.h"
#include "ir.h"

typedef struct Printer {
    FILE      *out;
    Arena     *arena;
    Program   *program;
    SourceMap *sources;
} Printer;

static void print_string(FILE *out, const char *s)
{
    fputc('"', out);
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') fprintf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f) fprintf(out, "\\u%04x", c);
        else fputc(c, out);
    }
    fputc('"', out);
}

/* A symbol is written `name` where its name is unique in the program, else `name'id`. */
static const char *dim_unique_text(Printer *p, const Dim *d);

static void put_symbol(Printer *p, StrBuf *b, int id)
{
    const DimCtx *cx = p->program->dims;
    const char   *name = dim_symbol_name(cx, id);
    sb_put(b, name);
    for (int i = 0; i < dim_symbol_count(cx); i++) {
        if (i != id && strcmp(dim_symbol_name(cx, i), name) == 0) {
            sb_printf(b, "'%d", id);
            return;
        }
    }
}

static void put_atom(Printer *p, StrBuf *b, const Atom *atom)
{
    switch (atom->kind) {
    case ATOM_SYMBOL: put_symbol(p, b, atom->symbol); return;
    case ATOM_FLOORDIV:
        sb_printf(b, "((%s)", dim_unique_text(p, atom->a));
        sb_printf(b, "//(%s))", dim_unique_text(p, atom->b));
        return;
    case ATOM_MIN:
    case ATOM_MAX:
        sb_printf(b, "%s(%s", atom->kind == ATOM_MIN ? "min" : "max", dim_unique_text(p, atom->a));
        sb_printf(b, ", %s)", dim_unique_text(p, atom->b));
        return;
    }
}

static const char *dim_unique_text(Printer *p, const Dim *d)
{
    StrBuf b = {.arena = p->arena};
    if (d->nterms == 0) sb_put(&b, "0");
    for (int i = 0; i < d->nterms; i++) {
        const Term *t = &d->terms[i];
        if (i > 0) sb_put(&b, t->coefficient < 0 ? "" : "+");
        bool bare = t->nfactors > 0 && (t->coefficient == 1 || t->coefficient == -1);
        if (!bare) sb_printf(&b, "%" PRId64, t->coefficient);
        else if (t->coefficient < 0) sb_put(&b, "-");
        for (int k = 0; k < t->nfactors; k++) {
            for (int e = 0; e < t->factors[k].power; e++) {
                if (k > 0 || e > 0 || !bare) sb_putc(&b, '*');
                put_atom(p, &b, t->factors[k].atom);
            }
        }
    }
    return sb_text(&b);
}

static void print_dims(Printer *p, const Dim *const *dims, int count, char open, char close)
{
    fputc(open, p->out);
    for (int i = 0; i < count; i++) fprintf(p->out, "%s%s", i > 0 ? ", " : "", dim_unique_text(p, dims[i]));
    fputc(close, p->out);
}

static void print_type(Printer *p, Type t)
{
    fprintf(p->out, "%s", dtype_name(t.dtype));
    print_dims(p, t.dims, t.rank, '[', ']');
}

static void print_inputs(Printer *p, const Node *n)
{
    fputc('(', p->out);
    for (int i = 0; i < n->nin; i++) fprintf(p->out, "%s%%%" PRIu32, i > 0 ? ", " : "", n->in[i]->id);
    fputc(')', p->out);
}

static void print_call(Printer *p, const Node *n, const char *kind)
{
    fprintf(p->out, "%s @%" PRIu32 " ", kind, node_callee(n)->id);
    if (n->kind != NODE_LOOP) {
        print_string(p->out, path_text(p->arena, node_callee_path(n)));
        fputc(' ', p->out);
    }
    print_dims(p, node_symbols(n), node_callee(n)->nsymbols, '[', ']');
    fputc(' ', p->out);
    print_inputs(p, n);
}

static void print_attrs(Printer *p, const Node *n)
{
    const OpInfo *op = node_op(n);
    for (int i = 0; op->attrs[i].kind != ATTR_END; i++) {
        const Attr *attr = &n->as.op.attrs[i];
        fprintf(p->out, " %s=", op->attrs[i].name);
        switch (op->attrs[i].kind) {
        case ATTR_INT: fprintf(p->out, "%s", dim_unique_text(p, attr->dims[0])); break;
        case ATTR_INTS: print_dims(p, attr->dims, attr->count, '[', ']'); break;
        case ATTR_REAL: {
            StrBuf b = {.arena = p->arena};
            sb_double(&b, attr->real);
            fprintf(p->out, "%s", sb_text(&b));
            break;
        }
        case ATTR_END: break;
        }
    }
}

static void print_check(Printer *p, const Node *n)
{
    fprintf(p->out, "check %s", dim_unique_text(p, n->as.check.left));
    fprintf(p->out, " %s %s ", n->as.check.relation == REL_EQ ? "==" : "<=", dim_unique_text(p, n->as.check.right));
    print_string(p->out, n->as.check.message);
}

static void print_literal(Printer *p, const Node *n)
{
    if (dtype_is_float(n->type.dtype)) {
        StrBuf b = {.arena = p->arena};
        sb_double(&b, n->as.literal.real);
        fprintf(p->out, "const %s", sb_text(&b));
    } else {
        fprintf(p->out, "const %" PRId64, n->as.literal.integer);
    }
}

static void print_node(Printer *p, const Node *n)
{
    fprintf(p->out, "  ");
    if (n->kind != NODE_ASSIGN && n->kind != NODE_CHECK) fprintf(p->out, "%%%" PRIu32 " = ", n->id);
    switch (n->kind) {
    case NODE_PARAM: fprintf(p->out, "param %d", n->index); break;
    case NODE_CONST: print_literal(p, n); break;
    case NODE_DIM: fprintf(p->out, "dim %s", dim_unique_text(p, n->as.dim)); break;
    case NODE_VARIABLE:
        fprintf(p->out, "variable ");
        print_string(p->out, path_text(p->arena, n->as.variable.path));
        break;
    case NODE_ASSIGN:
        fprintf(p->out, "assign ");
        print_string(p->out, path_text(p->arena, n->as.variable.path));
        fputc(' ', p->out);
        print_inputs(p, n);
        break;
    case NODE_CHECK: print_check(p, n); break;
    case NODE_CALL: print_call(p, n, "call"); break;
    case NODE_SCAN:
        print_call(p, n, "scan");
        fprintf(p->out, " length=%s", dim_unique_text(p, n->as.scan.length));
        fprintf(p->out, " carries=%d reverse=%d", n->as.scan.ncarry, n->as.scan.reverse);
        break;
    case NODE_LOOP:
        print_call(p, n, "loop");
        fprintf(p->out, " count=%" PRId64 " carries=%d", n->as.loop.count, n->as.loop.ncarry);
        break;
    case NODE_RESULT: fprintf(p->out, "result %d %%%" PRIu32, n->index, n->in[0]->id); break;
    case NODE_OP:
        fprintf(p->out, "%s", node_op(n)->name);
        print_inputs(p, n);
        print_attrs(p, n);
        break;
    }
    if (node_has_value(n)) {
        fprintf(p->out, " : ");
        print_type(p, n->type);
    }
    if (n->at && *n->at) {
        fprintf(p->out, " at ");
        print_string(p->out, n->at);
    }
    Source *source = n->span.file ? source_get(p->sources, n->span.file) : NULL;
    if (source || n->name) fprintf(p->out, "  #");
    if (n->name) fprintf(p->out, " %s", n->name);
    if (source) fprintf(p->out, " %s:%" PRIu32, source->path, source_place(source, n->span.start).line);
    fputc('\n', p->out);
}

static void print_function(Printer *p, const IrFunction *f)
{
    fprintf(p->out, "\nfunction @%" PRIu32 " %s ", f->id, f->name);
    print_dims(p, f->symbols, f->nsymbols, '[', ']');
    fprintf(p->out, "%s {\n", f->draws ? " draws" : "");
    for (size_t i = 0; i < f->nodes.len; i++) print_node(p, f->nodes.at[i]);
    fprintf(p->out, "  return (");
    for (size_t i = 0; i < f->results.len; i++) fprintf(p->out, "%s%%%" PRIu32, i > 0 ? ", " : "", f->results.at[i]->id);
    fprintf(p->out, ")\n}\n");
}

/* ---- the variables, from the instance tree ---- */

static void print_variables(Printer *p, const Instance *owner, Path path)
{
    for (size_t i = 0; i < owner->variables.len; i++) {
        const Variable *v = owner->variables.at[i];
        Step            step = {.name = v->name};
        fprintf(p->out, "%s ", v->is_state ? "state" : "weight");
        print_string(p->out, path_text(p->arena, path_join(p->arena, path, (Path){&step, 1})));
        fprintf(p->out, " %s[", dtype_name(v->dtype));
        for (int k = 0; k < v->rank; k++) fprintf(p->out, "%s%" PRId64, k > 0 ? ", " : "", v->shape[k]);
        fprintf(p->out, "]\n");
    }
}

static void print_slot(Printer *p, const Slot *slot, Path path);

static void print_layer(Printer *p, const Instance *layer, Path path)
{
    print_variables(p, layer, path);
    for (size_t i = 0; i < layer->slots.len; i++) print_slot(p, layer->slots.at[i], path);
}

static void print_slot(Printer *p, const Slot *slot, Path above)
{
    Step step = {.name = slot->name, .index = slot->index};
    Path path = path_join(p->arena, above, (Path){&step, 1});
    if (slot->kind != SLOT_LAYER) {
        for (size_t i = 0; i < slot->items.len; i++) print_slot(p, slot->items.at[i], path);
    } else if (slot->alias) {
        fprintf(p->out, "alias ");
        print_string(p->out, path_text(p->arena, path));
        fputc(' ', p->out);
        print_string(p->out, path_text(p->arena, slot->layer->path));
        fputc('\n', p->out);
    } else {
        print_layer(p, slot->layer, path);
    }
}

static void print_symbol(Printer *p, const Dim *symbol)
{
    int64_t lo, hi;
    dim_bounds(p->program->dims, dim_symbol_id(symbol), &lo, &hi);
    fprintf(p->out, "symbol %s %" PRId64, dim_unique_text(p, symbol), lo);
    if (hi != INT64_MAX) fprintf(p->out, " %" PRId64, hi);
    fputc('\n', p->out);
}

static void print_port(Printer *p, const char *kind, const Port *port)
{
    fprintf(p->out, "%s ", kind);
    print_string(p->out, port->name);
    fprintf(p->out, " : ");
    print_type(p, port->type);
    fputc('\n', p->out);
}

/* requires ir_number */
void ir_print(FILE *out, Arena *a, Program *program, SourceMap *sources)
{
    Printer p = {out, a, program, sources};
    fprintf(out, "program %s\n", program->name);
    for (size_t i = 0; i < program->symbols.len; i++) print_symbol(&p, program->symbols.at[i]);
    for (size_t i = 0; i < program->inputs.len; i++) print_port(&p, "input", &program->inputs.at[i]);
    for (size_t i = 0; i < program->outputs.len; i++) print_port(&p, "output", &program->outputs.at[i]);
    if (program->model) print_layer(&p, program->model, (Path){NULL, 0});
    for (size_t i = 0; i < program->input_checks.len; i++) {
        print_check(&p, program->input_checks.at[i]);
        fputc('\n', out);
    }
    for (size_t i = 0; i < program->functions.len; i++) print_function(&p, program->functions.at[i]);
}
