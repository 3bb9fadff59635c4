/* The passes, on graphs made by hand. */
#include <check.h>

#include <stdlib.h>

#include "golden.h"
#include "graph_helpers.h"

static void run(Maker *m, void (*pass)(PassContext *))
{
    PassContext cx = {m->arena, m->program, layouts_create(m->arena, m->program)};
    ir_number(m->program);
    ir_verify(m->arena, m->program, "test");
    pass(&cx);
    ir_number(m->program);
    ir_verify(m->arena, m->program, "the pass under test");
}

static size_t count_kind(const IrFunction *f, NodeKind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < f->nodes.len; i++) count += f->nodes.at[i]->kind == kind;
    return count;
}

static size_t count_op(const IrFunction *f, Opcode code)
{
    size_t count = 0;
    for (size_t i = 0; i < f->nodes.len; i++) count += f->nodes.at[i]->kind == NODE_OP && f->nodes.at[i]->as.op.code == code;
    return count;
}

/* ---- fold ---- */

START_TEST(constants_are_computed)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    Type        t = F32(&m, 1);
    Node       *a = add_const(&m, f, t, 3), *b = add_const(&m, f, t, 0.1);
    Node       *c = OP1(&m, f, reshape, f32(&m, 0, NULL), OP2(&m, f, multiply, t, a, b));
    f->results.at[0] = OP2(&m, f, add, f->results.at[0]->type, f->results.at[0], c);
    run(&m, pass_fold);
    Node *folded = f->results.at[0]->in[1];
    ck_assert_int_eq(folded->kind, NODE_CONST);
    ck_assert(folded->as.literal.real == (double)(3.0f * 0.1f));
    ck_assert_int_eq(folded->type.rank, 0);
    maker_destroy(&m);
}
END_TEST

START_TEST(what_changes_nothing_goes)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    Node       *r = f->results.at[0];
    Type        flat = type_of(&m, DT_FLOAT32, 1, (const Dim *[]){type_elements(m.dims, r->type)});
    Node       *twice = OP1(&m, f, reshape, r->type, OP1(&m, f, reshape, flat, r));
    f->results.at[0] = OP1(&m, f, cast, r->type, twice);
    run(&m, pass_fold);
    ck_assert_ptr_eq(f->results.at[0], r);
    maker_destroy(&m);
}
END_TEST

START_TEST(a_product_reads_its_operand_transposed)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    Node       *x = f->params.at[0];
    Node       *t = OP1(&m, f, transpose, F32(&m, 20, -1), x);
    set_ints(&m, t, 0, 2, (int64_t[]){1, 0});
    f->results.at[0] = OP2(&m, f, matmul, F32(&m, -1, -1), x, t);
    m.program->outputs.at[0].type = f->results.at[0]->type;
    run(&m, pass_fold);
    int64_t flag = 0;
    ck_assert_uint_eq(count_op(f, OPC_transpose), 0);
    ck_assert(dim_is_int(f->results.at[0]->as.op.attrs[1].dims[0], &flag) && flag == 1);
    maker_destroy(&m);
}
END_TEST

/* ---- share ---- */

START_TEST(equal_values_are_computed_once)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    Node       *x = f->params.at[0];
    Node       *a = OP1(&m, f, tanh, x->type, x), *b = OP1(&m, f, tanh, x->type, x), *c = OP1(&m, f, exp, x->type, x);
    f->results.at[0] = OP2(&m, f, add, x->type, OP2(&m, f, multiply, x->type, a, b), c);
    m.program->outputs.at[0].type = x->type;
    run(&m, pass_share);
    ck_assert_uint_eq(count_op(f, OPC_tanh), 1);
    ck_assert_uint_eq(count_op(f, OPC_exp), 1);
    maker_destroy(&m);
}
END_TEST

/* ---- transpose-early ---- */

/* The transposed rows of tanh(x @ kernel + bias), x being [batch, 5, 4]. */
static Maker make_transposed(int columns)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    const Type  t = F32(&m, -1, 5, columns);
    Node *x = OP1(&m, f, reshape, F32(&m, -1, 5, 4), f->params.at[0]);
    Node *kernel = add_read(&m, f, F32(&m, 4, columns), VARIABLE(&m, m.program->model, "kernel", false, 4, columns), "kernel");
    Node *bias = add_read(&m, f, F32(&m, columns), VARIABLE(&m, m.program->model, "bias", false, columns), "bias");
    Node *y = OP1(&m, f, tanh, t, OP2(&m, f, add, t, OP2(&m, f, matmul, t, x, kernel), bias));
    Node *rows = OP1(&m, f, transpose, F32(&m, 5, -1, columns), y);
    set_ints(&m, rows, 0, 3, (int64_t[]){1, 0, 2});
    f->results.at[0] = rows;
    m.program->outputs.at[0].type = rows->type;
    return m;
}

