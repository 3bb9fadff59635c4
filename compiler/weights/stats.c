#include "stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 1 << 15 };

typedef void EachNumber(Stats *s, double v);

static void measure(Stats *s, double v)
{
    if (isnan(v)) s->nan++;
    else if (isinf(v)) s->infinite++;
    else { /* Welford's: mean, and in `std` the sum of squares around it */
        const uint64_t n = s->count - s->nan - s->infinite + 1;
        const double   delta = v - s->mean;
        s->mean += delta / (double)n;
        s->std += delta * (v - s->mean);
        if (n == 1 || v < s->min) s->min = v;
        if (n == 1 || v > s->max) s->max = v;
    }
    s->count++;
}

static void place(Stats *s, double v)
{
    if (!isfinite(v)) return;
    const double width = s->max / 2 - s->min / 2; /* halves: the difference may overflow */
    const double at = width > 0 ? (v / 2 - s->min / 2) / width * STATS_BINS : 0;
    s->bins[at >= STATS_BINS ? STATS_BINS - 1 : (size_t)at]++;
}

static mdl_status walk(Checkpoint *c, size_t index, Stats *s, double *piece, EachNumber *each, mdl_error *error)
{
    const uint64_t n = c->tensors.at[index].is.elements;
    for (uint64_t at = 0; at < n; at += PIECE) {
        const uint64_t   count = n - at < PIECE ? n - at : PIECE;
        const mdl_status status = checkpoint_numbers(c, index, at, count, piece, error);
        if (status != MDL_OK) return status;
        for (uint64_t i = 0; i < count; i++) each(s, piece[i]);
    }
    return MDL_OK;
}

mdl_status tensor_stats(Checkpoint *c, size_t index, Stats *s, mdl_error *error)
{
    *s = (Stats){0};
    double *piece = malloc(PIECE * sizeof *piece);
    if (!piece) return mdl_fail(error, MDL_NO_MEMORY, "not enough memory");
    mdl_status     status = walk(c, index, s, piece, measure, error);
    const uint64_t finite = s->count - s->nan - s->infinite;
    s->std = finite ? sqrt(s->std / (double)finite) : 0;
    if (status == MDL_OK) status = walk(c, index, s, piece, place, error);
    free(piece);
    return status;
}

void stats_sparkline(const Stats *s, char *out)
{
    uint64_t most = 1;
    for (size_t i = 0; i < STATS_BINS; i++) most = s->bins[i] > most ? s->bins[i] : most;
    for (size_t i = 0; i < STATS_BINS; i++) { /* U+2581 to U+2588; nothing is a blank */
        const int level = s->bins[i] ? (int)((double)s->bins[i] / (double)most * 7.0) : -1;
        if (level < 0) *out++ = ' ';
        else memcpy(out, "\xE2\x96", 2), out[2] = (char)(0x81 + level), out += 3;
    }
    *out = 0;
}
