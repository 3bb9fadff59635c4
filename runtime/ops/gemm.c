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
    FINISHED_COLUMNS = 1024,  /* of a single row */
    CACHED_BYTES = 512 * 1024 /* of a matrix: half of a second cache */
};

/* How many of the products from `l` on are computed at a time: at most DEPTH, and all times about as many. */
static int64_t depth_from(int64_t k, int64_t l)
{
    const int64_t left = k - l, blocks = (left + DEPTH - 1) / DEPTH;
    return blocks > 1 ? (left + blocks - 1) / blocks : left;
}

/* What a tile asks memory for while it computes. At each row of its panel the line at `at`, which moves on by `step`, or all `lines` of
 * a row: panels of a packed b come from memory one after the other, and the tiles of one ask for the next, a `part` each. And the
 * rows that are read `beside` its results by an epilogue; NULL: none. */
typedef struct Ahead {
    uintptr_t   at, step, part;
    bool        lines;
    const void *beside;
    int64_t     beside_row;
} Ahead;

static Ahead ahead_of(uintptr_t next, int64_t bytes, int64_t tiles, int64_t depth)
{
    const int64_t part = tiles > 0 ? bytes / tiles : 0, step = depth > 0 ? part / depth : 0;
    return (Ahead){next, (uintptr_t)step, (uintptr_t)part, step > LINE, NULL, 0};
}

/* Each tile the same rows. */
static Ahead rows_ahead(const void *panel, int64_t row)
{
    return (Ahead){(uintptr_t)panel + 16 * (uintptr_t)row, (uintptr_t)row, 0, true, NULL, 0};
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

static void run_f(const Gemm *g)
{
    BY_ISA(gemm_f)(g);
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
    share(g, gemm_bf16_suits(g) ? gemm_bf16 : run_f, sizeof(float));
}

void mdl_gemm_alone_f(const Gemm *g)
{
    run_f(g);
}

void mdl_gemm_d(const Gemm *g)
{
    share(g, run_d, sizeof(double));
}
