/* Included by conv.c for each element type: any number of groups; all filters of a group grow together. */
static void NAME(const Window *w, int64_t groups, T *restrict y, const T *restrict x, const T *restrict kernel)
{
    const int64_t cin = w->channels / groups, cout = w->filters / groups;
    for (int64_t b = 0; b < w->batch; b++) {
        for (int64_t oz = 0; oz < w->out[0]; oz++) {
            for (int64_t oy = 0; oy < w->out[1]; oy++) {
                for (int64_t ox = 0; ox < w->out[2]; ox++) {
                    int64_t z, z0, z1, r, r0, r1, s, s0, s1;
                    window_taps(w, 0, oz, &z, &z0, &z1);
                    window_taps(w, 1, oy, &r, &r0, &r1);
                    window_taps(w, 2, ox, &s, &s0, &s1);
                    for (int64_t f = 0; f < w->filters; f++) y[f] = 0;
                    for (int64_t kz = z0; kz < z1; kz++) {
                        for (int64_t ky = r0; ky < r1; ky++) {
                            for (int64_t kx = s0; kx < s1; kx++) {
                                const int64_t  iz = z + kz * w->dilation[0], iy = r + ky * w->dilation[1], ix = s + kx * w->dilation[2];
                                const T *const pixel = x + (((b * w->in[0] + iz) * w->in[1] + iy) * w->in[2] + ix) * w->channels;
                                const T *const tap = kernel + ((kz * w->size[1] + ky) * w->size[2] + kx) * cin * w->filters;
                                for (int64_t g = 0; g < groups; g++)
                                    for (int64_t c = 0; c < cin; c++)
                                        for (int64_t f = 0; f < cout; f++)
                                            y[g * cout + f] += pixel[g * cin + c] * tap[c * w->filters + g * cout + f];
                            }
                        }
                    }
                    y += w->filters;
                }
            }
        }
    }
}
#undef T
#undef NAME
