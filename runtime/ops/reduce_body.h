/* Included by reduce.c for each reduction and element type. STEP is associative, so it also joins two accumulators. */

#define CONCAT_(a, b) a##b
#define CONCAT(a, b)  CONCAT_(a, b)
#define RUN           CONCAT(NAME, _run)
#define ROWS          CONCAT(NAME, _rows)

/* The reduction of n dense elements. */
static A RUN(const T *x, int64_t n)
{
    A total = INIT;
    while (n > 0) {
        const int64_t block = n < BLOCK ? n : BLOCK;
        A             lane[LANES];
        int64_t       i = 0;
        for (int l = 0; l < LANES; l++) lane[l] = INIT;
        for (; i + LANES <= block; i += LANES)
            for (int l = 0; l < LANES; l++) lane[l] = STEP(lane[l], x[i + l]);
        for (; i < block; i++) lane[0] = STEP(lane[0], x[i]);
        for (int half = LANES / 2; half > 0; half /= 2)
            for (int l = 0; l < half; l++) lane[l] = STEP(lane[l], lane[l + half]);
        total = STEP(total, lane[0]);
        x += block;
        n -= block;
    }
    return total;
}

/* `width` <= TILE neighbouring results. */
static void ROWS(const Reduction *r, R *y, const T *x, int64_t width)
{
    A       a[TILE];
    int64_t index[MDL_MAX_RANK] = {0};
    int64_t offset = 0;
    for (int64_t j = 0; j < width; j++) a[j] = INIT;
    do {
        for (int64_t j = 0; j < width; j++) a[j] = STEP(a[j], x[offset + j]);
    } while (next_position(r->reduced.rank, r->reduced.shape, r->reduced.strides, index, &offset));
    for (int64_t j = 0; j < width; j++) y[j] = DONE(a[j], r->count);
}

static void NAME(const Reduction *r, R *y, const T *x)
{
    int64_t index[MDL_MAX_RANK] = {0};
    int64_t offset = 0;
    if (r->results == 0) return;
    if (r->count == 0) {
        for (int64_t i = 0; i < r->results; i++) y[i] = DONE((A)INIT, r->count);
        return;
    }
    do {
        if (r->inner_reduced) {
            int64_t inside[MDL_MAX_RANK] = {0};
            int64_t run = 0;
            A       a = INIT;
            do a = STEP(a, RUN(x + offset + run, r->inner));
            while (next_position(r->reduced.rank, r->reduced.shape, r->reduced.strides, inside, &run));
            *y++ = DONE(a, r->count);
        } else {
            for (int64_t j = 0; j < r->inner; j += TILE)
                ROWS(r, y + j, x + offset + j, r->inner - j < TILE ? r->inner - j : TILE);
            y += r->inner;
        }
    } while (next_position(r->kept.rank, r->kept.shape, r->kept.strides, index, &offset));
}

#undef ROWS
#undef RUN
#undef CONCAT
#undef CONCAT_
#undef NAME
#undef T
#undef A
#undef R
#undef INIT
#undef STEP
#undef DONE
