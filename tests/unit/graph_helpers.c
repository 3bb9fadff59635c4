#include "graph_helpers.h"

#include <stdlib.h>
#include <string.h>

static const mdl_initializer glorot = {.kind = MDL_INIT_VARIANCE_SCALING, .text = "glorot_uniform", .a = 1, .mode = MDL_FAN_AVG, .distribution = MDL_DIST_UNIFORM};
static const mdl_initializer zeros = {.kind = MDL_INIT_ZEROS, .text = "zeros"};

Maker maker_create(const char *model, const char *text)
{
    Maker m = {.arena = arena_create()};
    m.names = interner_create(m.arena);
    m.dims = dims_create(m.arena);
    m.sources = sources_create(m.arena);
    m.source = source_add(m.sources, "model.mdl", text, strlen(text), false);
    m.program = arena_new(m.arena, Program);
    m.program->name = model;
    m.program->dims = m.dims;
    m.program->model = arena_new(m.arena, Instance);
    m.program->model->class_name = model;
    m.program->model->reached = true;
    m.program->model->keras = (mdl_name){"model", 0};
    m.program->model->h5 = (mdl_name){"", 0};
    m.program->model->span = (Span){m.source->id, 0, 5};
    return m;
}

void maker_destroy(Maker *m)
{
    arena_destroy(m->arena);
}

Type type_of(Maker *m, DType t, int rank, const Dim *const *dims)
{
    const Dim **copy = arena_array(m->arena, const Dim *, (size_t)rank + 1);
    for (int i = 0; i < rank; i++) copy[i] = dims[i];
    return (Type){t, rank, copy};
}

Type f32(Maker *m, int rank, const int *sizes)
{
    const Dim *dims[32] = {0};
    for (int i = 0; i < rank; i++) dims[i] = sizes[i] >= 0 ? dim_int(m->dims, sizes[i]) : m->program->symbols.at[-1 - sizes[i]];
    return type_of(m, DT_FLOAT32, rank, dims);
}

static Slot *find_slot(SlotVec *slots, const Sym *name)
{
    for (size_t i = 0; i < slots->len; i++) {
        if (slots->at[i]->name == name) return slots->at[i];
    }
    return NULL;
}

Instance *add_layer(Maker *m, Instance *owner, const char *field, int64_t index, const char *class_name, bool library)
{
    const Sym *name = intern_z(m->names, field);
    Slot      *list = find_slot(&owner->slots, name);
    Slot      *slot = arena_new(m->arena, Slot);
    Instance  *layer = arena_new(m->arena, Instance);
    Step       steps[] = {{.name = name}, {.index = index}};
    *slot = (Slot){.kind = SLOT_LAYER, .name = index < 0 ? name : NULL, .index = index < 0 ? 0 : index, .layer = layer};
    if (index >= 0 && !list) {
        list = arena_new(m->arena, Slot);
        *list = (Slot){.kind = SLOT_LIST, .name = name};
        vec_push(m->arena, &owner->slots, list);
    }
    if (index >= 0) vec_push(m->arena, &list->items, slot);
    else vec_push(m->arena, &owner->slots, slot);
    layer->class_name = class_name;
    layer->library = library;
    layer->parent = owner;
    layer->reached = true;
    layer->path = path_join(m->arena, owner->path, (Path){steps, index < 0 ? 1 : 2});
    layer->keras = (mdl_name){arena_printf(m->arena, "%s_k", class_name), index < 0 ? 0 : index};
    layer->h5 = (mdl_name){arena_printf(m->arena, "%s_h", class_name), index < 0 ? 0 : index};
    layer->output = "float32[batch, 8]";
    layer->span = (Span){m->source->id, 0, 5};
    return layer;
}

void add_alias(Maker *m, Instance *owner, const char *field, Instance *layer)
{
    Slot *slot = arena_new(m->arena, Slot);
    *slot = (Slot){.kind = SLOT_LAYER, .name = intern_z(m->names, field), .layer = layer, .alias = true};
    vec_push(m->arena, &owner->slots, slot);
}

Variable *add_variable(Maker *m, Instance *owner, const char *name, int rank, const int64_t *shape, bool is_state)
{
    Variable *v = arena_new(m->arena, Variable);
    int64_t  *copy = arena_array(m->arena, int64_t, (size_t)rank + 1);
    for (int i = 0; i < rank; i++) copy[i] = shape[i];
    *v = (Variable){.name = intern_z(m->names, name), .owner = owner, .dtype = DT_FLOAT32, .rank = rank, .shape = copy,
                    .is_state = is_state, .init = rank > 1 ? &glorot : &zeros,
                    .h5 = arena_printf(m->arena, "vars/%zu", owner->variables.len)};
    vec_push(m->arena, &owner->variables, v);
    return v;
}

