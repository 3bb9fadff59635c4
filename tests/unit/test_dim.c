/* Dimensions: their normal form, what is proved of them, and that nothing false is. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bug.h"
#include "sema/dim.h"

Suite *dim_suite(void);

/* ---- A little expression language, so that the tables below read like the language itself ---- */

enum { NSYMBOLS = 4 };

static const char *const names[NSYMBOLS] = {"n", "m", "k", "batch"};

typedef struct Expr {
    char               op; /* '0' number, 'x' symbol, + - * / % m(in) M(ax) */
    int64_t            value;
    const struct Expr *a, *b;
} Expr;

static Arena     *arena;
static DimCtx    *cx;
static const Dim *symbols[NSYMBOLS];

static void setup(void)
{
    arena = arena_create();
    cx    = dims_create(arena);
    for (int i = 0; i < NSYMBOLS; i++) symbols[i] = dim_symbol(cx, names[i]);
}

static void teardown(void)
{
    arena_destroy(arena);
}

static const Expr *expr(char op, int64_t value, const Expr *a, const Expr *b)
{
    Expr *e = arena_new(arena, Expr);
    *e      = (Expr){op, value, a, b};
    return e;
}

static const Expr *parse_sum(const char **s);

static bool accept(const char **s, const char *token)
{
    *s += strspn(*s, " ");
    if (strncmp(*s, token, strlen(token)) != 0) return false;
    *s += strlen(token);
    return true;
}

/* The rest of a call or parenthesis; `op` joins several arguments. */
static const Expr *parse_call(const char **s, char op)
{
    const Expr *e = parse_sum(s);
    while (accept(s, ",")) e = expr(op, 0, e, parse_sum(s));
    ck_assert_msg(accept(s, ")"), "`)` expected at `%s`", *s);
    return e;
}

static const Expr *parse_atom(const char **s)
{
    if (accept(s, "(")) return parse_call(s, 0);
    if (accept(s, "min(")) return parse_call(s, 'm');
    if (accept(s, "max(")) return parse_call(s, 'M');
    for (int i = 0; i < NSYMBOLS; i++) {
        if (accept(s, names[i])) return expr('x', i, NULL, NULL);
    }
    char         *end;
    const int64_t value = strtoll(*s, &end, 10);
    ck_assert_msg(end != *s, "an operand expected at `%s`", *s);
    *s = end;
    return expr('0', value, NULL, NULL);
}

static const Expr *parse_power(const char **s)
{
    const Expr *base = parse_atom(s), *e = base;
    if (!accept(s, "**")) return base;
    for (int64_t power = parse_atom(s)->value; power > 1; power--) e = expr('*', 0, e, base);
    return e;
}

static const Expr *parse_product(const char **s)
{
    const bool  minus = accept(s, "-");
    const Expr *e     = minus ? expr('-', 0, expr('0', 0, NULL, NULL), parse_power(s)) : parse_power(s);
    for (;;) {
        if (accept(s, "//")) e = expr('/', 0, e, parse_power(s));
        else if (accept(s, "*")) e = expr('*', 0, e, parse_power(s));
        else if (accept(s, "%")) e = expr('%', 0, e, parse_power(s));
        else return e;
    }
}

static const Expr *parse_sum(const char **s)
{
    const Expr *e = parse_product(s);
    for (;;) {
        if (accept(s, "+")) e = expr('+', 0, e, parse_product(s));
        else if (accept(s, "-")) e = expr('-', 0, e, parse_product(s));
        else return e;
    }
}

static const Dim *build(const Expr *e)
{
    if (e->op == '0') return dim_int(cx, e->value);
    if (e->op == 'x') return symbols[e->value];
    const Dim *a = build(e->a), *b = build(e->b);
    switch (e->op) {
    case '+': return dim_add(cx, a, b);
    case '-': return dim_sub(cx, a, b);
    case '*': return dim_mul(cx, a, b);
    case '/': return dim_floordiv(cx, a, b);
    case '%': return dim_mod(cx, a, b);
    case 'm': return dim_min(cx, a, b);
    default: return dim_max(cx, a, b);
    }
}

