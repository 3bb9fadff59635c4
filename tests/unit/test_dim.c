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
    {"n//m//2 + (n//m + 1)//2", "n//m"},
    {"(n*m + 24)//48 + n*m//48", "n*m//24"},
    {"n//m*m + n % m", "n"},
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
    {"(3*(n//2) + 3)//4", "n//2"}, /* equal up to n = 7: the residues are those modulo 8, not 4 */
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
    {"0", "n % m"},
    {"n % m", "m - 1"},
    {"n//m", "n"},
    {"n//m*m", "n"},
    {"batch*(n//1000)*1000", "batch*n"},
    {"n//m//2", "n//m"},
    {"n//(m + 1)", "n"},
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

/* ---- Bounds ---- */

START_TEST(bounds_decide_what_is_otherwise_open)
{
    dim_bound(cx, 0, 1, 64);
    dim_bound(cx, 1, 8, 8);
    ck_assert_ptr_eq(dim("n//65"), dim("0"));
    ck_assert_ptr_eq(dim("min(n, 64)"), dim("n"));
    ck_assert_int_eq(dim_less_equal(cx, dim("n"), dim("64")), YES);
    ck_assert_int_eq(dim_less_equal(cx, dim("1"), dim("n")), YES);
    ck_assert_int_eq(dim_equal(cx, dim("n"), dim("65")), NO);
    ck_assert_int_eq(dim_equal(cx, dim("m"), dim("8")), YES);
    ck_assert_int_eq(dim_equal(cx, dim("n*(64 - n)"), dim("1025")), NO);
    ck_assert_int_eq(dim_less_equal(cx, dim("n*(65 - n)"), dim("1056")), YES);
    ck_assert_int_eq(dim_equal(cx, dim("n//m"), dim("n//8")), YES);
}
END_TEST

START_TEST(bounds_set_later_reach_what_was_made_before)
{
    const Dim *clamped = dim("min(n, 512)"), *blocks = dim("(n + 511)//512");
    ck_assert_int_eq(dim_equal(cx, clamped, dim("n")), UNKNOWN);
    dim_bound(cx, 0, 1, 512);
    ck_assert_int_eq(dim_equal(cx, clamped, dim("n")), YES);
    ck_assert_int_eq(dim_equal(cx, blocks, dim("1")), YES);
}
END_TEST

START_TEST(zero_counts_for_proofs_but_not_for_refutations)
{
    ck_assert_int_eq(dim_less_equal(cx, dim("1"), dim("n")), UNKNOWN);
    ck_assert_int_eq(dim_equal(cx, dim("n"), dim("0")), NO);
    ck_assert_int_eq(dim_less_equal(cx, dim("n"), dim("0")), NO);
    ck_assert_int_eq(dim_equal(cx, dim("n*m"), dim("0")), NO);
    dim_bound(cx, 0, 0, 0);
    ck_assert_int_eq(dim_equal(cx, dim("n"), dim("0")), YES);
}
END_TEST

typedef struct RangeCase {
    const char *text;
    int64_t     lo, hi;
} RangeCase;

/* n in [0, inf), m in [2, 10], k in [-5, 5] */
static const RangeCase ranges[] = {
    {"7", 7, 7},
    {"n", 0, INT64_MAX},
    {"m", 2, 10},
    {"3 - m", -7, 1},
    {"m*k", -50, 50},
    {"k**2", 0, 25},
    {"n*k", INT64_MIN, INT64_MAX},
    {"n*m + 1", 1, INT64_MAX},
    {"m//3", 0, 3},
    {"k//2", -3, 2},
    {"n % 7", 0, 6},
    {"k % 7", 0, 6},
    {"n - n//2", 0, INT64_MAX},
    {"(n + 7)//8*8 - n", 0, 7},
    {"min(n, m)", 0, 10},
    {"max(n, m)", 2, INT64_MAX},
    {"n//m", 0, INT64_MAX},
    {"m//n", 0, 10},
    {"-n", INT64_MIN, 0},
    {"n//k", INT64_MIN, INT64_MAX},
    {"4611686018427387904*m", INT64_MAX, INT64_MAX},
};

