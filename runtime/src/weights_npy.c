/* A .npy file as weights: one tensor, called as the file. */
#include <string.h>

#include "npy.h"
#include "weights.h"

bool mdl_weights_is_npy(Input *in)
{
    char      magic[6];
    mdl_error error;
    return in->size >= sizeof magic && mdl_input_read(in, 0, magic, sizeof magic, &error) == MDL_OK &&
           memcmp(magic, "\x93NUMPY", sizeof magic) == 0;
}

static int32_t stored_dtype(const NpyHeader *h)
{
    const char *name = mdl_npy_dtype_name(h);
    mdl_dtype   dtype;
    if (mdl_dtype_of(name, strlen(name), &dtype)) return (int32_t)dtype;
    return h->size == 2 ? (int32_t)MDL_U16 : h->size == 4 ? (int32_t)MDL_U32 : (int32_t)MDL_U64; /* the unsigned integers */
}

/* "dense.kernel" of "weights/dense.kernel.npy". */
static const char *name_of(mdl_weights *w, size_t *len)
{
    const char *slash = strrchr(w->name, '/'), *name = slash != NULL ? slash + 1 : w->name;
    *len = strlen(name);
    if (*len > 4 && strcmp(name + *len - 4, ".npy") == 0) *len -= 4;
    return mdl_pool_copy(&w->pool, name, *len);
}

mdl_status mdl_weights_read_npy(mdl_weights *w, mdl_error *error)
{
    Input     *in = &w->files[0];
    NpyHeader  h;
    mdl_stored t = {.file = 0};
    mdl_status status = mdl_npy_header(in, &h, error);
    if (status != MDL_OK) return status;
    const bool big = h.big && h.size > 1;
    if (big || (h.fortran && h.rank > 1)) {
        return mdl_fail(error, MDL_BAD_FILE,
                        "%s: weights must be in C order and little-endian; this array is %s: save it with %s", w->name,
                        big ? "big-endian" : "in Fortran order",
                        big ? "x.astype(x.dtype.newbyteorder(\"<\"))" : "numpy.ascontiguousarray(x)");
    }
    int64_t *shape = mdl_pool_alloc(&w->pool, ((size_t)h.rank + 1) * sizeof *shape);
    t.name = name_of(w, &t.name_len);
    if (shape == NULL || t.name == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    if (h.rank > 0) memcpy(shape, h.shape, (size_t)h.rank * sizeof *shape);
    const char *fault = mdl_weights_name_fault(t.name, t.name_len);
    if (fault != NULL) return mdl_fail(error, MDL_BAD_FILE, "%s: the file's name is the tensor's: %s", w->name, fault);
    t.shape = shape;
    t.rank = h.rank;
    t.dtype = stored_dtype(&h);
    t.offset = h.data;
    if (!mdl_stored_measure(&t)) return mdl_fail(error, MDL_BAD_FILE, "%s: its shape overflows", w->name);
    return mdl_weights_append(w, &t) ? MDL_OK : mdl_fail_status(error, MDL_NO_MEMORY);
}
