/* Included by softmax.c for each element type and instruction set. y may be x. */

#define NAME(base) CONCAT(base, TYPE, MDL_ISA)

/* One dense line; maximum and sum by lanes, which become vectors. */
static void NAME(line)(int64_t n, T *y, const T *x, bool logarithmic)
{
    T       top[LANES], largest;
    double  sum[LANES], total;
    int64_t i = 0;
    for (int l = 0; l < LANES; l++) top[l] = SMALLEST, sum[l] = 0.0;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++) top[l] = MAXIMUM(x[i + l], top[l]);
    for (; i < n; i++) top[0] = MAXIMUM(x[i], top[0]);
    largest = top[0];
    for (int l = 1; l < LANES; l++) largest = MAXIMUM(top[l], largest);

    if (logarithmic) { /* x may be y: the differences stay, the exponentials do not */
        T e[TILE];
        for (i = 0; i < n; i++) y[i] = x[i] - largest;
        for (int64_t i0 = 0; i0 < n; i0 += TILE) {
            const int64_t count = at_most(n - i0, TILE);
            for (i = 0; i < count; i++) e[i] = EXP(y[i0 + i]);
            for (; i < TILE; i++) e[i] = 0;
            for (i = 0; i < TILE; i += LANES)
                for (int l = 0; l < LANES; l++) sum[l] += e[i + l];
        }
    } else {
        for (i = 0; i < n; i++) y[i] = EXP(x[i] - largest);
        for (i = 0; i + LANES <= n; i += LANES)
            for (int l = 0; l < LANES; l++) sum[l] += y[i + l];
        for (; i < n; i++) sum[0] += y[i];
    }
    total = 0.0;
    for (int l = 0; l < LANES; l++) total += sum[l];
    if (logarithmic) {
        const double shift = log(total);
        for (i = 0; i < n; i++) y[i] = (T)(y[i] - shift);
    } else {
        const T factor = (T)(1.0 / total);
        for (i = 0; i < n; i++) y[i] *= factor;
    }
}

/* `width` <= TILE neighbouring lines of n elements, `inner` apart. */
static void NAME(lines)(int64_t n, int64_t inner, int64_t width, T *y, const T *x, bool logarithmic)
{
    T      top[TILE];
    double sum[TILE];
    for (int64_t j = 0; j < width; j++) top[j] = SMALLEST, sum[j] = 0.0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < width; j++) top[j] = MAXIMUM(x[i * inner + j], top[j]);
    for (int64_t i = 0; i < n; i++) {
        T e[TILE];
        for (int64_t j = 0; j < width; j++) e[j] = x[i * inner + j] - top[j];
        for (int64_t j = 0; j < width && logarithmic; j++) y[i * inner + j] = e[j];
        for (int64_t j = 0; j < width; j++) e[j] = EXP(e[j]);
        for (int64_t j = 0; j < width && !logarithmic; j++) y[i * inner + j] = e[j];
        for (int64_t j = 0; j < width; j++) sum[j] += e[j];
    }
    for (int64_t j = 0; j < width; j++) sum[j] = logarithmic ? log(sum[j]) : 1.0 / sum[j];
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < width && logarithmic; j++) y[i * inner + j] = (T)(y[i * inner + j] - sum[j]);
        for (int64_t j = 0; j < width && !logarithmic; j++) y[i * inner + j] = (T)(y[i * inner + j] * sum[j]);
    }
}

static void NAME(softmax)(AxisView v, T *y, const T *x, bool logarithmic)
{
    for (int64_t o = 0; o < v.outer; o++) {
        const int64_t at = o * v.size * v.inner;
        if (v.inner == 1) {
            NAME(line)(v.size, y + at, x + at, logarithmic);
            continue;
        }
        for (int64_t j = 0; j < v.inner; j += TILE)
            NAME(lines)(v.size, v.inner, at_most(v.inner - j, TILE), y + at + j, x + at + j, logarithmic);
    }
}

#undef NAME
