/* attention: softmax(q k^T * scale) v, without the matrix of all pairs of queries and keys.
 *
 * For each block of queries, blocks of keys pass by. Their scores, a few rows at a time, stay in cache; each row keeps the
 * largest score so far and the sum of the exponentials, and what is added up of v shrinks when a larger score appears (Milakov
 * and Gimelshein 2018, Dao et al. 2022). A key that a causal mask hides from a whole block isn't read: its weight is exactly 0 if
 * the largest score is so far above `masked` that exp underflows. That is checked afterwards, and a block that fails computes all
 * of it. */
#include <mdl/mdl_isa.h>

#include "kernel.h"

#include "gemm.h"
#include "parallel.h"

enum {
    QUERIES = 256, /* in a block; they share what is packed of keys and values */
    ROWS = 24,     /* of scores at a time */
    KEYS = 256,    /* in a block, at most */
    PACKED = 64 * KEYS, /* floats of a block of keys, and of values */
    SIZE = 256,    /* of a head, at most */
    FEW = 12       /* queries for which packing doesn't pay */
};

typedef struct Attention {
    const mdl_tensor *out, *q, *k, *v, *mask;
    int64_t           queries, keys, size, width, heads, blocks; /* width: of values; blocks: of queries */
    int64_t           q_row, k_row, v_row, out_row;              /* from one position to the next */
    bool              q_inside, k_inside, v_inside, out_inside;  /* the heads lie inside of a position */
    int64_t           mask_row, mask_column;
    int64_t           mask_strides[MDL_MAX_RANK];                /* of the leading axes */
    float             scale, masked;
    bool              causal;
    int               parts;
} Attention;

/* A block of queries of one head. */
typedef struct Block {
    const Attention *a;
    const float     *q, *k, *v;
    float           *out;
    const uint8_t   *mask;
    const float     *added;  /* a mask of numbers */
    int64_t          first, rows; /* queries */
    int64_t          least;       /* keys at a time */
    bool             all;         /* keys, hidden or not */
    float            top[QUERIES], sum[QUERIES];
} Block;

/* Scores of ROWS queries, from query `row` of the block and key `key` on. */
typedef struct Scores {
    float  *at;
    int64_t stride, row, rows, key, keys;
} Scores;

#define CONCAT_(a, b) a##_##b
#define CONCAT(a, b)  CONCAT_(a, b)
#define BODY          "attention_body.h"
#include "each_isa.h"

static void weigh(Block *b, const Scores *s)
{
    BY_ISA(weigh)(b, s);
}

/* ---- a block ---- */

/* Rows of a matrix as the columns of panels, which mdl_gemm takes. */
static void pack_transposed(float *to, const float *from, int64_t row, int64_t rows, int64_t size)
{
    for (int64_t j0 = 0; j0 < rows; j0 += GEMM_STEP) {
        const int64_t panel = j0 / GEMM_PANEL * GEMM_PANEL, padded = gemm_panel_row(rows, panel);
        float *const  at = to + panel * size + (j0 - panel);
        for (int64_t l0 = 0; l0 < size; l0 += GEMM_STEP) {
            const int64_t end = at_most(l0 + GEMM_STEP, size);
            for (int64_t j = 0; j < GEMM_STEP; j++) {
                const float *const line = from + (j0 + j) * row;
                for (int64_t l = l0; l < end; l++) at[l * padded + j] = j0 + j < rows ? line[l] : 0.0f;
            }
        }
    }
}

static void pack_rows(float *to, const float *from, int64_t row, int64_t rows, int64_t size)
{
    for (int64_t j = 0; j < size; j += GEMM_PANEL) {
        const int64_t padded = gemm_panel_row(size, j), width = at_most(GEMM_PANEL, size - j);
        for (int64_t l = 0; l < rows; l++) {
            float *const at = to + j * rows + l * padded;
            memcpy(at, from + l * row + j, (size_t)width * sizeof *at);
            for (int64_t x = width; x < padded; x++) at[x] = 0.0f;
        }
    }
}

/* Some rows of queries meet a block of keys; NULL: they are not packed. */
static void meet(Block *b, Scores *s, const float *keys, const float *values)
{
    const Attention *const a = b->a;
    float *const           out = b->out + s->row * a->out_row;
    Gemm                   g = {.m = s->rows, .n = s->keys, .k = a->size, .a = b->q + s->row * a->q_row, .a_row = a->q_row,
                                .a_col = 1, .b = keys, .packed = true, .c = s->at, .c_row = s->stride};
    if (keys == NULL) g.packed = false, g.b = b->k + s->key * a->k_row, g.b_row = 1, g.b_col = a->k_row;
    mdl_gemm_alone_f(&g);
    weigh(b, s);
    g = (Gemm){.m = s->rows, .n = a->width, .k = s->keys, .a = s->at, .a_row = s->stride, .a_col = 1, .b = values, .packed = true,
               .c = out, .c_row = a->out_row, .accumulate = s->key > 0};
    if (values == NULL) g.packed = false, g.b = b->v + s->key * a->v_row, g.b_row = a->v_row, g.b_col = 1;
    mdl_gemm_alone_f(&g);
}

