/* Included by extremum.c for each direction and element type. */
static void NAME(AxisView v, int64_t *y, const T *x)
{
    for (int64_t o = 0; o < v.outer; o++) {
        for (int64_t j = 0; j < v.inner; j++) {
            const T *const line = x + o * v.size * v.inner + j;
            T              best = line[0];
            int64_t        at = 0;
            for (int64_t i = 1; i < v.size && !IS_NAN(best); i++) {
                const T value = line[i * v.inner];
                if (value ORDER best || IS_NAN(value)) {
                    best = value;
                    at = i;
                }
            }
            y[o * v.inner + j] = at;
        }
    }
}
#undef T
#undef NAME
#undef ORDER
#undef IS_NAN
