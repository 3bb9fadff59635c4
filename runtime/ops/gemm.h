/* The matrix product behind matmul, conv and conv_transpose: c[i, j] = sum over l of a[i, l] * b[l, j].
 *
 * Strides count elements. Columns of c are neighbours; a and b may have any strides. Nothing may overlap c. */
#ifndef MDL_GEMM_H
#define MDL_GEMM_H

#include <mdl/mdl_ops.h>
#include <mdl/mdl_product.h>

#include <stdbool.h>
#include <stdint.h>

#include "ending.h"

typedef struct Gemm Gemm;
struct Gemm {
    int64_t     m, n, k;
    const void *a, *b;
    void       *c;
    int64_t     a_row, a_col, b_row, b_col, c_row;
    bool        accumulate; /* add to what c holds */
    bool        dense;      /* b's rows lie close enough to each other to be read where they are */
    bool        packed;     /* b lies in panels, as mdl_pack_columns makes them, and b_row and b_col mean nothing. Only float */
    bool        far;        /* that b comes from memory: mdl_gemm_f finds out */

    /* If not NULL, a isn't in memory as it stands: fills `tile`, dense and row-major, with its rows [i, i + rows), counted from
     * `first`, columns [l, l + columns). */
    void (*gather)(const Gemm *g, int64_t i, int64_t rows, int64_t l, int64_t columns, void *tile);

    /* If not NULL, the rows of a and c come as `lines` pieces under one b: sets a, c and m of piece number `line`. */
    void (*piece)(Gemm *g, int64_t line);
    int64_t     lines;
    int64_t     first; /* 0; of a part of the rows: where they begin */

    const void *context; /* of the two functions */

    /* If not NULL (then without `piece`), it finishes c, whose first element is at `row` and `column` of the whole result. */
    const mdl_epilogue *then;
    int64_t             row, column;
};

/* A packed b: panels of GEMM_PANEL columns, row after row; the last panel's rows are a multiple of GEMM_STEP wide. The same for all
 * instruction sets. */
enum { GEMM_PANEL = MDL_SMALL_PANEL, GEMM_STEP = MDL_SMALL_STEP };

static inline int64_t gemm_padded(int64_t columns)
{
    return (columns + GEMM_STEP - 1) / GEMM_STEP * GEMM_STEP;
}

/* The columns of the panel that begins at column j, padding included. */
static inline int64_t gemm_panel_row(int64_t n, int64_t j)
{
    const int64_t left = gemm_padded(n) - j;
    return left < GEMM_PANEL ? left : GEMM_PANEL;
}

/* Both share the work with the threads of the call. */
void mdl_gemm_f(const Gemm *g); /* float */
void mdl_gemm_d(const Gemm *g); /* double */
void mdl_gemm_alone_f(const Gemm *g); /* float, by the thread that calls alone */

/* c's rows [i, i + rows), columns [j, j + columns) are final. */
static inline void gemm_finish_f(const Gemm *g, int64_t i, int64_t rows, int64_t j, int64_t columns)
{
    mdl_finish_f(g->then, (float *)g->c + i * g->c_row + j, g->c_row, g->row + i, rows, g->column + j, columns);
}

static inline void gemm_finish_d(const Gemm *g, int64_t i, int64_t rows, int64_t j, int64_t columns)
{
    mdl_finish_d(g->then, (double *)g->c + i * g->c_row + j, g->c_row, g->row + i, rows, g->column + j, columns);
}

/* What that reads beside c[i, j]; NULL: nothing that the kernel knows of. `size`: of an element. */
static inline const void *gemm_beside(const Gemm *g, int64_t i, int64_t j, size_t size)
{
    if (g->then == NULL || g->then->beside == NULL) return NULL;
    return (const char *)g->then->beside + ((g->row + i) * g->c_row + g->column + j) * (int64_t)size;
}

#endif
