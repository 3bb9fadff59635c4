/* The types of GGUF's tensors. */
#include "../base/bug.h"
#include "format_gguf.h"

static const GgufType types[] = {
    {0, "F32", MDL_FLOAT32, 1, 4}, {1, "F16", MDL_FLOAT16, 1, 2}, {24, "I8", MDL_INT8, 1, 1}, {25, "I16", MDL_INT16, 1, 2},
    {26, "I32", MDL_INT32, 1, 4}, {27, "I64", MDL_INT64, 1, 8}, {28, "F64", MDL_FLOAT64, 1, 8}, {30, "BF16", MDL_BFLOAT16, 1, 2},
    {2, "Q4_0", -1, 32, 18}, {3, "Q4_1", -1, 32, 20}, {6, "Q5_0", -1, 32, 22}, {7, "Q5_1", -1, 32, 24}, {8, "Q8_0", -1, 32, 34},
    {9, "Q8_1", -1, 32, 40}, {10, "Q2_K", -1, 256, 84}, {11, "Q3_K", -1, 256, 110}, {12, "Q4_K", -1, 256, 144},
    {13, "Q5_K", -1, 256, 176}, {14, "Q6_K", -1, 256, 210}, {15, "Q8_K", -1, 256, 292}, {16, "IQ2_XXS", -1, 256, 66},
    {17, "IQ2_XS", -1, 256, 74}, {18, "IQ3_XXS", -1, 256, 98}, {19, "IQ1_S", -1, 256, 50}, {20, "IQ4_NL", -1, 32, 18},
    {21, "IQ3_S", -1, 256, 110}, {22, "IQ2_S", -1, 256, 82}, {23, "IQ4_XS", -1, 256, 136}, {29, "IQ1_M", -1, 256, 56},
    {34, "TQ1_0", -1, 256, 54}, {35, "TQ2_0", -1, 256, 66}, {39, "MXFP4", -1, 32, 17},
};

const GgufType *gguf_type(uint64_t number)
{
    for (size_t i = 0; i < countof(types); i++) {
        if (types[i].number == number) return &types[i];
    }
    return NULL;
}

const GgufType *gguf_type_for(int32_t dtype)
{
    for (size_t i = 0; i < countof(types); i++) {
        if (types[i].dtype == dtype) return &types[i];
    }
    return NULL;
}
