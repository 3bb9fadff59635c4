/* Included by conv_transpose.c for each element type. */
static void NAME(const Window *w, T *restrict y, const T *restrict x, const T *restrict kernel)
{
    const int64_t total = w->batch * w->out[0] * w->out[1] * w->out[2] * w->filters;
    for (int64_t i = 0; i < total; i++) y[i] = 0;
    for (int64_t b = 0; b < w->batch; b++) {
        for (int64_t iz = 0; iz < w->in[0]; iz++) {
            for (int64_t iy = 0; iy < w->in[1]; iy++) {
                for (int64_t ix = 0; ix < w->in[2]; ix++) {
                    const T *const pixel = x + (((b * w->in[0] + iz) * w->in[1] + iy) * w->in[2] + ix) * w->channels;
                    for (int64_t kz = 0; kz < w->size[0]; kz++) {
                        const int64_t oz = iz * w->stride[0] + kz * w->dilation[0] - w->low[0];
                        if (oz < 0 || oz >= w->out[0]) continue;
                        for (int64_t ky = 0; ky < w->size[1]; ky++) {
                            const int64_t oy = iy * w->stride[1] + ky * w->dilation[1] - w->low[1];
                            if (oy < 0 || oy >= w->out[1]) continue;
                            for (int64_t kx = 0; kx < w->size[2]; kx++) {
                                const int64_t  ox = ix * w->stride[2] + kx * w->dilation[2] - w->low[2];
                                const T *const tap = kernel + ((kz * w->size[1] + ky) * w->size[2] + kx) * w->filters * w->channels;
                                T *const       to = y + (((b * w->out[0] + oz) * w->out[1] + oy) * w->out[2] + ox) * w->filters;
                                if (ox < 0 || ox >= w->out[2]) continue;
                                for (int64_t f = 0; f < w->filters; f++) {
                                    T sum = 0;
                                    for (int64_t c = 0; c < w->channels; c++) sum += pixel[c] * tap[f * w->channels + c];
                                    to[f] += sum;
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
#undef T
#undef NAME