START_TEST(rows_are_transposed_before_they_grow)
{
    Maker       m = make_transposed(8);
    IrFunction *f = m.program->main;
    run(&m, pass_transpose_early);
    const Node *y = f->results.at[0], *early = y->in[0]->in[0]->in[0];
    ck_assert_int_eq(y->as.op.code, OPC_tanh);
    ck_assert_int_eq(early->as.op.code, OPC_transpose);
    ck_assert_ptr_eq(early->in[0]->in[0], f->params.at[0]);
    ck_assert(type_same_shape(early->type, F32(&m, 5, -1, 4)) && type_same_shape(y->type, F32(&m, 5, -1, 8)));
    ck_assert_uint_eq(count_op(f, OPC_transpose), 1);
    maker_destroy(&m);
}
END_TEST

START_TEST(rows_that_do_not_grow_or_are_needed_as_they_are_stay)
{
    Maker m = make_transposed(4);
    run(&m, pass_transpose_early);
    ck_assert_int_eq(m.program->main->results.at[0]->as.op.code, OPC_transpose);
    maker_destroy(&m);
    m = make_transposed(8);
    Node *rows = m.program->main->results.at[0];
    give(&m, m.program->main, rows->in[0]->in[0]);
    add_output(&m, "sums", rows->in[0]->type);
    run(&m, pass_transpose_early);
    ck_assert_int_eq(m.program->main->results.at[0]->as.op.code, OPC_transpose);
    maker_destroy(&m);
}
END_TEST

/* ---- fold-padding ---- */

/* Images of [5, 2, 2] with `rows` of zeros above and below and one column on each side, through a convolution with 3 x 3 taps. */
static Maker make_padded(int rows)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    Node *x = OP1(&m, f, reshape, F32(&m, -1, 5, 2, 2), f->params.at[0]), *pad = OP1(&m, f, pad, F32(&m, -1, 5 + 2 * rows, 4, 2), x);
    for (int side = 0; side < 2; side++) set_ints(&m, pad, side, 4, (int64_t[]){0, rows, 1, 0});
    set_ints(&m, pad, 2, 1, (int64_t[]){0});
    Node *kernel = add_read(&m, f, F32(&m, 3, 3, 2, 6), VARIABLE(&m, m.program->model, "kernel", false, 3, 3, 2, 6), "kernel");
    Node *conv = OP2(&m, f, conv, F32(&m, -1, 3 + 2 * rows, 2, 6), pad, kernel);
    for (int i = 0; i < 4; i++) set_ints(&m, conv, i, 2, (int64_t[]){i < 2, i < 2});
    set_ints(&m, conv, 4, 1, (int64_t[]){1});
    f->results.at[0] = conv;
    m.program->outputs.at[0].type = conv->type;
    return m;
}

START_TEST(zeros_around_an_image_become_padding)
{
    enum { LOW = 2, HIGH };
    Maker m = make_padded(2);
    run(&m, pass_fold_padding);
    const Node *conv = m.program->main->results.at[0];
    int64_t     low, high;
    ck_assert_uint_eq(count_op(m.program->main, OPC_pad), 0);
    ck_assert_int_eq(conv->in[0]->as.op.code, OPC_reshape);
    ck_assert(dim_is_int(conv->as.op.attrs[LOW].dims[0], &low) && low == 2);
    ck_assert(dim_is_int(conv->as.op.attrs[HIGH].dims[1], &high) && high == 1);
    maker_destroy(&m);
}
END_TEST

START_TEST(zeros_that_fill_a_window_or_that_others_read_stay)
{
    Maker m = make_padded(3);
    run(&m, pass_fold_padding);
    ck_assert_uint_eq(count_op(m.program->main, OPC_pad), 1);
    maker_destroy(&m);
    m = make_padded(2);
    Node *pad = m.program->main->results.at[0]->in[0];
    give(&m, m.program->main, pad);
    add_output(&m, "padded", pad->type);
    run(&m, pass_fold_padding);
    ck_assert_ptr_eq(m.program->main->results.at[0]->in[0], pad);
    maker_destroy(&m);
}
END_TEST