START_TEST(ranges_hold_what_bounds_say)
{
    const RangeCase r = ranges[_i];
    int64_t         lo, hi;
    dim_bound(cx, 1, 2, 10);
    dim_bound(cx, 2, -5, 5);
    dim_range(cx, dim(r.text), &lo, &hi);
    ck_assert_msg(lo == r.lo && hi == r.hi, "`%s` is in [%lld, %lld]", r.text, (long long)lo, (long long)hi);
}
END_TEST

/* ---- Facts ---- */

typedef struct FactCase {
    const char *facts; /* a == b or a <= b, separated by semicolons */
    const char *question;
    Truth       truth;
} FactCase;

static const FactCase fact_cases[] = {
    {"n == m", "n == m", YES},
    {"n == m", "n + 1 == m", NO},
    {"n == m", "n*batch//batch == m", YES},
    {"n == m; m == k", "n == k", YES},
    {"n == m + 1; k == n + 1", "k == m + 2", YES},
    {"k == batch; m == k; n == m", "n == batch", YES},
    {"n + m <= 2*k; k == n", "m <= n", YES},
    {"2*n + 2*m == 4*k; k == n", "m == n", YES},
    {"n == 2*m", "n//2 == m", YES},
    {"n == 2*m", "n % 2 == 0", YES},
    {"2*n == m", "m//2 == n", YES},
    {"2*n == 2*m", "n == m", YES},
    {"n == 512", "n//8 == 64", YES},
    {"n == 512", "n <= 511", NO},
    {"2*n == 3*m", "4*n == 6*m", YES},
    {"2*n == 3*m", "4*n + 1 == 6*m", NO},
    {"n*m == k*batch", "2*n*m == 2*k*batch", YES},
    {"n*m == k*batch", "n*m + 1 == k*batch", NO},
    {"n*m == 784", "batch*n*m == 784*batch", YES},
    {"n % 4 == 0", "n//4*4 == n", YES},
    {"n % 4 == 0", "n//2*2 == n", YES},
    {"n % 4 == 0", "n//4*2 == n//2", YES},
    {"n % 4 == 0", "(n + 3)//4 == n//4", YES},
    {"n % 4 == 0", "n == 1", NO},
    {"n % 4 == 0", "n <= 3", NO},
    {"n % 4 == 1", "n % 2 == 1", YES},
    {"n % 4 == 1", "(n - 1)//4*4 + 1 == n", YES},
    {"(n + 3) % 4 == 2", "n % 4 == 3", YES},
    {"n % 4 == 0; n % 6 == 0", "n % 12 == 0", YES},
    {"4*(n//4) == n", "n % 4 == 0", YES},
    {"3*n % 7 == 2", "n % 7 == 3", YES},
    {"(5*n + m) % 8 == 0", "(n + 5*m) % 8 == 0", YES},
    {"12*(n//12) == n", "n//12*4*3 == n", YES},
    {"n <= 512", "n <= 1024", YES},
    {"n <= 512", "n == 513", NO},
    {"n <= 512", "n//513 == 0", YES},
    {"n <= 512", "min(n, 512) == n", YES},
    {"n <= m", "min(n, m) == n", YES},
    {"n <= m", "max(n, m) == m", YES},
    {"n <= m; m <= k", "n <= k", YES},
    {"n <= m; m <= k; k <= batch", "n <= batch", YES},
    {"n <= m", "batch*n <= batch*m", YES},
    {"n <= m", "3*n <= 3*m + 1", YES},
    {"2*n <= 3*m", "4*n <= 6*m", YES},
    {"n <= m; m <= n", "n == m", YES},
    {"n + 1 <= m", "n == m", NO},
    {"n + 1 <= m", "m <= n", NO},
    {"n <= min(m, k)", "n <= k", YES},
    {"max(n, k) <= m", "k <= m", YES},
    {"n == m - 3", "3 <= m", YES},
    {"n <= 512; n == m", "m <= 512", YES},
    {"n == m; n <= 512", "m <= 512", YES},
    {"n <= 4; 4 <= n", "n == 4", YES},
    {"n <= 4; 4 <= n", "n*m == 4*m", YES},
    {"n == m", "k == m", UNKNOWN},
    {"n <= m", "m <= n", UNKNOWN},
    {"2 == 3", "n == m", UNKNOWN},
    {"2*n == 2*m + 1", "n == k", UNKNOWN},
    {"n == 3; n == 4", "n == 5", NO},
};