IrFunction *make_function(Maker *m, const char *name, Instance *owner)
{
    IrFunction *f = arena_new(m->arena, IrFunction);
    f->name = name;
    f->owner = owner;
    f->span = (Span){m->source->id, 0, 5};
    vec_push(m->arena, &m->program->functions, f);
    m->program->main = f;
    return f;
}

void use_symbol(Maker *m, IrFunction *f, const Dim *symbol)
{
    const Dim **symbols = arena_array(m->arena, const Dim *, (size_t)f->nsymbols + 1);
    if (f->nsymbols > 0) memcpy(symbols, f->symbols, (size_t)f->nsymbols * sizeof *symbols);
    symbols[f->nsymbols++] = symbol;
    f->symbols = symbols;
}

static Node *add_node(Maker *m, IrFunction *f, NodeKind kind, Type t, int nin, Node *const *in)
{
    Node *n = node_new(m->arena, kind, t, (Span){m->source->id, 0, (uint32_t)m->source->len});
    n->in = arena_array(m->arena, Node *, (size_t)nin + 1);
    for (int i = 0; i < nin; i++) n->in[i] = in[i];
    n->nin = nin;
    vec_push(m->arena, &f->nodes, n);
    return n;
}

Node *add_param(Maker *m, IrFunction *f, const char *name, Type t)
{
    Node *n = add_node(m, f, NODE_PARAM, t, 0, NULL);
    n->name = name;
    n->index = (int)f->params.len;
    vec_push(m->arena, &f->params, n);
    return n;
}

Node *add_const(Maker *m, IrFunction *f, Type t, double value)
{
    Node *n = add_node(m, f, NODE_CONST, t, 0, NULL);
    if (dtype_is_float(t.dtype)) n->as.literal.real = value;
    else n->as.literal.integer = (int64_t)value;
    return n;
}

Path path_of(Maker *m, const char *text)
{
    VEC(Step) steps = {0};
    while (*text) {
        size_t len = strcspn(text, ".");
        Step   s = {0};
        if (*text == '{') s = (Step){.loop = true, .index = text[2] == '+' ? atoi(text + 3) : 0};
        else if (*text >= '0' && *text <= '9') s.index = atoi(text);
        else s.name = intern(m->names, text, len);
        vec_push(m->arena, &steps, s);
        text += len + (text[len] == '.');
    }
    return (Path){steps.at, (int)steps.len};
}

Node *add_read(Maker *m, IrFunction *f, Type t, Variable *v, const char *path)
{
    Node *n = add_node(m, f, NODE_VARIABLE, t, 0, NULL);
    n->as.variable.variable = v;
    n->as.variable.path = path_of(m, path);
    return n;
}

Node *add_assign(Maker *m, IrFunction *f, Variable *v, const char *path, Node *value)
{
    Node *n = add_node(m, f, NODE_ASSIGN, (Type){0}, 1, &value);
    n->as.variable.variable = v;
    n->as.variable.path = path_of(m, path);
    v->assigned = true;
    return n;
}

Node *add_check(Maker *m, IrFunction *f, Relation r, const Dim *left, const Dim *right, const char *message)
{
    Node *n = add_node(m, f, NODE_CHECK, (Type){0}, 0, NULL);
    n->as.check.relation = r;
    n->as.check.left = left;
    n->as.check.right = right;
    n->as.check.message = message;
    return n;
}

Node *add_op(Maker *m, IrFunction *f, Opcode code, Type t, int nin, Node *const *in)
{
    Node *n = add_node(m, f, NODE_OP, t, nin, in);
    n->as.op.code = code;
    int   count = node_attr_count(n);
    Attr *attrs = arena_array(m->arena, Attr, (size_t)count + 1);
    for (int i = 0; i < count; i++) {
        const Dim **zero = arena_array(m->arena, const Dim *, 1);
        zero[0] = dim_int(m->dims, 0);
        attrs[i] = (Attr){.dims = zero, .count = 1};
    }
    n->as.op.attrs = attrs;
    return n;
}

void set_ints(Maker *m, Node *op, int number, int count, const int64_t *values)
{
    const Dim **dims = arena_array(m->arena, const Dim *, (size_t)count + 1);
    for (int i = 0; i < count; i++) dims[i] = dim_int(m->dims, values[i]);
    ((Attr *)op->as.op.attrs)[number] = (Attr){.dims = dims, .count = count};
}

