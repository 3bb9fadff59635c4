/* When the graph is whole: the paths between layers, and the symbols that each function needs. */
#include "cx.h"
#include "program.h"

static bool starts_with(Path p, Path prefix)
{
    if (prefix.len > p.len) return false;
    for (int i = 0; i < prefix.len; i++) {
        if (p.steps[i].name != prefix.steps[i].name || p.steps[i].index != prefix.steps[i].index) return false;
    }
    return true;
}

static Path path_between(Cx *cx, Instance *from, Instance *to, const Sym *last)
{
    StepVec steps = {0};
    if (starts_with(to->path, from->path)) {
        for (int i = from->path.len; i < to->path.len; i++) vec_push(cx->arena, &steps, to->path.steps[i]);
    } else if (!instance_route(cx, from, to, &steps)) {
        BUG("no route from `%s` to `%s`", from->class_name, to->class_name);
    }
    if (last) vec_push(cx->arena, &steps, (Step){.name = last});
    return (Path){steps.at, (int)steps.len};
}

typedef struct SymbolSet {
    Cx *cx;
    bool *seen;
    VEC(const Dim *) list;
} SymbolSet;

static void visit_symbol(int id, void *user);

static void add_dim(SymbolSet *s, const Dim *d)
{
    int64_t v;
    if (!d || dim_is_int(d, &v)) return;
    dim_each_symbol(d, visit_symbol, s);
}

static const Dim *symbol_dim(Cx *cx, int id)
{
    for (size_t i = 0; i < cx->program->symbols.len; i++) {
        if (dim_symbol_id(cx->program->symbols.at[i]) == id) return cx->program->symbols.at[i];
    }
    BUG("the symbol `%s` belongs to no input", dim_symbol_name(cx->dims, id));
}

static void visit_symbol(int id, void *user)
{
    SymbolSet *s = user;
    if (s->seen[id]) return;
    s->seen[id] = true;
    vec_push(s->cx->arena, &s->list, symbol_dim(s->cx, id));
}

static void add_type(SymbolSet *s, Type t)
{
    for (int i = 0; i < t.rank; i++) add_dim(s, t.dims[i]);
}

static void collect_symbols(SymbolSet *s, const Node *n)
{
    add_type(s, n->type);
    switch (n->kind) {
    case NODE_DIM: add_dim(s, n->as.dim); break;
    case NODE_CHECK:
        add_dim(s, n->as.check.left);
        add_dim(s, n->as.check.right);
        break;
    case NODE_CALL:
        for (int i = 0; i < n->as.call.function->nsymbols; i++) add_dim(s, n->as.call.function->symbols[i]);
        break;
    case NODE_SCAN:
        add_dim(s, n->as.scan.length);
        for (int i = 0; i < n->as.scan.body->nsymbols; i++) add_dim(s, n->as.scan.body->symbols[i]);
        break;
    case NODE_OP:
        for (int k = 0; op_table[n->as.op.code].attrs[k].kind != ATTR_END; k++) {
            for (int i = 0; i < n->as.op.attrs[k].count; i++) add_dim(s, n->as.op.attrs[k].dims[i]);
        }
        break;
    case NODE_PARAM:
    case NODE_CONST:
    case NODE_VARIABLE:
    case NODE_ASSIGN:
    case NODE_LOOP:
    case NODE_RESULT: break;
    }
}

static void function_symbols(Cx *cx, IrFunction *f, bool *seen)
{
    SymbolSet s = {.cx = cx, .seen = seen};
    for (size_t i = 0; i < f->params.len; i++) add_type(&s, f->params.at[i]->type);
    for (size_t i = 0; i < f->nodes.len; i++) collect_symbols(&s, f->nodes.at[i]);
    f->symbols = s.list.at;
    f->nsymbols = (int)s.list.len;
    for (int i = 0; i < f->nsymbols; i++) seen[dim_symbol_id(f->symbols[i])] = false;
}

static void finish_node(Cx *cx, IrFunction *f, Node *n)
{
    Instance *target = n->layer ? n->layer : f->owner;
    switch (n->kind) {
    case NODE_VARIABLE:
    case NODE_ASSIGN:
        n->as.variable.path = path_between(cx, f->owner, n->as.variable.variable->owner, n->as.variable.variable->name);
        break;
    case NODE_CALL:
        n->as.call.path = path_between(cx, f->owner, n->layer, NULL);
        n->as.call.symbols = n->as.call.function->symbols;
        break;
    case NODE_SCAN:
        n->as.scan.path = path_between(cx, f->owner, n->as.scan.body->owner, NULL);
        n->as.scan.symbols = n->as.scan.body->symbols;
        break;
    case NODE_PARAM:
    case NODE_CONST:
    case NODE_DIM:
    case NODE_CHECK:
    case NODE_LOOP:
    case NODE_RESULT:
    case NODE_OP: break;
    }
    n->at = target == f->owner || !starts_with(target->path, f->owner->path)
                ? ""
                : path_text(cx->arena, path_between(cx, f->owner, target, NULL));
}

void finish_graph(Cx *cx)
{
    bool *seen = arena_array(cx->arena, bool, (size_t)dim_symbol_count(cx->dims) + 1);
    for (size_t i = 0; i < cx->program->functions.len; i++) {
        IrFunction *f = cx->program->functions.at[i];
        const Instance *last = NULL;
        const char *at = "";
        function_symbols(cx, f, seen);
        for (size_t k = 0; k < f->nodes.len; k++) {
            Node *n = f->nodes.at[k];
            const bool simple = n->kind == NODE_OP || n->kind == NODE_CONST;
            if (simple && n->layer == last && last) n->at = at; /* runs of nodes of one layer share the text */
            else finish_node(cx, f, n);
            last = n->layer;
            at = n->at;
        }
    }
}