/* Cuts `text` in two at `operator` and builds both sides. */
static bool sides(const char *text, const char *operator, const Dim **a, const Dim **b)
{
    const char *at = strstr(text, operator);
    if (!at) return false;
    *a = dim(arena_copy(arena, text, (size_t)(at - text)));
    *b = dim(at + strlen(operator));
    return true;
}

static void assume(const char *text)
{
    const Dim *a, *b;
    if (sides(text, "==", &a, &b)) dim_assume_equal(cx, a, b);
    else if (sides(text, "<=", &a, &b)) dim_assume_less_equal(cx, a, b);
}

static void assume_all(const char *facts)
{
    for (const char *end; (end = strchr(facts, ';')); facts = end + 1) {
        assume(arena_copy(arena, facts, (size_t)(end - facts)));
    }
    assume(facts);
}

static Truth ask(const char *text)
{
    const Dim *a, *b;
    if (sides(text, "==", &a, &b)) return dim_equal(cx, a, b);
    ck_assert(sides(text, "<=", &a, &b));
    return dim_less_equal(cx, a, b);
}

START_TEST(facts_decide_until_they_are_dropped)
{
    const FactCase f      = fact_cases[_i];
    const Truth    before = ask(f.question);
    const size_t   mark   = dim_facts_mark(cx);
    for (int round = 0; round < 2; round++) {
        assume_all(f.facts);
        ck_assert_msg(ask(f.question) == f.truth, "%s: %s is not %d but %d", f.facts, f.question, f.truth,
                      ask(f.question));
        dim_facts_drop(cx, mark);
        ck_assert_msg(ask(f.question) == before, "%s: %s is still remembered", f.facts, f.question);
    }
}
END_TEST

START_TEST(facts_are_dropped_in_layers)
{
    assume("n == m");
    const size_t mark = dim_facts_mark(cx);
    assume("m == k");
    ck_assert_int_eq(ask("n == k"), YES);
    dim_facts_drop(cx, mark);
    ck_assert_int_eq(ask("n == k"), UNKNOWN);
    ck_assert_int_eq(ask("n == m"), YES);
    dim_facts_drop(cx, 0);
    ck_assert_int_eq(ask("n == m"), UNKNOWN);
}
END_TEST

START_TEST(facts_enter_neither_normal_forms_nor_ranges)
{
    const Dim *before = dim("min(n, 512)");
    int64_t    lo, hi;
    assume("n <= 512");
    ck_assert_ptr_eq(dim("min(n, 512)"), before);
    dim_range(cx, dim("n"), &lo, &hi);
    ck_assert(hi == INT64_MAX);
}
END_TEST

/* ---- Substituting and solving ---- */

START_TEST(substitution_is_simultaneous)
{
    const Dim *const with[] = {dim("m"), dim("n"), NULL};
    ck_assert_ptr_eq(dim_substitute(cx, dim("n - 2*m + k + batch"), with, 3), dim("m - 2*n + k + batch"));
    ck_assert_ptr_eq(dim_substitute(cx, dim("min(n//4, m**2)"), with, 3), dim("min(m//4, n**2)"));
}
END_TEST

START_TEST(substitution_reaches_everywhere)
{
    const Dim *const with[] = {dim("4*k + 2")};
    ck_assert_ptr_eq(dim_substitute(cx, dim("n//4 + min(n, k) + max(n, 1)*n**2"), with, 1),
                     dim("2*k + max(4*k + 2, 1)*(4*k + 2)**2"));
    const Dim *const number[] = {dim("10"), dim("3")};
    ck_assert_ptr_eq(dim_substitute(cx, dim("n//m*m + n % m"), number, 2), dim("10"));
    const Dim *const zero[] = {dim("0")};
    ck_assert_ptr_null(dim_substitute(cx, dim("m//n"), zero, 1));
}
END_TEST

