/* What generated code is written with, beside the kernels and the element-by-element functions. */
#ifndef MDL_CODE_H
#define MDL_CODE_H

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

/* gcc makes vectors of loops at -O3; errno and floating-point traps, which it minds otherwise, are not looked at. No value
 * changes by that. (clang does it at -O2, and knows no such pragma.) */
#if defined(__GNUC__) && defined(__OPTIMIZE__) && !defined(__clang__)
#pragma GCC optimize("O3,no-math-errno,no-trapping-math")
#endif

#include "mdl.h"
#include "mdl_isa.h"
#include "mdl_math.h"
#include "mdl_ops.h"
#include "mdl_product.h"
#include "mdl_rows.h"
#include "mdl_share.h"

/* Of mdl_small.h, for the instruction set at hand. */
#define mdl_matmul_small MDL_VARIANT(mdl_matmul_small)

/* Every rounding is visible: a * b + c is two of them. (gcc keeps them apart in ISO mode, and knows no such pragma.) */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

/* Leaves the function unless the call returns MDL_OK. */
#define MDL_TRY(...)                                     \
    do {                                                 \
        const mdl_status mdl_try_status = (__VA_ARGS__); \
        if (mdl_try_status != MDL_OK) return mdl_try_status; \
    } while (0)

/* A tensor of one dimension or more around memory; the sizes are int64_t. And one without dimensions. */
#define MDL_TENSOR(type, memory, ...)                                                                          \
    (mdl_tensor){(void *)(memory), type, (int)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)),      \
                 (const int64_t[]){__VA_ARGS__}}
#define MDL_SCALAR(type, memory) (mdl_tensor){(void *)(memory), type, 0, NULL}

/* Before a loop that is to stay one: unrolled as a whole, it would keep more in registers than there are. */
#if defined(__clang__)
#define MDL_ROLLED _Pragma("clang loop unroll(disable)")
#elif defined(__GNUC__) && !defined(__TINYC__)
#define MDL_ROLLED _Pragma("GCC unroll 1")
#else
#define MDL_ROLLED
#endif

/* Before a loop whose iterations touch no element that another one writes: it needs no check of that. */
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed" /* it takes this for a demand, and warns where it finds no vectors */
#define MDL_APART _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__) && !defined(__TINYC__)
#define MDL_APART _Pragma("GCC ivdep")
#else
#define MDL_APART
#endif

#if defined(__GNUC__) && !defined(__TINYC__)
#define MDL_INLINE_ALWAYS static inline __attribute__((always_inline))
#else
#define MDL_INLINE_ALWAYS static inline
#endif

/* Calls an inline function on rows and columns: first on as many columns as are whole vectors of any kind, so that its loop, of which
 * compilers see that, needs nothing before or behind the vectors. */
#define MDL_IN_COLUMNS(f, context, row, rows, column, columns)                                                                       \
    do {                                                                                                                             \
        const int64_t mdl_whole = (columns) & ~(int64_t)15, mdl_rest = (columns) & 15;                                               \
        if (mdl_whole > 0) f(context, row, rows, column, mdl_whole);                                                                 \
        if (mdl_rest > 0) f(context, row, rows, (column) + mdl_whole, mdl_rest);                                                     \
    } while (0)

/* The address of a field of the weights struct, or NULL where there is none to fill. */
#define MDL_SLOT(weights, field) ((weights) ? &(weights)->field : NULL)

/* ---- the time of steps: only in code that was built with `mdlc build --profile` ---- */

typedef struct mdl_step {
    const char *text, *place, *path; /* the source of the step, where it stands, and the layer below the one whose code it is */
} mdl_step;
/* From here on time goes to this step; between these two, to the steps of what it calls. */
MDL_API void mdl_profile_step(const mdl_step *step);
/* The step multiplies and adds: two operations for each of the products that the plain sums have. */
MDL_API void mdl_profile_work(double flops);
MDL_API void mdl_profile_enter(void);
MDL_API void mdl_profile_leave(void);
#define MDL_STEP(text, place, path)                              \
    do {                                                         \
        static const mdl_step mdl_this_step = {text, place, path}; \
        mdl_profile_step(&mdl_this_step);                        \
    } while (0)

/* ---- dimensions ---- */

