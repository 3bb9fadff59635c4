/* Included by cumulate.c for each operation and element type. y may be x. */
static void NAME(AxisView v, T *y, const T *x)
{
    for (int64_t o = 0; o < v.outer && v.inner == 1; o++) {
        A a = INIT;
        for (int64_t i = o * v.size; i < (o + 1) * v.size; i++) {
            a = STEP(a, x[i]);
            y[i] = DONE(a);
        }
    }
    for (int64_t o = 0; o < v.outer && v.inner > 1; o++) {
        for (int64_t j0 = 0; j0 < v.inner; j0 += TILE) {
            const int64_t width = v.inner - j0 < TILE ? v.inner - j0 : TILE;
            const int64_t at = o * v.size * v.inner + j0;
            A             a[TILE];
            for (int64_t j = 0; j < width; j++) a[j] = INIT;
            for (int64_t i = 0; i < v.size; i++) {
                for (int64_t j = 0; j < width; j++) {
                    a[j] = STEP(a[j], x[at + i * v.inner + j]);
                    y[at + i * v.inner + j] = DONE(a[j]);
                }
            }
        }
    }
}
#undef NAME
#undef T
#undef A
#undef INIT
#undef STEP
#undef DONE
