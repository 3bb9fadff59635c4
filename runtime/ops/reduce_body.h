/* Included by reduce.c for each reduction and element type. STEP is associative, so it also joins two accumulators. What goes through the
 * elements is compiled for each instruction set, with the same bits. */

#define CONCAT_(a, b) a##b
#define CONCAT(a, b)  CONCAT_(a, b)
#define RUN           CONCAT(NAME, _run)
#define ROWS          CONCAT(NAME, _rows)
#define SUMS          CONCAT(NAME, _sums)
#define CHUNK         CONCAT(NAME, _chunk)
#define TILE_OF       CONCAT(NAME, _tile)
#define SHORT_RUNS    CONCAT(NAME, _short)
#define LONG_RUNS     CONCAT(NAME, _long)
#define RESULTS       CONCAT(NAME, _results)

#define BODY "reduce_lanes.h"
#include "each_isa.h"

/* A tile of neighbouring results, and what the chunks of its rows are. */
typedef struct SUMS {
    const Reduction *r;
    const T         *x;
    int64_t          width;
    A                of[CHUNKS][TILE];
} SUMS;

static void CHUNK(const void *sums, int64_t begin, int64_t end)
{
    SUMS *const s = *(SUMS *const *)sums;
    for (int64_t i = begin; i < end; i++) {
        VARIANT(ROWS)(s->r, s->of[i], s->x, s->width, part_begin(s->r->rows, 1, (int)s->r->chunks, (int)i), part_begin(s->r->rows, 1, (int)s->r->chunks, (int)i + 1));
    }
}

static void TILE_OF(const Reduction *r, R *y, const T *x, int64_t width, bool shares)
{
    SUMS        sums, *const s = &sums;
    sums.r = r;
    sums.x = x;
    sums.width = width;
    if (shares) mdl_share_loop(r->chunks, r->rows / r->chunks * width, COST, CHUNK, &s);
    else CHUNK(&s, 0, r->chunks);
    for (int64_t j = 0; j < width; j++) {
        A a = sums.of[0][j];
        for (int64_t i = 1; i < r->chunks; i++) a = STEP(a, sums.of[i][j]);
        y[j] = DONE(a, r->count);
    }
}

/* One result of many runs that are shorter than what lanes need: their elements grow together as neighbouring results do. */
static A SHORT_RUNS(const Reduction *r, const T *x)
{
    A total = INIT, of[SHORT];
    for (int64_t row = 0; row < r->rows; row += BLOCK) {
        VARIANT(ROWS)(r, of, x, r->inner, row, at_most(row + BLOCK, r->rows));
        for (int64_t j = 0; j < r->inner; j++) total = STEP(total, of[j]);
    }
    return total;
}

static A LONG_RUNS(const Reduction *r, const T *x)
{
    int64_t index[MDL_MAX_RANK] = {0};
    int64_t offset = 0;
    A       total = INIT;
    do total = STEP(total, VARIANT(RUN)(x + offset, r->inner));
    while (next_position(r->reduced.rank, r->reduced.shape, r->reduced.strides, index, &offset));
    return total;
}

/* Some of the results, or tiles of them. */
static void RESULTS(const void *reducing, int64_t begin, int64_t end)
{
    const Reducing *const  data = reducing;
    const Reduction *const r = data->r;
    const T *const         x = data->x;
    R *const               y = data->y;
    int64_t                index[MDL_MAX_RANK] = {0};
    int64_t                offset = place(&r->kept, begin / r->tiles, index);
    for (int64_t i = begin; i < end; i++) {
        if (r->inner_reduced) {
            y[i] = DONE(r->rows > 1 && r->inner <= SHORT ? SHORT_RUNS(r, x + offset) : LONG_RUNS(r, x + offset), r->count);
        } else {
            const int64_t j = i % r->tiles * TILE;
            TILE_OF(r, y + i / r->tiles * r->inner + j, x + offset + j, at_most(r->inner - j, TILE), end - begin == r->outer * r->tiles);
        }
        if ((i + 1) % r->tiles == 0) next_position(r->kept.rank, r->kept.shape, r->kept.strides, index, &offset);
    }
}

static void NAME(const Reduction *r, R *y, const T *x)
{
    const int64_t units = r->outer * r->tiles;
    if (r->results == 0) return;
    if (r->count == 0) {
        for (int64_t i = 0; i < r->results; i++) y[i] = DONE((A)INIT, r->count);
        return;
    }
    const Reducing all = {r, y, x};
    if (r->chunks > 1 && units < CHUNKS) RESULTS(&all, 0, units);
    else mdl_share_loop(units, r->count * (r->results / units), COST, RESULTS, &all);
}

#undef RESULTS
#undef LONG_RUNS
#undef SHORT_RUNS
#undef TILE_OF
#undef CHUNK
#undef SUMS
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
#undef CHAINS
