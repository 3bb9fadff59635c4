/* Included by attention.c for each instruction set: scores become weights. */

#define NAME(base) CONCAT(base, MDL_ISA)

enum { CONCAT(LANES, MDL_ISA) = 32 };
#define LANES CONCAT(LANES, MDL_ISA)

/* What the masks hide gets the value `masked`; a mask of numbers is added. */
static void NAME(mask)(const Block *b, const Scores *s, int64_t row, float *x)
{
    const Attention *const a = b->a;
    const uint8_t *const   mask = b->mask != NULL ? b->mask + (s->row + row) * a->mask_row + s->key * a->mask_column : NULL;
    const float *const     added = b->added != NULL ? b->added + (s->row + row) * a->mask_row + s->key * a->mask_column : NULL;
    const int64_t          seen = a->causal ? at_most(s->keys, b->first + s->row + row + 1 - s->key) : s->keys;
    if (mask != NULL && a->mask_column == 1) {
        for (int64_t j = 0; j < s->keys; j++) x[j] = mask[j] ? x[j] : a->masked;
    } else if (mask != NULL) {
        for (int64_t j = 0; j < s->keys; j++) x[j] = mask[0] ? x[j] : a->masked;
    }
    if (added != NULL && a->mask_column == 1) {
        for (int64_t j = 0; j < s->keys; j++) x[j] += added[j];
    } else if (added != NULL) {
        for (int64_t j = 0; j < s->keys; j++) x[j] += added[0];
    }
    for (int64_t j = at_least(seen, 0); j < s->keys; j++) x[j] = a->masked;
}

/* n scores become scaled; the largest one. */
static float NAME(scale)(float *x, int64_t n, float scale)
{
    float top[LANES];
    for (int l = 0; l < LANES; l++) top[l] = -INFINITY;
    for (int64_t j = 0; j < n; j += LANES) {
        for (int l = 0; l < LANES; l++) {
            x[j + l] *= scale;
            top[l] = x[j + l] > top[l] ? x[j + l] : top[l];
        }
    }
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int l = 0; l < half; l++) top[l] = top[l + half] > top[l] ? top[l + half] : top[l];
    return top[0];
}

/* exp of what is not positive; 0 below -87, where it would be about the smallest normal number. */
static inline float NAME(fall)(float x)
{
    uint32_t    n;
    const float y = mdl_exp_scaled_f(x < -87.0f ? -87.0f : x, &n);
    return x < -87.0f ? 0.0f : y * mdl_power_of_two_f(n);
}

static float NAME(exponentials)(float *x, int64_t n, float top)
{
    float sum[LANES];
    for (int l = 0; l < LANES; l++) sum[l] = 0.0f;
    for (int64_t j = 0; j < n; j += LANES) {
        for (int l = 0; l < LANES; l++) {
            const float e = NAME(fall)(x[j + l] - top);
            sum[l] += e;
            x[j + l] = e;
        }
    }
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int l = 0; l < half; l++) sum[l] += sum[l + half];
    return sum[0];
}

static void NAME(weigh)(Block *b, const Scores *s)
{
    const Attention *const a = b->a;
    const int64_t          padded = (s->keys + LANES - 1) / LANES * LANES;
    for (int64_t i = 0; i < s->rows; i++) {
        float *const x = s->at + i * s->stride, *const out = b->out + (s->row + i) * a->out_row;
        float *const top = &b->top[s->row + i], *const sum = &b->sum[s->row + i];
        const bool   masks = a->mask != NULL || a->causal;
        for (int64_t j = s->keys; j < padded; j++) x[j] = x[s->keys - 1]; /* never larger */
        float now = NAME(scale)(x, padded, a->scale);
        if (masks) {
            NAME(mask)(b, s, i, x);
            for (int64_t j = s->keys; j < padded; j++) x[j] = x[s->keys - 1];
            now = NAME(scale)(x, padded, 1.0f);
        }
        for (int64_t j = s->keys; j < padded; j++) x[j] = -INFINITY; /* weigh nothing */
        const float larger = now > *top ? now : *top, least = larger > -INFINITY ? larger : 0.0f;
        const float shrink = *top < larger ? NAME(fall)(*top - least) : 1.0f;
        *sum = *sum * shrink + NAME(exponentials)(x, padded, least);
        *top = larger;
        for (int64_t j = 0; j < a->width && s->key > 0 && shrink != 1.0f; j++) out[j] *= shrink;
    }
}

#undef LANES
#undef NAME
