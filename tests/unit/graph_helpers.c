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
    m.program->reductions = m.program->slices = m.program->epilogues = true;
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

const Dim *add_symbol(Maker *m, const char *name)
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

/* A batch normalization of y, by the block's own variables. */
static Node *normalize(Maker *m, IrFunction *f, Instance *layer, Node *y)
{
    Type      t = F32(m, 8);
    Variable *mean = layer->variables.at[2], *variance = layer->variables.at[3];
    Node     *factor = OP1(m, f, rsqrt, t, add_read(m, f, t, variance, "variance"));
    Node     *shifted = OP2(m, f, subtract, y->type, y, add_read(m, f, t, mean, "mean"));
    return OP2(m, f, multiply, y->type, shifted, factor);
}

static Maker make_blocks(int depth, bool normalized)
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
        if (normalized) VARIABLE(&m, layer, "mean", true, 8);
        if (normalized) VARIABLE(&m, layer, "variance", true, 8);
    }
    block = make_function(&m, "Block", first);
    use_symbol(&m, block, batch);
    Node *p = add_param(&m, block, "x", F32(&m, -1, 8));
    Node *y = dense(&m, block, first, "", p, 8, 8);
    if (normalized) y = normalize(&m, block, first, y);
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

Maker make_chain(int depth)
{
    return make_blocks(depth, false);
}

Maker make_normalized(int depth)
{
    return make_blocks(depth, true);
}
Maker make_copies(int count, bool differ)
{
    Maker       m = maker_create("Copies", "x = layer(x)");
    const Dim  *batch = add_symbol(&m, "batch");
    Instance   *layer = add_layer(&m, m.program->model, "layer", -1, "Layer", false);
    IrFunction **copies = arena_array(m.arena, IrFunction *, (size_t)count);
    for (int i = 0; i < count; i++) {
        const Dim *own = dim_symbol(m.dims, arena_printf(m.arena, "n%d", i));
        copies[i] = make_function(&m, "Layer", layer);
        use_symbol(&m, copies[i], own);
        Type  t = type_of(&m, DT_FLOAT32, 2, (const Dim *[]){own, dim_int(m.dims, 8)});
        Node *x = add_param(&m, copies[i], "x", t);
        give(&m, copies[i], OP2(&m, copies[i], multiply, t, x, add_const(&m, copies[i], f32(&m, 0, NULL), differ ? i : 7)));
    }
    IrFunction *f = make_function(&m, "Copies", m.program->model);
    use_symbol(&m, f, batch);
    Node *x = add_param(&m, f, "x", F32(&m, -1, 8));
    for (int i = 0; i < count; i++) {
        const Dim **symbols = arena_array(m.arena, const Dim *, 1);
        symbols[0] = batch;
        Node *call = add_call(&m, f, copies[i], "layer", symbols, 1, &x);
        x = add_result(&m, f, call, 0, F32(&m, -1, 8));
    }
    give(&m, f, x);
    add_input(&m, "x", F32(&m, -1, 8));
    add_output(&m, "output", F32(&m, -1, 8));
    return m;
}

/* h = tanh(h @ kernel + x); gives h as carry and as result of the step. */
static IrFunction *make_step(Maker *m, Instance *cell)
{
    Variable   *kernel = VARIABLE(m, cell, "kernel", false, 4, 4);
    IrFunction *f = make_function(m, "Cell_step", cell);
    use_symbol(m, f, m->program->symbols.at[0]);
    Type  t = F32(m, -1, 4);
    Node *h = add_param(m, f, "h", t), *x = add_param(m, f, "x", t);
    Node *w = add_read(m, f, F32(m, 4, 4), kernel, "kernel");
    Node *y = OP1(m, f, tanh, t, OP2(m, f, add, t, OP2(m, f, matmul, t, h, w), x));
    give(m, f, y);
    give(m, f, y);
    return f;
}

static Node *add_scan(Maker *m, IrFunction *f, IrFunction *step, Node *init, Node *xs)
{
    Node       *in[] = {init, xs};
    Node       *n = add_node(m, f, NODE_SCAN, (Type){0}, 2, in);
    const Dim **symbols = arena_array(m->arena, const Dim *, 1);
    symbols[0] = m->program->symbols.at[0];
    n->as.scan.body = step;
    n->as.scan.path = path_of(m, "cell");
    n->as.scan.symbols = symbols;
    n->as.scan.length = m->program->symbols.at[1];
    n->as.scan.ncarry = 1;
    n->as.scan.reverse = true;
    return n;
}

Maker make_everything(void)
{
    Maker      m = maker_create("Everything", "a line of the model");
    const Dim *batch = add_symbol(&m, "batch"), *time = add_symbol(&m, "time");
    dim_bound(m.dims, 0, 1, 64);
    Instance   *model = m.program->model;
    Instance   *cell = add_layer(&m, model, "cell", -1, "Cell", false);
    Variable   *calls = VARIABLE(&m, model, "calls", true, 1);
    IrFunction *step = make_step(&m, cell);
    IrFunction *f = make_function(&m, "Everything", model);
    add_alias(&m, model, "int", cell);
    use_symbol(&m, f, batch);
    use_symbol(&m, f, time);
    add_input(&m, "x", F32(&m, -2, -1, 4));
    add_output(&m, "ys", F32(&m, -2, -1, 4));
    add_output(&m, "last", F32(&m, -1, 4));
    add_output(&m, "calls", F32(&m, 1));

    Node *x = add_param(&m, f, "x", F32(&m, -2, -1, 4));
    add_check(&m, f, REL_LE, time, dim_int(m.dims, 1024), "100 % too long");
    Node *old = add_read(&m, f, F32(&m, 1), calls, "calls");
    Node *new = OP2(&m, f, add, F32(&m, 1), old, add_const(&m, f, F32(&m, 1), 1));
    add_assign(&m, f, calls, "calls", new);
    Node *noise = add_op(&m, f, OPC_random_normal, F32(&m, -1, 4), 0, NULL);
    noise->at = "cell";
    Node *scan = add_scan(&m, f, step, noise, x);
    Node *last = add_result(&m, f, scan, 0, F32(&m, -1, 4)), *ys = add_result(&m, f, scan, 1, F32(&m, -2, -1, 4));
    Node *half = node_new(m.arena, NODE_DIM, type_of(&m, DT_INT64, 0, NULL), (Span){0});
    half->as.dim = dim_floordiv(m.dims, dim_add(m.dims, time, dim_int(m.dims, 1)), dim_int(m.dims, 2));
    vec_push(m.arena, &f->nodes, half);
    Node *scale = OP1(&m, f, cast, f32(&m, 0, NULL), half);
    Type  flags = ys->type, narrow = ys->type;
    flags.dtype = DT_BOOL;
    narrow.dtype = DT_BFLOAT16;
    Node *scaled = OP1(&m, f, cast, ys->type, OP1(&m, f, cast, narrow, OP2(&m, f, multiply, ys->type, ys, scale)));
    Node *choice[] = {OP2(&m, f, less, flags, scaled, add_const(&m, f, ys->type, 0.25)), scaled, x};
    give(&m, f, add_op(&m, f, OPC_where, ys->type, 3, choice));
    give(&m, f, last);
    give(&m, f, add_read(&m, f, F32(&m, 1), calls, "calls"));
    return m;
}
