/* Prints a hash of the first values of every kind in every dtype. */
#include <mdl/mdl.h>
#include <stdio.h>
#include <stdlib.h>

static const double        list[] = {0.1, -0.2, 1e10, 3};
static const int64_t       lengths[] = {5, 7};
static const mdl_initializer parts[] = {{.kind = MDL_INIT_RANDOM_NORMAL, .b = 1}, {.kind = MDL_INIT_RANDOM_UNIFORM, .a = -1, .b = 1}};

static const struct {
    const char     *name;
    int64_t         shape[3];
    mdl_initializer init;
} cases[] = {
    {"constant", {4, 1, 1}, {.kind = MDL_INIT_CONSTANT, .a = 0.1}},
    {"random_normal", {3, 33, 71}, {.kind = MDL_INIT_RANDOM_NORMAL, .a = 0.5, .b = 20}},
    {"random_uniform", {3, 33, 71}, {.kind = MDL_INIT_RANDOM_UNIFORM, .a = -300, .b = 300}},
    {"truncated_normal", {3, 33, 71}, {.kind = MDL_INIT_TRUNCATED_NORMAL, .b = 0.05}},
    {"glorot_uniform", {3, 33, 71}, {.kind = MDL_INIT_VARIANCE_SCALING, .a = 1, .mode = MDL_FAN_AVG, .distribution = MDL_DIST_UNIFORM}},
    {"he_normal", {3, 33, 71}, {.kind = MDL_INIT_VARIANCE_SCALING, .a = 2}},
    {"untruncated", {3, 33, 71}, {.kind = MDL_INIT_VARIANCE_SCALING, .a = 2, .distribution = MDL_DIST_UNTRUNCATED_NORMAL}},
    {"orthogonal_tall", {3, 33, 71}, {.kind = MDL_INIT_ORTHOGONAL, .a = 1.5}},
    {"orthogonal_wide", {1, 33, 71}, {.kind = MDL_INIT_ORTHOGONAL, .a = 1}},
    {"stft", {64, 1, 33}, {.kind = MDL_INIT_STFT, .b = 1, .window = MDL_WINDOW_HANN}},
    {"stft_imaginary", {60, 1, 31}, {.kind = MDL_INIT_STFT, .a = 1, .b = 2, .window = MDL_WINDOW_BLACKMAN, .periodic = true}},
    {"values", {1, 1, 4}, {.kind = MDL_INIT_VALUES, .values = list, .count = 4}},
    {"parts", {2, 3, 12}, {.kind = MDL_INIT_PIECEWISE, .parts = parts, .lengths = lengths, .count = 2}},
};

int main(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const int64_t *s = cases[i].shape;
        const uint64_t count = (uint64_t)(s[0] * s[1] * s[2]);
        printf("%-16s", cases[i].name);
        for (int d = MDL_FLOAT32; d <= MDL_BOOL; d++) {
            const size_t   size = (size_t)count * mdl_dtype_size((mdl_dtype)d);
            unsigned char *bytes = malloc(size);
            uint64_t       h = 0xCBF29CE484222325u;
            if (bytes == NULL || mdl_initialize(&cases[i].init, 7, "a.b", (mdl_dtype)d, 3, s, 0, count, bytes, NULL) != MDL_OK) return 1;
            for (size_t k = 0; k < size; k++) h = (h ^ bytes[k]) * 0x100000001B3u;
            printf(" %016llx", (unsigned long long)h);
            free(bytes);
        }
        printf("\n");
    }
    return 0;
}
