/* Matrix products in tiles that live in registers.
 *
 * For each panel of b, VECTORS vectors wide and at most DEPTH rows deep, all rows of c advance by the panel's contribution,
 * ROWS rows at a time. A panel is copied to the stack, dense, if enough rows use it (or if b is transposed, or ends inside
 * a vector), else read in place. Rows are split evenly: 7 rows are 4 and 3, not 6 and 1. A single row of c skips all this:
 * it is bound by reading b once.
 *
 * Sums over k are taken in blocks of DEPTH, within a block from first to last; the instruction sets differ in rounding only
 * (FMA or not). Sizes of tiles and DEPTH are from measurements on AVX2 and AVX-512 machines: 6 x 4 vectors leave 8 of 32
 * registers (AVX-512, NEON) for b and the broadcast, 6 x 2 leave 4 of 16. */
#include "gemm.h"
#include "dots.h"
#include "gemm_bf16.h"
#include "intrinsics.h"
#include "kernel.h"
#include "parallel.h"

enum {
    DEPTH = 256,
    GATHERED_ROWS = 48, /* at a time, for all panels of a packed b */
    LINE = 64,          /* bytes that memory gives at once */
    CACHED_ROWS = 128,  /* at most, for all panels: what a panel's products read of a, 128 KiB, stays in the second cache */
    FINISHED_ROWS = 32, /* for an epilogue at a time: 8 KiB of a panel */
    FINISHED_COLUMNS = 1024, /* of a single row */
    TURNED = 16384,          /* elements of a matrix of few columns */
    BYTES_AHEAD = 4096       /* of a matrix that is read for a single row, from memory */
};

/* How many of the products from `l` on are computed at a time: at most DEPTH, and all times about as many. */
static int64_t depth_from(int64_t k, int64_t l)
{
    const int64_t left = k - l, blocks = (left + DEPTH - 1) / DEPTH;
    return blocks > 1 ? (left + blocks - 1) / blocks : left;
}

/* What a tile asks memory for while it computes, at each row of its panel: what begins at `at`, which moves on by `step`. And the rows
 * that are read `beside` its results by an epilogue; NULL: none. */
typedef struct Ahead {
    uintptr_t   at, step, part; /* the last: from one tile's to the next one's */
    enum { ASK_LINE, ASK_FAR, ASK_ROW } how; /* a line; two, into the second cache; all lines of the tile's row */
    const void *beside;
    int64_t     beside_row;
} Ahead;

enum { NEAR = 3, FAR = 2, FEW_TILES = 3, ROWS_AHEAD = 16, BETWEEN_ROWS = 8 }; /* into the first cache, the second */

/* Panels of a packed b come from memory one after the other, so the tiles of one ask for `bytes` from `next` on, each for a part. If they
 * are few, they are done with their panel sooner than the first cache gets the next, which waits for some twenty lines at a time; the
 * second waits for more. */
static Ahead next_ahead(uintptr_t next, int64_t bytes, int64_t tiles, int64_t depth)
{
    const int64_t part = tiles > 0 ? bytes / tiles : 0, step = depth > 0 ? part / depth : 0;
    return (Ahead){next, (uintptr_t)step, (uintptr_t)part, tiles > FEW_TILES || bytes == 0 ? ASK_LINE : ASK_FAR, NULL, 0};
}

/* Each tile asks for rows of its own panel. */
static Ahead rows_ahead(const void *panel, int64_t row, bool packed)
{
    return (Ahead){(uintptr_t)panel + ROWS_AHEAD * (uintptr_t)row, (uintptr_t)row, 0, packed ? ASK_FAR : ASK_ROW, NULL, 0};
}

#define CONCAT_(a, b, c) a##_##b##_##c
#define CONCAT(a, b, c)  CONCAT_(a, b, c)

/* ---- float ---- */
#define T      float
#define TYPE   f
#define FINISH gemm_finish_f
#define BODY   "gemm_body.h"
#include "each_isa.h"
#undef T
#undef TYPE
#undef FINISH

/* ---- double ---- */
#define T      double
#define TYPE   d
#define FINISH gemm_finish_d
#define BODY   "gemm_body.h"
#define FMADD_DOUBLE
#include "each_isa.h"
#undef T
#undef TYPE
#undef FINISH

/* Few columns whose matrix can be turned on the stack, of rows that lie dense. */
static bool has_few_columns(const Gemm *g)
{
    const bool plain = !g->packed && !g->accumulate && g->gather == NULL && g->piece == NULL;
    return plain && g->m > 1 && g->a_col == 1 && g->n > 0 && mdl_dots_suit(g->n, g->k) && (g->b_row == 1 || g->n * g->k <= TURNED);
}

