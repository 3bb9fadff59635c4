/* The dtypes of safetensors. */
#include <mdl/mdl_weights.h>

#include "internal.h"

#include <string.h>

static const struct {
    const char *name;
    unsigned    bits;
} dtypes[] = {
    [MDL_FLOAT32] = {"F32", 32}, [MDL_FLOAT64] = {"F64", 64}, [MDL_FLOAT16] = {"F16", 16}, [MDL_BFLOAT16] = {"BF16", 16},
    [MDL_INT8] = {"I8", 8}, [MDL_UINT8] = {"U8", 8}, [MDL_INT16] = {"I16", 16}, [MDL_INT32] = {"I32", 32},
    [MDL_INT64] = {"I64", 64}, [MDL_BOOL] = {"BOOL", 8}, [MDL_U16] = {"U16", 16}, [MDL_U32] = {"U32", 32},
    [MDL_U64] = {"U64", 64}, [MDL_C64] = {"C64", 64}, [MDL_F8_E4M3] = {"F8_E4M3", 8}, [MDL_F8_E5M2] = {"F8_E5M2", 8},
    [MDL_F8_E8M0] = {"F8_E8M0", 8}, [MDL_F8_E4M3FNUZ] = {"F8_E4M3FNUZ", 8}, [MDL_F8_E5M2FNUZ] = {"F8_E5M2FNUZ", 8},
    [MDL_F6_E2M3] = {"F6_E2M3", 6}, [MDL_F6_E3M2] = {"F6_E3M2", 6}, [MDL_F4] = {"F4", 4},
};

const char *mdl_stored_name(int32_t dtype)
{
    return dtypes[dtype].name;
}

unsigned mdl_stored_bits(int32_t dtype)
{
    return dtypes[dtype].bits;
}

int32_t mdl_stored_of(const char *name)
{
    for (int32_t i = 0; i < MDL_STORED_DTYPES; i++) {
        if (strcmp(dtypes[i].name, name) == 0) return i;
    }
    return -1;
}