/* Of `count` keys the first `seen`, and those that share a panel with them; values of several panels lie side by side, all of them. */
static int64_t keys_of_panels(const Attention *a, bool packs, int64_t seen, int64_t count)
{
    if (!packs) return seen;
    return a->width > GEMM_PANEL ? count : at_most(count, (seen + GEMM_PANEL - 1) / GEMM_PANEL * GEMM_PANEL);
}

/* False: what was hidden matters. */
static bool run_block(Block *b)
{
    const Attention *const a = b->a;
    float                  keys[PACKED], values[PACKED], scores[ROWS * (KEYS + 2 * GEMM_STEP)];
    const int64_t          end = a->causal && !b->all ? at_most(a->keys, b->first + b->rows) : a->keys;
    const int64_t          stride = (at_most(b->least, end) + 31) / 32 * 32 + GEMM_STEP; /* not all on the same lines of the cache */
    const bool             packs = b->rows > FEW;
    bool                   proven = true;
    for (int64_t i = 0; i < b->rows; i++) b->top[i] = -INFINITY, b->sum[i] = 0.0f;
    for (int64_t key = 0; key < end; key += b->least) {
        const int64_t count = at_most(b->least, end - key);
        if (packs) pack_transposed(keys, b->k + key * a->k_row, a->k_row, count, a->size);
        if (packs) pack_rows(values, b->v + key * a->v_row, a->v_row, count, a->width);
        for (int64_t row = 0; row < b->rows; row += ROWS) {
            const int64_t rows = at_most(ROWS, b->rows - row), seen = a->causal && !b->all ? b->first + row + rows - key : count;
            if (seen <= 0) continue;
            Scores s = {scores, stride, row, rows, key, keys_of_panels(a, packs, at_most(count, seen), count)};
            meet(b, &s, packs ? keys : NULL, packs ? values : NULL);
        }
    }
    for (int64_t i = 0; i < b->rows; i++) {
        float *const out = b->out + i * a->out_row;
        const float  factor = 1.0f / b->sum[i];
        for (int64_t j = 0; j < a->width; j++) out[j] *= factor;
        proven = proven && b->top[i] - a->masked > 105.0f;
    }
    return proven || end == a->keys;
}

/* Where head `head` begins: of [..., heads, positions, size] or, inside, [..., positions, heads, size]. */
static int64_t head_at(const Attention *a, bool inside, int64_t head, int64_t positions, int64_t size)
{
    return inside ? head / a->heads * a->heads * positions * size + head % a->heads * size : head * positions * size;
}

static int64_t mask_at(const Attention *a, int64_t head)
{
    int64_t at = 0;
    for (int i = a->out->rank - 2; i-- > 0;) {
        const int     axis = a->out_inside && i == a->out->rank - 3 ? i + 1 : i;
        const int64_t size = a->out->shape[axis];
        at += head % size * a->mask_strides[i];
        head /= size;
    }
    return at;
}

static void run_unit(const Attention *a, int64_t unit)
{
    const int64_t head = unit / a->blocks, largest = at_least(a->size, a->width);
    Block         b = {.a = a, .first = unit % a->blocks * QUERIES};
    b.rows = at_most(QUERIES, a->queries - b.first);
    b.least = at_most(KEYS, PACKED / gemm_padded(largest) / GEMM_PANEL * GEMM_PANEL);
    b.q = (const float *)a->q->data + head_at(a, a->q_inside, head, a->queries, a->size) + b.first * a->q_row;
    b.k = (const float *)a->k->data + head_at(a, a->k_inside, head, a->keys, a->size);
    b.v = (const float *)a->v->data + head_at(a, a->v_inside, head, a->keys, a->width);
    b.out = (float *)a->out->data + head_at(a, a->out_inside, head, a->queries, a->width) + b.first * a->out_row;
    if (a->mask != NULL) {
        const int64_t at = mask_at(a, head) + b.first * a->mask_row;
        if (a->mask->dtype == MDL_BOOL) b.mask = (const uint8_t *)a->mask->data + at;
        else b.added = (const float *)a->mask->data + at;
    }
    if (run_block(&b)) return;
    b.all = true;
    run_block(&b);
}

/* ---- the whole ---- */

static int64_t units(const Attention *a)
{
    return elements(a->out) / (a->queries * a->width) * a->blocks;
}

static void run_part(void *argument, int i)
{
    const Attention *a = argument;
    const int64_t    end = part_begin(units(a), 1, a->parts, i + 1);
    for (int64_t unit = part_begin(units(a), 1, a->parts, i); unit < end; unit++) run_unit(a, unit);
}

