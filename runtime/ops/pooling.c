/* max_pool and average_pool over [batch, *space, channels]. Only the part of a window that lies inside the input counts; a
 * window without such a part gives -inf (the smallest integer) and NaN. */
#include <mdl/mdl_isa.h>

#include "parallel.h"
#include "window.h"

#define CONCAT_(a, b, c) a##_##b##_##c
#define CONCAT(a, b, c)  CONCAT_(a, b, c)

#define BODY "pools.h"
#include "each_isa.h"

typedef void Rows(const Window *w, void *y, const void *x, int64_t begin, int64_t end);

#if MDL_X86
/* The widest vectors that the channels, elements of so many bytes, fill. */
static int widest(const Window *w, int64_t bytes)
{
    int isa = mdl_isa();
    while (isa > 0 && w->channels * bytes < 16 << isa) isa--;
    return isa;
}
#define RUN(rows, bytes) (widest(&w, bytes) == 2 ? rows##_2 : widest(&w, bytes) == 1 ? rows##_1 : BY_NARROW_ISA(rows))
#define BY_NARROW_ISA(f) (mdl_isa() == MDL_SCALAR ? f##_plain : f##_0)
#else
#define RUN(rows, bytes) BY_ISA(rows)
#endif

typedef struct Pool {
    const Window *window;
    Rows         *run;
    void         *y;
    const void   *x;
    int64_t       rows; /* of output positions */
    int           parts;
} Pool;

static void part(void *argument, int i)
{
    const Pool *p = argument;
    p->run(p->window, p->y, p->x, part_begin(p->rows, 1, p->parts, i), part_begin(p->rows, 1, p->parts, i + 1));
}

/* Threads share the rows. A step costs about as much as a multiply-add. */
static mdl_status pool(const Window *w, Rows *run, const mdl_tensor *out, const mdl_tensor *in)
{
    const int64_t rows = w->batch * w->out[0] * w->out[1];
    const int     most = mdl_parts((double)elements(out) * (double)(w->size[0] * w->size[1] * w->size[2]));
    Pool          p = {w, run, out->data, in->data, rows, rows < most ? 1 : most};
    mdl_parallel(p.parts, part, &p);
    return MDL_OK;
}

static bool fits(Window *w, const mdl_tensor *out, const mdl_tensor *in, int nin, const int64_t *size, const int64_t *strides, const int64_t *low)
{
    if (nin != 1 || !window_open(w, out, in, strides, NULL, low) || w->channels != w->filters) return false;
    for (int i = 0; i < in->rank - 2; i++) {
        w->size[5 - in->rank + i] = size[i];
        if (size[i] < 1) return false;
    }
    return true;
}

mdl_status mdl_max_pool(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_max_pool_attrs *attrs, mdl_error *error)
{
    Window w;
    if (!fits(&w, out, in, nin, attrs->size, attrs->strides, attrs->low)) return mdl_refuse_shape(error, "max_pool", "the shapes do not fit");
    if (out->dtype != in->dtype) return mdl_refuse_dtype(error, "max_pool", out);
    switch (in->dtype) {
    case MDL_FLOAT32: return pool(&w, RUN(rows_max_pool_f, 4), out, in);
    case MDL_FLOAT64: return pool(&w, RUN(rows_max_pool_d, 8), out, in);
    case MDL_INT64: return pool(&w, RUN(rows_max_pool_i, 8), out, in);
    default: return mdl_refuse_dtype(error, "max_pool", in);
    }
}

mdl_status mdl_average_pool(const mdl_tensor *out, const mdl_tensor *in, int nin, const mdl_average_pool_attrs *attrs, mdl_error *error)
{
    Window w;
    if (!fits(&w, out, in, nin, attrs->size, attrs->strides, attrs->low)) return mdl_refuse_shape(error, "average_pool", "the shapes do not fit");
    if (out->dtype != in->dtype) return mdl_refuse_dtype(error, "average_pool", out);
    switch (in->dtype) {
    case MDL_FLOAT32: return pool(&w, RUN(rows_average_pool_f, 4), out, in);
    case MDL_FLOAT64: return pool(&w, RUN(rows_average_pool_d, 8), out, in);
    default: return mdl_refuse_dtype(error, "average_pool", in);
    }
}
