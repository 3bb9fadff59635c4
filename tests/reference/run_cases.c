/* Runs cases on the kernels and the inline functions: reads records on standard input, writes their results on standard
 * output. test_ops.py makes the records and judges the results. Both are raw values in the machine's byte order:
 *
 *   kernel   u32 0, char name[32], u64 key, attributes, u32 nin, tensors, u32 in_place, u32 dtype, u32 rank, i64 shape[rank]
 *              attributes in the order of the row: INT i64; REAL f64; INTS i64 count, i64 values[count]
 *              tensor: u32 dtype, u32 rank, i64 shape[rank], data
 *              in_place: the result takes the memory of the first input
 *      ->    u32 status, u32 size, data; or, if the status is not MDL_OK, the message
 *   inline   u32 1, char name[32] ("exp_f", "f_to_i8"), u32 nin, tensors
 *      ->    u32 0, u32 size, data
 *
 * Each kernel computes twice, the second time in as many parts as there can be: the same bits, or the record fails.
 * Every block has its exact size, so that a sanitizer sees one step too far. */
#include <mdl/mdl_math.h>
#include <mdl/mdl_ops.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../runtime/ops/threads.h"

enum { MAX_INPUTS = 8, NAME_SIZE = 32 };

static void get(void *p, size_t size)
{
    if (size > 0 && fread(p, 1, size, stdin) != size) {
        fprintf(stderr, "run_cases: a record ends too early\n");
        exit(2);
    }
}

static uint32_t get_u32(void) { uint32_t v; get(&v, sizeof v); return v; }
static int64_t  get_i64(void) { int64_t v; get(&v, sizeof v); return v; }
static double   get_f64(void) { double v; get(&v, sizeof v); return v; }

static void *block(size_t size)
{
    void *const p = malloc(size);
    if (p == NULL && size > 0) exit(2);
    if (size > 0) memset(p, 0xCD, size);
    return p;
}

static int64_t *get_ints(int64_t count)
{
    int64_t *const v = block((size_t)count * sizeof *v);
    get(v, (size_t)count * sizeof *v);
    return v;
}

static size_t bytes_of(const mdl_tensor *t)
{
    size_t n = mdl_dtype_size(t->dtype);
    for (int i = 0; i < t->rank; i++) n *= (size_t)t->shape[i];
    return n;
}

static mdl_tensor get_type(void)
{
    mdl_tensor t = {.dtype = (mdl_dtype)get_u32()};
    t.rank = (int)get_u32();
    t.shape = get_ints(t.rank);
    return t;
}

static mdl_tensor get_tensor(void)
{
    mdl_tensor t = get_type();
    t.data = block(bytes_of(&t));
    get(t.data, bytes_of(&t));
    return t;
}

static void put(uint32_t status, const void *data, size_t size)
{
    const uint32_t head[2] = {status, (uint32_t)size};
    fwrite(head, sizeof head, 1, stdout);
    if (size > 0) fwrite(data, 1, size, stdout);
}

/* ---- kernels ---- */

typedef struct Call {
    mdl_tensor in[MAX_INPUTS], out;
    int        nin;
    bool       in_place;
    void      *before; /* in place: the first input */
    void      *alone;  /* the result without threads */
} Call;

static void *copy_of(const void *data, size_t size)
{
    void *const copy = block(size);
    if (size > 0) memcpy(copy, data, size);
    return copy;
}

static void get_call(Call *c)
{
    c->nin = (int)get_u32();
    if (c->nin > MAX_INPUTS) exit(2);
    for (int i = 0; i < c->nin; i++) c->in[i] = get_tensor();
    c->in_place = get_u32() != 0;
    c->out = get_type();
    c->out.data = c->in_place ? c->in[0].data : block(bytes_of(&c->out));
    c->before = c->in_place ? copy_of(c->out.data, bytes_of(&c->out)) : NULL;
    c->alone = NULL;
}

static void end_call(Call *c, mdl_status status, const mdl_error *error)
{
    if (status == MDL_OK) put(0, c->out.data, bytes_of(&c->out));
    else put((uint32_t)status, error->message, strlen(error->message));
    if (!c->in_place) free(c->out.data);
    free(c->before);
    free(c->alone);
    free((void *)c->out.shape);
    for (int i = 0; i < c->nin; i++) {
        free(c->in[i].data);
        free((void *)c->in[i].shape);
    }
}

/* A pool of three, which runs parts one by one, the last one first. */
static void run_backwards(void *context, void (*part)(void *argument, int i), void *argument, int parts)
{
    (void)context;
    for (int i = parts; i-- > 0;) part(argument, i);
}