typedef struct SolveCase {
    const char *pattern, *value, *solution; /* for n */
    Truth       exact;
} SolveCase;

static const SolveCase solve_cases[] = {
    {"n", "m", "m", YES},
    {"n + 1", "m", "m - 1", YES},
    {"4*n", "m", "m//4", UNKNOWN},
    {"4*n", "8*m", "2*m", YES},
    {"4*n + 3", "8*m + 3", "2*m", YES},
    {"4*n", "8*m + 2", "2*m", NO},
    {"3*n + 1", "10", "3", YES},
    {"3*n + 1", "12", "3", NO},
    {"-n + 5", "m", "5 - m", YES},
    {"n*k", "m*k", "m", YES},
    {"n*k + k", "m*k", "m - 1", YES},
    {"n + m", "m + 7", "7", YES},
    {"2*n", "m*(m + 1)", "m*(m + 1)//2", YES},
    {"n**2", "m", NULL, UNKNOWN},
    {"n//2", "m", NULL, UNKNOWN},
    {"n + n//2", "m", NULL, UNKNOWN},
    {"n*(n//2)", "m", NULL, UNKNOWN},
    {"m", "5", NULL, UNKNOWN},
};

START_TEST(linear_patterns_are_solved)
{
    const SolveCase s = solve_cases[_i];
    Truth           exact;
    const Dim      *solution = dim_solve(cx, dim(s.pattern), 0, dim(s.value), &exact);
    ck_assert_msg(solution == (s.solution ? dim(s.solution) : NULL), "%s == %s", s.pattern, s.value);
    ck_assert_msg(exact == s.exact, "%s == %s: %d", s.pattern, s.value, exact);
}
END_TEST

/* ---- Limits ---- */

START_TEST(overflow_is_noticed)
{
    const Dim *big = dim_int(cx, INT64_MAX), *low = dim_int(cx, INT64_MIN), *one = dim("1"), *n = dim("n");
    ck_assert_ptr_null(dim_add(cx, big, one));
    ck_assert_ptr_null(dim_sub(cx, low, one));
    ck_assert_ptr_null(dim_mul(cx, big, dim("2")));
    ck_assert_ptr_null(dim_floordiv(cx, low, dim("-1")));
    ck_assert_ptr_null(dim_floordiv(cx, n, dim("0")));
    ck_assert_ptr_null(dim_mul(cx, dim_mul(cx, big, n), dim("3")));
    ck_assert_ptr_null(dim_add(cx, dim_mul(cx, big, n), n));
    ck_assert_ptr_null(dim_mod(cx, n, dim("0")));
    ck_assert_ptr_null(dim_floordiv(cx, dim_mul(cx, low, n), dim("-1")));
}
END_TEST

START_TEST(null_makes_null)
{
    const Dim *n = dim("n");
    Truth      exact;
    ck_assert_ptr_null(dim_add(cx, NULL, n));
    ck_assert_ptr_null(dim_sub(cx, n, NULL));
    ck_assert_ptr_null(dim_mul(cx, NULL, NULL));
    ck_assert_ptr_null(dim_floordiv(cx, n, NULL));
    ck_assert_ptr_null(dim_mod(cx, NULL, n));
    ck_assert_ptr_null(dim_min(cx, n, NULL));
    ck_assert_ptr_null(dim_max(cx, NULL, n));
    ck_assert_ptr_null(dim_substitute(cx, NULL, NULL, 0));
    ck_assert_ptr_null(dim_solve(cx, NULL, 0, n, &exact));
    ck_assert_int_eq(dim_equal(cx, NULL, n), UNKNOWN);
    ck_assert_int_eq(dim_less_equal(cx, n, NULL), UNKNOWN);
    dim_assume_equal(cx, NULL, n);
    dim_assume_less_equal(cx, n, NULL);
}
END_TEST

