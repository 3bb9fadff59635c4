/* Included by pooling.c for each pool and element type: all channels of an output position grow together. */
static void NAME(const Window *w, T *restrict y, const T *restrict x)
{
    const int64_t c = w->channels;
    for (int64_t b = 0; b < w->batch; b++) {
        for (int64_t oz = 0; oz < w->out[0]; oz++) {
            for (int64_t oy = 0; oy < w->out[1]; oy++) {
                for (int64_t ox = 0; ox < w->out[2]; ox++) {
                    int64_t z, z0, z1, r, r0, r1, s, s0, s1;
                    window_taps(w, 0, oz, &z, &z0, &z1);
                    window_taps(w, 1, oy, &r, &r0, &r1);
                    window_taps(w, 2, ox, &s, &s0, &s1);
                    for (int64_t j = 0; j < c; j++) y[j] = INIT;
                    for (int64_t kz = z0; kz < z1; kz++) {
                        for (int64_t ky = r0; ky < r1; ky++) {
                            for (int64_t kx = s0; kx < s1; kx++) {
                                const T *const from = x + (((b * w->in[0] + z + kz) * w->in[1] + r + ky) * w->in[2] + s + kx) * c;
                                for (int64_t j = 0; j < c; j++) y[j] = STEP(y[j], from[j]);
                            }
                        }
                    }
                    {
                        const int64_t n = at_least(z1 - z0, 0) * at_least(r1 - r0, 0) * at_least(s1 - s0, 0);
                        (void)n;
                        for (int64_t j = 0; j < c; j++) y[j] = DONE(y[j], n);
                    }
                    y += c;
                }
            }
        }
    }
}
#undef NAME
#undef T
#undef INIT
#undef STEP
#undef DONE