static void begin_again(Call *c)
{
    static mdl_threads *pool;
    const size_t        size = bytes_of(&c->out);
    if (pool == NULL && mdl_threads_wrap(3, run_backwards, NULL, &pool, NULL) != MDL_OK) exit(2);
    c->alone = copy_of(c->out.data, size);
    if (c->in_place) memcpy(c->out.data, c->before, size);
    else if (size > 0) memset(c->out.data, 0xCD, size);
    mdl_threads_enter(pool);
    pool->worth = 1;
    pool->spread = true;
}

static mdl_status end_again(Call *c, mdl_status status, mdl_error *error)
{
    mdl_threads_leave(NULL);
    if (status == MDL_OK && memcmp(c->alone, c->out.data, bytes_of(&c->out)) != 0) return mdl_fail(error, MDL_USAGE, "threads change the result");
    return status;
}

#define INT(a)  attrs.a = get_i64();
#define REAL(a) attrs.a = get_f64();
#define INTS(a)                                             \
    if (ninto < MAX_INPUTS) {                               \
        into[ninto] = get_ints(get_i64());                  \
        attrs.a = into[ninto++];                            \
    }
#define DRIVE_UNARY(row, fields)
#define DRIVE_BINARY(row, fields)
#define DRIVE_COMPARE(row, fields)
#define DRIVE_SELECT(row, fields)
#define DRIVE_CAST(row, fields)
#define DRIVE_VIEW(row, fields)
#define DRIVE_COMPOSED(row, fields)
#define DRIVE_KERNEL(row, fields)                                         \
    if (strcmp(name, #row) == 0) {                                        \
        mdl_##row##_attrs attrs;                                          \
        memset(&attrs, 0, sizeof attrs);                                  \
        fields                                                            \
        get_call(&call);                                                  \
        status = MDL_SECOND(MDL_KEYED_##row, CALL, )(row);                \
        if (status == MDL_OK) {                                           \
            begin_again(&call);                                           \
            status = end_again(&call, MDL_SECOND(MDL_KEYED_##row, CALL, )(row), &error); \
        }                                                                 \
        found = true;                                                     \
    }
/* The header's choice between the two signatures, made into calls. */
#define CALL(row) mdl_##row(&call.out, call.in, call.nin, &attrs, &error)
#undef MDL_RANDOM
#define MDL_RANDOM(row) mdl_##row(&call.out, key, &error)

static bool run_kernel(const char *name)
{
    mdl_error      error = {0};
    Call           call = {.nin = 0};
    mdl_status     status = MDL_OK;
    int64_t       *into[MAX_INPUTS];
    int            ninto = 0;
    bool           found = false;
    const uint64_t key = (uint64_t)get_i64();
#define OP(name, class, dtypes, arity, signature, attrs, doc) DRIVE_##class(name, attrs)
#include <mdl/mdl_ops.def>
#undef OP
    if (!found) return false;
    end_call(&call, status, &error);
    while (ninto > 0) free(into[--ninto]);
    return true;
}

/* ---- inline functions ---- */

static size_t put_f(void *to, int64_t i, float v) { ((float *)to)[i] = v; return sizeof v; }
static size_t put_d(void *to, int64_t i, double v) { ((double *)to)[i] = v; return sizeof v; }
static size_t put_i8(void *to, int64_t i, int8_t v) { ((int8_t *)to)[i] = v; return sizeof v; }
static size_t put_u8(void *to, int64_t i, uint8_t v) { ((uint8_t *)to)[i] = v; return sizeof v; }
static size_t put_i16(void *to, int64_t i, int16_t v) { ((int16_t *)to)[i] = v; return sizeof v; }
static size_t put_u16(void *to, int64_t i, uint16_t v) { ((uint16_t *)to)[i] = v; return sizeof v; }
static size_t put_i32(void *to, int64_t i, int32_t v) { ((int32_t *)to)[i] = v; return sizeof v; }
static size_t put_i64(void *to, int64_t i, int64_t v) { ((int64_t *)to)[i] = v; return sizeof v; }
#define PUT(v) \
    _Generic((v), float: put_f, double: put_d, int8_t: put_i8, uint8_t: put_u8, int16_t: put_i16, uint16_t: put_u16, int32_t: put_i32, int64_t: put_i64)(to, i, v)

/* Argument number a of element i, as the C type of an input's dtype. */
#define F(a)   (((const float *)in[a].data)[i])
#define D(a)   (((const double *)in[a].data)[i])
#define I(a)   (((const int64_t *)in[a].data)[i])
#define B(a)   (((const uint8_t *)in[a].data)[i])
#define H(a)   (((const uint16_t *)in[a].data)[i])

#define EACH(text, expression)                                                     \
    if (strcmp(name, text) == 0) {                                                 \
        for (int64_t i = 0; i < n; i++) size = PUT(expression);                    \
        put(0, to, (size_t)n * size);                                              \
        found = true;                                                              \
    }

#define EACH_UNARY_F(row)      EACH(#row "_f", mdl_##row##_f(F(0))) EACH(#row "_d", mdl_##row##_d(D(0)))
#define EACH_UNARY_I(row)      EACH(#row "_i", mdl_##row##_i(I(0)))
#define EACH_BINARY_F(row)     EACH(#row "_f", mdl_##row##_f(F(0), F(1))) EACH(#row "_d", mdl_##row##_d(D(0), D(1)))
#define EACH_BINARY_I(row)     EACH(#row "_i", mdl_##row##_i(I(0), I(1)))
#define INLINE_UNARY_FLOAT     EACH_UNARY_F
#define INLINE_UNARY_INTEGER   EACH_UNARY_I
#define INLINE_UNARY_NUMBER(r) EACH_UNARY_F(r) EACH_UNARY_I(r)
#define INLINE_UNARY_ANY       INLINE_UNARY_NUMBER
#define INLINE_BINARY_FLOAT    EACH_BINARY_F
#define INLINE_BINARY_INTEGER  EACH_BINARY_I
#define INLINE_BINARY_NUMBER(r) EACH_BINARY_F(r) EACH_BINARY_I(r)
#define INLINE_COMPARE_NUMBER  INLINE_BINARY_NUMBER
#define INLINE_SELECT_ANY(row) \
    EACH(#row "_f", mdl_##row##_f(B(0), F(1), F(2))) EACH(#row "_d", mdl_##row##_d(B(0), D(1), D(2))) EACH(#row "_i", mdl_##row##_i(B(0), I(1), I(2)))
#define TO_ALL(from, x)                                                                                                  \
    EACH(#from "_to_f", mdl_##from##_to_f(x)) EACH(#from "_to_d", mdl_##from##_to_d(x)) EACH(#from "_to_f16", mdl_##from##_to_f16(x)) \
    EACH(#from "_to_bf16", mdl_##from##_to_bf16(x)) EACH(#from "_to_i8", mdl_##from##_to_i8(x)) EACH(#from "_to_u8", mdl_##from##_to_u8(x)) \
    EACH(#from "_to_i16", mdl_##from##_to_i16(x)) EACH(#from "_to_i32", mdl_##from##_to_i32(x)) EACH(#from "_to_i64", mdl_##from##_to_i64(x)) \
    EACH(#from "_to_b", mdl_##from##_to_b(x))
#define INLINE_CAST_ANY(row) \
    TO_ALL(f, F(0)) TO_ALL(d, D(0)) TO_ALL(i, I(0)) EACH("f16_to_f", mdl_f16_to_f(H(0))) EACH("bf16_to_f", mdl_bf16_to_f(H(0)))
#define INLINE_VIEW_ANY(row)
#define INLINE_KERNEL_ANY(row)
#define INLINE_KERNEL_NUMBER(row)
#define INLINE_KERNEL_INTEGER(row)
#define INLINE_KERNEL_FLOAT(row)
#define INLINE_COMPOSED_ANY(row)

static bool run_inline(const char *name)
{
    mdl_tensor in[MAX_INPUTS];
    const int  nin = (int)get_u32();
    int64_t    n;
    size_t     size = 0;
    void      *to;
    bool       found = false;
    if (nin < 1 || nin > MAX_INPUTS) return false;
    for (int i = 0; i < nin; i++) in[i] = get_tensor();
    n = in[0].shape[0];
    to = block((size_t)n * 8);
#define OP(name, class, dtypes, arity, signature, attrs, doc) INLINE_##class##_##dtypes(name)
#include <mdl/mdl_ops.def>
#undef OP
    EACH("bitwise_not_b", mdl_bitwise_not_b(B(0)))
    for (int i = 0; i < nin; i++) {
        free(in[i].data);
        free((void *)in[i].shape);
    }
    free(to);
    return found;
}

int main(void)
{
    uint32_t kind;
    while (fread(&kind, sizeof kind, 1, stdin) == 1) {
        char name[NAME_SIZE + 1] = {0};
        get(name, NAME_SIZE);
        if (!(kind == 0 ? run_kernel(name) : run_inline(name))) {
            fprintf(stderr, "run_cases: there is no %s\n", name);
            return 2;
        }
    }
    return 0;
}