START_TEST(the_extremes_are_handled)
{
    const Dim *big = dim_int(cx, INT64_MAX), *low = dim_int(cx, INT64_MIN), *n = dim("n");
    int64_t    v;
    ck_assert_int_eq(dim_equal(cx, big, low), NO);
    ck_assert_int_eq(dim_less_equal(cx, low, big), YES);
    ck_assert_int_ne(dim_equal(cx, dim_mul(cx, low, n), big), YES);
    ck_assert_int_ne(dim_less_equal(cx, dim_mul(cx, low, n), dim("0")), NO);
    ck_assert_int_eq(dim_equal(cx, dim_floordiv(cx, n, big), dim("5")), UNKNOWN);
    dim_assume_equal(cx, dim_mul(cx, low, n), low);
    dim_assume_less_equal(cx, dim_mul(cx, big, n), low);
    ck_assert_str_eq(dim_text(cx, arena, low), "-9223372036854775808");
    ck_assert_str_eq(dim_text(cx, arena, dim_mul(cx, low, n)), "-9223372036854775808*n");
    ck_assert(!dim_eval(dim("n + 1"), &(int64_t){INT64_MAX}, 1, &v));
    ck_assert(!dim_eval(dim("n*n"), &(int64_t){INT64_MAX}, 1, &v));
    ck_assert(!dim_eval(dim("5//n"), &(int64_t){0}, 1, &v));
    ck_assert(!dim_eval(dim("m"), &(int64_t){0}, 1, &v));
    dim_bound(cx, 0, INT64_MIN, INT64_MAX);
    ck_assert_int_eq(ask("n - n//2 == (n + 1)//2"), YES);
    ck_assert_int_eq(ask("0 <= n"), UNKNOWN);
    ck_assert_int_eq(ask("n//2 <= n"), UNKNOWN);
    dim_bound(cx, 0, INT64_MIN + 1, INT64_MAX - 1);
    ck_assert_int_eq(ask("n//3 == 5"), UNKNOWN);
}
END_TEST

/* Something that never simplifies. */
static const Dim *nest(const Dim *d, int i)
{
    const Dim *quotient = dim_floordiv(cx, d, dim_int(cx, i % 7 + 2));
    return dim_min(cx, dim_add(cx, dim_mul(cx, quotient, dim("m")), dim("k")), dim_int(cx, 1000 + i));
}

START_TEST(growth_ends)
{
    const Dim *sum = dim("n + m + k + batch + 1"), *d = sum;
    for (int i = 0; i < 100 && d; i++) d = dim_mul(cx, d, sum);
    ck_assert_ptr_null(d);
    d = dim("n");
    for (int i = 0; i < 100 && d; i++) d = dim_mul(cx, d, dim("n"));
    ck_assert_ptr_null(d);
    d = dim("n");
    for (int i = 0; i < 100000 && d; i++) d = dim_floordiv(cx, dim_add(cx, d, dim("k")), dim("m + 1"));
    ck_assert_ptr_null(d);
    d = dim("n");
    for (int i = 0; i < 100000 && d; i++) d = dim_floordiv(cx, dim_mul(cx, d, d), dim("m + 1"));
    ck_assert_ptr_null(d);
    d = dim("n");
    for (int i = 0; i < 100000 && d; i++) d = nest(d, i);
    ck_assert_ptr_null(d);
}
END_TEST

/* ---- Whatever is built, its value is that of the operators; whatever is claimed, it holds ---- */

/* n, m and k from 0 to 6, and some points far away. */
enum { GRID = 7, NEAR = GRID * GRID * GRID, POINTS = NEAR + 60 };

static uint64_t random_state;

static int pick(int n)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((random_state >> 33) % (uint64_t)n);
}

