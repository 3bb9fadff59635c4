/* Included by ulps.c for each instruction set: a loop over each function, as generated code has them. */
#define LOOP_1(name, float_form, double_form) \
    static void MDL_VARIANT(loop_##name)(int n, float *restrict y, const float *restrict xs, const float *restrict zs) \
    {                                                                                                                  \
        (void)zs;                                                                                                      \
        for (int i = 0; i < n; i++) {                                                                                  \
            const float x = xs[i];                                                                                     \
            y[i] = float_form;                                                                                         \
        }                                                                                                              \
    }
#define LOOP_2(name, float_form, double_form) \
    static void MDL_VARIANT(loop_##name)(int n, float *restrict y, const float *restrict xs, const float *restrict zs) \
    {                                                                                                                  \
        for (int i = 0; i < n; i++) {                                                                                  \
            const float x = xs[i], z = zs[i];                                                                          \
            y[i] = float_form;                                                                                         \
        }                                                                                                              \
    }
FUNCTIONS(LOOP_1, LOOP_2)
#undef LOOP_1
#undef LOOP_2
