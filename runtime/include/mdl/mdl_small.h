/* Small products in line: of the few thousand multiplications of a small dense layer a call of the kernel would take longer than they
 * do. Only for generated code, which knows sizes and epilogue when it is compiled. mdl_isa_begin.h includes this for each instruction
 * set: vectors are as wide as it has them. An element is the sum of four sums, so that no addition waits for the one before: the same
 * ones with each set, and so the same bits with each that fuses multiplications and additions, and with each that doesn't. */

/* ---- some elements: as many as a vector of the set has ---- */

#define MDL_SOME       MDL_VARIANT(mdl_some)
#define MDL_SOME_THERE MDL_VARIANT(mdl_some_there)
#define MDL_SOME_LANES MDL_VARIANT(MDL_SOME_LANES)
#define MDL_SOME_OF(x) ((x) - (MDL_SOME){0})
#if MDL_ISA_BYTES > 0
typedef float MDL_SOME __attribute__((vector_size(MDL_ISA_BYTES)));
typedef float MDL_SOME_THERE __attribute__((vector_size(MDL_ISA_BYTES), aligned(4), may_alias));
typedef int32_t MDL_VARIANT(mdl_some_bits) __attribute__((vector_size(MDL_ISA_BYTES)));
enum { MDL_SOME_LANES = MDL_ISA_BYTES / sizeof(float) };

/* One where the condition holds, the other elsewhere. */
MDL_INLINE_ALWAYS MDL_SOME MDL_VARIANT(mdl_some_if)(MDL_VARIANT(mdl_some_bits) condition, MDL_SOME one, MDL_SOME other)
{
    typedef MDL_VARIANT(mdl_some_bits) Bits;
    return (MDL_SOME)((condition & (Bits)one) | (~condition & (Bits)other));
}
#else
typedef float MDL_SOME;
typedef float MDL_SOME_THERE;
enum { MDL_SOME_LANES = 1 };

MDL_INLINE_ALWAYS float MDL_VARIANT(mdl_some_if)(int condition, float one, float other)
{
    return condition ? one : other;
}
#endif

/* sum += x * *b, rounded once where the set can. GNU vectors have no such operation, and the header that has it takes a
 * compiler 0.3 s, half as long as the rest of a small model. */
#if MDL_ISA > 0
#define MDL_SOME_ADD(sum, x, b) __asm__("vfmadd231ps {%2, %1, %0|%0, %1, %2}" : "+v"(sum) : "v"(MDL_SOME_OF(x)), "m"(*(b)))
#elif MDL_NEON
#define MDL_SOME_ADD(sum, x, b) __asm__("fmla %0.4s, %1.4s, %2.4s" : "+w"(sum) : "w"(MDL_SOME_OF(x)), "w"((MDL_SOME)*(b)))
#else
#define MDL_SOME_ADD(sum, x, b) ((sum) += (x) * *(b))
#endif

/* ---- products ---- */

/* From an element of a row on: where its sums go, `count` of them, and what a plain epilogue (mdl_ops.h) does to them before. */
#define MDL_SMALL MDL_VARIANT(mdl_small)
typedef struct MDL_SMALL {
    float       *y;
    int64_t      count;
    const float *bias, *beside; /* NULL adds nothing */
    float        low, high;     /* NaN is not bounded */
} MDL_SMALL;

MDL_INLINE_ALWAYS MDL_SOME MDL_VARIANT(mdl_small_bounded)(const MDL_SMALL *to, MDL_SOME v)
{
    if (to->low > -INFINITY) v = MDL_VARIANT(mdl_some_if)(v < MDL_SOME_OF(to->low), MDL_SOME_OF(to->low), v);
    if (to->high < INFINITY) v = MDL_VARIANT(mdl_some_if)(v > MDL_SOME_OF(to->high), MDL_SOME_OF(to->high), v);
    return v;
}

/* The last elements of a row one by one: what is smaller than a vector can't be loaded as one. */
MDL_INLINE_ALWAYS void MDL_VARIANT(mdl_small_rest)(const MDL_SMALL *to, int64_t column, MDL_SOME v)
{
    float sums[MDL_SOME_LANES];
    memcpy(sums, &v, sizeof v);
    for (int64_t j = column; j < to->count; j++) {
        float y = sums[j - column];
        if (to->bias) y += to->bias[j];
        if (to->beside) y += to->beside[j];
        y = y < to->low ? to->low : y;
        to->y[j] = y > to->high ? to->high : y;
    }
}