static const Dim *dim(const char *text)
{
    const char *s = text;
    const Expr *e = parse_sum(&s);
    ck_assert_msg(!*s, "unexpected `%s` in `%s`", s, text);
    return build(e);
}

/* ---- What must be proved, refuted, left open ---- */

typedef struct Pair {
    const char *a, *b;
} Pair;

static const Pair same_form[] = {
    {"n", "n"},
    {"n + m", "m + n"},
    {"(n + 1)*(n - 1)", "n**2 - 1"},
    {"n % 1", "0"},
    {"n // 1", "n"},
    {"(n*4)//4", "n"},
    {"(2*n + 3)//2", "n + 1"},
    {"(4*n + 3)//8", "n//2"},
    {"(n//2)//3", "n//6"},
    {"(n//2 + 5)//3", "(n + 10)//6"},
    {"(n//2 + m)//3", "(n + 2*m)//6"},
    {"(n + 2*1 - 3)//1 + 1", "n"},
    {"(-n)//(-m)", "n//m"},
    {"n//(-2)", "(-n)//2"},
    {"(6*n)//(4*m)", "(3*n)//(2*m)"},
    {"(batch*784)//batch", "784"},
    {"(batch*n*12 + batch*n)//(batch*13)", "n"},
    {"((n + 1)*batch*768)//((n + 1)*batch)", "768"},
    {"((n + 1)*(m + 2)*(k - 3))//((n + 1)*(m + 2))", "k - 3"},
    {"(n*m + 3)//n", "m + 3//n"},
    {"n//m//k", "n//(m*k)"},
    {"(7*n) % 7", "0"},
    {"(7*n + 12) % 7", "5"},
    {"min(n, n + 1)", "n"},
    {"max(n, n + 1)", "n + 1"},
    {"min(n, m)", "min(m, n)"},
    {"min(n, min(m, k))", "min(min(k, n), m)"},
    {"min(n, 512, 1024)", "min(n, 512)"},
    {"min(n//2, n)", "n//2"},
    {"max(n//2, n)", "n"},
    {"min(n, n)", "n"},
    {"max(0, n)", "n"},
    {"min(n + m, m)", "m"},
    {"0//n", "0"},
    {"7//2", "3"},
    {"-7//2", "-4"},
    {"7//(-2)", "-4"},
};

static const Pair equal[] = {
    {"n - n//2", "(n + 1)//2"},
    {"n//2 + (n + 1)//2", "n"},
    {"n//3 + (n + 1)//3 + (n + 2)//3", "n"},
    {"(n + 1)//2*2 - n", "n % 2"},
    {"n//4*4 + n % 4", "n"},
    {"(n + m)//2 - (n - m)//2", "m"},
    {"(n//2 + n//2)//2", "n//2"},
    {"(n*(n + 1)) % 2", "0"},
    {"n*(n + 1)//2 + n + 1", "(n + 1)*(n + 2)//2"},
    {"n**2 % 4", "n % 2"},
    {"((n + 1)//2 + 1)//2", "(n + 3)//4"},
    {"(n + 2*1 - 3)//2 + 1", "(n + 1)//2"}, /* a convolution: kernel 3, padding 1, stride 2 */
    {"(n - 2)//2 + 1", "n//2"},             /* a pool of 2 */
    {"((n + 2*3 - 7)//2 + 1 + 2*1 - 3)//2 + 1", "(n + 3)//4"}, /* the stem of ResNet */
    {"(n - 1)//2 + 1", "(n + 2 - 1)//2"},   /* "same" padding, as two books write it */
    {"(n - 1)*2 + 2", "2*n"},               /* a transposed convolution: kernel 2, stride 2 */
    {"batch*(n//2) + batch*((n + 1)//2)", "batch*n"},
    {"min(n, 512) + max(n, 512)", "n + 512"},
    {"min(n + 1, m + 1)", "min(n, m) + 1"},
    {"min(n + 1, 5)", "min(n, 4) + 1"},
    {"min(2*n, 2*m)", "2*min(n, m)"},
    {"-min(n, m)", "max(-n, -m)"},
    {"max(n - m, 0) + m", "max(n, m)"},
    {"min(n, m)*max(n, m)", "n*m"},
    {"min(max(n, 1), 0)", "0"},
    {"min(n, 3)//4", "0"},
};

