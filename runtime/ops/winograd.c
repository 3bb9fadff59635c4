/* Winograd's convolution with filters of 3 x 3, stride 1: fewer multiplications, for more additions.
 *
 * The output is cut into tiles of 2 x 2 or 4 x 4. The input under a tile, 4 x 4 or 6 x 6, is transformed, and so are the
 * filters (once, by mdl_winograd_filters); then each of the 16 or 36 places of the transformed tile is a matrix product [tiles,
 * channels] @ [channels, filters], and the sums are transformed back: 2.25 or 4 multiplications where 9 were. Roundings are of the
 * size of those of the plain sum with the small tile, some times larger with the large one.
 *
 * Filters lie as [places, panels of at most 64 filters, channels, filters of the panel], with zeros up to a multiple of 16, panels
 * being of one size as far as that goes. Tiles are worked on in blocks that stay in cache; which tiles are a block depends on the
 * shapes alone, so that values are the same for any number of threads.
 *
 * There are at least as many channels and filters as a vector has elements: the last vector of a line, where it is not full, begins
 * earlier, and does some elements a second time. */
#include "gemm.h"
#include "intrinsics.h"
#include "parallel.h"
#include "window.h"

enum {
    PANEL = GEMM_PANEL,
    LEAST = 16,       /* channels, and filters: the widest vector */
    MOST_TILES = 32,  /* in a block */
    MOST_PLACES = 36,
    INPUT_ELEMENTS = 36 * 16 * 256 /* of the transformed input of a block */
};

typedef struct Winograd {
    const Window *window;
    int           tile;   /* outputs of a tile: 2 or 4 */
    int64_t       down, across, tiles; /* tiles in an image's height and width, and in all */
    int64_t       block;  /* tiles in a block */
    int64_t       blocks;
    int           groups; /* parts that share the panels of a block */
    int           parts;
    const float  *x, *filters;
    float        *y;
    const mdl_epilogue *then; /* or NULL */
} Winograd;

typedef struct Filters {
    const float *from;
    float       *to;
    int64_t      channels, filters;
    int          tile, parts;
} Filters;

static int64_t places(int tile)
{
    return (int64_t)(tile + 2) * (tile + 2);
}

static int64_t panels(int64_t filters)
{
    return (filters + PANEL - 1) / PANEL;
}

/* Where a panel begins; behind the last one it is the number of filters, padding included. */
static int64_t panel_begin(int64_t filters, int64_t panel)
{
    return part_begin(gemm_padded(filters), GEMM_STEP, (int)panels(filters), (int)panel);
}

/* The tiles' pixels have their values, for these filters. */
static void finish(const Winograd *g, int64_t from, int64_t end, int64_t filter, int64_t filters)
{
    const Window *w = g->window;
    for (int64_t t = from, next; g->then != NULL && t < end; t = next) {
        next = at_most(end, (t / g->across + 1) * g->across);
        const int64_t x = t % g->across * g->tile, y = t / g->across % g->down * g->tile, image = t / g->across / g->down;
        const int64_t pixels = at_most((next - t) * g->tile, w->out[2] - x), lines = at_most(g->tile, w->out[1] - y);
        for (int64_t i = 0; i < lines; i++) {
            g->then->run(g->then->context, (image * w->out[1] + y + i) * w->out[2] + x, pixels, filter, filters);
        }
    }
}

/* What a block of tiles needs. It is too large for the stack of some threads, and calls take no memory. */
static _Thread_local struct {
    _Alignas(64) float input[INPUT_ELEMENTS];
    _Alignas(64) float sums[MOST_PLACES * MOST_TILES * PANEL];
} scratch;

#define CONCAT_(a, b) a##_##b
#define CONCAT(a, b)  CONCAT_(a, b)

#define T    float
#define BODY "winograd_body.h"
#include "each_isa.h"
#undef T

/* ---- filters ---- */

static void transform_part(void *argument, int i)
{
    const Filters *f = argument;
    const int64_t  from = part_begin(f->channels, 1, f->parts, i), to = part_begin(f->channels, 1, f->parts, i + 1);
    BY_ISA(filters)(f, from, to);
}

static bool is_tile(int64_t tile)
{
    return tile == 2 || tile == 4;
}

