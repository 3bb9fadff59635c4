/* Included by matmul_8bit.c for each instruction set, and for each pair of types A and B (AS: their name). */
#define NAME(base) CONCAT(base, AS, MDL_ISA)

/* Rows [begin, end): a row of y grows by multiples of rows of b, four at a time. */
static void NAME(rows)(const Product8 *p, int64_t begin, int64_t end)
{
    const int64_t n = p->n, k = p->k;
    for (int64_t i = begin; i < end; i++) {
        uint32_t *restrict const y = p->y + i * n;
        const A *const           a = (const A *)p->a + i * k;
        int64_t                  l = 0;
        for (int64_t j = 0; j < n; j++) y[j] = 0;
        for (; l + 4 <= k; l += 4) {
            const B *const b0 = (const B *)p->b + l * n, *const b1 = b0 + n, *const b2 = b1 + n, *const b3 = b2 + n;
            const int32_t  a0 = a[l], a1 = a[l + 1], a2 = a[l + 2], a3 = a[l + 3];
            for (int64_t j = 0; j < n; j++) y[j] += (uint32_t)(a0 * b0[j] + a1 * b1[j] + a2 * b2[j] + a3 * b3[j]);
        }
        for (; l < k; l++) {
            const B *const b = (const B *)p->b + l * n;
            for (int64_t j = 0; j < n; j++) y[j] += (uint32_t)(a[l] * b[j]);
        }
    }
}

#undef NAME