MDL_INLINE_ALWAYS void MDL_VARIANT(mdl_small_end)(const MDL_SMALL *to, int64_t column, MDL_SOME v)
{
    if (to->count - column < MDL_SOME_LANES) {
        MDL_VARIANT(mdl_small_rest)(to, column, v);
        return;
    }
    if (to->bias) v += *(const MDL_SOME_THERE *)(to->bias + column);
    if (to->beside) v += *(const MDL_SOME_THERE *)(to->beside + column);
    *(MDL_SOME_THERE *)(to->y + column) = MDL_VARIANT(mdl_small_bounded)(to, v);
}

/* x[k] times `vectors` of columns of a panel whose rows are `step` apart. With their number constant after inlining, sums are registers. */
MDL_INLINE_ALWAYS void MDL_VARIANT(mdl_small_columns)(const MDL_SMALL *to, const int vectors, const float *x, int64_t k, const float *b, int64_t step)
{
    MDL_SOME      sum[4][4] = {{{0}}};
    const int64_t whole = k / 4 * 4;
    MDL_ROLLED
    for (int64_t l = 0; l < whole; l += 4) {
        for (int q = 0; q < 4; q++) {
            const MDL_SOME_THERE *const row = (const MDL_SOME_THERE *)(b + (l + q) * step);
            for (int v = 0; v < vectors; v++) MDL_SOME_ADD(sum[q][v], x[l + q], row + v);
        }
    }
    for (int64_t l = whole; l < k; l++) {
        const MDL_SOME_THERE *const row = (const MDL_SOME_THERE *)(b + l * step);
        for (int v = 0; v < vectors; v++) MDL_SOME_ADD(sum[0][v], x[l], row + v);
    }
    for (int v = 0; v < vectors; v++) {
        MDL_VARIANT(mdl_small_end)(to, v * MDL_SOME_LANES, (sum[0][v] + sum[1][v]) + (sum[2][v] + sum[3][v]));
    }
}

/* From a column on, `count` of the n columns, the first in a vector of their panel. */
MDL_INLINE_ALWAYS void MDL_VARIANT(mdl_small_some)(const MDL_SMALL *row, int64_t j, int64_t count, const float *x, int64_t k, int64_t n, const float *b)
{
    const int64_t   padded = (n + MDL_SMALL_STEP - 1) / MDL_SMALL_STEP * MDL_SMALL_STEP, first = j / MDL_SMALL_PANEL * MDL_SMALL_PANEL;
    const int64_t   step = padded - first < MDL_SMALL_PANEL ? padded - first : MDL_SMALL_PANEL;
    const int       vectors = (int)((count + MDL_SOME_LANES - 1) / MDL_SOME_LANES);
    const MDL_SMALL to = {row->y + j, count, row->bias ? row->bias + j : NULL, row->beside ? row->beside + j : NULL, row->low, row->high};
    MDL_VARIANT(mdl_small_columns)(&to, vectors, x, k, b + first * k + (j - first), step);
}

/* mdl_matmul_packed_then, `then` may be NULL, for `rows` rows of k, n columns. */
MDL_INLINE_ALWAYS mdl_status mdl_matmul_small(const mdl_tensor *out, const mdl_tensor *in, int nin, int64_t rows, int64_t k, int64_t n,
                                              const mdl_epilogue *then, mdl_error *error)
{
    enum { VECTORS = MDL_ISA_BYTES == 64 ? 4 : 2, WIDTH = VECTORS * MDL_SOME_LANES };
    if (rows > MDL_SMALL_ROWS) return mdl_matmul_packed_then(out, in, nin, NULL, then, error);
    const bool plain = then && !then->run;
    for (int64_t r = 0; r < rows; r++) {
        const float *const x = (const float *)in[0].data + r * k, *const b = in[1].data;
        const float *const beside = plain && then->beside ? (const float *)then->beside + r * n : NULL;
        const MDL_SMALL    row = {(float *)out->data + r * n, n, plain ? (const float *)then->bias : NULL, beside,
                                  plain ? (float)then->low : -INFINITY, plain ? (float)then->high : INFINITY};
        for (int64_t j = 0; j + WIDTH <= n; j += WIDTH) MDL_VARIANT(mdl_small_some)(&row, j, WIDTH, x, k, n, b);
        if (n % WIDTH > 0) MDL_VARIANT(mdl_small_some)(&row, n / WIDTH * WIDTH, n % WIDTH, x, k, n, b);
    }
    if (then && then->run && rows > 0) then->run(then->context, 0, rows, 0, n);
    return MDL_OK;
}

#undef MDL_SMALL
#undef MDL_SOME_ADD
#undef MDL_SOME_OF
#undef MDL_SOME_LANES
#undef MDL_SOME_THERE
#undef MDL_SOME
