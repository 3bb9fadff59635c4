/* The transform for one element type E; see fourier.c. */

/* The sum of from[i] * turns[i * k * step] for every k, straight from its definition. */
static void NAME(leaf)(E *to, const E *from, int64_t n, int64_t stride, const Plan *p, int64_t step)
{
    const E *const turns = p->turns;
    for (int64_t k = 0; k < n; k++) {
        E       real = 0, imag = 0;
        int64_t at = 0;
        for (int64_t i = 0; i < n; i++) {
            const E a = from[2 * i * stride], b = from[2 * i * stride + 1], c = turns[2 * at], s = turns[2 * at + 1];
            real += a * c - b * s;
            imag += a * s + b * c;
            at += k * step;
            while (at >= p->n) at -= p->n;
        }
        to[2 * k] = real;
        to[2 * k + 1] = imag;
    }
}

/* `radix` transforms of m points, one behind the other, become one of radix * m. */
static void NAME(combine)(E *to, int64_t radix, int64_t m, const Plan *p, int64_t step)
{
    const E *const turns = p->turns;
    E              part[2 * MAX_RADIX];
    for (int64_t u = 0; u < m; u++) {
        for (int64_t q = 0; q < radix; q++) {
            const E a = to[2 * (u + q * m)], b = to[2 * (u + q * m) + 1];
            const E c = turns[2 * (q * u * step)], s = turns[2 * (q * u * step) + 1];
            part[2 * q] = a * c - b * s;
            part[2 * q + 1] = a * s + b * c;
        }
        if (radix == 2) {
            to[2 * u] = part[0] + part[2];
            to[2 * u + 1] = part[1] + part[3];
            to[2 * (u + m)] = part[0] - part[2];
            to[2 * (u + m) + 1] = part[1] - part[3];
        } else {
            for (int64_t k = 0; k < radix; k++) {
                E       real = part[0], imag = part[1];
                int64_t at = 0;
                for (int64_t q = 1; q < radix; q++) {
                    at += k * m * step;
                    while (at >= p->n) at -= p->n;
                    real += part[2 * q] * turns[2 * at] - part[2 * q + 1] * turns[2 * at + 1];
                    imag += part[2 * q] * turns[2 * at + 1] + part[2 * q + 1] * turns[2 * at];
                }
                to[2 * (u + k * m)] = real;
                to[2 * (u + k * m) + 1] = imag;
            }
        }
    }
}

static void NAME(transform)(E *to, const E *from, int64_t n, int64_t stride, const Plan *p, int depth)
{
    const int64_t radix = p->factors[depth], m = n / radix, step = p->n / n;
    if (m == 1) {
        NAME(leaf)(to, from, n, stride, p, step);
        return;
    }
    for (int64_t r = 0; r < radix; r++) NAME(transform)(to + 2 * r * m, from + 2 * r * stride, m, stride * radix, p, depth + 1);
    NAME(combine)(to, radix, m, p, step);
}
#undef E
#undef NAME
