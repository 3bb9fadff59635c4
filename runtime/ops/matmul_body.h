/* Included by matmul.c for each element type: a row of y grows by multiples of rows of b. */
static void NAME(int64_t m, int64_t n, int64_t k, T *restrict y, const T *restrict a, bool ta, const T *restrict b, bool tb)
{
    for (int64_t i = 0; i < m; i++) {
        T *const row = y + i * n;
        for (int64_t j = 0; j < n; j++) row[j] = 0;
        for (int64_t l = 0; l < k; l++) {
            const T factor = ta ? a[l * m + i] : a[i * k + l];
            if (tb)
                for (int64_t j = 0; j < n; j++) row[j] = ADD(factor, b[j * k + l], row[j]);
            else
                for (int64_t j = 0; j < n; j++) row[j] = ADD(factor, b[l * n + j], row[j]);
        }
    }
}
#undef T
#undef NAME
#undef ADD