static const Pair different[] = {
    {"n", "n + 1"},
    {"n", "0"},
    {"2*n", "2*m + 1"},
    {"n*(n + 1)", "2*m + 1"},
    {"n**2 + n", "0"},
    {"3*n + 3*m", "1"},
    {"n + m", "1"},
    {"n % 2", "2"},
    {"n // 2", "n"},
    {"(n + 1)//2*2 - n", "2"},
    {"min(n, 4)", "5"},
    {"max(n, 4)", "3"},
    {"min(n, m)", "n + 1"},
    {"n//2 + n//3", "n + 1"},
    {"n*m + m", "m"},
    {"4*(n//4) + 1", "2*m"},
};

static const Pair open_questions[] = {
    {"n", "m"},
    {"n", "5"},
    {"n", "2*m"},
    {"n // 2", "n - 1"},
    {"n // 2", "m // 2"},
    {"n*m", "n"},
    {"n // m", "n"},
    {"min(n, 512)", "n"},
    {"n % 2", "0"},
    {"n**2", "4"},
    {"n//2*2", "n"},
};

static const Pair at_most[] = {
    {"n", "n + 1"},
    {"n//2", "n"},
    {"n//3", "n//2"},
    {"min(n, m)", "m"},
    {"m", "max(n, m)"},
    {"min(n, m)", "max(n, k)"},
    {"n//2 + n//3", "n"},
    {"n % 7", "6"},
    {"0", "n % 7"},
    {"n", "(n + 1023)//1024*1024"},
    {"(n + 1023)//1024*1024", "n + 1023"},
    {"0", "(n + 1)//2*2 - n"},
    {"(n + 1)//2*2 - n", "1"},
    {"n*m", "(n + 1)*m"},
    {"n", "n**2"},
    {"0", "n//m"},
    {"min(n, 8)//2", "4"},
    {"n*(n//2)", "n**2"},
    {"batch*(n//2)", "batch*n"},
    {"0", "batch*(n % 3)"},
};

static const Pair not_at_most[] = {
    {"n + 1", "n"}, {"n", "0"}, {"n + m", "1"}, {"n**2 + n", "1"}, {"3", "n % 3"}, {"max(n, 5)", "4"}, {"2*n", "n"},
};

static const Pair order_open[] = {
    {"n", "m"}, {"n", "512"}, {"n", "n//2 + 1"}, {"n*m", "n + m"}, {"1", "n % 2"}, {"n - 1", "n//2"},
};

static void expect(Truth got, Truth wanted, Pair p)
{
    static const char *const words[] = {[NO] = "refuted", [YES] = "proved", [UNKNOWN] = "open"};
    const char *a = dim_text(cx, arena, dim(p.a)), *b = dim_text(cx, arena, dim(p.b));
    ck_assert_msg(got == wanted, "`%s` and `%s` (%s, %s): %s, not %s", p.a, p.b, a, b, words[got], words[wanted]);
}

START_TEST(dims_with_one_normal_form_are_one_pointer)
{
    const Pair p = same_form[_i];
    ck_assert_msg(dim(p.a) == dim(p.b), "`%s` is %s, not %s", p.a, dim_text(cx, arena, dim(p.a)),
                  dim_text(cx, arena, dim(p.b)));
    expect(dim_equal(cx, dim(p.a), dim(p.b)), YES, p);
}
END_TEST

START_TEST(equal_dims_are_proved_equal)
{
    const Pair p = equal[_i];
    expect(dim_equal(cx, dim(p.a), dim(p.b)), YES, p);
    expect(dim_equal(cx, dim(p.b), dim(p.a)), YES, p);
    expect(dim_less_equal(cx, dim(p.a), dim(p.b)), YES, p);
    expect(dim_less_equal(cx, dim(p.b), dim(p.a)), YES, p);
}
END_TEST

