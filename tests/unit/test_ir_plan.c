/* The plan: which operations run together, and where values live. */
#include <check.h>

#include "graph_helpers.h"
#include "ir/plan.h"

typedef struct Planned {
    Maker       m;
    IrFunction *f;
    Plan       *plan;
} Planned;

static Planned plan_of(Maker m)
{
    Layouts *layouts = layouts_create(m.arena, m.program);
    ir_number(m.program);
    ir_verify(m.arena, m.program, "test");
    Effects effects = effects_of(m.arena, m.program);
    IrFunction *f = m.program->main;
    return (Planned){m, f, plan_function(m.arena, m.program, &effects, f, layout_of(layouts, m.program->model))};
}

static NodePlan *at(const Planned *p, const Node *n)
{
    return &p->plan->nodes[n->id];
}

START_TEST(a_chain_of_elementwise_operations_is_one_loop)
{
    Planned p = plan_of(make_mlp());
    Node   *relu = p.f->nodes.at[6], *add = relu->in[0];
    ck_assert_ptr_eq(at(&p, add)->root, relu);
    ck_assert_int_eq(at(&p, add)->home, HOME_INLINE);
    ck_assert_int_eq(at(&p, relu->in[1])->home, HOME_INLINE);
    ck_assert_ptr_eq(at(&p, relu)->root, relu);
    maker_destroy(&p.m);
}
END_TEST

START_TEST(a_loop_writes_over_what_it_reads_for_the_last_time)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    Node       *x = f->params.at[0], *a = OP1(&m, f, softmax, x->type, x), *b = OP1(&m, f, tanh, x->type, a);
    f->results.at[0] = OP1(&m, f, softmax, x->type, b);
    m.program->outputs.at[0].type = x->type;
    Planned p = plan_of(m);
    ck_assert_int_eq(at(&p, a)->home, HOME_SLOT);
    ck_assert_int_eq(at(&p, b)->home, HOME_SLOT);
    ck_assert_int_eq(at(&p, b)->number, at(&p, a)->number);
    maker_destroy(&p.m);
}
END_TEST

/* ---- reductions of rows ---- */

static Node *reduction_of_rows(Maker *m, IrFunction *f, Node *x)
{
    Node *n = OP1(m, f, mean, type_of(m, DT_FLOAT32, 2, (const Dim *[]){x->type.dims[0], dim_int(m->dims, 1)}), x);
    set_ints(m, n, 0, 2, (const int64_t[]){0, 1});
    return n;
}

START_TEST(a_reduction_of_rows_runs_in_the_loop_that_alone_reads_it)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    Node       *x = OP1(&m, f, softmax, f->nodes.at[6]->type, f->nodes.at[6]); /* [batch, 64] */
    Node       *mean = reduction_of_rows(&m, f, x), *centred = OP2(&m, f, subtract, x->type, x, mean);
    Node       *variance = reduction_of_rows(&m, f, OP1(&m, f, square, x->type, centred)), *root = OP1(&m, f, rsqrt, variance->type, variance);
    f->results.at[0] = OP2(&m, f, multiply, x->type, centred, root);
    m.program->outputs.at[0].type = x->type;
    Planned p = plan_of(m);
    Node   *of[] = {mean, centred, variance->in[0], variance, root};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        ck_assert_ptr_eq(at(&p, of[i])->root, f->results.at[0]);
        ck_assert_int_eq(at(&p, of[i])->home, HOME_INLINE);
    }
    ck_assert(at(&p, f->results.at[0])->reduces);
    ck_assert_uint_eq(p.plan->slots.len, 1);
    maker_destroy(&p.m);
}
END_TEST

START_TEST(what_two_turns_over_a_row_read_is_computed_once_if_it_is_dear)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    Node       *x = OP1(&m, f, softmax, f->nodes.at[6]->type, f->nodes.at[6]); /* [batch, 64] */
    Node       *power = OP1(&m, f, exp, x->type, OP2(&m, f, subtract, x->type, x, reduction_of_rows(&m, f, x)));
    f->results.at[0] = OP2(&m, f, divide, x->type, power, reduction_of_rows(&m, f, power));
    m.program->outputs.at[0].type = x->type;
    Planned p = plan_of(m);
    ck_assert_ptr_eq(at(&p, power)->root, power);
    ck_assert(at(&p, power)->reduces);
    ck_assert_ptr_eq(at(&p, f->results.at[0]->in[1])->root, f->results.at[0]);
    maker_destroy(&p.m);
}
END_TEST

/* ---- epilogues ---- */

START_TEST(a_product_is_computed_in_the_memory_of_the_loop_behind_it)
{
    Planned p = plan_of(make_mlp());
    Node   *relu = p.f->nodes.at[6], *product = p.f->nodes.at[3];
    ck_assert_ptr_eq(at(&p, relu)->product, product);
    ck_assert_ptr_eq(at(&p, product)->root, relu);
    ck_assert_int_eq(at(&p, product)->home, HOME_INLINE);
    ck_assert_int_eq(at(&p, relu)->home, HOME_SLOT);
    ck_assert_uint_eq(p.plan->slots.len, 1);
    maker_destroy(&p.m);
}
END_TEST

