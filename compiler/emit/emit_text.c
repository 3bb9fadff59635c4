#include <inttypes.h>
#include <math.h>
#include <mdl/mdl_math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emitter.h"

static const struct {
    const char *type, *dtype;
    char        cls;
} texts[DT_COUNT] = {
    [DT_FLOAT32] = {"float", "MDL_FLOAT32", 'f'},       [DT_FLOAT64] = {"double", "MDL_FLOAT64", 'd'},
    [DT_FLOAT16] = {"uint16_t", "MDL_FLOAT16", 'f'},    [DT_BFLOAT16] = {"uint16_t", "MDL_BFLOAT16", 'f'},
    [DT_INT8] = {"int8_t", "MDL_INT8", 'i'},            [DT_UINT8] = {"uint8_t", "MDL_UINT8", 'i'},
    [DT_INT16] = {"int16_t", "MDL_INT16", 'i'},         [DT_INT32] = {"int32_t", "MDL_INT32", 'i'},
    [DT_INT64] = {"int64_t", "MDL_INT64", 'i'},         [DT_BOOL] = {"uint8_t", "MDL_BOOL", 'b'},
};

const char *c_type(DType t)
{
    return texts[t].type;
}

const char *c_dtype(DType t)
{
    return texts[t].dtype;
}

char c_class(DType t)
{
    return texts[t].cls;
}

const char *c_integer(Arena *a, int64_t value)
{
    if (value == INT64_MIN) return "INT64_MIN";
    if (value < -2147483647 || value > 2147483647) return arena_printf(a, "INT64_C(%" PRId64 ")", value);
    return arena_printf(a, "%" PRId64, value);
}

/* The shortest decimal that reads back as the same float. */
static const char *float_text(Arena *a, float v)
{
    char text[32];
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)v);
        if (strtof(text, NULL) == v) break;
    }
    bool plain = true;
    for (const char *s = text; *s; s++) plain &= *s != '.' && *s != 'e';
    return arena_printf(a, "%s%sf", text, plain ? ".0" : "");
}

static const char *special(double v, bool wide)
{
    if (isnan(v)) return wide ? "(double)NAN" : "NAN";
    if (v > 0) return wide ? "(double)INFINITY" : "INFINITY";
    return wide ? "-(double)INFINITY" : "-INFINITY";
}

const char *c_literal(Arena *a, DType t, double real, int64_t integer)
{
    float narrow = (float)real;
    switch (t) {
    case DT_FLOAT64: {
        if (!isfinite(real)) return special(real, true);
        StrBuf b = {.arena = a};
        sb_double(&b, real);
        return sb_text(&b);
    }
    case DT_FLOAT16: narrow = mdl_f16_to_f(mdl_d_to_f16(real)); break;
    case DT_BFLOAT16: narrow = mdl_bf16_to_f(mdl_d_to_bf16(real)); break;
    case DT_FLOAT32: break;
    case DT_BOOL: return integer ? "1" : "0";
    default: return c_integer(a, integer);
    }
    return isfinite(narrow) ? float_text(a, narrow) : special((double)narrow, false);
}

const char *emit_string(Emitter *e, const char *text)
{
    if (!text) return "NULL";
    if (c_string_fits(text)) return c_string(e->arena, text);
    const char *name = names_claim(e->file, arena_printf(e->arena, "long_text_%d", ++e->nconstants));
    cw_line(&e->constants, "static const char %s[] = {%s};", name, c_string_bytes(e->arena, text));
    return name;
}

const char *source_shown(const Source *source)
{
    const char *last = strrchr(source->path, '/');
    return source->path[0] == '/' ? last + 1 : source->path;
}
