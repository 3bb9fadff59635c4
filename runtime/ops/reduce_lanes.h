/* Included by reduce_body.h for each instruction set: what goes through all elements. */
#define OF_ISA_(f, isa)  f##_##isa
#define OF_ISA__(f, isa) OF_ISA_(f, isa)
#define OF_ISA(f)        OF_ISA__(f, MDL_ISA)

/* The reduction of n dense elements. */
static A OF_ISA(RUN)(const T *x, int64_t n)
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

/* The reduction of rows [begin, end), `width` neighbouring results at once. Rows are joined one after the other, four of them in
 * each pass where compilers make vectors of that: CHAINS. */
static void OF_ISA(ROWS)(const Reduction *r, A *restrict a, const T *x, int64_t width, int64_t begin, int64_t end)
{
    int64_t index[MDL_MAX_RANK] = {0};
    int64_t offset = place(&r->reduced, begin, index), row = begin;
    for (int64_t j = 0; j < width; j++) a[j] = INIT;
#ifdef CHAINS
    for (; row + 4 <= end; row += 4) {
        const T *from[4];
        for (int i = 0; i < 4; i++) {
            from[i] = x + offset;
            next_position(r->reduced.rank, r->reduced.shape, r->reduced.strides, index, &offset);
        }
        const T *const x0 = from[0], *const x1 = from[1], *const x2 = from[2], *const x3 = from[3];
        for (int64_t j = 0; j < width; j++) {
            A all = STEP(a[j], x0[j]);
            all = STEP(all, x1[j]);
            all = STEP(all, x2[j]);
            a[j] = STEP(all, x3[j]);
        }
    }
#endif
    for (; row < end; row++) {
        for (int64_t j = 0; j < width; j++) a[j] = STEP(a[j], x[offset + j]);
        next_position(r->reduced.rank, r->reduced.shape, r->reduced.strides, index, &offset);
    }
}

#undef OF_ISA
#undef OF_ISA__
#undef OF_ISA_