Node *add_call(Maker *m, IrFunction *f, IrFunction *callee, const char *path, const Dim *const *symbols, int nin, Node *const *in)
{
    Node *n = add_node(m, f, NODE_CALL, (Type){0}, nin, in);
    n->as.call.function = callee;
    n->as.call.path = path_of(m, path);
    n->as.call.symbols = symbols;
    return n;
}

Node *add_result(Maker *m, IrFunction *f, Node *call, int index, Type t)
{
    Node *n = add_node(m, f, NODE_RESULT, t, 1, &call);
    n->index = index;
    return n;
}

void give(Maker *m, IrFunction *f, Node *result)
{
    vec_push(m->arena, &f->results, result);
}

void add_input(Maker *m, const char *name, Type t)
{
    vec_push(m->arena, &m->program->inputs, (Port){.name = name, .type = t});
}

void add_output(Maker *m, const char *name, Type t)
{
    vec_push(m->arena, &m->program->outputs, (Port){.name = name, .type = t});
}

static const Dim *add_symbol(Maker *m, const char *name)
{
    const Dim *d = dim_symbol(m->dims, name);
    vec_push(m->arena, &m->program->symbols, d);
    return d;
}

static Node *dense(Maker *m, IrFunction *f, Instance *layer, const char *at, Node *x, int in, int out)
{
    Variable *kernel = layer->variables.len > 0 ? layer->variables.at[0] : VARIABLE(m, layer, "kernel", false, in, out);
    Variable *bias = layer->variables.len > 1 ? layer->variables.at[1] : VARIABLE(m, layer, "bias", false, out);
    const char *dot = *at ? "." : "";
    Node *w = add_read(m, f, F32(m, in, out), kernel, arena_printf(m->arena, "%s%skernel", at, dot));
    Node *b = add_read(m, f, F32(m, out), bias, arena_printf(m->arena, "%s%sbias", at, dot));
    Node *y = OP2(m, f, add, F32(m, -1, out), OP2(m, f, matmul, F32(m, -1, out), x, w), b);
    y->at = at;
    return y;
}

Maker make_mlp(void)
{
    Maker       m = maker_create("MyModel", "dense2(relu(dense1(inputs)))");
    const Dim  *batch = add_symbol(&m, "batch");
    Instance   *dense1 = add_layer(&m, m.program->model, "dense1", -1, "Dense", true);
    Instance   *dense2 = add_layer(&m, m.program->model, "dense2", -1, "Dense", true);
    IrFunction *f = make_function(&m, "MyModel", m.program->model);
    use_symbol(&m, f, batch);
    Node *x = add_param(&m, f, "inputs", F32(&m, -1, 20));
    Node *h = dense(&m, f, dense1, "dense1", x, 20, 64);
    Node *r = OP2(&m, f, maximum, F32(&m, -1, 64), h, add_const(&m, f, F32(&m, -1, 64), 0));
    give(&m, f, dense(&m, f, dense2, "dense2", r, 64, 10));
    add_input(&m, "inputs", F32(&m, -1, 20));
    add_output(&m, "output", F32(&m, -1, 10));
    return m;
}

Maker make_chain(int depth)
{
    Maker       m = maker_create("Chain", "for block in blocks { x = block(x) }");
    const Dim  *batch = add_symbol(&m, "batch");
    IrFunction *block = NULL, *f;
    Instance   *first = NULL;
    for (int i = 0; i < depth; i++) {
        Instance *layer = add_layer(&m, m.program->model, "blocks", i, "Block", false);
        if (!first) first = layer;
        VARIABLE(&m, layer, "kernel", false, 8, 8);
        VARIABLE(&m, layer, "bias", false, 8);
    }
    block = make_function(&m, "Block", first);
    use_symbol(&m, block, batch);
    Node *p = add_param(&m, block, "x", F32(&m, -1, 8));
    Node *y = dense(&m, block, first, "", p, 8, 8);
    Node *r = OP2(&m, block, maximum, F32(&m, -1, 8), y, add_const(&m, block, F32(&m, -1, 8), 0));
    give(&m, block, OP2(&m, block, add, F32(&m, -1, 8), p, r));
    f = make_function(&m, "Chain", m.program->model);
    use_symbol(&m, f, batch);
    Node       *x = add_param(&m, f, "x", F32(&m, -1, 8));
    const Dim **symbols = arena_array(m.arena, const Dim *, 1);
    symbols[0] = batch;
    for (int i = 0; i < depth; i++) {
        Node *call = add_call(&m, f, block, arena_printf(m.arena, "blocks.%d", i), symbols, 1, &x);
        x = add_result(&m, f, call, 0, F32(&m, -1, 8));
    }
    give(&m, f, x);
    add_input(&m, "x", F32(&m, -1, 8));
    add_output(&m, "output", F32(&m, -1, 8));
    return m;
}