/* The size of an axis counted from the end, of a tensor as if the heads lay outside. */
static int64_t size_of(const mdl_tensor *t, bool inside, int from_end)
{
    return t->shape[t->rank - (inside && from_end > 1 ? 5 - from_end : from_end)];
}

/* Leading axes and heads are the same. */
static bool same_heads(const mdl_tensor *x, bool x_inside, const mdl_tensor *y, bool y_inside)
{
    if (x->rank != y->rank) return false;
    for (int i = 0; i < x->rank - 3; i++)
        if (x->shape[i] != y->shape[i]) return false;
    return x->rank < 3 || size_of(x, x_inside, 3) == size_of(y, y_inside, 3);
}

/* Strides of the mask under [..., heads, queries, keys]; false: it doesn't fit. */
static bool lay_mask(Attention *a)
{
    const mdl_tensor *const m = a->mask;
    int64_t                 own[MDL_MAX_RANK], strides[MDL_MAX_RANK];
    const int               rank = a->out->rank, missing = rank - m->rank;
    if (missing < 0) return false;
    row_major(m->rank, m->shape, own);
    for (int i = 0; i < rank; i++) {
        const int64_t size = i == rank - 1 ? a->keys : i < rank - 3 ? a->out->shape[i] : size_of(a->out, a->out_inside, rank - i);
        const int64_t axis = i < missing ? 1 : m->shape[i - missing];
        if (axis != 1 && axis != size) return false;
        strides[i] = axis == 1 ? 0 : own[i - missing];
    }
    for (int i = 0; i < rank - 2; i++) a->mask_strides[i] = strides[i];
    a->mask_row = strides[rank - 2];
    a->mask_column = strides[rank - 1];
    return true;
}

static bool lay_out(Attention *a)
{
    const int rank = a->out->rank;
    if (rank < 2 || (rank < 3 && (a->q_inside || a->k_inside || a->v_inside || a->out_inside))) return false;
    if (!same_heads(a->out, a->out_inside, a->q, a->q_inside) || !same_heads(a->out, a->out_inside, a->k, a->k_inside) ||
        !same_heads(a->out, a->out_inside, a->v, a->v_inside)) return false;
    a->heads = rank < 3 ? 1 : size_of(a->out, a->out_inside, 3);
    a->queries = size_of(a->q, a->q_inside, 2);
    a->keys = size_of(a->k, a->k_inside, 2);
    a->size = a->q->shape[rank - 1];
    a->width = a->v->shape[rank - 1];
    a->blocks = (a->queries + QUERIES - 1) / QUERIES;
    a->q_row = a->size * (a->q_inside ? a->heads : 1);
    a->k_row = a->size * (a->k_inside ? a->heads : 1);
    a->v_row = a->width * (a->v_inside ? a->heads : 1);
    a->out_row = a->width * (a->out_inside ? a->heads : 1);
    return size_of(a->out, a->out_inside, 2) == a->queries && a->out->shape[rank - 1] == a->width &&
           size_of(a->v, a->v_inside, 2) == a->keys && a->k->shape[rank - 1] == a->size && a->size <= SIZE && a->width <= SIZE && (a->mask == NULL || lay_mask(a));
}

mdl_status mdl_attention(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_attention_attrs *attrs, mdl_error *error)
{
    if (nin != 3 && nin != 4) return mdl_refuse_shape(error, "attention", "it takes queries, keys and values, and perhaps a mask");
    Attention a = {.out = out, .q = &in[0], .k = &in[1], .v = &in[2], .mask = nin > 3 ? &in[3] : NULL,
                   .q_inside = attrs->query != 0, .k_inside = attrs->key != 0, .v_inside = attrs->value != 0,
                   .out_inside = attrs->result != 0, .scale = (float)attrs->scale, .masked = (float)attrs->masked, .causal = attrs->causal != 0};
    for (int i = 0; i < 3; i++)
        if (in[i].dtype != MDL_FLOAT32) return mdl_refuse_dtype(error, "attention", &in[i]);
    if (out->dtype != MDL_FLOAT32) return mdl_refuse_dtype(error, "attention", out);
    if (nin > 3 && in[3].dtype != MDL_BOOL && in[3].dtype != MDL_FLOAT32) return mdl_refuse_dtype(error, "attention", &in[3]);
    if (!lay_out(&a)) return mdl_refuse_shape(error, "attention", "the shapes do not fit");
    if (elements(out) == 0) return MDL_OK;
    const int most = mdl_parts((double)elements(out) * (double)a.keys * 2);
    a.parts = units(&a) < most ? (int)units(&a) : most;
    mdl_parallel(a.parts, run_part, &a);
    return MDL_OK;
}