START_TEST(different_dims_are_refuted)
{
    const Pair p = different[_i];
    expect(dim_equal(cx, dim(p.a), dim(p.b)), NO, p);
    expect(dim_equal(cx, dim(p.b), dim(p.a)), NO, p);
}
END_TEST

START_TEST(what_depends_on_the_sizes_stays_open)
{
    const Pair p = open_questions[_i];
    expect(dim_equal(cx, dim(p.a), dim(p.b)), UNKNOWN, p);
}
END_TEST

START_TEST(orders_are_proved)
{
    expect(dim_less_equal(cx, dim(at_most[_i].a), dim(at_most[_i].b)), YES, at_most[_i]);
}
END_TEST

START_TEST(orders_are_refuted)
{
    expect(dim_less_equal(cx, dim(not_at_most[_i].a), dim(not_at_most[_i].b)), NO, not_at_most[_i]);
}
END_TEST

START_TEST(orders_that_depend_on_the_sizes_stay_open)
{
    expect(dim_less_equal(cx, dim(order_open[_i].a), dim(order_open[_i].b)), UNKNOWN, order_open[_i]);
}
END_TEST

/* ---- Text ---- */

static const Pair texts[] = {
    {"0", "0"},
    {"0 - 7", "-7"},
    {"4*n + 1", "4*n + 1"},
    {"(n - 1)//2", "(n - 1)//2"},
    {"-1 + n", "n - 1"},
    {"3 - n", "-n + 3"},
    {"batch*m + n", "m*batch + n"},
    {"min(n, 512)", "min(n, 512)"},
    {"min(512, n)", "min(n, 512)"},
    {"min(512, n//2, k)", "min(k, n//2, 512)"},
    {"max(n - 1, 5)", "max(n - 1, 5)"},
    {"5*n//4", "n + n//4"},
    {"3*n//4", "3*n//4"},
    {"n//2*4", "4*(n//2)"},
    {"-(n//2)", "-(n//2)"},
    {"n - n//2", "n - n//2"},
    {"m*(n//2)", "m*(n//2)"},
    {"n**3 - 2*n**2", "n**3 - 2*n**2"},
    {"(n//2)**2", "(n//2)**2"},
    {"n//m//k", "n//(m*k)"},
    {"n//(m + k)", "n//(m + k)"},
    {"n//m", "n//m"},
    {"(-n)//m", "(-n)//m"},
    {"1024//n", "1024//n"},
    {"n*m*(n//m)", "n*m*(n//m)"},
    {"k//(n//2)", "k//(n//2)"},
    {"n//min(k, 3)", "n//min(k, 3)"},
    {"n % 4", "n - 4*(n//4)"},
};

START_TEST(dims_read_as_users_write_them)
{
    ck_assert_str_eq(dim_text(cx, arena, dim(texts[_i].a)), texts[_i].b);
    ck_assert_ptr_eq(dim(texts[_i].b), dim(texts[_i].a));
}
END_TEST

/* ---- Suite ---- */

#define LOOP(tcase, test, table) tcase_add_loop_test(tcase, test, 0, (int)countof(table))

static TCase *add_case(Suite *s, const char *name)
{
    TCase *c = tcase_create(name);
    tcase_add_checked_fixture(c, setup, teardown);
    suite_add_tcase(s, c);
    return c;
}

Suite *dim_suite(void)
{
    Suite *s     = suite_create("dim");
    TCase *proof = add_case(s, "proof");
    LOOP(proof, dims_with_one_normal_form_are_one_pointer, same_form);
    LOOP(proof, equal_dims_are_proved_equal, equal);
    LOOP(proof, different_dims_are_refuted, different);
    LOOP(proof, what_depends_on_the_sizes_stays_open, open_questions);
    LOOP(proof, orders_are_proved, at_most);
    LOOP(proof, orders_are_refuted, not_at_most);
    LOOP(proof, orders_that_depend_on_the_sizes_stay_open, order_open);
    TCase *text = add_case(s, "text");
    LOOP(text, dims_read_as_users_write_them, texts);
    return s;
}
