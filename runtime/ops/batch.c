/* Calls whose samples do not depend on each other: some of the batch at a time.
 *
 * What one layer leaves for the next then stays in cache, where all of a large batch would not; and threads that each take whole blocks
 * meet once. Blocks follow from sizes alone, so that values are the same for any number of threads. */
#include <stdatomic.h>

#include <mdl/mdl_isa.h>
#include <mdl/mdl_share.h>

#include "kernel.h"
#include "parallel.h"

enum {
    CACHE = 1024 * 1024,  /* bytes of workspace that stay near a processor */
    LEAST_SAMPLES = 16    /* of a batch that is no more than one block: products of fewer rows may take another way, with sums in another order */
};

typedef struct Blocks {
    const mdl_samples *s;
    size_t      all;   /* bytes of workspace for all samples */
    int64_t     unit, units; /* samples that stay together, and how many such there are; the last one may have others */
    bool        apart;       /* each unit is a run of its own: a block */
    int         parts;
    mdl_error  *error;
    mdl_status  status;
    atomic_flag failed;
} Blocks;

/* Samples of a block: as many as their workspaces fit into cache, but all of them, where reading the weights for each block again would
 * take more than finding the workspace there saves: what is in it is written and read. */
static int64_t block_of(const mdl_samples *s, size_t all)
{
    if (all <= CACHE) return s->count;
    const double  one = (double)all / (double)s->count;
    const int64_t fit = one >= CACHE ? 1 : (int64_t)(CACHE / one);
    if (s->weights / (double)fit >= 2 * one) return s->count;
    const int64_t blocks = (s->count + fit - 1) / fit;
    return (s->count + blocks - 1) / blocks;
}

static int64_t first_of(const Blocks *b, int64_t unit)
{
    return unit < b->units ? unit * b->unit : b->s->count;
}

/* Units [begin, end). */
static mdl_status run_units(const Blocks *b, int64_t begin, int64_t end, char *workspace, mdl_error *error)
{
    const mdl_samples *const s = b->s;
    mdl_status               status = MDL_OK;
    if (!b->apart) return s->run(s->context, first_of(b, begin), first_of(b, end), workspace, error);
    for (int64_t i = begin; i < end && status == MDL_OK; i++) {
        status = s->run(s->context, first_of(b, i), first_of(b, i + 1), workspace, error);
    }
    return status;
}

/* Parts' workspaces lie side by side in that of all samples. */
static size_t workspace_before(const Blocks *b, int i)
{
    const mdl_samples *const s = b->s;
    if (b->apart) return (size_t)i * s->size(s->context, b->unit);
    return s->size(s->context, first_of(b, part_begin(b->units, 1, b->parts, i)));
}

static bool fits(const Blocks *b)
{
    const mdl_samples *const s = b->s;
    const int64_t            begin = part_begin(b->units, 1, b->parts, b->parts - 1);
    const size_t             last = s->size(s->context, b->apart ? b->unit : s->count - first_of(b, begin));
    return workspace_before(b, b->parts - 1) + last <= b->all;
}

/* Of several errors the first one counts. */
static void part(void *argument, int i)
{
    Blocks *const    b = argument;
    mdl_error        error = {MDL_OK, ""};
    const mdl_status status = run_units(b, part_begin(b->units, 1, b->parts, i), part_begin(b->units, 1, b->parts, i + 1),
                                        (char *)b->s->workspace + workspace_before(b, i), &error);
    if (status == MDL_OK || atomic_flag_test_and_set(&b->failed)) return;
    b->status = status;
    if (b->error != NULL) *b->error = error;
}

/* So many that none waits long for another; 1: the threads do better to share each product. */
static int parts_for(const Blocks *b, int threads)
{
    for (int parts = 2 * threads; parts >= threads && threads > 1; parts -= threads) {
        if (b->units % parts == 0 || b->units >= 4 * parts) return parts;
    }
    return 1;
}

mdl_status mdl_share_samples(const mdl_samples *s, mdl_error *error)
{
    enum { WORK = 3 }; /* multiply-adds for a byte of workspace: a dozen for each value, at least */
    const size_t  all = s->size(s->context, s->count);
    const int64_t block = block_of(s, all);
    const int     threads = mdl_hands((double)all * WORK);
    if (block == s->count && threads < 2) return s->run(s->context, 0, s->count, s->workspace, error);
    Blocks b = {s, all, block, (s->count + block - 1) / block, true, 1, error, MDL_OK, ATOMIC_FLAG_INIT};
    if (b.units == 1 && mdl_isa_found() != MDL_AVX512_BF16) { /* whose products look at all values first */
        b.unit = LEAST_SAMPLES;
        b.units = at_least(s->count / LEAST_SAMPLES, 1);
        b.apart = false;
    }
    b.parts = parts_for(&b, threads);
    if (b.parts < 2 || !fits(&b)) return run_units(&b, 0, b.units, s->workspace, error);
    mdl_parallel(b.parts, part, &b);
    return b.status;
}
