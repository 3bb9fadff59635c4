/* Sums and extrema of a row, in generated loops that go over a row several times while it is in cache:
 *
 *     MDL_ROW_SUM(sum, j, 768, {
 *         MDL_TERM_SUM(mdl_square_f(x[i * 768 + j] - m));
 *     })
 *
 * declares `sum`. The statements, which end with the term, stand for element j. Each of 32 lanes takes every 32nd element, so that compilers
 * make vectors of the lanes, and the result is the same for each instruction set; sums are double, as those of mdl_sum and mdl_mean. */
#ifndef MDL_ROWS_H
#define MDL_ROWS_H

enum { MDL_LANES = 32 };

#define MDL_ROW_JOIN(join, half) \
    for (int mdl_l = 0; mdl_l < half; mdl_l++) mdl_lane[mdl_l] = join(mdl_lane[mdl_l + half], mdl_lane[mdl_l]);
#define MDL_ROW(type, result, first, join, j, n, ...)                                       \
    type result;                                                                            \
    {                                                                                       \
        type mdl_lane[MDL_LANES];                                                           \
        for (int mdl_l = 0; mdl_l < MDL_LANES; mdl_l++) mdl_lane[mdl_l] = first;            \
        for (int64_t mdl_at = 0; mdl_at < (n) / MDL_LANES; mdl_at++) {                      \
            for (int mdl_l = 0; mdl_l < MDL_LANES; mdl_l++) {                               \
                const int64_t j = mdl_at * MDL_LANES + mdl_l;                               \
                __VA_ARGS__                                                                 \
            }                                                                               \
        }                                                                                   \
        for (int mdl_l = 0; mdl_l < (n) % MDL_LANES; mdl_l++) {                             \
            const int64_t j = (n) / MDL_LANES * MDL_LANES + mdl_l;                          \
            __VA_ARGS__                                                                     \
        }                                                                                   \
        MDL_ROW_JOIN(join, 16)                                                              \
        MDL_ROW_JOIN(join, 8)                                                               \
        MDL_ROW_JOIN(join, 4)                                                               \
        MDL_ROW_JOIN(join, 2)                                                               \
        result = join(mdl_lane[1], mdl_lane[0]);                                            \
    }

#define MDL_ROW_PLUS(x, sum) ((sum) + (x))
#define MDL_ROW_TERM(join, x) mdl_lane[mdl_l] = join(x, mdl_lane[mdl_l])

#define MDL_ROW_SUM(result, j, n, ...)   MDL_ROW(double, result, 0.0, MDL_ROW_PLUS, j, n, __VA_ARGS__)
#define MDL_ROW_MAX_F(result, j, n, ...) MDL_ROW(float, result, -INFINITY, mdl_maximum_f, j, n, __VA_ARGS__)
#define MDL_ROW_MAX_D(result, j, n, ...) MDL_ROW(double, result, -(double)INFINITY, mdl_maximum_d, j, n, __VA_ARGS__)
#define MDL_ROW_MIN_F(result, j, n, ...) MDL_ROW(float, result, INFINITY, mdl_minimum_f, j, n, __VA_ARGS__)
#define MDL_ROW_MIN_D(result, j, n, ...) MDL_ROW(double, result, (double)INFINITY, mdl_minimum_d, j, n, __VA_ARGS__)
#define MDL_TERM_SUM(x)   MDL_ROW_TERM(MDL_ROW_PLUS, x)
#define MDL_TERM_MAX_F(x) MDL_ROW_TERM(mdl_maximum_f, x)
#define MDL_TERM_MAX_D(x) MDL_ROW_TERM(mdl_maximum_d, x)
#define MDL_TERM_MIN_F(x) MDL_ROW_TERM(mdl_minimum_f, x)
#define MDL_TERM_MIN_D(x) MDL_ROW_TERM(mdl_minimum_d, x)

#endif