mdl_status mdl_winograd_filters(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_winograd_filters_attrs *attrs, mdl_error *error)
{
    if (nin != 1 || in[0].rank != 4 || in[0].shape[0] != 3 || in[0].shape[1] != 3 || in[0].shape[2] < LEAST || in[0].shape[3] < LEAST ||
        !is_tile(attrs->tile) || elements(out) != places((int)attrs->tile) * in[0].shape[2] * gemm_padded(in[0].shape[3]))
        return mdl_refuse_shape(error, "winograd_filters", "the shapes do not fit");
    if (out->dtype != MDL_FLOAT32 || in[0].dtype != MDL_FLOAT32) return mdl_refuse_dtype(error, "winograd_filters", out);
    if (elements(out) == 0) return MDL_OK;
    Filters f = {in[0].data, out->data, in[0].shape[2], in[0].shape[3], (int)attrs->tile, 1};
    const int most = mdl_parts(36.0 * (double)(f.channels * f.filters));
    f.parts = f.channels < most ? (int)f.channels : most;
    mdl_parallel(f.parts, transform_part, &f);
    return MDL_OK;
}

/* ---- the convolution ---- */

/* The tiles [from, end) for the panels [first, last). */
static void run_block(const Winograd *g, int64_t from, int64_t end, int64_t first, int64_t last)
{
    BY_ISA(block)(g, from, end, first, last);
}

static void run_part(void *argument, int i)
{
    const Winograd *g = argument;
    const int64_t   all = panels(g->window->filters), units = g->blocks * g->groups;
    for (int64_t unit = part_begin(units, 1, g->parts, i); unit < part_begin(units, 1, g->parts, i + 1); unit++) {
        const int64_t block = unit / g->groups;
        const int     group = (int)(unit % g->groups);
        run_block(g, block * g->block, at_most((block + 1) * g->block, g->tiles), part_begin(all, 1, g->groups, group),
                  part_begin(all, 1, g->groups, group + 1));
    }
}

static void run(Winograd *g)
{
    const Window *w = g->window;
    const int64_t room = at_most(MOST_TILES, INPUT_ELEMENTS / (places(g->tile) * w->channels));
    g->down = (w->out[1] + g->tile - 1) / g->tile;
    g->across = (w->out[2] + g->tile - 1) / g->tile;
    g->tiles = w->batch * g->down * g->across;
    const int most = mdl_parts((double)g->tiles * (double)places(g->tile) * (double)w->channels * (double)w->filters);
    g->blocks = (g->tiles + room - 1) / room;
    g->block = (g->tiles + g->blocks - 1) / g->blocks;
    g->groups = g->blocks >= most ? 1 : (int)at_most(panels(w->filters), (most + g->blocks - 1) / g->blocks);
    g->parts = g->blocks * g->groups < most ? (int)g->blocks * g->groups : most;
    mdl_parallel(g->parts, run_part, g);
}

static bool fits(Window *w, const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_winograd_attrs *attrs)
{
    static const int64_t ones[] = {1, 1, 1};
    if (nin != 2 || in[0].rank != 4 || !is_tile(attrs->tile) || !window_open(w, out, in, ones, NULL, attrs->low)) return false;
    for (int i = 1; i < 3; i++) {
        const int64_t room = w->in[i] + attrs->low[i - 1] + attrs->high[i - 1] - 2;
        w->size[i] = 3;
        if (attrs->low[i - 1] < 0 || attrs->high[i - 1] < 0 || w->out[i] != (room < 0 ? 0 : room)) return false;
    }
    return w->channels >= LEAST && w->filters >= LEAST && places((int)attrs->tile) * w->channels <= INPUT_ELEMENTS &&
           elements(&in[1]) == places((int)attrs->tile) * w->channels * gemm_padded(w->filters);
}

mdl_status mdl_conv_winograd_then(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_winograd_attrs *attrs,
                                  const mdl_epilogue *then, mdl_error *error)
{
    Window w;
    if (!fits(&w, out, in, nin, attrs)) return mdl_refuse_shape(error, "conv_winograd", "the shapes do not fit");
    if (out->dtype != MDL_FLOAT32 || in[0].dtype != MDL_FLOAT32 || in[1].dtype != MDL_FLOAT32) return mdl_refuse_dtype(error, "conv_winograd", out);
    if (elements(out) == 0) return MDL_OK;
    Winograd g = {.window = &w, .tile = (int)attrs->tile, .x = in[0].data, .filters = in[1].data, .y = out->data, .then = then};
    run(&g);
    return MDL_OK;
}

mdl_status mdl_conv_winograd(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_conv_winograd_attrs *attrs, mdl_error *error)
{
    return mdl_conv_winograd_then(out, in, nin, attrs, NULL, error);
}