/* ---- gates ---- */

/* tanh(x) * sigmoid(x), and of one row for all where `one`. */
static Maker make_gate(bool one)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    Node       *x = f->params.at[0];
    const Type  t = F32(&m, -1, 20), row = F32(&m, 1, 20);
    Node       *of = one ? add_read(&m, f, row, VARIABLE(&m, m.program->model, "row", false, 1, 20), "row") : x;
    f->results.at[0] = OP2(&m, f, multiply, t, OP1(&m, f, tanh, t, x), OP1(&m, f, sigmoid, of->type, of));
    m.program->outputs.at[0].type = t;
    return m;
}

START_TEST(a_sigmoid_times_a_tanh_divides_once)
{
    Maker m = make_gate(false);
    run(&m, pass_gates);
    const Node *gate = m.program->main->results.at[0];
    ck_assert_int_eq(gate->as.op.code, OPC_sigmoid_tanh);
    ck_assert_ptr_eq(gate->in[0], m.program->main->params.at[0]);
    ck_assert_uint_eq(count_op(m.program->main, OPC_sigmoid) + count_op(m.program->main, OPC_tanh), 0);
    maker_destroy(&m);
}
END_TEST

START_TEST(a_gate_that_others_read_or_that_all_rows_share_is_computed_once)
{
    Maker m = make_gate(true);
    run(&m, pass_gates);
    ck_assert_int_eq(m.program->main->results.at[0]->as.op.code, OPC_multiply);
    maker_destroy(&m);
    m = make_gate(false);
    Node *gate = m.program->main->results.at[0]->in[1];
    give(&m, m.program->main, gate);
    add_output(&m, "gate", gate->type);
    run(&m, pass_gates);
    ck_assert_int_eq(m.program->main->results.at[0]->as.op.code, OPC_multiply);
    maker_destroy(&m);
}
END_TEST

/* ---- attention ---- */

/* softmax(q @ k^T) @ v, or softmax(q @ k^T + mask) @ v, of heads that lie inside of positions, and go back there. */
static Maker make_attention(Node **scores, bool adds)
{
    Maker       m = maker_create("M", "softmax(q @ k) @ v");
    const Dim  *time = add_symbol(&m, "time");
    IrFunction *f = make_function(&m, "M", m.program->model);
    const Type  outside = F32(&m, 2, -1, 8), inside = F32(&m, -1, 2, 8);
    Node       *heads[3];
    use_symbol(&m, f, time);
    for (int i = 0; i < 3; i++) heads[i] = add_param(&m, f, "x", inside);
    Node *mask = adds ? add_param(&m, f, "mask", F32(&m, 1, -1)) : NULL;
    for (int i = 0; i < 3; i++) {
        add_input(&m, (const char *[]){"q", "k", "v"}[i], inside);
        set_ints(&m, heads[i] = OP1(&m, f, transpose, outside, heads[i]), 0, 3, (int64_t[]){1, 0, 2});
    }
    *scores = OP2(&m, f, matmul, F32(&m, 2, -1, -1), heads[0], heads[1]);
    set_ints(&m, *scores, 1, 1, (int64_t[]){1});
    if (adds) add_input(&m, "mask", mask->type);
    Node *sum = adds ? OP2(&m, f, add, (*scores)->type, mask, *scores) : *scores;
    Node *weights = OP1(&m, f, softmax, (*scores)->type, sum);
    set_ints(&m, weights, 0, 1, (int64_t[]){2});
    Node *y = OP1(&m, f, transpose, inside, OP2(&m, f, matmul, outside, weights, heads[2]));
    set_ints(&m, y, 0, 3, (int64_t[]){1, 0, 2});
    give(&m, f, y);
    add_output(&m, "output", inside);
    return m;
}

START_TEST(attention_becomes_one_kernel_that_reads_heads_where_they_are)
{
    Node       *scores;
    Maker       m = make_attention(&scores, false);
    IrFunction *f = m.program->main;
    run(&m, pass_attention);
    const Node *y = f->results.at[0];
    ck_assert_int_eq(y->as.op.code, OPC_attention);
    ck_assert_uint_eq(count_op(f, OPC_transpose) + count_op(f, OPC_matmul) + count_op(f, OPC_softmax), 0);
    for (int i = 0; i < 3; i++) ck_assert_ptr_eq(y->in[i], f->params.at[i]);
    maker_destroy(&m);
}
END_TEST

