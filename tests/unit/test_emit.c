/* The generated C as text. That it compiles and computes is tested with whole programs. */
#include <check.h>
#include <string.h>

#include "emit/emit.h"
#include "golden.h"
#include "graph_helpers.h"

static GeneratedC generate(Maker *m, EmitOptions options)
{
    Layouts *layouts = layouts_create(m->arena, m->program);
    run_passes(m->arena, m->program, layouts, NULL, true);
    options.version = "0";
    options.basename = "model";
    return emit_c(m->arena, m->program, layouts, m->sources, &options);
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (; (text = strstr(text, what)); text++) n++;
    return n;
}

START_TEST(two_dense_layers)
{
    Maker      m = make_mlp();
    GeneratedC c = generate(&m, (EmitOptions){0});
    golden_check("emit/mlp.h", c.header, strlen(c.header));
    golden_check("emit/mlp.c", c.code, strlen(c.code));
    golden_check("emit/mlp_main.c", c.main, strlen(c.main));
    maker_destroy(&m);
}
END_TEST

START_TEST(a_list_of_blocks)
{
    Maker      m = make_chain(5);
    GeneratedC c = generate(&m, (EmitOptions){0});
    golden_check("emit/chain.h", c.header, strlen(c.header));
    golden_check("emit/chain.c", c.code, strlen(c.code));
    maker_destroy(&m);
}
END_TEST

START_TEST(weights_that_are_prepared)
{
    Maker      m = make_normalized(5);
    GeneratedC c = generate(&m, (EmitOptions){0});
    golden_check("emit/prepared.h", c.header, strlen(c.header));
    golden_check("emit/prepared.c", c.code, strlen(c.code));
    maker_destroy(&m);
}
END_TEST

START_TEST(every_kind_of_node)
{
    Maker      m = make_everything();
    GeneratedC c = generate(&m, (EmitOptions){0});
    golden_check("emit/everything.h", c.header, strlen(c.header));
    golden_check("emit/everything.c", c.code, strlen(c.code));
    maker_destroy(&m);
}
END_TEST

START_TEST(loops_count_in_the_whole_of_a_slice)
{
    Maker       m = make_mlp();
    IrFunction *f = m.program->main;
    Node       *x = f->params.at[0], *s = OP1(&m, f, strided_slice, F32(&m, -1, 8), x);
    set_ints(&m, s, 0, 2, (int64_t[]){0, 3});
    set_ints(&m, s, 1, 2, (int64_t[]){1, 1});
    f->results.at[0] = OP1(&m, f, tanh, s->type, s);
    m.program->outputs.at[0].type = s->type;
    GeneratedC c = generate(&m, (EmitOptions){0});
    ck_assert_ptr_nonnull(strstr(c.code, "out[i * 8 + j] = mdl_tanh_f(inputs[i * 20 + j + 3]);"));
    ck_assert_uint_eq(count(c.code, "strided_slice"), 0);
    maker_destroy(&m);
}
END_TEST

START_TEST(code_does_not_grow_with_depth)
{
    Maker      small = make_chain(4), large = make_chain(96);
    GeneratedC a = generate(&small, (EmitOptions){0}), b = generate(&large, (EmitOptions){0});
    ck_assert_uint_eq(count(a.code, "\n"), count(b.code, "\n"));
    ck_assert_uint_eq(count(a.header, "\n"), count(b.header, "\n"));
    maker_destroy(&small);
    maker_destroy(&large);
}
END_TEST

START_TEST(the_same_model_gives_the_same_bytes)
{
    Maker      a = make_everything(), b = make_everything();
    GeneratedC x = generate(&a, (EmitOptions){0}), y = generate(&b, (EmitOptions){0});
    ck_assert_str_eq(x.code, y.code);
    ck_assert_str_eq(x.header, y.header);
    maker_destroy(&a);
    maker_destroy(&b);
}
END_TEST

START_TEST(line_directives_lead_to_the_model_and_back)
{
    Maker      m = make_mlp();
    GeneratedC c = generate(&m, (EmitOptions){.line_directives = true});
    ck_assert_uint_ge(count(c.code, "#line 1 \"model.mdl\""), 1);
    ck_assert_uint_ge(count(c.code, "\"model.c\"\n"), 1);
    maker_destroy(&m);
}
END_TEST

START_TEST(a_string_that_is_too_long_for_a_literal_is_an_array)
{
    Maker m = make_mlp();
    char *name = arena_alloc(m.arena, 5001);
    memset(name, 'd', 5000);
    m.program->model->slots.at[0]->layer->class_name = name;
    GeneratedC c = generate(&m, (EmitOptions){0});
    ck_assert_uint_eq(count(c.code, "static const char long_text_1[] = {100, 100, "), 1);
    maker_destroy(&m);
}
END_TEST

START_TEST(the_registry_equals_the_instance_tree)
{
    Maker         m = make_chain(3);
    mdl_registry *r = emit_registry(m.arena, m.program, m.sources);
    ck_assert_int_eq(mdl_registry_count(r), 6);
    ck_assert_str_eq(mdl_registry_variable(r, 5)->path, "blocks.2.bias");
    mdl_registry_free(r);
    maker_destroy(&m);
}
END_TEST

Suite *emit_suite(void)
{
    Suite *s = suite_create("emit");
    TCase *t = tcase_create("emit");
    tcase_add_test(t, two_dense_layers);
    tcase_add_test(t, a_list_of_blocks);
    tcase_add_test(t, weights_that_are_prepared);
    tcase_add_test(t, every_kind_of_node);
    tcase_add_test(t, loops_count_in_the_whole_of_a_slice);
    tcase_add_test(t, code_does_not_grow_with_depth);
    tcase_add_test(t, the_same_model_gives_the_same_bytes);
    tcase_add_test(t, line_directives_lead_to_the_model_and_back);
    tcase_add_test(t, a_string_that_is_too_long_for_a_literal_is_an_array);
    tcase_add_test(t, the_registry_equals_the_instance_tree);
    suite_add_tcase(s, t);
    return s;
}
