/* Included by dots.c for each instruction set. */
#define NAME(base) CONCAT(base, MDL_ISA)
#if MDL_ISA_BYTES > 0
#define V     NAME(V) /* in registers */
#define U     NAME(U) /* in memory, where it needn't be aligned */
#define LANES ((int)(MDL_ISA_BYTES / sizeof(float)))
#if MDL_ISA == 2
#define OF_WIDTH(intrinsic) _mm512_##intrinsic
#elif MDL_ISA == 1
#define OF_WIDTH(intrinsic) _mm256_##intrinsic
#else
#define OF_WIDTH(intrinsic) _mm_##intrinsic
#endif

typedef float V __attribute__((vector_size(MDL_ISA_BYTES)));
typedef float U __attribute__((vector_size(MDL_ISA_BYTES), aligned(sizeof(float)), may_alias));

/* The sums of the elements of four vectors: of neighbours, of pairs of these, of the parts with four elements each. */
static inline void NAME(totals)(const V *v, float *to)
{
#if MDL_X86
    const V ab = OF_WIDTH(unpacklo_ps)(v[0], v[1]) + OF_WIDTH(unpackhi_ps)(v[0], v[1]);
    const V cd = OF_WIDTH(unpacklo_ps)(v[2], v[3]) + OF_WIDTH(unpackhi_ps)(v[2], v[3]);
    const V all = OF_WIDTH(shuffle_ps)(ab, cd, 0x44) + OF_WIDTH(shuffle_ps)(ab, cd, 0xEE);
#if MDL_ISA == 2
    const __m256 half = _mm512_castps512_ps256(all) + _mm512_castps512_ps256(_mm512_shuffle_f32x4(all, all, 0x4E));
    _mm_storeu_ps(to, _mm256_castps256_ps128(half) + _mm256_extractf128_ps(half, 1));
#elif MDL_ISA == 1
    _mm_storeu_ps(to, _mm256_castps256_ps128(all) + _mm256_extractf128_ps(all, 1));
#else
    _mm_storeu_ps(to, all);
#endif
#else
    for (int i = 0; i < 4; i++) to[i] = (v[i][0] + v[i][2]) + (v[i][1] + v[i][3]);
#endif
}

/* `rows` rows from row i on: with both numbers constant after inlining, `sum` is registers. */
static inline __attribute__((always_inline)) void NAME(dots_tile)(const int rows, const int n, const Dots *d, int64_t i)
{
    V             sum[8 * DOTS_COLUMNS];
    float         total[8 * DOTS_COLUMNS], rest[8 * DOTS_COLUMNS] = {0};
    const int64_t whole = d->run / LANES * LANES, step = d->step;
    const float  *x = d->x + i * step;
    UNROLL for (int q = 0; q < (rows * n + 3) / 4 * 4; q++) sum[q] = (V){0};
    for (int64_t l = 0, at = 0; l < d->lines; l++, at += d->run, x += d->line) {
        for (int64_t k = 0; k < whole; k += LANES) {
            V column[DOTS_COLUMNS];
            UNROLL for (int j = 0; j < n; j++) column[j] = *(const U *)(d->columns + j * d->column + at + k);
            UNROLL for (int r = 0; r < rows; r++) {
                V row = *(const U *)(x + r * step + k);
                IN_REGISTER(row); /* else it is read for each column */
                UNROLL for (int j = 0; j < n; j++) sum[r * n + j] = FMADD(row, column[j], sum[r * n + j]);
            }
        }
        for (int64_t k = whole; k < d->run; k++) {
            UNROLL for (int r = 0; r < rows; r++)
                UNROLL for (int j = 0; j < n; j++) rest[r * n + j] += x[r * step + k] * d->columns[j * d->column + at + k];
        }
    }
    UNROLL for (int q = 0; q < rows * n; q += 4) NAME(totals)(sum + q, total + q);
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int j = 0; j < n; j++) d->y[(i + r) * d->y_row + j] = total[r * n + j] + rest[r * n + j];
}

/* As many rows at a time as there are registers for their sums: at least eight sums, so that no addition waits for the one before. */
#define TILES(columns, most)                                                              \
    static void NAME(dots_##columns)(const Dots *d)                                       \
    {                                                                                     \
        int64_t i = 0;                                                                    \
        for (; i + (most) <= d->rows; i += (most)) NAME(dots_tile)(most, columns, d, i); \
        for (; i < d->rows; i++) NAME(dots_tile)(1, columns, d, i);                       \
    }
TILES(1, 8)
TILES(2, 4)
#if MDL_ISA == 2 || MDL_NEON
TILES(3, 4)
TILES(4, 4)
#else
TILES(3, 2)
TILES(4, 2)
#endif
#undef TILES

static void NAME(dots)(const Dots *d)
{
    static void (*const of[DOTS_COLUMNS])(const Dots *) = {NAME(dots_1), NAME(dots_2), NAME(dots_3), NAME(dots_4)};
    of[d->n - 1](d);
}

#undef OF_WIDTH
#undef LANES
#undef U
#undef V
#else
static void NAME(dots)(const Dots *d)
{
    for (int64_t i = 0; i < d->rows; i++) {
        for (int j = 0; j < d->n; j++) {
            float sum = 0;
            for (int64_t k = 0; k < d->lines * d->run; k++) sum += d->x[i * d->step + k / d->run * d->line + k % d->run] * d->columns[j * d->column + k];
            d->y[i * d->y_row + j] = sum;
        }
    }
}
#endif
#undef NAME