START_TEST(what_is_added_to_all_scores_is_a_mask)
{
    Node       *scores;
    Maker       m = make_attention(&scores, true);
    IrFunction *f = m.program->main;
    run(&m, pass_attention);
    const Node *y = f->results.at[0];
    ck_assert_int_eq(y->as.op.code, OPC_attention);
    ck_assert_int_eq(y->nin, 4);
    ck_assert_ptr_eq(y->in[3], f->params.at[3]);
    ck_assert_uint_eq(count_op(f, OPC_add), 0);
    maker_destroy(&m);
}
END_TEST

START_TEST(scores_that_something_else_reads_are_computed)
{
    Node *scores;
    Maker m = make_attention(&scores, false);
    give(&m, m.program->main, scores);
    add_output(&m, "scores", scores->type);
    run(&m, pass_attention);
    ck_assert_uint_eq(count_op(m.program->main, OPC_softmax), 1);
    ck_assert_uint_eq(count_op(m.program->main, OPC_attention), 0);
    maker_destroy(&m);
}
END_TEST

/* ---- dedupe ---- */

START_TEST(equal_functions_become_one)
{
    Maker m = make_copies(4, false);
    ck_assert_uint_eq(m.program->functions.len, 5);
    run(&m, pass_dedupe);
    ck_assert_uint_eq(m.program->functions.len, 2);
    maker_destroy(&m);
}
END_TEST

START_TEST(functions_that_differ_in_a_constant_stay)
{
    Maker m = make_copies(4, true);
    run(&m, pass_dedupe);
    ck_assert_uint_eq(m.program->functions.len, 5);
    maker_destroy(&m);
}
END_TEST

/* ---- roll ---- */

START_TEST(a_chain_over_a_list_becomes_a_loop)
{
    Maker m = make_chain(12);
    run(&m, pass_roll);
    IrFunction *f = m.program->main;
    ck_assert_uint_eq(count_kind(f, NODE_LOOP), 1);
    ck_assert_uint_eq(count_kind(f, NODE_CALL), 0);
    Node *loop = f->nodes.at[1];
    ck_assert_int_eq(loop->kind, NODE_LOOP);
    ck_assert_int_eq(loop->as.loop.count, 12);
    ck_assert_int_eq(loop->as.loop.ncarry, 1);
    Node *call = loop->as.loop.body->nodes.at[1];
    ck_assert_str_eq(path_text(m.arena, call->as.call.path), "blocks.{i}");
    maker_destroy(&m);
}
END_TEST

START_TEST(two_steps_stay_as_they_are)
{
    Maker m = make_chain(2);
    run(&m, pass_roll);
    ck_assert_uint_eq(count_kind(m.program->main, NODE_LOOP), 0);
    maker_destroy(&m);
}
END_TEST

START_TEST(a_value_that_is_read_behind_the_chain_keeps_its_step)
{
    Maker       m = make_chain(6);
    IrFunction *f = m.program->main;
    Node       *second = f->nodes.at[4]; /* the result of blocks.1 */
    give(&m, f, second);
    add_output(&m, "second", second->type);
    run(&m, pass_roll);
    ck_assert_uint_eq(count_kind(f, NODE_CALL), 2);
    ck_assert_uint_eq(count_kind(f, NODE_LOOP), 1);
    maker_destroy(&m);
}
END_TEST

START_TEST(an_input_that_is_also_the_first_carry_is_both)
{
    Maker       m = make_chain(5);
    IrFunction *f = m.program->main;
    IrFunction *block = m.program->functions.at[0];
    Node       *x = f->params.at[0];
    /* Every block gets the chain's input, too. */
    Node *extra = node_new(m.arena, NODE_PARAM, x->type, x->span);
    extra->index = 1;
    vec_push(m.arena, &block->params, extra);
    NodeVec nodes = {0};
    vec_push(m.arena, &nodes, block->nodes.at[0]);
    vec_push(m.arena, &nodes, extra);
    for (size_t i = 1; i < block->nodes.len; i++) vec_push(m.arena, &nodes, block->nodes.at[i]);
    block->nodes = nodes;
    for (size_t i = 0; i < f->nodes.len; i++) {
        Node *n = f->nodes.at[i];
        if (n->kind != NODE_CALL) continue;
        n->in[1] = x; /* the helper leaves room for one more */
        n->nin = 2;
    }
    run(&m, pass_roll);
    Node *loop = f->nodes.at[1];
    ck_assert_int_eq(loop->kind, NODE_LOOP);
    ck_assert_int_eq(loop->nin, 2);
    Node *call = loop->as.loop.body->nodes.at[2];
    ck_assert_int_eq(call->kind, NODE_CALL);
    ck_assert_int_eq(call->in[0]->index, 0);
    ck_assert_int_eq(call->in[1]->index, 1);
    maker_destroy(&m);
}
END_TEST