static const Expr *random_expr(int depth)
{
    static const char ops[] = "+++---**////%mM";
    if (depth == 0 || pick(6) == 0) {
        return pick(5) < 2 ? expr('0', pick(12) - 3, NULL, NULL) : expr('x', pick(3), NULL, NULL);
    }
    const Expr *a = random_expr(depth - 1), *b = random_expr(depth - 1);
    const char  op = ops[pick((int)sizeof ops - 1)];
    /* Mostly by a number, as in life; rarely by what may be zero or negative. */
    if ((op == '/' || op == '%') && pick(4)) b = expr('0', pick(6) + 1, NULL, NULL);
    return expr(op, 0, a, b);
}

/* Something that is often equal to `e`, or nearly. */
static const Expr *variation(const Expr *e)
{
    const Expr *two = expr('0', 2, NULL, NULL), *other = random_expr(1);
    switch (pick(6)) {
    case 0: return expr('+', 0, expr('/', 0, e, two), expr('/', 0, expr('+', 0, e, expr('0', 1, NULL, NULL)), two));
    case 1: return expr('-', 0, expr('+', 0, other, e), other);
    case 2: return expr('+', 0, e, expr('0', pick(3) - 1, NULL, NULL));
    case 3: return expr('-', 0, expr('+', 0, expr('m', 0, e, other), expr('M', 0, e, other)), other);
    case 4: return expr('+', 0, e, expr('%', 0, other, two));
    default: return random_expr(3);
    }
}