MDL_INLINE int64_t mdl_dim_min(int64_t a, int64_t b) { return a < b ? a : b; }
MDL_INLINE int64_t mdl_dim_max(int64_t a, int64_t b) { return a > b ? a : b; }
/* Towards minus infinity. */
MDL_INLINE int64_t mdl_dim_div(int64_t a, int64_t b) { return mdl_floor_divide_i(a, b); }

/* ---- steps ---- */

/* Rows of some steps, each step's together, from where a step's are `next_step` elements behind those of the one before, and a row
 * `next_row` behind the row before: `from` itself if that is so there, else copies at `to`. */
MDL_INLINE const void *mdl_rows_of_steps(void *to, const void *from, int64_t steps, int64_t rows, int64_t row, int64_t next_step, int64_t next_row,
                                         size_t element)
{
    if ((rows == 1 || next_row == row) && (steps == 1 || next_step == rows * row)) return from;
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t s = 0; s < steps; s++) {
            memcpy((char *)to + (size_t)((s * rows + r) * row) * element, (const char *)from + (size_t)(s * next_step + r * next_row) * element,
                   (size_t)row * element);
        }
    }
    return to;
}

/* ---- memory ---- */

/* The bytes of `count` elements in a workspace: a multiple of 64, SIZE_MAX - 63 if there can't be so many. */
MDL_INLINE size_t mdl_bytes(int64_t count, size_t element)
{
    if (count < 0) return 0;
    if ((uint64_t)count > (SIZE_MAX - 63) / element) return SIZE_MAX - 63;
    return ((size_t)count * element + 63) & ~(size_t)63;
}
/* Sums of such sizes stay at the largest one. */
MDL_INLINE size_t mdl_bytes_add(size_t a, size_t b) { return a > SIZE_MAX - 63 - b ? SIZE_MAX - 63 : a + b; }
MDL_INLINE size_t mdl_bytes_max(size_t a, size_t b) { return a > b ? a : b; }

/* Where prepared values go, one after the other; `filled`: they are there already, and only pointed at. */
typedef struct mdl_preparing {
    char *at;
    bool  filled;
} mdl_preparing;

/* Memory for `count` elements of what is prepared. */
MDL_INLINE void *mdl_prepared(mdl_preparing *memory, int64_t count, size_t element)
{
    void *const taken = memory->at;
    memory->at += mdl_bytes(count, element);
    return taken;
}
/* In a weights struct: it is prepared. No struct that nobody filled in holds this by chance. */
#define MDL_PREPARED UINT64_C(0x9E3779B97F4A7C15)

/* ---- keys of random numbers: the call's seed, then the components of the instance's path, the indices of scans, the site ---- */

MDL_INLINE uint64_t mdl_key_mix(uint64_t key, uint64_t x)
{
    uint64_t z = key ^ (x * 0x9E3779B97F4A7C15u);
    z += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}
MDL_INLINE uint64_t mdl_key_component(uint64_t key, const char *text, size_t len)
{
    uint64_t hash = 0xCBF29CE484222325u; /* FNV-1a */
    for (size_t i = 0; i < len; i++) hash = (hash ^ (unsigned char)text[i]) * 0x100000001B3u;
    return mdl_key_mix(key, hash);
}
/* Every component of a path such as "attn.query". */
MDL_INLINE uint64_t mdl_key_path(uint64_t key, const char *path)
{
    while (*path) {
        const char *dot = strchr(path, '.');
        const size_t len = dot ? (size_t)(dot - path) : strlen(path);
        key = mdl_key_component(key, path, len);
        path += len + (dot != NULL);
    }
    return key;
}
/* The component that is a number: the same as its digits. */
MDL_INLINE uint64_t mdl_key_index(uint64_t key, int64_t index)
{
    char   digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + index % 10);
        index /= 10;
    } while (index > 0);
    return mdl_key_component(key, digits + at, sizeof digits - at);
}
MDL_INLINE uint64_t mdl_key_scan(uint64_t key, int64_t step) { return mdl_key_mix(key ^ 0x5CA25CA25CA25CA2u, (uint64_t)step); }
MDL_INLINE uint64_t mdl_key_site(uint64_t key, int64_t site) { return mdl_key_mix(key ^ 0x517E517E517E517Eu, (uint64_t)site); }

#endif