START_TEST(a_product_that_others_read_keeps_its_memory)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    Node       *product = f->nodes.at[3];
    add_output(&m, "other", product->type);
    give(&m, f, product);
    Planned p = plan_of(m);
    ck_assert_ptr_null(at(&p, f->nodes.at[6])->product);
    ck_assert_int_eq(at(&p, product)->home, HOME_RESULT);
    maker_destroy(&p.m);
}
END_TEST

START_TEST(an_epilogue_writes_over_nothing_that_it_reads)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    Node       *product = f->nodes.at[3];
    Node       *residual = OP1(&m, f, softmax, product->type, f->nodes.at[6]);
    Node       *again = OP2(&m, f, matmul, product->type, f->params.at[0], f->nodes.at[3]->in[1]);
    again->as.op.attrs = product->as.op.attrs;
    Node *sum = OP2(&m, f, add, product->type, residual, again);
    f->results.at[0] = OP1(&m, f, softmax, product->type, sum);
    m.program->outputs.at[0].type = product->type;
    Planned p = plan_of(m);
    ck_assert_ptr_eq(at(&p, sum)->product, again);
    ck_assert_int_eq(at(&p, sum)->home, HOME_SLOT);
    ck_assert_int_ne(at(&p, sum)->number, at(&p, residual)->number);
    maker_destroy(&p.m);
}
END_TEST

START_TEST(a_result_is_computed_in_its_own_memory)
{
    Planned p = plan_of(make_mlp());
    ck_assert_int_eq(at(&p, p.f->results.at[0])->home, HOME_RESULT);
    maker_destroy(&p.m);
}
END_TEST

START_TEST(a_value_with_readers_outside_the_loop_has_memory)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    Node       *x = f->params.at[0];
    Node       *t = OP1(&m, f, tanh, x->type, x), *s = OP1(&m, f, softmax, x->type, t);
    f->results.at[0] = OP2(&m, f, add, x->type, OP1(&m, f, exp, x->type, t), s);
    m.program->outputs.at[0].type = x->type;
    Planned p = plan_of(m);
    ck_assert_int_eq(at(&p, t)->home, HOME_SLOT);
    ck_assert_ptr_eq(at(&p, t)->root, t);
    ck_assert_int_ne(at(&p, s)->number, at(&p, t)->number);
    maker_destroy(&p.m);
}
END_TEST

START_TEST(a_view_is_the_memory_of_its_input)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    Node       *x = f->params.at[0];
    Type        flat = type_of(&m, DT_FLOAT32, 1, (const Dim *[]){type_elements(m.dims, x->type)});
    Node       *t = OP1(&m, f, tanh, x->type, x), *v = OP1(&m, f, reshape, flat, t), *other = OP1(&m, f, exp, x->type, x);
    f->results.at[0] = OP1(&m, f, negative, flat, v);
    give(&m, f, OP1(&m, f, softmax, x->type, other));
    m.program->outputs.at[0].type = flat;
    add_output(&m, "other", x->type);
    Planned p = plan_of(m);
    ck_assert_ptr_eq(plan_base(p.plan, v), t);
    ck_assert_int_ne(at(&p, other)->number, at(&p, t)->number); /* `t` lives as long as its view */
    maker_destroy(&p.m);
}
END_TEST

/* The columns from 3 on, each or every second one, of the softmax of the input. */
static Node *add_slice(Maker *m, int columns, int step)
{
    IrFunction *f = m->program->main;
    Node       *x = f->params.at[0], *s = OP1(m, f, strided_slice, F32(m, -1, columns), OP1(m, f, softmax, x->type, x));
    set_ints(m, s, 0, 2, (int64_t[]){0, 3});
    set_ints(m, s, 1, 2, (int64_t[]){1, step});
    return s;
}

START_TEST(a_slice_that_loops_read_stays_where_it_is)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    Node       *s = add_slice(&m, 16, 1), *whole = s->in[0], *t = OP1(&m, f, tanh, s->type, s);
    f->results.at[0] = OP1(&m, f, softmax, s->type, OP2(&m, f, add, s->type, OP1(&m, f, softmax, s->type, t), s));
    m.program->outputs.at[0].type = s->type;
    Planned p = plan_of(m);
    ck_assert_int_eq(at(&p, s)->home, HOME_SLICE);
    ck_assert_ptr_eq(plan_base(p.plan, s), whole);
    ck_assert_int_eq(at(&p, whole)->last, (int)p.f->results.at[0]->in[0]->id); /* as long as its slice is read */
    ck_assert_int_ne(at(&p, t)->number, at(&p, whole)->number);
    maker_destroy(&p.m);
}
END_TEST