static int64_t floor_quotient(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* The value by the meaning of the operators; false where there is none, or none worth following. */
static bool evaluate(const Expr *e, const int64_t *values, int64_t *v)
{
    int64_t a, b;
    if (e->op == '0' || e->op == 'x') {
        *v = e->op == '0' ? e->value : values[e->value];
        return true;
    }
    if (!evaluate(e->a, values, &a) || !evaluate(e->b, values, &b)) return false;
    if ((e->op == '/' || e->op == '%') && b == 0) return false;
    switch (e->op) {
    case '+': *v = a + b; break;
    case '-': *v = a - b; break;
    case '*': *v = a * b; break;
    case '/': *v = floor_quotient(a, b); break;
    case '%': *v = a - b * floor_quotient(a, b); break;
    case 'm': *v = a < b ? a : b; break;
    default: *v = a > b ? a : b; break;
    }
    return llabs(*v) < 1000000000;
}

static void point(int i, int64_t *values)
{
    const uint64_t far = (uint64_t)i * UINT64_C(0x9E3779B97F4A7C15) >> 40; /* 24 bits */
    values[0] = i < NEAR ? i % GRID : (int64_t)(far & 255);
    values[1] = i < NEAR ? i / GRID % GRID : (int64_t)(far >> 8 & 255);
    values[2] = i < NEAR ? i / GRID / GRID : (int64_t)(far >> 16);
}

static bool within_bounds(const int64_t *values)
{
    for (int i = 0; i < 3; i++) {
        int64_t lo, hi;
        dim_bounds(cx, i, &lo, &hi);
        if (values[i] < lo || values[i] > hi) return false;
    }
    return true;
}

/* Some symbols get bounds, so that there is more to prove. */
static void random_bounds(void)
{
    for (int i = 0; i < 3; i++) {
        const int lo = pick(4);
        if (pick(3) == 0) dim_bound(cx, i, lo, pick(2) ? INT64_MAX : lo + pick(4));
    }
}

static void start(int seed, int round)
{
    teardown();
    setup();
    random_state = (uint64_t)seed * 1000003 + (uint64_t)round;
    random_bounds();
}

static void check_values(const Expr *e, const Dim *d)
{
    int64_t values[3], v, w, lo, hi;
    dim_range(cx, d, &lo, &hi);
    for (int i = 0; i < POINTS; i++) {
        point(i, values);
        if (!within_bounds(values) || !evaluate(e, values, &v)) continue;
        ck_assert_msg(dim_eval(d, values, 3, &w) && v == w, "%s at (%d, %d, %d) is %d", dim_text(cx, arena, d),
                      (int)values[0], (int)values[1], (int)values[2], (int)v);
        ck_assert_msg(lo <= v && v <= hi, "%s is not in its range", dim_text(cx, arena, d));
    }
}

enum { ROUNDS = 150, SEEDS = 10 };

START_TEST(values_are_those_of_the_operators)
{
    for (int round = 0; round < ROUNDS; round++) {
        start(_i, round);
        const Expr *e = random_expr(4);
        const Dim  *d = build(e);
        if (d) check_values(e, d);
    }
}
END_TEST

START_TEST(text_reads_back_as_the_same_dim)
{
    for (int round = 0; round < ROUNDS; round++) {
        start(_i, round);
        const Dim *d = build(random_expr(4));
        if (!d) continue;
        const char *text = dim_text(cx, arena, d);
        ck_assert_msg(dim(text) == d, "`%s` reads as `%s`", text, dim_text(cx, arena, dim(text)));
    }
}
END_TEST

typedef struct Claim {
    char        relation; /* '=' or '<' for <= */
    const Expr *a, *b;
} Claim;

static Claim random_claim(int depth)
{
    const Expr *e = random_expr(depth);
    return (Claim){pick(2) ? '=' : '<', e, variation(e)};
}

/* Does the claim hold there? False also where a side has no value. */
static bool holds(Claim c, const int64_t *values, bool *defined)
{
    int64_t a, b;
    *defined = evaluate(c.a, values, &a) && evaluate(c.b, values, &b);
    return *defined && (c.relation == '=' ? a == b : a <= b);
}

static Truth verdict(Claim c)
{
    const Dim *a = build(c.a), *b = build(c.b);
    return c.relation == '=' ? dim_equal(cx, a, b) : dim_less_equal(cx, a, b);
}

static const char *claim_text(Claim c)
{
    return arena_printf(arena, "%s %c= %s", dim_text(cx, arena, build(c.a)), c.relation,
                        dim_text(cx, arena, build(c.b)));
}

/* Compares a verdict with all points at which the facts hold. */
static void check_verdict(Claim c, const Claim *facts, int nfacts)
{
    const Truth truth = verdict(c);
    int64_t     values[3];
    for (int i = 0; i < POINTS && truth != UNKNOWN; i++) {
        point(i, values);
        bool defined, relevant = within_bounds(values);
        for (int f = 0; f < nfacts && relevant; f++) relevant = holds(facts[f], values, &defined);
        const bool positive = values[0] && values[1] && values[2], true_here = holds(c, values, &defined);
        if (!relevant || !defined || (truth == NO && !positive)) continue;
        ck_assert_msg(true_here == (truth == YES), "%s is claimed to be %s, but not at (%d, %d, %d)%s%s", claim_text(c),
                      truth == YES ? "true" : "false", (int)values[0], (int)values[1], (int)values[2],
                      nfacts ? " given " : "", nfacts ? claim_text(facts[0]) : "");
    }
}

START_TEST(verdicts_hold_everywhere)
{
    for (int round = 0; round < ROUNDS; round++) {
        start(_i, round);
        const Claim c = random_claim(1 + pick(3));
        if (build(c.a) && build(c.b)) check_verdict(c, NULL, 0);
    }
}
END_TEST

START_TEST(verdicts_hold_wherever_the_facts_do)
{
    for (int round = 0; round < ROUNDS; round++) {
        start(_i, round);
        Claim     facts[3];
        const int n = 1 + pick(3);
        for (int i = 0; i < n; i++) {
            facts[i]     = random_claim(pick(3));
            const Dim *a = build(facts[i].a), *b = build(facts[i].b);
            if (facts[i].relation == '=') dim_assume_equal(cx, a, b);
            else dim_assume_less_equal(cx, a, b);
        }
        for (int i = 0; i < 4; i++) {
            const Claim c = random_claim(pick(3));
            if (build(c.a) && build(c.b)) check_verdict(c, facts, n);
        }
    }
}
END_TEST

START_TEST(substitution_commutes_with_evaluation)
{
    for (int round = 0; round < ROUNDS; round++) {
        start(_i, round);
        for (int i = 0; i < 3; i++) dim_bound(cx, i, -1000, INT64_MAX); /* what replaces a symbol may be anything */
        const Expr *e       = random_expr(3), *with[2] = {random_expr(2), random_expr(2)};
        const Dim  *dims[2] = {build(with[0]), build(with[1])}, *d = build(e);
        const Dim  *after   = d && dims[0] && dims[1] ? dim_substitute(cx, d, dims, 2) : NULL;
        for (int i = 0; i < POINTS && after; i++) {
            int64_t values[3], inner[3], v, w;
            point(i, values);
            inner[2] = values[2];
            if (!evaluate(with[0], values, &inner[0]) || !evaluate(with[1], values, &inner[1])) continue;
            if (inner[0] < -1000 || inner[1] < -1000 || !evaluate(e, inner, &v)) continue;
            ck_assert_msg(dim_eval(after, values, 3, &w) && v == w, "%s became %s", dim_text(cx, arena, d),
                          dim_text(cx, arena, after));
        }
    }
}
END_TEST

START_TEST(solutions_solve)
{
    for (int round = 0; round < ROUNDS; round++) {
        start(_i, round);
        const Expr *factor = expr('0', pick(9) - 4, NULL, NULL), *n = expr('x', 0, NULL, NULL);
        const Expr *offset = expr('*', 0, expr('x', 1 + pick(2), NULL, NULL), expr('0', pick(5) - 2, NULL, NULL));
        const Expr *e      = expr('+', 0, expr('*', 0, factor, n), offset), *value = random_expr(3);
        Truth       exact;
        const Dim  *d        = build(value);
        const Dim  *solution = d ? dim_solve(cx, build(e), 0, d, &exact) : NULL;
        ck_assert(!d || solution || factor->value == 0);
        for (int i = 0; i < POINTS && solution; i++) {
            int64_t values[3], v, w;
            point(i, values);
            const bool positive = values[0] && values[1] && values[2];
            if (!within_bounds(values) || !evaluate(value, values, &v)) continue;
            ck_assert(dim_eval(solution, values, 3, &values[0]));
            evaluate(e, values, &w);
            if (exact == YES) ck_assert_int_eq(v, w);
            if (exact == NO && positive) ck_assert_int_ne(v, w);
        }
    }
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
    TCase *bound = add_case(s, "bounds");
    tcase_add_test(bound, bounds_decide_what_is_otherwise_open);
    tcase_add_test(bound, bounds_set_later_reach_what_was_made_before);
    tcase_add_test(bound, zero_counts_for_proofs_but_not_for_refutations);
    LOOP(bound, ranges_hold_what_bounds_say, ranges);
    TCase *fact = add_case(s, "facts");
    LOOP(fact, facts_decide_until_they_are_dropped, fact_cases);
    tcase_add_test(fact, facts_are_dropped_in_layers);
    tcase_add_test(fact, facts_enter_neither_normal_forms_nor_ranges);
    TCase *solve = add_case(s, "substitution");
    tcase_add_test(solve, substitution_is_simultaneous);
    tcase_add_test(solve, substitution_reaches_everywhere);
    LOOP(solve, linear_patterns_are_solved, solve_cases);
    TCase *limit = add_case(s, "limits");
    tcase_set_timeout(limit, 60);
    tcase_add_test(limit, overflow_is_noticed);
    tcase_add_test(limit, null_makes_null);
    tcase_add_test(limit, the_extremes_are_handled);
    tcase_add_test(limit, growth_ends);
    TCase *text = add_case(s, "text");
    LOOP(text, dims_read_as_users_write_them, texts);
    TCase *property = add_case(s, "properties");
    tcase_set_timeout(property, 60);
    tcase_add_loop_test(property, values_are_those_of_the_operators, 0, SEEDS);
    tcase_add_loop_test(property, text_reads_back_as_the_same_dim, 0, SEEDS);
    tcase_add_loop_test(property, verdicts_hold_everywhere, 0, SEEDS);
    tcase_add_loop_test(property, verdicts_hold_wherever_the_facts_do, 0, SEEDS);
    tcase_add_loop_test(property, substitution_commutes_with_evaluation, 0, SEEDS);
    tcase_add_loop_test(property, solutions_solve, 0, SEEDS);
    return s;
}
