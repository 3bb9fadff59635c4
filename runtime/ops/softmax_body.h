/* Included by softmax.c for each element type. y may be x. */
static void NAME(AxisView v, T *y, const T *x)
{
    for (int64_t o = 0; o < v.outer; o++) {
        for (int64_t j0 = 0; j0 < v.inner; j0 += TILE) {
            const int64_t  width = v.inner - j0 < TILE ? v.inner - j0 : TILE;
            const T *const from = x + o * v.size * v.inner + j0;
            T *const       to = y + o * v.size * v.inner + j0;
            T              top[TILE];
            double         sum[TILE];
            for (int64_t j = 0; j < width; j++) top[j] = SMALLEST, sum[j] = 0.0;
            for (int64_t i = 0; i < v.size; i++)
                for (int64_t j = 0; j < width; j++) top[j] = MAXIMUM(from[i * v.inner + j], top[j]);
            for (int64_t i = 0; i < v.size; i++) {
                for (int64_t j = 0; j < width; j++) {
                    const T e = EXP(from[i * v.inner + j] - top[j]);
                    to[i * v.inner + j] = e;
                    sum[j] += e;
                }
            }
            for (int64_t i = 0; i < v.size; i++)
                for (int64_t j = 0; j < width; j++) to[i * v.inner + j] = (T)(to[i * v.inner + j] / sum[j]);
        }
    }
}

static void LOG_NAME(AxisView v, T *y, const T *x)
{
    for (int64_t o = 0; o < v.outer; o++) {
        for (int64_t j0 = 0; j0 < v.inner; j0 += TILE) {
            const int64_t  width = v.inner - j0 < TILE ? v.inner - j0 : TILE;
            const T *const from = x + o * v.size * v.inner + j0;
            T *const       to = y + o * v.size * v.inner + j0;
            T              top[TILE];
            double         sum[TILE];
            for (int64_t j = 0; j < width; j++) top[j] = SMALLEST, sum[j] = 0.0;
            for (int64_t i = 0; i < v.size; i++)
                for (int64_t j = 0; j < width; j++) top[j] = MAXIMUM(from[i * v.inner + j], top[j]);
            for (int64_t i = 0; i < v.size; i++)
                for (int64_t j = 0; j < width; j++) sum[j] += EXP(from[i * v.inner + j] - top[j]);
            for (int64_t j = 0; j < width; j++) sum[j] = log(sum[j]);
            for (int64_t i = 0; i < v.size; i++)
                for (int64_t j = 0; j < width; j++) to[i * v.inner + j] = (T)((double)(from[i * v.inner + j] - top[j]) - sum[j]);
        }
    }
}
#undef T
#undef NAME
#undef EXP
#undef MAXIMUM
#undef SMALLEST
#undef LOG_NAME