START_TEST(a_slice_that_others_read_or_with_steps_is_copied)
{
    for (int step = 1; step <= 2; step++) {
        Maker       m = make_mlp();
        IrFunction *f = m.program->main;
        Node       *s = add_slice(&m, 8, step);
        f->results.at[0] = OP1(&m, f, tanh, s->type, s);
        m.program->outputs.at[0].type = s->type;
        if (step == 1) {
            give(&m, f, OP1(&m, f, softmax, s->type, s));
            add_output(&m, "other", s->type);
        }
        Planned p = plan_of(m);
        ck_assert_int_eq(at(&p, s)->home, HOME_SLOT);
        maker_destroy(&p.m);
    }
}
END_TEST

START_TEST(scalars_are_local_variables)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    Node       *x = f->params.at[0];
    Node       *c = OP1(&m, f, exp, f32(&m, 0, NULL), add_const(&m, f, f32(&m, 0, NULL), 1));
    f->results.at[0] = OP2(&m, f, multiply, x->type, x, c);
    m.program->outputs.at[0].type = x->type;
    Planned p = plan_of(m);
    ck_assert_int_eq(at(&p, c)->home, HOME_LOCAL);
    maker_destroy(&p.m);
}
END_TEST

/* ---- states ---- */

START_TEST(a_state_that_changes_under_its_reader_is_copied)
{
    Maker     m = make_mlp();
    IrFunction *f = m.program->main;
    Variable *v = VARIABLE(&m, m.program->model, "last", true, 20);
    Node     *x = f->params.at[0];
    Node     *old = add_read(&m, f, F32(&m, 20), v, "last");
    Node     *new = add_const(&m, f, F32(&m, 20), 1);
    add_assign(&m, f, v, "last", new);
    Node *late = add_read(&m, f, F32(&m, 20), v, "last");
    f->results.at[0] = OP2(&m, f, add, x->type, OP2(&m, f, add, x->type, x, old), late);
    m.program->outputs.at[0].type = x->type;
    Planned p = plan_of(m);
    ck_assert_int_eq(at(&p, old)->home, HOME_SLOT);
    ck_assert_int_eq(at(&p, late)->home, HOME_STATE);
    maker_destroy(&p.m);
}
END_TEST

static Node *cache(Maker *m, bool reads_old_later)
{
    IrFunction *f = m->program->main;
    Variable   *v = VARIABLE(m, m->program->model, "cache", true, 16, 20);
    Type        t = F32(m, 16, 20);
    Node       *old = add_read(m, f, t, v, "cache");
    Node       *start = add_const(m, f, type_of(m, DT_INT64, 1, (const Dim *[]){dim_int(m->dims, 2)}), 0);
    Node       *in[] = {old, start, f->params.at[0]};
    Node       *update = add_op(m, f, OPC_slice_update, t, 3, in);
    add_assign(m, f, v, "cache", update);
    f->results.at[0] = reads_old_later ? OP2(m, f, add, t, update, old) : OP1(m, f, tanh, t, update);
    m->program->outputs.at[0].type = t;
    return update;
}

START_TEST(a_cache_is_updated_in_place)
{
    Maker   m = make_mlp();
    Node   *update = cache(&m, false);
    Planned p = plan_of(m);
    ck_assert_int_eq(at(&p, update)->home, HOME_SAME);
    ck_assert_int_eq(at(&p, update->in[0])->home, HOME_STATE);
    maker_destroy(&p.m);
}
END_TEST

START_TEST(a_cache_whose_old_value_is_needed_is_not)
{
    Maker   m = make_mlp();
    Node   *update = cache(&m, true);
    Planned p = plan_of(m);
    ck_assert_int_eq(at(&p, update)->home, HOME_SLOT);
    maker_destroy(&p.m);
}
END_TEST

Suite *ir_plan_suite(void)
{
    Suite *s = suite_create("ir_plan");
    TCase *t = tcase_create("ir_plan");
    tcase_add_test(t, a_chain_of_elementwise_operations_is_one_loop);
    tcase_add_test(t, a_loop_writes_over_what_it_reads_for_the_last_time);
    tcase_add_test(t, a_product_is_computed_in_the_memory_of_the_loop_behind_it);
    tcase_add_test(t, a_reduction_of_rows_runs_in_the_loop_that_alone_reads_it);
    tcase_add_test(t, what_two_turns_over_a_row_read_is_computed_once_if_it_is_dear);
    tcase_add_test(t, a_product_that_others_read_keeps_its_memory);
    tcase_add_test(t, an_epilogue_writes_over_nothing_that_it_reads);
    tcase_add_test(t, a_result_is_computed_in_its_own_memory);
    tcase_add_test(t, a_value_with_readers_outside_the_loop_has_memory);
    tcase_add_test(t, a_view_is_the_memory_of_its_input);
    tcase_add_test(t, a_slice_that_loops_read_stays_where_it_is);
    tcase_add_test(t, a_slice_that_others_read_or_with_steps_is_copied);
    tcase_add_test(t, scalars_are_local_variables);
    tcase_add_test(t, a_state_that_changes_under_its_reader_is_copied);
    tcase_add_test(t, a_cache_is_updated_in_place);
    tcase_add_test(t, a_cache_whose_old_value_is_needed_is_not);
    suite_add_tcase(s, t);
    return s;
}
