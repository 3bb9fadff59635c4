/* Included by the bodies of kernels, which have NAME and T, and if there are vectors V, U and LANES: what a plain epilogue (mdl_ops.h)
 * does to sums that are in registers, and parts of vectors. */

#define PLAIN_(T) Plain_##T
#define PLAIN(T)  PLAIN_(T)
typedef PLAIN(T) NAME(Plain);
#undef PLAIN
#undef PLAIN_

static inline NAME(Plain) NAME(plain_from)(const mdl_epilogue *then, int64_t width, int64_t row, int64_t column)
{
    return (NAME(Plain)){then->bias != NULL ? (const T *)then->bias + column : NULL,
                        then->beside != NULL ? (const T *)then->beside + row * width + column : NULL, width, (T)then->low, (T)then->high};
}

/* NaN stays NaN. */
static inline T NAME(finished_one)(const NAME(Plain) *last, T sum, int64_t row, int64_t column)
{
    if (last->bias != NULL) sum += last->bias[column];
    if (last->beside != NULL) sum += last->beside[row * last->row + column];
    sum = sum < last->low ? last->low : sum;
    return sum > last->high ? last->high : sum;
}

#if MDL_ISA_BYTES > 0

/* The second where one is NaN. */
static inline V NAME(maximum)(V a, V b)
{
#ifdef VECTOR_MAX
    return VECTOR_MAX(a, b);
#else
    for (int i = 0; i < (int)LANES; i++) b[i] = b[i] < a[i] ? a[i] : b[i];
    return b;
#endif
}

static inline V NAME(minimum)(V a, V b)
{
#ifdef VECTOR_MIN
    return VECTOR_MIN(a, b);
#else
    for (int i = 0; i < (int)LANES; i++) b[i] = b[i] > a[i] ? a[i] : b[i];
    return b;
#endif
}

/* The first `count` elements; the others are 0. */
static inline V NAME(load_some)(const T *from, int64_t count)
{
#ifdef LOAD_SOME
    return LOAD_SOME(from, count);
#else
    T some[LANES];
    for (int64_t i = 0; i < LANES; i++) some[i] = i < count ? from[i] : 0;
    return *(const U *)some;
#endif
}

static inline void NAME(store_some)(T *to, V v, int64_t count)
{
#ifdef STORE_SOME
    STORE_SOME(to, v, count);
#else
    T some[LANES];
    *(U *)some = v;
    for (int64_t i = 0; i < count; i++) to[i] = some[i];
#endif
}

/* To which -0 is added where there is no bias, which changes nothing. */
static inline V NAME(bias_of)(const NAME(Plain) *last, int64_t column)
{
    if (last->bias == NULL) return -(V){0};
    return *(const U *)(last->bias + column);
}

static inline V NAME(bias_of_some)(const NAME(Plain) *last, int64_t column, int64_t count)
{
    if (last->bias == NULL) return -(V){0};
    return NAME(load_some)(last->bias + column, count);
}

static inline V NAME(bounded)(const NAME(Plain) *last, V v)
{
    return NAME(minimum)(last->high - (V){0}, NAME(maximum)(last->low - (V){0}, v));
}

static inline V NAME(finished)(const NAME(Plain) *last, V sum, V bias, int64_t row, int64_t column)
{
    sum += bias;
    if (last->beside != NULL) sum += *(const U *)(last->beside + row * last->row + column);
    return NAME(bounded)(last, sum);
}

static inline V NAME(finished_some)(const NAME(Plain) *last, V sum, V bias, int64_t row, int64_t column, int64_t count)
{
    sum += bias;
    if (last->beside != NULL) sum += NAME(load_some)(last->beside + row * last->row + column, count);
    return NAME(bounded)(last, sum);
}

/* Ends, if `last` is not NULL, and writes vectors of neighbouring pixels, from column c on; the first is `row` of the epilogue. */
static inline __attribute__((always_inline)) void NAME(put_pixels)(const int pixels, const NAME(Plain) *last, int64_t row,
                                                                   int64_t channels, V *sum, T *y, int64_t c)
{
    if (last != NULL) {
        const V bias = NAME(bias_of)(last, c);
        UNROLL for (int p = 0; p < pixels; p++) sum[p] = NAME(finished)(last, sum[p], bias, row + p, c);
    }
    UNROLL for (int p = 0; p < pixels; p++) *(U *)(y + p * channels + c) = sum[p];
}
#endif