static void few_columns(const Gemm *g)
{
    float turned[TURNED];
    const bool lie_so = g->b_row == 1;
    mdl_dots(&(const Dots){.rows = g->m, .lines = 1, .run = g->k, .step = g->a_row, .x = g->a, .n = (int)g->n, .y = g->c, .y_row = g->c_row,
                           .columns = lie_so ? g->b : mdl_dots_turned(g->b, g->k, g->n, g->b_row, turned), .column = lie_so ? g->b_col : g->k});
    gemm_finish_f(g, 0, g->m, 0, g->n);
}

static void run_f(const Gemm *g)
{
    if (has_few_columns(g)) few_columns(g);
    else BY_ISA(gemm_f)(g);
}

static void run_d(const Gemm *g)
{
    BY_ISA(gemm_d)(g);
}

/* ---- sharing ---- */

/* Parts begin at multiples of these, and have at least LEAST_ROWS rows: then each element is computed in the same way as without
 * parts. (Few rows go another way, and so do the columns behind the last whole vector.) */
enum { GRAIN = 64, LEAST_ROWS = 16 };

/* A single row waits for b, which the second cache gives at half the speed at which the products could be added up. */
#define ONE_ROW 2.0

typedef struct Shared {
    const Gemm *g;
    void (*run)(const Gemm *g);
    size_t size; /* of an element */
    bool   by_rows;
    int    parts;
} Shared;

/* Whether packed matrices come from memory: each was read so long ago that others took its place in the last cache. Asking memory for
 * them in time makes a single row a quarter faster; asking the cache makes it slower by a sixth. How much is read until a matrix is
 * read again is measured with one that is watched, and if that takes too long, with the next one: it may be read more often. */
static bool is_far(const void *matrix, int64_t bytes)
{
    enum { LAST_CACHE = 32 * 1024 * 1024 };
    static _Thread_local const void *watched;
    static _Thread_local int64_t     since;
    static _Thread_local bool        far;
    if (since > LAST_CACHE) {
        watched = NULL;
        since = 0;
        far = true;
    } else {
        if (matrix == watched) far = false;
        if (matrix == watched || watched == NULL) since = 0, watched = matrix;
        since += bytes;
    }
    return far;
}

static const void *advanced(const void *p, int64_t count, size_t size)
{
    return p != NULL ? (const char *)p + count * (int64_t)size : NULL;
}

static void run_part(void *argument, int i)
{
    const Shared *s = argument;
    Gemm          g = *s->g;
    const int64_t n = s->by_rows ? g.m : g.n, grain = s->by_rows ? LEAST_ROWS : GRAIN;
    const int64_t from = part_begin(n, grain, s->parts, i), to = part_begin(n, grain, s->parts, i + 1);
    g.c = (char *)g.c + from * (s->by_rows ? g.c_row : 1) * (int64_t)s->size;
    if (s->by_rows) {
        g.a = advanced(g.a, from * g.a_row, s->size);
        g.first = from;
        g.row += from;
        g.m = to - from;
    } else {
        g.b = advanced(g.b, from * (g.packed ? g.k : g.b_col), s->size);
        g.column += from;
        g.n = to - from;
    }
    if (to > from) s->run(&g);
}

/* By columns, since then no thread packs what another packs; by rows if those are gathered, or the columns too few. */
static void share(const Gemm *g, void (*run)(const Gemm *g), size_t size)
{
    const double  work = (double)g->m * (double)g->n * (double)g->k;
    const int     most = g->piece == NULL ? mdl_parts(g->m == 1 ? ONE_ROW * work : work) : 1;
    const int64_t rows = g->m / (2 * LEAST_ROWS), columns = g->n / GRAIN;
    const bool    by_rows = rows >= 2 && (g->gather != NULL || columns < most);
    const int64_t units = by_rows ? rows : columns;
    Shared        s = {.g = g, .run = run, .size = size, .by_rows = by_rows, .parts = units < most ? (int)units : most};
    if (s.parts < 2) run(g);
    else mdl_parallel(s.parts, run_part, &s);
}

void mdl_gemm_f(const Gemm *g)
{
    Gemm one = *g;
    if (g->packed) one.far = is_far(g->b, g->k * g->n * (int64_t)sizeof(float));
    share(&one, gemm_bf16_suits(g) ? gemm_bf16 : run_f, sizeof(float));
}

void mdl_gemm_alone_f(const Gemm *g)
{
    run_f(g);
}

void mdl_gemm_d(const Gemm *g)
{
    share(g, run_d, sizeof(double));
}
