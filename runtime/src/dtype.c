#include <mdl/mdl.h>

#include <string.h>

static const struct {
    const char *name;
    size_t      size;
} dtypes[] = {
    [MDL_FLOAT32] = {"float32", 4}, [MDL_FLOAT64] = {"float64", 8}, [MDL_FLOAT16] = {"float16", 2},
    [MDL_BFLOAT16] = {"bfloat16", 2}, [MDL_INT8] = {"int8", 1}, [MDL_UINT8] = {"uint8", 1}, [MDL_INT16] = {"int16", 2},
    [MDL_INT32] = {"int32", 4}, [MDL_INT64] = {"int64", 8}, [MDL_BOOL] = {"bool", 1},
};

const char *mdl_dtype_name(mdl_dtype dtype)
{
    return dtypes[dtype].name;
}

size_t mdl_dtype_size(mdl_dtype dtype)
{
    return dtypes[dtype].size;
}

bool mdl_dtype_of(const char *name, size_t len, mdl_dtype *dtype)
{
    for (int i = MDL_FLOAT32; i <= MDL_BOOL; i++) {
        if (strlen(dtypes[i].name) == len && memcmp(dtypes[i].name, name, len) == 0) {
            *dtype = (mdl_dtype)i;
            return true;
        }
    }
    return false;
}