/* ---- legalize ---- */

START_TEST(kernels_get_dtypes_they_compute_in)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    Node       *x = f->params.at[0];
    Type        half = x->type, small = x->type;
    half.dtype = DT_FLOAT16;
    small.dtype = DT_INT8;
    Node *h = OP1(&m, f, softmax, half, OP1(&m, f, cast, half, x));
    Node *s = OP1(&m, f, cumsum, small, OP1(&m, f, cast, small, x));
    f->results.at[0] = OP1(&m, f, cast, x->type, h);
    give(&m, f, s);
    m.program->outputs.at[0].type = x->type;
    add_output(&m, "s", small);
    run(&m, pass_legalize);
    for (size_t i = 0; i < f->nodes.len; i++) {
        Node *n = f->nodes.at[i];
        if (n->kind != NODE_OP || node_op(n)->cls != CLASS_KERNEL) continue;
        DType expected = n->as.op.code == OPC_softmax ? DT_FLOAT32 : DT_INT64;
        ck_assert_int_eq(n->type.dtype, expected);
        ck_assert_int_eq(n->in[0]->type.dtype, expected);
    }
    ck_assert_int_eq(f->results.at[1]->type.dtype, DT_INT8);
    maker_destroy(&m);
}
END_TEST

START_TEST(every_result_of_a_call_gets_a_node)
{
    Maker       m = make_chain(1);
    IrFunction *f = m.program->main, *block = m.program->functions.at[0];
    give(&m, block, block->params.at[0]);
    ck_assert_uint_eq(count_kind(f, NODE_RESULT), 1);
    run(&m, pass_legalize);
    ck_assert_uint_eq(count_kind(f, NODE_RESULT), 2);
    ck_assert_int_eq(f->nodes.at[3]->index, 1);
    maker_destroy(&m);
}
END_TEST

/* ---- fold-scale ---- */

START_TEST(a_normalization_becomes_part_of_the_product)
{
    Maker       m = make_normalized(1);
    IrFunction *f = m.program->functions.at[0];
    run(&m, pass_fold_scale);
    const Node *sum = f->nodes.at[f->results.at[0]->in[1]->in[0]->id], *product = sum->in[0];
    ck_assert_int_eq(sum->as.op.code, OPC_add);
    ck_assert_int_eq(product->as.op.code, OPC_matmul);
    ck_assert_int_eq(product->in[1]->as.op.code, OPC_multiply); /* kernel * rsqrt(variance) */
    ck_assert_int_eq(product->in[1]->in[0]->kind, NODE_VARIABLE);
    ck_assert_int_eq(sum->in[1]->as.op.code, OPC_multiply); /* (bias - mean) * rsqrt(variance) */
    ck_assert_uint_eq(count_op(f, OPC_matmul), 1);
    maker_destroy(&m);
}
END_TEST

START_TEST(a_product_that_is_read_twice_stays)
{
    Maker       m = make_normalized(1);
    IrFunction *f = m.program->functions.at[0];
    for (size_t i = 0; i < f->nodes.len; i++) {
        if (f->nodes.at[i]->kind == NODE_OP && f->nodes.at[i]->as.op.code == OPC_matmul) f->results.at[0]->in[0] = f->nodes.at[i];
    }
    run(&m, pass_fold_scale);
    ck_assert_uint_eq(count_op(f, OPC_multiply), 1);
    maker_destroy(&m);
}
END_TEST

START_TEST(factors_that_change_stay)
{
    Maker       m = make_normalized(1);
    IrFunction *f = m.program->functions.at[0];
    for (size_t i = 0; i < f->nodes.len; i++) {
        Node *n = f->nodes.at[i];
        if (n->kind == NODE_VARIABLE) n->as.variable.variable->assigned = true;
    }
    run(&m, pass_fold_scale);
    ck_assert_uint_eq(count_op(f, OPC_multiply), 1);
    maker_destroy(&m);
}
END_TEST

