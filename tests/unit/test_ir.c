/* The graph: its printer, its verifier, numbering. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "golden.h"
#include "graph_helpers.h"

static void check_dump(Maker *m, const char *golden)
{
    char  *text = NULL;
    size_t len = 0;
    FILE  *f = open_memstream(&text, &len);
    ir_print(f, m->arena, m->program, m->sources);
    fclose(f);
    golden_check(golden, text, len);
    free(text);
}

START_TEST(a_graph_prints_completely)
{
    Maker m = make_mlp();
    ir_number(m.program);
    check_dump(&m, "emit/mlp.graph");
    maker_destroy(&m);
}
END_TEST

START_TEST(every_kind_of_node_prints)
{
    Maker m = make_everything();
    ir_number(m.program);
    ir_verify(m.arena, m.program, "test");
    check_dump(&m, "emit/everything.graph");
    maker_destroy(&m);
}
END_TEST

START_TEST(dead_values_are_dropped_and_effects_stay)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    size_t      before = f->nodes.len;
    Node       *x = f->params.at[0];
    OP1(&m, f, tanh, x->type, x);
    add_check(&m, f, REL_LE, dim_int(m.dims, 1), m.program->symbols.at[0], "empty");
    ir_number(m.program);
    ck_assert_uint_eq(f->nodes.len, before + 1);
    ck_assert_int_eq(f->nodes.at[before]->kind, NODE_CHECK);
    for (size_t i = 0; i < f->nodes.len; i++) ck_assert_uint_eq(f->nodes.at[i]->id, i);
    maker_destroy(&m);
}
END_TEST

START_TEST(functions_stand_before_their_callers_and_unreachable_ones_go)
{
    Maker       m = make_chain(2);
    IrFunction *main = m.program->main;
    IrFunction *lost = make_function(&m, "Lost", m.program->model);
    (void)lost;
    m.program->main = main;
    ir_number(m.program);
    ck_assert_uint_eq(m.program->functions.len, 2);
    ck_assert_str_eq(m.program->functions.at[0]->name, "Block");
    ck_assert_ptr_eq(m.program->functions.at[1], main);
    ck_assert_uint_eq(main->id, 1);
    maker_destroy(&m);
}
END_TEST

/* ---- what the verifier finds; each breaks a good graph in one way ---- */

static void break_dtype(Maker *m) { m->program->main->nodes.at[4]->in[1]->type.dtype = DT_FLOAT64; }
static void break_shape(Maker *m) { m->program->main->nodes.at[4]->type = F32(m, -1, 63); }
static void break_order(Maker *m)
{
    NodeVec *nodes = &m->program->main->nodes;
    Node    *n = nodes->at[3];
    nodes->at[3] = nodes->at[4];
    nodes->at[4] = n;
    for (size_t i = 0; i < nodes->len; i++) nodes->at[i]->id = (uint32_t)i;
}
static void break_id(Maker *m) { m->program->main->nodes.at[2]->id = 7; }
static void break_arity(Maker *m) { m->program->main->nodes.at[3]->nin = 1; }
static void break_composed(Maker *m) { m->program->main->nodes.at[4]->as.op.code = OPC_einsum; }
static void break_result(Maker *m) { m->program->main->results.len = 0; }

static void (*const breaks[])(Maker *) = {break_dtype, break_shape, break_order, break_id, break_arity, break_composed, break_result};

START_TEST(the_verifier_finds_broken_graphs)
{
    Maker m = make_mlp();
    ir_number(m.program);
    ir_verify(m.arena, m.program, "test");
    breaks[_i](&m);
    ir_verify(m.arena, m.program, "test"); /* exits with 70 */
}
END_TEST

START_TEST(the_verifier_finds_calls_with_other_arguments)
{
    Maker m = make_chain(2);
    ir_number(m.program);
    m.program->main->nodes.at[1]->nin = 0;
    ir_verify(m.arena, m.program, "test"); /* exits with 70 */
}
END_TEST

START_TEST(paths_print_as_they_are_written)
{
    Maker m = make_mlp();
    ck_assert_str_eq(path_text(m.arena, path_of(&m, "blocks.3.kernel")), "blocks.3.kernel");
    ck_assert_str_eq(path_text(m.arena, path_of(&m, "blocks.{i}.kernel")), "blocks.{i}.kernel");
    ck_assert_str_eq(path_text(m.arena, path_of(&m, "blocks.{i+2}")), "blocks.{i+2}");
    ck_assert_str_eq(path_text(m.arena, (Path){NULL, 0}), "");
    ck_assert_str_eq(type_text(m.dims, m.arena, F32(&m, -1, 20)), "float32[batch, 20]");
    maker_destroy(&m);
}
END_TEST

START_TEST(the_catalogue_is_read_as_data)
{
    ck_assert_str_eq(op_table[OPC_matmul].name, "matmul");
    ck_assert_int_eq(op_table[OPC_matmul].cls, CLASS_KERNEL);
    ck_assert_str_eq(op_table[OPC_matmul].attrs[1].name, "transpose_b");
    ck_assert_int_eq(op_table[OPC_conv].attrs[0].kind, ATTR_INTS);
    ck_assert_int_eq(op_table[OPC_arange].attrs[0].kind, ATTR_REAL);
    ck_assert_int_eq(op_table[OPC_tanh].attrs[0].kind, ATTR_END);
    for (int i = 0; i < DT_COUNT; i++) {
        DType t;
        ck_assert(dtype_by_name(dtype_name((DType)i), &t) && t == (DType)i);
    }
}
END_TEST

Suite *ir_suite(void)
{
    Suite *s = suite_create("ir");
    TCase *t = tcase_create("ir");
    tcase_add_test(t, a_graph_prints_completely);
    tcase_add_test(t, every_kind_of_node_prints);
    tcase_add_test(t, dead_values_are_dropped_and_effects_stay);
    tcase_add_test(t, functions_stand_before_their_callers_and_unreachable_ones_go);
    tcase_add_loop_exit_test(t, the_verifier_finds_broken_graphs, 70, 0, countof(breaks));
    tcase_add_exit_test(t, the_verifier_finds_calls_with_other_arguments, 70);
    tcase_add_test(t, paths_print_as_they_are_written);
    tcase_add_test(t, the_catalogue_is_read_as_data);
    suite_add_tcase(s, t);
    return s;
}