/* ---- prepare ---- */

static void check_dump(Maker *m, const char *golden)
{
    char  *text = NULL;
    size_t len = 0;
    FILE  *file = open_memstream(&text, &len);
    ir_print(file, m->arena, m->program, m->sources);
    fclose(file);
    golden_check(golden, text, len);
    free(text);
}

START_TEST(what_weights_alone_give_is_prepared)
{
    Maker     m = make_normalized(5);
    PassNames off = {0};
    run_passes(m.arena, m.program, layouts_create(m.arena, m.program), &off, true);
    ck_assert_ptr_nonnull(m.program->prepare);
    check_dump(&m, "emit/prepared.graph");
    maker_destroy(&m);
}
END_TEST

START_TEST(nothing_is_prepared_where_states_change)
{
    Maker m = make_normalized(5);
    for (size_t i = 0; i < m.program->model->slots.at[0]->items.len; i++) {
        const Instance *layer = m.program->model->slots.at[0]->items.at[i]->layer;
        for (size_t k = 0; k < layer->variables.len; k++) layer->variables.at[k]->assigned = true;
    }
    run_passes(m.arena, m.program, layouts_create(m.arena, m.program), NULL, true);
    ck_assert_ptr_null(m.program->prepare);
    maker_destroy(&m);
}
END_TEST

START_TEST(passes_are_switched_off_by_name)
{
    Maker       m = make_normalized(5);
    PassNames   off = {0};
    const char *wrong = NULL;
    ck_assert(!passes_off(m.arena, "prepare,legalize", &off, &wrong));
    ck_assert_str_eq(wrong, "legalize");
    off.len = 0;
    ck_assert(passes_off(m.arena, "prepare,roll", &off, &wrong));
    run_passes(m.arena, m.program, layouts_create(m.arena, m.program), &off, true);
    ck_assert_ptr_null(m.program->prepare);
    ck_assert_uint_eq(count_kind(m.program->main, NODE_LOOP), 0);
    ck_assert_uint_eq(count_kind(m.program->main, NODE_CALL), 5);
    maker_destroy(&m);
}
END_TEST

Suite *ir_passes_suite(void)
{
    Suite *s = suite_create("ir_passes");
    TCase *t = tcase_create("ir_passes");
    tcase_add_test(t, constants_are_computed);
    tcase_add_test(t, what_changes_nothing_goes);
    tcase_add_test(t, a_product_reads_its_operand_transposed);
    tcase_add_test(t, equal_values_are_computed_once);
    tcase_add_test(t, a_sigmoid_times_a_tanh_divides_once);
    tcase_add_test(t, a_gate_that_others_read_or_that_all_rows_share_is_computed_once);
    tcase_add_test(t, zeros_around_an_image_become_padding);
    tcase_add_test(t, zeros_that_fill_a_window_or_that_others_read_stay);
    tcase_add_test(t, attention_becomes_one_kernel_that_reads_heads_where_they_are);
    tcase_add_test(t, what_is_added_to_all_scores_is_a_mask);
    tcase_add_test(t, scores_that_something_else_reads_are_computed);
    tcase_add_test(t, rows_are_transposed_before_they_grow);
    tcase_add_test(t, rows_that_do_not_grow_or_are_needed_as_they_are_stay);
    tcase_add_test(t, equal_functions_become_one);
    tcase_add_test(t, functions_that_differ_in_a_constant_stay);
    tcase_add_test(t, a_chain_over_a_list_becomes_a_loop);
    tcase_add_test(t, two_steps_stay_as_they_are);
    tcase_add_test(t, a_value_that_is_read_behind_the_chain_keeps_its_step);
    tcase_add_test(t, an_input_that_is_also_the_first_carry_is_both);
    tcase_add_test(t, kernels_get_dtypes_they_compute_in);
    tcase_add_test(t, every_result_of_a_call_gets_a_node);
    tcase_add_test(t, a_normalization_becomes_part_of_the_product);
    tcase_add_test(t, a_product_that_is_read_twice_stays);
    tcase_add_test(t, factors_that_change_stay);
    tcase_add_test(t, what_weights_alone_give_is_prepared);
    tcase_add_test(t, nothing_is_prepared_where_states_change);
    tcase_add_test(t, passes_are_switched_off_by_name);
    suite_add_tcase(s, t);
    return s;
}
